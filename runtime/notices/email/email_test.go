package email_test

import (
	"context"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/egress"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/notices/email"
	"github.com/stepwell/stepwell/runtime/notices/noticetest"
	"github.com/stepwell/stepwell/runtime/queue"
)

func message() notices.Message {
	return notices.Message{
		Key:      "r1-12.0-u1-email",
		To:       notices.Person{ID: "u1", Name: "李强", Email: "li.qiang@example.com", Language: "zh-CN"},
		Language: "zh-CN", Thread: "sales/opportunity/r1",
		Title: "待办：OP-7 <刹车盘>\r\nBcc: evil@example.com",
		Text:  "「OP-7 <刹车盘>」需要您处理。\n请在 2026-03-06 17:00 前完成。",
		Link:  "https://stepwell.example.com/r/r1?a=1&b=2",
		At:    time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC),
	}
}

func channel(t *testing.T, s *server, change ...func(*email.Config)) *email.Channel {
	t.Helper()
	c := email.Config{
		Host: "127.0.0.1", Port: s.addr.Port, Mode: email.None, TLS: s.tls, Timeout: 5 * time.Second,
		From: mail.Address{Name: "升阶", Address: "stepwell@example.com"},
	}
	for _, f := range change {
		f(&c)
	}
	ch, err := email.New(c)
	require.NoError(t, err)
	return ch
}

