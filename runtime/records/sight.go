package records

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/access"
	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/problem"
	"github.com/stepwell/stepwell/schemas/role"
)

// sight is what one person sees of a form's records. Their roles say which fields, on every record alike. Where no role says
// anything about fields, the steps that brought the person to a record decide, and every record is different: they see the
// fields that these steps name, and nothing else.
//
// What a record is called follows from that: hidden fields are left out of its title for this reader. So do searching,
// filtering and sorting: an order or a hit tells what is in a field as surely as showing it.
type sight struct {
	service *Service
	by      string // "" is the system, which sees everything
	form    *catalog.Form
	mask    *access.Mask
	designs bool // may design the app: sees also what the form no longer has
	whole   bool // nothing is hidden from them in titles
}

// allowed is what a person may do with each field, steps aside.
type allowed func(field string) role.FieldAccess

func (a allowed) sees(field string) bool { return a(field) != role.FieldHidden }

func everything(string) role.FieldAccess { return role.FieldWrite }

func (s *Service) sight(by string, f *catalog.Form) *sight {
	v := &sight{service: s, by: by, form: f, whole: true}
	if by == "" {
		return v
	}
	v.mask = s.access.Fields(by, f.App.Key, f.Key)
	v.designs = s.access.Can(by, f.App.Key, role.AppObject, role.Design)
	v.whole = v.wholeTitles(nil)
	return v
}

// wholeTitles reports whether nothing that stands in the titles of the form's records is hidden. A link shows the title of
// another record, whose fields may be hidden in turn; the forms in under are being asked already.
func (v *sight) wholeTitles(under []*catalog.Form) bool {
	under = append(slices.Clip(under), v.form)
	for _, fd := range v.form.Exec.TitleFields() {
		if !v.anywhere().sees(fd.Key) || fd.Type == form.Link && !v.wholeLink(fd, under) {
			return false
		}
	}
	return true
}

func (v *sight) wholeLink(fd *form.Field, under []*catalog.Form) bool {
	if fd.Link == nil {
		return false
	}
	other := v.form.App.Form(fd.Link.Form)
	if other == nil || slices.Contains(under, other) {
		return other != nil
	}
	far := sight{service: v.service, by: v.by, form: other, mask: v.service.access.Fields(v.by, other.App.Key, other.Key)}
	return far.wholeTitles(under)
}

// reads reports whether the words that stand for a field in titles and search texts may be shown. Those of a link are the
// kept title of the linked record.
func (v *sight) reads(fd *form.Field, see allowed) bool {
	return v.by == "" || see.sees(fd.Key) && (fd.Type != form.Link || v.wholeLink(fd, nil))
}

// anywhere is what the person may do with a field on every record alike. It is what filters, sorts, sums and searches go by.
func (v *sight) anywhere() allowed {
	if v.by == "" {
		return everything
	}
	return func(field string) role.FieldAccess {
		if _, known := v.form.Exec.Field(field); !known && !v.designs {
			return role.FieldHidden // it was taken off the form, and with it from the roles that hid it
		}
		return v.mask.Of(field)
	}
}

// apart reports whether the person sees something else of every record.
func (v *sight) apart() bool { return v.by != "" && v.mask.Silent() }

// of is what the person may do with the fields of one record.
func (v *sight) of(ctx context.Context, rec *Record) (allowed, error) {
	if !v.apart() || rec.State.Flow == "" {
		return v.anywhere(), nil
	}
	flow, err := v.service.catalog.Flow(ctx, rec.App, rec.State.Flow, rec.State.Version)
	if err != nil {
		return nil, fmt.Errorf("flow of %s: %w", rec.ID, err)
	}
	return v.bySteps(flow, rec), nil
}

// in is of for a record whose flow is at hand; nil when it has none.
func (v *sight) in(flow *engine.Flow, rec *Record) allowed {
	if !v.apart() || flow == nil || rec.State.Flow == "" {
		return v.anywhere()
	}
	return v.bySteps(flow, rec)
}

