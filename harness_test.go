package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/mongodb"
	"github.com/stepwell/stepwell/internal/store/storetest"
	"github.com/stepwell/stepwell/runtime/people"
)

const salesApp = "sales-manufacturing"

var (
	readyLine = regexp.MustCompile(`listening on ([^)]+)\)`)
	setupLine = regexp.MustCompile(`setup\?token=(\S+)`)
)

// server is one copy of the product in a process of its own, that can be killed and started again on the same data.
type server struct {
	*testing.T
	binary string
	args   []string
	proc   *exec.Cmd
	base   atomic.Pointer[string] // nil while it is down
}

// house is an installation: its servers, and who works there.
type house struct {
	*testing.T
	servers []*server
	turn    atomic.Int64
	admin   person
	boss    person            // manager of the administrator
	link    map[string]string // what every opportunity refers to
	done    atomic.Int64      // requests acknowledged to the writers
	refused func(answer)      // told of every answer that makes a writer ask again; nil: nobody
	client  *http.Client
}

// person is somebody signed in.
type person struct{ id, cookie, language string }

// answer is what a request got.
type answer struct {
	status int
	header http.Header
	body   map[string]any
}

func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "stepwell")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	return binary
}

// open makes an installation of as many servers; the first of them is started.
func open(t *testing.T, binary string, copies int, args ...string) *house {
	t.Helper()
	h := &house{T: t, client: &http.Client{Timeout: 5 * time.Minute}}
	for range copies {
		h.servers = append(h.servers, &server{T: t, binary: binary, args: append(args, "--listen", "127.0.0.1:0")})
	}
	t.Cleanup(func() {
		for _, s := range h.servers {
			if s.base.Load() != nil {
				s.end(syscall.SIGKILL)
			}
		}
	})
	h.prepare(h.servers[0].start())
	return h
}

// start runs the server until it says where it listens, again when it ends before, as whatever keeps a server running does:
// its store may be away this moment. It returns the secret of the setup link when the server offers one.
func (s *server) start() (setup string) {
	s.Helper()
	const attempts = 10
	for range attempts {
		if setup, ready := s.launch(); ready {
			return setup
		}
		_ = s.proc.Wait() // it has said why
	}
	require.FailNow(s, "the server did not start")
	return ""
}

// launch starts the process; false when it ended before it was ready.
func (s *server) launch() (setup string, ready bool) {
	s.Helper()
	s.proc = exec.CommandContext(context.WithoutCancel(s.Context()), s.binary, s.args...)
	out, err := s.proc.StdoutPipe()
	require.NoError(s, err)
	s.proc.Stderr = os.Stderr
	if path := os.Getenv("STEPWELL_TEST_LOG"); path != "" {
		log, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		require.NoError(s, err)
		defer log.Close()
		s.proc.Stderr = log
	}
	require.NoError(s, s.proc.Start())
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := setupLine.FindStringSubmatch(lines.Text()); m != nil {
			setup = m[1]
		}
		if m := readyLine.FindStringSubmatch(lines.Text()); m != nil {
			base := "http://" + m[1]
			s.base.Store(&base)
			return setup, true
		}
	}
	return "", false
}

// end sends a signal that ends the server: SIGKILL as a power failure would, SIGTERM in good order.
func (s *server) end(signal syscall.Signal) {
	s.Helper()
	s.base.Store(nil)
	require.NoError(s, s.proc.Process.Signal(signal))
	_ = s.proc.Wait() // it was killed, which Wait reports
}

func (h *house) wait(d time.Duration) {
	h.Helper()
	require.NoError(h, clock.Real{}.Wait(h.Context(), d))
}

// await returns when the writers have been acknowledged that many more requests.
func (h *house) await(more int64) {
	h.Helper()
	want := h.done.Load() + more
	h.until("the writers are acknowledged requests", func() bool { return h.done.Load() >= want })
}

// until waits for something to come true, which it must within minutes on the slowest machine.
func (h *house) until(what string, is func() bool) {
	h.Helper()
	ctx, cancel := context.WithTimeout(h.Context(), 4*time.Minute)
	defer cancel()
	for !is() {
		require.NoError(h, clock.Real{}.Wait(ctx, 50*time.Millisecond), "waited for: %s", what)
	}
}

// send makes one request to one of the servers that are up, in turn; false when no answer came, so that nobody knows whether
// it was carried out.
func (h *house) send(ctx context.Context, who *person, method, path, key string, body any) (answer, bool) {
	turn := int(h.turn.Add(1))
	for i := range h.servers {
		if base := h.servers[(turn+i)%len(h.servers)].base.Load(); base != nil {
			return h.ask(ctx, who, method, *base+"/api/v1"+path, key, body)
		}
	}
	return answer{}, false
}

// verbatim is a body that is sent as it is.
type verbatim []byte

func (h *house) ask(ctx context.Context, who *person, method, url, key string, body any) (a answer, came bool) {
	b, ok := body.(verbatim)
	if !ok {
		encoded, err := json.Marshal(body)
		if err != nil {
			return a, false
		}
		b = encoded
	}
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(b))
	if err != nil {
		return a, false
	}
	req.Header.Set("X-Stepwell", "ui")
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	if who.cookie != "" {
		req.AddCookie(&http.Cookie{Name: "stepwell", Value: who.cookie})
	}
	if who.language != "" {
		req.Header.Set("Accept-Language", who.language)
	}
	resp, err := h.client.Do(req)
	if err != nil {
		return a, false
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return a, false
	}
	if who.cookie == "" && len(resp.Cookies()) > 0 {
		who.cookie = resp.Cookies()[0].Value
	}
	a = answer{status: resp.StatusCode, header: resp.Header}
	if len(raw) == 0 {
		return a, true
	}
	return a, json.Unmarshal(raw, &a.body) == nil
}

