package engine

import (
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/form"
)

// player throws commands at one record.
type player struct {
	t       *rapid.T
	def     *flow.Flow
	env     Env
	company *company
	begun   Case
	c       Case
	log     []Event
	timers  outstanding
	past    history
}

func (p *player) pick(name string, from ...string) string {
	return rapid.SampledFrom(from).Draw(p.t, name)
}

func (p *player) data() map[string]any {
	if rapid.IntRange(0, 2).Draw(p.t, "empty data") == 0 {
		return nil
	}
	values := map[string][]any{
		"name": {"Gear", "", nil}, "amount": {float64(-3), float64(5), float64(500), nil},
		"drawing":  {[]any{map[string]any{"id": "f1"}}, []any{}, nil},
		"urgent":   {true, false, nil},
		"decision": {"go", "lost", nil}, "urgentNote": {"soon", nil},
		"neededBy": {"2026-03-10", "2026-03-03", "2026-02-01", nil}, "engineer": {"tech", "ghost", nil}, "team": {"sales", "hq", nil},
		"owner": {"rep", "rep2", nil},
		"lines": {[]any{map[string]any{"qty": 1.0}, map[string]any{"qty": 2.0}}, []any{map[string]any{}}, nil},
	}
	out := map[string]any{}
	for _, key := range []string{"name", "amount", "drawing", "urgent", "decision", "urgentNote", "neededBy", "engineer", "team", "owner", "lines"} {
		if rapid.IntRange(0, 2).Draw(p.t, "set "+key) == 0 {
			out[key] = rapid.SampledFrom(values[key]).Draw(p.t, key)
		}
	}
	return out
}

func (p *player) command() Command {
	kinds := []CommandKind{
		Save, Submit, Complete, Complete, Complete, Approve, Approve, Approve, Reject, Return, Move, Withdraw, Override, Fire, Fire, Fire, Assign,
		Tick, Tick, Untick, Signal, Signal, Answer, Answer, Suspend, Resume, Resume, Cancel, Migrate, Recalculate,
		Approve, Reject, Abstain, Transfer, AddSigner, Undo, Undo, Urge, Copy, Comment, HandOver, Refresh,
	}
	cmd := Command{Kind: rapid.SampledFrom(kinds).Draw(p.t, "kind"), Actor: p.pick("actor", append([]string{"", "ghost"}, staff...)...)}
	if p.c.State.Status == Draft && rapid.IntRange(0, 1).Draw(p.t, "submit") == 0 {
		cmd.Kind = Submit
	}
	cmd.Data = p.data()
	cmd.Reason = p.pick("reason", "", "because")
	blocks := []string{"nowhere"}
	for b := range p.def.All() {
		blocks = append(blocks, b.ID)
	}
	cmd.To = p.pick("to", blocks...)
	cmd.Users = rapid.SliceOfN(rapid.SampledFrom(staff), 0, 2).Draw(p.t, "users")
	p.decorate(&cmd)
	if len(p.c.State.Tasks) > 0 {
		task := rapid.SampledFrom(p.c.State.Tasks).Draw(p.t, "task")
		cmd.Task = task.ID
		if rapid.IntRange(0, 9).Draw(p.t, "an assignee") > 0 {
			cmd.Actor = p.pick("assignee", task.Assignees...)
		}
		if cmd.Kind == Complete && task.Kind == flow.Approval {
			cmd.Kind = Approve
		}
		if task.Kind == flow.Checklist && cmd.Kind == Approve {
			cmd.Kind = Tick
		}
		if cmd.Kind == Assign {
			cmd.From = p.pick("from", append([]string{""}, task.Assignees...)...)
		}
	}
	cmd.Item, cmd.Event = p.pick("item", "x", "y", "z"), p.pick("event", "paid", "lost")
	if cmd.Kind == Answer {
		cmd.Reply = &Reply{Error: p.pick("error", "", "refused"), Status: 200, Body: map[string]any{}, Outcome: "won", Block: blocks[len(blocks)-1]}
		if len(p.c.State.Frames) > 0 {
			f := rapid.SampledFrom(p.c.State.Frames).Draw(p.t, "frame")
			cmd.Reply.Frame, cmd.Reply.Block, cmd.Reply.Record = f.ID, f.Block, f.Record
		}
	}
	if cmd.Kind == Cancel && rapid.IntRange(0, 3).Draw(p.t, "cancel") > 0 {
		cmd.Kind = Save
	}
	p.becomeSystem(&cmd)
	if cmd.Kind == Fire {
		cmd.Timer = p.anyTimer()
	}
	if cmd.Kind == Recalculate {
		cmd.Calendar = "china"
	}
	return cmd
}

