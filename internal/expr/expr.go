// Package expr compiles and evaluates rules and formulas written in CEL, the same way as the browser does.
//
// A rule sees form, record, user, link, now and, in a sub-table, row. It cannot read a clock: now is a variable.
package expr

import (
	"fmt"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	celenv "cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/problem"
)

// The variables of a rule.
const (
	FormVar   = "form"   // the record's data, map[string]any
	RowVar    = "row"    // the row of a sub-table, map[string]any; only where Schema.Row is given
	RecordVar = "record" // map[string]any: id, title, stage, status, owner, department, createdAt (time.Time), createdBy, limits of the owner
	UserVar   = "user"   // who acts, map[string]any: id, name, department, roles ([]string or []any), limits (by key, map[string]any)
	LinkVar   = "link"   // link field's key → data of the linked record, map[string]any of map[string]any
	NowVar    = "now"    // time.Time; its location decides which day today() is
	// ItemVar is the element of a forEach, map[string]any or string; it and the next two are there only where Schema.More
	// declares them.
	ItemVar   = "item"
	IndexVar  = "index"  // its position, counted from 0
	AnswerVar = "answer" // what another system answered, map[string]any
	// CalendarVar is not seen by rules: the Calendar that workdays and addWorkdays count by. None: Monday to Friday.
	CalendarVar = "calendar"
)

// Limits of a rule.
const (
	maxLength   = 8000
	maxDepth    = 3         // lists walked inside lists
	costLimit   = 5_000_000 // CEL's cost units, about one for each step
	parserDepth = 100
)

// Vars are the values of one evaluation. Data is as encoding/json or the store gives it; every number of it counts as a
// double. A variable that is left out is empty. Evaluation does not change Vars.
type Vars map[string]any

// Schema says what the rules of one form may read.
type Schema struct {
	Fields []Field
	Row    []Field            // columns of the sub-table whose rules these are; nil: no row
	Links  map[string][]Field // fields of the linked form by link field; a link that is not named may be read freely
	Limits []string           // keys of the members of user.limits and record.limits
	More   []Field            // variables that only some rules see, by their key: ItemVar, IndexVar, AnswerVar
}

// Env compiles rules for one form. It is safe for concurrent use.
type Env struct {
	cel     *cel.Env
	schema  Schema
	open    bool
	objects map[string][]Field // path → members; nil in an open Env
}

// Result is what a rule must give.
type Result string

// The results that may be asked for.
const (
	WantBool   Result = "bool"
	WantNumber Result = "number"
	WantText   Result = "string"
	WantAny    Result = "dyn"
)

// Program is a compiled rule. It is safe for concurrent use.
type Program struct {
	want   Result
	ast    *cel.Ast
	env    *Env
	run    cel.Program
	paths  []string
	values []string                    // of paths, those of which more than the number of rows counts
	why    func() (cel.Program, error) // slower, finds out why an evaluation failed
}

var base = sync.OnceValues(newBase)

func newBase() (*cel.Env, error) {
	replaced := []string{"_+_", "_-_", "_*_", "_/_", "_%_", "string", "timestamp", "double", "int", "bool", "uint", "bytes"}
	subset := &celenv.LibrarySubset{}
	for _, name := range replaced {
		subset.ExcludeFunctions = append(subset.ExcludeFunctions, &celenv.Function{Name: name})
	}
	opts := []cel.EnvOption{
		cel.CustomTypeAdapter(newAdapter()),
		cel.StdLib(cel.StdLibSubset(subset)),
		cel.ParserRecursionLimit(parserDepth),
		cel.ParserExpressionSizeLimit(maxLength),
		cel.Variable(scopeName, scopeType),
		cel.Variable(NowVar, cel.TimestampType),
	}
	opts = append(opts, arithmetic()...)
	opts = append(opts, conversions()...)
	opts = append(opts, library()...)
	env, err := cel.NewCustomEnv(opts...)
	if err != nil {
		return nil, fmt.Errorf("declare the functions of rules: %w", err)
	}
	return env, nil
}

