package api_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const gate = "engine.gate"

func TestRecordGates(t *testing.T) {
	h := openHouse(t, monday)

	h.Run("missing_fields_are_named_with_their_place_in_both_languages", func(h *house) {
		zh := h.call("rep", http.MethodPost, deals, m{"data": m{"name": "x"}}, "Accept-Language", "zh-CN").refused(422, "record.invalid")
		require.Subset(h, zh.problems(), map[string]string{"/data/customer": "form.requiredChoice", "/data/source": "form.requiredChoice", "/data/expectedAmount": "form.required"})
		en := h.call("rep", http.MethodPost, deals, m{"data": m{"name": "x"}}, "Accept-Language", "en").refused(422, "record.invalid")
		require.Equal(h, zh.problems(), en.problems())
		require.Contains(h, zh.Text, "客户")
		require.Contains(h, en.Text, "Customer")
		require.Equal(h, "zh-CN", zh.Header.Get("Content-Language"))
		require.Equal(h, "en", en.Header.Get("Content-Language"))
		require.Empty(h, h.list("rep", "opportunity").ok().items())
	})

	h.Run("odd_bodies_are_refused_with_their_place", func(h *house) {
		require.Equal(h, map[string]string{"/dta": "http.unknownMember"}, h.call("rep", http.MethodPost, deals, `{"dta":{}}`).refused(422, "http.notJson").problems())
		require.Equal(h, map[string]string{"/submit": "http.wrongType"}, h.call("rep", http.MethodPost, deals, `{"data":{},"submit":"yes"}`).refused(422, "http.notJson").problems())
		data, _ := h.opportunity("rep")
		data["expectedAmount"], data["colour"] = "a lot", "red"
		require.Equal(h, map[string]string{"/data/expectedAmount": "form.type", "/data/colour": "form.unknownField"},
			h.call("rep", http.MethodPost, deals, m{"data": data}).refused(422, "record.invalid").problems())
		h.call("rep", http.MethodPost, deals, `{"data":{"name":"`+strings.Repeat("x", 4<<20)+`"}}`).refused(413, "http.tooLarge")
		h.call("rep", http.MethodPost, deals, `{"data":{}} {}`).refused(422, "http.notJson")
	})

	h.Run("a_repeated_key_makes_one_record_and_refuses_another_body", func(h *house) {
		data, _ := h.opportunity("rep")
		first := h.call("rep", http.MethodPost, deals, m{"data": data}, "Idempotency-Key", "k1").ok()
		again := h.call("rep", http.MethodPost, deals, m{"data": data}, "Idempotency-Key", "k1").ok()
		require.Equal(h, first.id(), again.id())
		require.Equal(h, first.etag(), again.etag())
		other := maps.Clone(data)
		other["name"] = "Rear seat frame"
		h.call("rep", http.MethodPost, deals, m{"data": other}, "Idempotency-Key", "k1").refused(422, "record.keyReused")
		theirs, _ := h.opportunity("otherRep")
		require.NotEqual(h, first.id(), h.call("otherRep", http.MethodPost, deals, m{"data": theirs}, "Idempotency-Key", "k1").ok().id(), "a key is its sender's own")
		require.Len(h, h.list("rep", "opportunity").ok().items(), 1)
	})

	h.Run("a_repeated_completion_is_done_once", func(h *house) {
		d := h.start("rep")
		path := "/tasks/" + h.task(d, "screen") + "/complete"
		first := h.call("rep", http.MethodPost, path, m{"data": screening}, "Idempotency-Key", "k2").ok()
		again := h.call("rep", http.MethodPost, path, m{"data": screening}, "Idempotency-Key", "k2").ok()
		require.Equal(h, first.etag(), again.etag())
		h.call("rep", http.MethodPost, path, m{"data": screening}, "Idempotency-Key", "k3").refused(409, "task.closed")
	})

	h.Run("a_change_of_an_older_state_is_refused", func(h *house) {
		d := h.start("rep")
		old := h.call("rep", http.MethodGet, h.path(d), nil).ok().etag()
		h.call("rep", http.MethodPatch, h.path(d), m{"data": m{"screeningNote": "first"}}, "If-Match", old).ok()
		h.call("rep", http.MethodPatch, h.path(d), m{"data": m{"screeningNote": "second"}}, "If-Match", old).refused(412, "record.stale")
		h.call("rep", http.MethodPatch, h.path(d), m{"data": m{"screeningNote": "second"}}).refused(422, "http.ifMatch")
		require.Equal(h, "first", h.call("rep", http.MethodGet, h.path(d), nil).ok().data()["screeningNote"])
		h.call("otherRep", http.MethodPatch, h.path(d), m{"data": m{}}, "If-Match", old).refused(404, "record.notFound")
	})

	h.Run("a_gate_says_what_is_missing_and_nothing_has_changed", func(h *house) {
		d := h.start("rep")
		before := h.call("rep", http.MethodGet, h.path(d), nil).ok()
		missing := m{"annualVolume": 60000, "budgetStatus": "none", "fit": "a"}
		got := h.act("rep", "complete", d, "screen", m{"data": missing}).refused(422, gate)
		require.Subset(h, got.problems(), map[string]string{"/data/targetPrice": "engine.required", "/data/nominationDate": "engine.required"})
		drag := h.call("rep", http.MethodPost, h.path(d)+"/commands", m{"command": "move", "to": "requirements"}).refused(422, gate)
		require.Len(h, drag.problems(), 5, drag.Text)
		h.call("rep", http.MethodPost, h.path(d)+"/commands", m{"command": "move", "to": "pilot"}).refused(409, "engine.moveSkips")
		require.Equal(h, before.Text, h.call("rep", http.MethodGet, h.path(d), nil).ok().Text)
	})

	h.Run("only_who_is_asked_decides", func(h *house) {
		d := h.screened("rep")
		h.act("rep", "approve", d, "screenApproval", nil).refused(403, "engine.notYours")
		h.act("director", "approve", d, "screenApproval", nil).refused(403, "engine.notYours")
		h.act("viewer", "approve", d, "screenApproval", nil).refused(403, "access.forbidden")
		h.act("farManager", "approve", d, "screenApproval", nil).refused(404, "task.notFound")
		h.act("areaManager", "complete", d, "screenApproval", nil).refused(422, "engine.wrongAction")
		require.Equal(h, "requirements", h.act("areaManager", "approve", d, "screenApproval", m{"comment": "Go"}).ok().Body["stage"])
	})

	h.Run("only_an_administrator_passes_a_gate_and_must_say_why", func(h *house) {
		d := h.start("rep")
		over := m{"command": "override", "to": "sample"}
		h.call("rep", http.MethodPost, h.path(d)+"/commands", over).refused(403, "access.forbidden")
		h.call("director", http.MethodPost, h.path(d)+"/commands", over).refused(403, "access.forbidden")
		require.Contains(h, h.call("appAdmin", http.MethodPost, h.path(d)+"/commands", over).refused(422, "engine.reasonNeeded").problems(), "/reason")
		over["reason"] = "The customer paid for the sample already"
		require.Equal(h, "sample", h.call("appAdmin", http.MethodPost, h.path(d)+"/commands", over).ok().Body["stage"])
		last := h.log("rep", d)[0]
		require.Equal(h, []any{"override", "overridden", over["reason"], h.ids["appAdmin"]}, []any{last["command"], last["outcome"], last["reason"], last["by"]})
	})

	h.Run("an_approver_who_left_does_not_hold_the_record_up", func(h *house) {
		held := h.screened("rep")
		h.call("platformAdmin", http.MethodPatch, "/users/"+h.ids["areaManager"], m{"active": false}).ok()
		defer func() {
			h.call("platformAdmin", http.MethodPatch, "/users/"+h.ids["areaManager"], m{"active": true}).ok()
			delete(h.cookies, "areaManager")
		}()
		h.act("director", "assign", held, "screenApproval", m{"users": []string{h.ids["director"]}}).ok()
		h.act("director", "approve", held, "screenApproval", nil).ok()
		fresh := h.screened("rep")
		tasks := objects(h.call("rep", http.MethodGet, h.path(fresh), nil).ok().Body["tasks"])
		require.Len(h, tasks, 1)
		require.NotContains(h, tasks[0]["assignees"], h.ids["areaManager"])
		require.NotEmpty(h, tasks[0]["assignees"])
		h.act("director", "assign", fresh, "screenApproval", m{"users": []string{h.ids["areaManager"]}}).refused(422, "engine.assigneeInactive")
	})

	h.Run("withdrawn_until_somebody_else_has_decided", func(h *house) {
		d := h.screened("rep")
		h.call("director", http.MethodPost, h.path(d)+"/commands", m{"command": "withdraw"}).refused(403, "engine.notApplicant")
		require.Equal(h, "draft", h.call("rep", http.MethodPost, h.path(d)+"/commands", m{"command": "withdraw", "reason": "Too early"}).ok().Body["status"])
		h.call("rep", http.MethodPost, h.path(d)+"/commands", m{"command": "submit"}).ok()
		h.act("rep", "complete", d, "screen", m{"data": screening}).ok()
		h.act("areaManager", "approve", d, "screenApproval", nil).ok()
		h.call("rep", http.MethodPost, h.path(d)+"/commands", m{"command": "withdraw"}).refused(409, "engine.withdrawDecided")
	})

	h.Run("returned_with_a_comment_comes_back_to_its_maker", func(h *house) {
		d := h.screened("rep")
		h.act("areaManager", "return", d, "screenApproval", m{"to": "screen"}).refused(422, "engine.reasonNeeded")
		h.act("areaManager", "return", d, "screenApproval", m{"to": "pilot", "comment": "x"}).refused(422, "engine.returnTarget")
		h.act("areaManager", "return", d, "screenApproval", m{"to": "screen", "comment": "Which plant?"}).ok()
		require.NotEmpty(h, h.task(d, "screen"))
		require.Equal(h, "returned", h.log("rep", d)[0]["outcome"])
		require.Len(h, h.call("rep", http.MethodGet, "/notices", nil).ok().items(), len(h.notices(d, "rep"))+h.noticesElsewhere(d))
	})

	h.Run("a_deleted_record_takes_its_tasks_along", func(h *house) {
		d := h.start("rep")
		task := h.task(d, "screen")
		h.call("rep", http.MethodDelete, h.path(d), nil).refused(403, "access.forbidden")
		require.Equal(h, http.StatusNoContent, h.call("appAdmin", http.MethodDelete, h.path(d), nil).Status)
		h.call("rep", http.MethodGet, h.path(d), nil).refused(404, "record.notFound")
		h.call("rep", http.MethodPost, "/tasks/"+task+"/complete", m{"data": screening}).refused(404, "task.notFound")
		for _, open := range h.call("rep", http.MethodGet, "/tasks", nil).ok().items() {
			require.NotEqual(h, d.id, open["record"])
		}
	})
}

