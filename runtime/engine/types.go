// Package engine decides what happens to a record that walks a flow. It is a pure function: no I/O, no clock, no
// randomness. The server, test runs, what-if and the property tests all use this one.
package engine

import (
	"time"

	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/form"
)

// Status is where a record stands as a whole.
type Status string

// The states of a record.
const (
	Draft   Status = "draft"   // not yet submitted; may be invalid
	Running Status = "running" // walking its flow
	Ended   Status = "ended"   // its flow has ended with an outcome
	Active  Status = "active"  // submitted, and its form has no flow
)

// Case is a record as the engine sees it.
type Case struct {
	ID         string         `json:"id"`
	Form       string         `json:"form"`
	Title      string         `json:"title"`
	Owner      string         `json:"owner"`
	Department string         `json:"department"`
	CreatedAt  time.Time      `json:"createdAt"`
	CreatedBy  string         `json:"createdBy"`
	Data       map[string]any `json:"data"`
	State      State          `json:"state"`
}

// State is the flow state of a record: everything that deciding needs besides the data.
type State struct {
	Status      Status    `json:"status"`
	Flow        string    `json:"flow,omitempty"`    // key of the flow definition
	Version     int       `json:"version,omitempty"` // its version; a running record stays on it
	Outcome     string    `json:"outcome,omitempty"` // of an ended flow
	EndedAt     time.Time `json:"endedAt,omitzero"`
	Applicant   string    `json:"applicant,omitempty"`
	SubmittedAt time.Time `json:"submittedAt,omitzero"`
	Seq         int64     `json:"seq"` // number of the last event
	Stage       string    `json:"stage,omitempty"`
	// Stages are the visits of stages in order; the last one without LeftAt is the present stage.
	Stages []Visit `json:"stages,omitempty"`
	// Tasks are the open tasks. A finished one leaves this list; the log keeps it.
	Tasks []Task `json:"tasks,omitempty"`
	// Deadlines are the pending and passed deadlines of blocks that are still open.
	Deadlines []DeadlineState `json:"deadlines,omitempty"`
	// Passed are the tasks and approvals that this walk has been through, in order; going back takes them off again.
	Passed []Passed `json:"passed,omitempty"`
	// Frames are the open blocks that hold a sequence (stages aside) or wait for something that is no task, and the ways
	// that run at once; a frame stands behind the one that holds it.
	Frames []Frame `json:"frames,omitempty"`
	// Suspension is set while the record stands still. Then Paused are its deadlines, and Held is what came from the outside
	// meanwhile.
	Suspension *Suspension     `json:"suspension,omitempty"`
	Paused     []DeadlineState `json:"paused,omitempty"`
	Held       []Command       `json:"held,omitempty"`
	// Marks are the marks that stay although their block is done: it was not done by anybody.
	Marks []Mark `json:"marks,omitempty"`
	// Picks are the people whom somebody has picked for steps, by block.
	Picks map[string][]string `json:"picks,omitempty"`
	// Detours are the returns from which the record goes straight back when it is mended, oldest first.
	Detours []Detour `json:"detours,omitempty"`
	// Last is the last decision, while nothing has happened since that stands in the way of undoing it.
	Last *Last `json:"last,omitempty"`
}

// Suspension says since when and why a record stands still.
type Suspension struct {
	At     time.Time `json:"at"`
	By     string    `json:"by,omitempty"`
	Reason string    `json:"reason"`
}

// Visit is one stay in a stage.
type Visit struct {
	Block     string    `json:"block"`
	EnteredAt time.Time `json:"enteredAt"`
	LeftAt    time.Time `json:"leftAt,omitzero"`
	Exit      Exit      `json:"exit,omitempty"`
	DueAt     time.Time `json:"dueAt,omitzero"`
	Overdue   bool      `json:"overdue,omitempty"`
}

// Exit is how a stage visit ended.
type Exit string

// The ways out of a stage.
const (
	ExitDone       Exit = "done"
	ExitReturned   Exit = "returned"
	ExitOverridden Exit = "overridden"
	ExitWithdrawn  Exit = "withdrawn"
	ExitMigrated   Exit = "migrated" // another version has it elsewhere
	ExitEnded      Exit = "ended"    // the flow ended inside it
)

