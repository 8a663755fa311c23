// Package delegation keeps who stands in for whom: for a period, in a scope. Everything that holds is also held in memory,
// so that the engine asks without waiting for the store.
package delegation

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/id"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Collection holds the delegations, also those that are over.
const Collection = "delegations"

// Terms are what a delegation says.
type Terms struct {
	From     string       `json:"from"` // user id
	To       string       `json:"to"`   // who stands in
	Scope    Scope        `json:"scope"`
	StartsAt store.Moment `json:"startsAt"`
	EndsAt   store.Moment `json:"endsAt"`
	Reason   string       `json:"reason,omitempty"`
}

// Scope is for what a delegation holds: everything, an app, a form or a flow of an app.
type Scope struct {
	App  string `json:"app,omitempty"`
	Form string `json:"form,omitempty"`
	Flow string `json:"flow,omitempty"`
}

// covers reports whether a scope holds for another one, which names everything.
func (s Scope) covers(app, form, flow string) bool {
	return (s.App == "" || s.App == app) && (s.Form == "" || s.Form == form) && (s.Flow == "" || s.Flow == flow)
}

// narrowness orders scopes: the more it names, the narrower it is.
func (s Scope) narrowness() int {
	switch {
	case s.Flow != "":
		return 3
	case s.Form != "":
		return 2
	case s.App != "":
		return 1
	}
	return 0
}

// Delegation is one that was made.
type Delegation struct {
	ID  string `json:"_id"`
	Rev int64  `json:"rev"`
	Terms
	CreatedAt store.Moment `json:"createdAt"`
	CreatedBy string       `json:"createdBy"`
	// EndedAt is when it was ended before its time.
	EndedAt store.Moment `json:"endedAt,omitzero"`
	// Begun and Over say that open tasks have been told that it began, and that it is over.
	Begun bool `json:"begun"`
	Over  bool `json:"over"`
}

// until is when the delegation no longer holds.
func (d *Delegation) until() time.Time {
	if !d.EndedAt.IsZero() && d.EndedAt.Before(d.EndsAt.Time) {
		return d.EndedAt.Time
	}
	return d.EndsAt.Time
}

// Holds reports whether it holds at a moment.
func (d *Delegation) Holds(at time.Time) bool {
	return !at.Before(d.StartsAt.Time) && at.Before(d.until())
}

// Faults of delegations.
var (
	ErrInvalid = fault.Define(fault.Invalid, "delegation.invalid",
		"Some details of the delegation need to be mended.", "委托信息有需要修改的地方。")
	ErrNone = fault.Define(fault.NotFound, "delegation.none",
		"There is no such delegation.", "没有找到该委托。")
	ErrOver = fault.Define(fault.Conflict, "delegation.over",
		"This delegation is over already.", "该委托已经结束。")
)

var (
	problemPerson  = problem.Define("delegation.person", "Choose somebody who works here.", "请选择在职人员。")
	problemSelf    = problem.Define("delegation.self", "Nobody stands in for themselves. Choose somebody else.", "不能委托给本人，请选择其他人。")
	problemPeriod  = problem.Define("delegation.period", "A delegation ends after it begins, and not in the past.", "结束时间必须晚于开始时间，且不能早于现在。")
	problemLong    = problem.Define("delegation.long", "A delegation lasts a year at most. Make another one then.", "委托期限最长一年，到期后可再次委托。")
	problemScope   = problem.Define("delegation.scope", "A form or a flow belongs to an app. Name the app too.", "指定表单或流程时，请同时指定应用。")
	problemUnknown = problem.Define("delegation.unknown", "There is no such app, form or flow.", "没有这个应用、表单或流程。")
	problemOverlap = problem.Define("delegation.overlap", "{name} stands in for the same at that time already. End that delegation, or choose another period.", "该时间段内已委托给{name}（范围相同），请先结束那条委托，或调整时间。")
	problemReason  = problem.Define("delegation.reason", "At most {max} characters.", "最多 {max} 个字符。")
)

const (
	longest   = 366 * 24 * time.Hour
	maxReason = 500
)

// Service makes, ends and finds delegations.
type Service struct {
	store  store.Store
	clock  clock.Clock
	people *people.Service
	log    *slog.Logger
	ids    *id.Source
	known  func(Scope) bool

	change  sync.Mutex
	current atomic.Pointer[map[string][]*Delegation] // those not over, by From
}

