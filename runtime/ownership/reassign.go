package ownership

import (
	"context"
	"fmt"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/runtime/access"
	"github.com/stepwell/stepwell/runtime/assignment"
	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/runtime/records"
	"github.com/stepwell/stepwell/schemas/problem"
	"github.com/stepwell/stepwell/schemas/role"
)

// PartSize is how many records one call reassigns at most. Whoever has more sends them in parts.
const PartSize = 200

// ErrMany refuses more records than a call takes.
var ErrMany = fault.Define(fault.Invalid, "reassign.many", "Send 1 to {most} records at a time.", "每次请提交 1 到 {most} 条记录。")

// Reassignment gives records to somebody else.
type Reassignment struct {
	App, Form string
	IDs       []string
	To        string // user id; "": by the rule of the form
	Category  string // by the rule: the strategies of this category; "": the category that takes the record
	DryRun    bool   // only tell what would be
	By        string
	Via       string
	Key       string // idempotency key of the whole: what was done under it is not done again
	Reason    string
}

// State says what became of one record.
type State string

// The states.
const (
	Done   State = "done"
	Same   State = "same"   // they had it already, or nobody was found
	Failed State = "failed" // refused, see Problem
)

// Result is what became of one record.
type Result struct {
	ID      string                  `json:"id"`
	Title   string                  `json:"title,omitempty"`
	State   State                   `json:"state"`
	From    string                  `json:"from,omitempty"`
	To      string                  `json:"to,omitempty"`
	Pool    bool                    `json:"pool,omitempty"`
	Why     *assignment.Explanation `json:"why,omitempty"`
	Problem *fault.Error            `json:"-"`
}

// Reassign gives each of the records to somebody else, one by one: what is refused is told and does not hold up the others. An
// error means that the product failed half-way; the same request goes on from there.
func (s *Service) Reassign(ctx context.Context, r Reassignment) ([]Result, error) {
	if len(r.IDs) == 0 || len(r.IDs) > PartSize {
		return nil, ErrMany.With(problem.Params{"most": PartSize})
	}
	f, err := s.catalog.Form(r.App, r.Form)
	if err != nil {
		return nil, err
	}
	try, err := s.rehearsal(ctx, r, f)
	if err != nil {
		return nil, err
	}
	out := make([]Result, 0, len(r.IDs))
	for _, id := range r.IDs {
		one, err := s.one(ctx, r, id, try)
		refused, isFault := fault.As(err)
		switch {
		case err == nil:
		case !isFault || refused.Code.Kind == fault.Internal || refused.Code.Kind == fault.Unavailable:
			return nil, fmt.Errorf("reassign %s: %w", id, err)
		default:
			one.State, one.Problem = Failed, refused
		}
		out = append(out, one)
	}
	return out, nil
}

// rehearsal is what a dry run by the rule decides with; nil when none is needed.
func (s *Service) rehearsal(ctx context.Context, r Reassignment, f *catalog.Form) (*trial, error) {
	if !r.DryRun || r.To != "" {
		return nil, nil //nolint:nilnil // nothing is tried
	}
	if f.Assignment == nil {
		return nil, records.ErrNoRule.With(problem.Params{"form": f.Exec.Form.Title})
	}
	counters, err := s.assigner.Counters(ctx, r.App, f.Assignment.Key)
	if err != nil {
		return nil, err
	}
	return s.newTrial(ctx, r.App, r.Form, records.CollectionOf(r.App, r.Form), f.Assignment, counters), nil
}

func (s *Service) one(ctx context.Context, r Reassignment, id string, try *trial) (Result, error) {
	out := Result{ID: id}
	rec, err := s.records.Get(ctx, r.By, r.App, r.Form, id)
	if err != nil {
		return out, err
	}
	if out.Title, err = s.records.TitleFor(ctx, r.By, rec); err != nil {
		return out, err
	}
	out.From = rec.Owner
	if !s.records.May(r.By, role.Assign, rec) {
		return out, access.Forbidden(role.Assign)
	}
	if try != nil {
		return s.rehearse(ctx, r, rec, out, try)
	}
	req := records.Request{
		App: r.App, Form: r.Form, ID: id, By: r.By, Via: r.Via,
		Own: &records.OwnerChange{Source: assignment.ByReassign, To: r.To, Category: r.Category, DryRun: r.DryRun, Reason: r.Reason},
	}
	if r.Key != "" {
		req.Key = r.Key + "/" + id
	}
	done, err := s.records.SetOwner(ctx, req)
	if err != nil {
		return out, err
	}
	out.To, out.Pool, out.Why, out.State = done.To, done.Pool, done.Why, Same
	if done.Changed || done.Replayed {
		out.State = Done
	}
	return out, nil
}

func (s *Service) rehearse(ctx context.Context, r Reassignment, rec *records.Record, out Result, try *trial) (Result, error) {
	out.State = Same
	subject, err := s.records.Subject(ctx, rec, rec.Data)
	if err != nil {
		return out, err
	}
	d, err := try.decide(subject, r.Category, s.clock.Now())
	if err != nil {
		return out, err
	}
	out.To, out.Pool, out.Why = d.Owner, d.Pool, &d.Why
	if d.Owner != "" && d.Owner != rec.Owner || d.Pool && rec.Pool == nil {
		out.State = Done
	}
	return out, nil
}
