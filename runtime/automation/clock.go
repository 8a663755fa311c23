package automation

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/stepwell/stepwell/internal/calendar"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/queue"
	"github.com/stepwell/stepwell/runtime/records"
	def "github.com/stepwell/stepwell/schemas/automation"
	"github.com/stepwell/stepwell/schemas/flow"
)

// ClockCollection holds what is to be set off at a moment.
const ClockCollection = "automationClocks"

// clockKind is what a clock is for.
type clockKind string

const (
	schedule clockKind = "schedule" // the times of one version of an automation
	sweep    clockKind = "sweep"    // look for the dates that records have already, once for each version
	moment   clockKind = "moment"   // the date of one record
)

// Clock is something that is to be set off at a moment.
type Clock struct {
	ID         string       `json:"_id"`
	Kind       clockKind    `json:"kind"`
	App        string       `json:"app"`
	Automation string       `json:"automation"`
	Version    int          `json:"version"`
	Since      store.Moment `json:"since,omitzero"`   // schedule: what was due up to then is done
	Now        store.Moment `json:"now,omitzero"`     // schedule: the time that is being done
	Cursor     string       `json:"cursor,omitempty"` // schedule, sweep: the last record that is done
	Record     string       `json:"record,omitempty"` // moment
	Value      string       `json:"value,omitempty"`  // moment: the date that it was counted from
	queue.Job
}

// settled is a sweep that is done; it stays so that it is not done again.
const settled queue.State = "settled"

// ClockIndexes are what the collection needs.
func ClockIndexes() []store.Index { return queue.Indexes() }

func (c *Clock) write() (store.Write, error) {
	doc, err := json.Marshal(c)
	if err != nil {
		return store.Write{}, fmt.Errorf("encode clock %s: %w", c.ID, err)
	}
	return store.Write{Op: store.OpAdd, Collection: ClockCollection, ID: c.ID, Doc: doc}, nil
}

// Lay makes the clocks that the automations of an app need and do not have yet.
func (s *Service) Lay(ctx context.Context, app *catalog.App) error {
	var writes []store.Write
	for _, a := range app.Automations() {
		c := Clock{
			ID: app.Key + "/" + a.Key + "@" + strconv.Itoa(a.Version), App: app.Key, Automation: a.Key, Version: a.Version,
			Since: store.MomentOf(a.PublishedAt), Job: queue.At(s.Clock.Now()),
		}
		switch {
		case a.Off:
			continue
		case a.Trigger.On == def.Schedule:
			c.Kind = schedule
		case a.Trigger.On == def.Date:
			c.Kind = sweep
		default:
			continue
		}
		w, err := c.write()
		if err != nil {
			return err
		}
		writes = append(writes, w)
	}
	if len(writes) == 0 {
		return nil
	}
	if err := s.Store.Apply(ctx, writes...); err != nil {
		return fmt.Errorf("lay the clocks of %s: %w", app.Key, err)
	}
	s.clocks.Nudge()
	return nil
}

// tick is a clock whose moment has come. Those of a version that is no longer in force go; only what a record waits for is
// counted anew.
func (s *Service) tick(ctx context.Context, doc store.Doc) (store.Update, error) {
	var c Clock
	if err := json.Unmarshal(doc, &c); err != nil {
		return store.Update{}, fmt.Errorf("read clock: %w", err)
	}
	a, err := s.Catalog.Automation(ctx, c.App, c.Automation, 0)
	if gone(err) || fault.Has(err, catalog.ErrNoAutomation) {
		return store.Update{}, nil
	}
	if err != nil {
		return store.Update{}, err
	}
	if a.Off || a.Broken != nil || c.Kind != moment && a.Version != c.Version {
		return store.Update{}, nil
	}
	switch c.Kind {
	case schedule:
		return store.Update{}, s.tickSchedule(ctx, a, &c)
	case sweep:
		return s.tickSweep(ctx, a, &c)
	case moment:
		return store.Update{}, s.tickMoment(ctx, a, &c)
	}
	return store.Update{}, queue.Permanent(fmt.Errorf("clock %s has the unknown kind %s", c.ID, c.Kind))
}

