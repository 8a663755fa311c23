package calendar

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stepwell/stepwell/internal/fault"
	calendardef "github.com/stepwell/stepwell/schemas/calendar"
	"github.com/stepwell/stepwell/schemas/flow"
)

var zones = []string{"Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Chatham", "America/Santiago", "Asia/Kathmandu"}

var weekdayNames = []calendardef.Weekday{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

// drawCalendar draws a definition: a weekend, hours that stay clear of the hours of the night in which clocks change, and
// days that differ within some months around 2026.
func drawCalendar(t *rapid.T) *calendardef.Calendar {
	def := &calendardef.Calendar{TimeZone: rapid.SampledFrom(zones).Draw(t, "zone")}
	def.Weekend = rapid.SliceOfNDistinct(rapid.SampledFrom(weekdayNames), 0, 3, rapid.ID).Draw(t, "weekend")
	def.Hours = drawHours(t)
	if rapid.Bool().Draw(t, "one day differs") {
		def.HoursOn = map[calendardef.Weekday][]calendardef.Span{rapid.SampledFrom(weekdayNames).Draw(t, "which"): drawHours(t)}
	}
	for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(0, 400), 0, 60, rapid.ID).Draw(t, "days") {
		day := calendardef.Day{Date: firstDay.AddDate(0, 0, n).Format(time.DateOnly), Working: rapid.Bool().Draw(t, "working")}
		if day.Working && rapid.IntRange(0, 4).Draw(t, "own hours") == 0 {
			day.Hours = drawHours(t)
		}
		def.Days = append(def.Days, day)
	}
	require.Empty(t, def.Check())
	return def
}

var firstDay = time.Date(2025, 9, 1, 0, 0, 0, 0, time.UTC)

func drawHours(t *rapid.T) []calendardef.Span {
	marks := rapid.SliceOfNDistinct(rapid.IntRange(5*4, 24*4), 2, 6, rapid.ID).Draw(t, "quarters")
	slices.Sort(marks)
	var out []calendardef.Span
	for i := 0; i+1 < len(marks); i += 2 {
		clock := func(q int) string { return fmt.Sprintf("%02d:%02d", q/4, q%4*15) }
		out = append(out, calendardef.Span{From: clock(marks[i]), To: clock(marks[i+1])})
	}
	return out
}

// walker reads a definition as a person would: day by day, minute by minute, by what the clock on the wall shows.
type walker struct {
	def  *calendardef.Calendar
	zone *time.Location
}

func (w walker) day(local time.Time) (working bool, hours []calendardef.Span) {
	working, hours = !slices.Contains(w.def.Weekend, weekdayNames[local.Weekday()]), w.def.Hours
	if own, ok := w.def.HoursOn[weekdayNames[local.Weekday()]]; ok {
		hours = own
	}
	for _, d := range w.def.Days {
		if d.Date == local.Format(time.DateOnly) {
			working = d.Working
			if len(d.Hours) > 0 {
				hours = d.Hours
			}
		}
	}
	return working, hours
}

func (w walker) addDays(day time.Time, n int) time.Time {
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for {
		if working, _ := w.day(day); n == 0 && working {
			return day
		}
		day = day.AddDate(0, 0, step)
		if working, _ := w.day(day); working && n > 0 {
			n--
			if n == 0 {
				return day
			}
		}
	}
}

func (w walker) open(at time.Time) bool {
	local := at.In(w.zone)
	working, hours := w.day(local)
	clock := local.Format("15:04")
	return working && slices.ContainsFunc(hours, func(h calendardef.Span) bool { return h.From <= clock && clock < h.To })
}

// addMinutes walks until so many open minutes have passed, forward or back.
func (w walker) addMinutes(at time.Time, n int) time.Time {
	if n < 0 {
		for n < 0 {
			at = at.Add(-time.Minute)
			if w.open(at) {
				n++
			}
		}
		return at
	}
	for n == 0 && !w.open(at) {
		at = at.Add(time.Minute)
	}
	for n > 0 {
		if w.open(at) {
			n--
		}
		at = at.Add(time.Minute)
	}
	return at
}

