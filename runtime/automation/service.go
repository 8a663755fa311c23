package automation

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/config/secret"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/runtime/queue"
	"github.com/stepwell/stepwell/runtime/records"
)

// Parts are what the service is made of.
type Parts struct {
	Store   store.Store
	Clock   clock.Clock
	Catalog *catalog.Catalog
	Records *records.Service
	People  *people.Service
	Secrets Secrets
	// Call calls another system for an app under an idempotency key.
	Call func(ctx context.Context, app, key string, call engine.Call) (engine.Reply, error)
	// Told is called after people were told something; it must not block.
	Told func()
	Log  *slog.Logger
	Lang string
	Zone *time.Location
}

// Secrets opens the secrets of an app.
type Secrets interface {
	Open(ctx context.Context, app, name string) (secret.Text, error)
}

// Service runs automations. Any number of server copies may run one on the same store.
type Service struct {
	Parts
	runs, clocks *queue.Queue
	flood        flood
}

// The queue of runs: how often a step is tried, which is for about an hour, and how long a run may hold a worker.
const (
	maxAttempts = 12
	runTimeout  = time.Minute
	workers     = 4
)

// New makes a service that does nothing until Run or Drain is called.
func New(p Parts) *Service {
	s := &Service{Parts: p}
	s.runs = queue.New(p.Store, p.Clock, queue.Config{
		Name: RunCollection, Collection: RunCollection, Do: s.advance, MaxAttempts: maxAttempts, Timeout: runTimeout, Workers: workers, Log: p.Log,
	})
	s.clocks = queue.New(p.Store, p.Clock, queue.Config{
		Name: ClockCollection, Collection: ClockCollection, Do: s.tick, Timeout: runTimeout, Workers: workers, Log: p.Log,
		// A clock is never given up: what fails is tried again until it goes.
		MaxAttempts: 1 << 30,
	})
	return s
}

// Run works until ctx ends.
func (s *Service) Run(ctx context.Context) {
	var work sync.WaitGroup
	work.Go(func() { s.runs.Run(ctx) })
	work.Go(func() { s.clocks.Run(ctx) })
	work.Wait()
}

// Drain does all that is due now, with what follows from it here, and returns when all has ended.
func (s *Service) Drain(ctx context.Context) error {
	return errors.Join(s.clocks.Drain(ctx), s.runs.Drain(ctx))
}

// Next is the earliest moment at which something is due; false when nothing is.
func (s *Service) Next(ctx context.Context) (time.Time, bool, error) {
	run, runs, err := s.runs.Next(ctx)
	if err != nil {
		return time.Time{}, false, err
	}
	tick, ticks, err := s.clocks.Next(ctx)
	if err != nil {
		return time.Time{}, false, err
	}
	if !runs || ticks && tick.Before(run) {
		return tick, ticks, nil
	}
	return run, true, nil
}

// Nudge tells that something may have been set off.
func (s *Service) Nudge() {
	s.runs.Nudge()
	s.clocks.Nudge()
}

// Stats counts the runs that are not done, and those that have failed.
func (s *Service) Stats(ctx context.Context) (queue.Stats, error) { return s.runs.Stats(ctx) }

// subject is the record that a run is about, as it is now; one that is not there for a run without.
func (s *Service) subject(ctx context.Context, r *Run) (*records.Record, error) {
	if r.Record == "" {
		rec := records.Blank(r.App, r.Form, r.ID)
		if r.Scope != nil {
			rec.Data = r.Scope
		}
		return rec, nil
	}
	return s.Records.Fetch(ctx, r.App, r.Form, r.Record)
}

// env is what the engine and the conditions see of a record. reads tells further links that are looked through.
func (s *Service) env(ctx context.Context, a *catalog.Automation, rec *records.Record, by string) (engine.Env, error) {
	env, err := s.Records.Env(ctx, rec, a.Flow, by, a.ReadsLink)
	if err != nil {
		return engine.Env{}, err
	}
	env.Record = map[string]any{
		"id": rec.ID, "title": rec.Title, "stage": rec.Stage, "status": string(rec.Status), "owner": rec.Owner,
		"department": rec.Department, "createdAt": rec.CreatedAt.Time, "createdBy": rec.CreatedBy,
	}
	if env.Limits != nil {
		env.Record["limits"] = env.Limits(rec.Owner)
	}
	return env, nil
}

// gone reports whether what an automation was about is not there any more.
func gone(err error) bool {
	return fault.Has(err, records.ErrNotFound) || fault.Has(err, catalog.ErrNoForm) || fault.Has(err, catalog.ErrNoApp)
}
