// Package clock is where time comes from. Nothing else reads the machine's clock, so that tests and demos can hold
// it in their hand.
package clock

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Clock tells the time and waits for it.
type Clock interface {
	// Now is the present moment in UTC.
	Now() time.Time
	// Wait returns when d has passed on this clock, or with ctx's error when that ends first.
	Wait(ctx context.Context, d time.Duration) error
}

// Real is the machine's clock.
type Real struct{}

// Now is the machine's time.
func (Real) Now() time.Time { return time.Now().UTC() }

// Wait sleeps in real time.
func (Real) Wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Manual stands still until it is moved. The zero value is not usable; make one with NewManual.
type Manual struct {
	mu      sync.Mutex
	now     time.Time
	waiters []waiter
}

type waiter struct {
	at   time.Time
	done chan struct{}
}

// NewManual makes a clock that shows the given moment.
func NewManual(now time.Time) *Manual { return &Manual{now: now.UTC()} }

// Now is the moment the clock was last set to.
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// Set moves the clock and wakes everything that waited for a moment up to now. Moving it back wakes nothing.
func (m *Manual) Set(now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = now.UTC()
	m.waiters = slices.DeleteFunc(m.waiters, func(w waiter) bool {
		if w.at.After(m.now) {
			return false
		}
		close(w.done)
		return true
	})
}

// Advance moves the clock forward by d.
func (m *Manual) Advance(d time.Duration) { m.Set(m.Now().Add(d)) }

// Wait returns when the clock has been moved d beyond its present moment.
func (m *Manual) Wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	w := waiter{done: make(chan struct{})}
	m.mu.Lock()
	w.at = m.now.Add(d)
	m.waiters = append(m.waiters, w)
	m.mu.Unlock()
	select {
	case <-w.done:
		return nil
	case <-ctx.Done():
		m.mu.Lock()
		m.waiters = slices.DeleteFunc(m.waiters, func(o waiter) bool { return o.done == w.done })
		m.mu.Unlock()
		return ctx.Err()
	}
}
