package storetest

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
)

// many is enough documents for an index to be built later.
const many = 3000

func exercisePrepare(t *testing.T, s store.Store) {
	ctx := t.Context()
	byGroup := store.Index{Name: "group", Keys: []store.SortKey{{Path: "g"}, {Path: "n"}}}
	byTag := store.Index{Name: "tag", Keys: []store.SortKey{{Path: "tags"}}, Array: true}
	byMail := store.Index{Name: "mail", Keys: []store.SortKey{{Path: "mail"}}, Unique: true}
	doc := func(i int, more string) store.Write {
		id := fmt.Sprintf("d%05d", i)
		return write(store.OpPut, id, fmt.Sprintf(`{"_id":"%s","g":%d,"n":%d,"tags":["t%d","u%d"]%s}`, id, i%7, many-i, i%11, i%3, more))
	}
	t.Run("what_is_new_needs_nothing_later", func(t *testing.T) {
		build, err := s.Prepare(ctx, "new", byGroup, byTag, byMail)
		require.NoError(t, err)
		require.Nil(t, build)
	})
	var writes []store.Write
	for i := range many {
		writes = append(writes, doc(i, ""))
	}
	require.NoError(t, s.Apply(ctx, writes...))
	answers := func(t *testing.T) (out []string) {
		t.Helper()
		for _, q := range []store.Query{
			{Filter: store.Filter{"g": 3}, Sort: []store.SortKey{{Path: "n", Desc: true}}, Limit: 40, Fields: []string{"n"}},
			{Filter: store.Filter{"tags": "t5"}, Sort: []store.SortKey{{Path: "n"}}, Limit: 40, Fields: []string{"n"}},
			{Filter: store.Filter{"g": store.Filter{"$gt": 4}, "tags": store.Filter{"$in": []any{"u1", "t2"}}}, Sort: []store.SortKey{{Path: "g"}}, Limit: 40, Fields: []string{"g"}},
		} {
			docs, err := s.Find(ctx, "things", q)
			require.NoError(t, err)
			require.Len(t, docs, 40)
			for _, d := range docs {
				out = append(out, string(d))
			}
		}
		return out
	}
	want := answers(t)
	t.Run("answers_stay_right_before_while_and_after", func(t *testing.T) {
		build, err := s.Prepare(ctx, "things", byGroup, byTag)
		require.NoError(t, err)
		require.NotNil(t, build)
		require.Equal(t, want, answers(t))
		require.NoError(t, s.Apply(ctx, doc(many, ""), doc(5, `,"more":true`), store.Write{Op: store.OpDelete, Collection: "things", ID: "d00001"}))
		want = answers(t)
		var work sync.WaitGroup
		var failed error
		work.Go(func() { failed = build(ctx) })
		for i := range 50 {
			require.NoError(t, s.Apply(ctx, doc(many+i, fmt.Sprintf(`,"again":%d`, i))))
			require.NotEmpty(t, answers(t))
		}
		work.Wait()
		require.NoError(t, failed)
		after := answers(t)
		require.NoError(t, s.EnsureIndexes(ctx, "things"))
		require.Equal(t, answers(t), after, "as without any index")
		want = after
	})
	t.Run("what_is_no_longer_wanted_is_left_alone", func(t *testing.T) {
		build, err := s.Prepare(ctx, "things", byGroup, byTag)
		require.NoError(t, err)
		none, err := s.Prepare(ctx, "things")
		require.NoError(t, err)
		require.Nil(t, none)
		again, err := s.Prepare(ctx, "things", byTag)
		require.NoError(t, err)
		require.NoError(t, build(ctx))
		require.Equal(t, want, answers(t))
		require.NoError(t, again(ctx))
		require.Equal(t, want, answers(t))
	})
	t.Run("what_was_interrupted_goes_on", func(t *testing.T) {
		build, err := s.Prepare(ctx, "things", byGroup, byTag)
		require.NoError(t, err)
		stopped, cancel := context.WithCancel(ctx)
		cancel()
		require.Error(t, build(stopped))
		require.Equal(t, want, answers(t))
		require.NoError(t, s.EnsureIndexes(ctx, "things", byGroup, byTag))
		require.Equal(t, want, answers(t))
	})
	t.Run("a_unique_index_holds_at_once", func(t *testing.T) {
		_, err := s.Prepare(ctx, "things", byMail)
		require.NoError(t, err)
		require.NoError(t, s.Apply(ctx, doc(1, `,"mail":"x"`)))
		has(t, s.Apply(ctx, doc(2, `,"mail":"x"`)), store.ErrDuplicate)
	})
	t.Run("a_unique_index_over_duplicates_leaves_the_collection_usable", func(t *testing.T) {
		_, err := s.Prepare(ctx, "things", byMail, store.Index{Name: "g", Keys: []store.SortKey{{Path: "g"}}, Unique: true})
		require.True(t, fault.Has(err, store.ErrDuplicate))
		require.NoError(t, s.Apply(ctx, doc(3, "")))
		require.NotEmpty(t, answers(t))
	})
}
