package email

import (
	"fmt"
	"html/template"
	"strings"

	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/schemas/definition"
)

var (
	openLabel = definition.Text{"zh-CN": "打开记录", "en": "Open the record"}
	footer    = definition.Text{
		"zh-CN": "这封邮件由 Stepwell 自动发送。",
		"en":    "Stepwell sent this message automatically.",
	}
)

// layout has no table and no image: a phone shows it as it is, and a mail reader that strips styles still shows
// readable text with a link.
var layout = template.Must(template.New("mail").Parse(`<!doctype html>
<html lang="{{.Lang}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>{{.Title}}</title></head>
<body style="margin:0;padding:24px 16px;background:#F8FAFC;color:#0F172A;font:16px/1.6 -apple-system,'Segoe UI','PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif">
<div style="max-width:560px;margin:0 auto;padding:24px;background:#FFFFFF;border:1px solid #E2E8F0;border-radius:8px">
<h1 style="margin:0 0 12px;font-size:18px;line-height:1.4">{{.Title}}</h1>
{{range .Lines}}<p style="margin:0 0 12px">{{.}}</p>
{{end}}{{if .Link}}<p style="margin:20px 0 0"><a href="{{.Link}}" style="display:inline-block;padding:10px 20px;background:#0F766E;color:#FFFFFF;text-decoration:none;border-radius:8px">{{.Open}}</a></p>
{{end}}</div>
<p style="max-width:560px;margin:16px auto 0;font-size:13px;color:#64748B">{{.Footer}}</p>
</body></html>
`))

func page(m notices.Message) (string, error) {
	var b strings.Builder
	err := layout.Execute(&b, map[string]any{
		"Lang": m.To.Language, "Title": m.Title, "Lines": strings.Split(strings.TrimSpace(m.Text), "\n"),
		"Link": m.Link, "Open": openLabel.In(m.To.Language), "Footer": footer.In(m.To.Language),
	})
	if err != nil {
		return "", fmt.Errorf("write mail page: %w", err)
	}
	return b.String(), nil
}

func plain(m notices.Message) string {
	lines := []string{m.Title, "", strings.TrimSpace(m.Text), ""}
	if m.Link != "" {
		lines = append(lines, openLabel.In(m.To.Language)+": "+m.Link, "")
	}
	return strings.Join(append(lines, "-- ", footer.In(m.To.Language), ""), "\n")
}
