package records

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/access"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/files"
	"github.com/stepwell/stepwell/runtime/quicklinks"
	"github.com/stepwell/stepwell/runtime/tasks"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/problem"
	"github.com/stepwell/stepwell/schemas/role"
)

// Narrow is what a quick link narrows a write to.
type Narrow struct {
	Link   string   // id of the link: its uploads may be taken in and no others; "" when there is none
	Only   []string // the fields that may be changed, all of which must be filled afterwards
	Lender string   // whose right to change the record is used; "": that of who writes
}

func (n Narrow) allows(field string) bool { return n.Link == "" || slices.Contains(n.Only, field) }

// uploader is whose uploads a write may take in.
func (w *work) uploader() files.Uploader { return files.Uploader{User: w.By, Via: w.Narrow.Link} }

// rightsOf is whose rights a write uses.
func (w *work) rightsOf() string {
	if w.Narrow.Lender != "" {
		return w.Narrow.Lender
	}
	return w.By
}

// linked is a request that comes by a quick link, ready to be judged. ErrMovedOn when the link's time is over: the record is
// gone, its task is done or with somebody else, or nobody may fill the fields any more.
func (s *Service) linked(ctx context.Context, l *quicklinks.Link) (*work, error) {
	f, err := s.catalog.Form(l.App, l.Form)
	if err != nil {
		return nil, movedOn(err)
	}
	rec, err := s.fetch(ctx, l.App, l.Form, l.Record)
	if err != nil {
		return nil, movedOn(err)
	}
	w := &work{
		Request: Request{
			App: l.App, Form: l.Form, ID: l.Record, By: l.User, Via: quicklinks.Via, TaskSeq: l.Task,
			Command: engine.Command{Kind: engine.Save}, Narrow: Narrow{Link: l.ID, Only: l.Fields},
		},
		now: s.clock.Now().Truncate(time.Millisecond), form: f, rec: rec,
	}
	if err := s.findFlow(ctx, w); err != nil {
		return nil, err
	}
	if err := s.loadLinks(ctx, w, rec.Data); err != nil {
		return nil, err
	}
	if l.Task == 0 && rec.State.Status != l.Status {
		return nil, quicklinks.ErrMovedOn.With(nil)
	}
	if l.Task != 0 && w.findTask() != nil {
		return nil, quicklinks.ErrMovedOn.With(nil)
	}
	if s.fills(w) {
		return w, nil
	}
	if w.Narrow.Lender = l.Lender; l.Lender == "" || l.Complete || !s.fills(w) {
		return nil, quicklinks.ErrMovedOn.With(nil)
	}
	return w, nil
}

// movedOn makes of whatever shows that a link's record is no longer there, or no longer its reader's to fill, what they are
// told.
func movedOn(err error) error {
	for _, code := range []*fault.Code{
		ErrNotFound, ErrNoTask, store.ErrNotFound, access.ErrForbidden, engine.ErrNotYours, engine.ErrEnded, engine.ErrTaskGone,
	} {
		if fault.Has(unseen(err), code) {
			return quicklinks.ErrMovedOn.Because(err, nil)
		}
	}
	return err
}

// fills reports whether the request's rights let the fields be filled now.
func (s *Service) fills(w *work) bool {
	if s.authorize(w) != nil {
		return false
	}
	rights, hidden := s.fieldAccess(w), w.hidden(w.vars(s, w.rec.Data))
	return !slices.ContainsFunc(w.Narrow.Only, func(key string) bool {
		fd, known := w.form.Exec.Field(key)
		return !known || !fd.FilledAlone() || hidden[key] || rights[key] != flow.Write && rights[key] != flow.Required
	})
}

// Asked is the page of a quick link: the fields that it asks for and nothing else of the record but its title.
type Asked struct {
	Title      string                      `json:"title"`
	FormTitle  definition.Text             `json:"formTitle"`
	Step       definition.Text             `json:"step,omitempty"` // the task that gives the right, or that is completed
	Form       json.RawMessage             `json:"form"`           // the definition of the form with these fields alone
	Schema     json.RawMessage             `json:"validationSchema"`
	Access     map[string]flow.FieldAccess `json:"access"`
	Data       map[string]any              `json:"data"`
	FileNames  map[string]string           `json:"fileNames,omitempty"` // what the names of a field's files must contain
	DueAt      store.Moment                `json:"dueAt,omitzero"`      // of the task
	RecordPath string                      `json:"recordPath,omitempty"`
}