// Task is one open thing to do.
type Task struct {
	ID        string         `json:"id"` // block id + "#" + the event number that opened it; unique in the record
	Block     string         `json:"block"`
	Kind      flow.BlockType `json:"kind"` // task or approval
	Stage     string         `json:"stage"`
	Frame     string         `json:"frame,omitempty"` // the frame in which it stands; "" directly in its stage or at the top
	Assignees []string       `json:"assignees"`       // user ids; a task may be done by any of them
	Mode      flow.Mode      `json:"mode,omitempty"`
	Approved  []string       `json:"approved,omitempty"`  // approval: who has approved so far
	Rejected  []string       `json:"rejected,omitempty"`  // approval by vote: who has refused so far
	Abstained []string       `json:"abstained,omitempty"` // approval by vote: who abstained
	Added     []Added        `json:"added,omitempty"`     // assignees who decide together with another one
	// Turn are the assignees who may decide now; none: all who have not decided yet.
	Turn     []string  `json:"turn,omitempty"`
	Stands   []Stand   `json:"stands,omitempty"` // who may decide in the place of whom
	UrgedAt  time.Time `json:"urgedAt,omitzero"`
	OpenedAt time.Time `json:"openedAt"`
	// DueAt is its own deadline, else that of its stage; of a checklist the earliest of those and of its items' own.
	DueAt   time.Time `json:"dueAt,omitzero"`
	Overdue bool      `json:"overdue,omitempty"`
	Items   []Item    `json:"items,omitempty"` // of a checklist, in the order of the flow
}

// Item is one line of an open checklist.
type Item struct {
	ID        string    `json:"id"`
	Assignees []string  `json:"assignees,omitempty"` // who may tick it; none: whoever has the checklist
	DoneAt    time.Time `json:"doneAt,omitzero"`     // when it was ticked
	DoneBy    string    `json:"doneBy,omitempty"`
	DueAt     time.Time `json:"dueAt,omitzero"` // its own deadline, while it is not ticked
	Overdue   bool      `json:"overdue,omitempty"`
}

// Passed is one task or approval that was completed or approved.
type Passed struct {
	Block string         `json:"block"`
	Kind  flow.BlockType `json:"kind"`
	Stage string         `json:"stage,omitempty"`
	By    string         `json:"by,omitempty"` // who decided last
	Task  string         `json:"task"`         // the task it was
	// Approvers are whose approvals it has, of an approval.
	Approvers []string `json:"approvers,omitempty"`
	// Frame is where it was passed: the innermost frame that is still open, or the way that is done of one that is.
	Frame string `json:"frame,omitempty"`
}

// Frame is one open block that holds a sequence, or one way of a block that runs several at once. Where in the sequence the
// record stands follows from what is open in it.
type Frame struct {
	// ID is unique in the record: block id + "#" + the event number that opened it, for a way followed by "." and its case.
	ID    string `json:"id"`
	Block string `json:"block"`
	In    string `json:"in,omitempty"`   // the frame that holds it
	Case  string `json:"case,omitempty"` // branch: the case taken, "else" for none; of a way its case
	// Need is how many ways must be done before the record goes on, Done how many are; of blocks with several ways at once.
	Need int `json:"need,omitempty"`
	Done int `json:"done,omitempty"`
	// Joined: enough ways were done, the record has gone on, and the rest finishes beside it.
	Joined bool `json:"joined,omitempty"`
	// Items are the elements of a forEach as they were when it was entered.
	Items []any `json:"items,omitempty"`
	// Record is the record that a create block has begun, while its end is waited for.
	Record string `json:"record,omitempty"`
	// Missing says what keeps a record from leaving its stage.
	Missing definition.Text `json:"missing,omitempty"`
}

// CommandKind names what somebody wants.
type CommandKind string