// Open prepares the collection, loads what holds, and follows what other server copies change until ctx ends. changed is
// called after a change was taken over; known says whether there is what a scope names.
func Open(ctx context.Context, s store.Store, c clock.Clock, p *people.Service, log *slog.Logger, known func(Scope) bool, changed func()) (*Service, error) {
	d := &Service{store: s, clock: c, people: p, log: log, ids: id.NewSource(c), known: known}
	indexes := []store.Index{
		{Name: "from", Keys: []store.SortKey{{Path: "from"}}}, {Name: "to", Keys: []store.SortKey{{Path: "to"}}},
		{Name: "over", Keys: []store.SortKey{{Path: "over"}}},
	}
	if err := s.EnsureIndexes(ctx, Collection, indexes...); err != nil {
		return nil, fmt.Errorf("prepare %s: %w", Collection, err)
	}
	changes, err := s.Watch(ctx, Collection) // before loading: a change in between would be missed
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", Collection, err)
	}
	if err := d.reload(ctx); err != nil {
		return nil, err
	}
	go func() {
		for range changes {
			if err := d.reload(ctx); err != nil && ctx.Err() == nil {
				d.log.ErrorContext(ctx, "delegations could not be refreshed", slog.Any("error", err))
				continue
			}
			changed()
		}
	}()
	return d, nil
}

func (s *Service) reload(ctx context.Context) error {
	s.change.Lock()
	defer s.change.Unlock()
	all, err := store.LoadAll[Delegation](ctx, s.store, Collection, store.Query{Filter: store.Filter{"over": false}})
	if err != nil {
		return fmt.Errorf("load delegations: %w", err)
	}
	byFrom := map[string][]*Delegation{}
	for i := range all {
		byFrom[all[i].From] = append(byFrom[all[i].From], &all[i])
	}
	for _, list := range byFrom {
		slices.SortFunc(list, func(a, b *Delegation) int {
			return cmp.Or(b.Scope.narrowness()-a.Scope.narrowness(), b.CreatedAt.Compare(a.CreatedAt.Time), strings.Compare(a.ID, b.ID))
		})
	}
	s.current.Store(&byFrom)
	return nil
}

// To names to whom somebody has delegated what they decide on the records of a flow of a form, at a moment; "" for nobody.
// Of several that hold the narrowest counts.
func (s *Service) To(user, app, form, flow string, at time.Time) string {
	for _, d := range (*s.current.Load())[user] {
		if d.Holds(at) && d.Scope.covers(app, form, flow) {
			return d.Terms.To
		}
	}
	return ""
}

// Unsettled are the delegations of which open tasks have yet to be told, that they began or that they are over; next is when
// another one will have to be.
func (s *Service) Unsettled(now time.Time) (due []*Delegation, next time.Time) {
	for _, list := range *s.current.Load() {
		for _, d := range list {
			at := d.StartsAt.Time
			if d.Begun || !d.until().After(at) {
				at = d.until()
			}
			switch {
			case !at.After(now):
				due = append(due, d)
			case next.IsZero() || at.Before(next):
				next = at
			}
		}
	}
	slices.SortFunc(due, func(a, b *Delegation) int { return strings.Compare(a.ID, b.ID) })
	return due, next
}

// Settled notes that open tasks have been told how a delegation stands at a moment.
func (s *Service) Settled(ctx context.Context, d *Delegation, now time.Time) error {
	set := map[string]any{"begun": true}
	if !now.Before(d.until()) {
		set["over"] = true
	}
	err := s.store.Apply(ctx, store.Write{
		Op: store.OpUpdate, Collection: Collection, ID: d.ID, If: store.Filter{"rev": d.Rev}, Update: store.Update{Set: set},
	})
	if err != nil {
		return fmt.Errorf("note that delegation %s is settled: %w", d.ID, err)
	}
	return s.reload(ctx)
}

// Principals are everybody for whom somebody may stand in, themselves first: those who delegate to them, directly or through
// others, whatever the scope and period.
func (s *Service) Principals(user string) []string {
	out := []string{user}
	for i := 0; i < len(out); i++ {
		for from, list := range *s.current.Load() {
			if !slices.Contains(out, from) && slices.ContainsFunc(list, func(d *Delegation) bool { return d.Terms.To == out[i] }) {
				out = append(out, from)
			}
		}
	}
	slices.Sort(out[1:])
	return out
}
