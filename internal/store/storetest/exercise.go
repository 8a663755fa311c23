package storetest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
)

// Exercise is the contract of store.Store. open gives a fresh store for each part.
func Exercise(t *testing.T, open func(*testing.T) store.Store) {
	t.Helper()
	parts := map[string]func(*testing.T, store.Store){
		"writes":       exerciseWrites,
		"documents":    exerciseDocuments,
		"updates":      exerciseUpdates,
		"contention":   exerciseContention,
		"unique":       exerciseUnique,
		"indexes":      exerciseIndexes,
		"prepare":      exercisePrepare,
		"queries":      exerciseQueries,
		"pages":        exercisePages,
		"aggregation":  exerciseAggregation,
		"refusals":     exerciseRefusals,
		"cancellation": exerciseCancellation,
		"watch":        exerciseWatch,
		"files":        exerciseFiles,
	}
	for name, part := range parts {
		t.Run(name, func(t *testing.T) { part(t, open(t)) })
	}
}

// has requires a fault of this code.
func has(t *testing.T, err error, code *fault.Code) {
	t.Helper()
	require.Error(t, err)
	require.Truef(t, fault.Has(err, code), "want %s, got %v", code.ID, err)
	require.NotEmpty(t, code.Text["zh-CN"])
}

func insert(id, doc string) store.Write {
	return store.Write{Op: store.OpInsert, Collection: "things", ID: id, Doc: store.Doc(doc)}
}

func write(op store.Op, id, doc string) store.Write {
	return store.Write{Op: op, Collection: "things", ID: id, Doc: store.Doc(doc)}
}

// get is a document's text, "" when there is none.
func get(t *testing.T, s store.Store, id string) string {
	t.Helper()
	d, err := s.Get(t.Context(), "things", id)
	if fault.Has(err, store.ErrNotFound) {
		return ""
	}
	require.NoError(t, err)
	return string(d)
}