// log is a record's log, newest first.
func (h *house) log(who string, d deal) []m {
	h.Helper()
	return h.call(who, http.MethodGet, h.path(d)+"/actions", nil).ok().items()
}

// noticesElsewhere counts rep's notices about other records.
func (h *house) noticesElsewhere(d deal) int {
	n := 0
	for _, one := range h.call("rep", http.MethodGet, "/notices", nil).ok().items() {
		if one["record"] != d.id {
			n++
		}
	}
	return n
}

// reach takes an opportunity of rep up to the sample stage.
func (h *house) sampleStage(who string) deal {
	h.Helper()
	d := h.screened(who)
	h.act("areaManager", "approve", d, "screenApproval", nil).ok()
	h.act(who, "complete", d, "requirementsEntry", m{"data": m{
		"technicalContact": d.engineer, "customerDrawing": h.pdf(who, "customerDrawing", "drawing.pdf", d), "technicalSpec": h.pdf(who, "technicalSpec", "spec.pdf", d),
		"materialGrade": "SPFH590", "generalTolerance": "iso2768m", "specialCharacteristics": []any{m{"name": "Bore", "grade": "cc", "tolerance": "0.02", "method": "cmm"}},
		"qualityStandard": []string{"iatf16949"}, "quoteRequestedOn": "2026-03-01", "quoteSentOn": "2026-03-02", "quotedUnitPrice": 13,
	}}).ok()
	h.act("technicalLead", "approve", d, "feasibilityReview", m{"data": m{"feasibility": "feasible", "unitCost": 9.1}}).ok()
	return d
}

