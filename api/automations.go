package api

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/stepwell/stepwell/api/web"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/automation"
	"github.com/stepwell/stepwell/runtime/catalog"
	def "github.com/stepwell/stepwell/schemas/automation"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/role"
)

// automationView is an automation in force, and how it does.
type automationView struct {
	Key         string          `json:"key"`
	Title       definition.Text `json:"title"`
	Description definition.Text `json:"description,omitempty"`
	Form        string          `json:"form"`
	FormTitle   definition.Text `json:"formTitle,omitempty"`
	Trigger     def.Trigger     `json:"trigger"`
	Off         bool            `json:"off"`
	Broken      string          `json:"broken,omitempty"` // why it cannot run
	Paused      *pausedView     `json:"paused,omitempty"`
	Version     int             `json:"version"`
	PublishedAt store.Moment    `json:"publishedAt"`
	PublishedBy string          `json:"publishedBy,omitempty"`
	Runs        countsView      `json:"runs"`
}

type pausedView struct {
	By string       `json:"by"` // a name
	At store.Moment `json:"at"`
}

// countsView are the runs of the last seven days.
type countsView struct {
	Done    int64        `json:"done"`
	Failed  int64        `json:"failed"`
	Stopped int64        `json:"stopped"`
	Pending int64        `json:"pending"`
	Last    store.Moment `json:"last,omitzero"`
}

func (s *Server) viewAutomation(c echo.Context, a *catalog.Automation, counts *automation.Counts) (automationView, error) {
	out := automationView{
		Key: a.Key, Title: a.Title, Description: a.Description, Form: a.Form, Trigger: a.Trigger, Off: a.Off, Version: a.Version,
		PublishedAt: store.MomentOf(a.PublishedAt),
	}
	d, lang := s.People.Directory(), web.Lang(c)
	if a.PublishedBy != "" {
		out.PublishedBy = d.Name(a.PublishedBy, lang)
	}
	if a.Of != nil {
		out.FormTitle = a.Of.Exec.Form.Title
	}
	if f, ok := fault.As(a.Broken); ok {
		out.Broken = f.Message(lang)
	}
	if counts != nil {
		out.Runs = countsView{Done: counts.Done, Failed: counts.Failed, Stopped: counts.Stopped, Pending: counts.Pending, Last: counts.Last}
	}
	paused, err := s.Automations.Paused(c.Request().Context(), a.App.Key, a.Key)
	if err == nil && paused != nil {
		out.Paused = &pausedView{By: d.Name(paused.By, lang), At: paused.At}
	}
	return out, err
}

// listAutomations tells of the automations in force of an app.
func (s *Server) listAutomations(c echo.Context) error {
	app, err := s.Catalog.App(c.Param("app"))
	if err != nil {
		return err
	}
	counts, err := s.Automations.Count(c.Request().Context(), app.Key)
	if err != nil {
		return err
	}
	out := []automationView{}
	for _, a := range app.Automations() {
		view, err := s.viewAutomation(c, a, counts[a.Key])
		if err != nil {
			return err
		}
		out = append(out, view)
	}
	return web.JSON(c, http.StatusOK, items(out))
}

// oneAutomation is an automation with what it does.
type oneAutomation struct {
	automationView
	Definition *def.Automation  `json:"definition"`
	Hook       *automation.Hook `json:"hook,omitempty"` // of a webhook whose address was made
}

func (s *Server) getAutomation(c echo.Context) error {
	ctx := c.Request().Context()
	a, err := s.Catalog.Automation(ctx, c.Param("app"), c.Param("key"), 0)
	if err != nil {
		return err
	}
	counts, err := s.Automations.Count(ctx, a.App.Key)
	if err != nil {
		return err
	}
	out := oneAutomation{Definition: a.Automation}
	if out.automationView, err = s.viewAutomation(c, a, counts[a.Key]); err != nil {
		return err
	}
	if out.Hook, err = s.Automations.HookOf(ctx, a.App.Key, a.Key); err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, out)
}

func (s *Server) pauseAutomation(c echo.Context) error {
	return s.turnAutomation(c, "automation.paused", func(ctx context.Context, app, key string) error {
		return s.Automations.Pause(ctx, app, key, identity(c).UserID())
	})
}

func (s *Server) resumeAutomation(c echo.Context) error {
	return s.turnAutomation(c, "automation.resumed", s.Automations.Resume)
}

// turnAutomation does something to an automation and writes it into the audit log.
func (s *Server) turnAutomation(c echo.Context, event string, do func(ctx context.Context, app, key string) error) error {
	ctx, app, key := c.Request().Context(), c.Param("app"), c.Param("key")
	if err := do(ctx, app, key); err != nil {
		return err
	}
	if err := s.People.Audit().Append(ctx, actor(c), event, app+"/"+key, "ok", nil); err != nil {
		return err
	}
	return s.getAutomation(c)
}

type hookView struct {
	URL string `json:"url"` // told this once
}