func exerciseWrites(t *testing.T, s store.Store) {
	ctx := t.Context()
	apply := func(ws ...store.Write) error { return s.Apply(ctx, ws...) }

	t.Run("nothing_is_found_where_nothing_is", func(t *testing.T) {
		_, err := s.Get(ctx, "things", "none")
		has(t, err, store.ErrNotFound)
		docs, err := s.Find(ctx, "never", store.Query{})
		require.NoError(t, err)
		require.Empty(t, docs)
		n, err := s.DeleteMany(ctx, "never", nil)
		require.NoError(t, err)
		require.Zero(t, n)
		require.NoError(t, apply())
	})
	t.Run("insert_refuses_a_taken_id", func(t *testing.T) {
		require.NoError(t, apply(insert("a", `{"_id":"a","v":1}`)))
		has(t, apply(insert("a", `{"_id":"a","v":2}`)), store.ErrDuplicate)
		require.JSONEq(t, `{"_id":"a","v":1}`, get(t, s, "a"))
	})
	t.Run("add_leaves_what_is_there", func(t *testing.T) {
		require.NoError(t, apply(write(store.OpAdd, "b", `{"_id":"b","v":1}`)))
		require.NoError(t, apply(write(store.OpAdd, "b", `{"_id":"b","v":2}`)))
		require.JSONEq(t, `{"_id":"b","v":1}`, get(t, s, "b"))
	})
	t.Run("put_overwrites", func(t *testing.T) {
		require.NoError(t, apply(write(store.OpPut, "c", `{"_id":"c","v":1}`)))
		require.NoError(t, apply(write(store.OpPut, "c", `{"_id":"c","w":2}`)))
		require.JSONEq(t, `{"_id":"c","w":2}`, get(t, s, "c"))
	})
	t.Run("replace_needs_the_rev", func(t *testing.T) {
		require.NoError(t, apply(insert("d", `{"_id":"d","rev":7}`)))
		w := write(store.OpReplace, "d", `{"_id":"d","rev":8}`)
		w.Rev = 6
		has(t, apply(w), store.ErrConflict)
		w.Rev = 7
		require.NoError(t, apply(w))
		has(t, apply(w), store.ErrConflict)
		w.ID, w.Doc = "gone", store.Doc(`{"_id":"gone","rev":8}`)
		has(t, apply(w), store.ErrNotFound)
		require.NoError(t, apply(insert("norev", `{"_id":"norev"}`)))
		w.ID, w.Doc, w.Rev = "norev", store.Doc(`{"_id":"norev","rev":1}`), 0
		has(t, apply(w), store.ErrConflict)
	})
	t.Run("delete_forgets_and_does_not_mind", func(t *testing.T) {
		require.NoError(t, apply(insert("e", `{"_id":"e"}`)))
		del := store.Write{Op: store.OpDelete, Collection: "things", ID: "e"}
		require.NoError(t, apply(del))
		require.NoError(t, apply(del))
		require.Empty(t, get(t, s, "e"))
	})
	t.Run("nothing_follows_a_failed_first_write", func(t *testing.T) {
		has(t, apply(insert("a", `{"_id":"a"}`), write(store.OpPut, "f", `{"_id":"f"}`)), store.ErrDuplicate)
		require.Empty(t, get(t, s, "f"))
		w := write(store.OpReplace, "d", `{"_id":"d","rev":99}`)
		w.Rev = 98
		has(t, apply(w, write(store.OpAdd, "f", `{"_id":"f"}`)), store.ErrConflict)
		require.Empty(t, get(t, s, "f"))
	})
	t.Run("all_or_nothing_where_transactional", func(t *testing.T) {
		has(t, apply(insert("g", `{"_id":"g"}`), insert("a", `{"_id":"a"}`)), store.ErrDuplicate)
		require.Equal(t, s.Transactional(), get(t, s, "g") == "")
	})
	t.Run("a_conditional_update_never_goes_back", func(t *testing.T) {
		step := func(seq int, state string) store.Write {
			return store.Write{
				Op: store.OpUpdate, Collection: "things", ID: "seq", If: store.Filter{"seq": map[string]any{"$lt": seq}},
				Update: store.Update{Set: map[string]any{"seq": seq, "state": state}},
			}
		}
		require.NoError(t, apply(insert("seq", `{"_id":"seq","seq":1,"state":"open"}`), step(3, "done"), step(2, "assigned"), step(3, "again")))
		require.JSONEq(t, `{"_id":"seq","seq":3,"state":"done"}`, get(t, s, "seq"))
		has(t, apply(store.Write{
			Op: store.OpUpdate, Collection: "things", ID: "seq", If: store.Filter{"$where": "1"}, Update: store.Update{Set: map[string]any{"state": "x"}},
		}), store.ErrFilter)
		require.NoError(t, apply(store.Write{Op: store.OpDelete, Collection: "things", ID: "seq"}))
	})
	t.Run("several_writes_of_every_kind", func(t *testing.T) {
		require.NoError(t, apply(
			insert("m1", `{"_id":"m1","n":1}`), write(store.OpAdd, "m1", `{"_id":"m1"}`), write(store.OpAdd, "m2", `{"_id":"m2"}`),
			store.Write{Op: store.OpAdd, Collection: "others", ID: "o", Doc: store.Doc(`{"_id":"o"}`)},
			write(store.OpPut, "m3", `{"_id":"m3","v":1}`), write(store.OpPut, "m3", `{"_id":"m3","v":2}`),
			store.Write{Op: store.OpUpdate, Collection: "things", ID: "m1", Update: store.Update{Inc: map[string]int64{"n": 4}}},
			store.Write{Op: store.OpUpdate, Collection: "things", ID: "absent", Update: store.Update{Set: map[string]any{"n": 4}}},
			store.Write{Op: store.OpDelete, Collection: "things", ID: "m2"},
		))
		require.JSONEq(t, `{"_id":"m1","n":5}`, get(t, s, "m1"))
		require.JSONEq(t, `{"_id":"m3","v":2}`, get(t, s, "m3"))
		require.Empty(t, get(t, s, "m2"))
		require.Empty(t, get(t, s, "absent"))
		d, err := s.Get(ctx, "others", "o")
		require.NoError(t, err)
		require.JSONEq(t, `{"_id":"o"}`, string(d))
	})
	t.Run("delete_many_says_how_many", func(t *testing.T) {
		n, err := s.DeleteMany(ctx, "things", store.Filter{"_id": store.Prefix("m")})
		require.NoError(t, err)
		require.EqualValues(t, 2, n)
		require.Empty(t, get(t, s, "m1"))
	})
}

