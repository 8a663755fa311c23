package records

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/schemas/form"
)

// valueForNotice shows values of the record inside a notice's own wording, as far as its readers may see them.
func (s *Service) valueForNotice(ctx context.Context, told *audience) func(path, lang, user string) (string, bool) {
	return func(path, lang, user string) (string, bool) {
		shown, _, known := s.tell(ctx, told, path, lang, user)
		return shown, known
	}
}

// tell shows the value at a path of a record: "title", a field, or through a link a field of the linked record. hidden
// reports that the reader ("" is everybody whom the message tells) may not see it; known that there is such a path.
func (s *Service) tell(ctx context.Context, told *audience, path, lang, user string) (shown string, hidden, known bool) {
	key, further, linked := strings.Cut(strings.TrimPrefix(path, "data."), ".")
	fd, ok := told.form.Exec.Field(key)
	switch {
	case !ok:
		shown, known = s.tellOwn(ctx, told, path, lang, user)
		return shown, false, known
	case linked && fd.Type != form.Link:
		return "", false, false
	case linked && !told.all(user, func(r reader) bool { return r.see.sees(fd.Key) }), !linked && !told.reads(user, fd):
		return notShown, true, true
	case linked:
		return s.tellLinked(ctx, told, fd, further, lang, user)
	}
	return s.read(ctx, told.form, fd, told.rec.Data[key], lang), false, true
}

// tellOwn shows what a record has besides its fields.
func (s *Service) tellOwn(ctx context.Context, told *audience, path, lang, user string) (string, bool) {
	rec := told.rec
	switch path {
	case "title", "record.title":
		return told.title(user), true
	case "owner":
		return s.nameIn(rec.Owner, lang), true
	case "department":
		return s.nameIn(rec.Department, lang), true
	case "createdBy":
		return s.nameIn(rec.CreatedBy, lang), true
	case "createdAt":
		return form.MomentIn(rec.CreatedAt.Time, lang, s.zone), true
	case "stage":
		return s.BlockTitle(ctx, rec.App, rec.State.Flow, rec.State.Version, rec.State.Stage).In(lang), true
	}
	return "", false
}

func (s *Service) nameIn(id, lang string) string {
	if id == "" {
		return ""
	}
	return s.people.Directory().Name(id, lang)
}

func (s *Service) tellLinked(ctx context.Context, told *audience, link *form.Field, key, lang, user string) (shown string, hidden, known bool) {
	f, err := s.catalog.Form(told.rec.App, link.Link.Form)
	if err != nil {
		return "", false, false
	}
	fd, ok := f.Exec.Field(key)
	if !ok {
		return "", false, false
	}
	id, _ := told.rec.Data[link.Key].(string)
	if id == "" {
		return "", false, true
	}
	other, err := s.fetch(ctx, told.rec.App, link.Link.Form, id)
	if err != nil {
		return "", false, true // it is gone, or cannot be read now: a notice is told without it
	}
	there, err := s.audience(ctx, f, other, slices.Collect(maps.Keys(told.readers)))
	if err != nil || !there.reads(user, fd) || !there.all(user, func(r reader) bool { return r.by == "" || s.mayRead(r.by, other) }) {
		return notShown, true, true
	}
	return s.read(ctx, f, fd, other.Data[key], lang), false, true
}

// read shows a value in a language, naming people and linked records whoever asks.
func (s *Service) read(ctx context.Context, f *catalog.Form, fd *form.Field, value any, lang string) string {
	namer := s.namer(ctx, f.App.Key)
	return form.Reads(fd, value, lang, s.zone, func(fd *form.Field, id string) string {
		if fd.Type == form.Person || fd.Type == form.Department {
			return s.people.Directory().Name(id, lang)
		}
		return namer(fd, id)
	})
}

// Told is a record as a person would be told of it, for trying out a wording: values they may not see are withheld, and
// hidden is called with each such path.
func (s *Service) Told(ctx context.Context, by string, rec *Record, hidden func(path string)) (notices.Subject, error) {
	f, err := s.catalog.Form(rec.App, rec.Form)
	if err != nil {
		return notices.Subject{}, err
	}
	told, err := s.audience(ctx, f, rec, []string{by})
	if err != nil {
		return notices.Subject{}, err
	}
	about := notices.Subject{
		App: rec.App, Form: rec.Form, Record: rec.ID, Title: told.title(by), At: s.clock.Now(), Zone: s.zone,
		Link: RecordPath(rec.App, rec.Form, rec.ID), Actor: s.people.Directory().Name(by, s.lang),
	}
	if flow, err := s.catalog.Flow(ctx, rec.App, rec.State.Flow, rec.State.Version); err == nil && rec.State.Flow != "" {
		about.Step = flow.BlockTitle(rec.State.Stage)
		about.Outcome = flow.OutcomeLabel(rec.Outcome)
	}
	about.Value = func(path, lang, _ string) (string, bool) {
		shown, withheld, known := s.tell(ctx, told, path, lang, by)
		if withheld {
			hidden(path)
		}
		return shown, known
	}
	return about, nil
}
