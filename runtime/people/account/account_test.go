package account_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/storetest"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/runtime/people/account"
	"github.com/stepwell/stepwell/runtime/people/audit"
	"github.com/stepwell/stepwell/runtime/people/password"
)

const (
	good  = "violet tram 7 lanterns"
	other = "amber kite over 3 roofs"
)

var (
	cheap = password.Cost{Memory: 64, Passes: 1, Threads: 1}
	desk  = account.Client{IP: "10.0.0.7", Agent: "Browser/1"}
	boss  = audit.Actor{User: "boss"}
)

// reads counts store reads, so that a test can say that there were none.
type reads struct {
	store.Store
	mu    sync.Mutex
	count int
}

func (r *reads) Get(ctx context.Context, collection, id string) (store.Doc, error) {
	r.mu.Lock()
	r.count++
	r.mu.Unlock()
	return r.Store.Get(ctx, collection, id)
}

type copies struct {
	store  *reads
	clock  *clock.Manual
	people *people.Service
	*account.Service
}

func open(t *testing.T) *copies {
	t.Helper()
	c := &copies{store: &reads{Store: storetest.Open(t)}, clock: clock.NewManual(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))}
	c.start(t, cheap)
	return c
}

// start opens the services, as another server copy on the same store does.
func (c *copies) start(t *testing.T, cost password.Cost) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	var err error
	c.people, err = people.Open(t.Context(), c.store, c.clock, log)
	require.NoError(t, err)
	c.Service, err = account.Open(t.Context(), c.store, c.clock, c.people, log,
		account.Options{Idle: 12 * time.Hour, Max: 30 * 24 * time.Hour, Cost: cost})
	require.NoError(t, err)
}

func (c *copies) another(t *testing.T) *copies {
	t.Helper()
	second := &copies{store: c.store, clock: c.clock}
	second.start(t, cheap)
	return second
}

func (c *copies) user(t *testing.T, username string) *people.User {
	t.Helper()
	u, err := c.CreateUser(t.Context(), boss, people.Profile{Username: username, Name: username, Active: true}, good, false)
	require.NoError(t, err)
	return u
}

func (c *copies) signIn(t *testing.T, username string) (string, people.Identity) {
	t.Helper()
	secret, who, err := c.SignIn(t.Context(), username, good, desk)
	require.NoError(t, err)
	return secret, who
}

func refused(t *testing.T, err error, code *fault.Code) {
	t.Helper()
	require.True(t, fault.Has(err, code), "want %s, got %v", code.ID, err)
}

