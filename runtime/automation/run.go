// Package automation runs automations: what triggers, moments, buttons and other systems set off, block by block, without people.
//
// A trigger on a record is a projection of the record's outbox: it writes a run under an id that follows from the record, the
// event and the automation, so that repeating it makes no second one. A run is a job of a queue, done by one server copy at a
// time. It walks its blocks with the engine, in a walk of its own beside that of the record, and remembers each decision before
// it does what was decided, step by step, each under a key of its own: whoever dies in between is followed by somebody who does
// the same again without harm. A run stays on the version that set it off.
package automation

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/chain"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/queue"
	def "github.com/stepwell/stepwell/schemas/automation"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
)

// RunCollection holds the runs.
const RunCollection = "automationRuns"

// The states of a run, besides queue.Pending and queue.Dead, which is one that has failed.
const (
	Done    queue.State = "done"
	Skipped queue.State = "skipped" // its condition did not hold, or what it was about was gone
	Stopped queue.State = "stopped" // by the loop guard
)

// Change is a field that has changed.
type Change struct {
	Before any `json:"before"`
	After  any `json:"after"`
}

// Cause is what set a run off.
type Cause struct {
	On      def.Kind          `json:"on"`
	Action  string            `json:"action,omitempty"`  // id of the action in the record's log
	Stage   string            `json:"stage,omitempty"`   // stage…
	Changes map[string]Change `json:"changes,omitempty"` // changed
	Moment  store.Moment      `json:"moment,omitzero"`   // schedule, date: the moment that had come
	Date    string            `json:"date,omitempty"`    // date: the value it was counted from
	Made    bool              `json:"made,omitempty"`    // webhook, mail: the record was made by it
	Input   map[string]any    `json:"input,omitempty"`   // webhook, mail: what was taken from it, by field
}

// Run is one run of an automation.
type Run struct {
	ID         string         `json:"_id"`
	App        string         `json:"app"`
	Automation string         `json:"automation"`
	Version    int            `json:"version"`
	Form       string         `json:"form"`
	Record     string         `json:"record,omitempty"` // what it is about; none for a schedule without
	Title      string         `json:"recordTitle,omitempty"`
	Cause      Cause          `json:"cause"`
	By         string         `json:"by,omitempty"` // whose action set it off; "" is the system
	At         store.Moment   `json:"at"`
	Data       map[string]any `json:"data,omitempty"` // of the record as the trigger found it
	Chain      chain.Chain    `json:"chain,omitempty"`
	// Doubt says that its condition could not be computed when it was set off: it is asked again.
	Doubt bool `json:"doubt,omitempty"`
	// Walk is how far it is in its blocks; nil before it has begun. Scope is the data of a run without a record.
	Walk      *engine.State   `json:"walk,omitempty"`
	Scope     map[string]any  `json:"scope,omitempty"`
	Steps     []Step          `json:"steps,omitempty"`
	StartedAt store.Moment    `json:"startedAt,omitzero"`
	EndedAt   store.Moment    `json:"endedAt,omitzero"`
	Outcome   string          `json:"outcome,omitempty"` // that its blocks ended with
	Why       definition.Text `json:"why,omitempty"`     // it was skipped, stopped or has failed
	WaitsFor  store.Moment    `json:"waitsFor,omitzero"` // the moment that it waits for
	queue.Job
}

// StepKind is what a step does.
type StepKind string

// The kinds of step. The first four are done; the others only say how the run went.
const (
	StepSave   StepKind = "save"   // change the record
	StepCreate StepKind = "create" // begin a record
	StepCall   StepKind = "call"   // call another system
	StepTell   StepKind = "tell"   // tell people
	StepWay    StepKind = "way"    // a way was taken
	StepWait   StepKind = "wait"   // it waits
	StepEnd    StepKind = "end"
)

// StepState is where a step stands.
type StepState string

// The states of a step.
const (
	StepPending StepState = "pending" // decided, not done
	StepWaiting StepState = "waiting" // for a moment, a condition, or the end of a record
	StepDone    StepState = "done"
	StepFailed  StepState = "failed"
)

