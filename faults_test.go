package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/embedded"
	"github.com/stepwell/stepwell/internal/store/storetest"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/queue"
	"github.com/stepwell/stepwell/runtime/timers"
)

// faultTime is the environment variable that says how long faults are made, such as 20m.
const faultTime = "STEPWELL_TEST_FAULT_TIME"

// A pause is longer than the lease of a timer, which is 30 s; in a run that is long enough, than that of a message, 90 s.
const (
	shortPause = 35 * time.Second
	longPause  = 95 * time.Second
)

// faults are made to the servers of a house and to the line between them and their store.
type faults struct {
	*house
	line   *storetest.Relay // nil: none
	uri    string           // of the MongoDB itself
	random *rand.Rand
	pause  time.Duration

	made struct{ kills, pauses, cuts, stepDowns int }
}

// TestFaults lets servers be killed and paused, and their store be cut off and step down, while records are made, completed
// and approved, moments come and mail is sent; then it demands that nothing was lost and nothing happened twice.
func TestFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("makes faults for minutes")
	}
	binary := build(t)
	t.Run("one_server_on_the_embedded_store_loses_nothing_and_doubles_nothing", func(t *testing.T) {
		dir, box := t.TempDir(), openMailbox(t)
		f := &faults{house: open(t, binary, 1, append(box.arguments(), "--data-dir", dir)...)}
		st := f.run(time.Minute, box, nil, func() (store.Store, error) { return embedded.Open(t.Context(), dir) })
		require.NoError(t, st.Close())
	})
	t.Run("two_servers_on_mongodb_lose_nothing_and_double_nothing", func(t *testing.T) {
		uri, name, reach := database(t)
		line, through := storetest.RelayTo(t, uri)
		box := openMailbox(t)
		f := &faults{house: open(t, binary, 2, append(onMongoDB(through.String(), name), box.arguments()...)...), line: line, uri: uri}
		st, err := reach()
		require.NoError(t, err)
		f.run(2*time.Minute, box, st, reach)
		require.NoError(t, st.Close())
	})
}

// run makes faults for as long as the environment says, or for the time given, and looks at what is there afterwards. running
// is the store when it can be read beside the servers.
func (f *faults) run(usual time.Duration, box *mailbox, running store.Store, reach func() (store.Store, error)) store.Store {
	f.Helper()
	f.random, f.pause = rand.New(rand.NewPCG(11, 13)), shortPause
	if given := os.Getenv(faultTime); given != "" {
		var err error
		usual, err = time.ParseDuration(given)
		require.NoError(f, err, faultTime)
	}
	if usual >= 10*longPause {
		f.pause = longPause
	}
	f.publish(jobs)
	for _, s := range f.servers[1:] {
		s.start()
	}
	stop := f.work(jobs)
	f.makeFor(usual)
	promised := stop()
	f.settled(jobs, running)
	for _, s := range f.servers {
		s.end(syscall.SIGTERM)
	}
	st := running
	if st == nil {
		var err error
		st, err = reach()
		require.NoError(f, err)
	}
	a := inspection{T: f.T, store: st, load: jobs}
	n := a.look(promised, box)
	f.Logf("%v of faults on %d server(s): %d kills, %d pauses of %v, %d cuts, %d step-downs; acknowledged %s; %+v; lost %d, doubled %d; "+
		"sent again under their Message-ID %d", usual, len(f.servers), f.made.kills, f.made.pauses, f.pause, f.made.cuts, f.made.stepDowns,
		sum(promised), n, len(a.lost), len(a.doubled), a.again)
	a.require()
	require.NotZero(f, n.messages)
	require.NotZero(f, n.fired)
	require.LessOrEqual(f, a.again, f.made.kills, "more messages came twice than servers were killed")
	return st
}

// sum says what was acknowledged.
func sum(promised []acknowledged) string {
	var done, approved, left int
	for _, p := range promised {
		switch {
		case p.left:
			left++
		case p.approved:
			approved++
			done++
		case p.done:
			done++
		}
	}
	return fmt.Sprintf("%d made, %d completed, %d approved, %d left alone", len(promised), done, approved, left)
}

// makeFor makes each kind of fault once, and then one after the other as it comes. Work must go on after each.
func (f *faults) makeFor(long time.Duration) {
	f.Helper()
	order := []func(){f.kill, f.cut, f.stop, f.stepDown}
	often := []func(){f.kill, f.kill, f.kill, f.kill, f.cut, f.cut, f.stepDown, f.stop}
	for end := (clock.Real{}).Now().Add(long); (clock.Real{}).Now().Before(end); {
		f.await(6)
		f.wait(time.Duration(f.random.IntN(3000)) * time.Millisecond)
		next := often[f.random.IntN(len(often))]
		if len(order) > 0 {
			next, order = order[0], order[1:]
		}
		next()
	}
	f.await(6)
}

func (f *faults) victim() *server { return f.servers[f.random.IntN(len(f.servers))] }

// kill ends a server as a power failure would, and starts it again after a while.
func (f *faults) kill() {
	f.Helper()
	s := f.victim()
	s.end(syscall.SIGKILL)
	f.made.kills++
	f.wait(time.Duration(f.random.IntN(2000)) * time.Millisecond)
	s.start()
}

// stop lets a server sleep past its leases, as a laptop or a moved virtual machine does; it wakes up and knows nothing of it.
func (f *faults) stop() {
	f.Helper()
	s := f.victim()
	require.NoError(f, s.proc.Process.Signal(syscall.SIGSTOP))
	f.made.pauses++
	f.wait(f.pause)
	require.NoError(f, s.proc.Process.Signal(syscall.SIGCONT))
}

// cut takes the store away for a while.
func (f *faults) cut() {
	f.Helper()
	if f.line == nil {
		return
	}
	f.line.Cut()
	f.made.cuts++
	f.wait(time.Duration(1000+f.random.IntN(7000)) * time.Millisecond)
	f.line.Mend()
}

// stepDown leaves MongoDB without a primary for a while.
func (f *faults) stepDown() {
	f.Helper()
	if f.line == nil {
		return
	}
	ctx, cancel := context.WithTimeout(f.Context(), 20*time.Second)
	defer cancel()
	require.NoError(f, storetest.StepDown(ctx, f.uri, 3))
	f.made.stepDowns++
}

// settled waits until the outboxes are empty and what they held is done: no message waits, nor a timer. st is the store when
// it can be read beside the servers.
func (h *house) settled(l load, st store.Store) {
	h.Helper()
	waiting := func(collection string, f store.Filter) bool {
		n, err := st.Count(h.Context(), collection, f, 1)
		require.NoError(h, err)
		return n > 0
	}
	h.until("everything that was to follow has happened", func() bool {
		if st == nil {
			return !h.pending()
		}
		return !waiting(l.collection(), store.Filter{"pendingSince": store.Filter{"$gt": ""}}) &&
			!waiting(timers.Collection, store.Filter{"form": l.form}) && !waiting(notices.Collection, store.Filter{"state": queue.Pending})
	})
}

var pendingJobs = regexp.MustCompile(`stepwell_jobs\{.*state="pending".*\} [1-9]`)

// pending asks a server whether timers or messages wait.
func (h *house) pending() bool {
	req, err := http.NewRequestWithContext(h.Context(), http.MethodGet, *h.servers[0].base.Load()+"/metrics", http.NoBody)
	require.NoError(h, err)
	resp, err := h.client.Do(req)
	require.NoError(h, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(h, err)
	require.Contains(h, string(text), `stepwell_jobs{queue="timers",state="pending"}`)
	return pendingJobs.Match(text)
}
