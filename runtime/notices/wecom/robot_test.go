package wecom_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/config/secret"
	"github.com/stepwell/stepwell/internal/egress"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/notices/noticetest"
	"github.com/stepwell/stepwell/runtime/notices/wecom"
	"github.com/stepwell/stepwell/schemas/channel"
)

// group is a WeCom group with a robot that checks the shape of every request.
func group(t *testing.T, got *[]m) http.HandlerFunc {
	t.Helper()
	return func(w http.ResponseWriter, r *http.Request) {
		var body m
		if !noticetest.Body(w, r, &body) {
			return
		}
		kind, _ := body["msgtype"].(string)
		content, _ := body[kind].(m)["content"].(string)
		limit := map[string]int{"text": 2048, "markdown": 4096}[kind]
		switch {
		case r.Method != http.MethodPost || r.URL.Path != "/cgi-bin/webhook/send":
			http.Error(w, "no such call", http.StatusNotFound)
		case r.URL.Query().Get("key") != noticetest.Secret:
			noticetest.Reply(w, m{"errcode": 93000, "errmsg": "invalid webhook url"})
		case content == "" || len(content) > limit:
			noticetest.Reply(w, m{"errcode": 40058, "errmsg": fmt.Sprint(body)})
		default:
			*got = append(*got, body)
			noticetest.Reply(w, m{"errcode": 0, "errmsg": "ok"})
		}
	}
}

func robot(t *testing.T, base, key string, format channel.Format) *wecom.Robot {
	t.Helper()
	r, err := wecom.NewRobot(wecom.RobotConfig{
		Key: secret.New(key), Format: format, BaseURL: base, HTTP: noticetest.HTTP(), Clock: clock.NewManual(noticetest.Monday),
	})
	require.NoError(t, err)
	return r
}

func TestRobotTrouble(t *testing.T) {
	var got []m
	noticetest.Trouble(t, func(t *testing.T, base string, client *egress.Client, ck clock.Clock) notices.Channel {
		t.Helper()
		r, err := wecom.NewRobot(wecom.RobotConfig{Key: secret.New(noticetest.Secret), BaseURL: base, HTTP: client, Clock: ck})
		require.NoError(t, err)
		return r
	}, group(t, &got))
}

func TestRobot(t *testing.T) {
	msg := noticetest.Message()
	msg.To, msg.Group = notices.Person{}, []notices.Person{noticetest.Li(), {ID: "u2", Name: "王*芳<@all>"}}
	t.Run("markdown_mentions_whom_it_can_and_names_the_others", func(t *testing.T) {
		var got []m
		_, err := robot(t, noticetest.Serve(t, group(t, &got)), noticetest.Secret, "").Send(t.Context(), msg)
		require.NoError(t, err)
		content := got[0]["markdown"].(m)["content"].(string)
		require.Contains(t, content, "**已超时：OP-7**\n\n「OP-7」没有按时完成。\n\n<@Li.Ming> 王＊芳＜＠all＞\n\n[打开记录](")
		require.Equal(t, 1, strings.Count(content, "<@"))
	})
	t.Run("text_mentions_beside_the_text", func(t *testing.T) {
		var got []m
		_, err := robot(t, noticetest.Serve(t, group(t, &got)), noticetest.Secret, channel.Text).Send(t.Context(), msg)
		require.NoError(t, err)
		require.Equal(t, []any{"Li.Ming"}, got[0]["text"].(m)["mentioned_list"])
		require.NotContains(t, got[0]["text"].(m)["content"], "<@")
	})
	t.Run("a_robot_that_was_removed_is_told_in_words", func(t *testing.T) {
		var got []m
		_, err := robot(t, noticetest.Serve(t, group(t, &got)), "other", "").Send(t.Context(), msg)
		require.True(t, fault.Has(err, notices.ErrPeer), err)
		require.Contains(t, notices.Words(err).In("zh-CN"), "可能已被移除")
		require.Empty(t, got)
	})
	t.Run("a_crowd_is_not_named_one_by_one", func(t *testing.T) {
		crowd := msg
		for range 500 {
			crowd.Group = append(crowd.Group, notices.Person{Name: strings.Repeat("很长的名字", 4), WeCom: ""})
		}
		put := wecom.RenderRobot(crowd, "")
		require.LessOrEqual(t, put.Bytes, put.Limit)
		require.Contains(t, put.Body, "…\n\n[打开记录]")
	})
}
