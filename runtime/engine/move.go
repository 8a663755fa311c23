package engine

import (
	"slices"
	"strings"

	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/problem"
)

// jump closes what is open and enters target, past every gate in between.
func (r *run) jump(target *block, exit Exit) error {
	if target.Type == flow.End {
		r.closeOpen(nil, exit)
		r.end(target.Outcome, target.ID)
		return nil
	}
	r.closeOpen(target, exit)
	for _, b := range target.path() {
		switch {
		case b.Type == flow.Stage && r.c.State.Stage != b.ID:
			if err := r.enterStage(b); err != nil {
				return err
			}
		case b.Type == flow.Branch && !r.inside(b):
			r.emit(Event{Kind: BlockEntered, Block: b.ID, Case: target.takes(b)})
		}
	}
	return r.walk(target.seq, target.index)
}

func (r *run) inside(b *block) bool {
	return slices.ContainsFunc(r.c.State.Frames, func(f Frame) bool { return f.Block == b.ID })
}

// sendBack is the Return command.
func (r *run) sendBack() error {
	t, b, err := r.mine("")
	if err != nil {
		return err
	}
	targets := r.flow.returnTargets(&r.c.State, b)
	if len(targets) == 0 {
		return ErrNoReturn.With(problem.Params{"step": b.Name()})
	}
	i := slices.IndexFunc(targets, func(to *block) bool { return to.ID == r.cmd.To })
	if i < 0 {
		return ErrReturnTarget.With(problem.Params{"known": titles(targets)})
	}
	if err := r.reason(); err != nil {
		return err
	}
	if err := r.change("", r.cmd.Data); err != nil {
		return err
	}
	r.close(t, TaskReturned, r.cmd.Actor)
	return r.goBack(targets[i])
}

func (r *run) goBack(target *block) error {
	r.emit(Event{Kind: ReturnedTo, Block: target.ID, User: r.cmd.Actor, Reason: r.cmd.Reason, Comment: r.cmd.Comment})
	r.returned = true
	return r.jump(target, ExitReturned)
}

func (r *run) reason() error {
	if strings.TrimSpace(r.cmd.Reason) == "" {
		return ErrReason.With(nil, ProblemReason.At("/reason", nil))
	}
	return nil
}

// returnTargets are the blocks to which whoever has the block's task may send the record back, in the order of the flow:
// stages and tasks that the record has been through, or those of them that an approval lists.
func (f *Flow) returnTargets(s *State, from *block) []*block {
	var out []*block
	for _, b := range f.blocks[:from.order] {
		been := (b.Type == flow.Stage && slices.ContainsFunc(s.Stages, func(v Visit) bool { return v.Block == b.ID })) ||
			(b.Type == flow.Task && slices.ContainsFunc(s.Passed, func(p Passed) bool { return p.Block == b.ID }))
		if been && !from.within(b) && (len(from.returnsTo) == 0 || slices.Contains(from.returnsTo, b)) {
			out = append(out, b)
		}
	}
	return out
}

// rejectTarget is the nearest earlier task: the last one that the record has been through, else the last one that stands
// on every way to the approval. There is none only when an override went past all of them on a way where no task stood.
func (r *run) rejectTarget(from *block) *block {
	for _, p := range slices.Backward(r.c.State.Passed) {
		if b := r.flow.byID[p.Block]; b != nil && b.Type == flow.Task && b.order < from.order {
			return b
		}
	}
	for _, b := range slices.Backward(r.flow.blocks[:from.order]) {
		if b.Type == flow.Task && always(b, from) {
			return b
		}
	}
	return nil
}

// always reports whether every way to later leads through b.
func always(b, later *block) bool {
	for at := b.seq.holder; at != nil; at = at.seq.holder {
		if at.Type == flow.Branch && (!later.within(at) || later.takes(at) != b.takes(at)) {
			return false
		}
	}
	return true
}

func (r *run) override() error {
	target := r.flow.byID[r.cmd.To]
	if target == nil || !target.movable() {
		return ErrTarget.With(problem.Params{"to": r.cmd.To, "known": titles(r.flow.movables())})
	}
	if err := r.reason(); err != nil {
		return err
	}
	if err := r.change("", r.cmd.Data); err != nil {
		return err
	}
	r.emit(Event{Kind: Overridden, Block: target.ID, User: r.cmd.Actor, Reason: r.cmd.Reason, Comment: r.cmd.Comment})
	return r.jump(target, ExitOverridden)
}

// movable reports whether a record can be set to the block.
func (b *block) movable() bool { return b.Type == flow.Stage || b.Type == flow.End || b.Waits() }

func (f *Flow) movables() []*block {
	var out []*block
	for _, b := range f.blocks {
		if b.movable() {
			out = append(out, b)
		}
	}
	return out
}

func titles(blocks []*block) []problem.Text {
	out := make([]problem.Text, len(blocks))
	for i, b := range blocks {
		out[i] = b.Name()
	}
	return out
}

