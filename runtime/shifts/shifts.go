// Package shifts follows calendars that change: when another version of one is in force, every deadline that counts on it
// and is still to come is counted anew; before it is published, it says which would move, and to when.
package shifts

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/stepwell/stepwell/internal/calendar"
	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/runtime/queue"
	"github.com/stepwell/stepwell/runtime/records"
	"github.com/stepwell/stepwell/runtime/timers"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Collection holds one job for every version of a calendar that was ever in force. Those that are done stay, so that nobody
// begins them again.
const Collection = "shifts"

// done is the state of a job whose records have all been counted anew.
const done queue.State = "done"

// partSize is how many timers are gone through before the job notes how far it is.
const partSize = 200

// job counts anew what counts on a calendar.
type job struct {
	ID       string `json:"_id"`
	App      string `json:"app"`
	Calendar string `json:"calendar"`
	Version  int    `json:"version"`
	After    string `json:"after,omitempty"` // the last timer that was gone through
	queue.Job
}

// Indexes are what the collection needs.
func Indexes() []store.Index { return queue.Indexes() }

// Service moves deadlines. Any number of server copies may run one on the same store.
type Service struct {
	store   store.Store
	clock   clock.Clock
	catalog *catalog.Catalog
	records *records.Service
	log     *slog.Logger
	jobs    *queue.Queue
}

// New makes a service that moves nothing until Run or Drain is called.
func New(s store.Store, c clock.Clock, cat *catalog.Catalog, r *records.Service, log *slog.Logger) *Service {
	out := &Service{store: s, clock: c, catalog: cat, records: r, log: log}
	out.jobs = queue.New(s, c, queue.Config{
		Name: Collection, Collection: Collection, Do: out.do, Workers: 2, Timeout: 2 * time.Minute, Log: log,
	})
	return out
}

// Run moves deadlines until ctx ends.
func (s *Service) Run(ctx context.Context) { s.jobs.Run(ctx) }

// Drain moves what is to be moved now, and returns when that is done.
func (s *Service) Drain(ctx context.Context) error { return s.jobs.Drain(ctx) }

// Stats counts what waits to be moved.
func (s *Service) Stats(ctx context.Context) (queue.Stats, error) { return s.jobs.Stats(ctx) }

// Follow notes for every calendar of an app which version is in force, so that what counts on it is counted anew. Every
// server copy does so whenever it learns of a publishing, also of one that was made while it was down; the job is one.
func Follow(ctx context.Context, s store.Store, now time.Time, a *catalog.App) error {
	for key, version := range a.CalendarVersions() {
		j := job{ID: a.Key + "." + key + "." + strconv.Itoa(version), App: a.Key, Calendar: key, Version: version, Job: queue.At(now)}
		doc, err := store.Encode(j)
		if err != nil {
			return fmt.Errorf("note calendar %s: %w", key, err)
		}
		if err := s.Apply(ctx, store.Write{Op: store.OpAdd, Collection: Collection, ID: j.ID, Doc: doc}); err != nil {
			return fmt.Errorf("note calendar %s: %w", key, err)
		}
	}
	return nil
}

func (s *Service) do(ctx context.Context, doc store.Doc) (store.Update, error) {
	var j job
	if err := json.Unmarshal(doc, &j); err != nil {
		return store.Update{}, queue.Permanent(fmt.Errorf("read shift: %w", err))
	}
	// The version that the job is about may have been published by another server copy a moment ago.
	if err := s.catalog.Refresh(ctx, j.App); err != nil {
		return store.Update{}, err
	}
	found, err := s.counted(ctx, j.App, j.Calendar, j.After, partSize)
	if err != nil {
		return store.Update{}, err
	}
	last := ""
	for _, t := range found {
		if t.Record == last {
			continue // those of one record stand together
		}
		last = t.Record
		if err := s.move(ctx, t, j.Calendar); err != nil {
			return store.Update{}, err
		}
	}
	if len(found) == partSize {
		return store.Update{}, queue.Later(s.clock.Now(), store.Update{Set: map[string]any{"after": found[partSize-1].ID}})
	}
	return store.Update{Set: map[string]any{"state": string(done)}}, nil
}

// move counts the deadlines of one record anew. A record that refuses keeps its own, and holds up no others.
func (s *Service) move(ctx context.Context, t timers.Timer, key string) error {
	err := s.records.Recalculate(ctx, t.App, t.Form, t.Record, key)
	f, isFault := fault.As(err)
	switch {
	case err == nil, isFault && f.Code.Kind == fault.NotFound:
		return nil
	case !isFault || f.Code.Kind == fault.Internal || f.Code.Kind == fault.Unavailable:
		return fmt.Errorf("count record %s anew: %w", t.Record, err)
	}
	s.log.WarnContext(ctx, "a record keeps its deadlines on a calendar that has changed", slog.String("record", t.Record), slog.Any("error", err))
	return nil
}

// counted is the next part of the deadlines that are to come and count on a calendar, by their timers.
func (s *Service) counted(ctx context.Context, app, key, after string, limit int) ([]timers.Timer, error) {
	found, err := store.LoadAll[timers.Timer](ctx, s.store, timers.Collection, store.Query{
		Filter: store.Filter{"calendar": timers.OnCalendar(app, key), "_id": map[string]any{"$gt": after}},
		Sort:   []store.SortKey{{Path: "_id"}}, Limit: limit,
	})
	if err != nil {
		return nil, fmt.Errorf("find what counts on %s: %w", key, err)
	}
	return found, nil
}

// ErrCalendar says that what a calendar would do cannot be said, because it cannot be read.
var ErrCalendar = fault.Define(fault.Invalid, "shifts.calendar",
	"The calendar cannot be read: {why}. Mend what the check names first.", "日历无法读取：{why}。请先修正检查所列的问题。")

// with is the calendars of an app as they would be with another version of one of them.
func (s *Service) with(ctx context.Context, app, key string, body []byte) (*calendar.Set, error) {
	set, err := s.catalog.CalendarsWith(ctx, app, key, body)
	if fault.Has(err, catalog.ErrBroken) {
		f, _ := fault.As(err)
		return nil, ErrCalendar.Because(err, problem.Params{"why": f.Params["why"]})
	}
	return set, err
}
