package form

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/failure"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Executable is a form ready to check records. It never changes and is safe for concurrent use.
type Executable struct {
	Form *Form
	// Fields are in the order of the schema. A section's rule for showing it is part of the rules of its fields here.
	Fields []Field

	byKey  map[string]int
	draft  *failure.Validator
	submit *failure.Validator
	json   json.RawMessage
}

// Compile makes a form executable. It asks only for what a form needs to run by itself: Check says more.
func Compile(f *Form) (*Executable, []problem.Problem) {
	fields, err := f.Fields()
	if err != nil {
		return nil, []problem.Problem{ErrSchema.At("/schema", problem.Params{"why": err.Error()})}
	}
	if problems := checkFields(fields, "/schema"); len(problems) > 0 {
		return nil, problems
	}
	e := &Executable{Form: f, Fields: fields, byKey: make(map[string]int, len(fields))}
	for i := range fields {
		e.byKey[fields[i].Key] = i
	}
	e.hideWithSections()
	if err := e.resolve(); err != nil {
		return nil, []problem.Problem{unusable(err)}
	}
	return e, nil
}

// hideWithSections makes a field hidden where its section is, so that nobody has to look at sections to know what must
// be filled in.
func (e *Executable) hideWithSections() {
	for _, section := range e.Form.Layout {
		if section.Show.Empty() {
			continue
		}
		for _, key := range section.Fields {
			f, ok := e.Field(key)
			switch {
			case !ok:
			case f.Show.Empty():
				f.Show = definition.Rule{CEL: section.Show.CEL}
			default:
				// On lines of their own: a rule may end in a comment.
				f.Show = definition.Rule{CEL: "(" + section.Show.CEL + "\n) && (" + f.Show.CEL + "\n)"}
			}
		}
	}
}

// unusable finds the words for a schema that does not compile.
func unusable(err error) problem.Problem {
	var bad *failure.BadSchemaError
	var foreign *failure.ForeignError
	switch {
	case errors.As(err, &bad) && len(bad.Place) > 0:
		keyword := bad.Place[len(bad.Place)-1]
		return ErrKeywordValue.At("/schema"+problem.Pointer(bad.Place...), problem.Params{"keyword": keyword})
	case errors.As(err, &foreign):
		return ErrForeign.At("/schema", problem.Params{"ref": foreign.Ref})
	}
	return ErrSchema.At("/schema", problem.Params{"why": err.Error()})
}

func (e *Executable) resolve() error {
	schema, err := resolver{draft: true}.root(e.Form.Schema, e.Fields)
	if err != nil {
		return err
	}
	if e.draft, err = failure.Compile(schema); err != nil {
		return err
	}
	if schema, err = (resolver{}).root(e.Form.Schema, e.Fields); err != nil {
		return err
	}
	if e.submit, err = failure.Compile(schema); err != nil {
		return err
	}
	var required []string
	for i := range e.Fields {
		if f := &e.Fields[i]; f.Required && f.HasValue() && !f.Computed() {
			required = append(required, f.Key)
		}
	}
	if len(required) > 0 {
		schema["required"] = required
	}
	e.json, err = json.Marshal(schema)
	return err
}

// JSON is the standard JSON Schema of a complete record, for the browser: x- keywords are written out and required
// members are listed. Data goes through Normalize before it is checked with it.
func (e *Executable) JSON() json.RawMessage { return e.json }

// Field finds a field by its key.
func (e *Executable) Field(key string) (*Field, bool) {
	i, ok := e.byKey[key]
	if !ok {
		return nil, false
	}
	return &e.Fields[i], true
}

// Options say how strictly data is checked.
type Options struct {
	// Submit checks everything. Without it only the shape is checked: known fields, right types, real dates, so that a
	// draft that is half done can be kept.
	Submit bool
	// Hidden are fields that need no value now, because a rule hides them.
	Hidden map[string]bool
	// Require are fields that need a value now besides those the schema lists, because a rule or step asks for them.
	// They count without Submit too.
	Require []string
}

