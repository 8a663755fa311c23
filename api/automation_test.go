package api_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/automation"
	"github.com/stepwell/stepwell/runtime/queue"
)

const parcels = forms + "parcel/records"

// shelfApp adds two forms to the shipped app, on which automations are tried: a parcel with a flow of two stages, and a note.
var shelfApp = []struct{ kind, key, body string }{
	{"form", "note", `{"kind":"form","key":"note","title":{"zh-CN":"便签","en":"Note"},"schema":{"type":"object","required":["what"],"properties":{
		"what":{"x-field":"text","x-title":{"zh-CN":"内容","en":"What"}},"parcel":{"x-field":"text","x-title":{"zh-CN":"包裹","en":"Parcel"}}}}}`},
	{"flow", "noting", `{"kind":"flow","key":"noting","title":{"zh-CN":"便签","en":"Noting"},"form":"note","blocks":[
		{"id":"read","type":"task","title":{"zh-CN":"阅读","en":"Read it"},"who":[{"type":"owner"}]},
		{"id":"read-end","type":"end","outcome":"read","label":{"zh-CN":"已读","en":"Read"}}]}`},
	{"form", "parcel", `{"kind":"form","key":"parcel","title":{"zh-CN":"包裹","en":"Parcel"},"schema":{"type":"object","properties":{
		"code":{"x-field":"text","x-title":{"zh-CN":"编号","en":"Code"}},"weight":{"x-field":"number","x-title":{"zh-CN":"重量","en":"Weight"}},
		"twice":{"x-field":"formula","x-formula":"form.weight * 2","x-title":{"zh-CN":"两倍","en":"Twice"}},
		"mark":{"x-field":"text","x-title":{"zh-CN":"标记","en":"Mark"}},"reply":{"x-field":"text","x-title":{"zh-CN":"答复","en":"Reply"}},
		"note":{"x-field":"link","x-link":{"form":"note"},"x-title":{"zh-CN":"便签","en":"Note"}},
		"sent":{"x-field":"date","x-title":{"zh-CN":"寄出日期","en":"Sent on"}}}}}`},
	{"flow", "posting", `{"kind":"flow","key":"posting","title":{"zh-CN":"寄送","en":"Posting"},"form":"parcel","blocks":[
		{"id":"pack","type":"stage","title":{"zh-CN":"打包","en":"Pack"},"deadline":{"after":2,"unit":"days"},"blocks":[
			{"id":"packed","type":"task","title":{"zh-CN":"打包","en":"Pack it"},"who":[{"type":"owner"}]}]},
		{"id":"ship","type":"stage","title":{"zh-CN":"寄出","en":"Ship"},"blocks":[
			{"id":"shipped","type":"task","title":{"zh-CN":"寄出","en":"Ship it"},"who":[{"type":"owner"}]}]}]}`},
}

// openShelf is a house with those forms.
func openShelf(t *testing.T) *house {
	t.Helper()
	h := openHouse(t, monday)
	for _, d := range shelfApp {
		h.put(d.kind, d.key, d.body)
	}
	return h
}

// put publishes a definition.
func (h *house) put(kind, key, body string) {
	h.Helper()
	h.call("appAdmin", http.MethodPut, "/apps/"+app+"/definitions/"+kind+"/"+key, body, "If-Match", h.draftTag(kind, key)).ok()
	h.publish(kind, key).ok()
}

// draftTag is the ETag of a definition, "*" when there is none.
func (h *house) draftTag(kind, key string) string {
	h.Helper()
	got := h.call("appAdmin", http.MethodGet, "/apps/"+app+"/definitions/"+kind+"/"+key, nil)
	if got.Status != http.StatusOK {
		return ""
	}
	return got.etag()
}

// automate publishes an automation about parcels; rest is what it has besides key, title and form.
func (h *house) automate(key, rest string) {
	h.Helper()
	h.put("automation", key, `{"kind":"automation","key":"`+key+`","title":{"zh-CN":"`+key+`","en":"`+key+`"},"form":"parcel",`+rest+`}`)
}

// runs are the runs of an automation, newest first, whatever became of them.
func (h *house) runs(key string) []*automation.Run {
	h.Helper()
	runs, _, err := h.product.Automations.List(h.Context(), automation.Listing{App: app, Automation: key, Skipped: true, Limit: 100})
	require.NoError(h, err)
	return runs
}

