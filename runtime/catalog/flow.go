package catalog

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/stepwell/stepwell/internal/expr"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/problem"
)

// flowVersion names a compiled flow of an app. A running record stays on its version of the flow, and reads its form as
// it is now: that is why a compiled flow lives as long as the App it was compiled in.
type flowVersion struct {
	key    string
	number int
}

// Flow finds a version of a flow, compiled. A record keeps the version it was submitted on, while the form goes on; when
// an old flow no longer compiles with today's form (a field it reads is gone), it runs with the form of its own time.
func (c *Catalog) Flow(ctx context.Context, app, key string, version int) (*engine.Flow, error) {
	a, err := c.App(app)
	if err != nil {
		return nil, err
	}
	f := a.walkedBy(key)
	if version == 0 && f != nil {
		version = f.FlowVersion
	}
	id := flowVersion{key, version}
	if known, ok := a.flows.Load(id); ok {
		if compiled, ok := known.(*engine.Flow); ok {
			return compiled, nil
		}
	}
	v, err := c.body(ctx, definition.Ref{App: app, Kind: definition.KindFlow, Key: key}, version)
	if fault.Has(err, store.ErrNotFound) {
		return nil, ErrNoFlow.Because(err, problem.Params{"flow": key, "version": version})
	}
	if err != nil {
		return nil, err
	}
	compiled, err := c.compileFlow(ctx, a, f, v)
	if err != nil {
		return nil, err
	}
	a.flows.Store(id, compiled)
	return compiled, nil
}

func (c *Catalog) compileFlow(ctx context.Context, a *App, f *Form, v *definition.Version) (*engine.Flow, error) {
	def, err := c.whole(ctx, v)
	if err != nil {
		return nil, err
	}
	var problems []problem.Problem
	if f != nil {
		compiled, found := engine.Compile(def, v.Number, f.Exec, f.Env)
		if len(found) == 0 {
			return compiled, nil
		}
		problems = found
	}
	exec, err := c.formOf(ctx, a, def.Form, v)
	if err != nil {
		return nil, err
	}
	if exec != nil {
		env, err := expr.NewEnv(a.ruleSchema(exec, a.executables()))
		if err != nil {
			return nil, err
		}
		compiled, found := engine.Compile(def, v.Number, exec, env)
		if len(found) == 0 {
			return compiled, nil
		}
		problems = found
	}
	why := "its form is gone"
	if len(problems) > 0 {
		why = problems[0].Error()
	}
	return nil, ErrBroken.With(problem.Params{"kind": "flow", "key": v.Key, "why": why}, problems...)
}

// whole is a version of a flow with its sub-flows filled in, in the versions that it was published with.
func (c *Catalog) whole(ctx context.Context, v *definition.Version) (*flow.Flow, error) {
	def, err := flow.Parse([]byte(v.Body))
	if err != nil {
		return nil, fmt.Errorf("read flow %s: %w", v.ID, err)
	}
	versions := map[*flow.Flow]*definition.Version{def: v}
	out, problems := def.Inline(func(in *flow.Flow, key string) *flow.Flow {
		number := versions[in].Uses[key]
		if number == 0 || err != nil {
			return nil
		}
		var part *definition.Version
		if part, err = c.body(ctx, definition.Ref{App: v.App, Kind: definition.KindFlow, Key: key}, number); err != nil {
			return nil
		}
		var sub *flow.Flow
		if sub, err = flow.Parse([]byte(part.Body)); err != nil {
			return nil
		}
		versions[sub] = part
		return sub
	})
	if err != nil {
		return nil, fmt.Errorf("read a sub-flow of %s: %w", v.ID, err)
	}
	if len(problems) > 0 {
		return nil, ErrBroken.With(problem.Params{"kind": "flow", "key": v.Key, "why": problems[0].Error()}, problems...)
	}
	return out, nil
}

// formOf is the version of a form that was in force when a flow's version was published; nil when there is none.
func (c *Catalog) formOf(ctx context.Context, a *App, formKey string, v *definition.Version) (*form.Executable, error) {
	docs, err := c.store.Find(ctx, definition.VersionCollection, store.Query{
		Filter: store.Filter{
			"app": a.Key, "kind": string(definition.KindForm), "key": formKey,
			"publishedAt": map[string]any{"$lte": store.FormatTime(v.PublishedAt)},
		},
		Sort: []store.SortKey{{Path: "number", Desc: true}}, Limit: 1,
	})
	if err != nil || len(docs) == 0 {
		return nil, err
	}
	var old definition.Version
	if err := json.Unmarshal(docs[0], &old); err != nil {
		return nil, fmt.Errorf("read form version: %w", err)
	}
	return executable([]byte(old.Body))
}

// walkedBy is the form whose records walk the flow now; nil when there is none any more.
func (a *App) walkedBy(flowKey string) *Form {
	for formKey, key := range a.flowOf {
		if key == flowKey {
			return a.forms[formKey]
		}
	}
	return nil
}

func (a *App) executables() map[string]*form.Executable {
	out := make(map[string]*form.Executable, len(a.forms))
	for k, f := range a.forms {
		out[k] = f.Exec
	}
	return out
}
