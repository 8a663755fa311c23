package wecom_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/config/secret"
	"github.com/stepwell/stepwell/internal/egress"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/notices/noticetest"
	"github.com/stepwell/stepwell/runtime/notices/wecom"
	"github.com/stepwell/stepwell/runtime/queue"
	"github.com/stepwell/stepwell/schemas/channel"
)

type m = map[string]any

// server is WeCom as its documentation describes it: it checks the shape of every request.
type server struct {
	mu      sync.Mutex
	tokens  int            // fetched so far; the last one is good
	life    int            // expires_in
	sent    []m            // messages taken
	answers []m            // to the next messages, before they are taken
	slow    chan struct{}  // holds back the answer to gettoken
	paths   map[string]int // calls
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	slow := s.slow
	if s.paths == nil {
		s.paths = map[string]int{}
	}
	s.paths[r.URL.Path]++
	s.mu.Unlock()
	if r.URL.Path == "/cgi-bin/gettoken" && slow != nil {
		<-slow
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch r.Method + " " + r.URL.Path {
	case "GET /cgi-bin/gettoken":
		s.token(w, r)
	case "POST /cgi-bin/message/send":
		s.message(w, r)
	default:
		http.Error(w, "no such call", http.StatusNotFound)
	}
}

func (s *server) token(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("corpid") != "ww1" || q.Get("corpsecret") != noticetest.Secret {
		noticetest.Reply(w, m{"errcode": 40001, "errmsg": "invalid credential, hint: [1700000000_1_abc], from ip: 192.0.2.1"})
		return
	}
	s.tokens++
	life := s.life
	if life == 0 {
		life = 7200
	}
	noticetest.Reply(w, m{"errcode": 0, "errmsg": "ok", "access_token": fmt.Sprint("token", s.tokens), "expires_in": life})
}

func (s *server) message(w http.ResponseWriter, r *http.Request) {
	var body m
	if !noticetest.Body(w, r, &body) {
		return
	}
	if r.URL.Query().Get("access_token") != fmt.Sprint("token", s.tokens) {
		noticetest.Reply(w, m{"errcode": 42001, "errmsg": "access_token expired, hint: [1700000000_1_abc]"})
		return
	}
	if len(s.answers) > 0 {
		next := s.answers[0]
		s.answers = s.answers[1:]
		noticetest.Reply(w, next)
		return
	}
	kind, _ := body["msgtype"].(string)
	content, _ := body[kind].(m)["content"].(string)
	limit := map[string]int{"text": 2048, "markdown": 4096}[kind]
	if body["agentid"] != 1000002.0 || body["touser"] != "Li.Ming" || content == "" || len(content) > limit ||
		body["enable_duplicate_check"] != 1.0 || body["duplicate_check_interval"] != 14400.0 || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		noticetest.Reply(w, m{"errcode": 40058, "errmsg": fmt.Sprint("bad request: ", body)})
		return
	}
	s.sent = append(s.sent, body)
	noticetest.Reply(w, m{"errcode": 0, "errmsg": "ok", "invaliduser": "", "msgid": fmt.Sprint("msg", len(s.sent))})
}

func open(t *testing.T, base string, client *egress.Client, ck clock.Clock) notices.Channel {
	t.Helper()
	return app(t, base, client, ck, "")
}

func app(t *testing.T, base string, client *egress.Client, ck clock.Clock, format channel.Format) *wecom.App {
	t.Helper()
	a, err := wecom.NewApp(wecom.Config{
		CorpID: "ww1", AgentID: 1000002, Secret: secret.New(noticetest.Secret), Format: format, BaseURL: base, HTTP: client, Clock: ck,
	})
	require.NoError(t, err)
	return a
}

// start is an application at a server of its own.
func start(t *testing.T, format channel.Format) (*server, *wecom.App, *clock.Manual) {
	t.Helper()
	s, ck := &server{}, clock.NewManual(noticetest.Monday)
	return s, app(t, noticetest.Serve(t, s.ServeHTTP), noticetest.HTTP(), ck, format), ck
}

func TestTrouble(t *testing.T) {
	noticetest.Trouble(t, open, (&server{}).ServeHTTP)
}

