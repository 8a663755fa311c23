package queue

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
)

// Do does one job. With nil error the update is applied to the document, and an empty update deletes it; the update
// must then change the state. ctx ends after Config.Timeout.
type Do func(ctx context.Context, doc store.Doc) (store.Update, error)

// Gate says when the next job may be claimed: the zero time or any past moment means now. It is asked only while a
// job is due, so it may count.
type Gate func(ctx context.Context) (time.Time, error)

// Config shapes a queue.
type Config struct {
	Name       string // for the log
	Collection string
	Filter     store.Filter // which documents of the collection are this queue's; nil: all
	Do         Do
	Gate       Gate // nil: no limit; not for a queue with Batch
	// Batch is how many jobs are claimed at once, by a queue of many small jobs, whose collection has LaneIndexes; 0: one by
	// one, each when a worker is free. Group names what a job belongs to: jobs of one group are done one after the other.
	Batch   int
	Group   func(doc store.Doc) string
	Workers int           // jobs done side by side; default 8
	Timeout time.Duration // for one job; default 15 s. The lease is twice as long.
	// MaxAttempts is after how many failures a job is given up; default 10.
	MaxAttempts int
	// Backoff is how long to wait after that many failures; default doubling from 1 s to 10 min.
	Backoff func(attempts int) time.Duration
	// OutOfReach is how long to wait after the store or a peer was out of reach so many times in a row; default 5 s.
	OutOfReach func(times int) time.Duration
	Log        *slog.Logger
}

// lookAgain is how often an idle queue looks for jobs that another server copy has written, and how long it waits
// after the store was out of reach.
const lookAgain = time.Second

// afterwards is how long a queue lets the others go first when the store is back: long enough for each to try once more.
const afterwards = 3 * lookAgain

// outOfReach is the pause of a job whose peer was out of reach, unless the queue has another; that is nobody's failure
// and counts as none.
const outOfReach = 5 * time.Second

// Queue does the jobs of one collection, or of a part of it.
type Queue struct {
	store  store.Store
	clock  clock.Clock
	config Config
	slots  *semaphore.Weighted
	nudged chan struct{}
	chains chains
	doing  sync.Map // ids of the jobs that this process is doing
	// retired is set once and for all when no further job is to be begun.
	retired atomic.Bool
}

