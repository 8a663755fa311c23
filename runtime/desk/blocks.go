package desk

import (
	"time"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/records"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
)

// Item is one line of an open checklist.
type Item struct {
	ID        string          `json:"id"`
	Title     definition.Text `json:"title"`
	Help      definition.Text `json:"help,omitempty"`
	Optional  bool            `json:"optional,omitempty"`
	Assignees []string        `json:"assignees,omitempty"` // who may tick it; none: whoever has the checklist
	DoneAt    store.Moment    `json:"doneAt,omitzero"`
	DoneBy    string          `json:"doneBy,omitempty"`
	DueAt     store.Moment    `json:"dueAt,omitzero"`
	Overdue   bool            `json:"overdue,omitempty"`
}

// Progress counts the items of a checklist.
type Progress struct {
	Done int `json:"done"`
	Of   int `json:"of"`
}

// Element is one element of a for-each.
type Element struct {
	Number int `json:"number"`         // counted from 1
	Item   any `json:"item,omitempty"` // the row or text, on its record's page
}

// Wait is something that a record waits for that is no task.
type Wait struct {
	Block    string          `json:"block"`
	Title    definition.Text `json:"title"`
	Type     flow.BlockType  `json:"type"`              // wait, create or webhook; stage: it cannot leave it yet
	Missing  definition.Text `json:"missing,omitempty"` // what keeps it in its stage
	Event    string          `json:"event,omitempty"`
	Until    store.Moment    `json:"until,omitzero"`   // when it goes on
	Timeout  store.Moment    `json:"timeout,omitzero"` // when it has waited long enough
	Record   string          `json:"record,omitempty"` // whose end is waited for
	Form     string          `json:"form,omitempty"`
	Deferred bool            `json:"deferred,omitempty"` // an answer is here, for when the record is resumed
}

// Suspension says since when and why a record stands still.
type Suspension struct {
	At     store.Moment `json:"at"`
	By     string       `json:"by,omitempty"`
	Reason string       `json:"reason"`
}

func suspension(rec *records.Record) *Suspension {
	still := rec.State.Suspension
	if still == nil {
		return nil
	}
	return &Suspension{At: store.MomentOf(still.At), By: still.By, Reason: still.Reason}
}

// waits are what a record waits for besides tasks, in the order in which it came to them.
func (d *Desk) waits(f *engine.Flow, rec *records.Record) []Wait {
	if f == nil {
		return nil
	}
	var out []Wait
	for _, w := range engine.Waits(f, rec.State) {
		shown := Wait{
			Block: w.Block.ID, Title: w.Block.Name(), Type: w.Block.Type, Event: w.Block.Event, Record: w.Record, Form: w.Block.Form,
			Until: moment(w.Until), Timeout: moment(w.Timeout), Deferred: w.Deferred, Missing: w.Missing,
		}
		out = append(out, shown)
	}
	return out
}

func moment(t time.Time) store.Moment {
	if t.IsZero() {
		return store.Moment{}
	}
	return store.MomentOf(t)
}

// blocks adds to a task what its kind of block, or a for-each around it, shows.
func (d *Desk) blocks(shown *Task, view *records.View, rec *records.Record, t *engine.Task) {
	if item, index, ok := rec.State.Element(t.Frame); ok {
		shown.Element = &Element{Number: index + 1, Item: item}
	}
	b, ok := view.Flow.Block(t.Block)
	if !ok || len(t.Items) == 0 {
		return
	}
	shown.Progress = &Progress{Of: len(t.Items)}
	for i, item := range t.Items {
		line := Item{ID: item.ID, Title: definition.Text{"": item.ID}, Assignees: item.Assignees, DoneBy: item.DoneBy, DoneAt: moment(item.DoneAt), DueAt: moment(item.DueAt), Overdue: item.Overdue}
		if i < len(b.Items) {
			line.Title, line.Help, line.Optional = b.Items[i].Name(), b.Items[i].Help, b.Items[i].Optional
		}
		if !item.DoneAt.IsZero() {
			shown.Progress.Done++
		}
		d.records.NamePeople(view.Names, item.DoneBy)
		d.records.NamePeople(view.Names, item.Assignees...)
		shown.Items = append(shown.Items, line)
	}
}
