package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/stepwell/stepwell/api/web"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/live"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/tasks"
	"github.com/stepwell/stepwell/schemas/definition"
)

type notice struct {
	ID          string          `json:"id"`
	Cause       string          `json:"cause"`
	Title       definition.Text `json:"title"`
	Text        definition.Text `json:"text,omitempty"`
	App         string          `json:"app,omitempty"`
	Form        string          `json:"form,omitempty"`
	Record      string          `json:"record,omitempty"`
	RecordTitle string          `json:"recordTitle,omitempty"`
	CreatedAt   store.Moment    `json:"createdAt"`
	Read        bool            `json:"read"`
	QuickLink   string          `json:"quickLink,omitempty"` // path of a page that asks for what is missing
}

func (s *Server) listNotices(c echo.Context) error {
	most, err := web.Limit(c)
	if err != nil {
		return err
	}
	unread, err := web.Flag(c, "unread")
	if err != nil {
		return err
	}
	ctx, by := c.Request().Context(), identity(c).UserID()
	found, next, err := s.Inbox.List(ctx, by, c.QueryParam("cursor"), most, unread)
	if err != nil {
		return err
	}
	count, err := s.Inbox.Unread(ctx, by, 1000)
	if err != nil {
		return err
	}
	out := struct {
		list[notice]
		Unread int64 `json:"unread"`
	}{list: list[notice]{Items: make([]notice, len(found)), Next: next}, Unread: count}
	for i, n := range found {
		out.Items[i] = notice{n.ID, string(n.Cause), n.Title, n.Text, n.App, n.Form, n.Record, n.RecordTitle, n.CreatedAt, !n.ReadAt.IsZero(), ""}
		if n.QuickLink != "" {
			out.Items[i].QuickLink = s.Links.Path(n.QuickLink)
		}
	}
	return web.JSON(c, http.StatusOK, out)
}

func (s *Server) readNotices(c echo.Context) error {
	var in struct {
		IDs []string `json:"ids"`
		All bool     `json:"all"`
	}
	if err := web.Read(c, &in); err != nil {
		return err
	}
	ctx, by := c.Request().Context(), identity(c).UserID()
	if in.All {
		if err := s.Inbox.MarkAllRead(ctx, by); err != nil {
			return err
		}
		return c.NoContent(http.StatusNoContent)
	}
	for _, id := range in.IDs {
		if err := s.Inbox.MarkRead(ctx, by, id); err != nil {
			return err
		}
	}
	return c.NoContent(http.StatusNoContent)
}

// events is a stream of Server-Sent Events about what this person may see.
func (s *Server) events(c echo.Context) error {
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // a proxy that buffers would hold the news back
	c.Response().WriteHeader(http.StatusOK)
	control := http.NewResponseController(c.Response().Writer)
	ctx := c.Request().Context()
	for e := range s.Live.Subscribe(ctx, s.mayHear(identity(c).UserID())) {
		if err := writeEvent(c, e); err != nil {
			return nil //nolint:nilerr // the reader has gone
		}
		if err := control.Flush(); err != nil {
			return nil //nolint:nilerr // the reader has gone
		}
	}
	return nil
}

func writeEvent(c echo.Context, e live.Event) error {
	switch e.Type {
	case live.Heartbeat:
		_, err := fmt.Fprint(c.Response(), ": still here\n\n")
		return err
	case live.Resync:
		_, err := fmt.Fprint(c.Response(), "event: resync\ndata: {}\n\n")
		return err
	case live.Changed, live.Deleted:
	}
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.Response(), "event: change\ndata: %s\n\n", body)
	return err
}

// mayHear tells a person only of documents they could load.
func (s *Server) mayHear(by string) live.Filter {
	return func(ctx context.Context, e live.Event) bool {
		switch {
		case e.Collection == notices.Collection:
			n, err := store.Load[notices.Notice](ctx, s.Store, notices.Collection, e.ID)
			return err == nil && n.User == by && n.Channel == notices.InApp
		case e.Collection == tasks.Collection:
			t, err := store.Load[tasks.Task](ctx, s.Store, tasks.Collection, e.ID)
			if err != nil {
				return false
			}
			return slices.Contains(t.Assignees, by)
		case e.Type == live.Deleted:
			return false // what is gone cannot be judged; the page finds out when it loads it
		}
		parts := strings.SplitN(e.Collection, ".", 3)
		if len(parts) != 3 {
			return false
		}
		_, err := s.Records.Get(ctx, by, parts[1], parts[2], e.ID)
		return err == nil
	}
}
