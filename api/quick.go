package api

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/stepwell/stepwell/api/web"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/runtime/quicklinks"
	"github.com/stepwell/stepwell/runtime/quicklinks/door"
	"github.com/stepwell/stepwell/schemas/flow"
)

// quickPage is where the pages of quick links are.
const quickPage = "/q/"

// retryQuick is what whoever tried too often is told to wait, in seconds.
const retryQuick = 60

// visitor is who stands before a quick link. An API token is nobody there: it was not given for that.
func visitor(c echo.Context) door.Visitor {
	v := door.Visitor{Address: c.RealIP()}
	if who := identity(c); who.Token == "" && !who.MustChangePassword {
		v.User = who.UserID()
	}
	return v
}

// slowDown says when to come back, beside an answer that asks for patience.
func slowDown(c echo.Context, err error) error {
	if fault.Has(err, quicklinks.ErrTooOften) {
		c.Response().Header().Set("Retry-After", strconv.Itoa(retryQuick))
	}
	return err
}

func (s *Server) lookQuick(c echo.Context) error {
	page, err := s.Door.Look(c.Request().Context(), c.Param("token"), visitor(c))
	if err != nil {
		return slowDown(c, err)
	}
	return web.JSON(c, http.StatusOK, page)
}

func (s *Server) answerQuick(c echo.Context) error {
	var in struct {
		Data    map[string]any
		Comment string
	}
	if err := web.Read(c, &in); err != nil {
		return err
	}
	if err := s.Door.Answer(c.Request().Context(), c.Param("token"), visitor(c), in.Data, in.Comment, web.Digest(c)); err != nil {
		return slowDown(c, err)
	}
	return c.NoContent(http.StatusNoContent)
}

func (s *Server) uploadQuick(c echo.Context) error {
	reader, err := c.Request().MultipartReader()
	if err != nil {
		return web.ErrNotJSON.Because(err, map[string]any{"why": "multipart/form-data"})
	}
	field := ""
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return web.InvalidParam("file", "missing")
		}
		if err != nil {
			return fmt.Errorf("read upload: %w", err)
		}
		switch part.FormName() {
		case "field":
			text, err := io.ReadAll(io.LimitReader(part, maxPart))
			if err != nil {
				return fmt.Errorf("read part field: %w", err)
			}
			field = string(text)
		case "file":
			f, err := s.Door.Upload(c.Request().Context(), c.Param("token"), visitor(c), field, part.FileName(), part, s.Config.Limits.Upload)
			if err != nil {
				return slowDown(c, err)
			}
			return web.JSON(c, http.StatusCreated, f.Ref())
		default:
			return web.InvalidParam(part.FormName(), "unknown")
		}
	}
}

func (s *Server) listQuickLinks(c echo.Context) error {
	list, err := s.Door.Of(c.Request().Context(), identity(c).UserID(), c.Param("app"), c.Param("form"), c.Param("id"))
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, list)
}

func (s *Server) makeQuickLink(c echo.Context) error {
	var in struct {
		User   string
		Fields []string
		Task   string
		Note   string
		Hours  int
		SignIn flow.SignIn
	}
	if err := web.Read(c, &in); err != nil {
		return err
	}
	switch in.SignIn {
	case "", flow.SignInRequired, flow.SignInNotRequired:
	default:
		return web.InvalidParam("signIn", string(in.SignIn))
	}
	key, err := web.IdempotencyKey(c, identity(c).UserID())
	if err != nil {
		return err
	}
	made, err := s.Door.Make(c.Request().Context(), actor(c), door.Wanted{
		App: c.Param("app"), Form: c.Param("form"), Record: c.Param("id"), User: in.User, Fields: in.Fields, Task: in.Task, Note: in.Note,
		Life: time.Duration(in.Hours) * time.Hour, Open: in.SignIn == flow.SignInNotRequired, Key: key, Digest: web.Digest(c),
	})
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusCreated, made)
}

func (s *Server) revokeQuickLink(c echo.Context) error {
	err := s.Door.Revoke(c.Request().Context(), actor(c), c.Param("app"), c.Param("form"), c.Param("id"), c.Param("link"))
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
