// Package automation holds the shape of an automation: what sets it off, and the blocks that then run by themselves over a
// record.
//
// The types are lenient, for drafts; Check says whether an automation can run. What it does is runtime/automation's.
package automation

import (
	"encoding/json"
	"fmt"

	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
)

// Automation is the body of a definition of kind "automation".
type Automation struct {
	definition.Head
	Form    string  `json:"form"` // key of the form whose records it is about
	Trigger Trigger `json:"trigger"`
	// When must hold for the record as the trigger found it, or nothing runs.
	When definition.Rule `json:"when,omitzero"`
	// Blocks are those of a flow that need nobody: Refused says which are not possible.
	Blocks []flow.Block `json:"blocks"`
	// Off keeps the trigger from setting off anything; runs under way go on.
	Off bool `json:"off,omitempty"`
	// Tell are those who are told when a run has failed, besides whoever published the automation.
	Tell   []flow.Who `json:"tell,omitempty"`
	Limits Limits     `json:"limits,omitzero"`
}

// Limits stop what would go on without an end. Zero members have the defaults.
type Limits struct {
	// Depth is how many runs may have led to one another, this one included.
	Depth int `json:"depth,omitempty"`
	// PerMinute is how many runs of the automation one record may have within a minute.
	PerMinute int `json:"perMinute,omitempty"`
}

// The limits of an automation that says nothing.
const (
	DefaultDepth     = 8
	DefaultPerMinute = 10
)

// Of fills in the defaults.
func (l Limits) Of() Limits {
	if l.Depth == 0 {
		l.Depth = DefaultDepth
	}
	if l.PerMinute == 0 {
		l.PerMinute = DefaultPerMinute
	}
	return l
}

// Kind names what sets an automation off.
type Kind string

// The triggers.
const (
	Created      Kind = "created"      // a record was submitted; drafts do not count
	Changed      Kind = "changed"      // fields of a record that is no draft have changed
	StageEntered Kind = "stageEntered" // a record has come into a stage
	StageLeft    Kind = "stageLeft"    // … has left one
	StageOverdue Kind = "stageOverdue" // the deadline of a stage has passed
	Button       Kind = "button"       // somebody pressed its button on a record
	Schedule     Kind = "schedule"     // a time of day has come
	Date         Kind = "date"         // a moment before or after the date in a field has come
	Webhook      Kind = "webhook"      // another system has called
	Mail         Kind = "mail"         // a message has come about the form
)

// Kinds are all triggers.
func Kinds() []Kind {
	return []Kind{Created, Changed, StageEntered, StageLeft, StageOverdue, Button, Schedule, Date, Webhook, Mail}
}

// Trigger is what sets an automation off. Which members count depends on On.
type Trigger struct {
	On Kind `json:"on"`

	Fields []string `json:"fields,omitempty"` // changed: any of these; none: any field
	From   any      `json:"from,omitempty"`   // changed, of one field: the value it had
	To     any      `json:"to,omitempty"`     // changed, of one field: the value it has now

	Stages []string `json:"stages,omitempty"` // stage…: ids of stages; none: any

	Label definition.Text `json:"label,omitempty"` // button: what stands on it; none: the title
	Roles []string        `json:"roles,omitempty"` // button: who may press it; none: whoever may change the record

	Times *Times `json:"times,omitempty"` // schedule
	Each  bool   `json:"each,omitempty"`  // schedule: a run for each record for which When holds, instead of one without a record

	Moment *flow.Delay `json:"moment,omitempty"` // date: counted from its field
	// Late is for how many days a moment counts that had passed when the date was entered; none: 30.
	Late *int `json:"late,omitempty"`

	// Map says which field gets which part of what came, as a JSON pointer. webhook, mail.
	Map map[string]string `json:"map,omitempty"`
	// Match are fields of Map that find the record it is about, all of them together. none: each call makes a record.
	Match []string `json:"match,omitempty"`
	// Missing says what happens when no record matches.
	Missing Missing `json:"missing,omitempty"`
	Draft   bool    `json:"draft,omitempty"`  // webhook, mail: new records stay drafts
	Secret  string  `json:"secret,omitempty"` // webhook: names the stored secret with which calls must be signed
}

// Missing is what happens with a call that is about no known record.
type Missing string

// What happens when no record matches.
const (
	MissingCreate Missing = "create" // the default: one is made
	MissingIgnore Missing = "ignore" // nothing
)

// DefaultLate is Late of a trigger that says nothing, in days.
const DefaultLate = 30

// LateDays is Late with its default.
func (t *Trigger) LateDays() int {
	if t.Late == nil {
		return DefaultLate
	}
	return *t.Late
}

// Times are times of day, or a steady beat.
type Times struct {
	// Every is a beat in minutes, counted in UTC, so that no change of a clock moves it. Instead of At.
	Every     int      `json:"every,omitempty"`
	At        []string `json:"at,omitempty"`        // times of day, "09:00"
	Weekdays  []string `json:"weekdays,omitempty"`  // on these only: "monday", …
	MonthDays []int    `json:"monthDays,omitempty"` // on these only: 1 to 31, -1 is the last day of the month
	// Calendar is the key of a calendar whose time zone holds; none: the installation's.
	Calendar string `json:"calendar,omitempty"`
	// WorkingDays leaves out the days on which the calendar is closed.
	WorkingDays bool `json:"workingDays,omitempty"`
}

// Parse reads an automation document. It takes any well-formed draft; Check says what is missing before it can run.
func Parse(doc []byte) (*Automation, error) {
	var a Automation
	if err := json.Unmarshal(doc, &a); err != nil {
		return nil, fmt.Errorf("read automation: %w", err)
	}
	return &a, nil
}

// Flow is what runs, as a flow of the form.
func (a *Automation) Flow() *flow.Flow {
	return &flow.Flow{
		Head: definition.Head{Kind: definition.KindFlow, Key: a.Key, Title: a.Title}, Form: a.Form, Blocks: a.Blocks, Withdraw: flow.WithdrawNever,
	}
}

// HasRecord reports whether its runs are about a record.
func (a *Automation) HasRecord() bool { return a.Trigger.On != Schedule || a.Trigger.Each }

// Receives reports whether it takes what other systems send.
func (a *Automation) Receives() bool { return a.Trigger.On == Webhook || a.Trigger.On == Mail }

// Button is what stands on the button.
func (a *Automation) Button() definition.Text {
	if a.Trigger.Label.Empty() {
		return a.Title
	}
	return a.Trigger.Label
}
