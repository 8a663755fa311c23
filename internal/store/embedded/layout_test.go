package embedded

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/query"
)

// TestLayouts holds how indexes come and go beside many documents.
func TestLayouts(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), dir)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	var writes []store.Write
	for i := range 2 * few {
		id := fmt.Sprintf("d%05d", i)
		writes = append(writes, store.Write{Op: store.OpInsert, Collection: "c", ID: id, Doc: store.Doc(fmt.Sprintf(`{"_id":"%s","a":%d,"b":%d,"l":["x%d"]}`, id, i%9, i%100, i%5))})
	}
	require.NoError(t, s.Apply(t.Context(), writes...))
	both := store.Index{Name: "both", Keys: []store.SortKey{{Path: "a"}, {Path: "b"}}}
	list := store.Index{Name: "list", Keys: []store.SortKey{{Path: "l"}}, Array: true}
	sorted := store.Query{Filter: store.Filter{"a": 4}, Sort: []store.SortKey{{Path: "b"}}}
	held := store.Query{Filter: store.Filter{"l": "x1"}}
	uses := func(q store.Query) string {
		parsed, err := query.Parse(q)
		require.NoError(t, err)
		return s.table("c").plan(parsed).from
	}
	for _, q := range []store.Query{sorted, held} {
		require.NotContains(t, uses(q), "d1_")
	}
	_, err = s.Prepare(t.Context(), "c", both, list)
	require.NoError(t, err)
	for _, q := range []store.Query{sorted, held} {
		require.NotContains(t, uses(q), "d1_", "half an index is none")
	}
	require.NotContains(t, uses(sorted), "k0", "nor is half a column")

	require.NoError(t, s.Close()) // a server that ends in between
	s, err = Open(t.Context(), dir)
	require.NoError(t, err)
	require.NotContains(t, uses(sorted), "d1_both")
	build, err := s.Prepare(t.Context(), "c", both, list)
	require.NoError(t, err)
	require.NotNil(t, build, "what was not done is still to be done")
	require.NoError(t, build(t.Context()))
	require.Contains(t, uses(sorted), `INDEXED BY "d1_both"`)
	require.Contains(t, uses(held), `"d1_list"`)
	build, err = s.Prepare(t.Context(), "c", both, list)
	require.NoError(t, err)
	require.Nil(t, build, "and then it is done")

	require.NoError(t, s.EnsureIndexes(t.Context(), "c", list))
	require.NotContains(t, uses(sorted), "d1_both")
	require.Contains(t, uses(sorted), "k0", "the column stays, for filters and for the next index")
	r := <-s.readers
	n, err := r.one(`SELECT 1 FROM sqlite_schema WHERE name='d1_both'`, nil, nil)
	s.readers <- r
	require.NoError(t, err)
	require.False(t, n, "an index that nobody wants costs nothing")
}
