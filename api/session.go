package api

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/stepwell/stepwell/api/web"
	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/access"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/role"
)

func (s *Server) signIn(c echo.Context) error {
	var in struct{ Username, Password string }
	if err := web.Read(c, &in); err != nil {
		return err
	}
	secret, who, err := s.Account.SignIn(c.Request().Context(), in.Username, in.Password, client(c))
	if err != nil {
		return err
	}
	s.setCookie(c, secret)
	return s.answerMe(c, who)
}

func (s *Server) signOut(c echo.Context) error {
	who := identity(c)
	if err := s.Account.EndSession(c.Request().Context(), actor(c), who.UserID(), who.Session); err != nil {
		return err
	}
	s.setCookie(c, "")
	return c.NoContent(http.StatusNoContent)
}

func (s *Server) getSetup(c echo.Context) error {
	needed, err := s.Account.SetupNeeded(c.Request().Context())
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, map[string]bool{"needed": needed})
}

func (s *Server) setUp(c echo.Context) error {
	var in struct{ Token, Username, Name, Password string }
	if err := web.Read(c, &in); err != nil {
		return err
	}
	profile := people.Profile{Username: in.Username, Name: in.Name, Active: true}
	secret, who, err := s.Account.SetUp(c.Request().Context(), in.Token, profile, in.Password, client(c))
	if err != nil {
		return err
	}
	s.setCookie(c, secret)
	return s.answerMe(c, who)
}

type me struct {
	ID                 string           `json:"id"`
	Username           string           `json:"username"`
	Name               string           `json:"name"`
	Email              string           `json:"email,omitempty"`
	Department         string           `json:"department,omitempty"`
	DepartmentName     definition.Text  `json:"departmentName,omitempty"`
	Position           string           `json:"position,omitempty"`
	Locale             string           `json:"locale"`
	Theme              string           `json:"theme"`
	Roles              []people.RoleRef `json:"roles"`
	Permissions        []role.Action    `json:"permissions"`
	HasReports         bool             `json:"hasReports"`
	MustChangePassword bool             `json:"mustChangePassword,omitempty"`
	Unread             int64            `json:"unread"`
	Now                store.Moment     `json:"now"`
	ManualClock        bool             `json:"manualClock"`
}

func (s *Server) getMe(c echo.Context) error { return s.answerMe(c, identity(c)) }

func (s *Server) answerMe(c echo.Context, who people.Identity) error {
	u := who.User
	d := s.People.Directory()
	unread, err := s.Inbox.Unread(c.Request().Context(), u.ID, 1000)
	if err != nil {
		return err
	}
	_, manual := s.Clock.(*clock.Manual)
	out := me{
		ID: u.ID, Username: u.Username, Name: u.Name, Email: u.Email, Department: u.Department, Position: u.Position,
		Locale: u.Locale, Theme: u.Theme, Roles: u.Roles, Permissions: s.Access.Actions(u.ID, people.PlatformApp, access.PlatformObject),
		HasReports: len(d.Led(u.ID)) > 0, MustChangePassword: who.MustChangePassword, Unread: unread,
		Now: store.MomentOf(s.Clock.Now()), ManualClock: manual,
	}
	if dep, ok := d.Department(u.Department); ok {
		out.DepartmentName = dep.Name
	}
	if out.Locale == "" {
		out.Locale = web.Lang(c)
	}
	if out.Theme == "" {
		out.Theme = "system"
	}
	if out.Roles == nil {
		out.Roles = []people.RoleRef{}
	}
	if out.Permissions == nil {
		out.Permissions = []role.Action{}
	}
	return web.JSON(c, http.StatusOK, out)
}

