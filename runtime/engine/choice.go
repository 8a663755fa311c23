package engine

import (
	"slices"

	"github.com/stepwell/stepwell/schemas/flow"
)

// firstOf lets several ways wait at once. Those that wait for something that may be there already come first, so that
// nobody is given a task that is gone the same moment.
func (r *run) firstOf(b *block) step {
	ways := slices.Clone(b.cases)
	slices.SortStableFunc(ways, func(x, y way) int {
		return waitsLast(x) - waitsLast(y)
	})
	return r.split(b, ways, Event{})
}

func waitsLast(w way) int {
	if w.seq.blocks[0].Type == flow.Wait {
		return 0
	}
	return 1
}

// choose keeps one of several ways that wait: what it began with has happened.
func (r *run) choose(id string) {
	s := &r.c.State
	way := *s.frame(id)
	if !slices.ContainsFunc(s.Frames, func(f Frame) bool { return f.In == way.In && f.ID != way.ID }) {
		return
	}
	r.closeIn(way.In, func(frame string) bool { return s.holds(way.ID, frame) })
	r.emit(Event{Kind: WayChosen, Block: way.Block, Frame: way.In, Case: way.Case})
}

// opensChoice reports whether the block is what a way of a firstOf begins with.
func (b *block) opensChoice() bool {
	return b.index == 0 && b.seq.holder != nil && b.seq.holder.Type == flow.FirstOf
}
