package switchboard_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/calendar"
	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/config/secret"
	"github.com/stepwell/stepwell/internal/store/storetest"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/notices/noticetest"
	"github.com/stepwell/stepwell/runtime/notices/switchboard"
	"github.com/stepwell/stepwell/runtime/people/audit"
	"github.com/stepwell/stepwell/runtime/secrets"
	calendardef "github.com/stepwell/stepwell/schemas/calendar"
	"github.com/stepwell/stepwell/schemas/channel"
)

type mailbox struct{}

func (mailbox) Kind() string { return notices.Email }
func (mailbox) Send(context.Context, notices.Message) (notices.Receipt, error) {
	return notices.Receipt{}, nil
}

func board(t *testing.T) (*switchboard.Board, *secrets.Safe) {
	t.Helper()
	st, ck := storetest.Open(t), clock.NewManual(noticetest.Monday)
	require.NoError(t, st.EnsureIndexes(t.Context(), secrets.Collection, secrets.Indexes()...))
	log := audit.NewLog(st, ck)
	require.NoError(t, log.Ensure(t.Context()))
	box, err := secret.NewBox([]byte(strings.Repeat("k", secret.KeyBytes)))
	require.NoError(t, err)
	safe := secrets.New(st, ck, box, log)
	return &switchboard.Board{Secrets: safe, HTTP: noticetest.HTTP(), Policy: noticetest.Loopback, Clock: ck, Lang: "zh-CN"}, safe
}

func app(t *testing.T, docs ...string) switchboard.App {
	t.Helper()
	set, err := calendar.NewSet(nil)
	require.NoError(t, err)
	a := switchboard.App{Key: "sales", Calendars: set}
	for _, doc := range docs {
		c, err := channel.Parse([]byte(doc))
		require.NoError(t, err)
		a.Channels = append(a.Channels, c)
	}
	return a
}

const wecomDoc = `{"kind":"channel","key":"wecom","title":"WeCom","type":"wecom","wecom":{"corpId":"ww1","agentId":7,"appSecret":"wecom.app"}}`

