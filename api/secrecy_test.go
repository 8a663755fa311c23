package api_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/runtime/people"
)

// become gives a person other roles of the app, or of the platform, and no more.
func (h *house) become(who string, roles ...people.RoleRef) {
	h.Helper()
	if roles == nil {
		roles = []people.RoleRef{}
	}
	h.call("platformAdmin", http.MethodPatch, "/users/"+h.ids[who], m{"roles": roles}).ok()
}

func roleOf(key string) people.RoleRef { return people.RoleRef{App: app, Role: key} }

// republish changes definitions of the app, given as "kind/key", and puts them in force together.
func (h *house) republish(changes map[string]func(def m)) {
	h.Helper()
	var first []string
	with := []m{}
	for id, change := range changes {
		kind, key, _ := strings.Cut(id, "/")
		h.redefine(kind, key, change).ok()
		if first == nil {
			first = []string{kind, key}
		} else {
			with = append(with, m{"kind": kind, "key": key})
		}
	}
	h.call("appAdmin", http.MethodPost, "/apps/"+app+"/definitions/"+first[0]+"/"+first[1]+"/publish", m{"with": with}).ok()
}

func ids(a answer) (out []string) {
	a.Helper()
	for _, one := range a.ok().items() {
		out = append(out, one["id"].(string))
	}
	return out
}

// overheard are the events that reach people while something is done, again and again until the first of them has heard it.
func (h *house) overheard(do func(), witness string, others ...string) map[string]string {
	h.Helper()
	ctx, cancel := context.WithCancel(h.Context())
	go h.product.Live.Run(ctx)
	heard := map[string]*listener{}
	var streams sync.WaitGroup
	for _, who := range append(others, witness) {
		l := &listener{ResponseRecorder: httptest.NewRecorder()}
		r := h.request(who, http.MethodGet, "/events", nil).WithContext(ctx)
		heard[who] = l
		streams.Go(func() { h.server.ServeHTTP(l, r) })
	}
	require.Eventually(h, func() bool { return h.product.Live.Subscribers() == len(heard) }, 5*time.Second, time.Millisecond)
	require.Eventually(h, func() bool { do(); return heard[witness].said.Load() != nil }, 5*time.Second, 20*time.Millisecond)
	cancel()
	streams.Wait()
	out := map[string]string{}
	for who, l := range heard {
		if text := l.said.Load(); text != nil {
			out[who] = *text
		}
	}
	return out
}

// listener keeps the last news of a stream. That something may have been missed is no news of anything.
type listener struct {
	*httptest.ResponseRecorder
	said atomic.Pointer[string]
}

func (l *listener) Write(b []byte) (int, error) {
	if text := string(b); strings.Contains(text, "event: change") {
		l.said.Store(&text)
	}
	return len(b), nil
}

func (*listener) Flush() {}

