package engine

import (
	"cmp"
	"slices"
	"strings"

	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/problem"
)

// sendBack is the Return command.
func (r *run) sendBack() error {
	t, b, err := r.mine()
	if err != nil {
		return err
	}
	if err := r.reason(); err != nil {
		return err
	}
	return r.giveBack(t, b, r.cmd.To)
}

// giveBack ends a task by sending the record back from it.
func (r *run) giveBack(t Task, b *block, target string) error {
	back := r.flow.returns(&r.c.State, &t)
	if len(back) == 0 {
		return ErrNoReturn.With(problem.Params{"step": b.Name()})
	}
	i := slices.IndexFunc(back, func(to ReturnTarget) bool { return to.Block == target })
	if i < 0 {
		known := make([]problem.Text, len(back))
		for j := range back {
			known[j] = back[j].Title
		}
		return ErrReturnTarget.With(problem.Params{"known": known})
	}
	detour, err := r.detour(t, b, back[i])
	if err != nil {
		return err
	}
	if err := r.change("", r.cmd.Data); err != nil {
		return err
	}
	r.close(t, TaskReturned, r.cmd.Actor)
	if target == flow.ToApplicant {
		return r.toApplicant(b, detour)
	}
	return r.goBack(r.flow.byID[target], detour)
}

func (r *run) reason() error {
	if strings.TrimSpace(r.cmd.Reason) == "" {
		return ErrReason.With(nil, ProblemReason.At("/reason", nil))
	}
	return nil
}

// detour is the way straight back from a return; nil when the steps in between run again.
func (r *run) detour(t Task, b *block, to ReturnTarget) (*Detour, error) {
	switch {
	case r.cmd.Then != "" && r.cmd.Then != flow.Again && r.cmd.Then != flow.StraightBack:
		return nil, ErrReturnTarget.With(problem.Params{"known": []string{string(flow.Again), string(flow.StraightBack)}})
	case b.Then != "" && r.cmd.Then != "" && r.cmd.Then != b.Then && slices.Contains(to.Then, b.Then):
		return nil, ErrThen.With(problem.Params{"step": b.Name(), "known": string(b.Then)})
	}
	if cmp.Or(b.Then, r.cmd.Then, flow.Again) == flow.Again {
		return nil, nil //nolint:nilnil // no detour is an answer
	}
	if !slices.Contains(to.Then, flow.StraightBack) {
		if r.cmd.Then != flow.StraightBack {
			return nil, nil //nolint:nilnil // the flow would have it, but the way is not there
		}
		return nil, ErrStraightBack.With(problem.Params{"step": b.Name()})
	}
	return &Detour{To: to.Block, Block: t.Block, Task: Task{
		ID: t.ID, Block: t.Block, Kind: t.Kind, Assignees: t.Assignees, Mode: t.Mode, Approved: t.Approved, Rejected: t.Rejected,
		Abstained: t.Abstained, Added: t.Added,
	}}, nil
}

// ReturnTarget is where a record can be sent back to, and what may follow.
type ReturnTarget struct {
	Target
	Then []flow.Then `json:"then"`
}

// returns are where whoever has a task may send the record back, in the order of the flow: to what returnTargets finds, and
// to the applicant, where the approval lists them or lists nothing and the flow has no stages.
func (f *Flow) returns(s *State, t *Task) []ReturnTarget {
	from := f.byID[t.Block]
	var out []ReturnTarget
	add := func(to Target, straight bool) {
		then := []flow.Then{flow.Again, flow.StraightBack}
		switch {
		case !straight:
			then = then[:1]
		case from.Then != "":
			then = []flow.Then{from.Then}
		}
		out = append(out, ReturnTarget{to, then})
	}
	own := len(t.Assignees) == 1 && t.has(s.Applicant) // whoever has it is the applicant
	if s.Applicant != "" && !own && (len(f.stages) == 0 && len(from.ReturnTo) == 0 || slices.Contains(from.ReturnTo, flow.ToApplicant)) {
		add(Target{flow.ToApplicant, f.BlockTitle(flow.ToApplicant)}, beside(from, nil) == nil)
	}
	for _, b := range f.returnTargets(s, t) {
		add(Target{b.ID, b.Name()}, beside(from, b) == nil)
	}
	return out
}

// beside is a block that runs several ways at once, around from but not around both it and target on the same way: leaving
// one of its ways and coming back to it would lose the others. nil when there is none.
func beside(from, target *block) *block {
	for at := from.seq; at.holder != nil; at = at.holder.seq {
		if at.holder.Gathers() && (target == nil || !target.within(at.holder) || target == at.holder || target.takes(at.holder) != at.taken) {
			return at.holder
		}
	}
	return nil
}

// goBack sends the record back to an earlier step; with a detour it will come straight back.
func (r *run) goBack(target *block, detour *Detour) error {
	ev := Event{
		Kind: ReturnedTo, Block: target.ID, User: r.cmd.Actor, Reason: r.cmd.Reason, Comment: r.cmd.Comment, Cause: r.cmd.Cause,
		Detour: detour, Undone: r.undone(target, detour != nil),
	}
	r.emit(ev)
	r.returned = true
	return r.jump(target, ExitReturned)
}

