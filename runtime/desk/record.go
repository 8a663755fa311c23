package desk

import (
	"context"
	"slices"
	"strings"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/assignment"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/records"
	"github.com/stepwell/stepwell/runtime/tasks"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/role"
)

// Record is a record as its page shows it to one person.
type Record struct {
	*records.View
	Tasks      []Task      `json:"tasks"`
	Waits      []Wait      `json:"waits,omitempty"`      // what it waits for that is no task
	Suspension *Suspension `json:"suspension,omitempty"` // while it stands still
	Undo       string      `json:"undo,omitempty"`       // the task of the person's last decision, when it may be taken back
}

// Record shows a record that the person may see.
func (d *Desk) Record(ctx context.Context, by string, rec *records.Record) (*Record, error) {
	view, err := d.records.View(ctx, by, rec)
	if err != nil {
		return nil, err
	}
	out := &Record{View: view, Tasks: []Task{}}
	possible := engine.Actions(view.Flow, rec.Case(), by)
	mayAssign := d.records.May(by, role.Assign, rec)
	f, err := d.catalog.Form(rec.App, rec.Form)
	if err != nil {
		return nil, err
	}
	out.Waits, out.Suspension = d.waits(view.Flow, rec), suspension(rec)
	if possible.Undo != "" {
		out.Undo = tasks.ID(rec.ID, possible.Undo)
	}
	for _, t := range rec.State.Tasks {
		shown := Task{
			ID: tasks.ID(rec.ID, t.ID), App: rec.App, Form: rec.Form, FormTitle: f.Exec.Form.Title, Record: rec.ID, RecordTitle: view.Title,
			RecordRev: rec.Rev, Kind: t.Kind, Block: t.Block, Title: view.Flow.BlockTitle(t.Block), Stage: t.Stage, State: tasks.Open,
			Assignees: t.Assignees, Approved: t.Approved, Mode: t.Mode, OpenedAt: store.MomentOf(t.OpenedAt), Overdue: t.Overdue,
			Rejected: t.Rejected, Abstained: t.Abstained, Waiting: t.Holders(), Stands: t.Stands, Added: t.Added,
		}
		if t.Stage != "" {
			shown.StageTitle = view.Flow.BlockTitle(t.Stage)
		}
		if !t.DueAt.IsZero() {
			shown.DueAt = store.MomentOf(t.DueAt)
		}
		d.blocks(&shown, view, rec, &t)
		d.mayDo(&shown, view.Names, possible, &t, mayAssign)
		out.Tasks = append(out.Tasks, shown)
	}
	return out, d.tellSentBack(ctx, out.Tasks, view.Names)
}

// Action is one entry of a record's log, in words.
type Action struct {
	ID         string          `json:"id"`
	Seq        int64           `json:"seq"`
	At         store.Moment    `json:"at"`
	By         string          `json:"by,omitempty"`
	Via        string          `json:"via"`
	Lender     string          `json:"lender,omitempty"`
	Command    string          `json:"command"`
	Stage      string          `json:"stage,omitempty"`
	StageTitle definition.Text `json:"stageTitle,omitempty"`
	Block      string          `json:"block,omitempty"`
	BlockTitle definition.Text `json:"blockTitle,omitempty"`
	Reason     string          `json:"reason,omitempty"`
	Comment    string          `json:"comment,omitempty"`
	Changes    []Change        `json:"changes,omitempty"`
	Events     []Event         `json:"events"`
	Outcome    string          `json:"outcome"`
	// Assignment says why the record had another owner from then on.
	Assignment *assignment.Explanation `json:"assignment,omitempty"`
	// Automation is the one whose run has done it.
	Automation *By `json:"automation,omitempty"`
}

// By is an automation as the log names it.
type By struct {
	Key   string          `json:"key"`
	Title definition.Text `json:"title"`
	Run   string          `json:"run"`
}

// Change is one field that an action changed.
type Change struct {
	Field  string          `json:"field"`
	Title  definition.Text `json:"title,omitempty"`
	Before any             `json:"before,omitempty"`
	After  any             `json:"after,omitempty"`
}

// Event is one thing that an action made the flow do.
type Event struct {
	Seq        int64           `json:"seq"`
	Kind       string          `json:"kind"`
	Block      string          `json:"block,omitempty"`
	BlockTitle definition.Text `json:"blockTitle,omitempty"`
	Assignees  []string        `json:"assignees,omitempty"`
	User       string          `json:"user,omitempty"`
	Result     string          `json:"result,omitempty"`
	Case       string          `json:"case,omitempty"`   // the way taken
	Item       string          `json:"item,omitempty"`   // of a checklist
	Name       string          `json:"name,omitempty"`   // of an event that was signalled
	Reason     string          `json:"reason,omitempty"` // why something asked of the outside failed
	Record     string          `json:"record,omitempty"` // that was begun, or has ended
	Exit       string          `json:"exit,omitempty"`
	DueAt      store.Moment    `json:"dueAt,omitzero"`
	Outcome    string          `json:"outcome,omitempty"`
	Approval
}

