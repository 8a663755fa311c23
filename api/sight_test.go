package api_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSight(t *testing.T) {
	h := openHouse(t, monday)
	d := h.sampleStage("rep")
	theirs := h.start("otherRep")

	h.Run("somebody_elses_record_is_nowhere_to_be_found", func(h *house) {
		for _, address := range []string{h.path(theirs), h.path(theirs) + "/actions", "/tasks/" + h.task(theirs, "screen")} {
			require.Equal(h, http.StatusNotFound, h.call("rep", http.MethodGet, address, nil).Status, address)
		}
		ids := func(a answer) (out []string) {
			for _, one := range a.ok().items() {
				out = append(out, one["id"].(string))
			}
			return out
		}
		require.Equal(h, []string{d.id}, ids(h.list("rep", "opportunity")))
		require.Empty(h, ids(h.list("rep", "opportunity", "q", theirs.number)))
		require.Empty(h, ids(h.list("rep", "opportunity", "filter", `{"_id":"`+theirs.id+`"}`)))
		require.Empty(h, ids(h.list("rep", "opportunity", "filter", `{"$or":[{"owner":"`+h.ids["otherRep"]+`"}]}`)))
		require.EqualValues(h, 1, h.list("rep", "opportunity", "count", "true").ok().Body["total"])
		for _, col := range objects(h.call("rep", http.MethodGet, forms+"opportunity/board", nil).ok().Body["columns"]) {
			require.Equal(h, col["block"] == "sample", col["count"] == float64(1))
		}
		require.ElementsMatch(h, []string{d.id, theirs.id}, ids(h.list("areaManager", "opportunity")))
		require.Empty(h, ids(h.list("farManager", "opportunity")))
		data, _ := h.opportunity("rep")
		data["customer"] = theirs.customer
		require.Contains(h, h.call("rep", http.MethodPost, deals, m{"data": data}).refused(422, "record.invalid").problems(), "/data/customer")
	})

	h.Run("a_hidden_field_is_in_no_answer", func(h *house) {
		require.Contains(h, h.call("technicalLead", http.MethodGet, h.path(d), nil).ok().data(), "unitCost", "else this proves nothing")
		for _, address := range []string{h.path(d), h.path(d) + "?view=plain", h.path(d) + "/actions", deals, forms + "opportunity/board"} {
			body := h.call("rep", http.MethodGet, address, nil).ok().Body
			delete(body, "access") // says of every field what may be done with it
			left, err := json.Marshal(body)
			require.NoError(h, err)
			require.NotContains(h, string(left), "unitCost", address)
		}
		shown := h.call("rep", http.MethodGet, forms+"opportunity", nil).ok().Body
		require.NotContains(h, shown["form"].(m)["schema"].(m)["properties"], "unitCost")
		require.NotContains(h, shown["validationSchema"].(m)["properties"], "unitCost")
		for _, filter := range []string{`{"data.unitCost":{"$gt":9}}`, `{"$and":[{"$or":[{"data.unitCost":9.1}]}]}`, `{"$nor":[{"data.grossMargin":1}]}`, `{"data":{"unitCost":9.1}}`, `{"$where":"1"}`} {
			require.Equal(h, 422, h.list("rep", "opportunity", "filter", filter).Status, filter)
		}
		require.Equal(h, 422, h.list("rep", "opportunity", "sort", "data.unitCost").Status)
		now := h.call("rep", http.MethodGet, h.path(d), nil).ok()
		got := h.call("rep", http.MethodPatch, h.path(d), m{"data": m{"unitCost": 1}}, "If-Match", now.etag()).refused(422, "record.invalid")
		require.Equal(h, map[string]string{"/data/unitCost": "field.unknown"}, got.problems())
	})
}

