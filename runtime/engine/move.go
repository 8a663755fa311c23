package engine

import (
	"slices"

	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/problem"
)

// jump closes what is open and enters target, past every gate in between.
func (r *run) jump(target *block, exit Exit) error {
	if target.Type == flow.End {
		r.closeFor(nil, exit)
		r.end(target.Outcome, target.ID)
		return nil
	}
	path := target.path()
	kept, in := r.kept(path, target)
	if in != "" && r.c.State.frame(in) == nil { // the way is done, or was not taken: it is opened beside the others
		f := r.c.State.frame(r.c.State.holderOf(in))
		r.emit(Event{Kind: WayEntered, Block: f.Block, Frame: in, In: f.ID, Case: target.takes(r.flow.byID[f.Block]), Need: f.Need + 1})
	}
	r.in = in
	r.closeFor(target, exit)
	for _, b := range path[kept:] {
		if err := r.hop(b, target); err != nil {
			return err
		}
	}
	for _, b := range path {
		if b.Type == flow.FirstOf && !target.opensChoice() {
			r.choose(r.wayTo(b))
		}
	}
	return r.walk(target.seq, target.index)
}

// wayTo is the way of a block, that runs several at once, in which the run stands.
func (r *run) wayTo(b *block) string {
	s := &r.c.State
	for id := r.in; id != ""; id = s.holderOf(id) {
		if up := s.frame(s.holderOf(id)); up != nil && up.Block == b.ID && s.frame(id).Block == b.ID {
			return id
		}
	}
	return ""
}

// kept is how many of the blocks on the path to target stay open when the record goes there, and the frame that is the
// innermost of them. Of ways that run at once the one that leads to target is kept, or is to be opened again.
func (r *run) kept(path []*block, target *block) (n int, in string) {
	s, near := &r.c.State, r.in
	for i, b := range path {
		if b.Type == flow.Stage {
			if s.Stage != b.ID {
				return i, in
			}
			continue
		}
		f := s.instance(b, in, near)
		switch {
		case f == nil || (!b.Gathers() && f.Case != target.takes(b)):
			return i, in
		case !b.Gathers():
			in = f.ID
			continue
		}
		way := s.wayOf(b, f, target, near)
		switch {
		case way != "" && s.frame(way) != nil:
			in = way
		case way == "" || f.Joined || b.Type == flow.FirstOf:
			return i, in
		default:
			return i + 1, way
		}
	}
	return len(path), in
}

// hop enters a block on the path to target, past its beginning. Of ways that would run at once only that to target does.
func (r *run) hop(b, target *block) error {
	way := target.takes(b)
	switch {
	case b.Type == flow.Stage:
		return r.enterStage(b)
	case b.Gathers():
		r.hold(b, Event{Ways: []string{way}, Need: 1})
		r.in = wayID(r.in, way)
	default:
		r.hold(b, Event{Case: way})
	}
	return nil
}

// returnTargets are the blocks to which whoever has the block's task may send the record back, in the order of the flow:
// stages, tasks and approvals that the record has been through, or those of them that an approval lists.
func (f *Flow) returnTargets(s *State, t *Task) []*block {
	var out []*block
	from := f.byID[t.Block]
	for _, b := range f.blocks[:from.order] {
		been := (b.Type == flow.Stage && slices.ContainsFunc(s.Stages, func(v Visit) bool { return v.Block == b.ID })) ||
			(b.Waits() && reentrant(b, from) &&
				slices.ContainsFunc(s.Passed, func(p Passed) bool { return p.Block == b.ID && s.holds(p.Frame, t.Frame) }))
		if been && !from.within(b) && (len(from.ReturnTo) == 0 || slices.Contains(from.ReturnTo, b.ID)) {
			out = append(out, b)
		}
	}
	return out
}

// undone are the passed tasks that stop to count when the record goes to target: those from there on, but not those in
// other ways of a block that runs several at once. When it comes straight back, they are only what it goes to.
func (r *run) undone(target *block, straight bool) []string {
	_, in := r.kept(target.path(), target)
	var out []string
	for i := range r.c.State.Passed {
		p := &r.c.State.Passed[i]
		if straight && p.Block != target.ID && p.Stage != target.ID {
			continue
		}
		if b := r.flow.byID[p.Block]; b != nil && b.order >= target.order && !apart(b, target) && r.c.State.holds(in, p.Frame) {
			out = append(out, p.Task)
		}
	}
	return out
}

