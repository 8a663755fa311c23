package mongodb_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/primitive"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/mongodb"
	"github.com/stepwell/stepwell/internal/store/storetest"
)

// database is a name that no other test has; it is dropped in the end.
func database(t *testing.T) (uri *url.URL, name string) {
	t.Helper()
	if os.Getenv(storetest.MongoDB) == "" {
		t.Skipf("needs a MongoDB: set %s to its URI", storetest.MongoDB)
	}
	uri, err := url.Parse(os.Getenv(storetest.MongoDB))
	require.NoError(t, err)
	name = "stepwell_test_" + store.NewID(clock.Real{}.Now())
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		s, err := mongodb.Open(ctx, uri.String(), mongodb.WithDatabase(name))
		require.NoError(t, err)
		require.NoError(t, s.Drop(ctx))
		require.NoError(t, s.Close())
	})
	return uri, name
}

func has(t *testing.T, err error, code *fault.Code) {
	t.Helper()
	require.Truef(t, fault.Has(err, code), "want %s, got %v", code.ID, err)
}

func put(id string) store.Write {
	return store.Write{Op: store.OpPut, Collection: "c", ID: id, Doc: store.Doc(`{"_id":"` + id + `"}`)}
}

func TestOpen(t *testing.T) {
	t.Run("says_unavailable_where_nothing_listens", func(t *testing.T) {
		_, err := mongodb.Open(t.Context(), "mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=200")
		has(t, err, store.ErrUnavailable)
	})
	t.Run("refuses_what_is_no_address", func(t *testing.T) {
		_, err := mongodb.Open(t.Context(), "postgres://x")
		require.ErrorContains(t, err, "read MongoDB URI")
	})
}

func TestOutage(t *testing.T) {
	uri, name := database(t)
	line, through := storetest.RelayTo(t, uri.String())
	through.RawQuery += "&serverSelectionTimeoutMS=2000&heartbeatFrequencyMS=500"
	s, err := mongodb.Open(t.Context(), through.String(), mongodb.WithDatabase(name))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	require.NoError(t, s.Apply(t.Context(), put("before")))
	changes, err := s.Watch(t.Context(), "c")
	require.NoError(t, err)
	require.NoError(t, s.Apply(t.Context(), put("watched")))
	require.Equal(t, "watched", (<-changes).ID)

	line.Cut()
	t.Run("every_call_says_unavailable_and_does_not_hang", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		has(t, s.Apply(ctx, put("lost")), store.ErrUnavailable)
		_, err := s.Get(ctx, "c", "before")
		has(t, err, store.ErrUnavailable)
		_, err = s.Find(ctx, "c", store.Query{})
		has(t, err, store.ErrUnavailable)
		_, err = s.Files().Open(ctx, "f")
		has(t, err, store.ErrUnavailable)
		has(t, s.Ping(ctx), store.ErrUnavailable)
		require.NoError(t, ctx.Err())
	})
	other, err := mongodb.Open(t.Context(), uri.String(), mongodb.WithDatabase(name))
	require.NoError(t, err)
	require.NoError(t, other.Apply(t.Context(), put("meanwhile")))
	require.NoError(t, other.Close())

	line.Mend()
	t.Run("goes_on_when_it_is_back_and_misses_no_change", func(t *testing.T) {
		for s.Ping(t.Context()) != nil {
			require.NoError(t, t.Context().Err())
		}
		_, err := s.Get(t.Context(), "c", "before")
		require.NoError(t, err)
		require.NoError(t, s.Apply(t.Context(), put("after")))
		require.Equal(t, "meanwhile", (<-changes).ID)
		require.Equal(t, "after", (<-changes).ID)
	})
}

