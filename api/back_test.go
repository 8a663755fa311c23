package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSentBack(t *testing.T) {
	h := openHouse(t, monday)
	d := h.screened("rep")
	h.act("areaManager", "return", d, "screenApproval", m{"to": "screen", "comment": "Which plant?"}).ok()
	id := h.task(d, "screen")
	check := func(h *house, task m) {
		h.Helper()
		back := task["sentBack"].(m)
		require.Equal(h, []any{h.ids["areaManager"], "returned", "Which plant?"}, []any{back["by"], back["result"], back["reason"]})
		require.Equal(h, "Approve the opportunity", back["fromTitle"].(m)["en"])
		require.NotEmpty(h, back["at"])
	}
	listed := func(h *house) (m, m) {
		page := h.call("rep", http.MethodGet, "/tasks", nil).ok()
		for _, one := range page.items() {
			if one["id"] == id {
				return one, page.Body["names"].(m)
			}
		}
		h.Fatal("the task is not in the list")
		return nil, nil
	}

	h.Run("the_list_the_task_and_the_record_say_who_and_why", func(h *house) {
		one, names := listed(h)
		check(h, one)
		require.Contains(h, names, h.ids["areaManager"])
		check(h, h.call("rep", http.MethodGet, "/tasks/"+id, nil).ok().Body)
		record := h.call("rep", http.MethodGet, h.path(d), nil).ok()
		check(h, objects(record.Body["tasks"])[0])
		require.Contains(h, record.Body["names"], h.ids["areaManager"])
	})

	h.Run("whoever_it_is_handed_to_sees_it_too", func(h *house) {
		h.act("areaManager", "assign", d, "screen", m{"users": []string{h.ids["otherRep"]}}).ok()
		check(h, objects(h.call("areaManager", http.MethodGet, h.path(d), nil).ok().Body["tasks"])[0])
		h.act("areaManager", "assign", d, "screen", m{"users": []string{h.ids["rep"]}}).ok()
	})

	h.Run("what_is_opened_by_going_on_again_says_nothing_of_it", func(h *house) {
		h.act("rep", "complete", d, "screen", m{}).ok()
		next := objects(h.call("areaManager", http.MethodGet, h.path(d), nil).ok().Body["tasks"])[0]
		require.Equal(h, "screenApproval", next["block"])
		require.NotContains(h, next, "sentBack")
	})
}
