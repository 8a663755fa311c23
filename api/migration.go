package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/stepwell/stepwell/api/web"
	"github.com/stepwell/stepwell/runtime/desk"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/records"
	"github.com/stepwell/stepwell/schemas/definition"
)

// listRunning counts the running records of a flow by its version.
func (s *Server) listRunning(c echo.Context) error {
	if c.Param("kind") != string(definition.KindFlow) {
		return web.InvalidParam("kind", string(definition.KindFlow))
	}
	versions, err := s.Records.Running(c.Request().Context(), c.Param("app"), c.Param("key"))
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, items(versions))
}

// previewMigration says what would become of a record in another version of its flow.
func (s *Server) previewMigration(c echo.Context) error {
	in := struct {
		Version int
		Map     map[string]string
	}{}
	if err := web.Read(c, &in); err != nil {
		return err
	}
	who := identity(c).UserID()
	found, err := s.Desk.Migration(c.Request().Context(), records.Request{
		App: c.Param("app"), Form: c.Param("form"), ID: c.Param("id"), By: who,
		Command: engine.Command{Version: in.Version, Map: in.Map},
	})
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, struct {
		*desk.Migration
		Problems []web.FieldError `json:"problems"`
	}{found, web.FieldErrors(found.Problems, web.Lang(c))})
}
