package calendar

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stepwell/stepwell/internal/fault"
	calendardef "github.com/stepwell/stepwell/schemas/calendar"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
)

func chinese(t require.TestingT) *Calendar {
	def, err := China()
	require.NoError(t, err)
	c, err := Compile(def)
	require.NoError(t, err)
	return c
}

func zoned(t *testing.T, zone string) *Calendar {
	t.Helper()
	c, err := Compile(&calendardef.Calendar{Head: definition.Head{Key: "c"}, TimeZone: zone})
	require.NoError(t, err)
	return c
}

func moment(t *testing.T, c *Calendar, s string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", s, c.Zone())
	require.NoError(t, err)
	return at
}

func TestDue(t *testing.T) {
	c := chinese(t)
	working := func(n int, at string) flow.Deadline {
		return flow.Deadline{After: n, Unit: flow.WorkingDays, At: at, Calendar: "china"}
	}
	for name, x := range map[string]struct {
		deadline    flow.Deadline
		start, want string
	}{
		"five_working_days_in_a_plain_week":          {working(5, "17:00"), "2026-03-02 09:30", "2026-03-09 17:00"},
		"across_national_day_with_a_worked_saturday": {working(5, "17:00"), "2026-09-29 09:30", "2026-10-12 17:00"},
		"on_the_worked_saturday_itself":              {working(4, "17:00"), "2026-09-29 09:30", "2026-10-10 17:00"},
		"across_spring_festival_2026":                {working(5, "17:00"), "2026-02-13 18:20", "2026-02-27 17:00"},
		"across_spring_festival_2025":                {working(3, "17:00"), "2025-01-24 10:00", "2025-02-05 17:00"},
		"entered_in_the_holiday":                     {working(5, "17:00"), "2026-10-03 12:00", "2026-10-13 17:00"},
		"entered_on_a_saturday":                      {working(1, "17:00"), "2026-03-07 12:00", "2026-03-09 17:00"},
		"entered_before_opening":                     {working(1, "17:00"), "2026-03-02 05:00", "2026-03-03 17:00"},
		"entered_after_closing":                      {working(1, "17:00"), "2026-03-02 23:59", "2026-03-03 17:00"},
		"one_working_day_is_no_24_business_hours":    {working(1, ""), "2026-03-02 10:00", "2026-03-03 10:00"},
		"the_same_working_day":                       {working(0, "17:00"), "2026-03-02 10:00", "2026-03-02 17:00"},
		"the_same_day_when_it_is_free":               {working(0, "17:00"), "2026-10-01 10:00", "2026-10-08 17:00"},
		"already_over":                               {working(0, "17:00"), "2026-03-02 18:00", "2026-03-02 17:00"},
		"three_working_days_before_a_date":           {working(-3, "17:00"), "2026-10-08 00:00", "2026-09-28 17:00"},
		"days_are_calendar_days":                     {flow.Deadline{After: 3, Unit: flow.Days, At: "09:00"}, "2026-09-29 18:00", "2026-10-02 09:00"},
		"days_at_the_same_time_of_day":               {flow.Deadline{After: 3, Unit: flow.Days}, "2026-09-29 18:05", "2026-10-02 18:05"},
		"days_before_a_date":                         {flow.Deadline{After: -30, Unit: flow.Days, At: "09:00"}, "2026-03-15 00:00", "2026-02-13 09:00"},
		"hours":                                      {flow.Deadline{After: 36, Unit: flow.Hours}, "2026-09-30 18:00", "2026-10-02 06:00"},
		"minutes":                                    {flow.Deadline{After: 90, Unit: flow.Minutes}, "2026-09-30 23:00", "2026-10-01 00:30"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := c.Due(x.deadline, moment(t, c, x.start).UTC())
			require.NoError(t, err)
			require.Equal(t, x.want, got.Format("2006-01-02 15:04"))
		})
	}
}

