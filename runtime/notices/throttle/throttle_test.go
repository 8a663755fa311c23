package throttle_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/storetest"
	"github.com/stepwell/stepwell/runtime/notices/throttle"
	"github.com/stepwell/stepwell/schemas/problem"
)

var monday = time.Date(2026, 3, 2, 9, 10, 0, 0, time.UTC)

func half() float64 { return 0.5 }

func open(t *testing.T) (store.Store, *clock.Manual) {
	t.Helper()
	st := storetest.Open(t)
	require.NoError(t, st.EnsureIndexes(t.Context(), throttle.Collection))
	return st, clock.NewManual(monday)
}

// passes asks the gate until it is shut, at most so often, and counts how often it was open.
func passes(t *testing.T, th *throttle.Throttle, ck clock.Clock, most int) int {
	t.Helper()
	for n := range most {
		free, err := th.Gate(t.Context())
		require.NoError(t, err)
		if free.After(ck.Now()) {
			return n
		}
	}
	return most
}

func TestGate(t *testing.T) {
	t.Run("server_copies_share_every_rate_of_a_channel", func(t *testing.T) {
		st, ck := open(t)
		c := throttle.Config{ID: "robot", Random: half, Rates: []throttle.Rate{{Every: 3 * time.Second, Burst: 5}, {Every: 250 * time.Millisecond, Burst: 2}}}
		one, two := throttle.New(st, ck, c), throttle.New(st, ck, c)
		require.Equal(t, 1, passes(t, one, ck, 1))
		require.Equal(t, 1, passes(t, two, ck, 10), "two at once")
		ck.Advance(250 * time.Millisecond)
		require.Equal(t, 1, passes(t, one, ck, 10), "then one each quarter of a second")
		ck.Advance(time.Second)
		require.Equal(t, 2, passes(t, two, ck, 10), "until five are gone")
		ck.Advance(time.Second)
		require.Zero(t, passes(t, one, ck, 10))
		ck.Advance(2 * time.Second)
		require.Equal(t, 1, passes(t, one, ck, 10))
	})

	t.Run("one_free_place_is_given_to_one", func(t *testing.T) {
		st, ck := open(t)
		var through sync.Map
		var copies sync.WaitGroup
		for i := range 8 {
			th := throttle.New(st, ck, throttle.Config{ID: "robot", Rates: []throttle.Rate{{Every: time.Minute, Burst: 3}}})
			copies.Go(func() {
				free, err := th.Gate(t.Context())
				if err != nil {
					t.Error(err)
				}
				if !free.After(ck.Now()) {
					through.Store(i, true)
				}
			})
		}
		copies.Wait()
		n := 0
		through.Range(func(any, any) bool { n++; return true })
		require.Equal(t, 3, n)
	})

	t.Run("full_and_half_hours_are_kept_free", func(t *testing.T) {
		st, ck := open(t)
		th := throttle.New(st, ck, throttle.Config{ID: "robot", OffHour: true, Random: half})
		for at, want := range map[string]string{
			"09:59:59": "09:59:59", "10:00:00": "10:01:30", "10:00:59": "10:01:30", "10:01:00": "10:01:00", "10:30:10": "10:31:30", "10:29:59": "10:29:59",
		} {
			moment := func(s string) time.Time {
				m, err := time.Parse(time.DateTime, "2026-03-02 "+s)
				require.NoError(t, err)
				return m
			}
			ck.Set(moment(at))
			free, err := th.Gate(t.Context())
			require.NoError(t, err)
			require.Equal(t, moment(want), free.UTC(), at)
		}
	})

	t.Run("a_peer_that_asked_for_a_pause_is_left_alone", func(t *testing.T) {
		st, ck := open(t)
		th := throttle.New(st, ck, throttle.Config{ID: "robot"})
		require.NoError(t, th.Busy(t.Context(), monday.Add(10*time.Minute), problem.Plain("slow down")))
		require.NoError(t, th.Busy(t.Context(), monday.Add(time.Minute), problem.Plain("slow down")), "a shorter pause does not shorten it")
		free, err := th.Gate(t.Context())
		require.NoError(t, err)
		require.Equal(t, monday.Add(10*time.Minute), free)
		s, err := th.State(t.Context())
		require.NoError(t, err)
		require.Equal(t, "slow down", s.Error.In("en"))
		require.Equal(t, monday.Add(10*time.Minute), s.BusyUntil.Time)
		ck.Advance(10 * time.Minute)
		free, err = th.Gate(t.Context())
		require.NoError(t, err)
		require.False(t, free.After(ck.Now()))
	})
}

func TestTurn(t *testing.T) {
	t.Run("each_member_has_a_row_of_their_own", func(t *testing.T) {
		st, ck := open(t)
		th := throttle.New(st, ck, throttle.Config{ID: "app", Member: []throttle.Rate{{Every: 3 * time.Second, Burst: 2}}})
		var got []time.Duration
		for range 4 {
			turn, err := th.Turn(t.Context(), "li")
			require.NoError(t, err)
			got = append(got, turn.Sub(monday)/time.Second)
		}
		require.Equal(t, []time.Duration{0, 0, 3, 6}, got)
		turn, err := th.Turn(t.Context(), "wang")
		require.NoError(t, err)
		require.Equal(t, monday, turn)
	})
	t.Run("no_turn_falls_into_a_minute_that_is_kept_free", func(t *testing.T) {
		st, ck := open(t)
		ck.Set(time.Date(2026, 3, 2, 9, 59, 50, 0, time.UTC))
		th := throttle.New(st, ck, throttle.Config{ID: "app", OffHour: true, Random: half, Member: []throttle.Rate{{Every: 5 * time.Second, Burst: 1}}})
		var got []string
		for range 5 {
			turn, err := th.Turn(t.Context(), "li")
			require.NoError(t, err)
			got = append(got, turn.UTC().Format(time.TimeOnly))
		}
		require.Equal(t, []string{"09:59:50", "09:59:55", "10:01:30", "10:01:35", "10:01:40"}, got)
	})
	t.Run("without_a_rate_it_is_always_now", func(t *testing.T) {
		st, ck := open(t)
		turn, err := throttle.New(st, ck, throttle.Config{ID: "app"}).Turn(t.Context(), "li")
		require.NoError(t, err)
		require.Equal(t, monday, turn)
	})
}

