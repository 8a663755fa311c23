package calendar

import (
	"slices"
	"time"
)

// HasHours reports whether the calendar says when people work.
func (c *Calendar) HasHours() bool {
	return slices.ContainsFunc(c.hours[:], func(spans []span) bool { return len(spans) > 0 })
}

// part is a stretch of time during which the calendar is open.
type part struct{ from, to time.Time }

// open are the parts of a day during which people work, in order. Where the clock is put forward or back, they last as long
// as they then last.
func (c *Calendar) open(day int64) []part {
	if !c.working(day) {
		return nil
	}
	spans, ok := c.special[day]
	if !ok {
		spans = c.hours[dayOf(day).Weekday()]
	}
	out := make([]part, 0, len(spans))
	midnight := dayOf(day)
	var last time.Time
	for _, s := range spans {
		p := part{c.at(midnight, s.from), c.at(midnight, s.to)}
		if p.from.Before(last) {
			p.from = last
		}
		if p.to.After(p.from) {
			out = append(out, p)
			last = p.to
		}
	}
	return out
}

// at is the moment so many minutes after midnight by the clock on the wall.
func (c *Calendar) at(midnight time.Time, minutes int) time.Time {
	return wall(midnight.Add(time.Duration(minutes)*time.Minute), c.zone)
}

// longestClosed bounds the search for an open day: a year of holidays is a mistake.
const longestClosed = 366

// addOpen is the moment at which so much open time has passed since from, or, when negative, from which so much passes until
// from. For nothing it is from itself while the calendar is open, else when it opens next.
func (c *Calendar) addOpen(from time.Time, left time.Duration) (time.Time, error) {
	if left < 0 {
		return c.subOpen(from, -left)
	}
	closed := 0
	for day := dayNumber(from); closed <= longestClosed; day++ {
		parts := c.open(day)
		closed++
		for _, p := range parts {
			closed = 0
			start := later(p.from, from)
			lasts := p.to.Sub(start)
			if lasts > left || (lasts == left && left > 0) {
				return start.Add(left), nil
			}
			left -= max(0, lasts)
		}
	}
	return time.Time{}, CodeHours.With(nil)
}

func (c *Calendar) subOpen(from time.Time, left time.Duration) (time.Time, error) {
	closed := 0
	for day := dayNumber(from); closed <= longestClosed; day-- {
		parts := c.open(day)
		closed++
		for _, p := range slices.Backward(parts) {
			closed = 0
			end := p.to
			if end.After(from) {
				end = from
			}
			lasts := end.Sub(p.from)
			if lasts >= left {
				return end.Add(-left), nil
			}
			left -= max(0, lasts)
		}
	}
	return time.Time{}, CodeHours.With(nil)
}

// openBetween is how much open time lies between two moments.
func (c *Calendar) openBetween(from, to time.Time) (time.Duration, error) {
	if !c.HasHours() {
		return 0, CodeHours.With(nil)
	}
	var sum time.Duration
	for day := dayNumber(from.In(c.zone)); day <= dayNumber(to.In(c.zone)); day++ {
		for _, p := range c.open(day) {
			end := p.to
			if end.After(to) {
				end = to
			}
			sum += max(0, end.Sub(later(p.from, from)))
		}
	}
	return sum, nil
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