func TestSignIn(t *testing.T) {
	c := open(t)
	u := c.user(t, "Li.Ming")

	t.Run("right_password_opens_a_session", func(t *testing.T) {
		secret, who, err := c.SignIn(t.Context(), "li.ming", good, desk)
		require.NoError(t, err)
		require.Equal(t, u.ID, who.UserID())
		seen, err := c.Authenticate(t.Context(), secret)
		require.NoError(t, err)
		require.Equal(t, who, seen)
		list, err := c.Sessions(t.Context(), u.ID)
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, "Browser/1", list[0].Agent)
	})
	t.Run("wrong_password_and_unknown_user_read_the_same", func(t *testing.T) {
		_, _, wrong := c.SignIn(t.Context(), "li.ming", other, desk)
		_, _, unknown := c.SignIn(t.Context(), "nobody", other, desk)
		refused(t, wrong, account.ErrWrong)
		require.Equal(t, wrong.Error(), unknown.Error())
	})
	t.Run("audit_tells_the_two_apart_without_what_was_typed", func(t *testing.T) {
		entries, _, err := c.people.Audit().List(t.Context(), "", 2)
		require.NoError(t, err)
		require.Equal(t, "unknownUser", entries[0].Detail["reason"])
		require.Empty(t, entries[0].Target)
		require.Equal(t, "wrongPassword", entries[1].Detail["reason"])
		require.Equal(t, u.ID, entries[1].Target)
		require.Equal(t, audit.Refused, entries[1].Outcome)
		require.Equal(t, "10.0.0.7", entries[1].IP)
	})
	t.Run("user_without_a_password_cannot_sign_in", func(t *testing.T) {
		_, err := c.CreateUser(t.Context(), boss, people.Profile{Username: "empty", Name: "x", Active: true}, "", false)
		require.NoError(t, err)
		_, _, err = c.SignIn(t.Context(), "empty", "", desk)
		refused(t, err, account.ErrWrong)
	})
	t.Run("disabled_user_is_told_so_only_with_the_right_password", func(t *testing.T) {
		gone := c.user(t, "gone")
		_, err := c.people.UpdateUser(t.Context(), boss, gone.ID, 0, func(p *people.Profile) { p.Active = false })
		require.NoError(t, err)
		_, _, err = c.SignIn(t.Context(), "gone", other, desk)
		refused(t, err, account.ErrWrong)
		_, _, err = c.SignIn(t.Context(), "gone", good, desk)
		refused(t, err, account.ErrDisabled)
	})
	t.Run("weak_first_password_is_refused_at_its_place", func(t *testing.T) {
		_, err := c.CreateUser(t.Context(), boss, people.Profile{Username: "weak", Name: "x"}, "password123", true)
		refused(t, err, password.ErrSimple)
		f, _ := fault.As(err)
		require.Equal(t, "/password", f.Problems[0].Pointer)
	})
	t.Run("hash_of_an_older_cost_is_renewed", func(t *testing.T) {
		stored := func() string {
			doc, err := c.store.Get(t.Context(), account.CredentialCollection, u.ID)
			require.NoError(t, err)
			var got struct {
				Hash string `json:"hash"`
			}
			require.NoError(t, json.Unmarshal(doc, &got))
			return got.Hash
		}
		before := stored()
		stronger := &copies{store: c.store, clock: c.clock}
		stronger.start(t, password.Cost{Memory: 128, Passes: 1, Threads: 1})
		stronger.signIn(t, "li.ming")
		require.NotEqual(t, before, stored())
		require.Contains(t, stored(), "m=128")
		stronger.signIn(t, "li.ming")
	})
}

func TestGuessing(t *testing.T) {
	t.Run("waits_grow_and_end", func(t *testing.T) {
		c := open(t)
		c.user(t, "rep")
		for range 5 {
			_, _, err := c.SignIn(t.Context(), "rep", other, desk)
			refused(t, err, account.ErrWrong)
		}
		_, _, err := c.SignIn(t.Context(), "REP", good, desk)
		refused(t, err, account.ErrWait)
		f, _ := fault.As(err)
		require.Contains(t, f.Message("en"), "in 1 min")
		require.Contains(t, f.Message("zh-CN"), "1 分钟后")

		c.clock.Advance(time.Minute)
		_, _, err = c.SignIn(t.Context(), "rep", other, desk)
		refused(t, err, account.ErrWrong)
		c.clock.Advance(time.Minute)
		_, _, err = c.SignIn(t.Context(), "rep", good, desk)
		refused(t, err, account.ErrWait)
		c.clock.Advance(time.Minute)
		c.signIn(t, "rep")
		_, _, err = c.SignIn(t.Context(), "rep", other, desk)
		refused(t, err, account.ErrWrong)
		c.signIn(t, "rep")
	})
	t.Run("many_at_once_gain_nothing", func(t *testing.T) {
		c := open(t)
		c.user(t, "rep")
		var group sync.WaitGroup
		errs := make([]error, 20)
		for i := range errs {
			group.Go(func() { _, _, errs[i] = c.SignIn(t.Context(), "rep", other, desk) })
		}
		group.Wait()
		tried := 0
		for _, err := range errs {
			if fault.Has(err, account.ErrWrong) {
				tried++
			}
		}
		require.Equal(t, 5, tried)
	})
	t.Run("one_address_trying_many_names_waits_and_locks_nobody", func(t *testing.T) {
		c := open(t)
		c.user(t, "rep")
		for i := range 40 {
			_, _, err := c.SignIn(t.Context(), "name"+strings.Repeat("x", i), other, desk)
			require.Error(t, err)
		}
		for range 10 {
			_, _, err := c.SignIn(t.Context(), "rep", other, desk)
			refused(t, err, account.ErrWait)
		}
		_, _, err := c.SignIn(t.Context(), "rep", good, account.Client{IP: "10.0.0.8"})
		require.NoError(t, err)
	})
	t.Run("colleagues_who_sign_in_do_not_use_up_a_shared_address", func(t *testing.T) {
		c := open(t)
		c.user(t, "rep")
		for range 50 {
			c.signIn(t, "rep")
		}
	})
}

