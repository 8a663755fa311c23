package draft

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/stepwell/stepwell/builder/check"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Check says what keeps drafts of one app from being published together: everything that would be wrong with the app
// afterwards, in these and in other definitions. What keeps nothing from being published, but is likely not meant, it
// warns of.
func (s *Service) Check(ctx context.Context, app string, refs ...definition.Ref) (findings, warnings []check.Finding, err error) {
	bodies := map[definition.Ref]string{}
	for _, ref := range refs {
		d, err := s.Load(ctx, ref)
		if err != nil {
			return nil, nil, err
		}
		bodies[ref] = d.Body
	}
	set, err := s.set(ctx, app, bodies, nil)
	if err != nil {
		return nil, nil, err
	}
	return set.Run(s.checkers...), set.Warnings(), nil
}

// examine checks the app as it is in force, with some bodies put in place and some definitions taken out.
func (s *Service) examine(ctx context.Context, app string, bodies map[definition.Ref]string, without map[definition.Ref]bool) ([]check.Finding, error) {
	set, err := s.set(ctx, app, bodies, without)
	if err != nil {
		return nil, err
	}
	return set.Run(s.checkers...), nil
}

// set is the app as it would be published.
func (s *Service) set(ctx context.Context, app string, bodies map[definition.Ref]string, without map[definition.Ref]bool) (*check.Set, error) {
	drafts, err := s.List(ctx, app, "")
	if err != nil {
		return nil, err
	}
	documents := make([]check.Document, 0, len(drafts)+len(bodies))
	for _, d := range drafts {
		if _, replaced := bodies[d.Ref]; d.Published == 0 || replaced || without[d.Ref] {
			continue
		}
		v, err := s.Version(ctx, d.Ref, d.Published)
		if err != nil {
			return nil, err
		}
		documents = append(documents, check.Document{Ref: d.Ref, Body: []byte(v.Body)})
	}
	for ref, body := range bodies {
		documents = append(documents, check.Document{Ref: ref, Body: []byte(body)})
	}
	return check.Read(app, documents)
}

// problems are findings as problems of one definition: what is wrong in another one is found under its id.
func problems(ref definition.Ref, findings []check.Finding) []problem.Problem {
	out := make([]problem.Problem, len(findings))
	for i, f := range findings {
		out[i] = f.Problem
		if f.Ref != ref {
			out[i].Pointer = problem.Pointer(string(f.Ref.Kind), f.Ref.Key) + f.Pointer
		}
	}
	return out
}

// change is one definition that gets a new version in force.
type change struct {
	old, next *definition.Draft // old is nil for a new definition
	version   *definition.Version
}

// Publish puts a draft in force as a new version. The whole app is checked first: a problem anywhere in it refuses the
// publication with ErrProblems. Of two that publish at the same moment one gets ErrStale.
func (s *Service) Publish(ctx context.Context, ref definition.Ref, rev int64, note, actor string) (*definition.Version, error) {
	old, err := s.Load(ctx, ref)
	if err != nil {
		return nil, err
	}
	if err := based(ref, old, rev); err != nil {
		return nil, err
	}
	next := *old
	next.Rev++
	versions, err := s.putInForce(ctx, ref, []change{{old: old, next: &next}}, note, actor)
	if err != nil {
		return nil, err
	}
	return &versions[0], nil
}

// PublishSet puts several drafts of one app in force together, as they stand now. Those that are in force as they are
// get no new version.
func (s *Service) PublishSet(ctx context.Context, app string, refs []definition.Ref, note, actor string) ([]definition.Version, error) {
	var changes []change
	for _, ref := range refs {
		old, err := s.Load(ctx, ref)
		if err != nil {
			return nil, err
		}
		same, err := s.inForce(ctx, old, old.Body)
		if err != nil {
			return nil, err
		}
		if same {
			continue
		}
		next := *old
		next.Rev++
		changes = append(changes, change{old: old, next: &next})
	}
	if len(changes) == 0 {
		return nil, nil
	}
	return s.putInForce(ctx, definition.Ref{App: app, Kind: definition.KindApp, Key: app}, changes, note, actor)
}

