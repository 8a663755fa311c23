package api_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const claims = forms + "claim/records"

// claimForm is a form of its own whose flow asks people in every way that these tests need: the lead, two in turn, one who
// signs with their password, and one whom somebody picks.
const claimForm = `{"kind":"form","key":"claim","title":{"zh-CN":"报销","en":"Claim"},"schema":{"type":"object","required":["what"],"properties":{
	"what":{"x-field":"text","x-title":{"zh-CN":"事项","en":"What"}},"amount":{"x-field":"number","x-title":{"zh-CN":"金额","en":"Amount"}}}}}`

const claimFlow = `{"kind":"flow","key":"claiming","title":{"zh-CN":"报销","en":"Claiming"},"form":"claim","blocks":[
	{"id":"lead","type":"approval","title":{"zh-CN":"主管","en":"Lead"},"who":[{"type":"user","user":"@director"}]},
	{"id":"big","type":"branch","title":{"zh-CN":"金额","en":"Amount"},"cases":[
		{"id":"large","title":{"zh-CN":"大额","en":"Large"},"when":"has(form.amount) && form.amount > 1000","blocks":[
			{"id":"two","type":"approval","mode":"sequential","title":{"zh-CN":"会审","en":"Two"},"who":[{"type":"user","user":"@quality"},{"type":"user","user":"@plant"}]}]}]},
	{"id":"pay","type":"approval","title":{"zh-CN":"付款","en":"Pay"},"who":[{"type":"user","user":"@boss"}],"confirm":"password","signature":"required"},
	{"id":"done","type":"end","outcome":"paid","label":{"zh-CN":"已付","en":"Paid"}}]}`

func openClaims(t *testing.T) *house {
	t.Helper()
	h := openHouse(t, monday)
	var names []string
	for name, id := range h.ids {
		names = append(names, "@"+name+`"`, id+`"`)
	}
	ids := strings.NewReplacer(names...)
	for _, d := range [][3]string{{"form", "claim", claimForm}, {"flow", "claiming", ids.Replace(claimFlow)}} {
		h.call("appAdmin", http.MethodPut, "/apps/"+app+"/definitions/"+d[0]+"/"+d[1], d[2]).ok()
		h.publish(d[0], d[1]).ok()
	}
	return h
}

// claim submits a claim and is its path.
func (h *house) claim(data m) string {
	h.Helper()
	return claims + "/" + h.call("appAdmin", http.MethodPost, claims, m{"data": data}).ok().id()
}

func (h *house) open(who string) []string {
	h.Helper()
	var out []string
	for _, t := range h.call(who, http.MethodGet, "/tasks", nil).ok().items() {
		out = append(out, t["record"].(string)+" "+t["block"].(string))
	}
	return out
}

