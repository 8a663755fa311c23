// Package mongodb keeps documents in MongoDB 6 or later, a replica set or a sharded cluster: the store of
// installations with several server copies. Filters, updates and pipelines are MongoDB's own; they are spelled anew
// from the checked trees of package query.
package mongodb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
	"go.mongodb.org/mongo-driver/mongo/readpref"
	"go.mongodb.org/mongo-driver/mongo/writeconcern"
	"go.mongodb.org/mongo-driver/x/mongo/driver"
	"go.mongodb.org/mongo-driver/x/mongo/driver/connstring"
	"go.mongodb.org/mongo-driver/x/mongo/driver/topology"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/query"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Store is the MongoDB store.
type Store struct {
	client   *mongo.Client
	borrowed bool // the client is another store's
	db       *mongo.Database
	files    *files
	layout   sync.Mutex // one Prepare at a time: two that make the same collection would race
	wanted   sync.Map   // collection → the indexes that its last Prepare asked for
}

// Option changes how a store is opened.
type Option func(*settings)

type settings struct {
	database string
	clock    clock.Clock
	client   *mongo.Client
}

// WithDatabase names the database; the URI's own, or "stepwell", unless set.
func WithDatabase(name string) Option { return func(s *settings) { s.database = name } }

// OnClientOf opens another database over the connections of s, which must stay open as long: a process that opens many
// databases needs one set of connections only.
func OnClientOf(other *Store) Option { return func(s *settings) { s.client = other.client } }

// How long the engine waits for MongoDB before it says that it is out of reach. The URI may say otherwise.
const (
	selectionTimeout = 5 * time.Second
	connectTimeout   = 5 * time.Second
	operationTimeout = 30 * time.Second
)

// Open connects and checks that MongoDB answers; ErrUnavailable when it does not.
func Open(ctx context.Context, uri string, opts ...Option) (*Store, error) {
	cs, err := connstring.ParseAndValidate(uri)
	if err != nil {
		return nil, fmt.Errorf("read MongoDB URI: %w", err)
	}
	set := settings{database: cs.Database, clock: clock.Real{}}
	for _, o := range opts {
		o(&set)
	}
	if set.database == "" {
		set.database = "stepwell"
	}
	s := &Store{client: set.client, borrowed: set.client != nil}
	if !s.borrowed {
		if s.client, err = connect(ctx, uri, cs); err != nil {
			return nil, err
		}
	}
	s.db = s.client.Database(set.database)
	s.files = &files{store: s}
	if err := s.start(ctx, set.clock); err != nil {
		return nil, errors.Join(err, s.Close()) //nolint:contextcheck // also when ctx has ended
	}
	return s, nil
}

func connect(ctx context.Context, uri string, cs *connstring.ConnString) (*mongo.Client, error) {
	// Whatever the URI says of these: what is acknowledged survives the loss of the primary, and who wrote reads it.
	o := options.Client().ApplyURI(uri).SetAppName("stepwell").SetRetryWrites(true).SetRetryReads(true).
		SetWriteConcern(writeconcern.Majority()).SetReadPreference(readpref.Primary())
	if !cs.ServerSelectionTimeoutSet {
		o.SetServerSelectionTimeout(selectionTimeout)
	}
	if !cs.ConnectTimeoutSet {
		o.SetConnectTimeout(connectTimeout)
	}
	if !cs.TimeoutSet {
		o.SetTimeout(operationTimeout)
	}
	client, err := mongo.Connect(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("connect to MongoDB: %w", err)
	}
	return client, nil
}

func (s *Store) start(ctx context.Context, ck clock.Clock) error {
	if err := s.Ping(ctx); err != nil {
		return err
	}
	return s.files.start(ctx, ck)
}

// Transactional reports that Apply may stop after any of its writes.
func (s *Store) Transactional() bool { return false }

// Ping checks that the primary answers.
func (s *Store) Ping(ctx context.Context) error {
	return asFault(ctx, "ping", "", "", s.client.Ping(ctx, readpref.Primary()))
}

// Files is GridFS.
func (s *Store) Files() store.Files { return s.files }

// Close ends the connections, unless they are another store's.
func (s *Store) Close() error {
	if s.borrowed {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), connectTimeout)
	defer cancel()
	if err := s.client.Disconnect(ctx); err != nil && !errors.Is(err, mongo.ErrClientDisconnected) {
		return fmt.Errorf("disconnect from MongoDB: %w", err)
	}
	return nil
}

// Drop removes the whole database; tests clean up with it.
func (s *Store) Drop(ctx context.Context) error {
	return asFault(ctx, "drop "+s.db.Name(), "", "", s.db.Drop(ctx))
}

// MongoDB's error codes that mean something to callers.
const (
	codeTypeMismatch    = 14    // $inc of what is no number
	codePathNotViable   = 28    // an update through what is no object
	codeBadValue        = 2     // $inc beyond 64 bits
	codeTooLarge        = 10334 // a document beyond 16 MiB
	codeOutOfDisk       = 14031
	codeIndexNotFound   = 27
	codeNamespaceExists = 48
)

// outOfReach are the codes of a server that steps down, starts or stops.
var outOfReach = []int{6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436}

