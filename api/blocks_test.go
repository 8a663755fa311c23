package api_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/errands"
)

const orders = forms + "order/records"

// blocksApp adds two forms with their flows to the shipped app: an order whose flow begins a visit, waits and lists, and a
// visit of its own.
var blocksApp = []struct {
	kind, key string
	body      string
}{
	{"form", "visit", `{"kind":"form","key":"visit","title":{"zh-CN":"拜访","en":"Visit"},"schema":{"type":"object","required":["why"],"properties":{
		"why":{"x-field":"text","x-title":{"zh-CN":"原因","en":"Why"}},"order":{"x-field":"text","x-title":{"zh-CN":"订单","en":"Order"}}}}}`},
	{"flow", "visiting", `{"kind":"flow","key":"visiting","title":{"zh-CN":"拜访","en":"Visiting"},"form":"visit","blocks":[
		{"id":"go","type":"task","title":{"zh-CN":"拜访","en":"Go"},"who":[{"type":"owner"}]},
		{"id":"done","type":"end","outcome":"seen","label":{"zh-CN":"已拜访","en":"Seen"}}]}`},
	{"form", "order", `{"kind":"form","key":"order","title":{"zh-CN":"订单","en":"Order"},"schema":{"type":"object","properties":{
		"name":{"x-field":"text","x-title":{"zh-CN":"名称","en":"Name"}},"result":{"x-field":"text","x-title":{"zh-CN":"结果","en":"Result"}},
		"delivered":{"x-field":"date","x-title":{"zh-CN":"交付日期","en":"Delivered"}},
		"visit":{"x-field":"link","x-link":{"form":"visit"},"x-title":{"zh-CN":"拜访","en":"Visit"}},
		"lines":{"x-field":"subTable","x-title":{"zh-CN":"明细","en":"Lines"},"items":{"type":"object","properties":{"part":{"x-field":"text"},"maker":{"x-field":"person"}}}}}}}`},
	{"flow", "reviewing", `{"kind":"flow","key":"reviewing","title":{"zh-CN":"复核","en":"Reviewing"},"form":"order","part":true,"blocks":[
		{"id":"look","type":"task","title":{"zh-CN":"复核","en":"Look"},"who":[{"type":"owner"}]}]}`},
	{"flow", "ordering", `{"kind":"flow","key":"ordering","title":{"zh-CN":"订单","en":"Ordering"},"form":"order","blocks":[
		{"id":"each","type":"forEach","title":{"zh-CN":"逐项","en":"Each"},"over":"lines","blocks":[
			{"id":"make","type":"task","title":{"zh-CN":"制造","en":"Make"},"who":[{"type":"item","field":"maker"}]}]},
		{"id":"call","type":"create","title":{"zh-CN":"安排拜访","en":"Visit them"},"form":"visit","set":{"why":"form.name","order":"record.id"},"link":"visit","await":true,"result":"result",
			"failed":[{"id":"mend","type":"task","title":{"zh-CN":"处理","en":"Mend"},"who":[{"type":"owner"}]}]},
		{"id":"thirty","type":"wait","title":{"zh-CN":"等待30天","en":"30 days"},"until":{"after":30,"unit":"days","field":"delivered"}},
		{"id":"interview","type":"checklist","title":{"zh-CN":"客户访谈","en":"Interview"},"who":[{"type":"owner"}],"items":[
			{"id":"call","title":{"zh-CN":"致电客户","en":"Call them"}},{"id":"note","title":{"zh-CN":"记录意见","en":"Note what they say"},"optional":true}]},
		{"id":"review","type":"subFlow","title":{"zh-CN":"复核","en":"Review"},"flow":"reviewing"},
		{"id":"paid","type":"wait","title":{"zh-CN":"等待付款","en":"Payment"},"event":"paid"}]}`},
}

func openBlocks(t *testing.T) *house {
	t.Helper()
	h := openHouse(t, monday)
	for _, d := range blocksApp {
		h.call("appAdmin", http.MethodPut, "/apps/"+app+"/definitions/"+d.kind+"/"+d.key, d.body).ok()
		h.publish(d.kind, d.key).ok()
	}
	return h
}

