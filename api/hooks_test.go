package api_test

import (
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/api"
	"github.com/stepwell/stepwell/internal/signature"
	"github.com/stepwell/stepwell/runtime/automation"
	"github.com/stepwell/stepwell/runtime/people/audit"
	"github.com/stepwell/stepwell/runtime/people/password"
	"github.com/stepwell/stepwell/runtime/queue"
)

// ring calls an address as another system does.
func (h *house) ring(url, body string, headers ...string) answer {
	h.Helper()
	r := h.request("", http.MethodPost, url[strings.Index(url, "/api/"):], body, headers...)
	r.Header.Del("X-Stepwell")
	return h.send(r)
}

func TestAutomationHook(t *testing.T) {
	h := openShelf(t)
	automations := "/apps/" + app + "/automations"
	const then = `"blocks":[{"id":"mark","type":"update","title":{"zh-CN":"标记","en":"Mark"},"set":{"mark":"'from outside'"}}]`
	h.automate("arrived", `"trigger":{"on":"webhook","map":{"code":"/parcel/code","weight":"/parcel/lines/0/weight","reply":"/say~1so"},"match":["code"]},`+then)
	url := h.call("appAdmin", http.MethodPost, automations+"/arrived/hook", nil).ok().Body["url"].(string)

	h.Run("a_call_makes_a_record_and_a_later_one_finds_it", func(h *house) {
		run := h.ring(url, `{"parcel":{"code":"P-1","lines":[{"weight":"12.5"}]},"say/so":7,"more":[[[]]]}`).ok()
		require.Equal(h, http.StatusAccepted, run.Status)
		h.settle()
		items := h.list("appAdmin", "parcel").ok().items()
		require.Len(h, items, 1)
		path := parcels + "/" + items[0]["id"].(string)
		require.Equal(h, m{"code": "P-1", "weight": 12.5, "twice": 25.0, "reply": "7", "mark": "from outside"}, h.view("appAdmin", path).data())
		h.ring(url, `{"parcel":{"code":"P-1","lines":[{"weight":3}]}}`).ok()
		h.settle()
		require.Len(h, h.list("appAdmin", "parcel").ok().items(), 1)
		require.EqualValues(h, 3, h.view("appAdmin", path).data()["weight"])
		require.Equal(h, "7", h.view("appAdmin", path).data()["reply"], "what does not come stays")
	})
	h.Run("with_the_same_key_it_is_taken_once", func(h *house) {
		h.automate("once", `"trigger":{"on":"webhook","map":{"code":"/code"}},`+then)
		once := h.call("appAdmin", http.MethodPost, automations+"/once/hook", nil).ok().Body["url"].(string)
		first := h.ring(once, `{"code":"Q"}`, "Idempotency-Key", "k1").ok()
		again := h.ring(once, `{"code":"Q"}`, "Idempotency-Key", "k1").ok()
		require.Equal(h, first.Body["run"], again.Body["run"])
		h.ring(once, `{"code":"Q"}`, "Idempotency-Key", "k2").ok()
		require.Len(h, h.runs("once"), 2)
	})
	h.Run("hostile_bodies_are_refused_and_change_nothing", func(h *house) {
		before := len(h.list("appAdmin", "parcel").ok().items())
		for _, body := range []string{"", "null", "7", `"x"`, "{", `{"parcel":`, strings.Repeat("[", 40) + strings.Repeat("]", 40), strings.Repeat(`{"a":`, 20000)} {
			require.Equal(h, http.StatusUnprocessableEntity, h.ring(url, body).Status, body[:min(len(body), 20)])
		}
		require.Equal(h, http.StatusRequestEntityTooLarge, h.ring(url, `{"parcel":{"code":"`+strings.Repeat("x", automation.MostBody)+`"}}`).Status)
		wrong := h.ring(url, `{"parcel":{"code":{"$ne":null},"lines":[{"weight":"heavy"}]}}`)
		require.Equal(h, http.StatusUnprocessableEntity, wrong.Status)
		require.Contains(h, wrong.problems(), "/data/weight")
		require.Len(h, h.list("appAdmin", "parcel").ok().items(), before)
	})
	h.Run("a_stranger_learns_nothing", func(h *house) {
		for _, path := range []string{"arrived/wrong", "nothing/wrong", "heavy/" + url[strings.LastIndex(url, "/")+1:]} {
			h.ring("/api/v1/hooks/"+app+"/"+path, `{}`).refused(http.StatusNotFound, "hook.notFound")
		}
		h.call("appAdmin", http.MethodPost, automations+"/arrived/pause", nil).ok()
		h.ring(url, `{}`).refused(http.StatusNotFound, "hook.notFound")
		h.call("appAdmin", http.MethodPost, automations+"/arrived/resume", nil).ok()
		fresh := h.call("appAdmin", http.MethodPost, automations+"/arrived/hook", nil).ok().Body["url"].(string)
		h.ring(url, `{"parcel":{"code":"P-1"}}`).refused(http.StatusNotFound, "hook.notFound")
		h.ring(fresh, `{"parcel":{"code":"P-1"}}`).ok()
	})
	h.Run("one_that_names_a_secret_takes_signed_calls_only", func(h *house) {
		require.NoError(h, h.product.Secrets.Set(h.Context(), audit.Actor{}, app, "bank", "hunter2"))
		h.automate("signed", `"trigger":{"on":"webhook","secret":"bank","map":{"code":"/code"}},`+then)
		signed := h.call("appAdmin", http.MethodPost, automations+"/signed/hook", nil).ok().Body["url"].(string)
		h.ring(signed, `{"code":"S"}`).refused(http.StatusUnauthorized, "signature.missing")
		header := http.Header{}
		signature.Put(header, "hunter2", h.clock.Now(), []byte(`{"code":"S"}`))
		stamp, sign := header.Get(signature.TimestampHeader), header.Get(signature.Header)
		h.ring(signed, `{"code":"S"}`, signature.TimestampHeader, stamp, signature.Header, sign).ok()
		h.ring(signed, `{"code":"T"}`, signature.TimestampHeader, stamp, signature.Header, sign).refused(http.StatusUnauthorized, "signature.wrong")
		h.clock.Set(h.clock.Now().Add(6 * time.Minute))
		h.ring(signed, `{"code":"S"}`, signature.TimestampHeader, stamp, signature.Header, sign).refused(http.StatusUnauthorized, "signature.old")
	})
}