// NewEnv makes the environment of a form's rules. An absent field reads as null, an absent list as an empty one.
func NewEnv(schema Schema) (*Env, error) {
	from, err := base()
	if err != nil {
		return nil, err
	}
	types := newShapes()
	e := &Env{schema: schema, objects: map[string][]Field{}}
	opts := []cel.EnvOption{cel.CustomTypeProvider(types)}
	declare := func(name string, fields []Field) {
		opts = append(opts, cel.Variable(name, types.object(name, fields)))
		e.note(name, fields)
	}
	declare(FormVar, schema.Fields)
	declare(RecordVar, recordFields(schema.Limits))
	declare(UserVar, userFields(schema.Limits))
	if schema.Row != nil {
		declare(RowVar, schema.Row)
	}
	declare(LinkVar, schema.links())
	for _, f := range schema.More {
		opts = append(opts, cel.Variable(f.Key, types.typeOf(f.Key, f)))
		if f.Kind == Object {
			e.note(f.Key, f.Fields)
		}
	}
	if e.cel, err = from.Extend(opts...); err != nil {
		return nil, fmt.Errorf("declare the fields of rules: %w", err)
	}
	return e, nil
}

// With makes the same environment with more variables. One that is there already is declared anew.
func (e *Env) With(more ...Field) (*Env, error) {
	schema := e.schema
	schema.More = slices.Clone(more)
	for _, f := range e.schema.More {
		if !slices.ContainsFunc(more, func(m Field) bool { return m.Key == f.Key }) {
			schema.More = append(schema.More, f)
		}
	}
	return NewEnv(schema)
}

// ElementOf are the variables of rules that run for each element of a list field.
func ElementOf(f *form.Field) []Field {
	item := Field{Key: ItemVar, Kind: String}
	switch f.Type { //nolint:exhaustive // the elements of other lists are texts
	case form.SubTable:
		item.Kind, item.Fields = Object, FromForm(f.Items)
	case form.File:
		item.Kind, item.Fields = Object, fileFields()
	}
	return []Field{item, {Key: IndexVar, Kind: Number}}
}

// Answer is the variable of rules that read what another system answered: status, the HTTP status, and body, the JSON
// that came.
func Answer() Field {
	return Field{Key: AnswerVar, Kind: Object, Fields: []Field{{Key: "status", Kind: Number}, {Key: "body", Kind: Any}}}
}

// Open makes an environment that knows no fields: any may be read, and reading an absent one fails as missing.
func Open() (*Env, error) {
	from, err := base()
	if err != nil {
		return nil, err
	}
	var opts []cel.EnvOption
	for _, name := range []string{FormVar, RowVar, RecordVar, UserVar, LinkVar} {
		opts = append(opts, cel.Variable(name, cel.MapType(cel.StringType, cel.DynType)))
	}
	env, err := from.Extend(opts...)
	if err != nil {
		return nil, fmt.Errorf("declare open rules: %w", err)
	}
	return &Env{cel: env, open: true}, nil
}

// links are the members of the variable link. Only a text field can be a link, so the ones that are not named are among them.
func (s Schema) links() []Field {
	links := make([]Field, 0, len(s.Fields))
	for _, f := range s.Fields {
		if fields, ok := s.Links[f.Key]; ok {
			links = append(links, Field{Key: f.Key, Kind: Object, Fields: fields})
		} else if f.Kind == String {
			links = append(links, Field{Key: f.Key, Kind: Any})
		}
	}
	return links
}

func (e *Env) note(path string, fields []Field) {
	e.objects[path] = fields
	for _, f := range fields {
		if f.Kind == Table || f.Kind == Object {
			e.note(path+"."+f.Key, f.Fields)
		}
	}
}

