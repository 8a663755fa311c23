// Package records is the one way in which a record is written, whoever asks: a person, a program, a board drag, a
// timer. Each command is checked (permission, schema, rules, flow), written with one compare-and-set, and told to
// the action log, the task list, the timers and the notices through the record's outbox.
package records

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/assignment"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/schemas/form"
)

// maxKeys is how many idempotency keys a record remembers.
const maxKeys = 16

// digestMark stands between a remembered idempotency key and its digest.
const digestMark = "="

// CollectionOf is where the records of a form are kept: a collection of their own, so that each form has its own
// indexes.
func CollectionOf(app, formKey string) string { return "records." + app + "." + formKey }

// Record is the stored form of one record. The members that repeat parts of State exist so that lists can filter
// and sort by them.
type Record struct {
	ID     string `json:"_id"`
	Rev    int64  `json:"rev"`
	App    string `json:"app"`
	Form   string `json:"form"`
	Title  string `json:"title"`
	Search string `json:"search,omitempty"` // lower-case text that quick search looks in
	// Texts are the words of those fields in Title and Search that do not stand in Data as they are read.
	Texts      map[string]string `json:"texts,omitempty"`
	Owner      string            `json:"owner"`
	Department string            `json:"department"`
	CreatedAt  store.Moment      `json:"createdAt"`
	CreatedBy  string            `json:"createdBy"`
	UpdatedAt  store.Moment      `json:"updatedAt"`
	Status     engine.Status     `json:"status"`
	Outcome    string            `json:"outcome,omitempty"`
	Stage      string            `json:"stage,omitempty"`
	EnteredAt  store.Moment      `json:"stageEnteredAt,omitzero"`
	DueAt      store.Moment      `json:"dueAt,omitzero"` // the nearest deadline of what is open
	Overdue    bool              `json:"overdue"`
	Suspended  bool              `json:"suspended,omitempty"`
	Parent     *Parent           `json:"parent,omitempty"` // the record whose flow has begun this one
	People     []string          `json:"participants"`     // everybody who has or had to do with it; they may read it
	Data       map[string]any    `json:"data"`
	State      engine.State      `json:"state"`
	// Steps are the blocks whose tasks, copies and messages brought a person to the record, by user id.
	Steps map[string][]string `json:"steps,omitempty"`
	// Assignment says why the owner has it; nil when nobody decided that for them. Pool and Claim are how it stands with the pool.
	Assignment *assignment.Explanation `json:"assignment,omitempty"`
	Pool       *Pooled                 `json:"pool,omitempty"`
	Claim      *Claim                  `json:"claim,omitempty"`
	// Keys are the idempotency keys of the last commands with the digests of what they sent, newest last.
	Keys []string `json:"keys,omitempty"`
	// Outbox holds what was decided but may not have been told to the rest yet. Always empty on a transactional store.
	Outbox []Action `json:"outbox,omitempty"`
	// PendingSince is when the oldest entry of Outbox was written; the sweeper looks for it.
	PendingSince store.Moment `json:"pendingSince,omitzero"`

	stored store.Doc // the text that this is stored as
}

// Parent is the record whose flow has begun another one, and where it waits for the end of that.
type Parent struct {
	Form   string `json:"form"`
	Record string `json:"record"`
	Block  string `json:"block"`
	Frame  string `json:"frame"`
	Await  bool   `json:"await,omitempty"`
	Run    string `json:"run,omitempty"` // the run of an automation that has begun it, instead of a flow
	Depth  int    `json:"depth"`         // how many records have begun one another up to this one
}

// Case is the record as the engine sees it.
func (r *Record) Case() engine.Case {
	return engine.Case{
		ID: r.ID, Form: r.Form, Title: r.Title, Owner: r.Owner, Department: r.Department,
		CreatedAt: r.CreatedAt.Time, CreatedBy: r.CreatedBy, Data: r.Data, State: r.State,
	}
}

