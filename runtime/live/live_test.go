package live_test

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/storetest"
	"github.com/stepwell/stepwell/runtime/live"
)

var (
	monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	quiet  = slog.New(slog.DiscardHandler)
)

func all(context.Context, live.Event) bool { return true }

// run starts a hub and waits until its first watch stands, which it tells by a resync.
func run(t *testing.T, h *live.Hub) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	events := h.Subscribe(ctx, all)
	var running sync.WaitGroup
	running.Go(func() { h.Run(ctx) })
	require.Equal(t, live.Event{Type: live.Resync}, <-events)
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	go func() {
		for range events {
			continue // this subscription has done its part
		}
	}()
}

func put(t *testing.T, st store.Store, collection, id string) {
	t.Helper()
	doc := fmt.Appendf(nil, `{"_id":%q}`, id)
	require.NoError(t, st.Apply(t.Context(), store.Write{Op: store.OpPut, Collection: collection, ID: id, Doc: doc}))
}

func changed(collection, id string) live.Event {
	return live.Event{Type: live.Changed, Collection: collection, ID: id}
}

func TestHub(t *testing.T) {
	t.Run("writes_and_deletions_are_told_by_name", func(t *testing.T) {
		st := storetest.Open(t)
		h := live.New(st, clock.NewManual(monday), quiet, "tasks", "notices")
		run(t, h)
		events := h.Subscribe(t.Context(), all)
		put(t, st, "tasks", "t1")
		put(t, st, "other", "x")
		require.NoError(t, st.Apply(t.Context(), store.Write{Op: store.OpDelete, Collection: "tasks", ID: "t1"}))
		put(t, st, "notices", "n1")
		require.Equal(t, changed("tasks", "t1"), <-events)
		require.Equal(t, live.Event{Type: live.Deleted, Collection: "tasks", ID: "t1"}, <-events)
		require.Equal(t, changed("notices", "n1"), <-events)
	})

	t.Run("a_filter_decides_for_its_subscriber_alone", func(t *testing.T) {
		st := storetest.Open(t)
		h := live.New(st, clock.NewManual(monday), quiet, "tasks")
		run(t, h)
		mine := h.Subscribe(t.Context(), func(_ context.Context, e live.Event) bool { return e.ID == "mine" })
		everything := h.Subscribe(t.Context(), all)
		put(t, st, "tasks", "theirs")
		put(t, st, "tasks", "mine")
		require.Equal(t, changed("tasks", "mine"), <-mine)
		require.Equal(t, changed("tasks", "theirs"), <-everything)
		require.Equal(t, changed("tasks", "mine"), <-everything)
	})

	t.Run("two_server_copies_tell_of_each_others_writes", func(t *testing.T) {
		st := storetest.Open(t)
		one := live.New(st, clock.NewManual(monday), quiet, "tasks")
		two := live.New(st, clock.NewManual(monday), quiet, "tasks")
		run(t, one)
		run(t, two)
		a, b := one.Subscribe(t.Context(), all), two.Subscribe(t.Context(), all)
		put(t, st, "tasks", "t1")
		require.Equal(t, changed("tasks", "t1"), <-a)
		require.Equal(t, changed("tasks", "t1"), <-b)
	})

	t.Run("a_form_published_later_is_watched_from_then_on", func(t *testing.T) {
		st := storetest.Open(t)
		h := live.New(st, clock.NewManual(monday), quiet, "tasks")
		run(t, h)
		events := h.Subscribe(t.Context(), all)
		h.Watch("tasks", "records-sales-visit")
		require.Equal(t, live.Event{Type: live.Resync}, <-events, "what was written before the watch stood was not seen")
		put(t, st, "records-sales-visit", "v1")
		require.Equal(t, changed("records-sales-visit", "v1"), <-events)
	})

	t.Run("a_subscriber_that_leaves_is_forgotten", func(t *testing.T) {
		h := live.New(storetest.Open(t), clock.NewManual(monday), quiet, "tasks")
		ctx, cancel := context.WithCancel(t.Context())
		events := h.Subscribe(ctx, all)
		require.Equal(t, 1, h.Subscribers())
		cancel()
		_, open := <-events
		require.False(t, open)
		require.Zero(t, h.Subscribers())
	})

	t.Run("silence_is_broken_by_heartbeats", func(t *testing.T) {
		ck := clock.NewManual(monday)
		h := live.New(storetest.Open(t), ck, quiet, "tasks")
		run(t, h)
		events := h.Subscribe(t.Context(), all)
		beat := make(chan live.Event)
		go func() { beat <- <-events }()
		for {
			select {
			case e := <-beat:
				require.Equal(t, live.Event{Type: live.Heartbeat}, e)
				return
			default:
				ck.Advance(25 * time.Second)
			}
		}
	})
}

