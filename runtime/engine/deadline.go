package engine

import (
	"errors"
	"slices"
	"sort"
	"time"

	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/problem"
)

// startDeadline begins the deadline of a block that has just been entered. task is the task that the block opened, "" for a
// stage.
func (r *run) startDeadline(b *block, task string) error {
	if b.Deadline == nil {
		return nil
	}
	return r.begin(b, b.Deadline, Event{Block: b.ID, Task: task}, r.env.Now)
}

// begin sets a deadline that counts from start; there is none while the field that it counts from is blank. of says whose it
// is.
func (r *run) begin(b *block, rule *flow.Deadline, of Event, start time.Time) error {
	c, due, err := r.reckon(b, rule.Delay(), of.Task, start)
	if err != nil || due.IsZero() {
		return err
	}
	c.Frozen = rule.Follow == flow.FollowFrozen
	r.set(rule, of, due, c)
	return nil
}

// set makes a deadline known: to come, or met already.
func (r *run) set(rule *flow.Deadline, of Event, due time.Time, c *Counted) {
	of.Deadline, of.DueAt, of.Counted = r.key(of.Block), due, c
	if r.settled(rule) {
		of.Kind = DeadlineMet
		r.emit(of)
		return
	}
	of.Kind, of.Timers = DeadlineSet, r.timersOf(rule, of.Deadline, due, c)
	r.emit(of)
}

// ruleOf is what the flow says of a deadline: of the block, or of an item of its checklist; nil when it says nothing.
func (b *block) ruleOf(d *DeadlineState) *flow.Deadline {
	if d.Item == "" {
		return b.Deadline
	}
	for i := range b.Items {
		if b.Items[i].ID == d.Item {
			return b.Items[i].Deadline
		}
	}
	return nil
}

// reckon is when a moment comes that counts from start, and how it was counted; zero while the field that it counts from is
// blank.
func (r *run) reckon(b *block, d flow.Delay, task string, start time.Time) (*Counted, time.Time, error) {
	if d.CalendarOf != "" {
		d.Calendar = r.calendarOf(d, task)
	}
	c := &Counted{From: start, Delay: d}
	due, err := r.reckonAgain(c, true)
	if err != nil {
		return nil, time.Time{}, ErrDeadline.Because(err, problem.Params{"step": b.Name()})
	}
	if !due.IsZero() && due.Before(r.env.Now) {
		c.Late = r.env.Now.UTC()
	}
	return c, due, nil
}

// reckonAgain computes a moment from how it was counted: from the date in its field as that is now, and with the times that the
// record has stood still. Zero while the field is blank.
func (r *run) reckonAgain(c *Counted, dated bool) (time.Time, error) {
	if c.Field != "" && dated {
		from, err := r.moment(c.Calendar, r.c.Data[c.Field])
		if err != nil || from.IsZero() {
			return from, err
		}
		c.From = from
	}
	c.From = c.From.UTC()
	rule := c.Deadline()
	due, err := r.env.Calendars.Due(rule, c.From)
	for i := 0; i < len(c.Stood) && err == nil; i++ {
		due, err = r.env.Calendars.Resume(rule, due, c.Stood[i].From, c.Stood[i].To)
	}
	return due.UTC(), err
}

// calendarOf is the calendar that lists the department of the person in question, or the nearest department above it; else
// the one that the flow names.
func (r *run) calendarOf(d flow.Delay, task string) string {
	person := r.owner()
	if t := r.c.State.task(task); d.CalendarOf == flow.OfAssignee && t != nil && len(t.Assignees) > 0 {
		person = t.Assignees[0]
	}
	const deepest = 50 // a tree of departments that goes in a circle ends here
	dep := r.env.Directory.DepartmentOf(person)
	for range deepest {
		if dep == "" {
			break
		}
		if key := r.env.Calendars.OfDepartment(dep); key != "" {
			return key
		}
		dep = r.env.Directory.DepartmentAbove(dep)
	}
	return d.Calendar
}