func TestSend(t *testing.T) {
	t.Run("a_message_arrives_as_it_should_look", func(t *testing.T) {
		s := start(t, plain)
		receipt, err := channel(t, s, func(c *email.Config) {
			c.ReplyTo = &mail.Address{Name: "服务台", Address: "desk@example.com"}
		}).Send(t.Context(), message())
		require.NoError(t, err)
		require.Len(t, s.messages(), 1)
		m := s.messages()[0]

		require.Equal(t, "<"+receipt.MessageID+">", m.Header.Get("Message-ID"))
		require.Equal(t, "待办：OP-7 <刹车盘> Bcc: evil@example.com", decoded(t, m.Header.Get("Subject")))
		require.Empty(t, m.Header.Get("Bcc"))
		require.Equal(t, []*mail.Address{{Name: "升阶", Address: "stepwell@example.com"}}, addresses(t, m, "From"))
		require.Equal(t, []*mail.Address{{Name: "李强", Address: "li.qiang@example.com"}}, addresses(t, m, "To"))
		require.Equal(t, []*mail.Address{{Name: "服务台", Address: "desk@example.com"}}, addresses(t, m, "Reply-To"))
		require.Equal(t, "auto-generated", m.Header.Get("Auto-Submitted"))
		date, err := m.Header.Date()
		require.NoError(t, err)
		require.True(t, date.Equal(message().At))

		parts := bodies(t, m)
		require.Equal(t, "待办：OP-7 <刹车盘>\r\nBcc: evil@example.com\n\n「OP-7 <刹车盘>」需要您处理。\n请在 2026-03-06 17:00 前完成。\n\n"+
			"打开记录: https://stepwell.example.com/r/r1?a=1&b=2\n\n-- \n这封邮件由 Stepwell 自动发送。\n", parts["text/plain"])
		html := parts["text/html"]
		require.Contains(t, html, `<html lang="zh-CN">`)
		require.Contains(t, html, "「OP-7 &lt;刹车盘&gt;」需要您处理。</p>")
		require.Contains(t, html, `href="https://stepwell.example.com/r/r1?a=1&amp;b=2"`)
		require.NotContains(t, html, "<刹车盘>")
		require.NotContains(t, html, "<table")
	})

	t.Run("mail_about_a_record_hangs_together", func(t *testing.T) {
		s := start(t, plain)
		ch, second, other, digest := channel(t, s), message(), message(), message()
		second.Key = "r1-13.0-u1-email"
		other.Key, other.Thread = "r2-1.0-u1-email", "sales/opportunity/r2"
		digest.Key, digest.Thread = "digest", ""
		for _, m := range []notices.Message{message(), second, other, digest} {
			_, err := ch.Send(t.Context(), m)
			require.NoError(t, err)
		}
		header := func(i int, name string) string { return s.messages()[i].Header.Get(name) }
		require.NotEmpty(t, header(0, "References"))
		require.Equal(t, header(0, "References"), header(0, "In-Reply-To"))
		require.Equal(t, header(0, "References"), header(1, "References"))
		require.NotEqual(t, header(0, "Message-ID"), header(1, "Message-ID"))
		require.NotEqual(t, header(0, "References"), header(2, "References"))
		require.Empty(t, header(3, "References"))
	})

	t.Run("a_digest_lists_its_records_with_links", func(t *testing.T) {
		s := start(t, plain)
		m := message()
		m.Text, m.Language = "", "en"
		m.Items = []notices.Item{
			{Title: "OP-1 <b>", Red: true, Lines: []string{"Overdue & late"}, Link: "https://s.example/1"}, {Title: "OP-2", Lines: []string{"To do"}},
		}
		_, err := channel(t, s).Send(t.Context(), m)
		require.NoError(t, err)
		parts := bodies(t, s.messages()[0])
		require.Contains(t, parts["text/plain"], "▲ OP-1 <b>\n- Overdue & late\nhttps://s.example/1\n\nOP-2\n- To do\n")
		require.Contains(t, parts["text/html"], `<a href="https://s.example/1" style="color:inherit">▲ OP-1 &lt;b&gt;</a>`)
		require.Contains(t, parts["text/html"], "<li>Overdue &amp; late</li>")
		require.Contains(t, parts["text/html"], ">Open the inbox</a>")
	})

	t.Run("the_message_id_depends_on_the_key_alone", func(t *testing.T) {
		s := start(t, plain)
		ch, other := channel(t, s), message()
		first, err := ch.Send(t.Context(), message())
		require.NoError(t, err)
		other.Title, other.At = "changed", other.At.Add(time.Hour)
		again, err := ch.Send(t.Context(), other)
		require.NoError(t, err)
		require.Equal(t, first, again)
		other.Key = "r1-12.0-u2-email"
		different, err := ch.Send(t.Context(), other)
		require.NoError(t, err)
		require.NotEqual(t, first, different)
	})

	t.Run("starttls_and_tls_sign_in_and_deliver", func(t *testing.T) {
		for _, pair := range []struct {
			server mode
			client email.Mode
		}{{starttls, email.STARTTLS}, {implicit, email.TLS}} {
			s := start(t, pair.server)
			_, err := channel(t, s, func(c *email.Config) {
				c.Mode, c.Username, c.Password = pair.client, "stepwell", "secret"
			}).Send(t.Context(), message())
			require.NoError(t, err, pair.client)
			require.Len(t, s.messages(), 1)
		}
	})

	t.Run("starttls_is_not_given_up_for_a_server_without_it", func(t *testing.T) {
		s := start(t, plain)
		_, err := channel(t, s, func(c *email.Config) { c.Mode = email.STARTTLS }).Send(t.Context(), message())
		require.ErrorContains(t, err, "STARTTLS")
		require.Empty(t, s.messages())
	})

	t.Run("a_wrong_configuration_is_refused_at_once", func(t *testing.T) {
		_, err := email.New(email.Config{Host: "h", Port: 25, From: mail.Address{Address: "nobody"}})
		require.ErrorContains(t, err, "not an address")
		_, err = email.New(email.Config{Host: "h", Port: 25, Mode: "ssl", From: mail.Address{Address: "a@b.c"}})
		require.ErrorContains(t, err, "none of starttls, tls, none")
	})
}

