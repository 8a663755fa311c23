package notices_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/storetest"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/notices/preference"
	"github.com/stepwell/stepwell/runtime/notices/throttle"
	"github.com/stepwell/stepwell/runtime/queue"
	"github.com/stepwell/stepwell/schemas/definition"
)

// peer is a channel that keeps what it took and answers as it is told.
type peer struct {
	clock  clock.Clock
	answer func(m notices.Message) error // nil: everything is taken
	nobody []string                      // whom it does not know

	mu    sync.Mutex
	took  []notices.Message
	at    []time.Time
	calls int
}

func (*peer) Kind() string { return "chat" }

func (p *peer) Reach(to notices.Person) error {
	if slices.Contains(p.nobody, to.ID) {
		return notices.Unknown(to, definition.Text{"": "chat"}, definition.Text{"": "no id"})
	}
	return nil
}

func (p *peer) Send(_ context.Context, m notices.Message) (notices.Receipt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls++
	if p.answer != nil {
		if err := p.answer(m); err != nil {
			return notices.Receipt{}, err
		}
	}
	p.took = append(p.took, m)
	p.at = append(p.at, p.clock.Now())
	return notices.Receipt{MessageID: m.Key}, nil
}

func (p *peer) keys() []string {
	out := []string{}
	for _, m := range p.took {
		out = append(out, m.Key)
	}
	return out
}

// office is a queue with one line, "chat", on a store and a clock of its own.
type office struct {
	*testing.T
	store store.Store
	clock *clock.Manual
	peer  *peer
	queue *notices.Queue
	wants map[string]preference.Preferences
	count map[string]int
	line  notices.Line
	opts  notices.Options
}

var shanghai = time.FixedZone("CST", 8*3600)

// morning is a Monday, 10:10 in Shanghai.
var morning = time.Date(2026, 3, 2, 2, 10, 0, 0, time.UTC)

func openOffice(t *testing.T, change func(*notices.Line, *notices.Options)) *office {
	t.Helper()
	o := &office{T: t, store: storetest.Open(t), clock: clock.NewManual(morning), wants: map[string]preference.Preferences{}, count: map[string]int{}}
	require.NoError(t, o.store.EnsureIndexes(t.Context(), notices.Collection, notices.Indexes()...))
	require.NoError(t, o.store.EnsureIndexes(t.Context(), throttle.Collection))
	o.peer = &peer{clock: o.clock}
	o.line = notices.Line{ID: "chat", Key: "chat", Version: "1", Channel: o.peer}
	var counting sync.Mutex
	opts := options()
	opts.Zone = shanghai
	opts.Preferences = func(_ context.Context, user string) (preference.Preferences, error) { return o.wants[user], nil }
	opts.Counted = func(_ string, outcome notices.Outcome) {
		counting.Lock()
		defer counting.Unlock()
		o.count[string(outcome)]++
	}
	if change != nil {
		change(&o.line, &opts)
	}
	o.opts = opts
	o.queue = o.copy()
	return o
}

// copy is the queue of another server copy.
func (o *office) copy() *notices.Queue {
	q := notices.New(o.store, o.clock, nil, o.opts)
	q.Use([]notices.Line{o.line})
	return q
}

// tell stores what an effect tells people, now.
func (o *office) tell(record, key string, cause engine.EffectCause, users ...string) {
	o.Helper()
	writes, err := notices.Writes(
		engine.Effect{Key: key, Cause: cause, To: users, Channels: []string{"chat"}},
		notices.Subject{
			App: "sales", Form: "deal", Record: record, Title: "Deal " + record, At: o.clock.Now(), Link: "/r/" + record,
			Step: definition.Text{"zh-CN": "样件", "en": "Sample"}, Group: func(string) bool { return o.line.Group },
		})
	require.NoError(o, err)
	require.NoError(o, o.store.Apply(o.Context(), writes...))
}

func (o *office) drain() {
	o.Helper()
	require.NoError(o, o.queue.Drain(o.Context()))
}

// pass lets time pass, looking every step.
func (o *office) pass(whole, step time.Duration) {
	o.Helper()
	end := o.clock.Now().Add(whole)
	for o.clock.Now().Before(end) {
		o.drain()
		if o.idle() {
			o.clock.Set(end)
			return
		}
		o.clock.Advance(step)
	}
	o.drain()
}

// idle reports that nothing waits any more.
func (o *office) idle() bool {
	o.Helper()
	n, err := o.store.Count(o.Context(), notices.Collection, store.Filter{"state": queue.Pending}, 1)
	require.NoError(o, err)
	return n == 0
}

func (o *office) load(id string) notices.Notice {
	o.Helper()
	n, err := store.Load[notices.Notice](o.Context(), o.store, notices.Collection, id)
	require.NoError(o, err)
	return n
}

func (o *office) states() map[string]int {
	o.Helper()
	all, err := store.LoadAll[notices.Notice](o.Context(), o.store, notices.Collection, store.Query{Filter: store.Filter{"channel": "chat"}})
	require.NoError(o, err)
	out := map[string]int{}
	for _, n := range all {
		out[string(n.State)]++
	}
	return out
}

func update(name string, value any) store.Update {
	return store.Update{Set: map[string]any{name: value}}
}
