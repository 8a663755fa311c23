package queue

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/stepwell/stepwell/internal/store"
)

// The lanes of a queue that claims many jobs at once: what is tried for the first time goes before what has failed, so that
// jobs that fail, however many, keep the others waiting for no longer than they take to fail once.
var (
	freshLane = store.Filter{"again": nil}
	againLane = store.Filter{"again": true}
)

// againShare is which part of a batch is kept for what has failed, while there is enough that has not.
const againShare = 4

// LaneIndexes are what a collection of jobs needs whose queue claims many at once, to be given to store.EnsureIndexes.
func LaneIndexes() []store.Index {
	return []store.Index{
		{Name: "ready", Keys: []store.SortKey{{Path: "state"}, {Path: "again"}, {Path: "readyAt"}}},
		{Name: "due", Keys: []store.SortKey{{Path: "state"}, {Path: "dueAt"}}},
	}
}

// lanes are the filters of the lanes in their order; a queue that claims one job at a time has one.
func (q *Queue) lanes() []store.Filter {
	if q.config.Batch > 0 {
		return []store.Filter{freshLane, againLane}
	}
	return []store.Filter{nil}
}

// chains are the groups of jobs that are being done, each by one worker, one job after the other.
type chains struct {
	mu      sync.Mutex
	waiting map[string][]work
}

// work is a claimed job with its document.
type work struct {
	doc store.Doc
	job claimed
}

// join gives jobs to whoever does their group already; false when nobody does, and then the caller is the one.
func (c *chains) join(group string, jobs []work) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting == nil {
		c.waiting = map[string][]work{}
	}
	before, running := c.waiting[group]
	c.waiting[group] = append(before, jobs...)
	return running
}

// next takes the next job of a group; false when there is none, and then nobody does the group any more.
func (c *chains) next(group string) (work, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	jobs := c.waiting[group]
	if len(jobs) == 0 {
		delete(c.waiting, group)
		return work{}, false
	}
	c.waiting[group] = jobs[1:]
	return jobs[0], true
}

// dispatchBatches is dispatch for a queue that claims many jobs at once. A worker is free before anything is claimed, so that
// no lease runs out while its job waits for one, unless all workers are slow.
func (q *Queue) dispatchBatches(ctx context.Context) (time.Time, bool, error) {
	again := q.clock.Now().Add(lookAgain)
	for {
		if err := q.slots.Acquire(ctx, 1); err != nil {
			return again, false, err
		}
		var jobs []work
		var err error
		if !q.retired.Load() {
			jobs, err = q.claimBatch(ctx)
		}
		if err != nil || len(jobs) == 0 {
			q.slots.Release(1)
			if err != nil {
				return again, false, err
			}
			return q.wake(ctx, again)
		}
		if err := q.start(ctx, jobs); err != nil {
			return again, false, err
		}
	}
}

// start does claimed jobs, group by group, side by side. It holds one slot already.
func (q *Queue) start(ctx context.Context, jobs []work) error {
	order, groups := q.grouped(jobs)
	held := true
	defer func() {
		if held {
			q.slots.Release(1)
		}
	}()
	for i, group := range order {
		if !held {
			if err := q.slots.Acquire(ctx, 1); err != nil {
				q.putBack(ctx, order[i:], groups)
				return err
			}
			held = true
		}
		if q.chains.join(group, groups[group]) {
			continue
		}
		held = false
		go func() {
			defer q.slots.Release(1)
			for w, ok := q.chains.next(group); ok; w, ok = q.chains.next(group) {
				q.handle(ctx, w.doc, w.job)
			}
		}()
	}
	return nil
}

// putBack frees claims that will not be made use of.
func (q *Queue) putBack(ctx context.Context, order []string, groups map[string][]work) {
	keep, cancel := context.WithTimeout(context.WithoutCancel(ctx), q.config.Timeout)
	defer cancel()
	for _, group := range order {
		for _, w := range groups[group] {
			if err := q.release(keep, w.job); err != nil {
				return // the lease will run out
			}
		}
	}
}

// grouped are jobs by group, and the groups in the order of their first jobs.
func (q *Queue) grouped(jobs []work) (order []string, groups map[string][]work) {
	groups = make(map[string][]work, len(jobs))
	for _, w := range jobs {
		group := w.job.ID
		if q.config.Group != nil {
			group = q.config.Group(w.doc)
		}
		if groups[group] == nil {
			order = append(order, group)
		}
		groups[group] = append(groups[group], w)
	}
	return order, groups
}

// claimBatch claims due jobs, those that are tried for the first time before the others, in the order they were due. Looking,
// claiming and finding out what was won are one call of the store each.
func (q *Queue) claimBatch(ctx context.Context) ([]work, error) {
	found, err := q.look(ctx, freshLane, q.config.Batch)
	if err != nil {
		return nil, err
	}
	failed, err := q.look(ctx, againLane, max(q.config.Batch-len(found), q.config.Batch/againShare))
	if err != nil {
		return nil, err
	}
	if found = append(found, failed...); len(found) == 0 {
		return nil, nil
	}
	claim, until := rand.Text(), store.CeilMoment(q.clock.Now().Add(2*q.config.Timeout))
	writes, ids := make([]store.Write, len(found)), make([]any, len(found))
	for i, w := range found {
		ids[i] = w.job.ID
		writes[i] = store.Write{
			Op: store.OpUpdate, Collection: q.config.Collection, ID: w.job.ID,
			If:     store.Filter{"state": Pending, "readyAt": w.job.ReadyAt},
			Update: store.Update{Set: map[string]any{"readyAt": until, "leaseBy": claim}},
		}
	}
	if err := q.store.Apply(ctx, writes...); err != nil {
		return nil, wrap(err, "claim jobs of %s", q.config.Name)
	}
	docs, err := q.store.Find(ctx, q.config.Collection, store.Query{
		Filter: store.Filter{"_id": store.Filter{"$in": ids}, "leaseBy": claim}, Fields: []string{"leaseBy"},
	})
	if err != nil {
		return nil, wrap(err, "look what was claimed of %s", q.config.Name)
	}
	won := make(map[string]bool, len(docs))
	for _, doc := range docs {
		var job claimed
		if err := json.Unmarshal(doc, &job); err != nil {
			return nil, fmt.Errorf("read a job of %s: %w", q.config.Name, err)
		}
		won[job.ID] = true
	}
	found = slices.DeleteFunc(found, func(w work) bool { return !won[w.job.ID] })
	for i := range found {
		found[i].job.ReadyAt, found[i].job.LeaseBy = until, claim
	}
	slices.SortStableFunc(found, func(a, b work) int { return a.job.DueAt.Compare(b.job.DueAt.Time) })
	return found, nil
}

// look finds jobs of a lane that are ready.
func (q *Queue) look(ctx context.Context, lane store.Filter, limit int) ([]work, error) {
	docs, err := q.store.Find(ctx, q.config.Collection, store.Query{
		Filter: q.filter(q.ready(), lane), Sort: []store.SortKey{{Path: "readyAt"}}, Limit: limit,
	})
	if err != nil {
		return nil, wrap(err, "look for due jobs of %s", q.config.Name)
	}
	out := make([]work, len(docs))
	for i, doc := range docs {
		out[i].doc = doc
		if err := json.Unmarshal(doc, &out[i].job); err != nil {
			return nil, fmt.Errorf("read a job of %s: %w", q.config.Name, err)
		}
	}
	return out, nil
}