// definition reads a draft, lets change it, and sends it back.
func (h *house) redefine(kind, key string, change func(def m)) answer {
	h.Helper()
	address := "/apps/" + app + "/definitions/" + kind + "/" + key
	now := h.call("appAdmin", http.MethodGet, address, nil).ok()
	var def m
	require.NoError(h, json.Unmarshal([]byte(now.Text), &def))
	change(def)
	return h.call("appAdmin", http.MethodPut, address, def, "If-Match", now.etag())
}

func (h *house) publish(kind, key string) answer {
	h.Helper()
	return h.call("appAdmin", http.MethodPost, "/apps/"+app+"/definitions/"+kind+"/"+key+"/publish", m{"note": "test"})
}

func TestDefinitions(t *testing.T) {
	h := openHouse(t, monday)
	running := h.screened("rep")

	h.Run("a_rule_that_does_not_type_check_is_refused_with_its_place", func(h *house) {
		h.redefine("flow", "opportunityPipeline", func(def m) {
			screen := objects(objects(def["blocks"])[0]["blocks"])[0]
			objects(screen["checks"])[0]["rule"] = "form.budgetStatus + 1 > 2"
		})
		got := h.publish("flow", "opportunityPipeline")
		require.Equal(h, 422, got.Status, got.Text)
		require.Contains(h, got.Text, "/blocks/0/blocks/0/checks/0/rule")
		require.Equal(h, "screening", h.call("rep", http.MethodGet, h.path(h.start("rep")), nil).ok().Body["stage"], "what was published stays in force")
		h.redefine("flow", "opportunityPipeline", func(def m) {
			screen := objects(objects(def["blocks"])[0]["blocks"])[0]
			objects(screen["checks"])[0]["rule"] = "form.budgetStatus != 'none'"
		}).ok()
	})

	h.Run("a_definition_that_does_not_validate_is_refused_with_its_place", func(h *house) {
		saved := h.redefine("form", "opportunity", func(def m) {
			def["schema"].(m)["properties"].(m)["name"].(m)["x-field"] = "hologram"
		})
		if saved.Status < 300 {
			saved = h.publish("form", "opportunity")
		}
		require.Equal(h, 422, saved.Status, saved.Text)
		require.Contains(h, saved.Text, "/schema/properties/name/x-field")
		h.redefine("form", "opportunity", func(def m) { def["schema"].(m)["properties"].(m)["name"].(m)["x-field"] = "text" }).ok()
	})

	h.Run("a_new_field_and_a_new_stage_are_in_force_at_once_and_running_records_keep_their_version", func(h *house) {
		h.redefine("form", "opportunity", func(def m) {
			def["schema"].(m)["properties"].(m)["kickoffOn"] = m{"x-field": "date", "x-title": "Kick-off", "type": "string", "format": "date"}
			section := objects(def["layout"])[0]
			section["fields"] = append(section["fields"].([]any), "kickoffOn")
		}).ok()
		h.publish("form", "opportunity").ok()
		h.redefine("flow", "opportunityPipeline", func(def m) {
			def["blocks"] = slices.Insert(def["blocks"].([]any), 1, any(m{
				"id": "kickoff", "type": "stage", "title": "Kick-off", "blocks": []any{m{
					"id": "kickoffTask", "type": "task", "title": "Kick off", "who": []any{m{"type": "owner"}}, "fields": m{"kickoffOn": "required"},
				}},
			}))
		}).ok()
		h.publish("flow", "opportunityPipeline").ok()
		require.Equal(h, "requirements", h.act("areaManager", "approve", running, "screenApproval", nil).ok().Body["stage"])
		fresh := h.screened("rep")
		require.Equal(h, "kickoff", h.act("areaManager", "approve", fresh, "screenApproval", nil).ok().Body["stage"])
		require.Contains(h, h.act("rep", "complete", fresh, "kickoffTask", m{}).refused(422, gate).problems(), "/data/kickoffOn")
		require.Equal(h, "requirements", h.act("rep", "complete", fresh, "kickoffTask", m{"data": m{"kickoffOn": "2026-03-09"}}).ok().Body["stage"])
	})
}
