package engine

import (
	"maps"
	"slices"
	"time"

	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
)

// StageStatus is how the path bar shows a stage.
type StageStatus string

// The states of a stage.
const (
	StageDone     StageStatus = "done"     // left forward through its gate
	StageCurrent  StageStatus = "current"  // the record stands here
	StageUpcoming StageStatus = "upcoming" // not reached yet
	StageSkipped  StageStatus = "skipped"  // an override went past it, or left it before it was done
	StageReturned StageStatus = "returned" // the record was here, was sent back, and comes here again
	StageStopped  StageStatus = "stopped"  // the flow ended here
)

// StageView is one stage of the path bar.
type StageView struct {
	Block     string          `json:"block"`
	Title     definition.Text `json:"title"`
	Status    StageStatus     `json:"status"`
	EnteredAt time.Time       `json:"enteredAt,omitzero"` // of the last visit
	LeftAt    time.Time       `json:"leftAt,omitzero"`
	DueAt     time.Time       `json:"dueAt,omitzero"`
	Overdue   bool            `json:"overdue,omitempty"`
}

// Path is the path bar of a record: every stage of its flow, in order. It is empty for a flow without stages and for none.
func Path(f *Flow, s State) []StageView {
	if f == nil {
		return nil
	}
	out := make([]StageView, len(f.stages))
	front := frontier(f, &s)
	for i, stage := range f.stages {
		v := StageView{Block: stage.ID, Title: stage.Name(), Status: StageUpcoming}
		if s.Status != Draft {
			last := lastVisit(&s, stage.ID)
			if last != nil {
				v.EnteredAt, v.LeftAt, v.DueAt, v.Overdue = last.EnteredAt, last.LeftAt, last.DueAt, last.Overdue
			}
			v.Status = stageStatus(last, i, front)
		}
		out[i] = v
	}
	return out
}

// frontier is the position of the stage where the record stands or ended; behind the last one when it is through.
func frontier(f *Flow, s *State) int {
	if len(s.Stages) == 0 {
		return 0
	}
	last := s.Stages[len(s.Stages)-1]
	i := slices.IndexFunc(f.stages, func(b *block) bool { return b.ID == last.Block })
	if last.Exit == ExitDone {
		i++ // it stands behind that stage, in front of the next
	}
	return i
}

func stageStatus(last *Visit, i, front int) StageStatus {
	switch {
	case last != nil && last.LeftAt.IsZero():
		return StageCurrent
	case i == front && last != nil && last.Exit != ExitDone && last.Exit != ExitReturned:
		return StageStopped
	case i >= front && last != nil:
		return StageReturned
	case i >= front:
		return StageUpcoming
	case last != nil && last.Exit == ExitDone:
		return StageDone
	}
	return StageSkipped
}

func lastVisit(s *State, stage string) *Visit {
	for i := range slices.Backward(s.Stages) {
		if s.Stages[i].Block == stage {
			return &s.Stages[i]
		}
	}
	return nil
}

// Access is what the flow lets a user do with each field of a record now: in a draft everything but what the whole first
// stage hides; while the flow runs what their open tasks let them do, at most read without one, but for the fields that a
// wait looks at, or nobody could ever fill them in; read once it has ended.
// A form without a flow restricts nothing: nil. Permissions and rules of the form come on top.
func Access(f *Flow, c Case, user string) map[string]flow.FieldAccess {
	if f == nil || c.State.Status == Active {
		return nil
	}
	if c.State.Status == Draft {
		return maps.Clone(f.begin)
	}
	out := make(map[string]flow.FieldAccess, len(f.fields))
	for i := range f.fields {
		out[f.fields[i].Key] = flow.Read
	}
	if c.State.Suspension != nil {
		return out
	}
	held := false
	for i := range c.State.Tasks {
		t := &c.State.Tasks[i]
		b := f.byID[t.Block]
		if b == nil || !t.MayDecide(user) {
			continue
		}
		for key, a := range b.access {
			if held {
				a = more(a, out[key])
			}
			out[key] = a
		}
		held = true
	}
	if stage := f.byID[c.State.Stage]; stage != nil && !held {
		for key, a := range stage.access {
			out[key] = less(a, flow.Read)
		}
	}
	f.openForWaits(&c.State, out)
	return out
}

