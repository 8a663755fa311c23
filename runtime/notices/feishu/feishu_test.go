package feishu_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/config/secret"
	"github.com/stepwell/stepwell/internal/egress"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/notices/chat"
	"github.com/stepwell/stepwell/runtime/notices/feishu"
	"github.com/stepwell/stepwell/runtime/notices/noticetest"
	"github.com/stepwell/stepwell/runtime/queue"
)

type m = map[string]any

const signKey = "demo"

// group is a Feishu group with a robot that demands signatures and checks the shape of every request.
func group(ck clock.Clock, got *[]m) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		var body m
		if err != nil || json.Unmarshal(raw, &body) != nil {
			noticetest.Reply(w, m{"code": 9499, "msg": "Bad Request"})
			return
		}
		stamp, _ := body["timestamp"].(string)
		at, err := strconv.ParseInt(stamp, 10, 64)
		switch {
		case r.Method != http.MethodPost || r.URL.Path != "/open-apis/bot/v2/hook/"+noticetest.Secret:
			noticetest.Reply(w, m{"code": 19001, "msg": "param invalid: incoming webhook access token invalid"})
		case err != nil || ck.Now().Sub(time.Unix(at, 0)).Abs() > time.Hour || body["sign"] != feishu.Sign(stamp, signKey):
			noticetest.Reply(w, m{"code": 19021, "msg": "sign match fail or timestamp is not within one hour from current time"})
		case body["msg_type"] != "post" || len(raw) > 20<<10 || len(paragraphs(body)) == 0:
			noticetest.Reply(w, m{"code": 19002, "msg": fmt.Sprint("params error: ", body)})
		default:
			*got = append(*got, body)
			noticetest.Reply(w, m{"code": 0, "msg": "success", "data": m{}, "StatusCode": 0, "StatusMessage": "success"})
		}
	}
}

// paragraphs are the parts of a post, each one's tag and text.
func paragraphs(body m) []string {
	var out []string
	for _, post := range body["content"].(m)["post"].(m) {
		for _, line := range post.(m)["content"].([]any) {
			for _, p := range line.([]any) {
				out = append(out, p.(m)["tag"].(string)+" "+p.(m)["text"].(string))
			}
		}
	}
	return out
}

func robot(t *testing.T, base, hook, sign string, client *egress.Client, ck clock.Clock) *feishu.Robot {
	t.Helper()
	r, err := feishu.New(chat.RobotConfig{Key: secret.New(hook), Sign: secret.New(sign), BaseURL: base, HTTP: client, Clock: ck})
	require.NoError(t, err)
	return r
}

func TestTrouble(t *testing.T) {
	var got []m
	noticetest.Trouble(t, func(t *testing.T, base string, client *egress.Client, ck clock.Clock) notices.Channel {
		t.Helper()
		return robot(t, base, noticetest.Secret, "", client, ck)
	}, func(w http.ResponseWriter, r *http.Request) {
		var body m
		if noticetest.Body(w, r, &body) {
			got = append(got, body)
			noticetest.Reply(w, m{"code": 0, "msg": "success"})
		}
	})
	require.NotContains(t, got[0], "sign", "a robot that demands no signature gets none")
}

func TestSign(t *testing.T) {
	// Made with openssl: time and secret are the key, and nothing is signed.
	require.Equal(t, "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=", feishu.Sign("1599360473", signKey))
}

