package check

import (
	"maps"
	"slices"
	"strconv"

	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Problems of deadlines and calendars with one another.
var (
	ErrNoHours      = problem.Define("check.noHours", "The deadline counts working hours, but the calendar {calendar} does not say when people work. Add its hours, or count another unit.", "时限按工作小时计算，但日历“{calendar}”没有设置工作时间，请补充，或换一个单位。")
	ErrTwoCalendars = problem.Define("check.twoCalendars", "The department {department} is listed by the calendar {other} too. Keep it in one of them.", "部门 {department} 已列在日历“{other}”中，请只保留一处。")
	ErrDeptsNoHours = problem.Define("check.departmentNoHours", "The deadline counts working hours on the calendar of a department, but {calendar}, which lists departments, does not say when people work. Add its hours.", "时限按部门日历的工作小时计算，但列出了部门的日历“{calendar}”没有设置工作时间，请补充。")
)

// deadline checks what a deadline calls by name.
func (s *Set) deadline(ref definition.Ref, f *flow.Flow, d *flow.Deadline, at string) {
	if d == nil {
		return
	}
	s.calendar(ref, d.Delay(), at)
	for i, r := range d.Remind {
		pointer := at + "/remind/" + strconv.Itoa(i)
		s.hours(ref, d, r.Unit, pointer+"/unit")
		if r.Every != nil {
			s.hours(ref, d, r.Every.Unit, pointer+"/every/unit")
		}
		s.notify(ref, f, r.Notify, pointer+"/notify")
	}
	for i, n := range d.Notify {
		s.notify(ref, f, n, at+"/notify/"+strconv.Itoa(i))
	}
	for i, e := range d.Escalate {
		pointer := at + "/escalate/" + strconv.Itoa(i)
		s.hours(ref, d, e.Unit, pointer+"/unit")
		for j, n := range e.Notify {
			s.notify(ref, f, n, pointer+"/notify/"+strconv.Itoa(j))
		}
	}
}

func (s *Set) delay(ref definition.Ref, d *flow.Delay, at string) {
	if d != nil {
		s.calendar(ref, *d, at)
	}
}

// calendar checks the calendar that a moment is counted on.
func (s *Set) calendar(ref definition.Ref, d flow.Delay, at string) {
	if d.Calendar != "" && s.Calendars[d.Calendar] == nil {
		s.add(ref, at+"/calendar", ErrNoCalendar.At("", problem.Params{"calendar": d.Calendar}))
	}
	of := d.Deadline()
	s.hours(ref, &of, d.Unit, at+"/unit")
}

// hours checks that the calendars on which a deadline may count its working hours have some.
func (s *Set) hours(ref definition.Ref, d *flow.Deadline, unit flow.Unit, at string) {
	if unit != flow.WorkingHours {
		return
	}
	if c := s.Calendars[d.Calendar]; c != nil && !c.HasHours() {
		s.add(ref, at, ErrNoHours.At("", problem.Params{"calendar": c.Title}))
	}
	if d.CalendarOf == "" {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(s.Calendars)) {
		if c := s.Calendars[key]; key != d.Calendar && len(c.Departments) > 0 && !c.HasHours() {
			s.add(ref, at, ErrDeptsNoHours.At("", problem.Params{"calendar": c.Title}))
		}
	}
}

// calendars checks each calendar, and that no department is listed by two.
func (s *Set) calendars() {
	taken := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(s.Calendars)) {
		c, ref := s.Calendars[key], s.ref(definition.KindCalendar, key)
		s.add(ref, "", c.Check()...)
		for i, id := range c.Departments {
			if other, twice := taken[id]; twice && other != key {
				s.add(ref, "/departments/"+strconv.Itoa(i), ErrTwoCalendars.At("", problem.Params{"department": id, "other": s.Calendars[other].Title}))
			}
			taken[id] = key
		}
	}
}
