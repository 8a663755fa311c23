package api

import (
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/stepwell/stepwell/api/web"
	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/people/audit"
	"github.com/stepwell/stepwell/runtime/queue"
)

type auditEntry struct {
	ID      string         `json:"id"`
	At      store.Moment   `json:"at"`
	Event   string         `json:"event"`
	By      string         `json:"by,omitempty"`
	ByName  string         `json:"byName,omitempty"`
	Target  string         `json:"target,omitempty"`
	IP      string         `json:"ip,omitempty"`
	Outcome audit.Outcome  `json:"outcome"`
	Detail  map[string]any `json:"detail,omitempty"`
}

func (s *Server) listAudit(c echo.Context) error {
	most, err := web.Limit(c)
	if err != nil {
		return err
	}
	entries, next, err := s.People.Audit().List(c.Request().Context(), c.QueryParam("cursor"), most)
	if err != nil {
		return err
	}
	out := list[auditEntry]{Items: make([]auditEntry, len(entries)), Next: next}
	d, lang := s.People.Directory(), web.Lang(c)
	for i, e := range entries {
		out.Items[i] = auditEntry{ID: e.ID, At: e.At, Event: e.Event, By: e.By, Target: e.Target, IP: e.IP, Outcome: e.Outcome, Detail: e.Detail}
		if e.By != "" {
			out.Items[i].ByName = d.Name(e.By, lang)
		}
	}
	return web.JSON(c, http.StatusOK, out)
}

type stuckItem struct {
	ID          string       `json:"id"`
	Kind        string       `json:"kind"`
	State       queue.State  `json:"state"`
	App         string       `json:"app,omitempty"`
	Form        string       `json:"form,omitempty"`
	Record      string       `json:"record,omitempty"`
	RecordTitle string       `json:"recordTitle,omitempty"`
	User        string       `json:"user,omitempty"`
	UserName    string       `json:"userName,omitempty"`
	Title       string       `json:"title,omitempty"`
	Channel     string       `json:"channel,omitempty"`
	Automation  string       `json:"automation,omitempty"`
	Error       string       `json:"error"`
	Attempts    int          `json:"attempts"`
	At          store.Moment `json:"at"`
}

// mostStuck is how many stuck items of each kind are shown; whoever has more has one cause behind them.
const mostStuck = 200

func (s *Server) listStuck(c echo.Context) error {
	ctx := c.Request().Context()
	out := []stuckItem{}
	dead, err := s.Timers.Dead(ctx, "", mostStuck)
	if err != nil {
		return err
	}
	for _, t := range dead {
		out = append(out, stuckItem{
			ID: t.ID, Kind: "timer", State: t.State, App: t.App, Form: t.Form, Record: t.Record, Error: t.Error, Attempts: t.Attempts, At: t.DueAt,
		})
	}
	undelivered, err := s.Notices.Undelivered(ctx, []queue.State{queue.Dead, notices.Held, notices.NoContact, notices.Expired}, "", mostStuck)
	if err != nil {
		return err
	}
	for _, n := range undelivered {
		out = append(out, s.stuckNotice(c, n))
	}
	runs, err := s.Automations.Stuck(ctx, mostStuck)
	if err != nil {
		return err
	}
	for _, r := range runs {
		out = append(out, stuckItem{
			ID: r.ID, Kind: "automation", State: r.State, App: r.App, Form: r.Form, Record: r.Record, RecordTitle: r.Title,
			Automation: r.Automation, Error: r.Why.In(web.Lang(c)), Attempts: r.Attempts, At: r.At,
		})
	}
	return web.JSON(c, http.StatusOK, items(out))
}

func (s *Server) stuckNotice(c echo.Context, n notices.Notice) stuckItem {
	lang := web.Lang(c)
	item := stuckItem{
		ID: n.ID, Kind: "notice", State: n.State, App: n.App, Form: n.Form, Record: n.Record, RecordTitle: n.RecordTitle,
		User: n.User, Channel: n.Channel, Error: n.Error, Attempts: n.Attempts, At: n.CreatedAt, Title: n.Title.In(lang),
	}
	if n.User != "" {
		item.UserName = s.People.Directory().Name(n.User, lang)
	}
	if !n.ErrorText.Empty() {
		item.Error = n.ErrorText.In(lang)
	}
	return item
}

func (s *Server) retryStuck(c echo.Context) error {
	var in struct {
		IDs []string `json:"ids"`
	}
	if err := web.Read(c, &in); err != nil {
		return err
	}
	ctx := c.Request().Context()
	for _, id := range in.IDs {
		err := s.Timers.Retry(ctx, id)
		if fault.Has(err, queue.ErrNotDead) {
			err = s.Notices.Resend(ctx, id)
		}
		if fault.Has(err, queue.ErrNotDead) {
			err = s.Automations.RetryID(ctx, id)
		}
		if err != nil {
			return fmt.Errorf("retry %s: %w", id, err)
		}
	}
	return c.NoContent(http.StatusNoContent)
}

// ErrRealClock says that the server runs on the machine's clock.
var ErrRealClock = fault.Define(fault.Conflict, "clock.real", "The server runs on real time. Start it with --manual-clock to set the clock.", "服务器使用真实时间，如需调整时钟请以 --manual-clock 启动。")

type clockView struct {
	Now store.Moment `json:"now"`
}

func (s *Server) getClock(c echo.Context) error {
	return web.JSON(c, http.StatusOK, clockView{store.MomentOf(s.Clock.Now())})
}

func (s *Server) setClock(c echo.Context) error {
	m, ok := s.Clock.(*clock.Manual)
	if !ok {
		return ErrRealClock.With(nil)
	}
	var in struct{ Now time.Time }
	if err := web.Read(c, &in); err != nil {
		return err
	}
	if err := s.Advance(c.Request().Context(), m, in.Now); err != nil {
		return err
	}
	return s.getClock(c)
}
