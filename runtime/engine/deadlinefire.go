package engine

import (
	"slices"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/problem"
)

// fire is a moment of a deadline that has come. One that no longer counts, or was told before, causes nothing. What was to
// come before it on the record and has not, because the server stood still, comes first, so that the order is that of time
// whoever fires what.
func (r *run) fire() error {
	ref := r.cmd.Timer
	at, ok := r.c.State.moment(ref)
	if !ok {
		return nil
	}
	if r.env.Now.Before(at) {
		return ErrEarly.With(problem.Params{"due": at})
	}
	var failed []TimerRef // what fails is another timer's to try again
	for r.c.State.Status == Running {
		first, found := r.c.State.earliest(at, failed)
		if !found {
			break
		}
		if r.attempt(func() error { return r.happen(first) }) != nil {
			failed = append(failed, first)
		}
	}
	if _, ok := r.c.State.moment(ref); !ok {
		return nil
	}
	return r.happen(ref)
}

// attempt does something wholly or not at all.
func (r *run) attempt(do func() error) error {
	before := *r
	detach(&r.c.State)
	err := do()
	if err == nil {
		return nil
	}
	*r = before
	r.vars, r.seen = nil, "?" // they show what has been taken back; no frame is called so
	return err
}

// happen tells one moment that has come.
func (r *run) happen(ref TimerRef) error {
	i := slices.IndexFunc(r.c.State.Deadlines, func(d DeadlineState) bool { return d.Key == ref.Deadline })
	d := r.c.State.Deadlines[i]
	if d.Frame != "" {
		return r.fireFrame(d)
	}
	b := r.flow.byID[d.Block]
	if b == nil || b.ruleOf(&d) == nil {
		return ErrWrongFlow.With(problem.Params{"flow": r.flow.Key, "version": r.flow.Version})
	}
	c := coming{block: b, rule: b.ruleOf(&d), deadline: d}
	if open := r.c.State.task(d.Task); open != nil {
		c.task = *open
		c.task.Assignees = c.task.forItem(d.Item)
		r.in = open.Frame
	}
	if ref.Own() {
		c.pass(r)
		return nil
	}
	follows := ref.Level != 0 || (ref.Remind <= len(c.rule.Remind) && c.rule.Remind[ref.Remind-1].Offset > 0)
	if follows && !d.Overdue {
		c.pass(r) // its own timer is behind
	}
	if ref.Level != 0 {
		return c.escalate(r, ref)
	}
	c.remind(r, ref)
	return nil
}

// coming is a moment of a deadline that is being told.
type coming struct {
	block    *block
	rule     *flow.Deadline
	deadline DeadlineState
	task     Task // whose deadline it is; zero for that of a stage
}

func (c *coming) event(kind EventKind) Event {
	d := &c.deadline
	return Event{Kind: kind, Block: d.Block, Task: d.Task, Item: d.Item, Deadline: d.Key, DueAt: d.DueAt}
}

// pass is the moment of the deadline itself.
func (c *coming) pass(r *run) {
	ev := c.event(DeadlinePassed)
	ev.Flag = c.rule.Flag
	r.emit(ev)
	messages := c.rule.Notify
	if len(messages) == 0 {
		messages = overdueNotice(c.block)
	}
	r.notifyItem(c.block, c.task, c.deadline.Item, CauseOverdue, messages)
}

// overdueNotice is who is told about a deadline that names nobody.
func overdueNotice(b *block) []flow.Notify {
	to := []flow.Who{{Type: flow.WhoAssignee}}
	if b.Type == flow.Stage {
		to = append(to, flow.Who{Type: flow.WhoOwner})
	}
	return []flow.Notify{{To: to}}
}

func (c *coming) remind(r *run, ref TimerRef) {
	ev := c.event(Reminded)
	ev.Remind, ev.Turn = ref.Remind, ref.Turn
	if ref.Remind > len(c.rule.Remind) { // another version of the flow has fewer
		r.emit(ev)
		return
	}
	m := &c.rule.Remind[ref.Remind-1]
	ev.Flag = m.Flag
	if m.Every != nil && c.deadline.Counted != nil {
		next := ref
		next.Turn++
		if t, ok := r.nextTurn(c.rule, next, c.deadline.DueAt, c.deadline.Counted); ok {
			ev.Timers = []Timer{t}
		}
	}
	r.emit(ev)
	r.notifyItem(c.block, c.task, c.deadline.Item, CauseReminder, []flow.Notify{m.Notify})
}

// escalate is a level that has come: people are told, and perhaps something is done without anybody. When that is refused,
// the level has come all the same, and the app's administrators learn why.
func (c *coming) escalate(r *run, ref TimerRef) error {
	ev := c.event(Escalated)
	ev.Level = ref.Level
	if ref.Level > len(c.rule.Escalate) { // another version of the flow has fewer
		r.emit(ev)
		return nil
	}
	e := &c.rule.Escalate[ref.Level-1]
	ev.Do = e.Do
	if !e.Do.Closes() {
		ev.Flag = e.Flag
	}
	r.emit(ev)
	r.notifyItem(c.block, c.task, c.deadline.Item, CauseEscalated, e.Notify)
	if e.Do == "" {
		return nil
	}
	err := r.attempt(func() error { return r.act(c.block, e, c.task) })
	refusal, ok := fault.As(err)
	if err == nil || !ok || refusal.Code.Kind == fault.Internal {
		return err
	}
	ev = c.event(ActFailed)
	ev.Level, ev.Do, ev.Why = ref.Level, e.Do, why(refusal)
	r.emit(ev)
	r.tell(Effect{Cause: CauseActFailed, Block: c.block.ID, Task: c.task.ID, Text: ev.Why, DueAt: c.deadline.DueAt},
		r.env.Directory.WithRole(r.env.App, RoleAdmin))
	return nil
}

// why is what a refusal says, with the first places that it names.
func why(refusal *fault.Error) definition.Text {
	const most = 3
	out := definition.Text{}
	for _, lang := range []string{"en", "zh-CN"} {
		out[lang] = refusal.Message(lang)
		for _, p := range refusal.Problems[:min(most, len(refusal.Problems))] {
			out[lang] += " " + p.Message(lang)
		}
	}
	return out
}
