// Package noticetest is what every channel over HTTP must stand: one suite, run against a peer on loopback that misbehaves in
// every way there is.
package noticetest

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/egress"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store/storetest"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/notices/throttle"
	"github.com/stepwell/stepwell/runtime/queue"
)

// Monday is the moment at which tests begin.
var Monday = time.Date(2026, 3, 2, 2, 10, 0, 0, time.UTC)

// Loopback lets the peers of tests be reached.
var Loopback = egress.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}}

// HTTP is a client for peers on loopback that is soon out of patience.
func HTTP() *egress.Client {
	return egress.New(egress.Options{Policy: Loopback, Connect: time.Second, Total: time.Second})
}

// Li is a reader with every contact.
func Li() notices.Person {
	return notices.Person{ID: "u1", Name: "李明", Email: "li@example.com", Phone: "+86 138-0000-0001", WeCom: "Li.Ming", Language: "zh-CN"}
}

// Message is a message to Li.
func Message() notices.Message {
	return notices.Message{
		Key: "r1-12.0-u1-chat", To: Li(), Language: "zh-CN", Title: "已超时：OP-7", Text: "「OP-7」没有按时完成。", Thread: "sales/deal/r1",
		Link: "https://s.example/apps/sales/deal/r1", At: Monday,
		About: notices.About{Cause: "overdue", App: "sales", Form: "deal", Record: "r1", RecordTitle: "OP-7"},
	}
}

// Serve starts a peer that answers with handle until the test ends.
func Serve(t *testing.T, handle http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return server.URL
}

// Body reads a request's JSON into v; when it cannot, the request is answered as bad, which no test takes for success.
func Body(w http.ResponseWriter, r *http.Request, v any) bool {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, v)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusTeapot)
		return false
	}
	return true
}

// Reply answers with JSON.
func Reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// Open makes the channel under test for a peer at an address.
type Open func(t *testing.T, base string, client *egress.Client, ck clock.Clock) notices.Channel

// Trouble runs a channel against peers that misbehave. took answers a request as the peer does when all is well.
func Trouble(t *testing.T, open Open, took http.HandlerFunc) {
	t.Helper()
	ck := clock.NewManual(Monday)
	send := func(t *testing.T, client *egress.Client, handle http.HandlerFunc) error {
		t.Helper()
		_, err := open(t, Serve(t, handle), client, ck).Send(t.Context(), Message())
		return err
	}
	unavailable := func(t *testing.T, err error) {
		t.Helper()
		require.Error(t, err)
		require.Equal(t, fault.Unavailable, fault.KindOf(err), err)
		require.False(t, queue.IsPermanent(err), "it must be tried again")
	}
	t.Run("all_is_well", func(t *testing.T) { require.NoError(t, send(t, HTTP(), took)) })
	t.Run("429_says_how_long_to_wait", func(t *testing.T) {
		err := send(t, HTTP(), func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "17")
			w.WriteHeader(http.StatusTooManyRequests)
		})
		pause, busy := notices.Pause(err)
		require.True(t, busy, err)
		require.Equal(t, 17*time.Second, pause)
	})
	t.Run("429_without_a_time_is_a_minute", func(t *testing.T) {
		err := send(t, HTTP(), func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) })
		pause, busy := notices.Pause(err)
		require.True(t, busy, err)
		require.Equal(t, time.Minute, pause)
	})
	for _, status := range []int{http.StatusInternalServerError, http.StatusBadGateway, http.StatusForbidden, http.StatusNotFound} {
		t.Run(http.StatusText(status)+"_is_tried_again", func(t *testing.T) {
			unavailable(t, send(t, HTTP(), func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		})
	}
	t.Run("a_slow_peer_is_given_up", func(t *testing.T) {
		hasty := egress.New(egress.Options{Policy: Loopback, Total: 100 * time.Millisecond})
		unavailable(t, send(t, hasty, func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		}))
	})
	t.Run("a_dead_peer_is_out_of_reach", func(t *testing.T) {
		listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		require.NoError(t, err)
		base := "http://" + listener.Addr().String()
		require.NoError(t, listener.Close())
		_, err = open(t, base, HTTP(), ck).Send(t.Context(), Message())
		unavailable(t, err)
	})
	t.Run("ten_gigabytes_are_not_read", func(t *testing.T) {
		block := make([]byte, 1<<20)
		var sent atomic.Int64
		unavailable(t, send(t, HTTP(), func(w http.ResponseWriter, _ *http.Request) {
			for range 10 << 10 {
				if _, err := w.Write(block); err != nil {
					return
				}
				sent.Add(int64(len(block)))
			}
		}))
		require.Less(t, sent.Load(), int64(256<<20))
	})
	t.Run("a_redirect_to_a_private_address_is_not_followed", func(t *testing.T) {
		var called atomic.Int32
		inner := Serve(t, func(http.ResponseWriter, *http.Request) { called.Add(1) })
		unavailable(t, send(t, HTTP(), func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, inner, http.StatusTemporaryRedirect)
		}))
		require.Zero(t, called.Load())
	})
	t.Run("a_private_address_is_not_called", func(t *testing.T) {
		err := send(t, egress.New(egress.Options{}), took)
		require.True(t, fault.Has(err, egress.ErrClosed), err)
	})
	t.Run("no_failure_tells_a_secret", func(t *testing.T) {
		for _, handle := range []http.HandlerFunc{
			func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
			func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
		} {
			err := send(t, HTTP(), handle)
			require.NotContains(t, err.Error(), Secret)
		}
	})
	t.Run("through_the_queue_a_bad_hour_loses_and_doubles_nothing", func(t *testing.T) { badHour(t, open, took) })
}

