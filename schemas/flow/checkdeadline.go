package flow

import (
	"regexp"
	"slices"
	"strconv"

	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/problem"
)

var timeOfDay = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)

var (
	units    = []Unit{WorkingDays, WorkingHours, Days, Hours, Minutes}
	dayUnits = []Unit{WorkingDays, Days}
)

// leastInterval is how many minutes pass at least between two of the same reminder.
const leastInterval = 5

// mostTimes bounds how often a reminder comes that says how often.
const mostTimes = 1000

// deadline checks the deadline of a block, or of an item of its checklist.
func (c *checker) deadline(p Place, d *Deadline, at string, item bool) {
	if d == nil {
		return
	}
	c.counted(p, d.Delay(), at)
	if !known(d.Follow, "", FollowLive, FollowFrozen) {
		c.add(ErrDeadlineFollow, at+"/follow", problem.Params{"block": p.Name(), "value": d.Follow})
	}
	for i, key := range d.SettledBy {
		pointer := at + "/settledBy/" + strconv.Itoa(i)
		if field, ok := c.field(p, key, pointer); ok && (field.Computed() || !field.HasValue()) {
			c.add(ErrSettledBy, pointer, problem.Params{"block": p.Name(), "field": field.Title})
		}
	}
	for i := range d.Remind {
		c.reminder(p, d, &d.Remind[i], at+"/remind/"+strconv.Itoa(i))
	}
	for i, n := range d.Notify {
		c.people(p, n.To, at+"/notify/"+strconv.Itoa(i)+"/to", true)
		c.quickLink(p, n.QuickLink, at+"/notify/"+strconv.Itoa(i))
	}
	c.flag(p, d.Flag, at+"/flag")
	for i := range d.Escalate {
		pointer := at + "/escalate/" + strconv.Itoa(i)
		c.escalation(p, d, &d.Escalate[i], pointer, item)
		if i > 0 && d.Escalate[i-1].Do.Closes() {
			c.add(ErrEscalateLast, pointer, in(p))
		}
	}
}

// delay checks when a waiting is over.
func (c *checker) delay(p Place, d *Delay, at string) {
	if d != nil {
		c.counted(p, *d, at)
	}
}

// counted checks how a moment is counted.
func (c *checker) counted(p Place, d Delay, at string) {
	if !known(d.Unit, units...) {
		c.add(ErrDeadlineUnit, at+"/unit", problem.Params{"block": p.Name(), "value": d.Unit, "known": texts(units)})
	}
	if d.Field == "" && (d.After < 0 || (d.After == 0 && d.At == "")) {
		c.add(ErrDeadlineAfter, at+"/after", problem.Params{"block": p.Name(), "value": d.After})
	}
	c.timeOfDay(p, d.Unit, d.At, at)
	if d.Unit.Working() && d.Calendar == "" {
		c.add(ErrDeadlineCalendar, at+"/calendar", in(p))
	}
	if d.CalendarOf != "" && d.CalendarOf != OfOwner && (d.CalendarOf != OfAssignee || !p.Waits()) {
		c.add(ErrDeadlineCalendarOf, at+"/calendarOf", problem.Params{"block": p.Name(), "value": d.CalendarOf})
	}
	if d.Field != "" && !c.personField(d.Field, form.Date, form.DateTime) {
		c.add(ErrDeadlineField, at+"/field", problem.Params{"block": p.Name(), "field": d.Field})
	}
}

// timeOfDay checks the time at which a day that was counted ends.
func (c *checker) timeOfDay(p Place, unit Unit, value, at string) {
	switch {
	case value == "":
	case !timeOfDay.MatchString(value):
		c.add(ErrDeadlineAt, at+"/at", problem.Params{"block": p.Name(), "value": value})
	case known(unit, units...) && !known(unit, dayUnits...):
		c.add(ErrDeadlineAtUnit, at+"/at", problem.Params{"block": p.Name(), "unit": unit})
	}
}

// onCalendar objects to a unit that needs the calendar that the deadline does not name.
func (c *checker) onCalendar(p Place, d *Deadline, unit Unit, at string) {
	if unit.Working() && d.Calendar == "" {
		c.add(ErrDeadlineCalendar, at+"/unit", in(p))
	}
}

