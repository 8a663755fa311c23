package engine

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/schemas/flow"
)

// TestModel explores every interleaving of everything that can happen to a record in small flows, which are made
// systematically from all types of block. In every state that a record can come to:
//
//   - something can happen (no dead end), and from it an end can still be reached;
//   - every task, every wait and every frame stands where the tree says, and in every sequence that is open exactly one thing
//     is open (nothing is lost, nothing is there twice);
//   - the events say everything (a replay gives the state), ids of tasks and keys of effects are given once.
//
// All flows of up to two blocks are explored, and of those of three to six a sample that is always the same;
// STEPWELL_MODEL_BLOCKS=3 explores all of up to three, and ten times the sample.
func TestModel(t *testing.T) {
	most, sample := 2, 1
	if set := os.Getenv("STEPWELL_MODEL_BLOCKS"); set != "" {
		var err error
		most, err = strconv.Atoi(set)
		require.NoError(t, err)
		sample = 10
	}
	w := newWorld(t)
	for size := 1; size <= most; size++ {
		t.Run(fmt.Sprintf("every_flow_of_%d_blocks_is_sound", size), func(t *testing.T) {
			w.explore(t, w.flows(size))
		})
	}
	for size, flows := range []int{3: 120, 4: 80, 5: 40, 6: 20} {
		if size > most && flows > 0 {
			t.Run(fmt.Sprintf("a_sample_of_flows_of_%d_blocks_is_sound", size), func(t *testing.T) {
				w.explore(t, w.sample(size, flows*sample))
			})
		}
	}
}

// explore runs through those of the flows that can be published.
func (w *world) explore(t *testing.T, flows iter.Seq[*flow.Flow]) {
	t.Helper()
	checked, states := 0, 0
	for f := range flows {
		if len(f.Check(w.form.Form, nil)) > 0 {
			continue
		}
		compiled, problems := Compile(f, 1, w.form, w.env)
		require.Empty(t, problems)
		checked++
		for _, urgent := range []bool{true, false} {
			g := w.graph(compiled, urgent)
			g.run()
			states += len(g.states)
			if g.wrong != "" {
				doc, err := json.Marshal(f.Blocks)
				require.NoError(t, err)
				require.Fail(t, g.wrong, "%s\nurgent: %v\n%s", doc, urgent, strings.Join(g.path, "\n"))
			}
		}
	}
	require.Positive(t, checked)
	t.Logf("%d flows, %d states", checked, states)
}

// graph is everything that can happen in one flow.
type graph struct {
	env    Env
	states map[string]*node
	queue  []*node
	wrong  string
	path   []string // to what is wrong
}

// node is one state that a record can come to.
type node struct {
	c      Case
	now    time.Time
	ended  bool
	from   []*node
	before *node
	by     Command
}

// mostStates bounds the states of one flow; none of the flows here comes near it.
const mostStates = 20_000

func (w *world) graph(f *Flow, urgent bool) *graph {
	people := newCompany()
	now := time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)
	g := &graph{
		env:    Env{Flow: f, App: "shop", Directory: people, Calendars: people, Now: now},
		states: map[string]*node{},
	}
	c := draft()
	c.Data = map[string]any{"urgent": urgent, "lines": []any{map[string]any{"part": "a"}, map[string]any{"part": "b"}}}
	g.add(&node{c: c, now: now})
	return g
}

// key tells states apart: but for moments and the numbers of events, which grow for ever where a record can be sent back.
func (n *node) key() string {
	names := map[string]string{"": ""}
	name := func(id string) string {
		base, way, _ := strings.Cut(id, ".")
		if names[base] == "" && base != "" {
			block, _, _ := strings.Cut(base, "#")
			names[base] = block + "#" + strconv.Itoa(len(names))
		}
		return names[base] + "." + way
	}
	s := &n.c.State
	var b strings.Builder
	fmt.Fprint(&b, s.Status, s.Outcome, s.Stage, s.Suspension != nil, len(s.Held))
	for _, f := range s.Frames {
		fmt.Fprint(&b, "|", name(f.ID), name(f.In), f.Case, f.Need-f.Done, f.Joined)
	}
	for _, t := range s.Tasks {
		fmt.Fprint(&b, "|", t.Block, name(t.Frame), t.Approved)
		for _, item := range t.Items {
			fmt.Fprint(&b, item.DoneAt.IsZero())
		}
	}
	for _, d := range slices.Concat(s.Deadlines, s.Paused) {
		fmt.Fprint(&b, "|", d.Block, name(d.Frame), d.Moment)
	}
	passed := map[string]bool{}
	for _, p := range s.Passed {
		passed[p.Block+name(p.Frame)] = true
	}
	fmt.Fprint(&b, "|", slices.Sorted(maps.Keys(passed)))
	return b.String()
}

