package records

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/id"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/access"
	"github.com/stepwell/stepwell/runtime/assignment"
	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/runtime/chain"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/files"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/runtime/tasks"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Service writes and reads records.
type Service struct {
	store     store.Store
	clock     clock.Clock
	catalog   *catalog.Catalog
	access    *access.Service
	people    *people.Service
	files     *files.Service
	log       *slog.Logger
	ids       *id.Source
	lang      string         // the installation's language: record titles are made in it
	zone      *time.Location // the installation's time zone
	projected *recent        // revisions whose outbox has been told to the end by this server
	told      func(events []engine.Event, notified bool)
	delegate  func(user string, scope Scope, at time.Time) string
	follow    func(ctx context.Context, rec *Record, act *Action) ([]store.Write, error)
	assigner  *assignment.Assigner
}

// Parts are what the service is made of.
type Parts struct {
	Store   store.Store
	Clock   clock.Clock
	Catalog *catalog.Catalog
	Access  *access.Service
	People  *people.Service
	Files   *files.Service
	Log     *slog.Logger
	Lang    string         // of titles that are kept: "zh-CN" or "en"
	Zone    *time.Location // of moments named in messages, and of today() in rules
	// Delegate names to whom somebody has delegated what they have to decide in a scope, "" for nobody; nil: nobody delegates.
	Delegate func(user string, scope Scope, at time.Time) string
	// Assigner says who gets records that come without an owner; nil: whoever makes them.
	Assigner *assignment.Assigner
	// Told is called after an action was written, with its events and whether it tells anybody; it must not block.
	Told func(events []engine.Event, notified bool)
	// Follow gives what else an action means, as writes that may be repeated; nil: nothing.
	Follow func(ctx context.Context, rec *Record, act *Action) ([]store.Write, error)
}

// New makes the service.
func New(p Parts) *Service {
	return &Service{
		store: p.Store, clock: p.Clock, catalog: p.Catalog, access: p.Access, people: p.People, files: p.Files,
		log: p.Log, ids: id.NewSource(p.Clock), lang: p.Lang, zone: p.Zone, projected: newRecent(4096), told: p.Told, delegate: p.Delegate,
		follow:   p.Follow,
		assigner: p.Assigner,
	}
}

// Scope is what a record belongs to, as far as delegations tell records apart.
type Scope struct{ App, Form, Flow string }

// Request is one write of one record.
type Request struct {
	App, Form string
	ID        string // empty: a new record
	By        string // user id; "" is the system
	Via       string // ui, api, timer, flow, automation, webhook, mail, sample, quickLink
	// Rev is the revision the change is based on; 0 means whatever is stored.
	Rev int64
	// Key is an idempotency key already bound to its sender; repeating it gives the record as it stands.
	Key string
	// Digest is of what was sent under Key: the same key with something else is refused. Empty: not compared.
	Digest  string
	Owner   string  // new record: who it belongs to; default By
	TaskSeq int64   // the task acted on, by the event number that opened it
	Parent  *Parent // new record: the record whose flow begins it
	Chain   chain.Chain
	Command engine.Command
	// Admin says that the caller has made sure that By may do this whatever their roles in the app.
	Admin bool
	// Narrow is set for a write that comes by a quick link.
	Narrow Narrow
	// Own asks for another owner of a record that is there; the command then follows from that.
	Own *OwnerChange
}

// Faults of writing a record.
var (
	ErrInvalid   = fault.Define(fault.Invalid, "record.invalid", "Some fields need another look.", "有些内容需要修改。")
	ErrStale     = fault.Define(fault.Stale, "record.stale", "Somebody changed this record after you opened it. Load it again; your input is kept.", "此记录在您打开后被其他人修改过，请重新载入，您填写的内容会保留。")
	ErrNotFound  = fault.Define(fault.NotFound, "record.notFound", "This record does not exist, or you may not see it.", "记录不存在，或您无权查看。")
	ErrNoTask    = fault.Define(fault.Conflict, "task.closed", "This task is done already, or the record has moved on.", "该待办已处理，或记录已进入其他环节。")
	ErrUnique    = fault.Define(fault.Invalid, "record.unique", "Another record has this value already.", "已有其他记录使用了该值。")
	ErrKeyReused = fault.Define(fault.Invalid, "record.keyReused", "This Idempotency-Key was used for another request. Use a new one.", "该 Idempotency-Key 已用于另一个请求，请换一个新的。")
	ErrBusy      = fault.Define(fault.Conflict, "record.busy", "Many people are changing this record right now. Please try again.", "此刻有多人正在修改该记录，请稍后重试。")
)

