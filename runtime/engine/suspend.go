package engine

import (
	"slices"

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
	d.Key, d.DueAt = ev.Deadline, ev.DueAt
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
	case Fire:
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
	held := Command{Kind: r.cmd.Kind, Actor: r.cmd.Actor, Event: r.cmd.Event, Reply: r.cmd.Reply, Comment: r.cmd.Comment}
	r.emit(Event{Kind: Held, User: r.cmd.Actor, Name: r.cmd.Event, Held: &held})
	return nil
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
	return nil
}

// resumeDeadline starts a paused deadline again.
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
	key := r.key(d.Block)
	ev := Event{
		Kind: DeadlineSet, Block: d.Block, Task: d.Task, Item: d.Item, Frame: d.Frame, Moment: d.Moment, Deadline: key, Resumes: d.Key, DueAt: d.DueAt,
	}
	var err error
	switch {
	case d.Moment == MomentRecheck:
		ev.DueAt, err = r.nextDay(b)
	case rule == nil:
		return nil
	case rule.Field == "": // one that counts from a date keeps to it
		ev.DueAt, err = r.env.Calendars.Resume(*rule, d.DueAt, still.At, r.env.Now)
	}
	if err != nil {
		return ErrDeadline.Because(err, problem.Params{"step": b.Name()})
	}
	ev.DueAt = ev.DueAt.UTC()
	ev.Timers = []Timer{{TimerRef: TimerRef{Deadline: key}, FireAt: ev.DueAt}}
	if d.Frame == "" {
		ev.Timers = r.timersOf(rule, key, ev.DueAt)
	}
	r.emit(ev)
	return nil
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
