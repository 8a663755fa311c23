package calendar

import (
	"time"

	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/problem"
)

// limit bounds how many units a deadline may be away: ten years of minutes are enough for every unit.
const limit = 10 * 366 * 24 * 60

// Due is the moment at which a deadline that starts at the given moment ends, in the calendar's zone.
//
// Working days and days are counted on the calendar's zone's wall clock; the answer is at d.At of the day reached, else at
// the start's time of day. Hours and minutes are time that passes, across changes of the clock; working hours are such time
// while the calendar is open. A negative After counts back. The answer may lie before the start: 0 days at 17:00, started at 18:00, is already over.
func (c *Calendar) Due(d flow.Deadline, start time.Time) (time.Time, error) {
	if d.After > limit || d.After < -limit {
		return time.Time{}, CodeRange.With(problem.Params{"after": d.After, "limit": limit})
	}
	local := start.In(c.zone)
	switch d.Unit {
	case flow.Minutes:
		return local.Add(time.Duration(d.After) * time.Minute), nil
	case flow.Hours:
		return local.Add(time.Duration(d.After) * time.Hour), nil
	case flow.Days:
		return c.timeOn(dayOf(dayNumber(local)+int64(d.After)), d.At, local)
	case flow.WorkingDays:
		return c.timeOn(c.AddWorkingDays(local, d.After), d.At, local)
	case flow.WorkingHours:
		return c.addOpen(local, time.Duration(d.After)*time.Hour)
	}
	return time.Time{}, CodeUnit.With(problem.Params{"unit": string(d.Unit)})
}

// timeOn gives the moment of a day at a time of day such as "17:00", or at that of another moment when at is empty.
func (c *Calendar) timeOn(day time.Time, at string, like time.Time) (time.Time, error) {
	hour, minute, second := like.Clock()
	nano := like.Nanosecond()
	if at != "" {
		t, err := time.Parse("15:04", at)
		if err != nil || len(at) != len("15:04") {
			return time.Time{}, CodeTime.With(problem.Params{"at": at})
		}
		hour, minute, second, nano = t.Hour(), t.Minute(), 0, 0
	}
	y, m, d := day.Date()
	return wall(time.Date(y, m, d, hour, minute, second, nano, time.UTC), c.zone), nil
}

// wall finds the moment at which clocks in the zone show what t shows in UTC. When they show it twice it is the first time;
// when they skip it, it is as much later as they were put forward. time.Date leaves both open.
func wall(t time.Time, zone *time.Location) time.Time {
	_, before := t.Add(-24 * time.Hour).In(zone).Zone()
	_, after := t.Add(24 * time.Hour).In(zone).Zone()
	first := t.Add(-time.Duration(before) * time.Second).In(zone)
	if shows(first, t) || before == after {
		return first
	}
	if second := t.Add(-time.Duration(after) * time.Second).In(zone); shows(second, t) {
		return second
	}
	return first
}

func shows(local, t time.Time) bool {
	_, offset := local.Zone()
	return local.Add(time.Duration(offset) * time.Second).Equal(t)
}