func TestSendFailure(t *testing.T) {
	busy := &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "try later"}
	unknown := &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	closing := &smtp.SMTPError{Code: 421, Message: "too busy"}
	for name, c := range map[string]struct {
		answer    answer
		permanent bool
		want      *fault.Code
	}{
		"an_unknown_recipient_is_permanent":          {answer{atRcpt: unknown}, true, notices.ErrRefused},
		"refused_content_is_permanent":               {answer{atData: unknown}, true, notices.ErrRefused},
		"a_busy_recipient_is_temporary":              {answer{atRcpt: busy}, false, notices.ErrDeferred},
		"content_that_is_put_off_is_temporary":       {answer{atData: busy}, false, notices.ErrDeferred},
		"a_server_that_closes_is_temporary":          {answer{atData: closing}, false, notices.ErrPeer},
		"a_refused_sender_is_our_mistake_to_mend":    {answer{atMail: unknown}, false, notices.ErrPeer},
		"an_answer_lost_on_the_way_is_not_a_refusal": {answer{loseAck: true}, false, egress.ErrReach},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, plain, c.answer)
			_, err := channel(t, s).Send(t.Context(), message())
			require.Error(t, err)
			require.Equal(t, c.permanent, queue.IsPermanent(err), err)
			require.True(t, fault.Has(err, c.want), err)
		})
	}

	t.Run("a_wrong_password_is_temporary", func(t *testing.T) {
		s := start(t, plain)
		_, err := channel(t, s, func(c *email.Config) { c.Username, c.Password = "stepwell", "wrong" }).Send(t.Context(), message())
		require.ErrorContains(t, err, "535")
		require.True(t, fault.Has(err, notices.ErrPeer), err)
		require.False(t, queue.IsPermanent(err))
	})
	t.Run("a_reader_without_an_address_cannot_be_reached", func(t *testing.T) {
		s := start(t, plain)
		m := message()
		m.To.Email = ""
		require.True(t, fault.Has(channel(t, s).Reach(m.To), notices.ErrNoContact))
		_, err := channel(t, s).Send(t.Context(), m)
		require.True(t, fault.Has(err, notices.ErrNoContact), err)
		require.Zero(t, s.sessions)
	})
	t.Run("a_server_that_hangs_is_left_after_the_timeout", func(t *testing.T) {
		release := make(chan struct{})
		s := start(t, plain, answer{hang: release})
		_, err := channel(t, s, func(c *email.Config) { c.Timeout = 100 * time.Millisecond }).Send(t.Context(), message())
		close(release)
		require.True(t, fault.Has(err, egress.ErrSlow), err)
		require.False(t, queue.IsPermanent(err))
	})
	t.Run("a_server_that_an_app_names_must_have_an_address_that_is_open", func(t *testing.T) {
		for _, m := range []mode{plain, implicit} {
			s := start(t, m)
			mode := map[bool]email.Mode{true: email.TLS, false: email.None}[m == implicit]
			_, err := channel(t, s, func(c *email.Config) { c.Policy, c.Mode = &egress.Policy{}, mode }).Send(t.Context(), message())
			require.True(t, fault.Has(err, egress.ErrClosed), err)
			require.Zero(t, s.sessions)
			_, err = channel(t, s, func(c *email.Config) {
				c.Policy, c.Mode, c.Username, c.Password = &noticetest.Loopback, mode, "stepwell", "secret"
			}).Send(t.Context(), message())
			require.NoError(t, err)
		}
	})
	t.Run("no_server_is_temporary", func(t *testing.T) {
		s := start(t, plain)
		listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
		require.NoError(t, err)
		gone, ok := listener.Addr().(*net.TCPAddr)
		require.True(t, ok)
		require.NoError(t, listener.Close())
		_, err = channel(t, s, func(c *email.Config) { c.Port = gone.Port }).Send(t.Context(), message())
		require.Error(t, err)
		require.False(t, queue.IsPermanent(err))
	})
}

func decoded(t *testing.T, header string) string {
	t.Helper()
	s, err := (&mime.WordDecoder{}).DecodeHeader(header)
	require.NoError(t, err)
	return s
}

func addresses(t *testing.T, m *mail.Message, header string) []*mail.Address {
	t.Helper()
	list, err := m.Header.AddressList(header)
	require.NoError(t, err)
	return list
}

// bodies are the parts of a message by their type.
func bodies(t *testing.T, m *mail.Message) map[string]string {
	t.Helper()
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	require.NoError(t, err)
	require.Equal(t, "multipart/alternative", kind)
	parts := map[string]string{}
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := r.NextPart()
		if err == io.EOF { //nolint:errorlint // a reader's end is io.EOF itself
			return parts
		}
		require.NoError(t, err)
		kind, _, _ := strings.Cut(part.Header.Get("Content-Type"), ";")
		body, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, part))
		require.NoError(t, err)
		parts[kind] = string(body)
	}
}
