package quicklinks

import (
	"sync"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
)

// Limiter lets each key through so many times at once, and then once in every while. It counts in memory, per server copy.
type Limiter struct {
	clock clock.Clock
	burst int
	every time.Duration

	mu   sync.Mutex
	next map[string]time.Time // when the last use of a key will have been paid for
}

// maxKeys bounds the memory of a Limiter.
const maxKeys = 50_000

// NewLimiter makes a limiter of burst uses at once and one more in every while. Its clock should be the real one.
func NewLimiter(c clock.Clock, burst int, every time.Duration) *Limiter {
	return &Limiter{clock: c, burst: burst, every: every, next: map[string]time.Time{}}
}

// Take uses one turn of a key; false when there is none left.
func (l *Limiter) Take(key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.Now()
	paid := l.next[key]
	if paid.Before(now) {
		paid = now
	}
	paid = paid.Add(l.every)
	if paid.After(now.Add(time.Duration(l.burst) * l.every)) {
		return false
	}
	if _, known := l.next[key]; !known && len(l.next) >= maxKeys {
		l.makeRoom(now)
	}
	l.next[key] = paid
	return true
}

// makeRoom forgets keys that have all their turns again, and everything when that is not enough: memory is bounded first.
func (l *Limiter) makeRoom(now time.Time) {
	for key, paid := range l.next {
		if paid.Before(now) {
			delete(l.next, key)
		}
	}
	if len(l.next) >= maxKeys {
		clear(l.next)
	}
}
