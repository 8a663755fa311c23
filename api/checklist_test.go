package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestChecklistField(t *testing.T) {
	h := openHouse(t, monday)
	h.redefine("form", "product", func(def m) {
		def["schema"].(m)["properties"].(m)["launch"] = m{
			"x-field": "checklist", "x-title": "Launch", "type": "array", "x-options": []any{m{"value": "photo", "label": "Photo"}, m{"value": "price", "label": "Price"}},
		}
	}).ok()
	h.publish("form", "product").ok()
	made := h.create("director", "product", m{"name": "Frame", "family": "stamping", "launch": []any{m{"item": "photo", "by": h.ids["rep"], "at": "1999-01-01T00:00:00.000Z"}}})
	path := forms + "product/records/" + made.id()
	photo := m{"item": "photo", "by": h.ids["director"], "at": "2026-03-02T00:00:00.000Z"}
	photo["at"] = h.clock.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	patch := func(h *house, value any) answer {
		now := h.call("director", http.MethodGet, path, nil).ok()
		return h.call("director", http.MethodPatch, path, m{"data": m{"launch": value}}, "If-Match", now.etag())
	}

	h.Run("who_and_when_are_the_server's_word", func(h *house) {
		require.Equal(h, []any{photo}, made.data()["launch"])
		require.Contains(h, h.call("director", http.MethodGet, path, nil).ok().Body["names"], h.ids["director"])
	})
	h.Run("an_item_that_was_ticked_before_keeps_its_own", func(h *house) {
		h.clock.Set(h.clock.Now().AddDate(0, 0, 1))
		got := patch(h, []any{"price", photo, "price"}).ok().data()["launch"].([]any)
		require.Len(h, got, 2)
		require.Equal(h, "price", got[0].(m)["item"])
		require.NotEqual(h, photo["at"], got[0].(m)["at"])
		require.Equal(h, photo, got[1])
	})
	h.Run("an_item_that_is_not_there_is_refused_with_its_place", func(h *house) {
		require.Contains(h, patch(h, []any{m{"item": "dance"}}).refused(422, "record.invalid").problems(), "/data/launch/0/item")
		require.Contains(h, patch(h, []any{m{"item": "photo"}, 7}).refused(422, "record.invalid").problems(), "/data/launch/1")
	})
	h.Run("nothing_ticked_is_nothing", func(h *house) {
		require.NotContains(h, patch(h, []any{}).ok().data(), "launch")
	})
}
