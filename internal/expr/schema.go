package expr

import "github.com/stepwell/stepwell/schemas/form"

// SchemaOf says what the rules of a form may read: its own fields and, through its links, those of the forms they lead
// to. A link to a form that is not among the others may be read freely.
func SchemaOf(fields []form.Field, others map[string][]form.Field) Schema {
	s := Schema{Fields: FromForm(fields), Links: map[string][]Field{}}
	for i := range fields {
		f := &fields[i]
		if f.Type != form.Link || f.Link == nil {
			continue
		}
		if linked, ok := others[f.Link.Form]; ok {
			s.Links[f.Key] = FromForm(linked)
		}
	}
	return s
}

// WithRow is the schema for the rules of one sub-table's columns, which read their row as row.
func (s Schema) WithRow(columns []form.Field) Schema {
	s.Row = FromForm(columns)
	return s
}

// WithLimits is the schema with the keys of the app's limits, which rules read as user.limits and record.limits.
func (s Schema) WithLimits(keys []string) Schema {
	s.Limits = keys
	return s
}

// WantOf is what a formula for the field must give.
func WantOf(f *form.Field) Result {
	switch f.JSONType() {
	case "number":
		return WantNumber
	case "boolean":
		return WantBool
	case "string":
		return WantText
	}
	return WantAny
}