// asFault turns what the driver says into the store's words. The caller's own cancelling stays what it is.
func asFault(ctx context.Context, attempt, collection, id string, err error) error {
	if err == nil {
		return nil
	}
	wrapped := fmt.Errorf("%s: %w", attempt, err)
	if cause := ctx.Err(); cause != nil {
		return fmt.Errorf("%s: %w (%w)", attempt, cause, err)
	}
	where := problem.Params{"collection": collection, "id": id}
	switch {
	case mongo.IsDuplicateKeyError(err):
		where["index"] = indexName(err.Error())
		return store.ErrDuplicate.Because(wrapped, where)
	case hasCode(err, codeOutOfDisk):
		return store.ErrFull.Because(wrapped, nil)
	case hasCode(err, codeTooLarge):
		where["why"] = problem.Text{"en": "it is too large", "zh-CN": "内容过大"}
		return store.ErrDocument.Because(wrapped, where)
	case hasCode(err, codeTypeMismatch, codePathNotViable, codeBadValue):
		return store.ErrFilter.Because(wrapped, problem.Params{"at": "/update", "why": problem.Text{
			"en": "the document does not allow it", "zh-CN": "文档内容不允许此更新",
		}})
	case unreachable(err):
		return store.ErrUnavailable.Because(wrapped, nil)
	}
	return wrapped
}

func unreachable(err error) bool {
	if _, ok := errors.AsType[topology.ServerSelectionError](err); ok {
		return true
	}
	// The pool of a server that was just lost: the driver says so by interface only.
	if lost := driver.RetryablePoolError(nil); errors.As(err, &lost) && lost.Retryable() {
		return true
	}
	return mongo.IsNetworkError(err) || mongo.IsTimeout(err) || errors.Is(err, mongo.ErrClientDisconnected) ||
		errors.Is(err, context.DeadlineExceeded) || hasCode(err, outOfReach...)
}

func hasCode(err error, codes ...int) bool {
	e, ok := errors.AsType[mongo.ServerError](err)
	if !ok {
		return false
	}
	return slices.ContainsFunc(codes, e.HasErrorCode)
}

// each tells the results of a query one by one.
func (s *Store) each(ctx context.Context, cur *mongo.Cursor, fn func(bson.Raw) error) (err error) {
	defer func() {
		if e := cur.Close(context.WithoutCancel(ctx)); err == nil {
			err = e
		}
	}()
	for cur.Next(ctx) {
		if err := fn(cur.Current); err != nil {
			return err
		}
	}
	return cur.Err()
}

func (s *Store) all(ctx context.Context, cur *mongo.Cursor) (docs []store.Doc, err error) {
	err = s.each(ctx, cur, func(raw bson.Raw) error {
		d, err := toJSON(raw)
		docs = append(docs, d)
		return err
	})
	return docs, err
}

func notFound(collection, id string) error {
	return store.ErrNotFound.With(problem.Params{"collection": collection, "id": id})
}

func byID(id string) bson.D { return bson.D{{Key: "_id", Value: id}} }

// Get loads one document.
func (s *Store) Get(ctx context.Context, collection, id string) (store.Doc, error) {
	raw, err := s.db.Collection(collection).FindOne(ctx, byID(id)).Raw()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil, notFound(collection, id)
	}
	if err != nil {
		return nil, asFault(ctx, "get "+collection, collection, id, err)
	}
	return toJSON(raw)
}

// Find loads documents in order.
func (s *Store) Find(ctx context.Context, collection string, q store.Query) ([]store.Doc, error) {
	parsed, err := query.Parse(q)
	if err != nil {
		return nil, err
	}
	o := options.Find().SetSort(sortDoc(parsed.Sort)).SetSkip(int64(parsed.Skip)).SetLimit(int64(parsed.Limit)).SetAllowDiskUse(true)
	if len(parsed.Fields) > 0 {
		fields := bson.D{unknown}
		for _, p := range parsed.Fields {
			fields = append(fields, bson.E{Key: p.Text, Value: 1})
		}
		o.SetProjection(fields)
	}
	cur, err := s.db.Collection(collection).Find(ctx, filterDoc(parsed.Filter), o)
	if err != nil {
		return nil, asFault(ctx, "find in "+collection, collection, "", err)
	}
	docs, err := s.all(ctx, cur)
	return docs, asFault(ctx, "find in "+collection, collection, "", err)
}

// Count counts documents, at most max if that is above 0.
func (s *Store) Count(ctx context.Context, collection string, f store.Filter, max int64) (int64, error) {
	filter, err := query.ParseFilter(f)
	if err != nil {
		return 0, err
	}
	o := options.Count()
	if max > 0 {
		o.SetLimit(max)
	}
	n, err := s.db.Collection(collection).CountDocuments(ctx, filterDoc(filter), o)
	return n, asFault(ctx, "count "+collection, collection, "", err)
}

// Aggregate runs a pipeline.
func (s *Store) Aggregate(ctx context.Context, collection string, pipeline []store.Stage) ([]store.Doc, error) {
	stages, err := query.ParsePipeline(pipeline)
	if err != nil {
		return nil, err
	}
	cur, err := s.db.Collection(collection).Aggregate(ctx, pipelineDoc(stages), options.Aggregate().SetAllowDiskUse(true))
	if err != nil {
		return nil, asFault(ctx, "aggregate "+collection, collection, "", err)
	}
	docs, err := s.all(ctx, cur)
	return docs, asFault(ctx, "aggregate "+collection, collection, "", err)
}

// indexName finds the index in MongoDB's words about a duplicate.
func indexName(message string) string {
	_, rest, _ := strings.Cut(message, "index: ")
	name, _, _ := strings.Cut(rest, " dup key")
	if name == "_id_" {
		return "_id"
	}
	return ownName(name)
}
