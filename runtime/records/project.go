package records

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/files"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/quicklinks"
	"github.com/stepwell/stepwell/runtime/tasks"
	"github.com/stepwell/stepwell/runtime/timers"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/problem"
)

// action is the log entry of a decided command.
func (w *work) action(next *Record) *Action {
	events := w.decision.Events
	first, last := w.rec.State.Seq+1, w.decision.After.State.Seq
	kind := string(w.Command.Kind)
	if w.fresh && w.Command.Kind == engine.Save {
		kind = "create"
	}
	act := &Action{
		ID: w.rec.ID + "-a" + strconv.FormatInt(first, 10), Seq: last, App: w.App, Form: w.Form, Record: w.rec.ID, At: store.MomentOf(w.now),
		By: w.By, Via: w.Via, Lender: w.Narrow.Lender, Link: w.Narrow.Link, Command: kind, Stage: w.rec.State.Stage, Block: w.blockOf(w.Command.Task), Reason: w.Command.Reason,
		Comment: w.Command.Comment, Outcome: outcomeOf(events, w.Command.Kind), Flow: next.State.Flow, Version: next.State.Version,
		Checked: w.form.Version, Rev: next.Rev, Events: events, Effects: w.decision.Effects, Files: w.files, Chain: w.Chain,
	}
	if w.own == nil {
		return act
	}
	act.Command, act.Assignment = w.own.named(act.Command), w.own.why
	if w.own.why.By != "" {
		act.By = w.own.why.By
	}
	if next.Claim != nil {
		act.TakeBackAt = next.Claim.DueAt
	}
	return act
}

func (w *work) blockOf(task string) string {
	for _, t := range w.rec.State.Tasks {
		if t.ID == task {
			return t.Block
		}
	}
	return ""
}

// projections are the writes that tell the rest of the product about an action: log, tasks, timers, files, links, errands, notices.
// Each may be done twice, and after later ones, without harm.
func (s *Service) projections(ctx context.Context, rec *Record, act *Action) ([]store.Write, error) {
	log, err := act.write()
	if err != nil {
		return nil, err
	}
	writes := []store.Write{log}
	if act.Command == deleted {
		writes = append(writes, store.Write{Op: store.OpDelete, Collection: CollectionOf(rec.App, rec.Form), ID: rec.ID})
	}
	sub := tasks.Subject{App: rec.App, Form: rec.Form, Record: rec.ID, Title: rec.Title, Flow: act.Flow, FlowVersion: act.Version}
	more, err := tasks.Writes(sub, act.Events, rec.State)
	if err != nil {
		return nil, err
	}
	writes = append(writes, more...)
	home := timers.Home{App: rec.App, Form: rec.Form, Record: rec.ID}
	for _, ev := range act.Events {
		if more, err = timers.Writes(home, ev); err != nil {
			return nil, err
		}
		writes = append(writes, more...)
	}
	for _, taken := range act.Files {
		writes = append(writes, files.Bind(taken.IDs, files.Place{App: rec.App, Form: rec.Form, Record: rec.ID, Field: taken.Field})...)
	}
	if act.Link != "" {
		writes = append(writes, quicklinks.Uses(act.Link, act.At.Time))
	}
	if !act.TakeBackAt.IsZero() {
		timer, err := timers.TakeBack(home, act.Seq, act.TakeBackAt.Time)
		if err != nil {
			return nil, err
		}
		writes = append(writes, timer)
	}
	more, err = s.errands(rec, act)
	if err != nil {
		return nil, err
	}
	writes = append(writes, more...)
	if s.follow != nil {
		if more, err = s.follow(ctx, rec, act); err != nil {
			return nil, err
		}
		writes = append(writes, more...)
	}
	for _, e := range act.Effects {
		if !e.IsNotice() {
			continue
		}
		about, err := s.subject(ctx, rec, act, e)
		if err != nil {
			return nil, err
		}
		if about.QuickLinks, more, err = s.linksFor(ctx, rec, act, e); err != nil {
			return nil, err
		}
		writes = append(writes, more...)
		if more, err = notices.Writes(e, about); err != nil {
			return nil, err
		}
		writes = append(writes, more...)
	}
	return writes, nil
}

// subject is the record as the notices of an effect speak of it: what is hidden from a reader is in no text for them.
func (s *Service) subject(ctx context.Context, rec *Record, act *Action, e engine.Effect) (notices.Subject, error) {
	about, err := s.About(ctx, rec, act.At, e.To)
	if err != nil {
		return about, err
	}
	if e.By != "" {
		about.Actor = s.people.Directory().Name(e.By, s.lang)
	}
	if act.Flow == "" {
		return about, nil
	}
	flow, err := s.catalog.Flow(ctx, rec.App, act.Flow, act.Version)
	if err != nil {
		return about, fmt.Errorf("flow of notice for %s: %w", rec.ID, err)
	}
	about.Step = flow.BlockTitle(e.Block)
	if e.Item != "" {
		about.Step = flow.ItemTitle(e.Block, e.Item)
	}
	about.Outcome = flow.OutcomeLabel(rec.Outcome)
	return about, nil
}

