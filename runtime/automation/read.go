package automation

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/runtime/queue"
	"github.com/stepwell/stepwell/runtime/records"
	def "github.com/stepwell/stepwell/schemas/automation"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Listing is what part of the runs is asked for.
type Listing struct {
	App, Automation string // none: of every automation
	Record          string // none: about any record
	State           queue.State
	Skipped         bool // those that were skipped too
	Cursor          string
	Limit           int
}

// List reads one page of runs, newest first.
func (s *Service) List(ctx context.Context, l Listing) (runs []*Run, next string, err error) {
	filter := store.Filter{"app": l.App}
	for path, value := range map[string]string{"automation": l.Automation, "record": l.Record, "state": string(l.State)} {
		if value != "" {
			filter[path] = value
		}
	}
	if l.State == "" && !l.Skipped {
		filter["state"] = store.Filter{"$ne": string(Skipped)}
	}
	sort := []store.SortKey{{Path: "at", Desc: true}, {Path: "_id", Desc: true}}
	if l.Cursor != "" {
		last, err := s.Store.Get(ctx, RunCollection, l.Cursor)
		if err != nil {
			return nil, "", records.ErrCursor.Because(err, nil)
		}
		after, err := store.After(sort, last)
		if err != nil {
			return nil, "", records.ErrCursor.Because(err, nil)
		}
		filter = store.And(filter, after)
	}
	docs, err := s.Store.Find(ctx, RunCollection, store.Query{Filter: filter, Sort: sort, Limit: l.Limit + 1})
	if err != nil {
		return nil, "", fmt.Errorf("list runs: %w", err)
	}
	found, err := readAll[Run](docs)
	if err != nil {
		return nil, "", err
	}
	if len(found) > l.Limit {
		found = found[:l.Limit]
		next = found[l.Limit-1].ID
	}
	for i := range found {
		runs = append(runs, &found[i])
	}
	return runs, next, nil
}

// Get reads one run of an app: ErrNoRun.
func (s *Service) Get(ctx context.Context, app, run string) (*Run, error) {
	one, err := s.load(ctx, run)
	if err == nil && one.App != app {
		return nil, ErrNoRun.With(nil)
	}
	return one, err
}

// load reads a run of any app: ErrNoRun.
func (s *Service) load(ctx context.Context, run string) (*Run, error) {
	doc, err := s.Store.Get(ctx, RunCollection, run)
	if fault.Has(err, store.ErrNotFound) {
		return nil, ErrNoRun.With(nil)
	}
	if err != nil {
		return nil, fmt.Errorf("read run %s: %w", run, err)
	}
	return readRun(doc)
}

// Counts are how the runs of an automation went in the last days.
type Counts struct {
	Done, Failed, Stopped, Pending int64
	Last                           store.Moment // when the last one was set off; zero when none was
}

// countDays is over how many days runs are counted.
const countDays = 7

// Count counts the runs of an app's automations by key: those that are under way or have failed, and the others of the last
// week.
func (s *Service) Count(ctx context.Context, app string) (map[string]*Counts, error) {
	since := store.FormatTime(s.Clock.Now().AddDate(0, 0, -countDays))
	docs, err := s.Store.Aggregate(ctx, RunCollection, []store.Stage{
		{"$match": store.Filter{"app": app, "at": store.Filter{"$gte": since}, "state": store.Filter{"$ne": string(Skipped)}}},
		{"$group": map[string]any{
			"_id":   map[string]any{"automation": "$automation", "state": "$state"},
			"count": map[string]any{"$sum": 1}, "last": map[string]any{"$max": "$at"},
		}},
	})
	if err != nil {
		return nil, fmt.Errorf("count runs of %s: %w", app, err)
	}
	out := map[string]*Counts{}
	for _, doc := range docs {
		var g struct {
			Of struct {
				Automation string      `json:"automation"`
				State      queue.State `json:"state"`
			} `json:"_id"`
			Count int64        `json:"count"`
			Last  store.Moment `json:"last"`
		}
		if err := json.Unmarshal(doc, &g); err != nil {
			return nil, fmt.Errorf("read count of runs: %w", err)
		}
		c := out[g.Of.Automation]
		if c == nil {
			c = &Counts{}
			out[g.Of.Automation] = c
		}
		switch g.Of.State {
		case Done:
			c.Done = g.Count
		case queue.Dead:
			c.Failed = g.Count
		case Stopped:
			c.Stopped = g.Count
		case queue.Pending:
			c.Pending = g.Count
		}
		if g.Last.After(c.Last.Time) {
			c.Last = g.Last
		}
	}
	return out, nil
}

