package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/stepwell/stepwell/api/web"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/runtime/files"
	"github.com/stepwell/stepwell/runtime/records"
)

// maxPart bounds the text parts of an upload, in bytes.
const maxPart = 1 << 20

// uploadFile streams a file into the file room.
func (s *Server) uploadFile(c echo.Context) error {
	reader, err := c.Request().MultipartReader()
	if err != nil {
		return web.ErrNotJSON.Because(err, map[string]any{"why": "multipart/form-data"})
	}
	in := records.Upload{By: identity(c).UserID()}
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return web.InvalidParam("file", "missing")
		}
		if err != nil {
			return fmt.Errorf("read upload: %w", err)
		}
		if part.FormName() == "file" {
			return s.takeUpload(c, part, in)
		}
		if err := readPart(part, &in); err != nil {
			return err
		}
	}
}

func readPart(part *multipart.Part, in *records.Upload) error {
	b, err := io.ReadAll(io.LimitReader(part, maxPart))
	if err != nil {
		return fmt.Errorf("read part %s: %w", part.FormName(), err)
	}
	switch text := string(b); part.FormName() {
	case "app":
		in.App = text
	case "form":
		in.Form = text
	case "field":
		in.Field = text
	case "record":
		in.Record = text
	case "data":
		if err := json.Unmarshal(b, &in.Data); err != nil {
			return web.InvalidParam("data", err.Error())
		}
	default:
		return web.InvalidParam(part.FormName(), "unknown")
	}
	return nil
}

func (s *Server) takeUpload(c echo.Context, part *multipart.Part, in records.Upload) error {
	ctx := c.Request().Context()
	rule, err := s.Records.UploadRule(ctx, in)
	if err != nil {
		return err
	}
	f, err := s.Records.TakeUpload(ctx, rule, part, files.Upload{Name: part.FileName(), By: in.By, MaxBytes: s.Config.Limits.Upload})
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusCreated, f.Ref())
}

func (s *Server) downloadFile(c echo.Context) error {
	ctx, id, by := c.Request().Context(), c.Param("id"), identity(c).UserID()
	known, err := s.Files.Load(ctx, id)
	if err != nil {
		return err
	}
	f, ok := known[id]
	if !ok {
		return files.ErrGone.With(nil)
	}
	may, err := s.mayOpen(c, f, by)
	if err != nil {
		return err
	}
	if !may {
		return files.ErrGone.With(nil)
	}
	r, err := s.Files.Open(ctx, id)
	if err != nil {
		return err
	}
	defer r.Close()
	h := c.Response().Header()
	download, err := web.Flag(c, "download")
	if err != nil {
		return err
	}
	h.Set(echo.HeaderContentDisposition, f.Disposition(!download))
	h.Set(echo.HeaderContentType, f.Type)
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'")
	h.Set("Cache-Control", "private, max-age=3600")
	http.ServeContent(c.Response(), c.Request(), "", f.UploadedAt.Time, r)
	return nil
}

// mayOpen: the uploader of a file that no record has yet; else who may see the field of the record it belongs to.
func (s *Server) mayOpen(c echo.Context, f files.File, by string) (bool, error) {
	if f.State != files.Bound {
		return f.OwnedBy(files.Uploader{User: by}), nil
	}
	ctx := c.Request().Context()
	rec, err := s.Records.Get(ctx, by, f.App, f.Form, f.Record)
	if fault.Has(err, records.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	sees, err := s.Records.Sees(ctx, by, rec)
	if err != nil {
		return false, err
	}
	field, _, _ := strings.Cut(f.Field, ".")
	return records.Beside(field) || sees(field), nil
}
