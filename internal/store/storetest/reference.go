package storetest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strings"

	"github.com/stepwell/stepwell/internal/store"
)

// reference answers queries in the plainest way there is, straight from the caller's filter, to check the engines
// against when no MongoDB is at hand. It knows only what Differential asks for.
type reference struct {
	store.Store // nil: nothing else is asked for
	docs        map[string][]map[string]any
}

// Reference makes an empty reference.
func Reference() store.Store { return &reference{docs: map[string][]map[string]any{}} }

func (*reference) EnsureIndexes(context.Context, string, ...store.Index) error { return nil }

func (r *reference) Apply(_ context.Context, writes ...store.Write) error {
	for _, w := range writes {
		if w.Op == store.OpDelete {
			r.docs[w.Collection] = slices.DeleteFunc(r.docs[w.Collection], func(d map[string]any) bool { return d["_id"] == w.ID })
			continue
		}
		d, err := store.Decode[map[string]any](w.Doc)
		if err != nil {
			return err
		}
		r.docs[w.Collection] = append(r.docs[w.Collection], d)
	}
	return nil
}

func (r *reference) matching(collection string, f map[string]any) []any {
	var out []any
	for _, d := range r.docs[collection] {
		if refMatches(d, f) {
			out = append(out, any(d))
		}
	}
	slices.SortFunc(out, func(a, b any) int {
		return strings.Compare(a.(map[string]any)["_id"].(string), b.(map[string]any)["_id"].(string))
	})
	return out
}

func (r *reference) Count(_ context.Context, collection string, f store.Filter, max int64) (int64, error) {
	n := int64(len(r.matching(collection, f)))
	if max > 0 {
		n = min(n, max)
	}
	return n, nil
}

func (r *reference) Find(_ context.Context, collection string, q store.Query) ([]store.Doc, error) {
	docs := r.matching(collection, q.Filter)
	refSort(docs, q.Sort)
	docs = docs[min(q.Skip, len(docs)):]
	if q.Limit > 0 {
		docs = docs[:min(q.Limit, len(docs))]
	}
	if len(q.Fields) > 0 {
		for i, d := range docs {
			docs[i] = refProject(d, append([]string{"_id"}, q.Fields...))
		}
	}
	return refTexts(docs)
}

func refTexts(docs []any) ([]store.Doc, error) {
	var out []store.Doc
	for _, d := range docs {
		b, err := json.Marshal(d)
		if err != nil {
			return nil, fmt.Errorf("write reference document: %w", err)
		}
		out = append(out, b)
	}
	return out, nil
}

// missing is what a path leads to when there is nothing.
type missing struct{}

// refValues are the values that a path leads to, through the arrays of objects on its way.
func refValues(x any, path []string) []any {
	m, ok := x.(map[string]any)
	if !ok {
		return []any{missing{}}
	}
	v, ok := m[path[0]]
	if !ok {
		return []any{missing{}}
	}
	if len(path) == 1 {
		return []any{v}
	}
	list, ok := v.([]any)
	if !ok {
		return refValues(v, path[1:])
	}
	var out []any
	for _, e := range list {
		if _, ok := e.(map[string]any); ok {
			out = append(out, refValues(e, path[1:])...)
		}
	}
	return out
}

func refMatches(doc any, f map[string]any) bool {
	for key, x := range f {
		switch key {
		case "$and", "$or", "$nor":
			some, all := false, true
			for _, kid := range x.([]any) {
				ok := refMatches(doc, kid.(map[string]any))
				some, all = some || ok, all && ok
			}
			if key == "$and" && !all || key == "$or" && !some || key == "$nor" && some {
				return false
			}
		default:
			ops, ok := x.(map[string]any)
			if !ok {
				ops = map[string]any{"$eq": x}
			}
			if !refTests(refValues(doc, strings.Split(key, ".")), ops) {
				return false
			}
		}
	}
	return true
}

