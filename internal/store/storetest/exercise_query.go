package storetest

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
)

func exerciseQueries(t *testing.T, s store.Store) {
	ctx := t.Context()
	docs := []string{
		`{"_id":"1","n":1,"t":"Apple","tags":["red","green"],"p":{"q":1},"items":[{"k":"a","v":1},{"k":"b","v":5}],"ok":true}`,
		`{"_id":"2","n":2.5,"t":"apricot","tags":["green"],"p":{"q":null},"items":[{"k":"a","v":5}],"ok":false}`,
		`{"_id":"3","n":"1","t":"中文 50% (a)","tags":[],"p":{}}`,
		`{"_id":"4","n":null,"tags":"red","p":5,"items":[]}`,
		`{"_id":"5","t":"","tags":[["red"],7],"list":[1,5,9]}`,
	}
	for i, d := range docs {
		require.NoError(t, s.Apply(ctx, insert(strconv.Itoa(i+1), d)))
	}
	type m = map[string]any
	cases := map[string]struct {
		filter store.Filter
		want   string
	}{
		"everything":                      {nil, "12345"},
		"equality":                        {m{"t": "Apple"}, "1"},
		"numbers_of_both_kinds":           {m{"n": 1.0}, "1"},
		"null_is_also_missing":            {m{"n": nil}, "45"},
		"ne_is_also_missing":              {m{"n": m{"$ne": 1}}, "2345"},
		"comparison_keeps_to_its_kind":    {m{"n": m{"$gt": 0}}, "12"},
		"text_compares_by_byte":           {m{"t": m{"$gte": "a"}}, "23"},
		"true_is_not_1":                   {m{"ok": 1}, ""},
		"bool":                            {m{"ok": true}, "1"},
		"in":                              {m{"t": m{"$in": []string{"Apple", ""}}}, "15"},
		"in_with_null":                    {m{"n": m{"$in": []any{nil, 1}}}, "145"},
		"in_nothing":                      {m{"n": m{"$in": []any{}}}, ""},
		"nin":                             {m{"t": m{"$nin": []any{"Apple", nil}}}, "235"},
		"array_containment":               {m{"tags": "red"}, "14"},
		"array_as_a_whole":                {m{"tags": []any{"red", "green"}}, "1"},
		"array_in_array":                  {m{"tags": []any{"red"}}, "5"},
		"empty_array":                     {m{"tags": []any{}}, "3"},
		"all":                             {m{"tags": m{"$all": []any{"red", "green"}}}, "1"},
		"size":                            {m{"tags": m{"$size": 2}}, "15"},
		"exists":                          {m{"items": m{"$exists": true}}, "124"},
		"exists_not":                      {m{"n": m{"$exists": false}}, "5"},
		"nested":                          {m{"p.q": 1}, "1"},
		"nested_null":                     {m{"p.q": nil}, "2345"},
		"nested_exists":                   {m{"p.q": m{"$exists": true}}, "12"},
		"through_arrays":                  {m{"items.v": 5}, "12"},
		"through_arrays_loosely":          {m{"items.k": "a", "items.v": 5}, "12"},
		"elem_match":                      {m{"items": m{"$elemMatch": m{"k": "a", "v": 5}}}, "2"},
		"elem_match_of_scalars":           {m{"list": m{"$elemMatch": m{"$gt": 4, "$lt": 6}}}, "5"},
		"range_over_an_array_is_loose":    {m{"list": m{"$gt": 5, "$lt": 4}}, "5"},
		"prefix":                          {m{"t": store.Prefix("Ap")}, "1"},
		"contains_special":                {m{"t": store.Contains("50% (", false)}, "3"},
		"contains_any_case":               {m{"t": store.Contains("AP", true)}, "12"},
		"contains_in_array":               {m{"tags": store.Contains("re", false)}, "124"},
		"prefix_of_nothing_is_every_text": {m{"t": store.Prefix("")}, "1235"},
		"and":                             {m{"$and": []any{m{"tags": "green"}, m{"ok": false}}}, "2"},
		"or":                              {m{"$or": []any{m{"n": "1"}, m{"ok": true}}}, "13"},
		"nor":                             {m{"$nor": []any{m{"n": "1"}, m{"tags": "red"}}}, "25"},
		"not":                             {m{"n": m{"$not": m{"$gte": 2}}}, "1345"},
		"helpers":                         {store.And(store.Or(m{"n": 1}, m{"n": 2.5}), nil, m{"ok": false}), "2"},
		"or_of_nothing":                   {store.Or(), ""},
		"by_id":                           {m{"_id": m{"$gt": "2", "$lte": "4"}}, "34"},
		"id_is_text":                      {m{"_id": 1}, ""},
	}
	check := func(t *testing.T) {
		for name, c := range cases {
			t.Run(name, func(t *testing.T) {
				require.Equal(t, c.want, ids(t, s, store.Query{Filter: c.filter}))
				n, err := s.Count(ctx, "things", c.filter, 0)
				require.NoError(t, err)
				require.EqualValues(t, len(c.want), n)
				n, err = s.Count(ctx, "things", c.filter, 1)
				require.NoError(t, err)
				require.EqualValues(t, min(1, len(c.want)), n)
			})
		}
	}
	t.Run("scanning", check)
	require.NoError(t, s.EnsureIndexes(ctx, "things",
		store.Index{Name: "n", Keys: []store.SortKey{{Path: "n"}}}, store.Index{Name: "t", Keys: []store.SortKey{{Path: "t"}}, Present: true},
		store.Index{Name: "tags", Keys: []store.SortKey{{Path: "tags"}}, Array: true}, store.Index{Name: "ok", Keys: []store.SortKey{{Path: "ok"}, {Path: "p.q"}}}))
	t.Run("indexed", check)
	t.Run("large_lists", func(t *testing.T) {
		for _, size := range []int{999, 1001, 50_000} {
			list := make([]string, size)
			for i := range list {
				list[i] = fmt.Sprintf("none%d", i)
			}
			list[size/2], list[size-1] = "2", "4"
			require.Equal(t, "24", ids(t, s, store.Query{Filter: store.Filter{"_id": m{"$in": list}}}))
			list[0] = "Apple"
			require.Equal(t, "1", ids(t, s, store.Query{Filter: store.Filter{"t": m{"$in": list}}}))
		}
	})
	t.Run("large_filters", func(t *testing.T) {
		var either, lists []any
		for i := range 400 {
			either = append(either, m{"n": m{"$gt": i + 100}, "t": "none"})
		}
		require.Equal(t, "1", ids(t, s, store.Query{Filter: store.Filter{"$or": append(either, m{"n": 1})}}))
		list := make([]any, 1000)
		for i := range list {
			list[i] = i
		}
		for range 31 {
			lists = append(lists, m{"n": m{"$in": list}})
		}
		require.Equal(t, "1", ids(t, s, store.Query{Filter: store.Filter{"$and": lists}}))
	})
	t.Run("sorts_across_kinds", func(t *testing.T) {
		require.Equal(t, "45123", ids(t, s, store.Query{Sort: []store.SortKey{{Path: "n"}}}))
		require.Equal(t, "32154", ids(t, s, store.Query{Sort: []store.SortKey{{Path: "n", Desc: true}}}))
	})
	t.Run("cuts_down_to_fields", func(t *testing.T) {
		found, err := s.Find(ctx, "things", store.Query{Filter: m{"_id": "1"}, Fields: []string{"p.q", "items.v", "zz"}})
		require.NoError(t, err)
		require.JSONEq(t, `{"_id":"1","p":{"q":1},"items":[{"v":1},{"v":5}]}`, string(found[0]))
	})
	t.Run("loads_typed", func(t *testing.T) {
		type thing struct {
			ID string `json:"_id"`
			N  any    `json:"n"`
		}
		one, err := store.Load[thing](ctx, s, "things", "1")
		require.NoError(t, err)
		require.Equal(t, "1", fmt.Sprint(one.N))
		_, err = store.Load[thing](ctx, s, "things", "none")
		has(t, err, store.ErrNotFound)
		all, err := store.LoadAll[thing](ctx, s, "things", store.Query{Limit: 2})
		require.NoError(t, err)
		require.Len(t, all, 2)
	})
}

