// Package ownership is what people do about the owners of records: claim from a pool, give many records to others at once, and try
// a rule on records of the past before it is published. Each change of a record goes through the record pipeline by itself.
package ownership

import (
	"context"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/runtime/access"
	"github.com/stepwell/stepwell/runtime/assignment"
	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/runtime/records"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/role"
)

// Service changes owners.
type Service struct {
	clock    clock.Clock
	catalog  *catalog.Catalog
	access   *access.Service
	records  *records.Service
	assigner *assignment.Assigner
}

// New makes the service.
func New(c clock.Clock, cat *catalog.Catalog, a *access.Service, r *records.Service, assigner *assignment.Assigner) *Service {
	return &Service{clock: c, catalog: cat, access: a, records: r, assigner: assigner}
}

// Pool is a pool as one person sees it.
type Pool struct {
	App       string               `json:"app"`
	Form      string               `json:"form"`
	Title     definition.Text      `json:"title"` // what the records are called
	Waiting   int64                `json:"waiting"`
	Claims    bool                 `json:"claims"` // their roles let them claim; else they only look after it
	Allowance assignment.Allowance `json:"allowance"`
}

// Pools are those that somebody may claim from or looks after, in order of app and form.
func (s *Service) Pools(ctx context.Context, by string) ([]Pool, error) {
	out := []Pool{}
	for _, app := range s.catalog.Apps() {
		for _, f := range app.Forms() {
			if !s.sees(by, f) {
				continue
			}
			pool, err := s.pool(ctx, by, f)
			if err != nil {
				return nil, err
			}
			out = append(out, pool)
		}
	}
	return out, nil
}

// sees reports whether somebody sees the pool of a form: who may claim from it, and who may hand out its records.
func (s *Service) sees(by string, f *catalog.Form) bool {
	if f.Assignment == nil || f.Assignment.Def.Pool == nil {
		return false
	}
	return s.assigner.MayClaim(f.Assignment, f.App.Key, by) || s.access.Can(by, f.App.Key, "form:"+f.Key, role.Assign)
}

func (s *Service) pool(ctx context.Context, by string, f *catalog.Form) (Pool, error) {
	out := Pool{App: f.App.Key, Form: f.Key, Title: f.Exec.Form.Plural, Claims: s.assigner.MayClaim(f.Assignment, f.App.Key, by)}
	if out.Title.Empty() {
		out.Title = f.Exec.Form.Title
	}
	var err error
	if out.Waiting, err = s.records.Waiting(ctx, f.App.Key, f.Key); err != nil || !out.Claims {
		return out, err
	}
	out.Allowance, err = s.assigner.Allowance(ctx, assignment.Claimant{
		App: f.App.Key, Form: f.Key, Collection: records.CollectionOf(f.App.Key, f.Key), Rule: f.Assignment, User: by, Now: s.clock.Now(),
	})
	return out, err
}

// List reads one page of a pool, and how the person stands with it.
func (s *Service) List(ctx context.Context, l records.Listing) (*records.Page, Pool, error) {
	f, err := s.catalog.Form(l.App, l.Form)
	if err != nil {
		return nil, Pool{}, err
	}
	if !s.sees(l.By, f) {
		return nil, Pool{}, assignment.ErrNotClaimer.With(nil)
	}
	pool, err := s.pool(ctx, l.By, f)
	if err != nil {
		return nil, Pool{}, err
	}
	page, err := s.records.Pool(ctx, l)
	return page, pool, err
}

// Claim gives a record of the pool to somebody who wants it.
func (s *Service) Claim(ctx context.Context, req records.Request) (*records.Record, error) {
	req.Own = &records.OwnerChange{Source: assignment.ByClaim}
	out, err := s.records.SetOwner(ctx, req)
	if err != nil {
		return nil, err
	}
	if out.Record.Owner != req.By {
		return nil, assignment.ErrNotPooled.With(nil) // a repeated claim of what has gone on since
	}
	return out.Record, nil
}
