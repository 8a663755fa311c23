package engine

import (
	"slices"
	"time"

	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/problem"
)

// OutcomeCancelled is how a flow ends that was called off.
const OutcomeCancelled = "cancelled"

// applySuspension lets a record stand still, or go on.
func applySuspension(s *State, ev *Event) {
	switch ev.Kind { //nolint:exhaustive // the caller sends these only
	case Suspended:
		s.Suspension = &Suspension{At: ev.At, By: ev.User, Reason: ev.Reason}
		s.Paused, s.Deadlines = s.Deadlines, nil
		s.mirror()
	case Resumed:
		s.Suspension, s.Held = nil, nil
	case Held:
		s.Held = append(slices.Clip(s.Held), *ev.Held)
	}
}

// unpause takes the paused deadline that goes on as another one off the list.
func (s *State) unpause(ev *Event) DeadlineState {
	d := DeadlineState{Block: ev.Block, Task: ev.Task, Item: ev.Item, Frame: ev.Frame, Moment: ev.Moment}
	i := slices.IndexFunc(s.Paused, func(d DeadlineState) bool { return d.Key == ev.Resumes })
	if ev.Resumes != "" && i >= 0 {
		d = s.Paused[i]
		s.Paused = without(slices.Clone(s.Paused), func(d DeadlineState) bool { return d.Key == ev.Resumes })
	}
	d.Key, d.DueAt, d.Counted, d.Pending = ev.Deadline, ev.DueAt, ev.Counted, besides(ev.Timers)
	return d
}

// suspend lets the record stand still: nobody can decide anything, and no deadline runs.
func (r *run) suspend() error {
	if err := r.reason(); err != nil {
		return err
	}
	r.emit(Event{Kind: Suspended, User: r.cmd.Actor, Reason: r.cmd.Reason, Comment: r.cmd.Comment})
	return nil
}

// standsStill refuses what a suspended record does not do, and keeps for later what must not be lost.
func (r *run) standsStill() (done bool, err error) {
	still := r.c.State.Suspension
	switch r.cmd.Kind {
	case Comment, Copy, Refresh, HandOver:
		return false, nil
	case Resume, Save, Cancel:
		if still == nil && r.cmd.Kind == Resume {
			return true, ErrNotSuspended.With(nil)
		}
		return false, nil
	case Fire, Recalculate:
		return still != nil, nil // it is set anew when the record goes on
	case Signal, Answer:
		if still == nil {
			return false, nil
		}
		return true, r.keep()
	case Submit, Complete, Approve, Reject, Return, Move, Withdraw, Override, Suspend, Assign, Tick, Untick, Migrate,
		Abstain, Transfer, AddSigner, Undo, Urge:
	}
	if still == nil {
		return false, nil
	}
	return true, ErrSuspended.With(problem.Params{"people": r.names([]string{still.By}), "reason": still.Reason})
}

