package notices

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/queue"
)

// rateCollection holds one document per limited channel: the moment at which its allowance is whole again.
const rateCollection = "noticeRates"

// gate keeps a channel within its rate, across server copies and restarts, by the generic cell rate algorithm: every
// message moves the stored moment on by Every, and one is refused while that moment is more than Burst messages away.
func gate(st store.Store, ck clock.Clock, channel string, r Rate) queue.Gate {
	if r.Every <= 0 {
		return nil
	}
	slack := time.Duration(max(r.Burst, 1)-1) * r.Every
	return func(ctx context.Context) (time.Time, error) {
		for {
			now := ck.Now()
			whole, err := wholeAt(ctx, st, channel, now)
			if err != nil {
				return time.Time{}, err
			}
			if free := whole.Add(-slack); free.After(now) {
				return free, nil
			}
			next := whole.Time
			if next.Before(now) {
				next = now
			}
			_, err = st.FindAndUpdate(ctx, rateCollection, store.Filter{"_id": channel, "wholeAt": store.FormatTime(whole.Time)}, nil,
				store.Update{Set: map[string]any{"wholeAt": store.FormatTime(store.CeilMoment(next.Add(r.Every)).Time)}}, false)
			if fault.Has(err, store.ErrNotFound) { // another copy took a turn in between
				continue
			}
			if err != nil {
				return time.Time{}, fmt.Errorf("count a message of %s: %w", channel, err)
			}
			return time.Time{}, nil
		}
	}
}

func wholeAt(ctx context.Context, st store.Store, channel string, now time.Time) (store.Moment, error) {
	var rate struct {
		ID      string       `json:"_id"`
		WholeAt store.Moment `json:"wholeAt"`
	}
	doc, err := st.Get(ctx, rateCollection, channel)
	if fault.Has(err, store.ErrNotFound) {
		rate.ID, rate.WholeAt = channel, store.MomentOf(now)
		if doc, err = json.Marshal(rate); err == nil {
			err = st.Apply(ctx, store.Write{Op: store.OpAdd, Collection: rateCollection, ID: channel, Doc: doc})
		}
		if err == nil {
			doc, err = st.Get(ctx, rateCollection, channel)
		}
	}
	if err != nil {
		return store.Moment{}, fmt.Errorf("read the rate of %s: %w", channel, err)
	}
	if err := json.Unmarshal(doc, &rate); err != nil {
		return store.Moment{}, fmt.Errorf("read the rate of %s: %w", channel, err)
	}
	return rate.WholeAt, nil
}
