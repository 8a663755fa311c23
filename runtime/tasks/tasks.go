// Package tasks is the list of what people must do: a projection of the open tasks of every record, made by the
// record pipeline and read by the work pages.
package tasks

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/schemas/flow"
)

// Collection holds one document for every task there ever was.
const Collection = "tasks"

// State is whether a task still waits for somebody.
type State string

// The states of a task.
const (
	Open State = "open"
	Done State = "done"
)

// Task is one thing for one person (or any of several) to do on a record. Titles are not kept here: they belong to
// the flow's version and are looked up when the task is shown.
type Task struct {
	ID          string         `json:"_id"` // see ID
	App         string         `json:"app"`
	Form        string         `json:"form"`
	Record      string         `json:"record"`
	RecordTitle string         `json:"recordTitle"`
	Flow        string         `json:"flow"`
	FlowVersion int            `json:"flowVersion"`
	Block       string         `json:"block"`
	Stage       string         `json:"stage,omitempty"`
	Kind        flow.BlockType `json:"kind"`
	Mode        flow.Mode      `json:"mode,omitempty"`
	State       State          `json:"state"`
	Assignees   []string       `json:"assignees"`
	Waiting     []string       `json:"waiting"` // who can act now: assignees whose turn it is, and those who stand in for them; empty when done
	Approved    []string       `json:"approved,omitempty"`
	Rejected    []string       `json:"rejected,omitempty"`
	Abstained   []string       `json:"abstained,omitempty"`
	Stands      []engine.Stand `json:"stands,omitempty"`
	Added       []engine.Added `json:"added,omitempty"`
	// Deciders are everybody who has decided something of it, themselves or through who stood in for them, and those who did.
	Deciders  []string          `json:"deciders,omitempty"`
	DecidedAt store.Moment      `json:"decidedAt,omitzero"` // when something of it was decided last
	OpenedAt  store.Moment      `json:"openedAt"`
	DueAt     store.Moment      `json:"dueAt,omitzero"`
	Overdue   bool              `json:"overdue"`
	DoneAt    store.Moment      `json:"doneAt,omitzero"`
	DoneBy    string            `json:"doneBy,omitempty"`
	Result    engine.TaskResult `json:"result,omitempty"`
	Comment   string            `json:"comment,omitempty"`
	// SentBack says who made the work come back; nil when the record came here by going on.
	SentBack *SentBack `json:"sentBack,omitempty"`
	// Items and Ticked count the items of a checklist.
	Items  int `json:"items,omitempty"`
	Ticked int `json:"ticked,omitempty"`
	// Element is which element of a forEach the task is for, counted from 1; 0 for none.
	Element int `json:"element,omitempty"`
	// Seq is the record's event number that this state reflects; a projection never goes back.
	Seq int64 `json:"seq"`
}

// SentBack is a decision that sent a record back to a task.
type SentBack struct {
	By     string            `json:"by,omitempty"` // user id
	At     store.Moment      `json:"at"`
	From   string            `json:"from,omitempty"`   // block of the task that was decided
	Result engine.TaskResult `json:"result,omitempty"` // of that task: returned or rejected
	Reason string            `json:"reason,omitempty"`
}

// Indexes are what the queries of this package need.
func Indexes() []store.Index {
	return []store.Index{
		{Name: "waiting", Keys: []store.SortKey{{Path: "waiting"}}, Array: true},
		{Name: "doneBy", Keys: []store.SortKey{{Path: "doneBy"}, {Path: "doneAt"}}, Present: true},
		{Name: "assignees", Keys: []store.SortKey{{Path: "assignees"}}, Array: true},
		{Name: "deciders", Keys: []store.SortKey{{Path: "deciders"}}, Array: true},
	}
}

// ID names a task of a record to the world. It holds no character that a URL would need to escape.
func ID(record, engineTask string) string {
	_, seq, _ := strings.Cut(engineTask, "#")
	return record + "-" + seq
}

// Split finds the record of a task id, and the event number that opened it.
func Split(id string) (record string, seq int64, ok bool) {
	i := strings.LastIndexByte(id, '-')
	if i <= 0 {
		return "", 0, false
	}
	seq, err := strconv.ParseInt(id[i+1:], 10, 64)
	return id[:i], seq, err == nil
}

// Opened reports whether a task of the engine was opened by an event number.
func Opened(engineTask string, seq int64) bool {
	return strings.HasSuffix(engineTask, "#"+strconv.FormatInt(seq, 10))
}

// Find is the open task of a state that was opened by an event number.
func Find(s engine.State, seq int64) (engine.Task, bool) {
	for _, t := range s.Tasks {
		if Opened(t.ID, seq) {
			return t, true
		}
	}
	return engine.Task{}, false
}

// Subject is the record a task belongs to, as far as its tasks show it.
type Subject struct {
	App, Form, Record, Title, Flow string
	FlowVersion                    int
}

// Writes are the changes of this projection that follow from the events of one command. after is the state with
// all of them applied. Doing them twice, or after later ones, changes nothing.
func Writes(sub Subject, events []engine.Event, after engine.State) ([]store.Write, error) {
	p := projection{sub: sub, after: after}
	for _, ev := range events {
		if err := p.apply(ev); err != nil {
			return nil, fmt.Errorf("project task of %s event %d: %w", sub.Record, ev.Seq, err)
		}
	}
	return p.writes, nil
}

type projection struct {
	sub    Subject
	after  engine.State
	closed engine.Event // the last task that these events closed
	back   *SentBack    // what the tasks that they open are sent back by
	writes []store.Write
}

