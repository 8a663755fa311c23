package expr

import (
	"github.com/stepwell/stepwell/schemas/form"
)

// Kind is what a rule may do with a value.
type Kind string

// The kinds of value.
const (
	String Kind = "string"
	Number Kind = "number"
	Bool   Kind = "bool"
	Time   Kind = "time"   // a moment; a date field is a String
	List   Kind = "list"   // strings
	Table  Kind = "table"  // rows with Fields
	Object Kind = "object" // one record with Fields
	Any    Kind = "any"
)

// Field is one member that a rule may read.
type Field struct {
	Key    string  `json:"key"`
	Kind   Kind    `json:"kind"`
	Fields []Field `json:"fields,omitempty"` // Table, Object
}

// FromForm turns the fields of a form into what rules see of them. Notes have no value and are left out.
func FromForm(fields []form.Field) []Field {
	out := make([]Field, 0, len(fields))
	for _, f := range fields {
		if f.Type == form.Note {
			continue
		}
		field := Field{Key: f.Key, Kind: kindOf(f.Type)}
		if f.Type == form.File {
			field.Fields = fileFields()
		}
		switch f.Type { //nolint:exhaustive // the others have no rows
		case form.SubTable:
			field.Fields = FromForm(f.Items)
		case form.Checklist:
			field.Fields = tickFields()
		}
		out = append(out, field)
	}
	return out
}

// kinds holds the types that are not plain text. A formula's type is not known while its form is being written.
var kinds = map[form.FieldType]Kind{ //nolint:exhaustive // the rest are texts
	form.Number: Number, form.Money: Number, form.Percent: Number, form.YesNo: Bool, form.MultiChoice: List,
	form.File: Table, form.SubTable: Table, form.Checklist: Table, form.Formula: Any,
}

func kindOf(t form.FieldType) Kind {
	if k, ok := kinds[t]; ok {
		return k
	}
	return String
}

func fileFields() []Field {
	return []Field{{Key: "id", Kind: String}, {Key: "name", Kind: String}, {Key: "size", Kind: Number}, {Key: "type", Kind: String}}
}

func tickFields() []Field {
	return []Field{{Key: "item", Kind: String}, {Key: "by", Kind: String}, {Key: "at", Kind: String}}
}

func recordFields(limits []string) []Field {
	return []Field{
		{Key: "id", Kind: String},
		{Key: "title", Kind: String},
		{Key: "stage", Kind: String},
		{Key: "status", Kind: String},
		{Key: "owner", Kind: String},
		{Key: "department", Kind: String},
		{Key: "createdAt", Kind: Time},
		{Key: "createdBy", Kind: String},
		limitField(limits),
	}
}

func userFields(limits []string) []Field {
	return []Field{
		{Key: "id", Kind: String},
		{Key: "name", Kind: String},
		{Key: "department", Kind: String},
		{Key: "roles", Kind: List},
		limitField(limits),
	}
}

// limitField is how far somebody may go: a number for each limit of the app.
func limitField(keys []string) Field {
	f := Field{Key: "limits", Kind: Object, Fields: make([]Field, len(keys))}
	for i, key := range keys {
		f.Fields[i] = Field{Key: key, Kind: Number}
	}
	return f
}
