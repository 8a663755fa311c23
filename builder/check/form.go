package check

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/stepwell/stepwell/internal/expr"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/problem"
)

// ErrCycle is a formula that waits for itself.
var ErrCycle = problem.Define("check.formulaCycle", "These formulas wait for each other: {fields}. Take one of them out of the circle.", "这些公式互相引用，形成了循环：{fields}。请去掉其中一个引用。")

// ErrRules is a form for whose rules no environment could be made.
var ErrRules = problem.Define("check.rules", "The rules of this form cannot be compiled: {why}.", "无法编译该表单的规则：{why}。")

func (s *Set) forms() {
	all := make(map[string]*form.Form, len(s.Forms))
	for key, f := range s.Forms {
		all[key] = f.Form
	}
	for _, key := range slices.Sorted(maps.Keys(s.Forms)) {
		f := s.Forms[key]
		ref := s.ref(definition.KindForm, key)
		s.add(ref, "", form.Check(f.Form, all)...)
		if f.Exec == nil {
			continue
		}
		r := rules{set: s, ref: ref, formulas: map[string]*expr.Program{}}
		r.form(f)
	}
}

// fieldsByForm are the fields of every form that compiles.
func (s *Set) fieldsByForm() map[string][]form.Field {
	out := make(map[string][]form.Field, len(s.Forms))
	for key, f := range s.Forms {
		if f.Exec != nil {
			out[key] = f.Exec.Fields
		}
	}
	return out
}

// schema is what the rules of a form may read.
func (s *Set) schema(f *Form) expr.Schema {
	return expr.SchemaOf(f.Exec.Fields, s.fieldsByForm()).WithLimits(slices.Sorted(maps.Keys(s.Limits)))
}

// Env is the environment of a form's rules; ok is false when the form does not compile.
func (s *Set) Env(formKey string) (env *expr.Env, ok bool) {
	f, ok := s.Forms[formKey]
	if !ok || f.Exec == nil {
		return nil, false
	}
	env, err := expr.NewEnv(s.schema(f))
	return env, err == nil
}

// rules compiles everything in one definition that is written in CEL.
type rules struct {
	set      *Set
	ref      definition.Ref
	formulas map[string]*expr.Program
}

// compile reports what is wrong with a rule; nil when there is none or it is wrong.
func (r *rules) compile(env *expr.Env, rule definition.Rule, want expr.Result, at string) *expr.Program {
	if rule.Empty() {
		return nil
	}
	p, problems := env.Compile(rule.CEL, want)
	if len(rule.Visual) > 0 {
		at += "/cel"
	}
	r.set.add(r.ref, at, problems...)
	if len(problems) > 0 {
		return nil
	}
	return p
}

func (r *rules) form(f *Form) {
	schema := r.set.schema(f)
	env, err := expr.NewEnv(schema)
	if err != nil {
		r.set.add(r.ref, "/schema", ErrRules.At("", problem.Params{"why": err.Error()}))
		return
	}
	// As they are written: in an executable form, rules of sections are part of those of fields.
	written, err := f.Fields()
	if err != nil {
		return // form.Check says so
	}
	for i := range written {
		r.field(env, schema, &written[i], "/schema", "")
	}
	for i, section := range f.Layout {
		r.compile(env, section.Show, expr.WantBool, "/layout/"+strconv.Itoa(i)+"/show")
	}
	for i, rule := range f.Rules {
		r.compile(env, rule.Rule, expr.WantBool, "/rules/"+strconv.Itoa(i)+"/rule")
	}
	if _, err := expr.FormulaOrder(r.formulas); err != nil {
		if cycle, ok := fault.As(err); ok {
			first, _, _ := strings.Cut(fields(cycle), " ")
			r.set.add(r.ref, formulaPointer(first), ErrCycle.At("", cycle.Params))
		}
	}
}

func fields(cycle *fault.Error) string {
	s, _ := cycle.Params["fields"].(string)
	return s
}

// formulaPointer is the place of the formula of "field" or "table.column".
func formulaPointer(key string) string {
	table, column, inRow := strings.Cut(key, ".")
	at := "/schema" + problem.Pointer("properties", table)
	if inRow {
		at += "/items" + problem.Pointer("properties", column)
	}
	return at + "/x-formula"
}

func (r *rules) field(env *expr.Env, schema expr.Schema, f *form.Field, at, table string) {
	here := at + problem.Pointer("properties", f.Key)
	r.compile(env, f.Show, expr.WantBool, here+"/x-show")
	r.compile(env, f.Require, expr.WantBool, here+"/x-require")
	r.compile(env, f.Lock, expr.WantBool, here+"/x-lock")
	r.compile(env, f.DefaultBy, expr.WantOf(f), here+"/x-default")
	if p := r.compile(env, f.Formula, expr.WantOf(f), here+"/x-formula"); p != nil {
		r.formulas[table+f.Key] = p
	}
	if f.Type != form.SubTable || len(f.Items) == 0 {
		return
	}
	row := schema.WithRow(f.Items)
	rowEnv, err := expr.NewEnv(row)
	if err != nil {
		r.set.add(r.ref, here+"/items", ErrRules.At("", problem.Params{"why": err.Error()}))
		return
	}
	for i := range f.Items {
		r.field(rowEnv, row, &f.Items[i], here+"/items", f.Key+".")
	}
}
