package embedded

import (
	"context"
	"slices"
	"sync"

	"github.com/stepwell/stepwell/internal/store"
)

// pending is how many changes wait for a slow watcher before it is told to load everything again.
const pending = 1024

type watchers struct {
	mu   sync.Mutex
	all  map[*watcher]bool
	done bool
}

type watcher struct {
	collections []string
	mu          sync.Mutex
	queue       []store.Change
	wake        chan struct{}
	end         chan struct{} // closed when the store closes
}

// Watch tells of changes that this process commits.
func (s *Store) Watch(ctx context.Context, collections ...string) (<-chan store.Change, error) {
	w := &watcher{collections: collections, wake: make(chan struct{}, 1), end: make(chan struct{})}
	if !s.watch.add(w) {
		return nil, store.ErrUnavailable.Because(errClosed, nil)
	}
	out := make(chan store.Change)
	go func() {
		defer close(out)
		defer s.watch.remove(w)
		for {
			for _, change := range w.take() {
				select {
				case out <- change:
				case <-ctx.Done():
					return
				case <-w.end:
					return
				}
			}
			select {
			case <-w.wake:
			case <-ctx.Done():
				return
			case <-w.end:
				return
			}
		}
	}()
	return out, nil
}

func (w *watcher) take() []store.Change {
	w.mu.Lock()
	defer w.mu.Unlock()
	q := w.queue
	w.queue = nil
	return q
}

func (w *watcher) tell(changes []store.Change) {
	w.mu.Lock()
	for _, c := range changes {
		if !slices.Contains(w.collections, c.Collection) {
			continue
		}
		if len(w.queue) >= pending {
			w.queue = []store.Change{{}}
		}
		w.queue = append(w.queue, c)
	}
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (ws *watchers) add(w *watcher) bool {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if ws.done {
		return false
	}
	if ws.all == nil {
		ws.all = map[*watcher]bool{}
	}
	ws.all[w] = true
	return true
}

func (ws *watchers) remove(w *watcher) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	delete(ws.all, w)
}

func (ws *watchers) tell(changes []store.Change) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	for w := range ws.all {
		w.tell(changes)
	}
}

func (ws *watchers) closeAll() {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.done = true
	for w := range ws.all {
		close(w.end)
	}
}
