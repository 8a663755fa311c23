// Package api is the product over HTTP: it puts the rooms together, says who may call what, and translates requests
// into calls and answers into JSON. It decides nothing itself.
package api

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stepwell/stepwell/api/web"
	"github.com/stepwell/stepwell/builder/draft"
	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/config"
	"github.com/stepwell/stepwell/internal/config/secret"
	"github.com/stepwell/stepwell/internal/egress"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/access"
	"github.com/stepwell/stepwell/runtime/assignment"
	"github.com/stepwell/stepwell/runtime/automation"
	"github.com/stepwell/stepwell/runtime/calls"
	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/runtime/desk"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/errands"
	"github.com/stepwell/stepwell/runtime/files"
	"github.com/stepwell/stepwell/runtime/handover"
	"github.com/stepwell/stepwell/runtime/live"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/notices/preference"
	"github.com/stepwell/stepwell/runtime/notices/switchboard"
	"github.com/stepwell/stepwell/runtime/notices/throttle"
	"github.com/stepwell/stepwell/runtime/opinions"
	"github.com/stepwell/stepwell/runtime/ownership"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/runtime/people/absence"
	"github.com/stepwell/stepwell/runtime/people/account"
	"github.com/stepwell/stepwell/runtime/people/delegation"
	"github.com/stepwell/stepwell/runtime/people/password"
	"github.com/stepwell/stepwell/runtime/quicklinks"
	"github.com/stepwell/stepwell/runtime/quicklinks/door"
	"github.com/stepwell/stepwell/runtime/records"
	"github.com/stepwell/stepwell/runtime/secrets"
	"github.com/stepwell/stepwell/runtime/shifts"
	"github.com/stepwell/stepwell/runtime/tasks"
	"github.com/stepwell/stepwell/runtime/timers"
	"github.com/stepwell/stepwell/runtime/turns"
)

// Options are what a product is made of.
type Options struct {
	Store  store.Store
	Clock  clock.Clock // clock.Real, or a *clock.Manual that POST /dev/clock moves
	Config *config.Config
	Log    *slog.Logger
	UI     fs.FS // the built single-page app; nil serves the API alone
	Zone   *time.Location
	// Channels deliver notices outside; nil: as Config and the apps' channels say.
	Channels []notices.Channel
	HoldFor  time.Duration // how long a notice may be late and still go out; zero: as notices has it
	Box      *secret.Box   // seals the apps' secrets; nil: of Config's key
	// Call calls other systems for flows and automations; nil: over HTTP.
	Call func(ctx context.Context, app, key string, call engine.Call) (engine.Reply, error)
	Lang string        // of titles that are kept; default zh-CN
	Cost password.Cost // of password hashes; zero: as recommended
}

// Product is the whole server, assembled.
type Product struct {
	Options
	People  *people.Service
	Account *account.Service
	Access  *access.Service
	Catalog *catalog.Catalog
	Drafts  *draft.Service
	Records *records.Service
	Desk    *desk.Desk
	Files   *files.Service
	Timers  *timers.Queue
	Errands *errands.Queue
	Notices *notices.Queue
	Inbox   *notices.Inbox
	Live    *live.Hub
	Secrets *secrets.Safe
	Calls   *calls.Caller
	Links   *quicklinks.Room
	Door    *door.Door
	// Preferences are what people want to be told.
	Preferences *preference.Book

	board      *switchboard.Board // nil when Options.Channels are given
	laying     sync.Mutex         // one layLines at a time
	linesStale chan struct{}      // the lines could not be laid
	outcomes   *outcomes

	Delegations *delegation.Service
	Turns       *turns.Keeper
	Opinions    *opinions.Service
	Leaving     *handover.Service
	Shifts      *shifts.Service
	Absences    *absence.Service
	Assigner    *assignment.Assigner
	Ownership   *ownership.Service

	Automations *automation.Service

	clocks     atomic.Pointer[automation.Service] // keeps the clocks of automations as they are published
	indexing   indexing
	queues     sync.RWMutex                       // read while timers and notices are worked on, written while the past is played
	stopQueues atomic.Pointer[context.CancelFunc] // of the run under way
}

