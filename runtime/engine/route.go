package engine

import (
	"slices"
	"strings"

	"github.com/stepwell/stepwell/internal/expr"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
)

// RouteStep is one step that a record is likely to come to.
type RouteStep struct {
	Block string          `json:"block"`
	Title definition.Text `json:"title"`
	Type  flow.BlockType  `json:"type"`
	Stage string          `json:"stage,omitempty"` // the enclosing stage
	// Way is the case of the branch, or the way of the block that runs several at once, in which it stands; Of is that block.
	Of  string `json:"of,omitempty"`
	Way string `json:"way,omitempty"`
	// Open: the record stands here already.
	Open    bool      `json:"open,omitempty"`
	Mode    flow.Mode `json:"mode,omitempty"`
	People  []string  `json:"people,omitempty"` // who would be asked, in order
	Origins []Origin  `json:"origins,omitempty"`
	Stands  []Stand   `json:"stands,omitempty"`
	// Fallback: nobody is found, so it goes to People instead. Nobody: there is nobody at all.
	Fallback bool `json:"fallback,omitempty"`
	Nobody   bool `json:"nobody,omitempty"`
	// Skipped are those who would not be asked, and why; all of them, or nobody for CauseNobody, when Passed.
	Skipped []Origin `json:"skipped,omitempty"`
	Passed  bool     `json:"passed,omitempty"`
	// Unsure: whether the record comes here depends on something that is not known yet: Needs are the fields that are blank.
	Unsure  bool     `json:"unsure,omitempty"`
	Needs   []string `json:"needs,omitempty"`
	Choice  *Choice  `json:"choice,omitempty"`  // somebody picks its people
	Outcome string   `json:"outcome,omitempty"` // of an end
}

// Choice says who picks the people of a step.
type Choice struct {
	By     string   `json:"by"`
	From   []string `json:"from,omitempty"` // who may be picked; none: anybody
	Min    int      `json:"min"`
	Max    int      `json:"max,omitempty"` // 0: any number
	Picked []string `json:"picked,omitempty"`
}

// Route foresees the steps of a case with its data as they stand: for a draft those after submitting it, for a running one
// those that are open and those behind them. Everybody is taken to approve, and formulas of update blocks to be computed.
// Where a branch looks at fields that are blank, its steps are unsure.
func Route(env Env, c Case, cmd Command) []RouteStep {
	if env.Flow == nil || c.State.Status == Ended || c.State.Status == Active {
		return nil
	}
	r := &run{env: env, flow: env.Flow, cmd: cmd, c: c}
	detach(&r.c.State)
	if set, _ := delta(r.c.Data, cmd.Data); set != nil {
		r.c.Data = merged(r.c.Data, set)
	}
	if r.c.State.Status == Draft {
		r.c.State.Applicant = cmd.Actor
		if r.c.State.Applicant == "" {
			r.c.State.Applicant = r.owner()
		}
	}
	for id, users := range cmd.Picks {
		applyPick(&r.c.State, &Event{Block: id, Assignees: users})
	}
	return r.foresee()
}

// maxRoute bounds what is foreseen.
const maxRoute = 300

// foresight is a walk ahead of the record.
type foresight struct {
	r      *run
	steps  []RouteStep
	unsure bool // whether the walk comes this way is not known
	mayEnd bool // an end stands on a way that is unsure, so all that follows is
	needs  []string
	of     string
	way    string
	ended  bool
}

// foresee walks ahead of the case of a run, which stays as it is.
func (r *run) foresee() []RouteStep {
	ahead := *r
	ahead.events, ahead.effects, ahead.todo, ahead.vars, ahead.seen = nil, nil, nil, nil, ""
	detach(&ahead.c.State)
	f := &foresight{r: &ahead}
	s := &ahead.c.State
	if s.Status == Draft || len(s.Tasks)+len(s.Frames) == 0 {
		f.sequence(ahead.flow.root, 0)
		return f.steps
	}
	f.open()
	return f.steps
}

