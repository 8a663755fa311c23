package api

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/stepwell/stepwell/api/web"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/automation"
	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/runtime/queue"
	def "github.com/stepwell/stepwell/schemas/automation"
	"github.com/stepwell/stepwell/schemas/definition"
)

// runView is a run of an automation in a list.
type runView struct {
	ID          string          `json:"id"`
	Automation  string          `json:"automation"`
	Title       definition.Text `json:"title"`
	Version     int             `json:"version"`
	Form        string          `json:"form"`
	Record      string          `json:"record,omitempty"`
	RecordTitle string          `json:"recordTitle,omitempty"`
	On          def.Kind        `json:"on"`
	State       queue.State     `json:"state"`
	ByName      string          `json:"byName,omitempty"`
	At          store.Moment    `json:"at"`
	StartedAt   store.Moment    `json:"startedAt,omitzero"`
	EndedAt     store.Moment    `json:"endedAt,omitzero"`
	WaitsFor    store.Moment    `json:"waitsFor,omitzero"`
	Seconds     float64         `json:"seconds"`
	Outcome     string          `json:"outcome,omitempty"`
	Why         definition.Text `json:"why,omitempty"`
	Depth       int             `json:"depth"`
	// Trying says that a step has failed and will be tried again: how often so far, why, and when.
	Trying *tryingView `json:"trying,omitempty"`
}

type tryingView struct {
	Attempts int             `json:"attempts"`
	Error    string          `json:"error"`
	Text     definition.Text `json:"text,omitempty"`
	At       store.Moment    `json:"at,omitzero"`
}

// oneRun is a run with all that it did.
type oneRun struct {
	runView
	Cause automation.Cause `json:"cause"`
	Data  map[string]any   `json:"data,omitempty"`
	Chain []chainView      `json:"chain"`
	Steps []stepView       `json:"steps"`
}

type chainView struct {
	Automation string          `json:"automation"`
	Title      definition.Text `json:"title"`
	Run        string          `json:"run"`
	Form       string          `json:"form,omitempty"`
	Record     string          `json:"record,omitempty"`
}

type stepView struct {
	Kind   automation.StepKind  `json:"kind"`
	State  automation.StepState `json:"state"`
	Block  string               `json:"block,omitempty"`
	Title  definition.Text      `json:"title,omitempty"` // of the block
	Case   string               `json:"case,omitempty"`
	Set    map[string]any       `json:"set,omitempty"`
	Before map[string]any       `json:"before,omitempty"`
	Method string               `json:"method,omitempty"` // call
	URL    string               `json:"url,omitempty"`    // call
	Body   map[string]any       `json:"body,omitempty"`   // call
	Status int                  `json:"status,omitempty"` // call
	Answer any                  `json:"answer,omitempty"`
	Form   string               `json:"form,omitempty"`   // create
	Record string               `json:"record,omitempty"` // create
	Data   map[string]any       `json:"data,omitempty"`   // create
	People []string             `json:"people,omitempty"` // tell: names
	Until  store.Moment         `json:"until,omitzero"`
	Error  definition.Text      `json:"error,omitempty"`
	At     store.Moment         `json:"at,omitzero"`
	DoneAt store.Moment         `json:"doneAt,omitzero"`
}

// runViewer shows runs to one person: values of a record only as far as that person may see them there.
type runViewer struct {
	*Server
	echo.Context
	sees func(field string) bool // nil: nothing of the record
}

func (s *Server) runViewer(c echo.Context, form, record string) runViewer {
	ctx, who, v := c.Request().Context(), identity(c).UserID(), runViewer{Server: s, Context: c}
	if record == "" {
		v.sees = func(string) bool { return true }
		return v
	}
	rec, err := s.Records.Get(ctx, who, c.Param("app"), form, record)
	if err != nil {
		return v
	}
	if sees, err := s.Records.Sees(ctx, who, rec); err == nil {
		v.sees = sees
	}
	return v
}

func (v runViewer) values(data map[string]any) map[string]any {
	if v.sees == nil || data == nil {
		return nil
	}
	out := make(map[string]any, len(data))
	for key, value := range data {
		if v.sees(key) {
			out[key] = value
		}
	}
	return out
}

