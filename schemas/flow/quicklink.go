package flow

import (
	"strconv"
	"time"

	"github.com/stepwell/stepwell/schemas/problem"
)

// QuickLink makes a message carry a link for each of its readers who can fill in the fields just then: a page of one purpose,
// with these fields of the record and nothing else.
type QuickLink struct {
	// Fields are what it asks for. Those that are filled already when the message is sent are left out, unless it
	// completes the task.
	Fields  []string `json:"fields,omitempty"`
	Task    bool     `json:"task,omitempty"`    // sending it completes the reader's task
	Expires *Expiry  `json:"expires,omitempty"` // default 7 days
	SignIn  SignIn   `json:"signIn,omitempty"`
}

// Expiry is how long something holds from when it was made.
type Expiry struct {
	After int  `json:"after"`
	Unit  Unit `json:"unit"` // days (24 h), hours or minutes
}

// SignIn says whether a quick link works without signing in.
type SignIn string

// Whether a quick link works without signing in.
const (
	SignInRequired    SignIn = "required" // the default: whoever opens it must be signed in as its reader
	SignInNotRequired SignIn = "notRequired"
)

// How long a quick link holds.
const (
	DefaultQuickLinkLife = 7 * 24 * time.Hour
	MaxQuickLinkLife     = 90 * 24 * time.Hour
)

// Duration is the time that an expiry gives; DefaultQuickLinkLife when there is none.
func (e *Expiry) Duration() time.Duration {
	if e == nil {
		return DefaultQuickLinkLife
	}
	one := time.Minute
	switch e.Unit { //nolint:exhaustive // a link expires in none of the others
	case Days:
		one = 24 * time.Hour
	case Hours:
		one = time.Hour
	}
	return time.Duration(e.After) * one
}

// quickLink checks the link that a message carries.
func (c *checker) quickLink(p Place, q *QuickLink, at string) {
	if q == nil {
		return
	}
	at += "/quickLink"
	switch {
	case !p.Waits() && p.Type != Stage:
		c.add(ErrQuickLinkHere, at, in(p))
	case q.Task && p.Type != Task && p.Type != Stage:
		c.add(ErrQuickLinkTask, at+"/task", in(p))
	case len(q.Fields) == 0 && !q.Task:
		c.add(ErrQuickLinkEmpty, at+"/fields", in(p))
	}
	for i, key := range q.Fields {
		pointer := at + "/fields/" + strconv.Itoa(i)
		if field, ok := c.field(p, key, pointer); ok && !field.FilledAlone() {
			c.add(ErrQuickLinkField, pointer, problem.Params{"field": field.Title, "block": p.Name()})
		}
	}
	if q.Expires != nil && (!known(q.Expires.Unit, Days, Hours, Minutes) || q.Expires.Duration() <= 0 || q.Expires.Duration() > MaxQuickLinkLife) {
		c.add(ErrQuickLinkExpires, at+"/expires", in(p))
	}
	if !known(q.SignIn, "", SignInRequired, SignInNotRequired) {
		c.add(ErrQuickLinkSignIn, at+"/signIn", problem.Params{"value": q.SignIn})
	}
}