func TestSend(t *testing.T) {
	t.Run("as_text_with_a_link", func(t *testing.T) {
		s, a, _ := start(t, channel.Text)
		got, err := a.Send(t.Context(), noticetest.Message())
		require.NoError(t, err)
		require.Equal(t, "msg1", got.MessageID)
		content := s.sent[0]["text"].(m)["content"].(string)
		require.Regexp(t, `^已超时：OP-7\n「OP-7」没有按时完成。\n<a href="https://s\.example/apps/sales/deal/r1\?notice=[0-9a-f]{12}">打开记录</a>$`, content)
		require.Equal(t, "text", s.sent[0]["msgtype"])
		require.NotContains(t, s.sent[0], "markdown")
	})
	t.Run("as_markdown", func(t *testing.T) {
		s, a, _ := start(t, channel.Markdown)
		long := noticetest.Message()
		long.Text = strings.Repeat("很长的说明", 2000)
		_, err := a.Send(t.Context(), long)
		require.NoError(t, err)
		require.Contains(t, s.sent[0]["markdown"].(m)["content"], "…\n\n[打开记录](https://s.example/")
	})
	t.Run("a_repetition_is_the_same_to_the_byte_and_another_notice_is_not", func(t *testing.T) {
		s, a, _ := start(t, "")
		other := noticetest.Message()
		other.Key = "r1-13.0-u1-chat"
		for _, msg := range []notices.Message{noticetest.Message(), noticetest.Message(), other} {
			_, err := a.Send(t.Context(), msg)
			require.NoError(t, err)
		}
		require.Equal(t, s.sent[0], s.sent[1])
		require.NotEqual(t, s.sent[0], s.sent[2])
	})
	t.Run("who_has_no_account_is_not_reached", func(t *testing.T) {
		s, a, _ := start(t, "")
		msg := noticetest.Message()
		msg.To.WeCom = ""
		require.True(t, fault.Has(a.Reach(msg.To), notices.ErrNoContact))
		_, err := a.Send(t.Context(), msg)
		require.True(t, fault.Has(err, notices.ErrNoContact))
		require.Empty(t, s.paths)
	})
	for name, c := range map[string]struct {
		answer m
		want   *fault.Code
		says   string
	}{
		// WeCom lists in small letters whom it dropped, and calls that success.
		"success_that_dropped_the_member":     {m{"errcode": 0, "errmsg": "ok", "invaliduser": "someone|li.ming"}, notices.ErrNoContact, "应用对其不可见"},
		"success_without_a_licence":           {m{"errcode": 0, "errmsg": "ok", "unlicenseduser": "li.ming"}, notices.ErrNoContact, "许可"},
		"nobody_left_to_send_to":              {m{"errcode": 81013, "errmsg": "user & party & tag all invalid"}, notices.ErrNoContact, "没有这个账号"},
		"a_message_that_will_never_be_taken":  {m{"errcode": 45002, "errmsg": "content size out of limit"}, notices.ErrRefused, "内容过长"},
		"an_address_that_is_not_trusted":      {m{"errcode": 60020, "errmsg": "not allow to access from your ip"}, notices.ErrPeer, "可信 IP"},
		"too_many_messages":                   {m{"errcode": 45009, "errmsg": "reach max api daily quota limit"}, notices.ErrBusy, "60 秒"},
		"something_that_is_not_in_any_manual": {m{"errcode": 99999, "errmsg": "odd, hint: [1700000000_1_abc]"}, notices.ErrPeer, "odd。代码 99999"},
	} {
		t.Run(name, func(t *testing.T) {
			s, a, _ := start(t, "")
			s.answers = []m{c.answer}
			_, err := a.Send(t.Context(), noticetest.Message())
			require.True(t, fault.Has(err, c.want), err)
			require.Equal(t, c.want == notices.ErrRefused, queue.IsPermanent(err))
			require.Contains(t, notices.Words(err).In("zh-CN"), c.says)
			require.NotContains(t, notices.Words(err).In("zh-CN"), "hint")
		})
	}
	t.Run("a_page_instead_of_an_answer_is_no_success", func(t *testing.T) {
		base := noticetest.Serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>please sign in</html>") })
		_, err := app(t, base, noticetest.HTTP(), clock.NewManual(noticetest.Monday), "").Send(t.Context(), noticetest.Message())
		require.True(t, fault.Has(err, notices.ErrPeer), err)
	})
	t.Run("somebody_else_who_was_dropped_does_not_matter", func(t *testing.T) {
		s, a, _ := start(t, "")
		s.answers = []m{{"errcode": 0, "errmsg": "ok", "invaliduser": "li"}}
		_, err := a.Send(t.Context(), noticetest.Message())
		require.NoError(t, err)
	})
}

