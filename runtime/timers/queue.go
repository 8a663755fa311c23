package timers

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/queue"
)

// Fire tells a record that a timer's moment has come. It must be repeatable. It returns queue.ErrRemoved when what was written
// has removed the timer, nil when the record has moved on or is gone, and queue.Later when the moment has not come yet.
type Fire func(ctx context.Context, t Timer) error

// How many timers fire side by side, and how many are claimed at once. Those of one record come one after the other.
const (
	workers = 16
	batch   = 128
)

// Queue fires timers. Any number of server copies may run one on the same store.
type Queue struct {
	jobs  *queue.Queue
	clock clock.Clock
}

// New makes a queue that does nothing until Run or Drain is called.
func New(st store.Store, ck clock.Clock, fire Fire, log *slog.Logger) *Queue {
	return &Queue{clock: ck, jobs: queue.New(st, ck, queue.Config{
		Name: Collection, Collection: Collection, Log: log, Workers: workers, Batch: batch,
		Group: func(doc store.Doc) string {
			t, err := read(doc)
			if err != nil {
				return string(doc) // it fails by itself
			}
			return t.Record
		},
		Do: func(ctx context.Context, doc store.Doc) (store.Update, error) {
			t, err := read(doc)
			if err != nil {
				return store.Update{}, queue.Permanent(err)
			}
			return store.Update{}, fire(ctx, t)
		},
	})}
}

// Run fires timers as they come due, until ctx ends; it returns when those under way have ended too.
func (q *Queue) Run(ctx context.Context) { q.jobs.Run(ctx) }

// Drain fires everything that is due now, including what falls due through it, and returns when all has ended. It must
// not be called from inside Fire.
func (q *Queue) Drain(ctx context.Context) error { return q.jobs.Drain(ctx) }

// AdvanceTo moves a manual clock forward from due moment to due moment, firing each timer at its own, so that a jump of
// days gives what those days would have given. after, when not nil, runs at every stop once the timers have fired.
// The clock ends at the target; a target in the past only sets it.
func (q *Queue) AdvanceTo(ctx context.Context, ck *clock.Manual, target time.Time, after func(context.Context) error) error {
	for {
		next, ok, err := q.jobs.Next(ctx)
		if err != nil {
			return err
		}
		last := !ok || next.After(target)
		switch {
		case last:
			ck.Set(target)
		case next.After(ck.Now()):
			ck.Set(next)
		}
		if err := q.Drain(ctx); err != nil {
			return err
		}
		if after != nil {
			if err := after(ctx); err != nil {
				return err
			}
		}
		if last {
			return nil
		}
	}
}

// Nudge tells of a timer just written for that moment, so that one due at once does not wait for the next look.
func (q *Queue) Nudge(fireAt time.Time) {
	if !fireAt.IsZero() && fireAt.Sub(q.clock.Now()) < time.Second {
		q.jobs.Nudge()
	}
}

// Next is the moment of the next timer, or of the next attempt of one that failed; false when none waits.
func (q *Queue) Next(ctx context.Context) (time.Time, bool, error) { return q.jobs.Next(ctx) }

// Stats counts timers and tells the age of the oldest that is due and not fired.
func (q *Queue) Stats(ctx context.Context) (queue.Stats, error) { return q.jobs.Stats(ctx) }

// Dead lists timers that were given up, by id, after the one named.
func (q *Queue) Dead(ctx context.Context, after string, limit int) ([]Timer, error) {
	docs, err := q.jobs.Dead(ctx, after, limit)
	if err != nil {
		return nil, err
	}
	timers := make([]Timer, len(docs))
	for i, doc := range docs {
		if timers[i], err = read(doc); err != nil {
			return nil, err
		}
	}
	return timers, nil
}

// Retry fires a given-up timer again; queue.ErrNotDead when there is none of that id.
func (q *Queue) Retry(ctx context.Context, id string) error { return q.jobs.Retry(ctx, id) }

func read(doc store.Doc) (Timer, error) {
	var t Timer
	if err := json.Unmarshal(doc, &t); err != nil {
		return Timer{}, fmt.Errorf("read timer: %w", err)
	}
	return t, nil
}