// Validate checks a record's data and says what is wrong, in the order of the fields. Pointers lead into the data:
// "/items/0/quantity". What Normalize would drop counts as absent.
func (e *Executable) Validate(data map[string]any, opts Options) []problem.Problem {
	if !normal(data, e.Fields) {
		data = e.Normalize(data)
	}
	problems := e.missing(data, opts)
	validator := e.draft
	if opts.Submit {
		validator = e.submit
	}
	failures := validator.Validate(data)
	if len(problems)+len(failures) == 0 {
		return nil
	}
	for _, f := range failures {
		p := e.problem(f)
		same := func(o problem.Problem) bool { return o.Code == p.Code && o.Pointer == p.Pointer }
		if !slices.ContainsFunc(problems, same) {
			problems = append(problems, p)
		}
	}
	e.sort(problems)
	return problems
}

// missing lists the fields of the top level that need a value and have none.
func (e *Executable) missing(data map[string]any, opts Options) []problem.Problem {
	var out []problem.Problem
	for i := range e.Fields {
		f := &e.Fields[i]
		needed := opts.Submit && f.Required || slices.Contains(opts.Require, f.Key)
		if !needed || opts.Hidden[f.Key] || f.Computed() || !f.HasValue() {
			continue
		}
		if value, there := data[f.Key]; !there {
			out = append(out, required(f, problem.Pointer(f.Key), f.Title))
		} else if left := f.Unticked(value); left > 0 {
			out = append(out, ErrUnticked.At(problem.Pointer(f.Key), problem.Params{"field": f.Title, "n": left}))
		}
	}
	return out
}

// sort puts problems in the order in which people meet the fields.
func (e *Executable) sort(problems []problem.Problem) {
	type place struct{ field, row, column int }
	find := func(pointer string) place {
		path := split(pointer)
		p := place{field: len(e.Fields)}
		if len(path) == 0 {
			return p
		}
		i, ok := e.byKey[path[0]]
		if !ok {
			return p
		}
		p.field = i
		if len(path) > 1 {
			p.row, _ = strconv.Atoi(path[1])
		}
		if len(path) > 2 {
			columns := e.Fields[i].Items
			p.column = slices.IndexFunc(columns, func(c Field) bool { return c.Key == path[2] })
			if p.column < 0 {
				p.column = len(columns)
			}
		}
		return p
	}
	slices.SortStableFunc(problems, func(a, b problem.Problem) int {
		x, y := find(a.Pointer), find(b.Pointer)
		return cmp.Or(cmp.Compare(x.field, y.field), cmp.Compare(x.row, y.row), cmp.Compare(x.column, y.column),
			cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Code.ID, b.Code.ID))
	})
}

// label is what people call a place: the field, or the row and column of a sub-table.
func (e *Executable) label(path []string) (*Field, problem.Text) {
	f, ok := e.Field(path[0])
	if !ok {
		return nil, problem.Plain(path[0])
	}
	if f.Type != SubTable || len(path) < 2 {
		return f, f.Title
	}
	row, err := strconv.Atoi(path[1])
	if err != nil {
		return f, f.Title
	}
	if len(path) < 3 {
		return f, rowLabel(f.Title, row, nil)
	}
	column, ok := f.Column(path[2])
	if !ok {
		return nil, rowLabel(f.Title, row, problem.Plain(path[2]))
	}
	return column, rowLabel(f.Title, row, column.Title)
}

func rowLabel(table problem.Text, row int, column problem.Text) problem.Text {
	return problem.Text{
		"en":    trimmed(fmt.Sprintf("%s, row %d, %s", table.In("en"), row+1, column.In("en"))),
		"zh-CN": trimmed(fmt.Sprintf("%s 第 %d 行 %s", table.In("zh-CN"), row+1, column.In("zh-CN"))),
	}
}
