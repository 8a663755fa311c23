package records

import (
	"context"

	"github.com/stepwell/stepwell/internal/calendar"
	"github.com/stepwell/stepwell/runtime/engine"
)

// Recalculate counts the deadlines of a record anew that are to come and count on a calendar, which has changed.
func (s *Service) Recalculate(ctx context.Context, app, formKey, id, key string) error {
	_, err := s.Do(ctx, Request{
		App: app, Form: formKey, ID: id, Via: "calendar", Command: engine.Command{Kind: engine.Recalculate, Calendar: key},
	})
	return err
}

// Impact is what a change of a calendar would do to a record.
type Impact struct {
	Record *Record
	Flow   *engine.Flow
	Shifts []engine.Shift
}

// Impact says what becomes of the deadlines of a record that count on a calendar, if set were in force. It writes nothing,
// and does not ask who may see the record.
func (s *Service) Impact(ctx context.Context, app, formKey, id, key string, set *calendar.Set) (*Impact, error) {
	w := &work{Request: Request{App: app, Form: formKey, ID: id}, now: s.clock.Now()}
	if err := s.load(ctx, w); err != nil {
		return nil, err
	}
	out := &Impact{Record: w.rec, Flow: w.flow}
	if w.flow == nil {
		return out, nil
	}
	if err := s.loadLinks(ctx, w, w.rec.Data); err != nil {
		return nil, err
	}
	env := s.env(w)
	env.Calendars, env.Calendar = set, set.Default()
	out.Shifts = engine.Impact(env, w.rec.Case(), key)
	return out, nil
}

// MayRead reports whether somebody may see a record.
func (s *Service) MayRead(user string, rec *Record) bool { return s.mayRead(user, rec) }
