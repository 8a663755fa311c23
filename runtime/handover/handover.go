// Package handover passes everything on that somebody who leaves has: open tasks, records, delegations. What names them in
// definitions and in the directory is found and told, for an admin to change.
//
// It goes a part at a time, each record by itself and through the record pipeline, so that it may be stopped and repeated at
// will: what has been passed on is not found again.
package handover

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/runtime/people/audit"
	"github.com/stepwell/stepwell/runtime/people/delegation"
	"github.com/stepwell/stepwell/runtime/records"
	"github.com/stepwell/stepwell/runtime/tasks"
	"github.com/stepwell/stepwell/schemas/problem"
)

// What is handed over.
type What string

// The kinds of things that people leave behind.
const (
	Tasks       What = "tasks"       // their parts of open tasks
	Records     What = "records"     // records that they own
	Delegations What = "delegations" // those given end; those taken go to the new person
)

// All is everything.
func All() []What { return []What{Tasks, Records, Delegations} }

// PartSize is how many records one call passes on at most.
const PartSize = 200

// Faults of handing over.
var (
	ErrPerson = fault.Define(fault.Invalid, "handover.person",
		"Choose somebody who works here, and not the same person.", "请选择其他在职人员。")
	ErrWhat = fault.Define(fault.Invalid, "handover.what",
		"“{value}” cannot be handed over. Choose {known}.", "不能交接“{value}”，请选择：{known}。")
)

// Request says what goes from whom to whom.
type Request struct {
	From, To string
	What     []What // none: All
	DryRun   bool   // only tell what would be passed on
	Reason   string
	By       audit.Actor
}

// Item is one record with what of it is passed on.
type Item struct {
	App    string   `json:"app"`
	Form   string   `json:"form"`
	Record string   `json:"record"`
	Title  string   `json:"title"`
	Owned  bool     `json:"owned,omitempty"` // the record itself
	Tasks  []string `json:"tasks,omitempty"` // ids of open tasks
}

// Failure is one record that could not be passed on.
type Failure struct {
	Item
	Problem *fault.Error `json:"-"`
}

// Reference is a place of a definition that names the person. Nothing changes there by itself.
type Reference struct {
	App     string `json:"app"`
	Kind    string `json:"kind"`
	Key     string `json:"key"`
	Version int    `json:"version,omitempty"` // of what is published; 0: the draft
	Pointer string `json:"pointer"`
}

// Report is what was passed on, or would be.
type Report struct {
	From        string                  `json:"from"`
	To          string                  `json:"to"`
	DryRun      bool                    `json:"dryRun"`
	Items       []Item                  `json:"items"`
	Failed      []Failure               `json:"-"`
	Ended       []delegation.Delegation `json:"-"` // that they had given
	Moved       []delegation.Delegation `json:"-"` // that they had taken
	References  []Reference             `json:"references"`
	Departments []string                `json:"departments"` // that they head
	Reports     []string                `json:"reports"`     // whose direct manager they are
	// Done: nothing is left. Else the same request goes on.
	Done bool `json:"done"`
}

// Service hands over.
type Service struct {
	store       store.Store
	catalog     *catalog.Catalog
	records     *records.Service
	people      *people.Service
	delegations *delegation.Service
	log         *slog.Logger
}

// New makes the service.
func New(s store.Store, c *catalog.Catalog, r *records.Service, p *people.Service, d *delegation.Service, log *slog.Logger) *Service {
	return &Service{store: s, catalog: c, records: r, people: p, delegations: d, log: log}
}

// HandOver passes on a part of what somebody has, or tells what there is.
func (s *Service) HandOver(ctx context.Context, req Request) (*Report, error) {
	if len(req.What) == 0 {
		req.What = All()
	}
	if err := s.check(req); err != nil {
		return nil, err
	}
	out := &Report{From: req.From, To: req.To, DryRun: req.DryRun, Items: []Item{}, References: []Reference{}, Departments: []string{}, Reports: []string{}}
	found, more, err := s.find(ctx, req)
	if err != nil {
		return nil, err
	}
	for _, item := range found {
		if req.DryRun {
			out.Items = append(out.Items, item)
			continue
		}
		if err := s.pass(ctx, req, item, out); err != nil {
			return nil, err
		}
	}
	out.Done = !more || (!req.DryRun && len(out.Items) == 0) // what is refused again and again is not tried for ever
	if slices.Contains(req.What, Delegations) {
		if err := s.passDelegations(ctx, req, out); err != nil {
			return nil, err
		}
	}
	if out.References, err = s.references(ctx, req.From); err != nil {
		return nil, err
	}
	s.directory(req.From, out)
	if req.DryRun {
		return out, nil
	}
	err = s.people.Audit().Append(ctx, req.By, "user.handedOver", req.From, audit.Done, map[string]any{
		"to": req.To, "what": req.What, "records": len(out.Items), "failed": len(out.Failed), "delegations": len(out.Ended) + len(out.Moved),
		"done": out.Done,
	})
	return out, err
}

