package mongodb

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/query"
	"github.com/stepwell/stepwell/internal/store/value"
	"github.com/stepwell/stepwell/schemas/problem"
)

// write is a store.Write made ready.
type write struct {
	store.Write
	doc    bson.Raw
	update bson.D
	target bson.D // update: the document, and what must hold of it
}

func prepare(w store.Write) (p write, err error) {
	p.Write = w
	if err := query.CheckCollection(w.Collection); err != nil {
		return p, err
	}
	switch w.Op {
	case store.OpInsert, store.OpReplace, store.OpPut, store.OpAdd:
		var e encoder
		err = query.ScanDocument(w.Collection, w.ID, w.Doc, &e)
		p.doc = e.buf
	case store.OpUpdate:
		var changes []query.Change
		changes, err = query.ParseUpdate(w.Update)
		p.update, p.target = updateDoc(changes), byID(w.ID)
		if err == nil && len(w.If) > 0 {
			var f query.Filter
			f, err = query.ParseFilter(w.If)
			p.target = bson.D{{Key: "$and", Value: bson.A{byID(w.ID), filterDoc(f)}}}
		}
	case store.OpDelete:
	default:
		err = fmt.Errorf("write %s %s: unknown operation %q", w.Collection, w.ID, w.Op)
	}
	return p, err
}

// Apply makes the first write, and when that is done the others, in order.
func (s *Store) Apply(ctx context.Context, writes ...store.Write) error {
	ready := make([]write, len(writes))
	for i, w := range writes {
		p, err := prepare(w)
		if err != nil {
			return err
		}
		ready[i] = p
	}
	for i := 0; i < len(ready); {
		n := 1
		if i > 0 { // the first stands alone: nothing follows if it fails
			n = run(ready[i:])
		}
		if err := s.apply(ctx, ready[i:i+n]); err != nil {
			return asFault(ctx, "write "+ready[i].Collection, ready[i].Collection, ready[i].ID, err)
		}
		i += n
	}
	return nil
}

// run counts how many of the next writes one request can make.
func run(ws []write) int {
	n := 1
	for n < len(ws) && ws[n].Collection == ws[0].Collection && (ws[n].Op == store.OpAdd) == (ws[0].Op == store.OpAdd) &&
		ws[n].Op != store.OpReplace && ws[0].Op != store.OpReplace {
		n++
	}
	return n
}

func (s *Store) apply(ctx context.Context, ws []write) error {
	c, w := s.db.Collection(ws[0].Collection), ws[0]
	switch w.Op {
	case store.OpAdd:
		return addAll(ctx, c, ws)
	case store.OpReplace:
		return replace(ctx, c, w)
	}
	models := make([]mongo.WriteModel, len(ws))
	for i, w := range ws {
		switch w.Op {
		case store.OpInsert:
			models[i] = mongo.NewInsertOneModel().SetDocument(w.doc)
		case store.OpPut:
			models[i] = mongo.NewReplaceOneModel().SetFilter(byID(w.ID)).SetReplacement(w.doc).SetUpsert(true)
		case store.OpUpdate:
			models[i] = mongo.NewUpdateOneModel().SetFilter(w.target).SetUpdate(w.update)
		default:
			models[i] = mongo.NewDeleteOneModel().SetFilter(byID(w.ID))
		}
	}
	_, err := c.BulkWrite(ctx, models, options.BulkWrite().SetOrdered(true))
	return err
}

// addAll inserts what is not there yet.
func addAll(ctx context.Context, c *mongo.Collection, ws []write) error {
	docs := make([]any, len(ws))
	for i, w := range ws {
		docs[i] = w.doc
	}
	_, err := c.InsertMany(ctx, docs, options.InsertMany().SetOrdered(false))
	bulk, ok := errors.AsType[mongo.BulkWriteException](err)
	if !ok || bulk.WriteConcernError != nil {
		return err
	}
	for _, e := range bulk.WriteErrors {
		if !mongo.IsDuplicateKeyError(e.WriteError) || indexName(e.Message) != "_id" {
			return err
		}
	}
	return nil
}

// replace is the compare-and-set.
func replace(ctx context.Context, c *mongo.Collection, w write) error {
	res, err := c.ReplaceOne(ctx, append(byID(w.ID), bson.E{Key: "rev", Value: w.Rev}), w.doc)
	if err != nil || res.MatchedCount == 1 {
		return err
	}
	err = c.FindOne(ctx, byID(w.ID), options.FindOne().SetProjection(bson.D{{Key: "_id", Value: 1}})).Err()
	switch {
	case errors.Is(err, mongo.ErrNoDocuments):
		return notFound(w.Collection, w.ID)
	case err != nil:
		return err
	default:
		return store.ErrConflict.With(problem.Params{"collection": w.Collection, "id": w.ID})
	}
}

// FindAndUpdate changes the first matching document. An upsert is a search and then an insert, tried again while
// others are faster, because a server that races upserts answers with a duplicate and not with the document.
func (s *Store) FindAndUpdate(
	ctx context.Context, collection string, f store.Filter, sort []store.SortKey, u store.Update, upsert bool,
) (store.Doc, error) {
	q, err := query.Parse(store.Query{Filter: f, Sort: sort})
	if err != nil {
		return nil, err
	}
	changes, err := query.ParseUpdate(u)
	if err != nil {
		return nil, err
	}
	if err := query.CheckCollection(collection); err != nil {
		return nil, err
	}
	var fresh value.Value
	if upsert {
		if fresh, err = query.Seed(q.Filter); err != nil {
			return nil, err
		}
		if err := query.Apply(&fresh, changes); err != nil {
			return nil, err
		}
	}
	c := s.db.Collection(collection)
	o := options.FindOneAndUpdate().SetSort(sortDoc(q.Sort)).SetReturnDocument(options.After)
	for tried := false; ; tried = true {
		raw, err := c.FindOneAndUpdate(ctx, filterDoc(q.Filter), updateDoc(changes), o).Raw()
		if errors.Is(err, mongo.ErrNoDocuments) && upsert {
			_, err = c.InsertOne(ctx, toBSON(fresh))
			if mongo.IsDuplicateKeyError(err) && !tried { // somebody else made it: find it now, or it does not match
				continue
			}
			if err == nil {
				return fresh.JSON(), nil
			}
		}
		switch {
		case errors.Is(err, mongo.ErrNoDocuments):
			return nil, notFound(collection, "")
		case err != nil:
			return nil, asFault(ctx, "find and update in "+collection, collection, "", err)
		}
		return toJSON(raw)
	}
}

// DeleteMany removes all matching documents.
func (s *Store) DeleteMany(ctx context.Context, collection string, f store.Filter) (int64, error) {
	filter, err := query.ParseFilter(f)
	if err != nil {
		return 0, err
	}
	res, err := s.db.Collection(collection).DeleteMany(ctx, filterDoc(filter))
	if err != nil {
		return 0, asFault(ctx, "delete from "+collection, collection, "", err)
	}
	return res.DeletedCount, nil
}