func TestDueWhereClocksChange(t *testing.T) {
	days := func(n int, at string) flow.Deadline { return flow.Deadline{After: n, Unit: flow.Days, At: at} }
	for name, x := range map[string]struct {
		zone        string
		deadline    flow.Deadline
		start, want string
	}{
		"day_of_23_hours_keeps_the_time_of_day":     {"America/New_York", days(1, ""), "2026-03-07 12:00", "2026-03-08T12:00:00-04:00"},
		"24_hours_are_24_hours":                     {"America/New_York", flow.Deadline{After: 24, Unit: flow.Hours}, "2026-03-07 12:00", "2026-03-08T13:00:00-04:00"},
		"a_time_that_is_skipped_is_an_hour_later":   {"America/New_York", days(1, "02:30"), "2026-03-07 12:00", "2026-03-08T03:30:00-04:00"},
		"a_time_that_comes_twice_is_the_first":      {"America/New_York", days(1, "01:30"), "2026-10-31 12:00", "2026-11-01T01:30:00-04:00"},
		"half_an_hour_of_change":                    {"Australia/Lord_Howe", days(1, "02:15"), "2026-10-03 12:00", "2026-10-04T02:45:00+11:00"},
		"east_of_greenwich":                         {"Europe/Berlin", days(1, "17:00"), "2026-10-24 08:00", "2026-10-25T17:00:00+01:00"},
		"working_days_across_the_change":            {"Europe/Berlin", flow.Deadline{After: 1, Unit: flow.WorkingDays}, "2026-03-27 17:00", "2026-03-30T17:00:00+02:00"},
		"a_zone_that_has_no_midnight_on_that_day":   {"Africa/Cairo", days(1, "00:00"), "2026-04-23 12:00", "2026-04-24T01:00:00+03:00"},
		"the_day_is_the_zone's_not_that_of_the_UTC": {"Asia/Shanghai", flow.Deadline{After: 1, Unit: flow.WorkingDays, At: "17:00"}, "2026-03-03 07:00", "2026-03-04T17:00:00+08:00"},
	} {
		t.Run(name, func(t *testing.T) {
			c := zoned(t, x.zone)
			got, err := c.Due(x.deadline, moment(t, c, x.start).UTC())
			require.NoError(t, err)
			require.Equal(t, x.want, got.Format(time.RFC3339))
		})
	}
}

func TestDueRefuses(t *testing.T) {
	c := chinese(t)
	for name, x := range map[string]struct {
		deadline flow.Deadline
		code     *fault.Code
	}{
		"what_is_not_a_time_of_day": {flow.Deadline{After: 1, Unit: flow.Days, At: "25:00"}, CodeTime},
		"a_time_without_its_zero":   {flow.Deadline{After: 1, Unit: flow.Days, At: "9:00"}, CodeTime},
		"an_unknown_unit":           {flow.Deadline{After: 1, Unit: "weeks"}, CodeUnit},
		"ages":                      {flow.Deadline{After: 1 << 40, Unit: flow.WorkingDays}, CodeRange},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.Due(x.deadline, moment(t, c, "2026-03-02 10:00"))
			require.True(t, fault.Has(err, x.code), "%v", err)
		})
	}
}