// Compile checks a rule and makes it ready to run. The problems have an empty pointer, for the caller to set, and the
// params "line" and "column", counted from 1.
func (e *Env) Compile(src string, want Result) (*Program, []problem.Problem) {
	if trim(src) == "" {
		return nil, []problem.Problem{CodeEmpty.At("", nil)}
	}
	if utf8.RuneCountInString(src) > maxLength {
		return nil, []problem.Problem{CodeTooLong.At("", problem.Params{"limit": maxLength})}
	}
	parsed, issues := e.cel.Parse(src)
	if issues.Err() != nil {
		return nil, syntaxProblems(issues)
	}
	paths := e.resolve(parsed.NativeRep())
	if found := restrictions(parsed.NativeRep()); len(found) > 0 {
		return nil, found
	}
	checked, issues := e.cel.Check(parsed)
	if issues.Err() != nil {
		return nil, e.typeProblems(parsed.NativeRep(), paths, issues)
	}
	if found := e.numberProblems(checked.NativeRep(), paths); len(found) > 0 {
		return nil, found
	}
	if !want.admits(checked.OutputType()) {
		return nil, []problem.Problem{CodeWant.At("", problem.Params{
			"got": typeWord(bareType(checked.OutputType())), "want": want.word(), "line": 1, "column": 1,
		})}
	}
	return e.plan(checked, paths, want)
}

func (e *Env) plan(checked *cel.Ast, paths *pathMap, want Result) (*Program, []problem.Problem) {
	run, err := e.cel.Program(checked, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(costLimit), cel.CostTracking(callCost{}))
	if err != nil {
		return nil, []problem.Problem{CodeConstant.At("", problem.Params{"detail": detailOf(err), "line": 1, "column": 1})}
	}
	p := &Program{want: want, ast: checked, env: e, run: run}
	p.paths, p.values = paths.read()
	p.why = sync.OnceValues(p.planWhy)
	return p, nil
}

// References lists what the rule reads, sorted: "form.amount", "form.items.qty", "link.customer.code", "row.price",
// "record.owner", "user.roles". "form" alone means any field.
func (p *Program) References() []string { return append([]string{}, p.paths...) }

// Eval gives the rule's value as JSON would hold it: nil, bool, float64, string, []any or map[string]any. A moment is
// text in the store's form. The error is a fault of this package; IsMissing tells a blank value from a real failure.
func (p *Program) Eval(vars Vars) (any, error) {
	val, err := p.value(vars)
	if err != nil {
		return nil, err
	}
	out, err := plain(val)
	if err != nil {
		return nil, err
	}
	if !p.want.holds(out) {
		return nil, CodeResult.With(problem.Params{"want": p.want.word(), "got": typeWord(val.Type().TypeName())})
	}
	return out, nil
}

// EvalBool evaluates a condition. One that needs a blank value is false, and so is a blank result.
func (p *Program) EvalBool(vars Vars) (bool, error) {
	out, err := p.Eval(vars)
	switch {
	case IsMissing(err) || err == nil && out == nil:
		return false, nil
	case err != nil:
		return false, err
	}
	b, ok := out.(bool)
	if !ok {
		return false, CodeResult.With(problem.Params{"want": WantBool.word(), "got": typeWord("json")})
	}
	return b, nil
}

func (p *Program) value(vars Vars) (ref.Val, error) {
	act := activation{vars: vars}
	val, _, err := p.run.Eval(&act)
	if err != nil {
		return nil, p.explain(&act, err)
	}
	return val, nil
}

// activation gives CEL the variables.
type activation struct {
	vars  Vars
	scope *scope
}

// ResolveName implements cel.Activation.
func (a *activation) ResolveName(name string) (any, bool) {
	switch name {
	case scopeName:
		if a.scope == nil {
			now, ok := a.vars[NowVar].(time.Time)
			if !ok {
				return nil, false
			}
			days, _ := a.vars[CalendarVar].(Calendar)
			a.scope = &scope{now: now, calendar: days}
		}
		return a.scope, true
	case NowVar:
		v, ok := a.vars[name]
		return v, ok
	case FormVar, RowVar, RecordVar, UserVar, LinkVar, AnswerVar:
		if v := a.vars[name]; v != nil {
			return v, true
		}
		return noMembers, true
	case ItemVar, IndexVar:
		v, ok := a.vars[name]
		return v, ok
	}
	return nil, false
}

// Parent implements cel.Activation.
func (a *activation) Parent() cel.Activation { return nil }

var _ cel.Activation = (*activation)(nil)

// start gives the place of an expression, counted from 1.
func start(info *ast.SourceInfo, id int64) (line, column int) {
	at := info.GetStartLocation(id)
	return max(at.Line(), 1), max(at.Column(), 0) + 1
}
