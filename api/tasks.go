package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/stepwell/stepwell/api/web"
	"github.com/stepwell/stepwell/runtime/desk"
	"github.com/stepwell/stepwell/runtime/tasks"
	"github.com/stepwell/stepwell/schemas/flow"
)

func (s *Server) getToday(c echo.Context) error {
	day, err := s.Desk.Today(c.Request().Context(), identity(c).UserID())
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, day)
}

func (s *Server) listTasks(c echo.Context) error {
	most, err := web.Limit(c)
	if err != nil {
		return err
	}
	q := desk.TaskQuery{By: identity(c).UserID(), State: tasks.Open, Limit: most, Cursor: c.QueryParam("cursor")}
	switch state := tasks.State(c.QueryParam("state")); state {
	case "", tasks.Open:
	case tasks.Done:
		q.State = tasks.Done
	default:
		return web.InvalidParam("state", "open, done")
	}
	switch kind := flow.BlockType(c.QueryParam("kind")); kind { //nolint:exhaustive // the other blocks make no tasks
	case "", flow.Task, flow.Checklist, flow.Approval:
		q.Kind = kind
	default:
		return web.InvalidParam("kind", "task, checklist, approval")
	}
	page, err := s.Desk.Tasks(c.Request().Context(), q)
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, page)
}

func (s *Server) getTask(c echo.Context) error {
	t, err := s.Desk.Task(c.Request().Context(), identity(c).UserID(), c.Param("id"))
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, t)
}