// keep remembers what has come from the outside until the record goes on.
func (r *run) keep() error {
	if err := r.change("", r.cmd.Data); err != nil {
		return err
	}
	if r.cmd.Kind == Signal {
		if _, err := r.waitingFor(r.cmd.Event); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(r.c.State.Held, r.repeats) {
		return nil
	}
	held := Command{Kind: r.cmd.Kind, Actor: r.cmd.Actor, Event: r.cmd.Event, Reply: r.cmd.Reply, Comment: r.cmd.Comment}
	r.emit(Event{Kind: Held, User: r.cmd.Actor, Name: r.cmd.Event, Held: &held})
	return nil
}

// repeats reports whether what has come is what is held already.
func (r *run) repeats(held Command) bool {
	if held.Kind != r.cmd.Kind || held.Event != r.cmd.Event {
		return false
	}
	return held.Reply == nil || r.cmd.Reply == nil || held.Reply.Frame == r.cmd.Reply.Frame
}

// resume lets the record go on: its deadlines with the time they had left, and what has come meanwhile in its order.
func (r *run) resume() error {
	if err := r.change("", r.cmd.Data); err != nil {
		return err
	}
	still, held := *r.c.State.Suspension, r.c.State.Held
	r.emit(Event{Kind: Resumed, User: r.cmd.Actor, Reason: r.cmd.Reason, Comment: r.cmd.Comment})
	for _, d := range slices.Clone(r.c.State.Paused) {
		if err := r.resumeDeadline(d, still); err != nil {
			return err
		}
	}
	anyField := make(map[string]any, len(r.flow.fields))
	for i := range r.flow.fields {
		anyField[r.flow.fields[i].Key] = nil
	}
	if err := r.restartDeadlines(anyField); err != nil { // a date may have changed meanwhile
		return err
	}
	cmd := r.cmd
	defer func() { r.cmd = cmd }()
	for _, later := range held {
		if r.c.State.Status != Running {
			return nil
		}
		r.cmd = later
		if later.Kind == Answer {
			if err := r.answer(); err != nil {
				return err
			}
			continue
		}
		if _, err := r.waitingFor(later.Event); err != nil {
			continue // what came before it has made it pointless
		}
		if err := r.signal(); err != nil {
			return err
		}
	}
	if r.c.State.Status != Running {
		return nil
	}
	return r.refresh() // who could decide may have left meanwhile
}

// resumeDeadline starts a paused deadline again, with the time that it had left, on its calendar as it is now. One that
// counts from a date keeps to it, and one that was over stays so; what follows it is put off by as long as the record stood
// still.
func (r *run) resumeDeadline(d DeadlineState, still Suspension) error {
	b := r.flow.byID[d.Block]
	if b == nil {
		return ErrWrongFlow.With(problem.Params{"flow": r.flow.Key, "version": r.flow.Version})
	}
	rule := b.ruleOf(&d)
	switch d.Moment {
	case MomentUntil:
		rule = asDeadline(b.Until)
	case MomentTimeout:
		rule = asDeadline(b.Timeout)
	case MomentRecheck:
		rule = nil
	}
	if rule == nil && d.Moment != MomentRecheck {
		return nil
	}
	ev := Event{
		Kind: DeadlineSet, Block: d.Block, Task: d.Task, Item: d.Item, Frame: d.Frame, Moment: d.Moment,
		Deadline: r.key(d.Block), Resumes: d.Key, DueAt: d.DueAt, Counted: d.Counted, Gone: d.gone(),
	}
	var err error
	if d.Moment == MomentRecheck {
		ev.DueAt, err = r.nextDay(b)
	} else {
		ev.Counted, ev.DueAt, err = r.resumed(&d, rule, still)
	}
	if err != nil {
		return ErrDeadline.Because(err, problem.Params{"step": b.Name()})
	}
	ev.DueAt = ev.DueAt.UTC()
	if !d.Overdue && !d.Met {
		ev.Timers = []Timer{{TimerRef: TimerRef{Deadline: ev.Deadline}, FireAt: ev.DueAt}}
	}
	if ev.Counted != nil {
		ev.Timers = append(ev.Timers, r.again(&d, ev.Deadline, ev.DueAt, ev.Counted)...)
	}
	r.emit(ev)
	return nil
}

// resumed is when a paused deadline ends, and how it is counted from now on.
func (r *run) resumed(d *DeadlineState, rule *flow.Deadline, still Suspension) (*Counted, time.Time, error) {
	if d.Counted == nil { // it was set before that was kept
		if rule.Field != "" {
			return nil, d.DueAt, nil
		}
		due, err := r.env.Calendars.Resume(*rule, d.DueAt, still.At, r.env.Now)
		return nil, due, err
	}
	c := *d.Counted
	now := r.env.Now.UTC()
	if d.Overdue {
		c.Late = latest(d.DueAt, c.Late).Add(now.Sub(still.At))
		return &c, d.DueAt, nil
	}
	if c.Field != "" || d.Met {
		return &c, d.DueAt, nil
	}
	c.Stood = append(slices.Clip(c.Stood), Pause{From: still.At, To: now})
	var due time.Time
	var err error
	if c.Frozen {
		due, err = r.env.Calendars.Resume(c.Deadline(), d.DueAt, still.At, now)
	} else {
		due, err = r.reckonAgain(&c, true)
	}
	if due.Before(now) {
		c.Late = now
	}
	return &c, due, err
}

func asDeadline(d *flow.Delay) *flow.Deadline {
	if d == nil {
		return nil
	}
	out := d.Deadline()
	return &out
}

// cancel calls the whole thing off.
func (r *run) cancel() error {
	if err := r.reason(); err != nil {
		return err
	}
	if err := r.change("", r.cmd.Data); err != nil {
		return err
	}
	r.end(OutcomeCancelled, "")
	return nil
}
