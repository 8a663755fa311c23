package notices

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/stepwell/stepwell/internal/calendar"
	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/notices/preference"
	"github.com/stepwell/stepwell/runtime/queue"
)

// Options shape the delivery.
type Options struct {
	// Person finds a reader as they are now; a fault of kind NotFound means there is no such person any more.
	Person func(ctx context.Context, user string) (Person, error)
	// Preferences are what a reader chose; nil: everybody is told everything at once.
	Preferences func(ctx context.Context, user string) (preference.Preferences, error)
	// Policy is what an app's channel definition says of a channel; nil, or an app of "", is the zero Policy.
	Policy func(app, channel string) Policy
	// Zone is the installation's, for quiet hours and digests of channels without a calendar; nil: UTC.
	Zone *time.Location
	// BaseURL is the installation's public address, without a slash at the end; links are made of it.
	BaseURL string
	// QuickPath is the path of a quick link by its id; nil: there are none.
	QuickPath func(id string) string
	// Random spreads what would happen at once (0 ≤ r < 1); nil: math/rand.
	Random func() float64
	// HoldFor is how long a notice waits for its channel to be set up, or for its peer to come back, before it counts as stale
	// and becomes a dead letter, so that setting up mail does not send months of old news; default 7 days.
	HoldFor time.Duration
	// Counted is told of everything that was done with a notice: sent, or as its state then is; nil: nobody.
	Counted func(line string, outcome Outcome)
	Log     *slog.Logger
}

// Policy is how an app wants a channel to be used.
type Policy struct {
	Urgent   []string           // causes that go out in quiet hours too
	Calendar *calendar.Calendar // whose days and time zone quiet hours and digests are read in; nil: the installation's
}

// Outcome is what became of one attempt to deliver.
type Outcome string

// The outcomes.
const (
	WentOut    Outcome = "sent"
	WentWrong  Outcome = "failed" // to be tried again
	GivenUp    Outcome = "dead"
	Unreached  Outcome = "noContact"
	Unwanted   Outcome = "off"
	PutOff     Outcome = "later" // quiet hours, a digest, or a place further back in the row
	Superseded Outcome = "lost"  // another worker has it
)

const (
	sendTimeout = 45 * time.Second
	maxAttempts = 24 // with the back-off below: about 16 hours
)

// Queue delivers the notices of all channels but the inbox. Any number of server copies may run one on the same store.
type Queue struct {
	store   store.Store
	clock   clock.Clock
	options Options
	all     *queue.Queue // for the questions that concern every channel; it never runs

	mu      sync.Mutex
	ways    []*way
	rest    *queue.Queue  // takes what no line will
	changed chan struct{} // closed when the lines are others
}

// New makes a queue over these channels, each of which serves every app; Use gives it others. It does nothing until Run or
// Drain is called.
func New(st store.Store, ck clock.Clock, channels []Channel, o Options) *Queue {
	if o.Random == nil {
		o.Random = rand.Float64
	}
	if o.HoldFor == 0 {
		o.HoldFor = 7 * 24 * time.Hour
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Counted == nil {
		o.Counted = func(string, Outcome) {}
	}
	q := &Queue{
		store: st, clock: ck, options: o, changed: make(chan struct{}),
		all: queue.New(st, ck, queue.Config{Name: Collection, Collection: Collection}),
	}
	lines := make([]Line, len(channels))
	for i, ch := range channels {
		lines[i] = Line{ID: ch.Kind(), Key: ch.Kind(), Type: ch.Kind(), Channel: ch}
	}
	q.Use(lines)
	return q
}

// Run delivers notices until ctx ends; it returns when those under way have ended too.
func (q *Queue) Run(ctx context.Context) {
	var r running
	defer r.all.Wait()
	for ctx.Err() == nil {
		q.mu.Lock()
		changed := q.changed
		q.mu.Unlock()
		if err := q.release(ctx); err != nil {
			if q.options.Log != nil {
				q.options.Log.ErrorContext(ctx, "held notices cannot be released", slog.Any("error", err))
			}
			if q.clock.Wait(ctx, time.Second) != nil {
				return
			}
			continue
		}
		r.follow(ctx, q.queues())
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// Drain delivers everything that may go now, and returns when all of it has been tried.
func (q *Queue) Drain(ctx context.Context) error {
	if err := q.release(ctx); err != nil {
		return err
	}
	for _, jobs := range q.queues() {
		if err := jobs.Drain(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Nudge makes Run look at once; call it after writing notices.
func (q *Queue) Nudge() {
	for _, jobs := range q.queues() {
		jobs.Nudge()
	}
}

func (q *Queue) queues() []*queue.Queue {
	q.mu.Lock()
	defer q.mu.Unlock()
	jobs := []*queue.Queue{q.rest}
	for _, w := range readyOf(q.ways) {
		jobs = append(jobs, w.jobs)
	}
	return jobs
}

// Next is the first moment after now at which a notice that waits may go; false when none does. What waits for a peer or
// its turn in a rate has no moment of its own.
func (q *Queue) Next(ctx context.Context) (time.Time, bool, error) {
	docs, err := q.store.Find(ctx, Collection, store.Query{
		Filter: store.Filter{"state": queue.Pending, "readyAt": store.Filter{"$gt": store.FormatTime(q.clock.Now())}},
		Sort:   []store.SortKey{{Path: "readyAt"}}, Limit: 1,
	})
	if err != nil || len(docs) == 0 {
		return time.Time{}, false, err
	}
	n, err := read(docs[0])
	return n.ReadyAt.Time, err == nil, err
}

func hold(context.Context, store.Doc) (store.Update, error) {
	return store.Update{Set: map[string]any{"state": Held}}, nil
}

// release lets notices go whose channel has been set up since they were held. Each is moved by itself, from the state it
// was found in: another server copy may be releasing too, and may have sent it already.
func (q *Queue) release(ctx context.Context) error {
	held := store.And(store.Filter{"state": Held}, some(q.ready()))
	fresh := store.And(held, store.Filter{"createdAt": store.Filter{"$gte": store.FormatTime(q.clock.Now().Add(-q.options.HoldFor))}})
	expired := queue.Describe(q.stale())
	expired["state"] = Expired
	for _, step := range []struct {
		from store.Filter
		to   map[string]any
	}{
		{fresh, map[string]any{"state": queue.Pending, "readyAt": store.FormatTime(q.clock.Now())}},
		{held, expired},
	} {
		for {
			_, err := q.store.FindAndUpdate(ctx, Collection, step.from, nil, store.Update{Set: step.to}, false)
			if fault.Has(err, store.ErrNotFound) {
				break
			}
			if err != nil {
				return fmt.Errorf("release held notices: %w", err)
			}
		}
	}
	return nil
}
