// Package live tells open pages that something was written, by whichever server copy, so that they load it again. An
// event names a document and carries none of it: what a reader may see is decided when they load it.
package live

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/store"
)

// Type is what an event says.
type Type string

// The types of events.
const (
	Changed   Type = "changed"
	Deleted   Type = "deleted"
	Resync    Type = "resync"    // events were missed: load everything shown again
	Heartbeat Type = "heartbeat" // keeps the connection open
)

// Event is one piece of news.
type Event struct {
	Type       Type   `json:"type"`
	Collection string `json:"collection,omitempty"`
	ID         string `json:"id,omitempty"`
}

// Filter says whether a subscriber gets an event about a document. It runs for this subscriber alone and may load
// things, until ctx ends; a slow one makes its own subscriber miss events (and be told to resync), nobody else.
type Filter func(ctx context.Context, e Event) bool

const (
	heartbeat = 25 * time.Second // proxies commonly close what is silent for 30 or 60 s
	rewatch   = time.Second
	buffered  = 128 // events a subscriber may lag behind
)

// Hub passes changes of the store on to subscribers.
type Hub struct {
	store store.Store
	clock clock.Clock
	log   *slog.Logger

	mu          sync.Mutex
	subscribers map[*subscriber]struct{}
	wanted      map[string]struct{} // collections to watch
	more        chan struct{}       // wanted has grown
}

type subscriber struct {
	inbox chan Event
	// told means that a Resync is in the inbox and nothing after it: until it is read, further events are part of it.
	told bool
}

// New makes a hub that watches these collections once Run is called. Its clock measures the silence of connections,
// so it should be the real one even where a manual clock drives everything else.
func New(st store.Store, ck clock.Clock, log *slog.Logger, collections ...string) *Hub {
	h := &Hub{
		store: st, clock: ck, log: log,
		subscribers: map[*subscriber]struct{}{}, wanted: map[string]struct{}{}, more: make(chan struct{}, 1),
	}
	h.Watch(collections...)
	return h
}

// Watch adds collections, also while the hub runs: that of a form just published, for instance. Known ones are ignored.
func (h *Hub) Watch(collections ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	before := len(h.wanted)
	for _, c := range collections {
		h.wanted[c] = struct{}{}
	}
	if len(h.wanted) > before {
		select {
		case h.more <- struct{}{}:
		default:
		}
	}
}

// Run passes changes on until ctx ends.
func (h *Hub) Run(ctx context.Context) {
	var work sync.WaitGroup
	defer work.Wait()
	work.Go(func() {
		for h.clock.Wait(ctx, heartbeat) == nil {
			h.broadcast(Event{Type: Heartbeat})
		}
	})
	watched := map[string]struct{}{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.more:
		}
		if fresh := h.fresh(watched); len(fresh) > 0 {
			work.Go(func() { h.follow(ctx, fresh) })
		}
	}
}

// fresh moves the collections that are not yet watched into watched.
func (h *Hub) fresh(watched map[string]struct{}) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var fresh []string
	for _, c := range slices.Sorted(maps.Keys(h.wanted)) {
		if _, ok := watched[c]; !ok {
			watched[c] = struct{}{}
			fresh = append(fresh, c)
		}
	}
	return fresh
}

// follow watches collections and starts over when the store loses the thread. Whatever happened before the watch stood
// was not seen, so readers are then told to load everything again.
func (h *Hub) follow(ctx context.Context, collections []string) {
	for ctx.Err() == nil {
		changes, err := h.store.Watch(ctx, collections...)
		if err == nil {
			h.broadcast(Event{Type: Resync})
			for c := range changes {
				h.broadcast(event(c))
			}
		}
		if ctx.Err() != nil {
			return
		}
		h.log.WarnContext(ctx, "live feed interrupted", slog.Any("collections", collections), slog.Any("error", err))
		if h.clock.Wait(ctx, rewatch) != nil {
			return
		}
	}
}

func event(c store.Change) Event {
	switch {
	case c.ID == "":
		return Event{Type: Resync}
	case c.Deleted:
		return Event{Type: Deleted, Collection: c.Collection, ID: c.ID}
	default:
		return Event{Type: Changed, Collection: c.Collection, ID: c.ID}
	}
}

// Subscribe gives the events that the filter lets through, from now on, until ctx ends; then the channel is closed.
// Resync and Heartbeat are not filtered. A reader that is too slow gets one Resync in place of what it missed.
func (h *Hub) Subscribe(ctx context.Context, filter Filter) <-chan Event {
	s := &subscriber{inbox: make(chan Event, buffered)}
	h.mu.Lock()
	h.subscribers[s] = struct{}{}
	h.mu.Unlock()
	out := make(chan Event)
	go func() {
		defer close(out)
		defer h.leave(s)
		for {
			select {
			case <-ctx.Done():
				return
			case e := <-s.inbox:
				if e.ID != "" && !filter(ctx, e) {
					continue
				}
				select {
				case out <- e:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return out
}

// Subscribers is how many there are.
func (h *Hub) Subscribers() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.subscribers)
}

func (h *Hub) leave(s *subscriber) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.subscribers, s)
}

func (h *Hub) broadcast(e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.subscribers {
		s.offer(e)
	}
}

// offer never blocks. The last place of the inbox is kept for a Resync.
func (s *subscriber) offer(e Event) {
	if s.told {
		if len(s.inbox) > 0 {
			return
		}
		s.told = false
	}
	if len(s.inbox) == cap(s.inbox)-1 {
		e, s.told = Event{Type: Resync}, true
	}
	s.inbox <- e
}
