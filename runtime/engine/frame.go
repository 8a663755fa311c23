package engine

import (
	"slices"
	"strings"

	"github.com/stepwell/stepwell/schemas/flow"
)

// applyFrame opens and closes frames.
func applyFrame(s *State, ev *Event) {
	switch ev.Kind { //nolint:exhaustive // the caller sends events of frames only
	case BlockEntered:
		s.Frames = append(s.Frames, Frame{ID: ev.Frame, Block: ev.Block, In: ev.In, Case: ev.Case, Need: ev.Need})
		for _, way := range ev.Ways {
			s.Frames = append(s.Frames, Frame{ID: wayID(ev.Frame, way), Block: ev.Block, In: ev.Frame, Case: way})
		}
	case WayEntered:
		s.Frames = append(s.Frames, Frame{ID: ev.Frame, Block: ev.Block, In: ev.In, Case: ev.Case})
		if f := s.frame(ev.In); f != nil && ev.Need != 0 {
			f.Need = ev.Need
		}
	case WayLeft:
		if f := s.frame(s.holderOf(ev.Frame)); f != nil {
			f.Done++
		}
		s.dropFrames(ev.Frame, ev.Frame)
	case BlockJoined:
		if f := s.frame(ev.Frame); f != nil {
			f.Joined = true
		}
	case BlockLeft:
		s.dropFrames(ev.Frame, s.holderOf(ev.Frame))
	}
}

func wayID(frame, way string) string { return frame + "." + way }

// frame finds an open frame.
func (s *State) frame(id string) *Frame {
	for i := range s.Frames {
		if s.Frames[i].ID == id {
			return &s.Frames[i]
		}
	}
	return nil
}

// holderOf is the frame in which a frame stands. It knows that of a way that is done too.
func (s *State) holderOf(id string) string {
	if f := s.frame(id); f != nil {
		return f.In
	}
	i := strings.LastIndexByte(id, '.')
	return id[:max(i, 0)]
}

// holds reports whether something in frame inner stands in frame outer; everything stands in "".
func (s *State) holds(outer, inner string) bool {
	for ; inner != outer; inner = s.holderOf(inner) {
		if inner == "" {
			return false
		}
	}
	return true
}

// dropFrames removes a frame with all that it holds. What was passed in there counts as passed in the frame heir.
func (s *State) dropFrames(id, heir string) {
	for i := range s.Passed {
		if p := &s.Passed[i]; p.Frame != "" && s.holds(id, p.Frame) {
			p.Frame = heir
		}
	}
	gone := []string{id} // a frame stands behind the one that holds it
	s.Frames = without(s.Frames, func(f Frame) bool {
		if f.ID != id && !slices.Contains(gone, f.In) {
			return false
		}
		gone = append(gone, f.ID)
		return true
	})
}

// openIn reports whether the record still has something to do in a frame, besides what only finishes there.
func (s *State) openIn(frame string) bool {
	return slices.ContainsFunc(s.Tasks, func(t Task) bool { return t.Frame == frame }) ||
		slices.ContainsFunc(s.Frames, func(f Frame) bool { return f.In == frame })
}

// lingers reports whether something in a frame still finishes after its block was joined.
func (s *State) lingers(frame string) bool {
	return slices.ContainsFunc(s.Frames, func(f Frame) bool { return f.In == frame && f.Joined })
}

// instance is the open frame of a block that stands in another frame; nil when there is none, or only one that finishes.
func (s *State) instance(b *block, in string) *Frame {
	for i := range s.Frames {
		if f := &s.Frames[i]; f.Block == b.ID && f.In == in && !f.Joined {
			return f
		}
	}
	return nil
}

// hold opens a frame for a block and makes it the place where the run stands. It is an event.
func (r *run) hold(b *block, ev Event) {
	ev.Kind, ev.Block, ev.Frame, ev.In = BlockEntered, b.ID, r.key(b.ID), r.in
	r.emit(ev)
	r.in = ev.Frame
}

// release closes the frame in which the run stands.
func (r *run) release() {
	f := *r.c.State.frame(r.in)
	r.emit(Event{Kind: BlockLeft, Block: f.Block, Frame: f.ID})
	r.in = f.In
}

// closeIn closes the open tasks in a frame, but for those for which spare holds.
func (r *run) closeIn(frame string, spare func(frame string) bool) {
	s := &r.c.State
	for i := 0; i < len(s.Tasks); {
		t := s.Tasks[i]
		if !s.holds(frame, t.Frame) || (spare != nil && spare(t.Frame)) {
			i++
			continue
		}
		r.emit(Event{
			Kind: TaskClosed, Task: t.ID, Block: t.Block, TaskKind: t.Kind, Stage: t.Stage, User: r.cmd.Actor, Result: TaskCancelled,
		})
		r.clearDeadline(t.Block, t.ID)
	}
}

// closeFor closes what stands in the way when the record goes to target: all that is open in the frame where the run
// stands, but for what only finishes there and was begun before target. nil: everything closes.
func (r *run) closeFor(target *block, exit Exit) {
	s := &r.c.State
	if stage := s.Stage; stage != "" && (target == nil || target.Type == flow.Stage || target.stage == nil || target.stage.ID != stage) {
		r.closeAll()
		r.leaveStage(stage, exit)
		return
	}
	if target == nil {
		r.closeAll()
		return
	}
	finishes := func(frame string) bool {
		f := s.frame(frame)
		if f == nil || !f.Joined {
			return false
		}
		b := r.flow.byID[f.Block]
		return b.order < target.order && !target.within(b)
	}
	in := r.in
	r.closeIn(in, func(frame string) bool {
		for ; frame != in; frame = s.holderOf(frame) {
			if finishes(frame) {
				return true
			}
		}
		return false
	})
	for i := 0; i < len(s.Frames); {
		if f := s.Frames[i]; f.In == in && !finishes(f.ID) {
			r.emit(Event{Kind: BlockLeft, Block: f.Block, Frame: f.ID})
		} else {
			i++
		}
	}
}

func (r *run) closeAll() {
	r.closeIn("", nil)
	for len(r.c.State.Frames) > 0 {
		f := r.c.State.Frames[0]
		r.emit(Event{Kind: BlockLeft, Block: f.Block, Frame: f.ID})
	}
	r.in, r.todo = "", nil
}