// Stuck are the runs that have failed and that nobody has retried, in any app, at most limit.
func (s *Service) Stuck(ctx context.Context, limit int) ([]*Run, error) {
	docs, err := s.runs.Dead(ctx, "", limit)
	if err != nil {
		return nil, err
	}
	out := make([]*Run, len(docs))
	for i, doc := range docs {
		if out[i], err = readRun(doc); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// RetryID retries a run of any app; queue.ErrNotDead when there is none of that id that has failed.
func (s *Service) RetryID(ctx context.Context, id string) error {
	one, err := s.load(ctx, id)
	if fault.Has(err, ErrNoRun) || err == nil && one.State != queue.Dead {
		return queue.ErrNotDead.With(problem.Params{"id": id})
	}
	if err != nil {
		return err
	}
	return s.Retry(ctx, one)
}

// ErrButton says that a button cannot be pressed.
var ErrButton = fault.Define(fault.Conflict, "automation.button", "“{title}” is not possible for this record now.", "此记录目前不能执行“{title}”。")

// Buttons are the automations that a person may set off on a record.
func (s *Service) Buttons(ctx context.Context, rec *records.Record, by string, roles []string) ([]*catalog.Automation, error) {
	app, err := s.Catalog.App(rec.App)
	if err != nil {
		return nil, err
	}
	var out []*catalog.Automation
	for _, a := range app.Automations() {
		if a.Form != rec.Form || a.Trigger.On != def.Button || a.Off || a.Broken != nil || !pressedBy(a, roles) {
			continue
		}
		run := Run{By: by}
		ok, err := s.holds(ctx, a, rec, &run)
		if err != nil {
			return nil, err
		}
		if !ok || run.Doubt {
			continue
		}
		paused, err := s.Paused(ctx, rec.App, a.Key)
		if err != nil {
			return nil, err
		}
		if paused == nil {
			out = append(out, a)
		}
	}
	return out, nil
}

func pressedBy(a *catalog.Automation, roles []string) bool {
	return len(a.Trigger.Roles) == 0 || slices.ContainsFunc(a.Trigger.Roles, func(role string) bool { return slices.Contains(roles, role) })
}

// Press sets an automation off by its button. key tells this press from others.
func (s *Service) Press(ctx context.Context, rec *records.Record, by string, roles []string, key, press string) (*Run, error) {
	buttons, err := s.Buttons(ctx, rec, by, roles)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(buttons, func(a *catalog.Automation) bool { return a.Key == key })
	if i < 0 {
		a, err := s.Catalog.Automation(ctx, rec.App, key, 0)
		if err != nil {
			return nil, err
		}
		return nil, ErrButton.With(problem.Params{"title": a.Button()})
	}
	a := buttons[i]
	run := newRun(a, rec, Cause{On: def.Button}, by, store.MomentOf(s.Clock.Now()))
	run.ID = rec.ID + "-" + a.Key + "-" + digest(by + "/" + press)[:24]
	w, err := run.write()
	if err != nil {
		return nil, err
	}
	if err := s.Store.Apply(ctx, w); err != nil {
		return nil, fmt.Errorf("write run %s: %w", run.ID, err)
	}
	s.runs.Nudge()
	return run, nil
}

// Duration is how long a run took; 0 while it has not ended.
func (r *Run) Duration() time.Duration {
	if r.EndedAt.IsZero() || r.StartedAt.IsZero() {
		return 0
	}
	return r.EndedAt.Sub(r.StartedAt.Time)
}
