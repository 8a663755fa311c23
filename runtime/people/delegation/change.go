package delegation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/people/audit"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Get loads one delegation: ErrNone.
func (s *Service) Get(ctx context.Context, id string) (*Delegation, error) {
	d, err := store.Load[Delegation](ctx, s.store, Collection, id)
	if fault.Has(err, store.ErrNotFound) {
		return nil, ErrNone.With(nil)
	}
	if err != nil {
		return nil, fmt.Errorf("load delegation %s: %w", id, err)
	}
	return &d, nil
}

// List finds the delegations of somebody, given and taken, or of everybody for "": those that are not over first, newest
// first.
func (s *Service) List(ctx context.Context, user string, most int) ([]Delegation, error) {
	var filter store.Filter
	if user != "" {
		filter = store.Or(store.Filter{"from": user}, store.Filter{"to": user})
	}
	found, err := store.LoadAll[Delegation](ctx, s.store, Collection, store.Query{
		Filter: filter, Sort: []store.SortKey{{Path: "endsAt", Desc: true}}, Limit: most,
	})
	if err != nil {
		return nil, fmt.Errorf("list delegations: %w", err)
	}
	now := s.clock.Now()
	slices.SortStableFunc(found, func(a, b Delegation) int {
		overA, overB := !now.Before(a.until()), !now.Before(b.until())
		switch {
		case overA == overB:
			return b.CreatedAt.Compare(a.CreatedAt.Time)
		case overA:
			return 1
		}
		return -1
	})
	return found, nil
}

// Create makes a delegation: ErrInvalid with the places. One without a beginning begins now.
func (s *Service) Create(ctx context.Context, by audit.Actor, t Terms) (*Delegation, error) {
	now := s.clock.Now().Truncate(time.Millisecond)
	if t.StartsAt.IsZero() || t.StartsAt.Before(now) {
		t.StartsAt = store.MomentOf(now)
	}
	t.Reason = strings.TrimSpace(t.Reason)
	problems, err := s.check(ctx, t, now)
	if err != nil {
		return nil, err
	}
	if len(problems) > 0 {
		return nil, ErrInvalid.With(nil, problems...)
	}
	d := &Delegation{ID: s.ids.Next(), Rev: 1, Terms: t, CreatedAt: store.MomentOf(now), CreatedBy: by.User}
	doc, err := store.Encode(d)
	if err != nil {
		return nil, fmt.Errorf("encode delegation: %w", err)
	}
	w := store.Write{Op: store.OpInsert, Collection: Collection, ID: d.ID, Doc: doc}
	if err := s.write(ctx, by, "delegation.created", d, w); err != nil {
		return nil, err
	}
	return d, s.reload(ctx)
}

func (s *Service) check(ctx context.Context, t Terms, now time.Time) ([]problem.Problem, error) {
	var out []problem.Problem
	report := func(bad bool, code *problem.Code, pointer string, params problem.Params) {
		if bad {
			out = append(out, code.At(pointer, params))
		}
	}
	dir := s.people.Directory()
	report(!dir.Active(t.From), problemPerson, "/from", nil)
	report(!dir.Active(t.To), problemPerson, "/to", nil)
	report(t.From == t.To && t.To != "", problemSelf, "/to", nil)
	report(!t.EndsAt.After(t.StartsAt.Time) || !t.EndsAt.After(now), problemPeriod, "/endsAt", nil)
	report(t.EndsAt.Sub(t.StartsAt.Time) > longest, problemLong, "/endsAt", nil)
	report(t.Scope.App == "" && (t.Scope.Form != "" || t.Scope.Flow != ""), problemScope, "/scope/app", nil)
	report(t.Scope.App != "" && !s.known(t.Scope), problemUnknown, "/scope", nil)
	report(len([]rune(t.Reason)) > maxReason, problemReason, "/reason", problem.Params{"max": maxReason})
	others, err := store.LoadAll[Delegation](ctx, s.store, Collection, store.Query{Filter: store.Filter{"from": t.From, "over": false}})
	if err != nil {
		return nil, fmt.Errorf("load delegations of %s: %w", t.From, err)
	}
	for i := range others {
		o := &others[i]
		if o.Scope == t.Scope && o.StartsAt.Before(t.EndsAt.Time) && t.StartsAt.Before(o.until()) {
			report(true, problemOverlap, "/startsAt", problem.Params{"name": dir.Name(o.Terms.To, "")})
			break
		}
	}
	return out, nil
}

// End ends a delegation now, or calls one off that has not begun: ErrNone, ErrOver.
func (s *Service) End(ctx context.Context, by audit.Actor, id string) (*Delegation, error) {
	d, err := s.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	now := s.clock.Now().Truncate(time.Millisecond)
	if !now.Before(d.until()) {
		return nil, ErrOver.With(nil)
	}
	after := *d
	after.Rev++
	after.EndedAt = store.MomentOf(now)
	doc, err := store.Encode(after)
	if err != nil {
		return nil, fmt.Errorf("encode delegation: %w", err)
	}
	w := store.Write{Op: store.OpReplace, Collection: Collection, ID: d.ID, Doc: doc, Rev: d.Rev}
	if err := s.write(ctx, by, "delegation.ended", &after, w); err != nil {
		return nil, err
	}
	return &after, s.reload(ctx)
}

func (s *Service) write(ctx context.Context, by audit.Actor, event string, d *Delegation, w store.Write) error {
	entry, err := s.people.Audit().Write(by, event, d.From, audit.Done, map[string]any{
		"id": d.ID, "to": d.Terms.To, "scope": d.Scope, "startsAt": d.StartsAt, "endsAt": d.EndsAt,
	})
	if err != nil {
		return err
	}
	if err := s.store.Apply(ctx, w, entry); err != nil {
		return fmt.Errorf("%s %s: %w", event, d.ID, err)
	}
	return nil
}

// Of are the delegations that somebody has given, or taken, and that are not over.
func (s *Service) Of(ctx context.Context, user string) (given, taken []Delegation, err error) {
	all, err := s.List(ctx, user, 1000)
	if err != nil {
		return nil, nil, err
	}
	now := s.clock.Now()
	for _, d := range all {
		switch {
		case !now.Before(d.until()):
		case d.From == user:
			given = append(given, d)
		default:
			taken = append(taken, d)
		}
	}
	return given, taken, nil
}
