package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/stepwell/stepwell/internal/store/value"
	"github.com/stepwell/stepwell/schemas/problem"
)

// MaxDocument is the most bytes a document may have; MongoDB allows 16 MiB of BSON.
const MaxDocument = 15 << 20

// DocumentFault says that a document cannot be stored because of what value.Scan found.
func DocumentFault(collection, id string, err error) error {
	params := problem.Params{"collection": collection, "id": id, "why": err.Error()}
	if e, ok := errors.AsType[*value.Error](err); ok {
		params["why"] = problem.Text{"en": e.Why["en"] + " (" + e.At + ")", "zh-CN": e.Why["zh-CN"] + "（" + e.At + "）"}
	}
	return ErrDocument.Because(err, params)
}

// Encode writes a Go value as a document.
func Encode(v any) (Doc, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write document: %w", err)
	}
	return b, nil
}

// Decode reads a document into a T. Numbers in members of type any become json.Number, so none is rounded.
func Decode[T any](d Doc) (T, error) {
	var v T
	dec := json.NewDecoder(bytes.NewReader(d))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return v, fmt.Errorf("read document as %T: %w", v, err)
	}
	return v, nil
}

// DecodeAll reads documents into Ts.
func DecodeAll[T any](docs []Doc) ([]T, error) {
	out := make([]T, len(docs))
	for i, d := range docs {
		v, err := Decode[T](d)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

// Load gets one document as a T; ErrNotFound when there is none.
func Load[T any](ctx context.Context, s Store, collection, id string) (T, error) {
	d, err := s.Get(ctx, collection, id)
	if err != nil {
		var none T
		return none, err
	}
	return Decode[T](d)
}

// LoadAll finds documents as Ts.
func LoadAll[T any](ctx context.Context, s Store, collection string, q Query) ([]T, error) {
	docs, err := s.Find(ctx, collection, q)
	if err != nil {
		return nil, err
	}
	return DecodeAll[T](docs)
}
