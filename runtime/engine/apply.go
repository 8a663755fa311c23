package engine

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/stepwell/stepwell/schemas/flow"
)

// Apply is the case after an event. It changes nothing that c refers to: what is kept is shared, what changes is copied.
// Applying every event of a case in order to how it was begun gives exactly its present data and state.
func Apply(c Case, ev Event) Case {
	detach(&c.State)
	apply(&c, &ev)
	return c
}

// detach gives a state lists of its own, so that apply may change their entries. What entries refer to stays shared and
// is only ever replaced.
func detach(s *State) {
	s.Stages = cloned(s.Stages)
	s.Tasks = cloned(s.Tasks)
	s.Deadlines = cloned(s.Deadlines)
	s.Passed = cloned(s.Passed)
	s.Frames = cloned(s.Frames)
}

// cloned is a copy with room for the one more entry that most commands add.
func cloned[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return append(make([]T, 0, len(list)+1), list...)
}

// apply changes a case whose lists are detached.
func apply(c *Case, ev *Event) {
	s := &c.State
	switch ev.Kind {
	case DataChanged:
		c.Data = merged(c.Data, ev.Set)
	case Submitted:
		submit(s, ev)
	case StageEntered:
		s.Stages = append(s.Stages, Visit{Block: ev.Block, EnteredAt: ev.At})
		s.Stage = ev.Block
	case StageLeft:
		if v := s.visit(ev.Block); v != nil {
			v.LeftAt, v.Exit = ev.At, ev.Exit
		}
		s.Stage = ""
	case BlockEntered, BlockLeft, BlockJoined, WayEntered, WayLeft, WayChosen:
		applyFrame(s, ev)
	case TaskOpened, TaskAssigned, TaskVoted, TaskClosed, TaskTurned, SignerAdded, Urged, ItemTicked, ItemUnticked, ItemsChanged:
		applyTask(s, ev)
	case DeadlineSet, DeadlineCleared, DeadlinePassed, DeadlineMoved, DeadlineMet, Reminded, Escalated:
		applyDeadline(s, ev)
	case Flagged:
		s.Marks = append(s.unmarked(ev.Block), Mark{Block: ev.Block, Flag: ev.Flag})
	case ReturnedTo, Overridden:
		applyReturn(s, ev)
	case WentBack:
		s.dropDetours(ev.Block)
	case PeoplePicked:
		applyPick(s, ev)
	case OwnerChanged:
		c.Owner = ev.Assignees[0]
	case Undone:
		applyUndone(c, ev)
	case Suspended, Resumed, Held:
		applySuspension(s, ev)
	case Migrated:
		applyMigration(s, ev)
	case Withdrawn:
		*s = State{Status: Draft, Stages: s.Stages}
	case FlowEnded:
		s.Status, s.Outcome, s.EndedAt = Ended, ev.Outcome, ev.At
		s.Stage, s.Frames, s.Passed = "", nil, nil
		s.Suspension, s.Paused, s.Held = nil, nil, nil
		s.Picks, s.Detours = nil, nil
	case CopySent, Commented, StepSkipped, Signalled, Answered, ActFailed: // only the log keeps it
	}
	applyLast(s, ev)
	s.Seq = ev.Seq
}

func submit(s *State, ev *Event) {
	before := *s
	*s = State{Status: Running, Flow: ev.Flow, Version: ev.Version, Applicant: ev.User, SubmittedAt: ev.At}
	if ev.Detour != nil {
		s.Stages, s.Passed, s.Picks, s.Detours = before.Stages, before.Passed, before.Picks, before.Detours
	}
	if ev.Flow == "" {
		s.Status = Active
	}
}

