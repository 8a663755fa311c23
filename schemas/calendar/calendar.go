// Package calendar holds the shape of a calendar definition: which days are working days, and in which time zone.
//
// Holidays are announced a year at a time, so a calendar is data that people edit: the weekend, and the days that differ.
package calendar

import (
	"encoding/json"
	"fmt"
	"strconv"
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
	// Days are the days that differ from the week: holidays, and days worked instead.
	Days []Day `json:"days,omitempty"`
}

// Weekday names a day of the week: "monday" … "sunday".
type Weekday string

// Day is one day that the week alone does not tell.
type Day struct {
	Date    string          `json:"date"` // "2026-10-01"
	Working bool            `json:"working"`
	Name    definition.Text `json:"name,omitempty"`
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
)

// Check says what stands between a calendar and counting with it.
func (c *Calendar) Check() []problem.Problem {
	var out []problem.Problem
	if !isZone(c.TimeZone) {
		out = append(out, CodeTimeZone.At("/timeZone", problem.Params{"name": c.TimeZone}))
	}
	free := make(map[time.Weekday]bool, 7)
	for i, w := range c.Free() {
		d, ok := w.Go()
		if !ok {
			out = append(out, CodeWeekday.At("/weekend/"+strconv.Itoa(i), problem.Params{"name": string(w)}))
		}
		free[d] = ok || free[d]
	}
	if len(free) == 7 && len(out) == 0 {
		out = append(out, CodeNoWorkingDay.At("/weekend", nil))
	}
	seen := make(map[string]bool, len(c.Days))
	for i, d := range c.Days {
		pointer := "/days/" + strconv.Itoa(i) + "/date"
		if t, err := time.Parse(time.DateOnly, d.Date); err != nil || t.Year() < 1 {
			out = append(out, CodeDate.At(pointer, problem.Params{"date": d.Date}))
		} else if seen[d.Date] {
			out = append(out, CodeRepeated.At(pointer, problem.Params{"date": d.Date}))
		}
		seen[d.Date] = true
	}
	return out
}

func isZone(name string) bool {
	if name == "" || name == "Local" {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}