// The commands.
const (
	Save     CommandKind = "save"     // change data, leave the flow where it is
	Submit   CommandKind = "submit"   // start the flow
	Complete CommandKind = "complete" // a task is done
	Approve  CommandKind = "approve"
	Reject   CommandKind = "reject"
	Return   CommandKind = "return"   // back to an earlier block, by whoever holds a task
	Move     CommandKind = "move"     // board drag: forward = complete, one stage at a time, backward = return
	Withdraw CommandKind = "withdraw" // the applicant takes it back to draft
	Override CommandKind = "override" // an admin sets the stage, with a reason, past any gate
	Fire     CommandKind = "fire"     // a timer's moment has come
	Assign   CommandKind = "assign"   // hand an open task to others
	Suspend  CommandKind = "suspend"  // let the record stand still, with a reason
	Resume   CommandKind = "resume"   // let it go on
	Cancel   CommandKind = "cancel"   // call it off, with a reason
	Tick     CommandKind = "tick"     // an item of a checklist is done
	Untick   CommandKind = "untick"   // … is not done after all
	Signal   CommandKind = "signal"   // an event has happened for which blocks may wait
	Migrate  CommandKind = "migrate"  // go on in another version of the flow
	Answer   CommandKind = "answer"   // what the engine asked of the outside has come back
	// Recalculate counts anew the deadlines that are still to come on a calendar that has changed.
	Recalculate CommandKind = "recalculate"

	Abstain   CommandKind = "abstain"   // neither approve nor refuse, where a vote allows it
	Transfer  CommandKind = "transfer"  // give one's own part of a task to others
	AddSigner CommandKind = "addSigner" // let others decide too: before, after or beside oneself
	Undo      CommandKind = "undo"      // take one's own last decision back
	Urge      CommandKind = "urge"      // remind those for whom a task waits
	Copy      CommandKind = "copy"      // tell people about the record
	Comment   CommandKind = "comment"   // say something about the record
	HandOver  CommandKind = "handOver"  // everything that somebody has on the record goes to another one
	Refresh   CommandKind = "refresh"   // people or delegations have changed: work out anew who may decide
)

// Command is what somebody, or a timer, wants to happen to a record.
type Command struct {
	Kind    CommandKind       `json:"kind"`
	Actor   string            `json:"actor"` // user id; "" is the system
	Task    string            `json:"task,omitempty"`
	To      string            `json:"to,omitempty"` // return, move, override: block id
	Users   []string          `json:"users,omitempty"`
	From    string            `json:"from,omitempty"` // assign: whose part; "": the actor's own, else everybody's who has not decided
	Reason  string            `json:"reason,omitempty"`
	Comment string            `json:"comment,omitempty"`
	Data    map[string]any    `json:"data,omitempty"` // fields to change with it; null removes
	Timer   TimerRef          `json:"timer,omitzero"`
	Item    string            `json:"item,omitempty"`    // tick, untick
	Event   string            `json:"event,omitempty"`   // signal: its name
	Reply   *Reply            `json:"reply,omitempty"`   // answer
	Version int               `json:"version,omitempty"` // migrate: to which one
	Map     map[string]string `json:"map,omitempty"`     // migrate: old block id → new one; "" for none
	// Calendar is the key of the one that has changed: recalculate.
	Calendar string `json:"calendar,omitempty"`
	// Cause says why the system decides a task that is not its own. Without one it has no tasks.
	Cause Cause `json:"cause,omitempty"`
	// For is whose part of a task is decided by somebody who may decide several: theirs, or that of whom they stand in for.
	For   string    `json:"for,omitempty"`
	Where Where     `json:"where,omitempty"` // addSigner
	Then  flow.Then `json:"then,omitempty"`  // return
	// Picks are the people for steps to come, by block id. submit, and whatever decides a task.
	Picks     map[string][]string `json:"picks,omitempty"`
	Signature *form.FileRef       `json:"signature,omitempty"` // an image of a signature, checked by the caller
	Confirmed bool                `json:"confirmed,omitempty"` // the actor has proved anew who they are, as the caller knows
	Files     []form.FileRef      `json:"files,omitempty"`     // comment
}

// Reply is what came back from the outside.
type Reply struct {
	Block  string `json:"block"`            // which block had asked
	Frame  string `json:"frame"`            // Creation.Frame, Call.Frame
	Record string `json:"record,omitempty"` // Creation.Record
	// Error says why it failed for good; then nothing else counts.
	Error   string `json:"error,omitempty"`
	Outcome string `json:"outcome,omitempty"` // of the flow of a created record
	Status  int    `json:"status,omitempty"`  // HTTP status of a call
	Body    any    `json:"body,omitempty"`    // the JSON that a call answered
}

// EventKind names what happened.
type EventKind string

