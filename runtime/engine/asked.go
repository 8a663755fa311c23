package engine

import (
	"cmp"
	"slices"
	"strings"

	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/problem"
)

// asking is whom a step that is about to open asks.
type asking struct {
	users    []string
	origins  []Origin
	mode     flow.Mode
	fallback bool     // nobody was found, so others have it
	skipped  []Origin // those whose approval it has from the beginning; Cause says why
	passed   bool     // nobody was found, and the flow goes on without the step
}

func (f *Flow) nobodyOf(b *block) flow.Nobody {
	switch {
	case b.Nobody != nil:
		return *b.Nobody
	case f.nobody != nil:
		return *f.nobody
	}
	return flow.Nobody{Do: flow.NobodyAdmin}
}

func (f *Flow) repeatOf(b *block) flow.Repeat { return cmp.Or(b.Repeat, f.repeat, flow.RepeatAsk) }

func (f *Flow) selfOf(b *block) flow.Self { return cmp.Or(b.Self, f.self, flow.SelfAsk) }

// asked works out whom a step asks.
func (r *run) asked(b *block) (asking, error) {
	var a asking
	if err := r.needPick(b); err != nil {
		return a, err
	}
	a.mode = b.Mode
	if b.Type == flow.Approval && a.mode == "" {
		a.mode = flow.Any
	}
	a.users, a.origins = r.explain(b.Who)
	if b.Type == flow.Approval && r.flow.selfOf(b) == flow.SelfManager {
		r.managerInstead(&a)
	}
	if len(a.users) == 0 {
		return a, r.nobody(b, &a)
	}
	if b.Type == flow.Approval {
		r.approvedBefore(b, &a)
	}
	return a, nil
}

// explain names the active people that a list of Who stands for, each once, in order, and why.
func (r *run) explain(who []flow.Who) ([]string, []Origin) {
	var origins []Origin
	for i := range who {
		found := r.whoIs(&who[i], nil)
		if i > 0 {
			found = append(origins, found...)
		}
		origins = found // made for this call
	}
	users := make([]string, 0, len(origins))
	kept := origins[:0]
	for _, o := range origins {
		if o.User != "" && !slices.Contains(users, o.User) && r.env.Directory.Active(o.User) {
			users, kept = append(users, o.User), append(kept, o)
		}
	}
	return users, kept
}

// managerInstead puts the nearest active manager in the place of an applicant who would approve.
func (r *run) managerInstead(a *asking) {
	applicant := r.c.State.Applicant
	i := slices.Index(a.users, applicant)
	if i < 0 {
		return
	}
	a.users, a.origins = slices.Delete(a.users, i, i+1), slices.Delete(a.origins, i, i+1)
	for level := 1; ; level++ {
		m := r.env.Directory.Manager(applicant, level)
		switch {
		case m == "", slices.Contains(a.users, m): // asked anyway
			return
		case r.env.Directory.Active(m):
			a.users = slices.Insert(a.users, i, m)
			a.origins = slices.Insert(a.origins, i, Origin{User: m, Type: flow.WhoManager, Of: applicant, Level: level, Cause: CauseSelf})
			return
		}
	}
}

// nobody does what the flow says when nobody is found.
func (r *run) nobody(b *block, a *asking) error {
	rule := r.flow.nobodyOf(b)
	switch rule.Do {
	case flow.NobodyError:
		return ErrNobody.With(problem.Params{"step": b.Name()})
	case flow.NobodyPass:
		if a.passed = r.goesWithout(b); a.passed {
			return nil
		}
	case flow.NobodyUser, flow.NobodyAdmin:
	}
	a.origins = r.substitutes(rule)
	if len(a.origins) == 0 {
		return ErrNobody.With(problem.Params{"step": b.Name()})
	}
	a.fallback = true
	for _, o := range a.origins {
		a.users = append(a.users, o.User)
	}
	if b.Type == flow.Approval {
		a.mode = flow.Any // one of them stands in for whoever is missing
	}
	return nil
}

