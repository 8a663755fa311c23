// Package timers stores the moments of deadlines and fires them when they come.
//
// The records pipeline writes timers with Writes, as projections of the engine's events. A fired timer is an engine
// command; a record that has moved on ignores it. So it does no harm when a late projection brings a cleared timer
// back, or when one fires twice.
package timers

import (
	"encoding/json"
	"fmt"
	"slices"
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
	// Calendar names the one on which the deadline was counted, as OnCalendar does, on its own moment only: whoever changes a
	// calendar finds by it the deadlines that are still to come.
	Calendar string `json:"calendar,omitempty"`
}

// OnCalendar names a calendar of an app.
func OnCalendar(app, key string) string { return app + "/" + key }

// ID names the timer of a record's deadline; the same moment has always the same id, and those of a record stand together.
// It holds no character that a URL would need to escape.
func ID(record string, ref engine.TimerRef) string {
	id := record + "-" + strings.ReplaceAll(ref.Deadline, "#", "-") + "-"
	switch {
	case ref.Level != 0:
		return id + "L" + strconv.Itoa(ref.Level)
	case ref.Turn != 0:
		return id + strconv.Itoa(ref.Remind) + "-" + strconv.Itoa(ref.Turn)
	}
	return id + strconv.Itoa(ref.Remind)
}

// Indexes are what the collection needs.
func Indexes() []store.Index {
	return append(queue.LaneIndexes(), store.Index{Name: "calendar", Keys: []store.SortKey{{Path: "calendar"}}, Present: true})
}

// Writes is what an event means for the timers: a deadline that is set, or moves, adds one for each of its moments; what has
// come or no longer counts is removed; a decision that is undone brings back what it had removed. Other events mean nothing.
// The writes may be repeated, and a timer that a late repetition brings back is ignored by its record.
func Writes(home Home, ev engine.Event) ([]store.Write, error) {
	p := projection{home: home, event: &ev}
	switch ev.Kind { //nolint:exhaustive // the other events do not concern deadlines
	case engine.DeadlineSet, engine.DeadlineMoved, engine.Undone:
		if ev.Resumes != "" {
			p.remove(engine.TimerRef{Deadline: ev.Resumes})
		}
	case engine.DeadlineCleared, engine.DeadlineMet, engine.DeadlinePassed:
		p.remove(engine.TimerRef{Deadline: ev.Deadline})
	case engine.Reminded, engine.Escalated:
		p.remove(engine.TimerRef{Deadline: ev.Deadline, Remind: ev.Remind, Turn: ev.Turn, Level: ev.Level})
	default:
		return nil, nil
	}
	for _, ref := range ev.Gone {
		p.remove(ref)
	}
	for _, t := range ev.Timers {
		if err := p.add(t); err != nil {
			return nil, err
		}
	}
	return p.writes, nil
}

type projection struct {
	home   Home
	event  *engine.Event
	writes []store.Write
}

func (p *projection) remove(ref engine.TimerRef) {
	p.writes = append(p.writes, store.Write{Op: store.OpDelete, Collection: Collection, ID: ID(p.home.Record, ref)})
}

func (p *projection) add(t engine.Timer) error {
	timer := Timer{ID: ID(p.home.Record, t.TimerRef), Home: p.home, TimerRef: t.TimerRef, Job: queue.At(t.FireAt)}
	if c := p.counted(t.Deadline); c != nil && c.Calendar != "" && t.Own() {
		timer.Calendar = OnCalendar(p.home.App, c.Calendar)
	}
	doc, err := json.Marshal(timer)
	if err != nil {
		return fmt.Errorf("write timer %s: %w", timer.ID, err)
	}
	p.writes = append(p.writes, store.Write{Op: store.OpAdd, Collection: Collection, ID: timer.ID, Doc: doc})
	return nil
}

// counted says how the deadline was counted that an event sets, or brings back.
func (p *projection) counted(deadline string) *engine.Counted {
	if p.event.Restored == nil {
		return p.event.Counted
	}
	for i := range p.event.Restored.Deadlines {
		if d := &p.event.Restored.Deadlines[i]; d.Key == deadline {
			return d.Counted
		}
	}
	return nil
}

// Removes reports whether Writes of these events removes a timer.
func Removes(events []engine.Event, ref engine.TimerRef) bool {
	want := ID("", ref)
	for _, ev := range events {
		writes, err := Writes(Home{}, ev)
		if err == nil && slices.ContainsFunc(writes, func(w store.Write) bool { return w.Op == store.OpDelete && w.ID == want }) {
			return true
		}
	}
	return false
}

// Earliest is the first moment among the timers that these events set; zero when they set none. Give it to
// Queue.Nudge after the writes.
func Earliest(events []engine.Event) time.Time {
	var first time.Time
	for _, ev := range events {
		for _, t := range ev.Timers {
			if first.IsZero() || t.FireAt.Before(first) {
				first = t.FireAt
			}
		}
	}
	return first
}
