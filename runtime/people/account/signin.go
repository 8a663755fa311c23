package account

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"time"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/runtime/people/audit"
	"github.com/stepwell/stepwell/runtime/people/password"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Faults of signing in.
var (
	ErrWrong        = fault.Define(fault.Unauthenticated, "account.wrong", "The user name or password is wrong.", "用户名或密码不正确。")
	ErrWait         = fault.Define(fault.TooMany, "account.wait", "Too many failed attempts. Try again in {minutes} min, or ask your administrator for a new password.", "尝试次数过多，请 {minutes} 分钟后再试，或请管理员重置密码。")
	ErrDisabled     = fault.Define(fault.Forbidden, "account.disabled", "This account is disabled. Ask your administrator.", "该账号已停用，请联系管理员。")
	ErrWrongCurrent = fault.Define(fault.Invalid, "account.wrongCurrent", "The current password is wrong.", "当前密码不正确。")
	ErrSame         = fault.Define(fault.Invalid, "account.same", "The new password is the current one. Choose another.", "新密码不能与当前密码相同。")
)

// Client is where a request comes from.
type Client struct {
	IP    string
	Agent string // User-Agent
}

const maxAgent = 300

// SignIn checks a password and begins a session. secret goes into the cookie.
func (a *Service) SignIn(ctx context.Context, username, plain string, from Client) (secret string, who people.Identity, err error) {
	u, known := a.people.Directory().ByUsername(username)
	locked, err := a.begin(people.KeyOf(username), from.IP)
	if err != nil {
		return "", people.Identity{}, err
	}
	var c credential
	if known {
		if c, err = a.credential(ctx, u.ID); err != nil {
			return "", people.Identity{}, err
		}
	}
	ok, outdated, err := a.hasher.Verify(ctx, c.Hash, plain)
	if err != nil {
		return "", people.Identity{}, fmt.Errorf("check password: %w", err)
	}
	if !ok {
		return "", people.Identity{}, a.refuse(ctx, u, from, "wrongPassword", locked, ErrWrong)
	}
	a.byName.succeeded(people.KeyOf(username))
	a.byAddress.refund(from.IP)
	if !u.Active {
		return "", people.Identity{}, a.refuse(ctx, u, from, "disabled", false, ErrDisabled)
	}
	if outdated {
		a.rehash(ctx, c, plain)
	}
	return a.startSession(ctx, u, c, from)
}

// begin counts a try under a name and from an address.
func (a *Service) begin(name, ip string) (locked bool, err error) {
	// The address first: somebody who has to wait must not be able to lock other people's names.
	wait, lockedAddress := a.byAddress.begin(ip)
	var lockedName bool
	if wait == 0 {
		wait, lockedName = a.byName.begin(name)
	}
	if wait > 0 {
		return false, waitFault(wait)
	}
	return lockedName || lockedAddress, nil
}

func waitFault(wait time.Duration) error {
	return ErrWait.With(problem.Params{"minutes": int(math.Ceil(wait.Minutes()))})
}

// refuse notes a failed sign-in. The name is noted only when it is a user's: people type passwords into that box.
func (a *Service) refuse(ctx context.Context, u *people.User, from Client, reason string, locked bool, code *fault.Code) error {
	detail := map[string]any{"reason": reason}
	if locked {
		detail["locked"] = true
	}
	target := ""
	if u != nil {
		target = u.ID
	} else {
		detail["reason"] = "unknownUser"
	}
	if err := a.people.Audit().Append(ctx, audit.Actor{IP: from.IP}, "signIn", target, audit.Refused, detail); err != nil {
		return err
	}
	return code.With(nil)
}

// rehash stores the password under the present cost. It may fail: the next sign-in tries again.
func (a *Service) rehash(ctx context.Context, c credential, plain string) {
	hash, err := a.hasher.Hash(ctx, plain)
	if err == nil {
		rev := c.Rev
		c.Hash, c.Rev = hash, rev+1
		var w store.Write
		if w, err = put(store.OpReplace, CredentialCollection, c.ID, rev, c); err == nil {
			err = a.store.Apply(ctx, w)
		}
	}
	if err != nil {
		a.log.WarnContext(ctx, "password hash could not be renewed", slog.String("user", c.ID), slog.String("error", err.Error()))
	}
}

func (a *Service) startSession(ctx context.Context, u *people.User, c credential, from Client) (string, people.Identity, error) {
	secret, hash := newSecret()
	now := a.clock.Now()
	k := key{
		ID: a.ids.Next(), User: u.ID, Epoch: u.Epoch, Hash: hash, CreatedAt: store.MomentOf(now), LastUsedAt: store.MomentOf(now),
		ExpiresAt: store.MomentOf(now.Add(a.opts.Max)), IP: from.IP, Agent: cut(from.Agent, maxAgent), MustChange: c.MustChange,
	}
	w, err := put(store.OpInsert, SessionCollection, k.ID, 0, k)
	if err != nil {
		return "", people.Identity{}, err
	}
	by := audit.Actor{User: u.ID, IP: from.IP}
	if err := a.applyWithAudit(ctx, by, "signIn", u.ID, map[string]any{"session": k.ID}, w); err != nil {
		return "", people.Identity{}, fmt.Errorf("begin session: %w", err)
	}
	// A password that was changed meanwhile has ended all sessions but this one, which did not exist yet.
	present, err := a.credential(ctx, u.ID)
	if err != nil {
		return "", people.Identity{}, err
	}
	if !present.ChangedAt.Equal(c.ChangedAt.Time) {
		if err := a.drop(ctx, SessionCollection, k.ID); err != nil {
			return "", people.Identity{}, err
		}
		return "", people.Identity{}, ErrWrong.With(nil)
	}
	return k.ID + "." + secret, people.Identity{User: u, Session: k.ID, MustChangePassword: k.MustChange}, nil
}

