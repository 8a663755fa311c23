// Package draft keeps definitions while they are edited and puts them in force: drafts, checks, immutable versions,
// roll-back, and the installation of whole apps.
package draft

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/stepwell/stepwell/builder/check"
	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Faults of drafts.
var (
	ErrNotFound  = fault.Define(fault.NotFound, "definition.notFound", "There is no {kind} {key} in the app {app}.", "应用 {app} 中没有 {kind}“{key}”。")
	ErrNoVersion = fault.Define(fault.NotFound, "definition.noVersion", "The {kind} {key} has no version {number}.", "{kind}“{key}”没有第 {number} 版。")
	ErrStale     = fault.Define(fault.Stale, "definition.stale", "Somebody else changed the {kind} {key} after you opened it. Load it again and repeat your change.", "在您打开之后，其他人修改了{kind}“{key}”，请重新载入后再改。")
	ErrExists    = fault.Define(fault.Conflict, "definition.exists", "The app has a {kind} {key} already. Open it, or choose another key.", "应用中已有 {kind}“{key}”，请打开它，或换一个标识。")
	ErrProblems  = fault.Define(fault.Invalid, "definition.problems", "This cannot be published yet: {count} problems.", "暂时不能发布：有 {count} 个问题需要处理。")
	ErrInUse     = fault.Define(fault.Conflict, "definition.inUse", "The {kind} {key} cannot be deleted: other definitions need it.", "无法删除{kind}“{key}”：其他定义正在使用它。")
)

// Rev values of a request that names no revision.
const (
	NewRev = 0  // there must be none yet
	AnyRev = -1 // whatever is there
)

// Service edits and publishes definitions. It is safe for concurrent use, by several server copies too.
type Service struct {
	store    store.Store
	clock    clock.Clock
	checkers []check.Func
}

// New makes the service. checkers look at an app before it is published, besides what builder/check finds.
func New(s store.Store, c clock.Clock, checkers ...check.Func) *Service {
	return &Service{store: s, clock: c, checkers: checkers}
}

// Indexes are what the collections of definitions need.
func Indexes() map[string][]store.Index {
	keys := func(paths ...string) []store.SortKey {
		out := make([]store.SortKey, len(paths))
		for i, p := range paths {
			out[i] = store.SortKey{Path: p}
		}
		return out
	}
	return map[string][]store.Index{
		definition.DraftCollection: {
			{Name: "app", Keys: keys("app", "kind", "key")},
			{Name: "kind", Keys: keys("kind", "published")},
		},
		definition.VersionCollection: {
			{Name: "number", Keys: keys("app", "kind", "key", "number"), Unique: true},
		},
		turnCollection: nil,
	}
}

// Load reads a draft.
func (s *Service) Load(ctx context.Context, ref definition.Ref) (*definition.Draft, error) {
	d, err := s.find(ctx, ref)
	if err != nil {
		return nil, err
	}
	if d == nil || d.Deleted {
		return nil, ErrNotFound.With(params(ref))
	}
	return d, nil
}

// find reads a draft, also a deleted one; nil when there never was one.
func (s *Service) find(ctx context.Context, ref definition.Ref) (*definition.Draft, error) {
	doc, err := s.store.Get(ctx, definition.DraftCollection, ref.ID())
	if fault.Has(err, store.ErrNotFound) {
		return nil, nil //nolint:nilnil // none is an answer here: Load and Save read it differently
	}
	if err != nil {
		return nil, fmt.Errorf("load draft %s: %w", ref.ID(), err)
	}
	return decode(doc)
}

func decode(doc store.Doc) (*definition.Draft, error) {
	var d definition.Draft
	if err := json.Unmarshal(doc, &d); err != nil {
		return nil, fmt.Errorf("read draft: %w", err)
	}
	return &d, nil
}

// List reads the drafts of an app, all or of one kind, in the order of kinds and keys.
func (s *Service) List(ctx context.Context, app string, kind definition.Kind) ([]definition.Draft, error) {
	filter := store.Filter{"app": app}
	if kind != "" {
		filter["kind"] = string(kind)
	}
	docs, err := s.store.Find(ctx, definition.DraftCollection, store.Query{
		Filter: filter, Sort: []store.SortKey{{Path: "kind"}, {Path: "key"}},
	})
	if err != nil {
		return nil, fmt.Errorf("list drafts of %s: %w", app, err)
	}
	out := make([]definition.Draft, 0, len(docs))
	for _, doc := range docs {
		d, err := decode(doc)
		if err != nil {
			return nil, err
		}
		if !d.Deleted {
			out = append(out, *d)
		}
	}
	return out, nil
}

