// Package throttle keeps a channel within what its peer bears. It counts messages against rates, for the whole channel and
// for one member; it keeps out of the minutes in which everybody sends; it lets a peer alone that asked for a pause; and
// it stops calling a peer that keeps failing, trying one message from time to time until one arrives (a circuit
// breaker). What it knows lies in the store, so all server copies act as one.
package throttle

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Collection holds one document for each channel and, for channels that limit them, each member.
const Collection = "noticeThrottles"

// Config shapes the throttle of one channel.
type Config struct {
	ID     string // of the channel; no "/"
	Rates  []Rate // of all messages together; none: no limit
	Member []Rate // of the messages to one member; none: no limit
	// OffHour keeps messages out of the first minute of every full and half hour.
	OffHour bool
	// Failures is how many in a row open the breaker; default 5.
	Failures int
	// Open is for how long it opens at first, doubling with every try that fails up to MostOpen; default 1 and 10 minutes.
	Open, MostOpen time.Duration
	// Random spreads what would happen everywhere at once (0 ≤ r < 1); nil: math/rand.
	Random func() float64
}

// probeFor is how long a message sent as a try is waited for before another one is sent.
const probeFor = 90 * time.Second

// Throttle is the throttle of one channel. It is safe for concurrent use.
type Throttle struct {
	store   store.Store
	clock   clock.Clock
	config  Config
	offset  time.Duration // into the minute after the one that is kept free
	probing atomic.Bool   // this process has been granted a try and not yet said how it went
}

// New makes a throttle.
func New(st store.Store, ck clock.Clock, c Config) *Throttle {
	if c.Failures == 0 {
		c.Failures = 5
	}
	if c.Open == 0 {
		c.Open = time.Minute
	}
	if c.MostOpen == 0 {
		c.MostOpen = 10 * time.Minute
	}
	if c.Random == nil {
		c.Random = rand.Float64
	}
	return &Throttle{store: st, clock: ck, config: c, offset: time.Duration(c.Random() * float64(time.Minute)).Truncate(time.Millisecond)}
}

// account is what is stored of a channel or a member.
type account struct {
	ID        string       `json:"_id"`
	Rev       int64        `json:"rev"`
	Whole     allowances   `json:"whole,omitempty"`
	Failures  int          `json:"failures,omitempty"` // in a row
	OpenUntil store.Moment `json:"openUntil,omitzero"` // the breaker is open; once it is past, half open
	OpenFor   int64        `json:"openFor,omitempty"`  // milliseconds
	Probe     store.Moment `json:"probe,omitzero"`     // until when a try is under way
	BusyUntil store.Moment `json:"busyUntil,omitzero"` // the peer asked to be left alone
	Error     problem.Text `json:"error,omitempty"`    // of the last failure
	ErrorAt   store.Moment `json:"errorAt,omitzero"`
	WorkedAt  store.Moment `json:"workedAt,omitzero"` // to the minute
}

// Gate is when the next message may be claimed, as queue.Gate has it: it counts the message when that is now.
func (t *Throttle) Gate(ctx context.Context) (time.Time, error) {
	var free time.Time
	err := t.change(ctx, t.config.ID, func(a *account) bool {
		now := t.clock.Now()
		free = t.offHour(later(a.Whole.free(t.config.Rates, now), a.BusyUntil.Time))
		if !a.OpenUntil.IsZero() {
			free = later(free, later(a.OpenUntil.Time, a.Probe.Time))
		}
		if free.After(now) {
			return false
		}
		a.Whole = a.Whole.take(t.config.Rates, now)
		if a.OpenUntil.IsZero() {
			return len(t.config.Rates) > 0
		}
		a.Probe = store.CeilMoment(now.Add(probeFor))
		t.probing.Store(true)
		return true
	})
	return free, err
}

// Turn takes the next place in the row of messages to one member and says when it comes: now or later.
func (t *Throttle) Turn(ctx context.Context, member string) (time.Time, error) {
	turn := t.clock.Now()
	if len(t.config.Member) == 0 {
		return turn, nil
	}
	err := t.change(ctx, t.config.ID+"/"+member, func(a *account) bool {
		turn = store.CeilMoment(t.offHour(a.Whole.free(t.config.Member, t.clock.Now()))).Time
		a.Whole = a.Whole.take(t.config.Member, turn)
		return true
	})
	return turn, err
}

