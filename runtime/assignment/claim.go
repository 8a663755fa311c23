package assignment

import (
	"context"
	"slices"
	"time"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/schemas/assignment"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Faults of claiming.
var (
	ErrNotClaimer = fault.Define(fault.Forbidden, "pool.notYours", "You may not claim from this pool.", "您不能从该公共池领取。")
	ErrClaimOpen  = fault.Define(fault.Conflict, "pool.open", "You have {open} claimed records open, and {limit} is the limit. Finish one first.", "您已领取 {open} 条未办结的记录，上限为 {limit} 条，请先处理完再领取。")
	ErrClaimDay   = fault.Define(fault.Conflict, "pool.day", "You have claimed {n} records today, and {limit} is the limit. Come back tomorrow.", "您今天已领取 {n} 条，每天上限为 {limit} 条，请明天再来。")
	ErrFull       = fault.Define(fault.Conflict, "pool.full", "You have {open} open records, and {limit} is the limit. Finish one first.", "您名下有 {open} 条未办结的记录，上限为 {limit} 条，请先处理完再领取。")
	ErrNotPooled  = fault.Define(fault.Conflict, "pool.gone", "Somebody else has claimed this record already.", "该记录已被他人领取。")
)

// Allowance is what somebody may still claim from a pool.
type Allowance struct {
	May       bool `json:"may"` // one more, now
	Open      int  `json:"open"`
	MaxOpen   int  `json:"maxOpen,omitempty"`
	Today     int  `json:"today"`
	MaxPerDay int  `json:"maxPerDay,omitempty"`
}

// Claimant is somebody who looks at a pool.
type Claimant struct {
	App, Form  string
	Collection string // where the records of the form are
	Record     string // claim: the record
	Rule       *Rule
	User       string
	Now        time.Time
}

// MayClaim reports whether somebody's roles let them claim from the pool of a rule.
func (a *Assigner) MayClaim(r *Rule, app, user string) bool {
	d := a.people.Directory()
	pool := r.Def.Pool
	return pool != nil && d.Active(user) && slices.ContainsFunc(pool.Roles, func(role string) bool { return slices.Contains(d.WithRole(app, role), user) })
}

// Allowance says what somebody may still claim.
func (a *Assigner) Allowance(ctx context.Context, c Claimant) (Allowance, error) {
	st, err := a.load(ctx, StateID(c.App, c.Rule.Key))
	if err != nil {
		return Allowance{}, err
	}
	out, refusal, err := a.allowance(ctx, c, st)
	out.May = err == nil && refusal == nil
	return out, err
}

func (a *Assigner) allowance(ctx context.Context, c Claimant, st *state) (out Allowance, refusal, err error) {
	pool := c.Rule.Def.Pool
	if !a.MayClaim(c.Rule, c.App, c.User) {
		return out, ErrNotClaimer.With(nil), nil
	}
	out.MaxOpen, out.MaxPerDay = pool.MaxOpen, pool.MaxPerDay
	claimed, err := a.counted(ctx, c.Collection, "claim.by", []string{c.User}, st.Tickets, func(t ticket) bool { return t.Claim && t.User == c.User })
	if err != nil {
		return out, nil, err
	}
	out.Open, out.Today = claimed[c.User], st.today(c, a.zone)
	switch {
	case pool.MaxOpen > 0 && out.Open >= pool.MaxOpen:
		return out, ErrClaimOpen.With(problem.Params{"open": out.Open, "limit": pool.MaxOpen}), nil
	case pool.MaxPerDay > 0 && out.Today >= pool.MaxPerDay:
		return out, ErrClaimDay.With(problem.Params{"n": out.Today, "limit": pool.MaxPerDay}), nil
	}
	limit := c.Rule.Def.Capacity.Of(c.User)
	if limit == 0 {
		return out, nil, nil
	}
	loads, err := a.loads(ctx, c.Collection, []string{c.User}, st.Tickets)
	if err == nil && loads[c.User] >= limit {
		refusal = ErrFull.With(problem.Params{"open": loads[c.User], "limit": limit})
	}
	return out, refusal, err
}

func (st *state) today(c Claimant, zone *time.Location) int {
	if mine := st.Claims[c.User]; mine.Day == c.Now.In(zone).Format(time.DateOnly) {
		return mine.N
	}
	return 0
}

// Claim proposes that somebody takes a record from the pool, or says which limit forbids it.
func (a *Assigner) Claim(ctx context.Context, c Claimant, category string) (*Proposal, error) {
	p := &Proposal{assigner: a, id: StateID(c.App, c.Rule.Key)}
	unlock, err := a.turns.lock(ctx, p.id)
	if err != nil {
		return nil, err
	}
	p.unlock = unlock
	if err := a.claim(ctx, c, category, p); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

func (a *Assigner) claim(ctx context.Context, c Claimant, category string, p *Proposal) error {
	st, err := a.load(ctx, p.id)
	if err != nil {
		return err
	}
	p.Owner, p.Why = c.User, *Claimed(c.Rule, category, c.User, a.people.Directory().Name(c.User, "zh-CN"))
	if slices.ContainsFunc(st.Tickets, func(t ticket) bool { return t.Claim && t.Record == c.Record && t.User == c.User }) {
		return nil // counted before the server died
	}
	_, refusal, err := a.allowance(ctx, c, st)
	if err != nil {
		return err
	}
	if refusal != nil {
		return refusal
	}
	if st.Claims == nil {
		st.Claims = map[string]claims{}
	}
	day := c.Now.In(a.zone).Format(time.DateOnly)
	for user, had := range st.Claims {
		if had.Day != day {
			delete(st.Claims, user)
		}
	}
	st.Claims[c.User] = claims{Day: day, N: st.Claims[c.User].N + 1}
	p.ticket = &ticket{Record: c.Record, User: c.User, At: store.MomentOf(c.Now), Claim: true}
	return a.keep(p, st, c.Now)
}

// Due is when a record that is claimed at a moment goes back to the pool, untouched; zero when it does not.
func (r *Rule) Due(at time.Time, count func(assignment.TakeBack, time.Time) (time.Time, error)) (time.Time, error) {
	if r.Def.Pool == nil || r.Def.Pool.TakeBack == nil {
		return time.Time{}, nil
	}
	return count(*r.Def.Pool.TakeBack, at)
}
