package records

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"strconv"
	"strings"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/access"
	"github.com/stepwell/stepwell/runtime/files"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/problem"
	"github.com/stepwell/stepwell/schemas/role"
)

var (
	linkGone   = problem.Define("field.linkGone", "The {field} you chose does not exist, or you may not see it.", "所选的{field}不存在，或您无权查看。")
	linkWhere  = problem.Define("field.linkWhere", "The chosen {field} belongs to something else. Choose one that matches {other}.", "所选的{field}与“{other}”不一致，请重新选择。")
	personGone = problem.Define("field.personGone", "{field}: this person is not in the directory or no longer works here.", "{field}：通讯录中没有此人，或其已停用。")
	deptGone   = problem.Define("field.departmentGone", "{field}: there is no such department.", "{field}：没有这个部门。")
)

// loadLinks fetches the linked records that some rule looks through. What the person may not see is looked through all the
// same: the rule is the admin's.
func (s *Service) loadLinks(ctx context.Context, w *work, data map[string]any) error {
	return s.loadLinksBy(ctx, w, data, func(string) bool { return false })
}

// loadLinksBy is loadLinks for rules that look through further links.
func (s *Service) loadLinksBy(ctx context.Context, w *work, data map[string]any, reads func(link string) bool) error {
	w.links, w.linkOwners = map[string]any{}, map[string]string{}
	for i := range w.form.Exec.Fields {
		fd := &w.form.Exec.Fields[i]
		id, _ := data[fd.Key].(string)
		if fd.Type != form.Link || id == "" || !w.form.ReadsLink(fd.Key) && !reads(fd.Key) && (w.flow == nil || !w.flow.ReadsLink(fd.Key)) {
			continue
		}
		rec, err := s.fetch(ctx, w.App, fd.Link.Form, id)
		if fault.Has(err, ErrNotFound) {
			continue // checkReferences reports it when it is new; an old one reads as blank
		}
		if err != nil {
			return err
		}
		w.links[fd.Key], w.linkOwners[fd.Key] = rec.Data, rec.Owner
	}
	return nil
}

// checkReferences checks what changed values point to: files, linked records, people, departments.
func (s *Service) checkReferences(ctx context.Context, w *work, next map[string]any) ([]problem.Problem, error) {
	var problems []problem.Problem
	for i := range w.form.Exec.Fields {
		fd := &w.form.Exec.Fields[i]
		value, changed := w.patch[fd.Key]
		if !changed || value == nil || !pointsOut(fd) {
			continue
		}
		found, err := s.checkField(ctx, w, fd, problem.Pointer(fd.Key), fd.Key, value, next)
		if err != nil {
			return nil, err
		}
		problems = append(problems, found...)
	}
	return problems, nil
}

// pointsOut reports whether a field's value may name something that stands elsewhere.
func pointsOut(fd *form.Field) bool {
	switch fd.Type { //nolint:exhaustive // the others hold all they mean
	case form.File, form.Link, form.Person, form.Department, form.SubTable:
		return true
	default:
		return false
	}
}

func (s *Service) checkField(ctx context.Context, w *work, fd *form.Field, pointer, path string, value any, holder map[string]any) ([]problem.Problem, error) {
	switch fd.Type { //nolint:exhaustive // the others refer to nothing
	case form.File:
		return s.takeFiles(ctx, w, fd, pointer, path, value, holder)
	case form.Link:
		return s.checkLink(ctx, w, fd, pointer, value, holder)
	case form.Person:
		if id, ok := value.(string); ok && !s.people.Directory().Active(id) {
			return []problem.Problem{personGone.At(pointer, problem.Params{"field": fd.Title})}, nil
		}
	case form.Department:
		if id, ok := value.(string); ok && !s.people.Directory().IsDepartment(id) {
			return []problem.Problem{deptGone.At(pointer, problem.Params{"field": fd.Title})}, nil
		}
	case form.SubTable:
		return s.checkRows(ctx, w, fd, pointer, path, value)
	default:
	}
	return nil, nil
}