// ChangePassword replaces one's own password and ends one's other sessions.
func (a *Service) ChangePassword(ctx context.Context, who people.Identity, from Client, current, next string) error {
	name := people.KeyOf(who.User.Username)
	if _, err := a.begin(name, from.IP); err != nil {
		return err
	}
	c, err := a.credential(ctx, who.User.ID)
	if err != nil {
		return err
	}
	ok, _, err := a.hasher.Verify(ctx, c.Hash, current)
	if err != nil {
		return fmt.Errorf("check password: %w", err)
	}
	if !ok {
		return ErrWrongCurrent.With(nil, ErrWrongCurrent.At("/current", nil))
	}
	a.byName.succeeded(name)
	a.byAddress.refund(from.IP)
	if current == next {
		return ErrSame.With(nil, ErrSame.At("/new", nil))
	}
	if err := checkPassword(next, who.User.Profile, "/new"); err != nil {
		return err
	}
	w, err := a.newCredential(ctx, c, who.User.ID, next, false)
	if err != nil {
		return err
	}
	writes := []store.Write{w}
	if who.Session != "" {
		writes = append(writes, store.Write{
			Op: store.OpUpdate, Collection: SessionCollection, ID: who.Session, Update: store.Update{Unset: []string{"mustChange"}},
		})
	}
	by := audit.Actor{User: who.User.ID, IP: from.IP}
	if err := a.applyWithAudit(ctx, by, "password.changed", who.User.ID, nil, writes...); err != nil {
		return fmt.Errorf("change password: %w", err)
	}
	return a.endSessions(ctx, who.User.ID, who.Session)
}

// SetPassword gives somebody a password that they have to replace after signing in, and ends all their sessions.
func (a *Service) SetPassword(ctx context.Context, by audit.Actor, user, plain string) error {
	u, ok := a.people.Directory().User(user)
	if !ok {
		return people.ErrNoUser.With(nil)
	}
	if err := checkPassword(plain, u.Profile, "/password"); err != nil {
		return err
	}
	c, err := a.credential(ctx, user)
	if err != nil {
		return err
	}
	w, err := a.newCredential(ctx, c, user, plain, true)
	if err != nil {
		return err
	}
	if err := a.applyWithAudit(ctx, by, "password.given", user, nil, w); err != nil {
		return fmt.Errorf("give password: %w", err)
	}
	a.byName.succeeded(people.KeyOf(u.Username))
	return a.endSessions(ctx, user, "")
}

// CreateUser adds a user with a first password, "" for none, so that they cannot sign in yet. A temporary one they have
// to replace after signing in.
func (a *Service) CreateUser(ctx context.Context, by audit.Actor, profile people.Profile, plain string, temporary bool) (*people.User, error) {
	if plain == "" {
		return a.people.CreateUser(ctx, by, profile)
	}
	if err := checkPassword(plain, profile, "/password"); err != nil {
		return nil, err
	}
	hash, err := a.hasher.Hash(ctx, plain)
	if err != nil {
		return nil, err
	}
	return a.people.CreateUser(ctx, by, profile, func(id string) (store.Write, error) {
		c := credential{ID: id, Rev: 1, Hash: hash, MustChange: temporary, ChangedAt: store.MomentOf(a.clock.Now())}
		return put(store.OpPut, CredentialCollection, id, 0, c)
	})
}

// newCredential makes the write of a new password; two at once conflict.
func (a *Service) newCredential(ctx context.Context, old credential, user, plain string, mustChange bool) (store.Write, error) {
	hash, err := a.hasher.Hash(ctx, plain)
	if err != nil {
		return store.Write{}, err
	}
	c := credential{ID: user, Rev: old.Rev + 1, Hash: hash, MustChange: mustChange, ChangedAt: store.MomentOf(a.clock.Now())}
	if !c.ChangedAt.After(old.ChangedAt.Time) {
		c.ChangedAt = store.MomentOf(old.ChangedAt.Add(time.Millisecond)) // it also tells passwords apart
	}
	op := store.OpReplace
	if old.ID == "" {
		op = store.OpInsert
	}
	return put(op, CredentialCollection, user, old.Rev, c)
}

// checkPassword refuses a weak password, at its place in the request.
func checkPassword(plain string, p people.Profile, pointer string) error {
	err := password.Check(plain, p.Username, p.Name, p.Email)
	if f, ok := fault.As(err); ok {
		return f.Code.With(f.Params, f.Code.At(pointer, f.Params))
	}
	return err
}

func cut(s string, most int) string {
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "")
	}
	return strings.ToValidUTF8(s, "")
}
