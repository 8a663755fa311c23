package desk

import (
	"slices"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/records"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/form"
)

// mayDo says what the person may do with an open task.
func (d *Desk) mayDo(shown *Task, names records.Names, possible engine.Possible, t *engine.Task, mayAssign bool) {
	if !t.UrgedAt.IsZero() {
		shown.UrgedAt = store.MomentOf(t.UrgedAt)
	}
	d.records.NamePeople(names, t.Holders()...)
	for _, stand := range t.Stands {
		d.records.NamePeople(names, stand.By)
	}
	for _, added := range t.Added {
		d.records.NamePeople(names, added.By)
	}
	mine := slices.IndexFunc(possible.Tasks, func(p engine.TaskPossible) bool { return p.Task == t.ID })
	if mine >= 0 {
		p := &possible.Tasks[mine]
		shown.Mine = true
		for _, c := range p.Commands {
			shown.Actions = append(shown.Actions, string(c))
		}
		shown.ReturnTo, shown.Parts, shown.Signers, shown.Signature, shown.Confirm = p.ReturnTo, p.Parts, p.Signers, p.Signature, p.Confirm
	}
	if shown.Mine || mayAssign {
		shown.Actions = append(shown.Actions, string(engine.Assign))
	}
	if slices.Contains(possible.Urge, t.ID) {
		shown.Actions = append(shown.Actions, string(engine.Urge))
	}
	if possible.Undo == t.ID {
		shown.Actions = append(shown.Actions, string(engine.Undo))
	}
}

// Approval is what an event of a log says about people and decisions.
type Approval struct {
	For       string          `json:"for,omitempty"`       // whose part was decided in their place
	Users     []string        `json:"users,omitempty"`     // who is new, or had decided before
	From      string          `json:"from,omitempty"`      // whose part it was
	Where     engine.Where    `json:"where,omitempty"`     // of added signers
	Turn      []string        `json:"turn,omitempty"`      // whose turn it is then
	Stands    []engine.Stand  `json:"stands,omitempty"`    // who stands in for whom then
	Cause     engine.Cause    `json:"cause,omitempty"`     // why the system decided, or somebody was not asked
	Origins   []engine.Origin `json:"origins,omitempty"`   // why each of the assignees is asked
	Then      flow.Then       `json:"then,omitempty"`      // what follows a return
	Signature *form.FileRef   `json:"signature,omitempty"` // of a decision
	Files     []form.FileRef  `json:"files,omitempty"`     // of a comment
	Fallback  bool            `json:"fallback,omitempty"`  // nobody was found, so it went to others
}

func (d *Desk) approval(e *Event, ev *engine.Event, names records.Names) {
	e.Approval = Approval{
		For: ev.For, Users: ev.Users, Cause: ev.Cause, Origins: ev.Origins, Signature: ev.Signature, Files: ev.Files, Fallback: ev.Fallback,
	}
	if ev.Kind == engine.ReturnedTo {
		e.Then = flow.Again
		if ev.Detour != nil {
			e.Then = flow.StraightBack
		}
	}
	if r := ev.Roster; r != nil {
		e.From, e.Where, e.Turn, e.Stands = r.From, r.Where, r.Turn, r.Stands
		d.records.NamePeople(names, r.From)
	}
	d.records.NamePeople(names, ev.For)
	d.records.NamePeople(names, ev.Users...)
	for _, s := range e.Stands {
		d.records.NamePeople(names, s.By)
	}
	for _, o := range ev.Origins {
		d.records.NamePeople(names, o.Of)
	}
}