// do gives the command and checks everything that must hold whatever it is.
func (p *player) do(cmd Command) error {
	t := p.t
	p.env.Past = p.past.before(p.c.State.Last)
	before := asJSON(t, []any{p.c, cmd})
	env := p.env
	if cmd.Kind == Migrate {
		next := *env.Flow
		next.Version++
		env.From, env.Flow = env.Flow, &next
	}
	d, err := Decide(env, p.c, cmd)
	require.JSONEq(t, before, asJSON(t, []any{p.c, cmd}), "input is left alone")
	again, errAgain := Decide(env, p.c, cmd)
	require.Equal(t, d, again, "equal arguments give equal answers")
	if err != nil {
		require.EqualError(t, errAgain, err.Error())
		require.Equal(t, Decision{}, d, "a refusal changes nothing")
		var f *fault.Error
		require.ErrorAs(t, err, &f)
		require.NotEqual(t, ErrWrongFlow, f.Code)
		return err
	}
	if p.c.State.Status == Ended {
		for _, ev := range d.Events {
			require.Contains(t, []EventKind{Commented, CopySent, OwnerChanged}, ev.Kind, "nothing happens after the end")
		}
	}
	p.checkEvents(d)
	p.checkDeadlines(cmd, d)
	p.log = append(p.log, d.Events...)
	p.past = append(p.past, episode{p.c, d})
	p.c = d.After
	p.env.Flow = env.Flow
	p.checkState()
	return nil
}

func (p *player) checkEvents(d Decision) {
	t := p.t
	require.LessOrEqual(t, len(d.Events), maxEvents)
	at := p.c
	ended := false
	for i, ev := range d.Events {
		require.False(t, ended, "nothing follows the end")
		ended = ev.Kind == FlowEnded
		require.Equal(t, p.c.State.Seq+int64(i)+1, ev.Seq)
		p.checkGate(at, ev)
		snapshot := asJSON(t, at)
		next := Apply(at, ev)
		require.Equal(t, snapshot, asJSON(t, at), "Apply leaves its input alone")
		at = next
	}
	require.Equal(t, d.After, at, "the events say everything")
	keys := map[string]bool{}
	for _, e := range d.Effects {
		require.False(t, keys[e.Key], "effects have keys of their own")
		keys[e.Key] = true
		if e.IsNotice() {
			require.NotEmpty(t, e.To)
			require.NotEmpty(t, e.Channels)
		}
	}
}

// checkGate is the gate written a second time, without the engine: nothing is completed or left forward while something
// that it requires is missing.
func (p *player) checkGate(c Case, ev Event) {
	switch {
	case ev.Kind == StageLeft && ev.Exit == ExitDone:
		stage, _ := p.def.Find(ev.Block)
		p.demand(c, stage.Block, nil)
		for _, passed := range c.State.Passed {
			if b, _ := p.def.Find(passed.Block); passed.Stage == ev.Block {
				p.demand(c, &flow.Block{ID: b.ID, Fields: b.Fields, Waive: b.Waive}, stage.Block)
			}
		}
	case ev.Kind == TaskClosed && ev.Result == TaskCompleted:
		b, _ := p.def.Find(ev.Block)
		p.demand(c, b.Block, b.Stage)
	}
}

func (p *player) demand(c Case, b, stage *flow.Block) {
	lost := c.Data["decision"] == "lost"
	if lost && (!b.Waive.Empty() || stage != nil && !stage.Waive.Empty()) {
		return
	}
	for key, a := range b.Fields {
		if a == flow.Required && (key != "urgentNote" || c.Data["urgent"] == true) {
			require.False(p.t, form.Empty(c.Data[key]), "%s needs %s", b.ID, key)
		}
	}
	if amount, ok := c.Data["amount"].(float64); ok && len(b.Checks) > 0 {
		require.GreaterOrEqual(p.t, amount, 0.0, b.ID)
	}
}

func (p *player) checkState() {
	t, s := p.t, &p.c.State
	switch s.Status {
	case Running:
		require.NotEmpty(t, len(s.Tasks)+len(Waits(p.env.Flow, *s)), "a running record waits for something")
	case Draft, Ended, Active:
		require.Empty(t, s.Tasks)
		require.Empty(t, s.Deadlines)
		require.Empty(t, s.Frames)
		require.Empty(t, s.Stage)
		require.Empty(t, s.Paused)
		require.Empty(t, s.Held)
		require.Nil(t, s.Suspension)
		return
	}
	for _, task := range s.Tasks {
		place, ok := p.def.Find(task.Block)
		require.True(t, ok)
		stage := ""
		if place.Stage != nil {
			stage = place.Stage.ID
		}
		require.Equal(t, stage, task.Stage)
		require.Equal(t, s.Stage, task.Stage, "a record rests where its stage says")
		require.NotEmpty(t, task.Assignees)
	}
	for _, d := range s.Deadlines {
		require.True(t, d.Task == "" && d.Block == s.Stage || d.Task != "" && s.task(d.Task) != nil || s.frame(d.Frame) != nil, "deadlines belong to what is open")
		if d.Frame != "" {
			require.NotNil(t, p.env.Flow.waiting(s.frame(d.Frame)), "moments belong to what waits")
		}
	}
	if s.Suspension != nil {
		require.Empty(t, s.Deadlines, "nothing runs while the record stands still")
		return
	}
	require.Empty(t, s.Paused)
	require.Empty(t, s.Held)
	p.checkFrames()
	p.checkWayOut()
}

