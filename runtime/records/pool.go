package records

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/assignment"
	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/runtime/engine"
)

// Pool reads one page of the records of a form that wait to be claimed, those first that have waited longest. The caller has made
// sure that the person may see the pool; the fields that they may not see are left out.
func (s *Service) Pool(ctx context.Context, l Listing) (*Page, error) {
	f, err := s.catalog.Form(l.App, l.Form)
	if err != nil {
		return nil, err
	}
	v := s.sight(l.By, f)
	filter := store.And(store.Filter{"pool.assignment": map[string]any{"$gt": ""}}, v.search(l.Search))
	l.Sort = "createdAt"
	docs, next, err := s.page(ctx, l, v, filter, l.Sort, false)
	if err != nil {
		return nil, err
	}
	page, err := v.shown(Names{}).page(ctx, docs)
	if err != nil {
		return nil, err
	}
	page.Next = next
	n, err := s.Waiting(ctx, l.App, l.Form)
	page.Total = &n
	return page, err
}

// Waiting counts the records of a form that wait to be claimed.
func (s *Service) Waiting(ctx context.Context, app, formKey string) (int64, error) {
	n, err := s.store.Count(ctx, CollectionOf(app, formKey), store.Filter{"pool.assignment": map[string]any{"$gt": ""}}, countMost)
	if err != nil {
		return 0, fmt.Errorf("count the pool of %s: %w", formKey, err)
	}
	return n, nil
}

// TitleFor is what a record is called for somebody who may not see all that its title is made of.
func (s *Service) TitleFor(ctx context.Context, by string, rec *Record) (string, error) {
	f, err := s.catalog.Form(rec.App, rec.Form)
	if err != nil {
		return "", err
	}
	v := s.sight(by, f)
	see, err := v.of(ctx, rec)
	if err != nil {
		return "", err
	}
	return v.title(rec, see), nil
}

// OwnerResult is what became of the owner of a record.
type OwnerResult struct {
	Record  *Record
	From    string
	To      string // "": nobody
	Pool    bool
	Changed bool
	// Replayed: it was done before, under the same idempotency key.
	Replayed bool
	Why      *assignment.Explanation // nil when nothing was decided
}

// SetOwner carries out a request with Own.
func (s *Service) SetOwner(ctx context.Context, req Request) (*OwnerResult, error) {
	w, err := s.run(ctx, req)
	if err != nil {
		return nil, err
	}
	out := &OwnerResult{Record: w.rec, To: w.rec.Owner, Pool: w.rec.Pool != nil, Replayed: w.replayed}
	if w.own != nil {
		out.Why, out.From, out.Changed = w.own.why, w.ownedBefore, w.moves
		out.To, out.Pool = w.own.to, w.own.pool
	}
	return out, nil
}

// Subject is a record, with such data, as rules about its owner see it.
func (s *Service) Subject(ctx context.Context, rec *Record, data map[string]any) (assignment.Subject, error) {
	f, err := s.catalog.Form(rec.App, rec.Form)
	if err != nil {
		return assignment.Subject{}, err
	}
	return s.subjectOf(ctx, f, rec, data)
}

func (s *Service) subjectOf(ctx context.Context, f *catalog.Form, rec *Record, data map[string]any) (assignment.Subject, error) {
	now := rec.CreatedAt.Time
	if now.IsZero() {
		now = s.clock.Now()
	}
	w := &work{Request: Request{App: rec.App, Form: rec.Form, ID: rec.ID, By: rec.CreatedBy}, now: now, form: f, rec: rec}
	if err := s.loadLinks(ctx, w, data); err != nil {
		return assignment.Subject{}, err
	}
	return assignment.Subject{Vars: w.vars(s, data), OwnerOf: func(link string) string { return w.linkOwners[link] }}, nil
}

// Beginning is how a record was made.
type Beginning struct {
	Record *Record
	Data   map[string]any // as it was then
	Action *Action
}

// Beginnings reads how records of a form were made that somebody may see: those submitted at once that were created from one
// moment until before another, in that order, at most so many; more says that there are others.
func (s *Service) Beginnings(ctx context.Context, by, app, formKey string, from, to store.Moment, most int) (found []Beginning, more bool, err error) {
	docs, err := s.store.Find(ctx, CollectionOf(app, formKey), store.Query{
		Filter: store.Filter{"createdAt": map[string]any{"$gte": store.FormatTime(from.Time), "$lt": store.FormatTime(to.Time)}},
		Sort:   []store.SortKey{{Path: "createdAt"}}, Limit: most + 1,
	})
	if err != nil {
		return nil, false, fmt.Errorf("find records of %s: %w", formKey, err)
	}
	if more = len(docs) > most; more {
		docs = docs[:most]
	}
	ids := make([]any, 0, len(docs))
	recs := make([]*Record, 0, len(docs))
	for _, doc := range docs {
		var rec Record
		if err := json.Unmarshal(doc, &rec); err != nil {
			return nil, false, fmt.Errorf("read record: %w", err)
		}
		if s.mayRead(by, &rec) {
			recs, ids = append(recs, &rec), append(ids, rec.ID+"-a1")
		}
	}
	actions, err := s.first(ctx, ids)
	if err != nil {
		return nil, false, err
	}
	for _, rec := range recs {
		act := actions[rec.ID]
		if act == nil || act.Command != string(engine.Submit) && act.Assignment == nil {
			continue // it was begun as a draft
		}
		b := Beginning{Record: rec, Action: act, Data: map[string]any{}}
		for _, ev := range act.Events {
			maps.Copy(b.Data, ev.Set)
		}
		found = append(found, b)
	}
	return found, more, nil
}

// first loads actions by id, by their record.
func (s *Service) first(ctx context.Context, ids []any) (map[string]*Action, error) {
	out := make(map[string]*Action, len(ids))
	const part = 500
	for len(ids) > 0 {
		n := min(part, len(ids))
		found, err := store.LoadAll[Action](ctx, s.store, ActionCollection, store.Query{Filter: store.Filter{"_id": map[string]any{"$in": ids[:n]}}})
		if err != nil {
			return nil, fmt.Errorf("read how records were made: %w", err)
		}
		for i := range found {
			out[found[i].Record] = &found[i]
		}
		ids = ids[n:]
	}
	return out, nil
}