func (s *Service) calendarOf(a *catalog.Automation, key string) *calendar.Calendar {
	if c, ok := a.App.Calendars.Calendar(key); ok {
		return c
	}
	return a.App.Calendars.DefaultIn(s.Zone)
}

// tickSchedule sets off what is due by the times of an automation. What was missed while no server ran is made up for once.
func (s *Service) tickSchedule(ctx context.Context, a *catalog.Automation, c *Clock) error {
	if a.Trigger.Times == nil {
		return nil
	}
	times, cal, now := *a.Trigger.Times, s.calendarOf(a, a.Trigger.Times.Calendar), s.Clock.Now()
	if c.Now.IsZero() {
		last, due, err := LastTime(times, cal, c.Since.Time, now)
		if err != nil {
			return err
		}
		if !due {
			return s.rest(times, cal, c.Since.Time, now)
		}
		c.Now = store.MomentOf(last)
	}
	paused, err := s.Paused(ctx, a.App.Key, a.Key)
	if err != nil {
		return err
	}
	if paused == nil {
		if err := s.setOff(ctx, a, c); err != nil {
			return err
		}
	}
	next, ok, err := NextTime(times, cal, now)
	if err != nil {
		return err
	}
	if !ok {
		next = now.AddDate(1, 0, 0)
	}
	return queue.Later(next, store.Update{Set: map[string]any{"since": store.FormatTime(c.Now.Time)}, Unset: []string{"now", "cursor"}})
}

func (s *Service) rest(times def.Times, cal *calendar.Calendar, since, now time.Time) error {
	next, ok, err := NextTime(times, cal, since)
	if err != nil {
		return err
	}
	if !ok {
		next = now.AddDate(1, 0, 0)
	}
	return queue.Later(next, store.Update{})
}

// setOff makes the runs of one time: one, or one for each record for which the condition holds.
func (s *Service) setOff(ctx context.Context, a *catalog.Automation, c *Clock) error {
	cause := Cause{On: def.Schedule, Moment: c.Now}
	stamp := strconv.FormatInt(c.Now.Unix(), 36)
	if !a.Trigger.Each {
		rec := records.Blank(a.App.Key, a.Form, "")
		run := newRun(a, rec, cause, "", c.Now)
		run.ID, run.Job = a.App.Key+"-"+a.Key+"-"+stamp, queue.At(s.Clock.Now())
		return s.begin(ctx, a, rec, run)
	}
	return s.each(ctx, a, c, nil, func(rec *records.Record) error {
		run := newRun(a, rec, cause, "", c.Now)
		run.ID, run.Job = rec.ID+"-"+a.Key+"-"+stamp, queue.At(s.Clock.Now())
		return s.begin(ctx, a, rec, run)
	})
}

// begin writes a run when its condition holds.
func (s *Service) begin(ctx context.Context, a *catalog.Automation, rec *records.Record, run *Run) error {
	ok, err := s.holds(ctx, a, rec, run)
	if err != nil || !ok {
		return err
	}
	w, err := run.write()
	if err != nil {
		return err
	}
	if err := s.Store.Apply(ctx, w); err != nil {
		return fmt.Errorf("write run %s: %w", run.ID, err)
	}
	s.runs.Nudge()
	return nil
}

// page is how many records are read at a time.
const page = 200

// each does something with every record of the form that is no draft, from where it came to before. When the time of the job
// is up, it goes on in the next one.
func (s *Service) each(ctx context.Context, a *catalog.Automation, c *Clock, more store.Filter, do func(*records.Record) error) error {
	for {
		filter := store.Filter{"_id": store.Filter{"$gt": c.Cursor}, "status": store.Filter{"$in": []any{
			string(engine.Active), string(engine.Running), string(engine.Ended),
		}}}
		for key, value := range more {
			filter[key] = value
		}
		docs, err := s.Store.Find(ctx, records.CollectionOf(a.App.Key, a.Form), store.Query{
			Filter: filter, Sort: []store.SortKey{{Path: "_id"}}, Limit: page,
		})
		if err != nil {
			return fmt.Errorf("read records of %s: %w", a.Form, err)
		}
		found, err := readAll[records.Record](docs)
		if err != nil {
			return err
		}
		for i := range found {
			if err := do(&found[i]); err != nil {
				return err
			}
			c.Cursor = found[i].ID
		}
		if len(found) < page {
			return nil
		}
		if until, ok := ctx.Deadline(); ok && time.Until(until) < enough {
			set := map[string]any{"cursor": c.Cursor}
			if !c.Now.IsZero() {
				set["now"] = store.FormatTime(c.Now.Time)
			}
			return queue.Later(s.Clock.Now(), store.Update{Set: set})
		}
	}
}

