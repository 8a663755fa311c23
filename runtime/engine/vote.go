package engine

import (
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/problem"
)

// approve is an approval: of the actor's part of a task, or by the system of the whole task.
func (r *run) approve() error {
	t, b, err := r.mine(flow.Approval)
	if err != nil {
		return err
	}
	if err := r.prepareDecision(b); err != nil {
		return err
	}
	if err := r.taskGate(b); err != nil {
		return err
	}
	return r.vote(t, b, TaskApproved)
}

// reject is a refusal. It asks for nothing to be filled in.
func (r *run) reject() error {
	t, b, err := r.mine(flow.Approval)
	if err != nil {
		return err
	}
	if err := r.prepareDecision(b); err != nil {
		return err
	}
	return r.vote(t, b, TaskRejected)
}

// abstain is neither. Only a vote may allow it, and only to those who were asked themselves.
func (r *run) abstain() error {
	t, b, err := r.mine(flow.Approval)
	if err != nil {
		return err
	}
	if r.part == "" || t.Mode != flow.ByVote || b.Vote == nil || !b.Vote.Abstain || t.partOf(r.part) != r.part {
		return ErrAbstain.With(problem.Params{"step": b.Name()})
	}
	if err := r.prepareDecision(b); err != nil {
		return err
	}
	return r.vote(t, b, TaskAbstained)
}

// prepareDecision asks for what must accompany a decision, and takes over what comes with it.
func (r *run) prepareDecision(b *block) error {
	if b.Signature == flow.SignatureRequired && r.cmd.Signature == nil {
		return ErrSignature.With(problem.Params{"step": b.Name()}, ProblemSignature.At("/signature", nil))
	}
	if b.Confirm != "" && !r.cmd.Confirmed {
		return ErrConfirm.With(problem.Params{"step": b.Name()}, ProblemConfirm.At("/proof", nil))
	}
	if err := r.pick(); err != nil {
		return err
	}
	return r.change("", r.cmd.Data)
}

// vote adds a decision to those that a task has, and closes it when they decide.
func (r *run) vote(t Task, b *block, result TaskResult) error {
	if r.part == "" { // the system
		r.close(t, result, "")
		return r.lead(t, b, result)
	}
	after := t
	after.take(r.part, result)
	outcome := r.tally(&after, b)
	if outcome == result {
		r.close(t, result, r.cmd.Actor)
		return r.lead(t, b, result)
	}
	ev := Event{
		Kind: TaskVoted, Task: t.ID, Block: t.Block, User: r.cmd.Actor, For: r.insteadOf(), Result: result, Reason: r.cmd.Reason,
		Comment: r.cmd.Comment, Signature: r.cmd.Signature,
	}
	if turn := r.turnOf(&after); len(turn) > 0 {
		ev.Roster = &Roster{Turn: turn}
	}
	r.emit(ev)
	if outcome == "" {
		r.tellNew(b, &t)
		return nil
	}
	return r.recount(t.ID)
}

// lead goes where the decision on an approval leads.
func (r *run) lead(t Task, b *block, result TaskResult) error {
	if result == TaskRejected {
		return r.refused(t, b)
	}
	return r.onward(b)
}

// refused is what a refused approval does.
func (r *run) refused(t Task, b *block) error {
	switch b.OnReject {
	case flow.RejectReturn:
		if target := r.rejectTarget(&t); target != nil {
			return r.goBack(target, nil)
		}
	case flow.RejectApplicant:
		return r.toApplicant(b, nil)
	case flow.RejectEnd:
	}
	return r.finish(OutcomeRejected, b.ID)
}

// take adds a decision to a task that is not shared.
func (t *Task) take(user string, result TaskResult) {
	list := &t.Approved
	switch result { //nolint:exhaustive // the others are no decisions of one of several
	case TaskRejected:
		list = &t.Rejected
	case TaskAbstained:
		list = &t.Abstained
	}
	*list = append((*list)[:len(*list):len(*list)], user)
}

// nobodyLeft is the tally of a task that nobody can decide any more.
const nobodyLeft TaskResult = "nobody"

// ballot counts the parts of a task by what became of them.
type ballot struct {
	yes, no, abstained, open int
}

// seat is one part: an assignee with those who were added to them.
type seat struct {
	of        string
	own       bool // the assignee themselves has decided, or still can; without them the part comes to nothing
	waiting   bool
	refused   bool
	abstained bool
}

// tally is what the decisions of a task come to: approved, rejected, nobodyLeft, or "" while it is open. Assignees who are
// disabled and have not decided do not count.
func (r *run) tally(t *Task, b *block) TaskResult {
	s := r.count(t)
	switch {
	case s == ballot{}:
		return nobodyLeft
	case t.Kind != flow.Approval:
		return ""
	}
	switch t.Mode {
	case flow.All, flow.Sequential:
		switch {
		case s.no > 0:
			return TaskRejected
		case s.open > 0:
			return ""
		}
		return TaskApproved
	case flow.ByVote:
		need := s.need(b.Vote)
		switch {
		case s.yes >= need:
			return TaskApproved
		case s.yes+s.open < need:
			return TaskRejected
		}
		return ""
	case flow.Any:
	}
	switch {
	case s.yes > 0:
		return TaskApproved
	case s.no > 0:
		return TaskRejected
	}
	return ""
}

func (r *run) count(t *Task) ballot {
	var list [8]seat
	found := list[:0]
	for _, u := range t.Assignees {
		of := t.partOf(u)
		i := 0
		for i < len(found) && found[i].of != of {
			i++
		}
		if i == len(found) {
			found = append(found, seat{of: of})
		}
		p := &found[i]
		counts := true
		switch {
		case contains(t.Approved, u):
		case contains(t.Rejected, u):
			p.refused = true
		case contains(t.Abstained, u):
			p.abstained = true
		case r.env.Directory.Active(u):
			p.waiting = true
		default:
			counts = false
		}
		p.own = p.own || (counts && u == of)
	}
	var s ballot
	for _, p := range found {
		switch {
		case p.refused:
			s.no++
		case p.abstained:
			s.abstained++
		case !p.own:
		case p.waiting:
			s.open++
		default:
			s.yes++
		}
	}
	return s
}

// need is how many parts must approve.
func (s ballot) need(v *flow.Vote) int {
	asked := s.yes + s.no + s.abstained + s.open
	if v == nil {
		return asked
	}
	if v.Count > 0 {
		return min(v.Count, asked)
	}
	return max(1, (asked*v.Percent+99)/100)
}

// recount closes a task that is decided although nobody's decision did so: those who had not decided are gone.
func (r *run) recount(id string) error {
	t, b, err := r.find(id)
	if err != nil {
		return err
	}
	switch outcome := r.tally(&t, b); outcome { //nolint:exhaustive // it is still open
	case TaskApproved, TaskRejected:
		r.close(t, outcome, "")
		return r.lead(t, b, outcome)
	case nobodyLeft:
		return r.abandoned(t, b)
	}
	return nil
}
