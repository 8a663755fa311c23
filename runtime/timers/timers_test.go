package timers_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/storetest"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/timers"
)

var (
	monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	home   = timers.Home{App: "sales", Form: "opportunity", Record: "r1"}
)

func open(t *testing.T) (store.Store, *clock.Manual) {
	t.Helper()
	st := storetest.Open(t)
	require.NoError(t, st.EnsureIndexes(t.Context(), timers.Collection, timers.Indexes()...))
	return st, clock.NewManual(monday)
}

// set is the event of a deadline with its own moment first and its reminders after it.
func set(key string, moments ...time.Time) engine.Event {
	ev := engine.Event{Kind: engine.DeadlineSet, Deadline: key, DueAt: moments[0]}
	for i, at := range moments {
		ev.Timers = append(ev.Timers, engine.Timer{TimerRef: engine.TimerRef{Deadline: key, Remind: i}, FireAt: at})
	}
	return ev
}

func project(t *testing.T, st store.Store, events ...engine.Event) {
	t.Helper()
	for _, ev := range events {
		writes, err := timers.Writes(home, ev)
		require.NoError(t, err)
		require.NoError(t, st.Apply(t.Context(), writes...))
	}
}

// fired notes which timers fired, and when.
type fired struct {
	mu    sync.Mutex
	clock clock.Clock
	log   []string
}

func (f *fired) fire(_ context.Context, t timers.Timer) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log = append(f.log, fmt.Sprintf("%s %s/%d", f.clock.Now().Format("01-02 15:04"), t.Deadline, t.Remind))
	return nil
}

func TestWrites(t *testing.T) {
	due := monday.Add(48 * time.Hour)

	t.Run("a_deadline_stores_one_timer_for_each_moment", func(t *testing.T) {
		st, ck := open(t)
		project(t, st, set("sample#12", due, due.Add(-24*time.Hour)))
		ck.Set(due)
		var got []timers.Timer
		q := timers.New(st, ck, func(_ context.Context, timer timers.Timer) error {
			got = append(got, timer)
			return nil
		}, nil)
		require.NoError(t, q.AdvanceTo(t.Context(), ck, due, nil))
		require.Len(t, got, 2)
		for i, timer := range got {
			require.Equal(t, home, timer.Home)
			require.Equal(t, engine.TimerRef{Deadline: "sample#12", Remind: 1 - i}, timer.TimerRef)
			require.Equal(t, timers.ID("r1", timer.TimerRef), timer.ID)
		}
	})

	t.Run("an_id_needs_no_escaping", func(t *testing.T) {
		require.Equal(t, "r1-sample-12-1", timers.ID("r1", engine.TimerRef{Deadline: "sample#12", Remind: 1}))
	})

	t.Run("a_cleared_deadline_does_not_fire", func(t *testing.T) {
		st, ck := open(t)
		project(t, st, set("sample#12", due), engine.Event{Kind: engine.DeadlineCleared, Deadline: "sample#12"})
		_, waiting, err := timers.New(st, ck, nil, nil).Next(t.Context())
		require.NoError(t, err)
		require.False(t, waiting)
	})

	t.Run("telling_it_again_leaves_one_timer_as_it_is", func(t *testing.T) {
		st, ck := open(t)
		project(t, st, set("sample#12", due))
		bad := timers.New(st, ck, func(context.Context, timers.Timer) error { return errors.New("no") }, nil)
		ck.Set(due)
		require.NoError(t, bad.Drain(t.Context()))
		project(t, st, set("sample#12", due))
		n, err := st.Count(t.Context(), timers.Collection, store.Filter{"attempts": 1}, 0)
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
	})

	t.Run("other_events_mean_nothing", func(t *testing.T) {
		writes, err := timers.Writes(home, engine.Event{Kind: engine.TaskClosed, Task: "sample#12"})
		require.NoError(t, err)
		require.Empty(t, writes)
	})

	t.Run("the_earliest_moment_is_found", func(t *testing.T) {
		require.Equal(t, monday, timers.Earliest([]engine.Event{
			{Kind: engine.Submitted}, set("a#1", due, due.Add(time.Hour)), set("b#2", due, monday),
		}))
		require.True(t, timers.Earliest(nil).IsZero())
	})
}

