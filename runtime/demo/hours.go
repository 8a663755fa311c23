package demo

import (
	"fmt"
	"time"

	"github.com/stepwell/stepwell/internal/calendar"
)

// hours knows when people are at work.
type hours struct {
	days          *calendar.Calendar
	opens, closes time.Duration // since midnight
}

func newHours(days *calendar.Calendar, opens, closes string) (hours, error) {
	from, err := time.Parse("15:04", opens)
	if err != nil {
		return hours{}, fmt.Errorf("opening time %q: %w", opens, err)
	}
	to, err := time.Parse("15:04", closes)
	if err != nil {
		return hours{}, fmt.Errorf("closing time %q: %w", closes, err)
	}
	midnight := from.Truncate(24 * time.Hour)
	h := hours{days, from.Sub(midnight), to.Sub(midnight)}
	if h.closes <= h.opens {
		return hours{}, fmt.Errorf("the day closes at %s, before it opens at %s", closes, opens)
	}
	return h, nil
}

// length is how long a working day is.
func (h hours) length() time.Duration { return h.closes - h.opens }

// on is the moment of a day's wall clock.
func (h hours) on(day time.Time, clock time.Duration) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, h.days.Zone()).Add(clock)
}

// opening is the moment itself when people are at work then, else the next opening.
func (h hours) opening(t time.Time) time.Time {
	t = t.In(h.days.Zone())
	for day := t; ; day = day.AddDate(0, 0, 1) {
		if !h.days.IsWorkingDay(day) {
			continue
		}
		switch opens := h.on(day, h.opens); {
		case t.Before(opens):
			return opens
		case t.Before(h.on(day, h.closes)):
			return t
		}
		t = h.on(day, h.closes) // past closing: any later day opens after it
	}
}

// add is the moment when so much working time has passed.
func (h hours) add(t time.Time, work time.Duration) time.Time {
	t = h.opening(t)
	for {
		left := h.on(t, h.closes).Sub(t)
		if work < left {
			return t.Add(work)
		}
		work -= left
		t = h.opening(h.on(t, h.closes))
	}
}

// workingDays lists the openings of the working days from one moment to another.
func (h hours) workingDays(from, to time.Time) []time.Time {
	var out []time.Time
	for day := from.In(h.days.Zone()); !day.After(to); day = day.AddDate(0, 0, 1) {
		if opens := h.on(day, h.opens); h.days.IsWorkingDay(day) && !opens.After(to) {
			out = append(out, opens)
		}
	}
	return out
}
