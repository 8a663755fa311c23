package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/api"
	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/config"
	"github.com/stepwell/stepwell/internal/config/secret"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/storetest"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/runtime/people/account"
	"github.com/stepwell/stepwell/runtime/people/audit"
	"github.com/stepwell/stepwell/runtime/people/password"
)

const (
	app      = "sales-manufacturing"
	passport = "nine lanterns by water"
	forms    = "/apps/" + app + "/forms/"
	deals    = forms + "opportunity/records"
)

// shanghai is the zone of the installation under test.
var shanghai = time.FixedZone("CST", 8*3600)

// house is a whole product on a real store and a clock of its own, with the shipped app and a handful of people.
type house struct {
	*testing.T
	product *api.Product
	server  *api.Server
	clock   *clock.Manual
	ids     map[string]string // user name → id
	cookies map[string]string // user name → session
	depts   map[string]string
}

// staff are the people: user name, department, manager, roles in the app.
var staff = []struct {
	name, department, manager string
	roles                     []string
}{
	{"boss", "office", "", []string{"generalManager"}},
	{"director", "sales", "boss", []string{"salesDirector"}},
	{"areaManager", "east", "director", []string{"areaManager"}},
	{"rep", "east", "areaManager", []string{"rep"}},
	{"otherRep", "east", "areaManager", []string{"rep"}},
	{"farManager", "south", "director", []string{"areaManager"}},
	{"technicalLead", "technical", "boss", []string{"technicalLead"}},
	{"supportLead", "technical", "technicalLead", []string{"technicalSupportLead"}},
	{"support", "technical", "supportLead", []string{"technicalSupport"}},
	{"quality", "office", "boss", []string{"qualityLead"}},
	{"plant", "office", "boss", []string{"plantManager"}},
	{"production", "office", "plant", []string{"production"}},
	{"service", "office", "boss", []string{"customerService"}},
	{"viewer", "office", "boss", []string{"viewer"}},
	{"appAdmin", "sales", "director", []string{"admin"}},
	{"platformAdmin", "office", "", nil},
	{"nobody", "office", "", nil},
}

// openHouse makes a house whose clock stands at now.
func openHouse(t *testing.T, now time.Time) *house {
	t.Helper()
	return openHouseOn(t, now, storetest.Open(t))
}