// TestStranger is about somebody with an account and nothing else: what there is and what there is not must look alike.
func TestStranger(t *testing.T) {
	h := openHouse(t, monday)
	d := h.sampleStage("rep")
	file := h.pdf("rep", "customerDrawing", "again.pdf", d)[0].(m)["id"].(string)

	h.Run("every_address_answers_as_if_nothing_were_there", func(h *house) {
		for _, address := range []struct{ method, there, missing string }{
			{http.MethodGet, "/apps/" + app, "/apps/none"},
			{http.MethodGet, forms + "opportunity", forms + "none"},
			{http.MethodGet, forms + "opportunity", "/apps/none/forms/opportunity"},
			{http.MethodGet, forms + "opportunity/board", forms + "none/board"},
			{http.MethodGet, deals, forms + "none/records"},
			{http.MethodGet, deals + "?filter=%7B%22data.unitCost%22:1%7D", forms + "none/records"},
			{http.MethodGet, h.path(d), deals + "/none"},
			{http.MethodGet, h.path(d), forms + "none/records/none"},
			{http.MethodGet, h.path(d) + "/actions", "/apps/none/forms/none/records/none/actions"},
			{http.MethodPost, deals, forms + "none/records"},
			{http.MethodPost, h.path(d) + "/commands", forms + "none/records/none/commands"},
			{http.MethodDelete, h.path(d), forms + "none/records/none"},
			{http.MethodGet, "/tasks/" + h.task(d, "sampleRequest"), "/tasks/none-1"},
			{http.MethodGet, "/files/" + file, "/files/none"},
		} {
			body := map[string]any{http.MethodPost: m{"data": m{}}}[address.method]
			if strings.HasSuffix(address.there, "/commands") {
				body = m{"command": "submit"}
			}
			there, missing := h.call("nobody", address.method, address.there, body), h.call("nobody", address.method, address.missing, body)
			require.GreaterOrEqual(h, there.Status, 400, address.there)
			require.Equal(h, missing.Status, there.Status, address.there)
			require.Equal(h, missing.Body["code"], there.Body["code"], address.there)
			require.NotContains(h, there.Text, "商机", address.there)
		}
	})

	h.Run("an_upload_asks_for_the_right_before_it_says_anything_of_a_field", func(h *house) {
		h.upload("nobody", "moldDrawing", "x.pdf", pdfBytes, d).refused(404, "form.notFound")
		h.upload("nobody", "noSuchField", "x.pdf", pdfBytes, deal{}).refused(404, "form.notFound")
	})

	h.Run("lists_are_empty_and_the_directory_is_closed", func(h *house) {
		for _, address := range []string{"/apps", "/tasks", "/tasks?state=done", "/notices"} {
			require.Empty(h, h.call("nobody", http.MethodGet, address, nil).ok().items(), address)
		}
		require.Equal(h, []string{h.ids["nobody"]}, ids(h.call("nobody", http.MethodGet, "/people", nil)))
		require.Equal(h, []string{h.ids["nobody"]}, ids(h.call("nobody", http.MethodGet, "/people?ids="+h.ids["boss"], nil)))
		require.Equal(h, []string{h.depts["office"]}, ids(h.call("nobody", http.MethodGet, "/departments", nil)))
		require.Greater(h, len(ids(h.call("viewer", http.MethodGet, "/people?limit=100", nil))), 10)
		require.Len(h, ids(h.call("viewer", http.MethodGet, "/departments", nil)), len(h.depts))
	})

	h.Run("nobody_finds_people_by_what_is_not_shown_of_them", func(h *house) {
		require.Empty(h, ids(h.call("viewer", http.MethodGet, "/people?q=stepwell.example", nil)))
		require.Equal(h, []string{h.ids["boss"]}, ids(h.call("viewer", http.MethodGet, "/people?q=boss", nil)))
		require.NotEmpty(h, ids(h.call("platformAdmin", http.MethodGet, "/users?q=stepwell.example", nil)))
	})

	h.Run("no_news_reaches_them", func(h *house) {
		note := func() {
			now := h.call("rep", http.MethodGet, h.path(d), nil).ok()
			h.call("rep", http.MethodPatch, h.path(d), m{"data": m{"background": now.etag()}}, "If-Match", now.etag()).ok()
		}
		heard := h.overheard(note, "areaManager", "nobody", "farManager")
		require.Len(h, heard, 1, heard)
		require.Contains(h, heard["areaManager"], d.id)
		require.NotContains(h, heard["areaManager"], "background", "an event carries nothing of the document")
	})

	h.Run("whoever_designs_the_app_sees_the_form_and_none_of_its_records", func(h *house) {
		h.republish(map[string]func(m){"role/viewer": func(def m) {
			def["grants"] = []any{m{"object": "app", "actions": []any{"design"}}}
		}})
		shown := h.call("viewer", http.MethodGet, forms+"opportunity", nil).ok().Body
		require.Contains(h, shown["form"].(m)["schema"].(m)["properties"], "unitCost")
		require.Empty(h, ids(h.list("viewer", "opportunity")))
		h.call("viewer", http.MethodGet, h.path(d), nil).refused(404, "record.notFound")
	})
}