func (s *Service) check(req Request) error {
	d := s.people.Directory()
	if _, ok := d.User(req.From); !ok {
		return people.ErrNoUser.With(nil)
	}
	if !d.Active(req.To) || req.To == req.From {
		return ErrPerson.With(nil, ErrPerson.At("/to", nil))
	}
	for _, w := range req.What {
		if !slices.Contains(All(), w) {
			params := problem.Params{"value": string(w), "known": []string{string(Tasks), string(Records), string(Delegations)}}
			return ErrWhat.With(params, ErrWhat.At("/what", params))
		}
	}
	return nil
}

// pass hands one record over. One that is refused is told, and does not hold up the others.
func (s *Service) pass(ctx context.Context, req Request, item Item, out *Report) error {
	changed, err := s.records.HandOver(ctx, records.HandOverRequest{
		App: item.App, Form: item.Form, ID: item.Record, By: req.By.User, From: req.From, To: req.To, Reason: req.Reason,
		Owner: slices.Contains(req.What, Records), Tasks: slices.Contains(req.What, Tasks),
	})
	f, isFault := fault.As(err)
	switch {
	case err == nil && changed:
		out.Items = append(out.Items, item)
	case err == nil, isFault && f.Code.Kind == fault.NotFound:
	case !isFault || f.Code.Kind == fault.Internal || f.Code.Kind == fault.Unavailable:
		return fmt.Errorf("hand over record %s: %w", item.Record, err)
	default:
		s.log.WarnContext(ctx, "a record cannot be handed over", slog.String("record", item.Record), slog.Any("error", err))
		out.Failed = append(out.Failed, Failure{Item: item, Problem: f})
	}
	return nil
}

// find is the next part of what somebody has; more says that there is another one.
func (s *Service) find(ctx context.Context, req Request) (found []Item, more bool, err error) {
	byRecord := map[string]*Item{}
	var order []string
	at := func(app, form, record, title string) *Item {
		if byRecord[record] == nil {
			byRecord[record] = &Item{App: app, Form: form, Record: record, Title: title}
			order = append(order, record)
		}
		return byRecord[record]
	}
	if slices.Contains(req.What, Tasks) {
		open, err := store.LoadAll[tasks.Task](ctx, s.store, tasks.Collection, store.Query{
			Filter: store.Filter{"assignees": req.From, "state": string(tasks.Open)}, Sort: []store.SortKey{{Path: "_id"}}, Limit: PartSize + 1,
		})
		if err != nil {
			return nil, false, fmt.Errorf("find the tasks of %s: %w", req.From, err)
		}
		for _, t := range open {
			if t.Undecided(req.From) {
				item := at(t.App, t.Form, t.Record, t.RecordTitle)
				item.Tasks = append(item.Tasks, t.ID)
			}
		}
		more = len(open) > PartSize
	}
	if slices.Contains(req.What, Records) {
		owned, another, err := s.owned(ctx, req.From)
		if err != nil {
			return nil, false, err
		}
		for _, rec := range owned {
			at(rec.App, rec.Form, rec.ID, rec.Title).Owned = true
		}
		more = more || another
	}
	for _, record := range order {
		found = append(found, *byRecord[record])
	}
	if len(found) > PartSize {
		return found[:PartSize], true, nil
	}
	return found, more, nil
}

// owned are the first records of every form that belong to somebody.
func (s *Service) owned(ctx context.Context, user string) (found []records.Record, more bool, err error) {
	for _, app := range s.catalog.Apps() {
		for _, f := range app.Forms() {
			docs, err := s.store.Find(ctx, records.CollectionOf(app.Key, f.Key), store.Query{
				Filter: store.Filter{"owner": user}, Sort: []store.SortKey{{Path: "_id"}}, Limit: PartSize + 1 - len(found),
				Fields: []string{"app", "form", "title"},
			})
			if err != nil {
				return nil, false, fmt.Errorf("find the records of %s: %w", user, err)
			}
			for _, doc := range docs {
				var rec records.Record
				if err := json.Unmarshal(doc, &rec); err != nil {
					return nil, false, fmt.Errorf("read record: %w", err)
				}
				found = append(found, rec)
			}
			if len(found) > PartSize {
				return found, true, nil
			}
		}
	}
	return found, false, nil
}

// passDelegations ends what somebody has delegated, and gives what was delegated to them to the new person.
func (s *Service) passDelegations(ctx context.Context, req Request, out *Report) error {
	given, taken, err := s.delegations.Of(ctx, req.From)
	if err != nil {
		return err
	}
	out.Ended, out.Moved = given, taken
	if req.DryRun {
		return nil
	}
	for _, d := range given {
		if _, err := s.delegations.End(ctx, req.By, d.ID); err != nil && !fault.Has(err, delegation.ErrOver) {
			return err
		}
	}
	for _, d := range taken {
		if _, err := s.delegations.End(ctx, req.By, d.ID); err != nil && !fault.Has(err, delegation.ErrOver) {
			return err
		}
		terms := d.Terms
		terms.To = req.To
		if terms.From == req.To {
			continue // nobody stands in for themselves
		}
		if _, err := s.delegations.Create(ctx, req.By, terms); err != nil && !fault.Has(err, delegation.ErrInvalid) {
			return err
		}
	}
	return nil
}