func (h *house) settle() {
	h.Helper()
	h.advance(h.clock.Now())
}

func (h *house) view(who, path string) answer {
	h.Helper()
	return h.call(who, http.MethodGet, path, nil).ok()
}

// taskOf is the open task of a block, as somebody sees the record.
func (h *house) taskOf(who, path, block string) m {
	h.Helper()
	for _, t := range objects(h.view(who, path).Body["tasks"]) {
		if t["block"] == block {
			return t
		}
	}
	require.Fail(h, "no such task", block)
	return nil
}

func (h *house) do(who, path, block, command string, body m) answer {
	h.Helper()
	return h.call(who, http.MethodPost, "/tasks/"+h.taskOf(who, path, block)["id"].(string)+"/"+command, body)
}

func (h *house) waits(path string) []any {
	h.Helper()
	var out []any
	for _, w := range objects(h.view("appAdmin", path).Body["waits"]) {
		out = append(out, w["block"])
	}
	return out
}

func TestBlocks(t *testing.T) {
	h := openBlocks(t)
	admin := "appAdmin"
	lines := []m{{"part": "gear", "maker": h.ids["plant"]}, {"part": "axle", "maker": h.ids["production"]}}
	order := h.call(admin, http.MethodPost, orders, m{"data": m{"name": "Frame", "lines": lines}}).ok()
	path := orders + "/" + order.id()

	h.Run("every_row_gets_a_task_that_says_which_row_it_is_for", func(h *house) {
		make := h.taskOf("plant", path, "make")
		require.Equal(h, m{"number": 1.0, "item": m{"part": "gear", "maker": h.ids["plant"]}}, make["element"])
		mine := h.call("production", http.MethodGet, "/tasks", nil).ok().items()
		require.Equal(h, []any{"make", m{"number": 2.0}}, []any{mine[0]["block"], mine[0]["element"]})
		h.do("plant", path, "make", "complete", nil).ok()
		h.do("production", path, "make", "complete", nil).ok()
	})

	var visit string
	h.Run("a_flow_begins_a_record_and_waits_for_its_end", func(h *house) {
		require.Equal(h, []any{"call"}, h.waits(path))
		h.settle()
		visit = h.view(admin, path).data()["visit"].(string)
		child := h.view(admin, forms+"visit/records/"+visit)
		require.Equal(h, []any{"running", "Frame", order.id()}, []any{child.Body["status"], child.data()["why"], child.data()["order"]})
		h.settle()
		require.Len(h, h.list(admin, "visit").ok().items(), 1, "settling again begins no second one")
		who := objects(child.Body["tasks"])[0]["assignees"].([]any)[0]
		require.Equal(h, h.ids["production"], who, "it belongs to whose command began it")
		h.do("production", forms+"visit/records/"+visit, "go", "complete", nil).ok()
		require.Equal(h, []any{"call"}, h.waits(path))
		h.settle()
		require.Equal(h, "seen", h.view(admin, path).data()["result"])
		require.Equal(h, []any{"thirty"}, h.waits(path))
	})

	h.Run("a_wait_follows_its_date_and_is_nobodys_deadline", func(h *house) {
		now := h.view(admin, path)
		require.Empty(h, now.Body["dueAt"])
		h.call(admin, http.MethodPatch, path, m{"data": m{"delivered": "2026-03-10"}}, "If-Match", now.etag()).ok()
		wait := objects(h.view(admin, path).Body["waits"])[0]
		require.Equal(h, "2026-04-08T16:00:00.000Z", wait["until"])
		require.Empty(h, h.view(admin, path).Body["dueAt"])
		h.advance(time.Date(2026, 4, 9, 0, 0, 0, 0, shanghai))
		require.Empty(h, h.waits(path))
	})

	h.Run("a_checklist_is_ticked_line_by_line", func(h *house) {
		list := h.taskOf(admin, path, "interview")
		require.Equal(h, m{"done": 0.0, "of": 2.0}, list["progress"])
		require.Subset(h, list["actions"], []any{"complete", "tick", "untick"})
		h.do(admin, path, "interview", "complete", nil).refused(422, gate)
		h.do(admin, path, "interview", "tick", m{"item": "nothing"}).refused(422, "engine.item")
		h.do(admin, path, "interview", "tick", m{"item": "call", "comment": "by phone"}).ok()
		ticked := objects(h.taskOf(admin, path, "interview")["items"])
		require.Equal(h, []any{h.ids[admin], nil}, []any{ticked[0]["doneBy"], ticked[1]["doneBy"]})
		mine := h.call(admin, http.MethodGet, "/tasks?kind=checklist", nil).ok().items()
		require.Equal(h, m{"done": 1.0, "of": 2.0}, mine[0]["progress"])
		last := h.view(admin, path+"/actions").items()[0]
		require.Equal(h, []any{"tick", "by phone"}, []any{last["command"], last["comment"]})
		require.Equal(h, []any{"itemTicked", "call"}, []any{objects(last["events"])[0]["kind"], objects(last["events"])[0]["item"]})
		h.do(admin, path, "interview", "complete", nil).ok()
	})

	h.Run("a_sub_flow_stays_in_the_version_it_was_published_with", func(h *house) {
		h.redefine("flow", "reviewing", func(def m) { objects(def["blocks"])[0]["title"] = text("Another") }).ok()
		h.publish("flow", "reviewing").ok()
		require.Equal(h, text2("复核", "Look"), h.taskOf(admin, path, "review-look")["title"])
		h.do(admin, path, "review-look", "complete", nil).ok()
	})

	h.Run("nobody_decides_while_it_stands_still", func(h *house) {
		h.call("rep", http.MethodPost, path+"/commands", m{"command": "suspend", "reason": "x"}).refused(404, "record.notFound")
		h.call("plant", http.MethodPost, path+"/commands", m{"command": "suspend", "reason": "x"}).refused(403, "access.forbidden")
		h.call(admin, http.MethodPost, path+"/commands", m{"command": "suspend"}).refused(422, "engine.reasonNeeded")
		still := h.call(admin, http.MethodPost, path+"/commands", m{"command": "suspend", "reason": "strike"}).ok()
		require.Equal(h, []any{true, "strike"}, []any{still.Body["suspended"], still.Body["suspension"].(m)["reason"]})
		require.Subset(h, still.Body["commands"], []any{"resume", "cancel"})
		require.Len(h, h.list(admin, "order", "filter", `{"suspended":true}`).ok().items(), 1)
		h.call(admin, http.MethodPost, path+"/commands", m{"command": "signal", "event": "lost"}).refused(409, "engine.notWaiting")
		h.call(admin, http.MethodPost, path+"/commands", m{"command": "signal", "event": "paid"}).ok()
		require.Equal(h, true, objects(h.view(admin, path).Body["waits"])[0]["deferred"])
		ended := h.call(admin, http.MethodPost, path+"/commands", m{"command": "resume"}).ok()
		require.Equal(h, []any{"ended", "completed"}, []any{ended.Body["status"], ended.Body["outcome"]})
	})

	h.Run("commands_from_inside_are_not_taken_from_outside", func(h *house) {
		for _, command := range []string{"answer", "fire", "tick", "complete"} {
			require.Equal(h, 422, h.call(admin, http.MethodPost, path+"/commands", m{"command": command}).Status, command)
		}
	})
}

