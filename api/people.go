package api

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/stepwell/stepwell/api/web"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/schemas/definition"
)

type person struct {
	ID             string          `json:"id"`
	Name           string          `json:"name"`
	Department     string          `json:"department,omitempty"`
	DepartmentName definition.Text `json:"departmentName,omitempty"`
	Position       string          `json:"position,omitempty"`
}

func (s *Server) personOf(u *people.User) person {
	p := person{ID: u.ID, Name: u.Name, Department: u.Department, Position: u.Position}
	if dep, ok := s.People.Directory().Department(u.Department); ok {
		p.DepartmentName = dep.Name
	}
	return p
}

func (s *Server) listPeople(c echo.Context) error {
	d := s.People.Directory()
	out := list[person]{Items: []person{}}
	looksUp, err := s.Desk.LooksUpColleagues(c.Request().Context(), identity(c).UserID())
	if err != nil {
		return err
	}
	if !looksUp {
		out.Items = append(out.Items, s.personOf(identity(c).User))
		return web.JSON(c, http.StatusOK, out)
	}
	if ids := c.QueryParam("ids"); ids != "" {
		for id := range strings.SplitSeq(ids, ",") {
			if u, ok := d.User(id); ok {
				out.Items = append(out.Items, s.personOf(u))
			}
		}
		return web.JSON(c, http.StatusOK, out)
	}
	active := true
	page, err := s.peoplePage(c, people.Query{Active: &active, NameOnly: true})
	if err != nil {
		return err
	}
	for _, u := range page.Users {
		out.Items = append(out.Items, s.personOf(u))
	}
	out.Next = page.Next
	return web.JSON(c, http.StatusOK, out)
}

func (s *Server) peoplePage(c echo.Context, q people.Query) (people.Page, error) {
	most, err := web.Limit(c)
	if err != nil {
		return people.Page{}, err
	}
	q.Text, q.Department, q.Limit, q.Cursor = c.QueryParam("q"), c.QueryParam("department"), most, c.QueryParam("cursor")
	return s.People.Directory().List(q)
}

type department struct {
	ID     string          `json:"id"`
	Name   definition.Text `json:"name"`
	Parent string          `json:"parent,omitempty"`
	Head   string          `json:"head,omitempty"`
}

func departmentOf(d *people.Department) department {
	return department{d.ID, d.Name, d.Parent, d.Head}
}

func (s *Server) listDepartments(c echo.Context) error {
	looksUp, err := s.Desk.LooksUpColleagues(c.Request().Context(), identity(c).UserID())
	if err != nil {
		return err
	}
	out := []department{}
	for _, d := range s.People.Directory().Departments() {
		if looksUp || d.ID == identity(c).User.Department {
			out = append(out, departmentOf(d))
		}
	}
	return web.JSON(c, http.StatusOK, items(out))
}

type departmentInput struct {
	Name   *definition.Text
	Parent *string
	Head   *string
}

func (in departmentInput) apply(info *people.DepartmentInfo) {
	set(&info.Name, in.Name)
	set(&info.Parent, in.Parent)
	set(&info.Head, in.Head)
}

// set changes what was sent and leaves the rest.
func set[T any](to *T, sent *T) {
	if sent != nil {
		*to = *sent
	}
}

func (s *Server) createDepartment(c echo.Context) error {
	var in departmentInput
	if err := web.Read(c, &in); err != nil {
		return err
	}
	var info people.DepartmentInfo
	in.apply(&info)
	d, err := s.People.CreateDepartment(c.Request().Context(), actor(c), info)
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusCreated, departmentOf(d))
}

func (s *Server) updateDepartment(c echo.Context) error {
	var in departmentInput
	if err := web.Read(c, &in); err != nil {
		return err
	}
	d, err := s.People.UpdateDepartment(c.Request().Context(), actor(c), c.Param("id"), in.apply)
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, departmentOf(d))
}