// RecordPath is the address of a record's page, below the installation's public address.
func RecordPath(app, formKey, id string) string { return "/apps/" + app + "/" + formKey + "/" + id }

// apply writes a decided record and tells the rest. On a store that writes one after the other the record alone decides
// whether it has happened: what cannot be told now, because the store goes away in between or whoever asked leaves, stands
// in the outbox and is told later.
func (s *Service) apply(ctx context.Context, rec *Record, first store.Write, follow []store.Write) error {
	if s.store.Transactional() {
		return s.store.Apply(ctx, append([]store.Write{first}, follow...)...)
	}
	if err := s.store.Apply(ctx, first); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	if err := s.store.Apply(ctx, follow...); err != nil {
		s.log.WarnContext(ctx, "an action will be told later", slog.String("record", rec.ID), slog.Any("error", err))
		return nil
	}
	s.projected.add(rec.ID, rec.Rev)
	return nil
}

// catchUp tells what a record's outbox still holds, before anything is added to it. On a transactional store there is
// never anything.
func (s *Service) catchUp(ctx context.Context, rec *Record) error {
	if len(rec.Outbox) == 0 || s.projected.has(rec.ID, rec.Rev) {
		return nil
	}
	for i := range rec.Outbox {
		writes, err := s.projections(ctx, rec, &rec.Outbox[i])
		if err != nil {
			return err
		}
		if err := s.store.Apply(ctx, writes...); err != nil {
			return fmt.Errorf("tell what happened to %s: %w", rec.ID, err)
		}
	}
	s.projected.add(rec.ID, rec.Rev)
	return nil
}

// recent remembers the last revisions whose outbox this server has told to the end.
type recent struct {
	mu   sync.Mutex
	revs map[string]int64
	ring []string
	next int
}

func newRecent(n int) *recent {
	return &recent{revs: make(map[string]int64, n), ring: make([]string, n)}
}

func (r *recent) add(id string, rev int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.revs[id]; !known {
		delete(r.revs, r.ring[r.next])
		r.ring[r.next] = id
		r.next = (r.next + 1) % len(r.ring)
	}
	r.revs[id] = rev
}

func (r *recent) has(id string, rev int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.revs[id] == rev
}

// sweepAfter is how old an outbox must be before the sweeper takes it to be left behind by a server that died.
const sweepAfter = 5 * time.Second

// sweepPage is how many outboxes are looked at in one go.
const sweepPage = 200

// Sweep tells what servers that died left in the outboxes of one form's records, and empties outboxes that have been
// told. It says how many it emptied; the error holds what could not be told, which keeps no other record waiting.
func (s *Service) Sweep(ctx context.Context, app, formKey string) (int, error) {
	if s.store.Transactional() {
		return 0, nil
	}
	before := store.FormatTime(s.clock.Now().Add(-sweepAfter))
	cleared, stuck := 0, []error{}
	for {
		docs, err := s.store.Find(ctx, CollectionOf(app, formKey), store.Query{
			Filter: store.Filter{"pendingSince": map[string]any{"$lt": before}}, Sort: []store.SortKey{{Path: "pendingSince"}},
			Skip: len(stuck), Limit: sweepPage,
		})
		if err != nil {
			return cleared, errors.Join(append(stuck, fmt.Errorf("find outboxes of %s: %w", formKey, err))...)
		}
		for _, doc := range docs {
			err := s.sweep(ctx, doc)
			switch {
			case err == nil:
				cleared++
			case fault.KindOf(err) == fault.Unavailable, ctx.Err() != nil:
				return cleared, errors.Join(append(stuck, err)...)
			default:
				stuck = append(stuck, err)
			}
		}
		if len(docs) < sweepPage {
			return cleared, errors.Join(stuck...)
		}
	}
}

// sweep tells the outbox of one record and empties it.
func (s *Service) sweep(ctx context.Context, doc store.Doc) error {
	var rec Record
	if err := json.Unmarshal(doc, &rec); err != nil {
		return fmt.Errorf("read record: %w", err)
	}
	if err := s.catchUp(ctx, &rec); err != nil {
		return err
	}
	return s.clear(ctx, &rec)
}

// clear empties a told outbox, unless somebody writes the record this moment and clears it by that. The revision stays:
// nothing that a reader could see has changed.
func (s *Service) clear(ctx context.Context, rec *Record) error {
	return s.store.Apply(ctx, store.Write{
		Op: store.OpUpdate, Collection: CollectionOf(rec.App, rec.Form), ID: rec.ID, If: store.Filter{"rev": rec.Rev},
		Update: store.Update{Unset: []string{"outbox", "pendingSince"}},
	})
}

// BlockTitle is what a block of a flow version is called; its id when that version is gone.
func (s *Service) BlockTitle(ctx context.Context, app, flow string, version int, block string) definition.Text {
	if flow == "" || block == "" {
		return nil
	}
	f, err := s.catalog.Flow(ctx, app, flow, version)
	if err != nil {
		return problem.Plain(block)
	}
	return f.BlockTitle(block)
}