func openHouseOn(t *testing.T, now time.Time, st store.Store) *house {
	t.Helper()
	h := &house{T: t, clock: clock.NewManual(now), ids: map[string]string{}, cookies: map[string]string{}, depts: map[string]string{}}
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	cfg := &config.Config{
		PublicURL: "http://stepwell.example", ManualClock: true, Limits: config.Limits{Upload: 1 << 20, Request: 4 << 20},
		Session:   config.Session{Idle: 12 * time.Hour, Max: 24 * time.Hour},
		SecretKey: secret.New(strings.Repeat("ab", secret.KeyBytes)),
		Outbound:  config.Outbound{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, // for peers of tests
	}
	var err error
	h.product, err = api.Open(ctx, api.Options{
		Store: st, Clock: h.clock, Config: cfg, Log: slog.New(slog.DiscardHandler), Zone: shanghai, Cost: password.Cost{Memory: 64, Passes: 1, Threads: 1},
	})
	require.NoError(t, err)
	h.server, err = api.NewServer(h.product)
	require.NoError(t, err)
	_, err = h.product.Install(ctx, app, false, "")
	require.NoError(t, err)
	h.hire(ctx)
	return h
}

// Run is a part of a test on the same house.
func (h *house) Run(name string, part func(h *house)) {
	h.T.Run(name, func(t *testing.T) {
		inner := *h
		inner.T = t
		part(&inner)
	})
}

func (h *house) hire(ctx context.Context) {
	for _, d := range [][2]string{{"office", ""}, {"sales", "office"}, {"east", "sales"}, {"south", "sales"}, {"technical", "office"}} {
		made, err := h.product.People.CreateDepartment(ctx, audit.Actor{}, people.DepartmentInfo{Name: text(d[0]), Parent: h.depts[d[1]]})
		require.NoError(h, err)
		h.depts[d[0]] = made.ID
	}
	for _, p := range staff {
		roles := []people.RoleRef{}
		for _, r := range p.roles {
			roles = append(roles, people.RoleRef{App: app, Role: r})
		}
		if p.name == "platformAdmin" {
			roles = append(roles, people.RoleRef{App: people.PlatformApp, Role: people.AdminRole})
		}
		u, err := h.product.Account.CreateUser(ctx, audit.Actor{}, people.Profile{
			Username: strings.ToLower(p.name), Name: p.name, Email: strings.ToLower(p.name) + "@stepwell.example", Active: true,
			Department: h.depts[p.department], Manager: h.ids[p.manager], Roles: roles,
		}, passport, false)
		require.NoError(h, err)
		h.ids[p.name] = u.ID
	}
}

func text(s string) map[string]string { return map[string]string{"zh-CN": s, "en": s} }

// cookie is the session of a person, who signs in when they have none.
func (h *house) cookie(who string) string {
	h.Helper()
	if h.cookies[who] == "" {
		secret, _, err := h.product.Account.SignIn(h.Context(), strings.ToLower(who), passport, account.Client{IP: "192.0.2.1"})
		require.NoError(h, err)
		h.cookies[who] = secret
	}
	return h.cookies[who]
}

// m is a JSON object.
type m = map[string]any

// answer is what a request got.
type answer struct {
	*testing.T
	Status int
	Header http.Header
	Text   string
	Body   m
}

// request makes a request of a person; who is empty for somebody not signed in. Headers come in pairs.
func (h *house) request(who, method, path string, body any, headers ...string) *http.Request {
	h.Helper()
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(b)
	case *bytes.Buffer:
		reader = b
	default:
		encoded, err := json.Marshal(b)
		require.NoError(h, err)
		reader = bytes.NewReader(encoded)
	}
	if !strings.HasPrefix(path, "/api/") {
		path = "/api/v1" + path
	}
	r := httptest.NewRequestWithContext(h.Context(), method, path, reader)
	r.Header.Set("X-Stepwell", "ui")
	if who != "" {
		r.AddCookie(&http.Cookie{Name: "stepwell", Value: h.cookie(who)})
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

// call sends a request and reads the answer.
func (h *house) call(who, method, path string, body any, headers ...string) answer {
	h.Helper()
	return h.send(h.request(who, method, path, body, headers...))
}

func (h *house) send(r *http.Request) answer {
	h.Helper()
	w := httptest.NewRecorder()
	h.server.ServeHTTP(w, r)
	a := answer{T: h.T, Status: w.Code, Header: w.Header(), Text: w.Body.String()}
	if strings.Contains(w.Header().Get("Content-Type"), "json") {
		require.NoError(h, json.Unmarshal(w.Body.Bytes(), &a.Body), a.Text)
	}
	return a
}

// ok demands success.
func (a answer) ok() answer {
	a.Helper()
	require.Less(a, a.Status, 300, a.Text)
	return a
}

// refused demands a problem of that status and code.
func (a answer) refused(status int, code string) answer {
	a.Helper()
	require.Equal(a, status, a.Status, a.Text)
	require.Contains(a, a.Header.Get("Content-Type"), "application/problem+json")
	require.Equal(a, code, a.Body["code"], a.Text)
	return a
}

// problems are the wrong places of a refusal: pointer → code.
func (a answer) problems() map[string]string {
	a.Helper()
	out := map[string]string{}
	errors, _ := a.Body["errors"].([]any)
	for _, e := range errors {
		one := e.(m)
		out[one["pointer"].(string)] = one["code"].(string)
		require.NotEmpty(a, one["message"])
	}
	return out
}

func (a answer) id() string { return a.Body["id"].(string) }

func (a answer) etag() string { return a.Header.Get("ETag") }

func (a answer) data() m { return a.Body["data"].(m) }

// items are the entries of a list answer.
func (a answer) items() []m {
	a.Helper()
	return objects(a.Body["items"])
}

func objects(v any) []m {
	list, _ := v.([]any)
	out := make([]m, len(list))
	for i := range list {
		out[i] = list[i].(m)
	}
	return out
}

// create submits a new record of a form.
func (h *house) create(who, form string, data m) answer {
	h.Helper()
	return h.call(who, http.MethodPost, forms+form+"/records", m{"data": data}).ok()
}

// deal is a started opportunity of a person with everything it links to.
type deal struct {
	id, customer, engineer, code string // code: of the customer
	number                       string
}

func (h *house) path(d deal) string { return deals + "/" + d.id }

// opportunity is what a new opportunity of a person is filled with.
func (h *house) opportunity(who string) (m, deal) {
	h.Helper()
	counted := h.call("director", http.MethodGet, forms+"customer/records?limit=1&count=true", nil).ok()
	n := fmt.Sprint(counted.Body["total"])
	customer := h.create(who, "customer", m{
		"name": "Tiger Seats " + n, "kind": "tier1", "industry": "seating", "region": "east1", "decidingRoles": []string{"technical"}, "accountManager": h.ids[who],
	})
	engineer := h.create(who, "contact", m{"customer": customer.id(), "name": "Lu Gong", "role": "technical", "phone": "13800000001", "owner": h.ids[who]})
	product := h.create("director", "product", m{"name": "Frame " + n, "family": "stamping"})
	return m{
		"name": "Front seat frame", "customer": customer.id(), "contact": engineer.id(), "product": product.id(), "source": "existing",
		"expectedAmount": 800000, "expectedSop": "2027-06-01", "owner": h.ids[who],
	}, deal{customer: customer.id(), engineer: engineer.id(), code: customer.data()["code"].(string)}
}

// start submits a new opportunity.
func (h *house) start(who string) deal {
	h.Helper()
	data, d := h.opportunity(who)
	made := h.create(who, "opportunity", data)
	d.id, d.number = made.id(), made.data()["code"].(string)
	return d
}

// task is the id of the open task of a block.
func (h *house) task(d deal, block string) string {
	h.Helper()
	rec := h.call("platformAdmin", http.MethodGet, h.path(d), nil).ok()
	for _, t := range objects(rec.Body["tasks"]) {
		if t["block"] == block {
			return t["id"].(string)
		}
	}
	require.Fail(h, "no such task", "%s is not open; open are %v", block, rec.Body["tasks"])
	return ""
}

// act does a command on the open task of a block.
func (h *house) act(who, command string, d deal, block string, body m, headers ...string) answer {
	h.Helper()
	return h.call(who, http.MethodPost, "/tasks/"+h.task(d, block)+"/"+command, body, headers...)
}

// upload sends a file to a field of a record.
func (h *house) upload(who, field, name string, content []byte, d deal) answer {
	h.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, part := range [][2]string{{"app", app}, {"form", "opportunity"}, {"field", field}, {"record", d.id}} {
		require.NoError(h, w.WriteField(part[0], part[1]))
	}
	part, err := w.CreateFormFile("file", name)
	require.NoError(h, err)
	_, err = part.Write(content)
	require.NoError(h, err)
	require.NoError(h, w.Close())
	return h.call(who, http.MethodPost, "/files", &body, "Content-Type", w.FormDataContentType())
}

// pdf uploads a small PDF and gives the field's value.
func (h *house) pdf(who, field, name string, d deal) []any {
	h.Helper()
	return []any{h.upload(who, field, name, pdfBytes, d).ok().Body}
}

var (
	pdfBytes = []byte("%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")
	pngBytes = []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89")
)

// list reads records with query parameters in pairs.
func (h *house) list(who, form string, query ...string) answer {
	h.Helper()
	q := url.Values{}
	for i := 0; i < len(query); i += 2 {
		q.Set(query[i], query[i+1])
	}
	return h.call(who, http.MethodGet, forms+form+"/records?"+q.Encode(), nil)
}

// advance lets time pass until a moment.
func (h *house) advance(to time.Time) {
	h.Helper()
	require.NoError(h, h.product.Advance(h.Context(), h.clock, to))
}

// notices are the notices about a record to a person, of every channel.
func (h *house) notices(d deal, who string) []notices.Notice {
	h.Helper()
	found, err := store.LoadAll[notices.Notice](h.Context(), h.product.Store, notices.Collection, store.Query{
		Filter: store.Filter{"record": d.id, "user": h.ids[who]}, Sort: []store.SortKey{{Path: "createdAt"}},
	})
	require.NoError(h, err)
	return found
}

// screened is an opportunity of rep that stands before the approval of the first stage.
func (h *house) screened(who string) deal {
	h.Helper()
	d := h.start(who)
	h.act(who, "complete", d, "screen", m{"data": screening}).ok()
	return d
}

var screening = m{"annualVolume": 60000, "targetPrice": 12.5, "budgetStatus": "approved", "nominationDate": "2027-01-15", "fit": "a"}
