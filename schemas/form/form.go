// Package form holds the shape of a form definition: a JSON Schema (2020-12) whose x- keywords say how it looks and
// which rules hold.
//
// Standard keywords mean what the standard says. A human text is in x-title, x-help and so on, in one or more languages; a
// plain title or description serves when they are missing.
package form

import (
	"encoding/json"

	"github.com/stepwell/stepwell/schemas/definition"
)

// FieldType names a kind of field: how it is edited, shown and checked.
type FieldType string

// The field types.
const (
	Text         FieldType = "text"         // string
	LongText     FieldType = "longText"     // string
	Number       FieldType = "number"       // number
	Money        FieldType = "money"        // number with at most two decimals; x-currency
	Percent      FieldType = "percent"      // number, 15 means 15 %
	Phone        FieldType = "phone"        // string
	Email        FieldType = "email"        // string, format email
	URL          FieldType = "url"          // string, format uri
	YesNo        FieldType = "yesNo"        // boolean
	SingleChoice FieldType = "singleChoice" // string, one of x-options
	MultiChoice  FieldType = "multiChoice"  // array of strings of x-options
	Date         FieldType = "date"         // string, format date
	DateTime     FieldType = "dateTime"     // string, format date-time, stored in the store's form
	Person       FieldType = "person"       // string, user id
	Department   FieldType = "department"   // string, department id
	File         FieldType = "file"         // array of FileRef
	Link         FieldType = "link"         // string, record id of x-link.form
	SubTable     FieldType = "subTable"     // array of objects; items is a schema like a form's
	Checklist    FieldType = "checklist"    // array of ticked items of x-options: {item, by, at}; who and when are the server's
	Formula      FieldType = "formula"      // computed by x-formula; never written by people
	AutoNumber   FieldType = "autoNumber"   // string given by the server when the record is first saved; x-number
	Note         FieldType = "note"         // no value; x-help is shown
)

// Form is the body of a definition of kind "form".
type Form struct {
	definition.Head
	Plural definition.Text `json:"plural,omitempty"` // what a list of these is called
	Icon   string          `json:"icon,omitempty"`
	// Schema is the JSON Schema of a record's data, kept to the byte.
	Schema json.RawMessage `json:"schema"`
	// RecordTitle names a record: text with {field} places, e.g. "{code} {name}".
	RecordTitle string `json:"recordTitle,omitempty"`
	// Layout groups fields. Fields not named follow in schema order.
	Layout []Section `json:"layout,omitempty"`
	// Rules are cross-field checks that must hold whenever a record is submitted or changed after that.
	Rules []Rule `json:"rules,omitempty"`
	// Unique lists field sets of which no two records may have the same values.
	Unique [][]string `json:"unique,omitempty"`
	// Indexes lists what lists filter by and then sort by, e.g. ["segment", "amount"]: fields, or the record's own "stage",
	// "owner" and so on. Each becomes a database index.
	Indexes [][]string `json:"indexes,omitempty"`
	// List names the columns shown when a person has no view of their own.
	List List `json:"list,omitzero"`
	// Search names the text fields that quick search looks at; none: every text-like field.
	Search []string `json:"search,omitempty"`
	// Owner and Department name the person and department field that decide row permissions; none: who created it.
	Owner string `json:"owner,omitempty"`
}

// Section is one group of the layout.
type Section struct {
	Key     string          `json:"key"`
	Title   definition.Text `json:"title,omitempty"`
	Columns int             `json:"columns,omitempty"` // 1 or 2 on the desk; default 2. Phones always have one.
	Fields  []string        `json:"fields"`
	Show    definition.Rule `json:"show,omitzero"` // CEL; a hidden section hides its fields as x-show does
}

// Rule is a cross-field check.
type Rule struct {
	ID      string          `json:"id"`
	Rule    definition.Rule `json:"rule"`
	Message definition.Text `json:"message"`
	Field   string          `json:"field,omitempty"`
}

