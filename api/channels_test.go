package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/people/audit"
	"github.com/stepwell/stepwell/runtime/queue"
	"github.com/stepwell/stepwell/runtime/secrets"
)

const corpSecret = "hunter2-hunter2"

// wecomPeer is WeCom on loopback; it takes messages for members whose ids begin with "wx".
type wecomPeer struct {
	mu   sync.Mutex
	url  string
	sent []m
	down bool
}

func openWeCom(t *testing.T) *wecomPeer {
	t.Helper()
	p := &wecomPeer{}
	server := httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

func (p *wecomPeer) serve(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	switch {
	case err != nil || p.down:
		w.WriteHeader(http.StatusBadGateway)
	case r.URL.Path == "/cgi-bin/gettoken" && r.URL.Query().Get("corpsecret") != corpSecret:
		_, _ = io.WriteString(w, `{"errcode":40001,"errmsg":"invalid credential"}`)
	case r.URL.Path == "/cgi-bin/gettoken":
		_, _ = io.WriteString(w, `{"errcode":0,"access_token":"t","expires_in":7200}`)
	default:
		var got m
		if json.Unmarshal(body, &got) != nil || !strings.HasPrefix(got["touser"].(string), "wx") {
			_, _ = io.WriteString(w, `{"errcode":0,"errmsg":"ok","invaliduser":"`+strings.ToLower(got["touser"].(string))+`"}`)
			return
		}
		p.sent = append(p.sent, got)
		_, _ = io.WriteString(w, `{"errcode":0,"errmsg":"ok","msgid":"m1"}`)
	}
}

func (p *wecomPeer) texts() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := []string{}
	for _, one := range p.sent {
		out = append(out, one["touser"].(string)+" "+one["text"].(m)["content"].(string))
	}
	return out
}

const wecomPath = "/apps/" + app + "/definitions/channel/wecom"

// setUpWeCom publishes the app's WeCom channel for a peer and sets its secret.
func (h *house) setUpWeCom(p *wecomPeer, secret string) {
	h.Helper()
	got := h.call("platformAdmin", http.MethodGet, wecomPath, nil).ok()
	got.Body["wecom"] = m{"corpId": "ww1", "agentId": 1000002, "appSecret": "wecom.appSecret", "baseUrl": p.url}
	saved := h.call("platformAdmin", http.MethodPut, wecomPath, got.Body, "If-Match", got.etag()).ok()
	h.call("platformAdmin", http.MethodPost, wecomPath+"/publish", m{}, "If-Match", saved.etag()).ok()
	h.call("platformAdmin", http.MethodPut, "/apps/"+app+"/secrets/wecom.appSecret", m{"value": secret}).ok()
}

// channel is the report of one channel.
func (h *house) channel(id string) m {
	h.Helper()
	for _, one := range h.call("platformAdmin", http.MethodGet, "/admin/channels", nil).ok().items() {
		if one["id"] == id {
			return one
		}
	}
	require.Fail(h, "no such channel", id)
	return nil
}

const wecomLine = app + ".wecom"

func (h *house) drain() {
	h.Helper()
	require.NoError(h, h.product.Notices.Drain(h.Context()))
}

