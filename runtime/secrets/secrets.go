// Package secrets keeps the passwords and keys that definitions name: encrypted in the store, written by people and read by
// nothing but the channels. No answer, export or log ever holds one.
package secrets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/config/secret"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/people/audit"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Collection holds the secrets.
const Collection = "secrets"

// Faults of secrets.
var (
	ErrName    = fault.Define(fault.Invalid, "secrets.name", "A secret's name has up to 128 letters, digits and . _ -", "密钥名称最多 128 个字符，只能使用字母、数字和 . _ -")
	ErrValue   = fault.Define(fault.Invalid, "secrets.value", "Give a value of at most 4000 characters.", "请填写密钥内容，最多 4000 个字符。")
	ErrMissing = fault.Define(fault.NotFound, "secrets.missing", "The secret {name} has not been set.", "密钥 {name} 尚未设置。")
	ErrSealed  = fault.Define(fault.Conflict, "secrets.sealed", "The secret {name} cannot be opened with the key of this server. Enter it again.", "本服务器的密钥无法解开 {name}，请重新填写。")
)

var namePattern = regexp.MustCompile(`^[A-Za-z0-9._-]{1,128}$`)

// Info is what may be told of a secret.
type Info struct {
	Name  string       `json:"name"`
	SetAt store.Moment `json:"setAt"`
	SetBy string       `json:"setBy,omitempty"`
}

type sealed struct {
	ID  string `json:"_id"` // app + "/" + name
	App string `json:"app"`
	Info
	Sealed string `json:"sealed"`
}

// Safe keeps secrets. It is safe for concurrent use.
type Safe struct {
	store store.Store
	clock clock.Clock
	box   *secret.Box
	audit *audit.Log
}

// New makes the safe of a store.
func New(st store.Store, ck clock.Clock, box *secret.Box, log *audit.Log) *Safe {
	return &Safe{store: st, clock: ck, box: box, audit: log}
}

// Indexes are what the collection needs.
func Indexes() []store.Index {
	return []store.Index{{Name: "app", Keys: []store.SortKey{{Path: "app"}}}}
}

func place(app, name string) string { return "secret/" + app + "/" + name }

// Set keeps a secret, in the place of the one that had the name: ErrName, ErrValue. That it was set is audited.
func (s *Safe) Set(ctx context.Context, by audit.Actor, app, name, value string) error {
	if !namePattern.MatchString(name) {
		return ErrName.With(nil)
	}
	if value == "" || len(value) > 4000 {
		return ErrValue.With(nil)
	}
	doc, err := json.Marshal(sealed{
		ID: app + "/" + name, App: app, Info: Info{Name: name, SetAt: store.MomentOf(s.clock.Now()), SetBy: by.User},
		Sealed: s.box.Seal(value, place(app, name)),
	})
	if err != nil {
		return fmt.Errorf("write secret %s: %w", name, err)
	}
	return s.write(ctx, by, "secret.set", store.Write{Op: store.OpPut, Collection: Collection, ID: app + "/" + name, Doc: doc})
}

// Forget removes a secret; nothing when there is none.
func (s *Safe) Forget(ctx context.Context, by audit.Actor, app, name string) error {
	if !namePattern.MatchString(name) {
		return ErrName.With(nil)
	}
	return s.write(ctx, by, "secret.forgotten", store.Write{Op: store.OpDelete, Collection: Collection, ID: app + "/" + name})
}

func (s *Safe) write(ctx context.Context, by audit.Actor, event string, w store.Write) error {
	entry, err := s.audit.Write(by, event, w.ID, audit.Done, nil)
	if err == nil {
		err = s.store.Apply(ctx, w, entry)
	}
	if err != nil {
		return fmt.Errorf("write secret %s: %w", w.ID, err)
	}
	return nil
}

// List tells which secrets an app has, by name.
func (s *Safe) List(ctx context.Context, app string) ([]Info, error) {
	found, err := store.LoadAll[sealed](ctx, s.store, Collection, store.Query{
		Filter: store.Filter{"app": app}, Sort: []store.SortKey{{Path: "name"}}, Fields: []string{"name", "setAt", "setBy"},
	})
	if err != nil {
		return nil, fmt.Errorf("list secrets of %s: %w", app, err)
	}
	out := make([]Info, len(found))
	for i, one := range found {
		out[i] = one.Info
	}
	return out, nil
}

// Open reads a secret: ErrMissing, or ErrSealed when the server has another key than when it was set.
func (s *Safe) Open(ctx context.Context, app, name string) (secret.Text, error) {
	one, err := store.Load[sealed](ctx, s.store, Collection, app+"/"+name)
	if fault.Has(err, store.ErrNotFound) {
		return secret.Text{}, ErrMissing.With(problem.Params{"name": name})
	}
	if err != nil {
		return secret.Text{}, fmt.Errorf("read secret %s: %w", name, err)
	}
	text, err := s.box.Open(one.Sealed, place(app, name))
	if errors.Is(err, secret.ErrOtherKey) || errors.Is(err, secret.ErrDamaged) {
		return secret.Text{}, ErrSealed.Because(err, problem.Params{"name": name})
	}
	return text, err
}

// Version changes whenever a secret is set anew; "" when it is not set.
func (s *Safe) Version(ctx context.Context, app, name string) (string, error) {
	one, err := store.Load[sealed](ctx, s.store, Collection, app+"/"+name)
	if fault.Has(err, store.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read secret %s: %w", name, err)
	}
	return store.FormatTime(one.SetAt.Time) + "/" + one.Sealed[max(0, len(one.Sealed)-8):], nil
}
