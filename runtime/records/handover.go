package records

import (
	"context"
	"maps"

	"github.com/stepwell/stepwell/runtime/engine"
)

// prepareHandOver makes the change of the owner field, when the record belongs to whoever is left. Nothing else is checked
// anew: what a form asks for today must not keep anybody's records from getting a new owner.
func (s *Service) prepareHandOver(ctx context.Context, w *work) error {
	field := w.form.Exec.Form.Owner
	if err := s.loadLinks(ctx, w, w.rec.Data); err != nil {
		return err
	}
	if w.Command.To == engine.HandOverTasks || field == "" || w.rec.Data[field] != w.Command.From || w.rec.Owner != w.Command.From || len(w.Command.Users) == 0 {
		return nil
	}
	next := maps.Clone(w.rec.Data)
	next[field] = w.Command.Users[0]
	w.compute(next, w.vars(s, next))
	w.patch = difference(w.rec.Data, next)
	return nil
}

// HandOverRequest says what of one record goes from whom to whom. The caller has made sure that By may do so.
type HandOverRequest struct {
	App, Form, ID string
	By            string
	From, To      string
	Reason        string
	Owner, Tasks  bool // the record itself; their parts of open tasks
}

// HandOver gives what somebody has on a record to another one, and reports whether there was anything.
func (s *Service) HandOver(ctx context.Context, h HandOverRequest) (changed bool, err error) {
	before, err := s.fetch(ctx, h.App, h.Form, h.ID)
	if err != nil {
		return false, err
	}
	cmd := engine.Command{Kind: engine.HandOver, From: h.From, Users: []string{h.To}, Reason: h.Reason}
	if h.Owner != h.Tasks {
		cmd.To = engine.HandOverTasks
		if h.Owner {
			cmd.To = engine.HandOverRecord
		}
	}
	rec, err := s.Do(ctx, Request{App: h.App, Form: h.Form, ID: h.ID, By: h.By, Via: "people", Admin: true, Command: cmd})
	if err != nil {
		return false, err
	}
	return rec.Rev != before.Rev, nil
}

// Refresh works out anew who may decide the open tasks of a record.
func (s *Service) Refresh(ctx context.Context, app, formKey, id string) error {
	_, err := s.Do(ctx, Request{App: app, Form: formKey, ID: id, Via: "people", Command: engine.Command{Kind: engine.Refresh}})
	return err
}
