package errands

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/queue"
	"github.com/stepwell/stepwell/schemas/problem"
)

// maxAttempts is after how many failures an errand has failed for good: with the back-off of the queue, about an hour.
const maxAttempts = 12

// maxDepth is how many records may begin one another.
const maxDepth = 10

// ErrDepth says that flows begin records without an end.
var ErrDepth = fault.Define(fault.Conflict, "errand.depth",
	"Flows have begun one record after the other, {limit} deep. This one is not begun; look for a circle in the flows.",
	"流程已连续新建了 {limit} 层记录，本次不再新建。请检查流程之间是否存在循环。")

// mostBusy is how long a peer may put a call off.
const mostBusy = 24 * time.Hour

// ErrBusy says that a peer has been busy for too long.
var ErrBusy = fault.Define(fault.Unavailable, "errand.busy",
	"The other system has asked to come back later for a whole day.", "对方系统在一整天内一直要求稍后再试。")

// Doers carry errands out. Each must be repeatable under the errand's id.
type Doers struct {
	// Begin begins the record of a Create errand.
	Begin func(ctx context.Context, e Errand) error
	// Answer gives a reply to a record; nil when the record is gone or waits no more.
	Answer func(ctx context.Context, to Home, reply engine.Reply) error
	// Call makes a call and gives the reply to a 2xx answer. nil: this installation makes no calls, and their errands wait.
	Call func(ctx context.Context, e Errand) (engine.Reply, error)
	Lang string // of what a failure is called in the log of a record
}

// Queue does errands. Any number of server copies may run one on the same store. Calls have workers of their own, so that
// peers who take their time hold up nothing inside.
type Queue struct {
	inside, calls *queue.Queue
	doers         Doers
	clock         clock.Clock
}

// New makes a queue that does nothing until Run or Drain is called.
func New(st store.Store, ck clock.Clock, doers Doers, log *slog.Logger) *Queue {
	q := &Queue{doers: doers, clock: ck}
	part := func(name string, kinds ...any) *queue.Queue {
		return queue.New(st, ck, queue.Config{
			Name: name, Collection: Collection, Filter: store.Filter{"kind": map[string]any{"$in": kinds}}, Do: q.do,
			MaxAttempts: maxAttempts, Timeout: time.Minute, Log: log,
		})
	}
	q.inside = part(Collection, string(Create), string(Answer))
	if doers.Call != nil {
		q.calls = part(Collection+"/calls", string(Call))
	}
	return q
}

func (q *Queue) parts() []*queue.Queue {
	if q.calls == nil {
		return []*queue.Queue{q.inside}
	}
	return []*queue.Queue{q.inside, q.calls}
}

// Run does errands until ctx ends.
func (q *Queue) Run(ctx context.Context) {
	var work sync.WaitGroup
	for _, part := range q.parts() {
		work.Go(func() { part.Run(ctx) })
	}
	work.Wait()
}

// Drain does all that is due now, with what follows from it, and returns when all has ended.
func (q *Queue) Drain(ctx context.Context) error {
	for {
		for _, part := range q.parts() {
			if err := part.Drain(ctx); err != nil {
				return err
			}
		}
		next, waits, err := q.inside.Next(ctx)
		if err != nil || !waits || next.After(q.clock.Now()) {
			return err
		}
	}
}

// Next is the earliest moment at which an errand may be done; false when nothing waits.
func (q *Queue) Next(ctx context.Context) (time.Time, bool, error) {
	var first time.Time
	found := false
	for _, part := range q.parts() {
		next, waits, err := part.Next(ctx)
		if err != nil {
			return time.Time{}, false, err
		}
		if waits && (!found || next.Before(first)) {
			first, found = next, true
		}
	}
	return first, found, nil
}

// Nudge tells that an errand was just written.
func (q *Queue) Nudge() {
	for _, part := range q.parts() {
		part.Nudge()
	}
}

// Stats counts the errands.
func (q *Queue) Stats(ctx context.Context) (queue.Stats, error) {
	var sum queue.Stats
	for _, part := range q.parts() {
		one, err := part.Stats(ctx)
		if err != nil {
			return queue.Stats{}, err
		}
		sum.Pending, sum.Dead, sum.Overdue = sum.Pending+one.Pending, sum.Dead+one.Dead, max(sum.Overdue, one.Overdue)
	}
	return sum, nil
}

// Retry does a given-up errand again; queue.ErrNotDead when there is none of that id.
func (q *Queue) Retry(ctx context.Context, id string) (err error) {
	for _, part := range q.parts() {
		if err = part.Retry(ctx, id); !fault.Has(err, queue.ErrNotDead) {
			return err
		}
	}
	return err
}

func (q *Queue) do(ctx context.Context, doc store.Doc) (store.Update, error) {
	var e Errand
	if err := json.Unmarshal(doc, &e); err != nil {
		return store.Update{}, queue.Permanent(fmt.Errorf("read errand: %w", err))
	}
	switch e.Kind {
	case Create:
		if e.Depth > maxDepth {
			return store.Update{}, q.fail(ctx, e, ErrDepth.With(problem.Params{"limit": maxDepth}))
		}
		return store.Update{}, q.tried(ctx, e, q.doers.Begin(ctx, e))
	case Answer:
		return store.Update{}, q.doers.Answer(ctx, e.Home, *e.Reply)
	case Call:
		reply, err := q.doers.Call(ctx, e)
		if err != nil || !e.Call.Await {
			return store.Update{}, q.tried(ctx, e, err)
		}
		reply.Block, reply.Frame = e.Block, e.Call.Frame
		return store.Update{}, q.doers.Answer(ctx, e.Home, reply)
	}
	return store.Update{}, queue.Permanent(fmt.Errorf("errand %s has the unknown kind %s", e.ID, e.Kind))
}

// tried answers the asking record when an errand has failed for good; what may yet succeed is tried again.
func (q *Queue) tried(ctx context.Context, e Errand, err error) error {
	if _, putOff := queue.PutOff(err); putOff {
		if q.clock.Now().Sub(e.DueAt.Time) < mostBusy {
			return err
		}
		err = ErrBusy.With(nil)
	} else if err == nil || (!Final(err) && e.Attempts+1 < maxAttempts) {
		return err
	}
	return q.fail(ctx, e, err)
}

// Final reports whether trying again would fail again.
func Final(err error) bool {
	if queue.IsPermanent(err) {
		return true
	}
	f, ok := fault.As(err)
	if !ok {
		return false
	}
	switch f.Code.Kind {
	case fault.Invalid, fault.Forbidden, fault.NotFound, fault.TooLarge:
		return true
	case fault.Conflict, fault.Stale, fault.TooMany, fault.Unavailable, fault.Unauthenticated, fault.Internal:
	}
	return false
}

// fail tells the asking record that what it asked for has failed for good. Then the errand is done.
func (q *Queue) fail(ctx context.Context, e Errand, err error) error {
	reply := engine.Reply{Block: e.Block, Error: Words(err, q.doers.Lang)}
	if e.Create != nil {
		reply.Frame, reply.Record = e.Create.Frame, e.Create.Record
	} else {
		reply.Frame = e.Call.Frame
	}
	return q.doers.Answer(ctx, e.Home, reply)
}

// Words is a failure as a log tells it to people.
func Words(err error, lang string) string {
	f, ok := fault.As(err)
	if !ok {
		return err.Error()
	}
	said := []string{f.Message(lang)}
	for _, p := range f.Problems[:min(3, len(f.Problems))] { // the first few say enough
		said = append(said, p.Message(lang))
	}
	return strings.Join(said, " ")
}
