package storetest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
)

const contenders = 16

// together runs fn in many goroutines at once.
func together(fn func(i int) error) error {
	errs := make(chan error, contenders)
	for i := range contenders {
		go func() { errs <- fn(i) }()
	}
	var first error
	for range contenders {
		if err := <-errs; err != nil && first == nil {
			first = err
		}
	}
	return first
}

func exerciseContention(t *testing.T, s store.Store) {
	ctx := t.Context()
	t.Run("compare_and_set_loses_no_update", func(t *testing.T) {
		require.NoError(t, s.Apply(ctx, insert("cas", `{"_id":"cas","rev":0,"n":0}`)))
		const each = 20
		require.NoError(t, together(func(int) error {
			for range each {
				if err := increase(ctx, s); err != nil {
					return err
				}
			}
			return nil
		}))
		require.JSONEq(t, fmt.Sprintf(`{"_id":"cas","rev":%[1]d,"n":%[1]d}`, contenders*each), get(t, s, "cas"))
	})
	t.Run("a_claim_is_given_once", func(t *testing.T) {
		const jobs = 100
		for i := range jobs {
			id := fmt.Sprintf("j%03d", i)
			require.NoError(t, s.Apply(ctx, store.Write{Op: store.OpInsert, Collection: "jobs", ID: id, Doc: store.Doc(`{"_id":"` + id + `","state":"open"}`)}))
		}
		var claimed sync.Map
		var n atomic.Int64
		require.NoError(t, together(func(int) error {
			for {
				d, err := s.FindAndUpdate(ctx, "jobs", store.Filter{"state": "open"}, nil, store.Update{Set: map[string]any{"state": "mine"}}, false)
				if fault.Has(err, store.ErrNotFound) {
					return nil
				}
				if err != nil {
					return err
				}
				if _, twice := claimed.LoadOrStore(string(d), true); twice {
					return fmt.Errorf("claimed twice: %s", d)
				}
				n.Add(1)
			}
		}))
		require.EqualValues(t, jobs, n.Load())
	})
	t.Run("a_counter_counts_every_step", func(t *testing.T) {
		require.NoError(t, s.EnsureIndexes(ctx, "counters"))
		require.NoError(t, together(func(int) error {
			for range 10 {
				if _, err := s.FindAndUpdate(ctx, "counters", store.Filter{"_id": "c"}, nil, store.Update{Inc: map[string]int64{"n": 1}}, true); err != nil {
					return err
				}
			}
			return nil
		}))
		d, err := s.Get(ctx, "counters", "c")
		require.NoError(t, err)
		require.JSONEq(t, `{"_id":"c","n":160}`, string(d))
	})
	t.Run("one_of_many_inserts_wins", func(t *testing.T) {
		var won atomic.Int64
		require.NoError(t, together(func(i int) error {
			err := s.Apply(ctx, insert("once", fmt.Sprintf(`{"_id":"once","by":%d}`, i)), write(store.OpAdd, fmt.Sprintf("follow%d", i), fmt.Sprintf(`{"_id":"follow%d"}`, i)))
			if err == nil {
				won.Add(1)
			} else if !fault.Has(err, store.ErrDuplicate) {
				return err
			}
			return nil
		}))
		require.EqualValues(t, 1, won.Load())
		n, err := s.Count(ctx, "things", store.Filter{"_id": store.Prefix("follow")}, 0)
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
	})
}

// increase is what every command does: load, decide, compare and set, and again if somebody was faster.
func increase(ctx context.Context, s store.Store) error {
	for {
		doc, err := s.Get(ctx, "things", "cas")
		if err != nil {
			return err
		}
		v, err := store.Decode[struct{ Rev, N int64 }](doc)
		if err != nil {
			return err
		}
		w := write(store.OpReplace, "cas", fmt.Sprintf(`{"_id":"cas","rev":%d,"n":%d}`, v.Rev+1, v.N+1))
		w.Rev = v.Rev
		if err = s.Apply(ctx, w); !fault.Has(err, store.ErrConflict) {
			return err
		}
	}
}