// open begins with what is open, and goes on behind each of its innermost blocks.
func (f *foresight) open() {
	s := &f.r.c.State
	type place struct {
		b  *block
		in string
	}
	var from []place
	for i := range s.Tasks {
		if b := f.r.flow.byID[s.Tasks[i].Block]; b != nil {
			from = append(from, place{b, s.Tasks[i].Frame})
		}
	}
	for i := range s.Frames {
		if b := f.r.flow.waiting(&s.Frames[i]); b != nil {
			from = append(from, place{b, s.Frames[i].In})
		}
	}
	slices.SortStableFunc(from, func(a, b place) int { return a.b.order - b.b.order })
	met := map[*sequence]bool{}
	for _, p := range from {
		f.r.in = p.in
		f.stepOf(p.b, s.taskIn(p.b.ID, p.in))
	}
	// Behind the last open block of each sequence that is open; outer ones once.
	for _, p := range slices.Backward(from) {
		for at := p.b; at != nil; at = at.seq.holder {
			if met[at.seq] {
				break
			}
			met[at.seq] = true
			f.r.in, f.ended = "", false
			f.sequence(at.seq, at.index+1)
			if f.ended && at.seq.holder != nil && !at.seq.holder.Gathers() {
				break
			}
		}
	}
}

func (s *State) taskIn(block, frame string) *Task {
	for i := range s.Tasks {
		if s.Tasks[i].Block == block && s.Tasks[i].Frame == frame {
			return &s.Tasks[i]
		}
	}
	return nil
}

// sequence foresees the blocks of a sequence from a position on.
func (f *foresight) sequence(seq *sequence, from int) {
	if seq == nil || from >= len(seq.blocks) {
		return
	}
	for _, b := range seq.blocks[from:] {
		if f.ended || len(f.steps) >= maxRoute {
			return
		}
		f.block(b)
	}
}

func (f *foresight) block(b *block) {
	switch b.Type {
	case flow.Stage:
		f.add(RouteStep{}, b)
		f.sequence(b.body, 0)
	case flow.Task, flow.Checklist, flow.Approval:
		f.stepOf(b, nil)
	case flow.Branch:
		f.branch(b)
	case flow.Inclusive:
		f.branch(b)
	case flow.Parallel, flow.FirstOf:
		f.ways(b)
	case flow.ForEach:
		f.inside(b, "", func() { f.sequence(b.body, 0) })
	case flow.SubFlow:
		f.inside(b, "", func() { f.sequence(b.body, 0) })
		f.ended = false
	case flow.Update:
		if set, err := f.r.evaluate(b, b.set); err == nil {
			if changed, _ := delta(f.r.c.Data, set); changed != nil {
				f.r.c.Data, f.r.stale = merged(f.r.c.Data, changed), true
			}
		}
	case flow.CC:
		f.add(RouteStep{People: f.r.resolve(b.Who, nil)}, b)
	case flow.Wait, flow.Create, flow.Webhook:
		f.add(RouteStep{}, b)
	case flow.End:
		f.add(RouteStep{Outcome: b.Outcome}, b)
		f.ended = !f.unsure
		f.mayEnd = f.mayEnd || f.unsure
	}
}

func (f *foresight) add(s RouteStep, b *block) {
	s.Block, s.Title, s.Type = b.ID, b.Name(), b.Type
	if b.stage != nil && b.stage != b {
		s.Stage = b.stage.ID
	}
	s.Of, s.Way, s.Unsure, s.Needs = f.of, f.way, f.unsure, f.needs
	f.steps = append(f.steps, s)
}