// The events.
const (
	DataChanged     EventKind = "dataChanged"
	Submitted       EventKind = "submitted"
	StageEntered    EventKind = "stageEntered"
	StageLeft       EventKind = "stageLeft"
	BlockEntered    EventKind = "blockEntered"
	BlockLeft       EventKind = "blockLeft"
	BlockJoined     EventKind = "blockJoined" // enough ways are done: the record goes on while the rest finishes
	WayEntered      EventKind = "wayEntered"  // a way is opened (again) in a block that is open already
	WayLeft         EventKind = "wayLeft"     // a way is done
	WayChosen       EventKind = "wayChosen"   // one of several happened first; the others are gone
	ItemTicked      EventKind = "itemTicked"
	ItemUnticked    EventKind = "itemUnticked"
	Signalled       EventKind = "signalled" // an event happened for which something waited
	Answered        EventKind = "answered"  // a reply came from the outside
	TaskOpened      EventKind = "taskOpened"
	TaskAssigned    EventKind = "taskAssigned"
	TaskVoted       EventKind = "taskVoted" // one of several approved; the task stays open
	TaskClosed      EventKind = "taskClosed"
	DeadlineSet     EventKind = "deadlineSet"
	DeadlineCleared EventKind = "deadlineCleared"
	DeadlinePassed  EventKind = "deadlinePassed"
	DeadlineMoved   EventKind = "deadlineMoved" // its calendar has changed
	DeadlineMet     EventKind = "deadlineMet"   // the fields that settle it are filled
	Reminded        EventKind = "reminded"
	Escalated       EventKind = "escalated"
	ActFailed       EventKind = "actFailed" // what was to be done without anybody was refused
	Flagged         EventKind = "flagged"   // a block that nobody has done leaves a mark
	CopySent        EventKind = "copySent"
	ReturnedTo      EventKind = "returnedTo"
	Withdrawn       EventKind = "withdrawn"
	Overridden      EventKind = "overridden"
	Suspended       EventKind = "suspended"
	Resumed         EventKind = "resumed"
	Migrated        EventKind = "migrated"
	ItemsChanged    EventKind = "itemsChanged" // the new version of a checklist has other items
	Held            EventKind = "held"         // something came from the outside while the record stood still
	FlowEnded       EventKind = "flowEnded"

	StepSkipped  EventKind = "stepSkipped"  // somebody, or nobody at all, is not asked; Cause says why
	SignerAdded  EventKind = "signerAdded"  // others decide too
	TaskTurned   EventKind = "taskTurned"   // people or delegations have changed, and with them who may decide
	PeoplePicked EventKind = "peoplePicked" // for a step to come
	WentBack     EventKind = "wentBack"     // straight back to the step that had sent the record back
	Undone       EventKind = "undone"       // a decision was taken back
	Urged        EventKind = "urged"
	Commented    EventKind = "commented"
	OwnerChanged EventKind = "ownerChanged"
)

