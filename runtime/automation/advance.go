package automation

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stepwell/stepwell/internal/expr"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/queue"
	"github.com/stepwell/stepwell/runtime/records"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/problem"
)

// askAgain is how often a condition that a run waits for is asked, besides when a day begins.
const askAgain = 5 * time.Minute

// enough is the time that must be left of a job for another step.
const enough = 25 * time.Second

var (
	whyCondition = problem.Text{"en": "Its condition did not hold.", "zh-CN": "不满足运行条件。"}
	whyGone      = problem.Text{"en": "The record is not there any more.", "zh-CN": "记录已不存在。"}
	whyOff       = problem.Text{"en": "The automation is paused.", "zh-CN": "该自动化已暂停。"}
)

// work is one run in the hands of one worker.
type work struct {
	*Service
	run *Run
	a   *catalog.Automation
	rec *records.Record // as it is now
	env engine.Env
}

// advance takes a run as far as it goes now.
func (s *Service) advance(ctx context.Context, doc store.Doc) (store.Update, error) {
	r, err := readRun(doc)
	if err != nil {
		return store.Update{}, queue.Permanent(err)
	}
	w := &work{Service: s, run: r}
	w.a, err = s.Catalog.Automation(ctx, r.App, r.Automation, r.Version)
	switch {
	case gone(err), fault.Has(err, catalog.ErrNoAutomation):
		return store.Update{}, w.fail(ctx, err)
	case err != nil:
		return store.Update{}, err
	case w.a.Broken != nil:
		return store.Update{}, w.fail(ctx, w.a.Broken)
	}
	for {
		if until, ok := ctx.Deadline(); ok && time.Until(until) < enough {
			return store.Update{}, queue.Later(s.Clock.Now(), store.Update{}) // the rest in a job of its own
		}
		more, err := w.once(ctx)
		if err != nil || !more {
			return store.Update{}, err
		}
	}
}

// once does the next thing; false when the run has ended.
func (w *work) once(ctx context.Context) (bool, error) {
	r := w.run
	if r.Walk == nil {
		if stop, err := w.guard(ctx); stop || err != nil {
			return false, err
		}
	}
	if step := r.todo(); step != nil {
		return w.step(ctx, step)
	}
	if r.Walk != nil && r.Walk.Status != engine.Running {
		return false, w.end(ctx, Done, nil)
	}
	if err := w.look(ctx); err != nil {
		if gone(err) {
			return false, w.end(ctx, Skipped, whyGone)
		}
		return false, err
	}
	cmd, next := w.command()
	if cmd == nil {
		return false, w.wait(next)
	}
	if cmd.Kind == engine.Submit && r.Doubt {
		ok, err := w.a.When.EvalBool(vars(w.env, w.rec))
		if err != nil && !expr.IsMissing(err) {
			return false, w.fail(ctx, err)
		}
		if !ok || err != nil {
			return false, w.end(ctx, Skipped, whyCondition)
		}
	}
	return w.decide(ctx, *cmd)
}

// look reads the record that the run is about.
func (w *work) look(ctx context.Context) (err error) {
	if w.rec, err = w.subject(ctx, w.run); err != nil {
		return err
	}
	w.env, err = w.Service.env(ctx, w.a, w.rec, w.run.By)
	return err
}

// command is what moves the walk on now; nil when it waits, until the moment named.
func (w *work) command() (*engine.Command, time.Time) {
	walk := w.run.Walk
	if walk == nil {
		return &engine.Command{Kind: engine.Submit}, time.Time{}
	}
	now := w.Clock.Now()
	var next time.Time
	for _, d := range walk.Deadlines {
		if !d.DueAt.After(now) {
			return &engine.Command{Kind: engine.Fire, Timer: engine.TimerRef{Deadline: d.Key}}, time.Time{}
		}
		if next.IsZero() || d.DueAt.Before(next) {
			next = d.DueAt
		}
	}
	if !w.asks() {
		return nil, next
	}
	if w.run.WaitsFor.IsZero() || w.run.WaitsFor.After(now) {
		if again := now.Add(askAgain); next.IsZero() || again.Before(next) {
			next = again
		}
		return nil, next
	}
	return &engine.Command{Kind: engine.Save}, time.Time{} // saving nothing asks what is waited for
}