func (g *graph) add(n *node) {
	key := n.key()
	if known := g.states[key]; known != nil {
		known.from = append(known.from, n.from...)
		return
	}
	n.ended = n.c.State.Status == Ended
	g.states[key] = n
	g.queue = append(g.queue, n)
}

func (g *graph) run() {
	for len(g.queue) > 0 && g.wrong == "" {
		n := g.queue[0]
		g.queue = g.queue[1:]
		if len(g.states) > mostStates {
			g.fail(n, "too many states")
			return
		}
		if !n.ended {
			g.step(n)
		}
	}
	if g.wrong == "" {
		g.reach()
	}
}

func (g *graph) fail(n *node, format string, args ...any) {
	g.wrong = fmt.Sprintf(format, args...)
	for at := n; at != nil; at = at.before {
		g.path = append(g.path, sayCommand(&at.by)+" → "+sayState(at.c))
	}
	slices.Reverse(g.path)
}

// step does everything that can be done in a state.
func (g *graph) step(n *node) {
	moved := false
	for _, cmd := range g.commands(n) {
		env := g.env
		env.Now = n.now
		if cmd.Kind == Fire {
			i := slices.IndexFunc(n.c.State.Deadlines, func(d DeadlineState) bool { return d.Key == cmd.Timer.Deadline })
			if due := n.c.State.Deadlines[i].DueAt; due.After(env.Now) {
				env.Now = due
			}
		}
		d, err := Decide(env, n.c, cmd)
		if err != nil {
			continue
		}
		if cmd.Kind != Suspend && cmd.Kind != Withdraw && cmd.Kind != Override {
			moved = true // what somebody must do who stands outside is no way on
		}
		next := &node{c: d.After, now: env.Now, from: []*node{n}, before: n, by: cmd}
		if wrong := g.check(n, next, d); wrong != "" {
			g.fail(next, "%s", wrong)
			return
		}
		g.add(next)
	}
	if !moved {
		g.fail(n, "a dead end")
	}
}

// commands are everything that may happen to a record.
func (g *graph) commands(n *node) []Command {
	s := &n.c.State
	if s.Status == Draft {
		return []Command{{Kind: Submit, Actor: "rep"}}
	}
	if s.Suspension != nil {
		return []Command{{Kind: Resume, Actor: "root"}, {Kind: Signal, Event: "paid"}}
	}
	out := []Command{{Kind: Withdraw, Actor: "rep"}, {Kind: Signal, Event: "paid"}, {Kind: Signal, Event: "lost"}}
	if n.before != nil && n.by.Kind != Resume && len(s.Frames) < 4 {
		out = append(out, Command{Kind: Suspend, Actor: "root", Reason: "r"})
	}
	for i := range s.Tasks {
		out = append(out, g.decisions(s, &s.Tasks[i])...)
	}
	for _, d := range s.Deadlines {
		out = append(out, Command{Kind: Fire, Timer: TimerRef{Deadline: d.Key}})
	}
	for _, w := range Waits(g.env.Flow, *s) {
		if w.Block.Type == flow.Create || w.Block.Type == flow.Webhook {
			for _, failure := range []string{"", "refused"} {
				out = append(out, Command{Kind: Answer, Reply: &Reply{Block: w.Block.ID, Frame: w.Frame, Error: failure, Status: 200}})
			}
		}
	}
	for _, to := range g.env.Flow.OverrideTargets() {
		out = append(out, Command{Kind: Override, Actor: "root", To: to.Block, Reason: "r"})
	}
	return out
}

// decisions are everything that people can decide about a task.
func (g *graph) decisions(s *State, t *Task) []Command {
	var out []Command
	for _, u := range t.Assignees {
		out = append(out,
			Command{Kind: Complete, Actor: u, Task: t.ID}, Command{Kind: Approve, Actor: u, Task: t.ID}, Command{Kind: Reject, Actor: u, Task: t.ID},
			Command{Kind: Tick, Actor: u, Task: t.ID, Item: "x"}, Command{Kind: Untick, Actor: u, Task: t.ID, Item: "x"},
		)
		for _, b := range g.env.Flow.returnTargets(s, t) {
			out = append(out, Command{Kind: Return, Actor: u, Task: t.ID, To: b.ID, Reason: "r"})
		}
	}
	return out
}

