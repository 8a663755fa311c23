package records

import (
	"context"
	"maps"

	"github.com/stepwell/stepwell/runtime/access"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/schemas/role"
)

// PreviewRequest asks for the steps that a record will come to.
type PreviewRequest struct {
	App, Form string
	ID        string // empty: a record that is not there yet
	By        string
	Owner     string              // of a new record; default By
	Data      map[string]any      // fields as they are typed, saved or not
	Picks     map[string][]string // people picked so far, by block
}

// Route is what is foreseen for a record.
type Route struct {
	Steps []engine.RouteStep `json:"steps"`
	Names Names              `json:"names"`
}

// Preview foresees the steps of a record, with data that need not be saved, nor valid yet. Fields that the person may not
// write now are left as they are.
func (s *Service) Preview(ctx context.Context, req PreviewRequest) (*Route, error) {
	w := &work{Request: Request{App: req.App, Form: req.Form, ID: req.ID, By: req.By, Owner: req.Owner}, now: s.clock.Now()}
	w.Command = engine.Command{Kind: engine.Save}
	if err := s.load(ctx, w); err != nil {
		return nil, err
	}
	if w.fresh && !s.access.Can(w.By, w.App, "form:"+w.Form, role.Create) {
		return nil, access.Forbidden(role.Create)
	}
	if w.flow == nil {
		return &Route{Steps: []engine.RouteStep{}, Names: Names{}}, nil
	}
	next := maps.Clone(w.rec.Data)
	s.merge(w, next, req.Data) // what may not be written is not merged
	if err := s.loadLinks(ctx, w, next); err != nil {
		return nil, err
	}
	if err := s.dropUnreadable(ctx, w, next); err != nil {
		return nil, err
	}
	w.compute(next, w.vars(s, next)) // a formula that cannot be computed has no value
	c := w.rec.Case()
	steps := engine.Route(s.env(w), c, engine.Command{
		Kind: engine.Submit, Actor: req.By, Data: difference(w.rec.Data, next), Picks: req.Picks,
	})
	out := &Route{Steps: steps, Names: Names{}}
	if out.Steps == nil {
		out.Steps = []engine.RouteStep{}
	}
	for _, step := range steps {
		s.namePeopleOf(out.Names, step)
	}
	return out, nil
}

func (s *Service) namePeopleOf(names Names, step engine.RouteStep) {
	s.NamePeople(names, step.People...)
	for _, stand := range step.Stands {
		s.NamePeople(names, stand.By)
	}
	for _, list := range [][]engine.Origin{step.Origins, step.Skipped} {
		for _, o := range list {
			s.NamePeople(names, o.User, o.Of)
		}
	}
	if step.Choice != nil {
		s.NamePeople(names, step.Choice.From...)
		s.NamePeople(names, step.Choice.Picked...)
	}
}
