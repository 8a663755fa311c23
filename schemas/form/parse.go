package form

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/stepwell/stepwell/schemas/definition"
)

// Parse reads a form definition. It is lenient: what Check would object to is read as far as it can be.
func Parse(doc []byte) (*Form, error) {
	var f Form
	if err := json.Unmarshal(doc, &f); err != nil {
		return nil, fmt.Errorf("read form: %w", err)
	}
	return &f, nil
}

// Fields lists the fields in the order in which the schema names them. That order is what people see, so it is read
// from the text and not from a map.
func (f *Form) Fields() ([]Field, error) {
	if len(f.Schema) == 0 {
		return nil, nil
	}
	fields, err := fieldsOf(f.Schema)
	if err != nil {
		return nil, fmt.Errorf("read schema of form %s: %w", f.Key, err)
	}
	return fields, nil
}

// member is one name and value of a JSON object.
type member struct {
	name  string
	value json.RawMessage
}

// members reads a JSON object in the order it was written. A name given twice keeps its first place and last value.
func members(object json.RawMessage) ([]member, error) {
	dec := json.NewDecoder(bytes.NewReader(object))
	start, err := dec.Token()
	if err != nil {
		return nil, err
	}
	if start != json.Delim('{') {
		return nil, errors.New("an object is needed here")
	}
	var out []member
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return nil, err
		}
		name, _ := token.(string)
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(out, func(m member) bool { return m.name == name }); i >= 0 {
			out[i].value = value
			continue
		}
		out = append(out, member{name, value})
	}
	return out, nil
}

// node is what a property of a schema may say that bears on its field.
type node struct {
	Type        json.RawMessage `json:"type"`
	Format      string          `json:"format"`
	Title       string          `json:"title"`
	Description string          `json:"description"`
	Enum        []any           `json:"enum"`
	Properties  json.RawMessage `json:"properties"`
	Required    []string        `json:"required"`
	Items       json.RawMessage `json:"items"`
}

func fieldsOf(schema json.RawMessage) ([]Field, error) {
	var n node
	if err := json.Unmarshal(schema, &n); err != nil {
		return nil, err
	}
	if len(n.Properties) == 0 {
		return nil, nil
	}
	props, err := members(n.Properties)
	if err != nil {
		return nil, fmt.Errorf("properties: %w", err)
	}
	fields := make([]Field, 0, len(props))
	for _, p := range props {
		field, err := fieldOf(p)
		if err != nil {
			return nil, fmt.Errorf("property %s: %w", p.name, err)
		}
		field.Required = field.Required || slices.Contains(n.Required, p.name)
		fields = append(fields, field)
	}
	return fields, nil
}

func fieldOf(p member) (Field, error) {
	var n node
	if err := json.Unmarshal(p.value, &n); err != nil {
		return Field{}, err
	}
	f := Field{Key: p.name, Schema: p.value, Whole: typeName(n.Type) == "integer"}
	if err := json.Unmarshal(p.value, &f); err != nil {
		return Field{}, err
	}
	var items node
	if len(n.Items) > 0 && n.Items[0] == '{' {
		if err := json.Unmarshal(n.Items, &items); err != nil {
			return Field{}, fmt.Errorf("items: %w", err)
		}
	}
	if f.Type == "" {
		f.Type = infer(n, items)
	}
	if f.Title.Empty() {
		f.Title = definition.Text{"": cmp.Or(n.Title, p.name)}
	}
	if f.Help.Empty() && n.Description != "" {
		f.Help = definition.Text{"": n.Description}
	}
	if len(f.Options) == 0 {
		f.Options = optionsOf(n.Enum, items.Enum)
	}
	switch f.Type { //nolint:exhaustive // the other types need nothing read
	case SubTable:
		columns, err := fieldsOf(n.Items)
		if len(n.Items) > 0 && err != nil {
			return Field{}, fmt.Errorf("items: %w", err)
		}
		f.Items = columns
	case Formula:
		f.Result = "number"
		if t := typeName(n.Type); t != "" {
			f.Result = t
		}
	case File:
		// A least number of files is a promise that there is one.
		f.Required = f.File != nil && f.File.MinCount > 0
	}
	return f, nil
}

// typeName is the "type" of a schema when it is one word.
func typeName(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// infer names the field type of a property that does not say x-field, so that an ordinary JSON Schema is a form.
func infer(n, items node) FieldType {
	switch typeName(n.Type) {
	case "number", "integer":
		return Number
	case "boolean":
		return YesNo
	case "array":
		if len(items.Properties) > 0 {
			return SubTable
		}
		return MultiChoice
	}
	if len(n.Enum) > 0 {
		return SingleChoice
	}
	switch n.Format {
	case "date":
		return Date
	case "date-time":
		return DateTime
	case "email":
		return Email
	case "uri":
		return URL
	}
	return Text
}

func optionsOf(enums ...[]any) []Option {
	var out []Option
	for _, enum := range enums {
		for _, e := range enum {
			if s, ok := e.(string); ok {
				out = append(out, Option{Value: s, Label: definition.Text{"": s}})
			}
		}
	}
	return out
}