func exerciseDocuments(t *testing.T, s store.Store) {
	ctx := t.Context()
	t.Run("come_back_as_they_were", func(t *testing.T) {
		for i, doc := range []string{
			`{"_id":"x","z":1,"a":[1,2.5,-3,"t",null,true,{"b":{}},[],[[1]]],"m":{"":"","$ref":"#/x","a.b":{"c.d":1},"中":"文😀"}}`,
			`{"_id":"x","int":9223372036854775807,"min":-9223372036854775808,"big":9007199254740993,"d":0.1,"one":1.0,"exp":1e+300,"tiny":5e-324}`,
			`{"_id":"x","text":"line\nbreak \"quoted\" back\\slash <&> \u0001","empty":"","order":{"b":1,"a":2}}`,
		} {
			require.NoError(t, s.Apply(ctx, write(store.OpPut, "x", doc)), i)
			require.Equal(t, doc, get(t, s, "x"))
		}
		require.NoError(t, s.Apply(ctx, write(store.OpPut, "x", `{ "b" : 1.50, "_id":"x", "e":1E2, "n":-0, "esc":"\u4e2d\/\ud83d\ude00" }`)))
		want := `{"_id":"x","b":1.5,"e":100.0,"n":0,"esc":"中/😀"}`
		require.Equal(t, want, get(t, s, "x"), "byte by byte")
	})
	t.Run("large_ones_survive", func(t *testing.T) {
		big, err := json.Marshal(map[string]any{"_id": "big", "blob": strings.Repeat("大 ", 1<<20), "list": make([]int, 70_000)})
		require.NoError(t, err)
		require.NoError(t, s.Apply(ctx, write(store.OpPut, "big", string(big))))
		require.JSONEq(t, string(big), get(t, s, "big"))
	})
	t.Run("what_no_engine_could_keep_is_refused", func(t *testing.T) {
		for _, doc := range []string{
			``, `[]`, `"x"`, `{"_id":"y"}`, `{"a":1}`, `{"_id":1}`, `{"_id":"x","a":1,"a":2}`, `{"_id":"x","t":"\u0000"}`, `{"_id":"x","\u0000":1}`,
			`{"_id":"x","n":1e999}`, `{"_id":"x"} x`, `{"_id":"x",}`, `{"_id":"x","a":01}`, "{\"_id\":\"x\",\"a\":\"\xff\"}", "{\"_id\":\"x\",\"a\":\"\n\"}",
			`{"_id":"x","deep":` + nest(200) + `}`, `{"_id":"x","big":"` + strings.Repeat("a", store.MaxDocument) + `"}`,
		} {
			has(t, s.Apply(ctx, write(store.OpPut, "x", doc)), store.ErrDocument)
		}
		for _, id := range []string{"", "a\x00b", "\xff", fmt.Sprintf("%0600d", 1)} {
			has(t, s.Apply(ctx, write(store.OpPut, id, `{"_id":"x"}`)), store.ErrFilter)
		}
		for _, name := range []string{"", "$cmd", "a b", "1a", "x\"; DROP TABLE", "system.x", "fs.files", "a..b", "a."} {
			has(t, s.Apply(ctx, store.Write{Op: store.OpPut, Collection: name, ID: "x", Doc: store.Doc(`{"_id":"x"}`)}), store.ErrFilter)
		}
	})
	t.Run("collections_differ_by_case", func(t *testing.T) {
		for _, c := range []string{"app.Draft", "app.draft"} {
			require.NoError(t, s.Apply(ctx, store.Write{Op: store.OpInsert, Collection: c, ID: "x", Doc: store.Doc(`{"_id":"x","c":"` + c + `"}`)}))
		}
		d, err := s.Get(ctx, "app.draft", "x")
		require.NoError(t, err)
		require.JSONEq(t, `{"_id":"x","c":"app.draft"}`, string(d))
	})
}

func nest(n int) string {
	doc := "1"
	for range n {
		doc = "[" + doc + "]"
	}
	return doc
}