// openForWaits lets the fields be written that an open wait looks at.
func (f *Flow) openForWaits(s *State, out map[string]flow.FieldAccess) {
	for i := range s.Frames {
		b := f.waiting(&s.Frames[i])
		if b == nil {
			continue
		}
		looks := b.looks
		if b.Type == flow.Stage {
			looks = slices.Collect(maps.Keys(b.access)) // whatever is missing at its gate
		}
		for _, key := range looks {
			if b.access[key] == flow.Hidden || b.access[key] == flow.Read {
				continue
			}
			field := f.field(key)
			if field != nil && !field.Computed() && field.HasValue() {
				out[key] = more(out[key], flow.Write)
			}
		}
	}
}

// Possible is what somebody can do with a record as far as its flow is concerned. Save, Override and Assign are questions of
// permission and are not listed.
type Possible struct {
	// Commands concern the record as a whole: submit, withdraw, move.
	Commands []CommandKind  `json:"commands"`
	MoveTo   []Target       `json:"moveTo,omitempty"` // stages to which its card may be dragged; the gate decides then
	Tasks    []TaskPossible `json:"tasks,omitempty"`  // the open tasks of which they may decide a part
	Urge     []string       `json:"urge,omitempty"`   // open tasks that wait for others
	Undo     string         `json:"undo,omitempty"`   // the task of their last decision, when it may be taken back
}

// TaskPossible is what somebody can do with a task of which they may decide a part.
type TaskPossible struct {
	Task     string         `json:"task"`
	Commands []CommandKind  `json:"commands"`
	ReturnTo []ReturnTarget `json:"returnTo,omitempty"`
	// Parts are whose decision they may give: their own first, then those whom they stand in for. The first counts when the
	// command does not say.
	Parts     []string       `json:"parts"`
	Signers   []Where        `json:"signers,omitempty"`   // how they may add others
	Signature flow.Signature `json:"signature,omitempty"` // what a decision must be accompanied by
	Confirm   flow.Confirm   `json:"confirm,omitempty"`
}

// Target is a block that a command may lead to.
type Target struct {
	Block string          `json:"block"`
	Title definition.Text `json:"title"`
}

// Actions lists what a user can do with a record now.
func Actions(f *Flow, c Case, user string) Possible {
	p := Possible{Commands: []CommandKind{}}
	s := &c.State
	switch s.Status {
	case Draft:
		p.Commands = append(p.Commands, Submit)
	case Running:
		if f == nil || s.Suspension != nil {
			return p
		}
		p.running(f, s, user)
	case Ended, Active:
	}
	return p
}

func (p *Possible) running(f *Flow, s *State, user string) {
	if user == s.Applicant && (f.withdraw == flow.WithdrawAlways || f.withdraw == flow.WithdrawUntilDecided && !s.decided()) {
		p.Commands = append(p.Commands, Withdraw)
	}
	if s.Last != nil && s.Last.By == user {
		p.Undo = s.Last.Task
	}
	for i := range s.Tasks {
		t := &s.Tasks[i]
		if holders := t.Holders(); len(holders) > 1 || (len(holders) == 1 && holders[0] != user) {
			p.Urge = append(p.Urge, t.ID)
		}
		if b := f.byID[t.Block]; b != nil && t.MayDecide(user) {
			p.Tasks = append(p.Tasks, f.possible(s, t, b, user))
			p.moves(f, t, f.returnTargets(s, t))
		}
	}
	if len(p.MoveTo) > 0 {
		p.Commands = append(p.Commands, Move)
	}
}

