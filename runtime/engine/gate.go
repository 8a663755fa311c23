package engine

import (
	"strings"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/problem"
)

// taskGate says what is missing before a task is completed or an approval given. The last of a stage that may write answers
// for the stage's checks too: behind it stands nobody who could mend the record.
func (r *run) taskGate(b *block) error {
	g := gate{run: r}
	if b.stage == nil || !g.waived(b.stage) {
		if !g.waived(b) {
			if b.Type == flow.Checklist {
				g.items(b)
			}
			g.fields(b, b.required)
			g.checks(b)
		}
		if b.lastWriter && r.lastNow(b.stage) {
			g.checks(b.stage)
		}
	}
	return g.refuse(b)
}

// gateCase marks the frame of a stage whose blocks are done and whose gate does not open.
const gateCase = "gate"

// leaveBy goes forward out of a stage through its gate. Whoever decides a task is refused while something is missing. Where
// nobody decides (a moment has come, an event, an answer) there is nobody to refuse: the record rests at the gate, says why,
// and goes on as soon as everything is there.
func (r *run) leaveBy(stage *block) (step, error) {
	g := r.stageGate(stage)
	if len(g.problems) == 0 {
		r.leaveStage(stage.ID, ExitDone)
		return r.behindStage(stage)
	}
	if r.acting {
		return step{}, g.refuse(stage) // the task stays with those who can mend what is missing
	}
	switch r.cmd.Kind { //nolint:exhaustive // with the others nobody decides
	case Submit, Complete, Approve, Reject, Abstain, Transfer:
		if !r.settling && r.cmd.Actor != "" {
			return step{}, g.refuse(stage)
		}
	}
	in := r.in
	r.hold(stage, Event{Case: gateCase, Missing: g.words()})
	r.in = in
	people := []string{r.owner()}
	if !r.env.Directory.Active(people[0]) {
		people = r.env.Directory.WithRole(r.env.App, RoleAdmin)
	}
	r.tell(Effect{Cause: CauseHeld, Block: stage.ID}, people)
	return rest, nil
}

// words are the problems in every language.
func (g *gate) words() problem.Text {
	out := problem.Text{}
	for _, lang := range []string{"en", "zh-CN"} {
		said := make([]string, len(g.problems))
		for i, p := range g.problems {
			said[i] = p.Message(lang)
		}
		out[lang] = strings.Join(said, " ")
	}
	return out
}

// stageGate finds what is missing before a stage is left forward. What its tasks required must still be there.
func (r *run) stageGate(stage *block) *gate {
	g := &gate{run: r}
	if !g.waived(stage) {
		g.fields(stage, stage.required)
		g.checks(stage)
		for _, p := range r.c.State.Passed {
			b := r.flow.byID[p.Block]
			if p.Stage != stage.ID || b == nil || g.waived(b) {
				continue
			}
			g.fields(b, b.own)
		}
	}
	return g
}

// lastNow reports whether nobody else in the stage can change data any more when a task is done.
func (r *run) lastNow(stage *block) bool {
	for i := range r.c.State.Tasks {
		t := &r.c.State.Tasks[i]
		b := r.flow.byID[t.Block]
		if t.ID != r.cmd.Task && t.Stage == stage.ID && b != nil && (b.Redone() || b.writes()) {
			return false
		}
	}
	return len(r.awaited()) == 0
}

// gate collects what stands in the way.
type gate struct {
	run      *run
	problems []problem.Problem
	asked    map[string]bool // fields already found missing
}

// waived reports whether the exception exit of a block holds. One that cannot be computed does not.
func (g *gate) waived(b *block) bool {
	if b.waive == nil {
		return false
	}
	holds, err := b.waive.EvalBool(g.run.ruleVars())
	return err == nil && holds
}

func (g *gate) checks(b *block) {
	for _, k := range b.checks {
		holds, err := k.rule.EvalBool(g.run.ruleVars())
		switch {
		case err != nil:
			g.problems = append(g.problems, ProblemCheckFailed.At(k.pointer, problem.Params{"message": k.message, "cause": cause(err)}))
		case !holds:
			g.problems = append(g.problems, ProblemCheck.At(k.pointer, problem.Params{"message": k.message}))
		}
	}
}

func (g *gate) fields(b *block, required []requirement) {
	for _, q := range required {
		if !g.run.flow.blank(q.field, g.run.c.Data[q.field]) || g.asked[q.field] || g.hidden(q.field) {
			continue
		}
		if g.asked == nil {
			g.asked = map[string]bool{}
		}
		g.asked[q.field] = true
		g.problems = append(g.problems, ProblemRequired.At(problem.Pointer("data", q.field), problem.Params{"field": q.title, "step": b.Name()}))
	}
}

// hidden reports whether the form hides a field now. A rule that cannot be computed hides nothing.
func (g *gate) hidden(field string) bool {
	show := g.run.flow.shows[field]
	if show == nil {
		return false
	}
	shown, err := show.EvalBool(g.run.ruleVars())
	return err == nil && !shown
}

func (g *gate) refuse(b *block) error {
	if len(g.problems) == 0 {
		return nil
	}
	return ErrGate.With(problem.Params{"step": b.Name(), "count": len(g.problems)}, g.problems...)
}

// cause is why a rule could not be computed, in every language.
func cause(err error) problem.Text {
	if f, ok := fault.As(err); ok {
		return problem.Text{"en": f.Message("en"), "zh-CN": f.Message("zh-CN")}
	}
	return problem.Plain(err.Error())
}
