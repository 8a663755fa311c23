package records

import (
	"context"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/notices"
)

// Fetch reads one record without asking who may see it, for what the system does by itself.
func (s *Service) Fetch(ctx context.Context, app, formKey, id string) (*Record, error) {
	return s.fetch(ctx, app, formKey, id)
}

// Blank is a record that is not there, for rules that are asked without one.
func Blank(app, formKey, id string) *Record {
	return &Record{ID: id, App: app, Form: formKey, Data: map[string]any{}, Status: engine.Active, State: engine.State{Status: engine.Active}}
}

// Env is what rules and blocks see of a record, for blocks that are not those of its own flow. reads tells the link fields that
// are looked through besides those that the form's rules and the flow read.
func (s *Service) Env(ctx context.Context, rec *Record, flow *engine.Flow, by string, reads func(link string) bool) (engine.Env, error) {
	f, err := s.catalog.Form(rec.App, rec.Form)
	if err != nil {
		return engine.Env{}, err
	}
	w := &work{
		Request: Request{App: rec.App, Form: rec.Form, ID: rec.ID, By: by}, now: s.clock.Now(), form: f, flow: flow, rec: rec,
	}
	if err := s.loadLinksBy(ctx, w, rec.Data, reads); err != nil {
		return engine.Env{}, err
	}
	return s.env(w), nil
}

// About is the record as a notice to some people speaks of it.
func (s *Service) About(ctx context.Context, rec *Record, at store.Moment, to []string) (notices.Subject, error) {
	f, err := s.catalog.Form(rec.App, rec.Form)
	if err != nil {
		return notices.Subject{}, err
	}
	told, err := s.audience(ctx, f, rec, to)
	if err != nil {
		return notices.Subject{}, err
	}
	return notices.Subject{
		App: rec.App, Form: rec.Form, Record: rec.ID, Title: rec.Title, TitleFor: told.title, At: at.Time, Zone: s.zone,
		Link:  RecordPath(rec.App, rec.Form, rec.ID),
		Value: s.valueForNotice(ctx, told), Group: f.App.GroupChannel,
	}, nil
}

// Gone reports whether the action has removed the record.
func (a *Action) Gone() bool { return a.Command == deleted }