// maxAttempts bounds how often a lost race is run again. With 16 writers on one record a dozen is never reached.
const maxAttempts = 64

// Do carries out one write: permission, schema, rules, flow, one compare-and-set, then the outbox. A race lost to
// another writer is decided again on the new state, unless the request names the revision it is based on.
func (s *Service) Do(ctx context.Context, req Request) (*Record, error) {
	w, err := s.run(ctx, req)
	if err != nil {
		return nil, err
	}
	return w.rec, nil
}

func (s *Service) run(ctx context.Context, req Request) (*work, error) {
	for range maxAttempts {
		w, err := s.attempt(ctx, req)
		if err == nil || !fault.Has(err, store.ErrConflict) {
			return w, err
		}
		if req.Rev != 0 {
			return nil, ErrStale.With(nil)
		}
	}
	return nil, ErrBusy.With(nil)
}

func (s *Service) attempt(ctx context.Context, req Request) (*work, error) {
	w := &work{Request: req, now: s.clock.Now().Truncate(time.Millisecond)}
	if err := s.load(ctx, w); err != nil {
		return nil, err
	}
	if w.replayed {
		return w, nil
	}
	defer w.close()
	if w.Own != nil {
		if done, err := s.changeOwner(ctx, w); done || err != nil || w.Own.DryRun {
			return w, err
		}
	}
	if err := s.authorize(w); err != nil {
		return nil, err
	}
	if err := s.prepare(ctx, w); err != nil {
		return nil, err
	}
	if err := s.decide(w); err != nil {
		return nil, err
	}
	if len(w.decision.Events) == 0 && !w.fresh {
		return w, nil
	}
	if err := s.write(ctx, w); err != nil {
		return nil, err
	}
	return w, nil
}

// work is one attempt at a request.
type work struct {
	Request
	now      time.Time
	form     *catalog.Form
	flow     *engine.Flow // nil: the form has none
	from     *engine.Flow // migrate: the version that the record runs on
	rec      *Record
	fresh    bool // the record is being made
	replayed bool // the idempotency key was used: nothing to do
	patch    map[string]any
	links    map[string]any // link field → data of the linked record, for rules
	files    []files.Taken  // that now belong to the record
	decision engine.Decision
	past     *engine.Case // undo: the record before its last decision
	// linkOwners are who owns the linked records in links.
	linkOwners map[string]string
	own        *ownership // who has it from now on, when that is what is decided
	// ownedBefore is who had it before that, and moves says that it is somebody else.
	ownedBefore string
	moves       bool
}

// load fetches what the request is about, or begins a new record.
func (s *Service) load(ctx context.Context, w *work) error {
	f, err := s.catalog.Form(w.App, w.Form)
	if w.ID != "" {
		err = unseen(err)
	}
	if err != nil {
		return err
	}
	w.form = f
	if w.ID == "" {
		return s.begin(ctx, w)
	}
	rec, err := s.fetch(ctx, w.App, w.Form, w.ID)
	if err != nil {
		return err
	}
	if who := w.rightsOf(); who != "" && !w.Admin && w.Own == nil && !s.mayRead(who, rec) {
		return ErrNotFound.With(nil) // before anything else that would tell that it exists
	}
	w.rec = rec
	if w.replayed, err = w.repeats(rec); err != nil {
		return err
	}
	if !w.replayed && w.Rev != 0 && w.Rev != rec.Rev {
		return ErrStale.With(nil)
	}
	// Also of what was done before: whoever repeats a request may do so because its server died before it told.
	if err := s.catchUp(ctx, rec); err != nil || w.replayed {
		return err
	}
	if w.TaskSeq != 0 {
		if err := w.findTask(); err != nil {
			return err
		}
	}
	if w.Command.Kind == engine.Undo {
		if w.past, err = s.past(ctx, rec); err != nil {
			return err
		}
	}
	return s.findFlow(ctx, w)
}

