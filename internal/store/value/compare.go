package value

import (
	"cmp"
	"math"
	"strings"
)

func class(k Kind) Kind {
	if k == Float {
		return Int
	}
	return k
}

// SameClass reports whether two kinds are compared by their content and not by their kind.
func SameClass(a, b Kind) bool { return class(a) == class(b) }

// Compare orders values of any kind: missing, null, numbers, strings, objects, arrays, booleans. Strings compare by
// byte, objects and arrays from their first member on.
func Compare(a, b Value) int {
	if c := cmp.Compare(class(a.Kind), class(b.Kind)); c != 0 {
		return c
	}
	switch a.Kind {
	case Missing, Null:
		return 0
	case Int, Float:
		return compareNumbers(a, b)
	case String:
		return strings.Compare(a.Str, b.Str)
	case Bool:
		return cmp.Compare(a.Int, b.Int)
	case Object:
		return compareObjects(a.Members, b.Members)
	case Array:
		return compareArrays(a.Items, b.Items)
	}
	return 0
}

func compareObjects(a, b []Member) int {
	for i := range min(len(a), len(b)) {
		if c := cmp.Compare(class(a[i].Value.Kind), class(b[i].Value.Kind)); c != 0 {
			return c
		}
		if c := strings.Compare(a[i].Name, b[i].Name); c != 0 {
			return c
		}
		if c := Compare(a[i].Value, b[i].Value); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

func compareArrays(a, b []Value) int {
	for i := range min(len(a), len(b)) {
		if c := Compare(a[i], b[i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

func compareNumbers(a, b Value) int {
	switch {
	case a.Kind == Int && b.Kind == Int:
		return cmp.Compare(a.Int, b.Int)
	case a.Kind == Float && b.Kind == Float:
		return cmp.Compare(a.Float, b.Float)
	case a.Kind == Int:
		return compareIntFloat(a.Int, b.Float)
	default:
		return -compareIntFloat(b.Int, a.Float)
	}
}

// compareIntFloat is exact where converting the integer to a float would round it.
func compareIntFloat(n int64, f float64) int {
	switch {
	case f >= math.MaxInt64: // rounds up to 2^63, which no int64 reaches
		return -1
	case f < math.MinInt64:
		return 1
	}
	if c := cmp.Compare(n, int64(f)); c != 0 {
		return c
	}
	return cmp.Compare(0, f-math.Trunc(f))
}

// Equal reports whether two values compare equal, so 1 equals 1.0.
func Equal(a, b Value) bool { return Compare(a, b) == 0 }