func text2(zh, en string) m { return m{"zh-CN": zh, "en": en} }

func TestBegunRecords(t *testing.T) {
	h := openBlocks(t)
	admin := "appAdmin"
	begin := func(h *house, data m) string {
		made := h.call(admin, http.MethodPost, orders, m{"data": data}).ok()
		h.settle()
		return orders + "/" + made.id()
	}

	h.Run("one_that_cannot_be_begun_takes_the_way_of_failure_and_says_why", func(h *house) {
		path := begin(h, m{})
		rec := h.view(admin, path)
		require.Equal(h, "mend", objects(rec.Body["tasks"])[0]["block"])
		require.NotContains(h, rec.data(), "visit", "the link to what is not there is taken back")
		last := h.view(admin, path+"/actions").items()[0]
		require.Equal(h, []any{"answer", "failed", "flow"}, []any{last["command"], last["outcome"], last["via"]})
		require.Contains(h, objects(last["events"])[0]["reason"], "原因")
		left, err := h.product.Store.Count(h.Context(), errands.Collection, store.Filter{}, 0)
		require.NoError(h, err)
		require.Zero(h, left, "what has been told is done")
	})

	h.Run("one_that_is_deleted_is_not_waited_for", func(h *house) {
		path := begin(h, m{"name": "Frame"})
		visit := h.view(admin, path).data()["visit"].(string)
		require.Equal(h, 204, h.call(admin, http.MethodDelete, forms+"visit/records/"+visit, nil).Status)
		h.settle()
		require.Equal(h, "mend", objects(h.view(admin, path).Body["tasks"])[0]["block"])
	})

	h.Run("the_end_of_one_reaches_a_record_that_stands_still_when_it_goes_on", func(h *house) {
		path := begin(h, m{"name": "Frame"})
		visit := h.view(admin, path).data()["visit"].(string)
		h.call(admin, http.MethodPost, path+"/commands", m{"command": "suspend", "reason": "strike"}).ok()
		h.call(admin, http.MethodPost, forms+"visit/records/"+visit+"/commands", m{"command": "cancel", "reason": "no need"}).ok()
		h.settle()
		require.Equal(h, []any{"call"}, h.waits(path))
		rec := h.call(admin, http.MethodPost, path+"/commands", m{"command": "resume"}).ok()
		require.Equal(h, "cancelled", rec.data()["result"])
	})

	h.Run("one_whose_asker_is_gone_ends_in_peace", func(h *house) {
		path := begin(h, m{"name": "Frame"})
		visit := h.view(admin, path).data()["visit"].(string)
		require.Equal(h, 204, h.call(admin, http.MethodDelete, path, nil).Status)
		h.do(admin, forms+"visit/records/"+visit, "go", "complete", nil).ok()
		h.settle()
		stats, err := h.product.Errands.Stats(h.Context())
		require.NoError(h, err)
		require.Zero(h, stats.Pending+stats.Dead)
	})
}

