package engine

import (
	"strings"
	"time"

	"github.com/stepwell/stepwell/internal/expr"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/problem"
)

// looksAt are the fields of the form on which it depends how long a block waits.
func (b *block) looksAt() []string {
	var out []string
	for _, d := range []*flow.Delay{b.Until, b.Timeout} {
		if d != nil && d.Field != "" {
			out = append(out, d.Field)
		}
	}
	if b.when != nil {
		for _, path := range b.when.References() {
			if rest, ok := strings.CutPrefix(path, expr.FormVar+"."); ok {
				field, _, _ := strings.Cut(rest, ".")
				out = append(out, field)
			}
		}
	}
	return out
}

// wait opens a block that waits for a moment, a condition or an event; what has come already is not waited for.
func (r *run) wait(b *block) (step, error) {
	in := r.in
	r.hold(b, Event{})
	frame := r.in
	come, err := r.startWaiting(b, frame)
	if err != nil {
		return step{}, err
	}
	if come {
		r.dropMoments(frame)
		r.release("")
		return goOn, nil
	}
	r.in = in
	return rest, nil
}

// startWaiting sets the timers of a block that waits, and reports whether what it waits for is there already.
func (r *run) startWaiting(b *block, frame string) (come bool, err error) {
	if b.when != nil {
		if come, err = r.holdsNow(b); err != nil || come {
			return come, err
		}
		next, err := r.nextDay(b)
		if err != nil {
			return false, err
		}
		r.setMoment(b, frame, MomentRecheck, next, nil)
	}
	for _, d := range []struct {
		moment Moment
		delay  *flow.Delay
	}{{MomentUntil, b.Until}, {MomentTimeout, b.Timeout}} {
		c, at, err := r.delayed(b, d.delay)
		switch {
		case err != nil:
			return false, err
		case at.IsZero():
		case d.moment == MomentUntil && !at.After(r.env.Now):
			return true, nil
		default:
			r.setMoment(b, frame, d.moment, at, c)
		}
	}
	return false, nil
}

// holdsNow asks the condition that a block waits for.
func (r *run) holdsNow(b *block) (bool, error) {
	holds, err := b.when.EvalBool(r.ruleVars())
	if err != nil {
		return false, ruleFault(err, b.Name())
	}
	return holds, nil
}

// nextDay is when a condition is asked again that nobody's change has made true: when the next day begins.
func (r *run) nextDay(b *block) (time.Time, error) {
	at, err := r.env.Calendars.DayStart("", r.env.Now.AddDate(0, 0, 1).Format(time.DateOnly))
	if err != nil {
		return time.Time{}, ErrDeadline.Because(err, problem.Params{"step": b.Name()})
	}
	if !at.After(r.env.Now) { // the calendar's day has begun before that of the rules
		at = at.AddDate(0, 0, 1)
	}
	return at.UTC(), nil
}

// delayed is the moment of a delay that begins now, and how it was counted; zero while the field that it counts from is
// blank, and for none.
func (r *run) delayed(b *block, d *flow.Delay) (*Counted, time.Time, error) {
	if d == nil {
		return nil, time.Time{}, nil
	}
	return r.reckon(b, *d, "", r.env.Now)
}

func (r *run) setMoment(b *block, frame string, m Moment, at time.Time, c *Counted) {
	key := r.key(b.ID)
	r.emit(Event{
		Kind: DeadlineSet, Block: b.ID, Frame: frame, Moment: m, Deadline: key, DueAt: at, Counted: c,
		Timers: []Timer{{TimerRef: TimerRef{Deadline: key}, FireAt: at}},
	})
}

// dropMoments clears the timers of a block that waits.
func (r *run) dropMoments(frame string) { r.closeIn(frame, nil) }

// fireFrame is a moment that has come of a block that waits.
func (r *run) fireFrame(d DeadlineState) error {
	f := r.c.State.frame(d.Frame)
	b := r.flow.byID[d.Block]
	if f == nil || b == nil {
		return ErrWrongFlow.With(problem.Params{"flow": r.flow.Key, "version": r.flow.Version})
	}
	if r.env.Now.Before(d.DueAt) {
		return ErrEarly.With(nil)
	}
	switch d.Moment {
	case MomentUntil:
		return r.goOnFrom(*f, b, "")
	case MomentTimeout:
		return r.goOnFrom(*f, b, flow.LateCase)
	case MomentRecheck:
		r.emit(Event{Kind: DeadlineCleared, Block: d.Block, Frame: d.Frame, Deadline: d.Key})
		next, err := r.nextDay(b)
		if err != nil {
			return err
		}
		r.setMoment(b, d.Frame, MomentRecheck, next, nil) // settle asks the condition
	}
	return nil
}

