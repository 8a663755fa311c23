package records

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/assignment"
	"github.com/stepwell/stepwell/runtime/engine"
	assignmentdef "github.com/stepwell/stepwell/schemas/assignment"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Pooled says that a record has no owner yet and may be claimed.
type Pooled struct {
	Assignment string       `json:"assignment"` // key of the rule that put it there
	Category   string       `json:"category"`
	Since      store.Moment `json:"since"`
}

// Claim says that the owner took the record from the pool.
type Claim struct {
	By       string       `json:"by"`
	At       store.Moment `json:"at"`
	Seq      int64        `json:"seq"` // number of the event that it was claimed with
	Category string       `json:"category"`
	// DueAt is when it goes back unless its owner has done something with it by then; zero: never.
	DueAt   store.Moment `json:"dueAt,omitzero"`
	Touched bool         `json:"touched,omitempty"`
}

// PoolIndexes are what a form needs besides Indexes when its records may be claimed.
func PoolIndexes() []store.Index {
	return []store.Index{
		{Name: "pool", Keys: []store.SortKey{{Path: "pool.assignment"}, {Path: "pool.since"}}, Present: true},
		{Name: "claim", Keys: []store.SortKey{{Path: "claim.by"}}, Present: true},
	}
}

// OwnerChange asks for another owner of a record that is there. The caller has made sure that By may do so.
type OwnerChange struct {
	Source   assignment.Source // ByClaim: By takes it; ByTakeBack: it goes back to the pool; ByReassign
	To       string            // reassign: to this person; "": by the rule
	Category string            // reassign by the rule: asks this category, whatever its condition says
	Claim    int64             // take back: the number of the claim that is meant
	DryRun   bool              // only say what would be
	Reason   string            // reassign: what the log says
}

// ErrNoRule says that nothing decides who gets the records of a form.
var ErrNoRule = fault.Define(fault.Invalid, "assignment.none", "The form {form} has no published assignment. Choose a person, or publish an assignment first.", "表单“{form}”没有已发布的分配规则，请指定人员，或先发布分配规则。")

// ErrOwner refuses an owner who cannot be one.
var ErrOwner = fault.Define(fault.Invalid, "assignment.cannotOwn", "{name} cannot own this record: they no longer work here, or their roles do not let them change it.", "{name}不能负责该记录：已停用，或其角色无权修改。")

// ownership is what was decided about who has the record from now on.
type ownership struct {
	to       string // user id; "": nobody
	pool     bool
	category string
	why      *assignment.Explanation
	proposal *assignment.Proposal
}

// named is what the log calls the command: a change of the owner has a name of its own.
func (o *ownership) named(command string) string {
	switch o.why.Source {
	case assignment.ByClaim, assignment.ByTakeBack, assignment.ByReassign:
		return string(o.why.Source)
	case assignment.ByRule: // it came with a new record
	}
	return command
}

// close lets the next record be decided about.
func (w *work) close() {
	if w.own != nil {
		w.own.proposal.Close()
	}
}

// assign asks the rule of the form who gets a new record that was sent without an owner. data is complete but for defaults and
// formulas; the owner is put into it.
func (s *Service) assign(ctx context.Context, w *work, data map[string]any) error {
	rule := w.form.Assignment
	if rule == nil || s.assigner == nil || !w.fresh || w.Command.Kind != engine.Submit || w.Owner != "" || !form.Empty(data[rule.Owner]) {
		return nil
	}
	trial := maps.Clone(data)
	vars := w.vars(s, trial)
	w.compute(trial, vars)
	p, err := s.propose(ctx, w, "", trial)
	if err != nil {
		return err
	}
	w.own = &ownership{to: p.Owner, pool: p.Pool, category: p.Why.Category, why: &p.Why, proposal: p}
	switch {
	case p.Owner != "":
		data[rule.Owner] = p.Owner
		w.rec.Owner, w.rec.Department = p.Owner, s.people.Directory().DepartmentOf(p.Owner)
		w.rec.join(p.Owner)
	case p.Pool:
		w.rec.Owner = ""
		w.Command.Kind = engine.Save // its flow begins when somebody has it
	}
	return nil
}

// propose asks the rule of the form about a record with such data.
func (s *Service) propose(ctx context.Context, w *work, category string, data map[string]any) (*assignment.Proposal, error) {
	vars := w.vars(s, data)
	p, err := s.assigner.Propose(ctx, assignment.Ask{
		App: w.App, Form: w.Form, Collection: CollectionOf(w.App, w.Form), Record: w.rec.ID, Rule: w.form.Assignment, Category: category, Now: w.now,
		Subject: assignment.Subject{Vars: vars, OwnerOf: func(link string) string { return w.linkOwners[link] }},
	})
	if err != nil {
		return nil, fmt.Errorf("assign %s: %w", w.rec.ID, err)
	}
	return p, nil
}