// repeats reports whether a record remembers the request's idempotency key.
func (w *work) repeats(rec *Record) (bool, error) {
	if w.Key == "" {
		return false, nil
	}
	for _, known := range rec.Keys {
		key, digest, _ := strings.Cut(known, digestMark)
		if key != w.Key {
			continue
		}
		if digest != w.Digest && digest != "" && w.Digest != "" {
			return false, ErrKeyReused.With(nil)
		}
		return true, nil
	}
	return false, nil
}

func (w *work) findTask() error {
	t, ok := tasks.Find(w.rec.State, w.TaskSeq)
	last := w.rec.State.Last
	switch {
	case ok:
		w.Command.Task = t.ID
	case w.Command.Kind == engine.Comment: // about what was done
	case w.Command.Kind == engine.Undo && last != nil && tasks.Opened(last.Task, w.TaskSeq):
		w.Command.Task = last.Task
	case w.Command.Kind == engine.Undo:
		return engine.ErrUndoNothing.With(nil)
	default:
		return ErrNoTask.With(nil)
	}
	return nil
}

// begin makes the empty record that a creating request fills. With an idempotency key its id follows from the key, so
// that a repetition finds the first one.
func (s *Service) begin(ctx context.Context, w *work) error {
	recordID := s.ids.Next()
	if w.Key != "" {
		recordID = w.Key
		rec, err := s.fetch(ctx, w.App, w.Form, recordID)
		if err == nil {
			if w.By != "" && !s.mayRead(w.By, rec) {
				return ErrNotFound.With(nil) // it was theirs once
			}
			w.rec, w.replayed = rec, true
			if _, err = w.repeats(rec); err != nil {
				return err
			}
			return s.catchUp(ctx, rec)
		}
		if !fault.Has(err, ErrNotFound) {
			return err
		}
	}
	owner := w.Owner
	if owner == "" {
		owner = w.By
	}
	w.fresh = true
	w.rec = &Record{
		ID: recordID, App: w.App, Form: w.Form, Owner: owner, Department: s.people.Directory().DepartmentOf(owner),
		CreatedAt: store.MomentOf(w.now), CreatedBy: w.By, Data: map[string]any{},
		State: engine.State{Status: engine.Draft}, Status: engine.Draft, Parent: w.Parent,
	}
	w.rec.join(owner, w.By)
	return s.findFlow(ctx, w)
}

// findFlow picks the flow: the version the record runs on, or the newest for a record that has not been submitted.
func (s *Service) findFlow(ctx context.Context, w *work) error {
	key, version := w.form.Flow, 0
	if w.rec.State.Flow != "" {
		key, version = w.rec.State.Flow, w.rec.State.Version
	}
	if key == "" || w.rec.State.Status == engine.Active {
		return nil
	}
	flow, err := s.catalog.Flow(ctx, w.App, key, version)
	if err != nil {
		return fmt.Errorf("flow %s of %s: %w", key, w.rec.ID, err)
	}
	w.flow = flow
	if w.Command.Kind == engine.Migrate && w.rec.State.Status == engine.Running {
		return s.findTarget(ctx, w)
	}
	return nil
}

// unseen makes of an app or form that there is not a record that there is not: whoever may not see a record must not learn
// by it which apps and forms there are.
func unseen(err error) error {
	if fault.Has(err, catalog.ErrNoApp) || fault.Has(err, catalog.ErrNoForm) {
		return ErrNotFound.With(nil)
	}
	return err
}

// fetch reads a record without asking who may.
func (s *Service) fetch(ctx context.Context, app, formKey, id string) (*Record, error) {
	doc, err := s.fetchDoc(ctx, app, formKey, id)
	if err != nil {
		return nil, err
	}
	var rec Record
	if err := json.Unmarshal(doc, &rec); err != nil {
		return nil, fmt.Errorf("read record %s: %w", id, err)
	}
	rec.stored = doc
	return &rec, nil
}

func (s *Service) decide(w *work) error {
	cmd := w.Command
	cmd.Actor, cmd.Data = w.By, w.patch
	d, err := engine.Decide(s.env(w), w.rec.Case(), cmd)
	if err != nil {
		return err
	}
	w.decision = d
	return nil
}

