package web_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/api/web"
	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/storetest"
)

// away is a store that is out of reach for so many writes from now on.
type away struct {
	store.Store
	writes atomic.Int64
}

func (a *away) lost() error {
	if a.writes.Add(-1) >= 0 {
		return store.ErrUnavailable.With(nil)
	}
	return nil
}

func (a *away) Apply(ctx context.Context, w ...store.Write) error {
	if err := a.lost(); err != nil {
		return err
	}
	return a.Store.Apply(ctx, w...)
}

func (a *away) DeleteMany(ctx context.Context, c string, f store.Filter) (int64, error) {
	if err := a.lost(); err != nil {
		return 0, err
	}
	return a.Store.DeleteMany(ctx, c, f)
}

// service answers POSTs with how often it was called.
type service struct {
	*testing.T
	echo  *echo.Echo
	store *away
	clock *clock.Manual
	calls atomic.Int64
	do    func(c echo.Context) error // before it answers; nil: nothing
}

func serve(t *testing.T) *service {
	t.Helper()
	s := &service{T: t, echo: echo.New(), store: &away{Store: storetest.Open(t)}, clock: clock.NewManual(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))}
	require.NoError(t, s.store.EnsureIndexes(t.Context(), web.IdempotencyCollection))
	log := slog.New(slog.DiscardHandler)
	s.echo.HTTPErrorHandler = web.ErrorHandler(log)
	s.echo.POST("/things", func(c echo.Context) error {
		n := s.calls.Add(1)
		if s.do != nil {
			if err := s.do(c); err != nil {
				return err
			}
		}
		return c.String(http.StatusCreated, strconv.FormatInt(n, 10))
	}, web.Idempotent(s.store, s.clock, log, func(echo.Context) string { return "li" }))
	return s
}

func (s *service) post(ctx context.Context, body string) (status int, answer string) {
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/things", strings.NewReader(body))
	r.Header.Set("Idempotency-Key", "k")
	w := httptest.NewRecorder()
	s.echo.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// insist repeats a request while it is told to.
func (s *service) insist(body string) (status int, answer string) {
	s.Helper()
	for {
		status, answer = s.post(s.Context(), body)
		if status != http.StatusConflict && status != http.StatusServiceUnavailable {
			return status, answer
		}
		require.NoError(s, clock.Real{}.Wait(s.Context(), 10*time.Millisecond))
	}
}

func TestIdempotent(t *testing.T) {
	t.Run("a_repetition_gets_the_first_answer", func(t *testing.T) {
		s := serve(t)
		for range 2 {
			status, answer := s.post(t.Context(), "a")
			require.Equal(t, []any{http.StatusCreated, "1"}, []any{status, answer})
		}
		status, _ := s.post(t.Context(), "b")
		require.Equal(t, http.StatusUnprocessableEntity, status, "another request under the same key")
	})

	t.Run("also_when_the_store_was_away_as_the_answer_was_to_be_kept", func(t *testing.T) {
		s := serve(t)
		s.do = func(echo.Context) error {
			s.store.writes.Store(2)
			return nil
		}
		status, answer := s.post(t.Context(), "a")
		require.Equal(t, []any{http.StatusCreated, "1"}, []any{status, answer}, "who asked is not troubled with it")
		status, answer = s.insist("a")
		require.Equal(t, []any{http.StatusCreated, "1"}, []any{status, answer})
	})

	t.Run("also_when_its_caller_had_left", func(t *testing.T) {
		s := serve(t)
		ctx, leave := context.WithCancel(t.Context())
		s.do = func(echo.Context) error {
			leave()
			return nil
		}
		s.post(ctx, "a")
		status, answer := s.insist("a")
		require.Equal(t, []any{http.StatusCreated, "1"}, []any{status, answer})
	})

	t.Run("what_was_refused_because_the_store_was_away_can_be_asked_again_when_it_is_back", func(t *testing.T) {
		s := serve(t)
		s.do = func(echo.Context) error {
			if s.calls.Load() == 1 {
				s.store.writes.Store(2) // nor can the key be freed at once
				return store.ErrUnavailable.With(nil)
			}
			return nil
		}
		status, _ := s.post(t.Context(), "a")
		require.Equal(t, http.StatusServiceUnavailable, status)
		status, answer := s.insist("a")
		require.Equal(t, []any{http.StatusCreated, "2"}, []any{status, answer})
	})

	t.Run("of_many_who_repeat_a_request_that_died_with_its_server_one_carries_it_out", func(t *testing.T) {
		s := serve(t)
		died := make(chan struct{})
		s.do = func(echo.Context) error {
			if s.calls.Load() == 1 {
				<-died
				return store.ErrUnavailable.With(nil)
			}
			return nil
		}
		var first, others sync.WaitGroup
		first.Go(func() { s.post(t.Context(), "a") })
		for s.calls.Load() == 0 {
			require.NoError(t, clock.Real{}.Wait(t.Context(), time.Millisecond))
		}
		s.clock.Advance(3 * time.Minute)
		for range 8 {
			others.Go(func() { s.insist("a") })
		}
		others.Wait()
		close(died)
		first.Wait()
		require.EqualValues(t, 2, s.calls.Load())
		status, answer := s.post(t.Context(), "a")
		require.Equal(t, []any{http.StatusCreated, "2"}, []any{status, answer}, "the dead one does not take it away")
	})
}