// offHour moves a moment out of the minutes that are kept free.
func (t *Throttle) offHour(at time.Time) time.Time {
	if !t.config.OffHour || at.Minute()%30 != 0 {
		return at
	}
	return at.Truncate(time.Minute).Add(time.Minute + t.offset)
}

// Worked says that the peer took a message: the breaker closes. It reports whether it had been anything but closed.
func (t *Throttle) Worked(ctx context.Context) (recovered bool, err error) {
	t.probing.Store(false)
	err = t.change(ctx, t.config.ID, func(a *account) bool {
		now := t.clock.Now()
		recovered = !a.OpenUntil.IsZero()
		if a.Failures == 0 && !recovered && now.Sub(a.WorkedAt.Time) < time.Minute {
			return false
		}
		a.Failures, a.OpenUntil, a.OpenFor, a.Probe = 0, store.Moment{}, 0, store.Moment{}
		a.WorkedAt = store.MomentOf(now.Truncate(time.Minute))
		return true
	})
	return recovered, err
}

// Failed says that the peer could not be used, and why.
func (t *Throttle) Failed(ctx context.Context, why problem.Text) error {
	t.probing.Store(false)
	return t.change(ctx, t.config.ID, func(a *account) bool {
		now := t.clock.Now()
		a.Failures++
		a.Error, a.ErrorAt = why, store.MomentOf(now)
		switch {
		case a.OpenUntil.After(now): // it was under way when the breaker opened
		case a.OpenUntil.IsZero() && a.Failures < t.config.Failures:
		default:
			a.OpenFor = min(max(2*a.OpenFor, t.config.Open.Milliseconds()), t.config.MostOpen.Milliseconds())
			spread := 1 - t.config.Random()/10
			a.OpenUntil = store.CeilMoment(now.Add(time.Duration(float64(a.OpenFor)*spread) * time.Millisecond))
			a.Probe = store.Moment{}
		}
		return true
	})
}

// Unused says that a message that had passed the gate was not sent after all, so that another one may be the try.
func (t *Throttle) Unused(ctx context.Context) error {
	if !t.probing.Swap(false) {
		return nil
	}
	return t.change(ctx, t.config.ID, func(a *account) bool {
		a.Probe = store.Moment{}
		return true
	})
}

// Busy says that the peer asked to be left alone until a moment.
func (t *Throttle) Busy(ctx context.Context, until time.Time, why problem.Text) error {
	return t.change(ctx, t.config.ID, func(a *account) bool {
		a.BusyUntil = store.CeilMoment(later(a.BusyUntil.Time, until))
		a.Error, a.ErrorAt = why, store.MomentOf(t.clock.Now())
		return true
	})
}

// change loads an account, lets it be changed and writes it back when change says so; when another server copy was faster,
// it is done again.
func (t *Throttle) change(ctx context.Context, id string, change func(*account) bool) error {
	for {
		a, err := t.load(ctx, id)
		if err != nil || !change(&a) {
			return err
		}
		write := store.Write{Op: store.OpReplace, Collection: Collection, ID: id, Rev: a.Rev}
		if a.Rev == 0 {
			write.Op = store.OpInsert
		}
		a.Rev++
		if write.Doc, err = json.Marshal(a); err != nil {
			return fmt.Errorf("write throttle %s: %w", id, err)
		}
		err = t.store.Apply(ctx, write)
		if fault.Has(err, store.ErrConflict) || fault.Has(err, store.ErrDuplicate) {
			continue
		}
		if err != nil {
			return fmt.Errorf("write throttle %s: %w", id, err)
		}
		return nil
	}
}

func (t *Throttle) load(ctx context.Context, id string) (account, error) {
	a, err := store.Load[account](ctx, t.store, Collection, id)
	if fault.Has(err, store.ErrNotFound) {
		return account{ID: id}, nil
	}
	if err != nil {
		return account{}, fmt.Errorf("read throttle %s: %w", id, err)
	}
	return a, nil
}
