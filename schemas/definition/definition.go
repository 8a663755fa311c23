// Package definition is the envelope that every kind of definition shares: what it is called, what it is, and how
// a stored version of it looks. The body of each kind has a package of its own beside this one.
package definition

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/stepwell/stepwell/schemas/problem"
)

// Text is a human text of a definition, in one or more languages.
type Text = problem.Text

// Kind is what a definition describes.
type Kind string

// The kinds of definition.
const (
	KindApp        Kind = "app"
	KindForm       Kind = "form"
	KindFlow       Kind = "flow"
	KindRole       Kind = "role"
	KindCalendar   Kind = "calendar"
	KindChannel    Kind = "channel"
	KindLimit      Kind = "limit"
	KindAssignment Kind = "assignment"
	KindAutomation Kind = "automation"
)

// Kinds lists every kind in the order in which an app is installed: what is referred to comes first.
func Kinds() []Kind {
	return []Kind{KindApp, KindCalendar, KindChannel, KindLimit, KindForm, KindFlow, KindAutomation, KindAssignment, KindRole}
}

// Head is what every definition document begins with.
type Head struct {
	Kind        Kind   `json:"kind"`
	Key         string `json:"key"` // ASCII: [a-z][A-Za-z0-9_-]*; unique in its app and kind
	Title       Text   `json:"title"`
	Description Text   `json:"description,omitempty"`
}

// Ref names a definition inside an installation.
type Ref struct {
	App  string `json:"app"`
	Kind Kind   `json:"kind"`
	Key  string `json:"key"`
}

// ID is the store id of the draft that a Ref names.
func (r Ref) ID() string { return r.App + "/" + string(r.Kind) + "/" + r.Key }

// VersionID is the store id of one version of the definition that ref names.
func VersionID(ref Ref, number int) string { return ref.ID() + "@" + strconv.Itoa(number) }

// Collections of the store that hold definitions. builder/draft writes them, runtime/catalog reads them.
const (
	DraftCollection   = "definitions"
	VersionCollection = "definitionVersions"
)

// Draft is the editable state of a definition and the pointer to what is published of it.
type Draft struct {
	ID        string `json:"_id"` // Ref.ID
	Rev       int64  `json:"rev"` // compare-and-set revision, also the ETag
	Ref       `json:",inline"`
	Body      string    `json:"body"`      // the document's JSON text, kept to the byte: the order of members means something to its author
	Published int       `json:"published"` // the version in force, 0 when none
	Latest    int       `json:"latest"`    // the highest version number ever given
	UpdatedAt time.Time `json:"updatedAt"`
	UpdatedBy string    `json:"updatedBy"`
	Deleted   bool      `json:"deleted,omitempty"`
}

// Version is one published, immutable version of a definition.
type Version struct {
	ID     string `json:"_id"` // Ref.ID + "@" + number
	Ref    `json:",inline"`
	Number int    `json:"number"` // 1, 2, 3, …
	Body   string `json:"body"`
	Note   string `json:"note,omitempty"`
	// Uses are the versions of other definitions of its kind that this one runs with: of a flow, its sub-flows by their key.
	Uses        map[string]int `json:"uses,omitempty"`
	PublishedAt time.Time      `json:"publishedAt"`
	PublishedBy string         `json:"publishedBy"`
}

// Rule is a condition or formula: CEL, and the tree of choices it was compiled from when a person built it visually.
//
// In JSON it is a plain string of CEL or an object {"cel": …, "visual": …}; visual is the source when it is there.
type Rule struct {
	CEL    string          `json:"cel"`
	Visual json.RawMessage `json:"visual,omitempty"`
}

// Empty reports whether no rule is given.
func (r Rule) Empty() bool { return r.CEL == "" }

// IsZero lets omitzero leave an absent rule out of JSON.
func (r Rule) IsZero() bool { return r.CEL == "" && len(r.Visual) == 0 }

// MarshalJSON writes a rule without a visual source as a plain string.
func (r Rule) MarshalJSON() ([]byte, error) {
	if len(r.Visual) == 0 {
		return json.Marshal(r.CEL)
	}
	type bare Rule
	return json.Marshal(bare(r))
}

// UnmarshalJSON reads a string of CEL or the object form.
func (r *Rule) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		*r = Rule{}
		return json.Unmarshal(b, &r.CEL)
	}
	type bare Rule
	return json.Unmarshal(b, (*bare)(r))
}