func (v runViewer) step(a *catalog.Automation, s *automation.Step) stepView {
	out := stepView{
		Kind: s.Kind, State: s.State, Block: s.Block, Case: s.Case, Set: v.values(s.Set), Before: v.values(s.Before), Status: s.Status,
		Until: s.Until, Error: s.Error, At: s.At, DoneAt: s.DoneAt,
	}
	if a != nil && a.Flow != nil {
		if b, ok := a.Flow.Block(s.Block); ok {
			out.Title = b.Name()
		}
	}
	if v.sees != nil {
		out.Answer = s.Answer
	}
	switch {
	case s.Effect == nil:
	case s.Effect.Create != nil:
		out.Form, out.Record = s.Effect.Create.Form, s.Effect.Create.Record
		if v.sees != nil {
			out.Data = s.Effect.Create.Data
		}
	case s.Effect.Call != nil:
		out.Method, out.URL = s.Effect.Call.Method, s.Effect.Call.URL
		if v.sees == nil {
			out.URL, _, _ = strings.Cut(out.URL, "?")
		} else {
			out.Body = s.Effect.Call.Body
		}
	default:
		for _, id := range s.Effect.To {
			out.People = append(out.People, v.People.Directory().Name(id, web.Lang(v.Context)))
		}
	}
	return out
}

func (s *Server) viewRun(c echo.Context, r *automation.Run) runView {
	out := runView{
		ID: r.ID, Automation: r.Automation, Title: s.titleOf(r.App, r.Automation), Version: r.Version, Form: r.Form, Record: r.Record,
		RecordTitle: r.Title, On: r.Cause.On, State: r.State, At: r.At, StartedAt: r.StartedAt, EndedAt: r.EndedAt, WaitsFor: r.WaitsFor,
		Seconds: r.Duration().Seconds(), Outcome: r.Outcome, Why: r.Why, Depth: r.Depth(),
	}
	if r.By != "" {
		out.ByName = s.People.Directory().Name(r.By, web.Lang(c))
	}
	if r.State == queue.Pending && r.Error != "" {
		out.Trying = &tryingView{Attempts: r.Attempts, Error: r.Error, Text: r.ErrorText, At: r.ReadyAt}
	}
	return out
}

// titleOf is what an automation is called now; its key when there is none any more.
func (s *Server) titleOf(app, key string) definition.Text {
	if a, err := s.Catalog.App(app); err == nil {
		for _, one := range a.Automations() {
			if one.Key == key {
				return one.Title
			}
		}
	}
	return definition.Text{"": key}
}

func (s *Server) listRuns(c echo.Context) error {
	most, err := web.Limit(c)
	if err != nil {
		return err
	}
	skipped, err := web.Flag(c, "skipped")
	if err != nil {
		return err
	}
	runs, next, err := s.Automations.List(c.Request().Context(), automation.Listing{
		App: c.Param("app"), Automation: c.QueryParam("automation"), Record: c.QueryParam("record"), State: queue.State(c.QueryParam("state")),
		Skipped: skipped, Cursor: c.QueryParam("cursor"), Limit: most,
	})
	if err != nil {
		return err
	}
	out := list[runView]{Items: make([]runView, len(runs)), Next: next}
	for i, r := range runs {
		out.Items[i] = s.viewRun(c, r)
	}
	return web.JSON(c, http.StatusOK, out)
}

func (s *Server) getRun(c echo.Context) error {
	r, err := s.Automations.Get(c.Request().Context(), c.Param("app"), c.Param("id"))
	if err != nil {
		return err
	}
	return s.answerRun(c, r)
}

func (s *Server) answerRun(c echo.Context, r *automation.Run) error {
	v := s.runViewer(c, r.Form, r.Record)
	out := oneRun{runView: s.viewRun(c, r), Cause: r.Cause, Data: v.values(r.Data), Chain: []chainView{}, Steps: []stepView{}}
	out.Cause.Input = v.values(r.Cause.Input)
	out.Cause.Changes = map[string]automation.Change{}
	for key, change := range r.Cause.Changes {
		if v.sees != nil && v.sees(key) {
			out.Cause.Changes[key] = change
		}
	}
	for _, l := range r.Chain {
		out.Chain = append(out.Chain, chainView{Automation: l.Automation, Title: s.titleOf(r.App, l.Automation), Run: l.Run, Form: l.Form, Record: l.Record})
	}
	a, err := s.Catalog.Automation(c.Request().Context(), r.App, r.Automation, r.Version)
	if err != nil {
		a = nil // its steps are shown by the ids of their blocks
	}
	for i := range r.Steps {
		out.Steps = append(out.Steps, v.step(a, &r.Steps[i]))
	}
	return web.JSON(c, http.StatusOK, out)
}

func (s *Server) retryRun(c echo.Context) error {
	ctx := c.Request().Context()
	r, err := s.Automations.Get(ctx, c.Param("app"), c.Param("id"))
	if err != nil {
		return err
	}
	if err := s.Automations.Retry(ctx, r); err != nil {
		return err
	}
	return s.getRun(c)
}

func (s *Server) cancelRun(c echo.Context) error {
	ctx := c.Request().Context()
	r, err := s.Automations.Get(ctx, c.Param("app"), c.Param("id"))
	if err != nil {
		return err
	}
	if err := s.Automations.Cancel(ctx, r, identity(c).UserID()); err != nil {
		return err
	}
	return s.getRun(c)
}
