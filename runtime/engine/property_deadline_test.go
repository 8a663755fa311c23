package engine

import (
	"fmt"
	"slices"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
)

// deadline draws a deadline with whatever may stand around one, but for what is done without anybody.
func (m *flowMaker) deadline() *flow.Deadline {
	d := &flow.Deadline{After: rapid.IntRange(1, 50).Draw(m.t, "after"), Unit: flow.Hours, Calendar: "china"}
	switch rapid.IntRange(0, 5).Draw(m.t, "deadline") {
	case 0:
	case 1:
		*d = flow.Deadline{After: -1, Unit: flow.Days, Field: "neededBy", Calendar: "china"}
	case 2:
		d.After, d.Unit, d.At = rapid.IntRange(1, 4).Draw(m.t, "days"), flow.WorkingDays, "17:00"
	default:
		return nil
	}
	d.Follow = rapid.SampledFrom([]flow.Follow{"", "", flow.FollowLive, flow.FollowFrozen}).Draw(m.t, "follow")
	if m.chance("settled", 25) {
		d.SettledBy = []string{rapid.SampledFrom([]string{"drawing", "urgentNote"}).Draw(m.t, "settledBy")}
	}
	mark := func(key string) *flow.Flag {
		return &flow.Flag{Key: key, Label: definition.Text{"": key}, Tone: flow.ToneBad}
	}
	to := func(who flow.WhoType) flow.Notify { return flow.Notify{To: []flow.Who{{Type: who}}} }
	if m.chance("remind", 50) {
		d.Remind = []flow.Reminder{
			{Offset: -1, Unit: flow.Hours, Notify: to(flow.WhoAssignee), Flag: mark("soon")},
			{Offset: 1, Unit: flow.WorkingDays, Notify: to(flow.WhoManager)},
			{Offset: rapid.SampledFrom([]int{-9, 9}).Draw(m.t, "offset"), Unit: flow.Hours, Notify: to(flow.WhoAssignee),
				Every: &flow.Interval{N: 7, Unit: flow.Hours}, Times: rapid.IntRange(0, 3).Draw(m.t, "times")},
		}
	}
	if m.chance("escalate", 50) {
		d.Flag = mark("late")
		d.Escalate = []flow.Escalation{
			{After: 5, Unit: flow.Hours, Notify: []flow.Notify{to(flow.WhoManager)}},
			{After: 1, Unit: flow.Days, Flag: mark("worse")},
		}
	}
	return d
}

// automate lets something be done without anybody when a block is late.
func (m *flowMaker) automate(b *flow.Block) {
	if b.Deadline == nil || !m.chance("automate", 60) {
		return
	}
	kinds := []flow.AutoAction{flow.DoTransfer, flow.DoReturn, flow.DoMoveOn, flow.DoComplete}
	if b.Type == flow.Approval {
		kinds = []flow.AutoAction{flow.DoTransfer, flow.DoReturn, flow.DoMoveOn, flow.DoApprove, flow.DoReject}
	}
	e := flow.Escalation{After: rapid.IntRange(0, 30).Draw(m.t, "after"), Unit: flow.Hours, Do: rapid.SampledFrom(kinds).Draw(m.t, "do")}
	switch e.Do { //nolint:exhaustive // the others need nothing more
	case flow.DoTransfer:
		e.To = m.who()
	case flow.DoReturn:
		e.Target = fmt.Sprintf("b%d", rapid.IntRange(1, m.next).Draw(m.t, "target"))
	case flow.DoMoveOn:
		if m.chance("late", 50) {
			late := flow.Block{ID: m.id(), Type: flow.Task, Who: m.who()}
			late.Title = definition.Text{"": late.ID}
			b.Late = []flow.Block{late}
		}
	}
	if m.chance("mark", 50) {
		e.Flag = &flow.Flag{Key: "auto", Label: definition.Text{"": "auto"}, Tone: flow.ToneWarning}
	}
	b.Deadline.Escalate = append(b.Deadline.Escalate, e)
}

// outstanding are the timers as the outside keeps them, by what they name, and what has been told.
type outstanding struct {
	at   map[TimerRef]time.Time
	told map[TimerRef]bool
}

// follow does with the timers what the events say.
func (o *outstanding) follow(t require.TestingT, events []Event) {
	if o.at == nil {
		o.at, o.told = map[TimerRef]time.Time{}, map[TimerRef]bool{}
	}
	for _, ev := range events {
		ref := TimerRef{Deadline: ev.Deadline, Remind: ev.Remind, Turn: ev.Turn, Level: ev.Level}
		switch ev.Kind { //nolint:exhaustive // the others do not concern timers
		case DeadlinePassed, Reminded, Escalated:
			require.False(t, o.told[ref], "%v is told once", ref)
			require.False(t, o.at[ref].IsZero(), "%v was to come", ref)
			require.False(t, o.at[ref].After(ev.At), "%v is told when it has come", ref)
			o.told[ref] = true
			delete(o.at, ref)
		case DeadlineCleared, DeadlineMet:
			delete(o.at, TimerRef{Deadline: ev.Deadline})
		case DeadlineSet, DeadlineMoved:
			delete(o.at, TimerRef{Deadline: ev.Resumes})
		}
		for _, gone := range ev.Gone {
			delete(o.at, gone)
		}
		for _, timer := range ev.Timers {
			require.False(t, o.told[timer.TimerRef], "%v is not to come again", timer.TimerRef)
			o.at[timer.TimerRef] = timer.FireAt
		}
	}
}

