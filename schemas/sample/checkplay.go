package sample

import (
	"slices"
	"strconv"

	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/problem"
)

// plays checks what is said about the steps of one flow.
func (c *checker) plays(key string, f *flow.Flow) {
	plays := c.sample.Script.Plays[key]
	for p := range f.All() {
		if !p.Waits() {
			continue
		}
		play, ok := plays[p.ID]
		if !ok {
			c.add(ErrNoPlay, problem.Params{"block": p.Name()}, "script", "plays", key)
			continue
		}
		c.play(f, p, play, "script", "plays", key, p.ID)
	}
	for id := range plays {
		if p, ok := f.Find(id); !ok || !p.Waits() {
			c.unknown(aStep, id, "script", "plays", key, id)
		}
	}
}

// What can be done to a task and to an approval.
var (
	taskDoes     = []Do{Complete, Return, Wait}
	approvalDoes = []Do{Approve, Reject, Return, Wait}
)

func (c *checker) play(f *flow.Flow, p flow.Place, play Play, at ...string) {
	c.fillable(f, p, play.Set, append(slices.Clone(at), "set")...)
	known := approvalDoes
	if p.Redone() {
		known = taskDoes
	}
	for i, o := range play.Outcomes {
		here := append(slices.Clone(at), "outcomes", strconv.Itoa(i))
		if !slices.Contains(known, o.Do) {
			c.add(ErrDo, problem.Params{"do": o.Do, "type": p.Type, "known": words(known)}, append(here, "do")...)
		}
		if o.Weight < 0 {
			c.add(ErrNumber, problem.Params{"value": o.Weight, "need": kindText("不小于 0 的数", "0 or more")}, append(here, "weight")...)
		}
		switch o.Do {
		case Return:
			if t, ok := f.Find(o.To); !ok || (!t.Redone() && t.Type != flow.Stage) {
				c.unknown(aStep, o.To, append(here, "to")...)
			}
			fallthrough
		case Reject:
			if len(o.Comment) == 0 {
				c.add(ErrReason, nil, append(here, "comment")...)
			}
		case Complete, Approve:
			c.fillable(f, p, o.Set, append(here, "set")...)
			c.complete(f, p, play, o, here...)
		case Wait:
		}
	}
}

// fillable checks that a step may write what it is given.
func (c *checker) fillable(f *flow.Flow, p flow.Place, set Fields, at ...string) {
	c.set(f.Form, set, at...)
	for _, assigned := range set {
		field, ok := c.fields[f.Form][assigned.Key]
		if !ok || field.Computed() {
			continue // set has said so
		}
		if access := accessOf(p, assigned.Key); access != flow.Write && access != flow.Required {
			c.add(ErrLocked, problem.Params{"field": field.Title}, append(slices.Clone(at), assigned.Key)...)
		}
	}
}

// complete checks that everything the step requires is filled in. An exception exit need not, where the step waives it.
func (c *checker) complete(f *flow.Flow, p flow.Place, play Play, o Outcome, at ...string) {
	if o.Only && !p.Waive.Empty() {
		return
	}
	for key, access := range p.Fields {
		if access != flow.Required {
			continue
		}
		_, own := o.Set.Find(key)
		_, common := play.Set.Find(key)
		if field := c.fields[f.Form][key]; field != nil && !own && (o.Only || !common) && len(field.Default) == 0 {
			c.add(ErrMissing, problem.Params{"field": field.Title}, append(slices.Clone(at), "set")...)
		}
	}
}

// accessOf is what a step may do with a field: as it says itself, else as its stage says, else as its type implies.
func accessOf(p flow.Place, key string) flow.FieldAccess {
	if a, ok := p.Fields[key]; ok {
		return a
	}
	if p.Stage != nil {
		if a, ok := p.Stage.Fields[key]; ok {
			return a
		}
	}
	if p.Redone() {
		return flow.Write
	}
	return flow.Read
}

