package api

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/stepwell/stepwell/api/web"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/notices/switchboard"
	"github.com/stepwell/stepwell/runtime/notices/throttle"
	"github.com/stepwell/stepwell/runtime/queue"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/problem"
)

type channelState string

// The states of a channel, the worst first.
const (
	channelNotSetUp channelState = "notSetUp"
	channelBroken   channelState = "broken" // its peer kept failing and is left alone
	channelTrying   channelState = "trying" // one message finds out whether the peer is back
	channelPaused   channelState = "paused" // the peer asked for a pause
	channelReady    channelState = "ready"
)

type channelReport struct {
	ID        string           `json:"id"`
	App       string           `json:"app,omitempty"`
	AppTitle  definition.Text  `json:"appTitle,omitempty"`
	Key       string           `json:"key"`
	Type      string           `json:"type"`
	Title     definition.Text  `json:"title"`
	Group     bool             `json:"group"`
	State     channelState     `json:"state"`
	Why       string           `json:"why,omitempty"`
	PerMinute float64          `json:"perMinute,omitempty"`
	Member    float64          `json:"memberPerMinute,omitempty"`
	Breaker   throttle.Breaker `json:"breaker"`
	Failures  int              `json:"failures"`
	Until     store.Moment     `json:"until,omitzero"` // broken, paused: when it goes on
	Error     string           `json:"lastError,omitempty"`
	ErrorAt   store.Moment     `json:"lastErrorAt,omitzero"`
	WorkedAt  store.Moment     `json:"lastSentAt,omitzero"`
	Waiting   int64            `json:"waiting"`
	Collected int64            `json:"collected"`
	Held      int64            `json:"held"`
	Dead      int64            `json:"dead"`
	NoContact int64            `json:"noContact"`
	Expired   int64            `json:"expired"`
	Late      int64            `json:"overdueSeconds"`
}

func (s *Server) listChannels(c echo.Context) error {
	reports, err := s.Notices.Report(c.Request().Context())
	if err != nil {
		return err
	}
	lang := web.Lang(c)
	out := make([]channelReport, len(reports))
	for i, r := range reports {
		one := channelReport{
			ID: r.ID, App: r.App, Key: r.Key, Type: r.Type, Title: r.Title, Group: r.Group, State: channelReady, Why: r.Why.In(lang),
			PerMinute: throttle.PerMinute(r.Throttle.Rates), Member: throttle.PerMinute(r.Throttle.Member), Breaker: r.Breaker,
			Failures: r.Failures, Error: r.Error.In(lang), ErrorAt: r.ErrorAt, WorkedAt: r.WorkedAt, Waiting: r.Waiting, Collected: r.Collected,
			Held: r.Held, Dead: r.Dead, NoContact: r.NoContact, Expired: r.Expired, Late: int64(r.Late.Overdue / time.Second),
		}
		if a, err := s.Catalog.App(r.App); err == nil {
			one.AppTitle = a.Def.Title
		}
		switch {
		case r.Channel == nil:
			one.State = channelNotSetUp
		case r.Breaker == throttle.Open:
			one.State, one.Until = channelBroken, r.OpenUntil
		case r.Breaker == throttle.HalfOpen:
			one.State = channelTrying
		case !r.BusyUntil.IsZero():
			one.State, one.Until = channelPaused, r.BusyUntil
		}
		out[i] = one
	}
	return web.JSON(c, http.StatusOK, items(out))
}

func (s *Server) listLetters(c echo.Context) error {
	most, err := web.Limit(c)
	if err != nil {
		return err
	}
	states := []queue.State{queue.Dead, notices.NoContact, notices.Expired, notices.Held}
	found, err := s.Notices.UndeliveredOf(c.Request().Context(), c.Param("key"), states, c.QueryParam("cursor"), most+1)
	if err != nil {
		return err
	}
	out := list[stuckItem]{Items: []stuckItem{}}
	if len(found) > most {
		found = found[:most]
		out.Next = found[most-1].ID
	}
	for _, n := range found {
		out.Items = append(out.Items, s.stuckNotice(c, n))
	}
	return web.JSON(c, http.StatusOK, out)
}

var (
	testTitle = definition.Text{"zh-CN": "测试消息", "en": "Test message"}
	testText  = definition.Text{
		"zh-CN": "这是 Stepwell 发出的测试消息（{at}，由 {by} 发起）。收到它说明渠道可以使用。",
		"en":    "This is a test message from Stepwell ({at}, sent by {by}). That you read it shows that the channel works.",
	}
	testSent = definition.Text{"zh-CN": "已发送给 {to}，对方已接受。", "en": "It was sent to {to}, and the other side took it."}
)

type testOutcome struct {
	Outcome   string `json:"outcome"` // sent or failed
	Message   string `json:"message"`
	Code      string `json:"code,omitempty"`
	MessageID string `json:"messageId,omitempty"`
}