func (p *projection) apply(ev engine.Event) error {
	switch ev.Kind { //nolint:exhaustive // the others do not touch tasks
	case engine.TaskOpened:
		return p.open(ev)
	case engine.TaskAssigned, engine.SignerAdded, engine.TaskTurned, engine.TaskVoted:
		p.roster(ev)
	case engine.Undone:
		for _, t := range p.after.Tasks {
			p.reopen(ev, t)
		}
	case engine.ReturnedTo:
		p.sendBack(ev)
	case engine.TaskClosed:
		p.closed = ev
		p.set(ev, map[string]any{
			"state": Done, "waiting": []string{}, "doneAt": store.FormatTime(ev.At), "doneBy": ev.User,
			"result": ev.Result, "comment": ev.Comment, "overdue": false,
			"deciders": decided(ev.Users, ev.User, ev.For), "decidedAt": store.FormatTime(ev.At),
		})
	case engine.ItemTicked, engine.ItemUnticked, engine.ItemsChanged:
		t := p.task(ev.Task)
		p.set(ev, map[string]any{"items": len(t.Items), "ticked": ticked(t), "assignees": t.Assignees, "waiting": p.waiting(ev.Task)})
	case engine.Suspended, engine.Resumed, engine.Migrated:
		p.all(ev)
	case engine.DeadlinePassed, engine.DeadlineSet, engine.DeadlineMoved, engine.DeadlineMet, engine.DeadlineCleared:
		p.deadline(ev)
	default: // the other events do not touch tasks
	}
	return nil
}

func (p *projection) open(ev engine.Event) error {
	t := Task{
		ID: ID(p.sub.Record, ev.Task), App: p.sub.App, Form: p.sub.Form, Record: p.sub.Record, RecordTitle: p.sub.Title,
		Flow: p.sub.Flow, FlowVersion: p.sub.FlowVersion, Block: ev.Block, Stage: ev.Stage, Kind: ev.TaskKind,
		Mode: ev.Mode, State: Open, Assignees: ev.Assignees, Waiting: ev.Assignees, OpenedAt: store.MomentOf(ev.At), Seq: ev.Seq,
		Items: len(ev.Items), SentBack: p.back,
	}
	if _, index, ok := p.after.Element(ev.Frame); ok {
		t.Element = index + 1
	}
	if ev.Roster != nil {
		t.Approved, t.Stands, t.Added = ev.Roster.Approved, ev.Roster.Stands, ev.Roster.Added
	}
	if now := p.task(ev.Task); now.ID != "" {
		t.Waiting = now.Holders()
		if !now.DueAt.IsZero() {
			t.DueAt = store.MomentOf(now.DueAt)
		}
	}
	doc, err := json.Marshal(t)
	if err != nil {
		return err
	}
	p.writes = append(p.writes, store.Write{Op: store.OpAdd, Collection: Collection, ID: t.ID, Doc: doc})
	return nil
}

func (p *projection) sendBack(ev engine.Event) {
	said := ev.Reason
	if said == "" {
		said = ev.Comment
	}
	p.back = &SentBack{By: ev.User, At: store.MomentOf(ev.At), From: p.closed.Block, Result: p.closed.Result, Reason: said}
}

// deadline shows a stage's deadline on each of its open tasks, and a task's own on that task.
func (p *projection) deadline(ev engine.Event) {
	for _, t := range p.after.Tasks {
		own := ev.Task != "" && t.ID == ev.Task
		if !own && (ev.Task != "" || (t.Stage != ev.Block && t.Block != ev.Block)) {
			continue
		}
		members := map[string]any{"overdue": t.Overdue}
		if t.DueAt.IsZero() {
			p.set(engine.Event{Seq: ev.Seq, Task: t.ID}, members, "dueAt")
			continue
		}
		members["dueAt"] = store.FormatTime(t.DueAt)
		p.set(engine.Event{Seq: ev.Seq, Task: t.ID}, members)
	}
}

// all shows on every open task what concerns the record as a whole: that it stands still and nobody can decide, that it goes
// on, or that it walks another version of its flow. A deadline that goes on is told by an event of its own.
func (p *projection) all(ev engine.Event) {
	for _, t := range p.after.Tasks {
		members := map[string]any{
			"block": t.Block, "stage": t.Stage, "flowVersion": p.sub.FlowVersion, "overdue": t.Overdue, "waiting": p.waiting(t.ID),
		}
		if t.DueAt.IsZero() {
			p.set(engine.Event{Seq: ev.Seq, Task: t.ID}, members, "dueAt")
			continue
		}
		members["dueAt"] = store.FormatTime(t.DueAt)
		p.set(engine.Event{Seq: ev.Seq, Task: t.ID}, members)
	}
}

func ticked(t engine.Task) int {
	n := 0
	for _, item := range t.Items {
		if !item.DoneAt.IsZero() {
			n++
		}
	}
	return n
}

func (p *projection) set(ev engine.Event, members map[string]any, unset ...string) {
	members["seq"] = ev.Seq
	p.writes = append(p.writes, store.Write{
		Op: store.OpUpdate, Collection: Collection, ID: ID(p.sub.Record, ev.Task),
		Update: store.Update{Set: members, Unset: unset}, If: store.Filter{"seq": map[string]any{"$lt": ev.Seq}},
	})
}

func (p *projection) task(id string) engine.Task {
	for _, t := range p.after.Tasks {
		if t.ID == id {
			return t
		}
	}
	return engine.Task{}
}
