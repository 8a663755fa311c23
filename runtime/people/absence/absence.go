// Package absence keeps when people are away. While somebody is, no rule gives them new records. All that is still to come is also
// held in memory, so that whoever decides asks without waiting for the store.
package absence

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/id"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/runtime/people/audit"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Collection holds the absences, also those that are over.
const Collection = "absences"

// Terms are what an absence says.
type Terms struct {
	User     string       `json:"user"`
	StartsAt store.Moment `json:"startsAt"`
	EndsAt   store.Moment `json:"endsAt"`
	Reason   string       `json:"reason,omitempty"`
}

// Absence is one period in which somebody is away.
type Absence struct {
	ID string `json:"_id"`
	Terms
	CreatedAt store.Moment `json:"createdAt"`
	CreatedBy string       `json:"createdBy"`
}

// Holds reports whether it holds at a moment.
func (a *Absence) Holds(at time.Time) bool {
	return !at.Before(a.StartsAt.Time) && at.Before(a.EndsAt.Time)
}

// Faults of absences.
var (
	ErrInvalid = fault.Define(fault.Invalid, "absence.invalid", "Some details of the absence need to be mended.", "请假信息有需要修改的地方。")
	ErrNone    = fault.Define(fault.NotFound, "absence.none", "There is no such absence.", "没有找到该请假记录。")
)

var (
	problemPerson = problem.Define("absence.person", "Choose somebody who works here.", "请选择在职人员。")
	problemPeriod = problem.Define("absence.period", "An absence ends after it begins, and not in the past.", "结束时间必须晚于开始时间，且不能早于现在。")
	problemLong   = problem.Define("absence.long", "An absence lasts a year at most. Add another one then.", "请假期限最长一年，到期后可再次添加。")
	problemReason = problem.Define("absence.reason", "At most {max} characters.", "最多 {max} 个字符。")
)

const (
	longest   = 366 * 24 * time.Hour
	maxReason = 500
	// kept is how long an absence that is over stays in memory: rules are tried on records of the past.
	kept = 100 * 24 * time.Hour
)

// Service keeps absences.
type Service struct {
	store  store.Store
	clock  clock.Clock
	people *people.Service
	log    *slog.Logger
	ids    *id.Source

	change  sync.Mutex
	current atomic.Pointer[map[string][]Absence] // by user
}

// Open prepares the collection, loads what is to come, and follows what other server copies change until ctx ends.
func Open(ctx context.Context, s store.Store, c clock.Clock, p *people.Service, log *slog.Logger) (*Service, error) {
	a := &Service{store: s, clock: c, people: p, log: log, ids: id.NewSource(c)}
	indexes := []store.Index{
		{Name: "user", Keys: []store.SortKey{{Path: "user"}, {Path: "endsAt"}}}, {Name: "ends", Keys: []store.SortKey{{Path: "endsAt"}}},
	}
	if err := s.EnsureIndexes(ctx, Collection, indexes...); err != nil {
		return nil, fmt.Errorf("prepare %s: %w", Collection, err)
	}
	changes, err := s.Watch(ctx, Collection) // before loading: a change in between would be missed
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", Collection, err)
	}
	if err := a.reload(ctx); err != nil {
		return nil, err
	}
	go func() {
		for range changes {
			if err := a.reload(ctx); err != nil && ctx.Err() == nil {
				a.log.ErrorContext(ctx, "absences could not be refreshed", slog.Any("error", err))
			}
		}
	}()
	return a, nil
}

func (s *Service) reload(ctx context.Context) error {
	s.change.Lock()
	defer s.change.Unlock()
	since := store.FormatTime(s.clock.Now().Add(-kept))
	all, err := store.LoadAll[Absence](ctx, s.store, Collection, store.Query{Filter: store.Filter{"endsAt": map[string]any{"$gt": since}}})
	if err != nil {
		return fmt.Errorf("load absences: %w", err)
	}
	byUser := map[string][]Absence{}
	for _, a := range all {
		byUser[a.User] = append(byUser[a.User], a)
	}
	s.current.Store(&byUser)
	return nil
}

