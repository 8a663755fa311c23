package automation_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stepwell/stepwell/internal/calendar"
	"github.com/stepwell/stepwell/runtime/automation"
	def "github.com/stepwell/stepwell/schemas/automation"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	require.NoError(t, err)
	return z
}

// next are the first moments of times behind another one, as a clock on the wall shows them.
func next(t *testing.T, times def.Times, cal *calendar.Calendar, after time.Time, n int) []string {
	t.Helper()
	var out []string
	for range n {
		at, ok, err := automation.NextTime(times, cal, after)
		require.NoError(t, err)
		if !ok {
			return append(out, "never")
		}
		out, after = append(out, at.In(cal.Zone()).Format("Mon 2006-01-02 15:04 MST")), at
	}
	return out
}

func TestNextTime(t *testing.T) {
	york := calendar.Plain(zone(t, "America/New_York"))
	t.Run("times_of_day_come_in_order_on_their_days", func(t *testing.T) {
		times := def.Times{At: []string{"17:00", "09:00"}, Weekdays: []string{"monday"}}
		require.Equal(t, []string{"Mon 2026-03-02 09:00 EST", "Mon 2026-03-02 17:00 EST", "Mon 2026-03-09 09:00 EDT"},
			next(t, times, york, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), 3))
	})
	t.Run("a_time_that_the_clock_leaves_out_comes_later_that_day_and_once", func(t *testing.T) {
		times := def.Times{At: []string{"02:30"}}
		require.Equal(t, []string{"Sat 2026-03-07 02:30 EST", "Sun 2026-03-08 03:30 EDT", "Mon 2026-03-09 02:30 EDT"},
			next(t, times, york, time.Date(2026, 3, 7, 0, 0, 0, 0, time.UTC), 3))
	})
	t.Run("a_time_that_the_clock_repeats_comes_once", func(t *testing.T) {
		times := def.Times{At: []string{"01:30"}}
		require.Equal(t, []string{"Sat 2026-10-31 01:30 EDT", "Sun 2026-11-01 01:30 EDT", "Mon 2026-11-02 01:30 EST"},
			next(t, times, york, time.Date(2026, 10, 31, 0, 0, 0, 0, time.UTC), 3))
	})
	t.Run("the_last_day_of_a_month_is_that_of_each_month", func(t *testing.T) {
		times := def.Times{At: []string{"12:00"}, MonthDays: []int{-1}}
		require.Equal(t, []string{"Sat 2026-01-31 12:00 EST", "Sat 2026-02-28 12:00 EST", "Tue 2026-03-31 12:00 EDT"},
			next(t, times, york, time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC), 3))
	})
	t.Run("a_beat_goes_on_through_a_change_of_the_clock", func(t *testing.T) {
		times := def.Times{Every: 30}
		require.Equal(t, []string{"Sun 2026-03-08 01:30 EST", "Sun 2026-03-08 03:00 EDT"}, next(t, times, york, time.Date(2026, 3, 8, 6, 1, 0, 0, time.UTC), 2))
	})
	t.Run("a_day_that_never_comes_is_no_endless_search", func(t *testing.T) {
		_, ok, err := automation.NextTime(def.Times{At: []string{"12:00"}, Weekdays: []string{"sunday"}, WorkingDays: true}, york, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
		require.NoError(t, err)
		require.False(t, ok)
	})
	t.Run("it_always_goes_forward", func(t *testing.T) {
		rapid.Check(t, func(r *rapid.T) {
			times := def.Times{Every: rapid.SampledFrom([]int{0, 1, 7, 60, 1440}).Draw(r, "every")}
			if times.Every == 0 {
				times.At = []string{rapid.SampledFrom([]string{"00:00", "01:30", "02:30", "23:59"}).Draw(r, "at")}
			}
			after := time.Unix(rapid.Int64Range(1.7e9, 1.9e9).Draw(r, "after"), 0)
			at, ok, err := automation.NextTime(times, york, after)
			require.NoError(r, err)
			require.True(r, ok)
			require.True(r, at.After(after))
			require.Less(r, at.Sub(after), 26*time.Hour)
		})
	})
}

func TestLastTime(t *testing.T) {
	cal := calendar.Plain(time.UTC)
	start := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	last, ok, err := automation.LastTime(def.Times{At: []string{"08:00"}}, cal, start, start.AddDate(1, 0, 0))
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, time.Date(2027, 3, 1, 8, 0, 0, 0, time.UTC), last.UTC())
	_, ok, err = automation.LastTime(def.Times{At: []string{"08:00"}}, cal, start.Add(9*time.Hour), start.Add(20*time.Hour))
	require.NoError(t, err)
	require.False(t, ok)
}
