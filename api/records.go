package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/stepwell/stepwell/api/web"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/records"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/role"
)

type formView struct {
	Form             json.RawMessage             `json:"form"`
	Version          int                         `json:"version"`
	ValidationSchema json.RawMessage             `json:"validationSchema"`
	Access           map[string]flow.FieldAccess `json:"access"`
	Permissions      []role.Action               `json:"permissions"`
	TitleHides       bool                        `json:"titleHides,omitempty"`
	Flow             string                      `json:"flow,omitempty"`
	Stages           []engine.Target             `json:"stages"`
	Outcomes         []engine.Outcome            `json:"outcomes"`
	Limits           []records.Authority         `json:"limits,omitempty"`
	Assignment       *assignmentView             `json:"assignment,omitempty"` // for those who may hand its records out
}

func (s *Server) getForm(c echo.Context) error {
	app, key, by := c.Param("app"), c.Param("form"), identity(c).UserID()
	f, err := s.Records.FormOf(c.Request().Context(), by, app, key)
	if err != nil {
		return err
	}
	view, err := s.Records.Form(c.Request().Context(), by, f)
	if err != nil {
		return err
	}
	out := formView{
		Form: view.Definition, Version: f.Version, ValidationSchema: view.Schema, Access: view.Access,
		Permissions: s.Access.Actions(by, app, "form:"+key), TitleHides: view.TitleHides, Flow: f.Flow, Stages: []engine.Target{}, Outcomes: []engine.Outcome{},
		Limits: view.Limits,
	}
	if slices.Contains(out.Permissions, role.Assign) {
		out.Assignment = viewOf(f.Assignment)
	}
	if f.Flow != "" {
		fl, err := s.Catalog.Flow(c.Request().Context(), app, f.Flow, 0)
		if err != nil {
			return err
		}
		out.Stages, out.Outcomes = fl.Stages(), fl.Outcomes()
	}
	return web.JSON(c, http.StatusOK, out)
}

// listing reads what part of a form's records is asked for.
func listing(c echo.Context) (records.Listing, error) {
	l := records.Listing{
		App: c.Param("app"), Form: c.Param("form"), By: identity(c).UserID(), Search: c.QueryParam("q"), Sort: c.QueryParam("sort"), Cursor: c.QueryParam("cursor"),
	}
	var err error
	if l.Limit, err = web.Limit(c); err != nil {
		return l, err
	}
	if l.Count, err = web.Flag(c, "count"); err != nil {
		return l, err
	}
	if text := c.QueryParam("filter"); text != "" {
		var filter store.Filter
		if err := json.Unmarshal([]byte(text), &filter); err != nil {
			return l, web.InvalidParam("filter", err.Error())
		}
		l.Filter = filter
	}
	return l, nil
}

func (s *Server) listRecords(c echo.Context) error {
	l, err := listing(c)
	if err != nil {
		return err
	}
	page, err := s.Records.List(c.Request().Context(), l)
	if err != nil {
		return err
	}
	text, err := page.JSON()
	if err != nil {
		return err
	}
	return web.Text(c, http.StatusOK, text)
}

func (s *Server) getBoard(c echo.Context) error {
	l, err := listing(c)
	if err != nil {
		return err
	}
	if c.QueryParam("limit") == "" {
		l.Limit = 30
	}
	board, err := s.Records.Board(c.Request().Context(), l)
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, board)
}

// request is a write of one record as its path names it.
func request(c echo.Context, kind engine.CommandKind) (records.Request, error) {
	req := records.Request{
		App: c.Param("app"), Form: c.Param("form"), ID: c.Param("id"), By: identity(c).UserID(), Via: via(c),
		Digest: web.Digest(c), Command: engine.Command{Kind: kind},
	}
	var err error
	if req.Rev, err = web.IfMatch(c); err != nil {
		return req, err
	}
	req.Key, err = web.IdempotencyKey(c, req.By)
	return req, err
}

// via says how a write came: by the product's own pages or by another program.
func via(c echo.Context) string {
	if c.Request().Header.Get("X-Stepwell") == "ui" {
		return "ui"
	}
	return "api"
}