// List is the default look of the list of records.
type List struct {
	Columns []string `json:"columns,omitempty"` // field keys, or "stage", "owner", "dueAt", "updatedAt", "createdAt"
	Sort    string   `json:"sort,omitempty"`    // path, "-" in front for descending
	// Indexed names fields that lists filter by often; each gets a database index that goes on with Sort.
	Indexed []string `json:"indexed,omitempty"`
	// Card names the fields on a board's card.
	Card []string `json:"card,omitempty"`
	// Amount is the number field that a board sums by column.
	Amount string `json:"amount,omitempty"`
}

// Field is one property of a form's schema, read from its keywords.
type Field struct {
	Key         string          `json:"-"`
	Type        FieldType       `json:"x-field"`
	Title       definition.Text `json:"x-title"`
	Help        definition.Text `json:"x-help"`
	Placeholder definition.Text `json:"x-placeholder"`
	Required    bool            `json:"-"` // listed in the schema's "required"

	Options   []Option        `json:"x-options"` // choices; the schema's enum need not repeat them
	Currency  string          `json:"x-currency"`
	Unit      definition.Text `json:"x-unit"`
	Decimals  *int            `json:"x-decimals"`
	Link      *LinkRule       `json:"x-link"`
	File      *FileRule       `json:"x-file"`
	Number    *NumberRule     `json:"x-number"`
	Formula   definition.Rule `json:"x-formula"`
	Default   json.RawMessage `json:"default"`
	DefaultBy definition.Rule `json:"x-default"` // CEL, evaluated when a record is begun
	Show      definition.Rule `json:"x-show"`    // CEL; hidden fields are neither checked nor kept
	Require   definition.Rule `json:"x-require"` // CEL; required while it holds
	Lock      definition.Rule `json:"x-lock"`    // CEL; read-only while it holds
	Message   definition.Text `json:"x-message"` // what to say when the pattern does not match

	// Items are the columns of a subTable, in order.
	Items []Field `json:"-"`
	// Result is the JSON type that a formula gives: "number" (default), "string" or "boolean".
	Result string `json:"-"`
	// Whole says that the schema asks for an integer.
	Whole bool `json:"-"`
	// Schema is the property as it was written.
	Schema json.RawMessage `json:"-"`
}

// Option is one choice.
type Option struct {
	Value string          `json:"value"`
	Label definition.Text `json:"label"`
	Color string          `json:"color,omitempty"` // "green", "amber", "red", "blue", "grey", "teal"
}

// LinkRule says which records a link may name.
type LinkRule struct {
	Form string `json:"form"`
	// Show names fields of the linked record shown beside the link.
	Show []string `json:"show,omitempty"`
	// Where maps fields of the linked form to fields of this form that they must equal, e.g. {"customer": "customer"}.
	Where map[string]string `json:"where,omitempty"`
}

// FileRule says which files a file field takes. Type is decided by content, never by name.
type FileRule struct {
	Types    []string `json:"types,omitempty"`    // MIME types, "image/*" allowed; none: any
	MaxBytes int64    `json:"maxBytes,omitempty"` // each file; default 50 MiB
	MaxCount int      `json:"maxCount,omitempty"` // default 20
	MinCount int      `json:"minCount,omitempty"`
	// NameContains is a field path whose value each file name must contain, e.g. "code" or, through a link, "customer.code".
	NameContains string `json:"nameContains,omitempty"`
}

// NumberRule shapes an autoNumber: Prefix, then the date, then a counter of at least Digits digits that starts again
// when the date part changes.
type NumberRule struct {
	Prefix string `json:"prefix,omitempty"`
	Date   string `json:"date,omitempty"` // "", "yyyy", "yyyyMM" or "yyyyMMdd"
	Digits int    `json:"digits,omitempty"`
}

// FileRef is the value of one file in a file field.
type FileRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Size int64  `json:"size"` // bytes
	Type string `json:"type"` // MIME type by content
}
