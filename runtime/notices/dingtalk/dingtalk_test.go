package dingtalk_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/config/secret"
	"github.com/stepwell/stepwell/internal/egress"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/notices/chat"
	"github.com/stepwell/stepwell/runtime/notices/dingtalk"
	"github.com/stepwell/stepwell/runtime/notices/noticetest"
	"github.com/stepwell/stepwell/runtime/queue"
)

type m = map[string]any

const signKey = "SECdemo"

// group is a DingTalk group with a robot that demands signatures and checks the shape of every request.
func group(ck clock.Clock, got *[]m) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var body m
		if !noticetest.Body(w, r, &body) {
			return
		}
		q := r.URL.Query()
		stamp, err := strconv.ParseInt(q.Get("timestamp"), 10, 64)
		away := ck.Now().Sub(time.UnixMilli(stamp)).Abs()
		markdown, _ := body["markdown"].(m)
		text, _ := markdown["text"].(string)
		switch {
		case r.Method != http.MethodPost || r.URL.Path != "/robot/send":
			http.Error(w, "no such call", http.StatusNotFound)
		case q.Get("access_token") != noticetest.Secret:
			noticetest.Reply(w, m{"errcode": 300005, "errmsg": "token is not exist"})
		case err != nil || away > time.Hour || q.Get("sign") != dingtalk.Sign(q.Get("timestamp"), signKey):
			noticetest.Reply(w, m{"errcode": 310000, "errmsg": "sign not match"})
		case body["msgtype"] != "markdown" || markdown["title"] == "" || text == "" || body["at"].(m)["isAtAll"] != false:
			noticetest.Reply(w, m{"errcode": 400105, "errmsg": fmt.Sprint(body)})
		default:
			*got = append(*got, body)
			noticetest.Reply(w, m{"errcode": 0, "errmsg": "ok"})
		}
	}
}

func robot(t *testing.T, base, token, sign string, client *egress.Client, ck clock.Clock) *dingtalk.Robot {
	t.Helper()
	r, err := dingtalk.New(chat.RobotConfig{Key: secret.New(token), Sign: secret.New(sign), BaseURL: base, HTTP: client, Clock: ck})
	require.NoError(t, err)
	return r
}

func TestTrouble(t *testing.T) {
	var got []m
	noticetest.Trouble(t, func(t *testing.T, base string, client *egress.Client, ck clock.Clock) notices.Channel {
		t.Helper()
		return robot(t, base, noticetest.Secret, signKey, client, ck)
	}, func(w http.ResponseWriter, r *http.Request) {
		group(clock.NewManual(noticetest.Monday), &got)(w, r)
	})
}

func TestSign(t *testing.T) {
	// Made with openssl: the secret is the key, and time and secret are what is signed.
	require.Equal(t, "sLRlUUvzoOXn5DR/+o+s6tOqX+bWe3JGaZ7JQ7844l8=", dingtalk.Sign("1577262236757", signKey))
}

func TestSend(t *testing.T) {
	ck := clock.NewManual(noticetest.Monday)
	msg := noticetest.Message()
	msg.To, msg.Group = notices.Person{}, []notices.Person{noticetest.Li(), {Name: "王芳 @13900000000", Phone: "010-12345678"}}
	t.Run("it_mentions_by_mobile_in_the_text_and_beside_it", func(t *testing.T) {
		var got []m
		_, err := robot(t, noticetest.Serve(t, group(ck, &got)), noticetest.Secret, signKey, noticetest.HTTP(), ck).Send(t.Context(), msg)
		require.NoError(t, err)
		require.Equal(t, []any{"13800000001"}, got[0]["at"].(m)["atMobiles"])
		text := got[0]["markdown"].(m)["text"].(string)
		require.Contains(t, text, "**已超时：OP-7**\n\n「OP-7」没有按时完成。\n\n@13800000001 王芳 ＠13900000000\n\n[打开记录](https://s.example/")
		require.Equal(t, "已超时：OP-7", got[0]["markdown"].(m)["title"])
	})
	t.Run("a_value_mentions_nobody", func(t *testing.T) {
		var got []m
		sly := msg
		sly.Text = "@all @13800000001 [x](http://evil.example)"
		_, err := robot(t, noticetest.Serve(t, group(ck, &got)), noticetest.Secret, signKey, noticetest.HTTP(), ck).Send(t.Context(), sly)
		require.NoError(t, err)
		text := got[0]["markdown"].(m)["text"].(string)
		require.Equal(t, 1, strings.Count(text, "@"), text)
		require.Equal(t, 1, strings.Count(text, "]("), text)
	})
	for name, c := range map[string]struct {
		token, sign, says string
		late              time.Duration
	}{
		"a_wrong_secret":             {noticetest.Secret, "other", "加签密钥", 0},
		"a_missing_signature":        {noticetest.Secret, "", "加签密钥", 0},
		"a_clock_that_is_hours_late": {noticetest.Secret, signKey, "加签密钥", 2 * time.Hour},
		"a_robot_that_was_removed":   {"other", signKey, "可能已被移除", 0},
	} {
		t.Run(name+"_is_told_in_words", func(t *testing.T) {
			var got []m
			base := noticetest.Serve(t, group(clock.NewManual(ck.Now().Add(c.late)), &got))
			_, err := robot(t, base, c.token, c.sign, noticetest.HTTP(), ck).Send(t.Context(), msg)
			require.True(t, fault.Has(err, notices.ErrPeer), err)
			require.False(t, queue.IsPermanent(err))
			require.Contains(t, notices.Words(err).In("zh-CN"), c.says)
			require.NotContains(t, err.Error(), noticetest.Secret)
			require.Empty(t, got)
		})
	}
	t.Run("shut_out_for_sending_too_fast_it_waits_ten_minutes", func(t *testing.T) {
		base := noticetest.Serve(t, func(w http.ResponseWriter, _ *http.Request) {
			noticetest.Reply(w, m{"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"})
		})
		_, err := robot(t, base, noticetest.Secret, signKey, noticetest.HTTP(), ck).Send(t.Context(), msg)
		pause, busy := notices.Pause(err)
		require.True(t, busy, err)
		require.Equal(t, 10*time.Minute, pause)
	})
	t.Run("words_that_are_not_allowed_are_refused_for_good", func(t *testing.T) {
		base := noticetest.Serve(t, func(w http.ResponseWriter, _ *http.Request) {
			noticetest.Reply(w, m{"errcode": 430102, "errmsg": "bad text"})
		})
		_, err := robot(t, base, noticetest.Secret, signKey, noticetest.HTTP(), ck).Send(t.Context(), msg)
		require.True(t, queue.IsPermanent(err), err)
	})
}

func TestMobile(t *testing.T) {
	for phone, want := range map[string]string{
		"13800000001": "13800000001", "+86 138-0000-0001": "13800000001", "86 13800000001": "13800000001", "(138) 00000001": "13800000001",
		"+852-12345678": "+852-12345678", "+85212345678": "", "010-12345678": "", "": "", "not a number": "",
	} {
		require.Equal(t, want, dingtalk.Mobile(phone), phone)
	}
}

func TestRender(t *testing.T) {
	msg := noticetest.Message()
	msg.Text = strings.Repeat("很长的说明", 5000)
	put := dingtalk.Render(msg)
	require.True(t, put.Cut)
	require.LessOrEqual(t, put.Bytes, put.Limit)
	require.Contains(t, put.Body, "…\n\n[打开记录](")
}
