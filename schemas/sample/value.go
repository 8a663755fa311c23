package sample

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Fields says how the fields of a record are made, in the order in which they are drawn: a later one may refer to an
// earlier one.
type Fields []Field

// Field is one of them.
type Field struct {
	Key   string
	Value Value
}

// Find gives the value of a field.
func (f Fields) Find(key string) (Value, bool) {
	for _, field := range f {
		if field.Key == key {
			return field.Value, true
		}
	}
	return Value{}, false
}

// UnmarshalJSON reads an object and keeps the order of its members.
func (f *Fields) UnmarshalJSON(b []byte) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return errors.New("fields are an object of field keys and values")
	}
	*f = nil
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return err
		}
		key, _ := token.(string)
		if _, twice := f.Find(key); twice {
			return fmt.Errorf("the field %q is set twice", key)
		}
		var v Value
		if err := dec.Decode(&v); err != nil {
			return fmt.Errorf("field %s: %w", key, err)
		}
		*f = append(*f, Field{key, v})
	}
	return nil
}

// Value says how one value is made. In JSON:
//
//	true, 12                            that value
//	"报价 {code}"                        a text; {path} is a field of the record, also through links and people
//	                                    ("customer.code", "owner.name"), {@name} a value of Script.Values, {n} how often
//	                                    the step has been done, {today} 20260302
//	["a", "b"]                          that list
//	{"text": ["…", "…"]}                one of these texts
//	{"pattern": "138########"}          # is a digit, @ a capital letter
//	{"pick": [v, {"weight": 3, "value": v}]}   one of these
//	{"some": {"of": [v, v], "count": [1, 2]}}  several of these, as a list, in their order
//	{"number": [1, 500, 10]}            a number between, in steps; every one equally often
//	{"log": [1000, 900000, 100]}        the same, small ones more often than large ones
//	{"times": {"of": "path", "by": [0.3, 0.8, 0.01], "decimals": 0}}   a number so many times as large as another
//	{"date": {"from": "path", "days": [3, 20]}}      a date so many days from another one, or from today
//	{"moment": {"from": "path", "hours": [-4, 0]}}   a moment so many hours from another one, or from now
//	{"file": {"name": "{customer.code}-图纸-V{n}.pdf", "title": "…", "count": [1, 2]}}   files, made by the ending of the name
//	{"link": {"form": "contact", "where": {"customer": {"copy": "customer"}}}}  a record; left out when there is none
//	{"person": {"role": "rep"}}, {"person": {"user": "wanglei"}}, {"person": {"actor": true}}   who
//	{"rows": [{…}, {…}]}                the rows of a sub-table
//	{"repeat": {"count": [1, 4], "set": {…}}}  the same, as many as drawn
//	{"cel": "form.price * 12"}          computed
//	{"copy": "customer.paymentTerms"}   the value at a path
//	{"maybe": {"chance": 0.3, "value": v}}     left out more or less often
//	{"if": {"when": "cel", "then": v, "else": v}}
//	{"use": "name"}                     a value of Script.Values
type Value struct{ gen generator }

// Given reports whether there is a value at all.
func (v Value) Given() bool { return v.gen != nil }

// generator makes values. A nil value leaves the field out.
type generator interface {
	draw(d *drawing) (any, error)
}

type (
	fixed   struct{ value any }
	text    []string
	pattern string
	pick    []choice
	some    struct {
		Of    []Value `json:"of"`
		Count Range   `json:"count"`
	}
	number Range
	log    Range
	times  struct {
		Of       string `json:"of"`
		By       Range  `json:"by"`
		Decimals int    `json:"decimals"`
	}
	date struct {
		From string `json:"from"`
		Days Range  `json:"days"`
	}
	moment struct {
		From  string `json:"from"`
		Hours Range  `json:"hours"`
	}
	file struct {
		Name  string `json:"name"`
		Title string `json:"title"`
		Count Range  `json:"count"`
	}
	link struct {
		Form  string `json:"form"`
		Where Fields `json:"where"`
	}
	person struct {
		Role  string `json:"role"`
		User  string `json:"user"`
		Actor bool   `json:"actor"`
	}
	rows   []Fields
	repeat struct {
		Count Range  `json:"count"`
		Set   Fields `json:"set"`
	}
	formula string
	copied  string
	maybe   struct {
		Chance float64 `json:"chance"`
		Value  Value   `json:"value"`
	}
	cond struct {
		When string `json:"when"`
		Then Value  `json:"then"`
		Else Value  `json:"else"`
	}
	use string
)

// choice is one of several values and how often it comes compared with the others.
type choice struct {
	Weight float64 `json:"weight"`
	Value  Value   `json:"value"`
}

// UnmarshalJSON reads {"weight", "value"} or a bare value, which has the weight 1.
func (c *choice) UnmarshalJSON(b []byte) error {
	var members map[string]json.RawMessage
	if json.Unmarshal(b, &members) == nil && members["weight"] != nil {
		type bare choice
		return decode(b, (*bare)(c))
	}
	c.Weight = 1
	return c.Value.UnmarshalJSON(b)
}

// UnmarshalJSON reads a generator, a text, a list or a plain value.
func (v *Value) UnmarshalJSON(b []byte) error {
	switch b[0] {
	case '{':
		return v.generator(b)
	case '"':
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		v.gen = text{s}
	default:
		var value any
		if err := json.Unmarshal(b, &value); err != nil {
			return err
		}
		v.gen = fixed{value}
	}
	return nil
}

// makers give an empty generator of each kind, to be read into.
var makers = map[string]func() any{
	"text": func() any { return new(text) }, "pattern": func() any { return new(pattern) }, "pick": func() any { return new(pick) },
	"some": func() any { return new(some) }, "number": func() any { return new(Range) }, "log": func() any { return new(Range) },
	"times": func() any { return new(times) }, "date": func() any { return new(date) }, "moment": func() any { return new(moment) }, "file": func() any { return new(file) },
	"link": func() any { return new(link) }, "person": func() any { return new(person) }, "rows": func() any { return new(rows) },
	"repeat": func() any { return new(repeat) }, "cel": func() any { return new(formula) }, "copy": func() any { return new(copied) },
	"maybe": func() any { return new(maybe) }, "if": func() any { return new(cond) }, "use": func() any { return new(use) },
}

func (v *Value) generator(b []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(b, &members); err != nil {
		return err
	}
	if len(members) != 1 {
		return fmt.Errorf("a value is made in exactly one way, not %d: %s", len(members), b)
	}
	for name, doc := range members {
		maker, ok := makers[name]
		if !ok {
			return fmt.Errorf("there is no way to make a value called %q", name)
		}
		into := maker()
		if err := decode(doc, into); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		switch g := into.(type) {
		case *Range: // number and log share a form
			v.gen = number(*g)
			if name == "log" {
				v.gen = log(*g)
			}
		case generator:
			v.gen = g
		}
	}
	return nil
}