func TestWorkingDayProperties(t *testing.T) {
	c := chinese(t)
	days := rapid.Int64Range(dayNumber(time.Date(2014, 6, 1, 0, 0, 0, 0, time.UTC)), dayNumber(time.Date(2028, 6, 1, 0, 0, 0, 0, time.UTC)))
	counts := rapid.IntRange(-400, 400)
	t.Run("never_lands_on_a_free_day", rapid.MakeCheck(func(t *rapid.T) {
		d := dayOf(days.Draw(t, "day"))
		n := counts.Draw(t, "n")
		got := c.AddWorkingDays(d, n)
		require.True(t, c.IsWorkingDay(got), "%s + %d = %s", d, n, got)
	}))
	t.Run("counting_undoes_adding", rapid.MakeCheck(func(t *rapid.T) {
		d := dayOf(days.Draw(t, "day"))
		n := counts.Filter(func(n int) bool { return n != 0 }).Draw(t, "n")
		require.Equal(t, n, c.WorkingDaysBetween(d, c.AddWorkingDays(d, n)))
	}))
	t.Run("from_a_working_day_there_and_back", rapid.MakeCheck(func(t *rapid.T) {
		d := c.AddWorkingDays(dayOf(days.Draw(t, "day")), 0)
		n := counts.Draw(t, "n")
		require.Equal(t, d, c.AddWorkingDays(c.AddWorkingDays(d, n), -n))
	}))
	t.Run("more_days_and_later_starts_end_no_earlier", rapid.MakeCheck(func(t *rapid.T) {
		a := days.Draw(t, "day")
		b := a + rapid.Int64Range(0, 60).Draw(t, "later")
		n := rapid.IntRange(1, 400).Draw(t, "n")
		require.True(t, c.AddWorkingDays(dayOf(a), n).Before(c.AddWorkingDays(dayOf(a), n+1)))
		require.False(t, c.AddWorkingDays(dayOf(b), n).Before(c.AddWorkingDays(dayOf(a), n)))
	}))
	t.Run("the_deadline_shows_the_time_asked_for", rapid.MakeCheck(func(t *rapid.T) {
		zone := rapid.SampledFrom([]string{"America/New_York", "Europe/Berlin", "Asia/Shanghai", "Pacific/Chatham", "America/Santiago"}).Draw(t, "zone")
		in, err := Compile(&calendardef.Calendar{TimeZone: zone})
		require.NoError(t, err)
		start := time.Unix(rapid.Int64Range(1.4e9, 1.9e9).Draw(t, "start"), 0)
		d := flow.Deadline{After: rapid.IntRange(1, 60).Draw(t, "n"), Unit: rapid.SampledFrom([]flow.Unit{flow.Days, flow.WorkingDays}).Draw(t, "unit"), At: "17:00"}
		due, err := in.Due(d, start)
		require.NoError(t, err)
		require.Equal(t, "17:00:00", due.Format(time.TimeOnly))
		require.True(t, due.After(start))
	}))
}

func TestSet(t *testing.T) {
	china, err := China()
	require.NoError(t, err)
	berlin := &calendardef.Calendar{Head: definition.Head{Key: "berlin"}, TimeZone: "Europe/Berlin", Weekend: []calendardef.Weekday{"sunday"}}
	set, err := NewSet([]*calendardef.Calendar{berlin, china})
	require.NoError(t, err)
	monday := time.Date(2026, 9, 28, 1, 0, 0, 0, time.UTC)

	t.Run("each_deadline_by_its_own_calendar", func(t *testing.T) {
		due, err := set.Due(flow.Deadline{After: 5, Unit: flow.WorkingDays, At: "17:00", Calendar: "berlin"}, monday)
		require.NoError(t, err)
		require.Equal(t, "2026-10-03T17:00:00+02:00", due.Format(time.RFC3339))
		due, err = set.Due(flow.Deadline{After: 5, Unit: flow.WorkingDays, At: "17:00", Calendar: "china"}, monday)
		require.NoError(t, err)
		require.Equal(t, "2026-10-10T17:00:00+08:00", due.Format(time.RFC3339))
	})
	t.Run("an_unknown_calendar_is_refused", func(t *testing.T) {
		_, err := set.Due(flow.Deadline{After: 5, Unit: flow.Hours, Calendar: "moon"}, monday)
		require.True(t, fault.Has(err, CodeUnknown), "%v", err)
		_, err = set.DayStart("moon", "2026-10-01")
		require.True(t, fault.Has(err, CodeUnknown), "%v", err)
	})
	t.Run("working_days_need_a_calendar", func(t *testing.T) {
		_, err := set.Due(flow.Deadline{After: 5, Unit: flow.WorkingDays}, monday)
		require.True(t, fault.Has(err, CodeNeeded), "%v", err)
	})
	t.Run("the_marked_calendar_is_the_default", func(t *testing.T) {
		require.False(t, set.Default().IsWorkingDay(time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)))
	})
	t.Run("days_without_a_calendar_are_the_zone's", func(t *testing.T) {
		start, err := set.DayStart("", "2026-10-01")
		require.NoError(t, err)
		require.Equal(t, "2026-10-01T00:00:00+08:00", start.Format(time.RFC3339))
		start, err = set.In(time.UTC).DayStart("", "2026-10-01")
		require.NoError(t, err)
		require.Equal(t, "2026-10-01T00:00:00Z", start.Format(time.RFC3339))
		_, err = set.DayStart("", "1 October")
		require.True(t, fault.Has(err, CodeDay), "%v", err)
	})
	t.Run("without_calendars_Monday_to_Friday", func(t *testing.T) {
		empty, err := NewSet(nil)
		require.NoError(t, err)
		require.True(t, empty.Default().IsWorkingDay(time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)))
		require.False(t, empty.Default().IsWorkingDay(time.Date(2026, 10, 3, 0, 0, 0, 0, time.UTC)))
	})
	t.Run("a_broken_definition_names_its_problems", func(t *testing.T) {
		_, err := NewSet([]*calendardef.Calendar{{Head: definition.Head{Key: "x"}, TimeZone: "Mars"}})
		require.True(t, fault.Has(err, CodeBroken), "%v", err)
		require.ErrorContains(t, err, "/timeZone")
	})
}

