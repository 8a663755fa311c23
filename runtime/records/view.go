package records

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/assignment"
	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/problem"
	"github.com/stepwell/stepwell/schemas/role"
)

// Names puts words to the ids of people, departments and linked records that an answer holds.
type Names map[string]definition.Text

// Summary is a record as lists and boards show it to one person.
type Summary struct {
	ID         string         `json:"id"`
	App        string         `json:"app"`
	Form       string         `json:"form"`
	Rev        int64          `json:"rev"`
	Title      string         `json:"title"`
	Status     engine.Status  `json:"status"`
	Outcome    string         `json:"outcome,omitempty"`
	Stage      string         `json:"stage,omitempty"`
	EnteredAt  store.Moment   `json:"stageEnteredAt,omitzero"`
	DueAt      store.Moment   `json:"dueAt,omitzero"`
	Overdue    bool           `json:"overdue"`
	Owner      string         `json:"owner"`
	Department string         `json:"department,omitempty"`
	CreatedAt  store.Moment   `json:"createdAt"`
	CreatedBy  string         `json:"createdBy,omitempty"`
	UpdatedAt  store.Moment   `json:"updatedAt"`
	Suspended  bool           `json:"suspended,omitempty"`
	Data       map[string]any `json:"data"`
}

// summary is the record without the fields that are hidden from the reader.
func (v *sight) summary(rec *Record, see allowed) Summary {
	return Summary{
		ID: rec.ID, App: rec.App, Form: rec.Form, Rev: rec.Rev, Title: v.title(rec, see), Status: rec.Status, Outcome: rec.Outcome,
		Stage: rec.Stage, EnteredAt: rec.EnteredAt, DueAt: rec.DueAt, Overdue: rec.Overdue, Owner: rec.Owner,
		Department: rec.Department, CreatedAt: rec.CreatedAt, CreatedBy: rec.CreatedBy, UpdatedAt: rec.UpdatedAt,
		Suspended: rec.Suspended, Data: visible(rec.Data, see.sees),
	}
}

func visible(data map[string]any, sees func(field string) bool) map[string]any {
	out := make(map[string]any, len(data))
	for k, v := range data {
		if sees(k) {
			out[k] = v
		}
	}
	return out
}

// summaries shows stored documents to a person, and names what they refer to.
func (s *Service) summaries(ctx context.Context, v *sight, docs []store.Doc, names Names) ([]Summary, error) {
	out := make([]Summary, len(docs))
	for i, doc := range docs {
		var rec Record
		if err := json.Unmarshal(doc, &rec); err != nil {
			return nil, fmt.Errorf("read record: %w", err)
		}
		see, err := v.of(ctx, &rec)
		if err != nil {
			return nil, err
		}
		out[i] = v.summary(&rec, see)
		s.NamePeople(names, rec.Owner, rec.CreatedBy, rec.Department)
	}
	data := make([]map[string]any, len(out))
	for i := range out {
		data[i] = out[i].Data
	}
	return out, s.NameRefs(ctx, v.form, v.by, names, data...)
}

// NamePeople adds the names of people and departments.
func (s *Service) NamePeople(names Names, ids ...string) {
	d := s.people.Directory()
	for _, id := range ids {
		if _, known := names[id]; known || id == "" {
			continue
		}
		if u, ok := d.User(id); ok {
			names[id] = problem.Plain(u.Name)
		} else if dep, ok := d.Department(id); ok {
			names[id] = dep.Name
		}
	}
}