// Secret stands in for whatever a channel under test keeps secret.
const Secret = "hunter2"

// badHour sends notices through a queue to a peer that fails in one way after the other.
func badHour(t *testing.T, open Open, took http.HandlerFunc) {
	t.Helper()
	st, ck := storetest.Open(t), clock.NewManual(Monday)
	require.NoError(t, st.EnsureIndexes(t.Context(), notices.Collection, notices.Indexes()...))
	require.NoError(t, st.EnsureIndexes(t.Context(), throttle.Collection))
	var mu sync.Mutex
	accepted, call := 0, 0
	base := Serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		call++
		switch call {
		case 1:
			w.WriteHeader(http.StatusInternalServerError)
		case 2:
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(http.StatusTooManyRequests)
		case 3:
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, "<html>maintenance</html>")
		default:
			accepted++
			took(w, r)
		}
	})
	ch := open(t, base, HTTP(), ck)
	q := notices.New(st, ck, nil, notices.Options{
		BaseURL: "https://s.example", Random: func() float64 { return 0 },
		Person: func(context.Context, string) (notices.Person, error) { return Li(), nil },
	})
	q.Use([]notices.Line{{ID: "line", Key: "line", Channel: ch, Workers: 1}})
	for _, key := range []string{"1", "2", "3"} {
		writes, err := notices.Writes(engine.Effect{Key: key, Cause: engine.CauseTask, To: []string{"u1"}, Channels: []string{"line"}},
			notices.Subject{App: "sales", Form: "deal", Record: "r1", Title: "OP-7", At: Monday, Link: "/r/r1"})
		require.NoError(t, err)
		require.NoError(t, st.Apply(t.Context(), writes...))
	}
	for range 40 {
		require.NoError(t, q.Drain(t.Context()))
		ck.Advance(time.Minute)
	}
	left, err := q.Undelivered(t.Context(), []queue.State{queue.Pending, queue.Dead, notices.NoContact}, "", 10)
	require.NoError(t, err)
	require.Empty(t, left)
	mu.Lock()
	defer mu.Unlock()
	// WeCom's application asks for a token besides: it is fetched once for all.
	require.GreaterOrEqual(t, accepted, 3)
	require.LessOrEqual(t, accepted, 4)
}
