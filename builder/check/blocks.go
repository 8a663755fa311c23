package check

import (
	"maps"
	"slices"

	"github.com/stepwell/stepwell/internal/expr"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Problems of blocks with the rest of their app.
var (
	ErrCreateField = problem.Define("check.createField", "“{block}” fills in “{field}”, which is not a field of {form} that can be written. Choose another one.", "“{block}”要填写“{field}”，但它不是{form}中可写的字段，请改选。")
)

// creates checks a block that begins a record of another form.
func (s *Set) creates(ref definition.Ref, p flow.Place) {
	target := s.Forms[p.Form]
	if target == nil {
		if p.Form != "" {
			s.add(ref, p.Pointer+"/form", ErrNoForm.At("", problem.Params{"form": p.Form}))
		}
		return
	}
	if target.Exec == nil {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(p.Set)) {
		field, ok := target.Exec.Field(key)
		if !ok || field.Computed() || !field.HasValue() {
			s.add(ref, p.Pointer+problem.Pointer("set", key), ErrCreateField.At("", problem.Params{
				"block": p.Name(), "field": key, "form": target.Title,
			}))
		}
	}
}

// inside is the environment of the rules of a block: in a forEach they see the element.
func (r *rules) inside(env *expr.Env, fm *form.Executable, p flow.Place) *expr.Env {
	if p.Each == nil {
		return env
	}
	field, ok := fm.Field(p.Each.Over)
	if !ok {
		return env // flow.Check says so
	}
	return r.with(env, p.Pointer, expr.ElementOf(field)...)
}

func (r *rules) with(env *expr.Env, at string, more ...expr.Field) *expr.Env {
	out, err := env.With(more...)
	if err != nil {
		r.set.add(r.ref, at, ErrRules.At("", problem.Params{"why": err.Error()}))
		return env
	}
	return out
}
