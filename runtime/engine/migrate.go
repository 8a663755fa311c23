package engine

import (
	"cmp"
	"maps"
	"reflect"
	"slices"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/problem"
)

// migrate moves a running case to another version of its flow. Env.From is the version that it runs on, Env.Flow the one to
// go to. Command.Map says which block there stands for one of here; a block that it does not name stands for itself.
//
// Where the blocks that are open stand in the same blocks there, everything stays as it is: tasks keep their people, what was
// ticked and approved, and their deadlines. A case that stands in one place only may also be set to another block, which is
// then entered anew. Whatever else fits nowhere is named, and nothing changes.
func (r *run) migrate() error {
	if r.env.From.Version == r.flow.Version {
		return nil
	}
	m := migration{r: r, from: r.env.From, to: r.flow}
	for id, target := range r.cmd.Map {
		if target != "" && r.flow.byID[target] == nil {
			m.object(ProblemMapTarget, id, problem.Params{"target": target})
		}
	}
	var jump *block
	if len(m.problems) == 0 {
		m.check()
		jump = m.jump()
	}
	if len(m.problems) > 0 && jump == nil {
		slices.SortStableFunc(m.problems, func(a, b problem.Problem) int { return m.order(a) - m.order(b) })
		return ErrMigrate.With(problem.Params{"version": r.flow.Version, "count": len(m.problems)}, m.problems...)
	}
	ev := Event{
		Kind: Migrated, User: r.cmd.Actor, Reason: r.cmd.Reason, Comment: r.cmd.Comment,
		Flow: r.flow.Key, Version: r.flow.Version, Undone: m.lost(),
	}
	if jump != nil {
		ev.Block, ev.Map = jump.ID, m.renamed(m.standsAt())
		r.emit(ev)
		return r.jump(jump, ExitMigrated)
	}
	ev.Map = m.renamed("")
	r.emit(ev)
	return r.reconcile()
}

type migration struct {
	r        *run
	from, to *Flow
	problems []problem.Problem
}

func (m *migration) target(id string) *block {
	if to, named := m.r.cmd.Map[id]; named {
		return m.to.byID[to]
	}
	return m.to.byID[id]
}

func (m *migration) object(code *problem.Code, id string, params problem.Params) {
	if params == nil {
		params = problem.Params{}
	}
	params["block"], params["version"] = m.from.BlockTitle(id), m.to.Version
	m.problems = append(m.problems, code.At(problem.Pointer("map", id), params))
}

func (m *migration) order(p problem.Problem) int {
	for i, b := range m.from.blocks {
		if p.Pointer == problem.Pointer("map", b.ID) {
			return i
		}
	}
	return len(m.from.blocks)
}

// check finds what is open and does not stand there as it stands here.
func (m *migration) check() {
	s := &m.r.c.State
	for _, f := range s.Frames {
		if up := s.frame(f.In); up != nil && up.Block == f.Block {
			continue // a way goes with its block
		}
		m.place(f.Block, f.In)
	}
	for i := range s.Tasks {
		m.place(s.Tasks[i].Block, s.Tasks[i].Frame)
	}
	if s.Stage != "" {
		m.place(s.Stage, "")
	}
}

// place checks that a block, which is open in a frame, is there too, in the same blocks.
func (m *migration) place(id, in string) {
	here, there := m.from.byID[id], m.target(id)
	switch {
	case there == nil:
		m.object(ProblemMapGone, id, nil)
	case here == nil || there.Type != here.Type:
		m.object(ProblemMapType, id, problem.Params{"target": there.Name()})
	case !m.samePath(there, in):
		m.object(ProblemMapPlace, id, problem.Params{"target": there.Name()})
	}
}

// samePath reports whether the blocks around a block there are those in which it stands here.
func (m *migration) samePath(there *block, in string) bool {
	s := &m.r.c.State
	at := there
	for in != "" {
		f := s.frame(in)
		up := s.frame(f.In)
		way := up != nil && up.Block == f.Block
		holder := at.seq.holder
		if holder == nil || holder != m.target(f.Block) {
			return false
		}
		taken := f.Case
		if holder.Type == flow.ForEach {
			taken = ""
		}
		if at.seq.taken != taken {
			return false
		}
		at, in = holder, f.In
		if way {
			in = up.In
		}
	}
	switch {
	case at.Type == flow.Stage:
		return true
	case s.Stage == "":
		return at.seq.holder == nil
	}
	return at.seq.holder != nil && at.seq.holder == m.target(s.Stage)
}

// jump is the block that a case which stands in one place only is set to, when it cannot stay as it is.
func (m *migration) jump() *block {
	s := &m.r.c.State
	if len(m.problems) == 0 || len(s.Tasks) > 1 {
		return nil
	}
	for i := range s.Frames {
		if b := m.from.byID[s.Frames[i].Block]; b == nil || b.Gathers() {
			return nil
		}
	}
	b := m.target(m.standsAt())
	if b == nil || b.Type == flow.End || !b.movable() {
		return nil
	}
	return b
}

