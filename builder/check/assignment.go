package check

import (
	"maps"
	"slices"
	"strconv"

	"github.com/stepwell/stepwell/internal/expr"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Problems of an assignment with the rest of its app.
var (
	ErrAssignmentForm = problem.Define("check.assignmentForm", "The assignment belongs to the form {form}, which is not published. Publish it first, or together with the assignment.", "分配规则所属的表单“{form}”尚未发布，请先发布它，或与分配规则一起发布。")
	ErrTwoAssignments = problem.Define("check.twoAssignments", "The form {form} already has the assignment {other}. A form has one assignment; add categories to that one.", "表单“{form}”已有分配规则“{other}”。一个表单只能有一个分配规则，请在其中增加分类。")
)

func (s *Set) assignments() {
	forms := make(map[string]*form.Form, len(s.Forms))
	for key, f := range s.Forms {
		forms[key] = f.Form
	}
	taken := map[string]string{}
	roles := s.roleKeys()
	for _, key := range slices.Sorted(maps.Keys(s.Assignments)) {
		a, ref := s.Assignments[key], s.ref(definition.KindAssignment, key)
		target := s.Forms[a.Form]
		switch other, twice := taken[a.Form]; {
		case a.Form == "": // its shape says so
		case target == nil:
			s.add(ref, "/form", ErrAssignmentForm.At("", problem.Params{"form": a.Form}))
		case twice:
			s.add(ref, "/form", ErrTwoAssignments.At("", problem.Params{"form": target.Title, "other": s.Assignments[other].Title}))
		default:
			taken[a.Form] = key
		}
		s.add(ref, "", a.Check(forms, roles)...)
		if a.Pool != nil && a.Pool.TakeBack != nil {
			s.delay(ref, &flow.Delay{After: a.Pool.TakeBack.After, Unit: a.Pool.TakeBack.Unit, Calendar: a.Pool.TakeBack.Calendar}, "/pool/takeBack")
		}
		env, known := s.Env(a.Form)
		if !known {
			continue
		}
		r := rules{set: s, ref: ref}
		for i, c := range a.Categories {
			r.compile(env, c.When, expr.WantBool, "/categories/"+strconv.Itoa(i)+"/when")
		}
	}
}

// roleKeys are the keys of the app's roles, in order; never nil.
func (s *Set) roleKeys() []string {
	keys := slices.Sorted(maps.Keys(s.Roles))
	if keys == nil {
		return []string{}
	}
	return keys
}