func (s *Server) deleteDepartment(c echo.Context) error {
	if err := s.People.DeleteDepartment(c.Request().Context(), actor(c), c.Param("id")); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

type user struct {
	ID         string           `json:"id"`
	Rev        int64            `json:"rev"`
	Username   string           `json:"username"`
	Name       string           `json:"name"`
	Email      string           `json:"email,omitempty"`
	Phone      string           `json:"phone,omitempty"`
	WeCom      string           `json:"wecom,omitempty"`
	Department string           `json:"department,omitempty"`
	Manager    string           `json:"manager,omitempty"`
	Position   string           `json:"position,omitempty"`
	Locale     string           `json:"locale,omitempty"`
	Active     bool             `json:"active"`
	Roles      []people.RoleRef `json:"roles"`
}

func userOf(u *people.User) user {
	out := user{u.ID, u.Rev, u.Username, u.Name, u.Email, u.Phone, u.WeCom, u.Department, u.Manager, u.Position, u.Locale, u.Active, u.Roles}
	if out.Roles == nil {
		out.Roles = []people.RoleRef{}
	}
	return out
}

func (s *Server) listUsers(c echo.Context) error {
	var active *bool
	if text := c.QueryParam("active"); text != "" {
		on, err := web.Flag(c, "active")
		if err != nil {
			return err
		}
		active = &on
	}
	page, err := s.peoplePage(c, people.Query{Active: active})
	if err != nil {
		return err
	}
	out := list[user]{Items: make([]user, len(page.Users)), Next: page.Next}
	for i, u := range page.Users {
		out.Items[i] = userOf(u)
	}
	return web.JSON(c, http.StatusOK, out)
}

type userInput struct {
	Username   *string
	Name       *string
	Email      *string
	Phone      *string
	WeCom      *string
	Department *string
	Manager    *string
	Position   *string
	Locale     *string
	Active     *bool
	Password   *string
	Roles      *[]people.RoleRef
}

func (in userInput) apply(p *people.Profile) {
	set(&p.Username, in.Username)
	set(&p.Name, in.Name)
	set(&p.Email, in.Email)
	set(&p.Phone, in.Phone)
	set(&p.WeCom, in.WeCom)
	set(&p.Department, in.Department)
	set(&p.Manager, in.Manager)
	set(&p.Position, in.Position)
	set(&p.Locale, in.Locale)
	set(&p.Active, in.Active)
	set(&p.Roles, in.Roles)
}

func (s *Server) createUser(c echo.Context) error {
	var in userInput
	if err := web.Read(c, &in); err != nil {
		return err
	}
	profile := people.Profile{Active: true}
	in.apply(&profile)
	ctx := c.Request().Context()
	var u *people.User
	var err error
	if in.Password == nil {
		u, err = s.People.CreateUser(ctx, actor(c), profile)
	} else {
		u, err = s.Account.CreateUser(ctx, actor(c), profile, *in.Password, true)
	}
	if err != nil {
		return err
	}
	web.ETag(c, u.Rev)
	return web.JSON(c, http.StatusCreated, userOf(u))
}

func (s *Server) getUser(c echo.Context) error {
	u, ok := s.People.Directory().User(c.Param("id"))
	if !ok {
		return people.ErrNoUser.With(nil)
	}
	web.ETag(c, u.Rev)
	return web.JSON(c, http.StatusOK, userOf(u))
}

func (s *Server) updateUser(c echo.Context) error {
	var in userInput
	if err := web.Read(c, &in); err != nil {
		return err
	}
	rev, err := web.IfMatch(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	u, err := s.People.UpdateUser(ctx, actor(c), c.Param("id"), rev, in.apply)
	if err != nil {
		return err
	}
	if in.Password != nil {
		if err := s.Account.SetPassword(ctx, actor(c), u.ID, *in.Password); err != nil {
			return err
		}
	}
	web.ETag(c, u.Rev)
	return web.JSON(c, http.StatusOK, userOf(u))
}
