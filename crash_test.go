package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/embedded"
	"github.com/stepwell/stepwell/internal/store/mongodb"
	"github.com/stepwell/stepwell/internal/store/storetest"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/runtime/queue"
	"github.com/stepwell/stepwell/runtime/records"
	"github.com/stepwell/stepwell/runtime/tasks"
	"github.com/stepwell/stepwell/runtime/timers"
)

const (
	crashes  = 6
	writers  = 4
	crashApp = "sales-manufacturing"
)

var (
	readyLine = regexp.MustCompile(`listening on ([^)]+)\)`)
	setupLine = regexp.MustCompile(`setup\?token=(\S+)`)
)

// house is a server in a process of its own that is killed and started again on the same data.
type house struct {
	*testing.T
	binary string
	args   []string
	proc   *exec.Cmd
	base   atomic.Pointer[string] // nil while it is down
	cookie string
	user   string
	link   map[string]string // what every opportunity refers to
	done   atomic.Int64      // requests acknowledged to the writers
	client *http.Client
}

func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "stepwell")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	return binary
}

// start runs the server until it says where it listens; it returns the secret of the setup link when it offers one.
func (h *house) start() (setup string) {
	h.Helper()
	h.proc = exec.CommandContext(context.WithoutCancel(h.Context()), h.binary, h.args...)
	out, err := h.proc.StdoutPipe()
	require.NoError(h, err)
	h.proc.Stderr = os.Stderr
	require.NoError(h, h.proc.Start())
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := setupLine.FindStringSubmatch(lines.Text()); m != nil {
			setup = m[1]
		}
		if m := readyLine.FindStringSubmatch(lines.Text()); m != nil {
			base := "http://" + m[1] + "/api/v1"
			h.base.Store(&base)
			return setup
		}
	}
	require.FailNow(h, "the server did not start", "%v", lines.Err())
	return ""
}

// await returns when the writers have been acknowledged that many more requests.
func (h *house) await(more int64) {
	h.Helper()
	ctx, cancel := context.WithTimeout(h.Context(), 2*time.Minute)
	defer cancel()
	for want := h.done.Load() + more; h.done.Load() < want; {
		require.NoError(h, clock.Real{}.Wait(ctx, 10*time.Millisecond), "nothing is acknowledged any more")
	}
}

// kill ends the server as a power failure would.
func (h *house) kill(signal syscall.Signal) {
	h.Helper()
	h.base.Store(nil)
	require.NoError(h, h.proc.Process.Signal(signal))
	_ = h.proc.Wait() // it was killed, which Wait reports
}

// send makes one request; false when no answer came, so that nobody knows whether it was carried out.
func (h *house) send(ctx context.Context, method, path, key string, body any) (status int, answer map[string]any, came bool) {
	base := h.base.Load()
	if base == nil {
		return 0, nil, false
	}
	b, err := json.Marshal(body)
	if err != nil {
		return 0, nil, false
	}
	req, err := http.NewRequestWithContext(ctx, method, *base+path, bytes.NewReader(b))
	if err != nil {
		return 0, nil, false
	}
	req.Header.Set("X-Stepwell", "ui")
	req.Header.Set("Idempotency-Key", key)
	if h.cookie != "" {
		req.AddCookie(&http.Cookie{Name: "stepwell", Value: h.cookie})
	}
	resp, err := h.client.Do(req)
	if err != nil {
		return 0, nil, false
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, nil, false
	}
	if h.cookie == "" && len(resp.Cookies()) > 0 {
		h.cookie = resp.Cookies()[0].Value
	}
	return resp.StatusCode, answer, json.Unmarshal(raw, &answer) == nil
}

// insist sends a request under one key until it is acknowledged.
func (h *house) insist(stop context.Context, path, key string, body any) (map[string]any, error) {
	for stop.Err() == nil {
		status, answer, came := h.send(stop, http.MethodPost, path, key, body)
		switch {
		case came && status < 300:
			h.done.Add(1)
			return answer, nil
		case came && status < 500 && status != http.StatusConflict:
			return nil, fmt.Errorf("%s: %d %v", path, status, answer)
		}
		if err := (clock.Real{}).Wait(stop, 20*time.Millisecond); err != nil {
			return nil, err
		}
	}
	return nil, stop.Err()
}

