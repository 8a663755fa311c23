// Package flow holds the shape of a flow definition: a tree of blocks that a record of one form walks through.
//
// The types are lenient, for drafts; Check says whether a flow can run. What a block means is runtime/engine's.
package flow

import "github.com/stepwell/stepwell/schemas/definition"

// Flow is the body of a definition of kind "flow".
type Flow struct {
	definition.Head
	Form   string  `json:"form"` // key of the form whose records walk this flow
	Blocks []Block `json:"blocks"`
	// Withdraw says until when the applicant may take the record back: "never", "untilDecided" (default), "always".
	Withdraw string `json:"withdraw,omitempty"`
	// Nobody, Repeat and Self hold for every step that says nothing itself.
	Nobody *Nobody `json:"nobody,omitempty"`
	Repeat Repeat  `json:"repeat,omitempty"`
	Self   Self    `json:"self,omitempty"`
	// Part marks a flow that records run only as the subFlow of another one.
	Part bool `json:"part,omitempty"`
}

// Until when the applicant may take a record back.
const (
	WithdrawNever        = "never"
	WithdrawUntilDecided = "untilDecided" // until somebody else has completed a task or approved
	WithdrawAlways       = "always"       // until the flow has ended
)

// BlockType names what a block does.
type BlockType string

// The types of block.
const (
	Stage    BlockType = "stage"    // top level only: what the path bar shows; holds blocks, run in sequence
	Task     BlockType = "task"     // somebody must complete it
	Approval BlockType = "approval" // somebody must approve or refuse
	Branch   BlockType = "branch"   // the first case whose condition holds, else Else
	CC       BlockType = "cc"       // tells people and goes on
	Update   BlockType = "update"   // sets fields by formula and goes on
	End      BlockType = "end"      // ends the flow with an outcome

	Inclusive BlockType = "inclusive" // every case whose condition holds at once, else Else
	Parallel  BlockType = "parallel"  // every case at once
	ForEach   BlockType = "forEach"   // its blocks once for each element of a list field
	FirstOf   BlockType = "firstOf"   // several cases wait at once; the first to happen takes its way
	Wait      BlockType = "wait"      // until a moment, a condition or an event
	Checklist BlockType = "checklist" // a task whose items are ticked one by one
	Create    BlockType = "create"    // begins a record of another form
	Webhook   BlockType = "webhook"   // calls another system
	SubFlow   BlockType = "subFlow"   // runs the blocks of another flow of the form
)

