// Package migrate brings the data of an older Stepwell up to date: an ordered list of named steps, each applied once,
// by one server copy, before any copy works with the data.
package migrate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Collection remembers which steps were applied.
const Collection = "migrations"

// lockCollection holds the lease of the copy that is at work.
const lockCollection = "migrationLocks"

// ErrNewer says that the data has seen steps that this program does not know.
var ErrNewer = fault.Define(fault.Conflict, "migrate.newer",
	"The data was written by a newer Stepwell (step {step} is unknown here). Start that version, or restore a backup made before the update.",
	"数据由更新版本的 Stepwell 写入（本版本不认识步骤 {step}）。请启动新版本，或恢复升级前的备份。")

// Step is one change of the data. Run must be repeatable: it runs again when a server dies before it is done. Names
// and their order never change once released.
type Step struct {
	Name string
	Run  func(ctx context.Context, s store.Store) error
}

// Lease is how long a copy that fell silent keeps the others waiting.
const Lease = 30 * time.Second

// retry is how often a waiting copy looks again.
const retry = 200 * time.Millisecond

type runner struct {
	store  store.Store
	clock  clock.Clock
	steps  []Step
	holder string
}

// Run applies the steps that are missing, in order, and returns when all are applied, by this copy or another. Several
// copies may start together. ErrNewer when the data is ahead of steps.
func Run(ctx context.Context, s store.Store, ck clock.Clock, steps []Step) error {
	r := runner{s, ck, steps, store.NewID(ck.Now())}
	if err := s.EnsureIndexes(ctx, Collection); err != nil {
		return fmt.Errorf("prepare migrations: %w", err)
	}
	if err := s.EnsureIndexes(ctx, lockCollection); err != nil {
		return fmt.Errorf("prepare migrations: %w", err)
	}
	for {
		missing, err := r.missing(ctx)
		if err != nil || len(missing) == 0 {
			return err
		}
		switch err := r.take(ctx); {
		case err == nil:
			return r.apply(ctx)
		case !fault.Has(err, store.ErrDuplicate):
			return fmt.Errorf("take the migration lease: %w", err)
		}
		if err := ck.Wait(ctx, retry); err != nil {
			return fmt.Errorf("wait for another server's migration: %w", err)
		}
	}
}

type applied struct {
	ID string       `json:"_id"`
	At store.Moment `json:"at"`
}

func (r runner) missing(ctx context.Context) ([]Step, error) {
	done, err := store.LoadAll[applied](ctx, r.store, Collection, store.Query{})
	if err != nil {
		return nil, fmt.Errorf("load applied migrations: %w", err)
	}
	for _, d := range done {
		if !slices.ContainsFunc(r.steps, func(s Step) bool { return s.Name == d.ID }) {
			return nil, ErrNewer.With(problem.Params{"step": d.ID})
		}
	}
	var out []Step
	for _, s := range r.steps {
		if !slices.ContainsFunc(done, func(d applied) bool { return d.ID == s.Name }) {
			out = append(out, s)
		}
	}
	return out, nil
}

// take gets or renews the lease; ErrDuplicate while another copy has it.
func (r runner) take(ctx context.Context) error {
	now := r.clock.Now()
	_, err := r.store.FindAndUpdate(ctx, lockCollection, store.Filter{
		"_id": "lock", "$or": []any{store.Filter{"holder": r.holder}, store.Filter{"until": store.Filter{"$lt": store.FormatTime(now)}}},
	}, nil, store.Update{Set: map[string]any{"holder": r.holder, "until": store.FormatTime(now.Add(Lease))}}, true)
	return err
}

// apply runs what is missing, now that no other copy does.
func (r runner) apply(ctx context.Context) (err error) {
	held, stop := context.WithCancelCause(ctx)
	beat := make(chan struct{})
	go func() {
		defer close(beat)
		r.keep(held, stop)
	}()
	defer func() {
		stop(nil)
		<-beat
		if cause := context.Cause(held); err != nil && cause != nil && !errors.Is(cause, context.Canceled) {
			err = errors.Join(err, cause)
		}
		if e := r.release(context.WithoutCancel(ctx)); e != nil && err == nil {
			err = e
		}
	}()
	missing, err := r.missing(held) // again: another copy may have been at work
	if err != nil {
		return err
	}
	for _, s := range missing {
		if err := s.Run(held, r.store); err != nil {
			return fmt.Errorf("migration step %s: %w", s.Name, err)
		}
		doc, err := store.Encode(applied{s.Name, store.MomentOf(r.clock.Now())})
		if err != nil {
			return err
		}
		if err := r.store.Apply(held, store.Write{Op: store.OpAdd, Collection: Collection, ID: s.Name, Doc: doc}); err != nil {
			return fmt.Errorf("remember migration step %s: %w", s.Name, err)
		}
	}
	return nil
}

// keep renews the lease until ctx ends, and ends the work when the lease is lost.
func (r runner) keep(ctx context.Context, stop context.CancelCauseFunc) {
	for r.clock.Wait(ctx, Lease/3) == nil {
		if err := r.take(ctx); err != nil && ctx.Err() == nil {
			stop(fmt.Errorf("keep the migration lease: %w", err))
			return
		}
	}
}

func (r runner) release(ctx context.Context) error {
	_, err := r.store.FindAndUpdate(ctx, lockCollection, store.Filter{"_id": "lock", "holder": r.holder}, nil,
		store.Update{Set: map[string]any{"until": ""}}, false)
	if err != nil && !fault.Has(err, store.ErrNotFound) {
		return fmt.Errorf("release the migration lease: %w", err)
	}
	return nil
}