// Ask shows what a quick link asks for.
func (s *Service) Ask(ctx context.Context, l *quicklinks.Link) (*Asked, error) {
	w, err := s.linked(ctx, l)
	if err != nil {
		return nil, err
	}
	asks := func(field string) bool { return slices.Contains(l.Fields, field) }
	out := &Asked{
		Title: s.titleForLink(w), FormTitle: w.form.Exec.Form.Title, Access: map[string]flow.FieldAccess{}, Data: map[string]any{},
		FileNames: map[string]string{},
	}
	for _, key := range l.Fields {
		out.Access[key] = flow.Required
		if value, ok := w.rec.Data[key]; ok {
			out.Data[key] = value
		}
		fd, _ := w.form.Exec.Field(key)
		if part := NamePart(w.form, fd, w.rec.Data, w.links); part.Value != "" {
			out.FileNames[key] = part.Value
		}
	}
	if t, ok := tasks.Find(w.rec.State, l.Task); ok && l.Task != 0 {
		out.Step = w.flow.BlockTitle(t.Block)
		if !t.DueAt.IsZero() {
			out.DueAt = store.MomentOf(t.DueAt)
		}
	}
	if s.mayRead(l.User, w.rec) {
		out.RecordPath = RecordPath(l.App, l.Form, l.Record)
	}
	def, err := json.Marshal(w.form.Exec.Form)
	if err != nil {
		return nil, fmt.Errorf("encode form %s: %w", w.form.Key, err)
	}
	if out.Form, err = fieldsAlone(def, asks); err != nil {
		return nil, err
	}
	out.Schema, err = schemaAlone(w.form.Exec.JSON(), asks)
	return out, err
}

// schemaAlone is a JSON Schema of some properties only, without what it says of several at once.
func schemaAlone(doc json.RawMessage, asks func(string) bool) (json.RawMessage, error) {
	schema, err := schemaWithout(doc, func(field string) bool { return !asks(field) })
	if err != nil {
		return nil, err
	}
	return edit(schema, func(key string, value json.RawMessage) (json.RawMessage, bool, error) {
		switch key {
		case "$schema", "type", "properties", "required", "additionalProperties":
			return value, true, nil
		}
		return nil, false, nil
	})
}

// titleForLink is the record's title as its reader may see it. To somebody whose roles say nothing of the form it is what the
// one who asks them sees of it: they could have told them.
func (s *Service) titleForLink(w *work) string {
	v := s.sight(w.By, w.form)
	if v.mask.Silent() && w.Narrow.Lender != "" {
		v = s.sight(w.Narrow.Lender, w.form)
	}
	return v.title(w.rec, v.in(w.flow, w.rec))
}

// aloneWithout are the keywords of a field that look at other fields: on a page without those they would only mislead. The
// server goes by them all the same.
var aloneWithout = map[string]bool{"x-show": true, "x-require": true, "x-lock": true, "x-default": true, "x-formula": true}

// fieldsAlone is a form definition with some fields only, each of which stands for itself.
func fieldsAlone(doc json.RawMessage, asks func(string) bool) (json.RawMessage, error) {
	return edit(doc, func(key string, value json.RawMessage) (json.RawMessage, bool, error) {
		switch key {
		case "kind", "key", "title":
			return value, true, nil
		case "schema":
			schema, err := schemaAlone(value, asks)
			if err != nil {
				return nil, false, err
			}
			out, err := edit(schema, func(key string, value json.RawMessage) (json.RawMessage, bool, error) {
				if key != "properties" {
					return value, true, nil
				}
				out, err := edit(value, func(_ string, field json.RawMessage) (json.RawMessage, bool, error) {
					out, err := edit(field, func(key string, value json.RawMessage) (json.RawMessage, bool, error) {
						return value, !aloneWithout[key], nil
					})
					return out, true, err
				})
				return out, true, err
			})
			return out, true, err
		}
		return nil, false, nil
	})
}

