package engine

import (
	"slices"

	"github.com/stepwell/stepwell/schemas/flow"
)

// cursor is a place from which the run has yet to go on.
type cursor struct {
	seq *sequence
	in  string
}

// split starts several ways of a block at once. The first is walked at once, the others when it has come to rest. ev says
// what else is to be known of it.
func (r *run) split(b *block, ways []way, ev Event) step {
	ids := make([]string, len(ways))
	for i := range ways {
		ids[i] = ways[i].id
	}
	ev.Ways = ids
	if ev.Need == 0 {
		ev.Need = b.need(len(ways))
	}
	r.hold(b, ev)
	frame := r.in
	if len(ways) == 0 {
		r.release("")
		return goOn
	}
	for i := len(ways) - 1; i > 0; i-- {
		r.todo = append(r.todo, cursor{ways[i].seq, wayID(frame, ids[i])})
	}
	r.in = wayID(frame, ids[0])
	return step{into: ways[0].seq}
}

// need is how many of some ways must be done before the record goes on.
func (b *block) need(ways int) int {
	if b.Type == flow.FirstOf {
		return 1
	}
	switch b.Join {
	case flow.JoinAny:
		return min(ways, 1)
	case flow.JoinCount:
		return min(ways, b.Count)
	case flow.JoinAll:
	}
	return ways
}

// next takes the next place from which to go on, if there is one that still stands.
func (r *run) next() (cursor, bool) {
	for len(r.todo) > 0 {
		c := r.todo[len(r.todo)-1]
		r.todo = r.todo[:len(r.todo)-1]
		if r.c.State.frame(c.in) != nil {
			return c, true
		}
	}
	return cursor{}, false
}

// inclusive starts every case whose condition holds, or else the one that is left.
func (r *run) inclusive(b *block) (step, error) {
	last := len(b.cases) - 1
	var ways []way
	for _, w := range b.cases[:last] {
		holds, err := r.takes(b, w)
		if err != nil {
			return step{}, err
		}
		if holds {
			ways = append(ways, w)
		}
	}
	if len(ways) == 0 {
		ways = b.cases[last:]
	}
	return r.split(b, ways, Event{}), nil
}

// wayDone ends the way in which the run stands, and the whole block when enough of its ways are done.
func (r *run) wayDone(b *block) step {
	s := &r.c.State
	way := *s.frame(r.in)
	r.emit(Event{Kind: WayLeft, Block: b.ID, Frame: way.ID, Case: way.Case})
	f := *s.frame(way.In)
	left := slices.ContainsFunc(s.Frames, func(w Frame) bool { return w.In == f.ID })
	r.in = f.ID
	switch {
	case f.Joined && left:
		return rest
	case !f.Joined && f.Done < f.Need && left:
		return rest
	case !f.Joined && f.Done < f.Need:
		return r.nextElement(b, &f)
	case f.Joined:
		r.release("")
		if s.openIn(r.in) {
			return rest
		}
		return step{into: b.seq, at: len(b.seq.blocks)} // the rest was all that its holder still waited for
	case left && b.Rest == flow.RestFinish:
		r.emit(Event{Kind: BlockJoined, Block: b.ID, Frame: f.ID})
		r.in = f.In
	default:
		r.closeIn(f.ID, nil)
		r.release("")
	}
	return behind(b)
}
