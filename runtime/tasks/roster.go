package tasks

import (
	"slices"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/engine"
)

// roster shows on an open task who may decide it now, and who has.
func (p *projection) roster(ev engine.Event) {
	t := p.task(ev.Task)
	if t.ID == "" {
		return // closed by the same command, which a later event tells
	}
	members := rosterOf(&t, p.waiting(ev.Task))
	if ev.Kind == engine.TaskVoted {
		members["deciders"] = deciders(&t, ev)
		members["decidedAt"] = store.FormatTime(ev.At)
	}
	p.set(ev, members)
}

func rosterOf(t *engine.Task, waiting []string) map[string]any {
	return map[string]any{
		"assignees": t.Assignees, "mode": t.Mode, "approved": t.Approved, "rejected": t.Rejected, "abstained": t.Abstained,
		"stands": t.Stands, "added": t.Added, "waiting": waiting,
	}
}

// deciders are who has decided something of an open task, and who did so in their place.
func deciders(t *engine.Task, ev engine.Event) []string {
	parts := slices.Concat(t.Approved, t.Rejected, t.Abstained)
	for _, s := range t.Stands {
		if slices.Contains(parts, s.For) {
			parts = append(parts, s.By)
		}
	}
	return decided(parts, ev.User, ev.For)
}

// decided adds people to others, each once.
func decided(users []string, more ...string) []string {
	out := []string{}
	for _, u := range slices.Concat(users, more) {
		if u != "" && !slices.Contains(out, u) {
			out = append(out, u)
		}
	}
	return out
}

// Undecided reports whether an assignee of an open task has yet to decide.
func (t *Task) Undecided(user string) bool {
	return slices.Contains(t.Assignees, user) && !slices.Contains(slices.Concat(t.Approved, t.Rejected, t.Abstained), user)
}

// reopen shows an open task as it is after a decision was undone: one that it had closed is open again.
func (p *projection) reopen(ev engine.Event, t engine.Task) {
	members := rosterOf(&t, p.waiting(t.ID))
	members["state"], members["overdue"] = Open, t.Overdue
	members["deciders"] = decided(slices.Concat(t.Approved, t.Rejected, t.Abstained))
	gone := []string{"doneAt", "doneBy", "result", "comment"}
	if t.DueAt.IsZero() {
		gone = append(gone, "dueAt")
	} else {
		members["dueAt"] = store.FormatTime(t.DueAt)
	}
	p.set(engine.Event{Seq: ev.Seq, Task: t.ID}, members, gone...)
}

// waiting are who may decide an open task now; nobody while the record stands still.
func (p *projection) waiting(id string) []string {
	t := p.task(id)
	if p.after.Suspension != nil || t.ID == "" {
		return []string{}
	}
	return t.Holders()
}
