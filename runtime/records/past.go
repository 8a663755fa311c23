package records

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/engine"
)

// mostActions is how much of a log is read to undo a decision.
const mostActions = 10_000

// past is the record before its last decision, played from its log; nil when there is none, or when the log does not lead to
// how the record stands.
func (s *Service) past(ctx context.Context, rec *Record) (*engine.Case, error) {
	last := rec.State.Last
	if last == nil {
		return nil, nil //nolint:nilnil // nothing to undo is an answer
	}
	actions, err := store.LoadAll[Action](ctx, s.store, ActionCollection, store.Query{
		Filter: store.Filter{"record": rec.ID}, Sort: []store.SortKey{{Path: "seq"}}, Limit: mostActions,
	})
	if err != nil {
		return nil, fmt.Errorf("read log of %s: %w", rec.ID, err)
	}
	c := rec.Case()
	c.Data, c.State = map[string]any{}, engine.State{Status: engine.Draft}
	var before *engine.Case
	for i := range actions {
		events := actions[i].Events
		if n := len(events); n > 0 && events[0].Seq <= last.Seq && last.Seq <= events[n-1].Seq {
			then := c
			before = &then
		}
		for _, ev := range events {
			c = engine.Apply(c, ev)
		}
	}
	same, err := sameState(c, rec.Case())
	if err != nil {
		return nil, err
	}
	if !same {
		s.log.WarnContext(ctx, "the log of a record does not lead to how it stands", slog.String("record", rec.ID))
		return nil, nil //nolint:nilnil // the decision cannot be undone
	}
	return before, nil
}

func sameState(a, b engine.Case) (bool, error) {
	var texts [2][]byte
	for i, c := range []engine.Case{a, b} {
		text, err := json.Marshal([]any{c.Data, c.State})
		if err != nil {
			return false, fmt.Errorf("compare cases: %w", err)
		}
		texts[i] = text
	}
	return bytes.Equal(texts[0], texts[1]), nil
}