// withdraw gives the record back to its applicant as a draft.
func (r *run) withdraw() error {
	s := &r.c.State
	switch {
	case r.cmd.Actor != s.Applicant:
		return ErrWithdrawer.With(problem.Params{"people": r.names([]string{s.Applicant})})
	case r.flow.withdraw == flow.WithdrawNever:
		return ErrWithdrawNever.With(nil)
	case r.flow.withdraw == flow.WithdrawUntilDecided && s.decided():
		return ErrWithdrawDecided.With(problem.Params{"people": r.names(r.holders())})
	}
	r.closeOpen(nil, ExitWithdrawn)
	r.emit(Event{Kind: Withdrawn, User: r.cmd.Actor, Reason: r.cmd.Reason, Comment: r.cmd.Comment})
	return nil
}

// decided reports whether somebody besides the applicant has completed or approved something that still counts.
func (s *State) decided() bool {
	others := func(user string) bool { return user != s.Applicant }
	return slices.ContainsFunc(s.Passed, func(p Passed) bool { return others(p.By) }) ||
		slices.ContainsFunc(s.Tasks, func(t Task) bool { return slices.ContainsFunc(t.Approved, others) })
}

// move is a card dragged on the board. It goes through the same gates as the record page: forward it completes the actor's
// task, backward it returns.
func (r *run) move() error {
	if len(r.flow.stages) == 0 {
		return ErrNoStages.With(nil)
	}
	target := r.flow.byID[r.cmd.To]
	if target == nil || (target.Type != flow.Stage && target.Type != flow.End) {
		return ErrTarget.With(problem.Params{"to": r.cmd.To, "known": titles(r.flow.columns())})
	}
	here := r.flow.byID[r.c.State.Stage]
	if here == target {
		return r.change("", r.cmd.Data)
	}
	task, err := r.actorsTask()
	if err != nil {
		return err
	}
	if here != nil && target.Type == flow.Stage && target.order < here.order {
		return r.follow(Return, task.ID)
	}
	if between := r.flow.between(here, target); len(between) > 0 {
		return ErrMoveSkips.With(problem.Params{"to": target.Name(), "between": titles(between)})
	}
	if task.Kind == flow.Approval {
		return r.moveWaits(target, task)
	}
	if err := r.follow(Complete, task.ID); err != nil {
		return err
	}
	return r.arrived(task, target)
}

// columns are what a card can be dragged to.
func (f *Flow) columns() []*block {
	var out []*block
	for _, b := range f.blocks {
		if b.Type == flow.Stage || b.Type == flow.End {
			out = append(out, b)
		}
	}
	return out
}

// between are the stages that a forward drag would pass over, with the present one when it is not the last in front.
func (f *Flow) between(here, target *block) []*block {
	if target.Type == flow.End {
		return nil
	}
	var out []*block
	for _, s := range f.stages {
		if (here == nil || s.order > here.order) && s.order < target.order {
			out = append(out, s)
		}
	}
	return out
}

// follow does the command as another one on a task.
func (r *run) follow(kind CommandKind, task string) error {
	r.cmd.Kind, r.cmd.Task = kind, task
	return r.command()
}

// actorsTask is the actor's open task: one to complete before one to approve.
func (r *run) actorsTask() (Task, error) {
	var found Task
	for _, t := range r.c.State.Tasks {
		if t.has(r.cmd.Actor) && (found.ID == "" || t.Kind == flow.Task) {
			found = t
		}
	}
	if found.ID == "" {
		return found, ErrNothingYours.With(problem.Params{"people": r.names(r.holders())})
	}
	return found, nil
}

// arrived refuses a move that completing the task did not bring about.
func (r *run) arrived(done Task, target *block) error {
	s := &r.c.State
	from := r.flow.byID[done.Block]
	switch {
	case s.Stage == target.ID:
		return nil
	case s.Status == Ended && target.Type == flow.End && r.events[len(r.events)-1].Block == target.ID:
		return nil
	case s.Status == Running && s.Stage == done.Stage && len(s.Tasks) > 0:
		return r.moveWaits(target, s.Tasks[0])
	}
	where := problem.Text{"en": "the end", "zh-CN": "流程结束"}
	if s.Status == Ended {
		if end := r.flow.byID[r.events[len(r.events)-1].Block]; end != nil {
			where = end.Name()
		}
	} else if stage := r.flow.byID[s.Stage]; stage != nil {
		where = stage.Name()
	}
	return ErrMoveElsewhere.With(problem.Params{"step": from.Name(), "to": target.Name(), "where": where})
}

func (r *run) moveWaits(target *block, t Task) error {
	b := r.flow.byID[t.Block]
	params := problem.Params{"to": target.Name(), "step": b.Name(), "people": r.names(r.undecided(t))}
	return ErrMoveWaits.With(params, ProblemWaits.At("/to", params))
}