// TestTakingPart is about people without any role who have, or had, something to do with a record.
func TestTakingPart(t *testing.T) {
	h := openHouse(t, monday)
	h.republish(map[string]func(m){"flow/opportunityPipeline": func(def m) {
		stage := objects(def["blocks"])[0]
		delete(stage["fields"].(m), "targetPrice") // named by the task, not by the stage around it
		objects(stage["blocks"])[2]["fields"] = m{"background": "hidden", "fit": "read"}
	}})
	data, d := h.opportunity("rep")
	data["background"] = "Told in confidence"
	made := h.create("rep", "opportunity", data)
	d.id, d.number = made.id(), made.data()["code"].(string)
	rfq := h.pdf("rep", "rfqFile", "rfq.pdf", d)
	withFile := m{"rfqFile": rfq}
	maps.Copy(withFile, screening)
	h.act("rep", "complete", d, "screen", m{"data": withFile}).ok()
	h.act("director", "assign", d, "screenApproval", m{"users": []string{h.ids["nobody"]}}).ok()
	task := "/tasks/" + h.task(d, "screenApproval")

	seen := func(h *house) {
		h.Helper()
		for _, address := range []string{h.path(d), h.path(d) + "?view=plain"} {
			got := h.call("nobody", http.MethodGet, address, nil).ok()
			require.Equal(h, d.number+" Front seat frame", got.Body["title"])
			require.Subset(h, got.data(), m{"fit": "a", "annualVolume": 60000.0, "code": d.number})
			require.NotContains(h, got.data(), "targetPrice", "no step of theirs names it")
			require.NotContains(h, got.data(), "background", "their step hides it")
		}
		require.NotContains(h, h.call("nobody", http.MethodGet, h.path(d), nil).ok().Text, "Lu Gong", "they may not read that form")
		require.Equal(h, []string{d.id}, ids(h.list("nobody", "opportunity")))
		changed := map[string]bool{}
		for _, action := range h.log("nobody", d) {
			for _, change := range objects(action["changes"]) {
				changed[change["field"].(string)] = true
			}
		}
		require.True(h, changed["fit"])
		require.False(h, changed["targetPrice"] || changed["background"], changed)
		form := h.call("nobody", http.MethodGet, forms+"opportunity", nil).ok().Body
		properties := form["form"].(m)["schema"].(m)["properties"].(m)
		require.Contains(h, properties, "fit")
		require.NotContains(h, properties, "targetPrice")
		require.Equal(h, string(pdfBytes), h.call("nobody", http.MethodGet, "/files/"+rfq[0].(m)["id"].(string), nil).ok().Text)
	}

	h.Run("the_holder_of_a_task_sees_what_its_step_names", seen)
	h.Run("and_the_title_of_the_task_holds_no_more", func(h *house) {
		require.Equal(h, d.number+" Front seat frame", h.call("nobody", http.MethodGet, task, nil).ok().Body["recordTitle"])
		require.Equal(h, d.number+" Front seat frame", h.call("nobody", http.MethodGet, "/tasks", nil).ok().items()[0]["recordTitle"])
	})
	h.Run("they_neither_filter_nor_sort_nor_search_by_fields", func(h *house) {
		for _, query := range [][]string{
			{"filter", `{"data.fit":"a"}`}, {"filter", `{"data.targetPrice":12.5}`}, {"sort", "data.fit"}, {"sort", "title"}, {"filter", `{"title":"x"}`},
		} {
			h.list("nobody", "opportunity", query...).refused(422, "list.path")
		}
		require.Empty(h, ids(h.list("nobody", "opportunity", "q", d.number)))
	})
	h.Run("the_board_shows_them_no_sums", func(h *house) {
		for _, column := range objects(h.call("nobody", http.MethodGet, forms+"opportunity/board", nil).ok().Body["columns"]) {
			require.NotContains(h, column, "amount")
			for _, card := range objects(column["items"]) {
				require.NotContains(h, card["data"], "targetPrice")
			}
		}
	})
	h.Run("they_look_up_colleagues_while_something_waits_for_them", func(h *house) {
		require.Greater(h, len(ids(h.call("nobody", http.MethodGet, "/people", nil))), 1)
	})
	h.Run("what_no_step_names_is_theirs_neither_to_write_nor_to_fill_with_a_file", func(h *house) {
		now := h.call("nobody", http.MethodGet, h.path(d), nil).ok()
		for _, price := range []any{12.5, 13} {
			got := h.call("nobody", http.MethodPatch, h.path(d), m{"data": m{"targetPrice": price}}, "If-Match", now.etag()).refused(422, "record.invalid")
			require.Equal(h, map[string]string{"/data/targetPrice": "field.unknown"}, got.problems())
		}
		h.upload("nobody", "customerDrawing", "x.pdf", pdfBytes, d).refused(404, "upload.noField")
	})
	h.Run("who_has_held_a_task_goes_on_seeing_it", func(h *house) {
		h.act("nobody", "approve", d, "screenApproval", nil).ok()
		seen(h)
		require.Equal(h, []string{h.ids["nobody"]}, ids(h.call("nobody", http.MethodGet, "/people", nil)), "but the directory closes")
	})
	h.Run("who_was_only_told_sees_what_that_stage_names", func(h *house) {
		h.become("production")
		h.republish(map[string]func(m){"flow/opportunityPipeline": func(def m) {
			copied := objects(objects(def["blocks"])[0]["blocks"])[3]
			require.Equal(h, "cc", copied["type"])
			who := []any{m{"type": "user", "user": h.ids["production"]}}
			copied["who"], copied["fields"] = who, m{"fit": "hidden", "targetPrice": "read"}
			objects(copied["notify"])[0]["to"] = who
			objects(copied["notify"])[0]["text"] = m{"zh-CN": "目标价 {targetPrice}，适配 {fit}，毛利 {grossMargin}", "en": "Price {targetPrice}, fit {fit}, margin {grossMargin}"}
		}})
		told := h.screened("rep")
		h.act("areaManager", "approve", told, "screenApproval", nil).ok()
		got := h.call("production", http.MethodGet, h.path(told), nil).ok()
		require.Contains(h, got.data(), "targetPrice")
		require.Contains(h, got.data(), "annualVolume", "the stage around it names that")
		require.NotContains(h, got.data(), "fit")
		notice := h.call("production", http.MethodGet, "/notices", nil).ok().items()[0]
		require.Equal(h, "Price CNY 12.50, fit —, margin —", notice["text"].(m)["en"])
	})
}

