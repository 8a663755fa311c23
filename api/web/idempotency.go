package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/schemas/problem"
)

// IdempotencyCollection remembers the answers of POSTs that carried an Idempotency-Key.
const IdempotencyCollection = "idempotency"

// KeepAnswers is how long an answer is remembered.
const KeepAnswers = 24 * time.Hour

// pendingFor is after how long a request that never answered is taken to have died with its server.
const pendingFor = 2 * time.Minute

// Faults of Idempotency-Key.
var (
	ErrKeyReused  = fault.Define(fault.Invalid, "http.idempotencyReused", "This Idempotency-Key was used for another request. Use a new one.", "该 Idempotency-Key 已用于另一个请求，请换一个新的。")
	ErrKeyPending = fault.Define(fault.Conflict, "http.idempotencyPending", "The first request with this Idempotency-Key is still being carried out.", "带此 Idempotency-Key 的第一个请求仍在处理中。")
	ErrKeyLong    = fault.Define(fault.Invalid, "http.idempotencyLong", "An Idempotency-Key has at most 200 characters.", "Idempotency-Key 最多 200 个字符。")
)

// IdempotencyKey is the request's Idempotency-Key bound to who sends it and where; empty when it carries none. Services
// that remember keys themselves are given it.
func IdempotencyKey(c echo.Context, who string) (string, error) {
	h := strings.TrimSpace(c.Request().Header.Get("Idempotency-Key"))
	if h == "" {
		return "", nil
	}
	if len(h) > 200 {
		return "", ErrKeyLong.With(nil)
	}
	sum := sha256.Sum256([]byte(who + "\x00" + c.Request().Method + " " + c.Request().URL.Path + "\x00" + h))
	return hex.EncodeToString(sum[:16]), nil
}

type answer struct {
	ID     string            `json:"_id"`
	Digest string            `json:"digest"`
	At     string            `json:"at"`
	Done   bool              `json:"done"`
	Status int               `json:"status,omitempty"`
	Header map[string]string `json:"header,omitempty"`
	Body   string            `json:"body,omitempty"`
}

// Idempotent answers a repeated POST with the first answer. It is for requests whose service does not remember keys
// itself; the record pipeline does, in the record.
func Idempotent(s store.Store, now clock.Clock, who func(echo.Context) string) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			id, err := IdempotencyKey(c, who(c))
			if err != nil || id == "" {
				if err == nil {
					err = next(c)
				}
				return err
			}
			body, err := io.ReadAll(http.MaxBytesReader(c.Response(), c.Request().Body, MaxJSON))
			if err != nil {
				return fmt.Errorf("read body: %w", err)
			}
			c.Request().Body = io.NopCloser(bytes.NewReader(body))
			sum := sha256.Sum256(body)
			mine := answer{ID: id, Digest: hex.EncodeToString(sum[:]), At: store.FormatTime(now.Now())}
			done, err := claim(c, s, now, &mine)
			if err != nil || done {
				return err
			}
			return remember(c, s, mine, next)
		}
	}
}

// claim takes the key for this request, or replays what the first one answered.
func claim(c echo.Context, s store.Store, now clock.Clock, mine *answer) (replayed bool, err error) {
	ctx := c.Request().Context()
	doc, err := json.Marshal(mine)
	if err != nil {
		return false, fmt.Errorf("encode idempotency key: %w", err)
	}
	err = s.Apply(ctx, store.Write{Op: store.OpInsert, Collection: IdempotencyCollection, ID: mine.ID, Doc: doc})
	if err == nil || !fault.Has(err, store.ErrDuplicate) {
		return false, err
	}
	stored, err := s.Get(ctx, IdempotencyCollection, mine.ID)
	if err != nil {
		return false, fmt.Errorf("load idempotency key: %w", err)
	}
	var first answer
	if err := json.Unmarshal(stored, &first); err != nil {
		return false, fmt.Errorf("read idempotency key: %w", err)
	}
	at, err := store.ParseTime(first.At)
	if err != nil {
		return false, fmt.Errorf("read idempotency key: %w", err)
	}
	age := now.Now().Sub(at)
	switch {
	case age > KeepAnswers, !first.Done && age > pendingFor:
		return false, s.Apply(ctx, store.Write{Op: store.OpPut, Collection: IdempotencyCollection, ID: mine.ID, Doc: doc})
	case first.Digest != mine.Digest:
		return false, ErrKeyReused.With(nil)
	case !first.Done:
		return false, ErrKeyPending.With(nil)
	}
	for k, v := range first.Header {
		c.Response().Header().Set(k, v)
	}
	c.Response().Header().Set("Idempotent-Replay", "true")
	return true, c.Blob(first.Status, first.Header[echo.HeaderContentType], []byte(first.Body))
}

// remember carries the request out and keeps the answer. A failed one is forgotten, so that it can be tried again.
func remember(c echo.Context, s store.Store, mine answer, next echo.HandlerFunc) error {
	ctx := c.Request().Context()
	tee := &tee{ResponseWriter: c.Response().Writer}
	c.Response().Writer = tee
	if err := next(c); err != nil {
		if derr := s.Apply(ctx, store.Write{Op: store.OpDelete, Collection: IdempotencyCollection, ID: mine.ID}); derr != nil {
			return fmt.Errorf("%w (and forget idempotency key: %w)", err, derr)
		}
		return err
	}
	mine.Done, mine.Status, mine.Body = true, c.Response().Status, tee.body.String()
	mine.Header = map[string]string{}
	for _, name := range []string{echo.HeaderContentType, "ETag", echo.HeaderLocation} {
		if v := c.Response().Header().Get(name); v != "" {
			mine.Header[name] = v
		}
	}
	doc, err := json.Marshal(mine)
	if err != nil {
		return fmt.Errorf("encode idempotency answer: %w", err)
	}
	return s.Apply(ctx, store.Write{Op: store.OpPut, Collection: IdempotencyCollection, ID: mine.ID, Doc: doc})
}

type tee struct {
	http.ResponseWriter
	body bytes.Buffer
}

func (t *tee) Write(p []byte) (int, error) {
	t.body.Write(p)
	return t.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (t *tee) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// InvalidParam is a problem of one parameter, for handlers that check more than web does.
func InvalidParam(name, why string) error {
	return ErrParameter.With(problem.Params{"name": name, "why": why})
}
