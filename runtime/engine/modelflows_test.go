package engine

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/expr"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/form"
)

// world makes and compiles the flows.
type world struct {
	form *form.Executable
	env  *expr.Env
	made [][][]flow.Block // sequences by their size
}

func newWorld(t *testing.T) *world {
	t.Helper()
	doc, err := os.ReadFile("testdata/blocks.json")
	require.NoError(t, err)
	_, exec := compileJSON(t, doc, nil)
	env, err := expr.NewEnv(expr.Schema{Fields: expr.FromForm(exec.Fields)})
	require.NoError(t, err)
	return &world{form: exec, env: env, made: [][][]flow.Block{{nil}}}
}

// sequences are all sequences of that many blocks, counting those inside.
func (w *world) sequences(size int) [][]flow.Block {
	for n := len(w.made); n <= size; n++ {
		var out [][]flow.Block
		for first := 1; first <= n; first++ {
			for _, b := range w.blocks(first) {
				for _, rest := range w.made[n-first] {
					out = append(out, append([]flow.Block{b}, rest...))
				}
			}
		}
		w.made = append(w.made, out)
	}
	return w.made[size]
}

// blocks are all blocks of that size.
func (w *world) blocks(size int) []flow.Block {
	user := func(id string) []flow.Who { return []flow.Who{{Type: flow.WhoUser, User: id}} }
	if size == 1 {
		return []flow.Block{
			{Type: flow.Task, Who: []flow.Who{{Type: flow.WhoOwner}}},
			{Type: flow.Approval, Who: append(user("lead"), user("tech")...), Mode: flow.All},
			{Type: flow.Approval, Who: user("lead"), OnReject: flow.RejectReturn},
			{Type: flow.Checklist, Who: user("tech"), Items: []flow.Item{{ID: "x", Title: definition.Text{"": "x"}}}},
			{Type: flow.Wait, Event: "paid"},
			{Type: flow.Wait, Until: &flow.Delay{After: 1, Unit: flow.Hours}},
			{Type: flow.Webhook, Await: true, Call: &flow.Call{URL: "https://x.example.com"}},
			{Type: flow.End, Outcome: "won"},
		}
	}
	var out []flow.Block
	for _, inside := range w.sequences(size - 1) {
		out = append(out, around(inside)...)
	}
	for a := 1; a < size-1; a++ {
		for _, left := range w.sequences(a) {
			for _, right := range w.sequences(size - 1 - a) {
				out = append(out, apartFrom(left, right)...)
			}
		}
	}
	return out
}

// around are the blocks that hold one sequence.
func around(inside []flow.Block) []flow.Block {
	return []flow.Block{
		{Type: flow.Branch, Cases: []flow.Case{{ID: "a", When: definition.Rule{CEL: "form.urgent"}, Blocks: inside}}},
		{Type: flow.ForEach, Over: "lines", Blocks: inside},
		{Type: flow.ForEach, Over: "lines", Order: flow.OrderSequence, Blocks: inside},
		{Type: flow.SubFlow, Flow: "other", Blocks: inside},
		{Type: flow.Wait, Event: "lost", Timeout: &flow.Delay{After: 1, Unit: flow.Hours}, Late: inside},
		{Type: flow.Create, Form: "visit", Await: true, Failed: inside},
	}
}

// apartFrom are the blocks that hold two sequences.
func apartFrom(left, right []flow.Block) []flow.Block {
	ways := []flow.Case{{ID: "a", Blocks: left}, {ID: "b", Blocks: right}}
	chosen := []flow.Case{{ID: "a", When: definition.Rule{CEL: "form.urgent"}, Blocks: left}}
	return []flow.Block{
		{Type: flow.Parallel, Cases: ways},
		{Type: flow.Parallel, Cases: ways, Join: flow.JoinAny},
		{Type: flow.Parallel, Cases: ways, Join: flow.JoinAny, Rest: flow.RestFinish},
		{Type: flow.FirstOf, Cases: ways},
		{Type: flow.Inclusive, Cases: chosen, Else: right},
		{Type: flow.Branch, Cases: chosen, Else: right},
	}
}

// draw is a sequence of that many blocks.
func (w *world) draw(dice *rand.Rand, size int) []flow.Block {
	var out []flow.Block
	for size > 0 {
		n := 1 + dice.IntN(size)
		var of []flow.Block
		switch {
		case n == 1:
			of = w.blocks(1)
		case n == 2 || dice.IntN(3) == 0:
			of = around(w.draw(dice, n-1))
		default:
			a := 1 + dice.IntN(n-2)
			of = apartFrom(w.draw(dice, a), w.draw(dice, n-1-a))
		}
		out = append(out, of[dice.IntN(len(of))])
		size -= n
	}
	return out
}

// sample are some of the flows of that many blocks that can be published, always the same.
func (w *world) sample(size, n int) iter.Seq[*flow.Flow] {
	return func(yield func(*flow.Flow) bool) {
		dice := rand.New(rand.NewPCG(uint64(size), 1))
		for n > 0 {
			blocks := w.draw(dice, size)
			if dice.IntN(2) == 0 {
				blocks = staged(blocks)
			}
			f := w.flow(blocks)
			if len(f.Check(w.form.Form, nil)) > 0 {
				continue
			}
			if n--; !yield(f) {
				return
			}
		}
	}
}

// staged is a stage with the blocks, and another one behind it.
func staged(blocks []flow.Block) []flow.Block {
	last := flow.Block{Type: flow.Stage, Blocks: []flow.Block{{Type: flow.Task, Who: []flow.Who{{Type: flow.WhoOwner}}}}}
	return []flow.Block{{Type: flow.Stage, Blocks: blocks}, last}
}

// flows are the flows of that many blocks: plain, and as one stage with another behind it.
func (w *world) flows(size int) iter.Seq[*flow.Flow] {
	return func(yield func(*flow.Flow) bool) {
		for _, seq := range w.sequences(size) {
			if !yield(w.flow(seq)) || !yield(w.flow(staged(seq))) {
				return
			}
		}
	}
}

// flow gives every block an id of its own.
func (w *world) flow(blocks []flow.Block) *flow.Flow {
	f := &flow.Flow{Form: "order"}
	f.Key = "orders"
	n := 0
	var name func(blocks []flow.Block) []flow.Block
	name = func(blocks []flow.Block) []flow.Block {
		if blocks == nil {
			return nil
		}
		out := slices.Clone(blocks)
		for i := range out {
			n++
			b := &out[i]
			b.ID = fmt.Sprintf("%s%d", b.Type, n)
			b.Title = definition.Text{"": b.ID}
			b.Blocks, b.Else, b.Late, b.Failed = name(b.Blocks), name(b.Else), name(b.Late), name(b.Failed)
			b.Cases = slices.Clone(b.Cases)
			for j := range b.Cases {
				b.Cases[j].Blocks = name(b.Cases[j].Blocks)
			}
		}
		return out
	}
	f.Blocks = name(blocks)
	return f
}
