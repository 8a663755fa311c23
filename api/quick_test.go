package api_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/quicklinks"
)

// overdueDrawing lets the sample request of a deal fall overdue, and gives the quick link that its owner is told.
func (h *house) overdueDrawing(d deal, who string) string {
	h.Helper()
	for range 20 {
		for _, one := range h.call(who, http.MethodGet, "/notices", nil).ok().items() {
			if one["record"] == d.id && one["cause"] == "overdue" && one["quickLink"] != nil {
				return "/quick/" + strings.TrimPrefix(one["quickLink"].(string), "/q/")
			}
		}
		h.advance(h.clock.Now().Add(24 * time.Hour))
	}
	require.Fail(h, "no message with a quick link")
	return ""
}

// send uploads a file by a quick link. Nobody is signed in.
func (h *house) sendFile(link, field, name string, content []byte) answer {
	h.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	require.NoError(h, w.WriteField("field", field))
	part, err := w.CreateFormFile("file", name)
	require.NoError(h, err)
	_, err = part.Write(content)
	require.NoError(h, err)
	require.NoError(h, w.Close())
	return h.anonymous(http.MethodPost, link+"/files", &body, "Content-Type", w.FormDataContentType())
}

// anonymous calls without a cookie and without the header that proves a page of ours.
func (h *house) anonymous(method, path string, body any, headers ...string) answer {
	h.Helper()
	r := h.request("", method, path, body, headers...)
	r.Header.Del("X-Stepwell")
	return h.send(r)
}

