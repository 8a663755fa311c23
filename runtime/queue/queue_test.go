package queue_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/storetest"
	"github.com/stepwell/stepwell/runtime/queue"
)

const jobs = "jobs"

var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

type job struct {
	ID string `json:"_id"`
	queue.Job
}

func open(t *testing.T) (store.Store, *clock.Manual) {
	t.Helper()
	st := storetest.Open(t)
	require.NoError(t, st.EnsureIndexes(t.Context(), jobs, queue.Indexes()...))
	return st, clock.NewManual(monday)
}

func add(t *testing.T, st store.Store, id string, due time.Time) {
	t.Helper()
	doc, err := json.Marshal(job{ID: id, Job: queue.At(due)})
	require.NoError(t, err)
	require.NoError(t, st.Apply(t.Context(), store.Write{Op: store.OpInsert, Collection: jobs, ID: id, Doc: doc}))
}

func load(t *testing.T, st store.Store, id string) job {
	t.Helper()
	doc, err := st.Get(t.Context(), jobs, id)
	require.NoError(t, err)
	var j job
	require.NoError(t, json.Unmarshal(doc, &j))
	return j
}

// tally counts how often each job was done.
type tally struct {
	mu   sync.Mutex
	done map[string]int
}

func (a *tally) do(_ context.Context, doc store.Doc) (store.Update, error) {
	var j job
	if err := json.Unmarshal(doc, &j); err != nil {
		return store.Update{}, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.done == nil {
		a.done = map[string]int{}
	}
	a.done[j.ID]++
	return store.Update{}, nil
}

func (a *tally) ids() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Sorted(maps.Keys(a.done))
}

// failing does every job but those named, which end as their error says.
func (a *tally) failing(errs map[string]error) queue.Do {
	return func(ctx context.Context, doc store.Doc) (store.Update, error) {
		var j job
		if err := json.Unmarshal(doc, &j); err != nil {
			return store.Update{}, err
		}
		if err := errs[j.ID]; err != nil {
			return store.Update{}, err
		}
		return a.do(ctx, doc)
	}
}