func TestMigration(t *testing.T) {
	h := openBlocks(t)
	admin := "appAdmin"
	made := h.call(admin, http.MethodPost, orders, m{"data": m{"lines": []m{{"part": "gear", "maker": h.ids["plant"]}, {"part": "cap", "maker": h.ids["plant"]}}}}).ok()
	path := orders + "/" + made.id()
	running := "/apps/" + app + "/definitions/flow/ordering/running"
	h.redefine("flow", "ordering", func(def m) {
		objects(objects(def["blocks"])[0]["blocks"])[0]["id"] = "produce"
	}).ok()
	h.publish("flow", "ordering").ok()

	h.Run("running_records_stay_on_their_version_and_are_counted", func(h *house) {
		require.Equal(h, []m{{"version": 1.0, "records": 1.0}}, h.view(admin, running).items())
		require.Len(h, h.list(admin, "order", "filter", `{"state.version":1,"status":"running"}`).ok().items(), 1)
		h.call(admin, http.MethodGet, "/apps/"+app+"/definitions/form/order/running", nil).refused(422, "http.parameter")
	})
	h.Run("a_preview_names_what_cannot_be_mapped", func(h *house) {
		got := h.call(admin, http.MethodPost, path+"/migration", m{}).ok()
		require.Equal(h, []any{false, 2.0}, []any{got.Body["possible"], got.Body["version"]})
		require.Equal(h, "/map/make", objects(got.Body["problems"])[0]["pointer"])
		h.call("plant", http.MethodPost, path+"/migration", m{}).refused(403, "access.forbidden")
	})
	h.Run("a_preview_changes_nothing_and_says_what_would_be_open", func(h *house) {
		before := h.view(admin, path).Text
		got := h.call(admin, http.MethodPost, path+"/migration", m{"version": 2, "map": m{"make": "produce"}}).ok()
		require.Equal(h, true, got.Body["possible"])
		tasks := objects(got.Body["tasks"])
		require.Equal(h, []any{"produce", true}, []any{tasks[0]["block"], tasks[0]["kept"]})
		require.Equal(h, before, h.view(admin, path).Text)
	})
	h.Run("a_record_goes_on_in_the_other_version_with_its_tasks", func(h *house) {
		task := h.taskOf("plant", path, "make")["id"]
		h.call("plant", http.MethodPost, path+"/commands", m{"command": "migrate"}).refused(403, "access.forbidden")
		h.call(admin, http.MethodPost, path+"/commands", m{"command": "migrate"}).refused(409, "engine.migrate")
		moved := h.call(admin, http.MethodPost, path+"/commands", m{"command": "migrate", "map": m{"make": "produce"}}).ok()
		require.Equal(h, []any{2.0}, []any{moved.Body["flowVersion"]})
		require.Equal(h, task, h.taskOf("plant", path, "produce")["id"])
		mine := h.call("plant", http.MethodGet, "/tasks", nil).ok().items()
		require.Equal(h, "produce", mine[0]["block"])
		require.Equal(h, []m{{"version": 2.0, "records": 1.0}}, h.view(admin, running).items())
		h.do("plant", path, "produce", "complete", nil).ok()
	})
}