// possible is what somebody can do with a task of which they may decide a part.
func (f *Flow) possible(s *State, t *Task, b *block, user string) TaskPossible {
	p := TaskPossible{
		Task: t.ID, Commands: []CommandKind{Complete}, Parts: t.Parts(user), Signature: b.Signature, Confirm: b.Confirm,
		ReturnTo: f.returns(s, t),
	}
	switch t.Kind { //nolint:exhaustive // the others are completed
	case flow.Approval:
		p.Commands = []CommandKind{Approve, Reject}
		if t.Mode == flow.ByVote && b.Vote != nil && b.Vote.Abstain {
			p.Commands = append(p.Commands, Abstain)
		}
		p.Signers = []Where{Before, After}
		if t.Mode != flow.Sequential {
			p.Signers = append(p.Signers, Beside)
		}
	case flow.Checklist:
		p.Commands = []CommandKind{Complete, Tick, Untick}
	}
	if len(p.ReturnTo) > 0 {
		p.Commands = append(p.Commands, Return)
	}
	p.Commands = append(p.Commands, Transfer)
	if len(p.Signers) > 0 {
		p.Commands = append(p.Commands, AddSigner)
	}
	return p
}

// moves adds the stages to which a task's holder may drag the card.
func (p *Possible) moves(f *Flow, t *Task, back []*block) {
	add := func(b *block) {
		if !slices.ContainsFunc(p.MoveTo, func(to Target) bool { return to.Block == b.ID }) {
			p.MoveTo = append(p.MoveTo, Target{b.ID, b.Name()})
		}
	}
	for _, b := range back {
		if b.Type == flow.Stage {
			add(b)
		}
	}
	here := slices.IndexFunc(f.stages, func(b *block) bool { return b.ID == t.Stage })
	if t.Kind != flow.Approval && here >= 0 && here+1 < len(f.stages) {
		add(f.stages[here+1])
	}
}

// Waiting is something that a record waits for that is no task.
type Waiting struct {
	Block    *flow.Block
	Frame    string
	Until    time.Time       // when it goes on; zero when no moment is set for that
	Timeout  time.Time       // when it has waited long enough
	Record   string          // whose end is waited for
	Missing  definition.Text // at the gate of a stage: what keeps the record there
	Deferred bool            // an answer for it is held until the record is resumed
}

// Waits are what a record waits for besides tasks, in the order in which it came to them.
func Waits(f *Flow, s State) []Waiting {
	var out []Waiting
	for i := range s.Frames {
		frame := &s.Frames[i]
		b := f.waiting(frame)
		if b == nil {
			continue
		}
		w := Waiting{Block: b.Block, Frame: frame.ID, Record: frame.Record, Missing: frame.Missing}
		for _, d := range s.Deadlines {
			switch {
			case d.Frame != frame.ID:
			case d.Moment == MomentUntil:
				w.Until = d.DueAt
			case d.Moment == MomentTimeout:
				w.Timeout = d.DueAt
			}
		}
		w.Deferred = slices.ContainsFunc(s.Held, func(c Command) bool {
			return c.Kind == Signal && c.Event == b.Event || c.Reply != nil && c.Reply.Frame == frame.ID
		})
		out = append(out, w)
	}
	return out
}

func targets(blocks []*block) []Target {
	out := make([]Target, len(blocks))
	for i, b := range blocks {
		out[i] = Target{b.ID, b.Name()}
	}
	return out
}

// OverrideTargets are the blocks to which an override may set a record, in the order of the flow.
func (f *Flow) OverrideTargets() []Target { return targets(f.movables()) }

// Block finds a block by its id.
func (f *Flow) Block(id string) (*flow.Block, bool) {
	b, ok := f.byID[id]
	if !ok {
		return nil, false
	}
	return b.Block, true
}

// Stages are the stages in the order of the path bar.
func (f *Flow) Stages() []Target { return targets(f.stages) }

// Assignable are the people who would get a task or approval if it opened now; none when it would fall to the app's admins
// or be refused.
func Assignable(env Env, c Case, blockID string) []string {
	if env.Flow == nil || env.Flow.byID[blockID] == nil {
		return nil
	}
	r := &run{env: env, flow: env.Flow, c: c, picksOf: blockID}
	return r.resolve(env.Flow.byID[blockID].Who, nil)
}
