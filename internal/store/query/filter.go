package query

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/value"
)

// Op is what a Filter does.
type Op uint8

// The operations of a filter.
const (
	And       Op = iota // all Kids; none: everything
	Or                  // any of Kids
	Not                 // not the only Kid
	Eq                  // Value, or an array that holds it; null also when missing
	Gt                  // more than Value, of its kind
	Gte                 // at least Value, of its kind
	Lt                  // less than Value, of its kind
	Lte                 // at most Value, of its kind
	In                  // any of Values, as Eq
	Exists              // is there, even if null
	Size                // an array of Size elements
	Match               // text that Text matches
	ElemMatch           // an array, an element of which (an object) matches the Kids
	ElemIs              // an array, an element of which passes the Kids, whose paths are empty
)

// Filter is one node of a checked filter.
type Filter struct {
	Op     Op
	Path   Path
	Kids   []Filter
	Value  value.Value
	Values []value.Value
	Text   Text
	Size   int64
}

// Text is the pattern of Match: a literal somewhere in a text, or at its beginning.
type Text struct {
	Literal string
	Prefix  bool
	Fold    bool // upper and lower case are the same
}

// Everything reports whether the filter matches every document.
func (f Filter) Everything() bool { return f.Op == And && len(f.Kids) == 0 }

// Pattern is the regular expression of a Text.
func (t Text) Pattern() string {
	if t.Prefix {
		return "^" + regexp.QuoteMeta(t.Literal)
	}
	return regexp.QuoteMeta(t.Literal)
}

type filterParser struct{ nodes int }

// ParseFilter checks a filter.
func ParseFilter(f store.Filter) (Filter, error) {
	var p filterParser
	return p.document("", f, 0)
}

func (p *filterParser) step(at string, depth int) error {
	p.nodes++
	if depth > MaxDepth || p.nodes > MaxNodes {
		return refuse(at, "the filter is too large", "筛选条件过于复杂")
	}
	return nil
}

// conjunction joins filters, and takes in the parts of those that are conjunctions themselves.
func conjunction(kids []Filter) Filter {
	var flat []Filter
	for _, k := range kids {
		if k.Op == And {
			flat = append(flat, k.Kids...)
		} else {
			flat = append(flat, k)
		}
	}
	if len(flat) == 1 {
		return flat[0]
	}
	return Filter{Op: And, Kids: flat}
}

func negation(f Filter) Filter { return Filter{Op: Not, Kids: []Filter{f}} }

func (p *filterParser) document(at string, f map[string]any, depth int) (Filter, error) {
	if err := p.step(at, depth); err != nil {
		return Filter{}, err
	}
	var kids []Filter
	for _, name := range slices.Sorted(maps.Keys(f)) {
		var kid Filter
		var err error
		if strings.HasPrefix(name, "$") {
			kid, err = p.logic(sub(at, name), name, f[name], depth)
		} else {
			kid, err = p.member(sub(at, name), name, f[name], depth)
		}
		if err != nil {
			return Filter{}, err
		}
		kids = append(kids, kid)
	}
	return conjunction(kids), nil
}

func (p *filterParser) logic(at, op string, x any, depth int) (Filter, error) {
	if op != "$and" && op != "$or" && op != "$nor" {
		return Filter{}, refuse(at, "the operator "+op+" is not known here", "此处不支持操作符 "+op)
	}
	docs, ok := documents(x)
	if !ok || len(docs) == 0 {
		return Filter{}, refuse(at, op+" takes a list of filters that is not empty", op+" 需要非空的条件列表")
	}
	kids := make([]Filter, len(docs))
	for i, d := range docs {
		kid, err := p.document(sub(at, i), d, depth+1)
		if err != nil {
			return Filter{}, err
		}
		kids[i] = kid
	}
	switch op {
	case "$and":
		return conjunction(kids), nil
	case "$or":
		return Filter{Op: Or, Kids: kids}, nil
	default:
		return negation(Filter{Op: Or, Kids: kids}), nil
	}
}