// ids joins the ids that a query finds.
func ids(t *testing.T, s store.Store, q store.Query) string {
	t.Helper()
	type doc struct {
		ID string `json:"_id"`
	}
	docs, err := store.LoadAll[doc](t.Context(), s, "things", q)
	require.NoError(t, err)
	var b strings.Builder
	for _, d := range docs {
		b.WriteString(d.ID)
	}
	return b.String()
}

func exercisePages(t *testing.T, s store.Store) {
	ctx := t.Context()
	var writes []store.Write
	for i := range 200 {
		id := fmt.Sprintf("%03d", i)
		amount := strconv.Itoa(i % 7)
		switch i % 11 {
		case 0:
			amount = "null"
		case 1:
			amount = `"text"`
		case 2:
			amount = "true"
		}
		writes = append(writes, insert(id, fmt.Sprintf(`{"_id":"%s","state":"s%d","amount":%s}`, id, i%2, amount)))
	}
	require.NoError(t, s.Apply(ctx, writes...))
	check := func(t *testing.T) {
		for _, desc := range []bool{false, true} {
			sort := []store.SortKey{{Path: "amount", Desc: desc}}
			q := store.Query{Filter: store.Filter{"state": "s1"}, Sort: sort}
			whole := ids(t, s, q)
			require.Len(t, whole, 300)
			q.Limit = 7
			var skipped strings.Builder
			for q.Skip = 0; q.Skip < 100; q.Skip += 7 {
				skipped.WriteString(ids(t, s, q))
			}
			require.Equal(t, whole, skipped.String())
			require.Equal(t, whole, follow(t, s, sort))
		}
	}
	t.Run("never_overlap_scanning", check)
	require.NoError(t, s.EnsureIndexes(ctx, "things", store.Index{Name: "list", Keys: []store.SortKey{{Path: "state"}, {Path: "amount"}}}))
	t.Run("never_overlap_indexed", check)
}

