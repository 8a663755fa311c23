package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/records"
	"github.com/stepwell/stepwell/runtime/tasks"
	"github.com/stepwell/stepwell/schemas/flow"
)

// Today is what is due for one person, red first, and what is red in their team.
type Today struct {
	Overdue     []Task            `json:"overdue"`
	Today       []Task            `json:"today"`
	Soon        []Task            `json:"soon"`        // in the next seven days
	Later       []Task            `json:"later"`       // after that, or without a deadline
	TeamOverdue []json.RawMessage `json:"teamOverdue"` // records.Summary
	Counts      Counts            `json:"counts"`
	Names       records.Names     `json:"names"`
}

// Counts are the numbers above the day's lists.
type Counts struct {
	Overdue     int64 `json:"overdue"`
	Today       int64 `json:"today"`
	Open        int64 `json:"open"`
	Approvals   int64 `json:"approvals"`
	TeamOverdue int64 `json:"teamOverdue"`
}

// most is how many entries a section of the day shows; the task list has the rest.
const most = 30

// Today reads the day.
func (d *Desk) Today(ctx context.Context, by string) (*Today, error) {
	now := d.clock.Now().In(d.zone)
	midnight := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, d.zone)
	week := midnight.AddDate(0, 0, 6)
	day := &Today{TeamOverdue: []json.RawMessage{}, Names: records.Names{}}
	due := func(from, to time.Time) store.Filter {
		f := store.Filter{"overdue": false, "dueAt": map[string]any{"$lt": store.FormatTime(to), "$gt": ""}}
		if !from.IsZero() {
			f["dueAt"] = map[string]any{"$gte": store.FormatTime(from), "$lt": store.FormatTime(to)}
		}
		return f
	}
	mine := store.Filter{"waiting": by}
	for _, section := range []struct {
		into  *[]Task
		parts []store.Filter
		count *int64
	}{
		{&day.Overdue, []store.Filter{{"overdue": true}}, &day.Counts.Overdue},
		{&day.Today, []store.Filter{due(time.Time{}, midnight)}, &day.Counts.Today},
		{&day.Soon, []store.Filter{due(midnight, week)}, nil},
		{&day.Later, []store.Filter{{"overdue": false, "dueAt": map[string]any{"$gte": store.FormatTime(week)}}, {"overdue": false, "dueAt": nil}}, nil},
	} {
		page := &TaskPage{Items: []Task{}, Names: day.Names}
		for _, part := range section.parts {
			q := store.Query{Filter: store.And(mine, part), Sort: []store.SortKey{{Path: "dueAt"}}, Limit: most - len(page.Items)}
			if q.Limit > 0 {
				if err := d.addTasks(ctx, page, q, by); err != nil {
					return nil, err
				}
			}
		}
		*section.into = page.Items
		if section.count == nil {
			continue
		}
		if *section.count = int64(len(page.Items)); *section.count < most {
			continue
		}
		var err error
		if *section.count, err = d.count(ctx, store.And(mine, section.parts[0])); err != nil {
			return nil, err
		}
	}
	var err error
	if day.Counts.Open, err = d.count(ctx, mine); err != nil {
		return nil, err
	}
	if day.Counts.Approvals, err = d.count(ctx, store.And(mine, store.Filter{"kind": string(flow.Approval)})); err != nil {
		return nil, err
	}
	return day, d.team(ctx, by, day)
}

func (d *Desk) count(ctx context.Context, f store.Filter) (int64, error) {
	n, err := d.store.Count(ctx, tasks.Collection, f, 0)
	if err != nil {
		return 0, fmt.Errorf("count tasks: %w", err)
	}
	return n, nil
}

// team adds the red records of the people that somebody leads, directly or through others, and of the departments they head.
func (d *Desk) team(ctx context.Context, by string, day *Today) error {
	led := d.people.Directory().Led(by)
	if len(led) == 0 {
		return nil
	}
	owners := make([]any, len(led))
	for i, id := range led {
		owners[i] = id
	}
	filter := store.Filter{"overdue": true, "status": string(engine.Running), "owner": map[string]any{"$in": owners}}
	for _, a := range d.catalog.Apps() {
		for _, f := range a.Forms() {
			if f.Flow == "" {
				continue
			}
			page, err := d.records.List(ctx, records.Listing{
				App: a.Key, Form: f.Key, By: by, Filter: filter, Sort: "dueAt", Limit: most, Count: true,
			})
			if records.NotAllowed(err) {
				continue
			}
			if err != nil {
				return err
			}
			day.Counts.TeamOverdue += *page.Total
			day.TeamOverdue = append(day.TeamOverdue, page.Items...)
			maps.Copy(day.Names, page.Names)
		}
	}
	return nil
}