// TestIndexes holds the shapes that lists depend on: MongoDB finds and orders by the index and sorts nothing.
func TestIndexes(t *testing.T) {
	uri, name := database(t)
	s, err := mongodb.Open(t.Context(), uri.String(), mongodb.WithDatabase(name))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	require.NoError(t, s.EnsureIndexes(t.Context(), "c",
		store.Index{Name: "stage", Keys: []store.SortKey{{Path: "state"}, {Path: "amount", Desc: true}}},
		store.Index{Name: "mail", Keys: []store.SortKey{{Path: "mail"}}, Unique: true}))
	require.NoError(t, s.Apply(t.Context(), put("1")))
	client, err := mongo.Connect(t.Context(), options.Client().ApplyURI(uri.String()))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, client.Disconnect(context.WithoutCancel(t.Context()))) })
	for what, c := range map[string]struct {
		filter, sort bson.D
		want         string
	}{
		"a_list_in_order": {bson.D{{Key: "state", Value: bson.D{{Key: "$eq", Value: "s"}}}}, bson.D{{Key: "amount", Value: -1}, {Key: "_id", Value: -1}}, "stepwell_stage_"},
		"a_unique_value":  {bson.D{{Key: "mail", Value: bson.D{{Key: "$eq", Value: "m"}}}}, bson.D{}, "stepwell_mail_"},
	} {
		t.Run(what+"_uses_its_index", func(t *testing.T) {
			var plan bson.Raw
			require.NoError(t, client.Database(name).RunCommand(t.Context(), bson.D{
				{Key: "explain", Value: bson.D{{Key: "find", Value: "c"}, {Key: "filter", Value: c.filter}, {Key: "sort", Value: c.sort}}}, {Key: "verbosity", Value: "queryPlanner"},
			}).Decode(&plan))
			winner := fmt.Sprint(plan.Lookup("queryPlanner", "winningPlan"))
			require.Contains(t, winner, c.want)
			require.NotContains(t, winner, `"SORT"`)
			require.NotContains(t, winner, "COLLSCAN")
		})
	}
}

func TestCancelledUpload(t *testing.T) {
	uri, name := database(t)
	ctx := t.Context()
	s, err := mongodb.Open(ctx, uri.String(), mongodb.WithDatabase(name))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	client, err := mongo.Connect(ctx, options.Client().ApplyURI(uri.String()))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, client.Disconnect(context.WithoutCancel(ctx))) })
	chunks := client.Database(name).Collection("fs.chunks")
	stop, cancel := context.WithCancel(ctx)
	_, err = s.Files().Put(stop, "half", readerFunc(func(p []byte) (int, error) {
		cancel()
		return len(p), nil
	}))
	require.ErrorIs(t, err, context.Canceled)
	n, err := chunks.CountDocuments(ctx, bson.D{})
	require.NoError(t, err)
	require.Zero(t, n, "an upload that ends cleans up")
	_, err = s.Files().Open(ctx, "half")
	has(t, err, store.ErrNotFound)
}

// TestUploadsOfACrash plants what a server leaves that died in the middle of an upload.
func TestUploadsOfACrash(t *testing.T) {
	uri, name := database(t)
	ctx := t.Context()
	client, err := mongo.Connect(ctx, options.Client().ApplyURI(uri.String()))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, client.Disconnect(context.WithoutCancel(ctx))) })
	db := client.Database(name)
	now := clock.Real{}.Now()
	for _, age := range []time.Duration{48 * time.Hour, time.Hour} {
		id := primitive.NewObjectIDFromTimestamp(now.Add(-age))
		_, err := db.Collection("fs.uploads").InsertOne(ctx, bson.D{{Key: "_id", Value: id}})
		require.NoError(t, err)
		_, err = db.Collection("fs.chunks").InsertOne(ctx, bson.D{{Key: "files_id", Value: id}, {Key: "n", Value: 0}})
		require.NoError(t, err)
	}
	s, err := mongodb.Open(ctx, uri.String(), mongodb.WithDatabase(name))
	require.NoError(t, err)
	require.NoError(t, s.Close())
	for _, c := range []string{"fs.uploads", "fs.chunks"} {
		n, err := db.Collection(c).CountDocuments(ctx, bson.D{})
		require.NoError(t, err)
		require.EqualValues(t, 1, n, "the old one is gone, the young one may still be under way")
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