// substitutes are who gets a step for which nobody is found.
func (r *run) substitutes(rule flow.Nobody) []Origin {
	if rule.Do == flow.NobodyUser && r.env.Directory.Active(rule.User) {
		return []Origin{{User: rule.User, Type: flow.WhoUser, Cause: CauseNobody}}
	}
	var out []Origin
	for _, u := range r.active(r.env.Directory.WithRole(r.env.App, RoleAdmin)) {
		out = append(out, Origin{User: u, Type: flow.WhoRole, Role: RoleAdmin, Cause: CauseNobody})
	}
	return out
}

// goesWithout reports whether the flow may go on without anybody's decision on a step: it asks for nothing, and its checks
// hold.
func (r *run) goesWithout(b *block) bool { return !b.Asks() && r.taskGate(b) == nil }

// approvedBefore finds those whose approval an approval has from the beginning.
func (r *run) approvedBefore(b *block, a *asking) {
	self, repeat := r.flow.selfOf(b), r.flow.repeatOf(b)
	if self != flow.SelfSkip && repeat == flow.RepeatAsk || !r.goesWithout(b) {
		return
	}
	for _, o := range a.origins {
		switch {
		case self == flow.SelfSkip && o.User == r.c.State.Applicant:
			o.Cause = CauseSelf
		case repeat != flow.RepeatAsk && r.hasApproved(o.User, repeat):
			o.Cause = CauseRepeat
		default:
			continue
		}
		a.skipped = append(a.skipped, o)
	}
}

// hasApproved reports whether somebody's approval is among what this walk has been through, or is the last of it.
func (r *run) hasApproved(user string, repeat flow.Repeat) bool {
	for _, p := range slices.Backward(r.c.State.Passed) {
		if !r.c.State.holds(p.Frame, r.in) {
			continue // on another way
		}
		if p.Kind == flow.Approval && slices.Contains(p.Approvers, user) {
			return true
		}
		if repeat == flow.RepeatSkipConsecutive {
			return false
		}
	}
	return false
}

// abandoned does what the flow says about a task that nobody can decide any more.
func (r *run) abandoned(t Task, b *block) error {
	rule := r.flow.nobodyOf(b)
	cause := r.cmd.Cause
	defer func() { r.cmd.Cause = cause }()
	r.cmd.Cause = CauseNobody
	if rule.Do == flow.NobodyPass && r.goesWithout(b) {
		result := TaskCompleted
		if t.Kind == flow.Approval {
			result = TaskApproved
		}
		r.close(t, result, "")
		return r.onward(b)
	}
	found := r.substitutes(rule)
	if len(found) == 0 {
		return nil // an admin of the installation can hand it over
	}
	users := make([]string, 0, len(found))
	for _, o := range found {
		users = append(users, o.User)
	}
	mode := flow.Mode("")
	if t.Kind == flow.Approval {
		mode = flow.Any
	}
	r.reassign(t, b, "", Event{Users: users, Mode: mode, Fallback: true, Cause: CauseNobody})
	return nil
}

// whoIs are the people that a Who stands for, and why each. assignees is what WhoAssignee means.
func (r *run) whoIs(w *flow.Who, assignees []string) []Origin {
	dir := r.env.Directory
	level := max(w.Level, 1)
	switch w.Type {
	case flow.WhoUser:
		return []Origin{{User: w.User, Type: w.Type}}
	case flow.WhoRole:
		return r.withRole(w)
	case flow.WhoOwner:
		return []Origin{{User: r.owner(), Type: w.Type}}
	case flow.WhoApplicant:
		return []Origin{{User: r.c.State.Applicant, Type: w.Type}}
	case flow.WhoManager:
		return origins(w, r.whose(w.Of, assignees), level, func(u string) string { return dir.Manager(u, level) })
	case flow.WhoDepartmentHead:
		return origins(w, r.whose(w.Of, assignees), level, func(u string) string { return dir.DepartmentHead(dir.DepartmentOf(u), level) })
	case flow.WhoManagers:
		return r.managers(w, assignees)
	case flow.WhoField:
		return r.headed(w, people(r.c.Data[w.Field]), level)
	case flow.WhoItem:
		return r.headed(w, r.elementPeople(w.Field), level)
	case flow.WhoAssignee:
		return origins(w, assignees, 0, nil)
	case flow.WhoChoice:
		return origins(w, r.c.State.Picks[r.picksOf], 0, nil)
	case flow.WhoFormula:
		return origins(w, r.computed(w), 0, nil)
	}
	return nil
}

