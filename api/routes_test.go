package api_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/api"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/runtime/people/audit"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, shanghai)

// roots are the addresses outside of /api/v1.
var roots = []string{"/healthz", "/readyz", "/metrics", "/openapi.json", "/docs"}

type operation struct {
	RequestBody any `json:"requestBody"`
}

type spec struct {
	Paths map[string]map[string]json.RawMessage `json:"paths"`
	raw   m
}

func (h *house) spec() spec {
	h.Helper()
	w := httptest.NewRecorder()
	h.server.ServeHTTP(w, httptest.NewRequestWithContext(h.Context(), http.MethodGet, "/openapi.json", nil))
	var s spec
	require.NoError(h, json.Unmarshal(w.Body.Bytes(), &s))
	require.NoError(h, json.Unmarshal(w.Body.Bytes(), &s.raw))
	return s
}

// follow finds what a $ref stands for.
func (s spec) follow(v any) m {
	node, _ := v.(m)
	for {
		ref, ok := node["$ref"].(string)
		if !ok {
			return node
		}
		var at any = s.raw
		for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
			at = at.(m)[part]
		}
		node, _ = at.(m)
	}
}

// properties are the members that the JSON body of an operation has; nil when it has no such body.
func (s spec) properties(t *testing.T, raw json.RawMessage) m {
	t.Helper()
	var op operation
	require.NoError(t, json.Unmarshal(raw, &op))
	content, _ := s.follow(op.RequestBody)["content"].(m)
	media, _ := content["application/json"].(m)
	properties, _ := s.follow(media["schema"])["properties"].(m)
	return properties
}

// sample is a value of a schema.
func (s spec) sample(schema any) any {
	node := s.follow(schema)
	if values, ok := node["enum"].([]any); ok {
		return values[0]
	}
	if _, ok := node["oneOf"]; ok {
		return "x"
	}
	kind := node["type"]
	if kinds, ok := kind.([]any); ok {
		kind = kinds[0]
	}
	switch kind {
	case "array":
		return []any{s.sample(node["items"])}
	case "object":
		out := m{}
		properties, _ := node["properties"].(m)
		for key, p := range properties {
			out[key] = s.sample(p)
		}
		return out
	case "integer", "number":
		return 1
	case "boolean":
		return false
	default:
		if node["format"] == "date-time" {
			return "2026-03-02T01:00:00.000Z"
		}
		return "x"
	}
}

func TestDescription(t *testing.T) {
	h := openHouse(t, monday)
	described := h.spec()
	t.Run("every_route_is_described_and_every_operation_is_served", func(t *testing.T) {
		var served, written []string
		for _, r := range h.server.Routes() {
			served = append(served, r.Method+" "+r.Path)
		}
		for path, methods := range described.Paths {
			for method := range methods {
				if method != "parameters" {
					written = append(written, strings.ToUpper(method)+" "+path)
				}
			}
		}
		slices.Sort(served)
		slices.Sort(written)
		require.Equal(t, written, served)
		for _, root := range roots {
			w := httptest.NewRecorder()
			h.server.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, root, nil))
			require.Equal(t, http.StatusOK, w.Code, root)
		}
	})
	t.Run("described_members_are_taken_and_others_refused", func(t *testing.T) {
		for path, methods := range described.Paths {
			for method, raw := range methods {
				if method == "parameters" {
					continue
				}
				properties := described.properties(t, raw)
				if properties == nil {
					continue
				}
				address := strings.NewReplacer("{app}", app, "{form}", "opportunity", "{kind}", "form", "{key}", "opportunity",
					"{number}", "1", "{id}", h.start("rep").id).Replace(path)
				body := m{}
				for key, schema := range properties {
					body[key] = described.sample(schema)
				}
				got := h.call("platformAdmin", strings.ToUpper(method), address, body, "If-Match", `"1"`)
				for at, code := range got.problems() {
					require.NotContains(t, []string{"http.unknownMember", "http.wrongType"}, code, "%s %s %s: %s", method, path, at, got.Text)
				}
				require.NotEqual(t, "http.notJson", got.Body["code"], "%s %s: %s", method, path, got.Text)
				odd := h.call("platformAdmin", strings.ToUpper(method), address, m{"noSuchMember": 1}, "If-Match", `"1"`)
				require.Equal(t, map[string]string{"/noSuchMember": "http.unknownMember"}, odd.problems(), "%s %s: %s", method, path, odd.Text)
			}
		}
	})
}

// caller is one column of the permission table.
type caller struct {
	name  string
	token string
}

// verdict says in one word what the permission table made of a request.
func verdict(a answer) string {
	switch code := a.Body["code"]; {
	case code == "access.signIn":
		return "signIn"
	case a.Status == http.StatusForbidden:
		return "-"
	case code == "record.notFound", code == "task.notFound", code == "app.notFound", code == "form.notFound", code == "quick.unknown", code == "quick.tooOften":
		return "unseen"
	case a.Status >= http.StatusInternalServerError:
		return "BROKEN"
	default:
		return "yes"
	}
}

// quiet cancels a request as soon as its answer begins, so that event streams end.
type quiet struct {
	*httptest.ResponseRecorder
	cancel context.CancelFunc
}

func (q quiet) WriteHeader(status int) {
	q.ResponseRecorder.WriteHeader(status)
	q.cancel()
}

