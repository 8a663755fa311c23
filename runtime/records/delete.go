package records

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/access"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/schemas/role"
)

// deleted is the command that a deletion is logged as.
const deleted = "delete"

// Delete removes a record. Its log stays; its open tasks and timers end.
func (s *Service) Delete(ctx context.Context, req Request) error {
	for range maxAttempts {
		err := s.remove(ctx, req)
		if err == nil || !fault.Has(err, store.ErrConflict) {
			return err
		}
		if req.Rev != 0 {
			return ErrStale.With(nil)
		}
	}
	return ErrBusy.With(nil)
}

func (s *Service) remove(ctx context.Context, req Request) error {
	w := &work{Request: req, now: s.clock.Now()}
	if err := s.load(ctx, w); err != nil {
		return err
	}
	if !s.May(w.By, role.Delete, w.rec) {
		return access.Forbidden(role.Delete)
	}
	c := w.rec.Case()
	for _, ev := range closing(c.State, w) {
		c = engine.Apply(c, ev)
		w.decision.Events = append(w.decision.Events, ev)
	}
	w.decision.After = c
	last := *w.rec
	last.Rev++
	last.State = c.State
	act := w.action(&last)
	act.Command = deleted
	act.ID = w.rec.ID + "-deleted"
	if !s.store.Transactional() {
		last.Outbox, last.PendingSince = []Action{*act}, store.MomentOf(w.now)
	}
	doc, err := json.Marshal(&last)
	if err != nil {
		return fmt.Errorf("encode record %s: %w", last.ID, err)
	}
	follow, err := s.projections(ctx, &last, act)
	if err != nil {
		return err
	}
	first := store.Write{Op: store.OpReplace, Collection: CollectionOf(w.App, w.Form), ID: last.ID, Doc: doc, Rev: w.rec.Rev}
	if err := s.apply(ctx, &last, first, follow); err != nil {
		return fmt.Errorf("delete record %s: %w", last.ID, err)
	}
	return nil
}

// closing are the events that end everything open of a record.
func closing(state engine.State, w *work) []engine.Event {
	var events []engine.Event
	seq := state.Seq
	add := func(ev engine.Event) {
		seq++
		ev.Seq, ev.At = seq, w.now
		events = append(events, ev)
	}
	for _, t := range state.Tasks {
		add(engine.Event{Kind: engine.TaskClosed, Block: t.Block, Task: t.ID, TaskKind: t.Kind, Stage: t.Stage, User: w.By, Result: engine.TaskCancelled})
	}
	for _, d := range state.Deadlines {
		add(engine.Event{Kind: engine.DeadlineCleared, Block: d.Block, Task: d.Task, Frame: d.Frame, Deadline: d.Key})
	}
	return events
}
