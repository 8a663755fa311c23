// Package desk is what one person sees of their work: the day, their tasks, a record with what they may do on it, and
// the record's log in words.
package desk

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/runtime/records"
	"github.com/stepwell/stepwell/runtime/tasks"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
)

// ErrNoTask says that a task is not there, or not visible to the person.
var ErrNoTask = fault.Define(fault.NotFound, "task.notFound", "This task does not exist, or you may not see it.", "待办不存在，或您无权查看。")

// Desk answers from the projections. It writes nothing.
type Desk struct {
	store   store.Store
	clock   clock.Clock
	catalog *catalog.Catalog
	records *records.Service
	people  *people.Service
	zone    *time.Location
}

// New makes a desk. zone decides when a day begins.
func New(s store.Store, c clock.Clock, cat *catalog.Catalog, r *records.Service, p *people.Service, zone *time.Location) *Desk {
	return &Desk{store: s, clock: c, catalog: cat, records: r, people: p, zone: zone}
}

// Task is a task as one person sees it.
type Task struct {
	ID          string                `json:"id"`
	App         string                `json:"app"`
	Form        string                `json:"form"`
	FormTitle   definition.Text       `json:"formTitle,omitempty"`
	Record      string                `json:"record"`
	RecordTitle string                `json:"recordTitle"`
	RecordRev   int64                 `json:"recordRev,omitempty"`
	Kind        flow.BlockType        `json:"kind"`
	Block       string                `json:"block"`
	Title       definition.Text       `json:"title"`
	Stage       string                `json:"stage,omitempty"`
	StageTitle  definition.Text       `json:"stageTitle,omitempty"`
	State       tasks.State           `json:"state"`
	Assignees   []string              `json:"assignees"`
	Approved    []string              `json:"approved,omitempty"`
	Rejected    []string              `json:"rejected,omitempty"`
	Abstained   []string              `json:"abstained,omitempty"`
	Waiting     []string              `json:"waiting"` // who can act now
	Stands      []engine.Stand        `json:"stands,omitempty"`
	Added       []engine.Added        `json:"added,omitempty"`
	Mode        flow.Mode             `json:"mode,omitempty"`
	Mine        bool                  `json:"mine"`
	Actions     []string              `json:"actions,omitempty"`
	ReturnTo    []engine.ReturnTarget `json:"returnTo,omitempty"`
	Parts       []string              `json:"parts,omitempty"`   // whose decision the person may give; the first counts by default
	Signers     []engine.Where        `json:"signers,omitempty"` // how they may add others
	Signature   flow.Signature        `json:"signature,omitempty"`
	Confirm     flow.Confirm          `json:"confirm,omitempty"`
	UrgedAt     store.Moment          `json:"urgedAt,omitzero"`
	OpenedAt    store.Moment          `json:"openedAt"`
	DueAt       store.Moment          `json:"dueAt,omitzero"`
	Overdue     bool                  `json:"overdue"`
	DoneAt      store.Moment          `json:"doneAt,omitzero"`
	DoneBy      string                `json:"doneBy,omitempty"`
	Result      engine.TaskResult     `json:"result,omitempty"`
	Comment     string                `json:"comment,omitempty"`
	SentBack    *SentBack             `json:"sentBack,omitempty"`
	Items       []Item                `json:"items,omitempty"`    // of a checklist on its record's page
	Progress    *Progress             `json:"progress,omitempty"` // of a checklist
	Element     *Element              `json:"element,omitempty"`  // which element of a for-each it is for
	Names       records.Names         `json:"names,omitempty"`
}

// TaskPage is one page of somebody's tasks.
type TaskPage struct {
	Items   []Task        `json:"items"`
	Next    string        `json:"next,omitempty"`
	Names   records.Names `json:"names"`
	Overdue int64         `json:"overdue"`
	Total   int64         `json:"total"`
}

// TaskQuery selects somebody's tasks.
type TaskQuery struct {
	By     string
	State  tasks.State
	Kind   flow.BlockType // "": both
	Limit  int
	Cursor string
}

func (q TaskQuery) filter() store.Filter {
	f := store.Filter{"waiting": q.By}
	if q.State == tasks.Done {
		f = store.Filter{"deciders": q.By}
	}
	if q.Kind != "" {
		f["kind"] = string(q.Kind)
	}
	return f
}

// Tasks reads one page: open ones red first and then by due moment, finished ones newest first. Open tasks are few for one
// person, so pages count from the start.
func (d *Desk) Tasks(ctx context.Context, q TaskQuery) (*TaskPage, error) {
	skip := 0
	if q.Cursor != "" {
		if _, err := fmt.Sscan(q.Cursor, &skip); err != nil || skip < 0 {
			return nil, records.ErrCursor.Because(err, nil)
		}
	}
	filter := q.filter()
	parts := []store.Query{
		{Filter: store.And(filter, store.Filter{"dueAt": map[string]any{"$gt": ""}}), Sort: []store.SortKey{{Path: "dueAt"}}},
		{Filter: store.And(filter, store.Filter{"dueAt": nil}), Sort: []store.SortKey{{Path: "openedAt"}}},
	}
	if q.State == tasks.Done {
		parts = []store.Query{{Filter: filter, Sort: []store.SortKey{{Path: "decidedAt", Desc: true}}}}
	}
	page := &TaskPage{Items: []Task{}, Names: records.Names{}}
	for _, part := range parts {
		n, err := d.store.Count(ctx, tasks.Collection, part.Filter, 0)
		if err != nil {
			return nil, fmt.Errorf("count tasks: %w", err)
		}
		page.Total += n
		if room := q.Limit - len(page.Items); room > 0 && int64(skip) < n {
			part.Skip, part.Limit = skip, room
			if err := d.addTasks(ctx, page, part, q.By); err != nil {
				return nil, err
			}
		}
		skip = max(0, skip-int(n))
	}
	start, _ := offset(q.Cursor)
	if end := start + len(page.Items); int64(end) < page.Total {
		page.Next = strconv.Itoa(end)
	}
	var err error
	page.Overdue, err = d.store.Count(ctx, tasks.Collection, store.And(filter, store.Filter{"overdue": true}), 0)
	return page, err
}