// follow reads page after page, each from where the last ended.
func follow(t *testing.T, s store.Store, sort []store.SortKey) string {
	t.Helper()
	var b strings.Builder
	filter := store.Filter{"state": "s1"}
	for {
		docs, err := s.Find(t.Context(), "things", store.Query{Filter: filter, Sort: sort, Limit: 7})
		require.NoError(t, err)
		for _, d := range docs {
			v, err := store.Decode[struct {
				ID string `json:"_id"`
			}](d)
			require.NoError(t, err)
			b.WriteString(v.ID)
		}
		if len(docs) < 7 {
			return b.String()
		}
		after, err := store.After(sort, docs[len(docs)-1])
		require.NoError(t, err)
		filter = store.And(store.Filter{"state": "s1"}, after)
	}
}

func exerciseAggregation(t *testing.T, s store.Store) {
	ctx := t.Context()
	for i, d := range []string{
		`{"_id":"1","dept":"A","amount":100,"at":"2026-01-31T16:30:00.000Z","on":"2026-01-31","lines":[{"q":1},{"q":2}]}`,
		`{"_id":"2","dept":"A","amount":50.5,"at":"2026-02-01T00:00:00.000Z","on":"2026-02-01","lines":[]}`,
		`{"_id":"3","dept":"B","amount":"n/a","at":"2025-12-29T12:00:00.000Z","on":"2025-12-29","lines":[{"q":5}]}`,
		`{"_id":"4","amount":7,"at":null}`,
	} {
		require.NoError(t, s.Apply(ctx, insert(strconv.Itoa(i+1), d)))
	}
	type m = map[string]any
	byID := store.Stage{"$sort": []store.SortKey{{Path: "_id"}}}
	bucket := func(date, unit, zone string) m {
		return m{"$group": m{"_id": m{"$dateBucket": m{"date": date, "unit": unit, "timezone": zone}}, "n": m{"$count": m{}}}}
	}
	for name, c := range map[string]struct {
		pipeline []store.Stage
		want     string
	}{
		"sums": {
			[]store.Stage{{"$group": m{"_id": "$dept", "sum": m{"$sum": "$amount"}, "avg": m{"$avg": "$amount"}, "n": m{"$sum": 1}}}, byID},
			`[{"_id":null,"sum":7,"avg":7.0,"n":1},{"_id":"A","sum":150.5,"avg":75.25,"n":2},{"_id":"B","sum":0,"avg":null,"n":1}]`,
		},
		"extremes": {
			[]store.Stage{byID, {"$group": m{"_id": nil, "min": m{"$min": "$dept"}, "max": m{"$max": "$amount"}, "first": m{"$first": "$amount"}}}},
			`[{"_id":null,"min":"A","max":"n/a","first":100}]`,
		},
		"months_in_a_zone":        {[]store.Stage{bucket("$at", "month", "Asia/Shanghai"), byID}, `[{"_id":null,"n":1},{"_id":"2025-12","n":1},{"_id":"2026-02","n":2}]`},
		"months_at_an_offset":     {[]store.Stage{bucket("$at", "month", "+08:00"), byID}, `[{"_id":null,"n":1},{"_id":"2025-12","n":1},{"_id":"2026-02","n":2}]`},
		"dates_stay_on_their_day": {[]store.Stage{bucket("$on", "day", "America/New_York"), byID}, `[{"_id":null,"n":1},{"_id":"2025-12-29","n":1},{"_id":"2026-01-31","n":1},{"_id":"2026-02-01","n":1}]`},
		"iso_weeks":               {[]store.Stage{bucket("$on", "week", "UTC"), byID}, `[{"_id":null,"n":1},{"_id":"2026-W01","n":1},{"_id":"2026-W05","n":2}]`},
		"quarters":                {[]store.Stage{bucket("$at", "quarter", "UTC"), byID}, `[{"_id":null,"n":1},{"_id":"2025-Q4","n":1},{"_id":"2026-Q1","n":2}]`},
		"hours":                   {[]store.Stage{{"$match": m{"_id": "1"}}, bucket("$at", "hour", "Asia/Shanghai")}, `[{"_id":"2026-02-01T00","n":1}]`},
		"years":                   {[]store.Stage{{"$match": m{"_id": "1"}}, bucket("$at", "year", "UTC")}, `[{"_id":"2026","n":1}]`},
		"several_keys":            {[]store.Stage{{"$group": m{"_id": m{"d": "$dept", "z": "$zz"}, "n": m{"$sum": 1}}}, {"$match": m{"n": 2}}}, `[{"_id":{"d":"A","z":null},"n":2}]`},
		"unwind":                  {[]store.Stage{{"$unwind": "$lines"}, {"$group": m{"_id": "$dept", "q": m{"$sum": "$lines.q"}}}, byID}, `[{"_id":"A","q":3},{"_id":"B","q":5}]`},
		"count":                   {[]store.Stage{{"$match": m{"dept": "A"}}, {"$count": "n"}}, `[{"n":2}]`},
		"count_of_nothing":        {[]store.Stage{{"$match": m{"dept": "Z"}}, {"$count": "n"}}, `[]`},
		"project":                 {[]store.Stage{{"$match": m{"_id": "1"}}, {"$project": m{"_id": 0, "dept": 1, "lines.q": 1, "sum": "$amount", "c": m{"$literal": 1}}}}, `[{"dept":"A","lines":[{"q":1},{"q":2}],"sum":100,"c":1}]`},
		"window":                  {[]store.Stage{{"$sort": []store.SortKey{{Path: "_id", Desc: true}}}, {"$skip": 1}, {"$limit": 2}, {"$project": m{"_id": 1}}}, `[{"_id":"3"},{"_id":"2"}]`},
	} {
		t.Run(name, func(t *testing.T) {
			docs, err := s.Aggregate(ctx, "things", c.pipeline)
			require.NoError(t, err)
			parts := make([]string, len(docs))
			for i, d := range docs {
				parts[i] = string(d)
			}
			require.JSONEq(t, c.want, "["+strings.Join(parts, ",")+"]")
		})
	}
}

