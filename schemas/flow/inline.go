package flow

import (
	"slices"
	"strconv"

	"github.com/stepwell/stepwell/schemas/problem"
)

// Inline gives the flow with the blocks of its sub-flows filled in, at every depth. find is a flow by its key as the flow in
// uses it, nil when there is none. The flow itself is not changed; one without sub-flows is returned as it is.
//
// The id of a block that is filled in is that of its subFlow, "-" and its own. So a record knows one tree whose ids are
// stable across versions, and the version of a sub-flow is pinned with that of the flow around it.
func (f *Flow) Inline(find func(in *Flow, key string) *Flow) (*Flow, []problem.Problem) {
	if len(f.Uses()) == 0 {
		return f, nil
	}
	in := inliner{form: f.Form, find: find, taken: map[string]bool{}}
	for p := range f.All() {
		in.taken[p.ID] = true
	}
	out := *f
	out.Blocks = in.sequence(f.Blocks, "/blocks", "", []*Flow{f})
	return &out, in.problems
}

// Uses are the keys of the flows that the flow itself runs as sub-flows, each once, in the order of the document.
func (f *Flow) Uses() []string {
	var out []string
	for p := range f.All() {
		if p.Type == SubFlow && p.Sub == nil && p.Flow != "" && !slices.Contains(out, p.Flow) {
			out = append(out, p.Flow)
		}
	}
	return out
}

type inliner struct {
	form     string
	find     func(in *Flow, key string) *Flow
	taken    map[string]bool
	at       string // the subFlow in the flow itself that is being filled in
	top      *Block // that one
	problems []problem.Problem
}

// sequence copies blocks. prefix stands before every id; running are the flows around, the innermost last.
func (in *inliner) sequence(blocks []Block, at, prefix string, running []*Flow) []Block {
	if blocks == nil {
		return nil
	}
	out := make([]Block, len(blocks))
	for i := range blocks {
		b := blocks[i]
		pointer := at + problem.Pointer(strconv.Itoa(i))
		if prefix != "" {
			b.ID = prefix + b.ID
			b.ReturnTo = slices.Clone(b.ReturnTo)
			for j, id := range b.ReturnTo {
				b.ReturnTo[j] = prefix + id
			}
			if in.taken[b.ID] {
				in.problems = append(in.problems, ErrSubFlowID.At(in.at, problem.Params{"id": b.ID, "block": in.top.Name()}))
			}
			in.taken[b.ID] = true
		}
		if b.Type == SubFlow {
			b.Blocks = in.fill(&b, pointer, running)
		} else {
			b.Blocks = in.sequence(b.Blocks, pointer+"/blocks", prefix, running)
		}
		b.Cases = slices.Clone(b.Cases)
		for j := range b.Cases {
			b.Cases[j].Blocks = in.sequence(b.Cases[j].Blocks, pointer+problem.Pointer("cases", strconv.Itoa(j), "blocks"), prefix, running)
		}
		b.Else = in.sequence(b.Else, pointer+"/else", prefix, running)
		b.Late = in.sequence(b.Late, pointer+"/late", prefix, running)
		b.Failed = in.sequence(b.Failed, pointer+"/failed", prefix, running)
		out[i] = b
	}
	return out
}

// fill is the content of a subFlow, none when there is something wrong with it.
func (in *inliner) fill(b *Block, at string, running []*Flow) []Block {
	if len(running) == 1 {
		in.at, in.top = at+"/flow", b
	}
	object := func(code *problem.Code) []Block {
		in.problems = append(in.problems, code.At(in.at, problem.Params{"block": b.Name(), "flow": b.Flow}))
		return nil
	}
	if b.Flow == "" {
		return nil // Check says so
	}
	if slices.ContainsFunc(running, func(f *Flow) bool { return f.Key == b.Flow }) {
		return object(ErrSubFlowRecursion)
	}
	sub := in.find(running[len(running)-1], b.Flow)
	switch {
	case sub == nil:
		return object(ErrSubFlowUnknown)
	case sub.Form != in.form:
		return object(ErrSubFlowForm)
	case len(sub.Stages()) > 0:
		return object(ErrSubFlowStaged)
	}
	return in.sequence(sub.Blocks, at+"/blocks", b.ID+"-", append(slices.Clip(running), sub))
}