// rejectTarget is the nearest earlier task: the last one that the record has been through, else the last one that stands
// on every way to the approval. There is none only when an override went past all of them on a way where no task stood.
func (r *run) rejectTarget(t *Task) *block {
	from := r.flow.byID[t.Block]
	for _, p := range slices.Backward(r.c.State.Passed) {
		if b := r.flow.byID[p.Block]; b != nil && b.Redone() && b.order < from.order && r.c.State.holds(p.Frame, t.Frame) && reentrant(b, from) {
			return b
		}
	}
	for _, b := range slices.Backward(r.flow.blocks[:from.order]) {
		if b.Redone() && always(b, from) {
			return b
		}
	}
	return nil
}

// reentrant reports whether a record that stands at from can be sent into the midst of what holds b: not into another way of
// a block that runs several at once, and not into a forEach that it has left, for which of the elements would it be.
func reentrant(b, from *block) bool {
	if apart(b, from) {
		return false
	}
	for at := b.seq.holder; at != nil; at = at.seq.holder {
		if at.Type == flow.ForEach && !from.within(at) {
			return false
		}
	}
	return true
}

// apart reports whether two blocks stand in different ways of a block that runs several at once.
func apart(a, b *block) bool {
	for at := a.seq; at.holder != nil; at = at.holder.seq {
		if b.within(at.holder) {
			return at.holder.Gathers() && at.holder != b && b.takes(at.holder) != at.taken
		}
	}
	return false
}

// always reports whether every way to later leads through b.
func always(b, later *block) bool {
	for at := b.seq.holder; at != nil; at = at.seq.holder {
		if at.Type != flow.Stage && at.Type != flow.SubFlow && (!later.within(at) || later.takes(at) != b.takes(at)) {
			return false
		}
	}
	return true
}

func (r *run) override() error {
	target := r.flow.byID[r.cmd.To]
	if target == nil || !target.movable() {
		return ErrTarget.With(problem.Params{"to": r.cmd.To, "known": titles(r.flow.movables())})
	}
	if err := r.reason(); err != nil {
		return err
	}
	if err := r.change("", r.cmd.Data); err != nil {
		return err
	}
	r.emit(Event{
		Kind: Overridden, Block: target.ID, User: r.cmd.Actor, Reason: r.cmd.Reason, Comment: r.cmd.Comment, Undone: r.undone(target, false),
	})
	return r.jump(target, ExitOverridden)
}

// movable reports whether a record can be set to the block: not into a forEach, for which of the elements would it be, and
// not to the end of a sub-flow.
func (b *block) movable() bool {
	if b.Type != flow.Stage && b.Type != flow.End && !b.Rests() {
		return false
	}
	for at := b.seq.holder; at != nil; at = at.seq.holder {
		if at.Type == flow.ForEach || (at.Type == flow.SubFlow && b.Type == flow.End) {
			return false
		}
	}
	return true
}

func (f *Flow) movables() []*block {
	var out []*block
	for _, b := range f.blocks {
		if b.movable() {
			out = append(out, b)
		}
	}
	return out
}

func titles(blocks []*block) []problem.Text {
	out := make([]problem.Text, len(blocks))
	for i, b := range blocks {
		out[i] = b.Name()
	}
	return out
}

// withdraw gives the record back to its applicant as a draft.
func (r *run) withdraw() error {
	s := &r.c.State
	switch {
	case r.cmd.Actor == "" && s.decided():
		return ErrWithdrawDecided.With(problem.Params{"people": r.names(r.holders())})
	case r.cmd.Actor == "": // the product takes back what nobody has touched, with the owner
		if err := r.change("", r.cmd.Data); err != nil {
			return err
		}
	case r.cmd.Actor != s.Applicant:
		return ErrWithdrawer.With(problem.Params{"people": r.names([]string{s.Applicant})})
	case r.flow.withdraw == flow.WithdrawNever:
		return ErrWithdrawNever.With(nil)
	case r.flow.withdraw == flow.WithdrawUntilDecided && s.decided():
		return ErrWithdrawDecided.With(problem.Params{"people": r.names(r.holders())})
	}
	r.closeFor(nil, ExitWithdrawn)
	r.emit(Event{Kind: Withdrawn, User: r.cmd.Actor, Reason: r.cmd.Reason, Comment: r.cmd.Comment})
	return nil
}

