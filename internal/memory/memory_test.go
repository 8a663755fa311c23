package memory

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/clock"
)

func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		given, freed := 0, 0
		k := New(clock.Real{}, slog.New(slog.DiscardHandler), func(context.Context) error { given++; return errors.New("busy") })
		k.free = func() { freed++ }
		done := make(chan struct{})
		go func() { defer close(done); k.Run(ctx) }()
		after := func(d time.Duration, want int) {
			t.Helper()
			require.NoError(t, clock.Real{}.Wait(ctx, d))
			synctest.Wait()
			require.Equal(t, want, given)
			require.Equal(t, want, freed, "also when something could not be given back")
		}
		after(idle+time.Second, 1)
		after(10*idle, 1) // nothing happened: there is nothing more to give
		for range 20 {    // in use all the time
			k.Used()
			after(idle/2, 1)
		}
		after(2*idle, 2)
		after(10*idle, 2)
		cancel()
		<-done
	})
}