// tickSweep looks for the dates that records have already, for those moments that are still to come.
func (s *Service) tickSweep(ctx context.Context, a *catalog.Automation, c *Clock) (store.Update, error) {
	field := a.Trigger.Moment.Field
	err := s.each(ctx, a, c, store.Filter{"data." + field: store.Filter{"$exists": true}}, func(rec *records.Record) error {
		due, value, ok := momentOf(a, rec)
		if !ok || due.Before(c.Since.Time) {
			return nil
		}
		w, err := momentClock(a, rec, due, value)
		if err == nil {
			err = s.Store.Apply(ctx, w)
		}
		return err
	})
	if err != nil {
		return store.Update{}, err
	}
	s.clocks.Nudge()
	return store.Update{Set: map[string]any{"state": string(settled)}}, nil
}

// watchDate is the moment that is counted from a date which an action has entered.
func (s *Service) watchDate(a *catalog.Automation, rec *records.Record, act *records.Action) ([]store.Write, error) {
	field := a.Trigger.Moment.Field
	entered := slices.ContainsFunc(act.Events, func(ev engine.Event) bool {
		_, set := ev.Set[field]
		return ev.Kind == engine.Submitted || set
	})
	if !entered || rec.State.Status == engine.Draft {
		return nil, nil
	}
	due, value, ok := momentOf(a, rec)
	if !ok || due.Before(act.At.AddDate(0, 0, -a.Trigger.LateDays())) {
		return nil, nil
	}
	w, err := momentClock(a, rec, due, value)
	return []store.Write{w}, err
}

func momentClock(a *catalog.Automation, rec *records.Record, due time.Time, value string) (store.Write, error) {
	c := Clock{
		ID: rec.ID + "/" + a.Key + "@" + strconv.Itoa(a.Version) + "/" + value, Kind: moment, App: a.App.Key, Automation: a.Key, Version: a.Version,
		Record: rec.ID, Value: value, Job: queue.At(due),
	}
	return c.write()
}

// momentOf is the moment that an automation counts from the date of a record; false while that is blank, or cannot be counted.
func momentOf(a *catalog.Automation, rec *records.Record) (due time.Time, value string, ok bool) {
	d := a.Trigger.Moment
	value, _ = rec.Data[d.Field].(string)
	if value == "" || a.Of == nil {
		return time.Time{}, "", false
	}
	start, err := time.Parse(time.RFC3339Nano, value)
	if err != nil {
		if start, err = a.Of.Calendars.DayStart(d.Calendar, value); err != nil {
			return time.Time{}, value, false
		}
	}
	delay := flow.Delay{After: d.After, Unit: d.Unit, At: d.At, Calendar: d.Calendar}
	due, err = a.Of.Calendars.Due(delay.Deadline(), start)
	return due, value, err == nil
}

// tickMoment sets off what a date has been waited for, unless the record has another one by now.
func (s *Service) tickMoment(ctx context.Context, a *catalog.Automation, c *Clock) error {
	if a.Trigger.On != def.Date || a.Trigger.Moment == nil {
		return nil
	}
	rec, err := s.Records.Fetch(ctx, c.App, a.Form, c.Record)
	if gone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	due, value, ok := momentOf(a, rec)
	if !ok || value != c.Value || rec.State.Status == engine.Draft {
		return nil
	}
	if due.After(s.Clock.Now()) {
		return queue.Later(due, store.Update{}) // the automation counts otherwise now
	}
	run := newRun(a, rec, Cause{On: def.Date, Moment: store.MomentOf(due), Date: value}, "", store.MomentOf(s.Clock.Now()))
	run.ID = rec.ID + "-" + a.Key + "-" + value
	return s.begin(ctx, a, rec, run)
}
