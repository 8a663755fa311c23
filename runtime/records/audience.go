package records

import (
	"context"

	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/schemas/form"
)

// audience are the people whom a message about a record tells, each with what they see of it.
type audience struct {
	form    *catalog.Form
	rec     *Record
	readers map[string]reader
}

type reader struct {
	*sight
	see allowed
}

func (s *Service) audience(ctx context.Context, f *catalog.Form, rec *Record, users []string) (*audience, error) {
	a := &audience{form: f, rec: rec, readers: make(map[string]reader, len(users))}
	for _, user := range users {
		v := s.sight(user, f)
		see, err := v.of(ctx, rec)
		if err != nil {
			return nil, err
		}
		a.readers[user] = reader{v, see}
	}
	return a, nil
}

// all reports whether something holds for a reader; for a group, which is "", whether it holds for everybody whom the
// message tells, because they read it together.
func (a *audience) all(user string, holds func(r reader) bool) bool {
	if user != "" {
		r, ok := a.readers[user]
		return ok && holds(r)
	}
	for _, r := range a.readers {
		if !holds(r) {
			return false
		}
	}
	return true
}

func (a *audience) reads(user string, fd *form.Field) bool {
	return a.all(user, func(r reader) bool { return r.reads(fd, r.see) })
}

// title is what the record is called for a reader, "" for a group.
func (a *audience) title(user string) string {
	if a.all(user, func(r reader) bool { return r.whole }) {
		return a.rec.Title
	}
	for _, r := range a.readers {
		return r.titleOf(a.rec, func(fd *form.Field) bool { return a.reads(user, fd) })
	}
	return a.rec.Title
}

// notShown stands for a value that its reader may not see.
const notShown = "—"