func (s *Server) updateMe(c echo.Context) error {
	var in struct{ Locale, Theme *string }
	if err := web.Read(c, &in); err != nil {
		return err
	}
	who := identity(c)
	u, err := s.People.UpdateUser(c.Request().Context(), actor(c), who.UserID(), 0, func(p *people.Profile) {
		if in.Locale != nil {
			p.Locale = *in.Locale
		}
		if in.Theme != nil {
			p.Theme = *in.Theme
		}
	})
	if err != nil {
		return err
	}
	who.User = u
	return s.answerMe(c, who)
}

func (s *Server) changePassword(c echo.Context) error {
	var in struct{ Current, New string }
	if err := web.Read(c, &in); err != nil {
		return err
	}
	if err := s.Account.ChangePassword(c.Request().Context(), identity(c), client(c), in.Current, in.New); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

type session struct {
	ID         string       `json:"id"`
	CreatedAt  store.Moment `json:"createdAt"`
	LastUsedAt store.Moment `json:"lastUsedAt"`
	IP         string       `json:"ip,omitempty"`
	Agent      string       `json:"agent,omitempty"`
	Current    bool         `json:"current"`
}

func (s *Server) listSessions(c echo.Context) error {
	who := identity(c)
	list, err := s.Account.Sessions(c.Request().Context(), who.UserID())
	if err != nil {
		return err
	}
	out := make([]session, len(list))
	for i, x := range list {
		out[i] = session{x.ID, store.MomentOf(x.CreatedAt), store.MomentOf(x.LastUsedAt), x.IP, x.Agent, x.ID == who.Session}
	}
	return web.JSON(c, http.StatusOK, items(out))
}

func (s *Server) revokeSession(c echo.Context) error {
	if err := s.Account.EndSession(c.Request().Context(), actor(c), identity(c).UserID(), c.Param("id")); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

type token struct {
	ID         string         `json:"id"`
	Name       string         `json:"name"`
	Scopes     []people.Scope `json:"scopes"`
	CreatedAt  store.Moment   `json:"createdAt"`
	ExpiresAt  store.Moment   `json:"expiresAt"`
	LastUsedAt store.Moment   `json:"lastUsedAt,omitzero"`
	Secret     string         `json:"secret,omitempty"`
}

func (s *Server) listTokens(c echo.Context) error {
	list, err := s.Account.Tokens(c.Request().Context(), identity(c).UserID())
	if err != nil {
		return err
	}
	out := make([]token, len(list))
	for i, t := range list {
		out[i] = token{ID: t.ID, Name: t.Name, Scopes: t.Scopes, CreatedAt: store.MomentOf(t.CreatedAt), ExpiresAt: store.MomentOf(t.ExpiresAt)}
		if !t.LastUsedAt.IsZero() {
			out[i].LastUsedAt = store.MomentOf(t.LastUsedAt)
		}
	}
	return web.JSON(c, http.StatusOK, items(out))
}

// defaultTokenDays is how long a token lives for which nothing else is said.
const defaultTokenDays = 90

func (s *Server) createToken(c echo.Context) error {
	in := struct {
		Name   string
		Scopes []people.Scope
		Days   int
	}{Scopes: []people.Scope{people.ScopeRead, people.ScopeWrite}, Days: defaultTokenDays}
	if err := web.Read(c, &in); err != nil {
		return err
	}
	t, secret, err := s.Account.CreateToken(c.Request().Context(), actor(c), identity(c).UserID(), in.Name, in.Scopes, time.Duration(in.Days)*24*time.Hour)
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusCreated, token{
		ID: t.ID, Name: t.Name, Scopes: t.Scopes, CreatedAt: store.MomentOf(t.CreatedAt), ExpiresAt: store.MomentOf(t.ExpiresAt), Secret: secret,
	})
}

func (s *Server) revokeToken(c echo.Context) error {
	if err := s.Account.RevokeToken(c.Request().Context(), actor(c), identity(c).UserID(), c.Param("id")); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

type list[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
}

// items is a list in one page.
func items[T any](all []T) list[T] {
	if all == nil {
		all = []T{}
	}
	return list[T]{Items: all}
}