func words(of []Do) []string {
	out := make([]string, len(of))
	for i, d := range of {
		out[i] = string(d)
	}
	return out
}

// value checks that a field can take what a generator makes, as far as that shows without drawing.
func (c *checker) value(f *form.Field, v Value, at ...string) {
	switch g := v.gen.(type) {
	case *pick:
		for _, choice := range *g {
			c.value(f, choice.Value, at...)
		}
	case *some:
		c.takes(f, at, form.MultiChoice)
		for _, item := range g.Of {
			c.value(f, item, at...)
		}
	case *maybe:
		c.value(f, g.Value, at...)
	case *cond:
		c.value(f, g.Then, at...)
		c.value(f, g.Else, at...)
	case *use:
		named, ok := c.sample.Script.Values[string(*g)]
		if !ok {
			c.unknown(aValue, string(*g), at...)
			return
		}
		if _, again := named.gen.(*use); !again { // one name leads to a value, not to another name
			c.value(f, named, at...)
		}
	case text:
		c.options(f, []string(g), at...)
	case *text:
		c.options(f, []string(*g), at...)
	case fixed:
		c.constant(f, g.value, at...)
	case number, log, *times:
		c.takes(f, at, form.Number, form.Money, form.Percent)
	case *date:
		c.takes(f, at, form.Date)
	case *moment:
		c.takes(f, at, form.DateTime)
	case *file:
		c.takes(f, at, form.File)
	case *link:
		c.takes(f, at, form.Link)
		if c.parts.Forms[g.Form] == nil {
			c.unknown(aForm, g.Form, at...)
		}
		for _, w := range g.Where {
			if c.fields[g.Form][w.Key] == nil {
				c.unknown(aField, g.Form+"."+w.Key, at...)
			}
		}
	case *person:
		c.takes(f, at, form.Person)
		if g.Role != "" {
			c.actor(Actor{Role: g.Role}, at...)
		}
	case *rows:
		for _, row := range *g {
			c.row(f, row, at...)
		}
	case *repeat:
		c.row(f, g.Set, at...)
	}
}

func (c *checker) row(f *form.Field, row Fields, at ...string) {
	if !c.takes(f, at, form.SubTable) {
		return
	}
	for _, cell := range row {
		here := append(slices.Clone(at), cell.Key)
		column, ok := f.Column(cell.Key)
		if !ok {
			c.unknown(aField, f.Key+"."+cell.Key, here...)
			continue
		}
		c.value(column, cell.Value, here...)
	}
	for i := range f.Items {
		if _, given := row.Find(f.Items[i].Key); f.Items[i].Required && !given {
			c.add(ErrMissing, problem.Params{"field": f.Items[i].Title}, at...)
		}
	}
}

// takes reports whether the field is of one of the types, and objects when it is not.
func (c *checker) takes(f *form.Field, at []string, types ...form.FieldType) bool {
	if slices.Contains(types, f.Type) {
		return true
	}
	known := make([]string, len(types))
	for i, t := range types {
		known[i] = string(t)
	}
	c.add(ErrKind, problem.Params{"field": f.Title, "type": f.Type, "known": known}, at...)
	return false
}

// constant checks a plain value: for a list, each of its texts.
func (c *checker) constant(f *form.Field, value any, at ...string) {
	list, ok := value.([]any)
	if !ok {
		return
	}
	for _, item := range list {
		if s, ok := item.(string); ok {
			c.options(f, []string{s}, at...)
		}
	}
}

// options checks texts for a field with choices.
func (c *checker) options(f *form.Field, values []string, at ...string) {
	if f.Type != form.SingleChoice && f.Type != form.MultiChoice {
		return
	}
	for _, v := range values {
		if _, ok := f.Option(v); ok {
			continue
		}
		choices := make([]string, len(f.Options))
		for i, o := range f.Options {
			choices[i] = o.Value
		}
		c.add(ErrChoice, problem.Params{"value": v, "field": f.Title, "choices": choices}, at...)
	}
}