func TestSession(t *testing.T) {
	t.Run("slides_while_it_is_used_and_ends_when_idle", func(t *testing.T) {
		c := open(t)
		c.user(t, "rep")
		secret, _ := c.signIn(t, "rep")
		for range 5 {
			c.clock.Advance(11 * time.Hour)
			_, err := c.Authenticate(t.Context(), secret)
			require.NoError(t, err)
		}
		c.clock.Advance(12 * time.Hour)
		_, err := c.Authenticate(t.Context(), secret)
		refused(t, err, account.ErrEnded)
	})
	t.Run("ends_after_its_longest_life_however_much_it_is_used", func(t *testing.T) {
		c := open(t)
		c.user(t, "rep")
		secret, _ := c.signIn(t, "rep")
		for range 30*24/10 - 1 {
			c.clock.Advance(10 * time.Hour)
			_, err := c.Authenticate(t.Context(), secret)
			require.NoError(t, err)
		}
		c.clock.Advance(10 * time.Hour)
		_, err := c.Authenticate(t.Context(), secret)
		refused(t, err, account.ErrEnded)
	})
	t.Run("being_recognised_reads_nothing", func(t *testing.T) {
		c := open(t)
		c.user(t, "rep")
		secret, _ := c.signIn(t, "rep")
		_, err := c.Authenticate(t.Context(), secret)
		require.NoError(t, err)
		before := c.store.count
		for range 100 {
			_, err := c.Authenticate(t.Context(), secret)
			require.NoError(t, err)
		}
		require.Equal(t, before, c.store.count)
	})
	t.Run("wrong_secret_of_a_known_session_is_refused", func(t *testing.T) {
		c := open(t)
		c.user(t, "rep")
		secret, who := c.signIn(t, "rep")
		_, err := c.Authenticate(t.Context(), secret)
		require.NoError(t, err)
		for _, shown := range []string{"", ".", who.Session, who.Session + ".", who.Session + ".x", secret + "x", secret[1:], "nobody.x"} {
			_, err := c.Authenticate(t.Context(), shown)
			refused(t, err, account.ErrEnded)
		}
		_, err = c.AuthenticateToken(t.Context(), "swt_"+secret)
		refused(t, err, account.ErrBadToken)
	})
	t.Run("store_holds_nothing_to_sign_in_with", func(t *testing.T) {
		c := open(t)
		c.user(t, "rep")
		secret, who := c.signIn(t, "rep")
		doc, err := c.store.Get(t.Context(), account.SessionCollection, who.Session)
		require.NoError(t, err)
		_, random, _ := strings.Cut(secret, ".")
		require.NotContains(t, string(doc), random)
	})
	t.Run("ending_one_leaves_the_others", func(t *testing.T) {
		c := open(t)
		u := c.user(t, "rep")
		first, one := c.signIn(t, "rep")
		second, _ := c.signIn(t, "rep")
		for _, secret := range []string{first, second} {
			_, err := c.Authenticate(t.Context(), secret)
			require.NoError(t, err)
		}
		require.NoError(t, c.EndSession(t.Context(), boss, u.ID, one.Session))
		_, err := c.Authenticate(t.Context(), first)
		refused(t, err, account.ErrEnded)
		_, err = c.Authenticate(t.Context(), second)
		require.NoError(t, err)
	})
	t.Run("nobody_ends_a_session_of_somebody_else", func(t *testing.T) {
		c := open(t)
		c.user(t, "rep")
		stranger := c.user(t, "stranger")
		secret, who := c.signIn(t, "rep")
		refused(t, c.EndSession(t.Context(), boss, stranger.ID, who.Session), account.ErrNoKey)
		_, err := c.Authenticate(t.Context(), secret)
		require.NoError(t, err)
	})
	t.Run("ended_on_another_copy_is_noticed", func(t *testing.T) {
		c := open(t)
		u := c.user(t, "rep")
		second := c.another(t)
		secret, who := c.signIn(t, "rep")
		_, err := second.Authenticate(t.Context(), secret)
		require.NoError(t, err)
		require.NoError(t, c.EndSession(t.Context(), boss, u.ID, who.Session))
		require.Eventually(t, func() bool {
			_, err := second.Authenticate(t.Context(), secret)
			return fault.Has(err, account.ErrEnded)
		}, 5*time.Second, time.Millisecond)
	})
	t.Run("disabling_ends_it_at_once_and_for_good", func(t *testing.T) {
		c := open(t)
		u := c.user(t, "rep")
		secret, _ := c.signIn(t, "rep")
		for _, active := range []bool{false, true} {
			_, err := c.people.UpdateUser(t.Context(), boss, u.ID, 0, func(p *people.Profile) { p.Active = active })
			require.NoError(t, err)
			_, err = c.Authenticate(t.Context(), secret)
			refused(t, err, account.ErrEnded)
		}
		c.signIn(t, "rep")
	})
	t.Run("roles_given_meanwhile_count_at_once", func(t *testing.T) {
		c := open(t)
		u := c.user(t, "rep")
		secret, _ := c.signIn(t, "rep")
		_, err := c.people.UpdateUser(t.Context(), boss, u.ID, 0, func(p *people.Profile) { p.Roles = []people.RoleRef{{App: "sales", Role: "rep"}} })
		require.NoError(t, err)
		who, err := c.Authenticate(t.Context(), secret)
		require.NoError(t, err)
		require.True(t, who.User.Has("sales", "rep"))
	})
}