// standsAt is the block at which a case stands that stands in one place only.
func (m *migration) standsAt() string {
	s := &m.r.c.State
	for i := range s.Tasks {
		return s.Tasks[i].Block
	}
	for i := range s.Frames {
		if m.from.waiting(&s.Frames[i]) != nil {
			return s.Frames[i].Block
		}
	}
	return ""
}

// renamed are the ids that change, but for the one of a block that is left.
func (m *migration) renamed(left string) map[string]string {
	out := maps.Clone(m.r.cmd.Map)
	maps.DeleteFunc(out, func(from, to string) bool { return to == "" || from == to || from == left })
	if len(out) == 0 {
		return nil
	}
	return out
}

// lost are the passed tasks whose block is no longer there: the record cannot be sent back to them.
func (m *migration) lost() []string {
	var out []string
	for _, p := range m.r.c.State.Passed {
		here, there := m.from.byID[p.Block], m.target(p.Block)
		if here == nil || there == nil || here.Type != there.Type || !m.sameStage(p.Stage, there) {
			out = append(out, p.Task)
		}
	}
	return out
}

func (m *migration) sameStage(stage string, there *block) bool {
	if stage == "" {
		return there.stage == nil
	}
	return there.stage != nil && m.target(stage) == there.stage
}

// applyMigration renames the blocks of a state.
func applyMigration(s *State, ev *Event) {
	s.Flow, s.Version = ev.Flow, ev.Version
	s.Passed = without(s.Passed, func(p Passed) bool { return contains(ev.Undone, p.Task) })
	if len(ev.Map) == 0 {
		return
	}
	s.Paused = slices.Clone(s.Paused)
	rename := func(ids ...*string) {
		for _, id := range ids {
			if to, ok := ev.Map[*id]; ok {
				*id = to
			}
		}
	}
	rename(&s.Stage)
	for i := range s.Stages {
		rename(&s.Stages[i].Block)
	}
	for i := range s.Tasks {
		rename(&s.Tasks[i].Block, &s.Tasks[i].Stage)
	}
	for i := range s.Deadlines {
		rename(&s.Deadlines[i].Block)
	}
	for i := range s.Paused {
		rename(&s.Paused[i].Block)
	}
	for i := range s.Passed {
		rename(&s.Passed[i].Block, &s.Passed[i].Stage)
	}
	for i := range s.Frames {
		rename(&s.Frames[i].Block)
	}
	s.Marks = slices.Clone(s.Marks)
	for i := range s.Marks {
		rename(&s.Marks[i].Block)
	}
	s.Detours = slices.Clone(s.Detours)
	for i := range s.Detours {
		rename(&s.Detours[i].To, &s.Detours[i].Block)
	}
	picks := map[string][]string{}
	for id, users := range s.Picks {
		picks[cmp.Or(ev.Map[id], id)] = users
	}
	if len(picks) > 0 {
		s.Picks = picks
	}
}

// reconcile lets what stayed open follow the new version: deadlines that are new begin now, those that are gone end, and a
// checklist gets its new items.
func (r *run) reconcile() error {
	s := &r.c.State
	if stage := r.flow.byID[s.Stage]; stage != nil {
		if err := r.reconcileDeadline(stage, ""); err != nil {
			return err
		}
	}
	for i := range s.Tasks {
		t := s.Tasks[i]
		b := r.flow.byID[t.Block]
		if err := r.reconcileDeadline(b, t.ID); err != nil {
			return err
		}
		if b.Type == flow.Checklist {
			if err := r.reconcileItems(b, &t); err != nil {
				return err
			}
		}
	}
	for i := range s.Frames {
		f := s.Frames[i]
		if b := r.flow.waiting(&f); b != nil {
			if err := r.reconcileMoments(b, f.ID); err != nil {
				return err
			}
		}
	}
	r.settleDeadlines()
	return nil
}

func (r *run) reconcileDeadline(b *block, task string) error {
	d := r.c.State.deadline(b.ID, task)
	switch {
	case b.Deadline == nil:
		r.clearDeadline(b.ID, task)
		return nil
	case d == nil:
		return r.startDeadline(b, task)
	}
	r.reconcileAround(d, b.Deadline, r.here(b).Deadline)
	return nil
}

// here is the block that a block of the new version stands for.
func (r *run) here(b *block) *block {
	for from, to := range r.cmd.Map {
		if to == b.ID {
			return r.env.From.byID[from]
		}
	}
	return r.env.From.byID[b.ID]
}

