// Package account is how people prove who they are: passwords, sessions, API tokens and the one-time link that makes
// the first administrator.
//
// What is handed out is "id.secret". The store knows the id and a hash of the secret, so neither a copy of the database
// nor a list of sessions lets anybody in.
package account

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/id"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/runtime/people/audit"
	"github.com/stepwell/stepwell/runtime/people/password"
)

// Collections of the store.
const (
	CredentialCollection = "credentials" // password hashes by user id, apart from what is listed and searched
	SessionCollection    = "sessions"
	TokenCollection      = "apiTokens"
	SetupCollection      = "setupLinks"
)

// Options say how sign-in behaves.
type Options struct {
	Idle time.Duration // a session ends after this long without a request
	Max  time.Duration // and after this long in any case
	Cost password.Cost // of new password hashes
}

// Service signs people in and recognises them.
type Service struct {
	store  store.Store
	clock  clock.Clock
	people *people.Service
	log    *slog.Logger
	opts   Options
	ids    *id.Source
	hasher *password.Hasher

	byName, byAddress *limiter
	known             map[string]*cache // by collection: a session's id shown as a token's finds nothing
	setUp             atomic.Bool       // an administrator who can sign in has been seen
}

// Open prepares the collections, removes what has expired, and follows what other server copies revoke until ctx ends.
//
// Give it the machine's clock even where the rest follows a manual one, or moving that by days signs everybody out.
func Open(ctx context.Context, s store.Store, c clock.Clock, p *people.Service, log *slog.Logger, opts Options) (*Service, error) {
	a := &Service{
		store: s, clock: c, people: p, log: log, opts: opts, ids: id.NewSource(c), hasher: password.NewHasher(opts.Cost),
		byName: newLimiter(c, freeByName), byAddress: newLimiter(c, freeByAddress), known: map[string]*cache{SessionCollection: newCache(c), TokenCollection: newCache(c)},
	}
	byUser := store.Index{Name: "user", Keys: []store.SortKey{{Path: "user"}}}
	for collection, indexes := range map[string][]store.Index{
		CredentialCollection: nil, SetupCollection: nil, SessionCollection: {byUser}, TokenCollection: {byUser}, ProofCollection: nil,
	} {
		if err := s.EnsureIndexes(ctx, collection, indexes...); err != nil {
			return nil, fmt.Errorf("prepare %s: %w", collection, err)
		}
	}
	expired := store.Filter{"expiresAt": store.Filter{"$lt": store.FormatTime(c.Now())}}
	for _, collection := range []string{SessionCollection, TokenCollection, SetupCollection, ProofCollection} {
		if _, err := s.DeleteMany(ctx, collection, expired); err != nil {
			return nil, fmt.Errorf("remove expired %s: %w", collection, err)
		}
	}
	changes, err := s.Watch(ctx, SessionCollection, TokenCollection)
	if err != nil {
		return nil, fmt.Errorf("watch sessions: %w", err)
	}
	go func() {
		for change := range changes {
			a.forget(change)
		}
	}()
	return a, nil
}

// forget drops what a change makes doubtful.
func (a *Service) forget(change store.Change) {
	for collection, known := range a.known {
		if change.ID == "" || change.Collection == collection {
			known.forget(change.ID)
		}
	}
}

// credential is the stored password of a user, under the user's id.
type credential struct {
	ID         string       `json:"_id"`
	Rev        int64        `json:"rev"`
	Hash       string       `json:"hash"`
	MustChange bool         `json:"mustChange,omitempty"` // given by somebody else
	ChangedAt  store.Moment `json:"changedAt"`
}

// credential loads a user's password; a zero one when there is none.
func (a *Service) credential(ctx context.Context, user string) (credential, error) {
	c, err := store.Load[credential](ctx, a.store, CredentialCollection, user)
	if err != nil && !fault.Has(err, store.ErrNotFound) {
		return c, fmt.Errorf("load password of %s: %w", user, err)
	}
	return c, nil
}

// put makes a write that stores a document.
func put(op store.Op, collection, id string, rev int64, doc any) (store.Write, error) {
	text, err := store.Encode(doc)
	if err != nil {
		return store.Write{}, fmt.Errorf("encode for %s: %w", collection, err)
	}
	return store.Write{Op: op, Collection: collection, ID: id, Rev: rev, Doc: text}, nil
}

// applyWithAudit applies writes and, after them, an audit entry.
func (a *Service) applyWithAudit(ctx context.Context, by audit.Actor, event, target string, detail map[string]any, writes ...store.Write) error {
	entry, err := a.people.Audit().Write(by, event, target, audit.Done, detail)
	if err != nil {
		return err
	}
	return a.store.Apply(ctx, append(writes, entry)...)
}
