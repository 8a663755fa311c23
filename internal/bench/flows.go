package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
)

// How much is asked of flows.
const (
	approveAtLeast = 0.8  // times a plain change of a record
	fireAtLeast    = 2000 // timers a second
	fanOutMost     = 10 * time.Second
	slowedAtLeast  = 0.8 // times the submits without a message to everybody
)

// flows measures what only flows do, on an installation of its own whose clock is moved by hand: approvals beside plain
// changes, deadlines that all pass at once, and one event that everybody is told of.
func (b *bench) flows(ctx context.Context, table io.Writer) error {
	dir := filepath.Join(b.dir, "flows")
	s := &system{}
	err := s.install(ctx, command{
		name: b.stepwell, args: b.stepwellArgs(dir, "--manual-clock"), log: filepath.Join(b.dir, "flows.log"),
	}, flowDefinitions())
	if err != nil {
		return err
	}
	defer s.stop()
	f := &flowBench{bench: b, at: s}
	if err := f.approvals(ctx, table); err != nil {
		return fmt.Errorf("approvals: %w", err)
	}
	if err := f.timers(ctx, table); err != nil {
		return fmt.Errorf("timers: %w", err)
	}
	return f.everybody(ctx, table)
}

type flowBench struct {
	*bench
	at   *system
	made atomic.Int64
}

// flowDefinitions are the app of definitions with three more forms: one that is approved, one whose deadline passes, and one
// that everybody is told of.
func flowDefinitions() map[string]any {
	all := definitions()
	form, _ := all["form/order"].(map[string]any)
	who := []any{map[string]any{"type": "owner"}}
	blocks := map[string][]any{
		"claim": {map[string]any{"id": "a1", "type": "approval", "title": "Approve", "who": who}},
		"visit": {map[string]any{
			"id": "t1", "type": "task", "title": "Visit", "who": who, "deadline": map[string]any{"after": 60, "unit": "minutes"},
		}},
		"news": {
			map[string]any{"id": "c1", "type": "cc", "title": "Tell", "who": []any{map[string]any{"type": "role", "role": "crowd"}}},
			map[string]any{"id": "t1", "type": "task", "title": "Keep", "who": who},
		},
	}
	for key, list := range blocks {
		copied := map[string]any{}
		for k, v := range form {
			copied[k] = v
		}
		copied["key"], copied["title"] = key, key
		all["form/"+key] = copied
		all["flow/"+key+"s"] = map[string]any{"kind": "flow", "key": key + "s", "title": key, "form": key, "blocks": list}
		for _, role := range []string{"role/rep", "role/lead"} {
			r, _ := all[role].(map[string]any)
			grants, _ := r["grants"].([]any)
			r["grants"] = append(grants, map[string]any{"object": "form:" + key, "rows": "all", "actions": []string{"create", "read", "update", "submit"}})
		}
	}
	all["role/crowd"] = map[string]any{"kind": "role", "key": "crowd", "title": "Crowd", "grants": []any{
		map[string]any{"object": "form:news", "rows": "all", "actions": []string{"read"}},
	}}
	return all
}

func (f *flowBench) path(form, rest string) string {
	return "/api/v1/apps/bench/forms/" + form + "/records" + rest
}

// submit makes so many records of a form, and gives their ids.
func (f *flowBench) submit(ctx context.Context, form string, n int) ([]string, error) {
	var mu sync.Mutex
	var ids []string
	var asked atomic.Int64
	err := drive(ctx, f.at.host, f.clients, time.Hour, &turn{}, func(int) (request, bool) {
		return f.one(form), asked.Add(1) <= int64(n)
	}, func(body []byte) error {
		var made struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(body, &made); err != nil {
			return fmt.Errorf("read record: %w", err)
		}
		mu.Lock()
		defer mu.Unlock()
		ids = append(ids, made.ID)
		return nil
	})
	return ids, err
}

