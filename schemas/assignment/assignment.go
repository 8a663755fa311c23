// Package assignment holds the shape of an assignment definition: who gets a new record of a form.
//
// The first category whose condition holds decides. It tries its strategies in order until one finds somebody.
package assignment

import (
	"encoding/json"
	"fmt"

	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
)

// Assignment is the body of a definition of kind "assignment".
type Assignment struct {
	definition.Head
	// Form is the form whose records are assigned. It names its owner field; one form has one assignment.
	Form string `json:"form"`
	// Categories are asked in order.
	Categories []Category `json:"categories"`
	// Capacity is how many open records of the form one person has at most; none: no limit.
	Capacity *Capacity `json:"capacity,omitempty"`
	// Pool says how records are claimed that a category puts there.
	Pool *Pool `json:"pool,omitempty"`
}

// Category is a group of records with strategies of its own.
type Category struct {
	Key        string          `json:"key"`
	Title      definition.Text `json:"title"`
	When       definition.Rule `json:"when,omitzero"` // CEL over the record; none: every record
	Strategies []Strategy      `json:"strategies"`
}

// Type is how a strategy finds somebody.
type Type string

// The strategies.
const (
	Sticky      Type = "sticky"      // the owner of the record that a link names
	ByValue     Type = "byValue"     // a table from values of fields to people: territories, products
	RoundRobin  Type = "roundRobin"  // one after the other
	Weighted    Type = "weighted"    // in turn, in the proportion of the weights
	LeastLoaded Type = "leastLoaded" // whoever has the fewest open records
	ToPool      Type = "pool"        // nobody yet: it is there to be claimed
)

// Strategy is one way to find somebody. Which members count depends on Type.
type Strategy struct {
	Type Type   `json:"type"`
	Link string `json:"link,omitempty"` // sticky: a link field
	Who  []Who  `json:"who,omitempty"`  // roundRobin, weighted, leastLoaded
	Rows []Row  `json:"rows,omitempty"` // byValue: the first that matches counts
}

// Row is one line of the table of a byValue strategy.
type Row struct {
	Title definition.Text `json:"title,omitempty"` // what the explanation calls it; none: its number
	Match []Match         `json:"match"`           // all of them must hold
	Who   []Who           `json:"who"`
	Pick  Type            `json:"pick,omitempty"` // how one of several is chosen: roundRobin (default), weighted or leastLoaded
}

// Match is a condition on one field: its value is one of In, or begins with one of StartsWith.
type Match struct {
	Field      string   `json:"field"` // "region", or through a link "customer.region"
	In         []string `json:"in,omitempty"`
	StartsWith []string `json:"startsWith,omitempty"`
}

// WhoType says how people are named.
type WhoType string

// The ways to name people.
const (
	WhoUser       WhoType = "user"       // one person
	WhoRole       WhoType = "role"       // the holders of a role of the app
	WhoDepartment WhoType = "department" // who works in a department or below it, with Role only those who hold that
)

// Who names candidates.
type Who struct {
	Type WhoType `json:"type"`
	User string  `json:"user,omitempty"` // user id
	Role string  `json:"role,omitempty"`
	// Department is an id, or the name in any language, so that an app that is installed elsewhere can name it.
	Department string `json:"department,omitempty"`
	Weight     int    `json:"weight,omitempty"` // weighted: of each of them; default 1
}

// Capacity bounds how many open records people have.
type Capacity struct {
	Open   int            `json:"open,omitempty"`   // for everybody; 0: no limit
	People map[string]int `json:"people,omitempty"` // user id → a limit of their own
}

// Of is the limit of one person; 0: none.
func (c *Capacity) Of(user string) int {
	if c == nil {
		return 0
	}
	if own, ok := c.People[user]; ok {
		return own
	}
	return c.Open
}

// Pool says who may claim how much.
type Pool struct {
	Roles     []string  `json:"roles"`               // whose holders may claim
	MaxOpen   int       `json:"maxOpen,omitempty"`   // claimed and still open, for one person; 0: no limit
	MaxPerDay int       `json:"maxPerDay,omitempty"` // claimed on one day, by one person; 0: no limit
	TakeBack  *TakeBack `json:"takeBack,omitempty"`
}

// TakeBack says when a claimed record that its owner has not touched goes back to the pool.
type TakeBack struct {
	After    int       `json:"after"`
	Unit     flow.Unit `json:"unit"`
	Calendar string    `json:"calendar,omitempty"` // needed for workingDays and workingHours
}

// Delay is the time as calendars count it.
func (t TakeBack) Delay() flow.Delay {
	return flow.Delay{After: t.After, Unit: t.Unit, Calendar: t.Calendar}
}

// Picks reports whether the strategy chooses one of several people.
func (t Type) Picks() bool { return t == RoundRobin || t == Weighted || t == LeastLoaded }

// Parse reads an assignment definition.
func Parse(doc []byte) (*Assignment, error) {
	var a Assignment
	if err := json.Unmarshal(doc, &a); err != nil {
		return nil, fmt.Errorf("read assignment: %w", err)
	}
	return &a, nil
}