func (s *Service) checkRows(ctx context.Context, w *work, fd *form.Field, pointer, path string, value any) ([]problem.Problem, error) {
	var problems []problem.Problem
	rows, _ := value.([]any)
	for i, row := range rows {
		members, ok := row.(map[string]any)
		if !ok {
			continue // the schema refuses it
		}
		for j := range fd.Items {
			column := &fd.Items[j]
			cell := members[column.Key]
			if cell == nil {
				continue
			}
			found, err := s.checkField(ctx, w, column, pointer+problem.Pointer(strconv.Itoa(i), column.Key), path+"."+column.Key, cell, members)
			if err != nil {
				return nil, err
			}
			problems = append(problems, found...)
		}
	}
	return problems, nil
}

// takeFiles replaces what was sent about files by what they are, checks the field's rule, and claims them for the record.
func (s *Service) takeFiles(ctx context.Context, w *work, fd *form.Field, pointer, path string, value any, holder map[string]any) ([]problem.Problem, error) {
	refs, err := fileRefs(value)
	if err != nil {
		return nil, nil //nolint:nilerr // the schema has refused this shape already, with its place
	}
	ids := make([]string, len(refs))
	for i, r := range refs {
		ids[i] = r.ID
	}
	known, err := s.files.Load(ctx, ids...)
	if err != nil {
		return nil, err
	}
	at := files.Place{App: w.App, Form: w.Form, Record: w.rec.ID, Field: path}
	taken, problems := s.files.Take(known, refs, w.uploader(), at, pointer)
	if fd.File != nil {
		problems = append(problems, files.Check(*fd.File, pointer, taken, s.namePart(w, fd))...)
	}
	plain := make([]any, len(taken))
	for i, f := range taken {
		plain[i] = map[string]any{"id": f.ID, "name": f.Name, "size": float64(f.Size), "type": f.Type}
	}
	holder[fd.Key] = plain
	if _, top := w.patch[fd.Key]; top && path == fd.Key {
		w.patch[fd.Key] = plain
	}
	if fresh, ok := files.Fresh(taken, path); ok {
		w.files = append(w.files, fresh)
	}
	return problems, nil
}

func fileRefs(value any) ([]form.FileRef, error) {
	b, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("encode files: %w", err)
	}
	var refs []form.FileRef
	if err := json.Unmarshal(b, &refs); err != nil {
		return nil, fmt.Errorf("read files: %w", err)
	}
	return refs, nil
}

// namePart is the value that the file names of a field must contain.
func (s *Service) namePart(w *work, fd *form.Field) files.NamePart {
	return NamePart(w.form, fd, merged(w.rec.Data, w.patch), w.links)
}

func merged(data, patch map[string]any) map[string]any {
	out := maps.Clone(data)
	maps.Copy(out, patch)
	return out
}

// checkLink checks that a linked record exists, that the person may see it, and that it belongs to what the rule says.
func (s *Service) checkLink(ctx context.Context, w *work, fd *form.Field, pointer string, value any, holder map[string]any) ([]problem.Problem, error) {
	id, ok := value.(string)
	if !ok || fd.Link == nil {
		return nil, nil
	}
	gone := []problem.Problem{linkGone.At(pointer, problem.Params{"field": fd.Title})}
	rec, err := s.fetch(ctx, w.App, fd.Link.Form, id)
	if fault.Has(err, ErrNotFound) || fault.Has(err, store.ErrNotFound) {
		return gone, nil
	}
	if err != nil {
		return nil, err
	}
	if w.By != "" && !s.mayRead(w.By, rec) {
		return gone, nil
	}
	for theirs, ours := range fd.Link.Where {
		if want := holder[ours]; want != nil && rec.Data[theirs] != want {
			other, _ := w.form.Exec.Field(ours)
			return []problem.Problem{linkWhere.At(pointer, problem.Params{"field": fd.Title, "other": other.Title})}, nil
		}
	}
	return nil, nil
}

