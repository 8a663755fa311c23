package engine

import (
	"maps"
	"slices"

	"github.com/stepwell/stepwell/internal/expr"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/problem"
)

// step is what follows when a block has been entered.
type step struct {
	rest bool      // it waits for somebody, or the flow has ended
	into *sequence // it holds a sequence that runs now; nil: go on behind it
}

var (
	goOn = step{}
	rest = step{rest: true}
)

// walk runs a sequence from position i until a block waits for somebody or the flow has ended. When a sequence has run
// out it goes on behind the block that holds it. It always stops: every step goes forward in a finite tree.
func (r *run) walk(seq *sequence, i int) error {
	for {
		if len(r.events) > maxEvents {
			return ErrTooMuch.With(problem.Params{"limit": maxEvents})
		}
		if i < len(seq.blocks) {
			next, err := r.enter(seq.blocks[i])
			if err != nil || next.rest {
				return err
			}
			if next.into != nil {
				seq, i = next.into, 0
			} else {
				i++
			}
			continue
		}
		if seq.holder == nil {
			r.end(OutcomeCompleted, "")
			return nil
		}
		if err := r.leave(seq.holder); err != nil {
			return err
		}
		seq, i = seq.holder.seq, seq.holder.index+1
	}
}

func (r *run) enter(b *block) (step, error) {
	switch b.Type {
	case flow.Stage:
		return step{into: b.body}, r.enterStage(b)
	case flow.Task, flow.Approval:
		return rest, r.open(b)
	case flow.Branch:
		return r.branch(b)
	case flow.CC:
		r.copyTo(b)
		return goOn, nil
	case flow.Update:
		return goOn, r.update(b)
	case flow.End:
		r.end(b.Outcome, b.ID)
		return rest, nil
	}
	return goOn, nil
}

// leave goes forward out of a block whose sequence has run out.
func (r *run) leave(b *block) error {
	if b.Type != flow.Stage {
		r.emit(Event{Kind: BlockLeft, Block: b.ID})
		return nil
	}
	if err := r.stageGate(b); err != nil {
		return err
	}
	r.leaveStage(b.ID, ExitDone)
	return nil
}

func (r *run) enterStage(b *block) error {
	r.emit(Event{Kind: StageEntered, Block: b.ID})
	if err := r.startDeadline(b, ""); err != nil {
		return err
	}
	r.notify(b, Task{}, CauseEntered, b.Notify)
	return nil
}

func (r *run) leaveStage(stage string, exit Exit) {
	r.emit(Event{Kind: StageLeft, Block: stage, Exit: exit})
	r.clearDeadline(stage, "")
}

// open gives a task or approval to the people it is for.
func (r *run) open(b *block) error {
	users := r.resolve(b.Who, nil)
	mode := b.Mode
	if b.Type == flow.Approval && mode == "" {
		mode = flow.Any
	}
	fallback := len(users) == 0
	if fallback {
		users = r.active(r.env.Directory.WithRole(r.env.App, RoleAdmin))
		if len(users) == 0 {
			return ErrNobody.With(problem.Params{"step": b.Name()})
		}
		if b.Type == flow.Approval {
			mode = flow.Any // one of the admins stands in for whoever is missing
		}
	}
	t := Task{ID: r.key(b.ID), Block: b.ID, Assignees: users}
	ev := Event{Kind: TaskOpened, Task: t.ID, Block: b.ID, TaskKind: b.Type, Mode: mode, Assignees: users, Fallback: fallback}
	if b.stage != nil {
		ev.Stage = b.stage.ID
	}
	r.emit(ev)
	if err := r.startDeadline(b, t.ID); err != nil {
		return err
	}
	r.announce(b, t)
	return nil
}

// branch takes the first case whose condition holds.
func (r *run) branch(b *block) (step, error) {
	for _, w := range b.cases {
		if w.when != nil {
			holds, err := w.when.EvalBool(r.ruleVars())
			if err != nil {
				return step{}, ruleFault(err, problem.Text{
					"en": b.Name().In("en") + " › " + w.name.In("en"), "zh-CN": b.Name().In("zh-CN") + " › " + w.name.In("zh-CN"),
				})
			}
			if !holds {
				continue
			}
		}
		r.emit(Event{Kind: BlockEntered, Block: b.ID, Case: w.id})
		return step{into: w.seq}, nil
	}
	return goOn, nil
}

// update computes every formula on the data as it stands and then sets all fields at once.
func (r *run) update(b *block) error {
	set := make(map[string]any, len(b.set))
	for _, a := range b.set {
		value, err := a.formula.Eval(r.ruleVars())
		if err != nil && !expr.IsMissing(err) {
			return ruleFault(err, problem.Text{
				"en": b.Name().In("en") + " › " + a.field, "zh-CN": b.Name().In("zh-CN") + " › " + a.field,
			})
		}
		set[a.field] = value // a formula that needs a blank value has no result: the field is cleared
	}
	return r.change(b.ID, set)
}

func ruleFault(err error, where problem.Text) *fault.Error {
	return ErrRule.Because(err, problem.Params{"where": where})
}

// change sets fields. block is the update block that does it, "" for the command.
func (r *run) change(block string, set map[string]any) error {
	set, before := delta(r.c.Data, set)
	if set != nil && block != "" && r.env.Derive != nil {
		derived, err := r.env.Derive(merged(r.c.Data, set))
		if err != nil {
			return ErrDerive.Because(err, nil)
		}
		maps.Copy(set, derived)
		set, before = delta(r.c.Data, set)
	}
	if set == nil {
		return nil
	}
	r.emit(Event{Kind: DataChanged, Block: block, User: r.cmd.Actor, Set: set, Before: before})
	return r.restartDeadlines(set)
}

// end closes whatever is open.
func (r *run) end(outcome, by string) {
	r.closeOpen(nil, ExitEnded)
	r.emit(Event{Kind: FlowEnded, Block: by, Outcome: outcome, User: r.cmd.Actor, Reason: r.cmd.Reason})
	if owner := r.owner(); owner != r.cmd.Actor {
		r.tell(Effect{Cause: CauseEnded, Block: by, Reason: r.cmd.Reason}, []string{owner})
	}
}

// closeOpen closes the open tasks and every open block that does not hold target on the way to it.
func (r *run) closeOpen(target *block, exit Exit) {
	for len(r.c.State.Tasks) > 0 {
		t := r.c.State.Tasks[0]
		r.emit(Event{
			Kind: TaskClosed, Task: t.ID, Block: t.Block, TaskKind: t.Kind, Stage: t.Stage, User: r.cmd.Actor, Result: TaskCancelled,
		})
		r.clearDeadline(t.Block, t.ID)
	}
	for _, f := range slices.Backward(slices.Clone(r.c.State.Frames)) {
		b := r.flow.byID[f.Block]
		if target != nil && target.within(b) && target.takes(b) == f.Case {
			continue
		}
		r.emit(Event{Kind: BlockLeft, Block: f.Block})
	}
	stage := r.c.State.Stage
	if stage != "" && (target == nil || target.Type == flow.Stage || target.stage == nil || target.stage.ID != stage) {
		r.leaveStage(stage, exit)
	}
}
