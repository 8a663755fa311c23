// Package calendar holds the shape of a calendar definition: which days are working days, and in which time zone.
//
// Holidays are announced a year at a time, so a calendar is data that people edit: the weekend, and the days that differ.
package calendar

import (
	"encoding/json"
	"fmt"
	"time"
	_ "time/tzdata" // the machine may have no zone files

	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Calendar is the body of a definition of kind "calendar".
type Calendar struct {
	definition.Head
	// TimeZone is an IANA name such as "Asia/Shanghai". Times of day in deadlines are meant in it.
	TimeZone string `json:"timeZone"`
	// Weekend lists the days of the week that are free; absent: Saturday and Sunday.
	Weekend []Weekday `json:"weekend,omitzero"`
	// Default marks the calendar that rules count working days by. Without one it is the first by key.
	Default bool `json:"default,omitempty"`
	// Hours are when people work on a working day, in order; deadlines in working hours need them. HoursOn says so of the
	// days of the week that differ.
	Hours   []Span             `json:"hours,omitempty"`
	HoursOn map[Weekday][]Span `json:"hoursOn,omitempty"`
	// Departments are those whose deadlines count on this calendar where the deadline asks for the department's, and those
	// below them.
	Departments []string `json:"departments,omitempty"`
	// Days are the days that differ from the week: holidays, and days worked instead.
	Days []Day `json:"days,omitempty"`
}

// Span is a part of a day, by the clock on the wall; To may be "24:00".
type Span struct {
	From string `json:"from"` // "08:30"
	To   string `json:"to"`
}

// Weekday names a day of the week: "monday" … "sunday".
type Weekday string

// Day is one day that the week alone does not tell.
type Day struct {
	Date    string          `json:"date"` // "2026-10-01"
	Working bool            `json:"working"`
	Name    definition.Text `json:"name,omitempty"`
	Hours   []Span          `json:"hours,omitempty"` // of a working day whose hours differ from its day of the week
}

var weekdays = map[Weekday]time.Weekday{
	"sunday": time.Sunday, "monday": time.Monday, "tuesday": time.Tuesday, "wednesday": time.Wednesday,
	"thursday": time.Thursday, "friday": time.Friday, "saturday": time.Saturday,
}

// Go gives the standard library's day of the week.
func (w Weekday) Go() (time.Weekday, bool) {
	d, ok := weekdays[w]
	return d, ok
}

// Free lists the days of the week that are free.
func (c *Calendar) Free() []Weekday {
	if c.Weekend == nil {
		return []Weekday{"saturday", "sunday"}
	}
	return c.Weekend
}

// HasHours reports whether the calendar says when people work on a working day.
func (c *Calendar) HasHours() bool { return len(c.Hours) > 0 || len(c.HoursOn) > 0 }

// Parse reads a calendar definition.
func Parse(doc []byte) (*Calendar, error) {
	var c Calendar
	if err := json.Unmarshal(doc, &c); err != nil {
		return nil, fmt.Errorf("read calendar: %w", err)
	}
	return &c, nil
}

// Problems of a calendar.
var (
	CodeTimeZone = problem.Define("calendar.timeZone",
		"“{name}” is not a time zone. Write one such as Asia/Shanghai.",
		"“{name}”不是时区，请填写 Asia/Shanghai 这样的名称。")
	CodeWeekday = problem.Define("calendar.weekday",
		"“{name}” is not a day of the week. Write monday to sunday.",
		"“{name}”不是星期几，请填写 monday 到 sunday。")
	CodeNoWorkingDay = problem.Define("calendar.noWorkingDay",
		"Every day of the week is free. Leave at least one day to work.",
		"一周七天都休息了，请至少留一个工作日。")
	CodeDate = problem.Define("calendar.date",
		"“{date}” is not a date. Write one such as 2026-10-01.",
		"“{date}”不是日期，请写成 2026-10-01 这样。")
	CodeRepeated = problem.Define("calendar.repeated",
		"{date} is listed twice. Keep one of them.",
		"{date} 写了两次，请只保留一个。")
	CodeHours = problem.Define("calendar.hours",
		"“{from}–{to}” is no part of a day. Write times such as 08:30 and 12:00, the earlier one first; 24:00 is the end of the day.",
		"“{from}–{to}”不是一天中的时段，请填写 08:30、12:00 这样的时刻，先早后晚；一天结束写 24:00。")
	CodeHoursOrder = problem.Define("calendar.hoursOrder",
		"“{from}–{to}” begins before the part above it has ended. Put the parts of a day in order.",
		"“{from}–{to}”在上一个时段结束前就开始了，请按先后顺序填写。")
	CodeHoursFree = problem.Define("calendar.hoursFree",
		"{date} is a free day, so it has no working hours. Remove them, or make it a working day.",
		"{date} 是休息日，没有工作时间，请删除工作时间，或改为工作日。")
	CodeHoursNone = problem.Define("calendar.hoursNone",
		"There are no working hours on {name}, which is a working day. Add “hours” for all days, or hours for this one.",
		"{name} 是工作日，但没有工作时间，请填写“hours”（所有工作日），或单独填写这一天。")
	CodeDepartmentTwice = problem.Define("calendar.departmentTwice",
		"The department {name} is listed twice. Keep one of them.",
		"部门 {name} 写了两次，请只保留一个。")
)

func isZone(name string) bool {
	if name == "" || name == "Local" {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}
