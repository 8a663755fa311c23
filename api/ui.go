package api

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/stepwell/stepwell/api/web"
)

// asset is one built file, compressed once when it is first asked for.
type asset struct {
	plain, gzipped []byte
}

// assets serves the built single-page app from memory.
type assets struct {
	files  fs.FS
	mu     sync.Mutex
	loaded map[string]*asset
}

func (a *assets) load(name string) (*asset, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if known, ok := a.loaded[name]; ok {
		return known, nil
	}
	plain, err := fs.ReadFile(a.files, name)
	if err != nil {
		return nil, err
	}
	out := &asset{plain: plain}
	if compressible(name) {
		var b bytes.Buffer
		w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
		if err != nil {
			return nil, fmt.Errorf("compress %s: %w", name, err)
		}
		if _, err := w.Write(plain); err != nil {
			return nil, fmt.Errorf("compress %s: %w", name, err)
		}
		if err := w.Close(); err != nil {
			return nil, fmt.Errorf("compress %s: %w", name, err)
		}
		out.gzipped = b.Bytes()
	}
	a.loaded[name] = out
	return out, nil
}

func compressible(name string) bool {
	switch path.Ext(name) {
	case ".js", ".css", ".html", ".svg", ".json", ".txt", ".map", ".webmanifest":
		return true
	}
	return false
}

// serveUI answers every address that the API does not know: a built file, or for a page of the app its index.html. Files
// under assets/ carry a digest in their name and never change.
func (s *Server) serveUI(e *echo.Echo) {
	a := &assets{files: s.UI, loaded: map[string]*asset{}}
	e.GET("/*", func(c echo.Context) error {
		name := strings.TrimPrefix(path.Clean(c.Request().URL.Path), "/")
		if strings.HasPrefix(name, "api/") {
			return web.ErrNoRoute.With(nil)
		}
		found, err := a.load(name)
		switch {
		case err == nil && strings.HasPrefix(name, "assets/"):
			c.Response().Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		case err == nil:
			c.Response().Header().Set("Cache-Control", "no-cache")
		case path.Ext(name) != "" && !strings.HasPrefix("/"+name, quickPage): // a mangled link has a page that says so
			return web.ErrNoRoute.Because(err, nil)
		default:
			name = "index.html"
			if found, err = a.load(name); err != nil {
				return web.ErrNoRoute.Because(err, nil)
			}
			c.Response().Header().Set("Cache-Control", "no-cache")
		}
		return serve(c, name, found)
	})
}

func serve(c echo.Context, name string, a *asset) error {
	h := c.Response().Header()
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		h.Set(echo.HeaderContentType, kind)
	}
	h.Add("Vary", "Accept-Encoding")
	body := a.plain
	if a.gzipped != nil && strings.Contains(c.Request().Header.Get(echo.HeaderAcceptEncoding), "gzip") && c.Request().Header.Get("Range") == "" {
		h.Set(echo.HeaderContentEncoding, "gzip")
		body = a.gzipped
	}
	http.ServeContent(c.Response(), c.Request(), "", time.Time{}, bytes.NewReader(body))
	return nil
}
