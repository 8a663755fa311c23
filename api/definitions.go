package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/stepwell/stepwell/api/web"
	"github.com/stepwell/stepwell/builder/check"
	"github.com/stepwell/stepwell/builder/draft"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/schemas/definition"
)

// refOf is the definition that the path names.
func refOf(c echo.Context) definition.Ref {
	return definition.Ref{App: c.Param("app"), Kind: definition.Kind(c.Param("kind")), Key: c.Param("key")}
}

type draftSummary struct {
	definition.Ref
	Title     definition.Text `json:"title,omitempty"`
	Rev       int64           `json:"rev"`
	Published int             `json:"published"`
	Latest    int             `json:"latest"`
	Changed   bool            `json:"changed"`
	UpdatedAt store.Moment    `json:"updatedAt"`
	UpdatedBy string          `json:"updatedBy"`
}

func (s *Server) summarise(c echo.Context, d *definition.Draft) (draftSummary, error) {
	out := draftSummary{
		Ref: d.Ref, Rev: d.Rev, Published: d.Published, Latest: d.Latest, Changed: d.Published == 0,
		UpdatedAt: store.MomentOf(d.UpdatedAt), UpdatedBy: d.UpdatedBy,
	}
	head, err := check.Head(check.Document{Ref: d.Ref, Body: []byte(d.Body)})
	if err == nil {
		out.Title = head.Title
	}
	if d.Published > 0 {
		v, err := s.Drafts.Version(c.Request().Context(), d.Ref, d.Published)
		if err != nil {
			return out, err
		}
		out.Changed = v.Body != d.Body
	}
	return out, nil
}

func (s *Server) listDefinitions(c echo.Context) error {
	drafts, err := s.Drafts.List(c.Request().Context(), c.Param("app"), definition.Kind(c.QueryParam("kind")))
	if err != nil {
		return err
	}
	out := make([]draftSummary, len(drafts))
	for i := range drafts {
		if out[i], err = s.summarise(c, &drafts[i]); err != nil {
			return err
		}
	}
	return web.JSON(c, http.StatusOK, items(out))
}

func (s *Server) getDefinition(c echo.Context) error {
	d, err := s.Drafts.Load(c.Request().Context(), refOf(c))
	if err != nil {
		return err
	}
	web.ETag(c, d.Rev)
	return c.JSONBlob(http.StatusOK, []byte(d.Body))
}

func (s *Server) putDefinition(c echo.Context) error {
	rev, err := web.IfMatch(c)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(c.Request().Body)
	if err != nil {
		return fmt.Errorf("read body: %w", err)
	}
	d, err := s.Drafts.Save(c.Request().Context(), refOf(c), bytes.TrimSpace(body), rev, identity(c).UserID())
	if err != nil {
		return err
	}
	web.ETag(c, d.Rev)
	out, err := s.summarise(c, d)
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, out)
}

func (s *Server) deleteDefinition(c echo.Context) error {
	rev, err := web.IfMatch(c)
	if err != nil {
		return err
	}
	if rev == 0 {
		rev = draft.AnyRev
	}
	if err := s.Drafts.Delete(c.Request().Context(), refOf(c), rev, identity(c).UserID()); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func (s *Server) checkDefinition(c echo.Context) error {
	ref := refOf(c)
	if _, err := s.Drafts.Load(c.Request().Context(), ref); err != nil {
		return err
	}
	findings, warnings, err := s.Drafts.Check(c.Request().Context(), ref.App, ref)
	if err != nil {
		return err
	}
	lang := web.Lang(c)
	return web.JSON(c, http.StatusOK, map[string]any{"errors": fieldErrors(ref, findings, lang), "warnings": fieldErrors(ref, warnings, lang)})
}

func fieldErrors(ref definition.Ref, findings []check.Finding, lang string) []web.FieldError {
	out := make([]web.FieldError, len(findings))
	for i, f := range findings {
		at := f.Pointer
		if f.Ref != ref {
			at = "/" + string(f.Ref.Kind) + "/" + f.Ref.Key + at // in another definition of the app
		}
		out[i] = web.FieldError{Pointer: at, Code: f.Code.ID, Message: f.Message(lang)}
	}
	return out
}

func (s *Server) publishDefinition(c echo.Context) error {
	var in struct {
		Note string
		With []struct{ Kind, Key string }
	}
	if err := web.ReadOptional(c, &in); err != nil {
		return err
	}
	rev, err := web.IfMatch(c)
	if err != nil {
		return err
	}
	if rev == 0 {
		rev = draft.AnyRev
	}
	ctx, ref := c.Request().Context(), refOf(c)
	var v *definition.Version
	if len(in.With) == 0 {
		v, err = s.Drafts.Publish(ctx, ref, rev, in.Note, identity(c).UserID())
	} else {
		refs := []definition.Ref{ref}
		for _, w := range in.With {
			refs = append(refs, definition.Ref{App: ref.App, Kind: definition.Kind(w.Kind), Key: w.Key})
		}
		var all []definition.Version
		if all, err = s.Drafts.PublishSet(ctx, ref.App, refs, in.Note, identity(c).UserID()); err == nil {
			v = &all[0]
		}
	}
	if err != nil {
		return err
	}
	return s.answerPublished(c, v)
}

// answerPublished puts a new version in force on this server before saying that it is.
func (s *Server) answerPublished(c echo.Context, v *definition.Version) error {
	ctx := c.Request().Context()
	if err := s.Catalog.Refresh(ctx, v.App); err != nil {
		return err
	}
	if err := s.People.Audit().Append(ctx, actor(c), "definition.published", v.ID, "ok", map[string]any{"note": v.Note}); err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, versionOf(v))
}

type version struct {
	definition.Ref
	Number      int          `json:"number"`
	Note        string       `json:"note,omitempty"`
	PublishedAt store.Moment `json:"publishedAt"`
	PublishedBy string       `json:"publishedBy"`
}

func versionOf(v *definition.Version) version {
	return version{v.Ref, v.Number, v.Note, store.MomentOf(v.PublishedAt), v.PublishedBy}
}

func (s *Server) listVersions(c echo.Context) error {
	all, err := s.Drafts.Versions(c.Request().Context(), refOf(c))
	if err != nil {
		return err
	}
	out := make([]version, len(all))
	for i := range all {
		out[i] = versionOf(&all[i])
	}
	return web.JSON(c, http.StatusOK, items(out))
}

func number(c echo.Context) (int, error) {
	n, err := strconv.Atoi(c.Param("number"))
	if err != nil || n < 1 {
		return 0, web.InvalidParam("number", c.Param("number"))
	}
	return n, nil
}

func (s *Server) getVersion(c echo.Context) error {
	n, err := number(c)
	if err != nil {
		return err
	}
	v, err := s.Drafts.Version(c.Request().Context(), refOf(c), n)
	if err != nil {
		return err
	}
	return c.JSONBlob(http.StatusOK, json.RawMessage(v.Body))
}

func (s *Server) restoreVersion(c echo.Context) error {
	n, err := number(c)
	if err != nil {
		return err
	}
	v, err := s.Drafts.Rollback(c.Request().Context(), refOf(c), n, "", identity(c).UserID())
	if err != nil {
		return err
	}
	return s.answerPublished(c, v)
}
