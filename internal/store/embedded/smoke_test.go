package embedded_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/storetest"
)

func TestSmoke(t *testing.T) {
	s := storetest.Open(t)
	ctx := t.Context()
	require.NoError(t, s.EnsureIndexes(ctx, "c", store.Index{Name: "x", Keys: []store.SortKey{{Path: "a"}, {Path: "b", Desc: true}}},
		store.Index{Name: "tags", Keys: []store.SortKey{{Path: "tags"}}, Array: true}, store.Index{Name: "u", Keys: []store.SortKey{{Path: "u"}}, Unique: true}))
	for i := range 20 {
		require.NoError(t, s.Apply(ctx, store.Write{Op: store.OpInsert, Collection: "c", ID: fmt.Sprintf("d%02d", i),
			Doc: fmt.Appendf(nil, `{"_id":"d%02d","rev":1,"a":%d,"b":%d,"tags":["t%d","z"], "n":{"x":1.50}}`, i, i%3, i, i%4)}))
	}
	docs, err := s.Find(ctx, "c", store.Query{Filter: store.Filter{"a": 1}, Sort: []store.SortKey{{Path: "b"}}, Limit: 3})
	require.NoError(t, err)
	for _, d := range docs {
		t.Log(string(d))
	}
	docs, err = s.Find(ctx, "c", store.Query{Filter: store.Filter{"tags": "t2"}, Sort: []store.SortKey{{Path: "n.x"}}, Fields: []string{"tags", "n.x"}})
	require.NoError(t, err)
	for _, d := range docs {
		t.Log(string(d))
	}
	err = s.Apply(ctx, store.Write{Op: store.OpInsert, Collection: "c", ID: "d01", Doc: store.Doc(`{"_id":"d01"}`)})
	require.ErrorIs(t, err, store.ErrDuplicate.With(nil))
	t.Log(err)
	d := func(id string) store.Write {
		return store.Write{Op: store.OpInsert, Collection: "c", ID: id, Doc: store.Doc(`{"_id":"` + id + `","u":"same"}`)}
	}
	require.NoError(t, s.Apply(ctx, d("u1")))
	err = s.Apply(ctx, d("ok"), d("u2"))
	require.ErrorIs(t, err, store.ErrDuplicate.With(nil))
	t.Log(err)
	doc, err := s.FindAndUpdate(ctx, "seq", store.Filter{"_id": "k"}, nil, store.Update{Inc: map[string]int64{"n": 1}}, true)
	require.NoError(t, err)
	t.Log(string(doc))
	agg, err := s.Aggregate(ctx, "c", []store.Stage{{"$match": store.Filter{"a": map[string]any{"$gte": 1}}}, {"$group": map[string]any{"_id": "$a", "n": map[string]any{"$sum": "$b"}}}})
	require.NoError(t, err)
	for _, d := range agg {
		t.Log(string(d))
	}
	require.NoError(t, s.Apply(ctx, store.Write{Op: store.OpReplace, Collection: "c", ID: "d01", Rev: 1, Doc: store.Doc(`{"_id":"d01","rev":2,"tags":["t2"]}`)}))
	require.ErrorIs(t, s.Apply(ctx, store.Write{Op: store.OpReplace, Collection: "c", ID: "d01", Rev: 1, Doc: store.Doc(`{"_id":"d01","rev":2,"tags":["t2"]}`)}), store.ErrConflict.With(nil))
	n, err := s.Count(ctx, "c", store.Filter{"tags": map[string]any{"$in": []string{"t2"}}}, 0)
	require.NoError(t, err)
	require.EqualValues(t, 6, n)
	n, err = s.DeleteMany(ctx, "c", store.Filter{"tags": "t2"})
	require.NoError(t, err)
	require.EqualValues(t, 6, n)
}
