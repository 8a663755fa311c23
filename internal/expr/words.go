package expr

import (
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// blanks is what trim removes: the same set in Go and JavaScript, whose own notions of white space differ.
const blanks = " \t\n\v\f\r\u00a0\u3000"

func onText(f func(string) string) func(ref.Val) ref.Val {
	return func(v ref.Val) ref.Val {
		s, ok := v.(types.String)
		if !ok {
			return unfit(v, needText)
		}
		return types.String(f(string(s)))
	}
}

// lower and upper change A to Z only: beyond ASCII the two sides do not agree.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

func upper(s string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			return r + 'A' - 'a'
		}
		return r
	}, s)
}

func trim(s string) string { return strings.Trim(s, blanks) }

func join(v, separator ref.Val) ref.Val {
	list, ok := v.(traits.Lister)
	if !ok {
		return unfit(v, text("a list", "列表"))
	}
	sep, ok := separator.(types.String)
	if !ok {
		return unfit(separator, needText)
	}
	var parts []string
	for it := list.Iterator(); it.HasNext() == types.True; {
		item := it.Next()
		if item == types.NullValue {
			continue
		}
		s, ok := toText(item).(types.String)
		if !ok {
			return unfit(item, needText)
		}
		parts = append(parts, string(s))
	}
	return types.String(strings.Join(parts, string(sep)))
}

func replace(args ...ref.Val) ref.Val {
	var s [3]string
	for i, a := range args {
		t, ok := a.(types.String)
		if !ok {
			return unfit(a, needText)
		}
		s[i] = string(t)
	}
	if s[1] == "" {
		return types.String(s[0])
	}
	return types.String(strings.ReplaceAll(s[0], s[1], s[2]))
}

// edge gives the first or last n characters, all of them when there are fewer.
func edge(last bool) func(v, count ref.Val) ref.Val {
	return func(v, count ref.Val) ref.Val {
		s, ok := v.(types.String)
		if !ok {
			return unfit(v, needText)
		}
		n, bad := whole(count)
		if bad != nil {
			return bad
		}
		runes := []rune(string(s))
		n = min(max(n, 0), int64(len(runes)))
		if last {
			return types.String(runes[int64(len(runes))-n:])
		}
		return types.String(runes[:n])
	}
}

func isBlank(v ref.Val) bool {
	switch v := v.(type) {
	case types.Null:
		return true
	case types.String:
		return trim(string(v)) == ""
	case traits.Lister:
		return v.Size() == types.IntZero
	case traits.Mapper:
		return v.Size() == types.IntZero
	default:
		return false
	}
}

func coalesce(args ...ref.Val) ref.Val {
	for _, a := range args[:len(args)-1] {
		if !isBlank(a) {
			return a
		}
	}
	return args[len(args)-1]
}

// inList asks whether a value is in a list or, when it is itself a list, whether any of its items is.
func inList(v, list ref.Val) ref.Val {
	within, ok := list.(traits.Lister)
	if !ok {
		return unfit(list, text("a list", "列表"))
	}
	several, ok := v.(traits.Lister)
	if !ok {
		return within.Contains(v)
	}
	for it := several.Iterator(); it.HasNext() == types.True; {
		if within.Contains(it.Next()) == types.True {
			return types.True
		}
	}
	return types.False
}
