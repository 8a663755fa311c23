package engine

import (
	"errors"
	"slices"
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
	due, err := r.dueAt(b, b.Deadline, r.env.Now)
	if err != nil || due.IsZero() {
		return err
	}
	r.setDeadline(b, task, due)
	return nil
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

// dueAt is when a deadline of the block that counts from start ends; zero while the field that it counts from is blank.
func (r *run) dueAt(b *block, d *flow.Deadline, start time.Time) (time.Time, error) {
	if d.Field != "" {
		var err error
		if start, err = r.moment(d.Calendar, r.c.Data[d.Field]); err != nil {
			return time.Time{}, ErrDeadline.Because(err, problem.Params{"step": b.Name()})
		}
		if start.IsZero() {
			return start, nil
		}
	}
	due, err := r.env.Calendars.Due(*d, start)
	if err != nil {
		return time.Time{}, ErrDeadline.Because(err, problem.Params{"step": b.Name()})
	}
	return due.UTC(), nil
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

func (r *run) setDeadline(b *block, task string, due time.Time) {
	key := r.key(b.ID)
	r.emit(Event{Kind: DeadlineSet, Block: b.ID, Task: task, Deadline: key, DueAt: due, Timers: r.timersOf(b.Deadline, key, due)})
}

// timersOf are the moments of a deadline that are still to come.
func (r *run) timersOf(rule *flow.Deadline, key string, due time.Time) []Timer {
	timers := make([]Timer, 1, 1+len(rule.Remind))
	timers[0] = Timer{TimerRef: TimerRef{Deadline: key}, FireAt: due}
	for i, m := range rule.Remind {
		if at := due.Add(offset(m)); at.After(r.env.Now) {
			timers = append(timers, Timer{TimerRef: TimerRef{Deadline: key, Remind: i + 1}, FireAt: at})
		}
	}
	return timers
}

func offset(m flow.Reminder) time.Duration {
	n := time.Duration(m.Offset)
	switch m.Unit {
	case flow.Days:
		return n * 24 * time.Hour
	case flow.Hours:
		return n * time.Hour
	case flow.Minutes, flow.WorkingDays: // a reminder does not count working days; Check refuses it
		return n * time.Minute
	}
	return 0
}

// clearDeadline drops the deadline of a block that is being left, and those of its items.
func (r *run) clearDeadline(block, task string) {
	r.clearItems(task, "")
	if d := r.c.State.deadline(block, task); d != nil {
		r.emit(Event{Kind: DeadlineCleared, Block: block, Task: task, Deadline: d.Key})
	}
}

// restartDeadlines computes the open deadlines anew that count from one of the changed fields.
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
	return nil
}

func (r *run) restartDeadline(b *block, task string, changed map[string]any) error {
	if b.Deadline == nil {
		return nil
	}
	if _, ok := changed[b.Deadline.Field]; !ok {
		return nil
	}
	due, err := r.dueAt(b, b.Deadline, r.env.Now)
	if err != nil {
		return err
	}
	if d := r.c.State.deadline(b.ID, task); d != nil && d.DueAt.Equal(due) {
		return nil
	}
	r.clearDeadline(b.ID, task)
	if !due.IsZero() {
		r.setDeadline(b, task, due)
	}
	return nil
}

// fire is a moment of a deadline that has come. One that no longer counts, or was told before, causes nothing.
func (r *run) fire() error {
	ref := r.cmd.Timer
	i := slices.IndexFunc(r.c.State.Deadlines, func(d DeadlineState) bool { return d.Key == ref.Deadline })
	if i < 0 {
		return nil
	}
	d := r.c.State.Deadlines[i]
	if d.Frame != "" {
		return r.fireFrame(d)
	}
	b := r.flow.byID[d.Block]
	if b == nil || b.ruleOf(&d) == nil {
		return ErrWrongFlow.With(problem.Params{"flow": r.flow.Key, "version": r.flow.Version})
	}
	var t Task
	if open := r.c.State.task(d.Task); open != nil {
		t = *open
		t.Assignees = t.forItem(d.Item)
		r.in = t.Frame
	}
	rule := b.ruleOf(&d)
	if ref.Remind != 0 {
		return r.remind(b, rule, t, d)
	}
	if d.Overdue {
		return nil
	}
	if r.env.Now.Before(d.DueAt) {
		return ErrEarly.With(nil)
	}
	r.emit(Event{Kind: DeadlinePassed, Block: d.Block, Task: d.Task, Item: d.Item, Deadline: d.Key, DueAt: d.DueAt})
	messages := rule.Notify
	if len(messages) == 0 {
		messages = overdueNotice(b)
	}
	r.notifyItem(b, t, d.Item, CauseOverdue, messages)
	return nil
}

// overdueNotice is who is told about a deadline that names nobody.
func overdueNotice(b *block) []flow.Notify {
	to := []flow.Who{{Type: flow.WhoAssignee}}
	if b.Type == flow.Stage {
		to = append(to, flow.Who{Type: flow.WhoOwner})
	}
	return []flow.Notify{{To: to}}
}

func (r *run) remind(b *block, rule *flow.Deadline, t Task, d DeadlineState) error {
	ref := r.cmd.Timer
	if ref.Remind < 1 || ref.Remind > len(rule.Remind) || slices.Contains(d.Reminded, ref.Remind) {
		return nil
	}
	m := rule.Remind[ref.Remind-1]
	if r.env.Now.Before(d.DueAt.Add(offset(m))) {
		return ErrEarly.With(nil)
	}
	r.emit(Event{Kind: Reminded, Block: d.Block, Task: d.Task, Item: d.Item, Deadline: d.Key, Remind: ref.Remind, DueAt: d.DueAt})
	r.notifyItem(b, t, d.Item, CauseReminder, []flow.Notify{m.Notify})
	return nil
}