// documents reads a list of objects however Go spells it.
func documents(x any) ([]map[string]any, bool) {
	switch x := x.(type) {
	case []map[string]any:
		return x, true
	case []any:
		out := make([]map[string]any, len(x))
		for i, d := range x {
			m, ok := d.(map[string]any)
			if !ok {
				return nil, false
			}
			out[i] = m
		}
		return out, true
	}
	return nil, false
}

func (p *filterParser) member(at, text string, x any, depth int) (Filter, error) {
	path, err := ParsePath(at, text)
	if err != nil {
		return Filter{}, err
	}
	if m, ok := x.(map[string]any); ok {
		return p.operators(at, path, m, depth+1)
	}
	return p.equal(at, path, x)
}

func (p *filterParser) equal(at string, path Path, x any) (Filter, error) {
	v, err := operand(at, x)
	return Filter{Op: Eq, Path: path, Value: v}, err
}

// operand reads what is compared with: no objects, whose equality would hang on the order of their members.
func operand(at string, x any) (value.Value, error) {
	v, err := value.Of(x)
	if err != nil {
		return v, refuseValue(at, err)
	}
	if hasObject(v) {
		return v, refuse(at, "whole objects are not compared; compare their members", "不能比较整个对象，请逐个比较其成员")
	}
	return v, nil
}

func hasObject(v value.Value) bool {
	return v.Kind == value.Object || slices.ContainsFunc(v.Items, hasObject)
}

func (p *filterParser) operators(at string, path Path, m map[string]any, depth int) (Filter, error) {
	if err := p.step(at, depth); err != nil {
		return Filter{}, err
	}
	if len(m) == 0 {
		return Filter{}, refuse(at, "an operator is missing", "缺少操作符")
	}
	var kids []Filter
	for _, op := range slices.Sorted(maps.Keys(m)) {
		if op == "$options" {
			if _, ok := m["$regex"]; !ok {
				return Filter{}, refuse(sub(at, op), "$options stands beside $regex", "$options 必须与 $regex 一起使用")
			}
			continue
		}
		kid, err := p.operator(sub(at, op), path, op, m, depth)
		if err != nil {
			return Filter{}, err
		}
		kids = append(kids, kid)
	}
	return conjunction(kids), nil
}

var comparisons = map[string]Op{"$gt": Gt, "$gte": Gte, "$lt": Lt, "$lte": Lte}

func (p *filterParser) operator(at string, path Path, op string, m map[string]any, depth int) (Filter, error) {
	x := m[op]
	switch op {
	case "$eq":
		return p.equal(at, path, x)
	case "$ne":
		f, err := p.equal(at, path, x)
		return negation(f), err
	case "$gt", "$gte", "$lt", "$lte":
		return compare(at, path, comparisons[op], x)
	case "$in":
		return in(at, path, x)
	case "$nin":
		f, err := in(at, path, x)
		return negation(f), err
	case "$all":
		return p.all(at, path, x)
	case "$exists":
		is, ok := x.(bool)
		if !ok {
			return Filter{}, refuse(at, "$exists takes true or false", "$exists 只接受 true 或 false")
		}
		f := Filter{Op: Exists, Path: path}
		if !is {
			f = negation(f)
		}
		return f, nil
	case "$size":
		v, err := value.Of(x)
		if err != nil || v.Kind != value.Int || v.Int < 0 || v.Int > 1<<31-1 {
			return Filter{}, refuse(at, "$size takes a whole number from 0 on", "$size 需要非负整数")
		}
		return Filter{Op: Size, Path: path, Size: v.Int}, nil
	case "$regex":
		t, err := text(at, x, m["$options"])
		return Filter{Op: Match, Path: path, Text: t}, err
	case "$not":
		inner, ok := x.(map[string]any)
		if !ok {
			return Filter{}, refuse(at, "$not takes operators", "$not 需要操作符")
		}
		f, err := p.operators(at, path, inner, depth+1)
		return negation(f), err
	case "$elemMatch":
		return p.elemMatch(at, path, x, depth)
	}
	return Filter{}, refuse(at, "the operator "+op+" is not known here", "此处不支持操作符 "+op)
}