// Save keeps a draft. rev is the revision it is based on: NewRev for a new one, AnyRev to overwrite. Only what could not
// even be read is refused; the rest waits for Check and Publish.
func (s *Service) Save(ctx context.Context, ref definition.Ref, body []byte, rev int64, actor string) (*definition.Draft, error) {
	if err := check.Lenient(check.Document{Ref: ref, Body: body}); err != nil {
		return nil, err
	}
	old, err := s.find(ctx, ref)
	if err != nil {
		return nil, err
	}
	if err := based(ref, old, rev); err != nil {
		return nil, err
	}
	next := s.edit(ref, old, body, actor)
	if err := s.replace(ctx, old, next); err != nil {
		return nil, err
	}
	return next, nil
}

// based reports whether a request that names rev may change what is stored.
func based(ref definition.Ref, old *definition.Draft, rev int64) error {
	gone := old == nil || old.Deleted
	switch {
	case rev == NewRev && !gone:
		return ErrExists.With(params(ref))
	case rev > 0 && gone:
		return ErrNotFound.With(params(ref))
	case rev > 0 && old.Rev != rev:
		return ErrStale.With(params(ref))
	}
	return nil
}

// edit is the draft with a new body.
func (s *Service) edit(ref definition.Ref, old *definition.Draft, body []byte, actor string) *definition.Draft {
	next := definition.Draft{ID: ref.ID(), Ref: ref}
	if old != nil {
		next = *old
	}
	next.Rev++
	next.Body, next.Deleted = string(body), false
	next.UpdatedAt, next.UpdatedBy = s.now(), actor
	return &next
}

func (s *Service) now() time.Time { return s.clock.Now().UTC().Truncate(time.Millisecond) }

// replace writes a draft over the one it was made from.
func (s *Service) replace(ctx context.Context, old, next *definition.Draft) error {
	w, err := write(old, next)
	if err != nil {
		return err
	}
	return stale(next.Ref, s.store.Apply(ctx, w))
}

// write is the store write that puts next in the place of old.
func write(old, next *definition.Draft) (store.Write, error) {
	doc, err := json.Marshal(struct {
		*definition.Draft
		UpdatedAt store.Moment `json:"updatedAt"`
	}{next, store.MomentOf(next.UpdatedAt)})
	if err != nil {
		return store.Write{}, fmt.Errorf("encode draft %s: %w", next.ID, err)
	}
	w := store.Write{Op: store.OpInsert, Collection: definition.DraftCollection, ID: next.ID, Doc: doc}
	if old != nil {
		w.Op, w.Rev = store.OpReplace, old.Rev
	}
	return w, nil
}

// stale gives a lost race the name that its reader understands.
func stale(ref definition.Ref, err error) error {
	switch {
	case err == nil:
		return nil
	case fault.Has(err, store.ErrConflict), fault.Has(err, store.ErrDuplicate), fault.Has(err, store.ErrNotFound):
		return ErrStale.Because(err, params(ref))
	}
	return fmt.Errorf("write %s: %w", ref.ID(), err)
}

// Delete takes a definition out of force and out of the lists; its versions stay. It is refused while other published
// definitions need it.
func (s *Service) Delete(ctx context.Context, ref definition.Ref, rev int64, actor string) error {
	old, err := s.Load(ctx, ref)
	if err != nil {
		return err
	}
	if err := based(ref, old, rev); err != nil {
		return err
	}
	if old.Published > 0 && ref.Kind != definition.KindApp {
		findings, err := s.examine(ctx, ref.App, nil, map[definition.Ref]bool{ref: true})
		if err != nil {
			return err
		}
		if len(findings) > 0 {
			return ErrInUse.With(params(ref), problems(ref, findings)...)
		}
	}
	next := *old
	next.Rev++
	next.Deleted, next.Published = true, 0
	next.UpdatedAt, next.UpdatedBy = s.now(), actor
	return s.replace(ctx, old, &next)
}

func params(ref definition.Ref) problem.Params {
	return problem.Params{"app": ref.App, "kind": kindNames[ref.Kind], "key": ref.Key}
}

var kindNames = map[definition.Kind]problem.Text{
	definition.KindApp:        {"en": "app", "zh-CN": "应用"},
	definition.KindForm:       {"en": "form", "zh-CN": "表单"},
	definition.KindFlow:       {"en": "flow", "zh-CN": "流程"},
	definition.KindRole:       {"en": "role", "zh-CN": "角色"},
	definition.KindCalendar:   {"en": "calendar", "zh-CN": "工作日历"},
	definition.KindChannel:    {"en": "channel", "zh-CN": "通知渠道"},
	definition.KindLimit:      {"en": "limit", "zh-CN": "权限额度"},
	definition.KindAssignment: {"en": "assignment", "zh-CN": "分配规则"},
	definition.KindAutomation: {"en": "automation", "zh-CN": "自动化"},
}
