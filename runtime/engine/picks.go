package engine

import (
	"maps"
	"slices"

	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/problem"
)

// pick takes over the people whom the actor picks for steps to come. Whom the applicant has picked only they pick anew, when
// they submit the record again.
func (r *run) pick() error {
	if len(r.cmd.Picks) == 0 {
		return nil
	}
	var problems []problem.Problem
	for _, id := range slices.Sorted(maps.Keys(r.cmd.Picks)) {
		users := r.cmd.Picks[id]
		b := r.flow.byID[id]
		at := problem.Pointer("picks", id)
		if b == nil || b.Choice() == nil || (b.Choice().By == flow.ByApplicant && r.cmd.Kind != Submit && len(r.c.State.Picks[id]) > 0) {
			problems = append(problems, ProblemPickHere.At(at, problem.Params{"step": r.flow.BlockTitle(id)}))
			continue
		}
		if p, wrong := r.wrongPick(b, users, at); wrong {
			problems = append(problems, p)
			continue
		}
		if !slices.Equal(users, r.c.State.Picks[id]) {
			r.emit(Event{Kind: PeoplePicked, Block: id, Assignees: users, User: r.cmd.Actor})
		}
	}
	if len(problems) > 0 {
		return ErrPick.With(problem.Params{"count": len(problems)}, problems...)
	}
	return nil
}

// wrongPick says what is wrong with the people picked for a step.
func (r *run) wrongPick(b *block, users []string, at string) (problem.Problem, bool) {
	w := b.Choice()
	candidates := r.candidates(b)
	var strangers []string
	for i, u := range users {
		if !r.env.Directory.Active(u) || slices.Contains(users[:i], u) || (len(w.From) > 0 && !slices.Contains(candidates, u)) {
			strangers = append(strangers, u)
		}
	}
	least := max(w.Min, 1)
	switch {
	case len(strangers) > 0:
		return ProblemPickWho.At(at, problem.Params{"step": b.Name(), "people": r.names(strangers)}), true
	case len(users) < least:
		return ProblemPick.At(at, problem.Params{"step": b.Name(), "min": least}), true
	case w.Max > 0 && len(users) > w.Max:
		return ProblemPickMany.At(at, problem.Params{"step": b.Name(), "max": w.Max}), true
	}
	return problem.Problem{}, false
}

// candidates are who may be picked for a step; nil when anybody may.
func (r *run) candidates(b *block) []string {
	if from := b.Choice().From; len(from) > 0 {
		return r.resolve(from, nil)
	}
	return nil
}

// needPick refuses to open a step for which nobody was picked, so that whoever does what would open it picks. The system
// cannot; then nobody is found for the step.
func (r *run) needPick(b *block) error {
	r.picksOf = b.ID
	w := b.Choice()
	if w == nil || len(r.c.State.Picks[b.ID]) > 0 || r.cmd.Actor == "" {
		return nil
	}
	return ErrPick.With(problem.Params{"count": 1},
		ProblemPick.At(problem.Pointer("picks", b.ID), problem.Params{"step": b.Name(), "min": max(w.Min, 1)}))
}

// needPicks refuses to submit a record whose applicant has not picked those for the steps to come, as far as these can be
// foreseen.
func (r *run) needPicks() error {
	if !r.flow.choices {
		return nil
	}
	var problems []problem.Problem
	for _, s := range r.foresee() {
		if c := s.Choice; c != nil && c.By == flow.ByApplicant && len(c.Picked) == 0 && !s.Unsure {
			problems = append(problems, ProblemPick.At(problem.Pointer("picks", s.Block), problem.Params{"step": s.Title, "min": c.Min}))
		}
	}
	if len(problems) > 0 {
		return ErrPick.With(problem.Params{"count": len(problems)}, problems...)
	}
	return nil
}

// applyPick remembers whom somebody has picked.
func applyPick(s *State, ev *Event) {
	s.Picks = maps.Clone(s.Picks)
	if s.Picks == nil {
		s.Picks = map[string][]string{}
	}
	s.Picks[ev.Block] = ev.Assignees
}