func TestQueue(t *testing.T) {
	t.Run("a_jump_of_days_fires_every_timer_at_its_own_moment", func(t *testing.T) {
		st, ck := open(t)
		project(t, st,
			set("sample#12", monday.Add(48*time.Hour), monday.Add(24*time.Hour), monday.Add(72*time.Hour)),
			set("trial#20", monday.Add(60*time.Hour)),
			set("review#30", monday.Add(1000*time.Hour)),
		)
		f := &fired{clock: ck}
		q := timers.New(st, ck, f.fire, nil)
		stops := 0
		target := monday.Add(100 * time.Hour)
		require.NoError(t, q.AdvanceTo(t.Context(), ck, target, func(context.Context) error { stops++; return nil }))
		require.Equal(t, []string{"03-03 09:00 sample#12/1", "03-04 09:00 sample#12/0", "03-04 21:00 trial#20/0", "03-05 09:00 sample#12/2"}, f.log)
		require.Equal(t, target, ck.Now())
		require.Equal(t, 5, stops)
	})

	t.Run("two_server_copies_fire_no_timer_twice", func(t *testing.T) {
		st, ck := open(t)
		const n = 150
		var events []engine.Event
		for i := range n {
			events = append(events, set(fmt.Sprintf("block#%d", i), monday.Add(time.Duration(i)*time.Second)))
		}
		project(t, st, events...)
		ck.Advance(time.Hour)
		f := &fired{clock: ck}
		var copies sync.WaitGroup
		for range 2 {
			q := timers.New(st, ck, f.fire, nil)
			copies.Go(func() {
				if err := q.Drain(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		copies.Wait()
		require.Len(t, f.log, n)
		once := map[string]bool{}
		for _, line := range f.log {
			require.False(t, once[line], line)
			once[line] = true
		}
	})

	t.Run("a_running_queue_fires_what_is_written_as_already_due", func(t *testing.T) {
		st, ck := open(t)
		told := make(chan string)
		q := timers.New(st, ck, func(_ context.Context, timer timers.Timer) error {
			told <- timer.ID
			return nil
		}, nil)
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { q.Run(ctx) })
		ev := set("sample#12", monday)
		project(t, st, ev)
		q.Nudge(timers.Earliest([]engine.Event{ev}))
		require.Equal(t, "r1-sample-12-0", <-told)
		cancel()
		running.Wait()
	})

	t.Run("one_that_keeps_failing_is_given_up_listed_and_can_be_fired_again", func(t *testing.T) {
		st, ck := open(t)
		project(t, st, set("sample#12", monday), set("trial#20", monday))
		broken := true
		f := &fired{clock: ck}
		q := timers.New(st, ck, func(ctx context.Context, timer timers.Timer) error {
			if timer.Deadline == "sample#12" && broken {
				return errors.New("the flow's version is missing")
			}
			return f.fire(ctx, timer)
		}, nil)
		require.NoError(t, q.Drain(t.Context()))
		require.Equal(t, []string{"03-02 09:00 trial#20/0"}, f.log)
		stats, err := q.Stats(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 1, stats.Pending)

		require.NoError(t, q.AdvanceTo(t.Context(), ck, monday.Add(24*time.Hour), nil))
		dead, err := q.Dead(t.Context(), "", 10)
		require.NoError(t, err)
		require.Len(t, dead, 1)
		require.Equal(t, "sample#12", dead[0].Deadline)
		require.Equal(t, "the flow's version is missing", dead[0].Error)

		broken = false
		require.NoError(t, q.Retry(t.Context(), dead[0].ID))
		require.NoError(t, q.Drain(t.Context()))
		require.Len(t, f.log, 2)
	})
}
