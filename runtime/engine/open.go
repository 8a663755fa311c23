package engine

import "github.com/stepwell/stepwell/schemas/flow"

// open gives a task or an approval to the people it is for. Where nobody has to decide anything, the flow goes on at once.
func (r *run) open(b *block) (step, error) {
	if t := r.comesBack(b); t != nil {
		return rest, r.openTask(b, Event{Mode: t.Mode, Assignees: t.Assignees}, t)
	}
	a, err := r.asked(b)
	if err != nil {
		return step{}, err
	}
	if a.passed {
		r.skip(b, "", CauseNobody)
		return goOn, nil
	}
	ev := Event{Mode: a.mode, Assignees: a.users, Origins: a.origins, Fallback: a.fallback}
	t := Task{Kind: b.Type, Mode: a.mode, Assignees: a.users}
	for _, o := range a.skipped {
		r.skip(b, o.User, o.Cause)
		t.Approved = append(t.Approved, o.User)
	}
	if len(a.skipped) > 0 && r.tally(&t, b) == TaskApproved {
		return goOn, nil
	}
	return rest, r.openTask(b, ev, &t)
}

// skip keeps in the log who is not asked, and why.
func (r *run) skip(b *block, user string, why Cause) {
	ev := Event{Kind: StepSkipped, Block: b.ID, TaskKind: b.Type, User: user, Cause: why, Frame: r.in}
	if b.stage != nil {
		ev.Stage = b.stage.ID
	}
	r.emit(ev)
}

// openTask opens a task. t is what it will be, as far as that says who may decide it.
func (r *run) openTask(b *block, ev Event, t *Task) error {
	ev.Kind, ev.Task, ev.Block, ev.TaskKind, ev.Frame = TaskOpened, r.key(b.ID), b.ID, b.Type, r.in
	if b.Type == flow.Checklist {
		ev.Items = r.itemsOf(b)
		ev.Assignees = withItems(ev.Assignees, ev.Items)
		t.Assignees = ev.Assignees
	}
	if b.stage != nil {
		ev.Stage = b.stage.ID
	}
	r.allot(t, b)
	ev.Roster = t.roster()
	r.emit(ev)
	if err := r.startDeadline(b, ev.Task); err != nil {
		return err
	}
	if err := r.startItems(b, ev.Task, ev.Items); err != nil {
		return err
	}
	r.announce(b, *r.c.State.task(ev.Task))
	return nil
}