// stepOf foresees a block that waits for people. t is its task when it is open.
func (f *foresight) stepOf(b *block, t *Task) {
	if !b.Waits() {
		f.add(RouteStep{Open: true}, b)
		return
	}
	r := f.r
	s := RouteStep{Mode: b.Mode}
	if w := b.Choice(); w != nil {
		s.Choice = &Choice{By: w.By, From: r.candidates(b), Min: max(w.Min, 1), Max: w.Max, Picked: r.c.State.Picks[b.ID]}
	}
	if t != nil {
		s.Open, s.Mode, s.People, s.Stands = true, t.Mode, t.Assignees, t.Stands
		f.add(s, b)
		f.approved(b, t.Mode, t.Assignees)
		return
	}
	actor := r.cmd.Actor
	r.cmd.Actor = "" // whoever has not been picked is not asked for now
	a, err := r.asked(b)
	r.cmd.Actor = actor
	waits := s.Choice != nil && len(s.Choice.Picked) == 0 && len(b.Who) == 1
	switch {
	case waits: // its people are not known yet
	case err != nil:
		s.Nobody = true
	default:
		s.Mode, s.People, s.Origins, s.Fallback, s.Skipped = a.mode, a.users, a.origins, a.fallback, a.skipped
		s.Stands = r.standsFor(b, a.users)
		done := Task{Kind: b.Type, Mode: a.mode, Assignees: a.users}
		for _, o := range a.skipped {
			done.Approved = append(done.Approved, o.User)
		}
		s.Passed = a.passed || (len(a.skipped) > 0 && r.tally(&done, b) == TaskApproved)
	}
	f.add(s, b)
	if !s.Passed {
		f.approved(b, s.Mode, s.People)
	}
}

// approved takes those to have approved of whom it is sure that they will: everybody where all must, the only one where one
// must.
func (f *foresight) approved(b *block, mode flow.Mode, users []string) {
	p := Passed{Block: b.ID, Kind: b.Type, Frame: f.r.in}
	if b.Type == flow.Approval && (mode == flow.All || mode == flow.Sequential || len(users) == 1) {
		p.Approvers = users
	}
	if !f.unsure {
		f.r.c.State.Passed = append(f.r.c.State.Passed, p)
	}
}

// inside foresees what a block holds.
func (f *foresight) inside(b *block, way string, what func()) {
	of, at := f.of, f.way
	f.of, f.way = b.ID, way
	what()
	f.of, f.way = of, at
}

// ways foresees ways that run at once.
func (f *foresight) ways(b *block) {
	ended := false
	for _, w := range b.cases {
		f.inside(b, w.id, func() { f.sequence(w.seq, 0) })
		ended = ended || f.ended
		f.ended = false
	}
	f.ended = ended && b.Type == flow.Parallel
}

// branch foresees the cases that are taken with the data as they stand. When a condition looks at a field that is blank,
// every case from there on is unsure.
func (f *foresight) branch(b *block) {
	unsure, needs := f.unsure, f.needs
	defer func() {
		if !f.mayEnd {
			f.unsure, f.needs = unsure, needs
		}
	}()
	taken, ended := false, true
	for _, w := range b.cases {
		if w.when == nil {
			if !taken {
				f.inside(b, w.id, func() { f.sequence(w.seq, 0) })
				ended = ended && f.ended
			}
			break
		}
		blank := f.blank(w.when)
		holds, err := f.r.takes(b, w)
		if len(blank) > 0 || err != nil {
			f.unsure, f.needs = true, union(f.needs, blank)
		} else if !holds {
			continue
		}
		f.inside(b, w.id, func() { f.sequence(w.seq, 0) })
		ended = ended && f.ended
		if holds && !f.unsure {
			taken = true
			if b.Type == flow.Branch {
				break
			}
		}
	}
	f.ended = ended && !f.unsure
}

// blank are the fields of the form that a condition looks at and that are not filled in.
func (f *foresight) blank(when *expr.Program) []string {
	var out []string
	for _, path := range when.References() {
		rest, ok := strings.CutPrefix(path, expr.FormVar+".")
		if !ok {
			continue
		}
		key, _, _ := strings.Cut(rest, ".")
		if f.r.c.Data[key] == nil && !slices.Contains(out, key) {
			out = append(out, key)
		}
	}
	return out
}

// union adds texts to a list that is shared, each once.
func union(list, more []string) []string {
	return append(slices.Clip(list), added(list, more)...)
}