func TestSend(t *testing.T) {
	ck := clock.NewManual(noticetest.Monday)
	msg := noticetest.Message()
	msg.To, msg.Group = notices.Person{}, []notices.Person{noticetest.Li(), {Name: "王芳"}}
	t.Run("a_post_with_text_names_and_a_link", func(t *testing.T) {
		var got []m
		_, err := robot(t, noticetest.Serve(t, group(ck, &got)), noticetest.Secret, signKey, noticetest.HTTP(), ck).Send(t.Context(), msg)
		require.NoError(t, err)
		require.Equal(t, []string{"text 「OP-7」没有按时完成。", "text 李明 王芳", "a 打开记录"}, paragraphs(got[0]))
		require.Equal(t, "已超时：OP-7", got[0]["content"].(m)["post"].(m)["zh_cn"].(m)["title"])
	})
	t.Run("a_value_stays_text", func(t *testing.T) {
		var got []m
		sly := msg
		sly.Text = `<at user_id="all">所有人</at> [x](http://evil.example) "}]]`
		_, err := robot(t, noticetest.Serve(t, group(ck, &got)), noticetest.Secret, signKey, noticetest.HTTP(), ck).Send(t.Context(), sly)
		require.NoError(t, err)
		require.Equal(t, "text "+sly.Text, paragraphs(got[0])[0])
	})
	t.Run("a_digest_links_each_record", func(t *testing.T) {
		var got []m
		digest := msg
		digest.Text, digest.Language = "", "en"
		digest.Items = []notices.Item{{Title: "OP-1", Red: true, Lines: []string{"Overdue"}, Link: "https://s.example/1"}, {Title: "OP-2", Lines: []string{"To do"}}}
		_, err := robot(t, noticetest.Serve(t, group(ck, &got)), noticetest.Secret, signKey, noticetest.HTTP(), ck).Send(t.Context(), digest)
		require.NoError(t, err)
		require.Equal(t, []string{"a ▲ OP-1", "text · Overdue", "text OP-2", "text · To do", "text 李明 王芳", "a Open the inbox"}, paragraphs(got[0]))
		require.Contains(t, got[0]["content"].(m)["post"], "en_us")
	})
	for name, c := range map[string]struct {
		hook, sign, says string
		late             time.Duration
	}{
		"a_wrong_secret":             {noticetest.Secret, "other", "签名密钥", 0},
		"a_missing_signature":        {noticetest.Secret, "", "签名密钥", 0},
		"a_clock_that_is_hours_late": {noticetest.Secret, signKey, "服务器时间", 2 * time.Hour},
		"a_robot_that_was_removed":   {"other", signKey, "可能已被移除", 0},
	} {
		t.Run(name+"_is_told_in_words", func(t *testing.T) {
			var got []m
			base := noticetest.Serve(t, group(clock.NewManual(ck.Now().Add(c.late)), &got))
			_, err := robot(t, base, c.hook, c.sign, noticetest.HTTP(), ck).Send(t.Context(), msg)
			require.True(t, fault.Has(err, notices.ErrPeer), err)
			require.False(t, queue.IsPermanent(err))
			require.Contains(t, notices.Words(err).In("zh-CN"), c.says)
			require.NotContains(t, err.Error(), noticetest.Secret)
			require.Empty(t, got)
		})
	}
	t.Run("at_a_full_hour_it_may_ask_to_wait", func(t *testing.T) {
		base := noticetest.Serve(t, func(w http.ResponseWriter, _ *http.Request) {
			noticetest.Reply(w, m{"code": 11232, "msg": "frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]"})
		})
		_, err := robot(t, base, noticetest.Secret, signKey, noticetest.HTTP(), ck).Send(t.Context(), msg)
		pause, busy := notices.Pause(err)
		require.True(t, busy, err)
		require.Equal(t, time.Minute, pause)
	})
}

func TestRender(t *testing.T) {
	t.Run("whatever_a_message_holds_it_fits_and_keeps_its_link", func(t *testing.T) {
		rapid.Check(t, func(rt *rapid.T) {
			msg := noticetest.Message()
			piece := rapid.SampledFrom([]string{"很长的说明", "\"\\\"<>&", "a", "\x01", "👨‍👩‍👧"})
			text := strings.Repeat(strings.Join(rapid.SliceOfN(piece, 1, 5).Draw(rt, "pieces"), ""), rapid.IntRange(0, 4000).Draw(rt, "times"))
			msg.Text = text
			msg.Group = []notices.Person{noticetest.Li()}
			for range rapid.IntRange(0, 300).Draw(rt, "items") {
				msg.Items = append(msg.Items, notices.Item{Title: "OP-1 刹车盘", Lines: []string{"待办"}, Link: "https://s.example/apps/sales/deal/1"})
			}
			put := feishu.Render(msg)
			require.LessOrEqual(rt, put.Bytes, put.Limit-300)
			require.Contains(rt, put.Body, "https://s.example/apps/sales/deal/r1?notice=")
			require.Contains(rt, put.Body, "李明")
			require.True(rt, json.Valid([]byte(put.Body)))
			if len(text) > 20<<10 {
				require.True(rt, put.Cut)
			}
		})
	})
	t.Run("a_short_one_is_whole", func(t *testing.T) {
		put := feishu.Render(noticetest.Message())
		require.False(t, put.Cut)
		require.Contains(t, put.Body, "「OP-7」没有按时完成。")
	})
}