// mute is a store whose watch tells nothing: a change stream that was lost.
type mute struct{ store.Store }

func (mute) Watch(ctx context.Context, _ ...string) (<-chan store.Change, error) {
	silent := make(chan store.Change)
	context.AfterFunc(ctx, func() { close(silent) })
	return silent, nil
}

func TestRevocationWithoutWatch(t *testing.T) {
	t.Run("is_noticed_within_five_seconds", func(t *testing.T) {
		c := open(t)
		u := c.user(t, "rep")
		deaf, err := account.Open(t.Context(), mute{c.store}, c.clock, c.people, slog.New(slog.DiscardHandler),
			account.Options{Idle: time.Hour, Max: time.Hour, Cost: cheap})
		require.NoError(t, err)
		secret, who := c.signIn(t, "rep")
		_, err = deaf.Authenticate(t.Context(), secret)
		require.NoError(t, err)
		require.NoError(t, c.EndSession(t.Context(), boss, u.ID, who.Session))
		c.clock.Advance(5 * time.Second)
		_, err = deaf.Authenticate(t.Context(), secret)
		refused(t, err, account.ErrEnded)
	})
}

func TestPassword(t *testing.T) {
	t.Run("changing_it_keeps_this_session_and_ends_the_others", func(t *testing.T) {
		c := open(t)
		c.user(t, "rep")
		here, who := c.signIn(t, "rep")
		elsewhere, _ := c.signIn(t, "rep")
		require.NoError(t, c.ChangePassword(t.Context(), who, desk, good, other))
		_, err := c.Authenticate(t.Context(), here)
		require.NoError(t, err)
		_, err = c.Authenticate(t.Context(), elsewhere)
		refused(t, err, account.ErrEnded)
		_, _, err = c.SignIn(t.Context(), "rep", good, desk)
		refused(t, err, account.ErrWrong)
		_, _, err = c.SignIn(t.Context(), "rep", other, desk)
		require.NoError(t, err)
	})
	t.Run("wrong_current_weak_and_same_are_refused_at_their_place", func(t *testing.T) {
		c := open(t)
		c.user(t, "rep")
		_, who := c.signIn(t, "rep")
		for _, tried := range []struct {
			current, next, pointer string
			code                   *fault.Code
		}{
			{other, other, "/current", account.ErrWrongCurrent},
			{good, good, "/new", account.ErrSame},
			{good, "short", "/new", password.ErrShort},
		} {
			err := c.ChangePassword(t.Context(), who, desk, tried.current, tried.next)
			refused(t, err, tried.code)
			f, _ := fault.As(err)
			require.Equal(t, tried.pointer, f.Problems[0].Pointer)
		}
		c.signIn(t, "rep")
	})
	t.Run("a_stolen_session_cannot_guess_it", func(t *testing.T) {
		c := open(t)
		c.user(t, "rep")
		_, who := c.signIn(t, "rep")
		for range 5 {
			refused(t, c.ChangePassword(t.Context(), who, desk, other, other), account.ErrWrongCurrent)
		}
		refused(t, c.ChangePassword(t.Context(), who, desk, good, other), account.ErrWait)
	})
	t.Run("a_given_one_must_be_replaced", func(t *testing.T) {
		c := open(t)
		u := c.user(t, "rep")
		before, _ := c.signIn(t, "rep")
		require.NoError(t, c.SetPassword(t.Context(), boss, u.ID, other))
		_, err := c.Authenticate(t.Context(), before)
		refused(t, err, account.ErrEnded)
		secret, who, err := c.SignIn(t.Context(), "rep", other, desk)
		require.NoError(t, err)
		require.True(t, who.MustChangePassword)
		require.NoError(t, c.ChangePassword(t.Context(), who, desk, other, good))
		who, err = c.Authenticate(t.Context(), secret)
		require.NoError(t, err)
		require.False(t, who.MustChangePassword)
	})
}

