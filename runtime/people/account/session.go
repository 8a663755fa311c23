package account

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/runtime/people/audit"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Faults of sessions and API tokens.
var (
	ErrEnded     = fault.Define(fault.Unauthenticated, "account.ended", "Your session has ended. Sign in again.", "登录已失效，请重新登录。")
	ErrBadToken  = fault.Define(fault.Unauthenticated, "account.badToken", "This API token is unknown, expired or revoked. Make a new one.", "该 API 令牌不存在、已过期或已撤销，请创建新的令牌。")
	ErrNoKey     = fault.Define(fault.NotFound, "account.noKey", "There is no such session or API token.", "没有找到该会话或 API 令牌。")
	ErrTokenName = fault.Define(fault.Invalid, "account.tokenName", "Give the token a name of 1 to 100 characters, so that you know later what it is for.", "请为令牌填写 1 到 100 个字符的名称，方便以后辨认用途。")
	ErrTokenLife = fault.Define(fault.Invalid, "account.tokenLife", "A token lasts from 1 day to 10 years.", "令牌有效期须为 1 天到 10 年。")
	ErrScopes    = fault.Define(fault.Invalid, "account.scopes", "There is no scope {scope}. Choose read, write or admin.", "没有 {scope} 这个权限范围，请选择 read、write 或 admin。")
)

// Session is one sign-in.
type Session struct {
	ID         string
	CreatedAt  time.Time
	LastUsedAt time.Time // to some minutes
	ExpiresAt  time.Time
	IP         string
	Agent      string
}

// Token is one API token.
type Token struct {
	ID         string
	Name       string
	Scopes     []people.Scope
	CreatedAt  time.Time
	LastUsedAt time.Time // to the hour; zero when it was never used
	ExpiresAt  time.Time
}

// tokenTouch is how often the use of a token is noted. A session's is noted often enough for it to slide.
const tokenTouch = time.Hour

func (a *Service) sessionTouch() time.Duration { return min(a.opts.Idle/12, 5*time.Minute) }

// Authenticate recognises the holder of a session by what the cookie holds: ErrEnded.
func (a *Service) Authenticate(ctx context.Context, shown string) (people.Identity, error) {
	k, u, err := a.recognise(ctx, SessionCollection, shown, a.sessionTouch(), ErrEnded)
	if err != nil {
		return people.Identity{}, err
	}
	return people.Identity{User: u, Session: k.ID, MustChangePassword: k.MustChange}, nil
}

// AuthenticateToken recognises the holder of an API token: ErrBadToken.
func (a *Service) AuthenticateToken(ctx context.Context, shown string) (people.Identity, error) {
	bare, ok := strings.CutPrefix(shown, tokenPrefix)
	if !ok {
		return people.Identity{}, ErrBadToken.With(nil)
	}
	k, u, err := a.recognise(ctx, TokenCollection, bare, tokenTouch, ErrBadToken)
	if err != nil {
		return people.Identity{}, err
	}
	return people.Identity{User: u, Token: k.ID, Scopes: k.Scopes}, nil
}

func (a *Service) recognise(ctx context.Context, collection, shown string, touch time.Duration, refused *fault.Code) (*key, *people.User, error) {
	id, secret, ok := split(shown)
	if !ok {
		return nil, nil, refused.With(nil)
	}
	known := a.known[collection]
	r, generation := known.get(id)
	if r == nil {
		k, err := store.Load[key](ctx, a.store, collection, id)
		if fault.Has(err, store.ErrNotFound) {
			return nil, nil, refused.With(nil)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("load session or token: %w", err)
		}
		r = known.put(k, generation)
	}
	now := a.clock.Now()
	u, exists := a.people.Directory().User(r.key.User)
	idle := collection == SessionCollection && now.Sub(time.UnixMilli(r.touched.Load())) >= a.opts.Idle
	if !matches(r.key.Hash, secret) || idle || !now.Before(r.key.ExpiresAt.Time) || !exists || !u.Active || u.Epoch != r.key.Epoch {
		return nil, nil, refused.With(nil)
	}
	a.touch(ctx, collection, r, now, touch)
	return &r.key, u, nil
}

// touch notes that a key was used, seldom. It may fail: the next request tries again.
func (a *Service) touch(ctx context.Context, collection string, r *remembered, now time.Time, every time.Duration) {
	last := r.touched.Load()
	if now.Sub(time.UnixMilli(last)) < every || !r.touched.CompareAndSwap(last, now.UnixMilli()) {
		return
	}
	err := a.store.Apply(ctx, store.Write{
		Op: store.OpUpdate, Collection: collection, ID: r.key.ID,
		Update: store.Update{Set: map[string]any{"lastUsedAt": store.FormatTime(now)}},
	})
	if err != nil {
		r.touched.CompareAndSwap(now.UnixMilli(), last)
		a.log.WarnContext(ctx, "use of a session could not be noted", slog.String("id", r.key.ID), slog.String("error", err.Error()))
	}
}

