package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// draftContract takes an opportunity of rep from the sample stage to the contract and draws it up at a price; the quote was 13.
func (h *house) draftContract(price float64) (d deal, drafted answer) {
	h.Helper()
	d = h.sampleStage("rep")
	h.call("appAdmin", http.MethodPost, h.path(d)+"/commands", m{"command": "override", "to": "contract", "reason": "as a test"}).ok()
	data := contract(h, d)
	data["contractQuantity"], data["contractUnitPrice"] = 1000, price
	return d, h.act("rep", "complete", d, "contractDrafting", m{"data": data}).ok()
}

func blocksOf(a answer) (blocks []any) {
	for _, t := range objects(a.Body["tasks"]) {
		blocks = append(blocks, t["block"])
	}
	return blocks
}

func TestLimits(t *testing.T) {
	h := openHouse(t, monday)

	h.Run("within_the_owner's_limit_the_manager_approves", func(h *house) {
		_, drafted := h.draftContract(12.4) // 4.6 %
		require.Equal(h, []any{"managerSmall"}, blocksOf(drafted))
	})

	h.Run("above_it_the_director_is_asked_by_itself", func(h *house) {
		d, drafted := h.draftContract(12) // 7.7 %
		require.Equal(h, []any{"directorMedium"}, blocksOf(drafted))
		limits := objects(h.call("areaManager", http.MethodGet, h.path(d), nil).ok().Body["limits"])
		require.Len(h, limits, 1)
		require.Subset(h, limits[0], m{"key": "discount", "field": "discount", "value": 5.0, "unit": "%"}, "it is the limit of the owner, whoever looks")
		require.NotEmpty(h, limits[0]["above"])
	})

	h.Run("a_form_tells_everybody_their_own", func(h *house) {
		for who, want := range map[string]any{"rep": 5.0, "areaManager": 10.0, "director": 15.0} {
			require.Equal(h, want, objects(h.call(who, http.MethodGet, forms+"opportunity", nil).ok().Body["limits"])[0]["value"], who)
		}
	})

	h.Run("nobody_learns_the_limit_on_a_field_that_is_hidden_from_them", func(h *house) {
		require.Nil(h, h.call("support", http.MethodGet, forms+"opportunity", nil).ok().Body["limits"])
	})

	h.Run("a_row_for_one_person_is_in_force_when_it_is_published", func(h *house) {
		h.redefine("limit", "discount", func(def m) {
			def["rows"] = append(def["rows"].([]any), m{"person": h.ids["rep"], "value": 8, "note": "trusted"})
		}).ok()
		h.publish("limit", "discount").ok()
		_, drafted := h.draftContract(12)
		require.Equal(h, []any{"managerSmall"}, blocksOf(drafted))
	})

	h.Run("a_limit_that_a_flow_reads_cannot_be_taken_away", func(h *house) {
		address := "/apps/" + app + "/definitions/limit/discount"
		now := h.call("appAdmin", http.MethodGet, address, nil).ok()
		got := h.call("appAdmin", http.MethodDelete, address, nil, "If-Match", now.etag())
		require.Equal(h, 409, got.Status, got.Text)
		require.Contains(h, got.problems(), "/flow/opportunityPipeline/blocks/5/blocks/2/cases/1/when")
	})
}