// Away reports whether somebody is away at a moment, and until when.
func (s *Service) Away(user string, at time.Time) (until time.Time, away bool) {
	for _, a := range (*s.current.Load())[user] {
		if a.Holds(at) && a.EndsAt.After(until) {
			until, away = a.EndsAt.Time, true
		}
	}
	return until, away
}

// List finds the absences of somebody, those that end last first.
func (s *Service) List(ctx context.Context, user string, most int) ([]Absence, error) {
	found, err := store.LoadAll[Absence](ctx, s.store, Collection, store.Query{
		Filter: store.Filter{"user": user}, Sort: []store.SortKey{{Path: "endsAt", Desc: true}}, Limit: most,
	})
	if err != nil {
		return nil, fmt.Errorf("list absences: %w", err)
	}
	return found, nil
}

// Get loads one absence: ErrNone.
func (s *Service) Get(ctx context.Context, id string) (*Absence, error) {
	a, err := store.Load[Absence](ctx, s.store, Collection, id)
	if fault.Has(err, store.ErrNotFound) {
		return nil, ErrNone.With(nil)
	}
	if err != nil {
		return nil, fmt.Errorf("load absence %s: %w", id, err)
	}
	return &a, nil
}

// Create adds an absence: ErrInvalid with the places. One without a beginning begins now.
func (s *Service) Create(ctx context.Context, by audit.Actor, t Terms) (*Absence, error) {
	now := s.clock.Now().Truncate(time.Millisecond)
	if t.StartsAt.IsZero() {
		t.StartsAt = store.MomentOf(now)
	}
	t.Reason = strings.TrimSpace(t.Reason)
	if problems := s.check(t, now); len(problems) > 0 {
		return nil, ErrInvalid.With(nil, problems...)
	}
	a := &Absence{ID: s.ids.Next(), Terms: t, CreatedAt: store.MomentOf(now), CreatedBy: by.User}
	doc, err := store.Encode(a)
	if err != nil {
		return nil, fmt.Errorf("encode absence: %w", err)
	}
	return a, s.write(ctx, by, "absence.created", a, store.Write{Op: store.OpInsert, Collection: Collection, ID: a.ID, Doc: doc})
}

// Remove takes an absence back, or what is left of it.
func (s *Service) Remove(ctx context.Context, by audit.Actor, a *Absence) error {
	return s.write(ctx, by, "absence.removed", a, store.Write{Op: store.OpDelete, Collection: Collection, ID: a.ID})
}

func (s *Service) write(ctx context.Context, by audit.Actor, action string, a *Absence, w store.Write) error {
	err := s.people.Audit().Append(ctx, by, action, a.User, audit.Done, map[string]any{"startsAt": a.StartsAt, "endsAt": a.EndsAt})
	if err != nil {
		return err
	}
	if err := s.store.Apply(ctx, w); err != nil {
		return fmt.Errorf("write absence %s: %w", a.ID, err)
	}
	return s.reload(ctx)
}

func (s *Service) check(t Terms, now time.Time) []problem.Problem {
	var found []problem.Problem
	report := func(bad bool, code *problem.Code, pointer string, params problem.Params) {
		if bad {
			found = append(found, code.At(pointer, params))
		}
	}
	report(!s.people.Directory().Active(t.User), problemPerson, "/user", nil)
	report(!t.EndsAt.After(t.StartsAt.Time) || !t.EndsAt.After(now), problemPeriod, "/endsAt", nil)
	report(t.EndsAt.Sub(t.StartsAt.Time) > longest, problemLong, "/endsAt", nil)
	report(len([]rune(t.Reason)) > maxReason, problemReason, "/reason", problem.Params{"max": maxReason})
	return found
}
