package egress_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/egress"
	"github.com/stepwell/stepwell/internal/fault"
)

var loopback = egress.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}}

func TestOpen(t *testing.T) {
	for address, open := range map[string]bool{
		"8.8.8.8": true, "119.147.3.127": true, "2400:3200::1": true, "2606:4700::1111": true,
		"127.0.0.1": false, "127.9.9.9": false, "::1": false, "0.0.0.0": false, "::": false, "0.1.2.3": false,
		"10.1.2.3": false, "172.16.0.1": false, "172.31.255.255": false, "192.168.1.1": false, "fd00::1": false, "fec0::1": false,
		"169.254.169.254": false, "fe80::1": false, "fe80::1%eth0": false, "100.64.0.1": false, "198.18.0.1": false,
		"224.0.0.1": false, "ff02::1": false, "255.255.255.255": false, "240.0.0.1": false,
		"::ffff:10.0.0.1": false, "::ffff:8.8.8.8": true, "::127.0.0.1": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false, "2001::1": false,
	} {
		require.Equal(t, open, egress.Policy{}.Open(netip.MustParseAddr(address)), address)
	}
	t.Run("an_allowed_network_is_open_however_the_address_is_written", func(t *testing.T) {
		p := egress.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}}
		require.True(t, p.Open(netip.MustParseAddr("10.1.2.3")))
		require.True(t, p.Open(netip.MustParseAddr("::ffff:10.1.2.3")))
		require.False(t, p.Open(netip.MustParseAddr("10.2.0.1")))
	})
}

func TestAddress(t *testing.T) {
	for text, good := range map[string]bool{
		"https://example.com/hook?x=1": true, " http://example.com ": true, "ftp://example.com": false, "example.com": false, "": false,
		"https://": false, "https://user:pw@example.com": false, "file:///etc/passwd": false, "https://exa mple.com": false, "https:///x": false,
	} {
		_, err := egress.Address(text)
		require.Equal(t, good, err == nil, text)
	}
}

// peer is a server on loopback.
func peer(t *testing.T, handle http.HandlerFunc) *url.URL {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	at, err := url.Parse(server.URL + "/hook?key=s3cret")
	require.NoError(t, err)
	return at
}

func quick() *egress.Client {
	return egress.New(egress.Options{Policy: loopback, Connect: time.Second, Total: 300 * time.Millisecond})
}