func exerciseUpdates(t *testing.T, s store.Store) {
	ctx := t.Context()
	update := func(doc string, u store.Update) (string, error) {
		require.NoError(t, s.Apply(ctx, write(store.OpPut, "u", doc)))
		err := s.Apply(ctx, store.Write{Op: store.OpUpdate, Collection: "things", ID: "u", Update: u})
		return get(t, s, "u"), err
	}
	for name, c := range map[string]struct {
		doc  string
		u    store.Update
		want string
	}{
		"sets_and_makes_what_is_missing": {
			`{"_id":"u","a":1}`,
			store.Update{Set: map[string]any{"a": "x", "b.c.d": []any{1, nil}, "e": map[string]any{"f": 1.5}}},
			`{"_id":"u","a":"x","b":{"c":{"d":[1,null]}},"e":{"f":1.5}}`,
		},
		"sets_inside_objects":    {`{"_id":"u","a":{"b":1,"c":2}}`, store.Update{Set: map[string]any{"a.b": 3}}, `{"_id":"u","a":{"b":3,"c":2}}`},
		"increases":              {`{"_id":"u","n":1,"f":1.5}`, store.Update{Inc: map[string]int64{"n": 2, "f": 1, "new": -3}}, `{"_id":"u","n":3,"f":2.5,"new":-3}`},
		"increases_beyond_32bit": {`{"_id":"u","n":2147483647}`, store.Update{Inc: map[string]int64{"n": 1}}, `{"_id":"u","n":2147483648}`},
		"removes":                {`{"_id":"u","a":1,"b":{"c":1,"d":2},"l":[1]}`, store.Update{Unset: []string{"a", "b.c", "zy", "l.x", "zz.y"}}, `{"_id":"u","b":{"d":2},"l":[1]}`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := update(c.doc, c.u)
			require.NoError(t, err)
			require.JSONEq(t, c.want, got)
		})
	}
	for name, c := range map[string]struct {
		doc string
		u   store.Update
	}{
		"through_a_scalar":        {`{"_id":"u","a":1}`, store.Update{Set: map[string]any{"a.b": 1}}},
		"through_null":            {`{"_id":"u","a":null}`, store.Update{Set: map[string]any{"a.b": 1}}},
		"through_an_array":        {`{"_id":"u","a":[{"b":1}]}`, store.Update{Set: map[string]any{"a.b": 1}}},
		"increasing_text":         {`{"_id":"u","a":"1"}`, store.Update{Inc: map[string]int64{"a": 1}}},
		"increasing_null":         {`{"_id":"u","a":null}`, store.Update{Inc: map[string]int64{"a": 1}}},
		"increasing_beyond_64bit": {`{"_id":"u","a":9223372036854775807}`, store.Update{Inc: map[string]int64{"a": 1}}},
		"nothing":                 {`{"_id":"u"}`, store.Update{}},
		"the_id":                  {`{"_id":"u"}`, store.Update{Set: map[string]any{"_id": "v"}}},
		"twice":                   {`{"_id":"u"}`, store.Update{Set: map[string]any{"a": 1}, Unset: []string{"a"}}},
		"part_and_whole":          {`{"_id":"u"}`, store.Update{Set: map[string]any{"a": 1, "a.b": 1}}},
		"an_operator_as_path":     {`{"_id":"u"}`, store.Update{Set: map[string]any{"$where": 1}}},
	} {
		t.Run("refuses_"+name, func(t *testing.T) {
			got, err := update(c.doc, c.u)
			has(t, err, store.ErrFilter)
			require.JSONEq(t, c.doc, got)
		})
	}
	t.Run("find_and_update_takes_the_first_and_shows_it_after", func(t *testing.T) {
		for i := range 3 {
			id := fmt.Sprintf("q%d", i)
			require.NoError(t, s.Apply(ctx, insert(id, fmt.Sprintf(`{"_id":"%s","state":"open","n":%d}`, id, -i))))
		}
		d, err := s.FindAndUpdate(ctx, "things", store.Filter{"state": "open"}, []store.SortKey{{Path: "n"}}, store.Update{Set: map[string]any{"state": "done"}}, false)
		require.NoError(t, err)
		require.JSONEq(t, `{"_id":"q2","state":"done","n":-2}`, string(d))
		_, err = s.FindAndUpdate(ctx, "things", store.Filter{"state": "none"}, nil, store.Update{Set: map[string]any{"state": "done"}}, false)
		has(t, err, store.ErrNotFound)
	})
	t.Run("upsert_makes_what_is_missing", func(t *testing.T) {
		u := store.Update{Inc: map[string]int64{"n": 1}, Set: map[string]any{"m": "x"}}
		d, err := s.FindAndUpdate(ctx, "made", store.Filter{"_id": "new", "kind": "k"}, nil, u, true)
		require.NoError(t, err)
		require.JSONEq(t, `{"_id":"new","kind":"k","n":1,"m":"x"}`, string(d))
		_, err = s.FindAndUpdate(ctx, "made", store.Filter{"_id": "new", "kind": "other"}, nil, u, true)
		has(t, err, store.ErrDuplicate)
		_, err = s.FindAndUpdate(ctx, "made", store.Filter{"kind": "k"}, nil, u, true)
		has(t, err, store.ErrFilter)
	})
}