// Fill does what a quick link is for: it fills in the fields, and completes the task when the link says so, as its reader
// and with no other right. The same answer sent again changes nothing.
func (s *Service) Fill(ctx context.Context, l *quicklinks.Link, data map[string]any, comment, digest string) error {
	w, err := s.linked(ctx, l)
	if err != nil {
		return err
	}
	req := w.Request
	req.Key, req.Digest = "quick-"+l.ID, digest
	req.Command.Data, req.Command.Comment = data, comment
	if l.Complete {
		req.Command.Kind = engine.Complete
	}
	_, err = s.Do(ctx, req)
	if fault.Has(err, ErrKeyReused) {
		return quicklinks.ErrUsed.Because(err, nil) // somebody with the same link was faster
	}
	return movedOn(err)
}

// LinkUploadRule finds what a field asks of a file that is sent by a quick link. ErrNoField when the link does not ask for it.
func (s *Service) LinkUploadRule(ctx context.Context, l *quicklinks.Link, field string) (UploadRule, error) {
	w, err := s.linked(ctx, l)
	if err != nil {
		return UploadRule{}, err
	}
	if !slices.Contains(l.Fields, field) {
		return UploadRule{}, ErrNoField.With(problem.Params{"field": field})
	}
	return s.uploadRule(ctx, w, field, nil)
}

// Faults of asking a colleague by a quick link.
var (
	ErrAskNothing = fault.Define(fault.Invalid, "quick.nothing", "Say which fields to ask for, or which task to complete.", "请选择要对方填写的字段，或要完成的待办。")
	ErrAskField   = fault.Define(fault.Forbidden, "quick.field",
		"{field} cannot be asked for: neither you nor {user} may fill it in now.", "无法请对方填写{field}：您和{user}目前都不能填写该字段。")
	ErrAskKind = fault.Define(fault.Invalid, "quick.fieldType",
		"{field} cannot be filled in through a link: it is computed, or needs the directory or other records.", "{field}不能通过链接填写：它由系统计算，或需要查找通讯录、其他记录。")
	ErrAskTask = fault.Define(fault.Forbidden, "quick.task",
		"{user} has no such task open on this record, so a link cannot complete it for them.", "{user}在该记录上没有这个待办，不能通过链接完成。")
	ErrAskWhom = fault.Define(fault.Invalid, "quick.person", "Choose somebody who works here.", "请选择在职人员。")
)

// LinkFor finds how a colleague could fill fields of a record, or complete a task of theirs, for somebody who asks them: by
// the colleague's own right, else by that of the one who asks. task is the event number that opened it, 0 for none.
func (s *Service) LinkFor(ctx context.Context, by string, l quicklinks.Link, task int64) (quicklinks.Link, error) {
	rec, err := s.Get(ctx, by, l.App, l.Form, l.Record)
	if err != nil {
		return l, err
	}
	d := s.people.Directory()
	if !d.Active(l.User) {
		return l, ErrAskWhom.With(nil)
	}
	if len(l.Fields) == 0 && task == 0 {
		return l, ErrAskNothing.With(nil)
	}
	f, err := s.catalog.Form(l.App, l.Form)
	if err != nil {
		return l, err
	}
	v := s.sight(by, f)
	see, err := v.of(ctx, rec)
	if err != nil {
		return l, err
	}
	for _, key := range l.Fields {
		fd, known := f.Exec.Field(key)
		switch {
		case !known || !see.sees(key):
			return l, ErrInvalid.With(nil, fieldHidden.At("/fields", problem.Params{"field": key}))
		case !fd.FilledAlone():
			return l, ErrAskKind.With(problem.Params{"field": fd.Title})
		}
	}
	l.Status, l.Lender, l.Complete = rec.State.Status, by, task != 0
	for _, l.Task = range s.tasksFor(rec, l.User, by, task) {
		if _, err := s.linked(ctx, &l); err == nil || !fault.Has(err, quicklinks.ErrMovedOn) {
			return l, err
		}
	}
	if task != 0 {
		return l, ErrAskTask.With(problem.Params{"user": d.Name(l.User, "")})
	}
	return l, ErrAskField.With(problem.Params{"field": fieldTitles(f.Exec, l.Fields), "user": d.Name(l.User, "")})
}

// tasksFor are the open tasks, by their event numbers, that may give the right to fill something: the colleague's own first,
// then those of the one who asks, and 0 for the right to change the record.
func (s *Service) tasksFor(rec *Record, user, by string, task int64) []int64 {
	var out []int64
	for _, who := range []string{user, by} {
		for _, t := range rec.State.Tasks {
			seq := seqOf(t)
			if t.Involves(who) && (task == 0 || seq == task && who == user && t.Kind == flow.Task) {
				out = append(out, seq)
			}
		}
	}
	if task == 0 {
		out = append(out, 0)
	}
	return out
}

