package api_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/store"
)

const simulate = "/apps/" + app + "/assignments/leadIntake/simulate"

func TestPoolPages(t *testing.T) {
	h, like := intakeOpen(t)
	h.publishRule(pooled(`,"maxOpen":2`))
	begin := func(h *house) string {
		h.Helper()
		return h.call("director", http.MethodPost, deals, m{"data": h.lead(like, "shortVideo")}).ok().id()
	}
	first := begin(h)
	second := begin(h)
	h.Run("who_may_claim_sees_the_pool_with_what_they_may_still_take", func(h *house) {
		pools := h.call("rep", http.MethodGet, "/pools", nil).ok().items()
		require.Len(h, pools, 1)
		require.EqualValues(h, 2, pools[0]["waiting"])
		require.Equal(h, m{"may": true, "open": 0.0, "maxOpen": 2.0, "today": 0.0}, pools[0]["allowance"])
		page := h.call("rep", http.MethodGet, forms+"opportunity/pool", nil).ok()
		rows := objects(page.Body["records"].(m)["items"])
		require.Equal(h, []any{first, second}, []any{rows[0]["id"], rows[1]["id"]})
		require.NotContains(h, rows[0]["data"], "unitCost")
	})
	h.Run("who_hands_records_out_sees_it_and_others_do_not", func(h *house) {
		require.Equal(h, false, h.call("director", http.MethodGet, "/pools", nil).ok().items()[0]["claims"])
		require.Empty(h, h.call("viewer", http.MethodGet, "/pools", nil).ok().items())
		h.call("viewer", http.MethodGet, forms+"opportunity/pool", nil).refused(http.StatusForbidden, "pool.notYours")
	})
	h.Run("a_claim_gives_the_record_and_a_repetition_the_same_one", func(h *house) {
		for range 2 {
			rec := h.call("rep", http.MethodPost, deals+"/"+first+"/claim", nil, "Idempotency-Key", "one").ok()
			require.Equal(h, h.ids["rep"], rec.Body["owner"])
			require.Equal(h, "running", rec.Body["status"])
		}
		h.call("otherRep", http.MethodPost, deals+"/"+first+"/claim", nil).refused(http.StatusNotFound, "record.notFound")
		h.call("areaManager", http.MethodPost, deals+"/"+first+"/claim", nil).refused(http.StatusConflict, "pool.gone")
		log := h.call("rep", http.MethodGet, deals+"/"+first+"/actions", nil).ok().items()
		require.Equal(h, "claim", log[0]["command"])
		require.Equal(h, "rep从公共池领取", log[0]["assignment"].(m)["text"].(m)["zh-CN"])
		require.EqualValues(h, 1, h.call("rep", http.MethodGet, "/pools", nil).ok().items()[0]["waiting"])
	})
	h.Run("nobody_else_claims", func(h *house) {
		h.call("director", http.MethodPost, deals+"/"+second+"/claim", nil).refused(http.StatusForbidden, "pool.notYours")
		h.call("rep", http.MethodPost, deals+"/gone/claim", nil).refused(http.StatusNotFound, "record.notFound")
	})
}

