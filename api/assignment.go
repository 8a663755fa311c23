package api

import (
	"context"
	"time"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/assignment"
	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/runtime/people/absence"
	"github.com/stepwell/stepwell/runtime/records"
)

// openAssignment makes what decides about the owners of records.
func (p *Product) openAssignment(ctx context.Context) (err error) {
	if p.Absences, err = absence.Open(ctx, p.Store, p.Clock, p.People, p.Log); err != nil {
		return err
	}
	p.Assigner = assignment.New(p.Store, p.People, p.Access, p.Zone, p.away)
	return nil
}

// away reports whether somebody is absent for the records of a form: they said so, or somebody stands in for them.
func (p *Product) away(user, app, form string, at time.Time) (until time.Time, away bool) {
	if until, away = p.Absences.Away(user, at); away {
		return until, true
	}
	flow := ""
	if f, err := p.Catalog.Form(app, form); err == nil {
		flow = f.Flow
	}
	return time.Time{}, p.Delegations.To(user, app, form, flow, at) != ""
}

// indexesOf are what the records of a form need.
func indexesOf(f *catalog.Form) []store.Index {
	indexes := records.Indexes(f.Exec)
	if f.Assignment != nil && f.Assignment.Def.Pool != nil {
		indexes = append(indexes, records.PoolIndexes()...)
	}
	return indexes
}
