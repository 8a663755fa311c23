package main

import (
	"bufio"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/store/storetest"
)

// outage is how long MongoDB stays away.
const outage = 30 * time.Second

// refusals keep what writers were told that made them ask again.
type refusals struct {
	mu  sync.Mutex
	got []answer
}

func (r *refusals) add(a answer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, a)
}

func TestMongoDBOutage(t *testing.T) {
	if testing.Short() {
		t.Skip("takes MongoDB away for half a minute")
	}
	uri, name, reach := database(t)
	line, through := storetest.RelayTo(t, uri)
	box := openMailbox(t)
	h := open(t, build(t), 1, append(onMongoDB(through.String(), name), box.arguments()...)...)
	var told refusals
	h.refused = told.add
	page := h.listen()
	h.publish(jobs)
	stop := h.work(jobs)
	h.await(20)

	line.Cut()
	since := clock.Real{}.Now()
	h.whileAway(since.Add(outage))
	line.Mend()
	h.comesBack()
	h.await(20)
	before := page.heard.Load()
	h.until("an open page hears of changes again", func() bool { return page.heard.Load() > before })
	require.False(t, page.ended.Load(), "on the stream it had open")
	all := stop()
	st, err := reach()
	require.NoError(t, err)
	defer st.Close()
	h.settled(jobs, st)
	h.servers[0].end(syscall.SIGTERM)

	t.Logf("%d jobs acknowledged; %d requests refused while MongoDB was away for %v", len(all), len(told.got), outage)
	require.NotEmpty(t, told.got)
	for _, a := range told.got {
		requireUnavailable(t, a, "数据库暂时无法连接")
	}
	a := inspection{T: t, store: st, load: jobs}
	n := a.look(all, box)
	t.Logf("%+v", n)
	a.require()
	require.NotZero(t, n.messages)
	require.Zero(t, a.again, "a message came twice")
}

// news is an open page's stream of changes.
type news struct {
	heard atomic.Int64
	ended atomic.Bool
}

// listen opens a stream of changes, as a page does, and keeps it open.
func (h *house) listen() *news {
	h.Helper()
	req, err := http.NewRequestWithContext(h.Context(), http.MethodGet, *h.servers[0].base.Load()+"/api/v1/events", http.NoBody)
	require.NoError(h, err)
	req.AddCookie(&http.Cookie{Name: "stepwell", Value: h.admin.cookie})
	resp, err := (&http.Client{}).Do(req) //nolint:bodyclose // closed by whoever reads it
	require.NoError(h, err)
	require.Equal(h, http.StatusOK, resp.StatusCode)
	n := &news{}
	go func() {
		defer resp.Body.Close()
		defer n.ended.Store(true)
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			if strings.HasPrefix(lines.Text(), "event: change") {
				n.heard.Add(1)
			}
		}
	}()
	return n
}

// look reads a page of the server itself, beside the API.
func (h *house) look(path string) int {
	got, _ := h.ask(h.Context(), &person{}, http.MethodGet, *h.servers[0].base.Load()+path, "", nil) // what it says is no JSON
	return got.status
}

const typed = "typed while MongoDB was away"

var (
	jobsPath = recordsPath(jobs.form)
	pages    = []string{"/tasks", "/me", jobsPath}
)

// whileAway asks for everything in both languages until the moment, and is refused in good time and in words that help.
func (h *house) whileAway(until time.Time) {
	h.Helper()
	for (clock.Real{}).Now().Before(until) {
		for language, words := range map[string]string{"zh-CN": "数据库暂时无法连接", "en": "The database is out of reach. Nothing was lost; try again"} {
			who := person{cookie: h.admin.cookie, language: language}
			for _, page := range pages {
				got, came := h.try(h.Context(), &who, http.MethodGet, page, "", nil)
				require.True(h, came, "%s hangs", page)
				requireUnavailable(h.T, got, words)
			}
			got, came := h.try(h.Context(), &who, http.MethodPost, jobsPath, typed, jobs.fill(h, typed))
			require.True(h, came)
			requireUnavailable(h.T, got, words)
		}
		require.Equal(h, http.StatusServiceUnavailable, h.look("/readyz"), "no traffic is to be sent here")
		require.Equal(h, http.StatusOK, h.look("/healthz"), "nor is it to be started again")
	}
}

// comesBack waits until everything is served again, without anybody's help.
func (h *house) comesBack() {
	h.Helper()
	h.until("the server is ready", func() bool { return h.look("/readyz") == http.StatusOK })
	for _, page := range pages {
		got, came := h.send(h.Context(), &h.admin, http.MethodGet, page, "", nil)
		require.True(h, came && got.status == http.StatusOK, "%s: %d %v", page, got.status, got.body)
	}
	_, err := h.insist(h.Context(), &h.admin, jobsPath, typed, jobs.fill(h, typed))
	require.NoError(h, err)
}

func requireUnavailable(t *testing.T, a answer, words string) {
	t.Helper()
	require.Equal(t, http.StatusServiceUnavailable, a.status, a.body)
	require.Equal(t, "application/problem+json", a.header.Get("Content-Type"))
	require.NotEmpty(t, a.header.Get("Retry-After"))
	require.Equal(t, "store.unavailable", a.body["code"])
	require.Contains(t, a.body["title"], words)
}