// refTests reports whether every operator is passed by one of the values, or by one of their elements.
func refTests(values []any, ops map[string]any) bool {
	var spread []any
	for _, v := range values {
		if list, ok := v.([]any); ok {
			spread = append(spread, list...)
		}
		spread = append(spread, v)
	}
	for op, operand := range ops {
		ok := false
		switch op {
		case "$options":
			continue
		case "$not":
			ok = !refTests(values, operand.(map[string]any))
		case "$ne":
			ok = !refTests(values, map[string]any{"$eq": operand})
		case "$nin":
			ok = !refTests(values, map[string]any{"$in": operand})
		case "$exists":
			there := slices.ContainsFunc(values, func(v any) bool { return v != missing{} })
			ok = there == operand.(bool)
		case "$all":
			list := operand.([]any)
			ok = len(list) > 0
			for _, want := range list {
				ok = ok && refTests(values, map[string]any{"$eq": want})
			}
		case "$size", "$elemMatch":
			ok = slices.ContainsFunc(values, func(v any) bool { return refTestArray(v, op, operand) })
		default:
			ok = slices.ContainsFunc(spread, func(v any) bool { return refTest(v, op, operand, ops["$options"]) })
		}
		if !ok {
			return false
		}
	}
	return true
}

func refTestArray(v any, op string, operand any) bool {
	list, ok := v.([]any)
	if !ok {
		return false
	}
	if op == "$size" {
		return len(list) == operand.(int)
	}
	f := operand.(map[string]any)
	for key := range f {
		if strings.HasPrefix(key, "$") && key != "$and" && key != "$or" && key != "$nor" {
			return slices.ContainsFunc(list, func(e any) bool { return refTestElement(e, f) })
		}
	}
	return slices.ContainsFunc(list, func(e any) bool {
		if _, isList := e.([]any); isList { // to a filter an array is an object without names
			e = map[string]any{}
		}
		_, isObject := e.(map[string]any)
		return isObject && refMatches(e, f)
	})
}

// refTestElement tests an element alone: of an element that is an array, the elements do not count.
func refTestElement(e any, ops map[string]any) bool {
	for op, operand := range ops {
		ok := false
		switch op {
		case "$ne":
			ok = !refTest(e, "$eq", operand, nil)
		case "$nin":
			ok = !refTest(e, "$in", operand, nil)
		case "$not":
			ok = !refTestElement(e, operand.(map[string]any))
		case "$options":
			ok = true
		case "$all":
			list := operand.([]any)
			ok = len(list) > 0 && !slices.ContainsFunc(list, func(want any) bool { return !refTest(e, "$eq", want, nil) })
		case "$exists":
			ok = operand.(bool)
		case "$size", "$elemMatch":
			ok = refTestArray(e, op, operand)
		default:
			ok = refTest(e, op, operand, ops["$options"])
		}
		if !ok {
			return false
		}
	}
	return true
}

func refTest(v any, op string, operand, options any) bool {
	switch op {
	case "$eq":
		if operand == nil && v == any(missing{}) {
			return true
		}
		return v != any(missing{}) && refCompare(v, operand) == 0
	case "$in":
		return slices.ContainsFunc(operand.([]any), func(x any) bool { return refTest(v, "$eq", x, nil) })
	case "$regex":
		s, ok := v.(string)
		pattern := operand.(string)
		if options == "i" {
			pattern = "(?i)" + pattern
		}
		return ok && regexp.MustCompile(pattern).MatchString(s)
	}
	if refRank(v) != refRank(operand) {
		return false
	}
	c := refCompare(v, operand)
	return op == "$gt" && c > 0 || op == "$gte" && c >= 0 || op == "$lt" && c < 0 || op == "$lte" && c <= 0
}

func refRank(v any) int {
	switch v.(type) {
	case emptyArray:
		return 0
	case missing, nil:
		return 1
	case string:
		return 3
	case map[string]any:
		return 4
	case []any:
		return 5
	case bool:
		return 6
	default:
		return 2
	}
}

