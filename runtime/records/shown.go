package records

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/value"
	"github.com/stepwell/stepwell/runtime/access"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/role"
)

// shown are stored records as one person sees them in a list: the text of Summaries. Where the person sees the same of every
// record, it is made from the stored text without reading what is only passed on; else each record is read.
type shown struct {
	*sight
	alike  bool            // the same is seen of every record, and titles are whole
	whole  bool            // data is passed on as it is
	fields map[string]bool // whether a field of the form is seen
	refs   map[string]bool // fields that refer to people, departments or records
	names  Names           // nil: names are not asked for
	rows   []map[string]any
	buf    []byte
}

func (v *sight) shown(names Names) *shown {
	out := &shown{sight: v, alike: v.whole && !v.apart(), names: names, fields: map[string]bool{}, refs: map[string]bool{}}
	out.whole = v.by == "" || v.designs && v.mask.HidesNothing()
	see := v.anywhere()
	for i := range v.form.Exec.Fields {
		fd := &v.form.Exec.Fields[i]
		out.fields[fd.Key] = see.sees(fd.Key)
		if names != nil && refers(fd) {
			out.refs[fd.Key] = true
		}
	}
	return out
}

func refers(fd *form.Field) bool {
	switch fd.Type { //nolint:exhaustive // the others refer to nothing
	case form.Person, form.Department, form.Link, form.Checklist:
		return true
	case form.SubTable:
		for i := range fd.Items {
			if refers(&fd.Items[i]) {
				return true
			}
		}
	default:
	}
	return false
}

// kinds of members of a stored record, as a Summary shows them.
const (
	memberShown    = iota + 1
	memberOptional // left out when it is ""
	memberPerson   // names somebody
	memberUnit     // names a department; left out when it is ""
)

var shownMembers = map[string]int{
	"rev": memberShown, "app": memberShown, "form": memberShown, "title": memberShown, "status": memberShown, "outcome": memberOptional,
	"stage": memberOptional, "stageEnteredAt": memberShown, "dueAt": memberShown, "overdue": memberShown, "owner": memberPerson,
	"department": memberUnit, "createdAt": memberShown, "createdBy": memberUnit, "updatedAt": memberShown,
}

// add writes the Summary of a stored record.
func (v *shown) add(ctx context.Context, doc store.Doc) error {
	if v.alike {
		return v.pass(doc)
	}
	var rec Record
	if err := json.Unmarshal(doc, &rec); err != nil {
		return fmt.Errorf("read record: %w", err)
	}
	return v.read(ctx, &rec)
}

// read writes the Summary of a record of which the person sees something of its own.
func (v *shown) read(ctx context.Context, rec *Record) error {
	see, err := v.of(ctx, rec)
	if err != nil {
		return err
	}
	sum := v.summary(rec, see)
	text, err := json.Marshal(sum)
	if err != nil {
		return fmt.Errorf("write record: %w", err)
	}
	v.buf = append(v.buf, text...)
	if v.names != nil {
		v.service.NamePeople(v.names, rec.Owner, rec.CreatedBy, rec.Department)
		v.rows = append(v.rows, sum.Data)
	}
	return nil
}

// pass writes the Summary from the stored text.
func (v *shown) pass(doc store.Doc) (err error) {
	v.buf = append(v.buf, '{')
	sep := ""
	member := func(name string, text []byte) {
		v.buf = append(append(append(append(append(v.buf, sep...), '"'), name...), `":`...), text...)
		sep = ","
	}
	failed := value.Members(doc, func(name, text []byte) bool {
		switch string(name) {
		case "_id":
			member("id", text)
			return true
		case "data":
			member("data", nil)
			err = v.data(text)
			return err == nil
		}
		kind := shownMembers[string(name)]
		if kind == 0 || kind != memberShown && kind != memberPerson && string(text) == `""` {
			return true
		}
		if kind >= memberPerson {
			v.name(text)
		}
		member(string(name), text)
		return true
	})
	v.buf = append(v.buf, '}')
	if err == nil && failed != nil {
		err = failed
	}
	if err != nil {
		return fmt.Errorf("read record: %w", err)
	}
	return nil
}

// name adds the name of somebody, or of a department.
func (v *shown) name(text []byte) {
	if v.names == nil || len(text) < 2 {
		return
	}
	id := text[1 : len(text)-1]
	if _, known := v.names[string(id)]; !known {
		v.service.NamePeople(v.names, string(id))
	}
}

