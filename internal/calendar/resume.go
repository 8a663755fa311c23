package calendar

import (
	"time"

	"github.com/stepwell/stepwell/schemas/flow"
)

// Resume is the moment at which a deadline ends that ended at due and stood still from paused to resumed: it has as much
// time left as it had. For working days only the hours of working days count, all 24 of each; for working hours those while
// the calendar is open; for the other units all do.
// A deadline with a time of day ends at that time, on the day that is reached or the next one, so that it never has less
// time than it had. One that was over when it was paused stays over.
func (c *Calendar) Resume(d flow.Deadline, due, paused, resumed time.Time) (time.Time, error) {
	if !due.After(paused) {
		return due, nil
	}
	var at time.Time
	switch d.Unit { //nolint:exhaustive // in the other units all time counts
	case flow.WorkingDays:
		at = c.after(resumed, c.worked(paused, due))
	case flow.WorkingHours:
		left, err := c.openBetween(paused, due)
		if err != nil {
			return time.Time{}, err
		}
		if at, err = c.addOpen(resumed.In(c.zone), left); err != nil {
			return time.Time{}, err
		}
	default:
		at = resumed.Add(due.Sub(paused))
	}
	at = at.In(c.zone)
	if d.At == "" || at.Equal(due) {
		return at, nil
	}
	for day := dayNumber(at); ; day++ {
		if d.Unit == flow.WorkingDays && !c.working(day) {
			continue
		}
		end, err := c.timeOn(dayOf(day), d.At, at)
		if err != nil || !end.Before(at) {
			return end, err
		}
	}
}

// worked is the time of working days between two moments.
func (c *Calendar) worked(from, to time.Time) time.Duration {
	var sum time.Duration
	for from.Before(to) {
		end := c.nextMidnight(from)
		if end.After(to) {
			end = to
		}
		if c.working(dayNumber(from.In(c.zone))) {
			sum += end.Sub(from)
		}
		from = end
	}
	return sum
}

// after is the moment when so much time of working days has passed.
func (c *Calendar) after(from time.Time, left time.Duration) time.Time {
	for {
		end := c.nextMidnight(from)
		if c.working(dayNumber(from.In(c.zone))) {
			day := end.Sub(from)
			if left <= day {
				return from.Add(left)
			}
			left -= day
		}
		from = end
	}
}

// nextMidnight is when the day after that of a moment begins in the calendar's zone.
func (c *Calendar) nextMidnight(t time.Time) time.Time {
	return wall(dayOf(dayNumber(t.In(c.zone))+1), c.zone)
}
