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
		s.Frames = append(s.Frames, Frame{
			ID: ev.Frame, Block: ev.Block, In: ev.In, Case: ev.Case, Need: ev.Need, Items: ev.Elements, Record: ev.Record, Missing: ev.Missing,
		})
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
	case WayChosen:
		for _, f := range slices.Clone(s.Frames) {
			if f.In == ev.Frame && f.Case != ev.Case {
				s.dropFrames(f.ID, ev.Frame)
			}
		}
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

// instance is the open frame of a block that stands in another frame: the one that holds near, else one that does not only
// finish. nil when there is none.
func (s *State) instance(b *block, in, near string) *Frame {
	var found *Frame
	for i := range s.Frames {
		f := &s.Frames[i]
		switch {
		case f.Block != b.ID || f.In != in:
		case s.holds(f.ID, near):
			return f
		case !f.Joined:
			found = f
		}
	}
	return found
}

// wayOf is the way of a block that runs several at once which leads to target: its case, and in a forEach the element that
// holds near. "" when there is none.
func (s *State) wayOf(b *block, f *Frame, target *block, near string) string {
	if b.Type != flow.ForEach {
		return wayID(f.ID, target.takes(b))
	}
	for id := near; id != ""; id = s.holderOf(id) {
		if s.holderOf(id) == f.ID {
			return id
		}
	}
	return ""
}

// hold opens a frame for a block and makes it the place where the run stands. It is an event.
func (r *run) hold(b *block, ev Event) {
	ev.Kind, ev.Block, ev.Frame, ev.In = BlockEntered, b.ID, r.key(b.ID), r.in
	r.emit(ev)
	r.in = ev.Frame
}

// release closes the frame in which the run stands. how is the way on from there: "" for straight on.
func (r *run) release(how string) {
	f := *r.c.State.frame(r.in)
	r.emit(Event{Kind: BlockLeft, Block: f.Block, Frame: f.ID, Case: how})
	r.in = f.In
}

// closeIn closes the open tasks in a frame and drops its timers, but for those for whose frames spare holds.
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
	for i := 0; i < len(s.Deadlines); {
		d := s.Deadlines[i]
		if d.Frame == "" || !s.holds(frame, d.Frame) || (spare != nil && spare(d.Frame)) {
			i++
			continue
		}
		r.emit(Event{Kind: DeadlineCleared, Block: d.Block, Frame: d.Frame, Deadline: d.Key})
	}
}

// closeFor closes what stands in the way when the record goes to target: all that is open in the frame where the run
// stands, but for what only finishes there and was begun before target. nil: everything closes.
func (r *run) closeFor(target *block, exit Exit) {
	s := &r.c.State
	stage := s.Stage
	leaves := stage != "" && (target == nil || target.Type == flow.Stage || target.stage == nil || target.stage.ID != stage)
	if leaves || target == nil {
		r.closeAll(exit)
	}
	if leaves {
		r.leaveStage(stage, exit)
	}
	if leaves || target == nil {
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
		outer := ""
		for ; frame != in; frame = s.holderOf(frame) {
			outer = frame
		}
		return finishes(outer)
	})
	for i := 0; i < len(s.Frames); {
		if f := s.Frames[i]; f.In == in && !finishes(f.ID) {
			r.emit(Event{Kind: BlockLeft, Block: f.Block, Frame: f.ID, Exit: exit})
		} else {
			i++
		}
	}
}

func (r *run) closeAll(exit Exit) {
	r.closeIn("", nil)
	for len(r.c.State.Frames) > 0 {
		f := r.c.State.Frames[0]
		r.emit(Event{Kind: BlockLeft, Block: f.Block, Frame: f.ID, Exit: exit})
	}
	r.in, r.todo = "", nil
}
