// Package assignment decides who gets a record.
//
// Decide is a pure function: rule, record, people and counters go in, and somebody comes out, or the pool, with the reason in
// words. Assigner asks it for a record that is about to be written and keeps the counters, by compare-and-set.
package assignment

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stepwell/stepwell/internal/expr"
	"github.com/stepwell/stepwell/schemas/assignment"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Rule is a published assignment with its conditions compiled. It never changes.
type Rule struct {
	Key     string
	Version int
	Def     *assignment.Assignment
	Owner   string // the field that names the owner
	when    []*expr.Program
	links   []string
}

// Compile makes a definition ready to run. owner is the owner field of its form, env the environment of that form's rules.
func Compile(def *assignment.Assignment, version int, owner string, env *expr.Env) (*Rule, []problem.Problem) {
	r := &Rule{Key: def.Key, Version: version, Def: def, Owner: owner, when: make([]*expr.Program, len(def.Categories))}
	for i, c := range def.Categories {
		if !c.When.Empty() {
			p, problems := env.Compile(c.When.CEL, expr.WantBool)
			if len(problems) > 0 {
				found := problems[0]
				found.Pointer = fmt.Sprintf("/categories/%d/when%s", i, found.Pointer)
				return nil, []problem.Problem{found}
			}
			r.when[i] = p
			for _, path := range p.References() {
				r.reads(strings.TrimPrefix(path, expr.LinkVar+"."), strings.HasPrefix(path, expr.LinkVar+"."))
			}
		}
		for _, s := range c.Strategies {
			r.reads(s.Link, s.Link != "")
			for _, row := range s.Rows {
				for _, m := range row.Match {
					r.reads(m.Field, strings.Contains(m.Field, "."))
				}
			}
		}
	}
	return r, nil
}

// reads notes the link at the head of a path.
func (r *Rule) reads(path string, through bool) {
	head, _, _ := strings.Cut(path, ".")
	if through && !slices.Contains(r.links, head) {
		r.links = append(r.links, head)
	}
}

// Links are the link fields through which the rule looks.
func (r *Rule) Links() []string { return r.links }

// Category is the first category whose condition holds, and its place; nil when none does.
func (r *Rule) Category(vars expr.Vars) (*assignment.Category, int, error) {
	for i := range r.Def.Categories {
		if r.when[i] == nil {
			return &r.Def.Categories[i], i, nil
		}
		holds, err := r.when[i].EvalBool(vars)
		if err != nil {
			return nil, 0, fmt.Errorf("condition of category %s: %w", r.Def.Categories[i].Key, err)
		}
		if holds {
			return &r.Def.Categories[i], i, nil
		}
	}
	return nil, 0, nil
}
