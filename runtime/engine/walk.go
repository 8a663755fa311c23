package engine

import (
	"maps"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/problem"
)

// step is what follows when a block has been entered.
type step struct {
	rest bool      // it waits for somebody, or the flow has ended
	into *sequence // the sequence that runs now; nil: go on behind the block
	at   int       // from where in it
}

var (
	goOn = step{}
	rest = step{rest: true}
)

// behind goes on behind a block.
func behind(b *block) step { return step{into: b.seq, at: b.index + 1} }

// walk runs a sequence, in the frame where the run stands, from position i until every way waits for somebody or the flow
// has ended. When a sequence has run out it goes on behind the block that holds it. It always stops: every step goes
// forward in a finite tree.
func (r *run) walk(seq *sequence, i int) error {
	for {
		if len(r.events) > maxEvents {
			return ErrTooMuch.With(problem.Params{"limit": maxEvents})
		}
		if i == 1 && seq.holder != nil && seq.holder.Type == flow.FirstOf {
			r.choose(r.in)
		}
		var next step
		var err error
		if i < len(seq.blocks) {
			next, err = r.enter(seq.blocks[i])
		} else {
			next, err = r.runOut(seq)
		}
		switch {
		case err != nil:
			return err
		case next.rest:
			c, more := r.next()
			if !more {
				return nil
			}
			seq, i, r.in = c.seq, 0, c.in
		case next.into != nil:
			seq, i = next.into, next.at
		default:
			i++
		}
	}
}

func (r *run) enter(b *block) (step, error) {
	switch b.Type {
	case flow.Stage:
		return step{into: b.body}, r.enterStage(b)
	case flow.Task, flow.Checklist, flow.Approval:
		return r.open(b)
	case flow.Branch:
		return r.branch(b)
	case flow.Inclusive:
		return r.inclusive(b)
	case flow.Parallel:
		return r.split(b, b.cases, Event{}), nil
	case flow.ForEach:
		return r.forEach(b)
	case flow.FirstOf:
		return r.firstOf(b), nil
	case flow.Wait:
		return r.wait(b)
	case flow.Create:
		return r.create(b)
	case flow.Webhook:
		return r.webhook(b)
	case flow.SubFlow:
		r.hold(b, Event{})
		return step{into: b.body}, nil
	case flow.CC:
		r.copyTo(b)
		return goOn, nil
	case flow.Update:
		return goOn, r.update(b)
	case flow.End:
		return r.ending(b.Outcome, b.ID)
	}
	return goOn, nil
}

// runOut goes forward out of a sequence that has run out. What a join has left behind in it is waited for.
func (r *run) runOut(seq *sequence) (step, error) {
	b := seq.holder
	switch {
	case r.c.State.lingers(r.in):
		return rest, nil
	case b == nil:
		r.end(OutcomeCompleted, "")
		return rest, nil
	case b.Type == flow.Stage:
		return r.leaveBy(b)
	case b.Gathers():
		return r.wayDone(b), nil
	case b.Type == flow.SubFlow:
		return r.ending(OutcomeCompleted, "")
	default:
		r.release("")
	}
	return behind(b), nil
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

// branch takes the first case whose condition holds.
func (r *run) branch(b *block) (step, error) {
	for _, w := range b.cases {
		holds, err := r.takes(b, w)
		if err != nil {
			return step{}, err
		}
		if holds {
			r.hold(b, Event{Case: w.id})
			return step{into: w.seq}, nil
		}
	}
	return goOn, nil
}

// takes reports whether the condition of a case holds. One that needs a blank value does not; no condition does.
func (r *run) takes(b *block, w way) (bool, error) {
	if w.when == nil {
		return true, nil
	}
	holds, err := w.when.EvalBool(r.ruleVars())
	if err != nil {
		return false, ruleFault(err, problem.Text{
			"en": b.Name().In("en") + " › " + w.name.In("en"), "zh-CN": b.Name().In("zh-CN") + " › " + w.name.In("zh-CN"),
		})
	}
	return holds, nil
}

// update computes every formula on the data as it stands and then sets all fields at once.
func (r *run) update(b *block) error {
	set, err := r.evaluate(b, b.set)
	if err != nil {
		return err
	}
	return r.change(b.ID, set) // a formula that needs a blank value has no result: the field is cleared
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
	r.closeFor(nil, ExitEnded)
	r.emit(Event{Kind: FlowEnded, Block: by, Outcome: outcome, User: r.cmd.Actor, Reason: r.cmd.Reason})
	if owner := r.owner(); owner != r.cmd.Actor {
		r.tell(Effect{Cause: CauseEnded, Block: by, Reason: r.cmd.Reason}, []string{owner})
	}
}
