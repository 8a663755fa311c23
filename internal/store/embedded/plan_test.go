package embedded

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"zombiezen.com/go/sqlite"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/query"
)

// TestPlan holds the shapes that lists depend on: rows come out of an index in order, and nothing is sorted.
func TestPlan(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir())
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	require.NoError(t, s.EnsureIndexes(t.Context(), "c",
		store.Index{Name: "stage", Keys: []store.SortKey{{Path: "form"}, {Path: "state"}, {Path: "amount", Desc: true}}},
		store.Index{Name: "volume", Keys: []store.SortKey{{Path: "volume"}, {Path: "at"}}},
		store.Index{Name: "at", Keys: []store.SortKey{{Path: "at"}}, Present: true},
		store.Index{Name: "mail", Keys: []store.SortKey{{Path: "mail"}}, Unique: true},
		store.Index{Name: "tags", Keys: []store.SortKey{{Path: "tags"}}, Array: true}))
	both := store.Filter{"form": "f", "state": "s"}
	amount := []store.SortKey{{Path: "amount"}}
	amountDown := []store.SortKey{{Path: "amount", Desc: true}}
	after, err := store.After(amount, store.Doc(`{"_id":"x","amount":5}`))
	require.NoError(t, err)
	for name, c := range map[string]struct {
		query store.Query
		uses  string // what SQLite's plan says
		exact bool   // nothing is left to do in Go
		sorts bool
	}{
		"sort_by_the_first_key_alone":        {store.Query{Sort: []store.SortKey{{Path: "volume", Desc: true}}}, "d1_volume; USE TEMP B-TREE FOR LAST TERM", true, true},
		"equalities_then_sort":               {store.Query{Filter: both, Sort: amountDown}, "d1_stage (k2=? AND k4=?)", true, false},
		"equalities_then_sort_backwards":     {store.Query{Filter: both, Sort: amount}, "d1_stage (k2=? AND k4=?)", true, false},
		"equalities_then_sort_and_more":      {store.Query{Filter: store.And(both, store.Filter{"title": "t"}), Sort: amount}, "d1_stage (k2=? AND k4=?)", false, false},
		"next_page_starts_at_its_place":      {store.Query{Filter: store.And(both, after), Sort: amount}, "d1_stage (k2=? AND k4=? AND k0>?)", true, false},
		"range_in_order":                     {store.Query{Filter: store.Filter{"form": "f", "state": "s", "amount": store.Filter{"$gt": 5}}, Sort: amount}, "d1_stage (k2=? AND k4=? AND k0>? AND k0<?)", true, false},
		"no_filter_in_id_order":              {store.Query{}, "sqlite_autoindex_d1_1", true, false},
		"by_id":                              {store.Query{Filter: store.Filter{"_id": "x"}}, "sqlite_autoindex_d1_1 (id=?)", true, false},
		"by_ids":                             {store.Query{Filter: store.Filter{"_id": store.Filter{"$in": []string{"a", "b"}}}}, "sqlite_autoindex_d1_1 (id=?)", true, false},
		"unique":                             {store.Query{Filter: store.Filter{"mail": "m"}}, "d1_mail (k3=?)", true, true},
		"present_range":                      {store.Query{Filter: store.Filter{"at": store.Filter{"$lt": "2026"}}}, "d1_at (k1>? AND k1<?)", true, true},
		"array":                              {store.Query{Filter: store.Filter{"tags": "t"}, Sort: amount}, "d1_tags", true, true},
		"prefix":                             {store.Query{Filter: store.Filter{"at": store.Prefix("2026-01")}}, "d1_at (k1>? AND k1<?)", true, true},
		"a_better_filter_wins_over_the_sort": {store.Query{Filter: store.Filter{"mail": "m"}, Sort: []store.SortKey{{Path: "at"}}}, "d1_mail (k3=?)", true, true},
	} {
		t.Run(name, func(t *testing.T) {
			q, err := query.Parse(c.query)
			require.NoError(t, err)
			p := s.table("c").plan(q)
			require.Equal(t, c.exact, p.match == nil)
			require.Equal(t, !c.sorts, p.ordered, p.from)
			var said []string
			r := <-s.readers
			defer func() { s.readers <- r }()
			require.NoError(t, r.rows("EXPLAIN QUERY PLAN SELECT doc"+p.from+p.order, p.args, func(st *sqlite.Stmt) (bool, error) {
				said = append(said, st.ColumnText(3))
				return true, nil
			}))
			text := strings.Join(said, "; ")
			require.Contains(t, text, c.uses)
			if !c.sorts {
				require.NotContains(t, text, "TEMP B-TREE")
			}
		})
	}
}
