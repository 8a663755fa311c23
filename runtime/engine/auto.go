package engine

import (
	"slices"

	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/problem"
)

// act does without anybody what a level of an escalation says, as the system, through the gates that a person would have to
// pass.
func (r *run) act(b *block, e *flow.Escalation, t Task) error {
	r.acting = true
	defer func() { r.acting = false }()
	if e.Do == flow.DoTransfer {
		return r.transfer(b, e, t)
	}
	r.in, r.cmd.Task = t.Frame, t.ID
	if e.Flag != nil {
		r.emit(Event{Kind: Flagged, Block: b.ID, Flag: e.Flag})
	}
	switch e.Do {
	case flow.DoApprove, flow.DoComplete:
		if err := r.taskGate(b); err != nil {
			return err
		}
		result := TaskCompleted
		if e.Do == flow.DoApprove {
			result = TaskApproved
		}
		r.close(t, result, "")
		return r.walk(b.seq, b.index+1)
	case flow.DoReject:
		r.close(t, TaskRejected, "")
		return r.refused(t, b)
	case flow.DoReturn:
		return r.returnAlone(b, e, t)
	case flow.DoMoveOn:
		return r.moveOn(b, t)
	case flow.DoTransfer: // done above
	}
	return nil
}

func (r *run) returnAlone(b *block, e *flow.Escalation, t Task) error {
	targets := r.flow.returnTargets(&r.c.State, &t)
	i := slices.IndexFunc(targets, func(to *block) bool { return to.ID == e.Target })
	switch {
	case len(targets) == 0:
		return ErrNoReturn.With(problem.Params{"step": b.Name()})
	case i < 0:
		return ErrReturnTarget.With(problem.Params{"known": titles(targets)})
	}
	r.close(t, TaskReturned, "")
	return r.goBack(targets[i])
}

// moveOn ends a task undecided, and goes on by what the flow has for that.
func (r *run) moveOn(b *block, t Task) error {
	r.close(t, TaskLapsed, "")
	if b.late == nil {
		return r.walk(b.seq, b.index+1)
	}
	if b.opensChoice() {
		r.choose(t.Frame)
	}
	r.hold(b, Event{Case: flow.LateCase})
	return r.walk(b.late, 0)
}

// transfer hands what is undecided to others: the task, or all open tasks of a stage.
func (r *run) transfer(b *block, e *flow.Escalation, t Task) error {
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
		if err := r.reassign(t, r.flow.byID[t.Block], "", users); err != nil {
			return err
		}
	}
	return nil
}
