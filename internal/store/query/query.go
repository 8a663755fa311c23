// Package query reads filters, updates and pipelines into checked trees. Both engines work from these trees and never
// from what the caller handed in, so both understand the same language and refuse the same things: what is not in the
// tree can reach no database.
package query

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/value"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Limits of what is understood.
const (
	MaxPath  = 200     // bytes of a path
	MaxParts = 16      // members in a path
	MaxDepth = 20      // levels of a filter
	MaxList  = 100_000 // values in $in
	MaxNodes = 10_000  // parts of a filter
	MaxID    = 500     // bytes of an id
)

// Path leads to a member: names joined by dots. It steps into the elements of arrays that it meets.
type Path struct {
	Text  string
	Parts []string
}

// ID is the path of a document's id.
var ID = Path{"_id", []string{"_id"}}

func refuse(at, en, zh string) error {
	return store.ErrFilter.With(problem.Params{"at": at, "why": problem.Text{"en": en, "zh-CN": zh}})
}

func refuseValue(at string, err error) error {
	if e, ok := errors.AsType[*value.Error](err); ok {
		return store.ErrFilter.Because(err, problem.Params{"at": at, "why": e.Why})
	}
	return fmt.Errorf("read value at %s: %w", at, err)
}

func sub(at string, name any) string { return at + problem.Pointer(fmt.Sprint(name)) }

// ParsePath checks a path: names of letters, digits, "_" and "-", none of them a bare number.
func ParsePath(at, text string) (Path, error) {
	if text == "" || len(text) > MaxPath {
		return Path{}, refuse(at, fmt.Sprintf("a path has 1 to %d characters", MaxPath), fmt.Sprintf("路径长度应为 1 到 %d 个字符", MaxPath))
	}
	p := Path{Text: text, Parts: strings.Split(text, ".")}
	if len(p.Parts) > MaxParts {
		return Path{}, refuse(at, fmt.Sprintf("a path has at most %d parts", MaxParts), fmt.Sprintf("路径最多 %d 层", MaxParts))
	}
	for _, part := range p.Parts {
		if !name(part) {
			return Path{}, refuse(at, "a path is made of names (letters, digits, _ and -) joined by dots, not "+strconv.Quote(text),
				"路径由名称（字母、数字、_ 和 -）以点号连接组成，而不是 "+strconv.Quote(text))
		}
	}
	return p, nil
}

func name(s string) bool {
	number := true
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', c == '-':
			number = false
		default:
			return false
		}
	}
	return !number
}

// CheckCollection refuses names that not every engine can take for a collection.
func CheckCollection(s string) error {
	ok := s != "" && len(s) <= 120 && (s[0] >= 'a' && s[0] <= 'z' || s[0] >= 'A' && s[0] <= 'Z')
	for i := range len(s) {
		c := s[i]
		ok = ok && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.')
	}
	ok = ok && !strings.Contains(s, "..") && !strings.HasSuffix(s, ".")
	if !ok {
		return refuse("collection", "a collection's name is a letter and then up to 119 letters, digits, _, - or single dots, not "+strconv.Quote(s),
			"集合名称以字母开头，最多 120 个字母、数字、_、- 或不相连的点号，而不是 "+strconv.Quote(s))
	}
	if strings.HasPrefix(s, "system.") || strings.HasPrefix(s, "fs.") { // MongoDB's own, and its files
		return refuse("collection", "names that begin with system. or fs. are taken", "以 system. 或 fs. 开头的集合名称已被保留")
	}
	return nil
}

// CheckID refuses ids that not every engine can keep.
func CheckID(id string) error {
	if id == "" || len(id) > MaxID {
		return refuse("/_id", fmt.Sprintf("an id has 1 to %d bytes", MaxID), fmt.Sprintf("ID 长度应为 1 到 %d 字节", MaxID))
	}
	if _, err := value.Of(id); err != nil {
		return refuseValue("/_id", err)
	}
	return nil
}

// Key is one path to sort by.
type Key struct {
	Path Path
	Desc bool
}

// ParseSort checks sort keys and ends them with the id, so that the order is total.
func ParseSort(at string, keys []store.SortKey) ([]Key, error) {
	out := make([]Key, 0, len(keys)+1)
	for i, k := range keys {
		p, err := ParsePath(sub(at, i), k.Path)
		if err != nil {
			return nil, err
		}
		for _, before := range out {
			if before.Path.Text == p.Text {
				return nil, refuse(sub(at, i), "the same path is sorted by twice", "重复按同一路径排序")
			}
		}
		out = append(out, Key{p, k.Desc})
		if p.Text == "_id" { // ids are unique: what follows never decides
			return out, nil
		}
	}
	if len(out) > 30 {
		return nil, refuse(at, "at most 30 paths can be sorted by", "最多按 30 个路径排序")
	}
	return append(out, Key{ID, len(out) > 0 && out[len(out)-1].Desc}), nil
}

// Query is a checked store.Query.
type Query struct {
	Filter Filter
	Sort   []Key
	Skip   int
	Limit  int
	Fields []Path
}

// Parse checks a query.
func Parse(q store.Query) (Query, error) {
	f, err := ParseFilter(q.Filter)
	if err != nil {
		return Query{}, err
	}
	sort, err := ParseSort("/sort", q.Sort)
	if err != nil {
		return Query{}, err
	}
	if q.Skip < 0 || q.Limit < 0 {
		return Query{}, refuse("/skip", "skip and limit cannot be negative", "skip 和 limit 不能为负数")
	}
	fields, err := parseFields(q.Fields)
	if err != nil {
		return Query{}, err
	}
	return Query{f, sort, q.Skip, q.Limit, fields}, nil
}

func parseFields(texts []string) ([]Path, error) {
	var out []Path
	for i, text := range texts {
		p, err := ParsePath(sub("/fields", i), text)
		if err != nil {
			return nil, err
		}
		if p.Parts[0] == "_id" && len(p.Parts) > 1 {
			return nil, refuse(sub("/fields", i), "an id has no members", "ID 没有成员")
		}
		if other, clash := overlap(out, p); clash && other.Text != p.Text {
			return nil, refuse(sub("/fields", i), p.Text+" overlaps "+other.Text, p.Text+" 与 "+other.Text+" 重叠")
		} else if !clash {
			out = append(out, p)
		}
	}
	return out, nil
}

// overlap finds a path that is p, leads to p or lies below it.
func overlap(paths []Path, p Path) (Path, bool) {
	for _, o := range paths {
		n := min(len(o.Parts), len(p.Parts))
		same := true
		for i := range n {
			same = same && o.Parts[i] == p.Parts[i]
		}
		if same {
			return o, true
		}
	}
	return Path{}, false
}
