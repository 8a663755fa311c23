package query

import (
	"maps"
	"slices"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/value"
)

// ChangeOp is what a Change does.
type ChangeOp uint8

// The operations of an update.
const (
	Set ChangeOp = iota
	Inc
	Unset
)

// Change is one step of an update.
type Change struct {
	Op    ChangeOp
	Path  Path
	Value value.Value
}

// ParseUpdate checks an update. The changes come in the order of their paths, and none touches what another does.
func ParseUpdate(u store.Update) ([]Change, error) {
	var out []Change
	var paths []Path
	add := func(op ChangeOp, text string, v value.Value) error {
		at := "/update/" + text
		p, err := ParsePath(at, text)
		if err != nil {
			return err
		}
		if p.Parts[0] == "_id" {
			return refuse(at, "an id cannot change", "ID 不可修改")
		}
		if other, clash := overlap(paths, p); clash {
			return refuse(at, p.Text+" and "+other.Text+" would change the same place", p.Text+" 与 "+other.Text+" 修改了同一位置")
		}
		paths = append(paths, p)
		out = append(out, Change{op, p, v})
		return nil
	}
	for _, text := range slices.Sorted(maps.Keys(u.Set)) {
		v, err := value.Of(u.Set[text])
		if err != nil {
			return nil, refuseValue("/update/"+text, err)
		}
		if err := add(Set, text, v); err != nil {
			return nil, err
		}
	}
	for _, text := range slices.Sorted(maps.Keys(u.Inc)) {
		if err := add(Inc, text, value.OfInt(u.Inc[text])); err != nil {
			return nil, err
		}
	}
	for _, text := range slices.Sorted(slices.Values(u.Unset)) {
		if err := add(Unset, text, value.Value{}); err != nil {
			return nil, err
		}
	}
	if len(out) == 0 {
		return nil, refuse("/update", "the update changes nothing", "更新内容为空")
	}
	slices.SortFunc(out, func(a, b Change) int { return slices.Compare(a.Path.Parts, b.Path.Parts) })
	return out, nil
}

// Seed is the document that an upsert begins with: the equalities of its filter, which must name the id.
func Seed(f Filter) (value.Value, error) {
	doc := value.Value{Kind: value.Object}
	leaves := []Filter{f}
	if f.Op == And {
		leaves = f.Kids
	}
	var rest []value.Member
	for _, l := range leaves {
		switch {
		case l.Op != Eq:
		case l.Path.Text == "_id" && l.Value.Kind == value.String:
			doc.Members = append(doc.Members, value.Member{Name: "_id", Value: l.Value})
		case len(l.Path.Parts) > 1:
			return doc, refuse("/"+l.Path.Text, "an upsert's filter compares top-level members only", "upsert 的条件只能比较顶层成员")
		default:
			rest = append(rest, value.Member{Name: l.Path.Text, Value: l.Value})
		}
	}
	if len(doc.Members) != 1 {
		return doc, refuse("/_id", "an upsert's filter must name the id", "upsert 的条件必须指定 ID")
	}
	doc.Members = append(doc.Members, rest...)
	return doc, nil
}
