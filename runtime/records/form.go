package records

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/schemas/flow"
)

// FormView is a published form as one person may use it.
type FormView struct {
	Definition json.RawMessage             // the form without the fields that the person may not see
	Schema     json.RawMessage             // the JSON Schema that data is checked with, likewise
	Access     map[string]flow.FieldAccess // of a new record
	TitleHides bool                        // something in the titles of the records is hidden from the person
	Limits     []Authority                 // of the person, but for those on fields hidden from them
}

// Form shows a form to a person.
func (s *Service) Form(ctx context.Context, by string, f *catalog.Form) (FormView, error) {
	w := &work{
		Request: Request{App: f.App.Key, Form: f.Key, By: by}, now: s.clock.Now(), form: f,
		rec: &Record{App: f.App.Key, Form: f.Key, Data: map[string]any{}, State: engine.State{Status: engine.Draft}},
	}
	if err := s.findFlow(ctx, w); err != nil {
		return FormView{}, err
	}
	see, err := s.sightOfForm(ctx, by, f)
	if err != nil {
		return FormView{}, err
	}
	hidden := func(field string) bool { return !see.sees(field) }
	def, err := json.Marshal(f.Exec.Form)
	if err != nil {
		return FormView{}, fmt.Errorf("encode form %s: %w", f.Key, err)
	}
	view := FormView{Access: s.fieldAccess(w), TitleHides: !s.sight(by, f).whole, Limits: s.authorities(see, by, f)}
	if view.Definition, err = definitionWithout(def, hidden); err != nil {
		return FormView{}, err
	}
	view.Schema, err = schemaWithout(f.Exec.JSON(), hidden)
	return view, err
}

// sightOfForm is what a person sees of a form when no record is at hand. Its designers see all of it.
func (s *Service) sightOfForm(ctx context.Context, by string, f *catalog.Form) (allowed, error) {
	v := s.sight(by, f)
	switch {
	case v.designs:
		return everything, nil
	case v.mask.Silent():
		return s.byAnyStep(ctx, v)
	}
	return v.anywhere(), nil
}

// definitionWithout takes hidden fields out of a form definition, wherever it lists fields by their keys.
func definitionWithout(doc json.RawMessage, hidden func(string) bool) (json.RawMessage, error) {
	gone := func(name string) bool {
		return hidden(strings.TrimPrefix(strings.TrimPrefix(name, "-"), "data.")) && !listed[name]
	}
	return edit(doc, func(key string, value json.RawMessage) (json.RawMessage, bool, error) {
		var err error
		switch key {
		case "schema":
			value, err = schemaWithout(value, hidden)
		case "search":
			value, err = listWithout(value, gone)
		case "recordTitle":
			value, err = titleWithout(value, hidden)
		case "layout":
			value, err = eachOf(value, func(section json.RawMessage) (json.RawMessage, error) { return membersWithout(section, gone) })
		case "unique":
			value, err = eachOf(value, func(set json.RawMessage) (json.RawMessage, error) { return listWithout(set, gone) })
		case "list":
			value, err = membersWithout(value, gone)
		}
		return value, true, err
	})
}

// membersWithout takes hidden fields out of the members of an object that name a field or list some.
func membersWithout(object json.RawMessage, gone func(string) bool) (json.RawMessage, error) {
	return edit(object, func(key string, value json.RawMessage) (json.RawMessage, bool, error) {
		var err error
		switch key {
		case "fields", "columns", "card", "indexed":
			if value[0] == '[' { // the columns of a section are a number
				value, err = listWithout(value, gone)
			}
		case "sort", "amount":
			var name string
			err = json.Unmarshal(value, &name)
			return value, !gone(name), err
		}
		return value, true, err
	})
}

func listWithout(list json.RawMessage, gone func(string) bool) (json.RawMessage, error) {
	var names []string
	if err := json.Unmarshal(list, &names); err != nil {
		return nil, fmt.Errorf("read fields: %w", err)
	}
	return json.Marshal(slices.DeleteFunc(names, gone))
}

func eachOf(list json.RawMessage, change func(json.RawMessage) (json.RawMessage, error)) (json.RawMessage, error) {
	var items []json.RawMessage
	if err := json.Unmarshal(list, &items); err != nil {
		return nil, fmt.Errorf("read list: %w", err)
	}
	for i := range items {
		var err error
		if items[i], err = change(items[i]); err != nil {
			return nil, err
		}
	}
	return json.Marshal(items)
}

var titlePlace = regexp.MustCompile(`\{([^{}]*)\}`)

func titleWithout(title json.RawMessage, hidden func(string) bool) (json.RawMessage, error) {
	var text string
	if err := json.Unmarshal(title, &text); err != nil {
		return nil, fmt.Errorf("read title: %w", err)
	}
	return json.Marshal(titlePlace.ReplaceAllStringFunc(text, func(place string) string {
		if hidden(place[1 : len(place)-1]) {
			return ""
		}
		return place
	}))
}

// schemaWithout takes hidden properties out of a JSON Schema. The order of what stays is kept: authors mean something by it.
func schemaWithout(doc json.RawMessage, hidden func(string) bool) (json.RawMessage, error) {
	return edit(doc, func(key string, value json.RawMessage) (json.RawMessage, bool, error) {
		switch key {
		case "properties":
			out, err := edit(value, func(field string, schema json.RawMessage) (json.RawMessage, bool, error) {
				return schema, !hidden(field), nil
			})
			return out, true, err
		case "required":
			var fields []string
			if err := json.Unmarshal(value, &fields); err != nil {
				return nil, false, fmt.Errorf("read required: %w", err)
			}
			shown := []string{}
			for _, field := range fields {
				if !hidden(field) {
					shown = append(shown, field)
				}
			}
			out, err := json.Marshal(shown)
			return out, true, err
		}
		return value, true, nil
	})
}

// edit copies a JSON object, member by member in its order; keep says what becomes of each.
func edit(object json.RawMessage, keep func(key string, value json.RawMessage) (json.RawMessage, bool, error)) (json.RawMessage, error) {
	dec := json.NewDecoder(bytes.NewReader(object))
	if _, err := dec.Token(); err != nil {
		return nil, fmt.Errorf("read object: %w", err)
	}
	out := []byte{'{'}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("read member: %w", err)
		}
		key, _ := token.(string)
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, fmt.Errorf("read member %s: %w", key, err)
		}
		value, kept, err := keep(key, value)
		if err != nil {
			return nil, err
		}
		if !kept {
			continue
		}
		name, err := json.Marshal(key)
		if err != nil {
			return nil, err
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(append(out, name...), ':'), value...)
	}
	return append(out, '}'), nil
}
