package engine

import (
	"slices"
	"strconv"

	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/problem"
)

// resolve names the active people that a list of Who stands for, each once, in order. assignees is what WhoAssignee means.
func (r *run) resolve(who []flow.Who, assignees []string) []string {
	out := make([]string, 0, len(who))
	for i := range who {
		for _, o := range r.whoIs(&who[i], assignees) {
			if o.User != "" && !slices.Contains(out, o.User) && r.env.Directory.Active(o.User) {
				out = append(out, o.User)
			}
		}
	}
	return out
}

// whose are the people whose manager or head is meant.
func (r *run) whose(of string, assignees []string) []string {
	switch of {
	case "", flow.OfOwner:
		return []string{r.owner()}
	case flow.OfApplicant:
		return []string{r.c.State.Applicant}
	case flow.OfAssignee:
		return assignees
	}
	return people(r.c.Data[of])
}

func each(ids []string, f func(string) string) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = f(id)
	}
	return out
}

func (r *run) active(users []string) []string {
	var out []string
	for _, u := range users {
		if r.env.Directory.Active(u) && !slices.Contains(out, u) {
			out = append(out, u)
		}
	}
	return out
}

// names are what people call the users, for a message.
func (r *run) names(users []string) []problem.Text {
	out := make([]problem.Text, len(users))
	for i, u := range users {
		out[i] = problem.Text{"en": r.env.Directory.Name(u, "en"), "zh-CN": r.env.Directory.Name(u, "zh-CN")}
	}
	return out
}

// announce tells the assignees of a task that was just opened, and whoever else its block says. A message of the block
// that is for the assignees replaces the usual one.
func (r *run) announce(b *block, t Task) {
	cause := CauseTask
	if r.returned {
		cause = CauseReturned
	}
	usual := true
	for i := range b.Notify {
		n := &b.Notify[i]
		to := CauseEntered
		if slices.ContainsFunc(n.To, func(w flow.Who) bool { return w.Type == flow.WhoAssignee }) {
			to, usual = cause, false
		}
		r.notify(b, t, to, b.Notify[i:i+1])
	}
	if usual {
		r.tellHolders(b, t, cause, nil)
	}
}

// tellTask sends the usual message about a task to those who did not cause it themselves.
func (r *run) tellTask(b *block, t Task, cause EffectCause, users []string) {
	others := make([]string, 0, len(users))
	for _, u := range users {
		if u != r.cmd.Actor {
			others = append(others, u)
		}
	}
	if len(others) == 0 {
		return
	}
	e := Effect{Cause: cause, Block: b.ID, Task: t.ID, Reason: r.cmd.Reason}
	if open := r.c.State.task(t.ID); open != nil {
		e.DueAt = open.DueAt
	}
	r.tell(e, others)
}

// notify sends the messages of a block. t is the task in question; without one WhoAssignee means everybody who has an open
// task in the stage.
func (r *run) notify(b *block, t Task, cause EffectCause, messages []flow.Notify) {
	r.notifyItem(b, t, "", cause, messages)
}

// notifyItem is notify for an item of a checklist; "" for the task itself.
func (r *run) notifyItem(b *block, t Task, item string, cause EffectCause, messages []flow.Notify) {
	for i := range messages {
		n := &messages[i]
		e := Effect{Cause: cause, Block: b.ID, Task: t.ID, Item: item, Channels: n.Channels, Title: n.Title, Text: n.Text, QuickLink: n.QuickLink}
		if d := r.c.State.itemDeadline(b.ID, t.ID, item); d != nil {
			e.DueAt = d.DueAt
		}
		r.tell(e, r.resolve(n.To, r.assignees(b, t)))
	}
}

// assignees are who may decide the task, or the open tasks of the stage.
func (r *run) assignees(b *block, t Task) []string {
	if t.ID != "" {
		return t.Holders()
	}
	var out []string
	for i := range r.c.State.Tasks {
		if open := &r.c.State.Tasks[i]; open.Stage == b.ID {
			out = append(out, open.Holders()...)
		}
	}
	return out
}

// copyTo tells people and keeps in the log who was told.
func (r *run) copyTo(b *block) {
	everybody := r.resolve(b.Who, nil)
	messages := b.Notify
	if len(messages) == 0 {
		messages = []flow.Notify{{}}
	}
	told := make([][]string, len(messages))
	for i := range messages {
		told[i] = everybody
		if len(messages[i].To) > 0 {
			told[i] = r.resolve(messages[i].To, nil)
			everybody = r.active(append(slices.Clip(everybody), told[i]...))
		}
	}
	r.emit(Event{Kind: CopySent, Block: b.ID, Assignees: everybody, User: r.cmd.Actor})
	for i := range messages {
		n := &messages[i]
		r.tell(Effect{Cause: CauseCopy, Block: b.ID, Channels: n.Channels, Title: n.Title, Text: n.Text, QuickLink: n.QuickLink}, told[i])
	}
}

// tell adds an effect for the active among some people; without any there is none.
func (r *run) tell(e Effect, to []string) {
	if to = r.active(to); len(to) == 0 {
		return
	}
	e.To = to
	e.By = r.cmd.Actor
	if len(e.Channels) == 0 {
		e.Channels = []string{"inApp"}
	}
	e.Key = strconv.FormatInt(r.c.State.Seq, 10) + "." + strconv.Itoa(len(r.effects))
	r.effects = append(r.effects, e)
}

// newAssignees checks the people that a task is to be handed to.
func (r *run) newAssignees() error {
	if len(r.cmd.Users) == 0 {
		return ErrNoAssignees.With(nil)
	}
	var gone []string
	var problems []problem.Problem
	for i, u := range r.cmd.Users {
		if r.env.Directory.Active(u) {
			continue
		}
		gone = append(gone, u)
		problems = append(problems, ProblemInactive.At("/users/"+strconv.Itoa(i), problem.Params{"people": r.names([]string{u})}))
	}
	if len(gone) > 0 {
		return ErrAssigneeGone.With(problem.Params{"people": r.names(gone)}, problems...)
	}
	return nil
}

// handOver is who has the task when users take the place of from, or without from of everybody who has not decided.
func handOver(t Task, from string, users []string) []string {
	var out []string
	add := func(list ...string) {
		for _, u := range list {
			if !slices.Contains(out, u) {
				out = append(out, u)
			}
		}
	}
	placed := false
	for _, u := range t.Assignees {
		switch {
		case from != "" && u != from, from == "" && t.decided(u):
			add(u)
		case !placed:
			add(users...)
			placed = true
		}
	}
	if !placed {
		add(users...)
	}
	return out
}

// Resolve names the active people that a list of Who stands for on a case, each once, in order.
func Resolve(env Env, c Case, who []flow.Who) []string {
	r := &run{env: env, flow: env.Flow, c: c}
	return r.resolve(who, nil)
}
