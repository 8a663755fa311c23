// Package audit keeps who did what, from where and with which outcome, in a collection that is only ever added to.
package audit

import (
	"context"
	"fmt"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/id"
	"github.com/stepwell/stepwell/internal/store"
)

// Collection of the store that holds the entries.
const Collection = "audit"

// Actor is who acts and from where. The zero Actor is the system.
type Actor struct {
	User string // user id
	IP   string
}

// Outcome is how an attempt ended.
type Outcome string

// The outcomes.
const (
	Done    Outcome = "done"
	Refused Outcome = "refused"
)

// Entry is one thing that somebody did or tried.
type Entry struct {
	ID      string         `json:"_id"`
	At      store.Moment   `json:"at"`
	Event   string         `json:"event"` // e.g. "user.created"
	By      string         `json:"by,omitempty"`
	Target  string         `json:"target,omitempty"` // what it was done to: an id, or the name somebody typed
	IP      string         `json:"ip,omitempty"`
	Outcome Outcome        `json:"outcome"`
	Detail  map[string]any `json:"detail,omitempty"` // never a password, token or other secret
}

// Log adds and lists entries.
type Log struct {
	store store.Store
	clock clock.Clock
	ids   *id.Source
}

// NewLog makes a Log.
func NewLog(s store.Store, c clock.Clock) *Log {
	return &Log{store: s, clock: c, ids: id.NewSource(c)}
}

// Ensure makes the collection and its indexes.
func (l *Log) Ensure(ctx context.Context) error {
	if err := l.store.EnsureIndexes(ctx, Collection); err != nil {
		return fmt.Errorf("prepare %s: %w", Collection, err)
	}
	return nil
}

// Write makes the write of an entry, to be applied after the change that it tells of and together with it.
func (l *Log) Write(by Actor, event, target string, outcome Outcome, detail map[string]any) (store.Write, error) {
	e := Entry{
		ID: l.ids.Next(), At: store.MomentOf(l.clock.Now()),
		Event: event, By: by.User, Target: target, IP: by.IP, Outcome: outcome, Detail: detail,
	}
	doc, err := store.Encode(e)
	if err != nil {
		return store.Write{}, fmt.Errorf("audit %s: %w", event, err)
	}
	return store.Write{Op: store.OpAdd, Collection: Collection, ID: e.ID, Doc: doc}, nil
}

// Append adds an entry by itself.
func (l *Log) Append(ctx context.Context, by Actor, event, target string, outcome Outcome, detail map[string]any) error {
	w, err := l.Write(by, event, target, outcome, detail)
	if err != nil {
		return err
	}
	if err := l.store.Apply(ctx, w); err != nil {
		return fmt.Errorf("append audit entry %s: %w", event, err)
	}
	return nil
}

// List gives up to limit entries, newest first, that are older than the entry called cursor; "" begins with the newest.
// next is the cursor of the following page, "" after the last.
func (l *Log) List(ctx context.Context, cursor string, limit int) (entries []Entry, next string, err error) {
	q := store.Query{Sort: []store.SortKey{{Path: "_id", Desc: true}}, Limit: limit + 1}
	if cursor != "" {
		q.Filter = store.Filter{"_id": map[string]any{"$lt": cursor}}
	}
	entries, err = store.LoadAll[Entry](ctx, l.store, Collection, q)
	if err != nil {
		return nil, "", fmt.Errorf("list audit entries: %w", err)
	}
	if len(entries) > limit {
		entries = entries[:limit]
		next = entries[limit-1].ID
	}
	return entries, next, nil
}