// moment reads the value of a date or dateTime field; zero when it is blank.
func (r *run) moment(calendar string, value any) (time.Time, error) {
	switch v := value.(type) {
	case nil:
		return time.Time{}, nil
	case time.Time:
		return v, nil
	case string:
		if v == "" {
			return time.Time{}, nil
		}
		if len(v) == len(time.DateOnly) {
			return r.env.Calendars.DayStart(calendar, v)
		}
		return time.Parse(time.RFC3339, v)
	}
	return time.Time{}, errors.New("not a date")
}

// timersOf are the moments of a deadline that are still to come: its own, then those of reminders and levels. A reminder
// that would be in the past is left out.
func (r *run) timersOf(rule *flow.Deadline, key string, due time.Time, c *Counted) []Timer {
	timers := make([]Timer, 1, 1+len(rule.Remind)+len(rule.Escalate))
	timers[0] = Timer{TimerRef: TimerRef{Deadline: key}, FireAt: due}
	for i := range rule.Remind {
		if t, ok := r.nextTurn(rule, TimerRef{Deadline: key, Remind: i + 1}, due, c); ok {
			timers = append(timers, t)
		}
	}
	for i := range rule.Escalate {
		ref := TimerRef{Deadline: key, Level: i + 1}
		timers = append(timers, Timer{TimerRef: ref, FireAt: r.around(rule, ref, due, c)})
	}
	return timers
}

// around is when a reminder or a level comes of a deadline that is due then. What follows a deadline is counted from when it
// could be known to be late.
func (r *run) around(rule *flow.Deadline, ref TimerRef, due time.Time, c *Counted) time.Time {
	late := due
	if c.Late.After(due) {
		late = c.Late
	}
	if ref.Level != 0 {
		e := &rule.Escalate[ref.Level-1]
		return latest(late, r.shift(late, e.After, e.Unit, e.At, c.Calendar))
	}
	m := &rule.Remind[ref.Remind-1]
	at := due
	if m.Offset > 0 {
		at = latest(late, r.shift(late, m.Offset, m.Unit, m.At, c.Calendar))
	} else {
		at = r.shift(at, m.Offset, m.Unit, m.At, c.Calendar)
	}
	if ref.Turn > 0 {
		at = r.shift(at, ref.Turn*m.Every.N, m.Every.Unit, "", c.Calendar)
	}
	return at
}