// change decides who gets a record that is there, and by which command. Nothing to do is done.
func (s *Service) changeOwner(ctx context.Context, w *work) (done bool, err error) {
	rec := w.rec
	w.ownedBefore = rec.Owner
	switch w.Own.Source {
	case assignment.ByClaim:
		err = s.claim(ctx, w)
	case assignment.ByTakeBack:
		c := rec.Claim
		if c == nil || c.Seq != w.Own.Claim || c.Touched || rec.Owner != c.By || rec.State.Status == engine.Ended || w.form.Assignment == nil {
			return true, nil
		}
		name := s.people.Directory().Name(c.By, s.lang)
		w.own = &ownership{pool: true, category: c.Category, why: assignment.TakenBack(w.form.Assignment, c.Category, c.By, name, c.DueAt.In(s.zone))}
	case assignment.ByReassign:
		err = s.reassign(ctx, w)
	case assignment.ByRule:
		return false, fmt.Errorf("owner of %s: a rule decides about new records only", rec.ID)
	}
	if err != nil || w.own == nil {
		return true, err
	}
	w.moves = s.command(w)
	return !w.moves, nil
}

func (s *Service) claim(ctx context.Context, w *work) error {
	rule := w.form.Assignment
	if w.rec.Pool == nil || rule == nil {
		if !s.mayRead(w.By, w.rec) && w.By != w.rec.Owner {
			return ErrNotFound.With(nil) // else the answer would tell that it exists
		}
		return assignment.ErrNotPooled.With(nil)
	}
	p, err := s.assigner.Claim(ctx, assignment.Claimant{
		App: w.App, Form: w.Form, Collection: CollectionOf(w.App, w.Form), Record: w.rec.ID, Rule: rule, User: w.By, Now: w.now,
	}, w.rec.Pool.Category)
	if err != nil {
		return err
	}
	w.own = &ownership{to: w.By, category: w.rec.Pool.Category, why: &p.Why, proposal: p}
	return nil
}

func (s *Service) reassign(ctx context.Context, w *work) error {
	d := s.people.Directory()
	by := d.Name(w.By, s.lang)
	if w.Own.To != "" {
		world := s.assigner.World(w.App, w.Form, w.now, nil)
		if name := d.Name(w.Own.To, s.lang); !d.Active(w.Own.To) || !world.MayOwn(w.Own.To) {
			return ErrOwner.With(problem.Params{"name": name})
		}
		w.own = &ownership{to: w.Own.To, why: assignment.Given(w.rec.Owner, w.Own.To, d.Name(w.Own.To, s.lang), w.By, by)}
		return nil
	}
	if w.form.Assignment == nil {
		return ErrNoRule.With(problem.Params{"form": w.form.Exec.Form.Title})
	}
	if err := s.loadLinks(ctx, w, w.rec.Data); err != nil {
		return err
	}
	p, err := s.propose(ctx, w, w.Own.Category, w.rec.Data)
	if err != nil {
		return err
	}
	w.own = &ownership{to: p.Owner, pool: p.Pool, category: p.Why.Category, why: assignment.Again(p.Why, w.rec.Owner, w.By, by), proposal: p}
	return nil
}

// command picks the command that gives the record to its new owner; false when they have it already.
func (s *Service) command(w *work) bool {
	rec, own := w.rec, w.own
	switch {
	case own.pool && rec.Pool != nil, !own.pool && (own.to == "" || own.to == rec.Owner):
		return false
	case own.pool && rec.State.Status == engine.Running:
		w.Command = engine.Command{Kind: engine.Withdraw}
		w.By = "" // the log says who asked for it, in why
	case rec.Pool != nil && rec.State.Status == engine.Draft:
		w.Command = engine.Command{Kind: engine.Submit}
	case rec.Owner == "" || own.pool:
		w.Command = engine.Command{Kind: engine.Save}
	default:
		w.Command = engine.Command{Kind: engine.HandOver, From: rec.Owner, Users: []string{own.to}}
	}
	w.Command.Reason = w.Own.Reason
	return true
}

// prepareOwner makes the change of the owner field of a record that is there. Nothing else is checked anew: what a form asks for
// today must not keep a record from getting an owner.
func (s *Service) prepareOwner(ctx context.Context, w *work) error {
	if err := s.loadLinks(ctx, w, w.rec.Data); err != nil {
		return err
	}
	next := maps.Clone(w.rec.Data)
	if next == nil {
		next = map[string]any{}
	}
	delete(next, w.form.Exec.Form.Owner)
	if w.own.to != "" {
		next[w.form.Exec.Form.Owner] = w.own.to
	}
	w.compute(next, w.vars(s, next))
	w.patch = difference(w.rec.Data, next)
	return nil
}