// walkBodies are requests whose verdict shows the permission and which change nothing that another one relies on.
func walkBodies(now string) map[string]any {
	return map[string]any{
		"POST /dev/clock": m{"now": now}, "PATCH /apps/{app}/forms/{form}/records/{id}": m{"data": m{}},
		"POST /apps/{app}/forms/{form}/records/{id}/commands":       m{"command": "move", "to": "won", "reason": "because"},
		"POST /apps/{app}/forms/{form}/records/{id}/commands again": m{"command": "override", "to": "nowhere", "reason": "because"},
		"POST /apps/{app}/forms/{form}/records":                     m{"data": m{}}, "POST /apps": m{"template": "none"},
		"POST /session": m{"username": "nobody at all", "password": "x"}, "POST /setup": m{"token": "x", "username": "x", "name": "x", "password": "x"},
		"PATCH /me": m{}, "POST /me/password": m{"current": "x", "new": "y"}, "POST /tokens": m{"name": ""}, "POST /notices/read": m{"ids": []string{}},
		"PUT /apps/{app}/secrets/{name}": m{"value": ""}, "POST /apps/{app}/channels/preview": m{"channel": "none"}, "PUT /me/notice-preferences": m{},
		"POST /admin/stuck/retry": m{"ids": []string{}}, "POST /departments": m{}, "POST /users": m{}, "PATCH /users/{id}": m{}, "PATCH /departments/{id}": m{},
	}
}

// TestPermissions calls every route as every kind of person there is, and compares what the permission table said with
// the table on file. A route that is not in it, or an answer that changed, fails.
func TestPermissions(t *testing.T) {
	h := openHouse(t, monday)
	_, secret, err := h.product.Account.CreateToken(t.Context(), audit.Actor{}, h.ids["rep"], "reader", []people.Scope{people.ScopeRead}, 24*time.Hour)
	require.NoError(t, err)
	callers := []caller{{name: "anonymous"}, {name: "token", token: secret}}
	for _, p := range staff {
		callers = append(callers, caller{name: p.name})
	}
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "route")
	for _, c := range callers {
		fmt.Fprint(w, "\t", c.name)
	}
	fmt.Fprintln(w)
	walk := walkBodies(h.clock.Now().Format(time.RFC3339))
	d := h.start("rep")
	task := h.task(d, "screen")
	rev := h.call("rep", http.MethodGet, h.path(d), nil).ok().etag()
	for _, r := range h.server.Routes() {
		for _, name := range []string{r.Method + " " + r.Path, r.Method + " " + r.Path + " again"} {
			body, known := walk[name]
			if !known && strings.HasSuffix(name, "again") {
				continue
			}
			fmt.Fprint(w, name)
			for _, c := range callers {
				id := "none"
				switch {
				case r.Method == http.MethodDelete && strings.Contains(r.Path, "/records/"):
					id = h.start("rep").id
				case strings.Contains(r.Path, "/records/"):
					id = d.id
				case strings.HasPrefix(r.Path, "/tasks/"):
					id = task
				}
				fmt.Fprint(w, "\t", verdict(h.walk(c, r, id, rev, body)))
			}
			fmt.Fprintln(w)
		}
	}
	require.NoError(t, w.Flush())
	golden(t, "permissions.golden", trimLines(table.String()))
}

// walk calls one route as one caller.
func (h *house) walk(c caller, r api.Route, id, rev string, body any) answer {
	h.Helper()
	path := strings.NewReplacer("{app}", app, "{form}", "opportunity", "{kind}", "form", "{key}", "none", "{number}", "1", "{id}", id).Replace(r.Path)
	who := c.name
	if who == "anonymous" || c.token != "" {
		who = ""
	}
	if body == nil && r.Method != http.MethodGet && r.Method != http.MethodDelete {
		body = m{}
	}
	req := h.request(who, r.Method, path, body)
	if strings.Contains(path, "/records/") && r.Method == http.MethodPatch {
		req.Header.Set("If-Match", rev)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	ctx, cancel := context.WithCancel(h.Context())
	defer cancel()
	rec := httptest.NewRecorder()
	var w http.ResponseWriter = rec
	if r.Path == "/events" {
		w = quiet{rec, cancel}
	}
	h.server.ServeHTTP(w, req.WithContext(ctx))
	a := answer{T: h.T, Status: rec.Code, Header: rec.Header(), Text: rec.Body.String()}
	if strings.Contains(rec.Header().Get("Content-Type"), "problem+json") {
		require.NoError(h, json.Unmarshal(rec.Body.Bytes(), &a.Body))
	}
	if r.Path == "/session" && who != "" {
		delete(h.cookies, who) // it may have ended
	}
	return a
}

func trimLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o750))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o600))
	}
	want, err := os.ReadFile(filepath.Clean(file))
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

func TestDoors(t *testing.T) {
	h := openHouse(t, monday)
	t.Run("a_rule_that_names_nothing_lets_nobody_through", func(t *testing.T) {
		for _, r := range h.server.Routes() {
			require.NotEmpty(t, r.Rule.Level, r.Path)
		}
	})
	t.Run("a_write_with_the_cookie_alone_is_refused", func(*testing.T) {
		r := h.request("rep", http.MethodPost, deals, m{"data": m{}})
		r.Header.Del("X-Stepwell")
		h.send(r).refused(http.StatusForbidden, "http.crossSite")
	})
	t.Run("somebody_disabled_is_out_at_once", func(*testing.T) {
		h.call("viewer", http.MethodGet, "/me", nil).ok()
		h.call("platformAdmin", http.MethodPatch, "/users/"+h.ids["viewer"], m{"active": false}).ok()
		require.Equal(t, http.StatusUnauthorized, h.call("viewer", http.MethodGet, "/me", nil).Status)
	})
	t.Run("every_security_header_is_set", func(t *testing.T) {
		got := h.call("", http.MethodGet, "/me", nil).Header
		require.Subset(t, slices.Collect(maps.Keys(got)), []string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"})
	})
}