func exerciseUnique(t *testing.T, s store.Store) {
	ctx := t.Context()
	require.NoError(t, s.EnsureIndexes(ctx, "things",
		store.Index{Name: "mail", Keys: []store.SortKey{{Path: "mail"}}, Unique: true},
		store.Index{Name: "number", Keys: []store.SortKey{{Path: "app"}, {Path: "n.o"}}, Unique: true}))
	require.NoError(t, s.Apply(ctx, insert("a", `{"_id":"a","mail":"x","app":"s","n":{"o":1}}`)))
	t.Run("a_second_value_is_refused_by_name", func(t *testing.T) {
		err := s.Apply(ctx, insert("b", `{"_id":"b","mail":"x"}`))
		has(t, err, store.ErrDuplicate)
		f, _ := fault.As(err)
		require.Equal(t, "mail", f.Params["index"])
		err = s.Apply(ctx, insert("b", `{"_id":"b","app":"s","n":{"o":1.0}}`))
		has(t, err, store.ErrDuplicate)
		f, _ = fault.As(err)
		require.Equal(t, "number", f.Params["index"])
		has(t, s.Apply(ctx, insert("a", `{"_id":"a"}`)), store.ErrDuplicate)
	})
	t.Run("the_rest_of_the_key_decides", func(t *testing.T) {
		require.NoError(t, s.Apply(ctx, insert("c", `{"_id":"c","app":"s","n":{"o":2}}`), insert("d", `{"_id":"d","app":"t","n":{"o":1}}`)))
		require.NoError(t, s.Apply(ctx, insert("n1", `{"_id":"n1","app":"s"}`)))
		has(t, s.Apply(ctx, insert("n2", `{"_id":"n2","app":"s","n":null}`)), store.ErrDuplicate)
	})
	t.Run("missing_and_null_are_free", func(t *testing.T) {
		require.NoError(t, s.Apply(ctx, insert("f1", `{"_id":"f1"}`), insert("f2", `{"_id":"f2","mail":null}`), insert("f3", `{"_id":"f3","mail":null}`)))
	})
	t.Run("kinds_differ", func(t *testing.T) {
		require.NoError(t, s.Apply(ctx, insert("k1", `{"_id":"k1","mail":1}`), insert("k2", `{"_id":"k2","mail":"1"}`), insert("k3", `{"_id":"k3","mail":true}`)))
		has(t, s.Apply(ctx, insert("k4", `{"_id":"k4","mail":1.0}`)), store.ErrDuplicate)
	})
	t.Run("every_way_of_writing_is_held", func(t *testing.T) {
		has(t, s.Apply(ctx, write(store.OpPut, "p", `{"_id":"p","mail":"x"}`)), store.ErrDuplicate)
		has(t, s.Apply(ctx, write(store.OpAdd, "p", `{"_id":"p","mail":"x"}`)), store.ErrDuplicate)
		has(t, s.Apply(ctx, store.Write{Op: store.OpUpdate, Collection: "things", ID: "c", Update: store.Update{Set: map[string]any{"mail": "x"}}}), store.ErrDuplicate)
		_, err := s.FindAndUpdate(ctx, "things", store.Filter{"_id": "c"}, nil, store.Update{Set: map[string]any{"mail": "x"}}, false)
		has(t, err, store.ErrDuplicate)
		require.NoError(t, s.Apply(ctx, write(store.OpPut, "a", `{"_id":"a","mail":"x"}`)), "its own value is no duplicate")
	})
	t.Run("a_value_is_free_again_after_it_went", func(t *testing.T) {
		require.NoError(t, s.Apply(ctx, store.Write{Op: store.OpDelete, Collection: "things", ID: "a"}, insert("b", `{"_id":"b","mail":"x"}`)))
	})
}