func latest(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// shift is some time after a moment, or before it. It always has an answer: where a calendar is gone that the deadline was
// counted on, working time counts as plain time, so that nobody waits for a reminder in vain.
func (r *run) shift(at time.Time, n int, unit flow.Unit, clock, calendar string) time.Time {
	switch unit {
	case flow.Minutes:
		return at.Add(time.Duration(n) * time.Minute)
	case flow.Hours:
		return at.Add(time.Duration(n) * time.Hour)
	case flow.Days, flow.WorkingDays, flow.WorkingHours:
	}
	out, err := r.env.Calendars.Due(flow.Deadline{After: n, Unit: unit, At: clock, Calendar: calendar}, at)
	switch {
	case err == nil:
		return out.UTC()
	case unit == flow.WorkingHours:
		return at.Add(time.Duration(n) * time.Hour)
	}
	return at.AddDate(0, 0, n)
}

// nextTurn is the first time from a turn on that a reminder comes in the future; false when there is none. Turns that the
// past has taken count as given.
func (r *run) nextTurn(rule *flow.Deadline, ref TimerRef, due time.Time, c *Counted) (Timer, bool) {
	m := &rule.Remind[ref.Remind-1]
	most := 1
	if m.Every != nil {
		most = m.Times
	}
	comes := func(turn int) bool {
		t := ref
		t.Turn = turn
		return r.around(rule, t, due, c).After(r.env.Now)
	}
	first, reach := ref.Turn, 1
	for ended := func(turn int) bool { return most != 0 && turn >= most }; !comes(first + reach - 1); reach *= 2 {
		if ended(first + reach) {
			break
		}
	}
	turn := first + sort.Search(reach, func(i int) bool { return comes(first + i) })
	if (most != 0 && turn >= most) || turn == first+reach {
		return Timer{}, false
	}
	ref.Turn = turn
	return Timer{TimerRef: ref, FireAt: r.around(rule, ref, due, c)}, true
}

// gone names what was still to come of a deadline besides its own moment.
func (d *DeadlineState) gone() []TimerRef {
	if len(d.Pending) == 0 {
		return nil
	}
	out := make([]TimerRef, len(d.Pending))
	for i, t := range d.Pending {
		out[i] = t.TimerRef
	}
	return out
}

// clearDeadline drops the deadline of a block that is being left, and those of its items.
func (r *run) clearDeadline(block, task string) {
	r.clearItems(task, "")
	if d := r.c.State.deadline(block, task); d != nil {
		r.clear(d)
	}
}

func (r *run) clear(d *DeadlineState) {
	r.emit(Event{
		Kind: DeadlineCleared, Block: d.Block, Task: d.Task, Item: d.Item, Frame: d.Frame, Deadline: d.Key, Gone: d.gone(),
	})
}

// restartDeadlines computes the open deadlines anew that count from one of the changed fields, and sees which of them the
// data now settles.
func (r *run) restartDeadlines(changed map[string]any) error {
	if r.flow == nil || r.c.State.Status != Running || r.c.State.Suspension != nil {
		return nil
	}
	if stage := r.flow.byID[r.c.State.Stage]; stage != nil {
		if err := r.restartDeadline(stage, "", changed); err != nil {
			return err
		}
	}
	for i := range r.c.State.Tasks { // restarting a deadline opens and closes no task
		t := &r.c.State.Tasks[i]
		if b := r.flow.byID[t.Block]; b != nil {
			if err := r.restartDeadline(b, t.ID, changed); err != nil {
				return err
			}
			if err := r.restartItems(b, t, changed); err != nil {
				return err
			}
		}
	}
	r.settleDeadlines()
	return nil
}

func (r *run) restartDeadline(b *block, task string, changed map[string]any) error {
	if b.Deadline == nil {
		return nil
	}
	if _, ok := changed[b.Deadline.Field]; !ok {
		return nil
	}
	return r.restart(b, b.Deadline, r.c.State.deadline(b.ID, task), Event{Block: b.ID, Task: task}, r.env.Now)
}

// restart sets a deadline anew whose date has changed. d is how it stands, nil when it is not set.
func (r *run) restart(b *block, rule *flow.Deadline, d *DeadlineState, of Event, start time.Time) error {
	if d != nil && rule.Follow == flow.FollowFrozen {
		return nil
	}
	c, due, err := r.reckon(b, rule.Delay(), of.Task, start)
	if err != nil {
		return err
	}
	if d != nil {
		if d.DueAt.Equal(due) {
			return nil
		}
		r.clear(d)
	}
	if !due.IsZero() {
		c.Frozen = rule.Follow == flow.FollowFrozen
		r.set(rule, of, due, c)
	}
	return nil
}

// settled reports whether the data meets a deadline: every field is filled that settles it. One that the form hides is not
// asked for.
func (r *run) settled(rule *flow.Deadline) bool {
	if len(rule.SettledBy) == 0 {
		return false
	}
	g := gate{run: r}
	return !slices.ContainsFunc(rule.SettledBy, func(key string) bool { return r.flow.blank(key, r.c.Data[key]) && !g.hidden(key) })
}

// settleDeadlines ends the deadlines that the data meets, and sets those anew that it no longer does.
func (r *run) settleDeadlines() {
	if !r.flow.settles {
		return
	}
	for _, d := range slices.Clone(r.c.State.Deadlines) {
		b := r.flow.byID[d.Block]
		if b == nil || d.Frame != "" {
			continue
		}
		rule := b.ruleOf(&d)
		if rule == nil || r.settled(rule) == d.Met {
			continue
		}
		of := Event{Block: d.Block, Task: d.Task, Item: d.Item}
		if !d.Met {
			of.Kind, of.Deadline, of.DueAt, of.Counted, of.Gone = DeadlineMet, d.Key, d.DueAt, d.Counted, d.gone()
			r.emit(of)
			continue
		}
		c := *d.Counted
		if d.DueAt.Before(r.env.Now) {
			c.Late = r.env.Now.UTC()
		}
		r.clear(&d)
		r.set(rule, of, d.DueAt, &c)
	}
}