// decided reports whether somebody besides the applicant has completed or approved something that still counts.
func (s *State) decided() bool {
	others := func(user string) bool { return user != s.Applicant }
	return slices.ContainsFunc(s.Passed, func(p Passed) bool { return others(p.By) }) ||
		slices.ContainsFunc(s.Tasks, func(t Task) bool {
			return slices.ContainsFunc(t.Approved, others) || slices.ContainsFunc(t.Rejected, others) || slices.ContainsFunc(t.Abstained, others)
		})
}

// move is a card dragged on the board. It goes through the same gates as the record page: forward it completes the actor's
// task, backward it returns.
func (r *run) move() error {
	if len(r.flow.stages) == 0 {
		return ErrNoStages.With(nil)
	}
	target := r.flow.byID[r.cmd.To]
	if target == nil || (target.Type != flow.Stage && target.Type != flow.End) {
		return ErrTarget.With(problem.Params{"to": r.cmd.To, "known": titles(r.flow.columns())})
	}
	here := r.flow.byID[r.c.State.Stage]
	if here == target {
		return r.change("", r.cmd.Data)
	}
	task, err := r.actorsTask()
	if err != nil {
		return err
	}
	if here != nil && target.Type == flow.Stage && target.order < here.order {
		return r.follow(Return, task.ID)
	}
	if between := r.flow.between(here, target); len(between) > 0 {
		return ErrMoveSkips.With(problem.Params{"to": target.Name(), "between": titles(between)})
	}
	if task.Kind == flow.Approval {
		return r.moveWaits(target, task)
	}
	if err := r.follow(Complete, task.ID); err != nil {
		return err
	}
	return r.arrived(task, target)
}

// columns are what a card can be dragged to.
func (f *Flow) columns() []*block {
	var out []*block
	for _, b := range f.blocks {
		if b.Type == flow.Stage || b.Type == flow.End {
			out = append(out, b)
		}
	}
	return out
}

// between are the stages that a forward drag would pass over, with the present one when it is not the last in front.
func (f *Flow) between(here, target *block) []*block {
	if target.Type == flow.End {
		return nil
	}
	var out []*block
	for _, s := range f.stages {
		if (here == nil || s.order > here.order) && s.order < target.order {
			out = append(out, s)
		}
	}
	return out
}

// follow does the command as another one on a task.
func (r *run) follow(kind CommandKind, task string) error {
	r.cmd.Kind, r.cmd.Task = kind, task
	return r.command()
}

// actorsTask is the actor's open task: one to complete before one to approve.
func (r *run) actorsTask() (Task, error) {
	var found Task
	for _, t := range r.c.State.Tasks {
		if t.MayDecide(r.cmd.Actor) && (found.ID == "" || t.Kind != flow.Approval) {
			found = t
		}
	}
	if found.ID == "" {
		return found, ErrNothingYours.With(problem.Params{"people": append(r.names(r.holders()), r.awaited()...)})
	}
	return found, nil
}

// arrived refuses a move that completing the task did not bring about.
func (r *run) arrived(done Task, target *block) error {
	s := &r.c.State
	from := r.flow.byID[done.Block]
	switch {
	case s.Stage == target.ID:
		return nil
	case s.Status == Ended && target.Type == flow.End && r.events[len(r.events)-1].Block == target.ID:
		return nil
	case s.Status == Running && s.Stage == done.Stage && len(s.Tasks) > 0:
		return r.moveWaits(target, s.Tasks[0])
	case s.Status == Running && s.Stage == done.Stage:
		return ErrMoveRests.With(problem.Params{"to": target.Name(), "step": r.awaited()[0]})
	}
	where := problem.Text{"en": "the end", "zh-CN": "流程结束"}
	if s.Status == Ended {
		if end := r.flow.byID[r.events[len(r.events)-1].Block]; end != nil {
			where = end.Name()
		}
	} else if stage := r.flow.byID[s.Stage]; stage != nil {
		where = stage.Name()
	}
	return ErrMoveElsewhere.With(problem.Params{"step": from.Name(), "to": target.Name(), "where": where})
}

// awaited are the blocks that wait for something that is no task.
func (r *run) awaited() []problem.Text {
	var out []problem.Text
	for i := range r.c.State.Frames {
		if b := r.flow.waiting(&r.c.State.Frames[i]); b != nil {
			out = append(out, b.Name())
		}
	}
	return out
}

func (r *run) moveWaits(target *block, t Task) error {
	b := r.flow.byID[t.Block]
	params := problem.Params{"to": target.Name(), "step": b.Name(), "people": r.names(r.undecided(t))}
	return ErrMoveWaits.With(params, ProblemWaits.At("/to", params))
}
