package calendar

import (
	"slices"
	"strconv"
	"time"

	"github.com/stepwell/stepwell/schemas/problem"
)

// Check says what stands between a calendar and counting with it.
func (c *Calendar) Check() []problem.Problem {
	k := checker{calendar: c}
	if !isZone(c.TimeZone) {
		k.add(CodeTimeZone, "/timeZone", problem.Params{"name": c.TimeZone})
	}
	k.weekend()
	k.hours()
	k.days()
	for i, id := range c.Departments {
		if slices.Contains(c.Departments[:i], id) {
			k.add(CodeDepartmentTwice, "/departments/"+strconv.Itoa(i), problem.Params{"name": id})
		}
	}
	return k.out
}

type checker struct {
	calendar *Calendar
	free     map[time.Weekday]bool
	out      []problem.Problem
}

func (k *checker) add(code *problem.Code, pointer string, params problem.Params) {
	k.out = append(k.out, code.At(pointer, params))
}

func (k *checker) weekend() {
	k.free = make(map[time.Weekday]bool, 7)
	known := true
	for i, w := range k.calendar.Free() {
		d, ok := w.Go()
		if !ok {
			k.add(CodeWeekday, "/weekend/"+strconv.Itoa(i), problem.Params{"name": string(w)})
		}
		known = known && ok
		k.free[d] = ok || k.free[d]
	}
	if len(k.free) == 7 && known {
		k.add(CodeNoWorkingDay, "/weekend", nil)
	}
}

// hours checks when people work. A calendar that says so of some days says so of all.
func (k *checker) hours() {
	c := k.calendar
	k.spans(c.Hours, "/hours")
	for _, name := range sortedWeekdays(c.HoursOn) {
		pointer := problem.Pointer("hoursOn", string(name))
		if _, ok := name.Go(); !ok {
			k.add(CodeWeekday, pointer, problem.Params{"name": string(name)})
		}
		k.spans(c.HoursOn[name], pointer)
	}
	if len(c.HoursOn) == 0 || len(c.Hours) > 0 {
		return
	}
	for _, name := range week {
		day, _ := name.Go()
		if !k.free[day] && len(c.HoursOn[name]) == 0 {
			k.add(CodeHoursNone, "/hours", problem.Params{"name": string(name)})
			return
		}
	}
}

func (k *checker) spans(spans []Span, pointer string) {
	last := 0
	for i, s := range spans {
		at := pointer + "/" + strconv.Itoa(i)
		params := problem.Params{"from": s.From, "to": s.To}
		from, to, ok := s.Minutes()
		switch {
		case !ok:
			k.add(CodeHours, at, params)
			continue
		case from < last:
			k.add(CodeHoursOrder, at, params)
		}
		last = max(last, to)
	}
}

// Minutes are the beginning and the end in minutes since midnight; false for what is no part of a day.
func (s Span) Minutes() (from, to int, ok bool) {
	from, okFrom := minutes(s.From)
	to, okTo := minutes(s.To)
	return from, to, okFrom && okTo && from < to
}

func minutes(clock string) (int, bool) {
	const endOfDay = 24 * 60
	if clock == "24:00" {
		return endOfDay, true
	}
	t, err := time.Parse("15:04", clock)
	return t.Hour()*60 + t.Minute(), err == nil && len(clock) == len("15:04")
}

func (k *checker) days() {
	seen := make(map[string]bool, len(k.calendar.Days))
	for i, d := range k.calendar.Days {
		pointer := "/days/" + strconv.Itoa(i)
		t, err := time.Parse(time.DateOnly, d.Date)
		switch {
		case err != nil || t.Year() < 1:
			k.add(CodeDate, pointer+"/date", problem.Params{"date": d.Date})
		case seen[d.Date]:
			k.add(CodeRepeated, pointer+"/date", problem.Params{"date": d.Date})
		}
		seen[d.Date] = true
		if len(d.Hours) > 0 && !d.Working {
			k.add(CodeHoursFree, pointer+"/hours", problem.Params{"date": d.Date})
		}
		k.spans(d.Hours, pointer+"/hours")
		if d.Working && err == nil && len(d.Hours) == 0 && k.calendar.HasHours() && len(k.calendar.Hours) == 0 {
			name := week[t.Weekday()]
			if len(k.calendar.HoursOn[name]) == 0 {
				k.add(CodeHoursNone, pointer+"/hours", problem.Params{"name": d.Date})
			}
		}
	}
}

// week are the days of the week as the standard library counts them.
var week = [7]Weekday{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

func sortedWeekdays(m map[Weekday][]Span) []Weekday {
	out := make([]Weekday, 0, len(m))
	for name := range m {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
