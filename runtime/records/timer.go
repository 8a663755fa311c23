package records

import (
	"context"
	"time"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/queue"
	"github.com/stepwell/stepwell/runtime/timers"
)

// Fire tells a record that a moment of a deadline has come, for timers.Queue. It asks first whether the timer is still this
// worker's; a worker that is paused right after that does no harm either, because the record tells each moment once.
func (s *Service) Fire(ctx context.Context, t timers.Timer) error {
	if err := queue.Fence(ctx); err != nil {
		return err
	}
	if claim, ok := t.Claim(); ok {
		return s.TakeBack(ctx, t.App, t.Form, t.Record, claim)
	}
	w, err := s.run(ctx, Request{
		App: t.App, Form: t.Form, ID: t.Record, Via: "timer",
		Command: engine.Command{Kind: engine.Fire, Timer: t.TimerRef},
	})
	if refusal, ok := fault.As(err); ok && refusal.Code == engine.ErrEarly {
		if due, ok := refusal.Params["due"].(time.Time); ok {
			return queue.Later(due, store.Update{})
		}
	}
	switch {
	case fault.Has(err, ErrNotFound):
		return nil // deleted with its record
	case err != nil:
		return err
	case timers.Removes(w.decision.Events, t.TimerRef):
		return queue.ErrRemoved
	}
	return nil
}