func TestAgainstAWalker(t *testing.T) {
	setUp := func(t *rapid.T) (*Calendar, walker, time.Time) {
		def := drawCalendar(t)
		c, err := Compile(def)
		require.NoError(t, err)
		start := firstDay.Add(time.Duration(rapid.IntRange(0, 300*24*60).Draw(t, "start")) * time.Minute)
		return c, walker{def, c.Zone()}, start
	}
	t.Run("working_days_are_those_of_the_calendar", rapid.MakeCheck(func(t *rapid.T) {
		c, w, start := setUp(t)
		n := rapid.IntRange(-200, 200).Draw(t, "n")
		day := dayOf(dayNumber(start))
		require.Equal(t, w.addDays(day, n).Format(time.DateOnly), c.AddWorkingDays(day, n).Format(time.DateOnly))
	}))
	t.Run("a_deadline_in_working_days_is_at_its_time_on_that_day", rapid.MakeCheck(func(t *rapid.T) {
		c, w, start := setUp(t)
		n := rapid.IntRange(0, 60).Draw(t, "n")
		due, err := c.Due(flow.Deadline{After: n, Unit: flow.WorkingDays, At: "17:00"}, start)
		require.NoError(t, err)
		y, m, d := start.In(w.zone).Date()
		want := w.addDays(time.Date(y, m, d, 0, 0, 0, 0, time.UTC), n).Format(time.DateOnly)
		require.Equal(t, want+" 17:00", due.In(w.zone).Format("2006-01-02 15:04"))
	}))
	t.Run("working_hours_are_those_that_the_clock_shows", rapid.MakeCheck(func(t *rapid.T) {
		c, w, start := setUp(t)
		n := rapid.IntRange(-30, 30).Draw(t, "n")
		due, err := c.Due(flow.Deadline{After: n, Unit: flow.WorkingHours}, start)
		require.NoError(t, err)
		require.Equal(t, w.addMinutes(start, n*60).UTC(), due.UTC())
	}))
	t.Run("time_that_stood_still_is_given_back_to_the_minute", rapid.MakeCheck(func(t *rapid.T) {
		c, w, start := setUp(t)
		d := flow.Deadline{After: rapid.IntRange(1, 30).Draw(t, "n"), Unit: flow.WorkingHours}
		due, err := c.Due(d, start)
		require.NoError(t, err)
		paused := start.Add(time.Duration(rapid.IntRange(0, int(due.Sub(start)/time.Minute)-1).Draw(t, "paused")) * time.Minute)
		resumed := paused.Add(time.Duration(rapid.IntRange(0, 14*24*60).Draw(t, "still")) * time.Minute)
		got, err := c.Resume(d, due, paused, resumed)
		require.NoError(t, err)
		left := 0
		for at := paused; at.Before(due); at = at.Add(time.Minute) {
			if w.open(at) {
				left++
			}
		}
		require.Equal(t, w.addMinutes(resumed, left).UTC(), got.UTC())
	}))
}