// check holds what must hold after every step; it says what does not.
func (g *graph) check(before, after *node, d Decision) string {
	if !reflect.DeepEqual(replay(before.c, d.Events), after.c) {
		return "a replay gives another state"
	}
	keys := map[string]bool{}
	for _, e := range d.Effects {
		seq, _, _ := strings.Cut(e.Key, ".")
		if n, err := strconv.ParseInt(seq, 10, 64); keys[e.Key] || err != nil || n <= before.c.State.Seq {
			return "an effect has the key of another one"
		}
		keys[e.Key] = true
	}
	for _, ev := range d.Events {
		if ev.Kind == TaskOpened && ev.Task != ev.Block+"#"+strconv.FormatInt(ev.Seq, 10) {
			return "a task has no id of its own"
		}
	}
	return g.places(&after.c.State)
}

// places checks that everything that is open stands where the tree says, and that in every sequence one thing is open.
func (g *graph) places(s *State) string {
	if s.Status != Running {
		if len(s.Tasks)+len(s.Frames)+len(s.Deadlines) > 0 {
			return "something is open that nobody sees"
		}
		return ""
	}
	open := map[string]int{} // by frame: what the record itself is at there
	for _, t := range s.Tasks {
		open[t.Frame]++
		if wrong := g.stands(s, t.Block, t.Frame); wrong != "" {
			return wrong
		}
	}
	for i := range s.Frames {
		f := &s.Frames[i]
		up := s.frame(f.In)
		way := up != nil && up.Block == f.Block
		if !way && !f.Joined {
			open[f.In]++
		}
		if !way {
			if wrong := g.stands(s, f.Block, f.In); wrong != "" && f.Case != gateCase {
				return wrong
			}
		}
	}
	if open[""] > 1 {
		return "the record is in two places at once"
	}
	for i := range s.Frames {
		f := &s.Frames[i]
		b := g.env.Flow.byID[f.Block]
		up := s.frame(f.In)
		holds := !b.Gathers() || up != nil && up.Block == f.Block // a sequence, not a block with several
		switch {
		case g.env.Flow.waiting(f) != nil && open[f.ID] > 0:
			return f.ID + " waits and holds something"
		case g.env.Flow.waiting(f) == nil && holds && open[f.ID] != 1 && !s.lingers(f.ID):
			return fmt.Sprintf("%s holds %d things", f.ID, open[f.ID])
		}
	}
	if open[""] == 0 && !s.lingers("") {
		return "the record is nowhere"
	}
	return ""
}

// stands checks that a block that is open in a frame stands in just these blocks in the tree.
func (g *graph) stands(s *State, block, frame string) string {
	b := g.env.Flow.byID[block]
	at := b
	for id := frame; id != ""; {
		f := s.frame(id)
		if f == nil {
			return block + " stands in a frame that is gone"
		}
		holder := at.seq.holder
		if holder == nil || holder.ID != f.Block {
			return block + " stands in the wrong block"
		}
		if holder.Type != flow.ForEach && at.seq.taken != f.Case {
			return block + " stands in the wrong case"
		}
		if up := s.frame(f.In); up != nil && up.Block == f.Block {
			f = up
		}
		at, id = holder, f.In
	}
	if at.seq.holder != nil && at.seq.holder.Type != flow.Stage {
		return block + " has no frame around it"
	}
	if b.stage != nil && b.stage.ID != s.Stage {
		return block + " is open outside of its stage"
	}
	return ""
}

// reach checks that from every state an end can be reached, whatever has happened.
func (g *graph) reach() {
	done := map[*node]bool{}
	var queue []*node
	for _, n := range g.states {
		if n.ended {
			done[n] = true
			queue = append(queue, n)
		}
	}
	for len(queue) > 0 {
		n := queue[0]
		queue = queue[1:]
		for _, from := range n.from {
			if !done[from] {
				done[from] = true
				queue = append(queue, from)
			}
		}
	}
	for _, n := range g.states {
		if !done[n] {
			g.fail(n, "no end can be reached")
			return
		}
	}
}