// toApplicant gives the record back to its applicant as a draft, to be submitted again.
func (r *run) toApplicant(from *block, detour *Detour) error {
	applicant := r.c.State.Applicant
	r.closeFor(nil, ExitReturned)
	ev := Event{
		Kind: ReturnedTo, Block: flow.ToApplicant, User: r.cmd.Actor, Reason: r.cmd.Reason, Comment: r.cmd.Comment, Cause: r.cmd.Cause,
		Detour: detour,
	}
	r.emit(ev)
	if applicant != r.cmd.Actor {
		r.tell(Effect{Cause: CauseReturned, Block: flow.ToApplicant, Reason: cmp.Or(r.cmd.Reason, r.cmd.Comment)}, []string{applicant})
	}
	return nil
}

// applyReturn goes back in what was passed. With a way straight back, what lies behind still counts.
func applyReturn(s *State, ev *Event) {
	s.Passed = without(s.Passed, func(p Passed) bool { return contains(ev.Undone, p.Task) })
	detours := s.Detours
	if ev.Detour != nil {
		detours = append(detours[:len(detours):len(detours)], *ev.Detour)
	}
	switch {
	case ev.Kind == Overridden:
		s.Detours = nil
	case ev.Block == flow.ToApplicant && ev.Detour == nil:
		*s = State{Status: Draft, Stages: s.Stages}
	case ev.Block == flow.ToApplicant:
		*s = State{
			Status: Draft, Stages: s.Stages, Flow: s.Flow, Version: s.Version, Applicant: s.Applicant, SubmittedAt: s.SubmittedAt,
			Passed: s.Passed, Picks: s.Picks, Detours: detours,
		}
	default:
		s.Detours = detours
	}
}

// onward goes on behind a task that is done: straight back to the step that had sent the record to it, or to the next one.
func (r *run) onward(b *block) error {
	if went, err := r.straightFrom(b); went || err != nil {
		return err
	}
	return r.walk(b.seq, b.index+1)
}

// behindStage is onward for a stage that has been left.
func (r *run) behindStage(stage *block) (step, error) {
	if went, err := r.straightFrom(stage); went || err != nil {
		return rest, err
	}
	return behind(stage), nil
}

// straightFrom goes straight back from a block to which the record had been sent, if it was to.
func (r *run) straightFrom(b *block) (went bool, err error) {
	d := r.c.State.detourFrom(b.ID)
	if d == nil || r.flow.byID[d.Block] == nil {
		return false, nil
	}
	if err := r.gatesBetween(*d); err != nil {
		if r.cmd.Actor == "" {
			return false, nil // nobody is there to mend anything: step by step, where the gates stand
		}
		return false, err
	}
	return true, r.straightBack(*d)
}

// detourFrom is the newest return to a block from which the record goes straight back.
func (s *State) detourFrom(block string) *Detour {
	for i := range slices.Backward(s.Detours) {
		if s.Detours[i].To == block {
			return &s.Detours[i]
		}
	}
	return nil
}

// gatesBetween asks the gates of the stages between a step and the one that had sent the record back to it: what they
// required must still be there.
func (r *run) gatesBetween(d Detour) error {
	target := r.flow.byID[d.Block]
	for _, stage := range r.flow.stages {
		last := lastVisit(&r.c.State, stage.ID)
		here := stage.ID == r.c.State.Stage
		if last == nil || target.stage == stage || (!here && last.Exit != ExitDone) || (target.stage != nil && stage.order > target.stage.order) {
			continue
		}
		if from := r.flow.byID[d.To]; from != nil && stage.order < from.order && from.stage != stage {
			continue // the record was not sent back so far
		}
		if err := r.stageGate(stage).refuse(stage); err != nil {
			return err
		}
	}
	return nil
}

// straightBack goes to the step that had sent the record back.
func (r *run) straightBack(d Detour) error {
	r.emit(Event{Kind: WentBack, Block: d.Block, User: r.cmd.Actor})
	r.back = &d
	return r.jump(r.flow.byID[d.Block], ExitDone)
}

// comesBack is the task that a step had when it sent the record back, for the step to which the record has come straight
// back; nil otherwise, and when nobody of it is left.
func (r *run) comesBack(b *block) *Task {
	if r.back == nil || r.back.Block != b.ID {
		return nil
	}
	t := r.back.Task
	r.back = nil
	if r.tally(&t, b) != "" {
		return nil
	}
	return &t
}

// dropDetours forgets a way back that was taken, or has become pointless because the record came to its end otherwise.
func (s *State) dropDetours(block string) {
	if len(s.Detours) > 0 {
		s.Detours = without(slices.Clone(s.Detours), func(d Detour) bool { return d.Block == block })
	}
}