// owned writes into the next revision who has the record and why.
func (s *Service) owned(w *work, next *Record) error {
	if w.own == nil {
		w.keepOwned(next)
		return nil
	}
	next.Assignment, next.Pool, next.Claim = w.own.why, nil, nil
	switch {
	case w.own.pool:
		next.Owner = ""
		next.Pool = &Pooled{Assignment: w.form.Assignment.Key, Category: w.own.category, Since: store.MomentOf(w.now)}
	case w.own.why.Source == assignment.ByClaim:
		due, err := w.form.Assignment.Due(w.now, func(t assignmentdef.TakeBack, at time.Time) (time.Time, error) {
			return w.form.Calendars.Due(t.Delay().Deadline(), at)
		})
		if err != nil {
			return fmt.Errorf("when %s goes back to the pool: %w", next.ID, err)
		}
		next.Claim = &Claim{By: w.own.to, At: store.MomentOf(w.now), Seq: w.decision.After.State.Seq, Category: w.own.category}
		if !due.IsZero() {
			next.Claim.DueAt = store.CeilMoment(due)
		}
	}
	return nil
}

// keepOwned carries on what is known about the owner when a command is not about that.
func (w *work) keepOwned(next *Record) {
	if next.Owner != "" {
		next.Pool = nil
	}
	if a := next.Assignment; a != nil && a.Owner != next.Owner {
		next.Assignment = nil
	}
	c := next.Claim
	switch {
	case c == nil:
	case c.By != next.Owner:
		next.Claim = nil
	case w.By == c.By && !c.Touched:
		touched := *c
		touched.Touched = true
		next.Claim = &touched
	}
}

// tellOwner adds the notices about a change of the owner: to whoever has it now, unless a task tells them anyway, and to
// whoever no longer has it.
func (w *work) tellOwner() {
	own := w.own
	if own == nil {
		return
	}
	tell := func(cause engine.EffectCause, user string) {
		told := slices.ContainsFunc(w.decision.Effects, func(e engine.Effect) bool { return e.Cause == engine.CauseTask && slices.Contains(e.To, user) })
		if user == "" || user == w.By || told {
			return
		}
		w.decision.Effects = append(w.decision.Effects, engine.Effect{
			Key: strconv.FormatInt(w.decision.After.State.Seq, 10) + "-" + string(cause), Cause: cause, To: []string{user}, Channels: []string{},
			Text: own.why.Text,
		})
	}
	tell(engine.CauseAssigned, own.to)
	if own.why.Source != assignment.ByClaim {
		tell(engine.CauseTakenBack, w.rec.ownerBefore(w.fresh))
	}
}

// ownerBefore is who had a record that was there.
func (r *Record) ownerBefore(fresh bool) string {
	if fresh {
		return ""
	}
	return r.Owner
}

// TakeBack gives a claimed record back to the pool when its owner has not touched it.
func (s *Service) TakeBack(ctx context.Context, app, formKey, id string, claim int64) error {
	_, err := s.Do(ctx, Request{
		App: app, Form: formKey, ID: id, Via: "timer", Own: &OwnerChange{Source: assignment.ByTakeBack, Claim: claim},
	})
	if fault.Has(err, ErrNotFound) || fault.Has(err, engine.ErrWithdrawDecided) {
		return nil // it is deleted, or has gone on without its owner
	}
	return err
}

// pooled reports whether the record that is being written goes to the pool.
func (w *work) pooled() bool { return w.own != nil && w.own.pool }

// applyOwned writes a decided record, and with it what the decision about its owner moves.
func (s *Service) applyOwned(ctx context.Context, w *work, next *Record, first store.Write, follow []store.Write) error {
	if w.own == nil || w.own.proposal == nil || w.own.proposal.Write == nil {
		return s.apply(ctx, next, first, follow)
	}
	p := w.own.proposal
	if s.store.Transactional() {
		return s.apply(ctx, next, first, append([]store.Write{*p.Write}, follow...))
	}
	if err := s.store.Apply(ctx, *p.Write); err != nil {
		return err
	}
	err := s.apply(ctx, next, first, follow)
	if fault.Has(err, store.ErrDuplicate) || fault.Has(err, store.ErrConflict) || fault.Has(err, store.ErrNotFound) {
		if undone := p.Undo(context.WithoutCancel(ctx)); undone != nil {
			s.log.WarnContext(ctx, "a turn could not be given back", slog.String("record", next.ID), slog.Any("error", undone))
		}
	}
	return err
}