func exerciseRefusals(t *testing.T, s store.Store) {
	ctx := t.Context()
	type m = map[string]any
	require.NoError(t, s.Apply(ctx, insert("1", `{"_id":"1"}`)))
	deep := store.Filter{"a": 1}
	for range 31 {
		deep = store.Filter{"$and": []any{deep}}
	}
	for name, f := range map[string]store.Filter{
		"where": {"$where": "sleep(1)"}, "function": {"a": m{"$function": m{}}}, "expr": {"$expr": m{}}, "json_schema": {"$jsonSchema": m{}},
		"unknown": {"a": m{"$near": 1}}, "path_quote": {`a"b`: 1}, "path_apostrophe": {"a'b": 1}, "path_dots": {"a..b": 1}, "path_dot_end": {"a.": 1},
		"path_empty": {"": 1}, "path_index": {"a.0": 1}, "path_dollar": {"a.$b": 1}, "path_space": {"a b": 1}, "path_nul": {"a\x00b": 1},
		"path_long": {strings.Repeat("a", 500): 1}, "path_deep": {strings.Repeat("a.", 50) + "a": 1}, "object": {"a": m{"b": 1}}, "object_in_list": {"a": []any{m{"b": 1}}},
		"compare_null": {"a": m{"$gt": nil}}, "compare_list": {"a": m{"$gt": []any{}}}, "in_no_list": {"a": m{"$in": "x"}}, "in_list_in_list": {"a": m{"$in": []any{[]any{1}}}},
		"and_no_list": {"$and": m{}}, "and_empty": {"$and": []any{}}, "or_no_filter": {"$or": []any{1}}, "exists_1": {"a": m{"$exists": 1}}, "size_minus": {"a": m{"$size": -1}},
		"size_fraction": {"a": m{"$size": 1.5}}, "regex_free": {"a": m{"$regex": "a.*b"}}, "regex_class": {"a": m{"$regex": `\d`}}, "regex_end": {"a": m{"$regex": "a$"}},
		"regex_number": {"a": m{"$regex": 1}}, "options_x": {"a": m{"$regex": "a", "$options": "x"}}, "options_alone": {"a": m{"$options": "i"}},
		"not_value": {"a": m{"$not": 1}}, "elem_match_empty": {"a": m{"$elemMatch": m{}}}, "operators_empty": {"a": m{}}, "nan": {"a": nan()}, "broken_text": {"a": "\xff"}, "deep": deep,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.Find(ctx, "things", store.Query{Filter: f})
			has(t, err, store.ErrFilter)
			at, _ := fault.As(err)
			require.NotEmpty(t, at.Params["why"])
			require.NotEqual(t, at.Message("en"), at.Message("zh-CN"))
			_, err = s.Count(ctx, "things", f, 0)
			has(t, err, store.ErrFilter)
			_, err = s.DeleteMany(ctx, "things", f)
			has(t, err, store.ErrFilter)
			_, err = s.Aggregate(ctx, "things", []store.Stage{{"$match": f}})
			has(t, err, store.ErrFilter)
			_, err = s.FindAndUpdate(ctx, "things", f, nil, store.Update{Set: m{"a": 1}}, false)
			has(t, err, store.ErrFilter)
		})
	}
	for name, stage := range map[string]store.Stage{
		"lookup": {"$lookup": m{}}, "out": {"$out": "x"}, "merge": {"$merge": "x"}, "two": {"$limit": 1, "$skip": 1}, "none": {}, "limit_0": {"$limit": 0}, "limit_text": {"$limit": "1"},
		"skip_minus": {"$skip": -1}, "sort_map": {"$sort": m{"a": 1, "b": 1}}, "sort_direction": {"$sort": m{"a": 2}}, "sort_none": {"$sort": []store.SortKey{}}, "count_path": {"$count": "a.b"},
		"group_no_id": {"$group": m{"n": m{"$sum": 1}}}, "group_push": {"$group": m{"_id": nil, "n": m{"$push": "$a"}}}, "group_plain": {"$group": m{"_id": nil, "n": 1}},
		"group_name": {"$group": m{"_id": nil, "a.b": m{"$sum": 1}}}, "expr_function": {"$group": m{"_id": m{"$function": m{}}}}, "expr_path": {"$group": m{"_id": "$a'b"}}, "expr_variable": {"$group": m{"_id": "$$ROOT"}},
		"bucket_unit": {"$group": m{"_id": m{"$dateBucket": m{"date": "$a", "unit": "fortnight"}}}}, "bucket_zone": {"$group": m{"_id": m{"$dateBucket": m{"date": "$a", "unit": "day", "timezone": "Mars/Base"}}}},
		"bucket_date": {"$group": m{"_id": m{"$dateBucket": m{"date": "a", "unit": "day"}}}}, "bucket_extra": {"$group": m{"_id": m{"$dateBucket": m{"date": "$a", "unit": "day", "x": 1}}}},
		"project_empty": {"$project": m{}}, "project_drop": {"$project": m{"a": 0}}, "project_only_drop": {"$project": m{"_id": 0}}, "project_overlap": {"$project": m{"a": 1, "a.b": 1}}, "project_deep": {"$project": m{"a.b": "$c"}},
		"unwind_path": {"$unwind": "a"}, "unwind_extra": {"$unwind": m{"path": "$a", "includeArrayIndex": "i"}},
	} {
		t.Run("stage_"+name, func(t *testing.T) {
			_, err := s.Aggregate(ctx, "things", []store.Stage{stage})
			has(t, err, store.ErrFilter)
		})
	}
	for name, q := range map[string]store.Query{
		"sort_path": {Sort: []store.SortKey{{Path: "a;b"}}}, "sort_twice": {Sort: []store.SortKey{{Path: "a"}, {Path: "a"}}}, "limit_minus": {Limit: -1}, "skip_minus": {Skip: -1},
		"fields_overlap": {Fields: []string{"a", "a.b"}}, "fields_path": {Fields: []string{"$a"}},
	} {
		t.Run("query_"+name, func(t *testing.T) {
			_, err := s.Find(ctx, "things", q)
			has(t, err, store.ErrFilter)
		})
	}
}