// take copies what a decision changed into the record.
func (r *Record) take(c engine.Case, now time.Time) {
	r.Data, r.State = c.Data, c.State
	r.UpdatedAt = store.MomentOf(now)
	r.Status, r.Outcome, r.Stage = c.State.Status, c.State.Outcome, c.State.Stage
	r.Suspended = c.State.Suspension != nil
	r.EnteredAt, r.DueAt, r.Overdue = store.Moment{}, store.Moment{}, false
	if n := len(c.State.Stages); n > 0 && c.State.Stage != "" {
		r.EnteredAt = store.MomentOf(c.State.Stages[n-1].EnteredAt)
	}
	for _, d := range c.State.Deadlines {
		if d.Frame != "" || d.Met {
			continue // it waits until then, or is met: nobody is late
		}
		if r.DueAt.IsZero() || d.DueAt.Before(r.DueAt.Time) {
			r.DueAt = store.MomentOf(d.DueAt)
		}
		r.Overdue = r.Overdue || d.Overdue
	}
}

// name gives the record the title and search text that follow from its data.
func (r *Record) name(f *form.Executable, lang string, namer form.Namer) {
	r.Texts = nil
	for _, fd := range f.WordFields() {
		if text := form.Display(fd, r.Data[fd.Key], lang, namer); text != "" && !fd.TextLike() {
			if r.Texts == nil {
				r.Texts = map[string]string{}
			}
			r.Texts[fd.Key] = text
		}
	}
	r.Title = f.TitleOf(r.word)
	var b strings.Builder
	b.WriteString(strings.ToLower(r.Title))
	for _, fd := range f.WordFields() {
		text := strings.ToLower(r.word(fd))
		if text == "" || b.Len()+len(text) > maxSearch || strings.Contains(b.String(), text) {
			continue
		}
		b.WriteByte('\n')
		b.WriteString(text)
	}
	r.Search = b.String()
}

// join adds people to those who may read the record.
func (r *Record) join(users ...string) {
	for _, u := range users {
		if u != "" && !slices.Contains(r.People, u) {
			r.People = append(r.People, u)
		}
	}
}

// Indexes are what the lists, boards and rules of one form need.
func Indexes(f *form.Executable) []store.Index {
	out := []store.Index{
		{Name: "updated", Keys: []store.SortKey{{Path: "updatedAt"}}},
		{Name: "created", Keys: []store.SortKey{{Path: "createdAt"}}},
		{Name: "stage", Keys: []store.SortKey{{Path: "stage"}, {Path: "dueAt"}}},
		{Name: "owner", Keys: []store.SortKey{{Path: "owner"}, {Path: "updatedAt"}}},
		{Name: "department", Keys: []store.SortKey{{Path: "department"}, {Path: "updatedAt"}}},
		{Name: "overdue", Keys: []store.SortKey{{Path: "overdue"}, {Path: "dueAt"}}},
		{Name: "search", Keys: []store.SortKey{{Path: "search"}}},
		{Name: "participants", Keys: []store.SortKey{{Path: "participants"}}, Array: true},
		{Name: "outbox", Keys: []store.SortKey{{Path: "pendingSince"}}, Present: true},
	}
	for _, ix := range f.Indexes() {
		index := store.Index{Name: indexName(ix), Unique: ix.Unique, Present: ix.Unique, Array: ix.Array}
		for _, key := range ix.Keys {
			path := key.Name
			if key.Field {
				path = "data." + path
			}
			index.Keys = append(index.Keys, store.SortKey{Path: path})
		}
		out = append(out, index)
	}
	return out
}

// maxIndexName is how long the store lets the name of an index be.
const maxIndexName = 60

// indexName tells indexes of a form apart: by their fields, and by a digest where the store would not tell them apart or
// the name would be too long.
func indexName(ix form.Index) string {
	keys := make([]string, len(ix.Keys))
	for i, key := range ix.Keys {
		keys[i] = key.Name
		if !key.Field {
			keys[i] += "-" // a field may have the name of a record's own column
		}
	}
	name := "by_" + strings.Join(keys, "-")
	if ix.Unique {
		name = "unique_" + strings.Join(keys, "-")
	}
	if len(name) <= maxIndexName && name == strings.ToLower(name) {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return name[:min(len(name), maxIndexName-9)] + "-" + hex.EncodeToString(sum[:4])
}

// maxSearch bounds the search text of one record, in bytes.
const maxSearch = 1 << 10
