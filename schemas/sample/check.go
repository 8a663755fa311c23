package sample

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Parts are the definitions of the app that a sample is for.
type Parts struct {
	Forms     map[string]*form.Form
	Flows     map[string]*flow.Flow
	Roles     []string
	Calendars []string
}

// Check says what would stop the history from being played: names that lead nowhere, required fields that nobody
// fills in, values that a field does not take. Rules are not evaluated.
func (s *Sample) Check(p Parts) []problem.Problem {
	c := &checker{sample: s, parts: p, fields: map[string]map[string]*form.Field{}}
	for _, key := range slices.Sorted(maps.Keys(p.Forms)) {
		fields, err := p.Forms[key].Fields()
		if err != nil {
			continue // the form has problems of its own
		}
		c.fields[key] = make(map[string]*form.Field, len(fields))
		for i := range fields {
			c.fields[key][fields[i].Key] = &fields[i]
		}
	}
	c.company()
	c.script()
	slices.SortStableFunc(c.out, func(a, b problem.Problem) int { return strings.Compare(a.Pointer, b.Pointer) })
	return c.out
}

type checker struct {
	sample *Sample
	parts  Parts
	fields map[string]map[string]*form.Field // form → field
	out    []problem.Problem
}

func (c *checker) add(code *problem.Code, params problem.Params, tokens ...string) {
	c.out = append(c.out, code.At(problem.Pointer(tokens...), params))
}

func (c *checker) unknown(kind problem.Text, name string, tokens ...string) {
	c.add(ErrUnknown, problem.Params{"kind": kind, "name": name}, tokens...)
}

func (c *checker) company() {
	parents, managers := map[string]string{}, map[string]string{}
	for i, p := range c.sample.Company.People {
		if _, twice := managers[p.Username]; twice {
			c.add(ErrTwice, problem.Params{"name": p.Username}, "company", "people", strconv.Itoa(i), "username")
		}
		managers[p.Username] = p.Manager
	}
	for i, d := range c.sample.Company.Departments {
		at := []string{"company", "departments", strconv.Itoa(i)}
		if _, twice := parents[d.ID]; twice {
			c.add(ErrTwice, problem.Params{"name": d.ID}, append(at, "id")...)
		}
		// Parents come first, so there can be no loop among departments.
		if _, known := parents[d.Parent]; d.Parent != "" && !known {
			c.unknown(aDepartment, d.Parent, append(at, "parent")...)
		}
		if _, known := managers[d.Head]; d.Head != "" && !known {
			c.unknown(aPerson, d.Head, append(at, "head")...)
		}
		parents[d.ID] = d.Parent
	}
	for i, p := range c.sample.Company.People {
		c.person(p, parents, managers, "company", "people", strconv.Itoa(i))
	}
}

func (c *checker) person(p Person, departments, managers map[string]string, at ...string) {
	if _, known := departments[p.Department]; !known {
		c.unknown(aDepartment, p.Department, append(at, "department")...)
	}
	if _, known := managers[p.Manager]; p.Manager != "" && !known {
		c.unknown(aPerson, p.Manager, append(at, "manager")...)
	}
	up := p.Manager
	for range managers {
		up = managers[up]
	}
	if up != "" {
		c.add(ErrLoop, problem.Params{"name": p.Username}, append(at, "manager")...)
	}
	for j, r := range p.Roles {
		if !slices.Contains(c.parts.Roles, r) {
			c.unknown(aRole, r, append(at, "roles", strconv.Itoa(j))...)
		}
	}
	if _, known := c.sample.Script.Behaviours[p.Behaviour]; p.Behaviour != "" && !known {
		c.unknown(aBehaviour, p.Behaviour, append(at, "behaviour")...)
	}
}

func (c *checker) script() {
	s := &c.sample.Script
	if s.Weeks <= 0 {
		c.add(ErrNumber, problem.Params{"value": s.Weeks, "need": kindText("大于 0 的周数", "a number of weeks above 0")}, "script", "weeks")
	}
	if !slices.Contains(c.parts.Calendars, s.Calendar) {
		c.unknown(aCalendar, s.Calendar, "script", "calendar")
	}
	for i, setup := range s.Setup {
		c.setup(setup, "script", "setup", strconv.Itoa(i))
	}
	for i, a := range s.Arrivals {
		at := []string{"script", "arrivals", strconv.Itoa(i)}
		c.actor(a.By, append(at, "by")...)
		c.record(a.Form, at, a.Set)
	}
	for _, key := range slices.Sorted(maps.Keys(c.parts.Flows)) {
		c.plays(key, c.parts.Flows[key])
	}
	for key := range s.Plays {
		if c.parts.Flows[key] == nil {
			c.unknown(aFlow, key, "script", "plays", key)
		}
	}
	for i, companion := range s.Companions {
		c.companion(companion, "script", "companions", strconv.Itoa(i))
	}
}

func (c *checker) setup(s Setup, at ...string) {
	c.actor(s.By, append(at, "by")...)
	linked := Fields{}
	if s.Each != "" {
		linked = Fields{{Key: s.Link, Value: Value{fixed{true}}}}
		if c.parts.Forms[s.Each] == nil {
			c.unknown(aForm, s.Each, append(at, "each")...)
		}
	}
	if s.Rows == "" {
		c.record(s.Form, at, linked, s.Set)
		return
	}
	for i, row := range c.sample.Rows[s.Rows] {
		c.record(s.Form, []string{s.Rows, strconv.Itoa(i)}, row, s.Set)
	}
}

func (c *checker) actor(a Actor, at ...string) {
	if a.Role != "" && !slices.Contains(c.parts.Roles, a.Role) {
		c.unknown(aRole, a.Role, append(at, "role")...)
	}
}

func (c *checker) companion(k Companion, at ...string) {
	c.actor(k.By, append(at, "by")...)
	c.record(k.Form, at, Fields{{Key: k.Link, Value: Value{fixed{true}}}}, k.Set)
	f := c.parts.Flows[k.Flow]
	if f == nil {
		c.unknown(aFlow, k.Flow, append(at, "flow")...)
		return
	}
	for i, stage := range k.Stages {
		if !slices.ContainsFunc(f.Stages(), func(b *flow.Block) bool { return b.ID == stage }) {
			c.unknown(aStage, stage, append(at, "stages", strconv.Itoa(i))...)
		}
	}
}

// record checks what makes a new record: the values, and that every field the form requires is among them.
func (c *checker) record(formKey string, at []string, sets ...Fields) {
	fields, ok := c.fields[formKey]
	if !ok {
		c.unknown(aForm, formKey, append(at, "form")...)
		return
	}
	for _, set := range sets {
		c.set(formKey, set, append(at, "set")...)
	}
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		f := fields[key]
		given := slices.ContainsFunc(sets, func(s Fields) bool { _, ok := s.Find(key); return ok })
		if f.Required && !given && len(f.Default) == 0 && f.DefaultBy.Empty() && !f.Computed() {
			c.add(ErrMissing, problem.Params{"field": f.Title}, append(at, "set")...)
		}
	}
}

// set checks that fields are there, are not computed, and take what is put into them.
func (c *checker) set(formKey string, set Fields, at ...string) {
	for _, assigned := range set {
		here := append(slices.Clone(at), assigned.Key)
		f, ok := c.fields[formKey][assigned.Key]
		switch {
		case !ok:
			c.unknown(aField, formKey+"."+assigned.Key, here...)
		case f.Computed():
			c.add(ErrLocked, problem.Params{"field": f.Title}, here...)
		default:
			c.value(f, assigned.Value, here...)
		}
	}
}