func TestToken(t *testing.T) {
	const day = 24 * time.Hour
	readOnly := []people.Scope{people.ScopeRead}
	c := open(t)
	u := c.user(t, "rep")
	token, secret, err := c.CreateToken(t.Context(), boss, u.ID, "Nightly export", readOnly, 90*day)
	require.NoError(t, err)

	t.Run("acts_for_its_user_within_its_scopes", func(t *testing.T) {
		who, err := c.AuthenticateToken(t.Context(), secret)
		require.NoError(t, err)
		require.Equal(t, u.ID, who.UserID())
		require.Equal(t, token.ID, who.Token)
		require.True(t, who.Allows(people.ScopeRead))
		require.False(t, who.Allows(people.ScopeWrite))
	})
	t.Run("its_use_is_noted", func(t *testing.T) {
		list, err := c.Tokens(t.Context(), u.ID)
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, c.clock.Now(), list[0].LastUsedAt)
		require.Equal(t, "Nightly export", list[0].Name)
	})
	t.Run("survives_a_year_unused_but_not_its_expiry", func(t *testing.T) {
		_, long, err := c.CreateToken(t.Context(), boss, u.ID, "x", readOnly, 400*day)
		require.NoError(t, err)
		c.clock.Advance(366 * day)
		_, err = c.AuthenticateToken(t.Context(), long)
		require.NoError(t, err)
		_, err = c.AuthenticateToken(t.Context(), secret)
		refused(t, err, account.ErrBadToken)
	})
	t.Run("revoked_is_refused_at_once", func(t *testing.T) {
		token, secret, err := c.CreateToken(t.Context(), boss, u.ID, "x", readOnly, day)
		require.NoError(t, err)
		_, err = c.AuthenticateToken(t.Context(), secret)
		require.NoError(t, err)
		refused(t, c.RevokeToken(t.Context(), boss, "somebody", token.ID), account.ErrNoKey)
		require.NoError(t, c.RevokeToken(t.Context(), boss, u.ID, token.ID))
		_, err = c.AuthenticateToken(t.Context(), secret)
		refused(t, err, account.ErrBadToken)
		refused(t, c.RevokeToken(t.Context(), boss, u.ID, token.ID), account.ErrNoKey)
	})
	t.Run("is_no_session", func(t *testing.T) {
		_, secret, err := c.CreateToken(t.Context(), boss, u.ID, "x", readOnly, day)
		require.NoError(t, err)
		_, err = c.Authenticate(t.Context(), secret)
		refused(t, err, account.ErrEnded)
		_, err = c.Authenticate(t.Context(), strings.TrimPrefix(secret, "swt_"))
		refused(t, err, account.ErrEnded)
	})
	t.Run("wrong_details_are_refused_at_their_place", func(t *testing.T) {
		_, _, err := c.CreateToken(t.Context(), boss, u.ID, " ", readOnly, day)
		refused(t, err, account.ErrTokenName)
		_, _, err = c.CreateToken(t.Context(), boss, u.ID, "x", readOnly, time.Hour)
		refused(t, err, account.ErrTokenLife)
		_, _, err = c.CreateToken(t.Context(), boss, u.ID, "x", []people.Scope{"read", "everything"}, day)
		refused(t, err, account.ErrScopes)
		f, _ := fault.As(err)
		require.Equal(t, "/scopes/1", f.Problems[0].Pointer)
	})
}

