package engine

import (
	"cmp"
	"strconv"

	"github.com/stepwell/stepwell/internal/expr"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/problem"
)

// forEach runs the content of a block once for each element that its list field holds now. Rows that are edited, added or
// removed meanwhile change nothing: the elements are kept as they are.
func (r *run) forEach(b *block) (step, error) {
	list := elements(r.c.Data[b.Over])
	if limit := cmp.Or(b.Max, flow.MaxElements); len(list) > limit {
		return step{}, ErrTooMany.With(problem.Params{"step": b.Name(), "count": len(list), "limit": limit})
	}
	ways := make([]way, len(list))
	for i := range ways {
		ways[i] = way{id: strconv.Itoa(i), seq: b.body}
	}
	need := b.need(len(list))
	if b.Order == flow.OrderSequence {
		ways = ways[:min(1, len(ways))]
	}
	return r.split(b, ways, Event{Elements: list, Need: need}), nil
}

// nextElement begins the next element of a forEach that takes one after the other: nothing of it is open.
func (r *run) nextElement(b *block, f *Frame) step {
	if f.Done >= len(f.Items) {
		return rest
	}
	id := strconv.Itoa(f.Done)
	r.emit(Event{Kind: WayEntered, Block: b.ID, Frame: wayID(f.ID, id), In: f.ID, Case: id})
	r.in = wayID(f.ID, id)
	return step{into: b.body}
}

// elements are what a list field holds.
func elements(value any) []any {
	switch v := value.(type) {
	case []any:
		return v
	case []string:
		out := make([]any, len(v))
		for i, text := range v {
			out[i] = text
		}
		return out
	}
	return nil
}

// Element is the element of a forEach for which something in a frame runs, and its position counted from 0. ok is false
// for what stands in none.
func (s *State) Element(frame string) (item any, index int, ok bool) {
	for id := frame; id != ""; {
		f := s.frame(id)
		if f == nil {
			return nil, 0, false
		}
		if up := s.frame(f.In); up != nil && up.Block == f.Block && len(up.Items) > 0 {
			if i, err := strconv.Atoi(f.Case); err == nil && i < len(up.Items) {
				return up.Items[i], i, true
			}
		}
		id = f.In
	}
	return nil, 0, false
}

// showElement puts the element where the run stands before the rules.
func (r *run) showElement() {
	item, index, ok := r.c.State.Element(r.in)
	if !ok {
		delete(r.vars, expr.ItemVar)
		delete(r.vars, expr.IndexVar)
		return
	}
	r.vars[expr.ItemVar], r.vars[expr.IndexVar] = item, float64(index)
}

// elementPeople are the people of the element where the run stands: those in a column of it, or itself.
func (r *run) elementPeople(column string) []string {
	item, _, _ := r.c.State.Element(r.in)
	if row, ok := item.(map[string]any); ok {
		return people(row[column])
	}
	return people(item)
}