// change changes data of a record.
func (h *house) change(path string, data m) {
	h.Helper()
	h.call("appAdmin", http.MethodPatch, path, m{"data": data}, "If-Match", h.view("appAdmin", path).etag()).ok()
}

func (h *house) parcel(data m) string {
	h.Helper()
	return parcels + "/" + h.create("appAdmin", "parcel", data).ok().id()
}

func TestAutomationTriggers(t *testing.T) {
	h := openShelf(t)
	mark := func(text string) string {
		return `"blocks":[{"id":"mark","type":"update","title":{"zh-CN":"标记","en":"Mark"},"set":{"mark":"` + text + `"}}]`
	}
	h.Run("a_record_that_is_submitted_sets_off_what_its_condition_allows_once", func(h *house) {
		h.automate("heavy", `"trigger":{"on":"created"},"when":"form.weight > 10",`+mark(`'heavy ' + string(form.twice)`))
		light, heavy := h.parcel(m{"code": "A", "weight": 1}), h.parcel(m{"code": "B", "weight": 11})
		h.settle()
		h.settle()
		require.Empty(h, h.view("appAdmin", light).data()["mark"])
		require.Equal(h, "heavy 22", h.view("appAdmin", heavy).data()["mark"])
		runs := h.runs("heavy")
		require.Len(h, runs, 1)
		require.Equal(h, automation.Done, runs[0].State)
		require.Equal(h, []automation.StepKind{automation.StepSave, automation.StepEnd}, []automation.StepKind{runs[0].Steps[0].Kind, runs[0].Steps[1].Kind})
		log := h.call("appAdmin", http.MethodGet, heavy+"/actions", nil).ok().items()
		require.Equal(h, "automation", log[0]["via"])
	})
	h.Run("a_change_from_one_value_to_another_sets_off_and_no_other", func(h *house) {
		h.automate("light", `"trigger":{"on":"changed","fields":["weight"],"from":20,"to":3},`+mark("'light'"))
		path := h.parcel(m{"code": "C", "weight": 5})
		for _, w := range []int{20, 4, 20, 3} {
			h.change(path, m{"weight": w})
			h.settle()
		}
		runs := h.runs("light")
		require.Len(h, runs, 1)
		require.Equal(h, map[string]automation.Change{"weight": {Before: 20.0, After: 3.0}}, runs[0].Cause.Changes)
		require.Equal(h, "light", h.view("appAdmin", path).data()["mark"])
	})
	h.Run("stages_that_are_entered_left_and_overdue", func(h *house) {
		h.automate("in", `"trigger":{"on":"stageEntered","stages":["ship"]},`+mark("'in ' + record.stage"))
		h.automate("out", `"trigger":{"on":"stageLeft","stages":["pack"]},`+mark("'out'"))
		h.automate("late", `"trigger":{"on":"stageOverdue"},`+mark("'late'"))
		path := h.parcel(m{"code": "D"})
		h.advance(h.clock.Now().Add(49 * time.Hour))
		require.Equal(h, "late", h.view("appAdmin", path).data()["mark"])
		h.do("appAdmin", path, "packed", "complete", nil).ok()
		h.settle()
		in, out := h.runs("in"), h.runs("out")
		require.Equal(h, []int{1, 1}, []int{len(in), len(out)})
		require.Equal(h, []string{"ship", "pack"}, []string{in[0].Cause.Stage, out[0].Cause.Stage})
		require.Equal(h, "in ship", in[0].Steps[0].Set["mark"], "rules see the record, not the run")
	})
	h.Run("a_draft_sets_off_nothing", func(h *house) {
		before := len(h.runs(""))
		h.call("appAdmin", http.MethodPost, parcels, m{"data": m{"code": "E", "weight": 20}, "submit": false}).ok()
		h.settle()
		require.Len(h, h.runs(""), before)
	})
}

