package throttle

import (
	"context"
	"time"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Breaker is whether a peer is called.
type Breaker string

// The states of a breaker.
const (
	Closed   Breaker = "closed"   // it works
	Open     Breaker = "open"     // it kept failing and is left alone
	HalfOpen Breaker = "halfOpen" // one message is tried
)

// State is what an operator sees of a channel.
type State struct {
	Breaker   Breaker
	OpenUntil store.Moment // Open only
	Failures  int          // in a row
	BusyUntil store.Moment // the peer asked for a pause until then; zero when there is none
	Error     problem.Text // of the last failure, however long ago
	ErrorAt   store.Moment
	WorkedAt  store.Moment // when a message last arrived, to the minute
}

// State reads how a channel is doing.
func (t *Throttle) State(ctx context.Context) (State, error) {
	a, err := t.load(ctx, t.config.ID)
	if err != nil {
		return State{}, err
	}
	now := t.clock.Now()
	s := State{Breaker: Closed, Failures: a.Failures, Error: a.Error, ErrorAt: a.ErrorAt, WorkedAt: a.WorkedAt}
	switch {
	case a.OpenUntil.After(now):
		s.Breaker, s.OpenUntil = Open, a.OpenUntil
	case !a.OpenUntil.IsZero():
		s.Breaker = HalfOpen
	}
	if a.BusyUntil.After(now) {
		s.BusyUntil = a.BusyUntil
	}
	return s, nil
}

// PerMinute is how many messages a minute the slowest of some rates lets through in the long run; 0 is no limit.
func PerMinute(rates []Rate) float64 {
	slowest := 0.0
	for _, r := range rates {
		if n := float64(time.Minute) / float64(r.Every); slowest == 0 || n < slowest {
			slowest = n
		}
	}
	return slowest
}