// TestHiddenWords is about fields that stand in titles and search texts while some role hides them.
func TestHiddenWords(t *testing.T) {
	h := openHouse(t, monday)
	h.republish(map[string]func(m){
		"form/contact":     func(def m) { def["recordTitle"] = "{name} ({phone})" },
		"form/opportunity": func(def m) { def["recordTitle"] = "{code} {unitCost} {contact}" },
	})
	d := h.sampleStage("rep")
	now := h.call("rep", http.MethodGet, h.path(d), nil).ok()
	h.call("rep", http.MethodPatch, h.path(d), m{"data": m{"background": "So that the title is made anew"}}, "If-Match", now.etag()).ok()
	other := h.create("rep", "contact", m{"customer": d.customer, "name": "Zhao", "role": "technical", "phone": "13911112222", "owner": h.ids["rep"]})
	contacts := forms + "contact/records"

	h.Run("the_check_of_a_form_warns_of_them", func(h *house) {
		got := h.call("appAdmin", http.MethodPost, "/apps/"+app+"/definitions/form/contact/check", nil, "Accept-Language", "en").ok().Body
		require.Empty(h, got["errors"])
		var said []string
		for _, one := range objects(got["warnings"]) {
			said = append(said, one["pointer"].(string)+" "+one["message"].(string))
		}
		require.Contains(h, said, "/recordTitle Mobile stands in the record title, but Viewer hides it: people of that role read titles without it, and cannot sort by title.")
		require.Contains(h, strings.Join(said, "\n"), "/form/opportunity/recordTitle Estimated unit cost stands", "also of other definitions")
	})
	h.Run("a_title_is_told_without_them", func(h *house) {
		require.Equal(h, "Lu Gong (13800000001)", h.call("rep", http.MethodGet, contacts+"/"+d.engineer, nil).ok().Body["title"])
		require.Equal(h, "Lu Gong ()", h.call("viewer", http.MethodGet, contacts+"/"+d.engineer, nil).ok().Body["title"])
		require.Equal(h, "Lu Gong ()", h.call("viewer", http.MethodGet, contacts+"/"+d.engineer+"?view=plain", nil).ok().Body["title"])
		require.NotContains(h, h.list("viewer", "contact").ok().Text, "1380000")
		require.Contains(h, h.list("rep", "contact").ok().Text, "1380000", "else this proves nothing")
	})
	h.Run("also_where_it_stands_for_a_link_or_in_another_title", func(h *house) {
		whole := h.call("technicalLead", http.MethodGet, h.path(d), nil).ok()
		require.Equal(h, d.number+" CNY 9.10 Lu Gong (13800000001)", whole.Body["title"])
		require.Equal(h, d.number+" Lu Gong (13800000001)", h.call("rep", http.MethodGet, h.path(d), nil).ok().Body["title"])
		got := h.call("viewer", http.MethodGet, h.path(d), nil).ok()
		require.Equal(h, d.number, got.Body["title"])
		require.Equal(h, "Lu Gong ()", got.Body["names"].(m)[d.engineer])
		for _, address := range []string{h.path(d), h.path(d) + "/actions", deals, forms + "opportunity/board", "/today"} {
			left := h.call("viewer", http.MethodGet, address, nil).ok().Text
			require.NotContains(h, left, "1380000", address)
			require.NotContains(h, left, "9.1", address)
		}
	})
	h.Run("also_on_tasks_and_in_notices", func(h *house) {
		require.Equal(h, d.number+" Lu Gong (13800000001)", h.call("rep", http.MethodGet, "/tasks", nil).ok().items()[0]["recordTitle"])
		require.Equal(h, d.number+" Lu Gong (13800000001)", h.call("rep", http.MethodGet, "/tasks/"+h.task(d, "sampleRequest"), nil).ok().Body["recordTitle"])
		for _, one := range h.notices(d, "rep") {
			text, err := json.Marshal(one)
			require.NoError(h, err)
			require.NotContains(h, string(text), "9.1")
		}
		require.NotEmpty(h, h.notices(d, "rep"))
	})
	h.Run("a_search_finds_by_what_is_shown_and_by_nothing_else", func(h *house) {
		for q, want := range map[string][2]int{"13911112222": {1, 0}, "1112": {1, 0}, "zHAo": {1, 1}, "gong": {1, 1}, "nowhere": {0, 0}} {
			require.Len(h, ids(h.list("rep", "contact", "q", q)), want[0], q)
			require.Len(h, ids(h.list("viewer", "contact", "q", q)), want[1], q)
		}
		require.EqualValues(h, 0, h.list("viewer", "contact", "q", "13911112222", "count", "true").ok().Body["total"])
		require.Len(h, ids(h.list("technicalLead", "opportunity", "q", "9.10")), 1)
		require.Empty(h, ids(h.list("viewer", "opportunity", "q", "9.10")))
		require.Empty(h, ids(h.list("viewer", "opportunity", "q", "gong")), "the link shows a title that holds what is hidden")
		require.Len(h, ids(h.list("viewer", "opportunity", "q", strings.ToLower(d.number))), 1)
	})
	h.Run("nothing_is_sorted_or_filtered_by_such_a_title", func(h *house) {
		for _, query := range [][]string{{"sort", "title"}, {"sort", "-title"}, {"filter", `{"title":{"$gt":"L"}}`}, {"filter", `{"search":{"$regex":"139"}}`}, {"filter", `{"texts.phone":"1"}`}} {
			h.list("viewer", "contact", query...).refused(422, "list.path")
		}
		require.Len(h, ids(h.list("rep", "contact", "sort", "title")), 2)
	})
	h.Run("a_form_names_no_field_that_is_hidden", func(h *house) {
		require.Equal(h, true, h.call("viewer", http.MethodGet, forms+"contact", nil).ok().Body["titleHides"])
		require.NotContains(h, h.call("rep", http.MethodGet, forms+"contact", nil).ok().Body, "titleHides")
		form := h.call("viewer", http.MethodGet, forms+"contact", nil).ok().Body["form"].(m)
		require.Equal(h, "{name} ()", form["recordTitle"])
		require.NotContains(h, form["search"], "phone")
		require.NotContains(h, form["list"].(m)["columns"], "phone")
		for _, section := range objects(form["layout"]) {
			require.NotContains(h, section["fields"], "phone")
		}
		require.Contains(h, h.call("rep", http.MethodGet, forms+"contact", nil).ok().Body["form"].(m)["list"].(m)["columns"], "phone")
	})
	h.Run("what_was_taken_off_the_form_is_shown_to_its_designers_only", func(h *house) {
		now := h.call("rep", http.MethodGet, contacts+"/"+other.id(), nil).ok()
		h.call("rep", http.MethodPatch, contacts+"/"+other.id(), m{"data": m{"wechat": "zhao-88"}}, "If-Match", now.etag()).ok()
		h.republish(map[string]func(m){
			"form/contact": func(def m) {
				delete(def["schema"].(m)["properties"].(m), "wechat")
				for _, section := range objects(def["layout"]) {
					kept := []any{}
					for _, field := range section["fields"].([]any) {
						if field != "wechat" {
							kept = append(kept, field)
						}
					}
					section["fields"] = kept
				}
				delete(def, "rules")
			},
			"role/viewer": func(def m) {
				for _, grant := range objects(def["grants"]) {
					if fields, ok := grant["fields"].(m); ok {
						delete(fields, "wechat")
					}
				}
			},
		})
		for _, address := range []string{contacts + "/" + other.id(), contacts + "/" + other.id() + "?view=plain", contacts + "/" + other.id() + "/actions", contacts} {
			require.NotContains(h, h.call("viewer", http.MethodGet, address, nil).ok().Text, "zhao-88", address)
			require.Contains(h, h.call("appAdmin", http.MethodGet, address, nil).ok().Text, "zhao-88", address)
		}
	})
}

