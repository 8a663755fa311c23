package expr

import (
	"math"
	"strconv"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/stepwell/stepwell/schemas/problem"
)

// arithmetic declares + - * / % again. The standard ones refuse `amount * 2` and `1 + 0.5`, and cannot be overloaded,
// so the whole function is replaced: an int beside a double is a double.
func arithmetic() []cel.EnvOption {
	list := cel.ListType(cel.TypeParamType("A"))
	same := func(ts ...*cel.Type) [][3]*cel.Type {
		out := make([][3]*cel.Type, len(ts))
		for i, t := range ts {
			out[i] = [3]*cel.Type{t, t, t}
		}
		return out
	}
	i, u, d := cel.IntType, cel.UintType, cel.DoubleType
	ts, dur := cel.TimestampType, cel.DurationType
	numbers := append(same(i, u, d), [3]*cel.Type{i, d, d}, [3]*cel.Type{d, i, d})
	with := func(more ...[3]*cel.Type) [][3]*cel.Type {
		return append(append([][3]*cel.Type{}, numbers...), more...)
	}
	return []cel.EnvOption{
		operator(operators.Add, "add", with(
			[3]*cel.Type{cel.StringType, cel.StringType, cel.StringType}, [3]*cel.Type{cel.BytesType, cel.BytesType, cel.BytesType},
			[3]*cel.Type{list, list, list}, [3]*cel.Type{ts, dur, ts}, [3]*cel.Type{dur, ts, ts}, [3]*cel.Type{dur, dur, dur}),
			func(l, r ref.Val) ref.Val { return via(l, r, traits.Adder.Add) }),
		operator(operators.Subtract, "subtract", with(
			[3]*cel.Type{ts, ts, dur}, [3]*cel.Type{ts, dur, ts}, [3]*cel.Type{dur, dur, dur}),
			func(l, r ref.Val) ref.Val { return via(l, r, traits.Subtractor.Subtract) }),
		operator(operators.Multiply, "multiply", numbers,
			func(l, r ref.Val) ref.Val { return via(l, r, traits.Multiplier.Multiply) }),
		operator(operators.Divide, "divide", numbers,
			func(l, r ref.Val) ref.Val { return via(l, r, traits.Divider.Divide) }),
		operator(operators.Modulo, "modulo", numbers, modulo),
	}
}

func operator(name, id string, sigs [][3]*cel.Type, f func(l, r ref.Val) ref.Val) cel.EnvOption {
	opts := make([]cel.FunctionOpt, 0, len(sigs)+1)
	for n, s := range sigs {
		opts = append(opts, cel.Overload(id+"_"+strconv.Itoa(n), []*cel.Type{s[0], s[1]}, s[2]))
	}
	return cel.Function(name, append(opts, cel.SingletonBinaryBinding(func(l, r ref.Val) ref.Val {
		return f(widen(l, r))
	}))...)
}

// widen makes both sides doubles when one of them is.
func widen(l, r ref.Val) (ref.Val, ref.Val) {
	switch a := l.(type) {
	case types.Int:
		if _, ok := r.(types.Double); ok {
			return types.Double(a), r
		}
	case types.Double:
		if b, ok := r.(types.Int); ok {
			return l, types.Double(b)
		}
	}
	return l, r
}

func via[T any](l, r ref.Val, f func(T, ref.Val) ref.Val) ref.Val {
	t, ok := l.(T)
	if !ok {
		return types.MaybeNoSuchOverloadErr(l)
	}
	return f(t, r)
}

func modulo(l, r ref.Val) ref.Val {
	if a, ok := l.(types.Double); ok {
		if b, ok := r.(types.Double); ok {
			return types.Double(math.Mod(float64(a), float64(b)))
		}
	}
	return via(l, r, traits.Modder.Modulo)
}

// number reads a number; null is a missing value.
func number(v ref.Val) (float64, ref.Val) {
	switch v := v.(type) {
	case types.Double:
		return float64(v), nil
	case types.Int:
		return float64(v), nil
	case types.Uint:
		return float64(v), nil
	default:
		return 0, unfit(v, needNumber)
	}
}

// unfit is the error for an argument of the wrong kind: null is missing, the rest a bad value.
func unfit(v ref.Val, need problem.Text) ref.Val {
	if v == types.NullValue {
		return types.WrapErr(CodeMissing.With(nil))
	}
	if types.IsUnknownOrError(v) {
		return v
	}
	shown := v.Value()
	if _, ok := v.(types.String); !ok {
		shown = typeWord(v.Type().TypeName())
	}
	return types.WrapErr(CodeBadValue.With(valueParams(shown, need)))
}

