package assignment

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Check says what stands between an assignment and assigning by it. forms are those of the app by key, roles its roles; a form
// that is not among them is the caller's to report. Whether conditions compile is not looked at.
func (a *Assignment) Check(forms map[string]*form.Form, roles []string) []problem.Problem {
	k := checker{assignment: a, forms: forms, roles: roles, form: forms[a.Form], fields: map[string]form.Field{}}
	if k.form != nil {
		k.title = k.form.Title
		if fields, err := k.form.Fields(); err == nil {
			for i := range fields {
				k.fields[fields[i].Key] = fields[i]
			}
		}
		if owner, ok := k.fields[k.form.Owner]; !ok || owner.Type != form.Person {
			k.add(CodeOwner, "/form", problem.Params{"form": k.title})
		}
	}
	k.categories()
	k.capacity()
	k.pool()
	return k.out
}

type checker struct {
	assignment *Assignment
	forms      map[string]*form.Form
	roles      []string
	form       *form.Form // nil: not known
	title      problem.Text
	fields     map[string]form.Field
	out        []problem.Problem
}

func (k *checker) add(code *problem.Code, pointer string, params problem.Params) {
	k.out = append(k.out, code.At(pointer, params))
}

func (k *checker) categories() {
	seen := map[string]bool{}
	open := false
	for i, c := range k.assignment.Categories {
		at := "/categories/" + strconv.Itoa(i)
		if seen[c.Key] {
			k.add(CodeTwice, at+"/key", problem.Params{"key": c.Key})
		}
		seen[c.Key] = true
		if open {
			k.add(CodeUnreached, at, problem.Params{"title": c.Title})
		}
		open = open || c.When.Empty()
		pooled := false
		for j, s := range c.Strategies {
			here := at + "/strategies/" + strconv.Itoa(j)
			if pooled {
				k.add(CodeNever, here, nil)
			}
			pooled = pooled || s.Type == ToPool
			k.strategy(s, here)
		}
	}
}

func (k *checker) strategy(s Strategy, at string) {
	switch {
	case s.Type == Sticky:
		if f, ok := k.fields[s.Link]; k.form != nil && (!ok || f.Type != form.Link) || s.Link == "" {
			k.add(CodeLink, at+"/link", problem.Params{"field": s.Link, "form": k.title})
		}
	case s.Type == ByValue:
		for i, row := range s.Rows {
			k.row(row, at+"/rows/"+strconv.Itoa(i))
		}
	case s.Type == ToPool:
		if k.assignment.Pool == nil {
			k.add(CodePool, at+"/type", nil)
		}
	case s.Type.Picks():
		k.people(s.Who, at+"/who")
	}
}

func (k *checker) row(r Row, at string) {
	for i, m := range r.Match {
		here := at + "/match/" + strconv.Itoa(i)
		if !k.readable(m.Field) {
			k.add(CodeField, here+"/field", problem.Params{"field": m.Field, "form": k.title})
		}
		if len(m.In)+len(m.StartsWith) == 0 {
			k.add(CodeValues, here, nil)
		}
	}
	if r.Pick != "" && !r.Pick.Picks() {
		k.add(CodePick, at+"/pick", problem.Params{"value": string(r.Pick), "known": []string{string(RoundRobin), string(Weighted), string(LeastLoaded)}})
	}
	k.people(r.Who, at+"/who")
}

// readable reports whether there is a field at a path. What is not known is taken to be there.
func (k *checker) readable(path string) bool {
	if k.form == nil {
		return path != ""
	}
	head, rest, through := strings.Cut(path, ".")
	field, ok := k.fields[head]
	if !ok || !through {
		return ok
	}
	if field.Type != form.Link || field.Link == nil {
		return false
	}
	other := k.forms[field.Link.Form]
	if other == nil {
		return true
	}
	fields, err := other.Fields()
	return err != nil || slices.ContainsFunc(fields, func(f form.Field) bool { return f.Key == rest })
}

func (k *checker) people(who []Who, at string) {
	if len(who) == 0 {
		k.add(CodeNobody, at, nil)
	}
	for i, w := range who {
		here := at + "/" + strconv.Itoa(i)
		switch {
		case w.Type == WhoUser && w.User == "":
			k.add(CodeWho, here+"/user", problem.Params{"what": wordUser})
		case w.Type == WhoDepartment && w.Department == "":
			k.add(CodeWho, here+"/department", problem.Params{"what": wordDepartment})
		case w.Type == WhoRole && w.Role == "":
			k.add(CodeWho, here+"/role", problem.Params{"what": wordRole})
		}
		k.role(w.Role, here+"/role")
	}
}

func (k *checker) role(key, at string) {
	if key != "" && k.roles != nil && !slices.Contains(k.roles, key) {
		k.add(CodeRole, at, problem.Params{"role": key, "known": k.roles})
	}
}

func (k *checker) capacity() {
	c := k.assignment.Capacity
	if c == nil {
		return
	}
	for _, user := range slices.Sorted(maps.Keys(c.People)) {
		if c.People[user] < 1 {
			k.add(CodeLimit, problem.Pointer("capacity", "people", user), problem.Params{"least": 1})
		}
	}
}

func (k *checker) pool() {
	p := k.assignment.Pool
	if p == nil {
		return
	}
	for i, key := range p.Roles {
		k.role(key, "/pool/roles/"+strconv.Itoa(i))
	}
	if t := p.TakeBack; t != nil && t.Unit.Working() && t.Calendar == "" {
		k.add(CodeUnit, "/pool/takeBack/calendar", nil)
	}
}
