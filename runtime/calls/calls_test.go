package calls_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/config/secret"
	"github.com/stepwell/stepwell/internal/egress"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/signature"
	"github.com/stepwell/stepwell/runtime/calls"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/errands"
	"github.com/stepwell/stepwell/runtime/queue"
	"github.com/stepwell/stepwell/runtime/secrets"
)

var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// safe holds the secrets of the app "shop".
type safe map[string]string

func (s safe) Open(_ context.Context, app, name string) (secret.Text, error) {
	if value, ok := s[name]; ok && app == "shop" {
		return secret.New(value), nil
	}
	return secret.Text{}, secrets.ErrMissing.With(map[string]any{"name": name})
}

// peer is another system on loopback, and a caller that may reach it.
func peer(t *testing.T, handle http.HandlerFunc) (string, *calls.Caller) {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return server.URL, caller(netip.MustParsePrefix("127.0.0.0/8"))
}

func caller(allow ...netip.Prefix) *calls.Caller {
	client := egress.New(egress.Options{Policy: egress.Policy{Allow: allow}, Connect: time.Second, Total: time.Second, Most: 1 << 10})
	return calls.New(client, safe{"erp": "hunter2", "token": "t0ken"}, clock.NewManual(monday))
}

func TestCall(t *testing.T) {
	t.Run("what_is_sent_is_signed_and_its_answer_read", func(t *testing.T) {
		var got *http.Request
		var body []byte
		base, c := peer(t, func(w http.ResponseWriter, r *http.Request) {
			got = r
			body, _ = io.ReadAll(r.Body)
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, `{"number":"E-7","lines":[1,2]}`)
		})
		reply, err := c.Call(t.Context(), "shop", "r1-4.0", engine.Call{
			URL: base + "/orders/7", Method: http.MethodPut, Headers: map[string]string{"x-order": "7", "Idempotency-Key": "mine", "Stepwell-Signature": "v1=00"},
			Body: map[string]any{"amount": 12.5}, Secret: "erp", Token: "token",
		})
		require.NoError(t, err)
		require.Equal(t, engine.Reply{Status: 201, Body: map[string]any{"number": "E-7", "lines": []any{1.0, 2.0}}}, reply)
		require.Equal(t, http.MethodPut, got.Method)
		require.Equal(t, "/orders/7", got.URL.Path)
		require.Equal(t, "7", got.Header.Get("X-Order"))
		require.Equal(t, []string{"r1-4.0"}, got.Header.Values("Idempotency-Key"), "the product's own, whatever the flow says")
		require.Equal(t, "Bearer t0ken", got.Header.Get("Authorization"))
		require.NoError(t, signature.Check(got.Header, "hunter2", monday, body))
		require.JSONEq(t, `{"amount":12.5}`, string(body))
	})
	t.Run("an_answer_that_is_no_json_is_text_and_none_is_nothing", func(t *testing.T) {
		said := "thanks"
		base, c := peer(t, func(w http.ResponseWriter, r *http.Request) {
			assert.Empty(t, r.Header.Get("Content-Type"), "nothing is sent")
			_, _ = io.WriteString(w, said)
		})
		reply, err := c.Call(t.Context(), "shop", "k", engine.Call{URL: base, Method: http.MethodGet})
		require.NoError(t, err)
		require.Equal(t, engine.Reply{Status: 200, Body: "thanks"}, reply)
		said = ""
		reply, err = c.Call(t.Context(), "shop", "k", engine.Call{URL: base, Method: http.MethodGet})
		require.NoError(t, err)
		require.Equal(t, engine.Reply{Status: 200}, reply)
	})
}

func TestTrouble(t *testing.T) {
	status, retryAfter := 0, ""
	base, c := peer(t, func(w http.ResponseWriter, _ *http.Request) {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		if status == http.StatusFound {
			w.Header().Set("Location", "http://169.254.169.254/latest")
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, strings.Repeat("no ", status/200))
		if status == http.StatusTeapot {
			_, _ = io.WriteString(w, strings.Repeat("x", 2<<10))
		}
	})
	call := func() error {
		_, err := c.Call(t.Context(), "shop", "k", engine.Call{URL: base, Method: http.MethodPost})
		return err
	}
	t.Run("what_trying_again_cannot_mend_is_final", func(t *testing.T) {
		for _, s := range []int{400, 401, 403, 404, 410, 413, 422} {
			status = s
			err := call()
			require.True(t, fault.Has(err, calls.ErrRefused), err)
			require.True(t, errands.Final(err))
			require.Contains(t, err.Error(), "no no")
		}
	})
	t.Run("what_may_pass_is_tried_again_and_counts_as_a_failure", func(t *testing.T) {
		for _, s := range []int{408, 409, 425, 500, 502, 503, 504} {
			status = s
			err := call()
			require.True(t, fault.Has(err, calls.ErrTrouble), err)
			require.False(t, errands.Final(err))
			require.NotEqual(t, fault.Unavailable, fault.KindOf(err), "or it would be tried without an end")
		}
	})
	t.Run("a_busy_peer_is_left_alone_for_as_long_as_it_asks", func(t *testing.T) {
		status, retryAfter = 429, "90"
		until, later := queue.PutOff(call())
		require.True(t, later)
		require.Equal(t, monday.Add(90*time.Second), until)
		status = 503
		_, later = queue.PutOff(call())
		require.True(t, later)
		retryAfter = ""
	})
	t.Run("a_redirection_is_not_followed", func(t *testing.T) {
		status = http.StatusFound
		err := call()
		require.True(t, fault.Has(err, calls.ErrImpossible), err)
		require.True(t, errands.Final(err))
	})
	t.Run("an_answer_without_an_end_is_not_read", func(t *testing.T) {
		status = http.StatusTeapot
		require.True(t, fault.Has(call(), calls.ErrImpossible))
	})
	t.Run("a_peer_that_is_away_is_tried_again", func(t *testing.T) {
		server := httptest.NewServer(http.NotFoundHandler())
		server.Close()
		_, err := c.Call(t.Context(), "shop", "k", engine.Call{URL: server.URL, Method: http.MethodPost})
		require.True(t, fault.Has(err, calls.ErrUnreached), err)
		require.False(t, errands.Final(err))
	})
	t.Run("an_address_inside_is_refused_for_good", func(t *testing.T) {
		_, err := caller().Call(t.Context(), "shop", "k", engine.Call{URL: base, Method: http.MethodPost})
		require.True(t, fault.Has(err, calls.ErrImpossible), err)
		require.Contains(t, err.Error(), "STEPWELL_OUTBOUND_ALLOW")
		_, err = caller().Call(t.Context(), "shop", "k", engine.Call{URL: "file:///etc/passwd", Method: http.MethodPost})
		require.True(t, errands.Final(err), err)
	})
	t.Run("a_secret_that_is_not_set_is_said_and_nothing_is_sent", func(t *testing.T) {
		base, c := peer(t, func(http.ResponseWriter, *http.Request) { t.Error("called") })
		for _, call := range []engine.Call{{URL: base, Method: "POST", Secret: "none"}, {URL: base, Method: "POST", Token: "none"}} {
			_, err := c.Call(t.Context(), "shop", "k", call)
			require.True(t, fault.Has(err, secrets.ErrMissing), err)
			require.True(t, errands.Final(err))
		}
	})
}