func offset(cursor string) (n int, err error) {
	if cursor != "" {
		_, err = fmt.Sscan(cursor, &n)
	}
	return n, err
}

func (d *Desk) addTasks(ctx context.Context, page *TaskPage, q store.Query, by string) error {
	found, err := store.LoadAll[tasks.Task](ctx, d.store, tasks.Collection, q)
	if err != nil {
		return fmt.Errorf("list tasks: %w", err)
	}
	first := len(page.Items)
	for _, t := range found {
		page.Items = append(page.Items, d.show(ctx, t, by))
		d.records.NamePeople(page.Names, t.Assignees...)
		d.records.NamePeople(page.Names, t.Waiting...)
		d.records.NamePeople(page.Names, t.DoneBy)
		if t.SentBack != nil {
			d.records.NamePeople(page.Names, t.SentBack.By)
		}
	}
	return d.retitle(ctx, page.Items[first:], by)
}

// retitle calls the records of tasks what the person may read of their titles.
func (d *Desk) retitle(ctx context.Context, list []Task, by string) error {
	type home struct{ app, form string }
	records := map[home][]string{}
	for i := range list {
		at := home{list[i].App, list[i].Form}
		records[at] = append(records[at], list[i].Record)
	}
	for at, ids := range records {
		titles, err := d.records.Titles(ctx, by, at.app, at.form, ids)
		if fault.KindOf(err) == fault.NotFound && err != nil {
			titles, err = map[string]string{}, nil // the form was taken out of the app: nobody can say what may be shown
		}
		if err != nil {
			return err
		}
		for i := range list {
			if titles != nil && list[i].App == at.app && list[i].Form == at.form {
				list[i].RecordTitle = titles[list[i].Record]
			}
		}
	}
	return nil
}

// show puts words to a stored task.
func (d *Desk) show(ctx context.Context, t tasks.Task, by string) Task {
	out := Task{
		ID: t.ID, App: t.App, Form: t.Form, Record: t.Record, RecordTitle: t.RecordTitle, Kind: t.Kind, Block: t.Block,
		Stage: t.Stage, State: t.State, Assignees: t.Assignees, Approved: t.Approved, Mode: t.Mode, OpenedAt: t.OpenedAt,
		Rejected: t.Rejected, Abstained: t.Abstained, Waiting: t.Waiting, Stands: t.Stands, Added: t.Added,
		DueAt: t.DueAt, Overdue: t.Overdue, DoneAt: t.DoneAt, DoneBy: t.DoneBy, Result: t.Result, Comment: t.Comment,
	}
	if t.Items > 0 {
		out.Progress = &Progress{Done: t.Ticked, Of: t.Items}
	}
	if t.Element > 0 {
		out.Element = &Element{Number: t.Element}
	}
	for _, user := range t.Waiting {
		out.Mine = out.Mine || user == by
	}
	if f, err := d.catalog.Form(t.App, t.Form); err == nil {
		out.FormTitle = f.Exec.Form.Title
	}
	out.Title = d.records.BlockTitle(ctx, t.App, t.Flow, t.FlowVersion, t.Block)
	out.StageTitle = d.records.BlockTitle(ctx, t.App, t.Flow, t.FlowVersion, t.Stage)
	out.SentBack = d.sentBack(ctx, &t)
	return out
}

// Load finds the stored task and the record it belongs to, if the person may see that record.
func (d *Desk) Load(ctx context.Context, by, id string) (*tasks.Task, *records.Record, error) {
	t, err := store.Load[tasks.Task](ctx, d.store, tasks.Collection, id)
	if fault.Has(err, store.ErrNotFound) {
		return nil, nil, ErrNoTask.With(nil)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("load task %s: %w", id, err)
	}
	rec, err := d.records.Get(ctx, by, t.App, t.Form, t.Record)
	if fault.Has(err, records.ErrNotFound) {
		return nil, nil, ErrNoTask.With(nil)
	}
	return &t, rec, err
}

// Task shows one task with what the person may do.
func (d *Desk) Task(ctx context.Context, by, id string) (*Task, error) {
	stored, rec, err := d.Load(ctx, by, id)
	if err != nil {
		return nil, err
	}
	out := d.show(ctx, *stored, by)
	view, err := d.Record(ctx, by, rec)
	if err != nil {
		return nil, err
	}
	for _, t := range view.Tasks {
		if t.ID == id {
			t.Names = view.Names
			return &t, nil
		}
	}
	out.RecordTitle, out.RecordRev, out.Names = view.Title, rec.Rev, records.Names{}
	if view.Undo == id {
		out.Actions = []string{string(engine.Undo)}
	}
	d.records.NamePeople(out.Names, out.Assignees...)
	return &out, nil
}
