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
	due, err := r.dueAt(b)
	if err != nil || due.IsZero() {
		return err
	}
	r.setDeadline(b, task, due)
	return nil
}

// dueAt is when the block's deadline ends; zero while the field that it counts from is blank.
func (r *run) dueAt(b *block) (time.Time, error) {
	d := b.Deadline
	start := r.env.Now
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
	r.emit(Event{Kind: DeadlineSet, Block: b.ID, Task: task, Deadline: key, DueAt: due, Timers: r.timersOf(b, key, due)})
}

// timersOf are the moments of a deadline that are still to come.
func (r *run) timersOf(b *block, key string, due time.Time) []Timer {
	timers := make([]Timer, 1, 1+len(b.Deadline.Remind))
	timers[0] = Timer{TimerRef: TimerRef{Deadline: key}, FireAt: due}
	for i, m := range b.Deadline.Remind {
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

// clearDeadline drops the deadline of a block that is being left.
func (r *run) clearDeadline(block, task string) {
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
	due, err := r.dueAt(b)
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
	if b == nil || b.Deadline == nil {
		return ErrWrongFlow.With(problem.Params{"flow": r.flow.Key, "version": r.flow.Version})
	}
	var t Task
	if open := r.c.State.task(d.Task); open != nil {
		t = *open
	}
	if ref.Remind != 0 {
		return r.remind(b, t, d)
	}
	if d.Overdue {
		return nil
	}
	if r.env.Now.Before(d.DueAt) {
		return ErrEarly.With(nil)
	}
	r.emit(Event{Kind: DeadlinePassed, Block: d.Block, Task: d.Task, Deadline: d.Key, DueAt: d.DueAt})
	messages := b.Deadline.Notify
	if len(messages) == 0 {
		messages = overdueNotice(b)
	}
	r.notify(b, t, CauseOverdue, messages)
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

func (r *run) remind(b *block, t Task, d DeadlineState) error {
	ref := r.cmd.Timer
	if ref.Remind < 1 || ref.Remind > len(b.Deadline.Remind) || slices.Contains(d.Reminded, ref.Remind) {
		return nil
	}
	m := b.Deadline.Remind[ref.Remind-1]
	if r.env.Now.Before(d.DueAt.Add(offset(m))) {
		return ErrEarly.With(nil)
	}
	r.emit(Event{Kind: Reminded, Block: d.Block, Task: d.Task, Deadline: d.Key, Remind: ref.Remind, DueAt: d.DueAt})
	r.notify(b, t, CauseReminder, []flow.Notify{m.Notify})
	return nil
}
