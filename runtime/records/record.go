// Package records is the one way in which a record is written, whoever asks: a person, a program, a board drag, a
// timer. Each command is checked (permission, schema, rules, flow), written with one compare-and-set, and told to
// the action log, the task list, the timers and the notices through the record's outbox.
package records

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/schemas/form"
)

// CollectionOf is where the records of a form are kept: a collection of their own, so that each form has its own
// indexes.
func CollectionOf(app, formKey string) string { return "records." + app + "." + formKey }

// Record is the stored form of one record. The members that repeat parts of State exist so that lists can filter
// and sort by them.
type Record struct {
	ID         string         `json:"_id"`
	Rev        int64          `json:"rev"`
	App        string         `json:"app"`
	Form       string         `json:"form"`
	Title      string         `json:"title"`
	Search     string         `json:"search,omitempty"` // lower-case text that quick search looks in
	Owner      string         `json:"owner"`
	Department string         `json:"department"`
	CreatedAt  string         `json:"createdAt"`
	CreatedBy  string         `json:"createdBy"`
	UpdatedAt  string         `json:"updatedAt"`
	Status     engine.Status  `json:"status"`
	Outcome    string         `json:"outcome,omitempty"`
	Stage      string         `json:"stage,omitempty"`
	EnteredAt  string         `json:"stageEnteredAt,omitempty"`
	DueAt      string         `json:"dueAt,omitempty"` // the nearest deadline of what is open
	Overdue    bool           `json:"overdue"`
	People     []string       `json:"participants"` // everybody who has or had to do with it; they may read it
	Data       map[string]any `json:"data"`
	State      engine.State   `json:"state"`
	// Outbox holds what was decided but may not have been told to the rest yet. Always empty on a transactional store.
	Outbox []Action `json:"outbox,omitempty"`
}

// Case is the record as the engine sees it.
func (r *Record) Case() engine.Case {
	created, err := store.ParseTime(r.CreatedAt)
	if err != nil {
		created = time.Time{}
	}
	return engine.Case{
		ID: r.ID, Form: r.Form, Title: r.Title, Owner: r.Owner, Department: r.Department,
		CreatedAt: created, CreatedBy: r.CreatedBy, Data: r.Data, State: r.State,
	}
}

// take copies what a decision changed into the record.
func (r *Record) take(c engine.Case, now time.Time, f *form.Form, fields []form.Field) {
	r.Data, r.State = c.Data, c.State
	r.UpdatedAt = store.FormatTime(now)
	r.Status, r.Outcome, r.Stage = c.State.Status, c.State.Outcome, c.State.Stage
	r.EnteredAt, r.DueAt, r.Overdue = "", "", false
	if c.State.Stage != "" {
		if n := len(c.State.Stages); n > 0 {
			r.EnteredAt = store.FormatTime(c.State.Stages[n-1].EnteredAt)
		}
	}
	for _, d := range c.State.Deadlines {
		at := store.FormatTime(d.DueAt)
		if r.DueAt == "" || at < r.DueAt {
			r.DueAt = at
		}
		r.Overdue = r.Overdue || d.Overdue
	}
	r.Title = titleOf(f, fields, r.Data)
	r.Search = searchText(f, fields, r.Title, r.Data)
}

// join adds people to those who may read the record.
func (r *Record) join(users ...string) {
	for _, u := range users {
		if u != "" && !slices.Contains(r.People, u) {
			r.People = append(r.People, u)
		}
	}
}

// titleOf fills the form's title pattern; without one the first text-like field names the record.
func titleOf(f *form.Form, fields []form.Field, data map[string]any) string {
	if f.RecordTitle != "" {
		return strings.Join(strings.Fields(fill(f.RecordTitle, data)), " ")
	}
	for _, fd := range fields {
		if s, ok := data[fd.Key].(string); ok && s != "" && textLike(fd.Type) {
			return s
		}
	}
	return ""
}

// fill replaces {field} places by the field's value.
func fill(pattern string, data map[string]any) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(pattern, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		key, after, closed := strings.Cut(rest, "}")
		if !closed {
			b.WriteString("{" + rest)
			return b.String()
		}
		b.WriteString(plain(data[key]))
		pattern = after
	}
}

// plain is a value as short text.
func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	default:
		b, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return string(b)
	}
}

// maxSearch bounds the search text of one record, in bytes.
const maxSearch = 1 << 10

func searchText(f *form.Form, fields []form.Field, title string, data map[string]any) string {
	var b strings.Builder
	b.WriteString(strings.ToLower(title))
	for _, fd := range fields {
		if len(f.Search) > 0 && !slices.Contains(f.Search, fd.Key) || len(f.Search) == 0 && !textLike(fd.Type) {
			continue
		}
		s, ok := data[fd.Key].(string)
		if !ok || s == "" || b.Len()+len(s) > maxSearch || strings.Contains(b.String(), strings.ToLower(s)) {
			continue
		}
		b.WriteByte('\n')
		b.WriteString(strings.ToLower(s))
	}
	return b.String()
}

func textLike(t form.FieldType) bool {
	switch t {
	case form.Text, form.Phone, form.Email, form.AutoNumber:
		return true
	default:
		return false
	}
}

// Indexes are what the lists, boards and rules of one form need.
func Indexes(f *form.Form) []store.Index {
	key := func(paths ...string) []store.SortKey {
		keys := make([]store.SortKey, len(paths))
		for i, p := range paths {
			path, desc := strings.CutPrefix(p, "-")
			keys[i] = store.SortKey{Path: path, Desc: desc}
		}
		return keys
	}
	out := []store.Index{
		{Name: "updated", Keys: key("-updatedAt")},
		{Name: "stage", Keys: key("stage", "dueAt")},
		{Name: "owner", Keys: key("owner", "-updatedAt")},
		{Name: "department", Keys: key("department", "-updatedAt")},
		{Name: "overdue", Keys: key("overdue", "dueAt")},
		{Name: "search", Keys: key("search")},
		{Name: "participants", Keys: key("participants"), Array: true},
	}
	for _, field := range f.List.Indexed {
		out = append(out, store.Index{Name: "f_" + field, Keys: key("data."+field, "-updatedAt")})
	}
	for i, set := range f.Unique {
		paths := make([]string, len(set))
		for j, field := range set {
			paths[j] = "data." + field
		}
		out = append(out, store.Index{Name: uniqueName(i), Keys: key(paths...), Unique: true, Present: true})
	}
	return out
}

func uniqueName(i int) string { return "unique_" + string(rune('a'+i)) }
