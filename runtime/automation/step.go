package automation

import (
	"context"
	"errors"
	"fmt"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/errands"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/queue"
	"github.com/stepwell/stepwell/runtime/records"
	"github.com/stepwell/stepwell/schemas/definition"
)

// step does what was decided, under a key of its own, and remembers that it is done.
func (w *work) step(ctx context.Context, step *Step) (bool, error) {
	var reply *engine.Reply
	err := queue.Fence(ctx)
	if err != nil {
		return false, err
	}
	switch step.Kind { //nolint:exhaustive // the others are never pending
	case StepSave:
		err = w.doSave(ctx, step)
	case StepCreate:
		err = w.doCreate(ctx, step)
	case StepCall:
		reply, err = w.doCall(ctx, step)
	case StepTell:
		err = w.doTell(ctx, step)
	}
	if err != nil {
		return w.tried(ctx, step, err)
	}
	step.State, step.DoneAt, step.Error = StepDone, store.MomentOf(w.Clock.Now()), nil
	if step.Kind == StepCreate && step.Effect.Create.Await {
		step.State, step.DoneAt = StepWaiting, store.Moment{}
	}
	if reply != nil && step.Effect.Call.Await {
		return w.answer(ctx, *reply)
	}
	return true, w.keep(ctx, nil)
}

// doSave changes the record, as the system.
func (w *work) doSave(ctx context.Context, step *Step) error {
	r := w.run
	_, err := w.Records.Do(ctx, records.Request{
		App: r.App, Form: r.Form, ID: r.Record, Via: Via, Key: step.key(r.ID), Chain: r.Chain.Then(r.link()),
		Command: engine.Command{Kind: engine.Save, Data: step.Set},
	})
	return err
}

// Via is how the log of a record names what an automation has done.
const Via = "automation"

// doCreate begins a record. Its id is known, so that beginning it again finds it.
func (w *work) doCreate(ctx context.Context, step *Step) error {
	r, c := w.run, step.Effect.Create
	owner := r.By
	if owner == "" && r.Record != "" {
		rec, err := w.subject(ctx, r)
		if err != nil && !gone(err) {
			return err
		}
		if err == nil {
			owner = rec.Owner
		}
	}
	if owner == "" {
		owner = w.a.PublishedBy
	}
	req := records.Request{
		App: r.App, Form: c.Form, Key: c.Record, Via: Via, Owner: owner, Chain: r.Chain.Then(r.link()),
		Command: engine.Command{Kind: engine.Submit, Data: c.Data},
		Parent:  &records.Parent{Form: r.Form, Record: r.Record, Run: r.ID, Block: step.Block, Frame: c.Frame, Await: c.Await, Depth: r.Depth()},
	}
	if c.Draft {
		req.Command.Kind = engine.Save
	}
	_, err := w.Records.Do(ctx, req)
	return err
}

// doCall calls another system.
func (w *work) doCall(ctx context.Context, step *Step) (*engine.Reply, error) {
	reply, err := w.Call(ctx, w.run.App, step.key(w.run.ID), *step.Effect.Call)
	if err != nil {
		return nil, err
	}
	step.Status, step.Answer = reply.Status, reply.Body
	reply.Block, reply.Frame = step.Block, step.Frame
	return &reply, nil
}

// doTell tells people.
func (w *work) doTell(ctx context.Context, step *Step) error {
	about := notices.Subject{App: w.run.App, Form: w.run.Form, Title: w.a.Title.In(w.Lang), At: step.At.Time, Zone: w.Zone, Group: w.a.App.GroupChannel}
	if w.run.Record != "" {
		rec, err := w.subject(ctx, w.run)
		if err != nil {
			return err
		}
		if about, err = w.Records.About(ctx, rec, step.At, step.Effect.To); err != nil {
			return err
		}
	}
	about.Step = w.a.Flow.BlockTitle(step.Block)
	effect := *step.Effect
	effect.Key = step.key(w.run.ID)
	return w.tell(ctx, effect, about)
}

func (s *Service) tell(ctx context.Context, effect engine.Effect, about notices.Subject) error {
	writes, err := notices.Writes(effect, about)
	if err != nil || len(writes) == 0 {
		return err
	}
	if err := s.Store.Apply(ctx, writes...); err != nil {
		return fmt.Errorf("tell people: %w", err)
	}
	if s.Told != nil {
		s.Told()
	}
	return nil
}

// tried goes on after a step that has failed: again later while that may help, else by the way that the blocks provide for a
// failure, else the run has failed.
func (w *work) tried(ctx context.Context, step *Step, err error) (bool, error) {
	_, putOff := queue.PutOff(err)
	switch {
	case putOff, errors.Is(err, queue.ErrLost), ctx.Err() != nil, !w.final(step, err):
		return false, err
	}
	step.Error, step.State, step.DoneAt = words(err), StepFailed, store.MomentOf(w.Clock.Now())
	b, ok := w.a.Flow.Block(step.Block)
	if step.Effect != nil && ok && len(b.Failed) > 0 {
		reply := engine.Reply{Block: step.Block, Frame: step.Frame, Error: errands.Words(err, w.Lang)}
		if step.Effect.Create != nil {
			reply.Record = step.Effect.Create.Record
		}
		return w.answer(ctx, reply)
	}
	return false, w.fail(ctx, err)
}

// final reports whether a step has failed for good. What the rules of a record refuse will be refused again.
func (w *work) final(step *Step, err error) bool {
	if errands.Final(err) || w.run.Attempts+1 >= maxAttempts {
		return true
	}
	f, ok := fault.As(err)
	refused := ok && f.Code.Kind == fault.Conflict && f.Code != records.ErrBusy
	return refused && (step.Kind == StepSave || step.Kind == StepCreate)
}

// answer gives the walk what has come back from the outside.
func (w *work) answer(ctx context.Context, reply engine.Reply) (bool, error) {
	if err := w.look(ctx); err != nil {
		if gone(err) {
			return false, w.end(ctx, Skipped, whyGone)
		}
		return false, err
	}
	if step := w.run.at(reply.Frame, StepCreate, StepCall); step != nil {
		if reply.Error != "" {
			step.Case = "failed"
		}
		if step.Kind == StepCreate && reply.Outcome != "" {
			step.Answer = reply.Outcome
		}
	}
	return w.decide(ctx, engine.Command{Kind: engine.Answer, Reply: &reply})
}

// words are a failure in both languages.
func words(err error) definition.Text {
	return definition.Text{"en": errands.Words(err, "en"), "zh-CN": errands.Words(err, "zh-CN")}
}

// Answer gives a run the reply that it waits for: the end of a record that it has begun. nil when it waits no more.
func (s *Service) Answer(ctx context.Context, run string, reply engine.Reply) error {
	r, err := s.load(ctx, run)
	if fault.Has(err, ErrNoRun) {
		return nil
	}
	if err != nil {
		return err
	}
	if r.State != queue.Pending || r.at(reply.Frame, StepCreate) == nil {
		return nil
	}
	return s.hold(ctx, r, func(w *work) error {
		if step := w.run.at(reply.Frame, StepCreate); step == nil || step.State != StepWaiting {
			return nil
		}
		_, err := w.answer(ctx, reply)
		return err
	})
}