// TestOverdueByWeCom plays what happens to the third step when its deadline passes: nothing of it is in Go.
func TestOverdueByWeCom(t *testing.T) {
	h := openHouse(t, time.Date(2026, 9, 29, 10, 0, 0, 0, shanghai))
	due := time.Date(2026, 10, 12, 17, 0, 0, 0, shanghai)
	h.call("platformAdmin", http.MethodPatch, "/users/"+h.ids["rep"], m{"wecom": "wxRep"}).ok()
	d := h.sampleStage("rep")
	peer := openWeCom(t)

	h.Run("without_wecom_the_message_is_held_in_sight", func(h *house) {
		require.Equal(h, "notSetUp", h.channel(wecomLine)["state"])
		require.Equal(h, "尚未填写设置", h.channel(wecomLine)["why"])
		h.advance(due)
		require.EqualValues(h, 1, h.channel(wecomLine)["held"])
		letters := h.call("platformAdmin", http.MethodGet, "/admin/channels/"+wecomLine+"/letters", nil).ok().items()
		require.Len(h, letters, 1)
		require.Equal(h, []any{"held", "rep"}, []any{letters[0]["state"], letters[0]["userName"]})
		require.Contains(h, letters[0]["title"], "模具图纸逾期")
	})

	h.Run("set_up_by_form_it_reaches_the_rep_with_a_link_off_the_full_hour", func(h *house) {
		h.setUpWeCom(peer, corpSecret)
		require.Equal(h, "ready", h.channel(wecomLine)["state"])
		h.drain()
		require.Empty(h, peer.texts(), "at 17:00 everybody sends")
		h.advance(due.Add(3 * time.Minute))
		texts := peer.texts()
		require.Len(h, texts, 1)
		require.Contains(h, texts[0], "wxRep 模具图纸逾期：")
		require.Contains(h, texts[0], `<a href="http://stepwell.example/apps/`+app+"/opportunity/"+d.id)
		require.NotEmpty(h, h.channel(wecomLine)["lastSentAt"])
	})

	h.Run("the_manager_and_the_support_lead_get_mail_and_everybody_has_it_in_the_inbox", func(h *house) {
		for _, who := range []string{"areaManager", "supportLead"} {
			channels := map[string]queue.State{}
			for _, n := range h.notices(d, who) {
				if n.Cause == "overdue" {
					channels[n.Channel] = n.State
				}
			}
			require.Equal(h, map[string]queue.State{"email": notices.Held, "inApp": notices.Sent}, channels, who)
		}
	})

	h.Run("the_day_after_it_reminds_once_more", func(h *house) {
		h.advance(due.Add(26*time.Hour + 5*time.Minute))
		require.Len(h, peer.texts(), 2)
		require.Contains(h, peer.texts()[1], "模具图纸仍未提交")
	})
}

func TestSecrets(t *testing.T) {
	h := openHouse(t, monday)
	peer := openWeCom(t)
	h.setUpWeCom(peer, corpSecret)
	h.Run("it_can_be_written_and_not_read", func(h *house) {
		list := h.call("platformAdmin", http.MethodGet, "/apps/"+app+"/secrets", nil).ok()
		require.Equal(h, "wecom.appSecret", list.items()[0]["name"])
		require.Equal(h, http.StatusMethodNotAllowed, h.call("platformAdmin", http.MethodGet, "/apps/"+app+"/secrets/wecom.appSecret", nil).Status)
		for _, path := range []string{"/apps/" + app + "/secrets", wecomPath, wecomPath + "/versions/2", "/admin/channels", "/audit"} {
			require.NotContains(h, h.call("platformAdmin", http.MethodGet, path, nil).ok().Text, corpSecret, path)
		}
	})
	h.Run("nothing_that_is_stored_holds_it", func(h *house) {
		for _, collection := range []string{secrets.Collection, audit.Collection, "definitions", "definitionVersions", "idempotency"} {
			docs, err := h.product.Store.Find(h.Context(), collection, store.Query{})
			require.NoError(h, err)
			for _, doc := range docs {
				require.NotContains(h, string(doc), corpSecret, collection)
			}
		}
	})
	h.Run("a_definition_that_holds_a_secret_instead_of_its_name_cannot_be_published", func(h *house) {
		got := h.call("platformAdmin", http.MethodGet, wecomPath, nil).ok()
		got.Body["wecom"].(m)["appSecret"] = "it is, after all, secret!"
		h.call("platformAdmin", http.MethodPut, wecomPath, got.Body, "If-Match", got.etag()).ok()
		problems := h.call("platformAdmin", http.MethodPost, wecomPath+"/publish", m{}).problems()
		require.Equal(h, map[string]string{"/wecom/appSecret": "definition.pattern"}, problems)
	})
	h.Run("one_that_is_forgotten_takes_the_channel_out_of_use", func(h *house) {
		h.call("platformAdmin", http.MethodDelete, "/apps/"+app+"/secrets/wecom.appSecret", nil).ok()
		require.Equal(h, "密钥 wecom.appSecret 尚未设置。", h.channel(wecomLine)["why"])
	})
	h.Run("odd_names_and_values_are_refused", func(h *house) {
		h.call("platformAdmin", http.MethodPut, "/apps/"+app+"/secrets/wecom.appSecret", m{"value": ""}).refused(http.StatusUnprocessableEntity, "secrets.value")
		h.call("platformAdmin", http.MethodPut, "/apps/"+app+"/secrets/a%20b", m{"value": "x"}).refused(http.StatusUnprocessableEntity, "secrets.name")
	})
}

