package preference_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stepwell/stepwell/internal/calendar"
	"github.com/stepwell/stepwell/internal/store/storetest"
	"github.com/stepwell/stepwell/runtime/notices/preference"
	calendardef "github.com/stepwell/stepwell/schemas/calendar"
)

// china has the holidays of 2026: 1 to 7 October are free, Saturday 10 October is worked.
func china(t *testing.T) *calendar.Calendar {
	t.Helper()
	def, err := calendardef.Parse(calendar.ChinaDocument())
	require.NoError(t, err)
	c, err := calendar.Compile(def)
	require.NoError(t, err)
	return c
}

func moment(t *testing.T, c *calendar.Calendar, s string) time.Time {
	t.Helper()
	m, err := time.ParseInLocation("2006-01-02 15:04", s, c.Zone())
	require.NoError(t, err)
	return m.UTC()
}

func TestQuietUntil(t *testing.T) {
	cal := china(t)
	night := preference.Quiet{On: true, From: "20:00", To: "08:00"}
	nights := preference.Quiet{On: true, From: "20:00", To: "08:00", FreeDays: true}
	for name, c := range map[string]struct {
		quiet   preference.Quiet
		at, end string // no end: not quiet
	}{
		"in_the_evening_until_the_next_morning":           {night, "2026-03-02 22:15", "2026-03-03 08:00"},
		"after_midnight_until_the_same_morning":           {night, "2026-03-03 01:15", "2026-03-03 08:00"},
		"the_first_minute_is_quiet":                       {night, "2026-03-02 20:00", "2026-03-03 08:00"},
		"the_last_minute_is_over":                         {night, "2026-03-03 08:00", ""},
		"by_day_it_is_not_quiet":                          {night, "2026-03-03 12:00", ""},
		"over_noon_on_the_same_day":                       {preference.Quiet{On: true, From: "12:00", To: "13:30"}, "2026-03-03 12:10", "2026-03-03 13:30"},
		"switched_off_it_is_never_quiet":                  {preference.Quiet{From: "20:00", To: "08:00"}, "2026-03-02 22:15", ""},
		"equal_ends_are_no_time":                          {preference.Quiet{On: true, From: "08:00", To: "08:00"}, "2026-03-02 08:00", ""},
		"free_days_are_quiet_until_a_working_day_begins":  {preference.Quiet{On: true, From: "00:00", To: "00:00", FreeDays: true}, "2026-03-07 11:00", "2026-03-09 00:00"},
		"a_night_a_weekend_and_a_night_are_one":           {nights, "2026-03-06 21:00", "2026-03-09 08:00"},
		"a_holiday_of_seven_days_is_one":                  {nights, "2026-09-30 23:00", "2026-10-08 08:00"},
		"a_saturday_that_is_worked_is_like_any_other_day": {nights, "2026-10-10 09:00", ""},
	} {
		t.Run(name, func(t *testing.T) {
			end, quiet := preference.Preferences{Quiet: c.quiet}.QuietUntil(moment(t, cal, c.at), cal)
			require.Equal(t, c.end != "", quiet)
			if quiet {
				require.Equal(t, moment(t, cal, c.end), end.UTC())
			}
		})
	}
}

func TestQuietProperties(t *testing.T) {
	cal := china(t)
	rapid.Check(t, func(rt *rapid.T) {
		hour := rapid.IntRange(0, 24*60-1)
		clock := func(minutes int) string {
			return time.Date(2026, 1, 1, 0, minutes, 0, 0, time.UTC).Format("15:04")
		}
		p := preference.Preferences{Quiet: preference.Quiet{
			On: true, From: clock(hour.Draw(rt, "from")), To: clock(hour.Draw(rt, "to")), FreeDays: rapid.Bool().Draw(rt, "free"),
		}}
		at := time.Date(2026, 1, 1, 0, rapid.IntRange(0, 500000).Draw(rt, "at"), 0, 0, cal.Zone())
		end, quiet := p.QuietUntil(at, cal)
		if !quiet {
			return
		}
		require.True(rt, end.After(at))
		_, still := p.QuietUntil(end, cal)
		require.False(rt, still, "what is held goes at the end and is not held again")
		_, just := p.QuietUntil(end.Add(-time.Minute), cal)
		require.True(rt, just, "no minute too late")
	})
}

func TestNextDigest(t *testing.T) {
	cal := china(t)
	for name, c := range map[string]struct{ at, now, want string }{
		"today_when_it_is_still_to_come":  {"08:30", "2026-03-02 08:29", "2026-03-02 08:30"},
		"tomorrow_at_the_moment_itself":   {"08:30", "2026-03-02 08:30", "2026-03-03 08:30"},
		"nobody_who_named_no_time_waits":  {"", "2026-03-02 07:00", "2026-03-02 08:30"},
		"the_day_is_that_of_the_calendar": {"00:10", "2026-03-02 23:50", "2026-03-03 00:10"},
	} {
		t.Run(name, func(t *testing.T) {
			got := preference.Preferences{DigestAt: c.at}.NextDigest(moment(t, cal, c.now), cal)
			require.Equal(t, moment(t, cal, c.want), got.UTC())
		})
	}
}

func TestCheck(t *testing.T) {
	causes, channels := []string{"task", "overdue"}, []string{"email"}
	codes := func(p preference.Preferences) map[string]string {
		out := map[string]string{}
		for _, found := range p.Check(causes, channels) {
			out[found.Pointer] = found.Code.ID
		}
		return out
	}
	require.Empty(t, codes(preference.Preferences{}))
	require.Empty(t, codes(preference.Preferences{
		Choices: map[string]map[string]preference.Choice{"task": {"email": preference.Digest}}, DigestAt: "23:59",
		Quiet: preference.Quiet{On: true, From: "20:00", To: "08:00"},
	}))
	require.Equal(t, map[string]string{
		"/digestAt": "preference.time", "/quiet/from": "preference.time", "/quiet/to": "preference.time",
		"/choices/task/email": "preference.choice", "/choices/task/fax": "preference.channel", "/choices/rain": "preference.cause",
	}, codes(preference.Preferences{
		Choices:  map[string]map[string]preference.Choice{"task": {"email": "maybe", "fax": preference.On}, "rain": {"email": preference.On}},
		DigestAt: "8:30", Quiet: preference.Quiet{On: true, From: "24:00"},
	}))
}

func TestBook(t *testing.T) {
	book := preference.NewBook(storetest.Open(t))
	got, err := book.Of(t.Context(), "li")
	require.NoError(t, err)
	require.Equal(t, preference.On, got.Choice("task", "email"), "who chose nothing is told at once")
	want := preference.Preferences{Choices: map[string]map[string]preference.Choice{"task": {"email": preference.Off}}, DigestAt: "09:00"}
	require.NoError(t, book.Keep(t.Context(), "li", preference.Preferences{DigestAt: "07:00"}))
	require.NoError(t, book.Keep(t.Context(), "li", want))
	got, err = book.Of(t.Context(), "li")
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.Equal(t, preference.Off, got.Choice("task", "email"))
	require.Equal(t, preference.On, got.Choice("overdue", "email"))
}
