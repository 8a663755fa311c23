// Package chain says what has led to something: the runs of automations that caused one another, the first one first. It goes
// with every action, errand and run, so that a loop can be recognised and shown.
package chain

// Link is one run of an automation.
type Link struct {
	Automation string `json:"automation"`
	Run        string `json:"run"`
	Form       string `json:"form,omitempty"`
	Record     string `json:"record,omitempty"` // the record it was about
}

// Chain is what led to something; empty when a person, a program or a moment did.
type Chain []Link

// Then is the chain with one more run.
func (c Chain) Then(l Link) Chain { return append(c[:len(c):len(c)], l) }

// Last is the run that caused it; the zero Link when there is none.
func (c Chain) Last() Link {
	if len(c) == 0 {
		return Link{}
	}
	return c[len(c)-1]
}
