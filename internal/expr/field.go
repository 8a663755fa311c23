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
		switch f.Type {
		case form.File:
			field.Fields = fileFields()
		case form.SubTable:
			field.Fields = FromForm(f.Items)
		default:
		}
		out = append(out, field)
	}
	return out
}

func kindOf(t form.FieldType) Kind {
	switch t {
	case form.Number, form.Money, form.Percent:
		return Number
	case form.YesNo:
		return Bool
	case form.MultiChoice:
		return List
	case form.File, form.SubTable:
		return Table
	case form.Formula:
		return Any // its type is its formula's, which is not known while a form is being written
	default:
		return String
	}
}

func fileFields() []Field {
	return []Field{{Key: "id", Kind: String}, {Key: "name", Kind: String}, {Key: "size", Kind: Number}, {Key: "type", Kind: String}}
}

func recordFields() []Field {
	return []Field{
		{Key: "id", Kind: String},
		{Key: "title", Kind: String},
		{Key: "stage", Kind: String},
		{Key: "status", Kind: String},
		{Key: "owner", Kind: String},
		{Key: "department", Kind: String},
		{Key: "createdAt", Kind: Time},
		{Key: "createdBy", Kind: String},
	}
}

func userFields() []Field {
	return []Field{{Key: "id", Kind: String}, {Key: "name", Kind: String}, {Key: "department", Kind: String}, {Key: "roles", Kind: List}}
}
