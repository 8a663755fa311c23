package account

import (
	"context"
	"fmt"
	"time"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/runtime/people/audit"
)

// setupLife is how long the one-time link of the first start may be used. Starting again makes a new one.
const setupLife = 24 * time.Hour

// Faults of the first start.
var (
	ErrSetupDone = fault.Define(fault.Conflict, "account.setupDone", "There is an administrator already. Sign in instead.", "已经有管理员了，请直接登录。")
	ErrSetupLink = fault.Define(fault.Forbidden, "account.setupLink", "This link is wrong, used or older than a day. Start the server again to get a new one.", "该链接无效、已使用或已超过一天，请重启服务以获取新链接。")
)

// setupLink is what the store knows of a one-time link.
type setupLink struct {
	ID        string       `json:"_id"`
	Rev       int64        `json:"rev"`
	Hash      string       `json:"hash"`
	ExpiresAt store.Moment `json:"expiresAt"`
	Used      bool         `json:"used,omitempty"`
}

// SetupNeeded reports whether there is no administrator yet who could sign in.
func (a *Service) SetupNeeded(ctx context.Context) (bool, error) {
	if a.setUp.Load() {
		return false, nil // there is always one from then on
	}
	for _, admin := range a.people.Directory().WithRole(people.PlatformApp, people.AdminRole) {
		c, err := a.credential(ctx, admin)
		if err != nil {
			return false, err
		}
		if c.Hash != "" {
			a.setUp.Store(true)
			return false, nil
		}
	}
	return true, nil
}

// IssueSetup makes the secret of a one-time link with which somebody becomes the first administrator.
func (a *Service) IssueSetup(ctx context.Context) (secret string, err error) {
	random, hash := newSecret()
	link := setupLink{ID: a.ids.Next(), Rev: 1, Hash: hash, ExpiresAt: store.MomentOf(a.clock.Now().Add(setupLife))}
	w, err := put(store.OpInsert, SetupCollection, link.ID, 0, link)
	if err != nil {
		return "", err
	}
	if err := a.applyWithAudit(ctx, audit.Actor{}, "setup.linkMade", link.ID, nil, w); err != nil {
		return "", fmt.Errorf("make setup link: %w", err)
	}
	return link.ID + "." + random, nil
}

// SetUp uses a one-time link: it makes the first administrator and signs them in. A link serves once, also when two
// people use it at the same moment; an attempt that fails because of its details may be repeated.
func (a *Service) SetUp(ctx context.Context, link string, profile people.Profile, plain string, from Client) (secret string, who people.Identity, err error) {
	if wait, _ := a.byAddress.begin(from.IP); wait > 0 {
		return "", people.Identity{}, waitFault(wait)
	}
	needed, err := a.SetupNeeded(ctx)
	if err != nil {
		return "", people.Identity{}, err
	}
	if !needed {
		return "", people.Identity{}, ErrSetupDone.With(nil)
	}
	l, err := a.findLink(ctx, link)
	if err != nil {
		return "", people.Identity{}, err
	}
	a.byAddress.refund(from.IP)
	if err := a.markLink(ctx, &l, true); err != nil {
		return "", people.Identity{}, err
	}
	profile.Active = true
	profile.Roles = []people.RoleRef{{App: people.PlatformApp, Role: people.AdminRole}}
	u, err := a.CreateUser(ctx, audit.Actor{IP: from.IP}, profile, plain, false)
	if err != nil {
		if undo := a.markLink(ctx, &l, false); undo != nil {
			return "", people.Identity{}, undo
		}
		return "", people.Identity{}, err
	}
	a.setUp.Store(true)
	if _, err := a.store.DeleteMany(ctx, SetupCollection, store.Filter{}); err != nil {
		return "", people.Identity{}, fmt.Errorf("remove setup links: %w", err)
	}
	c, err := a.credential(ctx, u.ID)
	if err != nil {
		return "", people.Identity{}, err
	}
	return a.startSession(ctx, u, c, from)
}

func (a *Service) findLink(ctx context.Context, shown string) (setupLink, error) {
	id, secret, ok := split(shown)
	if !ok {
		return setupLink{}, ErrSetupLink.With(nil)
	}
	l, err := store.Load[setupLink](ctx, a.store, SetupCollection, id)
	if fault.Has(err, store.ErrNotFound) {
		return l, ErrSetupLink.Because(err, nil)
	}
	if err != nil {
		return l, fmt.Errorf("load setup link: %w", err)
	}
	if !matches(l.Hash, secret) || l.Used || !a.clock.Now().Before(l.ExpiresAt.Time) {
		return l, ErrSetupLink.With(nil)
	}
	return l, nil
}

func (a *Service) markLink(ctx context.Context, l *setupLink, used bool) error {
	rev := l.Rev
	l.Rev, l.Used = rev+1, used
	w, err := put(store.OpReplace, SetupCollection, l.ID, rev, l)
	if err != nil {
		return err
	}
	err = a.store.Apply(ctx, w)
	if fault.Has(err, store.ErrConflict) || fault.Has(err, store.ErrNotFound) {
		return ErrSetupLink.Because(err, nil)
	}
	if err != nil {
		return fmt.Errorf("use setup link: %w", err)
	}
	return nil
}
