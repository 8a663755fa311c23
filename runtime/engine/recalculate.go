package engine

import (
	"slices"
	"time"
)

// recalculate counts anew the deadlines that are still to come on a calendar that has changed. Those that are frozen stay, and
// so do those that have passed. A record that stands still follows when it goes on.
func (r *run) recalculate() error {
	if r.c.State.Status != Running {
		return nil
	}
	for _, d := range slices.Clone(r.c.State.Deadlines) {
		s := r.shifted(&d)
		if d.Counted == nil || d.Counted.Calendar != r.cmd.Calendar || s.Outcome != ShiftMoves {
			continue
		}
		r.moveDeadline(&d, s.To, s.counted)
	}
	return nil
}

// moveDeadline sets a deadline to another moment. What has been told of it is not told again.
func (r *run) moveDeadline(d *DeadlineState, due time.Time, c *Counted) {
	if due.Before(r.env.Now) {
		c.Late = r.env.Now.UTC()
	}
	ev := Event{
		Kind: DeadlineMoved, Block: d.Block, Task: d.Task, Item: d.Item, Frame: d.Frame, Moment: d.Moment,
		Deadline: r.key(d.Block), Resumes: d.Key, DueAt: due, Was: d.DueAt, Counted: c, Gone: d.gone(),
	}
	ev.Timers = append(make([]Timer, 0, 1+len(d.Pending)), Timer{TimerRef: TimerRef{Deadline: ev.Deadline}, FireAt: due})
	ev.Timers = append(ev.Timers, r.again(d, ev.Deadline, due, c)...)
	r.emit(ev)
}

// again are the moments that are still to come of a deadline, for another moment of it. A reminder before it that would be
// in the past comes at once, unless the deadline itself is over.
func (r *run) again(d *DeadlineState, key string, due time.Time, c *Counted) []Timer {
	b := r.flow.byID[d.Block]
	if b == nil || b.ruleOf(d) == nil {
		return nil
	}
	rule := b.ruleOf(d)
	var out []Timer
	for _, t := range d.Pending {
		ref := t.TimerRef
		ref.Deadline = key
		switch {
		case ref.Level > len(rule.Escalate) || ref.Remind > len(rule.Remind):
		case ref.Level == 0 && rule.Remind[ref.Remind-1].Every != nil:
			if next, ok := r.nextTurn(rule, ref, due, c); ok {
				out = append(out, next)
			}
		default:
			at := r.around(rule, ref, due, c)
			if ref.Level != 0 || at.After(r.env.Now) || due.After(r.env.Now) {
				out = append(out, Timer{TimerRef: ref, FireAt: at})
			}
		}
	}
	return out
}

// ShiftOutcome is what a change of a calendar does to one deadline.
type ShiftOutcome string

// What a change of a calendar does.
const (
	ShiftMoves  ShiftOutcome = "moves"
	ShiftSame   ShiftOutcome = "same"
	ShiftFrozen ShiftOutcome = "frozen" // the flow says that it stays
	ShiftPassed ShiftOutcome = "passed" // it is over, or met
	ShiftFails  ShiftOutcome = "fails"  // it cannot be counted on the calendar any more
)

// Shift is a deadline, or the end of a waiting, on a calendar that changes.
type Shift struct {
	Block   string       `json:"block"`
	Task    string       `json:"task,omitempty"`
	Item    string       `json:"item,omitempty"`
	From    time.Time    `json:"from"` // when it is due
	To      time.Time    `json:"to"`   // when it would be
	Outcome ShiftOutcome `json:"outcome"`

	counted *Counted
}

// Impact says what becomes of the deadlines of a case that count on a calendar when Env.Calendars are in force.
func Impact(env Env, c Case, calendar string) []Shift {
	r := &run{env: env, flow: env.Flow, c: c}
	var out []Shift
	for i := range c.State.Deadlines {
		if d := &c.State.Deadlines[i]; d.Counted != nil && d.Counted.Calendar == calendar {
			out = append(out, r.shifted(d))
		}
	}
	return out
}

func (r *run) shifted(d *DeadlineState) Shift {
	s := Shift{Block: d.Block, Task: d.Task, Item: d.Item, From: d.DueAt, To: d.DueAt, Outcome: ShiftSame}
	switch {
	case d.Counted == nil:
		return s
	case d.Overdue || d.Met || !d.DueAt.After(r.env.Now):
		s.Outcome = ShiftPassed
		return s
	case d.Counted.Frozen:
		s.Outcome = ShiftFrozen
		return s
	}
	c := *d.Counted
	due, err := r.reckonAgain(&c, true)
	switch {
	case err != nil:
		s.Outcome = ShiftFails
	case !due.IsZero() && !due.Equal(d.DueAt):
		s.To, s.Outcome, s.counted = due, ShiftMoves, &c
	}
	return s
}
