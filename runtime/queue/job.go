// Package queue does the jobs that wait in a collection: each when its moment has come, by one server copy at a time,
// again after a failure, and never again once it is done.
//
// A job is a document that embeds Job. A worker claims it by moving ReadyAt to the end of a lease; whoever dies with it
// loses the lease by the passing of time alone. Because a process may be paused at any point, a job can in rare cases be
// begun twice; what it does must therefore be repeatable under the job's id. What cannot be taken back, such as a message to
// a peer, asks Fence right before: it refuses a worker whose lease has lapsed or whose job another one has claimed. What
// remains is a pause that begins between that question and the peer's taking the message and lasts to the end of the
// lease. Server copies are expected to agree about the time within half a lease.
package queue

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/schemas/definition"
)

// State is where a job stands. The owner of the collection may have further states; a queue touches only these.
type State string

// The states of a job.
const (
	Pending State = "pending" // waits, is being done, or waits to be tried again
	Dead    State = "dead"    // given up; a person looks at it and calls Retry
)

// Job is the part of a document that a queue works with.
type Job struct {
	State State `json:"state"`
	// DueAt is when the job should be done; it does not change.
	DueAt store.Moment `json:"dueAt"`
	// ReadyAt is when it may be claimed: DueAt at first, then the end of the lease or of the back-off.
	ReadyAt store.Moment `json:"readyAt,omitzero"`
	// LeaseBy names the claim that holds the job until ReadyAt.
	LeaseBy string `json:"leaseBy,omitempty"`
	// Again marks what has failed before, in a queue that claims many jobs at once.
	Again bool `json:"again,omitempty"`
	// Attempts counts failures. That the store or a peer was out of reach for everybody does not count.
	Attempts int `json:"attempts"`
	// Unreached counts how often that was so, in a row.
	Unreached int    `json:"unreached,omitempty"`
	Error     string `json:"error,omitempty"` // of the last failure
	// ErrorText is Error in every language there is wording for, when it is a fault.
	ErrorText definition.Text `json:"errorText,omitempty"`
	// NotBefore is until when the job was put off on purpose.
	NotBefore store.Moment `json:"notBefore,omitzero"`
	// RetriedAt is when a person last asked for another try of a job that had been given up.
	RetriedAt store.Moment `json:"retriedAt,omitzero"`
}

// At makes a job that is due at t, never a fraction of a millisecond early.
func At(t time.Time) Job {
	due := store.CeilMoment(t)
	return Job{State: Pending, DueAt: due, ReadyAt: due}
}

// Indexes are what a collection of jobs needs, to be given to store.EnsureIndexes.
func Indexes() []store.Index {
	return []store.Index{
		{Name: "ready", Keys: []store.SortKey{{Path: "state"}, {Path: "readyAt"}}},
		{Name: "due", Keys: []store.SortKey{{Path: "state"}, {Path: "dueAt"}}},
	}
}

// ErrNotDead says that there is nothing to try again.
var ErrNotDead = fault.Define(fault.NotFound, "queue.notDead",
	"Nothing that has failed for good is stored under {id}; it may have been sent again already.",
	"没有找到编号为 {id} 的失败记录，可能已经有人重新发送过。")

type permanentError struct{ cause error }

func (e permanentError) Error() string { return e.cause.Error() }
func (e permanentError) Unwrap() error { return e.cause }

// Permanent marks a failure that no repetition will mend, so that the job is given up at once.
func Permanent(cause error) error { return permanentError{cause} }

// IsPermanent reports whether the error chain holds a permanent failure.
func IsPermanent(err error) bool {
	var p permanentError
	return errors.As(err, &p)
}

// Doubling is a back-off that starts at first, doubles with every failure and stays at most. With spread it is
// shortened by up to that part (0 to 1), drawn from random (0 ≤ r < 1), so that many jobs do not return together.
func Doubling(first, most time.Duration, spread float64, random func() float64) func(attempts int) time.Duration {
	return func(attempts int) time.Duration {
		d := first
		for i := 1; i < attempts && d < most; i++ {
			d *= 2
		}
		d = min(d, most)
		if spread > 0 {
			d -= time.Duration(float64(d) * spread * random())
		}
		return d
	}
}

type laterError struct {
	until time.Time
	also  store.Update
}

func (e *laterError) Error() string { return "not before " + store.FormatTime(e.until) }

// Later puts a job off: nothing has failed, no attempt is counted, and it is not begun before that moment. also is applied
// to the document with it.
func Later(until time.Time, also store.Update) error { return &laterError{until, also} }

// PutOff is the moment that Later named, if the error chain holds one.
func PutOff(err error) (time.Time, bool) {
	later, ok := errors.AsType[*laterError](err)
	if !ok {
		return time.Time{}, false
	}
	return later.until, true
}

// ErrLost says that a job is no longer this worker's. It is dropped without a trace: another worker has it.
var ErrLost = errors.New("the lease of this job has lapsed")

// ErrRemoved says that what a job did has removed its document with it, so that there is nothing left to write down.
var ErrRemoved = errors.New("the job is done and its document removed")

type fenceKey struct{}

// Fence asks, from inside a job, whether the job is still this worker's: ErrLost when not, or a failure of the store.
// Outside a job there is nothing to lose.
func Fence(ctx context.Context) error {
	if ask, ok := ctx.Value(fenceKey{}).(func(context.Context) error); ok {
		return ask(ctx)
	}
	return nil
}

// Describe are the members of a job that tell of a failure.
func Describe(err error) map[string]any {
	set := map[string]any{"error": describe(err)}
	if f, ok := fault.As(err); ok {
		set["errorText"] = map[string]string{"en": f.Message("en"), "zh-CN": f.Message("zh-CN")}
	}
	return set
}

func describe(err error) string {
	if f, ok := fault.As(err); ok && f.Cause == nil {
		return fmt.Sprintf("%s (%s)", f.Message("en"), f.Code.ID)
	}
	const most = 500
	s := err.Error()
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