func exerciseIndexes(t *testing.T, s store.Store) {
	ctx := t.Context()
	g := generator{rand.New(rand.NewPCG(7, 7))} //nolint:gosec // the same in every run
	var writes []store.Write
	for i := range 60 {
		id := fmt.Sprintf("d%02d", i)
		doc, err := store.Encode(g.document(id))
		require.NoError(t, err)
		writes = append(writes, insert(id, string(doc)))
	}
	require.NoError(t, s.Apply(ctx, writes...))
	questions := make([]store.Query, 60)
	for i := range questions {
		questions[i] = g.query()
	}
	answers := func() (out [][]store.Doc) {
		for _, q := range questions {
			docs, err := s.Find(ctx, "things", q)
			require.NoError(t, err)
			out = append(out, docs)
		}
		return out
	}
	want := answers()
	t.Run("change_no_answer_as_they_come_and_go", func(t *testing.T) {
		for range 6 {
			indexes := g.indexes()
			require.NoError(t, s.EnsureIndexes(ctx, "things", indexes...))
			require.NoError(t, s.EnsureIndexes(ctx, "things", indexes...), "again")
			require.Equal(t, want, answers())
		}
		require.NoError(t, s.EnsureIndexes(ctx, "things"))
		require.Equal(t, want, answers())
	})
	t.Run("array_index_follows_every_change", func(t *testing.T) {
		require.NoError(t, s.EnsureIndexes(ctx, "lists", store.Index{Name: "tags", Keys: []store.SortKey{{Path: "l.tags"}}, Array: true}))
		find := func(tag any) (ids []string) {
			docs, err := s.Find(ctx, "lists", store.Query{Filter: store.Filter{"l.tags": tag}, Fields: []string{"_id"}})
			require.NoError(t, err)
			for _, d := range docs {
				ids = append(ids, string(d))
			}
			return ids
		}
		put := func(op store.Op, doc string) {
			require.NoError(t, s.Apply(ctx, store.Write{Op: op, Collection: "lists", ID: "x", Rev: 1, Doc: store.Doc(doc)}))
		}
		put(store.OpPut, `{"_id":"x","rev":1,"l":{"tags":["a","b","a",1]}}`)
		require.Equal(t, []string{`{"_id":"x"}`}, find("a"))
		require.Equal(t, []string{`{"_id":"x"}`}, find(1.0))
		put(store.OpReplace, `{"_id":"x","rev":1,"l":{"tags":["b","c"]}}`)
		require.Empty(t, find("a"))
		require.Len(t, find("c"), 1)
		put(store.OpPut, `{"_id":"x","rev":1,"l":[{"tags":"solo"},{"tags":["d"]}]}`)
		require.Empty(t, find("c"))
		require.Len(t, find("solo"), 1)
		require.Len(t, find(store.Filter{"$in": []string{"d", "zz"}}), 1)
		require.NoError(t, s.Apply(ctx, store.Write{Op: store.OpUpdate, Collection: "lists", ID: "x", Update: store.Update{Set: map[string]any{"l": map[string]any{"tags": []string{"e"}}}}}))
		require.Len(t, find("e"), 1)
		require.Empty(t, find("d"))
		require.NoError(t, s.Apply(ctx, store.Write{Op: store.OpDelete, Collection: "lists", ID: "x"}))
		require.Empty(t, find("e"))
	})
	t.Run("refuses_what_cannot_be", func(t *testing.T) {
		for _, x := range []store.Index{
			{Name: "", Keys: []store.SortKey{{Path: "a"}}},
			{Name: "x"},
			{Name: "x", Keys: []store.SortKey{{Path: `a"b`}}},
			{Name: "x", Keys: []store.SortKey{{Path: "a"}, {Path: "a.b"}}},
			{Name: "x", Keys: []store.SortKey{{Path: "_id"}}},
			{Name: "x", Keys: []store.SortKey{{Path: "a"}, {Path: "b"}}, Array: true},
			{Name: "x", Keys: []store.SortKey{{Path: "a"}}, Array: true, Unique: true},
			{Name: `x"y`, Keys: []store.SortKey{{Path: "a"}}},
		} {
			has(t, s.EnsureIndexes(ctx, "things", x), store.ErrFilter)
		}
	})
	t.Run("a_unique_index_over_duplicates_is_refused_and_changes_nothing", func(t *testing.T) {
		before := answers()
		has(t, s.EnsureIndexes(ctx, "things", store.Index{Name: "b", Keys: []store.SortKey{{Path: "b"}}, Unique: true}), store.ErrDuplicate)
		assert.Equal(t, before, answers())
	})
}