// seqOf is the event number that opened a task.
func seqOf(t engine.Task) int64 {
	_, seq, _ := tasks.Split(tasks.ID("record", t.ID))
	return seq
}

func fieldTitles(f *form.Executable, keys []string) []problem.Text {
	out := make([]problem.Text, 0, len(keys))
	for _, key := range keys {
		if fd, ok := f.Field(key); ok {
			out = append(out, fd.Title)
		}
	}
	return out
}

// linksFor are the links that an effect's message carries, by their readers, and the writes that make them.
func (s *Service) linksFor(ctx context.Context, rec *Record, act *Action, e engine.Effect) (map[string]string, []store.Write, error) {
	if e.QuickLink == nil {
		return nil, nil, nil
	}
	links := map[string]string{}
	var writes []store.Write
	for _, user := range e.To {
		link, err := s.linkFor(ctx, rec, act, e, user)
		if err != nil {
			return nil, nil, err
		}
		if link == nil {
			continue
		}
		made, err := link.Write()
		if err != nil {
			return nil, nil, err
		}
		links[user], writes = link.ID, append(writes, made)
	}
	return links, writes, nil
}

// linkFor is the link that an effect's message carries to one person, when they can fill in what it asks for; nil when they
// cannot, and when all of it is filled already.
func (s *Service) linkFor(ctx context.Context, rec *Record, act *Action, e engine.Effect, user string) (*quicklinks.Link, error) {
	ask := e.QuickLink
	l := quicklinks.Link{
		ID: quicklinks.IDOf(rec.ID, e.Key, user), User: user, App: rec.App, Form: rec.Form, Record: rec.ID, Fields: []string{},
		Complete: ask.Task, Status: rec.State.Status, SignIn: ask.SignIn != flow.SignInNotRequired, MadeAt: act.At,
		ExpiresAt: store.MomentOf(act.At.Add(ask.Expires.Duration())),
	}
	for _, key := range ask.Fields {
		if ask.Task || form.Empty(rec.Data[key]) {
			l.Fields = append(l.Fields, key)
		}
	}
	if len(l.Fields) == 0 && !ask.Task {
		return nil, nil //nolint:nilnil // there is nothing left to ask for
	}
	for _, t := range rec.State.Tasks {
		about := e.Task == t.ID || e.Task == "" && (e.Block == t.Stage || e.Block == t.Block)
		if !about || !t.Involves(user) || ask.Task && t.Kind != flow.Task {
			continue
		}
		l.Task = seqOf(t)
		ok, err := s.fillable(ctx, rec, &l)
		if err != nil || ok {
			return &l, err
		}
	}
	return nil, nil //nolint:nilnil // they are told, and have nothing to fill in
}

// fillable is linked for a record at hand, whose write may still be under way.
func (s *Service) fillable(ctx context.Context, rec *Record, l *quicklinks.Link) (bool, error) {
	f, err := s.catalog.Form(rec.App, rec.Form)
	if err != nil {
		return false, err
	}
	w := &work{
		Request: Request{App: rec.App, Form: rec.Form, ID: rec.ID, By: l.User, TaskSeq: l.Task, Command: engine.Command{Kind: engine.Save}, Narrow: Narrow{Link: l.ID, Only: l.Fields}},
		now:     s.clock.Now(), form: f, rec: rec,
	}
	if err := s.findFlow(ctx, w); err != nil {
		return false, err
	}
	if err := s.loadLinks(ctx, w, rec.Data); err != nil {
		return false, err
	}
	return w.findTask() == nil && s.fills(w), nil
}

// MayRevoke reports whether somebody may end a quick link of a record: who made it, and whoever may change the record.
func (s *Service) MayRevoke(by string, rec *Record, l *quicklinks.Link) bool {
	return l.MadeBy == by || s.May(by, role.Update, rec)
}

// LinkText is what a colleague is told when somebody asks them for fields by hand.
func LinkText(f *form.Executable, fields []string, note string) definition.Text {
	out := definition.Text{}
	for lang, words := range (problem.Text{"zh-CN": "请填写：{fields}。{note}", "en": "Please fill in: {fields}. {note}"}) {
		out[lang] = strings.TrimSpace(problem.Fill(words, lang, problem.Params{"fields": fieldTitles(f, fields), "note": note}))
	}
	return out
}
