package flow

// Vote says how many must approve in the mode ByVote: Count or Percent, not both.
type Vote struct {
	Count   int `json:"count,omitempty"`   // so many; all when fewer were asked
	Percent int `json:"percent,omitempty"` // of those asked, rounded up; 1 to 100
	// Abstain lets people abstain. Who abstains still counts among those asked.
	Abstain bool `json:"abstain,omitempty"`
}

// NobodyAction is what happens to a step for which nobody is found.
type NobodyAction string

// What is done where nobody is found.
const (
	NobodyAdmin NobodyAction = "admin" // the default: the app's admins get it, any one of them
	NobodyPass  NobodyAction = "pass"  // the flow goes on without it; a step that asks for something goes to the admins all the same
	NobodyUser  NobodyAction = "user"  // User gets it; the admins when User has left
	NobodyError NobodyAction = "error" // whatever would open the step is refused
)

// Nobody says what happens when nobody is found for a step.
type Nobody struct {
	Do   NobodyAction `json:"do"`
	User string       `json:"user,omitempty"` // NobodyUser: user id
}

// Repeat is what happens when somebody is asked to approve who has approved already.
type Repeat string

// What happens to people who have approved before.
const (
	RepeatAsk             Repeat = "ask"             // the default
	RepeatSkipConsecutive Repeat = "skipConsecutive" // their approval counts when it was the step just before
	RepeatSkipAny         Repeat = "skipAny"         // it counts whenever it was given on this walk
)

// Self is what happens when the applicant is among the approvers.
type Self string

// What happens to an applicant who would approve.
const (
	SelfAsk     Self = "ask"     // the default
	SelfSkip    Self = "skip"    // having submitted it counts as approving it
	SelfManager Self = "manager" // their nearest active manager is asked in their place
)

// Then is what follows when a record that was sent back has been mended.
type Then string

// What follows a return.
const (
	Again        Then = "again"        // every step in between runs again
	StraightBack Then = "straightBack" // straight to the step that sent it back
)

// ToApplicant, in the place of a block's id, is where a return gives the record back to its applicant as a draft.
const ToApplicant = "@applicant"

// Signature says whether a decision must be signed by hand.
type Signature string

// SignatureRequired asks for a signature with every decision of a step.
const SignatureRequired Signature = "required"

// Confirm says how people prove anew who they are before they decide.
type Confirm string

// ConfirmPassword asks for the password with every decision of a step.
const ConfirmPassword Confirm = "password"

// Who picks in a Who of type WhoChoice.
const (
	ByApplicant = "applicant" // when submitting the record
	ByPrevious  = "previous"  // whoever decides the step before
)

// In which department a role is looked for, besides that of a person or department field.
const (
	OwnersDepartment     = "ownersDepartment"
	ApplicantsDepartment = "applicantsDepartment"
)

// Asks reports whether the step wants more of people than their word: a field filled in, a signature, a password. Nobody is
// skipped then.
func (b *Block) Asks() bool {
	if b.Signature != "" || b.Confirm != "" {
		return true
	}
	for _, a := range b.Fields {
		if a == Required {
			return true
		}
	}
	return false
}

// Choice is the entry of the block's people that somebody picks; nil when nobody picks.
func (b *Block) Choice() *Who {
	for i := range b.Who {
		if b.Who[i].Type == WhoChoice {
			return &b.Who[i]
		}
	}
	return nil
}