func TestPost(t *testing.T) {
	t.Run("what_is_sent_arrives_and_the_answer_comes_back", func(t *testing.T) {
		at := peer(t, func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil || string(body) != `{"a":1}` || r.Header.Get("X-Kind") != "test" || r.URL.Query().Get("key") != "s3cret" {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			w.WriteHeader(http.StatusAccepted)
			_, _ = io.WriteString(w, "thanks")
		})
		got, err := quick().Post(t.Context(), at, []byte(`{"a":1}`), http.Header{"X-Kind": {"test"}})
		require.NoError(t, err)
		require.Equal(t, http.StatusAccepted, got.Status)
		require.Equal(t, "thanks", string(got.Body))
	})

	t.Run("a_private_address_is_never_connected_to", func(t *testing.T) {
		var called atomic.Int32
		at := peer(t, func(http.ResponseWriter, *http.Request) { called.Add(1) })
		_, err := egress.New(egress.Options{}).Post(t.Context(), at, nil, nil)
		require.True(t, fault.Has(err, egress.ErrClosed), err)
		require.Contains(t, err.Error(), "127.0.0.1")
		require.NotContains(t, err.Error(), "s3cret")

		at.Host = "localhost:" + at.Port() // a name that resolves to it
		_, err = egress.New(egress.Options{}).Post(t.Context(), at, nil, nil)
		require.True(t, fault.Has(err, egress.ErrClosed), err)
		require.Zero(t, called.Load())
	})

	t.Run("a_redirect_is_not_followed", func(t *testing.T) {
		var called atomic.Int32
		inner := peer(t, func(http.ResponseWriter, *http.Request) { called.Add(1) })
		for _, status := range []int{http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
			at := peer(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, inner.String(), status) })
			_, err := quick().Post(t.Context(), at, []byte("x"), nil)
			require.True(t, fault.Has(err, egress.ErrRedirect), err)
			require.NotContains(t, err.Error(), "s3cret")
		}
		require.Zero(t, called.Load())
	})

	t.Run("a_peer_that_never_answers_is_given_up_in_time", func(t *testing.T) {
		release := make(chan struct{})
		at := peer(t, func(http.ResponseWriter, *http.Request) { <-release })
		defer close(release)
		_, err := quick().Post(t.Context(), at, []byte("x"), nil)
		require.True(t, fault.Has(err, egress.ErrSlow), err)
	})

	t.Run("a_peer_that_dribbles_is_given_up_in_time", func(t *testing.T) {
		at := peer(t, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusOK)
			_, _ = io.WriteString(w, "{")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		})
		_, err := quick().Post(t.Context(), at, []byte("x"), nil)
		require.True(t, fault.Has(err, egress.ErrSlow), err)
	})

	t.Run("ten_gigabytes_are_not_read", func(t *testing.T) {
		var sent atomic.Int64
		block := make([]byte, 1<<20)
		at := peer(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "10737418240")
			for range 10 << 10 {
				n, err := w.Write(block)
				sent.Add(int64(n))
				if err != nil {
					return
				}
			}
		})
		_, err := egress.New(egress.Options{Policy: loopback}).Post(t.Context(), at, nil, nil)
		require.True(t, fault.Has(err, egress.ErrLong), err)
		require.Less(t, sent.Load(), int64(64<<20), "the peer is hung up on")
	})

	t.Run("a_dead_peer_is_named_without_its_secret", func(t *testing.T) {
		listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		require.NoError(t, err)
		at := &url.URL{Scheme: "http", Host: listener.Addr().String(), Path: "/hook", RawQuery: "key=s3cret"}
		require.NoError(t, listener.Close())
		_, err = quick().Post(t.Context(), at, nil, nil)
		require.True(t, fault.Has(err, egress.ErrReach), err)
		require.Equal(t, fault.Unavailable, fault.KindOf(err))
		require.NotContains(t, err.Error(), "s3cret")
		f, _ := fault.As(err)
		require.Contains(t, f.Message("zh-CN"), "无法连接 127.0.0.1")
	})

	t.Run("a_name_that_does_not_exist_is_out_of_reach", func(t *testing.T) {
		_, err := quick().Get(t.Context(), &url.URL{Scheme: "https", Host: "no-such-host.invalid"})
		require.Equal(t, fault.Unavailable, fault.KindOf(err), err)
	})

	t.Run("the_end_of_the_caller_is_told_as_such", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		at := peer(t, func(http.ResponseWriter, *http.Request) { cancel() })
		_, err := egress.New(egress.Options{Policy: loopback}).Post(ctx, at, nil, nil)
		if err != nil { // the answer may have been faster
			require.ErrorIs(t, err, context.Canceled)
		}
	})

	t.Run("an_unfolding_answer_stays_folded", func(t *testing.T) {
		at := peer(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, r.Header.Get("Accept-Encoding"))
		})
		got, err := quick().Get(t.Context(), at)
		require.NoError(t, err)
		require.Empty(t, string(got.Body))
	})
}

func TestPause(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for said, want := range map[string]time.Duration{
		"": time.Minute, "7": 7 * time.Second, "0": time.Second, "999999": time.Hour, "soon": time.Minute, "-3": time.Minute,
		"Mon, 02 Mar 2026 09:02:00 GMT": 2 * time.Minute, "Mon, 02 Mar 2026 08:00:00 GMT": time.Second, strings.Repeat("9", 40): time.Minute,
	} {
		a := egress.Answer{Header: http.Header{"Retry-After": {said}}}
		require.Equal(t, want, a.Pause(now, time.Minute), said)
	}
	require.True(t, (&egress.Answer{Status: http.StatusTooManyRequests}).Busy())
	require.False(t, (&egress.Answer{Status: http.StatusServiceUnavailable}).Busy())
	require.True(t, (&egress.Answer{Status: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {"1"}}}).Busy())
}