func TestChannelTest(t *testing.T) {
	h := openHouse(t, monday)
	peer := openWeCom(t)
	h.setUpWeCom(peer, "wrong")
	try := func(h *house, to string) m {
		h.Helper()
		body := m{}
		if to != "" {
			body["to"] = h.ids[to]
		}
		return h.call("platformAdmin", http.MethodPost, "/admin/channels/"+wecomLine+"/test", body).ok().Body
	}
	for _, who := range []string{"rep", "boss", "platformAdmin"} {
		h.call("platformAdmin", http.MethodPatch, "/users/"+h.ids[who], m{"wecom": map[string]string{"rep": "wxRep", "boss": "stranger", "platformAdmin": ""}[who]}).ok()
	}
	h.Run("a_wrong_secret_is_told_in_words", func(h *house) {
		got := try(h, "rep")
		require.Equal(h, "failed", got["outcome"])
		require.Equal(h, "企业微信拒绝了请求：应用的 Secret 不正确。代码 40001。", got["message"])
	})
	h.Run("mended_it_arrives", func(h *house) {
		h.call("platformAdmin", http.MethodPut, "/apps/"+app+"/secrets/wecom.appSecret", m{"value": corpSecret}).ok()
		got := try(h, "rep")
		require.Equal(h, []any{"sent", "m1"}, []any{got["outcome"], got["messageId"]})
		require.Equal(h, "已发送给 rep，对方已接受。", got["message"])
		require.Contains(h, peer.texts()[0], "测试消息")
	})
	h.Run("a_member_whom_wecom_does_not_know_and_one_without_contact_are_told_apart", func(h *house) {
		require.Contains(h, try(h, "boss")["message"], "应用对其不可见")
		require.Contains(h, try(h, "")["message"], "没有填写企业微信账号")
	})
	h.Run("a_peer_that_is_down_is_told_too", func(h *house) {
		peer.mu.Lock()
		peer.down = true
		peer.mu.Unlock()
		got := try(h, "rep")
		require.Equal(h, "failed", got["outcome"])
		require.Contains(h, got["message"], "HTTP 502")
	})
	h.Run("what_is_not_set_up_or_not_there_is_a_problem", func(h *house) {
		h.call("platformAdmin", http.MethodPost, "/admin/channels/email/test", m{}).refused(http.StatusNotFound, "notices.noLine")
		h.call("platformAdmin", http.MethodPost, "/admin/channels/fax/test", m{}).refused(http.StatusNotFound, "notices.noLine")
		h.call("platformAdmin", http.MethodPost, "/admin/channels/"+wecomLine+"/test", m{"to": "nobody"}).refused(http.StatusNotFound, "people.noUser")
	})
	h.Run("metrics_show_the_channel", func(h *house) {
		w := httptest.NewRecorder()
		h.server.ServeHTTP(w, httptest.NewRequestWithContext(h.Context(), http.MethodGet, "/metrics", nil))
		for _, want := range []string{
			`stepwell_channel_open{channel="` + wecomLine + `"} 0`, `stepwell_jobs{queue="notices/` + wecomLine + `",state="dead"} 0`, `stepwell_jobs{queue="notices",state="held"}`,
		} {
			require.Contains(h, w.Body.String(), want)
		}
	})
}

