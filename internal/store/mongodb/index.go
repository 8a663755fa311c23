package mongodb

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/query"
)

// prefix marks the indexes that EnsureIndexes made.
const prefix = "stepwell_"

// fullName is an index's name with what it is, so that an index that changed is another index.
func fullName(x store.Index) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%v %v %v %v", x.Keys, x.Unique, x.Array, x.Present))
	return prefix + x.Name + "_" + hex.EncodeToString(sum[:4])
}

// ownName is the name that the caller gave.
func ownName(full string) string {
	name, ok := strings.CutPrefix(full, prefix)
	if i := strings.LastIndexByte(name, '_'); ok && i > 0 {
		return name[:i]
	}
	return full
}

func model(x store.Index) mongo.IndexModel {
	var keys []query.Key
	for _, k := range x.Keys {
		keys = append(keys, query.Key{Path: query.Path{Text: k.Path}, Desc: k.Desc})
	}
	o := options.Index().SetName(fullName(x))
	if x.Unique {
		o.SetUnique(true)
	} else if !x.Array { // lists break ties by id
		keys = append(keys, query.Key{Path: query.ID, Desc: x.Keys[len(x.Keys)-1].Desc})
	}
	if x.Unique || x.Present { // a partial index may ask for any of these, but not for "not null"
		first := x.Keys[0].Path
		o.SetPartialFilterExpression(bson.D{{Key: "$or", Value: bson.A{
			bson.D{{Key: first, Value: bson.D{{Key: "$gte", Value: ""}}}},
			bson.D{{Key: first, Value: bson.D{{Key: "$gte", Value: math.Inf(-1)}}}},
			bson.D{{Key: first, Value: bson.D{{Key: "$gte", Value: false}}}},
		}}})
	}
	return mongo.IndexModel{Keys: sortDoc(keys), Options: o}
}

// EnsureIndexes makes the indexes that are missing and drops those that it made before and are listed no longer.
func (s *Store) EnsureIndexes(ctx context.Context, collection string, indexes ...store.Index) error {
	build, err := s.Prepare(ctx, collection, indexes...)
	if err != nil || build == nil {
		return err
	}
	return build(ctx)
}

// Prepare makes the unique indexes that are missing and drops those that it made before and are listed no longer. MongoDB
// makes the others beside reads and writes, but answers only when they are there.
func (s *Store) Prepare(ctx context.Context, collection string, indexes ...store.Index) (build func(context.Context) error, err error) {
	if err := query.CheckCollection(collection); err != nil {
		return nil, err
	}
	if err := query.CheckIndexes(indexes); err != nil {
		return nil, err
	}
	fault := func(ctx context.Context, err error) error {
		return asFault(ctx, "lay out "+collection, collection, "", err)
	}
	s.layout.Lock()
	defer s.layout.Unlock()
	missing, err := s.missing(ctx, collection, indexes)
	if err != nil {
		return nil, fault(ctx, err)
	}
	some, err := s.db.Collection(collection).EstimatedDocumentCount(ctx)
	if err != nil {
		return nil, fault(ctx, err)
	}
	var now, later []store.Index
	for _, x := range missing {
		if x.Unique || some <= few {
			now = append(now, x)
		} else {
			later = append(later, x)
		}
	}
	if err := s.makeIndexes(ctx, collection, now); err != nil {
		return nil, fault(ctx, err)
	}
	s.wanted.Store(collection, indexes)
	if len(later) == 0 {
		return nil, nil //nolint:nilnil // nothing is left to build
	}
	return func(ctx context.Context) error {
		return fault(ctx, s.makeIndexes(ctx, collection, s.stillWanted(collection, later)))
	}, nil
}

// stillWanted are those of some indexes that the last Prepare of this server asked for too.
func (s *Store) stillWanted(collection string, indexes []store.Index) []store.Index {
	last, _ := s.wanted.Load(collection)
	list, _ := last.([]store.Index)
	var wanted []store.Index
	for _, x := range indexes {
		if slices.ContainsFunc(list, func(o store.Index) bool { return fullName(o) == fullName(x) }) {
			wanted = append(wanted, x)
		}
	}
	return wanted
}

func (s *Store) makeIndexes(ctx context.Context, collection string, indexes []store.Index) error {
	if len(indexes) == 0 {
		return nil
	}
	models := make([]mongo.IndexModel, len(indexes))
	for i, x := range indexes {
		models[i] = model(x)
	}
	_, err := s.db.Collection(collection).Indexes().CreateMany(ctx, models)
	return err
}

// create makes a collection if it is missing. Writers that left that to their first write would race one another to it.
func (s *Store) create(ctx context.Context, collection string) error {
	there, err := s.db.ListCollectionNames(ctx, bson.D{{Key: "name", Value: collection}})
	if err != nil || len(there) > 0 {
		return err
	}
	err = s.db.CreateCollection(ctx, collection)
	if hasCode(err, codeNamespaceExists) { // another copy was just as quick
		return nil
	}
	return err
}

// few is how many documents are indexed at once, without anybody noticing.
const few = 1000

// missing makes the collection, drops the indexes made here before that are not among these, and says which of these are
// not there. What goes is dropped first: MongoDB keeps no two indexes of the same keys.
func (s *Store) missing(ctx context.Context, collection string, indexes []store.Index) ([]store.Index, error) {
	if err := s.create(ctx, collection); err != nil {
		return nil, err
	}
	specs, err := s.db.Collection(collection).Indexes().ListSpecifications(ctx)
	if err != nil {
		return nil, err
	}
	missing := slices.Clone(indexes)
	for _, spec := range specs {
		had := func(x store.Index) bool { return fullName(x) == spec.Name }
		if i := slices.IndexFunc(missing, had); i >= 0 {
			missing = slices.Delete(missing, i, i+1)
			continue
		}
		if !strings.HasPrefix(spec.Name, prefix) {
			continue
		}
		if _, err := s.db.Collection(collection).Indexes().DropOne(ctx, spec.Name); err != nil && !hasCode(err, codeIndexNotFound) {
			return nil, err
		}
	}
	return missing, nil
}
