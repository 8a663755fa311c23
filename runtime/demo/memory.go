package demo

import (
	"fmt"
	"maps"
	"strings"

	"github.com/stepwell/stepwell/internal/expr"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/sample"
)

// memory is what the player has made: drawing a link looks here and not in the store, so that nothing but the history
// decides what is drawn.
type memory struct {
	made  map[string][]string               // form → record ids, oldest first
	cases map[string]map[string]engine.Case // form → id → the record as it stands
}

func newMemory() *memory {
	return &memory{made: map[string][]string{}, cases: map[string]map[string]engine.Case{}}
}

func (m *memory) keep(c engine.Case) {
	if m.cases[c.Form] == nil {
		m.cases[c.Form] = map[string]engine.Case{}
	}
	if _, known := m.cases[c.Form][c.ID]; !known {
		m.made[c.Form] = append(m.made[c.Form], c.ID)
	}
	m.cases[c.Form][c.ID] = c
}

// Records implements sample.World.
func (p *player) Records(formKey string, where map[string]any) ([]string, error) {
	var out []string
	for _, id := range p.memory.made[formKey] {
		data := p.memory.cases[formKey][id].Data
		matches := true
		for key, want := range where {
			matches = matches && data[key] == want
		}
		if matches {
			out = append(out, id)
		}
	}
	return out, nil
}

// Read implements sample.World.
func (p *player) Read(on sample.Subject, path string) (any, error) {
	data, formKey := on.Data, on.Form
	for {
		key, rest, deeper := strings.Cut(path, ".")
		f, known := p.fields[formKey][key]
		if !known {
			return nil, fmt.Errorf("%s has no field %s", formKey, key)
		}
		value := data[key]
		if !deeper || value == nil {
			return value, nil
		}
		id, _ := value.(string)
		switch f.Type { //nolint:exhaustive // the other types lead nowhere
		case form.Link:
			linked, made := p.memory.cases[f.Link.Form][id]
			if !made {
				return nil, fmt.Errorf("%s.%s names the record %s, which the history did not make", formKey, key, id)
			}
			data, formKey, path = linked.Data, f.Link.Form, rest
		case form.Person:
			return p.people[id].Name, nil
		default:
			return nil, fmt.Errorf("%s.%s leads nowhere", formKey, key)
		}
	}
}

// Eval implements sample.World.
func (p *player) Eval(on sample.Subject, rule string) (any, error) {
	program, known := p.rules[on.Form+"\n"+rule]
	if !known {
		var err error
		if program, err = p.compile(on.Form, rule); err != nil {
			return nil, err
		}
	}
	links := map[string]any{}
	for key, f := range p.fields[on.Form] {
		if f.Type != form.Link {
			continue
		}
		if id, ok := on.Data[key].(string); ok {
			links[key] = p.memory.cases[f.Link.Form][id].Data
		}
	}
	value, err := program.Eval(expr.Vars{
		expr.FormVar: maps.Clone(on.Data), expr.LinkVar: links, expr.NowVar: on.Now, expr.CalendarVar: p.hours.days,
		expr.UserVar: map[string]any{"id": on.Actor, "name": p.people[on.Actor].Name},
	})
	if expr.IsMissing(err) {
		return nil, nil
	}
	return value, err
}

func (p *player) compile(formKey, rule string) (*expr.Program, error) {
	program, problems := p.envs[formKey].Compile(rule, expr.WantAny)
	if len(problems) > 0 {
		return nil, fmt.Errorf("rule %q on %s: %w", rule, formKey, problems[0])
	}
	p.rules[formKey+"\n"+rule] = program
	return program, nil
}

// Holders implements sample.World.
func (p *player) Holders(role string) []string { return p.holders[role] }

// User implements sample.World.
func (p *player) User(username string) string { return p.app.Users[username] }