func (s *Server) createRecord(c echo.Context) error {
	in := struct {
		Data   map[string]any
		Submit *bool
		Owner  string
		Picks  map[string][]string
	}{}
	if err := web.Read(c, &in); err != nil {
		return err
	}
	req, err := request(c, engine.Submit)
	if err != nil {
		return err
	}
	if in.Submit != nil && !*in.Submit {
		req.Command.Kind = engine.Save
	}
	req.Owner, req.Command.Data, req.Command.Picks = in.Owner, in.Data, in.Picks
	rec, err := s.Records.Do(c.Request().Context(), req)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderLocation, fmt.Sprintf("/api/v1/apps/%s/forms/%s/records/%s", rec.App, rec.Form, rec.ID))
	return s.answerRecord(c, http.StatusCreated, rec)
}

func (s *Server) getRecord(c echo.Context) error {
	ctx, by, app, form, id := c.Request().Context(), identity(c).UserID(), c.Param("app"), c.Param("form"), c.Param("id")
	if plain(c) {
		shown, err := s.Records.GetPlain(ctx, by, app, form, id)
		if err != nil {
			return err
		}
		web.ETag(c, shown.Rev)
		return web.Text(c, http.StatusOK, shown.Text)
	}
	rec, err := s.Records.Get(ctx, by, app, form, id)
	if err != nil {
		return err
	}
	return s.answerRecord(c, http.StatusOK, rec)
}

// plain reports whether the record alone is asked for.
func plain(c echo.Context) bool { return c.QueryParam("view") == "plain" }

// answerRecord shows a record as the caller sees it: whole, or with ?view=plain the record alone.
func (s *Server) answerRecord(c echo.Context, status int, rec *records.Record) error {
	web.ETag(c, rec.Rev)
	by := identity(c).UserID()
	if plain(c) {
		shown, err := s.Records.Plain(c.Request().Context(), by, rec)
		if err != nil {
			return err
		}
		return web.Text(c, status, shown.Text)
	}
	view, err := s.Desk.Record(c.Request().Context(), by, rec)
	if err != nil {
		return err
	}
	return web.JSON(c, status, view)
}

func (s *Server) updateRecord(c echo.Context) error {
	var in struct{ Data map[string]any }
	if err := web.Read(c, &in); err != nil {
		return err
	}
	req, err := request(c, engine.Save)
	if err != nil {
		return err
	}
	if req.Rev == 0 {
		return web.ErrNeedsMatch.With(nil)
	}
	req.Command.Data = in.Data
	return s.do(c, req)
}

func (s *Server) commandRecord(c echo.Context) error {
	var in struct {
		Command engine.CommandKind
		To      string
		Reason  string
		Event   string
		Version int
		Map     map[string]string
		Data    map[string]any
		Picks   map[string][]string
		Users   []string
		Comment string
	}
	if err := web.Read(c, &in); err != nil {
		return err
	}
	switch in.Command { //nolint:exhaustive // the other commands have addresses of their own, or come from inside
	case engine.Submit, engine.Move, engine.Withdraw, engine.Override, engine.Suspend, engine.Resume, engine.Cancel, engine.Signal, engine.Migrate,
		engine.Copy:
	default:
		return web.InvalidParam("command", string(in.Command))
	}
	req, err := request(c, in.Command)
	if err != nil {
		return err
	}
	req.Command.To, req.Command.Reason, req.Command.Data = in.To, in.Reason, in.Data
	req.Command.Picks, req.Command.Users, req.Command.Comment = in.Picks, in.Users, in.Comment
	req.Command.Event, req.Command.Version, req.Command.Map = in.Event, in.Version, in.Map
	return s.do(c, req)
}

func (s *Server) do(c echo.Context, req records.Request) error {
	rec, err := s.Records.Do(c.Request().Context(), req)
	if err != nil {
		return err
	}
	return s.answerRecord(c, http.StatusOK, rec)
}

func (s *Server) deleteRecord(c echo.Context) error {
	req, err := request(c, "")
	if err != nil {
		return err
	}
	if err := s.Records.Delete(c.Request().Context(), req); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func (s *Server) listActions(c echo.Context) error {
	by := identity(c).UserID()
	rec, err := s.Records.Get(c.Request().Context(), by, c.Param("app"), c.Param("form"), c.Param("id"))
	if err != nil {
		return err
	}
	most, err := web.Limit(c)
	if err != nil {
		return err
	}
	page, err := s.Desk.Log(c.Request().Context(), by, rec, most, c.QueryParam("cursor"))
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, page)
}