// Step is one thing that a run does.
type Step struct {
	Seq    int64           `json:"seq"` // of the event behind which it comes
	Kind   StepKind        `json:"kind"`
	Block  string          `json:"block,omitempty"`
	State  StepState       `json:"state"`
	Frame  string          `json:"frame,omitempty"` // way, wait, create, call: the open block
	Case   string          `json:"case,omitempty"`  // way: which; others: how it went on, "late" or "failed"
	Set    map[string]any  `json:"set,omitempty"`
	Before map[string]any  `json:"before,omitempty"`
	Effect *engine.Effect  `json:"effect,omitempty"` // create, call, tell
	Status int             `json:"status,omitempty"` // call: of the answer
	Answer any             `json:"answer,omitempty"` // call: its body; create: the outcome of the record
	Until  store.Moment    `json:"until,omitzero"`   // wait
	Error  definition.Text `json:"error,omitempty"`
	At     store.Moment    `json:"at"`
	DoneAt store.Moment    `json:"doneAt,omitzero"`
}

// key names a step for whoever it is done to.
func (s *Step) key(run string) string {
	return run + "." + strconv.FormatInt(s.Seq, 10) + string(s.Kind)
}

// todo is the first step that was decided and is not done; nil when there is none.
func (r *Run) todo() *Step {
	for i := range r.Steps {
		if r.Steps[i].State == StepPending {
			return &r.Steps[i]
		}
	}
	return nil
}

// at finds the step of an open block; nil when there is none.
func (r *Run) at(frame string, kinds ...StepKind) *Step {
	for i := len(r.Steps) - 1; i >= 0; i-- {
		if r.Steps[i].Frame != frame {
			continue
		}
		for _, kind := range kinds {
			if r.Steps[i].Kind == kind {
				return &r.Steps[i]
			}
		}
	}
	return nil
}

// link is the run as a link of the chain of what it does.
func (r *Run) link() chain.Link {
	return chain.Link{Automation: r.Automation, Run: r.ID, Form: r.Form, Record: r.Record}
}

// Depth is how many runs have led to one another up to this one.
func (r *Run) Depth() int { return len(r.Chain) + 1 }

// Failed is the step that has failed for good; nil when none has, or the blocks provide for it.
func (r *Run) Failed() *Step {
	for i := range r.Steps {
		if r.Steps[i].State == StepFailed && r.Steps[i].Case != flow.FailedCase {
			return &r.Steps[i]
		}
	}
	return nil
}

// RunIndexes are what reading and guarding runs needs.
func RunIndexes() []store.Index {
	return append(queue.Indexes(),
		store.Index{Name: "automation", Keys: []store.SortKey{{Path: "app"}, {Path: "automation"}, {Path: "at", Desc: true}}},
		store.Index{Name: "record", Keys: []store.SortKey{{Path: "record"}, {Path: "automation"}, {Path: "at", Desc: true}}},
	)
}

// write is the store write that makes a run; nothing when it is there.
func (r *Run) write() (store.Write, error) {
	doc, err := json.Marshal(r)
	if err != nil {
		return store.Write{}, fmt.Errorf("encode run %s: %w", r.ID, err)
	}
	return store.Write{Op: store.OpAdd, Collection: RunCollection, ID: r.ID, Doc: doc}, nil
}

func readRun(doc store.Doc) (*Run, error) {
	var r Run
	if err := json.Unmarshal(doc, &r); err != nil {
		return nil, fmt.Errorf("read run: %w", err)
	}
	return &r, nil
}

// readAll reads documents as they are in JSON: numbers as rules see them.
func readAll[T any](docs []store.Doc) ([]T, error) {
	out := make([]T, len(docs))
	for i, doc := range docs {
		if err := json.Unmarshal(doc, &out[i]); err != nil {
			return nil, fmt.Errorf("read %T: %w", out[i], err)
		}
	}
	return out, nil
}