// checkFrames: every frame holds something that is open, stands in its holder, and every task stands in an open frame.
func (p *player) checkFrames() {
	t, s := p.t, &p.c.State
	for i, f := range s.Frames {
		require.NotEqual(t, p.env.Flow.waiting(&f) != nil, s.openIn(f.ID), "frame %s holds something, or waits", f.ID)
		if f.In != "" {
			require.True(t, slices.ContainsFunc(s.Frames[:i], func(h Frame) bool { return h.ID == f.In }), "a frame stands behind its holder")
		}
		require.False(t, slices.ContainsFunc(s.Frames[:i], func(h Frame) bool { return h.ID == f.ID }), "one frame of each id")
	}
	for _, task := range s.Tasks {
		if task.Frame != "" {
			require.NotNil(t, s.frame(task.Frame), task.Frame)
		}
		require.Equal(t, len(p.env.Flow.byID[task.Block].path()), s.depth(task.Stage, task.Frame), task.ID)
	}
	for _, passed := range s.Passed {
		if passed.Frame != "" && s.frame(passed.Frame) == nil {
			require.NotNil(t, s.frame(s.holderOf(passed.Frame)), passed.Frame)
		}
	}
}

// depth is in how many blocks something in a frame stands.
func (s *State) depth(stage, frame string) int {
	n := 0
	if stage != "" {
		n = 1
	}
	for block := ""; frame != ""; frame = s.holderOf(frame) {
		if f := s.frame(frame); f.Block != block { // a way and its block are one
			n, block = n+1, f.Block
		}
	}
	return n
}

// checkWayOut: somebody active can act; when the last one has left, an admin can hand the task over.
func (p *player) checkWayOut() {
	r := &run{env: p.env, c: p.c, flow: p.env.Flow}
	if len(r.holders()) > 0 || len(p.c.State.Tasks) == 0 {
		return
	}
	require.NotEmpty(p.t, p.company.disabled, "somebody active can act")
	task := p.c.State.Tasks[0]
	heir := "root"
	if contains(task.Approved, heir) { // handing it to them would be a decision
		heir = "boss"
	}
	d, err := Decide(p.env, p.c, Command{Kind: Assign, Actor: "root", Task: task.ID, Users: []string{heir}})
	require.NoError(p.t, err)
	require.NotEmpty(p.t, d.Events)
}

// checkViews: what is offered is accepted.
func (p *player) checkViews(user string) {
	t := p.t
	Path(p.env.Flow, p.c.State)
	Access(p.env.Flow, p.c, user)
	offered := Actions(p.env.Flow, p.c, user)
	if p.company.Active(user) {
		for _, task := range offered.Tasks {
			p.checkOffered(user, task)
		}
		if offered.Undo != "" {
			p.env.Past = p.past.before(p.c.State.Last)
			_, err := Decide(p.env, p.c, Command{Kind: Undo, Actor: user, Task: offered.Undo})
			require.NoError(t, err)
		}
	}
	if slices.Contains(offered.Commands, Withdraw) {
		_, err := Decide(p.env, p.c, Command{Kind: Withdraw, Actor: user})
		require.NoError(t, err)
	}
}

func TestProperties(t *testing.T) {
	doc, err := os.ReadFile("testdata/form.json")
	require.NoError(t, err)
	_, exec := compileJSON(t, doc, nil)
	t.Run("any_commands_on_any_flow_keep_every_promise", func(t *testing.T) {
		var outcomes [4]int
		rapid.Check(t, func(rt *rapid.T) {
			def := drawFlow(rt)
			people := newCompany()
			p := &player{t: rt, def: def, company: people}
			p.env = Env{
				Flow: compileFlow(t, exec, def), App: "shop", Directory: people, Calendars: people,
				Now: time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC), Delegate: people.delegate,
			}
			p.begun = Case{ID: "r1", Form: "order", Owner: "rep", CreatedBy: "rep", Data: map[string]any{}, State: State{Status: Draft}}
			p.c = p.begun
			for range rapid.IntRange(1, 40).Draw(rt, "commands") {
				p.env.Now = p.env.Now.Add(time.Duration(rapid.IntRange(0, 30).Draw(rt, "hours")) * time.Hour)
				if rapid.IntRange(0, 29).Draw(rt, "leaves") == 0 {
					people.disabled = append(people.disabled, p.pick("leaver", "rep", "lead", "tech", "quality"))
				}
				p.delegate()
				_ = p.do(p.command())
				if p.c.State.Status == Running {
					p.checkTurns()
				}
				Route(p.env, p.c, Command{Actor: "rep"})
				p.checkViews(p.pick("viewer", staff...))
				p.changeCalendar()
			}
			p.fireAll()
			require.Equal(rt, p.c, replay(p.begun, p.log), "a replay of all events gives the same record")
			outcomes[slices.Index([]Status{Draft, Running, Ended, Active}, p.c.State.Status)]++
		})
		t.Logf("draft %d, running %d, ended %d", outcomes[0], outcomes[1], outcomes[2])
	})
}
