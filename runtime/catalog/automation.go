package catalog

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stepwell/stepwell/internal/expr"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/schemas/automation"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/problem"
)

// ErrNoAutomation says that there is no such automation.
var ErrNoAutomation = fault.Define(fault.NotFound, "automation.notFound", "There is no automation {key} in this app.", "该应用中没有自动化“{key}”。")

// Automation is one version of an automation with what it runs compiled.
type Automation struct {
	*automation.Automation
	App         *App
	Version     int
	PublishedBy string
	PublishedAt time.Time
	Of          *Form         // its form as it is now; nil when there is none any more
	Flow        *engine.Flow  // nil when it cannot run: Broken says why
	When        *expr.Program // nil: always
	Broken      error
	links       []string // link fields through which When looks
}

// ReadsLink reports whether its condition looks through this link.
func (a *Automation) ReadsLink(key string) bool { return slices.Contains(a.links, key) }

// ReadsLinks reports whether its condition looks through any link.
func (a *Automation) ReadsLinks() bool { return len(a.links) > 0 }

// Automations are the automations in force in order of their keys.
func (a *App) Automations() []*Automation {
	out := make([]*Automation, 0, len(a.automations))
	for _, one := range a.automations {
		out = append(out, one)
	}
	slices.SortFunc(out, func(x, y *Automation) int { return strings.Compare(x.Key, y.Key) })
	return out
}

// Automation finds a version of an automation; 0 is the one in force. A run stays on its version, and reads its form as it is now.
func (c *Catalog) Automation(ctx context.Context, app, key string, version int) (*Automation, error) {
	a, err := c.App(app)
	if err != nil {
		return nil, err
	}
	now := a.automations[key]
	if now != nil && (version == 0 || version == now.Version) {
		return now, nil
	}
	if version == 0 {
		return nil, ErrNoAutomation.With(problem.Params{"key": key})
	}
	id := flowVersion{key, version}
	if known, ok := a.runs.Load(id); ok {
		if compiled, ok := known.(*Automation); ok {
			return compiled, nil
		}
	}
	v, err := c.body(ctx, definition.Ref{App: app, Kind: definition.KindAutomation, Key: key}, version)
	if fault.Has(err, store.ErrNotFound) {
		return nil, ErrNoAutomation.Because(err, problem.Params{"key": key})
	}
	if err != nil {
		return nil, err
	}
	compiled, err := c.compileAutomation(ctx, a, v)
	if err != nil {
		return nil, err
	}
	a.runs.Store(id, compiled)
	return compiled, nil
}

// Try compiles an automation that is not published, with the app as it is now.
func (c *Catalog) Try(app string, def *automation.Automation) (*Automation, error) {
	a, err := c.App(app)
	if err != nil {
		return nil, err
	}
	out := &Automation{Automation: def, App: a}
	out.compile(def)
	return out, nil
}

// compileAutomation makes a version runnable. One that cannot run any more, because its form has changed, is no failure: the
// rest of the app goes on, and its runs say what is wrong.
func (c *Catalog) compileAutomation(_ context.Context, a *App, v *definition.Version) (*Automation, error) {
	def, err := automation.Parse([]byte(v.Body))
	if err != nil {
		return nil, fmt.Errorf("read automation %s: %w", v.ID, err)
	}
	out := &Automation{Automation: def, App: a, Version: v.Number, PublishedBy: v.PublishedBy, PublishedAt: v.PublishedAt}
	out.compile(def)
	return out, nil
}

func (a *Automation) compile(def *automation.Automation) {
	a.Of = a.App.forms[def.Form]
	broken := func(why string, problems ...problem.Problem) {
		a.Broken = ErrBroken.With(problem.Params{"kind": "automation", "key": def.Key, "why": why}, problems...)
	}
	if a.Of == nil {
		broken("its form is gone")
		return
	}
	var problems []problem.Problem
	if a.Flow, problems = engine.Compile(def.Flow(), a.Version, a.Of.Exec, a.Of.Env); len(problems) > 0 {
		broken(problems[0].Error(), problems...)
		return
	}
	if def.When.Empty() {
		return
	}
	if a.When, problems = a.Of.Env.Compile(def.When.CEL, expr.WantBool); len(problems) > 0 {
		a.Flow = nil
		broken(problems[0].Error(), problems...)
		return
	}
	for _, path := range a.When.References() {
		if rest, through := strings.CutPrefix(path, expr.LinkVar+"."); through {
			key, _, _ := strings.Cut(rest, ".")
			a.links = append(a.links, key)
		}
	}
}
