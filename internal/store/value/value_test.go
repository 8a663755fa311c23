package value_test

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stepwell/stepwell/internal/store/value"
)

func FuzzScan(f *testing.F) {
	for _, s := range []string{`{"a":[1,-2.5e3,"x\u00e9\ud83d\ude00",null,true,{}]}`, `{"a":1,"a":2}`, `[01]`, `"\u0000"`, `-`, `1e999`, `"\ud800"`, "\"\xff\""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := value.Parse(text)
		if err != nil {
			return
		}
		require.True(t, json.Valid([]byte(text)), "what is accepted is JSON")
		var a, b any
		require.NoError(t, json.Unmarshal([]byte(text), &a))
		require.NoError(t, json.Unmarshal(v.JSON(), &b))
		require.Equal(t, a, b, "and says the same")
		again, err := value.Parse(string(v.JSON()))
		require.NoError(t, err)
		require.Equal(t, string(v.JSON()), string(again.JSON()), "in one spelling")
	})
}

func TestCompare(t *testing.T) {
	of := func(x any) value.Value {
		v, err := value.Of(x)
		require.NoError(t, err)
		return v
	}
	t.Run("is_one_order_over_all_kinds", func(t *testing.T) {
		in := []value.Value{
			{},
			of(nil), of(math.MinInt64), of(-1), of(-0.5), of(0), of(0.1), of(1), of(int64(9007199254740992)), of(int64(9007199254740993)), of(math.MaxInt64), of(1e300),
			of(""), of("A"), of("a"), of("中"), of(map[string]any{}), of(map[string]any{"a": 1}), of([]any{}), of([]any{1}), of([]any{1, 0}), of([]any{"a"}), of(false), of(true),
		}
		for i := range in {
			for j := range in {
				require.Equal(t, min(1, max(-1, i-j)), value.Compare(in[i], in[j]), "%d %d", i, j)
			}
		}
	})
	t.Run("integers_and_floats_compare_exactly", rapid.MakeCheck(func(t *rapid.T) {
		n := rapid.Int64().Draw(t, "n")
		f := rapid.OneOf(rapid.Float64(), rapid.Just(float64(n)), rapid.Just(math.Nextafter(float64(n), 0))).Draw(t, "f")
		c := value.Compare(value.OfInt(n), value.OfFloat(f))
		require.Equal(t, -c, value.Compare(value.OfFloat(f), value.OfInt(n)))
		if f > -1<<62 && f < 1<<62 {
			whole := int64(math.Floor(f))
			switch {
			case n > whole:
				require.Equal(t, 1, c)
			case n < whole || float64(whole) < f:
				require.Equal(t, -1, c)
			default:
				require.Equal(t, 0, c)
			}
		}
	}))
}

func TestOf(t *testing.T) {
	type state string
	t.Run("takes_named_types_and_what_marshals", func(t *testing.T) {
		v, err := value.Of([]any{state("open"), []state{"a"}, uint8(7), float32(0.5), json.Number("1.0"), json.RawMessage(`{"a":1}`), (*int)(nil), struct{ B int }{2}})
		require.NoError(t, err)
		require.Equal(t, `["open",["a"],7,0.5,1.0,{"a":1},null,{"B":2}]`, string(v.JSON()))
	})
	t.Run("refuses_what_JSON_cannot_hold", func(t *testing.T) {
		for _, x := range []any{math.NaN(), math.Inf(1), "a\x00b", "\xff", make(chan int), map[string]any{"\x00": 1}, json.Number("x")} {
			_, err := value.Of(x)
			require.Error(t, err)
		}
	})
	t.Run("orders_members_by_name", func(t *testing.T) {
		v, err := value.Of(map[string]any{"b": 1, "a": 2, "c": 3})
		require.NoError(t, err)
		require.True(t, slices.IsSortedFunc(v.Members, func(a, b value.Member) int { return int(a.Name[0]) - int(b.Name[0]) }))
	})
}