// bySteps shows what the steps name that the person has or had to do with; what their open tasks name may be written, as
// far as the task allows it.
func (v *sight) bySteps(flow *engine.Flow, rec *Record) allowed {
	rights := map[string]role.FieldAccess{}
	grant := func(block string, access role.FieldAccess) {
		for field, shown := range flow.Shows(block) {
			if shown && rights[field] != role.FieldWrite {
				rights[field] = access
			}
		}
	}
	for _, block := range rec.Steps[v.by] {
		grant(block, role.FieldRead)
	}
	for _, t := range rec.State.Tasks {
		if t.Involves(v.by) {
			grant(t.Block, role.FieldWrite)
		}
	}
	return func(field string) role.FieldAccess {
		if access, ok := rights[field]; ok {
			return access
		}
		return role.FieldHidden
	}
}

// title is what the record is called for this reader. What is left of a title from which everything is hidden is the name
// of the form.
func (v *sight) title(rec *Record, see allowed) string {
	if v.whole {
		return rec.Title
	}
	return v.titleOf(rec, func(fd *form.Field) bool { return v.reads(fd, see) })
}

func (v *sight) titleOf(rec *Record, reads func(fd *form.Field) bool) string {
	text := v.form.Exec.TitleOf(func(fd *form.Field) string {
		if !reads(fd) {
			return ""
		}
		return rec.word(fd)
	})
	if text == "" {
		return v.form.Exec.Form.Title.In(v.service.lang)
	}
	return text
}

// search selects the records in whose words the text stands, as far as the reader may see these words.
func (v *sight) search(text string) store.Filter {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" {
		return nil
	}
	fields := v.form.Exec.WordFields()
	shown := slices.DeleteFunc(slices.Clone(fields), func(fd *form.Field) bool { return !v.reads(fd, v.anywhere()) })
	if len(shown) == len(fields) {
		return store.Filter{"search": store.Contains(text, false)}
	}
	parts := make([]store.Filter, len(shown))
	for i, fd := range shown {
		path := "texts." + fd.Key
		if fd.TextLike() {
			path = "data." + fd.Key
		}
		parts[i] = store.Filter{path: store.Contains(text, true)}
	}
	return store.Or(parts...)
}

// listed are the members of a record that a list needs to show it to this reader.
func (v *sight) listed() []string { return append(slices.Clip(summaryFields), v.wants()...) }

// wants are the members that saying what the reader sees of a record needs, besides its owner and department.
func (v *sight) wants() []string {
	var more []string
	if !v.whole {
		more = append(more, "texts")
	}
	if v.apart() {
		more = append(more, "steps", "state")
	}
	return more
}

// word is what stands for a field in the record's title and search text.
func (r *Record) word(fd *form.Field) string {
	if fd.TextLike() {
		text, _ := r.Data[fd.Key].(string)
		return text
	}
	return r.Texts[fd.Key]
}

// passes notes the steps that bring people to the record: their tasks, and what they are told. To whom somebody copies it by
// hand, the stage that it stands in is such a step.
func (r *Record) passes(d engine.Decision) {
	steps := make(map[string][]string, len(r.Steps))
	for user, blocks := range r.Steps {
		steps[user] = slices.Clip(blocks)
	}
	note := func(block string, users ...string) {
		for _, user := range users {
			if block != "" && user != "" && !slices.Contains(steps[user], block) {
				steps[user] = append(steps[user], block)
			}
		}
	}
	for _, t := range d.After.State.Tasks {
		note(t.Block, t.Assignees...)
		note(t.Block, t.Holders()...) // those who stand in too
	}
	for _, ev := range d.Events {
		if ev.Kind == engine.TaskOpened || ev.Kind == engine.TaskAssigned || ev.Kind == engine.CopySent {
			note(cmp.Or(ev.Block, d.After.State.Stage), ev.Assignees...) // also of a task that closed again within the same action
		}
	}
	for _, e := range d.Effects {
		note(e.Block, e.To...)
	}
	r.Steps = steps
}