// data writes the fields that the person may see, and remembers what they refer to.
func (v *shown) data(text []byte) (err error) {
	if v.whole && len(v.refs) == 0 {
		v.buf = append(v.buf, text...)
		return nil
	}
	row := map[string]any{}
	v.buf = append(v.buf, '{')
	sep := ""
	failed := value.Members(text, func(name, text []byte) bool {
		if !v.whole && !v.seesField(name) {
			return true
		}
		v.buf = append(append(append(append(append(v.buf, sep...), '"'), name...), `":`...), text...)
		sep = ","
		if v.refs[string(name)] {
			var ref any
			if err = json.Unmarshal(text, &ref); err == nil {
				row[string(name)] = ref
			}
		}
		return err == nil
	})
	v.buf = append(v.buf, '}')
	if len(row) > 0 {
		v.rows = append(v.rows, row)
	}
	if err == nil {
		err = failed
	}
	return err
}

func (v *shown) seesField(name []byte) bool {
	seen, known := v.fields[string(name)]
	return seen || !known && v.anywhere().sees(string(name))
}

// Page is one page of a list.
type Page struct {
	Items []json.RawMessage // Summaries
	Names Names
	Next  string // the cursor of the next page; empty: there is none
	Total *int64 // nil: not asked for
	text  []byte // of the page up to the end of its items
}

// JSON is the page as the API answers it.
func (p *Page) JSON() (json.RawMessage, error) {
	names, err := json.Marshal(p.Names)
	if err != nil {
		return nil, fmt.Errorf("encode names: %w", err)
	}
	out := append(append(p.text, `],"names":`...), names...)
	if p.Next != "" {
		out = value.AppendString(append(out, `,"next":`...), p.Next)
	}
	if p.Total != nil {
		out = strconv.AppendInt(append(out, `,"total":`...), *p.Total, 10)
	}
	return append(out, '}'), nil
}

// page shows stored records, and names what they refer to.
func (v *shown) page(ctx context.Context, docs []store.Doc) (*Page, error) {
	size := 1 << 10 // for what follows the items
	for _, doc := range docs {
		size += len(doc)
	}
	v.buf = append(make([]byte, 0, size), `{"items":[`...)
	p := &Page{Items: make([]json.RawMessage, len(docs)), Names: v.names}
	for i, doc := range docs {
		if i > 0 {
			v.buf = append(v.buf, ',')
		}
		begin := len(v.buf)
		if err := v.add(ctx, doc); err != nil {
			return nil, err
		}
		p.Items[i] = v.buf[begin:len(v.buf):len(v.buf)]
	}
	p.text = v.buf
	return p, v.service.NameRefs(ctx, v.form, v.by, v.names, v.rows...)
}

// Shown is one record as JSON text.
type Shown struct {
	Rev  int64
	Text json.RawMessage
}

// GetPlain reads one record alone, as a list shows it. ErrNotFound also when the person may not see it.
func (s *Service) GetPlain(ctx context.Context, by, app, formKey, id string) (Shown, error) {
	f, err := s.catalog.Form(app, formKey)
	if err != nil {
		return Shown{}, unseen(err)
	}
	doc, err := s.fetchDoc(ctx, app, formKey, id)
	if err != nil {
		return Shown{}, err
	}
	var rev int64
	var sight access.Record
	failed := value.Members(doc, func(name, text []byte) bool {
		switch string(name) {
		case "rev":
			err = json.Unmarshal(text, &rev)
		case "owner":
			err = json.Unmarshal(text, &sight.Owner)
		case "department":
			err = json.Unmarshal(text, &sight.Department)
		case "participants":
			err = json.Unmarshal(text, &sight.Participants)
		}
		return err == nil
	})
	if failed != nil {
		err = failed
	}
	if err != nil {
		return Shown{}, fmt.Errorf("read record %s: %w", id, err)
	}
	if !s.access.AllowsRecord(by, app, formKey, role.Read, sight) {
		return Shown{}, ErrNotFound.With(nil)
	}
	v := s.sight(by, f).shown(nil)
	v.buf = make([]byte, 0, len(doc))
	if err := v.add(ctx, doc); err != nil {
		return Shown{}, err
	}
	return Shown{Rev: rev, Text: v.buf}, nil
}

// Plain is a record alone that was read or written, as GetPlain shows it.
func (s *Service) Plain(ctx context.Context, by string, rec *Record) (Shown, error) {
	f, err := s.catalog.Form(rec.App, rec.Form)
	if err != nil {
		return Shown{}, err
	}
	v := s.sight(by, f).shown(nil)
	v.buf = make([]byte, 0, len(rec.stored))
	if err := v.add(ctx, rec.stored); err != nil {
		return Shown{}, err
	}
	return Shown{Rev: rec.Rev, Text: v.buf}, nil
}

// fetchDoc loads the stored text of a record without asking who may.
func (s *Service) fetchDoc(ctx context.Context, app, formKey, id string) (store.Doc, error) {
	doc, err := s.store.Get(ctx, CollectionOf(app, formKey), id)
	if fault.Has(err, store.ErrNotFound) {
		return nil, ErrNotFound.With(nil)
	}
	if err != nil {
		return nil, fmt.Errorf("load record %s: %w", id, err)
	}
	return doc, nil
}
