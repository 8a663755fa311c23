package records

import (
	"slices"

	"github.com/stepwell/stepwell/runtime/access"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/schemas/role"
)

// authorize asks whether the person may do this at all. What they may change in it is prepare's question, and whether a
// task is theirs is the engine's.
func (s *Service) authorize(w *work) error {
	who := w.rightsOf()
	if who == "" || w.Admin || w.Own != nil {
		return nil
	}
	action := actionFor(w.Command.Kind, w.fresh)
	if slices.Contains(fromInside, w.Command.Kind) {
		return access.Forbidden(action)
	}
	if w.fresh {
		if !s.access.Can(who, w.App, "form:"+w.Form, action) {
			return access.Forbidden(action)
		}
		return nil
	}
	switch w.Command.Kind { //nolint:exhaustive // the others need a task, or a permission
	case engine.Comment, engine.Urge, engine.Undo:
		return nil // whoever may read the record; that a decision is theirs the engine asks
	case engine.Copy:
		if w.takesPart() {
			return nil
		}
	}
	if w.holdsTask() {
		return nil // whoever has a task on the record may do it
	}
	if !s.May(who, action, w.rec) {
		return access.Forbidden(action)
	}
	return nil
}

// May asks the roles of a person about one record.
func (s *Service) May(user string, action role.Action, rec *Record) bool {
	return s.access.AllowsRecord(user, rec.App, rec.Form, action,
		access.Record{Owner: rec.Owner, Department: rec.Department, Participants: rec.People})
}

func (s *Service) mayRead(user string, rec *Record) bool { return s.May(user, role.Read, rec) }

// administrative are the commands that go past what a flow provides.
var administrative = []engine.CommandKind{engine.Override, engine.Suspend, engine.Resume, engine.Cancel, engine.Migrate}

// actionFor is the permission that a command needs from somebody who holds no task for it.
func actionFor(kind engine.CommandKind, fresh bool) role.Action {
	switch {
	case fresh:
		return role.Create
	case slices.Contains(administrative, kind):
		return role.Override
	case kind == engine.Assign:
		return role.Assign
	case kind == engine.Submit, kind == engine.Withdraw:
		return role.Submit
	default:
		return role.Update
	}
}

// holdsTask reports whether the person acts through a task of theirs.
func (w *work) holdsTask() bool {
	return slices.Contains(throughTask, w.Command.Kind) && slices.ContainsFunc(w.rec.State.Tasks, func(t engine.Task) bool {
		return t.Involves(w.rightsOf()) && (w.Command.Task == "" || w.Command.Task == t.ID)
	})
}

// throughTask are the commands that are done through a task of one's own; the engine says whose it is.
var throughTask = []engine.CommandKind{
	engine.Save, engine.Move, engine.Complete, engine.Approve, engine.Reject, engine.Abstain, engine.Return, engine.Assign, engine.Tick,
	engine.Untick, engine.Transfer, engine.AddSigner,
}

// fromInside are the commands that nobody can send.
var fromInside = []engine.CommandKind{engine.Answer, engine.Fire, engine.Refresh, engine.HandOver, engine.Recalculate}

// takesPart reports whether somebody may say something about the record to others, or copy it to them, without a permission
// to change it: who has it, submitted it, or may decide something of it.
func (w *work) takesPart() bool {
	if w.By == w.rec.Owner || w.By == w.rec.State.Applicant {
		return true
	}
	for i := range w.rec.State.Tasks {
		if w.rec.State.Tasks[i].Involves(w.By) {
			return true
		}
	}
	return false
}
