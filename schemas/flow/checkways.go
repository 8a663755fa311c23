package flow

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/problem"
)

// join checks how the ways of a block that run at once become one again.
func (c *checker) join(p Place) {
	joins, rests := []Join{JoinAll, JoinAny, JoinCount}, []Rest{RestCancel, RestFinish}
	if p.Join != "" && !known(p.Join, joins...) {
		c.add(ErrJoinUnknown, p.Pointer+"/join", problem.Params{"value": p.Join, "known": texts(joins)})
	}
	if p.Rest != "" && !known(p.Rest, rests...) {
		c.add(ErrRestUnknown, p.Pointer+"/rest", problem.Params{"value": p.Rest, "known": texts(rests)})
	}
	switch {
	case p.Join == JoinCount && (p.Count < 1 || (len(p.Cases) > 0 && p.Count > len(p.Cases))):
		c.add(ErrJoinCount, p.Pointer+"/count", problem.Params{"block": p.Name(), "value": p.Count})
	case p.Join != JoinCount && p.Count != 0:
		c.add(ErrJoinCountUnused, p.Pointer+"/count", in(p))
	}
}

func (c *checker) forEach(p Place) {
	if field, ok := c.listField(p.Over); !ok {
		c.add(ErrOverNotList, p.Pointer+"/over", problem.Params{"block": p.Name(), "field": field})
	}
	if len(p.Blocks) == 0 {
		c.add(ErrEachEmpty, p.Pointer+"/blocks", in(p))
	}
	orders := []Order{OrderParallel, OrderSequence}
	if p.Order != "" && !known(p.Order, orders...) {
		c.add(ErrOrderUnknown, p.Pointer+"/order", problem.Params{"value": p.Order, "known": texts(orders)})
	}
	if p.Max < 0 || p.Max > MaxElements {
		c.add(ErrEachMax, p.Pointer+"/max", problem.Params{"block": p.Name(), "value": p.Max, "limit": MaxElements})
	}
	c.join(p)
}

// listField reports whether a field holds a list. Without a known form only an empty key does not.
func (c *checker) listField(key string) (string, bool) {
	if c.fields == nil || key == "" {
		return key, key != ""
	}
	field, ok := c.fields[key]
	return key, ok && field.JSONType() == "array"
}

// element checks people that are taken from the element of a forEach.
func (c *checker) element(p Place, w Who, at string) {
	if p.Each == nil {
		c.add(ErrWhoItemHere, at+"/type", in(p))
		return
	}
	if c.fields == nil {
		return
	}
	over, ok := c.fields[p.Each.Over]
	if !ok || over.JSONType() != "array" {
		return // the forEach is told
	}
	column, found := over.Column(w.Field)
	if w.Field != "" && (!found || !known(column.Type, form.Person, form.Department)) || w.Field == "" && over.Type == form.SubTable {
		c.add(ErrWhoItem, at+"/field", problem.Params{"block": p.Name(), "field": w.Field, "over": over.Title})
	}
}

func (c *checker) wait(p Place) {
	said := 0
	for _, there := range []bool{p.Until != nil, !p.When.Empty(), p.Event != ""} {
		if there {
			said++
		}
	}
	switch {
	case said == 0:
		c.add(ErrWaitNothing, p.Pointer, in(p))
	case said > 1:
		c.add(ErrWaitMany, p.Pointer, in(p))
	}
	c.delay(p, p.Until, p.Pointer+"/until")
	c.timeout(p)
}

// timeout checks how a waiting ends that takes too long.
func (c *checker) timeout(p Place) {
	c.delay(p, p.Timeout, p.Pointer+"/timeout")
	if p.Timeout == nil && len(p.Late) > 0 {
		c.add(ErrLateNever, p.Pointer+"/late", in(p))
	}
}

// awaited finds what means something only while a block waits.
func (c *checker) awaited(p Place) {
	if p.Await {
		c.timeout(p)
		return
	}
	for _, m := range []struct {
		name  string
		there bool
	}{
		{"timeout", p.Timeout != nil},
		{"late", len(p.Late) > 0},
		{"failed", len(p.Failed) > 0},
		{"result", p.Type == Create && p.Result != ""},
		{"set", p.Type == Webhook && len(p.Set) > 0},
	} {
		if m.there {
			c.add(ErrAwaitNeeded, p.Pointer+"/"+m.name, problem.Params{"block": p.Name(), "member": m.name})
		}
	}
}

