package flow

import (
	"slices"
	"strconv"

	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/problem"
)

var whoTypes = []WhoType{WhoUser, WhoRole, WhoOwner, WhoApplicant, WhoManager, WhoDepartmentHead, WhoField, WhoAssignee, WhoManagers, WhoChoice, WhoFormula, WhoItem}

// people checks a list of Who. Only messages may name the assignee.
func (c *checker) people(p Place, who []Who, pointer string, assignee bool) {
	if len(who) == 0 {
		c.add(ErrWhoMissing, pointer, in(p))
	}
	for i := range who {
		w := &who[i]
		at := pointer + "/" + strconv.Itoa(i)
		if !known(w.Type, whoTypes...) {
			c.add(ErrWhoUnknown, at+"/type", problem.Params{"value": w.Type, "known": texts(whoTypes)})
			continue
		}
		c.person(p, w, at, assignee)
	}
}

func (c *checker) person(p Place, w *Who, at string, assignee bool) {
	switch w.Type {
	case WhoUser:
		if w.User == "" {
			c.add(ErrWhoNoUser, at+"/user", in(p))
		}
	case WhoRole:
		c.roleIn(p, *w, at)
	case WhoManager, WhoDepartmentHead:
		if w.Level < 0 {
			c.add(ErrWhoLevel, at+"/level", problem.Params{"block": p.Name(), "value": w.Level})
		}
		c.whose(p, *w, at, assignee)
	case WhoManagers:
		c.managers(p, *w, at, assignee)
	case WhoChoice:
		c.choice(p, w, at)
	case WhoFormula:
		if w.Rule.Empty() {
			c.add(ErrWhoFormula, at+"/rule", in(p))
		}
	case WhoField:
		if !c.personField(w.Field, form.Person, form.Department) {
			c.add(ErrWhoField, at+"/field", problem.Params{"block": p.Name(), "field": w.Field})
		}
	case WhoAssignee:
		if !assignee {
			c.add(ErrWhoAssigneeHere, at+"/type", in(p))
		}
	case WhoItem:
		c.element(p, *w, at)
	case WhoOwner, WhoApplicant:
	}
}

// personField reports whether a field may name people. Without a known form only an empty key may not.
func (c *checker) personField(key string, types ...form.FieldType) bool {
	if c.fields == nil {
		return key != ""
	}
	field, ok := c.fields[key]
	return ok && slices.Contains(types, field.Type)
}

// notices checks messages. When a stage or cc sends its own, nobody has a task of it yet.
func (c *checker) notices(p Place, notices []Notify, pointer string) {
	assignee := p.Waits()
	for i, n := range notices {
		c.quickLink(p, n.QuickLink, pointer+"/"+strconv.Itoa(i))
		at := pointer + "/" + strconv.Itoa(i) + "/to"
		if p.Type == CC && len(n.To) == 0 {
			continue // the people of the cc itself
		}
		c.people(p, n.To, at, assignee)
	}
}
