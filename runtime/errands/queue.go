package errands

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
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

// Queue does errands. Any number of server copies may run one on the same store.
type Queue struct {
	jobs  *queue.Queue
	doers Doers
}

// New makes a queue that does nothing until Run or Drain is called.
func New(st store.Store, ck clock.Clock, doers Doers, log *slog.Logger) *Queue {
	q := &Queue{doers: doers}
	var mine store.Filter
	if doers.Call == nil {
		mine = store.Filter{"kind": map[string]any{"$in": []any{string(Create), string(Answer)}}}
	}
	q.jobs = queue.New(st, ck, queue.Config{
		Name: Collection, Collection: Collection, Filter: mine, Do: q.do, MaxAttempts: maxAttempts, Timeout: time.Minute, Log: log,
	})
	return q
}

// Run does errands until ctx ends.
func (q *Queue) Run(ctx context.Context) { q.jobs.Run(ctx) }

// Drain does all that is due now, with what follows from it, and returns when all has ended.
func (q *Queue) Drain(ctx context.Context) error { return q.jobs.Drain(ctx) }

// Nudge tells that an errand was just written.
func (q *Queue) Nudge() { q.jobs.Nudge() }

// Stats counts the errands.
func (q *Queue) Stats(ctx context.Context) (queue.Stats, error) { return q.jobs.Stats(ctx) }

// Retry does a given-up errand again; queue.ErrNotDead when there is none of that id.
func (q *Queue) Retry(ctx context.Context, id string) error { return q.jobs.Retry(ctx, id) }

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
	if err == nil || (!final(err) && e.Attempts+1 < maxAttempts) {
		return err
	}
	return q.fail(ctx, e, err)
}

// final reports whether trying again would fail again.
func final(err error) bool {
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
	reply := engine.Reply{Block: e.Block, Error: q.words(err)}
	if e.Create != nil {
		reply.Frame, reply.Record = e.Create.Frame, e.Create.Record
	} else {
		reply.Frame = e.Call.Frame
	}
	return q.doers.Answer(ctx, e.Home, reply)
}

// words is a failure as the log of a record tells it.
func (q *Queue) words(err error) string {
	f, ok := fault.As(err)
	if !ok {
		return err.Error()
	}
	said := []string{f.Message(q.doers.Lang)}
	for _, p := range f.Problems[:min(3, len(f.Problems))] { // the first few say enough
		said = append(said, p.Message(q.doers.Lang))
	}
	return strings.Join(said, " ")
}
