package automation

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"github.com/stepwell/stepwell/internal/expr"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/queue"
	"github.com/stepwell/stepwell/runtime/records"
	def "github.com/stepwell/stepwell/schemas/automation"
)

// Follow is what an action on a record sets off: runs, and moments that are counted from its dates. The writes may be repeated.
func (s *Service) Follow(ctx context.Context, rec *records.Record, act *records.Action) ([]store.Write, error) {
	app, err := s.Catalog.App(rec.App)
	if err != nil || act.Gone() {
		return nil, err
	}
	var writes []store.Write
	for _, a := range app.Automations() {
		if a.Form != rec.Form || a.Off {
			continue
		}
		if a.Trigger.On == def.Date {
			w, err := s.watchDate(a, rec, act)
			if err != nil {
				return nil, err
			}
			writes = append(writes, w...)
			continue
		}
		cause, ok := setsOff(&a.Trigger, rec, act)
		if !ok {
			continue
		}
		cause.Action = act.ID
		run := newRun(a, rec, cause, act.By, act.At)
		run.ID, run.Chain = rec.ID+"-"+a.Key+"-"+strconv.FormatInt(act.Seq, 10), act.Chain
		if ok, err = s.holds(ctx, a, rec, run); err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		w, err := run.write()
		if err != nil {
			return nil, err
		}
		writes = append(writes, w)
	}
	return writes, nil
}

// newRun is a run over a record that is due at once.
func newRun(a *catalog.Automation, rec *records.Record, cause Cause, by string, at store.Moment) *Run {
	return &Run{
		App: a.App.Key, Automation: a.Key, Version: a.Version, Form: a.Form, Record: rec.ID, Title: rec.Title, Cause: cause,
		By: by, At: at, Data: rec.Data, Job: queue.At(at.Time),
	}
}

// holds asks the condition of an automation about a record. One that needs a blank value does not hold; one that cannot be
// computed sets the run off all the same, which then fails where people see it.
func (s *Service) holds(ctx context.Context, a *catalog.Automation, rec *records.Record, run *Run) (bool, error) {
	if a.When == nil {
		return true, nil
	}
	env, err := s.env(ctx, a, rec, run.By)
	if err != nil {
		return false, fmt.Errorf("condition of automation %s: %w", a.Key, err)
	}
	ok, err := a.When.EvalBool(vars(env, rec))
	run.Doubt = err != nil && !expr.IsMissing(err)
	return ok && err == nil || run.Doubt, nil
}

// vars are what conditions see.
func vars(env engine.Env, rec *records.Record) expr.Vars {
	v := expr.Vars{
		expr.FormVar: rec.Data, expr.LinkVar: env.Link, expr.UserVar: env.User, expr.NowVar: env.Now, expr.RecordVar: env.Record,
	}
	if env.Calendar != nil {
		v[expr.CalendarVar] = env.Calendar
	}
	return v
}

// setsOff reports whether an action is what a trigger waits for.
func setsOff(t *def.Trigger, rec *records.Record, act *records.Action) (Cause, bool) {
	cause := Cause{On: t.On}
	submitted := slices.ContainsFunc(act.Events, func(ev engine.Event) bool { return ev.Kind == engine.Submitted })
	switch t.On { //nolint:exhaustive // the others are not set off by what happens to a record
	case def.Created:
		return cause, submitted
	case def.Changed:
		if submitted || rec.State.Status == engine.Draft {
			return cause, false
		}
		cause.Changes = changes(t, act.Events)
		return cause, len(cause.Changes) > 0
	case def.StageEntered:
		cause.Stage = stageOf(t, act.Events, engine.StageEntered)
	case def.StageLeft:
		cause.Stage = stageOf(t, act.Events, engine.StageLeft)
	case def.StageOverdue:
		cause.Stage = stageOf(t, act.Events, engine.DeadlinePassed)
	}
	return cause, cause.Stage != ""
}

// stageOf is the stage to which something has happened that a trigger waits for; "" when none is.
func stageOf(t *def.Trigger, events []engine.Event, kind engine.EventKind) string {
	for _, ev := range events {
		if ev.Kind == kind && ev.Task == "" && ev.Frame == "" && (len(t.Stages) == 0 || slices.Contains(t.Stages, ev.Block)) {
			return ev.Block
		}
	}
	return ""
}

// changes are the fields that a trigger looks at and that have changed, from what they were before the action.
func changes(t *def.Trigger, events []engine.Event) map[string]Change {
	out := map[string]Change{}
	for _, ev := range events {
		if ev.Kind != engine.DataChanged {
			continue
		}
		for key, after := range ev.Set {
			if len(t.Fields) > 0 && !slices.Contains(t.Fields, key) {
				continue
			}
			before := ev.Before[key]
			if known, again := out[key]; again {
				before = known.Before
			}
			out[key] = Change{Before: before, After: after}
		}
	}
	for key, c := range out {
		if reflect.DeepEqual(c.Before, c.After) || t.From != nil && !reflect.DeepEqual(t.From, c.Before) || t.To != nil && !reflect.DeepEqual(t.To, c.After) {
			delete(out, key)
		}
	}
	return out
}