func TestQuickLinkOfAMessage(t *testing.T) {
	h := openHouse(t, monday)
	d := h.sampleStage("rep")
	link := h.overdueDrawing(d, "rep")

	h.Run("every_channel_and_every_copy_of_the_message_carry_the_same_link_and_the_store_does_not", func(h *house) {
		token := strings.TrimPrefix(link, "/quick/")
		id, _, _ := strings.Cut(token, "-")
		carried := 0
		for _, one := range h.notices(d, "rep") {
			if one.QuickLink != "" {
				carried++
				require.Equal(h, id, one.QuickLink)
			}
		}
		require.Equal(h, 3, carried, "one in the inbox, one by mail, one for WeCom")
		for _, collection := range []string{notices.Collection, quicklinks.Collection, "actions", "idempotency", "audit"} {
			docs, err := h.product.Store.Find(h.Context(), collection, store.Query{})
			require.NoError(h, err)
			for _, doc := range docs {
				require.NotContains(h, string(doc), token[len(id):], collection)
			}
		}
		for _, who := range []string{"areaManager", "supportLead"} {
			for _, one := range h.notices(d, who) {
				require.Empty(h, one.QuickLink, "they are told, and have nothing to fill in")
			}
		}
	})
	h.Run("its_page_shows_the_field_the_title_and_nothing_else", func(h *house) {
		got := h.anonymous(http.MethodGet, link, nil).ok()
		require.Equal(h, "no-referrer", got.Header.Get("Referrer-Policy"))
		require.Equal(h, d.number+" Front seat frame", got.Body["title"])
		require.Equal(h, "rep", got.Body["person"])
		require.Equal(h, []string{"moldDrawing"}, keysOf(got.Body["form"].(m)["schema"].(m)["properties"]))
		require.Equal(h, []string{"moldDrawing"}, keysOf(got.Body["validationSchema"].(m)["properties"]))
		require.Equal(h, m{"moldDrawing": d.code}, got.Body["fileNames"])
		require.Empty(h, got.Body["data"])
		for _, secret := range []string{"unitCost", "9.1", "expectedAmount", "SPFH590"} {
			require.NotContains(h, got.Text, secret)
		}
	})
	h.Run("a_wrong_file_is_refused_with_the_reason", func(h *house) {
		require.Equal(h, map[string]string{"/file": "files.wrongType"}, h.sendFile(link, "moldDrawing", d.code+".pdf", pngBytes).refused(422, "record.invalid").problems())
		require.Equal(h, map[string]string{"/file": "files.wrongName"}, h.sendFile(link, "moldDrawing", "mould.pdf", pdfBytes).refused(422, "record.invalid").problems())
		h.sendFile(link, "moldDrawing", d.code+".pdf", bytes.Repeat([]byte("%PDF-1.7 "), 1<<17)).refused(413, "files.tooLarge")
	})
	h.Run("no_other_field_can_be_sent_or_filled", func(h *house) {
		h.sendFile(link, "technicalSpec", "x.pdf", pdfBytes).refused(404, "upload.noField")
		got := h.anonymous(http.MethodPost, link, m{"data": m{"sampleMaterial": "SPFH590"}}).refused(422, "record.invalid")
		require.Equal(h, map[string]string{"/data/sampleMaterial": "field.locked"}, got.problems())
		require.Equal(h, map[string]string{"/data/moldDrawing": "form.requiredFile"}, h.anonymous(http.MethodPost, link, m{"data": m{}}).refused(422, "record.invalid").problems())
	})
	h.Run("it_reads_no_file_and_takes_in_only_what_was_sent_by_it", func(h *house) {
		own := h.pdf("rep", "moldDrawing", d.code+" own.pdf", d)
		got := h.anonymous(http.MethodPost, link, m{"data": m{"moldDrawing": own}}).refused(422, "record.invalid")
		require.Equal(h, map[string]string{"/data/moldDrawing/0": "files.unusable"}, got.problems())
		sent := h.sendFile(link, "moldDrawing", d.code+" mould.pdf", pdfBytes).ok().Body
		h.call("rep", http.MethodGet, "/files/"+sent["id"].(string), nil).refused(404, "files.notFound")
		h.anonymous(http.MethodGet, "/files/"+sent["id"].(string), nil).refused(401, "access.signIn")
		now := h.call("rep", http.MethodGet, h.path(d), nil).ok()
		h.call("rep", http.MethodPatch, h.path(d), m{"data": m{"moldDrawing": []any{sent}}}, "If-Match", now.etag()).refused(422, "record.invalid")
	})
	h.Run("sending_it_fills_the_field_as_that_person_and_says_how_it_came", func(h *house) {
		file := []any{h.sendFile(link, "moldDrawing", d.code+" mould.pdf", pdfBytes).ok().Body}
		require.Equal(h, http.StatusNoContent, h.anonymous(http.MethodPost, link, m{"data": m{"moldDrawing": file}}).Status)
		rec := h.call("areaManager", http.MethodGet, h.path(d), nil).ok()
		require.Equal(h, file[0].(m)["id"], rec.data()["moldDrawing"].([]any)[0].(m)["id"])
		require.Equal(h, string(pdfBytes), h.call("areaManager", http.MethodGet, "/files/"+file[0].(m)["id"].(string), nil).ok().Text)
		last := h.log("rep", d)[0]
		require.Equal(h, []any{"save", "quickLink", h.ids["rep"], nil}, []any{last["command"], last["via"], last["by"], last["lender"]})
		require.NotEmpty(h, h.task(d, "sampleRequest"), "the task is still theirs to complete")
		require.Equal(h, false, h.call("rep", http.MethodGet, h.path(d), nil).ok().Body["overdue"], "the drawing is there")
	})
	h.Run("it_works_once", func(h *house) {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			got := h.anonymous(method, link, m{"data": m{}}, "Accept-Language", "en").refused(409, "quick.used")
			require.NotContains(h, got.Text, d.number)
			require.Contains(h, got.Body["title"], "Thank you")
		}
		h.sendFile(link, "moldDrawing", d.code+".pdf", pdfBytes).refused(409, "quick.used")
	})
	h.Run("a_message_about_what_is_filled_already_carries_none", func(h *house) {
		h.republish(map[string]func(m){"flow/opportunityPipeline": func(def m) {
			delete(objects(objects(def["blocks"])[2]["blocks"])[0]["deadline"].(m), "settledBy") // else there would be no message
		}})
		done := h.sampleStage("rep")
		now := h.call("rep", http.MethodGet, h.path(done), nil).ok()
		h.call("rep", http.MethodPatch, h.path(done), m{"data": m{"moldDrawing": h.pdf("rep", "moldDrawing", done.code+".pdf", done)}}, "If-Match", now.etag()).ok()
		h.advance(h.clock.Now().Add(9 * 24 * time.Hour))
		told := false
		for _, one := range h.notices(done, "rep") {
			told = told || one.Cause == "overdue"
			require.Empty(h, one.QuickLink)
		}
		require.True(h, told)
	})
}

func keysOf(v any) []string {
	var out []string
	for key := range maps.Keys(v.(m)) {
		out = append(out, key)
	}
	return out
}

