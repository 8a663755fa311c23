package webhook_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/config/secret"
	"github.com/stepwell/stepwell/internal/egress"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/signature"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/notices/noticetest"
	"github.com/stepwell/stepwell/runtime/notices/throttle"
	"github.com/stepwell/stepwell/runtime/notices/webhook"
	"github.com/stepwell/stepwell/runtime/queue"
)

// receiver is a program that does what the documentation tells it to.
type receiver struct {
	clock clock.Clock
	mu    sync.Mutex
	seen  map[string]bool
	took  []webhook.Payload
	raw   []*http.Request
	body  []byte
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	body, err := io.ReadAll(req.Body)
	stamp := req.Header.Get("Stepwell-Timestamp")
	at, parse := strconv.ParseInt(stamp, 10, 64)
	mac := hmac.New(sha256.New, []byte(noticetest.Secret))
	mac.Write([]byte(stamp + "." + string(body)))
	want := "v1=" + hex.EncodeToString(mac.Sum(nil))
	switch {
	case err != nil || parse != nil || !hmac.Equal([]byte(want), []byte(req.Header.Get("Stepwell-Signature"))):
		http.Error(w, "bad signature", http.StatusUnauthorized)
		return
	case r.clock.Now().Sub(time.Unix(at, 0)).Abs() > signature.Window:
		http.Error(w, "too old", http.StatusUnauthorized)
		return
	}
	r.raw, r.body = append(r.raw, req), body
	key := req.Header.Get("Idempotency-Key")
	if !r.seen[key] {
		var p webhook.Payload
		if json.Unmarshal(body, &p) != nil || p.ID != key {
			http.Error(w, "bad body", http.StatusBadRequest)
			return
		}
		r.took = append(r.took, p)
	}
	if r.seen == nil {
		r.seen = map[string]bool{}
	}
	r.seen[key] = true
	w.WriteHeader(http.StatusNoContent)
}

func hook(t *testing.T, base, key string, client *egress.Client, ck clock.Clock) *webhook.Hook {
	t.Helper()
	h, err := webhook.New(webhook.Config{URL: base + "/in?token=t0ken", Sign: secret.New(key), HTTP: client, Clock: ck})
	require.NoError(t, err)
	return h
}

func TestTrouble(t *testing.T) {
	noticetest.Trouble(t, func(t *testing.T, base string, client *egress.Client, ck clock.Clock) notices.Channel {
		t.Helper()
		return hook(t, base, noticetest.Secret, client, ck)
	}, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Stepwell-Signature") == "" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.WriteHeader(http.StatusAccepted)
	})
}

func TestSend(t *testing.T) {
	ck := clock.NewManual(noticetest.Monday)
	msg := noticetest.Message()
	msg.To, msg.Group = notices.Person{}, []notices.Person{noticetest.Li()}

	t.Run("the_receiver_knows_it_by_its_signature_and_a_repetition_by_its_key", func(t *testing.T) {
		r := &receiver{clock: ck}
		h := hook(t, noticetest.Serve(t, r.ServeHTTP), noticetest.Secret, noticetest.HTTP(), ck)
		for range 2 {
			_, err := h.Send(t.Context(), msg)
			require.NoError(t, err)
		}
		require.Len(t, r.raw, 2)
		require.Equal(t, []webhook.Payload{{
			ID: "r1-12.0-u1-chat", At: r.took[0].At, Cause: "overdue", App: "sales", Form: "deal", Record: "r1", Title: "OP-7",
			Text: webhook.Words{Language: "zh-CN", Title: "已超时：OP-7", Text: "「OP-7」没有按时完成。"},
			Link: "https://s.example/apps/sales/deal/r1", For: []webhook.Recipient{{ID: "u1", Name: "李明"}},
		}}, r.took)
		require.NotContains(t, string(r.body), "li@example.com", "contacts are nobody's business")
		require.Equal(t, "t0ken", r.raw[0].URL.Query().Get("token"))
	})
	t.Run("a_wrong_secret_is_refused_by_the_receiver_and_tried_again", func(t *testing.T) {
		r := &receiver{clock: ck}
		_, err := hook(t, noticetest.Serve(t, r.ServeHTTP), "other", noticetest.HTTP(), ck).Send(t.Context(), msg)
		require.True(t, fault.Has(err, notices.ErrPeer), err)
		require.Contains(t, notices.Words(err).In("en"), "bad signature. Code HTTP 401")
		require.NotContains(t, err.Error(), "t0ken")
	})
	t.Run("a_recorded_call_is_of_no_use_later", func(t *testing.T) {
		r := &receiver{clock: clock.NewManual(ck.Now().Add(signature.Window + time.Second))}
		_, err := hook(t, noticetest.Serve(t, r.ServeHTTP), noticetest.Secret, noticetest.HTTP(), ck).Send(t.Context(), msg)
		require.Error(t, err)
		require.Empty(t, r.took)
	})
	t.Run("what_the_receiver_finds_wrong_with_this_notice_is_final", func(t *testing.T) {
		for _, status := range []int{http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusRequestEntityTooLarge} {
			base := noticetest.Serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
			_, err := hook(t, base, noticetest.Secret, noticetest.HTTP(), ck).Send(t.Context(), msg)
			require.True(t, queue.IsPermanent(err), status)
			require.Contains(t, notices.Words(err).In("zh-CN"), "没有说明原因")
		}
	})
	t.Run("503_with_a_time_is_a_pause", func(t *testing.T) {
		base := noticetest.Serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "30")
			w.WriteHeader(http.StatusServiceUnavailable)
		})
		_, err := hook(t, base, noticetest.Secret, noticetest.HTTP(), ck).Send(t.Context(), msg)
		pause, busy := notices.Pause(err)
		require.True(t, busy)
		require.Equal(t, 30*time.Second, pause)
	})
	t.Run("an_address_that_is_none_is_refused", func(t *testing.T) {
		_, err := webhook.New(webhook.Config{URL: "file:///etc/passwd"})
		require.True(t, fault.Has(err, egress.ErrAddress))
	})
}

func TestRender(t *testing.T) {
	put := webhook.Render(noticetest.Message())
	require.Equal(t, "json", put.Format)
	require.True(t, json.Valid([]byte(put.Body)))
	require.InDelta(t, 60, throttle.PerMinute(webhook.Throttle(0).Rates), 0.01)
	require.InDelta(t, 30, throttle.PerMinute(webhook.Throttle(30).Rates), 0.01)
}
