package notices

import (
	"context"
	"hash/fnv"
	"log/slog"
	"slices"
	"time"

	"github.com/stepwell/stepwell/internal/calendar"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/notices/preference"
	"github.com/stepwell/stepwell/runtime/queue"
)

// plan is what a reader's preferences make of a notice: nothing, so that it goes now, or a state in which it ends.
type plan struct{ state queue.State }

// plan asks the reader's preferences. A notice for later is the error of queue.Later. Who cannot be reached is collected
// for no digest.
func (q *Queue) plan(ctx context.Context, a *attempt, reachable bool) (plan, error) {
	n := &a.notice
	if q.options.Preferences == nil || n.Cause == CauseDigest {
		return plan{}, nil
	}
	if n.Digest != "" {
		if err := q.awaitDigest(ctx, n); err != nil {
			return plan{}, err
		}
	}
	wants, err := q.options.Preferences(ctx, n.User)
	if err != nil {
		return plan{}, err
	}
	policy := q.policy(n)
	now := q.clock.Now()
	switch choice := wants.Choice(string(n.Cause), n.Channel); {
	case choice == preference.Off:
		return plan{Off}, nil
	case !reachable:
		return plan{}, nil
	case choice == preference.Digest:
		return plan{}, q.collect(ctx, a, wants.NextDigest(now, policy.Calendar))
	}
	if slices.Contains(policy.Urgent, string(n.Cause)) {
		return plan{}, nil
	}
	end, quiet := wants.QuietUntil(now, policy.Calendar)
	if !quiet {
		return plan{}, nil
	}
	return plan{}, queue.Later(end.Add(spread(n.User)), store.Update{})
}

// mostSpread is over how long the messages that quiet hours or a digest's time let go together are spread.
const mostSpread = 5 * time.Minute

// spread is a part of mostSpread, the same for all messages to one reader, so that they keep their order.
func spread(user string) time.Duration {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(user)) // never fails
	return time.Duration(sum.Sum32()%uint32(mostSpread/time.Second)) * time.Second
}

// policy is how the notice's app wants its channel to be used, with a calendar in any case.
func (q *Queue) policy(n *Notice) Policy {
	var p Policy
	if q.options.Policy != nil {
		p = q.options.Policy(n.App, n.Channel)
	}
	if p.Calendar == nil {
		p.Calendar = calendar.Plain(q.options.Zone)
	}
	return p
}

func (q *Queue) warn(ctx context.Context, line string, err error) {
	if q.options.Log != nil {
		q.options.Log.WarnContext(ctx, "the account of a channel cannot be kept", slog.String("channel", line), slog.Any("error", err))
	}
}