func (f *flowBench) one(form string) request {
	return request{"POST", f.path(form, "?view=plain"), f.at.header, encode(map[string]any{"data": order(int(f.made.Add(1)))}), http.StatusCreated}
}

// approvals lets clients approve, beside clients who change a field of such a record.
func (f *flowBench) approvals(ctx context.Context, table io.Writer) error {
	const most = 12_000 // that one turn could use up
	var ids []string
	var next atomic.Int64
	ready := func(ctx context.Context) (err error) {
		next.Store(0)
		ids, err = f.submit(ctx, "claim", most)
		return err
	}
	if err := ready(ctx); err != nil {
		return err
	}
	id := func() string { return ids[int(next.Add(1)-1)%len(ids)] }
	task, err := f.taskOf(ctx, ids[0])
	if err != nil {
		return err
	}
	suffix := strings.TrimPrefix(task, ids[0])   // a task's id is its record's and the number of the event that opened it
	fresh := f.at.header + "If-Match: \"1\"\r\n" // each record is changed once
	left := func() bool { return next.Load() < int64(len(ids)) }
	op := operation{"flows: approve, beside a plain change", approveAtLeast, 0, []*contender{
		{
			name: "Stepwell change", at: &f.at.server, ready: ready, left: left,
			ask: func() request {
				body := encode(map[string]any{"data": map[string]any{"quantity": f.made.Add(1)}})
				return request{"PATCH", f.path("claim", "/"+id()+"?view=plain"), fresh, body, http.StatusOK}
			},
		},
		{
			name: "Stepwell approve", at: &f.at.server, ready: ready, left: left,
			ask: func() request {
				return request{"POST", "/api/v1/tasks/" + id() + suffix + "/approve", f.at.header, encode(map[string]any{}), http.StatusOK}
			},
		},
	}}
	return f.compete(ctx, &op, table)
}

func (f *flowBench) taskOf(ctx context.Context, record string) (string, error) {
	c, err := dial(ctx, f.at.host)
	if err != nil {
		return "", err
	}
	defer c.conn.Close()
	body, err := c.do(request{method: "GET", path: f.path("claim", "/"+record), header: f.at.header, want: http.StatusOK})
	if err != nil {
		return "", err
	}
	found := regexp.MustCompile(`"` + record + `-\d+"`).Find(body)
	if found == nil {
		return "", fmt.Errorf("record %s has no task", record)
	}
	return string(bytes.Trim(found, `"`)), nil
}