func TestAutomationButton(t *testing.T) {
	h := openShelf(t)
	h.automate("weigh", `"trigger":{"on":"button","label":{"zh-CN":"称重","en":"Weigh"},"roles":["admin"]},"when":"form.weight > 0","blocks":[
		{"id":"big","type":"branch","title":{"zh-CN":"大","en":"Big"},"cases":[{"id":"yes","when":"form.weight > 10","blocks":[
			{"id":"mark","type":"update","title":{"zh-CN":"标记","en":"Mark"},"set":{"mark":"'by ' + user.name"}}]}]},
		{"id":"day","type":"wait","title":{"zh-CN":"一天","en":"A day"},"until":{"after":1,"unit":"days"}},
		{"id":"note","type":"create","title":{"zh-CN":"便签","en":"Note"},"form":"note","set":{"what":"form.mark"}}]`)
	path := h.parcel(m{"code": "A", "weight": 20})
	light := h.parcel(m{"code": "B"})
	buttons := func(who, path string) []m { return h.call(who, http.MethodGet, path+"/automations", nil).ok().items() }

	h.Run("a_rehearsal_shows_every_step_and_writes_nothing", func(h *house) {
		id := strings.TrimPrefix(path, parcels+"/")
		seen := h.call("appAdmin", http.MethodPost, "/apps/"+app+"/automations/weigh/rehearsal", m{"record": id}).ok().Body
		var kinds []any
		for _, s := range objects(seen["steps"]) {
			kinds = append(kinds, s["kind"])
		}
		require.Equal(h, []any{"way", "save", "wait", "create", "end"}, kinds)
		require.Equal(h, "by appAdmin", objects(seen["steps"])[1]["set"].(m)["mark"])
		require.Equal(h, "by appAdmin", objects(seen["steps"])[3]["data"].(m)["what"], "later steps see what earlier ones would have done")
		h.settle()
		require.Empty(h, h.view("appAdmin", path).data()["mark"])
		require.Empty(h, h.runs("weigh"))
		seen = h.call("appAdmin", http.MethodPost, "/apps/"+app+"/automations/weigh/rehearsal", m{"record": strings.TrimPrefix(light, parcels+"/")}).ok().Body
		require.Equal(h, false, seen["holds"])
	})
	h.Run("it_stands_where_its_condition_holds_for_those_who_may", func(h *house) {
		require.Equal(h, []m{{"key": "weigh", "label": m{"zh-CN": "称重", "en": "Weigh"}}}, buttons("appAdmin", path))
		require.Empty(h, buttons("appAdmin", light))
		h.call("appAdmin", http.MethodPost, light+"/automations/weigh", nil).refused(http.StatusConflict, "automation.button")
	})
	h.Run("pressing_it_twice_with_one_key_is_pressing_it_once", func(h *house) {
		first := h.call("appAdmin", http.MethodPost, path+"/automations/weigh", nil, "Idempotency-Key", "p1").ok()
		again := h.call("appAdmin", http.MethodPost, path+"/automations/weigh", nil, "Idempotency-Key", "p1").ok()
		require.Equal(h, first.Body["run"], again.Body["run"])
		h.settle()
		require.Len(h, h.runs("weigh"), 1)
		require.Equal(h, "by appAdmin", h.view("appAdmin", path).data()["mark"])
		log := h.call("appAdmin", http.MethodGet, path+"/actions", nil).ok().items()
		require.Equal(h, "weigh", log[0]["automation"].(m)["key"])
	})
	h.Run("a_run_that_waits_can_be_called_off", func(h *house) {
		run := h.runs("weigh")[0]
		shown := h.call("appAdmin", http.MethodGet, "/apps/"+app+"/runs/"+run.ID, nil).ok().Body
		require.Equal(h, []any{"pending", "appAdmin"}, []any{shown["state"], shown["byName"]})
		h.call("appAdmin", http.MethodPost, "/apps/"+app+"/runs/"+run.ID+"/cancel", nil).ok()
		h.advance(h.clock.Now().Add(48 * time.Hour))
		require.Equal(h, automation.Stopped, h.runs("weigh")[0].State)
		require.Empty(h, h.list("appAdmin", "note").ok().items())
		h.call("appAdmin", http.MethodPost, "/apps/"+app+"/runs/"+run.ID+"/cancel", nil).refused(http.StatusConflict, "automation.notNow")
	})
}