// prepare makes the administrator, installs the app and makes what opportunities refer to.
func (h *house) prepare(setup string) {
	h.Helper()
	do := func(method, path string, body any) string {
		status, answer, came := h.send(h.Context(), method, path, "prepare "+path, body)
		require.True(h, came && status < 300, "%s: %d %v", path, status, answer)
		id, _ := answer["id"].(string)
		return id
	}
	must := func(path string, body any) string { return do(http.MethodPost, path, body) }
	h.user = must("/setup", map[string]any{"token": setup, "username": "admin", "name": "Admin", "password": "nine lanterns by water"})
	must("/apps", map[string]any{"template": crashApp})
	boss := must("/users", map[string]any{"username": "boss", "name": "Boss"})
	do(http.MethodPatch, "/users/"+h.user, map[string]any{"manager": boss, "roles": []any{ // somebody must approve, and is told
		map[string]string{"app": people.PlatformApp, "role": people.AdminRole}, map[string]string{"app": crashApp, "role": "admin"},
	}})
	forms := "/apps/" + crashApp + "/forms/"
	customer := must(forms+"customer/records", map[string]any{"data": map[string]any{
		"name": "Tiger Seats", "kind": "tier1", "industry": "seating", "region": "east1", "decidingRoles": []string{"technical"}, "accountManager": h.user,
	}})
	product := must(forms+"product/records", map[string]any{"data": map[string]any{"name": "Frame", "family": "stamping"}})
	h.link = map[string]string{"customer": customer, "product": product}
}

// acknowledged is a record whose making and, when done, whose first step the server has confirmed.
type acknowledged struct {
	id, name string
	done     bool
}

// write makes opportunities and completes their first step until stop; each is asked for until it is acknowledged.
func (h *house) write(stop context.Context, writer int) (sure []acknowledged, err error) {
	for n := 0; stop.Err() == nil; n++ {
		name := fmt.Sprintf("w%d-%d", writer, n)
		rec, err := h.insist(stop, "/apps/"+crashApp+"/forms/opportunity/records", name, map[string]any{"data": map[string]any{
			"name": name, "customer": h.link["customer"], "product": h.link["product"], "source": "existing", "expectedAmount": 1000,
			"expectedSop": "2099-06-01", "owner": h.user,
		}})
		if err != nil {
			return sure, unlessStopped(stop, err)
		}
		sure = append(sure, acknowledged{id: rec["id"].(string), name: name})
		task := rec["tasks"].([]any)[0].(map[string]any)["id"].(string)
		if _, err = h.insist(stop, "/tasks/"+task+"/complete", name, map[string]any{"data": map[string]any{
			"annualVolume": 60000, "targetPrice": 12.5, "budgetStatus": "approved", "nominationDate": "2099-01-15", "fit": "a",
		}}); err != nil {
			return sure, unlessStopped(stop, err)
		}
		sure[len(sure)-1].done = true
	}
	return sure, nil
}

func unlessStopped(stop context.Context, err error) error {
	if stop.Err() != nil {
		return nil //nolint:nilerr // it was told to stop
	}
	return err
}

func TestKilledServer(t *testing.T) {
	if testing.Short() {
		t.Skip("starts and kills a server for half a minute")
	}
	binary := build(t)
	t.Run("embedded_store_keeps_what_was_acknowledged_and_doubles_nothing", func(t *testing.T) {
		dir := t.TempDir()
		crash(t, binary, []string{"--data-dir", dir}, 0, func() (store.Store, error) { return embedded.Open(t.Context(), dir) })
	})
	t.Run("mongodb_keeps_what_was_acknowledged_and_doubles_nothing", func(t *testing.T) {
		uri := os.Getenv(storetest.MongoDB)
		if uri == "" {
			t.Skipf("needs a MongoDB: set %s to its URI", storetest.MongoDB)
		}
		database := "stepwell_crash_" + store.NewID(clock.Real{}.Now())
		args := []string{"--mongodb-uri", uri, "--mongodb-database", database, "--secret-key", strings.Repeat("5a", 32)}
		open := func(ctx context.Context) (*mongodb.Store, error) {
			return mongodb.Open(ctx, uri, mongodb.WithDatabase(database))
		}
		t.Cleanup(func() {
			ctx := context.WithoutCancel(t.Context())
			s, err := open(ctx)
			require.NoError(t, err)
			require.NoError(t, errors.Join(s.Drop(ctx), s.Close()))
		})
		crash(t, binary, args, 12*time.Second, func() (store.Store, error) { return open(t.Context()) })
	})
}

