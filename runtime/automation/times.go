package automation

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stepwell/stepwell/internal/calendar"
	def "github.com/stepwell/stepwell/schemas/automation"
	calendardef "github.com/stepwell/stepwell/schemas/calendar"
)

// farthest is how many days ahead a next time is looked for: over the 29th of February of a leap year that a century leaves out.
const farthest = 366 * 9

// NextTime is the first moment of times behind another one, on a calendar. A time of day that a change of the clock leaves out
// comes as much later as the clock jumps; one that it repeats comes once. False when there is none.
func NextTime(t def.Times, cal *calendar.Calendar, after time.Time) (time.Time, bool, error) {
	if t.Every > 0 {
		beat := time.Duration(t.Every) * time.Minute
		at := after.Truncate(beat).Add(beat)
		for range farthest {
			local := at.In(cal.Zone())
			if onDay(t, cal, local) {
				return at, true, nil
			}
			midnight := time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, cal.Zone())
			if at = midnight.Truncate(beat); at.Before(midnight) {
				at = at.Add(beat)
			}
		}
		return time.Time{}, false, nil
	}
	hours, err := minutes(t.At)
	if err != nil {
		return time.Time{}, false, err
	}
	local := after.In(cal.Zone())
	for n := range farthest {
		day := time.Date(local.Year(), local.Month(), local.Day()+n, 12, 0, 0, 0, cal.Zone())
		if !onDay(t, cal, day) {
			continue
		}
		for _, m := range hours {
			if at := wall(day, m, cal.Zone()); at.After(after) {
				return at, true, nil
			}
		}
	}
	return time.Time{}, false, nil
}

// LastTime is the last moment of times in (after, until], for a schedule that has missed some; false when there is none.
func LastTime(t def.Times, cal *calendar.Calendar, after, until time.Time) (time.Time, bool, error) {
	// A schedule that stood still for long is looked at from the last days only: what it does, it does once.
	if start := until.AddDate(0, 0, -40); after.Before(start) {
		at, ok, err := LastTime(t, cal, start, until)
		if ok || err != nil {
			return at, ok, err
		}
	}
	last, found := time.Time{}, false
	for {
		next, ok, err := NextTime(t, cal, after)
		if err != nil {
			return time.Time{}, false, err
		}
		if !ok || next.After(until) {
			return last, found, nil
		}
		last, found, after = next, true, next
	}
}

// onDay reports whether times have any on a day.
func onDay(t def.Times, cal *calendar.Calendar, day time.Time) bool {
	if len(t.Weekdays) > 0 && !slices.ContainsFunc(t.Weekdays, func(name string) bool {
		w, ok := calendardef.Weekday(name).Go()
		return ok && w == day.Weekday()
	}) {
		return false
	}
	if len(t.MonthDays) > 0 {
		last := time.Date(day.Year(), day.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
		if !slices.Contains(t.MonthDays, day.Day()) && (day.Day() != last || !slices.Contains(t.MonthDays, -1)) {
			return false
		}
	}
	return !t.WorkingDays || cal.IsWorkingDay(day)
}

// minutes are times of day as minutes since midnight, in their order.
func minutes(at []string) ([]int, error) {
	out := make([]int, len(at))
	for i, text := range at {
		h, m, ok := strings.Cut(text, ":")
		hour, err := strconv.Atoi(h)
		minute, again := strconv.Atoi(m)
		if !ok || err != nil || again != nil {
			return nil, fmt.Errorf("%q is no time of day", text)
		}
		out[i] = hour*60 + minute
	}
	slices.Sort(out)
	return out, nil
}

// wall is a time of day. Of two moments that show it, it is the first one.
func wall(day time.Time, minute int, zone *time.Location) time.Time {
	at := time.Date(day.Year(), day.Month(), day.Day(), 0, minute, 0, 0, zone)
	if earlier := at.Add(-time.Hour); earlier.Hour() == at.Hour() && earlier.Minute() == at.Minute() {
		return earlier // the clock is put back in between
	}
	if at.Hour()*60+at.Minute() < minute%(24*60) {
		return at.Add(time.Hour) // it is put forward over this time
	}
	return at
}