func TestAutomationServers(t *testing.T) {
	h := openShelf(t)
	h.automate("note", `"trigger":{"on":"created"},"blocks":[
		{"id":"write","type":"create","title":{"zh-CN":"便签","en":"Note"},"form":"note","set":{"what":"form.code"}},
		{"id":"mark","type":"update","title":{"zh-CN":"标记","en":"Mark"},"set":{"weight":"form.weight + 1"}}]`)
	second, err := api.Open(h.Context(), api.Options{
		Store: h.product.Store, Clock: h.clock, Config: h.product.Config, Log: slog.New(slog.DiscardHandler), Zone: shanghai,
		Cost: password.Cost{Memory: 64, Passes: 1, Threads: 1},
	})
	require.NoError(t, err)
	h.Run("two_servers_do_every_run_once_between_them", func(h *house) {
		var paths []string
		for range 12 {
			paths = append(paths, h.parcel(m{"code": "A", "weight": 1}))
		}
		var work sync.WaitGroup
		for _, p := range []*api.Product{h.product, second} {
			work.Go(func() {
				if err := p.Automations.Drain(h.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		work.Wait()
		h.settle()
		for _, path := range paths {
			require.EqualValues(h, 2, h.view("appAdmin", path).data()["weight"])
		}
		require.Len(h, h.list("appAdmin", "note").ok().items(), 12)
		require.Len(h, h.runs("note"), 12)
	})
	h.Run("what_a_server_has_begun_that_is_gone_another_one_ends", func(h *house) {
		path := h.parcel(m{"code": "B", "weight": 5})
		run := h.runs("note")[0]
		// The dead server had claimed it, and nothing more.
		_, err := h.product.Store.FindAndUpdate(h.Context(), automation.RunCollection, m{"_id": run.ID}, nil, storeUpdate(m{
			"leaseBy": "dead", "readyAt": "2026-03-02T01:02:00.000Z",
		}), false)
		require.NoError(h, err)
		require.NoError(h, second.Automations.Drain(h.Context()))
		require.Equal(h, queue.Pending, h.runs("note")[0].State, "its lease still runs")
		h.advance(h.clock.Now().Add(3 * time.Minute))
		require.EqualValues(h, 6, h.view("appAdmin", path).data()["weight"])
	})
}
