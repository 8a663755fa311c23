// Package turns keeps open tasks with those who may decide them: when a delegation begins or ends, and when somebody is
// disabled, the records that wait for them work out anew whose turn it is.
package turns

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/runtime/people/delegation"
	"github.com/stepwell/stepwell/runtime/tasks"
)

// longestSleep bounds how long a moment may be missed that another server copy has added.
const longestSleep = time.Minute

// Keeper does so. Any number of server copies may run one on the same store: working it out twice changes nothing.
type Keeper struct {
	store       store.Store
	clock       clock.Clock
	people      *people.Service
	delegations *delegation.Service
	refresh     func(ctx context.Context, app, form, record string) error
	log         *slog.Logger
	wake        chan struct{}
}

// New makes a keeper. refresh lets one record work out whose turn it is.
func New(s store.Store, c clock.Clock, p *people.Service, d *delegation.Service, refresh func(ctx context.Context, app, form, record string) error, log *slog.Logger) *Keeper {
	return &Keeper{store: s, clock: c, people: p, delegations: d, refresh: refresh, log: log, wake: make(chan struct{}, 1)}
}

// Nudge makes Run look at once.
func (k *Keeper) Nudge() {
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// Run keeps at it until ctx ends.
func (k *Keeper) Run(ctx context.Context) {
	changes, err := k.store.Watch(ctx, people.UserCollection)
	if err != nil {
		k.log.ErrorContext(ctx, "people cannot be watched", slog.Any("error", err))
		return
	}
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		k.follow(ctx, changes)
	}()
	for ctx.Err() == nil {
		next, err := k.settle(ctx)
		if err != nil && ctx.Err() == nil {
			k.log.ErrorContext(ctx, "delegations cannot be carried out now", slog.Any("error", err))
		}
		k.sleep(ctx, next)
	}
	<-watched
}

// sleep waits until a moment, or until it is woken. Zero is no particular moment.
func (k *Keeper) sleep(ctx context.Context, until time.Time) {
	wait := longestSleep
	if left := until.Sub(k.clock.Now()); !until.IsZero() && left < wait {
		wait = max(left, time.Millisecond)
	}
	ctx, cancel := context.WithCancel(ctx)
	over := make(chan struct{})
	go func() {
		defer close(over)
		_ = k.clock.Wait(ctx, wait) // the caller sees that ctx has ended
	}()
	select {
	case <-over:
	case <-k.wake:
	}
	cancel()
	<-over
}

// follow looks after the tasks of people who are disabled, first of all who were while no server ran.
func (k *Keeper) follow(ctx context.Context, changes <-chan store.Change) {
	k.left(ctx, k.inactive()...)
	for c := range changes {
		if c.ID == "" {
			k.left(ctx, k.inactive()...)
			continue
		}
		doc, err := k.store.Get(ctx, people.UserCollection, c.ID)
		if err != nil {
			continue // removed; the directory no longer knows them either
		}
		var u people.User
		if json.Unmarshal(doc, &u) == nil && !u.Active {
			k.left(ctx, u.ID)
		}
	}
}

func (k *Keeper) inactive() []string {
	off := false
	page, err := k.people.Directory().List(people.Query{Active: &off, Limit: 100_000})
	if err != nil {
		return nil
	}
	out := make([]string, len(page.Users))
	for i, u := range page.Users {
		out[i] = u.ID
	}
	return out
}

func (k *Keeper) left(ctx context.Context, users ...string) {
	if err := k.Left(ctx, users...); err != nil && ctx.Err() == nil {
		k.log.ErrorContext(ctx, "tasks of people who left cannot be passed on now", slog.Any("error", err))
	}
}

// Left lets the records that wait for some people work out anew whose turn it is.
func (k *Keeper) Left(ctx context.Context, users ...string) error {
	for part := range slices.Chunk(users, 500) {
		if err := k.refreshAll(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

// Settle carries out what delegations have begun or ended by now.
func (k *Keeper) Settle(ctx context.Context) error {
	_, err := k.settle(ctx)
	return err
}

func (k *Keeper) settle(ctx context.Context) (next time.Time, err error) {
	now := k.clock.Now()
	due, next := k.delegations.Unsettled(now)
	for _, d := range due {
		if err := k.refreshAll(ctx, k.delegations.Principals(d.From)); err != nil {
			return next, err
		}
		if err := k.delegations.Settled(ctx, d, now); err != nil {
			return next, err
		}
	}
	if len(due) > 0 {
		_, next = k.delegations.Unsettled(now)
	}
	return next, nil
}

// place is a record of which some task is open.
type place struct {
	App    string `json:"app"`
	Form   string `json:"form"`
	Record string `json:"record"`
}

// refreshAll refreshes the records that wait for some people. One that cannot go on now does not hold up the others.
func (k *Keeper) refreshAll(ctx context.Context, users []string) error {
	seen := map[string]bool{}
	for after := ""; ; {
		docs, err := k.store.Find(ctx, tasks.Collection, store.Query{
			Filter: store.Filter{"waiting": store.Filter{"$in": users}, "_id": store.Filter{"$gt": after}},
			Sort:   []store.SortKey{{Path: "_id"}}, Limit: 500, Fields: []string{"app", "form", "record"},
		})
		if err != nil {
			return fmt.Errorf("find the tasks of people: %w", err)
		}
		for _, doc := range docs {
			var p struct {
				ID string `json:"_id"`
				place
			}
			if err := json.Unmarshal(doc, &p); err != nil {
				return fmt.Errorf("read task: %w", err)
			}
			after = p.ID
			if seen[p.Record] {
				continue
			}
			seen[p.Record] = true
			if err := k.refreshOne(ctx, p.place); err != nil {
				return err
			}
		}
		if len(docs) < 500 {
			return nil
		}
	}
}

func (k *Keeper) refreshOne(ctx context.Context, p place) error {
	err := k.refresh(ctx, p.App, p.Form, p.Record)
	switch kind := fault.KindOf(err); {
	case err == nil, kind == fault.NotFound: // deleted meanwhile
		return nil
	case kind == fault.Unavailable, kind == fault.Internal:
		return fmt.Errorf("refresh record %s: %w", p.Record, err)
	}
	k.log.WarnContext(ctx, "a record waits for somebody who has left or stands in no longer, and cannot go on",
		slog.String("record", p.Record), slog.Any("error", err))
	return nil
}
