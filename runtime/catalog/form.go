package catalog

import (
	"fmt"
	"strings"

	"github.com/stepwell/stepwell/internal/calendar"
	"github.com/stepwell/stepwell/internal/expr"
	"github.com/stepwell/stepwell/runtime/assignment"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/form"
)

// Form is the published version of a form with its rules compiled.
type Form struct {
	Key         string
	App         *App
	Version     int
	Exec        *form.Executable
	Flow        string // key of the flow that its records walk; "" when there is none
	FlowVersion int    // its published version
	Calendars   *calendar.Set
	Env         *expr.Env
	// Assignment says who gets its new records; nil: whoever makes them.
	Assignment *assignment.Rule
	// FormulaOrder lists the formula fields, "table.column" for those of a sub-table, so that each comes after those it reads.
	FormulaOrder []string
	Checks       []Check
	rules        map[string]FieldRules
	// links are the link fields whose target some rule reads.
	links map[string]bool
}

// FieldRules are the compiled rules of one field; nil where it has none.
type FieldRules struct {
	Show, Require, Lock, Formula, Default *expr.Program
}

// Check is one of the form's own checks.
type Check struct {
	form.Rule
	Program *expr.Program
}

// Rules are the rules of a field, or of a column as "table.column"; the zero value when it has none.
func (f *Form) Rules(key string) FieldRules { return f.rules[key] }

// ReadsLink reports whether some rule of the form, or of a file field's name, looks through this link.
func (f *Form) ReadsLink(key string) bool { return f.links[key] }

func compileForm(exec *form.Executable, schema expr.Schema) (*Form, error) {
	env, err := expr.NewEnv(schema)
	if err != nil {
		return nil, err
	}
	f := &Form{Key: exec.Form.Key, Exec: exec, Env: env, rules: map[string]FieldRules{}, links: map[string]bool{}}
	formulas := map[string]*expr.Program{}
	for i := range exec.Fields {
		fd := &exec.Fields[i]
		if err := f.compileField(fd, schema); err != nil {
			return nil, fmt.Errorf("field %s: %w", fd.Key, err)
		}
	}
	for key, r := range f.rules {
		if r.Formula != nil {
			formulas[key] = r.Formula
		}
	}
	if f.FormulaOrder, err = expr.FormulaOrder(formulas); err != nil {
		return nil, err
	}
	for _, r := range exec.Form.Rules {
		p, err := f.compile(env, r.Rule, expr.WantBool)
		if err != nil {
			return nil, fmt.Errorf("check %s: %w", r.ID, err)
		}
		f.Checks = append(f.Checks, Check{Rule: r, Program: p})
	}
	return f, nil
}

func (f *Form) compileField(fd *form.Field, schema expr.Schema) error {
	r, err := f.fieldRules(f.Env, fd)
	if err != nil {
		return err
	}
	f.rules[fd.Key] = r
	if fd.File != nil {
		if head, _, through := strings.Cut(fd.File.NameContains, "."); through {
			f.links[head] = true
		}
	}
	if fd.Type != form.SubTable {
		return nil
	}
	rowEnv, err := expr.NewEnv(schema.WithRow(fd.Items))
	if err != nil {
		return err
	}
	for i := range fd.Items {
		column := &fd.Items[i]
		if r, err = f.fieldRules(rowEnv, column); err != nil {
			return fmt.Errorf("column %s: %w", column.Key, err)
		}
		f.rules[fd.Key+"."+column.Key] = r
	}
	return nil
}

func (f *Form) fieldRules(env *expr.Env, fd *form.Field) (r FieldRules, err error) {
	for _, part := range []struct {
		to   **expr.Program
		rule definition.Rule
		want expr.Result
	}{
		{&r.Show, fd.Show, expr.WantBool},
		{&r.Require, fd.Require, expr.WantBool},
		{&r.Lock, fd.Lock, expr.WantBool},
		{&r.Formula, fd.Formula, expr.WantAny},
		{&r.Default, fd.DefaultBy, expr.WantAny},
	} {
		if *part.to, err = f.compile(env, part.rule, part.want); err != nil {
			return r, err
		}
	}
	return r, nil
}

func (f *Form) compile(env *expr.Env, rule definition.Rule, want expr.Result) (*expr.Program, error) {
	if rule.Empty() {
		return nil, nil //nolint:nilnil // no rule is no program
	}
	p, problems := env.Compile(rule.CEL, want)
	if len(problems) > 0 {
		return nil, problems[0]
	}
	for _, path := range p.References() {
		if rest, through := strings.CutPrefix(path, expr.LinkVar+"."); through {
			key, _, _ := strings.Cut(rest, ".")
			f.links[key] = true
		}
	}
	return p, nil
}