// Open prepares the collections and puts the rooms together. Background work starts with Run; what follows other server
// copies ends with ctx.
func Open(ctx context.Context, o Options) (*Product, error) {
	if o.Zone == nil {
		o.Zone = time.Local
	}
	if o.Lang == "" {
		o.Lang = "zh-CN"
	}
	if o.Cost == (password.Cost{}) {
		o.Cost = password.Recommended
	}
	p := &Product{Options: o, indexing: indexing{wake: make(chan struct{}, 1)}}
	if err := p.prepare(ctx); err != nil {
		return nil, err
	}
	for _, open := range []func(context.Context) error{p.openPeople, p.openSecrets, p.openDefinitions, p.openWork, p.openNotices} {
		if err := open(ctx); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// prepare makes the collections that no service makes for itself.
func (p *Product) prepare(ctx context.Context) error {
	wanted := draft.Indexes()
	wanted[records.ActionCollection] = records.ActionIndexes()
	wanted[records.CounterCollection] = nil
	wanted[tasks.Collection] = tasks.Indexes()
	wanted[timers.Collection] = timers.Indexes()
	wanted[errands.Collection] = errands.Indexes()
	wanted[notices.Collection] = notices.Indexes()
	wanted[throttle.Collection] = nil
	wanted[preference.Collection] = nil
	wanted[secrets.Collection] = secrets.Indexes()
	wanted[files.Collection] = files.Indexes()
	wanted[opinions.Collection] = nil
	wanted[shifts.Collection] = shifts.Indexes()
	wanted[quicklinks.Collection] = quicklinks.Indexes()
	wanted[automation.RunCollection] = automation.RunIndexes()
	wanted[automation.ClockCollection] = automation.ClockIndexes()
	wanted[automation.SwitchCollection] = nil
	wanted[automation.HookCollection] = nil
	wanted[assignment.Collection] = nil
	wanted[web.IdempotencyCollection] = []store.Index{{Name: "at", Keys: []store.SortKey{{Path: "at"}}}}
	for collection, indexes := range wanted {
		if err := p.layOut(ctx, collection, indexes); err != nil {
			return err
		}
	}
	return nil
}

func (p *Product) openPeople(ctx context.Context) (err error) {
	if p.People, err = people.Open(ctx, p.Store, p.Clock, p.Log); err != nil {
		return fmt.Errorf("open people: %w", err)
	}
	// Sessions live in real time: moving a manual clock by days must not sign everybody out.
	p.Account, err = account.Open(ctx, p.Store, clock.Real{}, p.People, p.Log, account.Options{
		Idle: p.Config.Session.Idle, Max: p.Config.Session.Max, Cost: p.Cost,
	})
	if err != nil {
		return fmt.Errorf("open accounts: %w", err)
	}
	if p.Access, err = access.Open(ctx, p.Store, p.People.Directory, p.Log); err != nil {
		return fmt.Errorf("open permissions: %w", err)
	}
	return nil
}

// openSecrets makes what the server needs to call other systems.
func (p *Product) openSecrets(context.Context) (err error) {
	box := p.Box
	if box == nil {
		if box, err = p.Config.Box(); err != nil {
			return fmt.Errorf("open the secret key: %w", err)
		}
	}
	p.Secrets = secrets.New(p.Store, p.Clock, box, p.People.Audit())
	policy := egress.Policy{Allow: p.Config.Outbound.Allow}
	p.Calls = calls.New(egress.New(egress.Options{Policy: policy, Most: calls.Most}), p.Secrets, p.Clock)
	return nil
}

func (p *Product) openDefinitions(ctx context.Context) (err error) {
	p.Live = live.New(p.Store, clock.Real{}, p.Log, tasks.Collection, notices.Collection)
	p.Drafts = draft.New(p.Store, p.Clock, flowsRun)
	if p.Catalog, err = catalog.Open(ctx, p.Store, p.Log, p.follow); err != nil {
		return fmt.Errorf("open definitions: %w", err)
	}
	return nil
}

// follow makes what an app's published definitions need: collections with indexes, permissions, live news.
func (p *Product) follow(ctx context.Context, a *catalog.App) error {
	for _, f := range a.Forms() {
		collection := records.CollectionOf(a.Key, f.Key)
		if err := p.layOut(ctx, collection, indexesOf(f)); err != nil {
			return err
		}
		p.Live.Watch(collection)
	}
	if err := shifts.Follow(ctx, p.Store, p.Clock.Now(), a); err != nil {
		return err
	}
	p.relay(ctx)
	if service := p.clocks.Load(); service != nil { // else openWork lays them
		if err := service.Lay(ctx, a); err != nil {
			return err
		}
	}
	return p.Access.Publish(ctx, a.Key, a.Roles)
}

func (p *Product) openWork(ctx context.Context) (err error) {
	p.Delegations, err = delegation.Open(ctx, p.Store, p.Clock, p.People, p.Log, p.inScope, func() { p.Turns.Nudge() })
	if err != nil {
		return fmt.Errorf("open delegations: %w", err)
	}
	if err := p.openAssignment(ctx); err != nil {
		return fmt.Errorf("open assignments: %w", err)
	}
	p.Files = files.New(p.Store, p.Clock, p.Log)
	p.Records = records.New(records.Parts{
		Store: p.Store, Clock: p.Clock, Catalog: p.Catalog, Access: p.Access, People: p.People, Files: p.Files,
		Log: p.Log, Lang: p.Lang, Zone: p.Zone, Told: p.told, Follow: p.setOff, Assigner: p.Assigner,
		Delegate: func(user string, at records.Scope, now time.Time) string {
			return p.Delegations.To(user, at.App, at.Form, at.Flow, now)
		},
	})
	p.Turns = turns.New(p.Store, p.Clock, p.People, p.Delegations, p.Records.Refresh, p.Log)
	p.Opinions = opinions.New(p.Store)
	p.Leaving = handover.New(p.Store, p.Catalog, p.Records, p.People, p.Delegations, p.Log)
	p.Ownership = ownership.New(p.Clock, p.Catalog, p.Access, p.Records, p.Assigner)
	p.Automations = automation.New(automation.Parts{
		Store: p.Store, Clock: p.Clock, Catalog: p.Catalog, Records: p.Records, People: p.People, Secrets: p.Secrets, Call: p.makeCall,
		Told: func() { p.Notices.Nudge() }, Log: p.Log, Lang: p.Lang, Zone: p.Zone,
	})
	p.clocks.Store(p.Automations)
	for _, a := range p.Catalog.Apps() {
		if err := p.Automations.Lay(ctx, a); err != nil {
			return err
		}
	}
	p.Desk = desk.New(p.Store, p.Clock, p.Catalog, p.Records, p.People, p.Zone)
	p.Timers = timers.New(p.Store, p.Clock, p.Records.Fire, p.Log)
	p.Errands = errands.New(p.Store, p.Clock, errands.Doers{
		Begin: p.Records.Begin, Answer: p.answer, Call: p.call, Lang: p.Lang,
	}, p.Log)
	p.Shifts = shifts.New(p.Store, p.Clock, p.Catalog, p.Records, p.Log)
	signer, err := p.Config.Signer(quicklinks.Purpose)
	if err != nil {
		return fmt.Errorf("open quick links: %w", err)
	}
	p.Links = quicklinks.New(p.Store, p.Clock, signer, p.Log)
	p.Door = door.New(door.Parts{
		Clock: p.Clock, Wall: clock.Real{}, Catalog: p.Catalog, People: p.People, Records: p.Records, Links: p.Links,
		Lang: p.Lang, Zone: p.Zone, Told: func() { p.Notices.Nudge() },
	})
	return nil
}

// told wakes the queues after the pipeline has written to them.
func (p *Product) told(events []engine.Event, notified bool) {
	p.Timers.Nudge(timers.Earliest(events))
	if notified {
		p.Notices.Nudge()
	}
	p.Errands.Nudge()
	p.Automations.Nudge()
}

// call makes the call of an errand, whose id tells the other system that it is the same one again.
func (p *Product) call(ctx context.Context, e errands.Errand) (engine.Reply, error) {
	return p.makeCall(ctx, e.App, e.ID, *e.Call)
}

func (p *Product) makeCall(ctx context.Context, app, key string, c engine.Call) (engine.Reply, error) {
	if p.Call != nil {
		return p.Call(ctx, app, key, c)
	}
	return p.Calls.Call(ctx, app, key, c)
}

// answer brings a reply back to the record, or the run of an automation, that waits for it.
func (p *Product) answer(ctx context.Context, to errands.Home, reply engine.Reply) error {
	if to.Run != "" {
		return p.Automations.Answer(ctx, to.Run, reply)
	}
	return p.Records.Answer(ctx, to, reply)
}

// setOff is what an action sets off by itself.
func (p *Product) setOff(ctx context.Context, rec *records.Record, act *records.Action) ([]store.Write, error) {
	return p.Automations.Follow(ctx, rec, act)
}

// sweepEvery is how often outboxes that a dead server left behind are looked for.
const sweepEvery = 5 * time.Second

// Run does the background work until ctx ends, and returns when what was under way has ended.
func (p *Product) Run(ctx context.Context) {
	var work sync.WaitGroup
	for _, run := range []func(context.Context){p.runQueues, p.Turns.Run, p.Live.Run, p.Links.Run, p.sweep, p.tidyFiles, p.buildIndexes} {
		work.Go(func() { run(ctx) })
	}
	work.Wait()
}

// runQueues works on timers and notices, and stands aside while a sample history is played: its moments lie in the past and
// are its own player's to fire.
func (p *Product) runQueues(ctx context.Context) {
	for ctx.Err() == nil {
		p.queues.RLock()
		run, stop := context.WithCancel(ctx)
		p.stopQueues.Store(&stop)
		var work sync.WaitGroup
		work.Go(func() { p.Timers.Run(run) })
		work.Go(func() { p.Errands.Run(run) })
		work.Go(func() { p.Shifts.Run(run) })
		work.Go(func() { p.Automations.Run(run) })
		work.Go(func() { p.Notices.Run(run) })
		work.Wait()
		stop()
		p.queues.RUnlock()
	}
}

// pauseQueues stops this server's work on timers and notices until resume is called.
func (p *Product) pauseQueues(ctx context.Context) (resume func(), err error) {
	for !p.queues.TryLock() {
		if stop := p.stopQueues.Load(); stop != nil {
			(*stop)()
		}
		if err := (clock.Real{}).Wait(ctx, 10*time.Millisecond); err != nil {
			return nil, err
		}
	}
	return p.queues.Unlock, nil
}

func (p *Product) sweep(ctx context.Context) {
	if p.Store.Transactional() {
		return
	}
	for (clock.Real{}).Wait(ctx, sweepEvery) == nil {
		p.sweepOnce(ctx)
	}
}

// tidyFiles removes uploads that nobody wanted, once it is known of every record which it has taken in: what the last
// server left in an outbox may name an upload that is old by now.
func (p *Product) tidyFiles(ctx context.Context) {
	for !p.Store.Transactional() && !p.sweepOnce(ctx) {
		if (clock.Real{}).Wait(ctx, sweepEvery) != nil {
			return
		}
	}
	p.Files.Run(ctx)
}

// sweepOnce looks at every form, also after one whose outboxes cannot be told, and reports whether it came to the end.
func (p *Product) sweepOnce(ctx context.Context) bool {
	for _, a := range p.Catalog.Apps() {
		for _, f := range a.Forms() {
			_, err := p.Records.Sweep(ctx, a.Key, f.Key)
			if err != nil && ctx.Err() == nil {
				p.Log.ErrorContext(ctx, "sweep outboxes", slog.String("app", a.Key), slog.String("form", f.Key), slog.Any("error", err))
			}
			if fault.KindOf(err) == fault.Unavailable || ctx.Err() != nil {
				return false
			}
		}
	}
	return true
}

// restStep is how far apart the moments are at which Advance stops for notices and automations alone.
const restStep = time.Minute

// Advance moves the manual clock to a moment, and lets happen on the way whatever falls due: timers each at its moment, and
// between them automations, and the notices that quiet hours, digests and full rows have put off.
func (p *Product) Advance(ctx context.Context, m *clock.Manual, to time.Time) error {
	return p.advance(ctx, m, to, p.settle, p.Notices.Next, p.Automations.Next)
}

// advance is Advance that settles otherwise, and that stops for these.
func (p *Product) advance(
	ctx context.Context, m *clock.Manual, to time.Time, settle func(context.Context) error, stops ...func(context.Context) (time.Time, bool, error),
) error {
	for {
		at, found := to, false
		for _, stop := range stops {
			next, waits, err := stop(ctx)
			if err != nil {
				return err
			}
			if least := m.Now().Add(restStep); waits && next.Before(least) {
				next = least
			}
			if waits && next.Before(at) {
				at, found = next, true
			}
		}
		if err := p.Timers.AdvanceTo(ctx, m, at, settle); err != nil || !found {
			return err
		}
	}
}

// settle does what flows and automations have asked for, and tells people.
func (p *Product) settle(ctx context.Context) error {
	if err := p.Turns.Settle(ctx); err != nil {
		return err
	}
	if err := p.settleInside(ctx); err != nil {
		return err
	}
	return p.Notices.Drain(ctx)
}

// settleInside does what flows and automations have asked for, and what follows from it.
func (p *Product) settleInside(ctx context.Context) error {
	for {
		for _, drain := range []func(context.Context) error{p.Shifts.Drain, p.Errands.Drain, p.Automations.Drain} {
			if err := drain(ctx); err != nil {
				return err
			}
		}
		next, waits, err := p.Errands.Next(ctx)
		if err != nil || !waits || next.After(p.Clock.Now()) {
			return err
		}
	}
}