// goOnFrom ends the waiting of a block: straight on, or by its late or failed way.
func (r *run) goOnFrom(f Frame, b *block, how string) error {
	if b.opensChoice() {
		r.choose(f.In)
	}
	r.dropMoments(f.ID)
	r.in = f.ID
	r.release(how)
	if b.Type == flow.Stage {
		return r.walk(b.body, len(b.body.blocks))
	}
	seq := b.late
	if how == flow.FailedCase {
		seq = b.failed
	}
	if how == "" || len(seq.blocks) == 0 {
		return r.walk(b.seq, b.index+1)
	}
	r.hold(b, Event{Case: how})
	return r.walk(seq, 0)
}

// waiting is the block that waits in a frame; nil when the frame holds a sequence.
func (f *Flow) waiting(frame *Frame) *block {
	b := f.byID[frame.Block]
	switch {
	case b == nil:
		return nil
	case b.Type == flow.Stage && frame.Case == gateCase:
		return b
	case frame.Case != "" || b.Waits() || !b.Rests():
		return nil
	}
	return b
}

// settle goes on wherever what was waited for has come about by the command: a condition holds, a date has moved.
func (r *run) settle() error {
	s := &r.c.State
	r.settling = true
	for i := 0; i < len(s.Frames) && s.Status == Running && s.Suspension == nil; i++ {
		f := s.Frames[i]
		b := r.flow.waiting(&f)
		if b == nil {
			continue
		}
		r.in = f.In
		come, err := r.come(f, b)
		if err != nil {
			return err
		}
		if come {
			if err := r.goOnFrom(f, b, ""); err != nil {
				return err
			}
			i = -1 // much may have changed
		}
	}
	return nil
}

// come reports whether what a block waits for is there, and moves the timers that count from a date that has changed.
func (r *run) come(f Frame, b *block) (bool, error) {
	if b.Type == flow.Stage {
		return len(r.stageGate(b).problems) == 0, nil
	}
	if b.when != nil {
		if holds, err := r.holdsNow(b); err != nil || holds {
			return holds, err
		}
	}
	for _, d := range []struct {
		moment Moment
		delay  *flow.Delay
	}{{MomentUntil, b.Until}, {MomentTimeout, b.Timeout}} {
		if d.delay == nil || d.delay.Field == "" {
			continue
		}
		c, at, err := r.delayed(b, d.delay)
		if err != nil {
			return false, err
		}
		if d.moment == MomentUntil && !at.IsZero() && !at.After(r.env.Now) {
			return true, nil
		}
		r.moveMoment(f, b, d.moment, at, c)
	}
	return false, nil
}

// moveMoment sets a timer of a waiting block to another moment; zero drops it.
func (r *run) moveMoment(f Frame, b *block, m Moment, at time.Time, c *Counted) {
	for _, d := range r.c.State.Deadlines {
		if d.Frame != f.ID || d.Moment != m {
			continue
		}
		if d.DueAt.Equal(at) {
			return
		}
		r.emit(Event{Kind: DeadlineCleared, Block: d.Block, Frame: d.Frame, Deadline: d.Key})
		break
	}
	if !at.IsZero() {
		r.setMoment(b, f.ID, m, at, c)
	}
}

// signal is an event that has happened. Whatever waits for it goes on; where nothing does, it is refused, so that whoever
// sends it knows.
func (r *run) signal() error {
	if err := r.change("", r.cmd.Data); err != nil {
		return err
	}
	frames, err := r.waitingFor(r.cmd.Event)
	if err != nil {
		return err
	}
	r.emit(Event{Kind: Signalled, Name: r.cmd.Event, User: r.cmd.Actor, Comment: r.cmd.Comment})
	for _, id := range frames {
		f := r.c.State.frame(id)
		if f == nil {
			continue // another one that waited for it has made it pointless
		}
		if err := r.goOnFrom(*f, r.flow.byID[f.Block], ""); err != nil {
			return err
		}
	}
	return nil
}

// waitingFor are the frames that wait for an event.
func (r *run) waitingFor(event string) ([]string, error) {
	var frames, known []string
	for i := range r.c.State.Frames {
		f := &r.c.State.Frames[i]
		b := r.flow.waiting(f)
		if b == nil || b.Event == "" {
			continue
		}
		known = append(known, b.Event)
		if b.Event == event {
			frames = append(frames, f.ID)
		}
	}
	if len(frames) == 0 {
		var waits any = known
		if len(known) == 0 {
			waits = problem.Text{"en": "no event", "zh-CN": "无"}
		}
		return nil, ErrNotWaiting.With(problem.Params{"event": event, "known": waits})
	}
	return frames, nil
}
