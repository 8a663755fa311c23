package catalog

import (
	"context"
	"fmt"
	"maps"

	"github.com/stepwell/stepwell/internal/calendar"
	calendardef "github.com/stepwell/stepwell/schemas/calendar"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/problem"
)

// CalendarVersions are the versions in force of the app's calendars, by key.
func (a *App) CalendarVersions() map[string]int { return maps.Clone(a.calendars) }

// CalendarsWith compiles the calendars of an app as they would be if body were the one of that key.
func (c *Catalog) CalendarsWith(ctx context.Context, app, key string, body []byte) (*calendar.Set, error) {
	a, err := c.App(app)
	if err != nil {
		return nil, err
	}
	bodies := [][]byte{body}
	for other, version := range a.calendars {
		if other == key {
			continue
		}
		v, err := c.body(ctx, definition.Ref{App: app, Kind: definition.KindCalendar, Key: other}, version)
		if err != nil {
			return nil, err
		}
		bodies = append(bodies, []byte(v.Body))
	}
	var defs []*calendardef.Calendar
	for _, b := range bodies {
		if defs, err = parsed(defs, b, calendardef.Parse); err != nil {
			return nil, ErrBroken.Because(err, problem.Params{"kind": string(definition.KindCalendar), "key": key, "why": err.Error()})
		}
	}
	set, err := calendar.NewSet(defs)
	if err != nil {
		err = fmt.Errorf("calendars of %s: %w", app, err)
		return nil, ErrBroken.Because(err, problem.Params{"kind": string(definition.KindCalendar), "key": key, "why": err.Error()})
	}
	return set, nil
}
