package automation

import (
	"context"
	"maps"
	"net/http"

	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/records"
	"github.com/stepwell/stepwell/schemas/definition"
)

// Rehearsal is what a run over a record would do.
type Rehearsal struct {
	Holds   bool            `json:"holds"` // whether its condition holds; when not, there are no steps
	Steps   []Step          `json:"steps"`
	Outcome string          `json:"outcome,omitempty"`
	Error   definition.Text `json:"error,omitempty"` // why it would fail
	// Assumed says that answers from the outside were made up: calls succeed with an empty answer, begun records end.
	Assumed bool `json:"assumed,omitempty"`
	// Open says that it would still wait where the rehearsal ends.
	Open bool `json:"open,omitempty"`
}

// mostTurns is how many decisions a rehearsal takes.
const mostTurns = 200

// Rehearse plays an automation over a record as it is now. Nothing is written and nobody is told; waiting takes no time.
func (s *Service) Rehearse(ctx context.Context, a *catalog.Automation, rec *records.Record, by string) (*Rehearsal, error) {
	if a.Broken != nil {
		return nil, a.Broken
	}
	env, err := s.env(ctx, a, rec, by)
	if err != nil {
		return nil, err
	}
	out := &Rehearsal{Holds: true, Steps: []Step{}}
	if a.When != nil {
		if out.Holds, err = a.When.EvalBool(vars(env, rec)); err != nil || !out.Holds {
			out.Holds = false
			if err != nil {
				out.Error = words(err)
			}
			return out, nil
		}
	}
	copied := *rec
	copied.Data = maps.Clone(rec.Data)
	p := play{work: work{Service: s, a: a, rec: &copied, env: env, run: &Run{ID: "rehearsal", App: rec.App, Form: rec.Form, Record: rec.ID, By: by}}, out: out}
	p.through()
	out.Steps, out.Outcome = append(out.Steps, p.run.Steps...), p.run.Outcome
	for i := range out.Steps {
		if out.Steps[i].State == StepPending {
			out.Steps[i].State = StepDone
		}
	}
	return out, nil
}

// play is a run of which nothing is real.
type play struct {
	work
	out   *Rehearsal
	asked int // steps up to which answers were made up
}

// through takes the play to its end.
func (p *play) through() {
	cmd := &engine.Command{Kind: engine.Submit}
	for range mostTurns {
		cmd.Actor = p.run.By
		d, err := engine.Decide(p.env, p.run.caseOf(p.rec), *cmd)
		if err != nil {
			p.out.Error = words(err)
			return
		}
		p.take(d)
		p.rec.Data = d.After.Data
		if p.run.Walk.Status != engine.Running {
			return
		}
		if cmd = p.next(); cmd == nil {
			p.out.Open = true
			return
		}
	}
	p.out.Open = true
}

// next is what would move the play on: an answer that is made up, else the next moment.
func (p *play) next() *engine.Command {
	for ; p.asked < len(p.run.Steps); p.asked++ {
		step := &p.run.Steps[p.asked]
		if step.Effect == nil {
			continue
		}
		reply := engine.Reply{Block: step.Block, Frame: step.Frame}
		switch {
		case step.Effect.Create != nil && step.Effect.Create.Await:
			reply.Record, reply.Outcome = step.Effect.Create.Record, engine.OutcomeCompleted
		case step.Effect.Call != nil && step.Effect.Call.Await:
			reply.Status, reply.Body = http.StatusOK, map[string]any{}
		default:
			continue
		}
		p.asked++
		p.out.Assumed = true
		return &engine.Command{Kind: engine.Answer, Reply: &reply}
	}
	var first *engine.DeadlineState
	for i := range p.run.Walk.Deadlines {
		if d := &p.run.Walk.Deadlines[i]; d.Moment != engine.MomentRecheck && (first == nil || d.DueAt.Before(first.DueAt)) {
			first = d
		}
	}
	if first == nil {
		return nil
	}
	if first.DueAt.After(p.env.Now) {
		p.env.Now = first.DueAt.In(p.env.Now.Location())
	}
	return &engine.Command{Kind: engine.Fire, Timer: engine.TimerRef{Deadline: first.Key}}
}
