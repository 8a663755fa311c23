package engine

import (
	"slices"

	"github.com/stepwell/stepwell/schemas/problem"
)

// applyLast keeps in mind the last decision while nothing has followed that stands in the way of undoing it. What follows
// from it by itself, and what only says something, does not.
func applyLast(s *State, ev *Event) {
	switch ev.Kind {
	case TaskVoted:
		s.Last = lastOf(ev)
	case TaskClosed:
		if ev.Result != TaskCancelled {
			s.Last = lastOf(ev)
		}
	case DataChanged:
		if ev.Block == "" {
			s.Last = nil
		}
	case BlockEntered:
		if ev.Asks {
			s.Last = nil
		}
	case StageEntered, StageLeft, BlockLeft, BlockJoined, WayEntered, WayLeft, WayChosen, TaskOpened, StepSkipped, DeadlineSet,
		DeadlineCleared, DeadlineMet, CopySent, ReturnedTo, WentBack, Commented, Urged, TaskTurned, Reminded, PeoplePicked, Undone:
	case Submitted, TaskAssigned, SignerAdded, ItemTicked, ItemUnticked, ItemsChanged, Signalled, Answered, DeadlinePassed, DeadlineMoved, Escalated,
		ActFailed, Flagged, Withdrawn,
		Overridden, Suspended, Resumed, Migrated, Held, FlowEnded, OwnerChanged:
		s.Last = nil
	default: // what came after this was written
		s.Last = nil
	}
}

// lastOf is a decision to keep in mind; none when nobody has taken it.
func lastOf(ev *Event) *Last {
	if ev.User == "" {
		return nil
	}
	return &Last{By: ev.User, Task: ev.Task, Block: ev.Block, Result: ev.Result, Seq: ev.Seq}
}

// undo takes the actor's own last decision back: the record stands again as it did before. What others were told, and that
// it was decided, stays in the log.
func (r *run) undo() error {
	last := r.c.State.Last
	switch {
	case last == nil, r.cmd.Task != "" && r.cmd.Task != last.Task, r.env.Past == nil:
		return ErrUndoNothing.With(nil)
	case last.By != r.cmd.Actor:
		return ErrUndoOthers.With(problem.Params{"people": r.names([]string{last.By})})
	}
	past := r.env.Past
	before := past.State
	if before.Status != Running || before.Seq >= last.Seq || before.task(last.Task) == nil {
		return ErrUndoNothing.With(nil)
	}
	told := r.closeSince(&before)
	restored := before
	ev := Event{
		Kind: Undone, Task: last.Task, Block: last.Block, Result: last.Result, User: r.cmd.Actor, Reason: r.cmd.Reason,
		Comment: r.cmd.Comment, Restored: &restored, Timers: r.timersAgain(&before),
	}
	back := past.Data
	all := make(map[string]any, len(back))
	for key := range r.c.Data {
		all[key] = nil
	}
	for key, value := range back {
		all[key] = value
	}
	ev.Set, ev.Before = delta(r.c.Data, all)
	r.emit(ev)
	r.stale = true
	if t := r.c.State.task(last.Task); t != nil {
		told = slices.DeleteFunc(told, t.MayDecide)
	}
	told = slices.DeleteFunc(told, func(u string) bool { return u == r.cmd.Actor })
	r.tell(Effect{Cause: CauseUndone, Block: last.Block, Reason: r.cmd.Reason}, told)
	return nil
}

// closeSince closes the tasks and drops the deadlines that were not there before, and says who had those tasks.
func (r *run) closeSince(before *State) (told []string) {
	s := &r.c.State
	for _, t := range slices.Clone(s.Tasks) {
		if before.task(t.ID) != nil {
			continue
		}
		told = append(told, t.Holders()...)
		r.emit(Event{
			Kind: TaskClosed, Task: t.ID, Block: t.Block, TaskKind: t.Kind, Stage: t.Stage, User: r.cmd.Actor, Result: TaskCancelled,
		})
	}
	for _, d := range slices.Clone(s.Deadlines) {
		if !slices.ContainsFunc(before.Deadlines, func(old DeadlineState) bool { return old.Key == d.Key }) {
			r.clear(&d)
		}
	}
	return told
}

// timersAgain are the moments of the deadlines that come back.
func (r *run) timersAgain(before *State) []Timer {
	var out []Timer
	for i := range before.Deadlines {
		d := &before.Deadlines[i]
		if slices.ContainsFunc(r.c.State.Deadlines, func(now DeadlineState) bool { return now.Key == d.Key && now.Met == d.Met }) {
			continue
		}
		if !d.Overdue && !d.Met {
			out = append(out, Timer{TimerRef: TimerRef{Deadline: d.Key}, FireAt: d.DueAt})
		}
		out = append(out, d.Pending...)
	}
	return out
}

// applyUndone puts a record back to how it stood.
func applyUndone(c *Case, ev *Event) {
	if len(ev.Set) > 0 {
		c.Data = merged(c.Data, ev.Set)
	}
	c.State = *ev.Restored
	detach(&c.State)
}
