package engine

import (
	"slices"

	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/problem"
)

func (t *Task) has(user string) bool { return contains(t.Assignees, user) }

// decided reports whether an assignee has given their decision.
func (t *Task) decided(user string) bool {
	return contains(t.Approved, user) || contains(t.Rejected, user) || contains(t.Abstained, user)
}

// inTurn reports whether an assignee may decide now.
func (t *Task) inTurn(user string) bool {
	return t.has(user) && !t.decided(user) && (len(t.Turn) == 0 || contains(t.Turn, user))
}

// Parts are the assignees whose decision a user may give now: their own first, then those whom they stand in for.
func (t *Task) Parts(user string) []string {
	var out []string
	if t.inTurn(user) {
		out = append(out, user)
	}
	for _, s := range t.Stands {
		if user != "" && s.By == user && t.inTurn(s.For) && !slices.Contains(out, s.For) {
			out = append(out, s.For)
		}
	}
	return out
}

// MayDecide reports whether a user may decide something of the task now.
func (t *Task) MayDecide(user string) bool {
	if t.inTurn(user) {
		return true
	}
	return slices.ContainsFunc(t.Stands, func(s Stand) bool { return user != "" && s.By == user && t.inTurn(s.For) })
}

// deciders are the assignees who have decided; nil for none.
func (t *Task) deciders() []string {
	if len(t.Approved)+len(t.Rejected)+len(t.Abstained) == 0 {
		return nil
	}
	return slices.Concat(t.Approved, t.Rejected, t.Abstained)
}

// Involves reports whether a user is an assignee, or stands in for one.
func (t *Task) Involves(user string) bool {
	return t.has(user) || slices.ContainsFunc(t.Stands, func(s Stand) bool { return user != "" && s.By == user })
}

// Holders are everybody who may decide something of the task now: assignees in their order, then those who stand in.
func (t *Task) Holders() []string {
	out := make([]string, 0, len(t.Assignees)+len(t.Stands))
	for _, u := range t.Assignees {
		if t.inTurn(u) {
			out = append(out, u)
		}
	}
	for _, s := range t.Stands {
		if t.inTurn(s.For) && !slices.Contains(out, s.By) {
			out = append(out, s.By)
		}
	}
	return out
}

// partOf is the assignee to whose part an assignee belongs: themselves unless they were added to another one.
func (t *Task) partOf(user string) string {
	for i := range t.Added {
		if t.Added[i].User == user {
			return t.Added[i].To
		}
	}
	return user
}

// undecided are the active assignees whose turn it is.
func (r *run) undecided(t Task) []string {
	var out []string
	for _, u := range t.Assignees {
		if t.inTurn(u) && r.env.Directory.Active(u) {
			out = append(out, u)
		}
	}
	return out
}

// holders are everybody for whom the record waits.
func (r *run) holders() []string {
	var out []string
	for _, t := range r.c.State.Tasks {
		out = append(out, r.undecided(t)...)
	}
	return r.active(out)
}

// turnOf works out who may decide a task now; nil when everybody who has not decided may. Who is disabled is passed over.
func (r *run) turnOf(t *Task) []string {
	if t.Mode != flow.Sequential && len(t.Added) == 0 {
		return nil
	}
	var out []string
	seen := make([]string, 0, len(t.Assignees)) // parts whose turn is known
	for _, u := range t.Assignees {
		part := t.partOf(u)
		if t.Mode == flow.Sequential {
			part = "" // one line
		}
		gone := part != "" && !t.decided(part) && !r.env.Directory.Active(part) // the part comes to nothing
		if gone || t.decided(u) || !r.env.Directory.Active(u) || slices.Contains(seen, part) {
			continue
		}
		seen = append(seen, part)
		out = append(out, u)
	}
	return out
}

// roster is what an event says of who may decide a task; nil when its assignees say it all.
func (t *Task) roster() *Roster {
	if len(t.Turn) == 0 && len(t.Stands) == 0 && len(t.Added) == 0 && len(t.Approved) == 0 {
		return nil
	}
	return &Roster{Turn: t.Turn, Stands: t.Stands, Added: t.Added, Approved: t.Approved}
}

// allotted takes a roster over.
func (t *Task) allotted(r *Roster) {
	if r == nil {
		r = &Roster{}
	}
	t.Turn, t.Stands, t.Added = r.Turn, r.Stands, r.Added
}

