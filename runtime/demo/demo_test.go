package demo

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/calendar"
	"github.com/stepwell/stepwell/runtime/engine"
)

var today = time.Date(2026, 6, 30, 7, 0, 0, 0, time.UTC)

func TestPlay(t *testing.T) {
	app := open(t, "sales-manufacturing")
	house := newPaper(t, app)
	played, err := Play(t.Context(), app, house, today)
	require.NoError(t, err)
	t.Run("shipped_history_is_large_varied_and_refused_by_no_gate", func(t *testing.T) {
		t.Log(played, "actions", house.actions, "overdue", house.overdue, "files", house.counters["files"])

		require.GreaterOrEqual(t, played.Records["opportunity"], 400)
		require.GreaterOrEqual(t, played.Records["customer"], 90)
		require.GreaterOrEqual(t, house.actions, 6000)
		require.Greater(t, house.overdue, 100, "deadlines are missed")
		require.Greater(t, played.Commands["return"], 50, "things are sent back")
		require.Greater(t, played.Outcomes["won"], 30)
		require.Greater(t, played.Outcomes["lost"], 30)

		waiting, red := map[string]int{}, 0
		for _, c := range house.cases {
			if c.State.Status != engine.Running {
				continue
			}
			waiting[c.State.Stage]++
			for _, d := range c.State.Deadlines {
				if d.Overdue {
					red++
					break
				}
			}
		}
		for _, stage := range app.Flows["opportunityPipeline"].Stages() {
			require.GreaterOrEqual(t, waiting[stage.ID], 5, "the board has cards in %s", stage.ID)
		}
		require.Greater(t, red, 20, "some of what is under way is red")
	})
	t.Run("people_differ_by_their_behaviour", func(t *testing.T) {
		late, returned, people := map[string]float64{}, map[string]float64{}, map[string]float64{}
		for _, p := range app.Sample.Company.People {
			late[p.Behaviour] += float64(house.late[app.Users[p.Username]])
			returned[p.Behaviour] += float64(house.returned[app.Users[p.Username]])
			if house.late[app.Users[p.Username]] > 0 {
				people[p.Behaviour]++
			}
		}
		require.Greater(t, late["late"]/people["late"], 1.5*late["diligent"]/people["diligent"])
		require.Greater(t, returned["sloppy"]/people["sloppy"], 1.5*returned["diligent"]/people["diligent"])
	})
	t.Run("same_seed_plays_the_same_history_and_another_seed_another", func(t *testing.T) {
		trace := func(seed uint64) []string {
			app := small(t)
			app.Sample.Script.Seed = seed
			house := newPaper(t, app)
			_, err := Play(t.Context(), app, house, today)
			require.NoError(t, err)
			return house.trace
		}
		one, two, other := trace(1), trace(1), trace(2)
		require.Equal(t, one, two)
		require.NotEqual(t, one, other)
	})
	t.Run("nobody_acts_outside_of_working_hours", func(t *testing.T) {
		app := small(t)
		house := newPaper(t, app)
		_, err := Play(t.Context(), app, house, today)
		require.NoError(t, err)
		days := app.Calendars.Default()
		for _, c := range house.cases {
			for _, passed := range c.State.Stages {
				at := passed.EnteredAt.In(days.Zone())
				require.True(t, days.IsWorkingDay(at), at)
				require.True(t, at.Hour() >= 8 && at.Hour() < 18, at)
			}
		}
	})
	t.Run("refusal_is_an_error_that_names_person_step_and_record", func(t *testing.T) {
		app := small(t)
		house := newPaper(t, app)
		house.refuse = func(cmd engine.Command) error {
			if cmd.Kind == engine.Approve {
				return errors.New("not today")
			}
			return nil
		}
		_, err := Play(t.Context(), app, house, today)
		require.ErrorContains(t, err, "not today")
		require.ErrorContains(t, err, "approve screenApproval")
	})
	t.Run("person_who_is_not_installed_is_named", func(t *testing.T) {
		app := small(t)
		delete(app.Users, "hanxue")
		_, err := Play(t.Context(), app, newPaper(t, app), today)
		require.ErrorContains(t, err, "nobody in the installation is hanxue")
	})
	t.Run("missing_calendar_is_named", func(t *testing.T) {
		app := small(t)
		app.Sample.Script.Calendar = "moon"
		_, err := Play(t.Context(), app, newPaper(t, app), today)
		require.ErrorContains(t, err, "no calendar moon")
	})
}

// small is the shipped app with a short history.
func small(t *testing.T) App {
	t.Helper()
	app := open(t, "sales-manufacturing")
	app.Sample.Script.Weeks = 8
	app.Sample.Script.Arrivals[0].Count = 25
	return app
}

func TestHours(t *testing.T) {
	app := open(t, "sales-manufacturing")
	days, ok := app.Calendars.Calendar("china")
	require.True(t, ok)
	h, err := newHours(days, "08:30", "17:30")
	require.NoError(t, err)
	at := func(text string) time.Time {
		moment, err := time.ParseInLocation("2006-01-02 15:04", text, days.Zone())
		require.NoError(t, err)
		return moment
	}
	for name, c := range map[string]struct {
		from string
		work time.Duration
		want string
	}{
		"within_a_day":                   {"2026-03-02 09:00", 2 * time.Hour, "2026-03-02 11:00"},
		"before_opening_waits":           {"2026-03-02 06:00", time.Hour, "2026-03-02 09:30"},
		"over_night":                     {"2026-03-02 17:00", time.Hour, "2026-03-03 09:00"},
		"over_the_weekend":               {"2026-03-06 17:00", time.Hour, "2026-03-09 09:00"},
		"over_a_holiday_to_make_up_days": {"2026-02-14 17:00", time.Hour, "2026-02-24 09:00"},
		"exactly_a_day_ends_at_opening":  {"2026-03-02 08:30", 9 * time.Hour, "2026-03-03 08:30"},
		"after_closing_counts_from_next": {"2026-03-02 20:00", 0, "2026-03-03 08:30"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, at(c.want), h.add(at(c.from), c.work))
		})
	}
	t.Run("a_day_that_closes_before_it_opens_is_refused", func(t *testing.T) {
		_, err := newHours(&calendar.Calendar{}, "17:00", "08:00")
		require.ErrorContains(t, err, "before it opens")
		_, err = newHours(&calendar.Calendar{}, "8 am", "17:00")
		require.ErrorContains(t, err, "opening time")
	})
}
