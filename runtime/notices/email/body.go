package email

import (
	"fmt"
	"html/template"
	"strings"

	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/schemas/definition"
)

var footer = definition.Text{
	"zh-CN": "这封邮件由 Stepwell 自动发送。",
	"en":    "Stepwell sent this message automatically.",
}

// layout has no table and no image: a phone shows it as it is, and a mail reader that strips styles still shows
// readable text with a link.
var layout = template.Must(template.New("mail").Parse(`<!doctype html>
<html lang="{{.Lang}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>{{.Title}}</title></head>
<body style="margin:0;padding:24px 16px;background:#F8FAFC;color:#0F172A;font:16px/1.6 -apple-system,'Segoe UI','PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif">
<div style="max-width:560px;margin:0 auto;padding:24px;background:#FFFFFF;border:1px solid #E2E8F0;border-radius:8px">
<h1 style="margin:0 0 12px;font-size:18px;line-height:1.4">{{.Title}}</h1>
{{range .Lines}}<p style="margin:0 0 12px">{{.}}</p>
{{end}}{{range .Items}}<h2 style="margin:16px 0 4px;font-size:16px;line-height:1.4{{if .Red}};color:#B91C1C{{end}}">{{if .Link}}<a href="{{.Link}}" style="color:inherit">{{.Heading}}</a>{{else}}{{.Heading}}{{end}}</h2>
<ul style="margin:0 0 12px;padding-left:20px">{{range .Lines}}<li>{{.}}</li>{{end}}</ul>
{{end}}{{if .Quick}}<p style="margin:20px 0 0"><a href="{{.Quick}}" style="display:inline-block;padding:10px 20px;background:#0F766E;color:#FFFFFF;text-decoration:none;border-radius:8px">{{.Fill}}</a></p>
{{if .Link}}<p style="margin:12px 0 0"><a href="{{.Link}}" style="color:#0F766E">{{.Open}}</a></p>
{{end}}{{else if .Link}}<p style="margin:20px 0 0"><a href="{{.Link}}" style="display:inline-block;padding:10px 20px;background:#0F766E;color:#FFFFFF;text-decoration:none;border-radius:8px">{{.Open}}</a></p>
{{end}}</div>
<p style="max-width:560px;margin:16px auto 0;font-size:13px;color:#64748B">{{.Footer}}</p>
</body></html>
`))

func page(m notices.Message) (string, error) {
	lines := []string{}
	if text := strings.TrimSpace(m.Text); text != "" {
		lines = strings.Split(text, "\n")
	}
	var b strings.Builder
	err := layout.Execute(&b, map[string]any{
		"Lang": m.Language, "Title": m.Title, "Lines": lines, "Items": m.Items,
		"Link": m.Link, "Open": m.LinkLabel(), "Quick": m.QuickLink, "Fill": m.QuickLabel(), "Footer": footer.In(m.Language),
	})
	if err != nil {
		return "", fmt.Errorf("write mail page: %w", err)
	}
	return b.String(), nil
}

func plain(m notices.Message) string {
	lines := []string{m.Title, "", strings.TrimSpace(m.Text), ""}
	for _, item := range m.Items {
		lines = append(lines, item.Heading())
		for _, line := range item.Lines {
			lines = append(lines, "- "+line)
		}
		if item.Link != "" {
			lines = append(lines, item.Link)
		}
		lines = append(lines, "")
	}
	if m.QuickLink != "" {
		lines = append(lines, m.QuickLabel()+": "+m.QuickLink, "")
	}
	if m.Link != "" {
		lines = append(lines, m.LinkLabel()+": "+m.Link, "")
	}
	return strings.Join(append(lines, "-- ", footer.In(m.Language), ""), "\n")
}

// Render shows a message as a mail.
func Render(m notices.Message) notices.Rendered {
	html, err := page(m)
	if err != nil { // the layout is our own and takes any text
		html = err.Error()
	}
	return notices.Rendered{Format: "html", Title: oneLine(m.Title), Body: html, Text: plain(m), Bytes: len(html)}
}