// standsFor are the people who may decide in the place of others.
func (r *run) standsFor(b *block, users []string) []Stand {
	if r.env.Delegate == nil {
		return nil
	}
	var out []Stand
	for _, u := range users {
		if by := r.standIn(b, u); by != "" {
			out = append(out, Stand{For: u, By: by})
		}
	}
	return out
}

// standIn follows the delegations of somebody to the last active person; "" when there is none. Where an applicant may not
// approve what they submitted, they do not do so for others either.
func (r *run) standIn(b *block, user string) string {
	last, seen := "", []string{user}
	for at := user; ; {
		at = r.env.Delegate(at)
		if at == "" || slices.Contains(seen, at) {
			break
		}
		seen = append(seen, at)
		if r.env.Directory.Active(at) {
			last = at
		}
	}
	if b.Type == flow.Approval && last == r.c.State.Applicant && r.flow.selfOf(b) != flow.SelfAsk {
		return ""
	}
	return last
}

// mine is the open task that the command names, when the actor may decide a part of it: that of r.part. The system decides
// tasks as a whole, when it says why.
func (r *run) mine(kinds ...flow.BlockType) (Task, *block, error) {
	t, b, err := r.find(r.cmd.Task)
	actor := r.cmd.Actor
	system := actor == "" && r.cmd.Cause != ""
	switch {
	case err != nil:
		return Task{}, nil, err
	case !system && !t.Involves(actor):
		return Task{}, nil, ErrNotYours.With(problem.Params{"step": b.Name(), "people": r.names(r.undecided(t))})
	case !system && !r.env.Directory.Active(actor):
		return Task{}, nil, ErrInactive.With(nil)
	case len(kinds) > 0 && !slices.Contains(kinds, t.Kind):
		return Task{}, nil, wrongAction(b)
	case system:
		return t, b, nil
	}
	r.part, err = r.partFor(&t, b)
	return t, b, err
}

// partFor is the part of a task that the command decides.
func (r *run) partFor(t *Task, b *block) (string, error) {
	actor := r.cmd.Actor
	if t.inTurn(actor) && (r.cmd.For == "" || r.cmd.For == actor) {
		return actor, nil
	}
	parts := t.Parts(actor)
	waits := func() problem.Params { return problem.Params{"step": b.Name(), "people": r.names(r.undecided(*t))} }
	switch {
	case r.cmd.For != "" && !slices.Contains(parts, r.cmd.For):
		return "", ErrNotStandIn.With(problem.Params{"step": b.Name(), "people": r.names([]string{r.cmd.For})})
	case len(parts) == 0 && t.decided(actor):
		return "", ErrVoted.With(waits())
	case len(parts) == 0:
		return "", ErrNotTurn.With(waits())
	}
	part := parts[0]
	if r.cmd.For != "" {
		part = r.cmd.For
	}
	if part != actor && (r.env.Delegate == nil || r.standIn(b, part) != actor) {
		return "", ErrDelegationOver.With(problem.Params{"people": r.names([]string{part})})
	}
	return part, nil
}

// insteadOf is whose part the actor decides in their place; "" when it is their own.
func (r *run) insteadOf() string {
	if r.part == r.cmd.Actor {
		return ""
	}
	return r.part
}

// tellNew tells those about a task who may decide it now and could not before.
func (r *run) tellNew(b *block, before *Task) {
	now := r.c.State.task(before.ID)
	if now == nil {
		return
	}
	had := before.Holders()
	r.tellHolders(b, *now, CauseTask, func(u string) bool { return !slices.Contains(had, u) })
}

// tellHolders tells those who may decide a task, assignees and people who stand in for them each in their own words.
func (r *run) tellHolders(b *block, t Task, cause EffectCause, who func(user string) bool) {
	own := make([]string, 0, len(t.Assignees))
	for _, u := range t.Assignees {
		if t.inTurn(u) && (who == nil || who(u)) {
			own = append(own, u)
		}
	}
	r.tellTask(b, t, cause, own)
	if len(t.Stands) == 0 {
		return
	}
	var standing []string
	for _, u := range t.Holders() {
		if !t.inTurn(u) && (who == nil || who(u)) {
			standing = append(standing, u)
		}
	}
	r.tellTask(b, t, CauseStandIn, standing)
}