func TestAutomationLoop(t *testing.T) {
	h := openShelf(t)
	h.Run("one_that_sets_itself_off_stops_at_its_depth_and_the_admins_see_the_chain", func(h *house) {
		h.automate("again", `"trigger":{"on":"changed","fields":["weight"]},"limits":{"depth":3},"blocks":[{"id":"more","type":"update","title":{"zh-CN":"加","en":"More"},"set":{"weight":"form.weight + 1"}}]`)
		path := h.parcel(m{"code": "A", "weight": 1})
		h.change(path, m{"weight": 10})
		h.settle()
		require.EqualValues(h, 13, h.view("appAdmin", path).data()["weight"])
		runs := h.runs("again")
		require.Len(h, runs, 4)
		require.Equal(h, automation.Stopped, runs[0].State)
		require.Contains(h, runs[0].Why["en"], "3 deep: again → again → again → again")
		told := h.call("appAdmin", http.MethodGet, "/notices", nil).ok().items()
		require.Contains(h, told[0]["title"].(m)["en"], "again")
	})
	h.Run("one_that_others_set_off_too_often_stops_by_the_minute", func(h *house) {
		h.automate("again", `"off":true,"trigger":{"on":"changed"},"blocks":[{"id":"x","type":"end","outcome":"x"}]`)
		h.automate("often", `"trigger":{"on":"changed","fields":["weight"]},"limits":{"perMinute":2},"blocks":[{"id":"mark","type":"update","title":{"zh-CN":"标记","en":"Mark"},"set":{"mark":"string(form.weight)"}}]`)
		path := h.parcel(m{"code": "B", "weight": 1})
		for _, w := range []int{2, 3, 4} {
			h.change(path, m{"weight": w})
			h.settle()
		}
		stopped := 0
		for _, r := range h.runs("often") {
			if r.State == automation.Stopped {
				stopped++
			}
		}
		require.Equal(h, 1, stopped)
		require.Equal(h, "3", h.view("appAdmin", path).data()["mark"])
		h.advance(h.clock.Now().Add(2 * time.Minute))
		h.change(path, m{"weight": 5})
		h.settle()
		require.Equal(h, "5", h.view("appAdmin", path).data()["mark"])
	})
}