// dropUnreadable forgets linked records that the person may not see, when data is only what they sent: else a refusal
// would tell what is in any record whose id they guess.
func (s *Service) dropUnreadable(ctx context.Context, w *work, data map[string]any) error {
	for key := range w.links {
		id, _ := data[key].(string)
		if id == w.rec.Data[key] {
			continue
		}
		fd, _ := w.form.Exec.Field(key)
		rec, err := s.fetch(ctx, w.App, fd.Link.Form, id)
		if err != nil {
			return err
		}
		if !s.mayRead(w.rightsOf(), rec) {
			delete(w.links, key)
		}
	}
	return nil
}

// Upload is a file on its way to a field.
type Upload struct {
	App, Form, Field string // Field is "table.column" inside a sub-table
	Record           string // id when the record exists already
	By               string
	Data             map[string]any // the other fields as filled so far
}

// UploadRule is what a field asks of a file.
type UploadRule struct {
	Rule form.FileRule
	Name files.NamePart
}

// ErrNoField says that an upload names no file field.
var ErrNoField = fault.Define(fault.NotFound, "upload.noField", "{field} is not a file field of this form.", "{field} 不是该表单的文件字段。")

// UploadRule finds what the field of an upload asks, for somebody who may fill that field.
func (s *Service) UploadRule(ctx context.Context, u Upload) (UploadRule, error) {
	f, err := s.FormOf(ctx, u.By, u.App, u.Form)
	if err != nil {
		return UploadRule{}, err
	}
	if Beside(u.Field) {
		return s.uploadBeside(ctx, u)
	}
	w := &work{Request: Request{App: u.App, Form: u.Form, By: u.By}, now: s.clock.Now(), form: f, rec: &Record{App: u.App, Form: u.Form, Data: map[string]any{}}}
	if u.Record != "" {
		if w.rec, err = s.Get(ctx, u.By, u.App, u.Form, u.Record); err != nil {
			return UploadRule{}, err
		}
	} else if !s.access.Can(u.By, u.App, "form:"+u.Form, role.Create) {
		return UploadRule{}, access.Forbidden(role.Create)
	}
	return s.uploadRule(ctx, w, u.Field, u.Data)
}

// uploadRule finds what a file field asks of a file, for somebody who sees the field. sent are the other fields as filled
// so far.
func (s *Service) uploadRule(ctx context.Context, w *work, field string, sent map[string]any) (UploadRule, error) {
	f := w.form
	see, err := s.sight(w.rightsOf(), f).of(ctx, w.rec)
	if err != nil {
		return UploadRule{}, err
	}
	table, column, inRow := strings.Cut(field, ".")
	fd, ok := f.Exec.Field(table)
	if ok && inRow {
		fd, ok = fd.Column(column)
	}
	if !ok || fd.Type != form.File || !see.sees(table) {
		return UploadRule{}, ErrNoField.With(problem.Params{"field": field})
	}
	data := merged(w.rec.Data, sent)
	if err := s.loadLinks(ctx, w, data); err != nil {
		return UploadRule{}, err
	}
	if err := s.dropUnreadable(ctx, w, data); err != nil {
		return UploadRule{}, err
	}
	out := UploadRule{Name: NamePart(f, fd, data, w.links)}
	if fd.File != nil {
		out.Rule = *fd.File
	}
	return out, nil
}

// TakeUpload stores a file on its way to a field and checks it against the field's rule at once, so that its sender learns
// what is wrong before they go on. The record pipeline checks it again.
func (s *Service) TakeUpload(ctx context.Context, rule UploadRule, content io.Reader, u files.Upload) (files.File, error) {
	if rule.Rule.MaxBytes > 0 {
		u.MaxBytes = min(u.MaxBytes, rule.Rule.MaxBytes)
	}
	f, err := s.files.Put(ctx, content, u)
	if err != nil {
		return files.File{}, err
	}
	rule.Rule.MinCount = 0 // the others may follow
	if problems := files.Check(rule.Rule, "", []files.File{f}, rule.Name); len(problems) > 0 {
		for i := range problems {
			problems[i].Pointer = "/file"
		}
		s.files.Discard(ctx, f.ID)
		return files.File{}, ErrInvalid.With(nil, problems...)
	}
	return f, nil
}