func TestSetUp(t *testing.T) {
	profile := people.Profile{Username: "root", Name: "管理员"}
	needed := func(t *testing.T, c *copies) bool {
		t.Helper()
		yes, err := c.SetupNeeded(t.Context())
		require.NoError(t, err)
		return yes
	}

	t.Run("link_makes_one_administrator_and_signs_in", func(t *testing.T) {
		c := open(t)
		require.True(t, needed(t, c))
		link, err := c.IssueSetup(t.Context())
		require.NoError(t, err)
		secret, who, err := c.SetUp(t.Context(), link, profile, good, desk)
		require.NoError(t, err)
		require.True(t, who.User.Has(people.PlatformApp, people.AdminRole))
		_, err = c.Authenticate(t.Context(), secret)
		require.NoError(t, err)
		require.False(t, needed(t, c))
		require.False(t, needed(t, c.another(t)))
		_, _, err = c.SetUp(t.Context(), link, people.Profile{Username: "two", Name: "x"}, good, desk)
		refused(t, err, account.ErrSetupDone)
	})
	t.Run("link_used_twice_at_once_serves_one", func(t *testing.T) {
		c := open(t)
		link, err := c.IssueSetup(t.Context())
		require.NoError(t, err)
		var group sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			group.Go(func() {
				_, _, errs[i] = c.SetUp(t.Context(), link, people.Profile{Username: "root" + string(rune('a'+i)), Name: "x"}, good, account.Client{})
			})
		}
		group.Wait()
		require.Len(t, c.people.Directory().WithRole(people.PlatformApp, people.AdminRole), 1)
	})
	t.Run("wrong_details_do_not_use_the_link_up", func(t *testing.T) {
		c := open(t)
		link, err := c.IssueSetup(t.Context())
		require.NoError(t, err)
		_, _, err = c.SetUp(t.Context(), link, profile, "weak", desk)
		refused(t, err, password.ErrShort)
		_, _, err = c.SetUp(t.Context(), link, people.Profile{Username: "a b"}, good, desk)
		refused(t, err, people.ErrInvalid)
		_, _, err = c.SetUp(t.Context(), link, profile, good, desk)
		require.NoError(t, err)
	})
	t.Run("wrong_or_old_link_is_refused", func(t *testing.T) {
		c := open(t)
		link, err := c.IssueSetup(t.Context())
		require.NoError(t, err)
		for _, shown := range []string{"", "x", "x.y", link + "x"} {
			_, _, err = c.SetUp(t.Context(), shown, profile, good, desk)
			refused(t, err, account.ErrSetupLink)
		}
		c.clock.Advance(24 * time.Hour)
		_, _, err = c.SetUp(t.Context(), link, profile, good, desk)
		refused(t, err, account.ErrSetupLink)
	})
	t.Run("administrator_who_cannot_sign_in_does_not_count", func(t *testing.T) {
		c := open(t)
		_, err := c.CreateUser(t.Context(), boss, people.Profile{
			Username: "half", Name: "x", Active: true, Roles: []people.RoleRef{{App: people.PlatformApp, Role: people.AdminRole}},
		}, "", false)
		require.NoError(t, err)
		require.True(t, needed(t, c))
	})
}

func TestOpen(t *testing.T) {
	t.Run("what_has_expired_is_removed", func(t *testing.T) {
		c := open(t)
		c.user(t, "rep")
		c.signIn(t, "rep")
		c.clock.Advance(31 * 24 * time.Hour)
		c.another(t)
		n, err := c.store.Count(t.Context(), account.SessionCollection, nil, 0)
		require.NoError(t, err)
		require.Zero(t, n)
	})
}

func BenchmarkAuthenticate(b *testing.B) {
	s := storetest.Open(b)
	log := slog.New(slog.DiscardHandler)
	p, err := people.Open(b.Context(), s, clock.Real{}, log)
	require.NoError(b, err)
	a, err := account.Open(b.Context(), s, clock.Real{}, p, log, account.Options{Idle: time.Hour, Max: time.Hour, Cost: cheap})
	require.NoError(b, err)
	_, err = a.CreateUser(b.Context(), boss, people.Profile{Username: "rep", Name: "rep", Active: true}, good, false)
	require.NoError(b, err)
	secret, _, err := a.SignIn(b.Context(), "rep", good, desk)
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := a.Authenticate(b.Context(), secret); err != nil {
			b.Fatal(err)
		}
	}
}
