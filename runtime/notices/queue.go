package notices

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/queue"
)

// Options shape the delivery.
type Options struct {
	// Person finds a reader as they are now; a fault of kind NotFound means there is no such person any more.
	Person func(ctx context.Context, user string) (Person, error)
	// BaseURL is the installation's public address, without a slash at the end; links are made of it.
	BaseURL string
	// Rates limit channels by kind; others are not limited.
	Rates map[string]Rate
	// Random spreads the attempts of notices that failed together (0 ≤ r < 1); nil: math/rand.
	Random func() float64
	// HoldFor is how long a notice waits for its channel to be set up before it counts as stale and becomes a dead
	// letter, so that setting up mail does not send months of old news; default 7 days.
	HoldFor time.Duration
	Log     *slog.Logger
}

const (
	sendTimeout = 45 * time.Second
	maxAttempts = 24 // with the back-off below: about 16 hours
)

// Queue delivers the notices of all channels but the inbox. Any number of server copies may run one on the same store.
type Queue struct {
	store    store.Store
	clock    clock.Clock
	options  Options
	kinds    []string
	channels map[string]*queue.Queue
	rest     *queue.Queue // takes what no channel will
	all      *queue.Queue // for the questions that concern every channel; it never runs
}

// New makes a queue over these channels. It does nothing until Run or Drain is called.
func New(st store.Store, ck clock.Clock, channels []Channel, o Options) *Queue {
	if o.Random == nil {
		o.Random = rand.Float64
	}
	if o.HoldFor == 0 {
		o.HoldFor = 7 * 24 * time.Hour
	}
	q := &Queue{
		store: st, clock: ck, options: o, kinds: []string{}, channels: map[string]*queue.Queue{},
		all: queue.New(st, ck, queue.Config{Name: Collection, Collection: Collection}),
	}
	for _, ch := range channels {
		q.kinds = append(q.kinds, ch.Kind())
		q.channels[ch.Kind()] = queue.New(st, ck, queue.Config{
			Name: Collection + "/" + ch.Kind(), Collection: Collection, Filter: store.Filter{"channel": ch.Kind()},
			Do:   func(ctx context.Context, doc store.Doc) (store.Update, error) { return q.deliver(ctx, ch, doc) },
			Gate: gate(st, ck, ch.Kind(), o.Rates[ch.Kind()]), Workers: 4, Timeout: sendTimeout, MaxAttempts: maxAttempts,
			Backoff: queue.Doubling(15*time.Second, time.Hour, 0.25, o.Random), Log: o.Log,
		})
	}
	q.rest = queue.New(st, ck, queue.Config{
		Name: Collection + "/unset", Collection: Collection, Filter: store.Filter{"channel": store.Filter{"$nin": q.kinds}},
		Do: hold, Workers: 1, Log: o.Log,
	})
	return q
}

// Run delivers notices until ctx ends; it returns when those under way have ended too.
func (q *Queue) Run(ctx context.Context) {
	for ctx.Err() == nil {
		err := q.release(ctx)
		if err == nil {
			break
		}
		if q.options.Log != nil {
			q.options.Log.ErrorContext(ctx, "held notices cannot be released", slog.Any("error", err))
		}
		if q.clock.Wait(ctx, time.Second) != nil {
			return
		}
	}
	var lines sync.WaitGroup
	for _, line := range q.lines() {
		lines.Go(func() { line.Run(ctx) })
	}
	lines.Wait()
}

