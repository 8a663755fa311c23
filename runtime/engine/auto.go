package engine

import (
	"slices"

	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/problem"
)

// act does without anybody what a level of an escalation says, as the system, through the gates that a person would have to
// pass.
func (r *run) act(b *block, e *flow.Escalation, t Task) error {
	r.acting, r.part, r.cmd.Cause = true, "", CauseDeadline
	defer func() { r.acting, r.cmd.Cause = false, "" }()
	if e.Do == flow.DoTransfer {
		return r.handUp(b, e, t)
	}
	r.in, r.cmd.Task = t.Frame, t.ID
	if e.Flag != nil {
		r.emit(Event{Kind: Flagged, Block: b.ID, Flag: e.Flag})
	}
	if e.Do == flow.DoMoveOn {
		return r.moveOn(b, t)
	}
	if e.Do == flow.DoReturn {
		return r.giveBack(t, b, e.Target)
	}
	if err := r.prepareDecision(b); err != nil { // nobody is there to sign, or to prove who they are
		return err
	}
	if e.Do == flow.DoReject {
		return r.vote(t, b, TaskRejected)
	}
	if err := r.taskGate(b); err != nil {
		return err
	}
	if e.Do == flow.DoApprove {
		return r.vote(t, b, TaskApproved)
	}
	r.close(t, TaskCompleted, "")
	return r.onward(b)
}

// moveOn ends a task undecided, and goes on by what the flow has for that.
func (r *run) moveOn(b *block, t Task) error {
	r.close(t, TaskLapsed, "")
	if b.late == nil {
		return r.onward(b)
	}
	if b.opensChoice() {
		r.choose(t.Frame)
	}
	r.hold(b, Event{Case: flow.LateCase})
	return r.walk(b.late, 0)
}

// handUp hands what is undecided to others: the task, or all open tasks of a stage.
func (r *run) handUp(b *block, e *flow.Escalation, t Task) error {
	open := []Task{t}
	if t.ID == "" {
		open = slices.DeleteFunc(slices.Clone(r.c.State.Tasks), func(t Task) bool { return t.Stage != b.ID })
	}
	for _, t := range open {
		if r.c.State.task(t.ID) == nil {
			continue // handing over another one has ended it
		}
		r.in = t.Frame
		users := r.resolve(e.To, t.Assignees)
		if len(users) == 0 {
			return ErrNobody.With(problem.Params{"step": b.Name()})
		}
		at := r.flow.byID[t.Block]
		if slices.Equal(handOver(t, "", users), t.Assignees) {
			continue
		}
		r.reassign(t, at, "", Event{Users: users, Cause: CauseDeadline})
		if err := r.recount(t.ID); err != nil {
			return err
		}
	}
	return nil
}
