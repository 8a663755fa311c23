package catalog

import (
	"github.com/stepwell/stepwell/runtime/assignment"
	assignmentdef "github.com/stepwell/stepwell/schemas/assignment"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/problem"
)

// assign gives every form the rule that says who gets its records.
func (a *App) assign(defs []*assignmentdef.Assignment) error {
	for _, def := range defs {
		f := a.forms[def.Form]
		if f == nil {
			continue // the form was taken out of force
		}
		ref := definition.Ref{App: a.Key, Kind: definition.KindAssignment, Key: def.Key}
		rule, err := f.CompileAssignment(def, a.versions[ref.ID()])
		if err != nil {
			return err
		}
		f.Assignment = rule
		for _, link := range rule.Links() {
			f.links[link] = true
		}
	}
	return nil
}

// CompileAssignment makes an assignment of the form ready to run, also one that is not published.
func (f *Form) CompileAssignment(def *assignmentdef.Assignment, version int) (*assignment.Rule, error) {
	rule, problems := assignment.Compile(def, version, f.Exec.Form.Owner, f.Env)
	if len(problems) > 0 {
		return nil, ErrBroken.With(problem.Params{"kind": "assignment", "key": def.Key, "why": problems[0].Error()}, problems...)
	}
	return rule, nil
}
