package records

import (
	"encoding/json"
	"fmt"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/assignment"
	"github.com/stepwell/stepwell/runtime/chain"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/files"
	"github.com/stepwell/stepwell/schemas/flow"
)

// ActionCollection is the append-only action log of every record.
const ActionCollection = "actions"

// Action is one entry of the action log: one command with everything it did.
type Action struct {
	ID      string          `json:"_id"` // record id "/" number of its first event, so that writing it again changes nothing
	Seq     int64           `json:"seq"` // number of its last event
	App     string          `json:"app"`
	Form    string          `json:"form"`
	Record  string          `json:"record"`
	At      store.Moment    `json:"at"`
	By      string          `json:"by,omitempty"`     // user id; "" is the system
	Via     string          `json:"via"`              // ui, api, timer, flow, automation, webhook, mail, sample, quickLink
	Lender  string          `json:"lender,omitempty"` // quickLink: whose right was used, when By had none
	Link    string          `json:"link,omitempty"`   // quickLink: its id
	Command string          `json:"command"`
	Stage   string          `json:"stage,omitempty"` // where it began
	Block   string          `json:"block,omitempty"`
	Reason  string          `json:"reason,omitempty"`
	Comment string          `json:"comment,omitempty"`
	Outcome string          `json:"outcome"` // done, returned, rejected, withdrawn, overridden, overdue, suspended, resumed, cancelled, migrated, failed
	Flow    string          `json:"flow,omitempty"`
	Version int             `json:"version,omitempty"`
	Checked int             `json:"formVersion"` // version of the form it was checked with
	Rev     int64           `json:"rev"`         // the record's revision afterwards
	Events  []engine.Event  `json:"events"`
	Effects []engine.Effect `json:"effects,omitempty"`
	Files   []files.Taken   `json:"files,omitempty"` // uploads that became the record's own
	Chain   chain.Chain     `json:"chain,omitempty"` // the runs of automations that led to it
	// Assignment says why the record has another owner. TakeBackAt is when a claimed one goes back.
	Assignment *assignment.Explanation `json:"assignment,omitempty"`
	TakeBackAt store.Moment            `json:"takeBackAt,omitzero"`
}

// ActionIndexes are what reading the log needs.
func ActionIndexes() []store.Index {
	return []store.Index{
		{Name: "record", Keys: []store.SortKey{{Path: "record"}, {Path: "seq", Desc: true}}},
	}
}

// outcomeOf says in one word how a command ended.
func outcomeOf(events []engine.Event, kind engine.CommandKind) string {
	switch kind { //nolint:exhaustive // the events say how the others ended
	case engine.Reject:
		return "rejected"
	case engine.Return:
		return "returned"
	case engine.Withdraw:
		return "withdrawn"
	case engine.Override:
		return "overridden"
	case engine.Suspend:
		return "suspended"
	case engine.Resume:
		return "resumed"
	case engine.Cancel:
		return "cancelled"
	case engine.Migrate:
		return "migrated"
	default:
	}
	for _, ev := range events {
		switch ev.Kind { //nolint:exhaustive // the others are the ordinary course
		case engine.ReturnedTo:
			return "returned"
		case engine.DeadlinePassed:
			return "overdue"
		case engine.Answered:
			if ev.Case == flow.FailedCase {
				return "failed"
			}
		default:
		}
	}
	return "done"
}

// write is the store write that appends the action to the log.
func (a *Action) write() (store.Write, error) {
	doc, err := json.Marshal(a)
	if err != nil {
		return store.Write{}, fmt.Errorf("encode action %s: %w", a.ID, err)
	}
	return store.Write{Op: store.OpAdd, Collection: ActionCollection, ID: a.ID, Doc: doc}, nil
}