func TestFileGates(t *testing.T) {
	h := openHouse(t, monday)
	d := h.sampleStage("rep")
	request := func(file []any) m {
		return m{"data": m{
			"moldDrawing": file, "sampleMaterial": "SPFH590", "sampleQuantity": 20, "sampleNeededBy": day(h, 30), "samplePurpose": "fit",
			"toolingType": "soft", "sampleShipTo": "Gate 3",
		}}
	}

	h.Run("a_picture_named_pdf_is_refused_at_upload", func(h *house) {
		got := h.upload("rep", "moldDrawing", d.code+".pdf", pngBytes, d).refused(422, "record.invalid")
		require.Equal(h, map[string]string{"/file": "files.wrongType"}, got.problems())
	})
	h.Run("and_when_it_comes_in_through_another_field", func(h *house) {
		sneaked := h.upload("rep", "rfqFile", d.code+".pdf", pngBytes, d).ok().Body
		sneaked["type"], sneaked["name"] = "application/pdf", d.code+".pdf"
		got := h.act("rep", "complete", d, "sampleRequest", request([]any{sneaked})).refused(422, "record.invalid")
		require.Equal(h, map[string]string{"/data/moldDrawing/0": "files.wrongType"}, got.problems())
	})
	h.Run("a_name_without_the_customer_number_is_refused_at_upload_and_later", func(h *house) {
		require.Equal(h, map[string]string{"/file": "files.wrongName"}, h.upload("rep", "moldDrawing", "mould.pdf", pdfBytes, d).refused(422, "record.invalid").problems())
		sneaked := h.upload("rep", "technicalSpec", "mould.pdf", pdfBytes, d).ok().Body
		sneaked["name"] = d.code + ".pdf"
		got := h.act("rep", "complete", d, "sampleRequest", request([]any{sneaked})).refused(422, "record.invalid")
		require.Equal(h, map[string]string{"/data/moldDrawing/0": "files.wrongName"}, got.problems())
	})
	h.Run("somebody_elses_upload_cannot_be_taken", func(h *house) {
		theirs := h.pdf("areaManager", "moldDrawing", d.code+" B.pdf", d)
		got := h.act("rep", "complete", d, "sampleRequest", request(theirs)).refused(422, "record.invalid")
		require.Equal(h, map[string]string{"/data/moldDrawing/0": "files.unusable"}, got.problems())
	})
	h.Run("the_right_file_is_taken_and_seen_by_who_sees_the_field", func(h *house) {
		file := h.pdf("rep", "moldDrawing", d.code+" mould.pdf", d)
		path := "/files/" + file[0].(m)["id"].(string)
		h.call("areaManager", http.MethodGet, path, nil).refused(404, "files.notFound")
		h.act("rep", "complete", d, "sampleRequest", request(file)).ok()
		require.Equal(h, string(pdfBytes), h.call("areaManager", http.MethodGet, path, nil).ok().Text)
		h.call("otherRep", http.MethodGet, path, nil).refused(404, "files.notFound")
		require.Contains(h, h.call("rep", http.MethodGet, path, nil).ok().Header.Get("Content-Security-Policy"), "default-src 'none'")
	})
}

// day is a date so many days after now.
func day(h *house, days int) string { return h.clock.Now().AddDate(0, 0, days).Format(time.DateOnly) }