// reconcileAround lets a deadline that stays be followed by what the new version says, as far as that is still to come.
func (r *run) reconcileAround(d *DeadlineState, rule, old *flow.Deadline) {
	if d.Counted == nil || d.Met || (old != nil && reflect.DeepEqual(rule.Remind, old.Remind) && reflect.DeepEqual(rule.Escalate, old.Escalate)) {
		return
	}
	ev := Event{
		Kind: DeadlineMoved, Block: d.Block, Task: d.Task, Item: d.Item, Deadline: r.key(d.Block), Resumes: d.Key,
		DueAt: d.DueAt, Was: d.DueAt, Counted: d.Counted, Gone: d.gone(),
	}
	for _, t := range r.timersOf(rule, ev.Deadline, d.DueAt, d.Counted) {
		if (t.Own() && !d.Overdue) || (!t.Own() && t.FireAt.After(r.env.Now)) {
			ev.Timers = append(ev.Timers, t)
		}
	}
	r.emit(ev)
}

func (r *run) reconcileItems(b *block, t *Task) error {
	items := r.itemsOf(b)
	same := len(items) == len(t.Items)
	for i := range items {
		j := slices.IndexFunc(t.Items, func(old Item) bool { return old.ID == items[i].ID })
		same = same && i == j
		if j >= 0 {
			items[i] = t.Items[j]
		}
	}
	if !same {
		r.emit(Event{Kind: ItemsChanged, Task: t.ID, Block: b.ID, Items: items, Assignees: withItems(t.Assignees, items)})
	}
	for _, d := range slices.Clone(r.c.State.Deadlines) {
		switch rule := b.ruleOf(&d); {
		case d.Item == "" || d.Task != t.ID:
		case rule == nil:
			r.clearItems(t.ID, d.Item)
		default:
			r.reconcileAround(&d, rule, r.here(b).ruleOf(&d))
		}
	}
	for _, item := range items {
		if item.DoneAt.IsZero() && r.c.State.itemDeadline(b.ID, t.ID, item.ID) == nil {
			if err := r.startItem(b, t.ID, item.ID, t.OpenedAt); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *run) reconcileMoments(b *block, frame string) error {
	want := map[Moment]bool{MomentUntil: b.Until != nil, MomentTimeout: b.Timeout != nil, MomentRecheck: b.when != nil}
	for i := 0; i < len(r.c.State.Deadlines); {
		d := r.c.State.Deadlines[i]
		if d.Frame == frame && !want[d.Moment] {
			r.emit(Event{Kind: DeadlineCleared, Block: d.Block, Frame: d.Frame, Deadline: d.Key})
			continue
		}
		if d.Frame == frame {
			want[d.Moment] = false
		}
		i++
	}
	for _, d := range []struct {
		moment Moment
		delay  *flow.Delay
	}{{MomentUntil, b.Until}, {MomentTimeout, b.Timeout}} {
		if !want[d.moment] {
			continue
		}
		c, at, err := r.delayed(b, d.delay)
		if err != nil {
			return err
		}
		if !at.IsZero() {
			r.setMoment(b, frame, d.moment, at, c)
		}
	}
	if !want[MomentRecheck] {
		return nil
	}
	next, err := r.nextDay(b)
	if err != nil {
		return err
	}
	r.setMoment(b, frame, MomentRecheck, next, nil)
	return nil
}

// MigrationPreview is what moving a case to another version would do.
type MigrationPreview struct {
	Possible bool              `json:"possible"`
	Problems []problem.Problem `json:"-"` // what cannot be mapped, and why; pointers are /map/ and the id of the block
	Stage    string            `json:"stage,omitempty"`
	Tasks    []Task            `json:"tasks,omitempty"`  // that would be open
	Kept     []string          `json:"kept,omitempty"`   // of them, those that stay as they are
	Waits    []string          `json:"waits,omitempty"`  // blocks that would wait for something that is no task
	Closed   []string          `json:"closed,omitempty"` // tasks that would be closed
}

// PreviewMigration says what the command Migrate would do. An error is one that has nothing to do with the mapping.
func PreviewMigration(env Env, c Case, cmd Command) (MigrationPreview, error) {
	cmd.Kind = Migrate
	d, err := Decide(env, c, cmd)
	if f, ok := fault.As(err); ok && f.Code == ErrMigrate {
		return MigrationPreview{Problems: f.Problems}, nil
	}
	if err != nil {
		return MigrationPreview{}, err
	}
	after := &d.After.State
	p := MigrationPreview{Possible: true, Stage: after.Stage, Tasks: after.Tasks}
	for i := range c.State.Tasks {
		if id := c.State.Tasks[i].ID; after.task(id) != nil {
			p.Kept = append(p.Kept, id)
		} else {
			p.Closed = append(p.Closed, id)
		}
	}
	for i := range after.Frames {
		if b := env.Flow.waiting(&after.Frames[i]); b != nil {
			p.Waits = append(p.Waits, b.ID)
		}
	}
	return p, nil
}