// timers lets the deadlines of as many records pass at one moment.
func (f *flowBench) timers(ctx context.Context, table io.Writer) error {
	if _, err := f.submit(ctx, "visit", f.records); err != nil {
		return err
	}
	_, now, err := f.at.call(ctx, "GET", "/dev/clock", f.at.admin, nil)
	if err != nil {
		return err
	}
	at, err := time.Parse(time.RFC3339, fmt.Sprint(now["now"]))
	if err != nil {
		return fmt.Errorf("read clock: %w", err)
	}
	began := clock.Real{}.Now()
	if _, _, err := f.at.call(ctx, "POST", "/dev/clock", f.at.admin, map[string]any{"now": at.Add(2 * time.Hour).Format(time.RFC3339)}); err != nil {
		return err
	}
	took := clock.Real{}.Now().Sub(began)
	perSecond := float64(f.records) / took.Seconds()
	told, err := f.overdue(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(table, "flows: %d deadlines pass at once, %d records overdue\tStepwell\t%.0f\t%s\t\t\t%s\n", f.records, told, perSecond,
		took.Round(10*time.Millisecond), judged(fmt.Sprintf(">= %d/s, each once", fireAtLeast), perSecond >= fireAtLeast && told == f.records))
	return nil
}

// overdue counts the records whose deadline has passed.
func (f *flowBench) overdue(ctx context.Context) (int, error) {
	_, page, err := f.at.call(ctx, "GET", "/apps/bench/forms/visit/records?limit=1&count=true&filter="+url.QueryEscape(`{"overdue":true}`), f.at.admin, nil)
	if err != nil {
		return 0, err
	}
	n, ok := page["total"].(float64)
	if !ok {
		return 0, fmt.Errorf("the list has no count: %v", page)
	}
	return int(n), nil
}

// everybody tells one event to a crowd while others submit.
func (f *flowBench) everybody(ctx context.Context, table io.Writer) error {
	last, err := f.hireCrowd(ctx)
	if err != nil {
		return err
	}
	var alone, beside turn
	ask := func(int) (request, bool) { return f.one("order"), true }
	if err := drive(ctx, f.at.host, f.clients, fanOutMost, &alone, ask, nil); err != nil {
		return err
	}
	until, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		done <- drive(ctx, f.at.host, f.clients, time.Hour, &beside, func(int) (request, bool) { return f.one("order"), until.Err() == nil }, nil)
	}()
	began := clock.Real{}.Now()
	if _, err := f.submit(ctx, "news", 1); err != nil {
		return err
	}
	took := time.Duration(0)
	for told := false; !told && took < 6*fanOutMost; took = (clock.Real{}).Now().Sub(began) {
		if told, err = f.told(ctx, last); err != nil {
			return err
		}
		if err := (clock.Real{}).Wait(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
	if err := (clock.Real{}).Wait(ctx, fanOutMost-min(took, fanOutMost)); err != nil { // as long as alone
		return err
	}
	cancel()
	if err := <-done; err != nil {
		return err
	}
	slowed := beside.perSecond() / alone.perSecond()
	fmt.Fprintf(table, "flows: one event to %d people while others submit\tStepwell\t%.0f\t%s\t\t%.2f x\t%s\n", crowd, crowd/took.Seconds(),
		took.Round(10*time.Millisecond), slowed, judged(fmt.Sprintf("<= %s, submits >= %.1f x", fanOutMost, slowedAtLeast), took <= fanOutMost && slowed >= slowedAtLeast))
	return nil
}

// told reports whether no message waits any more, and somebody has theirs.
func (f *flowBench) told(ctx context.Context, cookie string) (bool, error) {
	_, page, err := f.at.call(ctx, "GET", "/notices?limit=1", cookie, nil)
	if err != nil {
		return false, err
	}
	if items, _ := page["items"].([]any); len(items) == 0 {
		return false, nil
	}
	c, err := dial(ctx, f.at.host)
	if err != nil {
		return false, err
	}
	defer c.conn.Close()
	body, err := c.do(request{method: "GET", path: "/metrics", want: http.StatusOK})
	if err != nil {
		return false, err
	}
	for _, found := range waiting.FindAllSubmatch(body, -1) {
		if string(found[1]) != "0" {
			return false, nil
		}
	}
	return true, nil
}

var waiting = regexp.MustCompile(`(?m)^stepwell_jobs\{queue="notices/[^"]*",state="pending"\} (\S+)$`)

// hireCrowd makes the crowd; it gives the cookie of the last of them.
func (f *flowBench) hireCrowd(ctx context.Context) (string, error) {
	var next atomic.Int64
	header := "Cookie: " + f.at.admin + "\r\nX-Stepwell: bench\r\n"
	err := drive(ctx, f.at.host, f.clients, time.Hour, &turn{}, func(int) (request, bool) {
		n := next.Add(1)
		name := "crowd" + strconv.FormatInt(n, 10)
		return request{"POST", "/api/v1/users", header, encode(map[string]any{
			"username": name, "name": name, "roles": []any{map[string]any{"app": "bench", "role": "crowd"}},
		}), http.StatusCreated}, n < crowd
	}, nil)
	if err != nil {
		return "", err
	}
	return f.at.hire(ctx, f.at.admin, "crowd", "crowd")
}

// crowd is how many people are told of one event.
const crowd = 10_000