func TestNoContactOverTheAPI(t *testing.T) {
	h := openHouse(t, time.Date(2026, 9, 29, 10, 0, 0, 0, shanghai))
	peer := openWeCom(t)
	h.setUpWeCom(peer, corpSecret)
	h.sampleStage("rep")
	h.advance(time.Date(2026, 10, 12, 17, 10, 0, 0, shanghai))
	require.EqualValues(h, 1, h.channel(wecomLine)["noContact"])
	stuck := h.call("platformAdmin", http.MethodGet, "/admin/stuck", nil, "Accept-Language", "en").ok().items()
	var id string
	for _, one := range stuck {
		if one["state"] == "noContact" {
			id = one["id"].(string)
			require.Contains(h, one["error"], "the WeCom user id is missing")
		}
	}
	require.NotEmpty(h, id)
	h.call("platformAdmin", http.MethodPatch, "/users/"+h.ids["rep"], m{"wecom": "not a user id!"}).refused(http.StatusUnprocessableEntity, "people.invalid")
	h.call("platformAdmin", http.MethodPatch, "/users/"+h.ids["rep"], m{"wecom": "wxRep"}).ok()
	h.call("platformAdmin", http.MethodPost, "/admin/stuck/retry", m{"ids": []string{id}}).ok()
	h.drain()
	require.Len(h, peer.texts(), 1)
	require.EqualValues(h, 0, h.channel(wecomLine)["noContact"])
}

func TestPreview(t *testing.T) {
	h := openHouse(t, monday)
	d := h.start("rep")
	try := func(h *house, who string, body m) m {
		h.Helper()
		return h.call(who, http.MethodPost, "/apps/"+app+"/channels/preview", body).ok().Body
	}
	template := m{
		"title": m{"zh-CN": "请看 {code}", "en": "See {code}"},
		"text":  m{"zh-CN": "{customer.name}：{expectedAmount}，量产 {expectedSop}，{nonsense}", "en": "{customer.name}: {expectedAmount}, SOP {expectedSop}"},
	}
	body := func(channel, lang string) m {
		return m{"template": template, "channel": channel, "language": lang, "record": m{"form": "opportunity", "id": d.id}}
	}
	h.Run("it_is_filled_in_the_way_of_the_language", func(h *house) {
		zh := try(h, "appAdmin", body("wecom", "zh-CN"))
		require.Equal(h, "text", zh["rendered"].(m)["format"])
		require.Contains(h, zh["rendered"].(m)["body"], "¥800,000")
		require.Contains(h, zh["rendered"].(m)["body"], "量产 2027年6月1日，{nonsense}\n<a href=")
		require.Equal(h, []any{"nonsense"}, zh["unknown"])
		require.EqualValues(h, 2048, zh["rendered"].(m)["limit"])
		en := try(h, "appAdmin", body("email", "en"))["rendered"].(m)
		require.Contains(h, en["text"], "Tiger Seats")
		require.Contains(h, en["text"], "CNY 800,000")
		require.Contains(h, en["text"], "SOP 1 Jun 2027")
		require.Contains(h, en["body"], "<!doctype html>")
	})
	h.Run("without_a_record_the_places_stay", func(h *house) {
		got := try(h, "appAdmin", m{"template": template, "channel": "email", "language": "en"})
		require.Equal(h, "See {code}", got["rendered"].(m)["title"])
		got = try(h, "appAdmin", m{"channel": "wecom", "language": "en"})
		require.Contains(h, got["rendered"].(m)["body"], "To do: Some record · Some step")
	})
	h.Run("without_a_wording_it_is_the_usual_one", func(h *house) {
		got := try(h, "appAdmin", m{"channel": "email", "language": "zh-CN", "cause": "overdue", "record": m{"form": "opportunity", "id": d.id}})
		require.Contains(h, got["rendered"].(m)["title"], "已超时：")
	})
	h.Run("a_channel_or_record_that_is_not_there_is_a_problem", func(h *house) {
		h.call("appAdmin", http.MethodPost, "/apps/"+app+"/channels/preview", m{"channel": "fax"}).refused(http.StatusNotFound, "channel.notFound")
		h.call("appAdmin", http.MethodPost, "/apps/"+app+"/channels/preview", m{"channel": "email", "record": m{"form": "opportunity", "id": "none"}}).refused(http.StatusNotFound, "record.notFound")
	})
}