// ActionPage is one page of a log.
type ActionPage struct {
	Items []Action      `json:"items"`
	Next  string        `json:"next,omitempty"`
	Names records.Names `json:"names"`
}

// Log reads one page of a record's log, newest first, without the fields that the person may not see.
func (d *Desk) Log(ctx context.Context, by string, rec *records.Record, limit int, cursor string) (*ActionPage, error) {
	stored, next, err := d.records.Actions(ctx, rec, limit, cursor)
	if err != nil {
		return nil, err
	}
	sees, err := d.records.Sees(ctx, by, rec)
	if err != nil {
		return nil, err
	}
	page := &ActionPage{Items: make([]Action, len(stored)), Next: next, Names: records.Names{}}
	for i := range stored {
		if page.Items[i], err = d.action(ctx, by, &stored[i], sees, page.Names); err != nil {
			return nil, err
		}
	}
	return page, nil
}

func (d *Desk) action(ctx context.Context, by string, a *records.Action, sees func(string) bool, names records.Names) (Action, error) {
	title := func(block string) definition.Text {
		if block == "" {
			return nil
		}
		return d.records.BlockTitle(ctx, a.App, a.Flow, a.Version, block)
	}
	out := Action{
		ID: a.ID, Seq: a.Seq, At: a.At, By: a.By, Via: a.Via, Lender: a.Lender, Command: a.Command, Stage: a.Stage, StageTitle: title(a.Stage),
		Block: a.Block, BlockTitle: title(a.Block), Reason: a.Reason, Comment: a.Comment, Outcome: a.Outcome, Events: []Event{},
		Assignment: a.Assignment,
	}
	d.records.NamePeople(names, a.By, a.Lender)
	if last := a.Chain.Last(); last.Run != "" && a.Via == "automation" {
		out.Automation = &By{Key: last.Automation, Title: d.automationTitle(a.App, last.Automation), Run: last.Run}
	}
	for _, ev := range a.Events {
		if ev.Kind == engine.DataChanged {
			changes, err := d.changes(ctx, by, a, ev, sees, names)
			if err != nil {
				return out, err
			}
			out.Changes = append(out.Changes, changes...)
			continue
		}
		e := Event{
			Seq: ev.Seq, Kind: string(ev.Kind), Block: ev.Block, BlockTitle: title(ev.Block), Assignees: ev.Assignees, User: ev.User,
			Result: string(ev.Result), Exit: string(ev.Exit), Outcome: ev.Outcome,
			Case: ev.Case, Item: ev.Item, Name: ev.Name, Record: ev.Record,
		}
		if ev.Kind == engine.Answered {
			e.Reason = ev.Reason
		}
		if !ev.DueAt.IsZero() {
			e.DueAt = store.MomentOf(ev.DueAt)
		}
		d.records.NamePeople(names, ev.Assignees...)
		d.records.NamePeople(names, ev.User)
		d.approval(&e, &ev, names)
		out.Events = append(out.Events, e)
	}
	return out, nil
}

// changes are the fields of an event in the order of the form; one that the form no longer has comes last.
func (d *Desk) changes(ctx context.Context, by string, a *records.Action, ev engine.Event, sees func(string) bool, names records.Names) ([]Change, error) {
	f, err := d.catalog.Form(a.App, a.Form)
	if err != nil {
		return nil, err
	}
	var out []Change
	for i := range f.Exec.Fields {
		fd := &f.Exec.Fields[i]
		if after, changed := ev.Set[fd.Key]; changed && sees(fd.Key) {
			out = append(out, Change{Field: fd.Key, Title: fd.Title, Before: ev.Before[fd.Key], After: after})
		}
	}
	for key, after := range ev.Set {
		if _, known := f.Exec.Field(key); !known && sees(key) {
			out = append(out, Change{Field: key, Before: ev.Before[key], After: after})
		}
	}
	slices.SortStableFunc(out[min(len(out), len(f.Exec.Fields)):], func(x, y Change) int { return strings.Compare(x.Field, y.Field) })
	shown := []map[string]any{{}, {}}
	for _, c := range out {
		shown[0][c.Field], shown[1][c.Field] = c.Before, c.After
	}
	return out, d.records.NameRefs(ctx, f, by, names, shown...)
}

// automationTitle is what an automation is called now; its key when there is none any more.
func (d *Desk) automationTitle(app, key string) definition.Text {
	if a, err := d.catalog.App(app); err == nil {
		for _, one := range a.Automations() {
			if one.Key == key {
				return one.Title
			}
		}
	}
	return definition.Text{"": key}
}