// Sees says which fields of a record a person may see.
func (s *Service) Sees(ctx context.Context, by string, rec *Record) (func(field string) bool, error) {
	f, err := s.catalog.Form(rec.App, rec.Form)
	if err != nil {
		return nil, err
	}
	see, err := s.sight(by, f).of(ctx, rec)
	if err != nil {
		return nil, err
	}
	return see.sees, nil
}

// knows reports whether a person has to do with a form at all: by a grant of a role, by designing the app, or by taking part
// in one of its records. To anybody else it does not exist.
func (s *Service) knows(ctx context.Context, by, app, formKey string) (bool, error) {
	if s.access.Granted(by, app, formKey) || s.access.Can(by, app, role.AppObject, role.Design) {
		return true, nil
	}
	rows, ok := s.access.Rows(by, app, formKey, role.Read)
	if !ok {
		return false, nil
	}
	n, err := s.store.Count(ctx, CollectionOf(app, formKey), rows, 1)
	if err != nil {
		return false, fmt.Errorf("look for what %s takes part in: %w", by, err)
	}
	return n > 0, nil
}

// FormOf finds a form for somebody who has to do with it. Whoever has not gets ErrNoForm, as for a form or an app that there
// is not.
func (s *Service) FormOf(ctx context.Context, by, app, formKey string) (*catalog.Form, error) {
	f, err := s.catalog.Form(app, formKey)
	if err == nil {
		var known bool
		if known, err = s.knows(ctx, by, app, formKey); err != nil || known {
			return f, err
		}
	} else if fault.KindOf(err) != fault.NotFound {
		return nil, err
	}
	return nil, catalog.ErrNoForm.With(problem.Params{"form": formKey})
}

// maxTaken is how many of the records in which somebody takes part are asked what the form looks like for them.
const maxTaken = 1000

// byAnyStep is what somebody sees of a form whose roles say nothing about its fields: what the steps show of any record in
// which they take part, the newest before all.
func (s *Service) byAnyStep(ctx context.Context, v *sight) (allowed, error) {
	docs, err := s.store.Find(ctx, CollectionOf(v.form.App.Key, v.form.Key), store.Query{
		Filter: store.Filter{"participants": v.by}, Sort: []store.SortKey{{Path: "updatedAt", Desc: true}}, Limit: maxTaken,
		Fields: []string{"app", "form", "steps." + v.by, "state"},
	})
	if err != nil {
		return nil, fmt.Errorf("find what %s takes part in: %w", v.by, err)
	}
	var all []allowed
	for _, doc := range docs {
		var rec Record
		if err := json.Unmarshal(doc, &rec); err != nil {
			return nil, fmt.Errorf("read record: %w", err)
		}
		see, err := v.of(ctx, &rec)
		if err != nil {
			return nil, err
		}
		all = append(all, see)
	}
	return func(field string) role.FieldAccess {
		for _, see := range all {
			if see.sees(field) {
				return role.FieldRead
			}
		}
		return role.FieldHidden
	}, nil
}

// Titles are what records of a form are called for a person who is shown titles that were kept elsewhere; nil when these may
// be shown as they are. A record that is gone is called by its form.
func (s *Service) Titles(ctx context.Context, by, app, formKey string, ids []string) (map[string]string, error) {
	f, err := s.catalog.Form(app, formKey)
	if err != nil {
		return nil, err
	}
	v := s.sight(by, f)
	if v.whole {
		return nil, nil //nolint:nilnil // nothing to replace
	}
	titles := make(map[string]string, len(ids))
	list := make([]any, len(ids))
	for i, id := range ids {
		list[i], titles[id] = id, f.Exec.Form.Title.In(s.lang)
	}
	recs, err := store.LoadAll[Record](ctx, s.store, CollectionOf(app, formKey), store.Query{
		Filter: store.Filter{"_id": map[string]any{"$in": list}}, Fields: append(v.wants(), "app", "form", "data"),
	})
	if err != nil {
		return nil, fmt.Errorf("name records of %s: %w", formKey, err)
	}
	for i := range recs {
		see, err := v.of(ctx, &recs[i])
		if err != nil {
			return nil, err
		}
		titles[recs[i].ID] = v.title(&recs[i], see)
	}
	return titles, nil
}
