package engine

import (
	"slices"

	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/problem"
)

// assign hands an open task, or one person's part of it, to others.
func (r *run) assign() error {
	t, b, err := r.find(r.cmd.Task)
	if err != nil {
		return err
	}
	if err := r.newAssignees(); err != nil {
		return err
	}
	from := r.cmd.From
	if from == "" && t.has(r.cmd.Actor) && !t.decided(r.cmd.Actor) {
		from = r.cmd.Actor
	}
	if from != "" && (!t.has(from) || t.decided(from)) {
		return ErrNotAssignee.With(problem.Params{"people": r.names([]string{from}), "step": b.Name()})
	}
	return r.give(t, b, from)
}

// transfer gives the actor's part of a task to others; the system gives all that is undecided.
func (r *run) transfer() error {
	t, b, err := r.mine()
	if err != nil {
		return err
	}
	if err := r.newAssignees(); err != nil {
		return err
	}
	return r.give(t, b, r.part)
}

// give lets the users of the command take the place of somebody, for "" of all who have not decided.
func (r *run) give(t Task, b *block, from string) error {
	if slices.Equal(handOver(t, from, r.cmd.Users), t.Assignees) {
		return nil
	}
	r.reassign(t, b, from, Event{Users: r.cmd.Users, For: r.insteadOf(), Cause: r.cmd.Cause})
	return r.recount(t.ID)
}

// reassign puts the users of an event into a task in the place of somebody, and tells those who may decide it now.
func (r *run) reassign(t Task, b *block, from string, ev Event) {
	after := t
	after.Assignees = handOver(t, from, ev.Users)
	after.Added = readded(t.Added, after.Assignees, from, ev.Users)
	if ev.Mode != "" {
		after.Mode = ev.Mode
	}
	r.allot(&after, b)
	ev.Kind, ev.Task, ev.Block, ev.User, ev.Reason, ev.Comment = TaskAssigned, t.ID, t.Block, r.cmd.Actor, r.cmd.Reason, r.cmd.Comment
	ev.Users = added(t.Assignees, after.Assignees)
	ev.Assignees, ev.Roster = after.Assignees, after.placed(from, "")
	r.emit(ev)
	r.tellNew(b, &t)
}

// placed is the roster of a task when somebody's part was taken, or others were added somewhere.
func (t *Task) placed(from string, where Where) *Roster {
	return &Roster{Turn: t.Turn, Stands: t.Stands, Added: t.Added, From: from, Where: where}
}

// allot works out who may decide a task.
func (r *run) allot(t *Task, b *block) {
	t.Turn = r.turnOf(t)
	t.Stands = r.standsFor(b, t.Assignees)
}

// added are the users of after who are not in before.
func added(before, after []string) []string {
	return slices.DeleteFunc(slices.Clone(after), func(u string) bool { return slices.Contains(before, u) })
}

// readded are the added assignees when users take the place of from. Those who take the place of an added one are added to
// the same part; the first of those who take the place of another one has the others of the part, and so has the first when
// somebody has gone to whom others were added.
func readded(list []Added, assignees []string, from string, users []string) []Added {
	var out []Added
	add := func(a Added) {
		known := slices.ContainsFunc(out, func(o Added) bool { return o.User == a.User })
		if !known && a.User != a.To && slices.Contains(assignees, a.User) {
			out = append(out, a)
		}
	}
	for _, a := range list {
		if a.To == from || !slices.Contains(assignees, a.To) {
			a.To = users[0]
		}
		if from == "" || a.User != from {
			add(a)
			continue
		}
		for _, u := range users {
			add(Added{User: u, To: a.To, By: a.By})
		}
	}
	return out
}