// Drain delivers everything that may go now, and returns when all of it has been tried.
func (q *Queue) Drain(ctx context.Context) error {
	if err := q.release(ctx); err != nil {
		return err
	}
	for _, line := range q.lines() {
		if err := line.Drain(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Nudge makes Run look at once; call it after writing notices.
func (q *Queue) Nudge() {
	for _, line := range q.lines() {
		line.Nudge()
	}
}

func (q *Queue) lines() []*queue.Queue {
	lines := []*queue.Queue{q.rest}
	for _, kind := range q.kinds {
		lines = append(lines, q.channels[kind])
	}
	return lines
}

func (q *Queue) deliver(ctx context.Context, ch Channel, doc store.Doc) (store.Update, error) {
	n, err := read(doc)
	if err != nil {
		return store.Update{}, queue.Permanent(err)
	}
	to, err := q.options.Person(ctx, n.User)
	if err != nil {
		err = fmt.Errorf("find the reader %s: %w", n.User, err)
		if fault.KindOf(err) == fault.NotFound {
			err = queue.Permanent(err)
		}
		return store.Update{}, err
	}
	m := Message{
		Key: n.ID, To: to, Title: n.Title.In(to.Language), Text: n.Text.In(to.Language), At: n.CreatedAt.Time,
	}
	if n.Link != "" {
		m.Link = q.options.BaseURL + n.Link
	}
	receipt, err := ch.Send(ctx, m)
	if err != nil {
		return store.Update{}, err
	}
	return store.Update{Set: map[string]any{
		"state": Sent, "sentAt": store.FormatTime(q.clock.Now()), "messageId": receipt.MessageID,
	}}, nil
}

func hold(context.Context, store.Doc) (store.Update, error) {
	return store.Update{Set: map[string]any{"state": Held}}, nil
}

// release lets notices go whose channel has been set up since they were held. Each is moved by itself, from the state it
// was found in: another server copy may be releasing too, and may have sent it already.
func (q *Queue) release(ctx context.Context) error {
	held := store.Filter{"state": Held, "channel": store.Filter{"$in": q.kinds}}
	fresh := store.And(held, store.Filter{"createdAt": store.Filter{"$gte": store.FormatTime(q.clock.Now().Add(-q.options.HoldFor))}})
	for _, step := range []struct {
		from store.Filter
		to   map[string]any
	}{
		{fresh, map[string]any{"state": queue.Pending, "readyAt": store.FormatTime(q.clock.Now())}},
		{held, map[string]any{"state": queue.Dead, "error": "older than " + q.options.HoldFor.String() + " when its channel was set up"}},
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

// Stats is what an operator watches.
type Stats struct {
	Channels map[string]queue.Stats // by kind; channels that are not set up are missing
	Held     int64                  // waiting for a channel to be set up
}

// Stats counts the notices that are not delivered.
func (q *Queue) Stats(ctx context.Context) (Stats, error) {
	s := Stats{Channels: map[string]queue.Stats{}}
	for _, kind := range q.kinds {
		one, err := q.channels[kind].Stats(ctx)
		if err != nil {
			return Stats{}, err
		}
		s.Channels[kind] = one
	}
	var err error
	if s.Held, err = q.store.Count(ctx, Collection, store.Filter{"state": Held}, 0); err != nil {
		return Stats{}, fmt.Errorf("count held notices: %w", err)
	}
	return s, nil
}

// Undelivered lists the notices of some states (queue.Pending, queue.Dead, Held) by id, after the one named.
func (q *Queue) Undelivered(ctx context.Context, states []queue.State, after string, limit int) ([]Notice, error) {
	states = slices.DeleteFunc(slices.Clone(states), func(s queue.State) bool { return s == Sent })
	docs, err := q.store.Find(ctx, Collection, store.Query{
		Filter: store.Filter{"state": store.Filter{"$in": states}, "_id": store.Filter{"$gt": after}},
		Sort:   []store.SortKey{{Path: "_id"}}, Limit: limit,
	})
	if err != nil {
		return nil, fmt.Errorf("list undelivered notices: %w", err)
	}
	return readAll(docs)
}

// Resend lets a dead letter start afresh, under the same key; queue.ErrNotDead when there is none of that id.
func (q *Queue) Resend(ctx context.Context, id string) error {
	if err := q.all.Retry(ctx, id); err != nil {
		return err
	}
	q.Nudge()
	return nil
}