func TestToken(t *testing.T) {
	send := func(t *testing.T, a *wecom.App) {
		t.Helper()
		_, err := a.Send(t.Context(), noticetest.Message())
		require.NoError(t, err)
	}
	t.Run("it_is_fetched_once_and_renewed_before_it_ends", func(t *testing.T) {
		s, a, ck := start(t, "")
		for range 3 {
			send(t, a)
		}
		require.Equal(t, 1, s.tokens)
		ck.Advance(114 * time.Minute)
		send(t, a)
		require.Equal(t, 1, s.tokens)
		ck.Advance(2 * time.Minute)
		send(t, a)
		require.Equal(t, 2, s.tokens)
		require.Len(t, s.sent, 5)
	})
	t.Run("one_that_expires_mid_way_is_renewed_and_the_message_goes_once", func(t *testing.T) {
		s, a, _ := start(t, "")
		send(t, a)
		s.mu.Lock()
		s.tokens = 7 // another process has fetched newer ones
		s.mu.Unlock()
		send(t, a)
		require.Len(t, s.sent, 2)
		require.Equal(t, 8, s.tokens)
		require.Equal(t, 3, s.paths["/cgi-bin/message/send"])
	})
	t.Run("one_that_is_never_good_is_not_asked_for_without_end", func(t *testing.T) {
		s, a, _ := start(t, "")
		expired := m{"errcode": 42001, "errmsg": "access_token expired"}
		s.answers = []m{expired, expired, expired, expired}
		_, err := a.Send(t.Context(), noticetest.Message())
		require.True(t, fault.Has(err, notices.ErrPeer), err)
		require.Equal(t, 2, s.paths["/cgi-bin/message/send"])
	})
	t.Run("many_at_once_fetch_one", func(t *testing.T) {
		s, a, _ := start(t, "")
		s.slow = make(chan struct{})
		var work sync.WaitGroup
		for range 16 {
			work.Go(func() {
				if _, err := a.Send(t.Context(), noticetest.Message()); err != nil {
					t.Error(err)
				}
			})
		}
		close(s.slow)
		work.Wait()
		require.Equal(t, 1, s.tokens)
		require.Len(t, s.sent, 16)

		s.mu.Lock()
		s.tokens = 7
		s.mu.Unlock()
		for range 16 {
			work.Go(func() {
				if _, err := a.Send(t.Context(), noticetest.Message()); err != nil {
					t.Error(err)
				}
			})
		}
		work.Wait()
		require.Equal(t, 8, s.tokens, "also when it expires under all of them")
		require.Len(t, s.sent, 32)
	})
	t.Run("a_wrong_secret_is_told_in_words", func(t *testing.T) {
		s := &server{}
		a, err := wecom.NewApp(wecom.Config{
			CorpID: "ww2", Secret: secret.New(noticetest.Secret), BaseURL: noticetest.Serve(t, s.ServeHTTP), HTTP: noticetest.HTTP(), Clock: clock.NewManual(noticetest.Monday),
		})
		require.NoError(t, err)
		_, err = a.Send(t.Context(), noticetest.Message())
		require.True(t, fault.Has(err, notices.ErrPeer), err)
		require.Equal(t, "企业微信拒绝了请求：应用的 Secret 不正确。代码 40001。", notices.Words(err).In("zh-CN"))
		require.False(t, queue.IsPermanent(err), "once the secret is mended the message shall go")
	})
	t.Run("an_address_that_is_none_is_refused", func(t *testing.T) {
		_, err := wecom.NewApp(wecom.Config{BaseURL: "ftp://x"})
		require.True(t, fault.Has(err, egress.ErrAddress))
	})
}
