// Package timers stores the moments of deadlines and fires them when they come.
//
// The records pipeline writes timers with Writes, as projections of the engine's events. A fired timer is an engine
// command; a record that has moved on ignores it. So it does no harm when a late projection brings a cleared timer
// back, or when one fires twice.
package timers

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/queue"
)

// Collection holds the timers.
const Collection = "timers"

// Home is the record that a deadline belongs to.
type Home struct {
	App    string `json:"app"`
	Form   string `json:"form"`
	Record string `json:"record"`
}

// Timer is one moment of a deadline, waiting to fire.
type Timer struct {
	ID string `json:"_id"`
	Home
	engine.TimerRef
	queue.Job
}

// ID names the timer of a record's deadline; the same moment has always the same id. It holds no character that a URL
// would need to escape.
func ID(record string, ref engine.TimerRef) string {
	return record + "-" + strings.ReplaceAll(ref.Deadline, "#", "-") + "-" + strconv.Itoa(ref.Remind)
}

// Indexes are what the collection needs.
func Indexes() []store.Index { return queue.Indexes() }

// Writes is what an event means for the timers: a deadline that is set adds one for each of its moments, a cleared
// one removes its own, and a decision that is undone brings those back that it had cleared. The event does not name the reminders of a cleared deadline; the record ignores them when they
// fire. Other events mean nothing. The writes may be repeated.
func Writes(home Home, ev engine.Event) ([]store.Write, error) {
	switch ev.Kind { //nolint:exhaustive // the other events do not concern deadlines
	case engine.DeadlineSet, engine.Undone:
		writes := make([]store.Write, len(ev.Timers))
		for i, t := range ev.Timers {
			timer := Timer{ID: ID(home.Record, t.TimerRef), Home: home, TimerRef: t.TimerRef, Job: queue.At(t.FireAt)}
			doc, err := json.Marshal(timer)
			if err != nil {
				return nil, fmt.Errorf("write timer %s: %w", timer.ID, err)
			}
			writes[i] = store.Write{Op: store.OpAdd, Collection: Collection, ID: timer.ID, Doc: doc}
		}
		return writes, nil
	case engine.DeadlineCleared:
		id := ID(home.Record, engine.TimerRef{Deadline: ev.Deadline})
		return []store.Write{{Op: store.OpDelete, Collection: Collection, ID: id}}, nil
	default:
		return nil, nil
	}
}

// Earliest is the first moment among the timers that these events set; zero when they set none. Give it to
// Queue.Nudge after the writes.
func Earliest(events []engine.Event) time.Time {
	var first time.Time
	for _, ev := range events {
		if ev.Kind != engine.DeadlineSet && ev.Kind != engine.Undone {
			continue
		}
		for _, t := range ev.Timers {
			if first.IsZero() || t.FireAt.Before(first) {
				first = t.FireAt
			}
		}
	}
	return first
}
