package api

import (
	"context"
	"log/slog"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/stepwell/stepwell/api/web"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/records"
	"github.com/stepwell/stepwell/runtime/tasks"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/problem"
)

// taskInput is what a command on a task may bring.
type taskInput struct {
	Comment   string
	Data      map[string]any
	To        string
	Then      flow.Then
	Users     []string
	For       string
	Where     engine.Where
	Picks     map[string][]string
	Signature string // id of an uploaded image
	Proof     string // of POST /session/confirm
	Item      string
	Mentions  []string
	Files     []form.FileRef
}

// onTask adds to a request what is to happen to a task, and what the person has proved for it.
func (s *Server) onTask(c echo.Context, req *records.Request, in taskInput, task string) error {
	ctx := c.Request().Context()
	t, _, err := s.Desk.Load(ctx, req.By, task)
	if err != nil {
		return err
	}
	confirmed, err := s.Account.Proved(ctx, identity(c), in.Proof, task)
	if err != nil {
		return err
	}
	_, seq, _ := tasks.Split(t.ID)
	req.App, req.Form, req.ID, req.TaskSeq = t.App, t.Form, t.Record, seq
	kind := req.Command.Kind
	req.Command = engine.Command{
		Kind: kind, Comment: in.Comment, Data: in.Data, To: in.To, Users: in.Users, Item: in.Item, For: in.For, Where: in.Where,
		Then: in.Then, Picks: in.Picks, Confirmed: confirmed,
	}
	if in.Signature != "" {
		req.Command.Signature = &form.FileRef{ID: in.Signature}
	}
	switch kind { //nolint:exhaustive // the others say it in their comment
	case engine.Return, engine.Undo:
		req.Command.Reason = in.Comment
	case engine.Comment:
		req.Command.Users, req.Command.Files = in.Mentions, in.Files
	}
	return nil
}

// actOnTask answers one of the commands that a task takes.
func (s *Server) actOnTask(kind engine.CommandKind) echo.HandlerFunc {
	return func(c echo.Context) error {
		var in taskInput
		if err := web.ReadOptional(c, &in); err != nil {
			return err
		}
		req, err := request(c, kind)
		if err != nil {
			return err
		}
		if err := s.onTask(c, &req, in, c.Param("id")); err != nil {
			return err
		}
		if kind == engine.Comment {
			return s.say(c, req)
		}
		return s.do(c, req)
	}
}

// say writes a comment and answers it.
func (s *Server) say(c echo.Context, req records.Request) error {
	comment, err := s.Records.Say(c.Request().Context(), req)
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusCreated, comment)
}

func (s *Server) listComments(c echo.Context) error {
	ctx := c.Request().Context()
	rec, err := s.Records.Get(ctx, identity(c).UserID(), c.Param("app"), c.Param("form"), c.Param("id"))
	if err != nil {
		return err
	}
	most, err := web.Limit(c)
	if err != nil {
		return err
	}
	page, err := s.Records.Comments(ctx, rec, most, c.QueryParam("cursor"))
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, page)
}

func (s *Server) createComment(c echo.Context) error {
	var in struct {
		Text     string
		Mentions []string
		Files    []form.FileRef
	}
	if err := web.Read(c, &in); err != nil {
		return err
	}
	req, err := request(c, engine.Comment)
	if err != nil {
		return err
	}
	req.Command.Comment, req.Command.Users, req.Command.Files = in.Text, in.Mentions, in.Files
	return s.say(c, req)
}

// batchItem is one decision of a batch.
type batchItem struct {
	Task   string
	Action engine.CommandKind
	taskInput
}

// decided is the answer to one decision of a batch: the record's new revision, or why not.
type decided struct {
	Task   string           `json:"task"`
	OK     bool             `json:"ok"`
	Rev    int64            `json:"rev,omitempty"`
	Status int              `json:"status"`
	Code   string           `json:"code,omitempty"`
	Title  string           `json:"title,omitempty"`
	Errors []web.FieldError `json:"errors,omitempty"`
}