func TestQuickLinkEnds(t *testing.T) {
	h := openHouse(t, monday)
	moved, expired, gone := h.sampleStage("rep"), h.sampleStage("rep"), h.sampleStage("rep")
	movedLink, expiredLink, goneLink := h.overdueDrawing(moved, "rep"), h.overdueDrawing(expired, "rep"), h.overdueDrawing(gone, "rep")

	h.Run("when_the_record_has_moved_on_it_says_so_and_shows_nothing_else", func(h *house) {
		h.act("appAdmin", "assign", moved, "sampleRequest", m{"users": []string{h.ids["areaManager"]}}).ok()
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			got := h.anonymous(method, movedLink, m{"data": m{}}).refused(409, "quick.movedOn")
			require.NotContains(h, got.Text, moved.number)
		}
		h.sendFile(movedLink, "moldDrawing", moved.code+".pdf", pdfBytes).refused(409, "quick.movedOn")
	})
	h.Run("when_the_record_is_deleted_it_says_no_more_than_that", func(h *house) {
		require.Equal(h, http.StatusNoContent, h.call("appAdmin", http.MethodDelete, h.path(gone), nil).Status)
		h.anonymous(http.MethodGet, goneLink, nil).refused(409, "quick.movedOn")
	})
	h.Run("when_it_has_expired", func(h *house) {
		h.advance(h.clock.Now().Add(6 * 24 * time.Hour))
		h.anonymous(http.MethodGet, expiredLink, nil).refused(409, "quick.expired")
		h.anonymous(http.MethodPost, expiredLink, m{"data": m{}}).refused(409, "quick.expired")
	})
	h.Run("when_its_person_has_left", func(h *house) {
		left := h.sampleStage("otherRep")
		link := h.overdueDrawing(left, "otherRep")
		h.call("platformAdmin", http.MethodPatch, "/users/"+h.ids["otherRep"], m{"active": false}).ok()
		h.anonymous(http.MethodGet, link, nil).refused(409, "quick.revoked")
	})
	h.Run("a_forger_learns_nothing_and_is_soon_slowed_down", func(h *house) {
		token := strings.TrimPrefix(movedLink, "/quick/")
		id, signature, _ := strings.Cut(token, "-")
		forged := []string{id + "-" + strings.Repeat("a", len(signature)), id, "x", "x-" + signature, token + "a", quicklinks.IDOf(moved.id, "1.0", h.ids["rep"]) + "-" + signature}
		for _, token := range forged {
			got := h.anonymous(http.MethodGet, "/quick/"+token, nil).refused(404, "quick.unknown")
			require.NotContains(h, got.Text, moved.number)
			h.anonymous(http.MethodGet, "/apps", nil, "Authorization", "Bearer "+token)
		}
		for range 20 {
			h.anonymous(http.MethodGet, "/quick/guess", nil)
		}
		got := h.anonymous(http.MethodPost, "/quick/guess", m{}).refused(429, "quick.tooOften")
		require.NotEmpty(h, got.Header.Get("Retry-After"))
		h.anonymous(http.MethodGet, movedLink, nil).refused(409, "quick.expired") // real ones still get their own answer
	})
	h.Run("one_link_cannot_be_hammered", func(h *house) {
		for range 60 {
			h.anonymous(http.MethodGet, expiredLink, nil)
		}
		h.anonymous(http.MethodGet, expiredLink, nil).refused(429, "quick.tooOften")
	})
}

