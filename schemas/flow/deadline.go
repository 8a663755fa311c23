package flow

import "github.com/stepwell/stepwell/schemas/definition"

// Unit is a unit of a deadline.
type Unit string

// The units of a deadline.
const (
	WorkingDays  Unit = "workingDays"
	WorkingHours Unit = "workingHours" // hours during which the calendar is open
	Days         Unit = "days"
	Hours        Unit = "hours"
	Minutes      Unit = "minutes"
)

// Working reports whether the unit means something only on a calendar.
func (u Unit) Working() bool { return u == WorkingDays || u == WorkingHours }

// Delay is a moment: some time after the block was entered, or after (or, when negative, before) the date in a field.
type Delay struct {
	After    int    `json:"after"`
	Unit     Unit   `json:"unit"`
	At       string `json:"at,omitempty"`       // wall-clock time "17:00" on the day that is reached; with WorkingDays and Days only
	Calendar string `json:"calendar,omitempty"` // needed for WorkingDays and WorkingHours
	// CalendarOf takes the calendar of a person's department instead, when one lists it: OfOwner or OfAssignee. Calendar is
	// what holds otherwise.
	CalendarOf string `json:"calendarOf,omitempty"`
	Field      string `json:"field,omitempty"`
}

// Deadline is the delay as calendars count it.
func (d Delay) Deadline() Deadline {
	return Deadline{After: d.After, Unit: d.Unit, At: d.At, Calendar: d.Calendar, CalendarOf: d.CalendarOf, Field: d.Field}
}

// Deadline is a moment computed when its block is entered, and what happens around it.
type Deadline struct {
	After int  `json:"after"` // how many units after the start
	Unit  Unit `json:"unit"`
	// At is the wall-clock time "17:00" on the day that is reached; with WorkingDays and Days only.
	At string `json:"at,omitempty"`
	// Calendar is the key of a calendar definition; needed for WorkingDays and WorkingHours, and its time zone holds for At.
	Calendar string `json:"calendar,omitempty"`
	// CalendarOf takes the calendar of a person's department instead, when one lists it: OfOwner or OfAssignee, who is the
	// first one asked.
	CalendarOf string `json:"calendarOf,omitempty"`
	// Field counts from (or, with a negative After, before) a date field instead of from entry.
	Field string `json:"field,omitempty"`
	// Follow says whether a deadline that was set moves with its date field and its calendar.
	Follow Follow `json:"follow,omitempty"`
	// SettledBy are fields that meet the deadline once all of them are filled, whether or not the step is done.
	SettledBy []string `json:"settledBy,omitempty"`
	// Remind are messages before (negative) or after (positive) the deadline.
	Remind []Reminder `json:"remind,omitempty"`
	// Notify is sent at the moment the deadline passes.
	Notify []Notify `json:"notify,omitempty"`
	// Flag marks the record from the moment the deadline passes until the block is left or the deadline met.
	Flag *Flag `json:"flag,omitempty"`
	// Escalate are the levels that follow when it stays overdue, each of which comes once.
	Escalate []Escalation `json:"escalate,omitempty"`
}

// Delay is how the deadline is counted.
func (d *Deadline) Delay() Delay {
	return Delay{After: d.After, Unit: d.Unit, At: d.At, Calendar: d.Calendar, CalendarOf: d.CalendarOf, Field: d.Field}
}

// OfAssignee means whoever has the task: whose manager or department head, in messages of tasks and deadlines, and whose
// calendar.
const OfAssignee = "assignee"

// Follow says whether a deadline moves after it was set.
type Follow string

// Whether a deadline moves.
const (
	FollowLive   Follow = "live"   // the default: with its date field, and when its calendar changes
	FollowFrozen Follow = "frozen" // it stays as it was set
)

// Reminder is a message some time before or after a deadline, and perhaps again and again.
type Reminder struct {
	Offset int    `json:"offset"` // negative: before
	Unit   Unit   `json:"unit"`
	At     string `json:"at,omitempty"` // as in Deadline; then Offset may be 0
	// Every repeats it: Times times in all, without Times until the block is left or the deadline met.
	Every  *Interval `json:"every,omitempty"`
	Times  int       `json:"times,omitempty"`
	Notify Notify    `json:"notify"`
	Flag   *Flag     `json:"flag,omitempty"`
}

// Interval is the time between two of the same.
type Interval struct {
	N    int  `json:"n"`
	Unit Unit `json:"unit"`
}

// Flag is a named mark on a record, shown wherever the record is.
type Flag struct {
	Key   string          `json:"key"` // to filter by, such as "noDrawing"
	Label definition.Text `json:"label"`
	Tone  Tone            `json:"tone"`
}

// Tone is how bad a mark is.
type Tone string

// The tones of a mark.
const (
	ToneBad     Tone = "bad"     // red
	ToneWarning Tone = "warning" // amber
)

// Escalation is one level of what happens when a deadline stays overdue: some time after it people are told, the record is
// marked, or the step is decided without those who should have.
type Escalation struct {
	After int    `json:"after"` // how many units after the deadline; 0: at once
	Unit  Unit   `json:"unit"`
	At    string `json:"at,omitempty"` // as in Deadline
	// Notify is who is told.
	Notify []Notify `json:"notify,omitempty"`
	// Flag marks the record. With something done that ends the step, the mark stays, so that people see it was not done by
	// anybody.
	Flag *Flag `json:"flag,omitempty"`
	// Do is done without anybody, through the same gates as by a person. One that is refused is told to the app's
	// administrators.
	Do     AutoAction `json:"do,omitempty"`
	To     []Who      `json:"to,omitempty"`     // transfer: to whom
	Target string     `json:"target,omitempty"` // return: to which earlier stage or task
}

// AutoAction is what is done when nobody has done it in time.
type AutoAction string

// What is done without anybody.
const (
	DoApprove  AutoAction = "approve"
	DoReject   AutoAction = "reject"
	DoComplete AutoAction = "complete" // task, checklist
	DoTransfer AutoAction = "transfer" // whatever is undecided goes to others; on a stage, all of its open tasks
	DoReturn   AutoAction = "return"
	DoMoveOn   AutoAction = "moveOn" // the step is over undecided: its Late runs, and the flow goes on behind it
)

// Closes reports whether the step is over when that is done.
func (a AutoAction) Closes() bool { return a != "" && a != DoTransfer }
