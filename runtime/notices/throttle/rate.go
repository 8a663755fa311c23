package throttle

import (
	"strconv"
	"time"

	"github.com/stepwell/stepwell/internal/store"
)

// Rate is how many messages there may be: up to Burst at once, then one each Every. In no stretch of time are there more
// than Burst and one for each Every of it.
type Rate struct {
	Every time.Duration
	Burst int
}

// key names a rate among those of a document, so that a rate that was changed begins afresh.
func (r Rate) key() string {
	return strconv.FormatInt(r.Every.Milliseconds(), 10) + "x" + strconv.Itoa(r.Burst)
}

// slack is how far ahead of its allowance a rate may run.
func (r Rate) slack() time.Duration { return time.Duration(max(r.Burst, 1)-1) * r.Every }

// allowances hold, for each rate, the moment at which its allowance is whole again (the generic cell rate algorithm):
// every message moves it on by Every, and one must wait while it is more than Burst messages away.
type allowances map[string]store.Moment

// free is when the next message may go, at the earliest now.
func (a allowances) free(rates []Rate, now time.Time) time.Time {
	at := now
	for _, r := range rates {
		if whole, ok := a[r.key()]; ok {
			at = later(at, whole.Add(-r.slack()))
		}
	}
	return at
}

// take counts a message that goes at a moment, and forgets rates that are no longer in force.
func (a allowances) take(rates []Rate, at time.Time) allowances {
	next := make(allowances, len(rates))
	for _, r := range rates {
		next[r.key()] = store.CeilMoment(later(at, a[r.key()].Time).Add(r.Every))
	}
	return next
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
