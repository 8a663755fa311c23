package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/stepwell/stepwell/api/web"
	"github.com/stepwell/stepwell/schemas/definition"
)

// previewImpact says which deadlines would move if the draft of a calendar were published.
func (s *Server) previewImpact(c echo.Context) error {
	ref := refOf(c)
	if ref.Kind != definition.KindCalendar {
		return web.InvalidParam("kind", string(definition.KindCalendar))
	}
	ctx := c.Request().Context()
	d, err := s.Drafts.Load(ctx, ref)
	if err != nil {
		return err
	}
	impact, err := s.Shifts.Preview(ctx, identity(c).UserID(), ref.App, ref.Key, []byte(d.Body))
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, impact)
}