func recordOf(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

func TestDelegations(t *testing.T) {
	h := openClaims(t)
	end := h.clock.Now().Add(48 * time.Hour).UTC().Format(time.RFC3339)
	give := func(who string, body m) answer { return h.call(who, http.MethodPost, "/me/delegations", body) }
	path := h.claim(m{"what": "Fair", "amount": 5})

	h.Run("what_is_wrong_with_one_is_told_with_its_place", func(h *house) {
		bad := m{"to": h.ids["director"], "endsAt": "2026-03-01T00:00:00Z", "scope": m{"form": "claim"}}
		got := give("director", bad).refused(422, "delegation.invalid")
		require.Equal(h, map[string]string{"/to": "delegation.self", "/endsAt": "delegation.period", "/scope/app": "delegation.scope"}, got.problems())
		got = give("director", m{"to": h.ids["rep"], "endsAt": end, "scope": m{"app": app, "form": "nothing"}}).refused(422, "delegation.invalid")
		require.Equal(h, map[string]string{"/scope": "delegation.unknown"}, got.problems())
		require.Empty(h, h.call("director", http.MethodGet, "/me/delegations", nil).ok().items())
	})

	var made answer
	h.Run("an_open_task_is_with_the_stand_in_too_and_both_are_shown", func(h *house) {
		made = give("director", m{"to": h.ids["quality"], "endsAt": end, "scope": m{"app": app, "form": "claim"}, "reason": "Leave"}).ok()
		require.Equal(h, []any{http.StatusCreated, true}, []any{made.Status, made.Body["holds"]})
		h.settle()
		require.Equal(h, []string{recordOf(path) + " lead"}, h.open("quality"))
		task := h.taskOf("quality", path, "lead")
		require.Equal(h, []any{m{"for": h.ids["director"], "by": h.ids["quality"]}}, task["stands"])
		require.Equal(h, []any{h.ids["director"]}, task["parts"])
		taken := h.call("quality", http.MethodGet, "/me/delegations", nil).ok()
		require.Equal(h, []any{made.id(), "director"}, []any{taken.items()[0]["id"], taken.Body["names"].(m)[h.ids["director"]]})
	})
	h.Run("two_of_the_same_scope_do_not_overlap", func(h *house) {
		got := give("director", m{"to": h.ids["rep"], "endsAt": end, "scope": m{"app": app, "form": "claim"}}).refused(422, "delegation.invalid")
		require.Equal(h, map[string]string{"/startsAt": "delegation.overlap"}, got.problems())
		require.Contains(h, got.Text, "quality")
	})
	h.Run("only_its_giver_or_an_administrator_ends_one", func(h *house) {
		h.call("quality", http.MethodDelete, "/me/delegations/"+made.id(), nil).refused(404, "delegation.none")
		h.call("quality", http.MethodDelete, "/delegations/"+made.id(), nil).refused(403, "access.forbidden")
	})
	h.Run("the_stand_ins_decision_is_told_as_for_the_other", func(h *house) {
		h.do("quality", path, "lead", "approve", m{"comment": "For her"}).ok()
		closed := objects(h.view("appAdmin", path+"/actions").items()[0]["events"])[0]
		require.Equal(h, []any{"taskClosed", h.ids["quality"], h.ids["director"]}, []any{closed["kind"], closed["user"], closed["for"]})
	})
	h.Run("one_that_has_ended_gives_the_task_back", func(h *house) {
		second := h.claim(m{"what": "Hotel"})
		require.Equal(h, []string{recordOf(second) + " lead"}, h.open("quality"))
		require.Equal(h, 204, h.call("director", http.MethodDelete, "/me/delegations/"+made.id(), nil).Status)
		h.settle()
		require.Empty(h, h.open("quality"))
		h.call("director", http.MethodDelete, "/me/delegations/"+made.id(), nil).refused(409, "delegation.over")
	})
	h.Run("an_administrator_makes_one_for_somebody_who_is_away", func(h *house) {
		body := m{"from": h.ids["director"], "to": h.ids["rep"], "endsAt": end}
		h.call("appAdmin", http.MethodPost, "/delegations", body).refused(403, "access.forbidden")
		one := h.call("platformAdmin", http.MethodPost, "/delegations", body).ok()
		require.Len(h, h.call("platformAdmin", http.MethodGet, "/delegations?user="+h.ids["rep"], nil).ok().items(), 1)
		require.Len(h, h.call("platformAdmin", http.MethodGet, "/delegations", nil).ok().items(), 2)
		require.Equal(h, 204, h.call("platformAdmin", http.MethodDelete, "/delegations/"+one.id(), nil).Status)
	})
}

func TestHandOver(t *testing.T) {
	h := openClaims(t)
	first, second := h.claim(m{"what": "Fair"}), h.claim(m{"what": "Hotel"})
	other := h.claim(m{"what": "Taxi"})
	h.do("director", other, "lead", "approve", nil).ok()
	leaving := "/users/" + h.ids["director"] + "/hand-over"

	h.Run("only_an_administrator_hands_over_and_not_to_the_same_person", func(h *house) {
		h.call("appAdmin", http.MethodPost, leaving, m{"to": h.ids["quality"]}).refused(403, "access.forbidden")
		got := h.call("platformAdmin", http.MethodPost, leaving, m{"to": h.ids["director"]}).refused(422, "handover.person")
		require.Equal(h, map[string]string{"/to": "handover.person"}, got.problems())
		h.call("platformAdmin", http.MethodPost, leaving, m{"to": h.ids["quality"], "what": []string{"desk"}}).refused(422, "handover.what")
	})
	h.Run("a_dry_run_names_everything_and_changes_nothing", func(h *house) {
		dry := h.call("platformAdmin", http.MethodPost, leaving, m{"to": h.ids["quality"], "dryRun": true}).ok()
		var found []any
		for _, item := range dry.items() {
			found = append(found, item["record"])
		}
		require.ElementsMatch(h, []any{recordOf(first), recordOf(second)}, found)
		require.Equal(h, []any{true, true}, []any{dry.Body["dryRun"], dry.Body["done"]})
		require.Contains(h, dry.Body["reports"], h.ids["areaManager"])
		var named []any
		for _, ref := range objects(dry.Body["references"]) {
			named = append(named, ref["key"])
		}
		require.Contains(h, named, "claiming")
		require.Empty(h, h.open("quality"))
	})
	h.Run("then_it_is_done_record_by_record_and_nothing_is_left", func(h *house) {
		done := h.call("platformAdmin", http.MethodPost, leaving, m{"to": h.ids["quality"], "reason": "Left"}).ok()
		require.Equal(h, []any{2, true}, []any{len(done.items()), done.Body["done"]})
		require.Empty(h, done.Body["failed"])
		require.ElementsMatch(h, []string{recordOf(first) + " lead", recordOf(second) + " lead"}, h.open("quality"))
		require.Empty(h, h.open("director"))
		require.Empty(h, h.call("platformAdmin", http.MethodPost, leaving, m{"to": h.ids["quality"]}).ok().items())
		last := h.view("appAdmin", first+"/actions").items()[0]
		require.Equal(h, []any{"handOver", "Left", h.ids["platformAdmin"]}, []any{last["command"], last["reason"], last["by"]})
	})
}

func TestBatch(t *testing.T) {
	h := openClaims(t)
	first, second := h.claim(m{"what": "Fair"}), h.claim(m{"what": "Hotel"})
	item := func(path, block, action string) m {
		return m{"task": h.taskOf("appAdmin", path, block)["id"], "action": action, "comment": "Fine"}
	}
	batch := []m{item(first, "lead", "approve"), {"task": "none-1", "action": "approve"}, item(second, "lead", "return"), item(second, "lead", "reject")}

	h.Run("each_is_decided_by_itself_and_says_what_became_of_it", func(h *house) {
		got := h.call("director", http.MethodPost, "/tasks/batch", m{"items": batch}, "Idempotency-Key", "b1").ok().items()
		require.Len(h, got, 4)
		require.Equal(h, []any{true, 200.0}, []any{got[0]["ok"], got[0]["status"]})
		require.Equal(h, []any{false, 404.0, "task.notFound"}, []any{got[1]["ok"], got[1]["status"], got[1]["code"]})
		require.Equal(h, []any{false, 422.0, "task.batchAction"}, []any{got[2]["ok"], got[2]["status"], got[2]["code"]})
		require.Equal(h, []any{true, 200.0}, []any{got[3]["ok"], got[3]["status"]})
		require.Equal(h, []any{"running", "ended"}, []any{h.view("appAdmin", first).Body["status"], h.view("appAdmin", second).Body["status"]})
	})
	h.Run("a_repeated_batch_decides_nothing_twice", func(h *house) {
		before := h.view("appAdmin", first).Text
		again := h.call("director", http.MethodPost, "/tasks/batch", m{"items": batch}, "Idempotency-Key", "b1").ok().items()
		require.Equal(h, []any{true, true}, []any{again[0]["ok"], again[3]["ok"]})
		require.Equal(h, before, h.view("appAdmin", first).Text)
	})
	h.Run("an_empty_one_and_one_too_large_are_refused", func(h *house) {
		got := h.call("director", http.MethodPost, "/tasks/batch", m{"items": []m{}}).refused(422, "task.batchSize")
		require.Equal(h, map[string]string{"/items": "task.batchSize"}, got.problems())
		many := make([]m, 101)
		for i := range many {
			many[i] = batch[0]
		}
		h.call("director", http.MethodPost, "/tasks/batch", m{"items": many}).refused(422, "task.batchSize")
	})
}

func TestRoutePreview(t *testing.T) {
	h := openClaims(t)
	steps := func(a answer) []any {
		var out []any
		for _, s := range objects(a.Body["steps"]) {
			mark := s["block"].(string)
			if s["unsure"] == true {
				mark += "?"
			}
			out = append(out, mark)
		}
		return out
	}
	foresee := func(data m) answer {
		return h.call("appAdmin", http.MethodPost, claims+"/preview", m{"data": data}).ok()
	}

	h.Run("a_new_record_follows_what_is_typed", func(h *house) {
		large := foresee(m{"amount": 5000})
		require.Equal(h, []any{"lead", "two", "pay", "done"}, steps(large))
		two := objects(large.Body["steps"])[1]
		require.Equal(h, []any{"sequential", []any{h.ids["quality"], h.ids["plant"]}}, []any{two["mode"], two["people"]})
		require.Equal(h, "quality", large.Body["names"].(m)[h.ids["quality"]])
		require.Equal(h, []any{"lead", "pay", "done"}, steps(foresee(m{"amount": 5})))
		require.Empty(h, h.list("appAdmin", "claim").ok().items(), "nothing is stored")
	})
	h.Run("what_hangs_on_a_blank_field_is_marked_with_it", func(h *house) {
		blank := foresee(m{})
		require.Equal(h, []any{"lead", "two?", "pay", "done"}, steps(blank))
		require.Equal(h, []any{"amount"}, objects(blank.Body["steps"])[1]["needs"])
	})
	h.Run("a_running_record_shows_what_is_open_and_what_lies_behind", func(h *house) {
		path := h.claim(m{"what": "Fair", "amount": 5})
		got := h.view("director", path+"/preview")
		require.Equal(h, []any{"lead", "pay", "done"}, steps(got))
		require.Equal(h, true, objects(got.Body["steps"])[0]["open"])
		typed := h.call("director", http.MethodPost, path+"/preview", m{"data": m{"amount": 5000}}).ok()
		require.Equal(h, []any{"lead", "pay", "done"}, steps(typed), "what one may not write at this step is left as it is")
		h.call("farManager", http.MethodGet, path+"/preview", nil).refused(404, "record.notFound")
	})
	h.Run("who_may_not_make_a_record_foresees_none", func(h *house) {
		h.call("viewer", http.MethodPost, claims+"/preview", m{"data": m{}}).refused(403, "access.forbidden")
	})
}

func TestOpinions(t *testing.T) {
	h := openClaims(t)
	h.Run("everybody_has_their_own_and_sees_those_of_the_app", func(h *house) {
		got := h.call("director", http.MethodPut, "/me/opinions?app="+app, m{"items": []string{" Fine by me ", "Too dear"}}).ok()
		require.Equal(h, []any{"Fine by me", "Too dear"}, got.Body["mine"])
		h.call("director", http.MethodPut, "/apps/"+app+"/opinions", m{"items": []m{text2("同意", "Agreed")}}).refused(403, "access.forbidden")
		h.call("appAdmin", http.MethodPut, "/apps/"+app+"/opinions", m{"items": []m{text2("同意", "Agreed")}}).ok()
		got = h.call("director", http.MethodGet, "/me/opinions?app="+app, nil).ok()
		require.Equal(h, []any{text2("同意", "Agreed")}, got.Body["app"])
		require.Len(h, got.Body["mine"], 2)
		require.Empty(h, h.call("quality", http.MethodGet, "/me/opinions", nil).ok().Body["mine"])
	})
	h.Run("what_is_too_long_or_empty_is_refused_with_its_place", func(h *house) {
		got := h.call("director", http.MethodPut, "/me/opinions", m{"items": []string{"Fine", " ", strings.Repeat("长", 501)}}).refused(422, "opinions.invalid")
		require.Equal(h, map[string]string{"/items/1": "opinions.empty", "/items/2": "opinions.long"}, got.problems())
		h.call("appAdmin", http.MethodPut, "/apps/nothing/opinions", m{"items": []m{}}).refused(403, "access.forbidden")
	})
}

// sign uploads a signature for a record.
func (h *house) sign(who, path string) string {
	h.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, part := range [][2]string{{"app", app}, {"form", "claim"}, {"field", "@signature"}, {"record", recordOf(path)}} {
		require.NoError(h, w.WriteField(part[0], part[1]))
	}
	part, err := w.CreateFormFile("file", "signature.png")
	require.NoError(h, err)
	_, err = part.Write(pngBytes)
	require.NoError(h, err)
	require.NoError(h, w.Close())
	return h.call(who, http.MethodPost, "/files", &body, "Content-Type", w.FormDataContentType()).ok().id()
}

func TestProofs(t *testing.T) {
	h := openClaims(t)
	path := h.claim(m{"what": "Fair"})
	h.do("director", path, "lead", "approve", nil).ok()
	task := h.taskOf("boss", path, "pay")["id"].(string)
	prove := func(who, password string, tasks ...string) answer {
		return h.call(who, http.MethodPost, "/session/confirm", m{"password": password, "tasks": tasks})
	}
	h.Run("a_step_says_what_it_asks_for", func(h *house) {
		asked := h.taskOf("boss", path, "pay")
		require.Equal(h, []any{"required", "password"}, []any{asked["signature"], asked["confirm"]})
	})
	h.Run("without_a_signature_or_a_proof_nothing_is_decided", func(h *house) {
		require.Contains(h, h.do("boss", path, "pay", "approve", m{}).refused(422, "engine.signatureNeeded").problems(), "/signature")
		h.do("boss", path, "pay", "approve", m{"signature": h.sign("boss", path)}).refused(403, "engine.confirmNeeded")
	})
	h.Run("a_wrong_password_is_told_and_no_proof_is_given", func(h *house) {
		require.Equal(h, map[string]string{"/password": "account.wrongPassword"}, prove("boss", "wrong", task).refused(422, "account.wrongPassword").problems())
		prove("boss", passport).refused(422, "account.proofTasks")
	})
	h.Run("a_proof_is_its_persons_own_and_for_its_tasks_only", func(h *house) {
		theirs := prove("director", passport, task).ok().Body["proof"]
		h.do("boss", path, "pay", "approve", m{"signature": h.sign("boss", path), "proof": theirs}).refused(403, "account.noProof")
		another := prove("boss", passport, "another-1").ok().Body["proof"]
		h.do("boss", path, "pay", "approve", m{"signature": h.sign("boss", path), "proof": another}).refused(403, "account.noProof")
	})
	h.Run("with_both_it_is_decided_and_the_signature_stands_in_the_log", func(h *house) {
		signature, proof := h.sign("boss", path), prove("boss", passport, task).ok().Body["proof"]
		require.Equal(h, "paid", h.do("boss", path, "pay", "approve", m{"signature": signature, "proof": proof}).ok().Body["outcome"])
		closed := objects(h.view("director", path+"/actions").items()[0]["events"])[0]
		require.Equal(h, signature, closed["signature"].(m)["id"])
		require.Equal(h, string(pngBytes), h.call("director", http.MethodGet, "/files/"+signature, nil).ok().Text)
		h.call("farManager", http.MethodGet, "/files/"+signature, nil).refused(404, "files.notFound")
	})
}

func TestSayAndAsk(t *testing.T) {
	h := openClaims(t)
	path := h.claim(m{"what": "Fair", "amount": 5000})

	h.Run("a_comment_tells_those_named_who_may_read_it", func(h *house) {
		said := h.call("director", http.MethodPost, path+"/comments", m{"text": "Which fair?", "mentions": []string{h.ids["appAdmin"], h.ids["nobody"]}}).ok()
		require.Equal(h, []any{[]any{h.ids["appAdmin"]}, []any{h.ids["nobody"]}}, []any{said.Body["mentions"], said.Body["notTold"]})
		h.call("nobody", http.MethodPost, path+"/comments", m{"text": "x"}).refused(404, "record.notFound")
		h.call("director", http.MethodPost, path+"/comments", m{"text": " "}).refused(422, "engine.commentEmpty")
		h.do("director", path, "lead", "comment", m{"comment": "The one in May"}).ok()
		page := h.call("appAdmin", http.MethodGet, path+"/comments?limit=1", nil).ok()
		require.Equal(h, []any{"The one in May", "lead"}, []any{page.items()[0]["text"], page.items()[0]["block"]})
		older := h.call("appAdmin", http.MethodGet, path+"/comments?limit=1&cursor="+page.Body["next"].(string), nil).ok()
		require.Equal(h, []any{"Which fair?", nil}, []any{older.items()[0]["text"], older.Body["next"]})
		require.Len(h, h.notices(deal{id: recordOf(path)}, "appAdmin"), 1)
	})
	h.Run("a_task_is_urged_handed_on_and_given_another_signer", func(h *house) {
		require.Contains(h, h.taskOf("appAdmin", path, "lead")["actions"], "urge")
		h.do("appAdmin", path, "lead", "urge", nil).ok()
		h.do("appAdmin", path, "lead", "urge", nil).refused(429, "engine.urgedLately")
		h.do("director", path, "lead", "transfer", m{"users": []string{h.ids["quality"]}, "comment": "Yours"}).ok()
		require.Empty(h, h.open("director"))
		h.do("quality", path, "lead", "addSigner", m{"users": []string{h.ids["plant"]}, "where": "before"}).ok()
		waiting := h.taskOf("appAdmin", path, "lead")
		require.Equal(h, []any{[]any{h.ids["plant"]}, []any{m{"user": h.ids["plant"], "to": h.ids["quality"], "by": h.ids["quality"]}}}, []any{waiting["waiting"], waiting["added"]})
		h.do("quality", path, "lead", "approve", nil).refused(409, "engine.notTurn")
		h.do("plant", path, "lead", "approve", nil).ok()
		h.do("quality", path, "lead", "approve", nil).ok()
	})
	h.Run("a_decision_is_taken_back_by_who_made_it_while_nothing_stands_on_it", func(h *house) {
		rec := h.view("quality", path)
		require.NotEmpty(h, rec.Body["undo"])
		require.Empty(h, h.view("plant", path).Body["undo"])
		h.call("quality", http.MethodPost, "/tasks/"+rec.Body["undo"].(string)+"/undo", m{"comment": "Wrong one"}).ok()
		require.Equal(h, []string{recordOf(path) + " lead"}, h.open("quality"))
		h.do("quality", path, "lead", "approve", nil).ok()
	})
	h.Run("a_copy_tells_people_who_may_read_it_from_then_on", func(h *house) {
		h.call("nobody", http.MethodGet, path, nil).refused(404, "record.notFound")
		h.call("appAdmin", http.MethodPost, path+"/commands", m{"command": "copy", "users": []string{h.ids["service"]}, "comment": "To know"}).ok()
		require.Len(h, h.notices(deal{id: recordOf(path)}, "service"), 1)
		h.view("service", path)
	})
}