// testChannel really sends, and says in words how it went. That the peer refuses is an answer, not an error.
func (s *Server) testChannel(c echo.Context) error {
	var in struct{ To string }
	if err := web.ReadOptional(c, &in); err != nil {
		return err
	}
	ctx, by, lang := c.Request().Context(), identity(c), web.Lang(c)
	if in.To == "" {
		in.To = by.UserID()
	}
	to, err := s.reader(ctx, in.To)
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	words := problem.Params{"at": now.In(s.Zone).Format(time.DateTime), "by": by.User.Name, "to": to.Name}
	m := notices.Message{
		Key: "test-" + by.UserID() + "-" + store.FormatTime(now), To: to, Language: to.Language, At: now,
		Title: testTitle.In(to.Language), Text: problem.Fill(testText.In(to.Language), to.Language, words), About: notices.About{Cause: "test"},
	}
	receipt, err := s.Notices.Test(ctx, c.Param("key"), m)
	if fault.Has(err, notices.ErrNoLine) {
		return err
	}
	out := testOutcome{Outcome: "sent", Message: problem.Fill(testSent.In(lang), lang, words), MessageID: receipt.MessageID}
	if err != nil {
		out = testOutcome{Outcome: "failed", Message: notices.Words(err).In(lang)}
		if f, ok := fault.As(err); ok {
			out.Code = f.Code.ID
		}
	}
	if auditErr := s.People.Audit().Append(ctx, actor(c), "channel.tested", c.Param("key"), "ok", map[string]any{"to": in.To, "outcome": out.Outcome}); auditErr != nil {
		return errors.Join(err, auditErr)
	}
	return web.JSON(c, http.StatusOK, out)
}

type wordingInput struct {
	Template struct {
		Title definition.Text
		Text  definition.Text
	}
	Channel  string
	Language string
	Cause    string
	Record   *struct{ Form, ID string }
}

// What a preview without a record is about.
var (
	someRecord = definition.Text{"zh-CN": "某条记录", "en": "Some record"}
	someStep   = definition.Text{"zh-CN": "某个步骤", "en": "Some step"}
)

type wordingPreview struct {
	Channel  string           `json:"channel"`
	Type     string           `json:"type"`
	Language string           `json:"language"`
	Rendered notices.Rendered `json:"rendered"`
	Hidden   []string         `json:"hidden"`
	Unknown  []string         `json:"unknown"`
}

// previewChannel shows a wording as a channel would put it, of a record as far as whoever asks may see it.
func (s *Server) previewChannel(c echo.Context) error {
	var in wordingInput
	if err := web.Read(c, &in); err != nil {
		return err
	}
	a, err := s.Catalog.App(c.Param("app"))
	if err != nil {
		return err
	}
	def := boarded(a).Find(in.Channel)
	if def == nil && in.Channel != notices.Email {
		return ErrNoChannel.With(problem.Params{"channel": in.Channel})
	}
	if in.Language != "zh-CN" && in.Language != "en" {
		in.Language = web.Lang(c)
	}
	ctx, by := c.Request().Context(), identity(c)
	out := wordingPreview{Channel: in.Channel, Type: "email", Language: in.Language, Hidden: []string{}, Unknown: []string{}}
	about := notices.Subject{
		App: a.Key, At: s.Clock.Now(), Zone: s.Zone, Actor: by.User.Name, Title: someRecord.In(in.Language), Step: someStep,
	}
	if in.Record != nil {
		rec, err := s.Records.Get(ctx, by.UserID(), a.Key, in.Record.Form, in.Record.ID)
		if err != nil {
			return err
		}
		about, err = s.Records.Told(ctx, by.UserID(), rec, func(path string) { out.Hidden = appendNew(out.Hidden, path) })
		if err != nil {
			return err
		}
	}
	known := about.Value
	about.Value = func(path, lang, reader string) (string, bool) {
		if known != nil {
			if shown, ok := known(path, lang, reader); ok {
				return shown, true
			}
		}
		out.Unknown = appendNew(out.Unknown, path)
		return "", false
	}
	if in.Cause == "" {
		in.Cause = string(engine.CauseTask)
	}
	title, text := about.Word(engine.Effect{
		Cause: engine.EffectCause(in.Cause), Title: in.Template.Title, Text: in.Template.Text, DueAt: s.Clock.Now(), By: by.UserID(),
	}, by.UserID())
	to, err := s.reader(ctx, by.UserID())
	if err != nil {
		return err
	}
	m := notices.Message{
		Key: "preview", To: to, Group: []notices.Person{to}, Language: in.Language, Title: title.In(in.Language), Text: text.In(in.Language), At: s.Clock.Now(),
		About: notices.About{Cause: in.Cause, App: about.App, Form: about.Form, Record: about.Record, RecordTitle: about.Title},
	}
	if about.Link != "" {
		m.Link = s.Config.PublicURL + about.Link
	}
	if def != nil {
		out.Type = string(def.Type)
	}
	out.Rendered = switchboard.Render(def, m)
	return web.JSON(c, http.StatusOK, out)
}

func appendNew(list []string, one string) []string {
	if slices.Contains(list, one) {
		return list
	}
	return append(list, one)
}

// ErrNoChannel says that an app has no such channel in force.
var ErrNoChannel = fault.Define(fault.NotFound, "channel.notFound", "There is no published channel {channel} in this app.", "该应用中没有已发布的通知渠道“{channel}”。")

func (s *Server) listSecrets(c echo.Context) error {
	found, err := s.Secrets.List(c.Request().Context(), c.Param("app"))
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, items(found))
}

func (s *Server) setSecret(c echo.Context) error {
	var in struct{ Value string }
	if err := web.Read(c, &in); err != nil {
		return err
	}
	ctx := c.Request().Context()
	if err := s.Secrets.Set(ctx, actor(c), c.Param("app"), c.Param("name"), in.Value); err != nil {
		return fmt.Errorf("set secret: %w", err)
	}
	s.relay(ctx)
	return c.NoContent(http.StatusNoContent)
}

func (s *Server) deleteSecret(c echo.Context) error {
	ctx := c.Request().Context()
	if err := s.Secrets.Forget(ctx, actor(c), c.Param("app"), c.Param("name")); err != nil {
		return fmt.Errorf("forget secret: %w", err)
	}
	s.relay(ctx)
	return c.NoContent(http.StatusNoContent)
}
