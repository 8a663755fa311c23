package account

import (
	"sync"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
)

const (
	freeByName    = 5  // failures under one user name before waiting begins
	freeByAddress = 30 // failures from one address: many people may share it
	firstWait     = time.Minute
	longestWait   = 15 * time.Minute
	forgetAfter   = 24 * time.Hour
	maxCounted    = 50_000
)

// limiter makes guessing slow: after some free failures each further one costs twice the wait of the one before. It
// counts in memory, per server copy.
type limiter struct {
	clock clock.Clock
	free  int
	mu    sync.Mutex
	tries map[string]*tries
}

type tries struct {
	failures int
	last     time.Time
	until    time.Time // no further try before
}

func newLimiter(c clock.Clock, free int) *limiter {
	return &limiter{clock: c, free: free, tries: map[string]*tries{}}
}

// begin counts a try as failed before it is made, so that many at once gain nothing. wait > 0 says that it may not be
// made yet; locked that a failure of this one begins a wait.
func (l *limiter) begin(who string) (wait time.Duration, locked bool) {
	if who == "" {
		return 0, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.Now()
	t, ok := l.tries[who]
	if !ok || now.Sub(t.last) > forgetAfter {
		l.makeRoom(now)
		t = &tries{}
		l.tries[who] = t
	}
	if now.Before(t.until) {
		return t.until.Sub(now), false
	}
	t.last = now
	t.failures++
	if over := t.failures - l.free; over >= 0 {
		t.until = now.Add(min(firstWait<<min(over, 10), longestWait))
		return 0, true
	}
	return 0, false
}

// succeeded forgets the failures of somebody who knew the password.
func (l *limiter) succeeded(who string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.tries, who)
}

// refund takes back one try that did not fail. Earlier ones still count.
func (l *limiter) refund(who string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t, ok := l.tries[who]; ok {
		t.failures = max(t.failures-1, 0)
		t.until = time.Time{}
	}
}

// makeRoom drops what no longer matters, and everything when that is not enough: memory is bounded first.
func (l *limiter) makeRoom(now time.Time) {
	if len(l.tries) < maxCounted {
		return
	}
	for who, t := range l.tries {
		if now.Sub(t.last) > longestWait {
			delete(l.tries, who)
		}
	}
	if len(l.tries) >= maxCounted {
		clear(l.tries)
	}
}