// whole reads a whole number within ±2^53.
func whole(v ref.Val) (int64, ref.Val) {
	f, bad := number(v)
	if bad != nil {
		return 0, bad
	}
	if f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return 0, types.WrapErr(CodeBadValue.With(valueParams(decimal(f), needWholeNumber)))
	}
	return int64(f), nil
}

// numbersOf reads a list of numbers; blank items are left out.
func numbersOf(v ref.Val) ([]float64, ref.Val) {
	list, ok := v.(traits.Lister)
	if !ok {
		return nil, unfit(v, text("a list", "列表"))
	}
	out := make([]float64, 0, int(list.Size().(types.Int)))
	for it := list.Iterator(); it.HasNext() == types.True; {
		item := it.Next()
		if item == types.NullValue {
			continue
		}
		f, bad := number(item)
		if bad != nil {
			return nil, bad
		}
		out = append(out, f)
	}
	return out, nil
}

func sum(v ref.Val) ref.Val {
	all, bad := numbersOf(v)
	if bad != nil {
		return bad
	}
	var total float64
	for _, f := range all {
		total += f
	}
	return types.Double(total)
}

func avg(v ref.Val) ref.Val {
	all, bad := numbersOf(v)
	if bad != nil {
		return bad
	}
	if len(all) == 0 {
		return types.WrapErr(CodeMissing.With(nil))
	}
	var total float64
	for _, f := range all {
		total += f
	}
	return types.Double(total / float64(len(all)))
}

func extreme(better func(a, b float64) bool) func(...ref.Val) ref.Val {
	return func(args ...ref.Val) ref.Val {
		var all []float64
		if list, ok := args[0].(traits.Lister); ok && len(args) == 1 {
			got, bad := numbersOf(list)
			if bad != nil {
				return bad
			}
			all = got
		} else {
			for _, a := range args {
				f, bad := number(a)
				if bad != nil {
					return bad
				}
				all = append(all, f)
			}
		}
		if len(all) == 0 {
			return types.WrapErr(CodeMissing.With(nil))
		}
		best := all[0]
		for _, f := range all[1:] {
			if better(f, best) {
				best = f
			}
		}
		return types.Double(best)
	}
}

func onNumber(f func(float64) float64) func(ref.Val) ref.Val {
	return func(v ref.Val) ref.Val {
		x, bad := number(v)
		if bad != nil {
			return bad
		}
		return types.Double(f(x))
	}
}

func round(v, digits ref.Val) ref.Val {
	x, bad := number(v)
	if bad != nil {
		return bad
	}
	n, bad := whole(digits)
	if bad != nil {
		return bad
	}
	if n < 0 || n > 10 {
		return types.WrapErr(CodeBadValue.With(valueParams(n, needDigits)))
	}
	return types.Double(roundDecimal(x, int(n)))
}

// roundDecimal rounds the shortest decimal text of x, half away from zero, so that 1.005 gives 1.01 as people expect.
func roundDecimal(x float64, digits int) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return x
	}
	s := strconv.FormatFloat(math.Abs(x), 'f', -1, 64)
	dot := strings.IndexByte(s, '.')
	if dot < 0 || len(s)-dot-1 <= digits {
		return x
	}
	up := s[dot+1+digits] >= '5'
	kept := []byte(s[:dot] + s[dot+1:dot+1+digits])
	for i := len(kept) - 1; up && i >= 0; i-- {
		if up = kept[i] == '9'; up {
			kept[i] = '0'
		} else {
			kept[i]++
		}
	}
	if up {
		kept = append([]byte{'1'}, kept...)
	}
	at := len(kept) - digits
	f, err := strconv.ParseFloat(string(kept[:at])+"."+string(kept[at:]), 64)
	if err != nil || f == 0 {
		return 0
	}
	return math.Copysign(f, x)
}

// decimal writes a number as JavaScript does, so that both sides show the same text.
func decimal(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "+Inf"
	case math.IsInf(f, -1):
		return "-Inf"
	case f == 0:
		return "0"
	}
	if abs := math.Abs(f); abs >= 1e21 || abs < 1e-6 {
		mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
		return mantissa + "e" + exponent[:1] + strings.TrimLeft(exponent[1:], "0")
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