// asks reports whether the walk waits for a condition, or for a date that may be entered any time.
func (w *work) asks() bool {
	return slices.ContainsFunc(w.run.Walk.Frames, func(f engine.Frame) bool {
		b, ok := w.a.Flow.Block(f.Block)
		return ok && b.Type == flow.Wait && (!b.When.Empty() || b.Until != nil && b.Until.Field != "")
	})
}

// wait puts the run off. One that waits for the end of a record alone is woken by that.
func (w *work) wait(next time.Time) error {
	if next.IsZero() {
		next = w.Clock.Now().AddDate(1, 0, 0)
	}
	return queue.Later(next, store.Update{Set: map[string]any{"waitsFor": store.FormatTime(store.CeilMoment(next).Time), "attempts": 0}})
}

// caseOf is the walk as the engine sees it: over the record as it is now. Numbers of events begin anew in every run, so that
// they start from one that follows from the run's id: what two runs ask for never has the same key.
func (r *Run) caseOf(rec *records.Record) engine.Case {
	c := rec.Case()
	c.State = engine.State{Status: engine.Draft, Seq: int64(crc32.ChecksumIEEE([]byte(r.ID))) << 16}
	if r.Walk != nil {
		c.State = *r.Walk
	}
	return c
}

// decide lets the engine decide and remembers it before anything is done.
func (w *work) decide(ctx context.Context, cmd engine.Command) (bool, error) {
	cmd.Actor = w.run.By
	d, err := engine.Decide(w.env, w.run.caseOf(w.rec), cmd)
	if err != nil {
		return false, w.fail(ctx, err)
	}
	w.take(d)
	return true, w.keep(ctx, nil)
}

// take turns a decision into steps.
func (w *work) take(d engine.Decision) {
	r, at := w.run, store.MomentOf(w.Clock.Now())
	if r.StartedAt.IsZero() {
		r.StartedAt = at
	}
	r.WaitsFor = store.Moment{}
	r.Walk = &d.After.State
	if r.Record == "" {
		r.Scope = d.After.Data
	}
	r.Steps = append(r.Steps, w.steps(d, at)...)
}

// steps are what a decision means, in its order.
func (w *work) steps(d engine.Decision, at store.Moment) []Step {
	var out []Step
	for i := range d.Events {
		ev := &d.Events[i]
		switch ev.Kind { //nolint:exhaustive // the others say nothing that people look for
		case engine.DataChanged:
			if step, ok := w.save(ev); ok {
				out = append(out, step)
			}
		case engine.BlockEntered:
			if step, ok := w.entered(ev); ok {
				out = append(out, step)
			}
		case engine.DeadlineSet:
			for j := range out {
				if out[j].Kind == StepWait && out[j].Frame == ev.Frame && ev.Moment == engine.MomentUntil {
					out[j].Until = store.MomentOf(ev.DueAt)
				}
			}
		case engine.BlockLeft:
			w.left(out, ev, at)
		case engine.FlowEnded:
			w.run.Outcome = ev.Outcome
			out = append(out, Step{Seq: ev.Seq, Kind: StepEnd, Block: ev.Block, Case: ev.Outcome, State: StepDone})
		}
	}
	for _, e := range d.Effects {
		if step, ok := asked(e); ok {
			out = append(out, step)
		}
	}
	slices.SortStableFunc(out, func(a, b Step) int { return int(a.Seq - b.Seq) })
	for i := range out {
		out[i].At = at
		if out[i].State == StepDone && out[i].DoneAt.IsZero() {
			out[i].DoneAt = at
		}
	}
	return out
}

// save is a step that changes the record. What the form computes follows by itself.
func (w *work) save(ev *engine.Event) (Step, bool) {
	set := map[string]any{}
	for key, value := range ev.Set {
		if field, ok := w.a.Of.Exec.Field(key); ok && !field.Computed() {
			set[key] = value
		}
	}
	if len(set) == 0 || w.run.Record == "" {
		return Step{}, false
	}
	return Step{Seq: ev.Seq, Kind: StepSave, Block: ev.Block, Set: set, Before: ev.Before, State: StepPending}, true
}