func (c *checker) reminder(p Place, d *Deadline, r *Reminder, at string) {
	if !known(r.Unit, units...) {
		c.add(ErrRemindUnit, at+"/unit", problem.Params{"block": p.Name(), "value": r.Unit, "known": texts(units)})
	}
	c.onCalendar(p, d, r.Unit, at)
	c.timeOfDay(p, r.Unit, r.At, at)
	if r.Offset == 0 && r.At == "" {
		c.add(ErrRemindZero, at+"/offset", in(p))
	}
	if e := r.Every; e != nil {
		if !known(e.Unit, units...) {
			c.add(ErrRemindUnit, at+"/every/unit", problem.Params{"block": p.Name(), "value": e.Unit, "known": texts(units)})
		} else if e.N < 1 || (e.Unit == Minutes && e.N < leastInterval) {
			c.add(ErrRemindEvery, at+"/every/n", problem.Params{"block": p.Name(), "value": e.N, "unit": e.Unit})
		}
		c.onCalendar(p, d, e.Unit, at+"/every")
	}
	if r.Times < 0 || r.Times > mostTimes || (r.Times > 0 && r.Every == nil) {
		c.add(ErrRemindTimes, at+"/times", problem.Params{"block": p.Name(), "value": r.Times})
	}
	c.people(p, r.Notify.To, at+"/notify/to", true)
	c.quickLink(p, r.Notify.QuickLink, at+"/notify")
	c.flag(p, r.Flag, at+"/flag")
}

func (c *checker) flag(p Place, f *Flag, at string) {
	if f == nil {
		return
	}
	if !idForm.MatchString(f.Key) {
		c.add(ErrFlagKey, at+"/key", problem.Params{"block": p.Name(), "value": f.Key})
	}
	if f.Label.Empty() {
		c.add(ErrFlagLabel, at+"/label", problem.Params{"block": p.Name(), "value": f.Key})
	}
	if !known(f.Tone, ToneBad, ToneWarning) {
		c.add(ErrFlagTone, at+"/tone", problem.Params{"value": f.Tone})
	}
}

func (c *checker) escalation(p Place, d *Deadline, e *Escalation, at string, item bool) {
	if !known(e.Unit, units...) {
		c.add(ErrEscalateUnit, at+"/unit", problem.Params{"block": p.Name(), "value": e.Unit, "known": texts(units)})
	}
	if e.After < 0 {
		c.add(ErrEscalateAfter, at+"/after", problem.Params{"block": p.Name(), "value": e.After})
	}
	c.onCalendar(p, d, e.Unit, at)
	c.timeOfDay(p, e.Unit, e.At, at)
	if len(e.Notify) == 0 && e.Flag == nil && e.Do == "" {
		c.add(ErrEscalateNothing, at, in(p))
	}
	for i, n := range e.Notify {
		c.people(p, n.To, at+"/notify/"+strconv.Itoa(i)+"/to", true)
		c.quickLink(p, n.QuickLink, at+"/notify/"+strconv.Itoa(i))
	}
	c.flag(p, e.Flag, at+"/flag")
	if e.Do != "" {
		c.does(p, e, at, item)
	}
	switch {
	case e.Do == DoTransfer:
		c.people(p, e.To, at+"/to", true)
	case len(e.To) > 0:
		c.add(ErrEscalateTo, at+"/to", in(p))
	}
	if e.Do == DoReturn || e.Target != "" {
		target, ok := c.places[e.Target]
		if e.Do != DoReturn || !ok || (target.Type != Stage && !target.Redone()) || !c.before(target, p) {
			c.add(ErrEscalateTarget, at+"/target", problem.Params{"block": p.Name(), "target": e.Target})
		}
	}
}

// does checks that a step of its type can be decided so.
func (c *checker) does(p Place, e *Escalation, at string, item bool) {
	possible := []AutoAction{DoTransfer}
	switch p.Type { //nolint:exhaustive // the others have no deadline
	case Approval:
		possible = []AutoAction{DoApprove, DoReject, DoTransfer, DoReturn, DoMoveOn}
	case Task, Checklist:
		possible = []AutoAction{DoComplete, DoTransfer, DoReturn, DoMoveOn}
	}
	if item || !slices.Contains(possible, e.Do) {
		known := texts(possible)
		if item {
			known = []string{"notify", "flag"}
		}
		c.add(ErrEscalateDo, at+"/do", problem.Params{"block": p.Name(), "type": p.Type, "value": e.Do, "known": known})
	}
}

// late finds steps for a deadline that never moves the record on.
func (c *checker) late(p Place) {
	if len(p.Late) == 0 || !p.Waits() {
		return
	}
	if p.Deadline == nil || !slices.ContainsFunc(p.Deadline.Escalate, func(e Escalation) bool { return e.Do == DoMoveOn }) {
		c.add(ErrEscalateLate, p.Pointer+"/late", in(p))
	}
}