// inForce reports whether exactly this text is the published version.
func (s *Service) inForce(ctx context.Context, d *definition.Draft, body string) (bool, error) {
	if d == nil || d.Published == 0 {
		return false, nil
	}
	v, err := s.Version(ctx, d.Ref, d.Published)
	if err != nil {
		return false, err
	}
	return v.Body == body, nil
}

// putInForce checks the app with the changes made, gives each a version, and writes all of it. about is what the
// problems are told of.
func (s *Service) putInForce(ctx context.Context, about definition.Ref, changes []change, note, actor string) ([]definition.Version, error) {
	turn, err := s.turn(ctx, about.App)
	if err != nil {
		return nil, err
	}
	bodies := make(map[definition.Ref]string, len(changes))
	for _, c := range changes {
		bodies[c.next.Ref] = c.next.Body
	}
	findings, err := s.examine(ctx, about.App, bodies, nil)
	if err != nil {
		return nil, err
	}
	if len(findings) > 0 {
		return nil, ErrProblems.With(problem.Params{"count": len(findings)}, problems(about, findings)...)
	}
	for i := range changes {
		if err := s.number(ctx, &changes[i], note, actor); err != nil {
			return nil, err
		}
	}
	for i := range changes {
		if err := s.pin(ctx, &changes[i], changes); err != nil {
			return nil, err
		}
	}
	if err := s.commit(ctx, turn, changes); err != nil {
		return nil, err
	}
	out := make([]definition.Version, len(changes))
	for i, c := range changes {
		out[i] = *c.version
	}
	return out, nil
}

// turnCollection holds one document for each app, replaced by every publication. Two that check the app at the same time
// would not see each other's change; the one that comes second finds that its turn is over and is refused.
const turnCollection = "publications"

// turn is the write that claims the next publication of an app.
func (s *Service) turn(ctx context.Context, app string) (store.Write, error) {
	w := store.Write{Op: store.OpInsert, Collection: turnCollection, ID: app}
	var last struct {
		Rev int64 `json:"rev"`
	}
	doc, err := s.store.Get(ctx, turnCollection, app)
	switch {
	case err == nil:
		if err := json.Unmarshal(doc, &last); err != nil {
			return w, fmt.Errorf("read publications of %s: %w", app, err)
		}
		w.Op, w.Rev = store.OpReplace, last.Rev
	case !fault.Has(err, store.ErrNotFound):
		return w, fmt.Errorf("load publications of %s: %w", app, err)
	}
	w.Doc, err = json.Marshal(map[string]any{"_id": app, "rev": last.Rev + 1, "at": store.FormatTime(s.now())})
	return w, err
}

// number gives a change its version. A version that was written and never came in force, because a server died, keeps
// its number: the next one is higher.
func (s *Service) number(ctx context.Context, c *change, note, actor string) error {
	highest := c.next.Latest
	last, err := s.versions(ctx, c.next.Ref, 1)
	if err != nil {
		return err
	}
	if len(last) > 0 {
		highest = max(highest, last[0].Number)
	}
	n := highest + 1
	c.next.Published, c.next.Latest = n, n
	c.version = &definition.Version{
		ID: definition.VersionID(c.next.Ref, n), Ref: c.next.Ref, Number: n, Body: c.next.Body,
		Note: note, PublishedAt: s.now(), PublishedBy: actor,
	}
	return nil
}

// commit writes the versions and then moves the pointers to them, what is referred to first. On a store that writes one
// after the other, a failure takes back what was written; what a dying server leaves behind is never in force, and
// publishing again completes it.
func (s *Service) commit(ctx context.Context, turn store.Write, changes []change) error {
	order := definition.Kinds()
	slices.SortStableFunc(changes, func(a, b change) int {
		return slices.Index(order, a.next.Kind) - slices.Index(order, b.next.Kind)
	})
	var inserts, pointers []store.Write
	for _, c := range changes {
		doc, err := json.Marshal(struct {
			*definition.Version
			PublishedAt store.Moment `json:"publishedAt"`
		}{c.version, store.MomentOf(c.version.PublishedAt)})
		if err != nil {
			return fmt.Errorf("encode version %s: %w", c.version.ID, err)
		}
		inserts = append(inserts, store.Write{Op: store.OpInsert, Collection: definition.VersionCollection, ID: c.version.ID, Doc: doc})
		w, err := write(c.old, c.next)
		if err != nil {
			return err
		}
		pointers = append(pointers, w)
	}
	if s.store.Transactional() {
		return raced(changes, s.store.Apply(ctx, slices.Concat([]store.Write{turn}, inserts, pointers)...))
	}
	if err := s.store.Apply(ctx, turn); err != nil {
		return raced(changes, err)
	}
	ctx = context.WithoutCancel(ctx) // whoever asked may leave; a publication that has begun is carried through
	return s.commitStepwise(ctx, changes, inserts, pointers)
}