// TestRates draws rates and moments of asking, and looks at every stretch of time between two messages that got through.
func TestRates(t *testing.T) {
	st, _ := open(t)
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		ck := clock.NewManual(monday)
		rates := []throttle.Rate{
			{Every: 3 * time.Second, Burst: rapid.IntRange(1, 10).Draw(rt, "burst")},
			{Every: time.Duration(rapid.IntRange(1, 5000).Draw(rt, "every")) * time.Millisecond, Burst: rapid.IntRange(1, 4).Draw(rt, "burst2")},
		}
		th := throttle.New(st, ck, throttle.Config{ID: fmt.Sprint("line", run), Rates: rates, Member: rates})
		var gate, turns []time.Time
		for range rapid.IntRange(1, 15).Draw(rt, "asks") {
			ck.Advance(time.Duration(rapid.IntRange(0, 8000).Draw(rt, "wait")) * time.Millisecond)
			free, err := th.Gate(t.Context())
			require.NoError(rt, err)
			if !free.After(ck.Now()) {
				gate = append(gate, ck.Now())
			}
			turn, err := th.Turn(t.Context(), "li")
			require.NoError(rt, err)
			turns = append(turns, turn)
		}
		require.True(rt, slices.IsSortedFunc(turns, time.Time.Compare), "a row keeps its order")
		for _, sent := range [][]time.Time{gate, turns} {
			for i := range sent {
				for j := i; j < len(sent); j++ {
					for _, r := range rates {
						require.LessOrEqual(rt, j-i+1, r.Burst+int(sent[j].Sub(sent[i])/r.Every), "%v", r)
					}
				}
			}
		}
	})
}

func TestBreaker(t *testing.T) {
	st, ck := open(t)
	th := throttle.New(st, ck, throttle.Config{ID: "app", Random: func() float64 { return 0 }})
	other := throttle.New(st, ck, throttle.Config{ID: "app", Random: func() float64 { return 0 }})
	shut := func(th *throttle.Throttle) time.Duration {
		t.Helper()
		free, err := th.Gate(t.Context())
		require.NoError(t, err)
		return max(0, free.Sub(ck.Now()))
	}
	state := func() throttle.State {
		t.Helper()
		s, err := other.State(t.Context())
		require.NoError(t, err)
		return s
	}
	fail := func(n int) {
		t.Helper()
		for range n {
			require.NoError(t, th.Failed(t.Context(), problem.Plain("no route")))
		}
	}

	fail(4)
	require.Zero(t, shut(other), "four failures are bad luck")
	recovered, err := other.Worked(t.Context())
	require.NoError(t, err)
	require.False(t, recovered)
	fail(4)
	require.Equal(t, throttle.Closed, state().Breaker, "a message that arrived begins the count anew")
	fail(1)
	require.Equal(t, throttle.Open, state().Breaker)
	require.Equal(t, "no route", state().Error.In("en"))
	require.Equal(t, time.Minute, shut(th))
	require.Equal(t, time.Minute, shut(other), "every server copy leaves the peer alone")
	fail(3)
	require.Equal(t, time.Minute, shut(th), "what was under way does not lengthen it")

	ck.Advance(time.Minute)
	require.Equal(t, throttle.HalfOpen, state().Breaker)
	require.Zero(t, shut(th), "one message is tried")
	require.Equal(t, 90*time.Second, shut(other), "and only one")
	require.NoError(t, other.Unused(t.Context()), "who holds no try gives none back")
	require.Equal(t, 90*time.Second, shut(other))
	require.NoError(t, th.Unused(t.Context()))
	require.Zero(t, shut(other), "a try that was not made is made by another message")
	require.NoError(t, other.Failed(t.Context(), problem.Plain("no route")))
	require.Equal(t, 2*time.Minute, shut(th), "a failed try doubles the pause")

	for range 6 {
		ck.Advance(shut(th))
		require.Zero(t, shut(th))
		fail(1)
	}
	require.Equal(t, 10*time.Minute, shut(th), "up to ten minutes")

	ck.Advance(10 * time.Minute)
	require.Zero(t, shut(th))
	ck.Advance(90 * time.Second)
	require.Zero(t, shut(other), "a try of which nothing is heard is made again")
	recovered, err = other.Worked(t.Context())
	require.NoError(t, err)
	require.True(t, recovered)
	s := state()
	require.Equal(t, throttle.Closed, s.Breaker)
	require.Zero(t, s.Failures)
	require.Equal(t, ck.Now().Truncate(time.Minute), s.WorkedAt.Time)
	require.Zero(t, shut(th))
	fail(5)
	require.Equal(t, time.Minute, shut(th), "the next outage begins with a short pause")
}

func TestPerMinute(t *testing.T) {
	require.Zero(t, throttle.PerMinute(nil))
	require.InDelta(t, 15, throttle.PerMinute([]throttle.Rate{{Every: time.Second}, {Every: 4 * time.Second}}), 1e-9)
}