func compare(at string, path Path, op Op, x any) (Filter, error) {
	v, err := operand(at, x)
	if err != nil {
		return Filter{}, err
	}
	if !v.IsNumber() && v.Kind != value.String && v.Kind != value.Bool {
		return Filter{}, refuse(at, "only numbers, texts and true or false can be compared by size", "只有数字、文本和布尔值可以比较大小")
	}
	return Filter{Op: op, Path: path, Value: v}, nil
}

func in(at string, path Path, x any) (Filter, error) {
	v, err := operand(at, x)
	if err != nil {
		return Filter{}, err
	}
	if v.Kind != value.Array || len(v.Items) > MaxList {
		return Filter{}, refuse(at, fmt.Sprintf("a list of at most %d values must stand here", MaxList), fmt.Sprintf("此处应为列表，最多 %d 个值", MaxList))
	}
	for i, item := range v.Items {
		if item.Kind == value.Array {
			return Filter{}, refuse(sub(at, i), "a list inside this list is not understood", "列表中不能再包含列表")
		}
	}
	return Filter{Op: In, Path: path, Values: v.Items}, nil
}

func (p *filterParser) all(at string, path Path, x any) (Filter, error) {
	f, err := in(at, path, x)
	if err != nil {
		return Filter{}, err
	}
	if len(f.Values) == 0 { // as in MongoDB: nothing has all of nothing
		return Filter{Op: Or}, nil
	}
	kids := make([]Filter, len(f.Values))
	for i, v := range f.Values {
		kids[i] = Filter{Op: Eq, Path: path, Value: v}
	}
	if p.nodes += len(kids); p.nodes > MaxNodes {
		return Filter{}, refuse(at, "the filter is too large", "筛选条件过于复杂")
	}
	return conjunction(kids), nil
}

func (p *filterParser) elemMatch(at string, path Path, x any, depth int) (Filter, error) {
	m, ok := x.(map[string]any)
	if !ok || len(m) == 0 {
		return Filter{}, refuse(at, "$elemMatch takes a filter for one element", "$elemMatch 需要针对元素的条件")
	}
	for name := range m {
		if strings.HasPrefix(name, "$") && name != "$and" && name != "$or" && name != "$nor" {
			f, err := p.operators(at, Path{}, m, depth+1)
			return Filter{Op: ElemIs, Path: path, Kids: []Filter{f}}, err
		}
	}
	f, err := p.document(at, m, depth+1)
	return Filter{Op: ElemMatch, Path: path, Kids: []Filter{f}}, err
}

// text reads a pattern: a quoted literal, with "^" before it or not. Anything else of regular expressions is refused,
// because the engines would not agree on it and some of it takes forever.
func text(at string, x, options any) (Text, error) {
	var t Text
	pattern, ok := x.(string)
	if !ok {
		return t, refuse(at, "$regex takes a text", "$regex 需要文本")
	}
	switch options {
	case nil, "":
	case "i":
		t.Fold = true
	default:
		return t, refuse(at, `the only option is "i"`, `唯一支持的选项是 "i"`)
	}
	pattern, t.Prefix = strings.CutPrefix(pattern, "^")
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		if c == '\\' && i+1 < len(pattern) && strings.IndexByte(`\.+*?()|[]{}^$/-#&~`, pattern[i+1]) >= 0 {
			i++
			c = pattern[i]
		} else if strings.IndexByte(`\.+*?()|[]{}^$`, c) >= 0 {
			return t, refuse(at, "only a beginning or a part of the text can be searched for, special characters quoted",
				"仅支持按开头或包含的文本查找，特殊字符需要转义")
		}
		b.WriteByte(c)
	}
	t.Literal = b.String()
	if _, err := value.Of(t.Literal); err != nil {
		return t, refuseValue(at, err)
	}
	return t, nil
}