// New makes a queue. It does nothing until Run or Drain is called.
func New(st store.Store, ck clock.Clock, c Config) *Queue {
	if c.Workers == 0 {
		c.Workers = 8
	}
	if c.Timeout == 0 {
		c.Timeout = 15 * time.Second
	}
	if c.MaxAttempts == 0 {
		c.MaxAttempts = 10
	}
	if c.Backoff == nil {
		c.Backoff = Doubling(time.Second, 10*time.Minute, 0, nil)
	}
	if c.OutOfReach == nil {
		c.OutOfReach = func(int) time.Duration { return outOfReach }
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Queue{
		store: st, clock: ck, config: c,
		slots:  semaphore.NewWeighted(int64(c.Workers)),
		nudged: make(chan struct{}, 1),
	}
}

// Run does jobs as they become due, until ctx ends; it returns when those under way have ended too. Failures, also
// those of the store, are logged and tried again.
func (q *Queue) Run(ctx context.Context) {
	for ctx.Err() == nil && !q.retired.Load() {
		wake, _, err := q.dispatch(ctx)
		if err != nil && ctx.Err() == nil {
			q.config.Log.ErrorContext(ctx, "queue cannot look for jobs", slog.String("queue", q.config.Name), slog.Any("error", err))
		}
		q.pause(ctx, wake)
		if fault.KindOf(err) == fault.Unavailable {
			q.comeBack(ctx)
		}
	}
	_ = q.settle(context.WithoutCancel(ctx))
}

// comeBack waits until the store is within reach again, and then for a moment more: leases have lapsed meanwhile, of jobs that
// were done and could not be written down. Whoever did them writes that now.
func (q *Queue) comeBack(ctx context.Context) {
	for ctx.Err() == nil && !q.retired.Load() {
		_, err := q.due(ctx)
		if fault.KindOf(err) != fault.Unavailable {
			_ = q.clock.Wait(ctx, afterwards) // no nudge cuts it short
			return
		}
		q.pause(ctx, q.clock.Now().Add(lookAgain))
	}
}

// Retire makes Run begin no further job and return when those under way have ended, which are not cut off. There is no way
// back.
func (q *Queue) Retire() {
	q.retired.Store(true)
	q.Nudge()
}

// Drain does everything that is due now, including what falls due through it, and returns when all of it, and whatever
// Run has under way, has ended. A job that fails is not waited for, nor one that the gate holds back. Drain must not be
// called from inside a job.
func (q *Queue) Drain(ctx context.Context) error {
	for {
		_, gated, err := q.dispatch(ctx)
		if err != nil {
			return err
		}
		if err := q.settle(ctx); err != nil {
			return err
		}
		due, err := q.due(ctx)
		if err != nil || !due || gated {
			return err
		}
	}
}

// Nudge makes Run look at once: call it after writing a job that is due within the next second.
func (q *Queue) Nudge() {
	select {
	case q.nudged <- struct{}{}:
	default:
	}
}

// Next is the earliest moment at which a job may be claimed; false when nothing waits.
func (q *Queue) Next(ctx context.Context) (time.Time, bool, error) {
	var next time.Time
	found := false
	for _, lane := range q.lanes() {
		docs, err := q.store.Find(ctx, q.config.Collection, store.Query{
			Filter: q.filter(lane), Sort: []store.SortKey{{Path: "readyAt"}}, Limit: 1, Fields: []string{"readyAt"},
		})
		if err != nil {
			return time.Time{}, false, wrap(err, "look for the next job of %s", q.config.Name)
		}
		for _, doc := range docs {
			var job Job
			if err := json.Unmarshal(doc, &job); err != nil {
				return time.Time{}, false, fmt.Errorf("read a job of %s: %w", q.config.Name, err)
			}
			if !found || job.ReadyAt.Before(next) {
				next, found = job.ReadyAt.Time, true
			}
		}
	}
	return next, found, nil
}

// dispatch starts due jobs as slots become free, and returns when nothing more may start now, with the moment to look
// again and whether it is the gate that keeps jobs waiting. A gate that names a far moment is asked again before: it may
// open earlier, by a person's hand or another server copy's.
func (q *Queue) dispatch(ctx context.Context) (wake time.Time, gated bool, err error) {
	if q.config.Batch > 0 {
		return q.dispatchBatches(ctx)
	}
	again := q.clock.Now().Add(lookAgain)
	for {
		if err := q.slots.Acquire(ctx, 1); err != nil {
			return again, false, err
		}
		start, until, err := q.take(ctx)
		if err != nil || start == nil {
			q.slots.Release(1)
			switch {
			case err != nil:
				return again, false, err
			case until.IsZero():
				return q.wake(ctx, again)
			case until.Before(again):
				return until, true, nil
			}
			return again, true, nil
		}
		go func() {
			defer q.slots.Release(1)
			start()
		}()
	}
}

// wake is when to look for jobs again: when the next one is due, but no later than again.
func (q *Queue) wake(ctx context.Context, again time.Time) (time.Time, bool, error) {
	next, ok, err := q.Next(ctx)
	if err != nil || !ok || next.After(again) {
		return again, false, err
	}
	return next, false, nil
}

// take claims the next due job and returns what does it: nil when nothing is due, or nothing before the moment the
// gate names. The look before the claim is there because looking is cheap, and claiming is a write.
func (q *Queue) take(ctx context.Context) (func(), time.Time, error) {
	if q.retired.Load() {
		return nil, time.Time{}, nil
	}
	if due, err := q.due(ctx); err != nil || !due {
		return nil, time.Time{}, err
	}
	if until, err := q.held(ctx); err != nil || !until.IsZero() {
		return nil, until, err
	}
	doc, job, err := q.claim(ctx)
	if fault.Has(err, store.ErrNotFound) { // another copy was faster
		return nil, time.Time{}, nil
	}
	if err != nil {
		return nil, time.Time{}, err
	}
	return func() { q.handle(ctx, doc, job) }, time.Time{}, nil
}

func (q *Queue) settle(ctx context.Context) error {
	all := int64(q.config.Workers)
	if err := q.slots.Acquire(ctx, all); err != nil {
		return err
	}
	q.slots.Release(all)
	return nil
}

func (q *Queue) due(ctx context.Context) (bool, error) {
	for _, lane := range q.lanes() {
		n, err := q.store.Count(ctx, q.config.Collection, q.filter(q.ready(), lane), 1)
		if err != nil || n > 0 {
			return n > 0, wrap(err, "look for due jobs of %s", q.config.Name)
		}
	}
	return false, nil
}

// held is the future moment that the gate names, or zero.
func (q *Queue) held(ctx context.Context) (time.Time, error) {
	if q.config.Gate == nil {
		return time.Time{}, nil
	}
	until, err := q.config.Gate(ctx)
	if err != nil || !until.After(q.clock.Now()) {
		return time.Time{}, wrap(err, "ask the rate limit of %s", q.config.Name)
	}
	return until, nil
}

type claimed struct {
	ID string `json:"_id"`
	Job
}

func (q *Queue) claim(ctx context.Context) (store.Doc, claimed, error) {
	lease := store.FormatTime(q.clock.Now().Add(2 * q.config.Timeout))
	doc, err := q.store.FindAndUpdate(ctx, q.config.Collection, q.filter(q.ready()), []store.SortKey{{Path: "dueAt"}},
		store.Update{Set: map[string]any{"readyAt": lease, "leaseBy": rand.Text()}}, false)
	if err != nil {
		return nil, claimed{}, wrap(err, "claim a job of %s", q.config.Name)
	}
	var job claimed
	if err := json.Unmarshal(doc, &job); err != nil {
		return nil, claimed{}, fmt.Errorf("read a job of %s: %w", q.config.Name, err)
	}
	return doc, job, nil
}

// handle does a claimed job and writes down how it went.
func (q *Queue) handle(ctx context.Context, doc store.Doc, job claimed) {
	if !q.clock.Now().Before(job.ReadyAt.Time) {
		return // this process slept past its lease; the job is another's now
	}
	if _, already := q.doing.LoadOrStore(job.ID, struct{}{}); already {
		return // this process slept past its lease in the midst of it; it is to be written down how that went
	}
	defer q.doing.Delete(job.ID)
	update, err := q.do(ctx, doc, job)
	if err == nil {
		err = q.finish(ctx, job, update)
	} else {
		err = q.notDone(ctx, job, err)
	}
	if err != nil {
		q.config.Log.ErrorContext(ctx, "queue cannot write down how a job went; it will be done again",
			slog.String("queue", q.config.Name), slog.String("job", job.ID), slog.Any("error", err))
	}
}

// notDone puts a job back that was not done.
func (q *Queue) notDone(ctx context.Context, job claimed, err error) error {
	keep, cancel := context.WithTimeout(context.WithoutCancel(ctx), q.config.Timeout)
	defer cancel()
	later, putOff := errors.AsType[*laterError](err)
	switch {
	case errors.Is(err, ErrRemoved):
		return nil
	case errors.Is(err, ErrLost):
		q.config.Log.WarnContext(ctx, "job was taken over by another worker", slog.String("queue", q.config.Name), slog.String("job", job.ID))
		return nil
	case putOff:
		return q.put(keep, job, later.update())
	case ctx.Err() != nil:
		return q.release(keep, job)
	default:
		return q.fail(keep, job, err)
	}
}

// do runs the job. A panic fails this job only: the others, and the server, go on.
func (q *Queue) do(ctx context.Context, doc store.Doc, job claimed) (u store.Update, err error) {
	ctx, cancel := context.WithTimeout(ctx, q.config.Timeout)
	defer cancel()
	ctx = context.WithValue(ctx, fenceKey{}, func(ctx context.Context) error { return q.holds(ctx, job) })
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return q.config.Do(ctx, doc)
}

// holds asks whether a claim is still good: by the clock, which is cheap, and then by the store, which knows of every claim.
func (q *Queue) holds(ctx context.Context, job claimed) error {
	if !q.clock.Now().Before(job.ReadyAt.Time) {
		return ErrLost
	}
	n, err := q.store.Count(ctx, q.config.Collection, store.Filter{"_id": job.ID, "leaseBy": job.LeaseBy}, 1)
	if err != nil {
		return wrap(err, "look whether job %s is still ours", job.ID)
	}
	if n == 0 || !q.clock.Now().Before(job.ReadyAt.Time) {
		return ErrLost
	}
	return nil
}

// update puts the job back until its moment.
func (e *laterError) update() store.Update {
	until := store.FormatTime(store.CeilMoment(e.until).Time)
	u := store.Update{Set: map[string]any{"readyAt": until, "notBefore": until}, Inc: e.also.Inc}
	maps.Copy(u.Set, e.also.Set)
	u.Unset = append([]string{"leaseBy"}, e.also.Unset...)
	return u
}

// finish does not give up while the server lives, however long the store is out of reach: a job that was done and not
// written down is done twice.
func (q *Queue) finish(ctx context.Context, job claimed, update store.Update) error {
	write := store.Write{Op: store.OpDelete, Collection: q.config.Collection, ID: job.ID}
	if len(update.Set)+len(update.Inc)+len(update.Unset) > 0 {
		for _, gone := range []string{"leaseBy", "readyAt", "error", "errorText", "notBefore"} {
			if _, kept := update.Set[gone]; !kept {
				update.Unset = append(update.Unset, gone)
			}
		}
		write.Op, write.Update = store.OpUpdate, update
	}
	for {
		last := ctx.Err() != nil
		keep, cancel := context.WithTimeout(context.WithoutCancel(ctx), q.config.Timeout)
		err := q.store.Apply(keep, write)
		unanswered := keep.Err() != nil
		cancel()
		if err == nil || last || fault.KindOf(err) != fault.Unavailable && !unanswered {
			return wrap(err, "finish job %s", job.ID)
		}
		_ = q.clock.Wait(ctx, lookAgain) // when the server ends, one more try is all there is time for
	}
}

func (q *Queue) fail(ctx context.Context, job claimed, cause error) error {
	log := []any{slog.String("queue", q.config.Name), slog.String("job", job.ID), slog.Any("error", cause)}
	var wait time.Duration
	if fault.KindOf(cause) == fault.Unavailable {
		job.Unreached++
		wait = q.config.OutOfReach(job.Unreached)
	} else {
		job.Unreached = 0
		job.Attempts++
		wait = q.config.Backoff(job.Attempts)
	}
	u := store.Update{Set: Describe(cause), Unset: []string{"leaseBy"}}
	u.Set["attempts"], u.Set["unreached"] = job.Attempts, job.Unreached
	if q.config.Batch > 0 {
		u.Set["again"] = true
	}
	if u.Set["errorText"] == nil {
		u.Unset = append(u.Unset, "errorText")
	}
	if IsPermanent(cause) || job.Attempts >= q.config.MaxAttempts {
		q.config.Log.ErrorContext(ctx, "job given up", log...)
		u.Set["state"] = Dead
		u.Unset = append(u.Unset, "readyAt")
	} else {
		q.config.Log.WarnContext(ctx, "job failed and will be tried again", log...)
		u.Set["readyAt"] = store.FormatTime(q.clock.Now().Add(wait))
	}
	return q.put(ctx, job, u)
}

// release frees the claim of a job that was not done.
func (q *Queue) release(ctx context.Context, job claimed) error {
	return q.put(ctx, job, store.Update{Set: map[string]any{"readyAt": store.FormatTime(q.clock.Now())}, Unset: []string{"leaseBy"}})
}

// put changes the job if the claim still holds it.
func (q *Queue) put(ctx context.Context, job claimed, u store.Update) error {
	_, err := q.store.FindAndUpdate(ctx, q.config.Collection, store.Filter{"_id": job.ID, "leaseBy": job.LeaseBy}, nil, u, false)
	if fault.Has(err, store.ErrNotFound) {
		return nil
	}
	return wrap(err, "put job %s back", job.ID)
}

// pause waits until the moment, a nudge, or the end of ctx.
func (q *Queue) pause(ctx context.Context, until time.Time) {
	ctx, cancel := context.WithCancel(ctx)
	listened := make(chan struct{})
	go func() {
		defer close(listened)
		select {
		case <-q.nudged:
			cancel()
		case <-ctx.Done():
		}
	}()
	err := q.clock.Wait(ctx, until.Sub(q.clock.Now()))
	cancel()
	<-listened // else it could swallow a nudge that comes after the next look
	if err != nil && !errors.Is(err, context.Canceled) {
		q.config.Log.ErrorContext(ctx, "clock failed", slog.Any("error", err))
	}
}

func (q *Queue) ready() store.Filter {
	return store.Filter{"readyAt": store.Filter{"$lte": store.FormatTime(q.clock.Now())}}
}

func (q *Queue) filter(more ...store.Filter) store.Filter {
	f := store.Filter{"state": Pending}
	maps.Copy(f, q.config.Filter)
	for _, m := range more {
		maps.Copy(f, m)
	}
	return f
}

func wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}
