package desk

import (
	"context"
	"fmt"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/records"
	"github.com/stepwell/stepwell/runtime/tasks"
	"github.com/stepwell/stepwell/schemas/definition"
)

// SentBack says who sent a record back to a task, when and why.
type SentBack struct {
	By        string            `json:"by,omitempty"`
	At        store.Moment      `json:"at"`
	FromTitle definition.Text   `json:"fromTitle,omitempty"` // the step it comes back from
	Result    engine.TaskResult `json:"result,omitempty"`    // returned or rejected
	Reason    string            `json:"reason,omitempty"`
}

func (d *Desk) sentBack(ctx context.Context, t *tasks.Task) *SentBack {
	if t.SentBack == nil {
		return nil
	}
	out := &SentBack{By: t.SentBack.By, At: t.SentBack.At, Result: t.SentBack.Result, Reason: t.SentBack.Reason}
	if t.SentBack.From != "" {
		out.FromTitle = d.records.BlockTitle(ctx, t.App, t.Flow, t.FlowVersion, t.SentBack.From)
	}
	return out
}

// tellSentBack adds to a record's open tasks why they came back. The list of tasks knows it, the record's state does not.
func (d *Desk) tellSentBack(ctx context.Context, shown []Task, names records.Names) error {
	if len(shown) == 0 {
		return nil
	}
	ids := make([]any, len(shown))
	for i := range shown {
		ids[i] = shown[i].ID
	}
	stored, err := store.LoadAll[tasks.Task](ctx, d.store, tasks.Collection, store.Query{Filter: store.Filter{"_id": map[string]any{"$in": ids}}})
	if err != nil {
		return fmt.Errorf("load the tasks of a record: %w", err)
	}
	back := map[string]*SentBack{}
	for i := range stored {
		back[stored[i].ID] = d.sentBack(ctx, &stored[i])
	}
	for i := range shown {
		if shown[i].SentBack = back[shown[i].ID]; shown[i].SentBack != nil {
			d.records.NamePeople(names, shown[i].SentBack.By)
		}
	}
	return nil
}
