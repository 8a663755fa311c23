package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/stepwell/stepwell/api/web"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/handover"
	"github.com/stepwell/stepwell/runtime/people/audit"
	"github.com/stepwell/stepwell/runtime/people/delegation"
	"github.com/stepwell/stepwell/runtime/records"
	"github.com/stepwell/stepwell/schemas/definition"
)

// inScope reports whether there is what a delegation's scope names.
func (p *Product) inScope(scope delegation.Scope) bool {
	app, err := p.Catalog.App(scope.App)
	if err != nil {
		return false
	}
	found := scope.Form == "" && scope.Flow == ""
	for _, f := range app.Forms() {
		found = found || (scope.Form == "" || f.Key == scope.Form) && (scope.Flow == "" || f.Flow == scope.Flow)
	}
	return found
}

type delegationView struct {
	ID string `json:"id"`
	delegation.Terms
	CreatedAt store.Moment `json:"createdAt"`
	CreatedBy string       `json:"createdBy"`
	EndedAt   store.Moment `json:"endedAt,omitzero"`
	Holds     bool         `json:"holds"` // now
}

func (s *Server) delegationOf(d *delegation.Delegation) delegationView {
	return delegationView{d.ID, d.Terms, d.CreatedAt, d.CreatedBy, d.EndedAt, d.Holds(s.Clock.Now())}
}

type delegationList struct {
	list[delegationView]
	Names records.Names `json:"names"`
}

func (s *Server) answerDelegations(c echo.Context, user string) error {
	most, err := web.Limit(c)
	if err != nil {
		return err
	}
	found, err := s.Delegations.List(c.Request().Context(), user, most)
	if err != nil {
		return err
	}
	out := delegationList{list: list[delegationView]{Items: make([]delegationView, len(found))}, Names: records.Names{}}
	for i := range found {
		out.Items[i] = s.delegationOf(&found[i])
		s.Records.NamePeople(out.Names, found[i].From, found[i].Terms.To, found[i].CreatedBy)
	}
	return web.JSON(c, http.StatusOK, out)
}

func (s *Server) listMyDelegations(c echo.Context) error {
	return s.answerDelegations(c, identity(c).UserID())
}

func (s *Server) listDelegations(c echo.Context) error {
	return s.answerDelegations(c, c.QueryParam("user"))
}

type delegationInput struct {
	From     string
	To       string
	Scope    delegation.Scope
	StartsAt store.Moment
	EndsAt   store.Moment
	Reason   string
}

func (s *Server) makeDelegation(c echo.Context, in delegationInput) error {
	made, err := s.Delegations.Create(c.Request().Context(), actor(c), delegation.Terms{
		From: in.From, To: in.To, Scope: in.Scope, StartsAt: in.StartsAt, EndsAt: in.EndsAt, Reason: in.Reason,
	})
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusCreated, s.delegationOf(made))
}

func (s *Server) createMyDelegation(c echo.Context) error {
	var in struct {
		To       string
		Scope    delegation.Scope
		StartsAt store.Moment
		EndsAt   store.Moment
		Reason   string
	}
	if err := web.Read(c, &in); err != nil {
		return err
	}
	return s.makeDelegation(c, delegationInput{identity(c).UserID(), in.To, in.Scope, in.StartsAt, in.EndsAt, in.Reason})
}

func (s *Server) createDelegation(c echo.Context) error {
	var in delegationInput
	if err := web.Read(c, &in); err != nil {
		return err
	}
	return s.makeDelegation(c, in)
}

func (s *Server) endMyDelegation(c echo.Context) error {
	d, err := s.Delegations.Get(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if d.From != identity(c).UserID() {
		return delegation.ErrNone.With(nil)
	}
	return s.endDelegation(c)
}

func (s *Server) endDelegation(c echo.Context) error {
	if _, err := s.Delegations.End(c.Request().Context(), actor(c), c.Param("id")); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func (s *Server) getOpinions(c echo.Context) error {
	lists, err := s.Opinions.Of(c.Request().Context(), identity(c).UserID(), c.QueryParam("app"))
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, lists)
}

func (s *Server) putMyOpinions(c echo.Context) error {
	var in struct{ Items []string }
	if err := web.Read(c, &in); err != nil {
		return err
	}
	if err := s.Opinions.SetMine(c.Request().Context(), identity(c).UserID(), in.Items); err != nil {
		return err
	}
	return s.getOpinions(c)
}

func (s *Server) putAppOpinions(c echo.Context) error {
	var in struct{ Items []definition.Text }
	if err := web.Read(c, &in); err != nil {
		return err
	}
	ctx, app := c.Request().Context(), c.Param("app")
	if _, err := s.Catalog.App(app); err != nil {
		return err
	}
	if err := s.Opinions.SetApp(ctx, app, in.Items); err != nil {
		return err
	}
	err := s.People.Audit().Append(ctx, actor(c), "opinions.updated", app, audit.Done, map[string]any{"count": len(in.Items)})
	if err != nil {
		return err
	}
	lists, err := s.Opinions.Of(ctx, identity(c).UserID(), app)
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, lists)
}

// handOverFailure is one record that could not be passed on, and why.
type handOverFailure struct {
	handover.Item
	Code   string           `json:"code"`
	Detail string           `json:"detail"`
	Errors []web.FieldError `json:"errors,omitempty"`
}

type handOverView struct {
	*handover.Report
	Failed []handOverFailure `json:"failed"`
	Ended  []delegationView  `json:"ended"`
	Moved  []delegationView  `json:"moved"`
	Names  records.Names     `json:"names"`
}

func (s *Server) handOver(c echo.Context) error {
	var in struct {
		To     string
		What   []handover.What
		DryRun bool
		Reason string
	}
	if err := web.Read(c, &in); err != nil {
		return err
	}
	report, err := s.Leaving.HandOver(c.Request().Context(), handover.Request{
		From: c.Param("id"), To: in.To, What: in.What, DryRun: in.DryRun, Reason: in.Reason, By: actor(c),
	})
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, s.handOverOf(c, report))
}

func (s *Server) handOverOf(c echo.Context, report *handover.Report) handOverView {
	out := handOverView{Report: report, Failed: []handOverFailure{}, Ended: []delegationView{}, Moved: []delegationView{}, Names: records.Names{}}
	lang := web.Lang(c)
	for _, f := range report.Failed {
		out.Failed = append(out.Failed, failureOf(f, lang))
	}
	for i := range report.Ended {
		out.Ended = append(out.Ended, s.delegationOf(&report.Ended[i]))
		s.Records.NamePeople(out.Names, report.Ended[i].Terms.To)
	}
	for i := range report.Moved {
		out.Moved = append(out.Moved, s.delegationOf(&report.Moved[i]))
		s.Records.NamePeople(out.Names, report.Moved[i].From)
	}
	s.Records.NamePeople(out.Names, report.From, report.To)
	s.Records.NamePeople(out.Names, report.Departments...)
	s.Records.NamePeople(out.Names, report.Reports...)
	return out
}

func failureOf(f handover.Failure, lang string) handOverFailure {
	return handOverFailure{f.Item, f.Problem.Code.ID, f.Problem.Message(lang), web.FieldErrors(f.Problem.Problems, lang)}
}