// addSigner lets others decide too.
func (r *run) addSigner() error {
	t, b, err := r.mine(flow.Approval)
	if err != nil {
		return err
	}
	if err := r.maySign(t, b); err != nil {
		return err
	}
	me := slices.Index(t.Assignees, r.part)
	after := t
	after.Assignees, after.Added = slices.Clone(t.Assignees), slices.Clone(t.Added)
	at := me
	if r.cmd.Where != Before {
		at++
	}
	after.Assignees = slices.Insert(after.Assignees, at, r.cmd.Users...)
	if r.cmd.Where != Beside && t.Mode != flow.Sequential {
		for _, u := range r.cmd.Users {
			after.Added = append(after.Added, Added{User: u, To: t.partOf(r.part), By: r.cmd.Actor})
		}
	}
	r.allot(&after, b)
	r.emit(Event{
		Kind: SignerAdded, Task: t.ID, Block: t.Block, User: r.cmd.Actor, For: r.insteadOf(), Users: r.cmd.Users,
		Comment: r.cmd.Comment, Reason: r.cmd.Reason, Assignees: after.Assignees, Roster: after.placed("", r.cmd.Where),
	})
	r.tellNew(b, &t)
	return nil
}

// maySign checks that others may be added to a task.
func (r *run) maySign(t Task, b *block) error {
	if r.part == "" {
		return ErrNotYours.With(problem.Params{"step": b.Name(), "people": r.names(r.undecided(t))})
	}
	switch r.cmd.Where {
	case Before, After:
	case Beside:
		if t.Mode == flow.Sequential {
			return ErrBeside.With(problem.Params{"step": b.Name()})
		}
	default:
		return ErrWhere.With(nil)
	}
	if err := r.newAssignees(); err != nil {
		return err
	}
	var there []string
	for i, u := range r.cmd.Users {
		if t.has(u) || slices.Contains(r.cmd.Users[:i], u) {
			there = append(there, u)
		}
	}
	if len(there) > 0 {
		return ErrSignerThere.With(problem.Params{"people": r.names(there), "step": b.Name()})
	}
	return nil
}

// refresh works out anew who may decide the open tasks, because people or delegations have changed.
func (r *run) refresh() error {
	for _, open := range slices.Clone(r.c.State.Tasks) {
		t := r.c.State.task(open.ID)
		if t == nil {
			continue // what came before has closed it
		}
		before, after := *t, *t
		b := r.flow.byID[t.Block]
		r.allot(&after, b)
		if !slices.Equal(before.Turn, after.Turn) || !slices.Equal(before.Stands, after.Stands) {
			r.emit(Event{Kind: TaskTurned, Task: t.ID, Block: t.Block, Assignees: t.Assignees, Roster: after.placed("", "")})
			r.tellNew(b, &before)
		}
		if r.c.State.Suspension != nil {
			continue
		}
		if err := r.recount(open.ID); err != nil {
			return err
		}
		if r.c.State.Status != Running {
			return nil
		}
	}
	return nil
}

// What a HandOver leaves out, in Command.To.
const (
	HandOverTasks  = "tasks"  // only the parts of open tasks
	HandOverRecord = "record" // only the record itself
)

// handOverAll gives everything that somebody has on the record to another one: the record itself, and their parts of open
// tasks.
func (r *run) handOverAll() error {
	if err := r.newAssignees(); err != nil {
		return err
	}
	from, to := r.cmd.From, r.cmd.Users[0]
	if err := r.change("", r.cmd.Data); err != nil { // the owner field, where there is one
		return err
	}
	if r.cmd.To != HandOverTasks && len(r.cmd.Data) == 0 && r.owner() == from {
		r.emit(Event{Kind: OwnerChanged, User: r.cmd.Actor, For: from, Assignees: []string{to}, Reason: r.cmd.Reason})
	}
	if r.cmd.To == HandOverRecord {
		return nil
	}
	for _, open := range slices.Clone(r.c.State.Tasks) {
		t, b, err := r.find(open.ID)
		if err != nil {
			continue //nolint:nilerr // what came before has closed it
		}
		if !t.has(from) || t.decided(from) {
			continue
		}
		r.reassign(t, b, from, Event{Users: []string{to}})
		if r.c.State.Suspension != nil {
			continue
		}
		if err := r.recount(t.ID); err != nil {
			return err
		}
	}
	return nil
}
