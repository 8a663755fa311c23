package sample

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Script drives a history.
type Script struct {
	// Seed makes the history repeatable.
	Seed uint64 `json:"seed"`
	// Weeks is how long before the present the history begins.
	Weeks int `json:"weeks"`
	// Calendar is the key of the app's calendar on whose working days people act.
	Calendar string `json:"calendar"`
	// Opens and Closes bound the working day, as wall-clock times of the calendar: "08:30".
	Opens  string `json:"opens"`
	Closes string `json:"closes"`

	// Values are named, so that several places can make the same kind of value: {"use": "name"}.
	Values map[string]Value `json:"values,omitempty"`
	// Behaviours are ways in which people differ, by key.
	Behaviours map[string]Behaviour `json:"behaviours,omitempty"`
	// Setup is played in order before anything else, at the beginning of the history.
	Setup []Setup `json:"setup,omitempty"`
	// Arrivals are the records that come in over time.
	Arrivals []Arrival `json:"arrivals,omitempty"`
	// Plays say what happens to tasks: flow key, then block id.
	Plays map[string]map[string]Play `json:"plays,omitempty"`
	// Companions are records written about other records while those are on their way.
	Companions []Companion `json:"companions,omitempty"`
}

// Behaviour says how a person differs. Zero members change nothing.
type Behaviour struct {
	// Pace multiplies how long the person's tasks lie; 0.7 is quick.
	Pace float64 `json:"pace,omitempty"`
	// Forget is the chance, 0 to 1, that a task lies for ForgetDays more working days.
	Forget     float64 `json:"forget,omitempty"`
	ForgetDays Range   `json:"forgetDays,omitzero"`
	// Diligence multiplies how many companion records the person writes.
	Diligence float64 `json:"diligence,omitempty"`
	// Outcomes multiplies the weights of outcomes, by outcome key, on the records that the person owns, whoever acts: what a
	// careless owner hands in is sent back more often.
	Outcomes map[string]float64 `json:"outcomes,omitempty"`
}

// Setup makes records that have to be there from the start: one for each row of a file, or Count for each record of
// another form. A record that is refused because another one has the same unique values is drawn again.
type Setup struct {
	Form string `json:"form"`
	// Rows is the name of a file beside the script: a list of Fields. They are made before Set, which may refer to them.
	Rows string `json:"rows,omitempty"`
	// Each is the form for whose every record Count records are made; Link is the field that is to name it.
	Each string `json:"each,omitempty"`
	Link string `json:"link,omitempty"`
	// Count is how many; default 1. With neither Rows nor Each, how many in all.
	Count Range `json:"count,omitzero"`
	// Chance, 0 to 1, that a record is made at all; 0 means always.
	Chance float64 `json:"chance,omitempty"`
	By     Actor   `json:"by,omitzero"`
	Set    Fields  `json:"set,omitempty"`
}

// Arrival makes Count records of a form, spread over the working days of the history.
type Arrival struct {
	Form  string `json:"form"`
	Count int    `json:"count"`
	// Until leaves out the last working days before the present.
	Until int    `json:"until,omitempty"`
	By    Actor  `json:"by"`
	Set   Fields `json:"set"`
	// Submit starts the form's flow at once.
	Submit bool `json:"submit,omitempty"`
}

// Actor says who writes a record. Exactly one member is set; none: the administrator who plays.
type Actor struct {
	// Role draws one of the people with the role.
	Role string `json:"role,omitempty"`
	// Path is a person field of the record, directly or through links: "owner", "customer.accountManager".
	Path string `json:"path,omitempty"`
}

// IsZero lets omitzero leave an absent actor out of JSON.
func (a Actor) IsZero() bool { return a == Actor{} }

// Play is what happens to a task of a block. Of several assignees who decide together each plays for himself; of several
// any of whom may act, one is drawn.
type Play struct {
	// After is how long the task lies before somebody acts on it.
	After Span `json:"after"`
	// Set is what a complete or approve fills in.
	Set Fields `json:"set,omitempty"`
	// Outcomes are drawn by weight.
	Outcomes []Outcome `json:"outcomes"`
}

// Outcome is one way in which a task is done.
type Outcome struct {
	Key    string  `json:"key"` // for Behaviour.Outcomes
	Weight float64 `json:"weight"`
	Do     Do      `json:"do"`
	To     string  `json:"to,omitempty"` // return: block id
	// Set is filled in after Play.Set, whose values it replaces.
	Set Fields `json:"set,omitempty"`
	// Only leaves Play.Set out: an exception exit that does not fill in the step.
	Only bool `json:"only,omitempty"`
	// Comment is what the person writes; one is drawn. A return and a reject need a reason, so they need one.
	Comment []string `json:"comment,omitempty"`
	// AtMost is how often this may happen on one record; 0: no limit.
	AtMost int `json:"atMost,omitempty"`
}

// Do is what a person does with a task, by the name of the command.
type Do string

// What can be done with a task. Wait leaves it for ever.
const (
	Complete Do = "complete"
	Approve  Do = "approve"
	Reject   Do = "reject"
	Return   Do = "return"
	Wait     Do = "wait"
)

// Companion writes records of another form about every record that walks a flow.
type Companion struct {
	Form string `json:"form"`
	Flow string `json:"flow"`
	// Link is the field of Form that names the record it is about.
	Link string `json:"link"`
	// Stages are the stages of the flow during which it happens; none: all.
	Stages []string `json:"stages,omitempty"`
	// Every is how long it is from one to the next.
	Every Span `json:"every"`
	// By may be a path of the record it is about.
	By  Actor  `json:"by"`
	Set Fields `json:"set"`
}

// Span is a length of time in working hours, drawn between Min and Max, most often near Mode. In JSON: [min, mode, max].
type Span struct{ Min, Mode, Max float64 }

// UnmarshalJSON reads [min, mode, max].
func (s *Span) UnmarshalJSON(b []byte) error {
	var v []float64
	if err := json.Unmarshal(b, &v); err != nil || len(v) != 3 {
		return errors.New("a span is [min, mode, max] in working hours")
	}
	*s = Span{v[0], v[1], v[2]}
	if s.Min < 0 || s.Mode < s.Min || s.Max < s.Mode {
		return fmt.Errorf("a span goes up: 0 ≤ min ≤ mode ≤ max, not %v", v)
	}
	return nil
}

// Range is a stretch of numbers, both ends included, in steps. In JSON: [min, max], [min, max, step] or one number.
type Range struct{ Min, Max, Step float64 }

// IsZero lets omitzero leave an absent range out of JSON.
func (r Range) IsZero() bool { return r == Range{} }

// UnmarshalJSON reads [min, max], [min, max, step] or one number. The step is 1 when none is given.
func (r *Range) UnmarshalJSON(b []byte) error {
	var one float64
	if json.Unmarshal(b, &one) == nil {
		*r = Range{one, one, 1}
		return nil
	}
	var v []float64
	if err := json.Unmarshal(b, &v); err != nil || len(v) < 2 || len(v) > 3 {
		return errors.New("a range is [min, max], [min, max, step] or one number")
	}
	*r = Range{v[0], v[1], 1}
	if len(v) == 3 {
		r.Step = v[2]
	}
	if r.Max < r.Min || r.Step <= 0 {
		return fmt.Errorf("a range goes up in positive steps, not %v", v)
	}
	return nil
}