func applyTask(s *State, ev *Event) {
	if ev.Kind == TaskOpened {
		t := Task{
			ID: ev.Task, Block: ev.Block, Kind: ev.TaskKind, Stage: ev.Stage, Frame: ev.Frame,
			Assignees: ev.Assignees, Mode: ev.Mode, OpenedAt: ev.At, Items: ev.Items,
		}
		if ev.Roster != nil {
			t.allotted(ev.Roster)
			t.Approved = ev.Roster.Approved
		}
		s.dropDetours(ev.Block)
		s.inherit(&t)
		s.Tasks = append(s.Tasks, t)
		if len(s.Marks) > 0 {
			s.Marks = s.unmarked(ev.Block) // somebody is to do it after all
		}
		return
	}
	t := s.task(ev.Task)
	if t == nil {
		return
	}
	switch ev.Kind { //nolint:exhaustive // the caller sends task events only
	case TaskAssigned, SignerAdded:
		t.Assignees = ev.Assignees
		t.allotted(ev.Roster)
		t.Mode = cmp.Or(ev.Mode, t.Mode)
	case TaskTurned:
		t.allotted(ev.Roster)
	case Urged:
		t.UrgedAt = ev.At
	case ItemsChanged:
		t.Items, t.Assignees = ev.Items, ev.Assignees
	case ItemTicked, ItemUnticked:
		t.Items = slices.Clone(t.Items)
		t.tick(ev)
	case TaskVoted:
		t.take(cmp.Or(ev.For, ev.User), ev.Result)
		t.Turn = nil
		if ev.Roster != nil {
			t.Turn = ev.Roster.Turn
		}
	case TaskClosed:
		if ev.Result == TaskCompleted || ev.Result == TaskApproved {
			s.Passed = append(s.Passed, passed(t, ev))
		}
		s.Tasks = without(s.Tasks, func(t Task) bool { return t.ID == ev.Task })
	}
}

// passed is a task that was completed or approved.
func passed(t *Task, ev *Event) Passed {
	p := Passed{Block: t.Block, Kind: t.Kind, Stage: t.Stage, By: ev.User, Task: t.ID, Frame: t.Frame}
	if t.Kind == flow.Approval {
		p.Approvers = t.Approved
		if user := cmp.Or(ev.For, ev.User); user != "" {
			p.Approvers = append(slices.Clip(p.Approvers), user)
		}
	}
	return p
}

// mirror repeats on the open visit and the tasks the deadline that counts for them.
func (s *State) mirror() {
	if v := s.visit(s.Stage); v != nil {
		v.DueAt, v.Overdue = time.Time{}, false
		if d := s.deadline(v.Block, ""); d != nil && !d.Met {
			v.DueAt, v.Overdue = d.DueAt, d.Overdue
		}
	}
	for i := range s.Tasks {
		s.inherit(&s.Tasks[i])
	}
}

// inherit gives a task its own deadline, else that of its stage.
func (s *State) inherit(t *Task) {
	t.DueAt, t.Overdue = time.Time{}, false
	if d := s.deadline(t.Block, t.ID); d != nil && !d.Met {
		t.DueAt, t.Overdue = d.DueAt, d.Overdue
	} else if v := s.visit(t.Stage); v != nil {
		t.DueAt, t.Overdue = v.DueAt, v.Overdue
	}
	s.inheritItems(t)
}

// visit is the open visit of a stage, nil when the record does not stand there.
func (s *State) visit(stage string) *Visit {
	for i := len(s.Stages) - 1; i >= 0; i-- {
		if v := &s.Stages[i]; v.Block == stage && v.LeftAt.IsZero() {
			return v
		}
	}
	return nil
}

func (s *State) task(id string) *Task {
	for i := range s.Tasks {
		if s.Tasks[i].ID == id {
			return &s.Tasks[i]
		}
	}
	return nil
}

// deadline is the deadline of an open block; of a task's block it is that of the one task.
func (s *State) deadline(block, task string) *DeadlineState {
	for i := range s.Deadlines {
		if d := &s.Deadlines[i]; d.Block == block && d.Task == task && d.Item == "" {
			return d
		}
	}
	return nil
}

// without is a detached list less the entries that match; nil when none is left, as in a fresh state.
func without[T any](list []T, match func(T) bool) []T {
	list = slices.DeleteFunc(list, match)
	if len(list) == 0 {
		return nil
	}
	return list
}

// merged is data with some members set; nil removes one. data itself is not changed.
func merged(data, set map[string]any) map[string]any {
	out := maps.Clone(data) // faster than copying entry by entry
	if out == nil {
		out = make(map[string]any, len(set))
	}
	for k, v := range set {
		if v == nil {
			delete(out, k)
			continue
		}
		out[k] = v
	}
	return out
}
