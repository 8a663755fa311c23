package notices

import (
	"context"
	"sync"
	"time"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/notices/throttle"
	"github.com/stepwell/stepwell/runtime/queue"
	"github.com/stepwell/stepwell/schemas/definition"
)

// Line is one way out: a channel as one app has set it up, or one of the whole installation.
type Line struct {
	ID  string // "email", or app + "." + key
	App string // whose notices it takes; "": those of every app that has no line of its own for the key
	Key string // the channel that flows name
	// Version changes whenever anything about the line does; a line of the same ID and Version stays as it is.
	Version string
	Type    string
	Title   definition.Text
	// Channel delivers; nil while the line is not set up.
	Channel Channel
	Why     definition.Text // what is missing, when Channel is nil
	// Group says that one message goes to many readers at once; nobody's preferences count then.
	Group    bool
	Language string // of messages to a group
	// Workers is how many messages each server copy sends side by side; default 4. One keeps them in order.
	Workers  int
	Throttle throttle.Config // its ID is set to the line's
}

// way is a line with its queue.
type way struct {
	Line
	jobs     *queue.Queue
	throttle *throttle.Throttle
	filter   store.Filter
}

// Use replaces the lines. Those that stay as they are go on undisturbed; one that goes away finishes what it has begun.
func (q *Queue) Use(lines []Line) {
	q.mu.Lock()
	defer q.mu.Unlock()
	known := make(map[string]*way, len(q.ways))
	for _, w := range q.ways {
		known[w.ID+"@"+w.Version] = w
	}
	next := make([]*way, 0, len(lines))
	for _, l := range lines {
		filter := filterOf(l, lines)
		if w, ok := known[l.ID+"@"+l.Version]; ok && sameFilter(w.filter, filter) {
			next = append(next, w)
			continue
		}
		next = append(next, q.lay(l, filter))
	}
	q.ways = next
	q.rest = queue.New(q.store, q.clock, queue.Config{
		Name: Collection + "/unset", Collection: Collection, Filter: q.unset(), Do: hold, Workers: 1, Log: q.options.Log,
	})
	close(q.changed)
	q.changed = make(chan struct{})
}

// lay makes the queue of a line.
func (q *Queue) lay(l Line, filter store.Filter) *way {
	l.Throttle.ID = l.ID
	if l.Workers == 0 {
		l.Workers = 4
	}
	if l.Throttle.Random == nil {
		l.Throttle.Random = q.options.Random
	}
	w := &way{Line: l, filter: filter, throttle: throttle.New(q.store, q.clock, l.Throttle)}
	w.jobs = queue.New(q.store, q.clock, queue.Config{
		Name: Collection + "/" + l.ID, Collection: Collection, Filter: filter,
		Do:   func(ctx context.Context, doc store.Doc) (store.Update, error) { return q.deliver(ctx, w, doc) },
		Gate: w.throttle.Gate, Workers: l.Workers, Timeout: sendTimeout, MaxAttempts: maxAttempts, Log: q.options.Log,
		Backoff: queue.Doubling(15*time.Second, time.Hour, 0.25, q.options.Random),
		// Longer than the breaker stays open, so that a message that itself drives the peer mad is not the try every time.
		OutOfReach: queue.Doubling(15*time.Second, 30*time.Minute, 0.25, q.options.Random),
	})
	return w
}

// filterOf selects the notices of a line among lines: those of its app and key, or, when it has no app, those of its key in
// apps that have no line of their own for it.
func filterOf(l Line, lines []Line) store.Filter {
	if l.App != "" {
		return store.Filter{"channel": l.Key, "app": l.App}
	}
	own := []string{}
	for _, other := range lines {
		if other.Key == l.Key && other.App != "" {
			own = append(own, other.App)
		}
	}
	if len(own) == 0 {
		return store.Filter{"channel": l.Key}
	}
	return store.Filter{"channel": l.Key, "app": store.Filter{"$nin": own}}
}

func sameFilter(a, b store.Filter) bool {
	x, errX := store.Encode(a)
	y, errY := store.Encode(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

// ready are the lines that deliver.
func (q *Queue) ready() []*way {
	q.mu.Lock()
	defer q.mu.Unlock()
	return readyOf(q.ways)
}

func readyOf(ways []*way) []*way {
	var out []*way
	for _, w := range ways {
		if w.Channel != nil {
			out = append(out, w)
		}
	}
	return out
}

// unset selects what no line delivers.
func (q *Queue) unset() store.Filter {
	return none(readyOf(q.ways))
}

func none(ways []*way) store.Filter {
	if len(ways) == 0 {
		return store.Filter{}
	}
	return store.Filter{"$nor": filters(ways)}
}

// some selects what some line delivers; nothing when there are no lines.
func some(ways []*way) store.Filter {
	if len(ways) == 0 {
		return store.Filter{"channel": store.Filter{"$in": []string{}}}
	}
	return store.Filter{"$or": filters(ways)}
}

func filters(ways []*way) []any {
	out := make([]any, len(ways))
	for i, w := range ways {
		out[i] = w.filter
	}
	return out
}

// find is the line of an id.
func (q *Queue) find(id string) (*way, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, w := range q.ways {
		if w.ID == id {
			return w, true
		}
	}
	return nil, false
}

// running are the lines that Run has started.
type running struct {
	all  sync.WaitGroup
	jobs map[*queue.Queue]bool
}

// follow starts what is new and retires what is gone.
func (r *running) follow(ctx context.Context, wanted []*queue.Queue) {
	keep := make(map[*queue.Queue]bool, len(wanted))
	for _, jobs := range wanted {
		keep[jobs] = true
		if !r.jobs[jobs] {
			r.all.Go(func() { jobs.Run(ctx) })
		}
	}
	for jobs := range r.jobs {
		if !keep[jobs] {
			jobs.Retire()
		}
	}
	r.jobs = keep
}