// Event is one thing that happened. Apply needs nothing else. Which members are set depends on Kind.
type Event struct {
	Seq       int64             `json:"seq"`
	Kind      EventKind         `json:"kind"`
	At        time.Time         `json:"at"`
	Block     string            `json:"block,omitempty"`
	Task      string            `json:"task,omitempty"`
	TaskKind  flow.BlockType    `json:"taskKind,omitempty"`
	Mode      flow.Mode         `json:"mode,omitempty"`
	Assignees []string          `json:"assignees,omitempty"`
	Stage     string            `json:"stage,omitempty"` // taskOpened, taskClosed: the enclosing stage
	User      string            `json:"user,omitempty"`  // who did it; "" is the system
	Result    TaskResult        `json:"result,omitempty"`
	Exit      Exit              `json:"exit,omitempty"`
	Frame     string            `json:"frame,omitempty"` // block…, way…: which; taskOpened: where it stands
	In        string            `json:"in,omitempty"`    // blockEntered, wayEntered: the frame that holds it
	Case      string            `json:"case,omitempty"`
	Ways      []string          `json:"ways,omitempty"`     // blockEntered: the ways that run at once
	Need      int               `json:"need,omitempty"`     // blockEntered, wayEntered: how many ways must be done
	Missing   definition.Text   `json:"missing,omitempty"`  // blockEntered at the gate of a stage: what keeps the record there
	Elements  []any             `json:"elements,omitempty"` // blockEntered of a forEach: what it runs over
	Record    string            `json:"record,omitempty"`   // blockEntered of a create: the record that it begins
	Items     []Item            `json:"items,omitempty"`    // taskOpened: of a checklist
	Item      string            `json:"item,omitempty"`
	Moment    Moment            `json:"moment,omitempty"`   // deadlineSet: of a block that waits
	Name      string            `json:"name,omitempty"`     // signalled: the event
	Undone    []string          `json:"undone,omitempty"`   // returnedTo, overridden: the tasks that no longer count as passed
	Remind    int               `json:"remind,omitempty"`   // reminded: which, as TimerRef names it
	Turn      int               `json:"turn,omitempty"`     // reminded: how often it has come before, by its interval
	Level     int               `json:"level,omitempty"`    // escalated, actFailed: which
	Do        flow.AutoAction   `json:"do,omitempty"`       // escalated, actFailed: what is done without anybody
	Why       definition.Text   `json:"why,omitempty"`      // actFailed: why it was refused
	Flag      *flow.Flag        `json:"flag,omitempty"`     // deadlinePassed, reminded, escalated, flagged
	Fallback  bool              `json:"fallback,omitempty"` // taskOpened: nobody was found, so it went to the app's admins
	Outcome   string            `json:"outcome,omitempty"`
	Reason    string            `json:"reason,omitempty"`
	Comment   string            `json:"comment,omitempty"`
	Deadline  string            `json:"deadline,omitempty"`
	DueAt     time.Time         `json:"dueAt,omitzero"`
	Was       time.Time         `json:"was,omitzero"`      // deadlineMoved: when it was due before
	Timers    []Timer           `json:"timers,omitempty"`  // deadlineSet, deadlineMoved: every moment to be stored; reminded: the next
	Gone      []TimerRef        `json:"gone,omitempty"`    // what no longer comes besides its own moment: deadlineCleared, deadlineMet; besides that of Resumes: deadlineSet, deadlineMoved
	Counted   *Counted          `json:"counted,omitempty"` // deadlineSet, deadlineMoved, deadlineMet
	Resumes   string            `json:"resumes,omitempty"` // deadlineSet: the paused deadline that goes on; deadlineMoved: the one that moves
	Held      *Command          `json:"held,omitempty"`
	Map       map[string]string `json:"map,omitempty"` // migrated: the ids that changed
	Flow      string            `json:"flow,omitempty"`
	Version   int               `json:"version,omitempty"`
	Set       map[string]any    `json:"set,omitempty"`    // dataChanged, undone: new values; null means removed
	Before    map[string]any    `json:"before,omitempty"` // dataChanged, undone: what stood there

	Cause  Cause    `json:"cause,omitempty"`  // why the system decided, or why nobody was asked
	For    string   `json:"for,omitempty"`    // whose part User decided in their place; ownerChanged: the owner so far
	Users  []string `json:"users,omitempty"`  // signerAdded, taskAssigned: who is new; taskClosed: who had decided before
	Roster *Roster  `json:"roster,omitempty"` // of a task, when there is more to say than its assignees
	// Origins say why each of the people of a taskOpened is asked, in their order.
	Origins   []Origin       `json:"origins,omitempty"`
	Detour    *Detour        `json:"detour,omitempty"`    // returnedTo: it will come straight back; submitted: it goes straight back
	Signature *form.FileRef  `json:"signature,omitempty"` // of a decision
	Files     []form.FileRef `json:"files,omitempty"`     // commented
	Restored  *State         `json:"restored,omitempty"`  // undone: how the record stands again
	// Asks: something outside was asked that cannot be taken back. blockEntered.
	Asks bool `json:"asks,omitempty"`
}

// TaskResult is how a task was closed.
type TaskResult string

// How a task is closed.
const (
	TaskCompleted TaskResult = "completed"
	TaskApproved  TaskResult = "approved"
	TaskRejected  TaskResult = "rejected"
	TaskReturned  TaskResult = "returned"
	TaskAbstained TaskResult = "abstained" // one of several voters, never a task as a whole
	TaskCancelled TaskResult = "cancelled" // somebody else decided, or the record moved on
	TaskLapsed    TaskResult = "lapsed"    // nobody decided in time
)

// Effect is what the engine asks of the outside. Tasks and timers are not effects: they follow from the events.
type Effect struct {
	Key      string          `json:"key"` // unique in the record: event number + index, so that it happens once
	Cause    EffectCause     `json:"cause"`
	Block    string          `json:"block,omitempty"`
	Task     string          `json:"task,omitempty"`
	Item     string          `json:"item,omitempty"` // of a checklist
	To       []string        `json:"to"`             // user ids
	Channels []string        `json:"channels"`
	Title    definition.Text `json:"title,omitempty"` // empty: the default wording of Cause
	Text     definition.Text `json:"text,omitempty"`
	DueAt    time.Time       `json:"dueAt,omitzero"`
	By       string          `json:"by,omitempty"`     // whose command caused it; "" is the system
	Reason   string          `json:"reason,omitempty"` // why it was sent back or handed over
	// Create and Call make an effect that is no notice: it has no To and no Channels.
	Create *Creation `json:"create,omitempty"`
	Call   *Call     `json:"call,omitempty"`
	// QuickLink asks for a link for each reader who can fill something in; passed on as the flow says it.
	QuickLink *flow.QuickLink `json:"quickLink,omitempty"`
}