func TestWorkingHours(t *testing.T) {
	office := &calendardef.Calendar{
		TimeZone: "Asia/Shanghai", Hours: []calendardef.Span{{From: "09:00", To: "12:00"}, {From: "13:00", To: "18:00"}},
		HoursOn: map[calendardef.Weekday][]calendardef.Span{"friday": {{From: "09:00", To: "12:00"}}},
		Days:    []calendardef.Day{{Date: "2026-10-01", Working: false}, {Date: "2026-10-10", Working: true, Hours: []calendardef.Span{{From: "22:00", To: "24:00"}}}},
	}
	c, err := Compile(office)
	require.NoError(t, err)
	for name, x := range map[string]struct {
		hours       int
		start, want string
	}{
		"within_a_morning":                        {2, "2026-03-02 09:30", "2026-03-02 11:30"},
		"across_lunch":                            {4, "2026-03-02 09:30", "2026-03-02 14:30"},
		"from_lunch_they_begin_after_it":          {1, "2026-03-02 12:20", "2026-03-02 14:00"},
		"up_to_closing_time":                      {8, "2026-03-02 09:00", "2026-03-02 18:00"},
		"after_closing_they_begin_the_next_day":   {1, "2026-03-02 18:00", "2026-03-03 10:00"},
		"a_short_friday":                          {8, "2026-03-05 14:00", "2026-03-09 10:00"},
		"across_a_weekend":                        {1, "2026-03-06 11:30", "2026-03-09 09:30"},
		"across_a_holiday":                        {2, "2026-09-30 17:00", "2026-10-02 10:00"},
		"a_day_of_its_own_hours_up_to_midnight":   {2, "2026-10-09 12:00", "2026-10-11 00:00"},
		"none_while_it_is_open":                   {0, "2026-03-02 10:10", "2026-03-02 10:10"},
		"none_while_it_is_closed":                 {0, "2026-03-07 10:10", "2026-03-09 09:00"},
		"before_a_moment":                         {-2, "2026-03-02 14:00", "2026-03-02 11:00"},
		"before_it_back_to_when_the_office_opens": {-3, "2026-03-02 12:00", "2026-03-02 09:00"},
		"before_a_weekend":                        {-1, "2026-03-09 09:30", "2026-03-06 11:30"},
	} {
		t.Run(name, func(t *testing.T) {
			due, err := c.Due(flow.Deadline{After: x.hours, Unit: flow.WorkingHours}, moment(t, c, x.start))
			require.NoError(t, err)
			require.Equal(t, x.want, due.In(c.Zone()).Format("2006-01-02 15:04"))
		})
	}
	t.Run("a_night_shift_of_23_hours_has_an_hour_less", func(t *testing.T) {
		night, err := Compile(&calendardef.Calendar{TimeZone: "Europe/Berlin", Weekend: []calendardef.Weekday{}, Hours: []calendardef.Span{{From: "00:00", To: "06:00"}}})
		require.NoError(t, err)
		due, err := night.Due(flow.Deadline{After: 5, Unit: flow.WorkingHours}, moment(t, night, "2026-03-29 00:00"))
		require.NoError(t, err)
		require.Equal(t, "2026-03-29T06:00:00+02:00", due.Format(time.RFC3339))
		due, err = night.Due(flow.Deadline{After: 7, Unit: flow.WorkingHours}, moment(t, night, "2026-10-25 00:00"))
		require.NoError(t, err)
		require.Equal(t, "2026-10-25T06:00:00+01:00", due.Format(time.RFC3339))
	})
	t.Run("in_the_summers_of_1986_to_1991_china_put_its_clocks_forward", func(t *testing.T) {
		for start, want := range map[string]string{
			"1986-05-02 09:00": "1986-05-05T17:00:00+09:00", // clocks went forward on Sunday, 4 May
			"1991-09-13 09:00": "1991-09-16T17:00:00+08:00", // and back for the last time on Sunday, 15 September
		} {
			due, err := chinese(t).Due(flow.Deadline{After: 1, Unit: flow.WorkingDays, At: "17:00"}, moment(t, c, start))
			require.NoError(t, err)
			require.Equal(t, want, due.Format(time.RFC3339))
			day, err := chinese(t).Due(flow.Deadline{After: 72, Unit: flow.Hours}, moment(t, c, start))
			require.NoError(t, err)
			require.Equal(t, 72*time.Hour, day.Sub(moment(t, c, start)))
		}
	})
	t.Run("a_calendar_without_hours_cannot_count_them", func(t *testing.T) {
		plain := zoned(t, "Asia/Shanghai")
		_, err := plain.Due(flow.Deadline{After: 1, Unit: flow.WorkingHours}, moment(t, c, "2026-03-02 09:00"))
		require.True(t, fault.Has(err, CodeHours), "%v", err)
		_, err = plain.Due(flow.Deadline{After: -1, Unit: flow.WorkingHours}, moment(t, c, "2026-03-02 09:00"))
		require.True(t, fault.Has(err, CodeHours), "%v", err)
		start := moment(t, c, "2026-03-02 09:00")
		_, err = plain.Resume(flow.Deadline{After: 1, Unit: flow.WorkingHours}, start.Add(time.Hour), start, start)
		require.True(t, fault.Has(err, CodeHours), "%v", err)
		require.False(t, plain.HasHours())
		require.True(t, c.HasHours())
	})
	t.Run("a_department_finds_its_calendar", func(t *testing.T) {
		plant := &calendardef.Calendar{TimeZone: "UTC", Departments: []string{"d1", "d2"}}
		plant.Key = "plant"
		set, err := NewSet([]*calendardef.Calendar{plant})
		require.NoError(t, err)
		require.Equal(t, "plant", set.OfDepartment("d2"))
		require.Empty(t, set.OfDepartment("d3"))
	})
}