// Sessions lists somebody's sessions that may still be used, newest first.
func (a *Service) Sessions(ctx context.Context, user string) ([]Session, error) {
	keys, err := a.keysOf(ctx, SessionCollection, user)
	if err != nil {
		return nil, err
	}
	var list []Session
	for _, k := range keys {
		if a.clock.Now().Sub(k.LastUsedAt.Time) < a.opts.Idle {
			list = append(list, Session{k.ID, k.CreatedAt.Time, k.LastUsedAt.Time, k.ExpiresAt.Time, k.IP, k.Agent})
		}
	}
	return list, nil
}

// EndSession ends one of somebody's sessions: ErrNoKey. It takes effect here when it returns.
func (a *Service) EndSession(ctx context.Context, by audit.Actor, user, id string) error {
	return a.revoke(ctx, by, SessionCollection, user, id, "session.ended")
}

// EndSessions ends all of somebody's sessions but one; "" ends all.
func (a *Service) EndSessions(ctx context.Context, by audit.Actor, user, except string) error {
	if err := a.endSessions(ctx, user, except); err != nil {
		return err
	}
	return a.people.Audit().Append(ctx, by, "session.allEnded", user, audit.Done, nil)
}

func (a *Service) endSessions(ctx context.Context, user, except string) error {
	_, err := a.store.DeleteMany(ctx, SessionCollection, store.Filter{"user": user, "_id": store.Filter{"$ne": except}})
	a.known[SessionCollection].forget("")
	if err != nil {
		return fmt.Errorf("end sessions of %s: %w", user, err)
	}
	return nil
}

func (a *Service) revoke(ctx context.Context, by audit.Actor, collection, user, id, event string) error {
	k, err := store.Load[key](ctx, a.store, collection, id)
	if fault.Has(err, store.ErrNotFound) {
		return ErrNoKey.Because(err, nil)
	}
	if err != nil {
		return fmt.Errorf("load session or token: %w", err)
	}
	if k.User != user {
		return ErrNoKey.With(nil)
	}
	if err := a.drop(ctx, collection, id); err != nil {
		return err
	}
	return a.people.Audit().Append(ctx, by, event, user, audit.Done, map[string]any{"id": id})
}

func (a *Service) drop(ctx context.Context, collection, id string) error {
	err := a.store.Apply(ctx, store.Write{Op: store.OpDelete, Collection: collection, ID: id})
	a.known[collection].forget(id)
	if err != nil {
		return fmt.Errorf("end session or token %s: %w", id, err)
	}
	return nil
}

// CreateToken makes an API token that acts for a user within scopes. secret is shown this once.
func (a *Service) CreateToken(ctx context.Context, by audit.Actor, user, name string, scopes []people.Scope, life time.Duration) (t Token, secret string, err error) {
	name = strings.TrimSpace(name)
	if name == "" || len([]rune(name)) > 100 {
		return Token{}, "", ErrTokenName.With(nil, ErrTokenName.At("/name", nil))
	}
	if life < 24*time.Hour || life > 3660*24*time.Hour {
		return Token{}, "", ErrTokenLife.With(nil, ErrTokenLife.At("/days", nil))
	}
	for i, s := range scopes {
		switch s {
		case people.ScopeRead, people.ScopeWrite, people.ScopeAdmin:
		default:
			params := problem.Params{"scope": string(s)}
			return Token{}, "", ErrScopes.With(params, ErrScopes.At(problem.Pointer("scopes", strconv.Itoa(i)), params))
		}
	}
	u, ok := a.people.Directory().User(user)
	if !ok {
		return Token{}, "", people.ErrNoUser.With(nil)
	}
	random, hash := newSecret()
	now := a.clock.Now()
	k := key{
		ID: a.ids.Next(), User: user, Epoch: u.Epoch, Hash: hash, Name: name, Scopes: scopes,
		CreatedAt: store.MomentOf(now), ExpiresAt: store.MomentOf(now.Add(life)),
	}
	w, err := put(store.OpInsert, TokenCollection, k.ID, 0, k)
	if err != nil {
		return Token{}, "", err
	}
	detail := map[string]any{"id": k.ID, "name": name, "scopes": scopes}
	if err := a.applyWithAudit(ctx, by, "token.created", user, detail, w); err != nil {
		return Token{}, "", fmt.Errorf("make API token: %w", err)
	}
	return tokenOf(k), tokenPrefix + k.ID + "." + random, nil
}

// Tokens lists somebody's API tokens that may still be used, newest first.
func (a *Service) Tokens(ctx context.Context, user string) ([]Token, error) {
	keys, err := a.keysOf(ctx, TokenCollection, user)
	if err != nil {
		return nil, err
	}
	list := make([]Token, len(keys))
	for i, k := range keys {
		list[i] = tokenOf(k)
	}
	return list, nil
}

// RevokeToken ends one of somebody's API tokens: ErrNoKey. It takes effect here when it returns.
func (a *Service) RevokeToken(ctx context.Context, by audit.Actor, user, id string) error {
	return a.revoke(ctx, by, TokenCollection, user, id, "token.revoked")
}

func tokenOf(k key) Token {
	return Token{k.ID, k.Name, k.Scopes, k.CreatedAt.Time, k.LastUsedAt.Time, k.ExpiresAt.Time}
}