func TestLines(t *testing.T) {
	lines := func(t *testing.T, b *switchboard.Board, apps ...switchboard.App) map[string]notices.Line {
		t.Helper()
		list, err := b.Lines(t.Context(), apps)
		require.NoError(t, err)
		require.Equal(t, "email", list[0].ID)
		out := map[string]notices.Line{}
		for _, l := range list {
			out[l.ID] = l
		}
		return out
	}

	t.Run("the_mail_server_of_the_configuration_is_a_line_of_its_own", func(t *testing.T) {
		b, _ := board(t)
		own := app(t, `{"key":"inApp","type":"inApp"}`, `{"key":"email","type":"email"}`, `{"key":"post","type":"email"}`)
		got := lines(t, b, own)
		require.Len(t, got, 2)
		require.Nil(t, got["email"].Channel)
		require.Contains(t, got["email"].Why.In("en"), "STEPWELL_SMTP_HOST")
		require.Contains(t, got["sales.post"].Why.In("zh-CN"), "STEPWELL_SMTP_HOST")
		b.Mail = mailbox{}
		got = lines(t, b, own)
		require.NotNil(t, got["email"].Channel)
		require.NotNil(t, got["sales.post"].Channel, "another key for the same server")
	})

	t.Run("a_channel_is_set_up_when_its_secret_is", func(t *testing.T) {
		b, safe := board(t)
		got := lines(t, b, app(t, wecomDoc))["sales.wecom"]
		require.Nil(t, got.Channel)
		require.Equal(t, "密钥 wecom.app 尚未设置。", got.Why.In("zh-CN"))
		require.NoError(t, safe.Set(t.Context(), audit.Actor{}, "sales", "wecom.app", "x"))
		next := lines(t, b, app(t, wecomDoc))["sales.wecom"]
		require.NotNil(t, next.Channel)
		require.NotEqual(t, got.Version, next.Version)
		require.Equal(t, next.Version, lines(t, b, app(t, wecomDoc))["sales.wecom"].Version, "nothing changed")
		require.NoError(t, safe.Set(t.Context(), audit.Actor{}, "sales", "wecom.app", "y"))
		require.NotEqual(t, next.Version, lines(t, b, app(t, wecomDoc))["sales.wecom"].Version)
		changed := strings.Replace(wecomDoc, `"agentId":7`, `"agentId":8`, 1)
		require.NotEqual(t, next.Version, lines(t, b, app(t, changed))["sales.wecom"].Version)
	})

	t.Run("without_settings_it_says_so", func(t *testing.T) {
		b, _ := board(t)
		got := lines(t, b, app(t, `{"key":"wecom","title":"W","type":"wecom"}`))["sales.wecom"]
		require.Nil(t, got.Channel)
		require.Equal(t, "it has not been set up", got.Why.In("en"))
	})

	t.Run("every_type_of_channel_is_opened", func(t *testing.T) {
		b, safe := board(t)
		require.NoError(t, safe.Set(t.Context(), audit.Actor{}, "sales", "s", "x"))
		docs := map[string]string{
			string(channel.Mail):          `"email":{"host":"127.0.0.1","security":"none","from":"Sales <a@example.com>","replyTo":"b@example.com","passwordSecret":"s","perMinute":60}`,
			string(channel.WeComApp):      `"wecom":{"corpId":"c","agentId":1,"appSecret":"s"}`,
			string(channel.WeComGroup):    `"wecomRobot":{"keySecret":"s"}`,
			string(channel.DingTalkGroup): `"dingtalkRobot":{"tokenSecret":"s","signSecret":"s"}`,
			string(channel.FeishuGroup):   `"feishuRobot":{"hookSecret":"s"}`,
			string(channel.Hook):          `"webhook":{"url":"https://example.com","signSecret":"s"}`,
		}
		for kind, settings := range docs {
			l := lines(t, b, app(t, `{"key":"c","type":"`+kind+`",`+settings+`}`))["sales.c"]
			require.NotNil(t, l.Channel, "%s: %v", kind, l.Why)
			require.Equal(t, kind, l.Channel.Kind())
			require.Equal(t, channel.Type(kind).Group(), l.Group)
			require.NotEmpty(t, l.Throttle.Rates, kind)
			require.Equal(t, "zh-CN", l.Language)
			put := switchboard.Render(app(t, `{"key":"c","type":"`+kind+`",`+settings+`}`).Channels[0], noticetest.Message())
			require.Contains(t, put.Body, "没有按时完成", kind)
		}
		require.Len(t, docs, 6)
		require.Contains(t, switchboard.Render(app(t, `{"key":"c","type":"inApp"}`).Channels[0], noticetest.Message()).Body, "没有按时完成")
		require.Equal(t, "html", switchboard.Render(nil, noticetest.Message()).Format)
	})

	t.Run("what_cannot_be_used_is_a_line_that_says_why", func(t *testing.T) {
		b, safe := board(t)
		require.NoError(t, safe.Set(t.Context(), audit.Actor{}, "sales", "s", "x"))
		for doc, why := range map[string]string{
			`{"key":"c","type":"webhook","webhook":{"url":"ftp://x","signSecret":"s"}}`:                      "web address",
			`{"key":"c","type":"email","email":{"host":"h","from":"nobody"}}`:                                "“nobody” is not a mail address",
			`{"key":"c","type":"email","email":{"host":"h","from":"a@b.c","replyTo":"nobody"}}`:              "“nobody” is not a mail address",
			`{"key":"c","type":"wecom","wecom":{"corpId":"c","agentId":1,"appSecret":"s","baseUrl":"qq:x"}}`: "web address",
		} {
			l := lines(t, b, app(t, doc))["sales.c"]
			require.Nil(t, l.Channel, doc)
			require.Contains(t, l.Why.In("en"), why)
		}
	})
}

func TestUnavailable(t *testing.T) {
	b, safe := board(t)
	require.NoError(t, safe.Set(t.Context(), audit.Actor{}, "sales", "wecom.app", "x"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := b.Lines(ctx, []switchboard.App{app(t, wecomDoc)})
	require.Error(t, err, "the lines stay as they are when the store does not answer")
}

func TestPolicyOf(t *testing.T) {
	shanghai := time.FixedZone("CST", 8*3600)
	a := app(t, `{"key":"wecom","type":"wecom","urgent":["overdue"],"calendar":"china"}`)
	require.Equal(t, shanghai, a.PolicyOf("wecom", shanghai).Calendar.Zone(), "a calendar that is gone is the installation's")
	require.Equal(t, []string{"overdue"}, a.PolicyOf("wecom", shanghai).Urgent)
	def, err := calendardef.Parse(calendar.ChinaDocument())
	require.NoError(t, err)
	def.Key = "china"
	a.Calendars, err = calendar.NewSet([]*calendardef.Calendar{def})
	require.NoError(t, err)
	require.Equal(t, "Asia/Shanghai", a.PolicyOf("wecom", time.UTC).Calendar.Zone().String())
	require.Equal(t, "Asia/Shanghai", a.PolicyOf("email", time.UTC).Calendar.Zone().String())
	require.Empty(t, a.PolicyOf("email", time.UTC).Urgent)
}