func TestAutomationSteps(t *testing.T) {
	var asked []*http.Request
	status := http.StatusOK
	peer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"said":"yes"}`)
	}))
	t.Cleanup(peer.Close)
	h := openShelf(t)
	h.automate("whole", `"trigger":{"on":"created"},"blocks":[
		{"id":"size","type":"branch","title":{"zh-CN":"大小","en":"Size"},"cases":[{"id":"big","when":"form.weight > 10","blocks":[
			{"id":"ask","type":"webhook","title":{"zh-CN":"询问","en":"Ask"},"await":true,"call":{"url":"`+peer.URL+`/{code}"},"set":{"reply":"answer.body.said"}}]}]},
		{"id":"write","type":"create","title":{"zh-CN":"便签","en":"Note it"},"form":"note","set":{"what":"form.reply","parcel":"record.id"},"link":"note","await":true,"result":"mark"},
		{"id":"day","type":"wait","title":{"zh-CN":"一天","en":"A day"},"until":{"after":1,"unit":"days"}},
		{"id":"tell","type":"cc","title":{"zh-CN":"告知","en":"Tell"},"who":[{"type":"owner"}],"notify":[]},
		{"id":"over","type":"end","outcome":"over"}]`)

	h.Run("a_whole_tree_runs_with_calls_records_waits_and_messages", func(h *house) {
		path := h.parcel(m{"code": "A", "weight": 20})
		h.settle()
		at := h.view("appAdmin", path)
		require.Equal(h, "yes", at.data()["reply"])
		note := at.data()["note"].(string)
		require.Equal(h, "yes", h.view("appAdmin", forms+"note/records/"+note).data()["what"])
		require.Equal(h, queue.Pending, h.runs("whole")[0].State)
		h.do("appAdmin", forms+"note/records/"+note, "read", "complete", nil).ok()
		h.settle()
		require.Equal(h, "read", h.view("appAdmin", path).data()["mark"])
		h.advance(h.clock.Now().Add(25 * time.Hour))
		run := h.runs("whole")[0]
		require.Equal(h, automation.Done, run.State)
		require.Equal(h, "over", run.Outcome)
		var kinds []string
		for _, s := range run.Steps {
			kinds = append(kinds, string(s.Kind)+" "+string(s.State))
		}
		require.Equal(h, []string{"way done", "call done", "save done", "create done", "save done", "save done", "wait done", "tell done", "end done"}, kinds)
		require.Len(h, asked, 1)
	})
	h.Run("a_step_that_fails_for_good_is_seen_told_and_retried_from_there", func(h *house) {
		status = http.StatusUnprocessableEntity
		path := h.parcel(m{"code": "B", "weight": 20})
		h.settle()
		run := h.runs("whole")[0]
		require.Equal(h, queue.Dead, run.State)
		require.Equal(h, "ask", run.Failed().Block)
		require.Contains(h, run.Why["en"], "422")
		stuck := h.call("platformAdmin", http.MethodGet, "/admin/stuck", nil).ok().items()
		require.Equal(h, "automation", stuck[0]["kind"])
		require.Contains(h, h.call("appAdmin", http.MethodGet, "/notices", nil).ok().items()[0]["title"].(m)["en"], "whole")
		status = http.StatusOK
		require.NoError(h, h.product.Automations.Retry(h.Context(), run))
		h.settle()
		require.Equal(h, "yes", h.view("appAdmin", path).data()["reply"])
		require.Len(h, asked, 3)
		require.Equal(h, asked[1].Header.Get("Idempotency-Key"), asked[2].Header.Get("Idempotency-Key"))
	})
	h.Run("a_run_stays_on_its_version_and_a_new_one_counts_at_once", func(h *house) {
		old := h.parcel(m{"code": "C", "reply": "r"})
		h.settle()
		h.automate("whole", `"trigger":{"on":"created"},"blocks":[{"id":"mark","type":"update","title":{"zh-CN":"标记","en":"Mark"},"set":{"mark":"'new'"}}]`)
		fresh := h.parcel(m{"code": "D"})
		h.settle()
		require.Equal(h, "new", h.view("appAdmin", fresh).data()["mark"])
		note := h.view("appAdmin", old).data()["note"].(string)
		h.do("appAdmin", forms+"note/records/"+note, "read", "complete", nil).ok()
		h.advance(h.clock.Now().Add(25 * time.Hour))
		require.Equal(h, "read", h.view("appAdmin", old).data()["mark"])
	})
}

func TestAutomationMoments(t *testing.T) {
	h := openShelf(t)
	h.Run("days_after_a_date_that_was_there_before_or_comes_later_and_never_twice", func(h *house) {
		before := h.parcel(m{"code": "A", "sent": "2026-03-01"})
		h.automate("month", `"trigger":{"on":"date","moment":{"after":30,"unit":"days","field":"sent","at":"09:00"}},"blocks":[{"id":"mark","type":"update","title":{"zh-CN":"标记","en":"Mark"},"set":{"mark":"'a month'"}}]`)
		h.settle()
		later, moved := h.parcel(m{"code": "B", "sent": "2026-03-05"}), h.parcel(m{"code": "C", "sent": "2026-03-05"})
		h.change(moved, m{"sent": "2026-03-20"})
		h.advance(time.Date(2026, 3, 31, 0, 59, 0, 0, time.UTC))
		require.Empty(h, h.runs("month"))
		h.advance(time.Date(2026, 3, 31, 1, 1, 0, 0, time.UTC))
		require.Equal(h, "a month", h.view("appAdmin", before).data()["mark"])
		h.advance(time.Date(2026, 4, 10, 0, 0, 0, 0, time.UTC))
		require.Equal(h, "a month", h.view("appAdmin", later).data()["mark"])
		require.Empty(h, h.view("appAdmin", moved).data()["mark"])
		h.change(later, m{"sent": "2026-03-06"})
		h.settle()
		h.change(later, m{"sent": "2026-03-05"})
		h.settle()
		require.Len(h, h.runs("month"), 3, "another date counts anew, the same one does not")
	})
	h.Run("times_of_day_are_made_up_for_once_after_a_stand_still", func(h *house) {
		h.automate("daily", `"trigger":{"on":"schedule","times":{"at":["08:00"],"weekdays":["monday","tuesday"]}},"blocks":[
			{"id":"write","type":"create","title":{"zh-CN":"便签","en":"Note"},"form":"note","set":{"what":"'daily'"}}]`)
		h.clock.Set(time.Date(2026, 4, 30, 3, 0, 0, 0, time.UTC))
		h.settle()
		runs := h.runs("daily")
		require.Len(h, runs, 1)
		require.Equal(h, time.Date(2026, 4, 28, 0, 0, 0, 0, time.UTC), runs[0].Cause.Moment.Time)
		h.advance(time.Date(2026, 5, 6, 3, 0, 0, 0, time.UTC))
		require.Len(h, h.runs("daily"), 3)
	})
	h.Run("a_schedule_runs_over_every_record_for_which_it_holds", func(h *house) {
		h.automate("daily", `"off":true,"trigger":{"on":"created"},"blocks":[{"id":"x","type":"end","outcome":"x"}]`)
		h.automate("each", `"trigger":{"on":"schedule","times":{"every":60},"each":true},"when":"form.weight == 7","blocks":[
			{"id":"mark","type":"update","title":{"zh-CN":"标记","en":"Mark"},"set":{"mark":"'seven'","weight":"8"}}]`)
		one, other := h.parcel(m{"code": "S", "weight": 7}), h.parcel(m{"code": "T", "weight": 6})
		h.advance(h.clock.Now().Add(3 * time.Hour))
		require.Equal(h, "seven", h.view("appAdmin", one).data()["mark"])
		require.Empty(h, h.view("appAdmin", other).data()["mark"])
		require.Len(h, h.runs("each"), 1)
	})
	h.Run("one_that_is_paused_sets_off_nothing_and_catches_up_with_nothing", func(h *house) {
		require.NoError(h, h.product.Automations.Pause(h.Context(), app, "each", h.ids["appAdmin"]))
		path := h.parcel(m{"code": "U", "weight": 7})
		h.advance(h.clock.Now().Add(3 * time.Hour))
		require.NoError(h, h.product.Automations.Resume(h.Context(), app, "each"))
		h.change(path, m{"weight": 1})
		h.advance(h.clock.Now().Add(3 * time.Hour))
		require.Empty(h, h.view("appAdmin", path).data()["mark"])
	})
}

func TestAutomationTwice(t *testing.T) {
	h := openShelf(t)
	h.automate("note", `"trigger":{"on":"created"},"blocks":[
		{"id":"write","type":"create","title":{"zh-CN":"便签","en":"Note"},"form":"note","set":{"what":"'once'","parcel":"record.id"}},
		{"id":"mark","type":"update","title":{"zh-CN":"标记","en":"Mark"},"set":{"weight":"form.weight + 1"}}]`)
	h.Run("what_was_done_and_not_written_down_is_done_again_without_harm", func(h *house) {
		path := h.parcel(m{"code": "A", "weight": 1})
		h.settle()
		run := h.runs("note")[0]
		require.Equal(h, automation.Done, run.State)
		// A server that died after each of the steps leaves the run as it was decided.
		steps := run.Steps
		for i := range steps {
			if steps[i].Kind != automation.StepEnd {
				steps[i].State = automation.StepPending
			}
		}
		run.Job, run.EndedAt = queue.At(h.clock.Now()), store.Moment{}
		doc, err := store.Encode(run)
		require.NoError(h, err)
		require.NoError(h, h.product.Store.Apply(h.Context(), store.Write{Op: store.OpPut, Collection: automation.RunCollection, ID: run.ID, Doc: doc}))
		h.settle()
		require.Equal(h, automation.Done, h.runs("note")[0].State)
		require.EqualValues(h, 2, h.view("appAdmin", path).data()["weight"])
		require.Len(h, h.list("appAdmin", "note").ok().items(), 1)
	})
	h.Run("the_trigger_that_is_told_again_makes_no_second_run", func(h *house) {
		id := strings.TrimPrefix(h.parcel(m{"code": "B", "weight": 1}), parcels+"/")
		rec, err := h.product.Records.Fetch(h.Context(), app, "parcel", id)
		require.NoError(h, err)
		acts, _, err := h.product.Records.Actions(h.Context(), rec, 1, "")
		require.NoError(h, err)
		h.settle()
		before := len(h.runs("note"))
		again, err := h.product.Automations.Follow(h.Context(), rec, &acts[0])
		require.NoError(h, err)
		require.Len(h, again, 1)
		require.NoError(h, h.product.Store.Apply(h.Context(), again...))
		h.settle()
		require.Len(h, h.runs("note"), before)
	})
}

func storeUpdate(set m) store.Update { return store.Update{Set: set} }