// Block is one node of the tree. Which members count depends on Type.
type Block struct {
	ID    string          `json:"id"` // ASCII, unique in the flow, stable across versions
	Type  BlockType       `json:"type"`
	Title definition.Text `json:"title,omitempty"`
	Help  definition.Text `json:"help,omitempty"`

	// Blocks are the content of a stage or a forEach, in sequence. Those of a subFlow are those of the flow that it names:
	// Inline fills them in.
	Blocks []Block `json:"blocks,omitempty"`

	// Fields says what this step may see and must fill, by field key. A field not named is as the enclosing stage says,
	// but at most "read" on an approval; and when the stage does not name it either, "write" on a task, "read" on an approval.
	// On a cc: what the people it tells may read. People whose roles say nothing about fields see those that are named here or
	// by the stage, and no others.
	Fields map[string]FieldAccess `json:"fields,omitempty"`
	// Checks must hold before the stage may be left forward, the task completed, or the approval given.
	Checks []Check `json:"checks,omitempty"`
	// Waive is the exception exit of a stage or task: while it holds, the required fields and the checks of the block, and
	// of the tasks in it, are not asked for. The branch that follows decides where such a record goes, e.g. to an end "lost".
	Waive definition.Rule `json:"waive,omitzero"`

	Deadline *Deadline `json:"deadline,omitempty"` // stage, task, checklist, approval
	Notify   []Notify  `json:"notify,omitempty"`   // stage, task, checklist, approval: sent when it opens; cc: what it sends

	Who      []Who        `json:"who,omitempty"`      // task, checklist, approval, cc
	Nobody   *Nobody      `json:"nobody,omitempty"`   // task, checklist, approval: what happens when Who names nobody
	Mode     Mode         `json:"mode,omitempty"`     // approval
	Vote     *Vote        `json:"vote,omitempty"`     // approval of the mode ByVote
	OnReject RejectAction `json:"onReject,omitempty"` // approval; default RejectEnd
	Repeat   Repeat       `json:"repeat,omitempty"`   // approval
	Self     Self         `json:"self,omitempty"`     // approval
	// ReturnTo lists where this approval may send the record back: blocks, or ToApplicant; none: anywhere it has been.
	ReturnTo []string `json:"returnTo,omitempty"`
	Then     Then     `json:"then,omitempty"` // approval: what follows its returns; none: whoever returns chooses, Again when they do not

	Signature Signature `json:"signature,omitempty"` // task, approval
	Confirm   Confirm   `json:"confirm,omitempty"`   // task, approval

	Items []Item `json:"items,omitempty"` // checklist

	Cases []Case  `json:"cases,omitempty"` // branch, inclusive, parallel, firstOf
	Else  []Block `json:"else,omitempty"`  // branch, inclusive

	// Join, Count and Rest say when the ways that run at once have become one again: inclusive, parallel, forEach.
	Join  Join `json:"join,omitempty"`  // default JoinAll
	Count int  `json:"count,omitempty"` // JoinCount: how many ways must be done
	Rest  Rest `json:"rest,omitempty"`  // default RestCancel

	Over  string `json:"over,omitempty"`  // forEach: key of a list field
	Order Order  `json:"order,omitempty"` // forEach; default OrderParallel
	Max   int    `json:"max,omitempty"`   // forEach: how many elements it takes at most; default MaxElements

	Until *Delay          `json:"until,omitempty"` // wait: until a moment
	When  definition.Rule `json:"when,omitzero"`   // wait: until this holds
	Event string          `json:"event,omitempty"` // wait: until this is signalled
	// Timeout ends the waiting of a wait, create or webhook; then Late runs, and the flow goes on behind it.
	Timeout *Delay  `json:"timeout,omitempty"`
	Late    []Block `json:"late,omitempty"` // task, checklist, approval: what runs when their deadline moves the record on

	// Set says what is set, field key → formula. update: fields of the record. create: fields of the record that is begun.
	// webhook: fields of the record, from the answer.
	Set map[string]definition.Rule `json:"set,omitempty"`

	Form   string `json:"form,omitempty"`   // create: key of the form of the record that is begun
	Draft  bool   `json:"draft,omitempty"`  // create: leave it a draft instead of submitting it
	Link   string `json:"link,omitempty"`   // create: the link field that names the new record
	Await  bool   `json:"await,omitempty"`  // create: wait until its flow has ended; webhook: wait for the answer
	Result string `json:"result,omitempty"` // create, subFlow: the text field that takes the outcome it ended with
	Call   *Call  `json:"call,omitempty"`   // webhook
	// Failed runs when a call has failed for good, or the record could not be begun; then the flow goes on behind it. webhook
	// and create that wait.
	Failed []Block `json:"failed,omitempty"`

	Flow string `json:"flow,omitempty"` // subFlow: key of the flow whose blocks it runs

	Outcome string          `json:"outcome,omitempty"` // end: a key such as "won"
	Label   definition.Text `json:"label,omitempty"`   // end: the outcome in words
	Tone    string          `json:"tone,omitempty"`    // end: "good", "bad" or "neutral"
}

// FieldAccess is what a step may do with a field.
type FieldAccess string

// The kinds of access, from least to most.
const (
	Hidden   FieldAccess = "hidden"
	Read     FieldAccess = "read"
	Write    FieldAccess = "write"
	Required FieldAccess = "required" // may write, and must have filled it before the step ends
)

// Mode is how the decisions of several approvers become one.
type Mode string

// The modes of an approval.
const (
	Any        Mode = "any"        // 或签: the first decision decides
	All        Mode = "all"        // 会签: everybody must approve; the first refusal refuses
	Sequential Mode = "sequential" // 依次: one after the other in the order of the list; the first refusal refuses
	ByVote     Mode = "vote"       // 票签: as many as Vote says must approve
)

// Join is how many of several ways must be done before the record goes on.
type Join string

// The joins.
const (
	JoinAll   Join = "all"
	JoinAny   Join = "any"   // the first one that is done
	JoinCount Join = "count" // as many as Count says; all when there are fewer
)

// Rest is what becomes of the ways that still run when the record goes on.
type Rest string

// What becomes of the rest.
const (
	RestCancel Rest = "cancel" // their tasks close
	RestFinish Rest = "finish" // they run on beside the record; what holds the block is not left before they are done
)

// Order is how the elements of a forEach come.
type Order string

// The orders.
const (
	OrderParallel Order = "parallel" // all at once
	OrderSequence Order = "sequence" // one after the other
)

// MaxElements is how many elements a forEach takes when it does not say, and at most.
const MaxElements = 100

// Item is one line of a checklist.
type Item struct {
	ID       string          `json:"id"`
	Title    definition.Text `json:"title"`
	Help     definition.Text `json:"help,omitempty"`
	Who      []Who           `json:"who,omitempty"`      // who may tick it; none: whoever has the checklist
	Optional bool            `json:"optional,omitempty"` // the checklist may be completed without it
	Deadline *Deadline       `json:"deadline,omitempty"` // its own, counted from when the checklist opens
}

// Name is what people call the item: its title, or its id when it has none.
func (i Item) Name() definition.Text {
	if i.Title.Empty() {
		return definition.Text{"": i.ID}
	}
	return i.Title
}