// mostInBatch bounds a batch.
const mostInBatch = 100

var (
	errBatchSize   = fault.Define(fault.Invalid, "task.batchSize", "Decide 1 to {max} tasks at once.", "一次可处理 1 到 {max} 个待办。")
	errBatchAction = fault.Define(fault.Invalid, "task.batchAction", "“{action}” cannot be done to many tasks at once. Choose {known}.", "“{action}”不支持批量处理，请选择：{known}。")
	inBatch        = []engine.CommandKind{engine.Complete, engine.Approve, engine.Reject, engine.Abstain, engine.Transfer, engine.Urge}
)

// batchTasks decides several tasks, each by itself: one that is refused does not hold up the others.
func (s *Server) batchTasks(c echo.Context) error {
	var in struct{ Items []batchItem }
	if err := web.Read(c, &in); err != nil {
		return err
	}
	if len(in.Items) == 0 || len(in.Items) > mostInBatch {
		params := problem.Params{"max": mostInBatch}
		return errBatchSize.With(params, errBatchSize.At("/items", params))
	}
	key, err := web.IdempotencyKey(c, identity(c).UserID())
	if err != nil {
		return err
	}
	out := make([]decided, len(in.Items))
	for i := range in.Items {
		item := &in.Items[i]
		rec, err := s.batchOne(c, item, key)
		out[i] = decided{Task: item.Task, OK: err == nil, Status: http.StatusOK}
		if err != nil {
			p := web.ProblemOf(err, c)
			out[i].Status, out[i].Code, out[i].Title, out[i].Errors = p.Status, p.Code, p.Title, p.Errors
			s.logBatch(c.Request().Context(), p.Status, item.Task, err)
			continue
		}
		out[i].Rev = rec.Rev
	}
	return web.JSON(c, http.StatusOK, items(out))
}

func (s *Server) batchOne(c echo.Context, item *batchItem, key string) (*records.Record, error) {
	if !slices.Contains(inBatch, item.Action) {
		params := problem.Params{"action": string(item.Action), "known": inBatch}
		return nil, errBatchAction.With(params, errBatchAction.At("/action", params))
	}
	req, err := request(c, item.Action)
	if err != nil {
		return nil, err
	}
	req.Rev, req.Key = 0, ""
	if key != "" {
		req.Key = key + "-" + item.Task // each task is decided once
	}
	if err := s.onTask(c, &req, item.taskInput, item.Task); err != nil {
		return nil, err
	}
	return s.Records.Do(c.Request().Context(), req)
}

func (s *Server) logBatch(ctx context.Context, status int, task string, err error) {
	if status >= http.StatusInternalServerError {
		s.Log.ErrorContext(ctx, "a task of a batch failed", slog.String("task", task), slog.Any("error", err))
	}
}

// confirmSession proves anew that the person of a session knows their password.
func (s *Server) confirmSession(c echo.Context) error {
	var in struct {
		Password string
		Tasks    []string
	}
	if err := web.Read(c, &in); err != nil {
		return err
	}
	proof, until, err := s.Account.Confirm(c.Request().Context(), identity(c), client(c), in.Password, in.Tasks)
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, struct {
		Proof     string       `json:"proof"`
		ExpiresAt store.Moment `json:"expiresAt"`
	}{proof, store.MomentOf(until)})
}

// previewInput is a record as it is being filled in.
type previewInput struct {
	Data  map[string]any
	Picks map[string][]string
	Owner string
}

// previewRecord foresees the steps of a record: GET as it stands, POST with what is typed.
func (s *Server) previewRecord(c echo.Context) error {
	var in previewInput
	if err := web.ReadOptional(c, &in); err != nil {
		return err
	}
	route, err := s.Records.Preview(c.Request().Context(), records.PreviewRequest{
		App: c.Param("app"), Form: c.Param("form"), ID: c.Param("id"), By: identity(c).UserID(), Owner: in.Owner, Data: in.Data, Picks: in.Picks,
	})
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, route)
}
