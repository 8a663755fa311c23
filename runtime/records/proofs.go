package records

import (
	"context"
	"strings"

	"github.com/stepwell/stepwell/runtime/files"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Places of a record's files that are no fields of its form. Whoever may read the record may open them.
const (
	SignatureField = "@signature" // the signatures of decisions
	CommentField   = "@comments"  // the files of comments
)

// Beside reports whether a file of a record stands beside its form.
func Beside(field string) bool { return strings.HasPrefix(field, "@") }

var besideRules = map[string]form.FileRule{
	SignatureField: {Types: []string{"image/png", "image/jpeg", "image/webp"}, MaxBytes: 1 << 20, MaxCount: 1},
	CommentField:   {MaxCount: 20},
}

// attach replaces what was sent about a signature and a comment's files by what they are, and claims them for the record.
func (s *Service) attach(ctx context.Context, w *work) error {
	cmd := &w.Command
	if cmd.Signature != nil {
		taken, err := s.takeBeside(ctx, w, SignatureField, "/signature", []form.FileRef{*cmd.Signature})
		if err != nil {
			return err
		}
		cmd.Signature = &taken[0]
	}
	if len(cmd.Files) > 0 {
		taken, err := s.takeBeside(ctx, w, CommentField, "/files", cmd.Files)
		if err != nil {
			return err
		}
		cmd.Files = taken
	}
	return nil
}

func (s *Service) takeBeside(ctx context.Context, w *work, field, pointer string, refs []form.FileRef) ([]form.FileRef, error) {
	ids := make([]string, len(refs))
	for i, r := range refs {
		ids[i] = r.ID
	}
	known, err := s.files.Load(ctx, ids...)
	if err != nil {
		return nil, err
	}
	at := files.Place{App: w.App, Form: w.Form, Record: w.rec.ID, Field: field}
	taken, problems := s.files.Take(known, refs, w.uploader(), at, pointer)
	problems = append(problems, files.Check(besideRules[field], pointer, taken, files.NamePart{})...)
	if len(problems) > 0 {
		return nil, ErrInvalid.With(nil, problems...)
	}
	if fresh, ok := files.Fresh(taken, field); ok {
		w.files = append(w.files, fresh)
	}
	out := make([]form.FileRef, len(taken))
	for i, f := range taken {
		out[i] = f.Ref()
	}
	return out, nil
}

// uploadBeside is what a file beside the form is asked for: the record must be there for the person to read.
func (s *Service) uploadBeside(ctx context.Context, u Upload) (UploadRule, error) {
	rule, ok := besideRules[u.Field]
	if !ok || u.Record == "" {
		return UploadRule{}, ErrNoField.With(problem.Params{"field": u.Field})
	}
	if _, err := s.Get(ctx, u.By, u.App, u.Form, u.Record); err != nil {
		return UploadRule{}, err
	}
	return UploadRule{Rule: rule}, nil
}