// try is send for somebody who does not wait for ever.
func (h *house) try(ctx context.Context, who *person, method, path, key string, body any) (answer, bool) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	return h.send(ctx, who, method, path, key, body)
}

// insist sends a request under one key until it is acknowledged. A task may be missing for some seconds: what the loss of the
// store kept from being told after a record was written is told later.
func (h *house) insist(stop context.Context, who *person, path, key string, body any) (map[string]any, error) {
	for stop.Err() == nil {
		got, came := h.try(stop, who, http.MethodPost, path, key, body)
		switch {
		case came && got.status < 300:
			h.done.Add(1)
			return got.body, nil
		case came && got.status < 500 && got.status != http.StatusConflict && got.status != http.StatusNotFound:
			return nil, fmt.Errorf("%s: %d %v", path, got.status, got.body)
		case came && got.status >= 500 && h.refused != nil:
			h.refused(got)
		}
		if err := (clock.Real{}).Wait(stop, 20*time.Millisecond); err != nil {
			return nil, err
		}
	}
	return nil, stop.Err()
}

// must makes a request that is to succeed, and gives the answer.
func (h *house) must(who *person, method, path string, body any) map[string]any {
	h.Helper()
	got, came := h.send(h.Context(), who, method, path, "", body)
	require.True(h, came && got.status < 300, "%s: %d %v", path, got.status, got.body)
	return got.body
}

const bossMail = "boss@stepwell.example"

// prepare makes the administrator and the boss, installs the app and makes what opportunities refer to.
func (h *house) prepare(setup string) {
	h.Helper()
	const password = "nine lanterns by water"
	post := func(path string, body any) string {
		id, _ := h.must(&h.admin, http.MethodPost, path, body)["id"].(string)
		return id
	}
	h.admin.id = post("/setup", map[string]any{"token": setup, "username": "admin", "name": "Admin", "password": password})
	post("/apps", map[string]any{"template": salesApp})
	h.boss.id = post("/users", map[string]any{
		"username": "boss", "name": "Boss", "email": bossMail, "active": true, "password": "first " + password,
		"roles": []any{map[string]string{"app": salesApp, "role": "admin"}},
	})
	h.must(&h.boss, http.MethodPost, "/session", map[string]any{"username": "boss", "password": "first " + password})
	h.must(&h.boss, http.MethodPost, "/me/password", map[string]any{"current": "first " + password, "new": password})
	h.must(&h.admin, http.MethodPatch, "/users/"+h.admin.id, map[string]any{"manager": h.boss.id, "roles": []any{ // somebody must approve, and is told
		map[string]string{"app": people.PlatformApp, "role": people.AdminRole}, map[string]string{"app": salesApp, "role": "admin"},
	}})
	forms := "/apps/" + salesApp + "/forms/"
	customer := post(forms+"customer/records", map[string]any{"data": map[string]any{
		"name": "Tiger Seats", "kind": "tier1", "industry": "seating", "region": "east1", "decidingRoles": []string{"technical"}, "accountManager": h.admin.id,
	}})
	product := post(forms+"product/records", map[string]any{"data": map[string]any{"name": "Frame", "family": "stamping"}})
	h.link = map[string]string{"customer": customer, "product": product}
}

// opportunity is what a new one is filled with.
func (h *house) opportunity(name string) map[string]any {
	return map[string]any{"data": map[string]any{
		"name": name, "customer": h.link["customer"], "product": h.link["product"], "source": "existing", "expectedAmount": 1000,
		"expectedSop": "2099-06-01", "owner": h.admin.id,
	}}
}

// taskOf is the only open task of a record that was just written.
func taskOf(rec map[string]any) string {
	return rec["tasks"].([]any)[0].(map[string]any)["id"].(string)
}

// database is a name on the MongoDB under test that no other test has, which is dropped in the end; the arguments lead a
// server there. The test is skipped when there is no MongoDB.
func database(t *testing.T) (uri, name string, reach func() (store.Store, error)) {
	t.Helper()
	uri = os.Getenv(storetest.MongoDB)
	if uri == "" {
		t.Skipf("needs a MongoDB: set %s to its URI", storetest.MongoDB)
	}
	name = "stepwell_crash_" + store.NewID(clock.Real{}.Now())
	open := func(ctx context.Context) (*mongodb.Store, error) {
		return mongodb.Open(ctx, uri, mongodb.WithDatabase(name))
	}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		s, err := open(ctx)
		require.NoError(t, err)
		require.NoError(t, errors.Join(s.Drop(ctx), s.Close()))
	})
	return uri, name, func() (store.Store, error) { return open(t.Context()) }
}

// onMongoDB are the arguments that lead a server to a database.
func onMongoDB(uri, name string) []string {
	return []string{"--mongodb-uri", uri, "--mongodb-database", name, "--secret-key", strings.Repeat("5a", 32)}
}
