package notices

import (
	"context"
	"fmt"
	"slices"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/notices/throttle"
	"github.com/stepwell/stepwell/runtime/queue"
)

// Stats is what an operator watches.
type Stats struct {
	Channels map[string]queue.Stats // by line; channels that are not set up are missing
	Held     int64                  // waiting for a channel to be set up
}

// Stats counts the notices that are not delivered.
func (q *Queue) Stats(ctx context.Context) (Stats, error) {
	s := Stats{Channels: map[string]queue.Stats{}}
	for _, w := range q.ready() {
		one, err := w.jobs.Stats(ctx)
		if err != nil {
			return Stats{}, err
		}
		s.Channels[w.ID] = one
	}
	var err error
	s.Held, err = q.Held(ctx)
	return s, err
}

// Held counts the notices that wait for a channel to be set up.
func (q *Queue) Held(ctx context.Context) (int64, error) {
	n, err := q.store.Count(ctx, Collection, store.Filter{"state": Held}, 0)
	if err != nil {
		return 0, fmt.Errorf("count held notices: %w", err)
	}
	return n, nil
}

// Report is how one line is doing.
type Report struct {
	Line
	throttle.State
	Waiting   int64 // to be sent, or to be tried again
	Collected int64 // for a digest
	Held      int64 // until the line is set up
	Dead      int64
	NoContact int64
	Expired   int64
	Late      queue.Stats
}

// Report says how every line is doing, in their order.
func (q *Queue) Report(ctx context.Context) ([]Report, error) {
	q.mu.Lock()
	ways := slices.Clone(q.ways)
	q.mu.Unlock()
	out := make([]Report, len(ways))
	for i, w := range ways {
		r := Report{Line: w.Line}
		var err error
		if r.State, err = w.throttle.State(ctx); err != nil {
			return nil, err
		}
		if r.Late, err = w.jobs.Stats(ctx); err != nil {
			return nil, err
		}
		for _, c := range []struct {
			to   *int64
			more store.Filter
		}{
			{&r.Collected, store.Filter{"state": queue.Pending, "digest": store.Filter{"$exists": true}}},
			{&r.Held, store.Filter{"state": Held}},
			{&r.NoContact, store.Filter{"state": NoContact}},
			{&r.Expired, store.Filter{"state": Expired}},
		} {
			if *c.to, err = q.store.Count(ctx, Collection, store.And(w.filter, c.more), 0); err != nil {
				return nil, fmt.Errorf("count notices of %s: %w", w.ID, err)
			}
		}
		r.Dead, r.Waiting = r.Late.Dead, r.Late.Pending-r.Collected
		out[i] = r
	}
	return out, nil
}

// Undelivered lists the notices of some states (queue.Pending, queue.Dead, Held, NoContact, Expired) by id, after the one named.
func (q *Queue) Undelivered(ctx context.Context, states []queue.State, after string, limit int) ([]Notice, error) {
	return q.undelivered(ctx, nil, states, after, limit)
}

// UndeliveredOf is Undelivered for one line; nothing when there is no such line.
func (q *Queue) UndeliveredOf(ctx context.Context, line string, states []queue.State, after string, limit int) ([]Notice, error) {
	w, ok := q.find(line)
	if !ok {
		return nil, nil
	}
	return q.undelivered(ctx, w.filter, states, after, limit)
}

func (q *Queue) undelivered(ctx context.Context, of store.Filter, states []queue.State, after string, limit int) ([]Notice, error) {
	states = slices.DeleteFunc(slices.Clone(states), func(s queue.State) bool { return s == Sent })
	docs, err := q.store.Find(ctx, Collection, store.Query{
		Filter: store.And(store.Filter{"state": store.Filter{"$in": states}, "_id": store.Filter{"$gt": after}}, of),
		Sort:   []store.SortKey{{Path: "_id"}}, Limit: limit,
	})
	if err != nil {
		return nil, fmt.Errorf("list undelivered notices: %w", err)
	}
	return readAll(docs)
}

// Resend lets a dead letter, one that has expired, or a notice whose reader could not be reached, start afresh under the same key;
// queue.ErrNotDead when there is none of that id.
func (q *Queue) Resend(ctx context.Context, id string) error {
	if err := q.all.Retry(ctx, id, queue.Dead, NoContact, Expired); err != nil {
		return err
	}
	q.Nudge()
	return nil
}