func (s *Service) env(w *work) engine.Env {
	return engine.Env{
		Flow: w.flow, From: w.from, App: w.App, Directory: s.people.Directory(), Calendars: w.form.Calendars, Now: w.now.In(s.zone),
		Link: w.links, User: s.userVars(w.By, w.App), Limits: func(user string) map[string]any { return s.limits(user, w.App) },
		Calendar: w.form.Calendars.Default(),
		Derive:   func(data map[string]any) (map[string]any, error) { return s.derive(w, data) },
		Delegate: s.delegateOf(w), Past: w.past,
	}
}

// delegateOf names to whom people have delegated what they have to decide on the record now.
func (s *Service) delegateOf(w *work) func(user string) string {
	if s.delegate == nil {
		return nil
	}
	scope := Scope{App: w.App, Form: w.Form}
	if w.flow != nil {
		scope.Flow = w.flow.Key
	}
	return func(user string) string { return s.delegate(user, scope, w.now) }
}

// write stores the decision: the record by compare-and-set, and with it, or right after it, everything that follows.
func (s *Service) write(ctx context.Context, w *work) error {
	w.tellOwner()
	next := s.next(ctx, w)
	if err := s.owned(w, next); err != nil {
		return err
	}
	act := w.action(next)
	follow, err := s.projections(ctx, next, act)
	if err != nil {
		return err
	}
	if !s.store.Transactional() {
		next.Outbox, next.PendingSince = []Action{*act}, store.MomentOf(w.now)
	}
	doc, err := json.Marshal(next)
	if err != nil {
		return fmt.Errorf("encode record %s: %w", next.ID, err)
	}
	next.stored = doc
	first := store.Write{Op: store.OpReplace, Collection: CollectionOf(w.App, w.Form), ID: next.ID, Doc: doc, Rev: w.rec.Rev}
	if w.fresh {
		first.Op = store.OpInsert
	}
	if err := s.applyOwned(ctx, w, next, first, follow); err != nil {
		return s.writeFailed(w, err)
	}
	w.rec = next
	if s.told != nil {
		s.told(act.Events, len(act.Effects) > 0)
	}
	return nil
}

// next is the record as the decision leaves it.
func (s *Service) next(ctx context.Context, w *work) *Record {
	next := *w.rec
	next.Rev++
	next.Outbox, next.PendingSince = nil, store.Moment{}
	next.People = slices.Clone(w.rec.People)
	next.take(w.decision.After, w.now)
	next.name(w.form.Exec, s.lang, s.namer(ctx, w.App))
	if owner, ok := next.Data[w.form.Exec.Form.Owner].(string); ok && owner != "" && owner != next.Owner {
		next.Owner, next.Department = owner, s.people.Directory().DepartmentOf(owner)
		next.join(owner)
	}
	if owner := w.decision.After.Owner; owner != w.rec.Owner && owner != "" {
		next.Owner, next.Department = owner, s.people.Directory().DepartmentOf(owner)
		next.join(owner)
	}
	if !w.Admin && w.Narrow.Lender == "" { // who filled something in for somebody else has not come to take part by it
		next.join(w.By)
	}
	for i := range next.State.Tasks {
		next.join(next.State.Tasks[i].Assignees...)
		for _, stand := range next.State.Tasks[i].Stands {
			next.join(stand.By)
		}
	}
	for _, e := range w.decision.Effects {
		if e.Cause != engine.CauseMentioned { // they may read it already, as long as they may
			next.join(e.To...)
		}
	}
	next.passes(w.decision)
	if w.Key != "" {
		next.Keys = append(slices.Clone(w.rec.Keys), w.Key+digestMark+w.Digest)
		next.Keys = next.Keys[max(0, len(next.Keys)-maxKeys):]
	}
	return &next
}

// writeFailed gives a refused write the name that its reader understands.
func (s *Service) writeFailed(w *work, err error) error {
	f, ok := fault.As(err)
	if !ok || f.Code != store.ErrDuplicate {
		return fmt.Errorf("write record %s: %w", w.rec.ID, err)
	}
	index, _ := f.Params["index"].(string)
	for _, ix := range w.form.Exec.Indexes() {
		if ix.Unique && indexName(ix) == index {
			return ErrInvalid.With(nil, problem.Problem{Pointer: problem.Pointer("data", ix.Keys[0].Name), Code: &ErrUnique.Code})
		}
	}
	if w.fresh && w.Key != "" {
		return errors.Join(store.ErrConflict.Because(err, nil)) // the same key won the race: run again and find it
	}
	return fmt.Errorf("write record %s: %w", w.rec.ID, err)
}
