package api

import (
	"github.com/stepwell/stepwell/builder/check"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
)

// flowsRun asks the engine whether it could run each flow of an app: what is drawn is checked by what will run it.
func flowsRun(set *check.Set) []check.Finding {
	var out []check.Finding
	for key, f := range set.Flows {
		form, ok := set.Forms[f.Form]
		if !ok || form.Exec == nil {
			continue // builder/check reports it
		}
		env, ok := set.Env(f.Form)
		if !ok {
			continue
		}
		whole, problems := f.Inline(func(_ *flow.Flow, key string) *flow.Flow { return set.Flows[key] })
		if len(problems) > 0 {
			continue // builder/check reports it
		}
		_, problems = engine.Compile(whole, 1, form.Exec, env)
		for _, found := range problems {
			out = append(out, check.Finding{Ref: definition.Ref{App: set.App, Kind: definition.KindFlow, Key: key}, Problem: found})
		}
	}
	return out
}