func TestSlowSubscriber(t *testing.T) {
	st := newScripted()
	h := live.New(st, clock.NewManual(monday), quiet, "tasks")
	run(t, h)
	slow := h.Subscribe(t.Context(), all)
	quick := h.Subscribe(t.Context(), all)
	const n = 1000
	for i := range n {
		st.changes <- store.Change{Collection: "tasks", ID: strconv.Itoa(i)}
		require.Equal(t, strconv.Itoa(i), (<-quick).ID, "nobody waits for the slow one")
	}

	seen := 0
	for e := range slow {
		if e.Type == live.Resync {
			break
		}
		require.Equal(t, strconv.Itoa(seen), e.ID)
		seen++
	}
	require.Less(t, seen, n)
	st.changes <- store.Change{Collection: "tasks", ID: "afterwards"}
	require.Equal(t, changed("tasks", "afterwards"), <-slow, "after the resync it hears what is new")
}

func TestLostWatch(t *testing.T) {
	t.Run("a_store_that_lost_changes_makes_everybody_load_again", func(t *testing.T) {
		st := newScripted()
		h := live.New(st, clock.NewManual(monday), quiet, "tasks")
		run(t, h)
		events := h.Subscribe(t.Context(), all)
		st.changes <- store.Change{Collection: "tasks"}
		require.Equal(t, live.Event{Type: live.Resync}, <-events)
	})

	t.Run("a_watch_that_ends_or_fails_is_begun_again_and_then_everybody_loads_again", func(t *testing.T) {
		st := newScripted()
		h := live.New(st, skipping{clock.NewManual(monday)}, quiet, "tasks")
		run(t, h)
		events := h.Subscribe(t.Context(), all)
		st.fail(2)
		st.end()
		for e := range events {
			if e.Type == live.Resync {
				break
			}
		}
		require.Zero(t, st.failures)
		st.changes <- store.Change{Collection: "tasks", ID: "t1"}
		for e := range events {
			if e.Type != live.Heartbeat {
				require.Equal(t, changed("tasks", "t1"), e)
				break
			}
		}
	})
}

// scripted is a store whose watch tells what the test says.
type scripted struct {
	store.Store
	changes chan store.Change

	mu       sync.Mutex
	failures int
	stop     chan struct{}
}

func newScripted() *scripted {
	return &scripted{changes: make(chan store.Change), stop: make(chan struct{})}
}

func (s *scripted) fail(times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures = times
}

func (s *scripted) end() { s.stop <- struct{}{} }

func (s *scripted) Watch(ctx context.Context, _ ...string) (<-chan store.Change, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failures > 0 {
		s.failures--
		return nil, store.ErrUnavailable.With(nil)
	}
	out := make(chan store.Change)
	go func() {
		defer close(out)
		for {
			select {
			case <-ctx.Done():
				return
			case <-s.stop:
				return
			case c := <-s.changes:
				out <- c
			}
		}
	}()
	return out, nil
}

// skipping is a clock on which a short wait takes no time; heartbeats are left out.
type skipping struct{ *clock.Manual }

func (c skipping) Wait(ctx context.Context, d time.Duration) error {
	if d > time.Second {
		<-ctx.Done()
	}
	return ctx.Err()
}