// anyTimer names a moment of the record, or one that there never was.
func (p *player) anyTimer() TimerRef {
	refs := []TimerRef{{Deadline: "b1#3", Remind: 1}, {Deadline: "nothing"}}
	for i := range p.c.State.Deadlines {
		d := &p.c.State.Deadlines[i]
		refs = append(refs, TimerRef{Deadline: d.Key}, TimerRef{Deadline: d.Key, Remind: 9}, TimerRef{Deadline: d.Key, Level: 9})
		for _, t := range d.Pending {
			refs = append(refs, t.TimerRef)
		}
	}
	return rapid.SampledFrom(refs).Draw(p.t, "timer")
}

// changeCalendar makes some days free, or all of them working days again.
func (p *player) changeCalendar() {
	if rapid.IntRange(0, 9).Draw(p.t, "calendar changes") > 0 {
		return
	}
	p.company.free = nil
	for range rapid.IntRange(0, 3).Draw(p.t, "free") {
		day := p.env.Now.AddDate(0, 0, rapid.IntRange(0, 9).Draw(p.t, "day"))
		p.company.free = append(p.company.free, day.Format(time.DateOnly))
	}
}

// checkDeadlines: what is to come of a record has a timer outside at exactly its moment, whatever happens; what was late and
// is told now was late in this order; and a recalculation moves nothing but deadlines.
func (p *player) checkDeadlines(cmd Command, d Decision) {
	t := p.t
	p.timers.follow(t, d.Events)
	for _, state := range d.After.State.Deadlines {
		if at, ok := d.After.State.moment(TimerRef{Deadline: state.Key}); ok {
			require.Equal(t, at, p.timers.at[TimerRef{Deadline: state.Key}], "its own moment")
		}
		for _, timer := range state.Pending {
			require.Equal(t, timer.FireAt, p.timers.at[timer.TimerRef], "a moment around it")
		}
		require.False(t, state.Met && (state.Overdue || state.Flag != nil), "nobody is late with what is met")
	}
	suspended := func(ev Event) bool { return ev.Kind == Suspended }
	if !slices.ContainsFunc(p.log, suspended) && !slices.ContainsFunc(d.Events, suspended) {
		for ref := range p.timers.at {
			_, ok := d.After.State.moment(ref)
			require.True(t, ok, "%v waits outside and no longer on the record", ref)
		}
	}
	if cmd.Kind == Recalculate {
		for _, ev := range d.Events {
			require.Equal(t, DeadlineMoved, ev.Kind)
			require.NotEqual(t, ev.Was, ev.DueAt)
		}
		require.Empty(t, d.Effects)
		again, err := Decide(p.env, d.After, cmd)
		require.NoError(t, err)
		require.Empty(t, again.Events, "a second recalculation finds nothing")
	}
	if cmd.Kind == Fire {
		p.checkOrder(d)
	}
}

// checkOrder: of the deadlines that the record had, none passes after one that was due later.
func (p *player) checkOrder(d Decision) {
	var last time.Time
	for _, ev := range d.Events {
		known := slices.ContainsFunc(p.c.State.Deadlines, func(s DeadlineState) bool { return s.Key == ev.Deadline })
		if ev.Kind != DeadlinePassed || !known {
			continue
		}
		require.False(p.t, ev.DueAt.Before(last), "in the order of time")
		last = ev.DueAt
	}
}

// fireAll lets every timer come that there is outside, in any order and each of them twice, days later. Then nothing that was
// due is left, but for what is refused, which is a refusal that tells what is wrong with the flow.
func (p *player) fireAll() {
	p.env.Now = p.env.Now.Add(10 * 24 * time.Hour)
	refs := make([]TimerRef, 0, len(p.timers.at))
	for ref := range p.timers.at {
		refs = append(refs, ref)
	}
	slices.SortFunc(refs, func(a, b TimerRef) int { return slices.Compare(refKey(a), refKey(b)) })
	refs = rapid.Permutation(refs).Draw(p.t, "order")
	refused := map[TimerRef]bool{}
	for _, ref := range append(refs, refs...) {
		err := p.do(Command{Kind: Fire, Timer: ref})
		if err != nil && !fault.Has(err, ErrEarly) {
			refused[ref] = true
		}
	}
	if p.c.State.Suspension != nil {
		return
	}
	for _, ref := range refs {
		if at, ok := p.c.State.moment(ref); ok && !at.After(p.env.Now) {
			require.True(p.t, refused[ref], "%v was due and is neither told nor refused", ref)
		}
	}
}

func refKey(t TimerRef) []string {
	return []string{t.Deadline, fmt.Sprintf("%03d %03d %03d", t.Remind, t.Turn, t.Level)}
}