// makeHook gives an automation a new secret address.
func (s *Server) makeHook(c echo.Context) error {
	ctx, app, key := c.Request().Context(), c.Param("app"), c.Param("key")
	secret, err := s.Automations.NewHook(ctx, app, key, identity(c).UserID())
	if err != nil {
		return err
	}
	if err := s.People.Audit().Append(ctx, actor(c), "automation.hookMade", app+"/"+key, "ok", nil); err != nil {
		return err
	}
	return web.JSON(c, http.StatusCreated, hookView{URL: s.Config.PublicURL + "/api/v1/hooks/" + app + "/" + key + "/" + secret})
}

// rehearse says what an automation would do with a record. With a draft it is the one that is being edited.
func (s *Server) rehearse(c echo.Context) error {
	in := struct {
		Record string
		Draft  bool
	}{}
	if err := web.Read(c, &in); err != nil {
		return err
	}
	ctx, app, key := c.Request().Context(), c.Param("app"), c.Param("key")
	a, err := s.rehearsed(ctx, app, key, in.Draft)
	if err != nil {
		return err
	}
	who := identity(c).UserID()
	rec, err := s.Records.Get(ctx, who, app, a.Form, in.Record)
	if err != nil {
		return err
	}
	out, err := s.Automations.Rehearse(ctx, a, rec, who)
	if err != nil {
		return err
	}
	v := s.runViewer(c, a.Form, rec.ID)
	view := rehearsalView{Holds: out.Holds, Outcome: out.Outcome, Error: out.Error, Assumed: out.Assumed, Open: out.Open, Steps: []stepView{}}
	for i := range out.Steps {
		view.Steps = append(view.Steps, v.step(a, &out.Steps[i]))
	}
	return web.JSON(c, http.StatusOK, view)
}

type rehearsalView struct {
	Holds   bool            `json:"holds"`
	Steps   []stepView      `json:"steps"`
	Outcome string          `json:"outcome,omitempty"`
	Error   definition.Text `json:"error,omitempty"`
	Assumed bool            `json:"assumed"`
	Open    bool            `json:"open"`
}

func (s *Server) rehearsed(ctx context.Context, app, key string, edited bool) (*catalog.Automation, error) {
	if !edited {
		return s.Catalog.Automation(ctx, app, key, 0)
	}
	d, err := s.Drafts.Load(ctx, definition.Ref{App: app, Kind: definition.KindAutomation, Key: key})
	if err != nil {
		return nil, err
	}
	body, err := def.Parse([]byte(d.Body))
	if err != nil {
		return nil, err
	}
	return s.Catalog.Try(app, body)
}

// receive takes a call of another system.
func (s *Server) receive(c echo.Context) error {
	body, err := web.Body(c, automation.MostBody)
	if err != nil {
		return err
	}
	run, err := s.Automations.Receive(c.Request().Context(), automation.Incoming{
		App: c.Param("app"), Key: c.Param("key"), Secret: c.Param("secret"), Header: c.Request().Header, Body: body,
	})
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusAccepted, struct {
		Run string `json:"run,omitempty"` // none when nothing was to be done
	}{run})
}

type buttonView struct {
	Key   string          `json:"key"`
	Label definition.Text `json:"label"`
	Help  definition.Text `json:"help,omitempty"`
}

// listButtons are the automations that one may set off on a record.
func (s *Server) listButtons(c echo.Context) error {
	ctx, who := c.Request().Context(), identity(c)
	rec, err := s.Records.Get(ctx, who.UserID(), c.Param("app"), c.Param("form"), c.Param("id"))
	if err != nil {
		return err
	}
	found, err := s.Automations.Buttons(ctx, rec, who.UserID(), s.pressing(c, rec.App))
	if err != nil {
		return err
	}
	out := []buttonView{}
	for _, a := range found {
		if len(a.Trigger.Roles) > 0 || s.Records.May(who.UserID(), role.Update, rec) {
			out = append(out, buttonView{Key: a.Key, Label: a.Button(), Help: a.Description})
		}
	}
	return web.JSON(c, http.StatusOK, items(out))
}

func (s *Server) pressing(c echo.Context, app string) []string {
	u, ok := s.People.Directory().User(identity(c).UserID())
	if !ok {
		return nil
	}
	return u.RolesIn(app)
}

// pressButton sets an automation off on a record.
func (s *Server) pressButton(c echo.Context) error {
	ctx, who := c.Request().Context(), identity(c).UserID()
	rec, err := s.Records.Get(ctx, who, c.Param("app"), c.Param("form"), c.Param("id"))
	if err != nil {
		return err
	}
	a, err := s.Catalog.Automation(ctx, rec.App, c.Param("key"), 0)
	if err != nil {
		return err
	}
	if len(a.Trigger.Roles) == 0 && !s.Records.May(who, role.Update, rec) {
		return automation.ErrButton.With(map[string]any{"title": a.Button()})
	}
	press, err := web.IdempotencyKey(c, who)
	if err != nil {
		return err
	}
	if press == "" {
		press = c.Response().Header().Get(echo.HeaderXRequestID)
	}
	run, err := s.Automations.Press(ctx, rec, who, s.pressing(c, rec.App), a.Key, press)
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusAccepted, struct {
		Run string `json:"run"`
	}{run.ID})
}
