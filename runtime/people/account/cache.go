package account

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
)

const (
	// trust is how long a remembered key is believed without asking the store. A key that another server copy
	// revokes is forgotten as soon as the store's watch tells of it, and after this long if it does not.
	trust    = 5 * time.Second
	maxKnown = 20_000
)

// cache remembers keys, so that recognising somebody costs no store read.
type cache struct {
	clock      clock.Clock
	mu         sync.RWMutex
	keys       map[string]*remembered
	generation uint64 // of forgettings
}

type remembered struct {
	key     key
	until   time.Time    // to be believed
	touched atomic.Int64 // when use was last noted, in Unix milliseconds
}

func newCache(c clock.Clock) *cache { return &cache{clock: c, keys: map[string]*remembered{}} }

// get finds a key that may still be believed, else the generation to hand to put after loading it.
func (c *cache) get(id string) (r *remembered, generation uint64) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	r, ok := c.keys[id]
	if !ok || !c.clock.Now().Before(r.until) {
		return nil, c.generation
	}
	return r, c.generation
}

// put remembers a key that was loaded since get. If anything was forgotten meanwhile it may have been this one, so it
// is only handed back.
func (c *cache) put(k key, generation uint64) *remembered {
	r := &remembered{key: k, until: c.clock.Now().Add(trust)}
	r.touched.Store(k.LastUsedAt.UnixMilli())
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.generation == generation {
		if len(c.keys) >= maxKnown {
			clear(c.keys)
		}
		c.keys[k.ID] = r
	}
	return r
}

// forget drops a key; "" drops all.
func (c *cache) forget(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	if id == "" {
		clear(c.keys)
		return
	}
	delete(c.keys, id)
}