func TestDrain(t *testing.T) {
	t.Run("what_is_due_is_done_and_the_rest_waits", func(t *testing.T) {
		st, ck := open(t)
		add(t, st, "past", monday.Add(-time.Hour))
		add(t, st, "now", monday)
		add(t, st, "later", monday.Add(time.Hour))
		var a tally
		q := queue.New(st, ck, queue.Config{Collection: jobs, Do: a.do})
		require.NoError(t, q.Drain(t.Context()))
		require.Equal(t, map[string]int{"past": 1, "now": 1}, a.done)
		next, ok, err := q.Next(t.Context())
		require.NoError(t, err)
		require.True(t, ok)
		require.True(t, next.Equal(monday.Add(time.Hour)))
	})

	t.Run("an_update_keeps_the_document", func(t *testing.T) {
		st, ck := open(t)
		add(t, st, "a", monday)
		q := queue.New(st, ck, queue.Config{Collection: jobs, Do: func(context.Context, store.Doc) (store.Update, error) {
			return store.Update{Set: map[string]any{"state": "sent"}}, nil
		}})
		require.NoError(t, q.Drain(t.Context()))
		j := load(t, st, "a")
		require.Equal(t, queue.State("sent"), j.State)
		require.Empty(t, j.LeaseBy)
		require.True(t, j.ReadyAt.IsZero())
	})

	t.Run("what_falls_due_meanwhile_is_done_too", func(t *testing.T) {
		st, ck := open(t)
		add(t, st, "first", monday)
		add(t, st, "second", monday.Add(time.Hour))
		var a tally
		q := queue.New(st, ck, queue.Config{Collection: jobs, Do: func(ctx context.Context, doc store.Doc) (store.Update, error) {
			if len(a.ids()) == 0 {
				ck.Advance(time.Hour)
			}
			return a.do(ctx, doc)
		}})
		require.NoError(t, q.Drain(t.Context()))
		require.Equal(t, []string{"first", "second"}, a.ids())
	})

	t.Run("several_queues_on_one_store_do_each_job_once", func(t *testing.T) {
		st, ck := open(t)
		const n = 200
		for i := range n {
			add(t, st, fmt.Sprintf("j%03d", i), monday.Add(-time.Duration(i)*time.Minute))
		}
		var a tally
		var servers sync.WaitGroup
		for range 3 {
			q := queue.New(st, ck, queue.Config{Collection: jobs, Do: a.do})
			servers.Go(func() {
				if err := q.Drain(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		servers.Wait()
		require.Len(t, a.done, n)
		for id, times := range a.done {
			require.Equal(t, 1, times, id)
		}
		left, err := st.Count(t.Context(), jobs, nil, 0)
		require.NoError(t, err)
		require.Zero(t, left)
	})

	t.Run("a_filter_leaves_the_jobs_of_others_alone", func(t *testing.T) {
		st, ck := open(t)
		add(t, st, "mine", monday)
		add(t, st, "theirs", monday)
		var a tally
		q := queue.New(st, ck, queue.Config{Collection: jobs, Filter: store.Filter{"_id": "mine"}, Do: a.do})
		require.NoError(t, q.Drain(t.Context()))
		require.Equal(t, []string{"mine"}, a.ids())
	})
}

func TestFailure(t *testing.T) {
	broken := errors.New("the peer is confused")

	t.Run("a_bad_job_backs_off_and_blocks_nobody", func(t *testing.T) {
		st, ck := open(t)
		add(t, st, "bad", monday.Add(-time.Hour))
		add(t, st, "good", monday)
		var a tally
		q := queue.New(st, ck, queue.Config{Collection: jobs, Do: a.failing(map[string]error{"bad": broken}), Workers: 1})
		require.NoError(t, q.Drain(t.Context()))
		require.Equal(t, []string{"good"}, a.ids())
		j := load(t, st, "bad")
		require.Equal(t, 1, j.Attempts)
		require.Equal(t, "the peer is confused", j.Error)
		require.Equal(t, monday.Add(time.Second), j.ReadyAt.Time)
		require.Empty(t, j.LeaseBy)

		stats, err := q.Stats(t.Context())
		require.NoError(t, err)
		require.Equal(t, queue.Stats{Pending: 1, Overdue: time.Hour}, stats)
	})

	t.Run("after_the_last_attempt_it_is_given_up_seen_and_can_be_tried_again", func(t *testing.T) {
		st, ck := open(t)
		add(t, st, "bad", monday)
		errs := map[string]error{"bad": broken}
		var a tally
		q := queue.New(st, ck, queue.Config{Collection: jobs, Do: a.failing(errs), MaxAttempts: 3})
		for range 5 {
			require.NoError(t, q.Drain(t.Context()))
			ck.Advance(time.Minute)
		}
		dead, err := q.Dead(t.Context(), "", 10)
		require.NoError(t, err)
		require.Len(t, dead, 1)
		require.Equal(t, 3, load(t, st, "bad").Attempts)
		stats, err := q.Stats(t.Context())
		require.NoError(t, err)
		require.Equal(t, queue.Stats{Dead: 1}, stats)

		delete(errs, "bad")
		require.NoError(t, q.Retry(t.Context(), "bad"))
		require.NoError(t, q.Drain(t.Context()))
		require.Equal(t, []string{"bad"}, a.ids())
		require.True(t, fault.Has(q.Retry(t.Context(), "bad"), queue.ErrNotDead))
	})

	t.Run("a_permanent_failure_is_not_repeated", func(t *testing.T) {
		st, ck := open(t)
		add(t, st, "bad", monday)
		var a tally
		err := fmt.Errorf("send: %w", queue.Permanent(broken))
		q := queue.New(st, ck, queue.Config{Collection: jobs, Do: a.failing(map[string]error{"bad": err})})
		require.NoError(t, q.Drain(t.Context()))
		require.Equal(t, queue.Dead, load(t, st, "bad").State)
	})

	t.Run("that_something_is_out_of_reach_never_gives_a_job_up", func(t *testing.T) {
		st, ck := open(t)
		add(t, st, "a", monday)
		errs := map[string]error{"a": store.ErrUnavailable.With(nil)}
		var a tally
		q := queue.New(st, ck, queue.Config{Collection: jobs, Do: a.failing(errs), MaxAttempts: 2})
		for range 20 {
			require.NoError(t, q.Drain(t.Context()))
			ck.Advance(time.Minute)
		}
		require.Zero(t, load(t, st, "a").Attempts)
		delete(errs, "a")
		require.NoError(t, q.Drain(t.Context()))
		require.Equal(t, []string{"a"}, a.ids())
	})

	t.Run("a_panic_fails_its_job_only", func(t *testing.T) {
		st, ck := open(t)
		add(t, st, "bad", monday)
		add(t, st, "good", monday)
		var a tally
		q := queue.New(st, ck, queue.Config{Collection: jobs, Do: func(ctx context.Context, doc store.Doc) (store.Update, error) {
			var j job
			if err := json.Unmarshal(doc, &j); err != nil || j.ID == "bad" {
				panic("nil map")
			}
			return a.do(ctx, doc)
		}})
		require.NoError(t, q.Drain(t.Context()))
		require.Equal(t, []string{"good"}, a.ids())
		require.Contains(t, load(t, st, "bad").Error, "panic: nil map")
	})

	t.Run("a_job_that_hangs_is_cut_off", func(t *testing.T) {
		st, ck := open(t)
		add(t, st, "bad", monday)
		q := queue.New(st, ck, queue.Config{
			Collection: jobs, Timeout: 100 * time.Millisecond,
			Do: func(ctx context.Context, _ store.Doc) (store.Update, error) {
				<-ctx.Done()
				return store.Update{}, ctx.Err()
			},
		})
		require.NoError(t, q.Drain(t.Context()))
		require.Equal(t, 1, load(t, st, "bad").Attempts)
	})
}

func TestLease(t *testing.T) {
	const timeout = 10 * time.Second // the lease is twice as long

	t.Run("the_job_of_a_dead_server_is_taken_over_when_its_lease_lapses", func(t *testing.T) {
		st, ck := open(t)
		add(t, st, "a", monday)
		_, err := st.FindAndUpdate(t.Context(), jobs, store.Filter{"_id": "a"}, nil, store.Update{Set: map[string]any{
			"leaseBy": "a server that died", "readyAt": store.FormatTime(monday.Add(2 * timeout)),
		}}, false)
		require.NoError(t, err)
		var a tally
		q := queue.New(st, ck, queue.Config{Collection: jobs, Do: a.do, Timeout: timeout})
		require.NoError(t, q.Drain(t.Context()))
		require.Empty(t, a.ids())
		ck.Advance(2 * timeout)
		require.NoError(t, q.Drain(t.Context()))
		require.Equal(t, []string{"a"}, a.ids())
	})

	t.Run("a_server_that_slept_past_its_lease_does_not_act", func(t *testing.T) {
		st, ck := open(t)
		add(t, st, "a", monday)
		claims := 0
		sleepy := &hooked{Store: st, afterClaim: func() {
			if claims++; claims == 1 {
				ck.Advance(2 * timeout)
			}
		}}
		var a tally
		q := queue.New(sleepy, ck, queue.Config{Collection: jobs, Do: a.do, Timeout: timeout})
		require.NoError(t, q.Drain(t.Context()))
		require.Equal(t, 2, claims)
		require.Equal(t, map[string]int{"a": 1}, a.done)
	})

	t.Run("a_server_that_slept_past_its_lease_in_the_midst_of_a_job_does_not_begin_it_once_more", func(t *testing.T) {
		st, ck := open(t)
		add(t, st, "a", monday)
		began, more := 0, make(chan struct{})
		var q *queue.Queue
		q = queue.New(st, ck, queue.Config{Collection: jobs, Workers: 2, Timeout: timeout, Do: func(ctx context.Context, _ store.Doc) (store.Update, error) {
			if began++; began > 1 {
				return store.Update{}, errors.New("done already")
			}
			ck.Advance(2 * timeout)
			go func() {
				defer close(more)
				for j := load(t, st, "a"); !j.ReadyAt.After(ck.Now()); j = load(t, st, "a") { // until it is claimed anew
					q.Nudge()
				}
			}()
			<-more
			return store.Update{Set: map[string]any{"state": "sent"}}, nil
		}})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			q.Run(ctx)
		}()
		<-more
		cancel()
		<-ended
		require.Equal(t, 1, began)
		require.Equal(t, queue.State("sent"), load(t, st, "a").State)
	})

	t.Run("who_lost_the_lease_cannot_put_the_job_back", func(t *testing.T) {
		st, ck := open(t)
		add(t, st, "a", monday)
		holding := make(chan struct{})
		slow := queue.New(st, ck, queue.Config{Collection: jobs, Timeout: timeout, Do: func(ctx context.Context, _ store.Doc) (store.Update, error) {
			ck.Advance(2 * timeout)
			other := queue.New(st, ck, queue.Config{Collection: jobs, Timeout: timeout, Do: func(context.Context, store.Doc) (store.Update, error) {
				close(holding)
				return store.Update{Set: map[string]any{"state": "sent"}}, nil
			}})
			if err := other.Drain(ctx); err != nil {
				return store.Update{}, err
			}
			<-holding
			return store.Update{}, errors.New("too late")
		}})
		require.NoError(t, slow.Drain(t.Context()))
		j := load(t, st, "a")
		require.Equal(t, queue.State("sent"), j.State)
		require.Zero(t, j.Attempts)
	})

	t.Run("a_fence_stops_whoever_was_paused_past_the_lease", func(t *testing.T) {
		for name, pause := range map[string]func(*clock.Manual){
			"by_the_clock": func(ck *clock.Manual) { ck.Advance(2 * timeout) },
			// A clock that runs behind does not notice; the store does.
			"by_the_store": func(*clock.Manual) {},
		} {
			t.Run(name, func(t *testing.T) {
				st, ck := open(t)
				add(t, st, "a", monday)
				sent := []string{}
				send := func(who string) queue.Do {
					return func(ctx context.Context, _ store.Doc) (store.Update, error) {
						if err := queue.Fence(ctx); err != nil {
							return store.Update{}, err
						}
						sent = append(sent, who)
						return store.Update{Set: map[string]any{"state": "sent"}}, nil
					}
				}
				ahead := clock.NewManual(monday.Add(2 * timeout))
				other := queue.New(st, ahead, queue.Config{Collection: jobs, Timeout: timeout, Do: send("other")})
				paused := queue.New(st, ck, queue.Config{Collection: jobs, Timeout: timeout, Do: func(ctx context.Context, doc store.Doc) (store.Update, error) {
					if err := queue.Fence(ctx); err != nil {
						return store.Update{}, err
					}
					pause(ck)
					if err := other.Drain(ctx); err != nil {
						return store.Update{}, err
					}
					return send("paused")(ctx, doc)
				}})
				require.NoError(t, paused.Drain(t.Context()))
				require.Equal(t, []string{"other"}, sent)
				require.Equal(t, queue.State("sent"), load(t, st, "a").State)
				require.NoError(t, queue.Fence(t.Context()), "outside a job there is nothing to lose")
			})
		}
	})

	t.Run("a_job_done_is_written_down_however_long_the_store_was_away", func(t *testing.T) {
		st, _ := open(t)
		add(t, st, "a", monday)
		outages := 2
		away := &hooked{Store: st, beforeApply: func() error {
			if outages--; outages >= 0 {
				return store.ErrUnavailable.With(nil)
			}
			return nil
		}}
		var a tally
		const short = 300 * time.Millisecond // less than two attempts to write it down take
		q := queue.New(away, clock.Real{}, queue.Config{Collection: jobs, Do: a.do, Timeout: short})
		require.NoError(t, q.Drain(t.Context()))
		require.Equal(t, map[string]int{"a": 1}, a.done)
	})

	t.Run("a_job_done_while_the_store_was_away_is_written_down_when_it_returns", func(t *testing.T) {
		st, ck := open(t)
		add(t, st, "a", monday)
		outages := 3
		away := &hooked{Store: st, beforeApply: func() error {
			if outages--; outages >= 0 {
				return store.ErrUnavailable.With(nil)
			}
			return nil
		}}
		var a tally
		q := queue.New(away, skipping{ck}, queue.Config{Collection: jobs, Do: a.do, Timeout: timeout})
		require.NoError(t, q.Drain(t.Context()))
		require.Equal(t, map[string]int{"a": 1}, a.done)
		left, err := st.Count(t.Context(), jobs, nil, 0)
		require.NoError(t, err)
		require.Zero(t, left)
	})
}

func TestLater(t *testing.T) {
	st, ck := open(t)
	add(t, st, "a", monday)
	add(t, st, "b", monday.Add(time.Second))
	var order []string
	q := queue.New(st, ck, queue.Config{Collection: jobs, Workers: 1, Do: func(_ context.Context, doc store.Doc) (store.Update, error) {
		var j job
		if err := json.Unmarshal(doc, &j); err != nil {
			return store.Update{}, err
		}
		if j.ID == "a" && ck.Now().Before(monday.Add(time.Hour)) {
			return store.Update{}, fmt.Errorf("not now: %w", queue.Later(monday.Add(time.Hour), store.Update{Set: map[string]any{"why": "quiet"}}))
		}
		order = append(order, j.ID)
		return store.Update{}, nil
	}})
	require.NoError(t, q.Drain(t.Context()))
	j := load(t, st, "a")
	require.Equal(t, monday.Add(time.Hour), j.ReadyAt.Time)
	require.Zero(t, j.Attempts)
	require.Empty(t, j.Error+j.LeaseBy)
	ck.Advance(time.Hour)
	require.NoError(t, q.Drain(t.Context()))
	require.Equal(t, []string{"a", "b"}, order, "what was due first goes first, however often it was put off")
}

func TestGate(t *testing.T) {
	st, ck := open(t)
	for _, id := range []string{"a", "b", "c"} {
		add(t, st, id, monday)
	}
	var a tally
	free := monday
	q := queue.New(st, ck, queue.Config{Collection: jobs, Do: a.do, Gate: func(context.Context) (time.Time, error) {
		if free.After(ck.Now()) {
			return free, nil
		}
		free = free.Add(time.Minute)
		return time.Time{}, nil
	}})
	for i := 1; i <= 3; i++ {
		require.NoError(t, q.Drain(t.Context()))
		require.Len(t, a.ids(), i, "one job a minute")
		ck.Advance(time.Minute)
	}
}

func TestRun(t *testing.T) {
	done := func(told chan<- string) queue.Do {
		return func(_ context.Context, doc store.Doc) (store.Update, error) {
			var j job
			err := json.Unmarshal(doc, &j)
			told <- j.ID
			return store.Update{}, err
		}
	}
	run := func(t *testing.T, q *queue.Queue) (stop func()) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { q.Run(ctx) })
		return func() {
			cancel()
			running.Wait()
		}
	}

	t.Run("jobs_are_done_as_the_clock_passes_them", func(t *testing.T) {
		st, ck := open(t)
		told := make(chan string, 2)
		add(t, st, "second", monday.Add(2*time.Hour))
		add(t, st, "first", monday.Add(time.Hour))
		defer run(t, queue.New(st, ck, queue.Config{Collection: jobs, Do: done(told)}))()
		ck.Set(monday.Add(time.Hour))
		require.Equal(t, "first", <-told)
		ck.Set(monday.Add(2 * time.Hour))
		require.Equal(t, "second", <-told)
	})

	t.Run("a_nudge_is_enough_for_a_job_due_at_once", func(t *testing.T) {
		st, ck := open(t)
		told := make(chan string, 1)
		q := queue.New(st, ck, queue.Config{Collection: jobs, Do: done(told)})
		defer run(t, q)()
		add(t, st, "now", monday)
		q.Nudge()
		require.Equal(t, "now", <-told)
	})

	t.Run("it_goes_on_when_the_store_comes_back_and_lets_those_go_first_who_have_something_to_write_down", func(t *testing.T) {
		st, ck := open(t)
		outages, back := 3, make(chan time.Time, 1)
		away := &hooked{Store: st, beforeCount: func() error {
			switch outages--; {
			case outages >= 0:
				return store.ErrUnavailable.With(nil)
			case outages == -1:
				back <- ck.Now()
			}
			return nil
		}}
		add(t, st, "a", monday)
		begun := make(chan time.Time, 1)
		q := queue.New(away, skipping{ck}, queue.Config{Collection: jobs, Do: func(context.Context, store.Doc) (store.Update, error) {
			begun <- ck.Now()
			return store.Update{}, nil
		}})
		defer run(t, q)()
		require.GreaterOrEqual(t, (<-begun).Sub(<-back), 3*time.Second)
	})

	t.Run("a_retired_queue_finishes_what_it_has_begun_and_begins_nothing", func(t *testing.T) {
		st, ck := open(t)
		add(t, st, "a", monday)
		begun, goOn := make(chan struct{}), make(chan struct{})
		var a tally
		q := queue.New(st, ck, queue.Config{Collection: jobs, Workers: 1, Do: func(ctx context.Context, doc store.Doc) (store.Update, error) {
			close(begun)
			<-goOn
			if ctx.Err() != nil {
				return store.Update{}, ctx.Err()
			}
			return a.do(ctx, doc)
		}})
		var running sync.WaitGroup
		running.Go(func() { q.Run(t.Context()) })
		<-begun
		add(t, st, "b", monday)
		q.Retire()
		close(goOn)
		running.Wait()
		require.Equal(t, []string{"a"}, a.ids())
		require.Equal(t, queue.Pending, load(t, st, "b").State)
	})

	t.Run("the_end_of_the_server_gives_the_job_back_uncounted", func(t *testing.T) {
		st, ck := open(t)
		add(t, st, "a", monday)
		begun := make(chan struct{})
		stop := run(t, queue.New(st, ck, queue.Config{Collection: jobs, Do: func(ctx context.Context, _ store.Doc) (store.Update, error) {
			close(begun)
			<-ctx.Done()
			return store.Update{}, ctx.Err()
		}}))
		<-begun
		stop()
		j := load(t, st, "a")
		require.Equal(t, queue.Pending, j.State)
		require.Zero(t, j.Attempts)
		require.Empty(t, j.LeaseBy)
		require.Equal(t, monday, j.ReadyAt.Time)
	})
}

func TestAt(t *testing.T) {
	t.Run("a_job_is_never_a_fraction_of_a_millisecond_early", func(t *testing.T) {
		due := monday.Add(time.Microsecond)
		require.Equal(t, monday.Add(time.Millisecond), queue.At(due).DueAt.Time)
		require.Equal(t, monday, queue.At(monday).DueAt.Time)
	})
}

func TestDoubling(t *testing.T) {
	t.Run("it_doubles_up_to_the_most", func(t *testing.T) {
		wait := queue.Doubling(time.Second, 10*time.Second, 0, nil)
		var got []time.Duration
		for n := 1; n <= 6; n++ {
			got = append(got, wait(n)/time.Second)
		}
		require.Equal(t, []time.Duration{1, 2, 4, 8, 10, 10}, got)
		require.Equal(t, 10*time.Second, wait(1_000_000))
	})
	t.Run("spread_shortens_it", func(t *testing.T) {
		require.Equal(t, 8750*time.Millisecond, queue.Doubling(10*time.Second, time.Minute, 0.25, func() float64 { return 0.5 })(1))
	})
}

// hooked is a real store that a test can disturb.
type hooked struct {
	store.Store
	afterClaim               func()
	beforeApply, beforeCount func() error
}

func (h *hooked) FindAndUpdate(ctx context.Context, c string, f store.Filter, s []store.SortKey, u store.Update, upsert bool) (store.Doc, error) {
	doc, err := h.Store.FindAndUpdate(ctx, c, f, s, u, upsert)
	if err == nil && h.afterClaim != nil && u.Set["leaseBy"] != nil {
		h.afterClaim()
	}
	return doc, err
}

func (h *hooked) Apply(ctx context.Context, w ...store.Write) error {
	if h.beforeApply != nil {
		if err := h.beforeApply(); err != nil {
			return err
		}
	}
	return h.Store.Apply(ctx, w...)
}

func (h *hooked) Count(ctx context.Context, c string, f store.Filter, most int64) (int64, error) {
	if h.beforeCount != nil {
		if err := h.beforeCount(); err != nil {
			return 0, err
		}
	}
	return h.Store.Count(ctx, c, f, most)
}

// skipping is a clock on which waiting takes no time.
type skipping struct{ *clock.Manual }

func (c skipping) Wait(_ context.Context, d time.Duration) error {
	c.Advance(d)
	return nil
}