func TestResume(t *testing.T) {
	c := chinese(t)
	working := func(at string) flow.Deadline {
		return flow.Deadline{After: 2, Unit: flow.WorkingDays, At: at, Calendar: "china"}
	}
	for name, x := range map[string]struct {
		deadline                   flow.Deadline
		due, paused, resumed, want string
	}{
		"two_working_days_are_left_over_a_weekend":  {working(""), "2026-03-06 10:00", "2026-03-04 10:00", "2026-03-06 10:00", "2026-03-10 10:00"},
		"a_suspension_of_free_days_costs_nothing":   {working(""), "2026-03-10 10:00", "2026-03-07 00:00", "2026-03-09 00:00", "2026-03-10 10:00"},
		"it_ends_at_its_time_of_day_and_not_before": {working("17:00"), "2026-03-04 17:00", "2026-03-02 09:00", "2026-03-05 18:00", "2026-03-10 17:00"},
		"the_same_moment_changes_nothing":           {working("17:00"), "2026-03-04 17:00", "2026-03-02 09:00", "2026-03-02 09:00", "2026-03-04 17:00"},
		"what_is_over_stays_over":                   {working("17:00"), "2026-03-02 17:00", "2026-03-03 09:00", "2026-03-09 09:00", "2026-03-02 17:00"},
		"hours_pass_by_the_clock":                   {flow.Deadline{After: 4, Unit: flow.Hours}, "2026-03-06 18:00", "2026-03-06 17:00", "2026-03-07 03:00", "2026-03-07 04:00"},
		"days_count_free_ones_too":                  {flow.Deadline{After: 3, Unit: flow.Days, At: "09:00"}, "2026-03-07 09:00", "2026-03-06 09:00", "2026-03-06 12:00", "2026-03-08 09:00"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := c.Resume(x.deadline, moment(t, c, x.due), moment(t, c, x.paused), moment(t, c, x.resumed))
			require.NoError(t, err)
			require.Equal(t, moment(t, c, x.want).Format(time.RFC3339), got.Format(time.RFC3339))
		})
	}
	t.Run("there_is_never_less_time_left_than_there_was", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			paused := time.Date(2026, 1, 1, 0, rapid.IntRange(0, 500_000).Draw(t, "paused"), 0, 0, c.Zone())
			due := paused.Add(time.Duration(rapid.IntRange(1, 60*24*30).Draw(t, "left")) * time.Minute)
			resumed := paused.Add(time.Duration(rapid.IntRange(0, 60*24*60).Draw(t, "still")) * time.Minute)
			for _, at := range []string{"", "17:00"} {
				got, err := c.Resume(working(at), due, paused, resumed)
				require.NoError(t, err)
				left := c.worked(resumed, got)
				if at == "" {
					require.Equal(t, c.worked(paused, due), left)
				} else {
					require.GreaterOrEqual(t, left, c.worked(paused, due))
				}
				require.False(t, got.Before(resumed))
			}
		})
	})
	t.Run("an_unknown_calendar_is_a_fault", func(t *testing.T) {
		set, err := NewSet(nil)
		require.NoError(t, err)
		_, err = set.Resume(flow.Deadline{Calendar: "gone"}, time.Time{}, time.Time{}, time.Time{})
		require.True(t, fault.Has(err, CodeUnknown))
		at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		got, err := set.Resume(flow.Deadline{Unit: flow.Hours}, at.Add(time.Hour), at, at.Add(time.Hour))
		require.NoError(t, err)
		require.Equal(t, at.Add(2*time.Hour), got.UTC())
	})
}
