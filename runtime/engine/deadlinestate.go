package engine

import (
	"slices"
	"time"

	"github.com/stepwell/stepwell/schemas/flow"
)

// Mark is a mark on the record that a block has left behind.
type Mark struct {
	Block string     `json:"block"`
	Flag  *flow.Flag `json:"flag"`
}

// Flags are the marks on the record, each key once: those of its deadlines, then those that blocks have left behind.
func (s *State) Flags() []*flow.Flag {
	var out []*flow.Flag
	add := func(f *flow.Flag) {
		if f != nil && !slices.ContainsFunc(out, func(g *flow.Flag) bool { return g.Key == f.Key }) {
			out = append(out, f)
		}
	}
	for i := range s.Deadlines {
		add(s.Deadlines[i].Flag)
	}
	for i := range s.Marks {
		add(s.Marks[i].Flag)
	}
	return out
}

// DeadlineState is one deadline of an open block.
type DeadlineState struct {
	Block   string    `json:"block"`
	Key     string    `json:"key"` // block id + "#" + event number: names this deadline to the timers
	Task    string    `json:"task,omitempty"`
	Item    string    `json:"item,omitempty"`  // of an item of a checklist
	Frame   string    `json:"frame,omitempty"` // the waiting block whose moment it is; then it is no deadline of anybody
	Moment  Moment    `json:"moment,omitempty"`
	DueAt   time.Time `json:"dueAt"`
	Overdue bool      `json:"overdue,omitempty"`
	// Met: the fields that settle it are filled, so nobody is late. It is set anew when one is emptied.
	Met     bool       `json:"met,omitempty"`
	Counted *Counted   `json:"counted,omitempty"`
	Flag    *flow.Flag `json:"flag,omitempty"` // the mark that it has put on the record
	// Pending are the moments around it that are still to come. Its own is to come while it is neither overdue nor met.
	Pending []Timer `json:"pending,omitempty"`
}

// Counted says how a moment was counted, so that it can be counted again exactly.
type Counted struct {
	From       time.Time `json:"from"` // when the block was entered, or the date in Field
	flow.Delay           // Calendar is the one that was found
	Frozen     bool      `json:"frozen,omitempty"`
	// Late is from when what follows the deadline is counted, when that is later than the deadline: it was over when it was
	// set, or the record has stood still since.
	Late time.Time `json:"late,omitzero"`
	// Stood are the times during which the record stood still.
	Stood []Pause `json:"stood,omitempty"`
}

// Pause is a time during which a record stood still.
type Pause struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Moment is what comes at a moment of a block that waits.
type Moment string

// The moments.
const (
	MomentUntil   Moment = "until"   // what it waits for
	MomentTimeout Moment = "timeout" // it has waited long enough
	MomentRecheck Moment = "recheck" // its condition is asked again
)

// TimerRef names a moment of a deadline: of itself, of a reminder, or of a level of its escalation.
type TimerRef struct {
	Deadline string `json:"deadline"` // DeadlineState.Key
	// Remind is the index of the reminder plus one, Turn how often it has come before.
	Remind int `json:"remind,omitempty"`
	Turn   int `json:"turn,omitempty"`
	// Level is the index of the escalation plus one.
	Level int `json:"level,omitempty"`
}

// Own reports whether it is the moment of the deadline itself.
func (t TimerRef) Own() bool { return t.Remind == 0 && t.Level == 0 }

// Timer is a moment to be stored until it fires.
type Timer struct {
	TimerRef
	FireAt time.Time `json:"fireAt"`
}

// applyDeadline changes the deadlines, and what repeats them.
func applyDeadline(s *State, ev *Event) {
	i := slices.IndexFunc(s.Deadlines, func(d DeadlineState) bool { return d.Key == ev.Deadline })
	switch ev.Kind { //nolint:exhaustive // the caller sends deadline events only
	case DeadlineSet:
		s.Deadlines = append(s.Deadlines, s.unpause(ev))
	case DeadlineCleared:
		s.Deadlines = without(s.Deadlines, func(d DeadlineState) bool { return d.Key == ev.Deadline })
	case DeadlineMoved:
		if i = slices.IndexFunc(s.Deadlines, func(d DeadlineState) bool { return d.Key == ev.Resumes }); i >= 0 {
			d := &s.Deadlines[i]
			d.Key, d.DueAt, d.Counted, d.Pending = ev.Deadline, ev.DueAt, ev.Counted, besides(ev.Timers)
		}
	case DeadlineMet:
		if i < 0 { // it is met as soon as it is set
			s.Deadlines = append(s.Deadlines, s.unpause(ev))
			i = len(s.Deadlines) - 1
		}
		d := &s.Deadlines[i]
		d.Met, d.Overdue, d.Flag, d.Pending = true, false, nil, nil
	case DeadlinePassed:
		if i >= 0 {
			s.Deadlines[i].Overdue = true
			s.Deadlines[i].mark(ev.Flag)
		}
	case Reminded, Escalated:
		if i >= 0 {
			s.Deadlines[i].told(ev)
		}
		return
	}
	s.mirror()
}

// told takes the moment that has come off the list, and adds the next one of the same.
func (d *DeadlineState) told(ev *Event) {
	ref := TimerRef{Deadline: ev.Deadline, Remind: ev.Remind, Turn: ev.Turn, Level: ev.Level}
	left := make([]Timer, 0, len(d.Pending))
	for _, t := range d.Pending {
		if t.TimerRef != ref {
			left = append(left, t)
		}
	}
	if left = append(left, ev.Timers...); len(left) == 0 {
		left = nil
	}
	d.Pending = left
	d.mark(ev.Flag)
}

func (d *DeadlineState) mark(f *flow.Flag) {
	if f != nil {
		d.Flag = f
	}
}

// besides are the moments around a deadline, without its own.
func besides(timers []Timer) []Timer {
	if len(timers) > 0 && timers[0].Own() {
		timers = timers[1:]
	}
	if len(timers) == 0 {
		return nil
	}
	return timers
}

// unmarked are the marks without that of a block.
func (s *State) unmarked(block string) []Mark {
	return without(slices.Clone(s.Marks), func(m Mark) bool { return m.Block == block })
}

// moment is when something of a deadline is to come; false when it is not, or no longer.
func (s *State) moment(ref TimerRef) (time.Time, bool) {
	for i := range s.Deadlines {
		d := &s.Deadlines[i]
		if d.Key != ref.Deadline {
			continue
		}
		if ref.Own() {
			return d.DueAt, !d.Overdue && !d.Met
		}
		for _, t := range d.Pending {
			if t.TimerRef == ref {
				return t.FireAt, true
			}
		}
	}
	return time.Time{}, false
}

// earliest is what is to come first before a moment, but for some; of the same moment what stands first.
func (s *State) earliest(before time.Time, but []TimerRef) (first TimerRef, found bool) {
	at := before
	consider := func(ref TimerRef, moment time.Time) {
		if moment.Before(at) && !slices.Contains(but, ref) {
			first, at, found = ref, moment, true
		}
	}
	for i := range s.Deadlines {
		d := &s.Deadlines[i]
		if !d.Overdue && !d.Met {
			consider(TimerRef{Deadline: d.Key}, d.DueAt)
		}
		for _, t := range d.Pending {
			consider(t.TimerRef, t.FireAt)
		}
	}
	return first, found
}
