// Package calendar counts working days and computes deadlines.
//
// It counts days on the wall calendar of a time zone: one working day is not 24 business hours, and a start before the doors
// open or after they close is on that day all the same. Working hours are counted by themselves. The day of the start is day 0; a start on a
// free day has the first working day after it as day 1.
package calendar

import (
	"fmt"
	"time"
	_ "time/tzdata" // the machine may have no zone files

	"github.com/stepwell/stepwell/internal/fault"
	calendardef "github.com/stepwell/stepwell/schemas/calendar"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Failures of computing with calendars.
var (
	CodeBroken = fault.Define(fault.Internal, "calendar.broken",
		"The calendar “{key}” cannot be used as it is. Mend its definition.",
		"日历“{key}”的定义有误，无法使用，请修正后再试。")
	CodeUnknown = fault.Define(fault.Invalid, "calendar.unknown",
		"There is no calendar “{key}”. Choose one that the app has, or add it.",
		"没有日历“{key}”，请选择应用里已有的日历，或先添加它。")
	CodeNeeded = fault.Define(fault.Invalid, "calendar.needed",
		"A deadline in working time needs a calendar. Choose one.",
		"按工作时间计算的时限需要一个日历，请选择。")
	CodeHours = fault.Define(fault.Invalid, "calendar.noHours",
		"The calendar does not say when people work, so a deadline cannot count its working hours. Add its hours.",
		"日历没有设置工作时间，时限无法按工作小时计算，请先填写。")
	CodeTime = fault.Define(fault.Invalid, "calendar.time",
		"“{at}” is not a time of day. Write one such as 17:00.",
		"“{at}”不是时刻，请写成 17:00 这样。")
	CodeDay = fault.Define(fault.Invalid, "calendar.day",
		"“{date}” is not a date. Write one such as 2026-10-01.",
		"“{date}”不是日期，请写成 2026-10-01 这样。")
	CodeUnit = fault.Define(fault.Invalid, "calendar.unit",
		"“{unit}” is not a unit of a deadline.",
		"“{unit}”不是时限的单位。")
	CodeRange = fault.Define(fault.Invalid, "calendar.range",
		"{after} is too far away for a deadline. Stay within {limit}.",
		"{after} 对时限来说太远了，请不要超过 {limit}。")
)

// Calendar knows working days. It is safe for concurrent use. Dates go in as any time of that day, of which only year,
// month and day count, and come out as midnight UTC.
type Calendar struct {
	zone  *time.Location
	free  [7]bool
	other map[int64]bool // days that differ from the week, by day number: working?
	// hours are the parts of a working day by its day of the week, special those of days that have their own; nil: unknown.
	hours   [7][]span
	special map[int64][]span
}

// span is a part of a day in minutes since midnight.
type span struct{ from, to int }

// Compile makes a calendar from its definition. A definition with problems is a CodeBroken fault that lists them.
func Compile(def *calendardef.Calendar) (*Calendar, error) {
	if problems := def.Check(); len(problems) > 0 {
		return nil, CodeBroken.With(problem.Params{"key": def.Key}, problems...)
	}
	zone, err := time.LoadLocation(def.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("load time zone of calendar %s: %w", def.Key, err)
	}
	c := &Calendar{zone: zone, other: make(map[int64]bool, len(def.Days))}
	for _, w := range def.Free() {
		d, _ := w.Go()
		c.free[d] = true
	}
	for _, d := range def.Days {
		t, err := time.Parse(time.DateOnly, d.Date)
		if err != nil {
			return nil, fmt.Errorf("read day of calendar %s: %w", def.Key, err)
		}
		c.other[dayNumber(t)] = d.Working
		if len(d.Hours) > 0 {
			if c.special == nil {
				c.special = map[int64][]span{}
			}
			c.special[dayNumber(t)] = spans(d.Hours)
		}
	}
	for i := range c.hours {
		c.hours[i] = spans(def.Hours)
	}
	for name, hours := range def.HoursOn {
		d, _ := name.Go()
		c.hours[d] = spans(hours)
	}
	return c, nil
}

func spans(hours []calendardef.Span) []span {
	var out []span
	for _, h := range hours {
		from, to, _ := h.Minutes()
		out = append(out, span{from, to})
	}
	return out
}

// Plain is Monday to Friday, without holidays.
func Plain(zone *time.Location) *Calendar {
	return &Calendar{zone: zone, free: [7]bool{time.Saturday: true, time.Sunday: true}}
}

// Zone is the time zone of the calendar.
func (c *Calendar) Zone() *time.Location { return c.zone }

const secondsOfDay = 86400

func dayNumber(day time.Time) int64 {
	y, m, d := day.Date()
	t := time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix()
	return t / secondsOfDay // exact: midnight UTC is a multiple, also before 1970
}

func dayOf(number int64) time.Time { return time.Unix(number*secondsOfDay, 0).UTC() }

func (c *Calendar) working(number int64) bool {
	if w, ok := c.other[number]; ok {
		return w
	}
	weekday := (number%7 + 7 + int64(time.Thursday)) % 7 // day 0 was a Thursday
	return !c.free[weekday]
}

// IsWorkingDay reports whether people work on that day.
func (c *Calendar) IsWorkingDay(day time.Time) bool { return c.working(dayNumber(day)) }

// AddWorkingDays gives the n-th working day after a day, or before it when n is negative. The day itself is day 0, working
// or not. For n = 0 it is the day itself, or the next working day when it is free: the answer is always a working day.
func (c *Calendar) AddWorkingDays(day time.Time, n int) time.Time {
	at := dayNumber(day)
	if n == 0 {
		for !c.working(at) {
			at++
		}
		return dayOf(at)
	}
	step := int64(1)
	if n < 0 {
		step, n = -1, -n
	}
	for n > 0 {
		at += step
		if c.working(at) {
			n--
		}
	}
	return dayOf(at)
}

// WorkingDaysBetween counts the working days after one day up to and including another, so that it undoes
// AddWorkingDays; it is negative when the second day is earlier. From a day to itself it is 0.
func (c *Calendar) WorkingDaysBetween(from, to time.Time) int {
	a, b := dayNumber(from), dayNumber(to)
	n := 0
	for ; a < b; b-- {
		if c.working(b) {
			n++
		}
	}
	for ; b < a; b++ {
		if c.working(b) {
			n--
		}
	}
	return n
}
