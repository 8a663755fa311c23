package engine

import "github.com/stepwell/stepwell/schemas/flow"

// Added is an assignee whose decision is part of another one's: asked before or after them. The members of a part decide in
// the order of the assignees, and it has approved when all of them have.
type Added struct {
	User string `json:"user"`
	To   string `json:"to"`           // the assignee to whose part User belongs
	By   string `json:"by,omitempty"` // who asked for it
}

// Stand is somebody who may decide a part of a task in the place of an assignee, who may still decide it too.
type Stand struct {
	For string `json:"for"` // the assignee
	By  string `json:"by"`
}

// Where says when an added signer decides.
type Where string

// When added signers decide.
const (
	Before Where = "before" // first; then it is back to whoever asked
	After  Where = "after"  // when whoever asked has approved
	Beside Where = "beside" // at the same time, as one more assignee
)

// Cause is why the system decides something, or why somebody is not asked.
type Cause string

// The causes.
const (
	CauseDeadline Cause = "deadline" // the deadline of the step says so
	CauseNobody   Cause = "nobody"   // there is nobody who could decide
	CauseRepeat   Cause = "repeat"   // they have approved before
	CauseSelf     Cause = "self"     // they have submitted the record
)

// Roster is who may decide a task now, and with whom; see Task.
type Roster struct {
	Turn     []string `json:"turn,omitempty"`
	Stands   []Stand  `json:"stands,omitempty"`
	Added    []Added  `json:"added,omitempty"`
	Approved []string `json:"approved,omitempty"` // taskOpened: whose approval it has from the beginning
	From     string   `json:"from,omitempty"`     // taskAssigned: whose part it was; "": that of all who had not decided
	Where    Where    `json:"where,omitempty"`    // signerAdded
}

// Origin says why somebody is asked.
type Origin struct {
	User string       `json:"user"`
	Type flow.WhoType `json:"type"`
	// Of is whose manager or department head they are, in which department they hold the role, who picked them, or in whose
	// place they are asked.
	Of       string `json:"of,omitempty"`
	Level    int    `json:"level,omitempty"` // of a manager or head
	Role     string `json:"role,omitempty"`
	Position string `json:"position,omitempty"`
	Field    string `json:"field,omitempty"`
	// Cause is set when somebody is asked in the place of others: CauseSelf, of the applicant; CauseNobody, because nobody else
	// was found. Of those who are not asked it says why.
	Cause Cause `json:"cause,omitempty"`
}

// Detour is a return from which the record goes straight back when it is mended.
type Detour struct {
	To    string `json:"to"`    // the block to which it was sent, or flow.ToApplicant
	Block string `json:"block"` // the block to which it goes straight back
	// Task is the task that was left, with the votes it had but that of whoever sent the record back.
	Task Task `json:"task"`
}

// Last is the last decision on a record.
type Last struct {
	By     string     `json:"by"`
	Task   string     `json:"task"`
	Block  string     `json:"block"`
	Result TaskResult `json:"result"`
	Seq    int64      `json:"seq"` // number of its event
}