func refNumber(v any) *big.Float {
	f, _, err := big.ParseFloat(fmt.Sprint(v), 10, 200, big.ToNearestEven)
	if err != nil {
		return new(big.Float)
	}
	if n, ok := v.(json.Number); ok { // what is no 64-bit integer is a float64
		if _, err := n.Int64(); err != nil {
			d, _ := n.Float64()
			return big.NewFloat(d)
		}
	}
	if d, ok := v.(float64); ok {
		return big.NewFloat(d)
	}
	return f
}

// refCompare is the order over everything. Members of objects are taken to stand in the order of their names.
func refCompare(a, b any) int {
	if ra, rb := refRank(a), refRank(b); ra != rb {
		return ra - rb
	}
	switch a := a.(type) {
	case emptyArray, missing, nil:
		return 0
	case string:
		return strings.Compare(a, b.(string))
	case bool:
		if a == b.(bool) {
			return 0
		} else if a {
			return 1
		}
		return -1
	case []any:
		for i := range min(len(a), len(b.([]any))) {
			if c := refCompare(a[i], b.([]any)[i]); c != 0 {
				return c
			}
		}
		return len(a) - len(b.([]any))
	case map[string]any:
		return refCompareObjects(a, b.(map[string]any))
	default:
		return refNumber(a).Cmp(refNumber(b))
	}
}

func refCompareObjects(a, b map[string]any) int {
	x, y := slices.Sorted(maps.Keys(a)), slices.Sorted(maps.Keys(b))
	for i := range min(len(x), len(y)) {
		v, w := a[x[i]], b[y[i]]
		if c := refRank(v) - refRank(w); c != 0 {
			return c
		}
		if c := strings.Compare(x[i], y[i]); c != 0 {
			return c
		}
		if c := refCompare(v, w); c != 0 {
			return c
		}
	}
	return len(x) - len(y)
}

// emptyArray sorts before null.
type emptyArray struct{}

func refSortKey(doc any, path []string, desc bool) any {
	var all []any
	var walk func(x any, path []string)
	walk = func(x any, path []string) {
		list, isList := x.([]any)
		switch m, isObject := x.(map[string]any); {
		case len(path) == 0 && isList && len(list) == 0:
			all = append(all, emptyArray{})
		case len(path) == 0 && isList:
			all = append(all, list...)
		case len(path) == 0:
			all = append(all, x)
		case isObject:
			if v, ok := m[path[0]]; ok {
				walk(v, path[1:])
			} else {
				all = append(all, nil)
			}
		case isList && len(list) > 0:
			for _, e := range list {
				if _, ok := e.(map[string]any); ok {
					walk(e, path)
				} else {
					all = append(all, nil)
				}
			}
		default:
			all = append(all, nil)
		}
	}
	walk(doc, path)
	if desc {
		return slices.MaxFunc(all, refCompare)
	}
	return slices.MinFunc(all, refCompare)
}

func refSort(docs []any, keys []store.SortKey) {
	keys = slices.Clone(keys)
	if !slices.ContainsFunc(keys, func(k store.SortKey) bool { return k.Path == "_id" }) {
		keys = append(keys, store.SortKey{Path: "_id", Desc: len(keys) > 0 && keys[len(keys)-1].Desc})
	}
	slices.SortStableFunc(docs, func(a, b any) int {
		for _, k := range keys {
			path := strings.Split(k.Path, ".")
			c := refCompare(refSortKey(a, path, k.Desc), refSortKey(b, path, k.Desc))
			if k.Desc {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
}

func refProject(x any, paths []string) any {
	switch x := x.(type) {
	case []any:
		out := []any{}
		for _, e := range x {
			switch e.(type) {
			case []any, map[string]any:
				out = append(out, refProject(e, paths))
			}
		}
		return out
	case map[string]any:
		below := map[string][]string{}
		for _, p := range paths {
			first, rest, _ := strings.Cut(p, ".")
			below[first] = append(below[first], rest)
		}
		out := map[string]any{}
		for name, rests := range below {
			v, ok := x[name]
			_, isObject := v.(map[string]any)
			_, isList := v.([]any)
			switch {
			case !ok:
			case slices.Contains(rests, ""):
				out[name] = v
			case isObject || isList:
				out[name] = refProject(v, rests)
			}
		}
		return out
	}
	return x
}
