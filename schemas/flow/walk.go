package flow

import (
	"encoding/json"
	"fmt"
	"iter"
	"strconv"

	"github.com/stepwell/stepwell/schemas/definition"
)

// Parse reads a flow document. It takes any well-formed draft; Check says what is missing before it can run.
func Parse(doc []byte) (*Flow, error) {
	var f Flow
	if err := json.Unmarshal(doc, &f); err != nil {
		return nil, fmt.Errorf("read flow: %w", err)
	}
	return &f, nil
}

// Name is what people call the block: its title, or its id when it has none.
func (b *Block) Name() definition.Text {
	if b.Title.Empty() {
		return definition.Text{"": b.ID}
	}
	return b.Title
}

// Waits reports whether the block waits for somebody: it opens a task.
func (b *Block) Waits() bool { return b.Type == Task || b.Type == Approval || b.Type == Checklist }

// Rests reports whether a record may stand still at the block itself.
func (b *Block) Rests() bool {
	return b.Waits() || b.Type == Wait || (b.Await && (b.Type == Create || b.Type == Webhook))
}

// Redone reports whether a record can be sent back to the block.
func (b *Block) Redone() bool { return b.Type == Task || b.Type == Checklist }

// Gathers reports whether the block runs several ways at once and joins them again.
func (b *Block) Gathers() bool {
	return b.Type == Inclusive || b.Type == Parallel || b.Type == ForEach || b.Type == FirstOf
}

// Place is one block and where it stands in the tree.
type Place struct {
	*Block
	Pointer string // JSON pointer into the flow document
	Parent  *Block // the block that holds it; nil at the top
	Case    string // the case of the parent; ElseCase for Else
	Stage   *Block // the enclosing stage, or the block itself when it is one; nil outside of stages
	Each    *Block // the innermost forEach around the block; nil outside of any
	Sub     *Block // the innermost subFlow around the block; nil outside of any
}

// What the ways are called that are not cases.
const (
	ElseCase   = "else"   // of branch and inclusive: no case was taken; no case may be called so
	LateCase   = "late"   // the waiting was over before what was waited for came
	FailedCase = "failed" // what was asked of another system failed for good
)

// All visits every block in the order of the document: a block before what it holds, a case before the next.
func (f *Flow) All() iter.Seq[Place] {
	return func(yield func(Place) bool) {
		walk(f.Blocks, Place{Pointer: "/blocks"}, yield)
	}
}

// walk visits a sequence. in describes the sequence: its pointer, and the holder of its blocks.
func walk(blocks []Block, in Place, yield func(Place) bool) bool {
	for i := range blocks {
		p := in
		p.Block = &blocks[i]
		p.Pointer = in.Pointer + "/" + strconv.Itoa(i)
		if p.Type == Stage && p.Stage == nil {
			p.Stage = p.Block
		}
		if !yield(p) {
			return false
		}
		for _, seq := range p.sequences() {
			if !walk(seq.blocks, seq.in, yield) {
				return false
			}
		}
	}
	return true
}

type sequence struct {
	blocks []Block
	in     Place
}

// sequences are the sequences a block holds, in order.
func (p Place) sequences() []sequence {
	inside := Place{Parent: p.Block, Stage: p.Stage, Each: p.Each, Sub: p.Sub}
	switch p.Type { //nolint:exhaustive // the others look the same from inside
	case ForEach:
		inside.Each = p.Block
	case SubFlow:
		inside.Sub = p.Block
	}
	at := func(pointer, taken string) Place {
		in := inside
		in.Pointer, in.Case = p.Pointer+pointer, taken
		return in
	}
	var out []sequence
	if len(p.Blocks) > 0 {
		out = append(out, sequence{p.Blocks, at("/blocks", "")})
	}
	for i, c := range p.Cases {
		out = append(out, sequence{c.Blocks, at("/cases/"+strconv.Itoa(i)+"/blocks", c.ID)})
	}
	if len(p.Else) > 0 {
		out = append(out, sequence{p.Else, at("/else", ElseCase)})
	}
	if len(p.Late) > 0 {
		out = append(out, sequence{p.Late, at("/late", LateCase)})
	}
	if len(p.Failed) > 0 {
		out = append(out, sequence{p.Failed, at("/failed", FailedCase)})
	}
	return out
}

// Find looks a block up by its id.
func (f *Flow) Find(id string) (Place, bool) {
	for p := range f.All() {
		if p.ID == id {
			return p, true
		}
	}
	return Place{}, false
}

// Stages lists the stages in the order of the path bar. It is empty for a flow without stages.
func (f *Flow) Stages() []*Block {
	var out []*Block
	for i := range f.Blocks {
		if f.Blocks[i].Type == Stage {
			out = append(out, &f.Blocks[i])
		}
	}
	return out
}

// Outcomes lists the end blocks, the first of each outcome, in the order of the document. How a subFlow ends is no outcome
// of the flow.
func (f *Flow) Outcomes() []*Block {
	var out []*Block
	seen := map[string]bool{}
	for p := range f.All() {
		if p.Type == End && p.Sub == nil && !seen[p.Outcome] {
			seen[p.Outcome] = true
			out = append(out, p.Block)
		}
	}
	return out
}
