package api

import (
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/stepwell/stepwell/api/web"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/assignment"
	"github.com/stepwell/stepwell/runtime/ownership"
	"github.com/stepwell/stepwell/runtime/people/absence"
	"github.com/stepwell/stepwell/runtime/records"
	"github.com/stepwell/stepwell/schemas"
	assignmentdef "github.com/stepwell/stepwell/schemas/assignment"
	"github.com/stepwell/stepwell/schemas/definition"
)

func (s *Server) listPools(c echo.Context) error {
	pools, err := s.Ownership.Pools(c.Request().Context(), identity(c).UserID())
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, items(pools))
}

func (s *Server) listPool(c echo.Context) error {
	l, err := listing(c)
	if err != nil {
		return err
	}
	page, pool, err := s.Ownership.List(c.Request().Context(), l)
	if err != nil {
		return err
	}
	text, err := page.JSON()
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, struct {
		Pool    ownership.Pool  `json:"pool"`
		Records json.RawMessage `json:"records"`
	}{pool, text})
}

func (s *Server) claimRecord(c echo.Context) error {
	req, err := request(c, "")
	if err != nil {
		return err
	}
	rec, err := s.Ownership.Claim(c.Request().Context(), req)
	if err != nil {
		return err
	}
	return s.answerRecord(c, http.StatusOK, rec)
}

// reassigned is what became of one record, with what was wrong in the reader's language.
type reassigned struct {
	ownership.Result
	Problem *reassignProblem `json:"problem,omitempty"`
}

type reassignProblem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (s *Server) reassignRecords(c echo.Context) error {
	in := struct {
		IDs      []string `json:"ids"`
		To       string
		Category string
		DryRun   bool
		Reason   string
	}{}
	if err := web.Read(c, &in); err != nil {
		return err
	}
	req, err := request(c, "")
	if err != nil {
		return err
	}
	found, err := s.Ownership.Reassign(c.Request().Context(), ownership.Reassignment{
		App: req.App, Form: req.Form, IDs: in.IDs, To: in.To, Category: in.Category, DryRun: in.DryRun, By: req.By, Via: req.Via,
		Key: req.Key, Reason: in.Reason,
	})
	if err != nil {
		return err
	}
	out := struct {
		Items []reassigned  `json:"items"`
		Names records.Names `json:"names"`
	}{make([]reassigned, len(found)), records.Names{}}
	for i, one := range found {
		out.Items[i] = reassigned{one, problemOf(c, one.Problem)}
		s.Records.NamePeople(out.Names, one.From, one.To)
	}
	return web.JSON(c, http.StatusOK, out)
}

func problemOf(c echo.Context, f *fault.Error) *reassignProblem {
	if f == nil {
		return nil
	}
	return &reassignProblem{f.Code.ID, f.Message(web.Lang(c))}
}

func (s *Server) simulateAssignment(c echo.Context) error {
	var in struct {
		Definition json.RawMessage
		From, To   store.Moment
		Record     map[string]any
	}
	if err := web.Read(c, &in); err != nil {
		return err
	}
	ref := definition.Ref{App: c.Param("app"), Kind: definition.KindAssignment, Key: c.Param("key")}
	ctx := c.Request().Context()
	if len(in.Definition) == 0 {
		d, err := s.Drafts.Load(ctx, ref)
		if err != nil {
			return err
		}
		in.Definition = json.RawMessage(d.Body)
	}
	problems, err := schemas.Validate(ref.Kind, in.Definition, true)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return ownership.ErrNotReady.With(nil, problems...)
	}
	def, err := assignmentdef.Parse(in.Definition)
	if err != nil {
		return ownership.ErrNotReady.Because(err, nil)
	}
	report, err := s.Ownership.Simulate(ctx, ownership.Simulation{
		App: ref.App, Definition: def, From: in.From, To: in.To, Data: in.Record, By: identity(c).UserID(),
	})
	if err != nil {
		return err
	}
	out := struct {
		*ownership.Report
		Names records.Names `json:"names"`
	}{report, records.Names{}}
	for _, t := range report.Totals {
		s.Records.NamePeople(out.Names, t.Owner)
	}
	return web.JSON(c, http.StatusOK, out)
}

// assignmentView is the assignment of a form for those who may reassign its records.
type assignmentView struct {
	Key        string              `json:"key"`
	Version    int                 `json:"version"`
	Categories []assignmentSection `json:"categories"`
	Pool       bool                `json:"pool"`
}

type assignmentSection struct {
	Key   string          `json:"key"`
	Title definition.Text `json:"title"`
}

func viewOf(r *assignment.Rule) *assignmentView {
	if r == nil {
		return nil
	}
	out := &assignmentView{Key: r.Key, Version: r.Version, Categories: []assignmentSection{}, Pool: r.Def.Pool != nil}
	for _, c := range r.Def.Categories {
		out.Categories = append(out.Categories, assignmentSection{c.Key, c.Title})
	}
	return out
}

type absenceView struct {
	ID string `json:"id"`
	absence.Terms
	CreatedAt store.Moment `json:"createdAt"`
	CreatedBy string       `json:"createdBy"`
	Holds     bool         `json:"holds"` // now
}

func (s *Server) absenceOf(a *absence.Absence) absenceView {
	return absenceView{a.ID, a.Terms, a.CreatedAt, a.CreatedBy, a.Holds(s.Clock.Now())}
}

func (s *Server) answerAbsences(c echo.Context, user string) error {
	most, err := web.Limit(c)
	if err != nil {
		return err
	}
	found, err := s.Absences.List(c.Request().Context(), user, most)
	if err != nil {
		return err
	}
	out := make([]absenceView, len(found))
	for i := range found {
		out[i] = s.absenceOf(&found[i])
	}
	return web.JSON(c, http.StatusOK, items(out))
}

func (s *Server) listMyAbsences(c echo.Context) error {
	return s.answerAbsences(c, identity(c).UserID())
}

func (s *Server) listAbsences(c echo.Context) error { return s.answerAbsences(c, c.QueryParam("user")) }

func (s *Server) createMyAbsence(c echo.Context) error {
	var in struct {
		StartsAt store.Moment
		EndsAt   store.Moment
		Reason   string
	}
	if err := web.Read(c, &in); err != nil {
		return err
	}
	return s.makeAbsence(c, absence.Terms{User: identity(c).UserID(), StartsAt: in.StartsAt, EndsAt: in.EndsAt, Reason: in.Reason})
}

func (s *Server) createAbsence(c echo.Context) error {
	var in absence.Terms
	if err := web.Read(c, &in); err != nil {
		return err
	}
	return s.makeAbsence(c, in)
}

func (s *Server) makeAbsence(c echo.Context, terms absence.Terms) error {
	made, err := s.Absences.Create(c.Request().Context(), actor(c), terms)
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusCreated, s.absenceOf(made))
}

func (s *Server) removeMyAbsence(c echo.Context) error { return s.dropAbsence(c, identity(c).UserID()) }

func (s *Server) removeAbsence(c echo.Context) error { return s.dropAbsence(c, "") }

// dropAbsence removes an absence, for somebody only their own.
func (s *Server) dropAbsence(c echo.Context, of string) error {
	a, err := s.Absences.Get(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if of != "" && a.User != of {
		return absence.ErrNone.With(nil)
	}
	if err := s.Absences.Remove(c.Request().Context(), actor(c), a); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
