package errands_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/storetest"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/errands"
	"github.com/stepwell/stepwell/schemas/problem"
)

var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// outside is what errands are done to.
type outside struct {
	begun    []string
	answered []string
	err      error // of the next attempts
	status   int
}

func (o *outside) begin(_ context.Context, e errands.Errand) error {
	if o.err == nil {
		o.begun = append(o.begun, e.Create.Record+" for "+e.Owner)
	}
	return o.err
}

func (o *outside) answer(_ context.Context, to errands.Home, r engine.Reply) error {
	o.answered = append(o.answered, fmt.Sprint(to.Record, " ", r.Block, " ", r.Frame, " ", r.Record, r.Outcome, r.Status, " ", r.Error))
	return nil
}

func (o *outside) call(context.Context, errands.Errand) (engine.Reply, error) {
	return engine.Reply{Status: o.status}, o.err
}

var from = errands.Asker{Home: errands.Home{App: "shop", Form: "order", Record: "r1"}, Owner: "rep"}

func open(t *testing.T, calls bool) (store.Store, *clock.Manual, *outside, *errands.Queue) {
	t.Helper()
	st := storetest.Open(t)
	require.NoError(t, st.EnsureIndexes(t.Context(), errands.Collection, errands.Indexes()...))
	ck, o := clock.NewManual(monday), &outside{}
	doers := errands.Doers{Begin: o.begin, Answer: o.answer, Lang: "en"}
	if calls {
		doers.Call = o.call
	}
	return st, ck, o, errands.New(st, ck, doers, slog.New(slog.DiscardHandler))
}

func put(t *testing.T, st store.Store, from errands.Asker, e engine.Effect) {
	t.Helper()
	w, err := errands.Write(from, e, store.MomentOf(monday))
	require.NoError(t, err)
	require.NoError(t, st.Apply(t.Context(), w, w), "written twice, it is there once")
}

func left(t *testing.T, st store.Store) int64 {
	t.Helper()
	n, err := st.Count(t.Context(), errands.Collection, store.Filter{}, 0)
	require.NoError(t, err)
	return n
}

func creation(await bool) engine.Effect {
	return engine.Effect{Key: "4.0", Block: "make", Create: &engine.Creation{Form: "visit", Record: "c1", Await: await, Frame: "make#4"}}
}

func TestCreate(t *testing.T) {
	t.Run("a_record_is_begun_once_and_belongs_to_the_owner_of_the_asking_one", func(t *testing.T) {
		st, _, o, q := open(t, false)
		put(t, st, from, creation(true))
		require.NoError(t, q.Drain(t.Context()))
		require.NoError(t, q.Drain(t.Context()))
		require.Equal(t, []string{"c1 for rep"}, o.begun)
		require.Empty(t, o.answered, "its end is told later")
		require.Zero(t, left(t, st))
	})
	t.Run("or_to_whoever_caused_it", func(t *testing.T) {
		st, _, o, q := open(t, false)
		e := creation(false)
		e.By = "lead"
		put(t, st, from, e)
		require.NoError(t, q.Drain(t.Context()))
		require.Equal(t, []string{"c1 for lead"}, o.begun)
	})
	t.Run("what_is_refused_is_told_at_once_with_what_is_wrong", func(t *testing.T) {
		st, _, o, q := open(t, false)
		wrong := problem.Define("test.missing", "Say why.", "请说明原因。")
		o.err = fault.Define(fault.Invalid, "test.invalid", "Some fields need another look.", "有些内容需要修改。").With(nil, wrong.At("/data/why", nil))
		put(t, st, from, creation(true))
		require.NoError(t, q.Drain(t.Context()))
		require.Equal(t, []string{"r1 make make#4 c10 Some fields need another look. Say why."}, o.answered)
		require.Zero(t, left(t, st))
	})
	t.Run("what_fails_by_chance_is_tried_again_and_told_when_it_goes_on_failing", func(t *testing.T) {
		st, ck, o, q := open(t, false)
		o.err = errors.New("the store is away")
		put(t, st, from, creation(true))
		for range 30 {
			require.NoError(t, q.Drain(t.Context()))
			ck.Advance(time.Hour)
		}
		require.Equal(t, []string{"r1 make make#4 c10 the store is away"}, o.answered)
		require.Zero(t, left(t, st))
	})
	t.Run("flows_do_not_begin_records_without_an_end", func(t *testing.T) {
		st, _, o, q := open(t, false)
		deep := from
		deep.Depth = 10
		put(t, st, deep, creation(true))
		require.NoError(t, q.Drain(t.Context()))
		require.Empty(t, o.begun)
		require.Len(t, o.answered, 1)
		require.Contains(t, o.answered[0], "10 deep")
	})
}

func TestCall(t *testing.T) {
	called := func(await bool) engine.Effect {
		return engine.Effect{Key: "5.0", Block: "erp", Call: &engine.Call{URL: "https://erp.example.com", Method: "POST", Await: await, Frame: "erp#5"}}
	}
	t.Run("an_answer_is_brought_back_to_whoever_waits_for_it", func(t *testing.T) {
		st, _, o, q := open(t, true)
		o.status = 201
		put(t, st, from, called(true))
		require.NoError(t, q.Drain(t.Context()))
		require.Equal(t, []string{"r1 erp erp#5 201 "}, o.answered)
		require.Zero(t, left(t, st))
	})
	t.Run("and_to_nobody_else", func(t *testing.T) {
		st, _, o, q := open(t, true)
		put(t, st, from, called(false))
		require.NoError(t, q.Drain(t.Context()))
		require.Empty(t, o.answered)
		require.Zero(t, left(t, st))
	})
	t.Run("a_failure_is_told_also_when_nobody_waits", func(t *testing.T) {
		st, _, o, q := open(t, true)
		o.err = fault.Define(fault.Forbidden, "test.refused", "The peer refused it.", "对方拒绝。").With(nil)
		put(t, st, from, called(false))
		require.NoError(t, q.Drain(t.Context()))
		require.Equal(t, []string{"r1 erp erp#5 0 The peer refused it."}, o.answered)
	})
	t.Run("without_a_caller_calls_wait", func(t *testing.T) {
		st, _, o, q := open(t, false)
		put(t, st, from, called(true))
		require.NoError(t, q.Drain(t.Context()))
		require.Empty(t, o.answered)
		require.EqualValues(t, 1, left(t, st))
	})
}

func TestReply(t *testing.T) {
	t.Run("the_end_of_a_record_is_told_once", func(t *testing.T) {
		st, _, o, q := open(t, false)
		w, err := errands.Reply(from.Home, "c1-ended-9", engine.Reply{Block: "make", Frame: "make#4", Outcome: "won"}, store.MomentOf(monday))
		require.NoError(t, err)
		require.NoError(t, st.Apply(t.Context(), w, w))
		require.NoError(t, q.Drain(t.Context()))
		require.Equal(t, []string{"r1 make make#4 won0 "}, o.answered)
		stats, err := q.Stats(t.Context())
		require.NoError(t, err)
		require.Zero(t, stats.Pending)
		require.Error(t, q.Retry(t.Context(), "c1-ended-9"))
	})
}
