package migrate_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/migrate"
	"github.com/stepwell/stepwell/internal/store/storetest"
)

func step(name string, runs *[]string) migrate.Step {
	return migrate.Step{Name: name, Run: func(context.Context, store.Store) error {
		*runs = append(*runs, name)
		return nil
	}}
}

func TestRun(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	engines := map[string]func(*testing.T) store.Store{
		"embedded": func(t *testing.T) store.Store { return storetest.OpenEmbedded(t) },
		"mongodb":  func(t *testing.T) store.Store { return storetest.OpenMongoDB(t) },
	}
	cases := map[string]func(*testing.T, store.Store){
		"applies_what_is_missing_once_and_in_order": func(t *testing.T, s store.Store) {
			var runs []string
			b, a, c := step("b", &runs), step("a", &runs), step("c", &runs)
			require.NoError(t, migrate.Run(t.Context(), s, clock.NewManual(now), []migrate.Step{b, a}))
			require.NoError(t, migrate.Run(t.Context(), s, clock.NewManual(now), []migrate.Step{b, a, c}))
			require.NoError(t, migrate.Run(t.Context(), s, clock.NewManual(now), []migrate.Step{b, a, c}))
			require.Equal(t, []string{"b", "a", "c"}, runs)
		},
		"a_failed_step_runs_again_and_holds_back_the_rest": func(t *testing.T, s store.Store) {
			var runs []string
			broken := errors.New("broken")
			fail := migrate.Step{Name: "b", Run: func(context.Context, store.Store) error { return broken }}
			require.ErrorIs(t, migrate.Run(t.Context(), s, clock.NewManual(now), []migrate.Step{step("a", &runs), fail, step("c", &runs)}), broken)
			require.NoError(t, migrate.Run(t.Context(), s, clock.NewManual(now), []migrate.Step{step("a", &runs), step("b", &runs), step("c", &runs)}))
			require.Equal(t, []string{"a", "b", "c"}, runs)
		},
		"refuses_data_of_a_newer_program": func(t *testing.T, s store.Store) {
			var runs []string
			require.NoError(t, migrate.Run(t.Context(), s, clock.NewManual(now), []migrate.Step{step("a", &runs), step("z", &runs)}))
			err := migrate.Run(t.Context(), s, clock.NewManual(now), []migrate.Step{step("a", &runs)})
			require.True(t, fault.Has(err, migrate.ErrNewer), err)
		},
		"many_copies_starting_together_run_each_step_once": func(t *testing.T, s store.Store) {
			var n atomic.Int64
			steps := []migrate.Step{
				{Name: "one", Run: func(context.Context, store.Store) error { n.Add(1); return nil }},
				{Name: "two", Run: func(context.Context, store.Store) error { n.Add(100); return nil }},
			}
			require.NoError(t, migrate.Run(t.Context(), s, clock.Real{}, nil), "the collections stand, as after any earlier start")
			errs := make(chan error)
			for range 8 {
				go func() { errs <- migrate.Run(t.Context(), s, clock.Real{}, steps) }()
			}
			for range 8 {
				require.NoError(t, <-errs)
			}
			require.EqualValues(t, 101, n.Load())
		},
		"a_silent_copys_lease_lapses": func(t *testing.T, s store.Store) {
			var runs []string
			ck := clock.NewManual(now)
			died, cancel := context.WithCancel(t.Context())
			stuck := migrate.Step{Name: "a", Run: func(ctx context.Context, _ store.Store) error { cancel(); <-ctx.Done(); return ctx.Err() }}
			require.Error(t, migrate.Run(died, s, ck, []migrate.Step{stuck}))
			// What a killed process leaves behind: a lease that nobody gives back.
			_, err := s.FindAndUpdate(t.Context(), "migrationLocks", store.Filter{"_id": "lock"}, nil,
				store.Update{Set: map[string]any{"holder": "dead", "until": store.FormatTime(now.Add(migrate.Lease))}}, true)
			require.NoError(t, err)
			done := make(chan error)
			go func() { done <- migrate.Run(t.Context(), s, ck, []migrate.Step{step("a", &runs)}) }()
			for {
				select {
				case err := <-done:
					require.NoError(t, err)
					require.Equal(t, []string{"a"}, runs)
					require.False(t, ck.Now().Before(now.Add(migrate.Lease)))
					return
				default:
					ck.Advance(100 * time.Millisecond)
				}
			}
		},
	}
	for engine, open := range engines {
		t.Run(engine, func(t *testing.T) {
			for name, run := range cases {
				t.Run(name, func(t *testing.T) { run(t, open(t)) })
			}
		})
	}
}
