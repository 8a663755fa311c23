package records

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/schemas/flow"
)

// FormView is a published form as one person may use it.
type FormView struct {
	Definition json.RawMessage             // the form without the fields that the person may not see
	Schema     json.RawMessage             // the JSON Schema that data is checked with, likewise
	Access     map[string]flow.FieldAccess // of a new record
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
	hidden := s.Hidden(by, f.App.Key, f.Key)
	def, err := json.Marshal(f.Exec.Form)
	if err != nil {
		return FormView{}, fmt.Errorf("encode form %s: %w", f.Key, err)
	}
	view := FormView{Access: s.fieldAccess(w)}
	if view.Definition, err = without(def, "schema", hidden); err != nil {
		return FormView{}, err
	}
	view.Schema, err = without(f.Exec.JSON(), "", hidden)
	return view, err
}

// without leaves the properties of a JSON Schema out that are hidden. at names the member that holds the schema; "" is the
// whole document. The order of what stays is kept: authors mean something by it.
func without(doc json.RawMessage, at string, hidden func(string) bool) (json.RawMessage, error) {
	if at != "" {
		return edit(doc, func(key string, value json.RawMessage) (json.RawMessage, bool, error) {
			if key != at {
				return value, true, nil
			}
			out, err := without(value, "", hidden)
			return out, true, err
		})
	}
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