// Creation asks for a record of another form of the same app. When it cannot be begun, a Reply with an Error goes to the
// asking record; when it can and Await is set, one with its Outcome when its flow has ended.
type Creation struct {
	Form   string         `json:"form"`
	Record string         `json:"record"` // the id it must have, so that asking again makes no second one
	Data   map[string]any `json:"data"`
	Draft  bool           `json:"draft,omitempty"` // leave it a draft
	Await  bool           `json:"await,omitempty"`
	Frame  string         `json:"frame"` // for the reply
}

// Call asks for a request to another system. When it has failed for good, a Reply with an Error goes to the asking record;
// when it was answered with a 2xx status and Await is set, one with that status and body.
type Call struct {
	URL     string            `json:"url"`
	Method  string            `json:"method"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    map[string]any    `json:"body,omitempty"` // sent as JSON; nil: nothing is sent
	Secret  string            `json:"secret,omitempty"`
	Token   string            `json:"token,omitempty"`
	Await   bool              `json:"await,omitempty"`
	Frame   string            `json:"frame"` // for the reply
}

// IsNotice reports whether the effect tells people something.
func (e *Effect) IsNotice() bool { return e.Create == nil && e.Call == nil }

// EffectCause says why people are told.
type EffectCause string

// The causes of a notice.
const (
	CauseTask      EffectCause = "task"      // something to do
	CauseCopy      EffectCause = "copy"      // cc
	CauseReminder  EffectCause = "reminder"  // a deadline is near, or past for some time
	CauseOverdue   EffectCause = "overdue"   // a deadline has passed
	CauseEscalated EffectCause = "escalated" // it has stayed overdue
	CauseActFailed EffectCause = "actFailed" // what was to be done without anybody was refused (to the app's admins)
	CauseReturned  EffectCause = "returned"  // sent back
	CauseEnded     EffectCause = "ended"     // the flow has ended (to the owner)
	CauseEntered   EffectCause = "entered"   // a block's own notify
	CauseHeld      EffectCause = "held"      // the record cannot leave its stage, and nobody has a task that would show it
	CauseFailed    EffectCause = "failed"    // what was asked of the outside has failed, and the flow does not provide for it
	CauseStandIn   EffectCause = "standIn"   // something to do in the place of somebody else
	CauseAssigned  EffectCause = "assigned"  // the record is theirs now
	CauseTakenBack EffectCause = "takenBack" // … no longer theirs
	CauseUrged     EffectCause = "urged"     // somebody waits for a decision
	CauseMentioned EffectCause = "mentioned" // in a comment
	CauseUndone    EffectCause = "undone"    // a decision was taken back, and with it what there was to do
)

// Decision is the answer to a command that is allowed.
type Decision struct {
	Events  []Event
	Effects []Effect
	After   Case // the case with all events applied
}

// Directory answers questions about people from a snapshot.
type Directory interface {
	// Name is what people call a user or department in a language; the id of somebody unknown.
	Name(id, lang string) string
	// Active reports whether the user exists and may act.
	Active(user string) bool
	// Manager is the level-th manager upward; 1 is the direct one. "" when there is none.
	Manager(user string, level int) string
	// DepartmentOf is the user's department id.
	DepartmentOf(user string) string
	// DepartmentHead is the head of the department, or of the level-1-th department above it. "" when there is none.
	DepartmentHead(department string, level int) string
	// WithRole lists the users who hold a role of an app, in a stable order.
	WithRole(app, role string) []string
	// IsDepartment tells a department id from a user id.
	IsDepartment(id string) bool
	// DepartmentAbove is the department that holds another one; "" at the top.
	DepartmentAbove(department string) string
	// PositionOf is the user's position in words; "" when there is none.
	PositionOf(user string) string
}

// Calendars computes deadlines.
type Calendars interface {
	// Due is the moment that a deadline counted from start ends. An unknown calendar is an error.
	Due(d flow.Deadline, start time.Time) (time.Time, error)
	// DayStart is the moment a date ("2006-01-02") begins in the calendar's time zone; without a calendar, in the
	// installation's.
	DayStart(calendar, date string) (time.Time, error)
	// Resume is when a deadline ends that ended at due and stood still from paused to resumed: it has as much time left as it
	// had, counted as its unit counts, and ends at its time of day when it has one.
	Resume(d flow.Deadline, due, paused, resumed time.Time) (time.Time, error)
	// OfDepartment is the key of the calendar that lists a department. "" when there is none.
	OfDepartment(department string) string
}