func TestQuickLinkByHand(t *testing.T) {
	h := openHouse(t, monday)
	d := h.sampleStage("rep")
	links := h.path(d) + "/quick-links"
	ask := func(h *house, who string, body m, headers ...string) answer {
		h.Helper()
		return h.call(who, http.MethodPost, links, body, headers...)
	}
	pathOf := func(a answer) string { return "/quick/" + strings.TrimPrefix(a.Body["path"].(string), "/q/") }
	material := m{"user": h.ids["nobody"], "fields": []string{"sampleMaterial"}, "note": "Which steel {unitCost}?"}

	h.Run("only_who_may_fill_a_field_asks_for_it", func(h *house) {
		ask(h, "areaManager", material).refused(403, "quick.field")
		ask(h, "otherRep", material).refused(404, "record.notFound")
		ask(h, "rep", m{"user": h.ids["nobody"], "fields": []string{"unitCost"}}).refused(422, "record.invalid")
		ask(h, "rep", m{"user": h.ids["nobody"], "fields": []string{"contact"}}).refused(422, "quick.fieldType")
		ask(h, "rep", m{"user": h.ids["nobody"]}).refused(422, "quick.nothing")
		ask(h, "rep", m{"user": "stranger", "fields": []string{"sampleMaterial"}}).refused(422, "quick.person")
		ask(h, "rep", m{"user": h.ids["nobody"], "fields": []string{"sampleMaterial"}, "hours": 2161}).refused(422, "quick.life")
		ask(h, "rep", m{"user": h.ids["nobody"], "task": h.task(d, "sampleRequest")}).refused(403, "quick.task")
		ask(h, "rep", m{"user": h.ids["nobody"], "task": "nonsense"}).refused(403, "quick.task")
	})
	h.Run("a_link_without_signing_in_needs_the_app_to_allow_it", func(h *house) {
		open := m{"user": h.ids["nobody"], "fields": []string{"sampleMaterial"}, "signIn": "notRequired"}
		ask(h, "rep", open).refused(403, "quick.openLinks")
		h.republish(map[string]func(m){"app/" + app: func(def m) { def["quickLinks"] = m{"signIn": "notRequired"} }})
		made := ask(h, "rep", open).ok()
		require.NotContains(h, made.Body, "path", "or its maker could act as the other")
		require.Equal(h, http.StatusNoContent, h.call("rep", http.MethodDelete, links+"/"+made.id(), nil).Status)
	})
	h.Run("the_colleague_is_told_and_fills_it_by_the_right_of_who_asked", func(h *house) {
		made := ask(h, "rep", material, "Idempotency-Key", "q1").ok()
		again := ask(h, "rep", material, "Idempotency-Key", "q1").ok()
		require.Equal(h, made.id(), again.id())
		ask(h, "rep", m{"user": h.ids["boss"], "fields": []string{"sampleMaterial"}}, "Idempotency-Key", "q1").refused(422, "quick.keyReused")
		var told []m
		for _, one := range h.call("nobody", http.MethodGet, "/notices", nil).ok().items() {
			if one["cause"] == "asked" && one["quickLink"] == made.Body["path"] {
				told = append(told, one)
			}
		}
		require.Len(h, told, 1)
		require.Contains(h, told[0]["text"].(m)["en"], "Sample material. Which steel {unitCost}?")
		require.NotContains(h, told[0]["text"].(m)["en"], "9.1")
		link := pathOf(made)
		h.anonymous(http.MethodGet, link, nil).refused(401, "quick.signIn")
		h.call("rep", http.MethodGet, link, nil).refused(403, "quick.otherPerson")
		page := h.call("nobody", http.MethodGet, link, nil).ok()
		require.Equal(h, []any{d.number + " Front seat frame", "rep", "Which steel {unitCost}?"}, []any{page.Body["title"], page.Body["askedBy"], page.Body["note"]})
		require.NotContains(h, page.Body, "recordPath", "they may not open the record")
		require.Equal(h, http.StatusNoContent, h.call("nobody", http.MethodPost, link, m{"data": m{"sampleMaterial": "SPFH590"}}).Status)
		require.Equal(h, "SPFH590", h.call("rep", http.MethodGet, h.path(d), nil).ok().data()["sampleMaterial"])
		last := h.log("rep", d)[0]
		require.Equal(h, []any{"quickLink", h.ids["nobody"], h.ids["rep"]}, []any{last["via"], last["by"], last["lender"]})
		h.call("nobody", http.MethodGet, h.path(d), nil).refused(404, "record.notFound")
	})
	h.Run("a_task_is_completed_through_its_gate", func(h *house) {
		held := h.start("rep")
		made := h.call("rep", http.MethodPost, h.path(held)+"/quick-links", m{"user": h.ids["rep"], "task": h.task(held, "screen"), "fields": []string{"annualVolume", "fit"}}).ok()
		link := pathOf(made)
		require.Equal(h, true, h.call("rep", http.MethodGet, link, nil).ok().Body["completes"])
		got := h.call("rep", http.MethodPost, link, m{"data": m{"annualVolume": 60000, "fit": "a"}}).refused(422, gate)
		require.Contains(h, got.problems(), "/data/targetPrice")
		require.Equal(h, "screening", h.call("rep", http.MethodGet, h.path(held), nil).ok().Body["stage"])
		now := h.call("rep", http.MethodGet, h.path(held), nil).ok()
		rest := maps.Clone(screening)
		delete(rest, "annualVolume")
		delete(rest, "fit")
		h.call("rep", http.MethodPatch, h.path(held), m{"data": rest}, "If-Match", now.etag()).ok()
		require.Equal(h, http.StatusNoContent, h.call("rep", http.MethodPost, link, m{"data": m{"annualVolume": 60000, "fit": "a"}, "comment": "From the train"}).Status)
		last := h.log("rep", held)[0]
		require.Equal(h, []any{"complete", "quickLink", "From the train"}, []any{last["command"], last["via"], last["comment"]})
		h.call("rep", http.MethodGet, link, nil).refused(409, "quick.used")
	})
	h.Run("links_are_listed_and_revoked_by_who_may_change_the_record", func(h *house) {
		fresh := ask(h, "rep", m{"user": h.ids["support"], "fields": []string{"samplePurpose"}}).ok()
		list := h.call("rep", http.MethodGet, links, nil).ok()
		find := func(a answer) m {
			for _, one := range a.ok().items() {
				if one["id"] == fresh.id() {
					return one
				}
			}
			return nil
		}
		require.Equal(h, []any{"open", true}, []any{find(list)["state"], find(list)["revocable"]})
		require.Contains(h, list.Body["names"], h.ids["support"])
		require.Empty(h, h.call("viewer", http.MethodGet, links, nil).ok().items())
		h.call("viewer", http.MethodDelete, links+"/"+fresh.id(), nil).refused(404, "quick.noLink")
		h.call("otherRep", http.MethodGet, links, nil).refused(404, "record.notFound")
		require.Equal(h, http.StatusNoContent, h.call("areaManager", http.MethodDelete, links+"/"+fresh.id(), nil).Status)
		h.call("support", http.MethodGet, pathOf(fresh), nil).refused(409, "quick.revoked")
		require.Equal(h, "revoked", find(h.call("rep", http.MethodGet, links, nil))["state"])
		events := []any{}
		for _, one := range h.call("platformAdmin", http.MethodGet, "/audit", nil).ok().items() {
			if one["target"] == fresh.id() {
				events = append(events, one["event"])
			}
		}
		require.ElementsMatch(h, []any{"quickLink.made", "quickLink.revoked"}, events)
	})
	h.Run("a_lent_right_ends_with_the_task_it_came_from", func(h *house) {
		lent := ask(h, "rep", m{"user": h.ids["nobody"], "fields": []string{"samplePurpose"}}).ok()
		h.act("appAdmin", "assign", d, "sampleRequest", m{"users": []string{h.ids["areaManager"]}}).ok()
		h.call("nobody", http.MethodGet, pathOf(lent), nil).refused(409, "quick.movedOn")
	})
	h.Run("the_same_answer_twice_at_once_is_one", func(h *house) {
		twin := h.sampleStage("rep")
		made := h.call("rep", http.MethodPost, h.path(twin)+"/quick-links", m{"user": h.ids["rep"], "fields": []string{"sampleMaterial"}}).ok()
		link, answers := pathOf(made), make(chan answer)
		for _, steel := range []string{"A", "B", "C"} {
			r := h.request("rep", http.MethodPost, link, m{"data": m{"sampleMaterial": steel}})
			go func() { answers <- h.send(r) }()
		}
		done := 0
		for range 3 {
			if a := <-answers; a.Status == http.StatusNoContent {
				done++
			} else {
				a.refused(409, "quick.used")
			}
		}
		require.Equal(h, 1, done)
		changes := 0
		for _, action := range h.log("rep", twin) {
			if action["via"] == "quickLink" {
				changes++
			}
		}
		require.Equal(h, 1, changes)
	})
}

func TestQuickLinksInMail(t *testing.T) {
	h := openHouse(t, monday)
	h.Run("the_inbox_shows_each_reader_their_own_link", func(h *house) {
		d := h.sampleStage("rep")
		link := h.overdueDrawing(d, "rep")
		text, err := json.Marshal(h.call("areaManager", http.MethodGet, "/notices", nil).ok().Body)
		require.NoError(h, err)
		require.NotContains(h, string(text), strings.TrimPrefix(link, "/quick/"))
	})
}
