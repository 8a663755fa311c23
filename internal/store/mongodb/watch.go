package mongodb

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/store"
)

// retryWatch is how long a watcher waits before it opens a broken stream again.
const retryWatch = time.Second

// Watch follows the database's change stream. When the stream breaks it goes on where it was, and where MongoDB has
// forgotten that place, it tells to load everything again.
func (s *Store) Watch(ctx context.Context, collections ...string) (<-chan store.Change, error) {
	stream, err := s.open(ctx, collections, nil)
	if err != nil {
		return nil, asFault(ctx, "watch", "", "", err)
	}
	out := make(chan store.Change)
	go func() {
		defer close(out)
		w := watcher{store: s, collections: collections, out: out}
		for ctx.Err() == nil {
			if stream != nil {
				w.follow(ctx, stream)
			}
			stream = w.again(ctx)
		}
		if stream != nil {
			w.end(ctx, stream)
		}
	}()
	return out, nil
}

func (s *Store) open(ctx context.Context, collections []string, after bson.Raw) (*mongo.ChangeStream, error) {
	names := bson.A{}
	for _, c := range collections {
		names = append(names, c)
	}
	pipeline := bson.A{
		bson.D{{Key: "$match", Value: bson.D{
			{Key: "ns.coll", Value: bson.D{{Key: "$in", Value: names}}},
			{Key: "operationType", Value: bson.D{{Key: "$in", Value: bson.A{"insert", "update", "replace", "delete"}}}},
		}}},
		bson.D{{Key: "$project", Value: bson.D{{Key: "operationType", Value: 1}, {Key: "ns", Value: 1}, {Key: "documentKey", Value: 1}}}},
	}
	o := options.ChangeStream()
	if after != nil {
		o.SetResumeAfter(after)
	}
	return s.db.Watch(ctx, pipeline, o)
}

type watcher struct {
	store       *Store
	collections []string
	out         chan<- store.Change
	token       bson.Raw // where the stream was last
}

// follow passes changes on until the stream breaks.
func (w *watcher) follow(ctx context.Context, stream *mongo.ChangeStream) {
	defer w.end(ctx, stream)
	w.token = stream.ResumeToken()
	for stream.Next(ctx) {
		w.token = stream.ResumeToken()
		doc := stream.Current
		id, _ := doc.Lookup("documentKey", "_id").StringValueOK()
		collection, _ := doc.Lookup("ns", "coll").StringValueOK()
		op, _ := doc.Lookup("operationType").StringValueOK()
		if id == "" { // written by somebody else: not a document of the store
			continue
		}
		if !w.tell(ctx, store.Change{Collection: collection, ID: id, Deleted: op == "delete"}) {
			return
		}
	}
}

func (w *watcher) tell(ctx context.Context, c store.Change) bool {
	select {
	case w.out <- c:
		return true
	case <-ctx.Done():
		return false
	}
}

func (w *watcher) end(ctx context.Context, stream *mongo.ChangeStream) {
	// The stream is given up either way, and the server forgets its cursor by itself.
	_ = stream.Close(context.WithoutCancel(ctx))
}

// again opens the stream where it broke; from now on, with word to load everything again, when that place is lost.
func (w *watcher) again(ctx context.Context) *mongo.ChangeStream {
	if (clock.Real{}).Wait(ctx, retryWatch) != nil {
		return nil
	}
	stream, err := w.store.open(ctx, w.collections, w.token)
	if err == nil || unreachable(err) {
		return stream
	}
	if stream, err = w.store.open(ctx, w.collections, nil); err != nil {
		return nil
	}
	w.token = nil
	if !w.tell(ctx, store.Change{}) {
		w.end(ctx, stream)
		return nil
	}
	return stream
}