func nan() float64 {
	zero := 0.0
	return zero / zero
}

func exerciseCancellation(t *testing.T, s store.Store) {
	require.NoError(t, s.Apply(t.Context(), insert("1", `{"_id":"1"}`)))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, call := range map[string]func() error{
		"get":       func() error { _, err := s.Get(ctx, "things", "1"); return err },
		"find":      func() error { _, err := s.Find(ctx, "things", store.Query{}); return err },
		"count":     func() error { _, err := s.Count(ctx, "things", nil, 0); return err },
		"aggregate": func() error { _, err := s.Aggregate(ctx, "things", nil); return err },
		"apply":     func() error { return s.Apply(ctx, insert("2", `{"_id":"2"}`)) },
		"delete":    func() error { _, err := s.DeleteMany(ctx, "things", nil); return err },
		"put_file":  func() error { _, err := s.Files().Put(ctx, "f", strings.NewReader("x")); return err },
		"open_file": func() error { _, err := s.Files().Open(ctx, "f"); return err },
		"ping":      func() error { return s.Ping(ctx) },
	} {
		t.Run(name+"_says_so", func(t *testing.T) {
			require.ErrorIs(t, call(), context.Canceled)
		})
	}
	require.Empty(t, get(t, s, "2"))
	require.NotEmpty(t, get(t, s, "1"))
	require.NoError(t, s.Ping(t.Context()))
}