func (s *Service) commitStepwise(ctx context.Context, changes []change, inserts, pointers []store.Write) error {
	var undo []store.Write
	for i, w := range append(inserts, pointers...) {
		err := s.store.Apply(ctx, w)
		if err == nil {
			if i < len(inserts) {
				undo = append(undo, store.Write{Op: store.OpDelete, Collection: w.Collection, ID: w.ID})
				continue
			}
			back, err := restore(changes[i-len(inserts)])
			if err != nil {
				return err
			}
			undo = append(undo, back)
			continue
		}
		slices.Reverse(undo)
		for _, back := range undo {
			if failed := s.store.Apply(ctx, back); failed != nil {
				return fmt.Errorf("take back %s after %w: %w", back.ID, err, failed)
			}
		}
		return raced(changes, err)
	}
	return nil
}

// restore is the write that takes a pointer back to where it was.
func restore(c change) (store.Write, error) {
	if c.old == nil {
		return store.Write{Op: store.OpDelete, Collection: definition.DraftCollection, ID: c.next.ID}, nil
	}
	old := *c.old
	old.Rev = c.next.Rev + 1
	return write(c.next, &old)
}

// raced gives a lost race the name that its reader understands.
func raced(changes []change, err error) error { return stale(changes[0].next.Ref, err) }

// Versions lists the versions of a definition, the newest first. Bodies are included.
func (s *Service) Versions(ctx context.Context, ref definition.Ref) ([]definition.Version, error) {
	return s.versions(ctx, ref, 0)
}

func (s *Service) versions(ctx context.Context, ref definition.Ref, limit int) ([]definition.Version, error) {
	docs, err := s.store.Find(ctx, definition.VersionCollection, store.Query{
		Filter: store.Filter{"app": ref.App, "kind": string(ref.Kind), "key": ref.Key},
		Sort:   []store.SortKey{{Path: "number", Desc: true}}, Limit: limit,
	})
	if err != nil {
		return nil, fmt.Errorf("list versions of %s: %w", ref.ID(), err)
	}
	out := make([]definition.Version, len(docs))
	for i, doc := range docs {
		if err := json.Unmarshal(doc, &out[i]); err != nil {
			return nil, fmt.Errorf("read version of %s: %w", ref.ID(), err)
		}
	}
	return out, nil
}

// Version reads one version.
func (s *Service) Version(ctx context.Context, ref definition.Ref, number int) (*definition.Version, error) {
	doc, err := s.store.Get(ctx, definition.VersionCollection, definition.VersionID(ref, number))
	if fault.Has(err, store.ErrNotFound) {
		p := params(ref)
		p["number"] = number
		return nil, ErrNoVersion.With(p)
	}
	if err != nil {
		return nil, fmt.Errorf("load version %d of %s: %w", number, ref.ID(), err)
	}
	var v definition.Version
	if err := json.Unmarshal(doc, &v); err != nil {
		return nil, fmt.Errorf("read version %d of %s: %w", number, ref.ID(), err)
	}
	return &v, nil
}

// Rollback puts the text of an earlier version in force again, as a new version, and makes it the draft.
func (s *Service) Rollback(ctx context.Context, ref definition.Ref, number int, note, actor string) (*definition.Version, error) {
	old, err := s.Load(ctx, ref)
	if err != nil {
		return nil, err
	}
	v, err := s.Version(ctx, ref, number)
	if err != nil {
		return nil, err
	}
	next := s.edit(ref, old, []byte(v.Body), actor)
	versions, err := s.putInForce(ctx, ref, []change{{old: old, next: next}}, note, actor)
	if err != nil {
		return nil, err
	}
	return &versions[0], nil
}