// entered is a step that says which way was taken, or that it waits.
func (w *work) entered(ev *engine.Event) (Step, bool) {
	b, ok := w.a.Flow.Block(ev.Block)
	if !ok {
		return Step{}, false
	}
	step := Step{Seq: ev.Seq, Block: ev.Block, Frame: ev.Frame, Case: ev.Case, State: StepDone, Kind: StepWay}
	switch b.Type { //nolint:exhaustive // create and webhook are told by what they ask for
	case flow.Wait:
		step.Kind, step.State = StepWait, StepWaiting
	case flow.Branch:
	case flow.Inclusive, flow.Parallel:
		step.Case = strings.Join(ev.Ways, ", ")
	case flow.ForEach:
		step.Case = strconv.Itoa(len(ev.Elements))
	default:
		return Step{}, false
	}
	return step, true
}

// left ends the waiting of a block, be it entered by this decision or before.
func (w *work) left(fresh []Step, ev *engine.Event, at store.Moment) {
	done := func(step *Step) {
		if step != nil && step.State == StepWaiting {
			step.State, step.DoneAt, step.Case = StepDone, at, ev.Case
		}
	}
	for i := range fresh {
		if fresh[i].Frame == ev.Frame {
			done(&fresh[i])
		}
	}
	done(w.run.at(ev.Frame, StepWait, StepCreate))
}

// asked is a step that does what the engine asks of the outside. That a walk has ended, or that a call has failed, is told by
// the run itself.
func asked(e engine.Effect) (Step, bool) {
	seq, _, _ := strings.Cut(e.Key, ".")
	n, err := strconv.ParseInt(seq, 10, 64)
	if err != nil {
		return Step{}, false // the engine writes numbers
	}
	step := Step{Seq: n, Block: e.Block, Effect: &e, State: StepPending}
	switch {
	case e.Create != nil:
		step.Kind, step.Frame = StepCreate, e.Create.Frame
	case e.Call != nil:
		step.Kind, step.Frame = StepCall, e.Call.Frame
	case e.Cause == engine.CauseCopy:
		step.Kind = StepTell
	default:
		return Step{}, false
	}
	return step, true
}

// keep writes the run down, if it is still this worker's. more are changes besides.
func (w *work) keep(ctx context.Context, more map[string]any) error {
	r := w.run
	set := map[string]any{
		"walk": r.Walk, "steps": r.Steps, "outcome": r.Outcome, "attempts": 0, "unreached": 0, "startedAt": r.StartedAt, "waitsFor": r.WaitsFor,
	}
	if r.Scope != nil {
		set["scope"] = r.Scope
	}
	for key, value := range more {
		set[key] = value
	}
	plain, err := plainOf(set)
	if err != nil {
		return fmt.Errorf("encode run %s: %w", r.ID, err)
	}
	u := store.Update{Set: plain, Unset: []string{"error", "errorText"}}
	if r.State != queue.Pending {
		u.Unset = append(u.Unset, "leaseBy", "readyAt", "notBefore")
	}
	_, err = w.Store.FindAndUpdate(ctx, RunCollection, store.Filter{"_id": r.ID, "leaseBy": r.LeaseBy}, nil, u, false)
	if fault.Has(err, store.ErrNotFound) {
		return queue.ErrLost
	}
	if err != nil {
		return fmt.Errorf("write run %s: %w", r.ID, err)
	}
	return nil
}

// plainOf turns values into those of JSON, as the store keeps them; whole numbers stay whole.
func plainOf(set map[string]any) (map[string]any, error) {
	text, err := json.Marshal(set)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var out map[string]any
	if err := dec.Decode(&out); err != nil {
		return nil, err
	}
	for key := range out {
		out[key] = counted(out[key])
	}
	return out, nil
}

// counted gives numbers their Go types.
func counted(value any) any {
	switch v := value.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		if f, err := v.Float64(); err == nil {
			return f
		}
		return v.String()
	case map[string]any:
		for key := range v {
			v[key] = counted(v[key])
		}
	case []any:
		for i := range v {
			v[i] = counted(v[i])
		}
	}
	return value
}

// end closes the run. There is nothing left for the queue to write.
func (w *work) end(ctx context.Context, state queue.State, why definition.Text) error {
	r := w.run
	r.State, r.Why, r.EndedAt, r.WaitsFor = state, why, store.MomentOf(w.Clock.Now()), store.Moment{}
	more := map[string]any{"state": string(state), "endedAt": r.EndedAt}
	if why != nil {
		more["why"] = why
	}
	if err := w.keep(ctx, more); err != nil {
		return err
	}
	return queue.ErrRemoved
}