func TestWebhook(t *testing.T) {
	var asked []*http.Request
	status := http.StatusBadGateway
	peer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"number":"E-7"}`)
	}))
	t.Cleanup(peer.Close)
	h := openHouse(t, monday)
	for _, d := range [][3]string{
		{"form", "bill", `{"kind":"form","key":"bill","title":{"zh-CN":"账单","en":"Bill"},"schema":{"type":"object","properties":{
			"name":{"x-field":"text","x-title":{"zh-CN":"名称","en":"Name"}},"number":{"x-field":"text","x-title":{"zh-CN":"编号","en":"Number"}}}}}`},
		{"flow", "billing", `{"kind":"flow","key":"billing","title":{"zh-CN":"开票","en":"Billing"},"form":"bill","blocks":[
			{"id":"erp","type":"webhook","title":{"zh-CN":"写入ERP","en":"Into the ERP"},"await":true,"call":{"url":"` + peer.URL + `/bills/{name}"},"set":{"number":"answer.body.number"},
				"failed":[{"id":"byHand","type":"end","outcome":"byHand","label":{"zh-CN":"手工录入","en":"By hand"}}]}]}`},
	} {
		h.call("appAdmin", http.MethodPut, "/apps/"+app+"/definitions/"+d[0]+"/"+d[1], d[2]).ok()
		h.publish(d[0], d[1]).ok()
	}
	bill := func() string {
		return forms + "bill/records/" + h.create("appAdmin", "bill", m{"name": "a/b"}).ok().id()
	}

	h.Run("a_call_that_fails_is_made_again_under_the_same_key_and_its_answer_fills_fields", func(h *house) {
		id := bill()
		h.settle()
		require.Len(h, asked, 1)
		status = http.StatusCreated
		h.advance(h.clock.Now().Add(2 * time.Second))
		require.Len(h, asked, 2)
		require.Equal(h, "/bills/a%2Fb", asked[1].URL.EscapedPath())
		require.Equal(h, asked[0].Header.Get("Idempotency-Key"), asked[1].Header.Get("Idempotency-Key"))
		require.Equal(h, "E-7", h.view("appAdmin", id).data()["number"])
	})
	h.Run("one_that_is_refused_takes_the_way_of_a_failure", func(h *house) {
		status = http.StatusUnprocessableEntity
		id := bill()
		h.settle()
		require.Equal(h, "byHand", h.view("appAdmin", id).Body["outcome"])
	})
}
