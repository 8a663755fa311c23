// Package eval answers filters, sort orders and pipelines on JSONB documents exactly as MongoDB does.
package eval

import (
	"bytes"
	"cmp"
	"unicode"
	"unicode/utf8"

	"github.com/stepwell/stepwell/internal/store/embedded/jsonb"
	"github.com/stepwell/stepwell/internal/store/query"
	"github.com/stepwell/stepwell/internal/store/value"
)

// Match is a compiled filter.
type Match func(doc jsonb.Raw) bool

// Compile makes a filter ready to run on many documents.
func Compile(f query.Filter) Match {
	switch f.Op {
	case query.And:
		kids := compileAll(f.Kids)
		return func(doc jsonb.Raw) bool {
			for _, m := range kids {
				if !m(doc) {
					return false
				}
			}
			return true
		}
	case query.Or:
		kids := compileAll(f.Kids)
		return func(doc jsonb.Raw) bool {
			for _, m := range kids {
				if m(doc) {
					return true
				}
			}
			return false
		}
	case query.Not:
		m := Compile(f.Kids[0])
		return func(doc jsonb.Raw) bool { return !m(doc) }
	}
	test, leaf := compileTest(f)
	if len(f.Path.Parts) == 0 { // inside $elemMatch: the element itself
		return Match(test)
	}
	parts := f.Path.Parts
	return func(doc jsonb.Raw) bool { return Visit(doc, parts, leaf, test) }
}

func compileAll(fs []query.Filter) []Match {
	out := make([]Match, len(fs))
	for i, f := range fs {
		out[i] = Compile(f)
	}
	return out
}

// Visit calls fn with every value that a path leads to, until fn returns true, and reports whether it did. The path
// steps into the objects of arrays on its way. With leaf it also calls fn with each element of an array at its end,
// before the array itself. A nil Raw is a value that is missing.
func Visit(doc jsonb.Raw, parts []string, leaf bool, fn func(jsonb.Raw) bool) bool {
	v := doc.Member(parts[0])
	if len(parts) == 1 {
		return leaf && v.Items(fn) || fn(v)
	}
	switch v.Kind() {
	case value.Object:
		return Visit(v, parts[1:], leaf, fn)
	case value.Array:
		return v.Items(func(e jsonb.Raw) bool {
			return e.Kind() == value.Object && Visit(e, parts[1:], leaf, fn)
		})
	default:
		return fn(nil)
	}
}

// compileTest makes the test of one value; leaf says whether elements of an array are tested as well.
func compileTest(f query.Filter) (test func(jsonb.Raw) bool, leaf bool) {
	switch f.Op {
	case query.Eq:
		return equal(f.Value), true
	case query.In:
		return in(f.Values), true
	case query.Gt:
		return compare(f.Value, func(c int) bool { return c > 0 }), true
	case query.Gte:
		return compare(f.Value, func(c int) bool { return c >= 0 }), true
	case query.Lt:
		return compare(f.Value, func(c int) bool { return c < 0 }), true
	case query.Lte:
		return compare(f.Value, func(c int) bool { return c <= 0 }), true
	case query.Match:
		return matchText(f.Text), true
	case query.Exists:
		return func(v jsonb.Raw) bool { return v != nil }, false
	case query.Size:
		return func(v jsonb.Raw) bool { return v.Kind() == value.Array && int64(v.Len()) == f.Size }, false
	case query.ElemIs:
		m := Compile(f.Kids[0])
		return func(v jsonb.Raw) bool { return v.Items(m) }, false
	case query.ElemMatch:
		m := Compile(f.Kids[0])
		return func(v jsonb.Raw) bool {
			return v.Items(func(e jsonb.Raw) bool {
				k := e.Kind()
				return (k == value.Object || k == value.Array) && m(e) // an array is an object without names
			})
		}, false
	}
	return func(jsonb.Raw) bool { return false }, false
}

func equal(v value.Value) func(jsonb.Raw) bool {
	switch v.Kind {
	case value.Null:
		return func(r jsonb.Raw) bool { k := r.Kind(); return k == value.Null || k == value.Missing }
	case value.String:
		return func(r jsonb.Raw) bool { return r.Kind() == value.String && string(r.Payload()) == v.Str }
	default:
		return func(r jsonb.Raw) bool { return value.SameClass(r.Kind(), v.Kind) && compareRaw(r, v) == 0 }
	}
}

func compare(v value.Value, ok func(int) bool) func(jsonb.Raw) bool {
	return func(r jsonb.Raw) bool { return value.SameClass(r.Kind(), v.Kind) && ok(compareRaw(r, v)) }
}

// compareRaw compares two values of one class.
func compareRaw(r jsonb.Raw, v value.Value) int {
	switch v.Kind {
	case value.String:
		return cmp.Compare(string(r.Payload()), v.Str)
	case value.Array, value.Object:
		w, err := r.Value()
		if err != nil {
			return -1
		}
		return value.Compare(w, v)
	default:
		return value.Compare(r.Scalar(), v)
	}
}

func in(vs []value.Value) func(jsonb.Raw) bool {
	texts := map[string]bool{}
	var rest []func(jsonb.Raw) bool
	for _, v := range vs {
		if v.Kind == value.String {
			texts[v.Str] = true
		} else {
			rest = append(rest, equal(v))
		}
	}
	return func(r jsonb.Raw) bool {
		if r.Kind() == value.String {
			return texts[string(r.Payload())]
		}
		for _, eq := range rest {
			if eq(r) {
				return true
			}
		}
		return false
	}
}

func matchText(t query.Text) func(jsonb.Raw) bool {
	find := findText(t)
	return func(r jsonb.Raw) bool { return r.Kind() == value.String && find(r.Payload()) }
}

func findText(t query.Text) func([]byte) bool {
	lit := []byte(t.Literal)
	switch {
	case t.Fold && t.Prefix:
		return func(s []byte) bool { return hasFoldPrefix(s, t.Literal) }
	case t.Fold:
		return func(s []byte) bool {
			for i := 0; i <= len(s); i++ {
				if (i == len(s) || utf8.RuneStart(s[i])) && hasFoldPrefix(s[i:], t.Literal) {
					return true
				}
			}
			return false
		}
	case t.Prefix:
		return func(s []byte) bool { return bytes.HasPrefix(s, lit) }
	default:
		return func(s []byte) bool { return bytes.Contains(s, lit) }
	}
}

// hasFoldPrefix reports whether s begins with prefix, upper and lower case being the same.
func hasFoldPrefix(s []byte, prefix string) bool {
	for _, want := range prefix {
		if len(s) == 0 {
			return false
		}
		got, n := utf8.DecodeRune(s)
		if got != want && !sameFold(got, want) {
			return false
		}
		s = s[n:]
	}
	return true
}

func sameFold(a, b rune) bool {
	if a < utf8.RuneSelf && b < utf8.RuneSelf {
		return a|0x20 == b|0x20 && a|0x20 >= 'a' && a|0x20 <= 'z'
	}
	for r := unicode.SimpleFold(a); r != a; r = unicode.SimpleFold(r) {
		if r == b {
			return true
		}
	}
	return false
}
