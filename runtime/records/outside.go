package records

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/access"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/errands"
	"github.com/stepwell/stepwell/schemas/problem"
)

// ErrChildGone is what a record is told that waits for the end of one that was deleted.
var ErrChildGone = fault.Define(fault.Conflict, "record.childGone", "The record {title} that was waited for was deleted.", "所等待的记录“{title}”已被删除。")

// errands are the writes of what an action asks of the outside, and of the answer to the record whose flow has begun this
// one when it has ended.
func (s *Service) errands(rec *Record, act *Action) ([]store.Write, error) {
	from := errands.Asker{Home: errands.Home{App: rec.App, Form: rec.Form, Record: rec.ID}, Owner: rec.Owner, Chain: act.Chain}
	if rec.Parent != nil {
		from.Depth = rec.Parent.Depth
	}
	var writes []store.Write
	for _, e := range act.Effects {
		if e.IsNotice() {
			continue
		}
		w, err := errands.Write(from, e, act.At)
		if err != nil {
			return nil, err
		}
		writes = append(writes, w)
	}
	if rec.Parent == nil || !rec.Parent.Await {
		return writes, nil
	}
	reply, ended := s.ending(rec, act)
	if !ended {
		return writes, nil
	}
	to := errands.Home{App: rec.App, Form: rec.Parent.Form, Record: rec.Parent.Record, Run: rec.Parent.Run}
	w, err := errands.Reply(to, rec.ID+"-ended-"+strconv.FormatInt(act.Seq, 10), reply, act.At)
	return append(writes, w), err
}

// ending is what the record that waits for this one is told when the action has ended it.
func (s *Service) ending(rec *Record, act *Action) (reply engine.Reply, ended bool) {
	reply = engine.Reply{Block: rec.Parent.Block, Frame: rec.Parent.Frame, Record: rec.ID}
	if act.Command == deleted {
		if rec.State.Status != engine.Draft && rec.State.Status != engine.Running {
			return reply, false // that it has ended was told then
		}
		reply.Error = ErrChildGone.With(problem.Params{"title": rec.Title}).Message(s.lang)
		return reply, true
	}
	for _, ev := range act.Events {
		switch {
		case ev.Kind == engine.FlowEnded:
			reply.Outcome = ev.Outcome
			return reply, true
		case ev.Kind == engine.Submitted && ev.Flow == "": // its form has no flow
			return reply, true
		}
	}
	return reply, false
}

// Begin makes the record that a flow asks for, once.
func (s *Service) Begin(ctx context.Context, e errands.Errand) error {
	req := Request{
		App: e.App, Form: e.Create.Form, Key: e.Create.Record, Via: "flow", Owner: e.Owner, Chain: e.Chain,
		Command: engine.Command{Kind: engine.Submit, Data: e.Create.Data},
		Parent: &Parent{
			Form: e.Form, Record: e.Record, Block: e.Block, Frame: e.Create.Frame, Await: e.Create.Await, Depth: e.Depth,
		},
	}
	if e.Create.Draft {
		req.Command.Kind = engine.Save
	}
	_, err := s.Do(ctx, req)
	return err
}

// Answer gives a record the reply that it waits for. One that is gone is not told.
func (s *Service) Answer(ctx context.Context, to errands.Home, reply engine.Reply) error {
	_, err := s.Do(ctx, Request{
		App: to.App, Form: to.Form, ID: to.Record, Via: "flow", Command: engine.Command{Kind: engine.Answer, Reply: &reply},
	})
	if fault.Has(err, ErrNotFound) {
		return nil
	}
	return err
}

// findTarget picks the version that a record is to go on in: the one asked for, else the one in force.
func (s *Service) findTarget(ctx context.Context, w *work) error {
	target, err := s.catalog.Flow(ctx, w.App, w.flow.Key, w.Command.Version)
	if err != nil {
		return fmt.Errorf("version %d of flow %s: %w", w.Command.Version, w.flow.Key, err)
	}
	w.from, w.flow = w.flow, target
	return nil
}

// Migration is what would become of a record in another version of its flow.
type Migration struct {
	engine.MigrationPreview
	Flow *engine.Flow // the version it would go on in
}

// PreviewMigration says what would become of a record that goes on in another version of its flow. Nothing is written.
func (s *Service) PreviewMigration(ctx context.Context, req Request) (*Migration, error) {
	req.Command.Kind = engine.Migrate
	w := &work{Request: req, now: s.clock.Now()}
	if err := s.load(ctx, w); err != nil {
		return nil, err
	}
	if action := actionFor(engine.Migrate, false); !s.May(w.By, action, w.rec) {
		return nil, access.Forbidden(action)
	}
	if err := s.loadLinks(ctx, w, w.rec.Data); err != nil {
		return nil, err
	}
	cmd := w.Command
	cmd.Actor = w.By
	preview, err := engine.PreviewMigration(s.env(w), w.rec.Case(), cmd)
	if err != nil {
		return nil, err
	}
	return &Migration{MigrationPreview: preview, Flow: w.flow}, nil
}

// Running is how many records walk one version of a flow.
type Running struct {
	Version int `json:"version"`
	Records int `json:"records"`
}

// Running counts the running records of a flow by its version, in their order.
func (s *Service) Running(ctx context.Context, app, flowKey string) ([]Running, error) {
	flow, err := s.catalog.Flow(ctx, app, flowKey, 0)
	if err != nil {
		return nil, err
	}
	docs, err := s.store.Aggregate(ctx, CollectionOf(app, flow.Form), []store.Stage{
		{"$match": store.Filter{"status": string(engine.Running), "state.flow": flowKey}},
		{"$group": map[string]any{"_id": "$state.version", "count": map[string]any{"$sum": 1}}},
	})
	if err != nil {
		return nil, fmt.Errorf("count running records of %s: %w", flowKey, err)
	}
	out := make([]Running, len(docs))
	for i, doc := range docs {
		var group struct {
			Version int `json:"_id"`
			Count   int `json:"count"`
		}
		if err := json.Unmarshal(doc, &group); err != nil {
			return nil, fmt.Errorf("read count: %w", err)
		}
		out[i] = Running{Version: group.Version, Records: group.Count}
	}
	slices.SortFunc(out, func(a, b Running) int { return a.Version - b.Version })
	return out, nil
}