func TestGuessing(t *testing.T) {
	h := openHouse(t, monday)
	d := h.sampleStage("rep")
	h.Run("writing_the_right_value_into_a_hidden_field_answers_like_writing_a_wrong_one", func(h *house) {
		now := h.call("rep", http.MethodGet, h.path(d), nil).ok()
		var said []string
		for _, guess := range []any{9.1, 9.2, nil} {
			got := h.call("rep", http.MethodPatch, h.path(d), m{"data": m{"unitCost": guess}}, "If-Match", now.etag()).refused(422, "record.invalid")
			delete(got.Body, "requestId")
			text, err := json.Marshal(got.Body)
			require.NoError(h, err)
			said = append(said, string(text))
		}
		require.Equal(h, said[0], said[1])
		require.Equal(h, said[0], said[2])
	})
}

func TestReplays(t *testing.T) {
	h := openHouse(t, monday)
	h.Run("a_repeated_command_shows_what_may_be_seen_now", func(h *house) {
		d := h.screened("rep")
		h.act("areaManager", "approve", d, "screenApproval", nil).ok()
		h.act("rep", "complete", d, "requirementsEntry", m{"data": m{
			"technicalContact": d.engineer, "customerDrawing": h.pdf("rep", "customerDrawing", "drawing.pdf", d), "technicalSpec": h.pdf("rep", "technicalSpec", "spec.pdf", d),
			"materialGrade": "SPFH590", "generalTolerance": "iso2768m", "specialCharacteristics": []any{m{"name": "Bore", "grade": "cc", "tolerance": "0.02", "method": "cmm"}},
			"qualityStandard": []string{"iatf16949"}, "quoteRequestedOn": "2026-03-01", "quoteSentOn": "2026-03-02", "quotedUnitPrice": 13,
		}}).ok()
		path := "/tasks/" + h.task(d, "feasibilityReview") + "/approve"
		body := m{"data": m{"feasibility": "feasible", "unitCost": 9.1}}
		require.Contains(h, h.call("technicalLead", http.MethodPost, path, body, "Idempotency-Key", "r1").ok().data(), "unitCost")
		h.become("technicalLead", roleOf("viewer"))
		again := h.call("technicalLead", http.MethodPost, path, body, "Idempotency-Key", "r1").ok()
		require.NotContains(h, again.data(), "unitCost")
		require.NotContains(h, again.data(), "grossMargin")
	})
	h.Run("a_repeated_creation_is_refused_to_who_may_no_longer_create", func(h *house) {
		data, _ := h.opportunity("rep")
		h.call("rep", http.MethodPost, deals, m{"data": data}, "Idempotency-Key", "r2").ok()
		h.become("rep")
		h.call("rep", http.MethodPost, deals, m{"data": data}, "Idempotency-Key", "r2").refused(403, "access.forbidden")
	})
	h.Run("a_kept_answer_is_refused_to_who_may_no_longer_ask", func(h *house) {
		h.become("director", people.RoleRef{App: people.PlatformApp, Role: people.AdminRole})
		body := m{"name": "Lab"}
		first := h.call("director", http.MethodPost, "/departments", body, "Idempotency-Key", "r3").ok()
		require.Equal(h, first.Text, h.call("director", http.MethodPost, "/departments", body, "Idempotency-Key", "r3").ok().Text)
		h.become("director")
		h.call("director", http.MethodPost, "/departments", body, "Idempotency-Key", "r3").refused(403, "access.forbidden")
	})
}
