package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/stepwell/stepwell/api/web"
	"github.com/stepwell/stepwell/builder/pack"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/schemas/app"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/role"
)

// ErrNoSample says that a template has no sample data.
var ErrNoSample = fault.Define(fault.Invalid, "app.noSample", "This template has no sample data. Install it without.", "该模板没有示例数据，请不带示例数据安装。")

type marketEntry struct {
	Template  string                  `json:"template"`
	App       string                  `json:"app"`
	Title     definition.Text         `json:"title"`
	Category  definition.Text         `json:"category"`
	Summary   definition.Text         `json:"summary"`
	Icon      string                  `json:"icon,omitempty"`
	Version   string                  `json:"version"`
	Contents  map[definition.Kind]int `json:"contents"`
	Installed bool                    `json:"installed"`
	Sample    bool                    `json:"sampleData"`
}

func (s *Server) listMarket(c echo.Context) error {
	templates, err := pack.Market()
	if err != nil {
		return err
	}
	out := make([]marketEntry, len(templates))
	for i, t := range templates {
		_, err := s.Catalog.App(t.Key)
		out[i] = marketEntry{t.Key, t.Key, t.Title, t.Category, t.Summary, t.Icon, t.Version, t.Counts, err == nil, t.Sample}
	}
	return web.JSON(c, http.StatusOK, items(out))
}

func (s *Server) installApp(c echo.Context) error {
	var in struct {
		Template   string
		Overwrite  bool
		SampleData bool
	}
	if err := web.Read(c, &in); err != nil {
		return err
	}
	ctx := c.Request().Context()
	a, err := s.Install(ctx, in.Template, in.Overwrite, identity(c).UserID())
	if err != nil {
		return err
	}
	if err := s.People.Audit().Append(ctx, actor(c), "app.installed", in.Template, "ok", nil); err != nil {
		return err
	}
	if in.SampleData {
		if _, err := s.Sample(ctx, in.Template, identity(c).UserID(), ""); err != nil {
			return err
		}
	}
	return web.JSON(c, http.StatusCreated, s.appFor(identity(c).UserID(), a))
}

func (s *Server) listApps(c echo.Context) error {
	by := identity(c).UserID()
	out := []appView{}
	for _, a := range s.Catalog.Apps() {
		if v := s.appFor(by, a); len(v.Forms) > 0 || len(v.Permissions) > 0 {
			out = append(out, v)
		}
	}
	return web.JSON(c, http.StatusOK, items(out))
}

func (s *Server) getApp(c echo.Context) error {
	a, err := s.Catalog.App(c.Param("app"))
	if err != nil {
		return err
	}
	v := s.appFor(identity(c).UserID(), a)
	if len(v.Forms) == 0 && len(v.Permissions) == 0 {
		return catalog.ErrNoApp.With(map[string]any{"app": a.Key})
	}
	return web.JSON(c, http.StatusOK, v)
}

type appView struct {
	Key         string          `json:"key"`
	Title       definition.Text `json:"title"`
	Icon        string          `json:"icon,omitempty"`
	Version     string          `json:"version,omitempty"`
	Menu        []menuItem      `json:"menu"`
	Forms       []formInfo      `json:"forms"`
	Permissions []role.Action   `json:"permissions"`
	// OpenQuickLinks allows links made by hand to work without signing in.
	OpenQuickLinks bool `json:"openQuickLinks,omitempty"`
}

type menuItem struct {
	Form  string          `json:"form"`
	View  app.View        `json:"view"`
	Title definition.Text `json:"title"`
	Icon  string          `json:"icon,omitempty"`
}

type formInfo struct {
	Key         string          `json:"key"`
	Title       definition.Text `json:"title"`
	Plural      definition.Text `json:"plural,omitempty"`
	Icon        string          `json:"icon,omitempty"`
	HasFlow     bool            `json:"hasFlow"`
	Permissions []role.Action   `json:"permissions"`
}

// appFor is the app as one person may use it: the forms of which they may see something, and the menu of these.
func (s *Server) appFor(by string, a *catalog.App) appView {
	v := appView{
		Key: a.Key, Title: a.Def.Title, Icon: a.Def.Icon, Version: a.Def.Version, Menu: []menuItem{}, Forms: []formInfo{},
		Permissions:    s.Access.Actions(by, a.Key, role.AppObject),
		OpenQuickLinks: a.Def.QuickLinks.SignIn == flow.SignInNotRequired,
	}
	if v.Permissions == nil {
		v.Permissions = []role.Action{}
	}
	mayUse := map[string]bool{}
	for _, f := range a.Forms() {
		allowed := s.Access.Actions(by, a.Key, "form:"+f.Key)
		if len(allowed) == 0 {
			continue
		}
		mayUse[f.Key] = true
		def := f.Exec.Form
		v.Forms = append(v.Forms, formInfo{f.Key, def.Title, def.Plural, def.Icon, f.Flow != "", allowed})
	}
	menu := a.Def.Menu
	if len(menu) == 0 {
		for _, f := range v.Forms {
			menu = append(menu, app.MenuItem{Form: f.Key})
		}
	}
	for _, m := range menu {
		if mayUse[m.Form] {
			v.Menu = append(v.Menu, menuEntry(a.Form(m.Form), m))
		}
	}
	return v
}

func menuEntry(f *catalog.Form, m app.MenuItem) menuItem {
	out := menuItem{Form: m.Form, View: m.View, Title: m.Title, Icon: m.Icon}
	if out.View == "" {
		out.View = app.ListView
	}
	for _, title := range []definition.Text{f.Exec.Form.Plural, f.Exec.Form.Title} {
		if out.Title.Empty() {
			out.Title = title
		}
	}
	if out.Icon == "" {
		out.Icon = f.Exec.Form.Icon
	}
	return out
}