// origins are the people that stand for others: who each of them leads to, at a level.
func origins(w *flow.Who, of []string, level int, who func(string) string) []Origin {
	out := make([]Origin, len(of))
	for i, id := range of {
		o := Origin{User: id, Type: w.Type, Field: w.Field}
		if who != nil {
			o.User, o.Of, o.Level = who(id), id, level
		}
		out[i] = o
	}
	return out
}

// headed puts the heads of departments in their place.
func (r *run) headed(w *flow.Who, ids []string, level int) []Origin {
	out := make([]Origin, len(ids))
	for i, id := range ids {
		out[i] = Origin{User: id, Type: w.Type, Field: w.Field}
		if r.env.Directory.IsDepartment(id) {
			out[i].User, out[i].Of, out[i].Level = r.env.Directory.DepartmentHead(id, level), id, level
		}
	}
	return out
}

// withRole are the holders of a role: in the whole app, or in a department and, where nobody of it holds the role, in the
// nearest one above.
func (r *run) withRole(w *flow.Who) []Origin {
	dir := r.env.Directory
	holders := dir.WithRole(r.env.App, w.Role)
	var out []Origin
	add := func(u, of string) { out = append(out, Origin{User: u, Type: w.Type, Role: w.Role, Of: of}) }
	if w.Of == "" {
		out = make([]Origin, 0, len(holders))
		for _, u := range holders {
			add(u, "")
		}
		return out
	}
	for _, dep := range r.departments(w.Of) {
		found := len(out)
		for seen := []string{}; dep != "" && len(out) == found && !slices.Contains(seen, dep); dep = dir.DepartmentAbove(dep) {
			seen = append(seen, dep)
			for _, u := range holders {
				if dir.DepartmentOf(u) == dep && dir.Active(u) {
					add(u, dep)
				}
			}
		}
	}
	return out
}

// departments are those that Who.Of of a role means.
func (r *run) departments(of string) []string {
	dir := r.env.Directory
	switch of {
	case flow.OwnersDepartment:
		return []string{dir.DepartmentOf(r.owner())}
	case flow.ApplicantsDepartment:
		return []string{dir.DepartmentOf(r.c.State.Applicant)}
	}
	return each(people(r.c.Data[of]), func(id string) string {
		if dir.IsDepartment(id) {
			return id
		}
		return dir.DepartmentOf(id)
	})
}

// topLevel is how many managers a chain has at most.
const topLevel = 50

// managers are the managers of somebody level by level, up to a number, or to the first who holds a role or a position.
func (r *run) managers(w *flow.Who, assignees []string) []Origin {
	dir := r.env.Directory
	var out []Origin
	for _, of := range r.whose(w.Of, assignees) {
		for level := 1; level <= cmp.Or(w.Level, topLevel); level++ {
			m := dir.Manager(of, level)
			if m == "" {
				break
			}
			o := Origin{User: m, Type: w.Type, Of: of, Level: level}
			last := w.Position != "" && strings.EqualFold(strings.TrimSpace(dir.PositionOf(m)), strings.TrimSpace(w.Position))
			if last {
				o.Position = w.Position
			}
			if w.Role != "" && slices.Contains(dir.WithRole(r.env.App, w.Role), m) {
				o.Role, last = w.Role, true
			}
			if out = append(out, o); last {
				break
			}
		}
	}
	return out
}

// computed are the people that a formula names. One that cannot be computed names nobody.
func (r *run) computed(w *flow.Who) []string {
	program := r.flow.people[w]
	if program == nil {
		return nil
	}
	value, err := program.Eval(r.ruleVars())
	if err != nil {
		return nil
	}
	return people(value)
}
