package store

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/stepwell/stepwell/internal/store/value"
)

// After matches what comes after a document in a sort, so that a list goes on where its last page ended, whatever was
// written in between. last holds at least the id and what is sorted by. It needs a sort by members that hold null,
// numbers, texts and booleans.
func After(sort []SortKey, last Doc) (Filter, error) {
	doc, err := value.Parse(string(last))
	if err != nil {
		return nil, fmt.Errorf("read where the last page ended: %w", err)
	}
	desc := len(sort) > 0 && sort[len(sort)-1].Desc
	keys := append(slices.Clip(sort), SortKey{Path: "_id", Desc: desc})
	var alternatives []Filter
	var same []Filter // equal in all keys so far
	for _, k := range keys {
		v := doc
		for name := range strings.SplitSeq(k.Path, ".") {
			v = v.Member(name)
		}
		for _, beyond := range beyond(k.Path, v, k.Desc) {
			alternatives = append(alternatives, And(append(slices.Clip(same), beyond)...))
		}
		same = append(same, Filter{k.Path: goValue(v)})
		if k.Path == "_id" {
			break
		}
	}
	return Or(alternatives...), nil
}

// beyond matches what sorts after a value of one path, kind by kind, because comparisons keep to their operand's kind.
func beyond(path string, v value.Value, desc bool) []Filter {
	anyNumber, anyText, anyBool := Filter{path: Filter{"$gte": -math.MaxFloat64}}, Filter{path: Filter{"$gte": ""}}, Filter{path: Filter{"$gte": false}}
	null := Filter{path: nil}
	up := []Filter{null, anyNumber, anyText, anyBool}
	if path == "_id" { // always text
		up = nil
	}
	rank := map[value.Kind]int{value.Missing: 0, value.Null: 0, value.Int: 1, value.Float: 1, value.String: 2, value.Bool: 3}[v.Kind]
	var out []Filter
	if rank > 0 {
		op := "$gt"
		if desc {
			op = "$lt"
		}
		out = append(out, Filter{path: Filter{op: goValue(v)}})
	}
	switch {
	case up == nil:
		return out
	case desc:
		return append(out, up[:rank]...)
	default:
		return append(out, up[rank+1:]...)
	}
}

func goValue(v value.Value) any {
	if v.Kind == value.Missing {
		return nil
	}
	return v
}