// NameRefs adds the names of what person, department and link fields refer to. A linked record that the person may not
// see stays without a name.
func (s *Service) NameRefs(ctx context.Context, f *catalog.Form, by string, names Names, rows ...map[string]any) error {
	linked := map[string][]string{} // form → ids
	for _, data := range rows {
		s.refs(f.Exec.Fields, data, names, linked)
	}
	for formKey, ids := range linked {
		for part := range slices.Chunk(ids, 500) {
			if err := s.nameRecords(ctx, f.App.Key, formKey, by, part, names); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) refs(fields []form.Field, data map[string]any, names Names, linked map[string][]string) {
	for i := range fields {
		fd := &fields[i]
		switch v := data[fd.Key].(type) {
		case string:
			switch fd.Type { //nolint:exhaustive // the others refer to nothing
			case form.Person, form.Department:
				s.NamePeople(names, v)
			case form.Link:
				if _, known := names[v]; !known && v != "" && !slices.Contains(linked[fd.Link.Form], v) {
					linked[fd.Link.Form] = append(linked[fd.Link.Form], v)
				}
			default:
			}
		case []any:
			for _, row := range v {
				members, ok := row.(map[string]any)
				switch {
				case ok && fd.Type == form.SubTable:
					s.refs(fd.Items, members, names, linked)
				case ok && fd.Type == form.Checklist:
					by, _ := members["by"].(string)
					s.NamePeople(names, by)
				}
			}
		}
	}
}

func (s *Service) nameRecords(ctx context.Context, app, formKey, by string, ids []string, names Names) error {
	list := make([]any, len(ids))
	for i, id := range ids {
		list[i] = id
	}
	f, err := s.catalog.Form(app, formKey)
	if err != nil {
		return err
	}
	v := s.sight(by, f)
	fields := []string{"app", "form", "title", "owner", "department", "participants"}
	if !v.whole {
		fields = append(fields, append(v.wants(), "data")...)
	}
	docs, err := s.store.Find(ctx, CollectionOf(app, formKey), store.Query{
		Filter: store.Filter{"_id": map[string]any{"$in": list}}, Fields: fields,
	})
	if err != nil {
		return fmt.Errorf("name linked records of %s: %w", formKey, err)
	}
	for _, doc := range docs {
		var rec Record
		if err := json.Unmarshal(doc, &rec); err != nil {
			return fmt.Errorf("read linked record: %w", err)
		}
		if !s.mayRead(by, &rec) {
			continue
		}
		see, err := v.of(ctx, &rec)
		if err != nil {
			return err
		}
		names[rec.ID] = problem.Plain(v.title(&rec, see))
	}
	return nil
}

// namer names what fields refer to in texts that are kept, such as titles. Nobody in particular reads them, so they name
// people, departments and linked records whoever asks.
func (s *Service) namer(ctx context.Context, app string) form.Namer {
	return func(fd *form.Field, id string) string {
		if fd.Type != form.Link {
			return s.people.Directory().Name(id, s.lang)
		}
		if fd.Link == nil {
			return ""
		}
		rec, err := s.fetch(ctx, app, fd.Link.Form, id)
		if err != nil {
			return ""
		}
		return rec.Title
	}
}

// View is a record as its page shows it to one person.
type View struct {
	Summary
	Path        []engine.StageView          `json:"path,omitempty"`
	Tasks       []engine.Task               `json:"-"` // shown by desk, with what the person may do
	Access      map[string]flow.FieldAccess `json:"access,omitempty"`
	Commands    []string                    `json:"commands,omitempty"`
	Names       Names                       `json:"names,omitempty"`
	Links       map[string]map[string]any   `json:"links,omitempty"`
	Limits      []Authority                 `json:"limits,omitempty"` // of its owner
	FormVersion int                         `json:"formVersion,omitempty"`
	FlowVersion int                         `json:"flowVersion,omitempty"`
	Flow        *engine.Flow                `json:"-"`
	Record      *Record                     `json:"-"`
	// Assignment says why the owner has it; Pool and Claim are how it stands with the pool.
	Assignment *assignment.Explanation `json:"assignment,omitempty"`
	Pool       *Pooled                 `json:"pool,omitempty"`
	Claim      *Claim                  `json:"claim,omitempty"`
}

// View is everything the record's page needs.
func (s *Service) View(ctx context.Context, by string, rec *Record) (*View, error) {
	f, err := s.catalog.Form(rec.App, rec.Form)
	if err != nil {
		return nil, err
	}
	w := &work{Request: Request{App: rec.App, Form: rec.Form, ID: rec.ID, By: by}, now: s.clock.Now(), form: f, rec: rec}
	if err := s.findFlow(ctx, w); err != nil {
		return nil, err
	}
	if err := s.loadLinks(ctx, w, rec.Data); err != nil {
		return nil, err
	}
	sight := s.sight(by, f)
	v := &View{
		Summary: sight.summary(rec, sight.in(w.flow, rec)), Tasks: rec.State.Tasks, Names: Names{}, Links: map[string]map[string]any{},
		FormVersion: f.Version, FlowVersion: rec.State.Version, Flow: w.flow, Record: rec,
		Assignment: rec.Assignment, Pool: rec.Pool, Claim: rec.Claim,
	}
	if w.flow != nil {
		v.Path = engine.Path(w.flow, rec.State)
	}
	v.Access = s.rights(w)
	v.Limits = s.authorities(sight.in(w.flow, rec), rec.Owner, f)
	v.Commands = s.commands(w)
	s.NamePeople(v.Names, rec.Owner, rec.CreatedBy, rec.Department)
	for _, t := range rec.State.Tasks {
		s.NamePeople(v.Names, t.Assignees...)
	}
	if err := s.NameRefs(ctx, f, by, v.Names, v.Data); err != nil {
		return nil, err
	}
	return v, s.showLinks(ctx, w, v)
}

// rights is fieldAccess for showing: read-only throughout when the person may not change the record now.
func (s *Service) rights(w *work) map[string]flow.FieldAccess {
	rights := s.fieldAccess(w)
	if slices.Contains(s.commands(w), "save") {
		return rights
	}
	for key, a := range rights {
		if a != flow.Hidden {
			rights[key] = flow.Read
		}
	}
	return rights
}

// commands lists what the person may do with the record now, tasks aside.
func (s *Service) commands(w *work) []string {
	rec, status := w.rec, w.rec.State.Status
	var out []string
	add := func(name string, ok bool) {
		if ok {
			out = append(out, name)
		}
	}
	w.Command = engine.Command{Kind: engine.Save}
	holds := w.holdsTask()
	updates := s.May(w.By, role.Update, rec)
	add("save", holds || updates)
	add("submit", status == engine.Draft && s.May(w.By, role.Submit, rec))
	possible := engine.Actions(w.flow, rec.Case(), w.By)
	add("move", slices.Contains(possible.Commands, engine.Move))
	add("withdraw", slices.Contains(possible.Commands, engine.Withdraw))
	admin := w.flow != nil && status != engine.Draft && s.May(w.By, role.Override, rec)
	still := rec.State.Suspension != nil
	add("override", admin && !still)
	add("suspend", admin && status == engine.Running && !still)
	add("resume", admin && still)
	add("cancel", admin && status == engine.Running)
	add("undo", possible.Undo != "")
	add("comment", true)
	add("copy", status != engine.Draft && (updates || w.takesPart()))
	add("delete", s.May(w.By, role.Delete, rec))
	return out
}

// showLinks adds what the form shows beside its links, as far as the person may see it.
func (s *Service) showLinks(ctx context.Context, w *work, v *View) error {
	for i := range w.form.Exec.Fields {
		fd := &w.form.Exec.Fields[i]
		id, _ := v.Data[fd.Key].(string)
		if fd.Type != form.Link || id == "" {
			continue
		}
		if _, readable := v.Names[id]; !readable {
			continue
		}
		rec, err := s.fetch(ctx, w.App, fd.Link.Form, id)
		if err != nil {
			return err
		}
		sees, err := s.Sees(ctx, w.By, rec)
		if err != nil {
			return err
		}
		v.Links[fd.Key] = visible(rec.Data, sees)
	}
	return nil
}
