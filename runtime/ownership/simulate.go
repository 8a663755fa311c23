package ownership

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/assignment"
	"github.com/stepwell/stepwell/runtime/records"
	assignmentdef "github.com/stepwell/stepwell/schemas/assignment"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/form"
)

// mostTried bounds how many records a simulation looks at.
const mostTried = 2000

// Faults of a simulation.
var (
	ErrNotReady = fault.Define(fault.Invalid, "simulate.notReady", "This assignment cannot be tried yet. Mend it first.", "该分配规则还不能试算，请先修改。")
	ErrPeriod   = fault.Define(fault.Invalid, "simulate.period", "The period must end after it begins.", "结束时间必须晚于开始时间。")
)

// Simulation tries a rule, published or not, on the records that were made in a period, as they were then; or with Data on one
// that is only thought of.
type Simulation struct {
	App        string
	Definition *assignmentdef.Assignment
	Version    int // of the definition; 0: a draft
	From, To   store.Moment
	Data       map[string]any
	By         string
}

// Tried is one record of a simulation.
type Tried struct {
	ID            string          `json:"id,omitempty"`
	Title         string          `json:"title,omitempty"`
	CreatedAt     store.Moment    `json:"createdAt,omitzero"`
	Category      string          `json:"category,omitempty"`
	CategoryTitle definition.Text `json:"categoryTitle,omitempty"`
	Owner         string          `json:"owner,omitempty"` // who would have got it
	Pool          bool            `json:"pool,omitempty"`
	Text          definition.Text `json:"text"` // why
	Was           *Was            `json:"was,omitempty"`
	Differs       bool            `json:"differs,omitempty"`
}

// Was is what happened to a record when it was made.
type Was struct {
	Owner string          `json:"owner,omitempty"`
	Pool  bool            `json:"pool,omitempty"`
	Rule  bool            `json:"rule"` // a rule had decided; else it came with its owner
	Text  definition.Text `json:"text,omitempty"`
}

// Total is how many records one person would have got, and got.
type Total struct {
	Owner string `json:"owner"` // "": nobody
	Pool  bool   `json:"pool,omitempty"`
	Would int    `json:"would"`
	Was   int    `json:"was"`
}

// Report is the outcome of a simulation.
type Report struct {
	Items       []Tried `json:"items"`
	Totals      []Total `json:"totals"`
	Differences int     `json:"differences"`
	// More: there were more records in the period than are looked at.
	More bool `json:"more"`
}

// Simulate says who would have got the records. Turns begin at the first record; loads are those of today, and grow by what the
// simulation gives. Links are followed as they are today.
func (s *Service) Simulate(ctx context.Context, sim Simulation) (*Report, error) {
	f, err := s.catalog.Form(sim.App, sim.Definition.Form)
	if err != nil {
		return nil, err
	}
	forms := map[string]*form.Form{}
	for _, other := range f.App.Forms() {
		forms[other.Key] = other.Exec.Form
	}
	roles := []string{}
	for _, r := range f.App.Roles {
		roles = append(roles, r.Key)
	}
	problems := sim.Definition.Check(forms, roles)
	rule, wrong := assignment.Compile(sim.Definition, sim.Version, f.Exec.Form.Owner, f.Env)
	if problems = append(problems, wrong...); len(problems) > 0 {
		return nil, ErrNotReady.With(nil, problems...)
	}
	try := s.newTrial(ctx, sim.App, f.Key, records.CollectionOf(sim.App, f.Key), rule, nil)
	out := &Report{Items: []Tried{}}
	if sim.Data != nil {
		rec := &records.Record{App: sim.App, Form: f.Key, CreatedBy: sim.By, CreatedAt: store.MomentOf(s.clock.Now())}
		one, err := s.try(ctx, try, rec, sim.Data, rule)
		if err != nil {
			return nil, err
		}
		one.CreatedAt = store.Moment{}
		out.Items = append(out.Items, one)
		out.sum()
		return out, nil
	}
	if !sim.To.After(sim.From.Time) {
		return nil, ErrPeriod.With(nil, ErrPeriod.At("/to", nil))
	}
	begun, more, err := s.records.Beginnings(ctx, sim.By, sim.App, f.Key, sim.From, sim.To, mostTried)
	if err != nil {
		return nil, err
	}
	out.More = more
	for _, b := range begun {
		one, err := s.try(ctx, try, b.Record, b.Data, rule)
		if err == nil {
			one.Title, err = s.records.TitleFor(ctx, sim.By, b.Record)
		}
		if err != nil {
			return nil, err
		}
		one.Was = was(b, rule.Owner)
		one.Differs = one.Was.Owner != one.Owner || one.Was.Pool != one.Pool
		out.Items = append(out.Items, one)
	}
	out.sum()
	return out, nil
}

func (s *Service) try(ctx context.Context, try *trial, rec *records.Record, data map[string]any, rule *assignment.Rule) (Tried, error) {
	data = maps.Clone(data)
	delete(data, rule.Owner)
	subject, err := s.records.Subject(ctx, rec, data)
	if err != nil {
		return Tried{}, err
	}
	d, err := try.decide(subject, "", rec.CreatedAt.Time)
	if err != nil {
		return Tried{}, err
	}
	return Tried{
		ID: rec.ID, CreatedAt: rec.CreatedAt, Category: d.Why.Category, CategoryTitle: d.Why.CategoryTitle,
		Owner: d.Owner, Pool: d.Pool, Text: d.Why.Text,
	}, nil
}

// was is what happened when a record was made.
func was(b records.Beginning, ownerField string) *Was {
	if why := b.Action.Assignment; why != nil && (why.Owner != "" || why.Pool) {
		return &Was{Owner: why.Owner, Pool: why.Pool, Rule: true, Text: why.Text}
	}
	owner, _ := b.Data[ownerField].(string)
	return &Was{Owner: owner}
}

// sum adds up the records of each person.
func (r *Report) sum() {
	totals := map[Total]*Total{}
	at := func(owner string, pool bool) *Total {
		key := Total{Owner: owner, Pool: pool}
		if totals[key] == nil {
			totals[key] = &Total{Owner: owner, Pool: pool}
		}
		return totals[key]
	}
	for _, one := range r.Items {
		at(one.Owner, one.Pool).Would++
		if one.Was != nil {
			at(one.Was.Owner, one.Was.Pool).Was++
		}
		if one.Differs {
			r.Differences++
		}
	}
	r.Totals = []Total{}
	for _, t := range totals {
		r.Totals = append(r.Totals, *t)
	}
	slices.SortFunc(r.Totals, func(a, b Total) int {
		return cmp.Or(cmp.Compare(b.Would, a.Would), cmp.Compare(b.Was, a.Was), strings.Compare(a.Owner, b.Owner))
	})
}