// TestCauses holds the description, the choices and the wordings together: the UI has a name for each cause described.
func TestCauses(t *testing.T) {
	h := openHouse(t, monday)
	described := h.spec().follow(m{"$ref": "#/components/schemas/NoticeCause"})["enum"]
	require.ElementsMatch(t, h.call("rep", http.MethodGet, "/me/notice-preferences", nil).ok().Body["causes"], described)
	got := h.call("platformAdmin", http.MethodGet, wecomPath, nil).ok()
	got.Body["urgent"] = described
	h.call("platformAdmin", http.MethodPut, wecomPath, got.Body, "If-Match", got.etag()).ok()
	require.Empty(t, h.call("platformAdmin", http.MethodPost, wecomPath+"/check", m{}).ok().Body["errors"], "each may be urgent")
}

func TestPreferencesOverTheAPI(t *testing.T) {
	h := openHouse(t, monday)
	h.Run("nothing_chosen_tells_everything", func(h *house) {
		got := h.call("rep", http.MethodGet, "/me/notice-preferences", nil).ok().Body
		require.Equal(h, m{}, got["choices"])
		require.Equal(h, "08:30", got["digestAt"])
		require.Contains(h, got["causes"], "overdue")
		channels := map[any]any{}
		for _, one := range objects(got["channels"]) {
			channels[one["key"]] = one["contact"]
		}
		require.Equal(h, map[any]any{"email": "rep@stepwell.example", "wecom": nil}, channels)
	})
	h.Run("choices_are_kept_and_obeyed", func(h *house) {
		choices := m{"task": m{"email": "off"}, "overdue": m{"wecom": "digest"}}
		quiet := m{"on": true, "from": "20:00", "to": "08:00", "freeDays": true}
		h.call("rep", http.MethodPut, "/me/notice-preferences", m{"choices": choices, "quiet": quiet, "digestAt": "07:45"}).ok()
		got := h.call("rep", http.MethodGet, "/me/notice-preferences", nil).ok().Body
		require.Equal(h, []any{choices, quiet, "07:45"}, []any{got["choices"], got["quiet"], got["digestAt"]})
		require.Equal(h, m{}, h.call("boss", http.MethodGet, "/me/notice-preferences", nil).ok().Body["choices"], "everybody has their own")
	})
	h.Run("odd_choices_are_refused_with_their_places", func(h *house) {
		got := h.call("rep", http.MethodPut, "/me/notice-preferences", m{"choices": m{"rain": m{}, "task": m{"fax": "on", "email": "maybe"}}, "digestAt": "noon"})
		got.refused(http.StatusUnprocessableEntity, "preference.invalid")
		require.Equal(h, map[string]string{
			"/choices/rain": "preference.cause", "/choices/task/fax": "preference.channel", "/choices/task/email": "preference.choice", "/digestAt": "preference.time",
		}, got.problems())
	})
}

// TestWithheld has a message that names a field which one of its readers may not see.
func TestWithheld(t *testing.T) {
	h := openHouse(t, monday)
	path := "/apps/" + app + "/definitions/flow/opportunityPipeline"
	got := h.call("platformAdmin", http.MethodGet, path, nil).ok()
	stage := got.Body["blocks"].([]any)[0].(m)
	stage["notify"] = []any{m{
		"to":   []any{m{"type": "owner"}, m{"type": "role", "role": "production"}},
		"text": m{"zh-CN": "预计金额 {expectedAmount}，客户 {customer.name}，额度 {customer.creditLimit}，归 {owner}，{stage}，{createdAt}", "en": "Amount {expectedAmount}, customer {customer.name}, limit {customer.creditLimit}"},
	}}
	h.call("platformAdmin", http.MethodPut, path, got.Body, "If-Match", got.etag()).ok()
	h.call("platformAdmin", http.MethodPost, path+"/publish", m{}).ok()
	d := h.start("rep")
	text := func(who string) string {
		for _, n := range h.notices(d, who) {
			if n.Cause == "entered" {
				return n.Text.In("zh-CN")
			}
		}
		return ""
	}
	require.NotContains(t, h.call("production", http.MethodGet, h.path(d), nil).ok().data(), "expectedAmount")
	require.Contains(t, text("rep"), "预计金额 ¥800,000")
	require.Contains(t, text("production"), "预计金额 —，客户 Tiger Seats")
	require.Contains(t, text("production"), "额度 —，归 rep，① 线索初筛，2026年3月2日 09:00")
}