func (c *checker) create(p Place) {
	if p.Form == "" {
		c.add(ErrCreateForm, p.Pointer+"/form", in(p))
	}
	if p.Link != "" && c.fields != nil {
		field, ok := c.fields[p.Link]
		if !ok || field.Type != form.Link || field.Link == nil || field.Link.Form != p.Form {
			c.add(ErrCreateLink, p.Pointer+"/link", problem.Params{"block": p.Name(), "field": p.Link, "form": p.Form})
		}
	}
	for _, key := range sortedKeys(p.Set) {
		if p.Set[key].Empty() {
			c.add(ErrSetNoFormula, p.Pointer+problem.Pointer("set", key), problem.Params{"field": key, "block": p.Name()})
		}
	}
	c.result(p)
	c.awaited(p)
}

// result checks the field that takes an outcome.
func (c *checker) result(p Place) {
	if p.Result == "" || c.fields == nil {
		return
	}
	field, ok := c.fields[p.Result]
	if !ok || field.JSONType() != "string" || field.Computed() {
		c.add(ErrResultField, p.Pointer+"/result", problem.Params{"block": p.Name(), "field": p.Result})
	}
}

var methods = []string{"POST", "PUT", "PATCH", "GET", "DELETE"}

func (c *checker) webhook(p Place) {
	c.awaited(p)
	if len(p.Set) > 0 {
		c.update(p)
	}
	if p.Call == nil || strings.TrimSpace(p.Call.URL) == "" {
		c.add(ErrCallMissing, p.Pointer+"/call", in(p))
		return
	}
	address, err := url.Parse(Fill(p.Call.URL, func(string) string { return "x" }))
	if err != nil || (address.Scheme != "https" && address.Scheme != "http") || address.Host == "" {
		c.add(ErrCallURL, p.Pointer+"/call/url", problem.Params{"block": p.Name(), "value": p.Call.URL})
	}
	if p.Call.Method != "" && !slices.Contains(methods, p.Call.Method) {
		c.add(ErrCallMethod, p.Pointer+"/call/method", problem.Params{"value": p.Call.Method, "known": methods})
	}
	for _, key := range sortedKeys(p.Call.Body) {
		if p.Call.Body[key].Empty() {
			c.add(ErrSetNoFormula, p.Pointer+problem.Pointer("call", "body", key), problem.Params{"field": key, "block": p.Name()})
		}
	}
	c.placeholders(p, p.Call.URL, p.Pointer+"/call/url")
	for _, key := range sortedKeys(p.Call.Headers) {
		c.placeholders(p, p.Call.Headers[key], p.Pointer+problem.Pointer("call", "headers", key))
	}
}

// placeholders checks that the {places} of a text are fields of the form.
func (c *checker) placeholders(p Place, text, at string) {
	Fill(text, func(key string) string {
		if key != "id" {
			c.field(p, key, at)
		}
		return ""
	})
}

func (c *checker) subFlow(p Place) {
	if p.Flow == "" {
		c.add(ErrSubFlowMissing, p.Pointer+"/flow", in(p))
	}
	c.result(p)
}

func (c *checker) items(p Place) {
	if len(p.Items) == 0 {
		c.add(ErrItemsMissing, p.Pointer+"/items", in(p))
	}
	seen := map[string]bool{"": true}
	for i, item := range p.Items {
		at := p.Pointer + "/items/" + strconv.Itoa(i)
		params := problem.Params{"block": p.Name(), "item": item.Name()}
		if seen[item.ID] || !idForm.MatchString(item.ID) {
			c.add(ErrItemNoID, at+"/id", params)
		}
		seen[item.ID] = true
		if item.Title.Empty() {
			c.add(ErrItemNoTitle, at+"/title", params)
		}
		if len(item.Who) > 0 {
			c.people(p, item.Who, at+"/who", false)
		}
		c.deadline(p, item.Deadline, at+"/deadline", true)
	}
}