func TestReassign(t *testing.T) {
	h, like := intakeOpen(t)
	h.publishRule(rule(
		category("turns", "轮流", "form.source == 'website'", h.inTurn("otherRep", "farManager", "areaManager"))+","+
			category("pool", "公共池", "", `{"type":"pool"}`), `,"pool":{"roles":["rep"]}`))
	begin := func(h *house, source string) string {
		h.Helper()
		data := h.lead(like, source)
		data["owner"] = h.ids["rep"]
		return h.call("director", http.MethodPost, deals, m{"data": data}).ok().id()
	}
	reassign := func(h *house, who string, body m, headers ...string) []m {
		h.Helper()
		return h.call(who, http.MethodPost, forms+"opportunity/reassign", body, headers...).ok().items()
	}
	a, b, c := begin(h, "website"), begin(h, "website"), begin(h, "website")
	all := []string{a, b, c}
	h.Run("a_dry_run_says_who_would_get_which_and_changes_nothing", func(h *house) {
		got := reassign(h, "director", m{"ids": all, "dryRun": true})
		for i, want := range []string{"otherRep", "farManager", "areaManager"} {
			require.Equal(h, "done", got[i]["state"])
			require.Equal(h, h.ids[want], got[i]["to"])
			require.Equal(h, h.ids["rep"], h.stored(all[i]).Owner)
		}
		got = reassign(h, "director", m{"ids": all[:1], "to": h.ids["otherRep"], "dryRun": true})
		require.Equal(h, h.ids["otherRep"], got[0]["to"])
		require.Equal(h, h.ids["rep"], h.stored(a).Owner)
	})
	h.Run("by_the_rule_each_gets_the_next_and_the_tasks_go_along", func(h *house) {
		for range 2 { // the same request once more goes on where it stopped: nothing is left
			got := reassign(h, "director", m{"ids": all, "reason": "Restructured"}, "Idempotency-Key", "move")
			for i, want := range []string{"otherRep", "farManager", "areaManager"} {
				require.Equal(h, "done", got[i]["state"], got[i])
				rec := h.stored(all[i])
				require.Equal(h, h.ids[want], rec.Owner)
				require.Equal(h, h.ids[want], rec.Data["owner"])
				require.Equal(h, []string{h.ids[want]}, rec.State.Tasks[0].Assignees)
			}
		}
		act := h.action(a)
		require.Equal(h, "reassign", act.Command)
		require.Equal(h, "Restructured", act.Reason)
		require.Equal(h, h.ids["director"], act.By)
		require.Equal(h, "director重新分配；轮流 → 轮询：从otherRep开始", act.Assignment.Text.In("zh-CN"))
	})
	h.Run("to_a_person_by_name_with_a_result_for_each", func(h *house) {
		got := reassign(h, "director", m{"ids": []string{a, b, "gone"}, "to": h.ids["otherRep"]})
		require.Equal(h, []any{"same", "done", "failed"}, []any{got[0]["state"], got[1]["state"], got[2]["state"]})
		require.Equal(h, "record.notFound", got[2]["problem"].(m)["code"])
		require.Equal(h, "director指派给otherRep", h.stored(b).Assignment.Text.In("zh-CN"))
		got = reassign(h, "director", m{"ids": []string{a}, "to": h.ids["viewer"]})
		require.Equal(h, "assignment.cannotOwn", got[0]["problem"].(m)["code"])
	})
	h.Run("only_of_records_that_one_may_hand_out", func(h *house) {
		far := reassign(h, "farManager", m{"ids": []string{a}, "to": h.ids["farManager"]})
		require.Equal(h, "failed", far[0]["state"])
		h.call("rep", http.MethodPost, forms+"opportunity/reassign", m{"ids": []string{a}, "to": h.ids["rep"]}).refused(http.StatusForbidden, "access.forbidden")
	})
	h.Run("into_the_pool_and_out_of_it", func(h *house) {
		got := reassign(h, "director", m{"ids": []string{c}, "category": "pool"})
		require.Equal(h, true, got[0]["pool"])
		rec := h.stored(c)
		require.Empty(h, rec.Owner)
		require.NotNil(h, rec.Pool)
		require.Equal(h, "reassign", h.action(c).Command)
		got = reassign(h, "director", m{"ids": []string{c}, "to": h.ids["rep"]})
		require.Equal(h, "done", got[0]["state"])
		rec = h.stored(c)
		require.Equal(h, h.ids["rep"], rec.Owner)
		require.Nil(h, rec.Pool)
		require.Equal(h, []string{h.ids["rep"]}, rec.State.Tasks[0].Assignees)
	})
	h.Run("not_too_many_at_once", func(h *house) {
		h.call("director", http.MethodPost, forms+"opportunity/reassign", m{"ids": []string{}}).refused(http.StatusUnprocessableEntity, "reassign.many")
	})
	h.Run("a_form_shows_its_categories_to_those_who_hand_records_out", func(h *house) {
		require.Len(h, h.call("director", http.MethodGet, forms+"opportunity", nil).ok().Body["assignment"].(m)["categories"], 2)
		require.NotContains(h, h.call("rep", http.MethodGet, forms+"opportunity", nil).ok().Body, "assignment")
	})
}

