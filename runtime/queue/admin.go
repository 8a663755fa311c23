package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
)

// Stats is what an operator watches.
type Stats struct {
	Pending int64 // waiting, under way or to be tried again
	Dead    int64 // given up
	// Overdue is how long ago the oldest job that is still not done was due; 0 when none is late. What was put off on purpose
	// is not late before that moment.
	Overdue time.Duration
}

// Stats counts the jobs.
func (q *Queue) Stats(ctx context.Context) (Stats, error) {
	var s Stats
	var err error
	if s.Pending, err = q.store.Count(ctx, q.config.Collection, q.filter(), 0); err != nil {
		return Stats{}, wrap(err, "count jobs of %s", q.config.Name)
	}
	if s.Dead, err = q.store.Count(ctx, q.config.Collection, q.filter(store.Filter{"state": Dead}), 0); err != nil {
		return Stats{}, wrap(err, "count failed jobs of %s", q.config.Name)
	}
	docs, err := q.store.Find(ctx, q.config.Collection, store.Query{
		Filter: q.filter(store.Filter{"notBefore": store.Filter{"$not": store.Filter{"$gt": store.FormatTime(q.clock.Now())}}}),
		Sort:   []store.SortKey{{Path: "dueAt"}}, Limit: 1, Fields: []string{"dueAt"},
	})
	if err != nil || len(docs) == 0 {
		return s, wrap(err, "look for the oldest job of %s", q.config.Name)
	}
	var oldest Job
	if err := json.Unmarshal(docs[0], &oldest); err != nil {
		return Stats{}, fmt.Errorf("read a job of %s: %w", q.config.Name, err)
	}
	s.Overdue = max(0, q.clock.Now().Sub(oldest.DueAt.Time))
	return s, nil
}

// Dead lists given-up jobs by id, after the one named, at most limit.
func (q *Queue) Dead(ctx context.Context, after string, limit int) ([]store.Doc, error) {
	more := store.Filter{"state": Dead}
	if after != "" {
		more["_id"] = store.Filter{"$gt": after}
	}
	docs, err := q.store.Find(ctx, q.config.Collection, store.Query{
		Filter: q.filter(more), Sort: []store.SortKey{{Path: "_id"}}, Limit: limit,
	})
	return docs, wrap(err, "list failed jobs of %s", q.config.Name)
}

// Retry lets a given-up job start afresh, now; with states, a job that is in one of these instead. ErrNotDead when there is
// no such job.
func (q *Queue) Retry(ctx context.Context, id string, from ...State) error {
	if len(from) == 0 {
		from = []State{Dead}
	}
	now := store.FormatTime(q.clock.Now())
	_, err := q.store.FindAndUpdate(ctx, q.config.Collection, q.filter(store.Filter{"_id": id, "state": store.Filter{"$in": from}}), nil,
		store.Update{
			Set:   map[string]any{"state": Pending, "attempts": 0, "unreached": 0, "readyAt": now, "retriedAt": now},
			Unset: []string{"error", "errorText", "notBefore", "again"},
		}, false)
	if fault.Has(err, store.ErrNotFound) {
		return ErrNotDead.With(map[string]any{"id": id})
	}
	if err != nil {
		return wrap(err, "retry job %s", id)
	}
	q.Nudge()
	return nil
}

// Wake lets jobs start at once, at most so many, that wait because something was out of reach; call it when that is back.
func (q *Queue) Wake(ctx context.Context, limit int) error {
	now := store.FormatTime(q.clock.Now())
	docs, err := q.store.Find(ctx, q.config.Collection, store.Query{
		Filter: q.filter(store.Filter{"unreached": store.Filter{"$gt": 0}, "readyAt": store.Filter{"$gt": now}, "leaseBy": store.Filter{"$exists": false}}),
		Sort:   []store.SortKey{{Path: "dueAt"}}, Limit: limit, Fields: []string{"readyAt"},
	})
	if err != nil {
		return wrap(err, "look for jobs of %s that wait", q.config.Name)
	}
	writes := make([]store.Write, len(docs))
	for i, doc := range docs {
		var job claimed
		if err := json.Unmarshal(doc, &job); err != nil {
			return fmt.Errorf("read a job of %s: %w", q.config.Name, err)
		}
		writes[i] = store.Write{
			Op: store.OpUpdate, Collection: q.config.Collection, ID: job.ID,
			If:     store.Filter{"state": Pending, "readyAt": job.ReadyAt, "leaseBy": store.Filter{"$exists": false}},
			Update: store.Update{Set: map[string]any{"readyAt": now}},
		}
	}
	if err := q.store.Apply(ctx, writes...); err != nil {
		return wrap(err, "wake jobs of %s", q.config.Name)
	}
	q.Nudge()
	return nil
}
