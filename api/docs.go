package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"sort"

	"github.com/labstack/echo/v4"
)

// operation is one line of the documentation page.
type operation struct {
	Method, Path, Summary, ID string
	Tag                       string
}

var docsPage = template.Must(template.New("docs").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Stepwell API</title>
<style>
body{font:15px/1.6 "Noto Sans SC","PingFang SC","Microsoft YaHei",system-ui,sans-serif;color:#1e293b;max-width:60rem;margin:2rem auto;padding:0 1rem}
h2{margin-top:2.5rem;border-bottom:1px solid #e2e8f0;padding-bottom:.25rem}
li{list-style:none;display:grid;grid-template-columns:4.5rem 1fr;gap:.5rem;padding:.4rem 0;border-bottom:1px solid #f1f5f9}
ul{padding:0}b{font:600 12px/1.9 ui-monospace,monospace;color:#0f766e}code{font:14px ui-monospace,monospace;overflow-wrap:anywhere}p{margin:.1rem 0 0;color:#475569}
pre{white-space:pre-wrap;background:#f8fafc;border:1px solid #e2e8f0;border-radius:8px;padding:1rem}
</style></head><body><h1>Stepwell API</h1><pre>{{.Description}}</pre>
<p><a href="/openapi.json">openapi.json</a> describes every request and answer; give it to the client generator of your language.</p>
{{range .Groups}}<h2>{{.Name}}</h2><p>{{.Text}}</p><ul>{{range .Operations}}<li><b>{{.Method}}</b><div><code>{{.Path}}</code><p>{{.Summary}}</p></div></li>{{end}}</ul>{{end}}
</body></html>`))

type docsGroup struct {
	Name, Text string
	Operations []operation
}

// docs is the API description as a page for people.
func (s *Server) docs(c echo.Context) error {
	var spec struct {
		Info struct {
			Description string `json:"description"`
		} `json:"info"`
		Tags []struct {
			Name        string `json:"name"`
			Description string `json:"description"`
		} `json:"tags"`
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(s.spec, &spec); err != nil {
		return fmt.Errorf("read API description: %w", err)
	}
	byTag := map[string][]operation{}
	for path, methods := range spec.Paths {
		for method, raw := range methods {
			var op struct {
				Tags        []string `json:"tags"`
				OperationID string   `json:"operationId"`
				Summary     string   `json:"summary"`
			}
			if method == "parameters" {
				continue
			}
			if err := json.Unmarshal(raw, &op); err != nil {
				return fmt.Errorf("read %s %s: %w", method, path, err)
			}
			if op.Summary == "" {
				op.Summary = op.OperationID
			}
			for _, tag := range op.Tags {
				byTag[tag] = append(byTag[tag], operation{Method: method, Path: "/api/v1" + path, Summary: op.Summary, ID: op.OperationID})
			}
		}
	}
	page := struct {
		Description string
		Groups      []docsGroup
	}{Description: spec.Info.Description}
	for _, tag := range spec.Tags {
		ops := byTag[tag.Name]
		sort.Slice(ops, func(i, j int) bool { return ops[i].Path+ops[i].Method < ops[j].Path+ops[j].Method })
		page.Groups = append(page.Groups, docsGroup{tag.Name, tag.Description, ops})
	}
	var b bytes.Buffer
	if err := docsPage.Execute(&b, page); err != nil {
		return fmt.Errorf("render docs: %w", err)
	}
	return c.HTMLBlob(http.StatusOK, b.Bytes())
}