func TestSimulate(t *testing.T) {
	h, like := intakeOpen(t)
	stateless := rule(
		category("video", "短视频引流线索", "form.source == 'shortVideo'", `{"type":"byValue","rows":[{"match":[{"field":"customer.region","startsWith":["east"]}],"who":[`+h.people("otherRep")+`]}]}`)+","+
			category("big", "大单", "form.expectedAmount > 500000", `{"type":"sticky","link":"customer"}`)+","+
			category("rest", "其他", "", `{"type":"pool"}`),
		`,"pool":{"roles":["rep"]}`)
	h.publishRule(stateless)
	from := h.clock.Now()
	for i, source := range []string{"shortVideo", "website", "website", "shortVideo", "existing"} {
		h.clock.Advance(time.Minute)
		data := h.lead(like, source)
		if i == 2 {
			data["expectedAmount"] = 1000
		}
		h.call("director", http.MethodPost, deals, m{"data": data}).ok()
	}
	h.create("rep", "opportunity", like) // with an owner of its own
	h.clock.Advance(time.Minute)
	period := m{"from": store.FormatTime(from), "to": store.FormatTime(h.clock.Now())}
	with := func(definition string) m {
		body := m{"definition": json.RawMessage(definition)}
		maps.Copy(body, period)
		return body
	}
	h.Run("the_published_rule_over_its_own_period_gives_what_happened", func(h *house) {
		report := h.call("appAdmin", http.MethodPost, simulate, period).ok()
		items := report.items()
		require.Len(h, items, 6)
		for _, one := range items[:5] {
			rec := h.stored(one["id"].(string))
			require.NotContains(h, one, "differs", one)
			require.Equal(h, rec.Assignment.Text.In("zh-CN"), one["text"].(m)["zh-CN"])
			require.Equal(h, rec.Owner, worded(one["owner"]))
		}
		require.Equal(h, m{"owner": h.ids["rep"], "rule": false}, items[5]["was"])
	})
	h.Run("another_rule_is_told_apart_and_nothing_changes", func(h *house) {
		before := h.stored(h.call("appAdmin", http.MethodPost, simulate, period).ok().items()[0]["id"].(string))
		report := h.call("appAdmin", http.MethodPost, simulate, with(rule(category("turns", "轮流", "", h.inTurn("rep", "otherRep"))))).ok()
		require.EqualValues(h, 4, report.Body["differences"])
		require.Equal(h, []any{
			m{"owner": h.ids["rep"], "would": 3.0, "was": 3.0},
			m{"owner": h.ids["otherRep"], "would": 3.0, "was": 2.0},
			m{"owner": "", "pool": true, "would": 0.0, "was": 1.0},
		}, report.Body["totals"])
		require.Equal(h, before.Rev, h.stored(before.ID).Rev)
		require.Equal(h, "rep", report.Body["names"].(m)[h.ids["rep"]])
	})
	h.Run("one_record_that_is_only_thought_of", func(h *house) {
		report := h.call("appAdmin", http.MethodPost, simulate, m{"record": m{"source": "shortVideo", "customer": like["customer"]}}).ok()
		require.Equal(h, h.ids["otherRep"], report.items()[0]["owner"])
		require.Equal(h, "短视频引流线索 → 按取值（轮询）：第 1 行 → 从otherRep开始", report.items()[0]["text"].(m)["zh-CN"])
	})
	h.Run("a_rule_that_cannot_be_published_is_refused_with_its_places", func(h *house) {
		refused := h.call("appAdmin", http.MethodPost, simulate, with(rule(category("a", "甲", "form.colour == 'red'", `{"type":"sticky","link":"name"}`))))
		require.Equal(h, map[string]string{"/categories/0/strategies/0/link": "assignment.link", "/categories/0/when": "expr.unknownField"},
			refused.refused(http.StatusUnprocessableEntity, "simulate.notReady").problems())
		h.call("appAdmin", http.MethodPost, simulate, m{"definition": m{"kind": "assignment"}}).refused(http.StatusUnprocessableEntity, "simulate.notReady")
		h.call("appAdmin", http.MethodPost, simulate, m{"from": period["to"], "to": period["from"]}).refused(http.StatusUnprocessableEntity, "simulate.period")
	})
}

func worded(v any) string {
	s, _ := v.(string)
	return s
}

func TestAbsences(t *testing.T) {
	h := openHouse(t, workday)
	tomorrow := store.FormatTime(workday.AddDate(0, 0, 1))
	h.Run("people_say_when_they_are_away_and_take_it_back", func(h *house) {
		made := h.call("rep", http.MethodPost, "/me/absences", m{"endsAt": tomorrow, "reason": " Holiday "}).ok()
		require.Equal(h, "Holiday", made.Body["reason"])
		require.Equal(h, true, made.Body["holds"])
		require.Len(h, h.call("rep", http.MethodGet, "/me/absences", nil).ok().items(), 1)
		require.Len(h, h.call("platformAdmin", http.MethodGet, "/absences?user="+h.ids["rep"], nil).ok().items(), 1)
		h.call("otherRep", http.MethodDelete, "/me/absences/"+made.id(), nil).refused(http.StatusNotFound, "absence.none")
		h.call("rep", http.MethodDelete, "/me/absences/"+made.id(), nil).ok()
		require.Empty(h, h.call("rep", http.MethodGet, "/me/absences", nil).ok().items())
	})
	h.Run("an_administrator_does_so_for_others", func(h *house) {
		made := h.call("platformAdmin", http.MethodPost, "/absences", m{"user": h.ids["rep"], "endsAt": tomorrow}).ok()
		_, away := h.product.Absences.Away(h.ids["rep"], workday)
		require.True(h, away)
		h.call("platformAdmin", http.MethodDelete, "/absences/"+made.id(), nil).ok()
		_, away = h.product.Absences.Away(h.ids["rep"], workday)
		require.False(h, away)
	})
	h.Run("what_makes_no_sense_is_refused", func(h *house) {
		refused := h.call("platformAdmin", http.MethodPost, "/absences", m{"user": "x", "endsAt": store.FormatTime(workday)})
		require.Equal(h, map[string]string{"/user": "absence.person", "/endsAt": "absence.period"}, refused.refused(http.StatusUnprocessableEntity, "absence.invalid").problems())
		long := h.call("rep", http.MethodPost, "/me/absences", m{"endsAt": store.FormatTime(workday.AddDate(2, 0, 0))})
		require.Equal(h, map[string]string{"/endsAt": "absence.long"}, long.problems())
	})
}
