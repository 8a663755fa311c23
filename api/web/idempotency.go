package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
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
	By     string            `json:"by"` // names the request that holds the key
	Digest string            `json:"digest"`
	At     string            `json:"at"`
	Done   bool              `json:"done"`
	Status int               `json:"status,omitempty"`
	Header map[string]string `json:"header,omitempty"`
	Body   string            `json:"body,omitempty"`
}

// held selects the key as long as the request holds it.
func (a *answer) held() store.Filter { return store.Filter{"_id": a.ID, "by": a.By} }

// keys remembers the answers of one server.
type keys struct {
	store store.Store
	clock clock.Clock
	log   *slog.Logger
}

// Idempotent answers a repeated POST with the first answer. It is for requests whose service does not remember keys
// itself; the record pipeline does, in the record.
func Idempotent(s store.Store, now clock.Clock, log *slog.Logger, who func(echo.Context) string) echo.MiddlewareFunc {
	k := &keys{store: s, clock: now, log: log}
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
			mine := answer{ID: id, By: rand.Text(), Digest: hex.EncodeToString(sum[:]), At: store.FormatTime(now.Now())}
			done, err := k.claim(c, &mine)
			if err != nil || done {
				return err
			}
			return k.remember(c, mine, next)
		}
	}
}

// claim takes the key for this request, or replays what the first one answered.
func (k *keys) claim(c echo.Context, mine *answer) (replayed bool, err error) {
	ctx := c.Request().Context()
	doc, err := json.Marshal(mine)
	if err != nil {
		return false, fmt.Errorf("encode idempotency key: %w", err)
	}
	err = k.store.Apply(ctx, store.Write{Op: store.OpInsert, Collection: IdempotencyCollection, ID: mine.ID, Doc: doc})
	if !fault.Has(err, store.ErrDuplicate) {
		if err != nil {
			k.forget(ctx, mine, err) // nobody knows whether it was written
		}
		return false, err
	}
	first, err := store.Load[answer](ctx, k.store, IdempotencyCollection, mine.ID)
	if fault.Has(err, store.ErrNotFound) {
		return k.claim(c, mine) // it was freed this moment
	}
	if err != nil {
		return false, fmt.Errorf("load idempotency key: %w", err)
	}
	at, err := store.ParseTime(first.At)
	if err != nil {
		return false, fmt.Errorf("read idempotency key: %w", err)
	}
	age := k.clock.Now().Sub(at)
	switch {
	case age > KeepAnswers, !first.Done && age > pendingFor:
		return false, k.takeOver(ctx, &first, mine)
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

// takeOver takes a key from a request that is forgotten or has died, unless another one was faster.
func (k *keys) takeOver(ctx context.Context, first, mine *answer) error {
	_, err := k.store.FindAndUpdate(ctx, IdempotencyCollection, first.held(), nil, store.Update{
		Set:   map[string]any{"by": mine.By, "digest": mine.Digest, "at": mine.At, "done": false},
		Unset: []string{"status", "header", "body"},
	}, false)
	if fault.Has(err, store.ErrNotFound) {
		return ErrKeyPending.With(nil)
	}
	return err
}

// remember carries the request out and keeps the answer. A failed one is forgotten, so that it can be tried again.
func (k *keys) remember(c echo.Context, mine answer, next echo.HandlerFunc) error {
	ctx := c.Request().Context()
	tee := &tee{ResponseWriter: c.Response().Writer}
	c.Response().Writer = tee
	if err := next(c); err != nil {
		k.forget(ctx, &mine, err)
		return err
	}
	header := map[string]string{}
	for _, name := range []string{echo.HeaderContentType, "ETag", echo.HeaderLocation} {
		if v := c.Response().Header().Get(name); v != "" {
			header[name] = v
		}
	}
	done := store.Write{
		Op: store.OpUpdate, Collection: IdempotencyCollection, ID: mine.ID, If: store.Filter{"by": mine.By},
		Update: store.Update{Set: map[string]any{"done": true, "status": c.Response().Status, "header": header, "body": tee.body.String()}},
	}
	k.insist(ctx, func(ctx context.Context) error { return k.store.Apply(ctx, done) })
	return nil
}

// forget frees the key of a request that came to nothing, and why. When the store was out of reach for the request, its
// caller does not wait for this too.
func (k *keys) forget(ctx context.Context, mine *answer, why error) {
	free := func(ctx context.Context) error {
		_, err := k.store.DeleteMany(ctx, IdempotencyCollection, mine.held())
		return err
	}
	if fault.KindOf(why) == fault.Unavailable {
		go k.later(ctx, free)
		return
	}
	k.insist(ctx, free)
}

// insist writes down how a request ended, also when its caller has left; behind the caller's back when the store is out of
// reach.
func (k *keys) insist(ctx context.Context, write func(context.Context) error) {
	err := write(context.WithoutCancel(ctx))
	switch {
	case err == nil:
	case fault.KindOf(err) == fault.Unavailable:
		go k.later(ctx, write)
	default:
		k.log.ErrorContext(ctx, "the end of a request is not remembered", slog.Any("error", err))
	}
}

// later waits for a store that is out of reach, for as long as the key is held otherwise.
func (k *keys) later(ctx context.Context, write func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pendingFor)
	defer cancel()
	err := write(ctx)
	for fault.KindOf(err) == fault.Unavailable && (clock.Real{}).Wait(ctx, time.Second) == nil {
		err = write(ctx)
	}
	if err != nil {
		k.log.ErrorContext(ctx, "the end of a request is not remembered", slog.Any("error", err))
	}
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
