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
	if err := query.CheckCollection(collection); err != nil {
		return err
	}
	if err := query.CheckIndexes(indexes); err != nil {
		return err
	}
	return asFault(ctx, "lay out "+collection, collection, "", s.ensureIndexes(ctx, collection, indexes))
}

func (s *Store) ensureIndexes(ctx context.Context, collection string, indexes []store.Index) error {
	there, err := s.db.ListCollectionNames(ctx, bson.D{{Key: "name", Value: collection}})
	if err != nil {
		return err
	}
	if len(there) == 0 { // unless another copy is just as quick
		if err := s.db.CreateCollection(ctx, collection); err != nil && !hasCode(err, codeNamespaceExists) {
			return err
		}
	}
	view := s.db.Collection(collection).Indexes()
	specs, err := view.ListSpecifications(ctx)
	if err != nil {
		return err
	}
	var have []string
	for _, spec := range specs {
		have = append(have, spec.Name)
	}
	var missing []mongo.IndexModel
	var want []string
	for _, x := range indexes {
		want = append(want, fullName(x))
		if !slices.Contains(have, fullName(x)) {
			missing = append(missing, model(x))
		}
	}
	for _, name := range have {
		if !strings.HasPrefix(name, prefix) || slices.Contains(want, name) {
			continue
		}
		if _, err := view.DropOne(ctx, name); err != nil && !hasCode(err, codeIndexNotFound) {
			return err
		}
	}
	if len(missing) == 0 {
		return nil
	}
	_, err = view.CreateMany(ctx, missing)
	return err
}