// Call is what a webhook sends. {field} places in URL and Headers are filled from the record.
type Call struct {
	URL     string            `json:"url"`
	Method  string            `json:"method,omitempty"` // POST (default), PUT, PATCH, GET or DELETE
	Headers map[string]string `json:"headers,omitempty"`
	// Body says what is sent as a JSON object, member → formula; none: the record with its data. GET and DELETE send nothing.
	Body map[string]definition.Rule `json:"body,omitempty"`
	// Secret names the stored secret with which the call is signed, Token the one that is sent as the bearer token.
	Secret string `json:"secret,omitempty"`
	Token  string `json:"token,omitempty"`
}

// RejectAction is what a refused approval does.
type RejectAction string

// What a refusal does.
const (
	RejectEnd    RejectAction = "end"    // the flow ends with the outcome "rejected"
	RejectReturn RejectAction = "return" // back to the nearest earlier task

	RejectApplicant RejectAction = "applicant" // back to the applicant, as a draft
)

// Check is a condition on the record and what to say when it does not hold.
type Check struct {
	ID      string          `json:"id"`
	Rule    definition.Rule `json:"rule"` // CEL, must be true
	Message definition.Text `json:"message"`
	Field   string          `json:"field,omitempty"` // where the message is shown
}

// Case is one way out of a branch, or one of several ways at once.
type Case struct {
	ID     string          `json:"id"`
	Title  definition.Text `json:"title,omitempty"`
	When   definition.Rule `json:"when,omitzero"` // branch, inclusive; in a firstOf and a parallel there is none
	Blocks []Block         `json:"blocks"`
}

// Name is what people call the case: its title, or its id when it has none.
func (c Case) Name() definition.Text {
	if c.Title.Empty() {
		return definition.Text{"": c.ID}
	}
	return c.Title
}

// Who names people. Several entries add up.
type Who struct {
	Type WhoType `json:"type"`
	User string  `json:"user,omitempty"` // WhoUser: user id
	// Role is a role key of the app. WhoRole; WhoManagers: the first manager who holds it is the last one.
	Role string `json:"role,omitempty"`
	// Level counts managers upward, 1 is the direct manager. WhoManager, WhoDepartmentHead (1: own department); WhoManagers:
	// how many at most.
	Level int `json:"level,omitempty"`
	// Position ends the managers at the first one who has it, as the directory words it. WhoManagers.
	Position string `json:"position,omitempty"`
	// Field is the key of a person or department field. WhoField, WhoItem.
	Field string `json:"field,omitempty"`
	// Of says whose managers or department head: OfOwner (default), OfApplicant or a person field's key. WhoRole: of which
	// department, OwnersDepartment, ApplicantsDepartment or the key of a person or department field; none: of the whole app.
	Of string `json:"of,omitempty"`
	// By says who picks, ByApplicant or ByPrevious; From whom, none: anybody; Min (default 1) and Max (0: no limit) how many.
	// WhoChoice.
	By   string `json:"by,omitempty"`
	From []Who  `json:"from,omitempty"`
	Min  int    `json:"min,omitempty"`
	Max  int    `json:"max,omitempty"`
	// Rule gives one user id or a list of them. WhoFormula.
	Rule definition.Rule `json:"rule,omitzero"`
}

// Whose manager or department head, besides that of a person field.
const (
	OfOwner     = "owner"
	OfApplicant = "applicant"
)

// WhoType is a way to name people.
type WhoType string

// The ways to name people.
const (
	WhoUser           WhoType = "user"
	WhoRole           WhoType = "role"
	WhoOwner          WhoType = "owner"
	WhoApplicant      WhoType = "applicant" // who submitted the record
	WhoManager        WhoType = "manager"
	WhoDepartmentHead WhoType = "departmentHead"
	WhoField          WhoType = "field"    // the person in a person field, or the head of the department in a department field
	WhoAssignee       WhoType = "assignee" // in messages only: whoever has the task, or the open tasks of the stage
	WhoManagers       WhoType = "managers" // level by level upward
	WhoChoice         WhoType = "choice"   // whom somebody picks
	WhoFormula        WhoType = "formula"  // whom a formula names
	WhoItem           WhoType = "item"     // inside a forEach: the element, or the person or department in the column Field of it
)

// Notify is a message to people.
type Notify struct {
	To       []Who           `json:"to"`
	Channels []string        `json:"channels,omitempty"` // "inApp", "email", … or keys of channel definitions; none: inApp
	Title    definition.Text `json:"title,omitempty"`    // {path} places are filled from the record; default wording when empty
	Text     definition.Text `json:"text,omitempty"`
	// QuickLink gives those of its readers a page who can fill something in just then.
	QuickLink *QuickLink `json:"quickLink,omitempty"`
}
