package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/timers"
)

func TestCalendarChange(t *testing.T) {
	h := openHouse(t, monday)
	d := h.start("rep")
	calendar := "/apps/" + app + "/definitions/calendar/china"
	due := func() any { return h.view("appAdmin", h.path(d)).Body["dueAt"] }
	before := due().(string)
	moment, err := time.Parse(time.RFC3339, before)
	require.NoError(t, err)
	lastDay := moment.Add(-time.Minute).In(shanghai).Format(time.DateOnly)

	h.Run("what_would_move_is_said_before_and_nothing_has_moved", func(h *house) {
		require.Empty(h, h.view("appAdmin", calendar+"/impact").items(), "the draft is as it is published")
		h.redefine("calendar", "china", func(def m) {
			def["days"] = append(def["days"].([]any), m{"date": lastDay, "working": false, "name": text("Shut")})
		}).ok()
		got := h.view("appAdmin", calendar+"/impact")
		items := got.items()
		require.Len(h, items, 1, got.Text)
		require.Equal(h, []any{d.id, before, "moves"}, []any{items[0]["record"], items[0]["from"], items[0]["outcome"]})
		require.Greater(h, items[0]["to"], before)
		require.Equal(h, 1.0, got.Body["counts"].(m)["moves"])
		require.Equal(h, "rep", got.Body["names"].(m)[h.ids["rep"]])
		h.settle()
		require.Equal(h, before, due())
		h.call("rep", http.MethodGet, calendar+"/impact", nil).refused(403, "access.forbidden")
		h.call("appAdmin", http.MethodGet, "/apps/"+app+"/definitions/form/opportunity/impact", nil).refused(422, "http.parameter")
	})
	h.Run("published_it_moves_the_deadline_its_task_and_its_timer_once", func(h *house) {
		to := h.view("appAdmin", calendar+"/impact").items()[0]["to"]
		h.publish("calendar", "china").ok()
		h.settle()
		require.Equal(h, to, due())
		require.Equal(h, to, objects(h.view("rep", h.path(d)).Body["tasks"])[0]["dueAt"])
		own, err := store.LoadAll[timers.Timer](h.Context(), h.product.Store, timers.Collection, store.Query{
			Filter: store.Filter{"record": d.id, "calendar": timers.OnCalendar(app, "china")},
		})
		require.NoError(h, err)
		require.Len(h, own, 1)
		require.Equal(h, to, store.FormatTime(own[0].DueAt.Time))
		last := h.log("rep", d)[0]
		require.Equal(h, []any{"recalculate", "calendar", nil}, []any{last["command"], last["via"], last["by"]})
		require.Equal(h, "deadlineMoved", objects(last["events"])[0]["kind"])
		rev := h.view("rep", h.path(d)).etag()
		h.settle()
		require.Equal(h, rev, h.view("rep", h.path(d)).etag())
		require.Empty(h, h.view("appAdmin", calendar+"/impact").items())
	})
	h.Run("and_it_passes_at_its_new_moment", func(h *house) {
		h.advance(moment.Add(time.Minute))
		require.Equal(h, false, h.view("rep", h.path(d)).Body["overdue"])
		at, err := time.Parse(time.RFC3339, due().(string))
		require.NoError(h, err)
		h.advance(at)
		require.Equal(h, true, h.view("rep", h.path(d)).Body["overdue"])
	})
	h.Run("one_that_cannot_be_read_says_why", func(h *house) {
		h.redefine("calendar", "china", func(def m) { def["timeZone"] = "Mars/Base" }).ok()
		h.call("appAdmin", http.MethodGet, calendar+"/impact", nil).refused(422, "shifts.calendar")
	})
}