// crash kills a server again and again while clients write, and then looks at what is stored. settle is how long the last
// server gets to tell what its predecessors left in outboxes.
func crash(t *testing.T, binary string, args []string, settle time.Duration, open func() (store.Store, error)) {
	t.Helper()
	h := &house{T: t, binary: binary, args: append(args, "--listen", "127.0.0.1:0"), client: &http.Client{Timeout: 20 * time.Second}}
	h.prepare(h.start())
	stop, cancel := context.WithCancel(t.Context())
	var clients sync.WaitGroup
	sure, errs := make([][]acknowledged, writers), make([]error, writers)
	for i := range writers {
		clients.Go(func() { sure[i], errs[i] = h.write(stop, i) })
	}
	random := rand.New(rand.NewPCG(7, 11))
	for range crashes {
		h.await(8) // however slow the store is, every crash has something to lose
		require.NoError(t, clock.Real{}.Wait(t.Context(), time.Duration(random.IntN(900))*time.Millisecond))
		h.kill(syscall.SIGKILL)
		h.start()
	}
	require.NoError(t, clock.Real{}.Wait(t.Context(), time.Second))
	cancel()
	clients.Wait()
	require.NoError(t, clock.Real{}.Wait(t.Context(), settle))
	h.kill(syscall.SIGTERM)
	st, err := open()
	require.NoError(t, err)
	defer st.Close()
	var all []acknowledged
	for i := range writers {
		require.NoError(t, errs[i])
		all = append(all, sure[i]...)
	}
	t.Logf("%d opportunities acknowledged over %d crashes", len(all), crashes)
	require.Greater(t, len(all), 3*crashes)
	examine(t, st, all)
}

// load reads a whole collection.
func load[T any](t *testing.T, st store.Store, collection string) []T {
	t.Helper()
	all, err := store.LoadAll[T](t.Context(), st, collection, store.Query{})
	require.NoError(t, err)
	return all
}

// examine holds the stored state against itself and against what clients were promised.
func examine(t *testing.T, st store.Store, promised []acknowledged) {
	t.Helper()
	byID, names, codes := map[string]records.Record{}, map[string]int{}, map[string]int{}
	for _, rec := range load[records.Record](t, st, records.CollectionOf(crashApp, "opportunity")) {
		byID[rec.ID] = rec
		names[rec.Data["name"].(string)]++
		codes[rec.Data["code"].(string)]++
	}
	for name, n := range names {
		require.Equal(t, 1, n, "%s was made more than once", name)
	}
	for code, n := range codes {
		require.Equal(t, 1, n, "number %s was given more than once", code)
	}
	for _, p := range promised {
		rec, kept := byID[p.id]
		require.True(t, kept, "acknowledged record %s is gone", p.name)
		require.Equal(t, p.name, rec.Data["name"])
		if p.done {
			require.Equal(t, "screenApproval", rec.State.Tasks[0].Block, "acknowledged completion of %s is gone", p.name)
		}
	}
	examineLog(t, st, byID)
	examineProjections(t, st, byID)
}

func examineLog(t *testing.T, st store.Store, byID map[string]records.Record) {
	t.Helper()
	events := map[string]map[int64]int{}
	for _, act := range load[records.Action](t, st, records.ActionCollection) {
		if act.Form != "opportunity" {
			continue
		}
		if events[act.Record] == nil {
			events[act.Record] = map[int64]int{}
		}
		for _, ev := range act.Events {
			events[act.Record][ev.Seq]++
		}
		require.Equal(t, act.Events[len(act.Events)-1].Seq, act.Seq)
	}
	require.Len(t, events, len(byID), "every record has a log, and every log a record")
	for id, rec := range byID {
		require.Len(t, events[id], int(rec.State.Seq), "log of %s", id)
		for seq := int64(1); seq <= rec.State.Seq; seq++ {
			require.Equal(t, 1, events[id][seq], "event %d of %s", seq, id)
		}
	}
}

func examineProjections(t *testing.T, st store.Store, byID map[string]records.Record) {
	t.Helper()
	open, want := map[string]bool{}, map[string]bool{}
	for _, task := range load[tasks.Task](t, st, tasks.Collection) {
		if task.State == tasks.Open {
			open[task.ID] = true
		}
	}
	due, deadlines := map[string]bool{}, map[string]bool{}
	for _, timer := range load[timers.Timer](t, st, timers.Collection) {
		if timer.Remind == 0 {
			due[timer.Record+" "+timer.Deadline] = true
		}
		require.NotEqual(t, queue.Dead, timer.State, timer.Error)
	}
	for id, rec := range byID {
		for _, task := range rec.State.Tasks {
			want[tasks.ID(id, task.ID)] = true
		}
		for _, d := range rec.State.Deadlines {
			if !d.Overdue {
				deadlines[id+" "+d.Key] = true
			}
		}
	}
	require.Equal(t, want, open, "the task list shows what is open")
	require.Equal(t, deadlines, due, "every pending deadline has its timer")
	told := map[string]int{}
	for _, n := range load[notices.Notice](t, st, notices.Collection) {
		told[strings.Join([]string{n.Record, n.User, n.Channel, string(n.Cause), fmt.Sprint(n.Title), strconv.FormatInt(n.CreatedAt.UnixMilli(), 10)}, "|")]++
	}
	require.NotEmpty(t, told)
	for notice, n := range told {
		require.Equal(t, 1, n, "told twice: %s", notice)
	}
}
