package engine

import "github.com/stepwell/stepwell/schemas/flow"

// sub is the innermost subFlow around the block; nil outside of any.
func (b *block) sub() *block {
	for at := b.seq.holder; at != nil; at = at.seq.holder {
		if at.Type == flow.SubFlow {
			return at
		}
	}
	return nil
}

// ending ends the innermost sub-flow in which the run stands, or the flow itself. by is the block that says so.
func (r *run) ending(outcome, by string) (step, error) {
	s := &r.c.State
	for in := r.in; in != ""; in = s.holderOf(in) {
		f := s.frame(in)
		if f == nil {
			break
		}
		b := r.flow.byID[f.Block]
		if b == nil || b.Type != flow.SubFlow {
			continue
		}
		around := f.In
		r.closeIn(in, nil)
		r.emit(Event{Kind: BlockLeft, Block: b.ID, Frame: in, Outcome: outcome})
		r.in = around
		if b.Result != "" {
			if err := r.change(b.ID, map[string]any{b.Result: outcome}); err != nil {
				return step{}, err
			}
		}
		return behind(b), nil
	}
	r.end(outcome, by)
	return rest, nil
}

// finish is ending for a command.
func (r *run) finish(outcome, by string) error {
	next, err := r.ending(outcome, by)
	if err != nil || next.rest {
		return err
	}
	return r.walk(next.into, next.at)
}
