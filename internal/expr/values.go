package expr

import (
	"encoding/json"
	"math"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/schemas/problem"
)

// adapter turns Go values into CEL ones. JSON knows one kind of number, so every number of the data is a double.
type adapter struct{ types.Adapter }

func newAdapter() adapter { return adapter{types.NewEmptyRegistry()} }

// NativeToValue implements types.Adapter.
func (a adapter) NativeToValue(v any) ref.Val {
	switch v := v.(type) {
	case nil:
		return types.NullValue
	case ref.Val:
		return v
	case string:
		return types.String(v)
	case float64:
		return types.Double(v)
	case bool:
		return types.Bool(v)
	case map[string]any:
		return types.NewStringInterfaceMap(a, v)
	case []any:
		return types.NewDynamicList(a, v)
	case []string:
		return types.NewStringList(a, v)
	case int:
		return types.Double(v)
	case int32:
		return types.Double(v)
	case int64:
		return types.Double(v)
	case json.Number:
		f, err := v.Float64()
		if err != nil {
			return types.WrapErr(CodeBadValue.Because(err, valueParams(v.String(), needNumber)))
		}
		return types.Double(f)
	case time.Time:
		return types.Timestamp{Time: v.Truncate(time.Millisecond)}
	default:
		return a.Adapter.NativeToValue(v)
	}
}

// plain turns a result into what JSON can hold. Numbers become float64, moments the store's text.
func plain(v ref.Val) (any, error) {
	switch v := v.(type) {
	case types.Null:
		return nil, nil //nolint:nilnil // null is a result
	case types.Bool:
		return bool(v), nil
	case types.String:
		return string(v), nil
	case types.Int:
		return float64(v), nil
	case types.Uint:
		return float64(v), nil
	case types.Double:
		f := float64(v)
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, CodeNotFinite.With(nil)
		}
		return f, nil
	case types.Timestamp:
		return store.FormatTime(v.Time), nil
	default:
		return plainCollection(v)
	}
}

func plainCollection(v ref.Val) (any, error) {
	switch v := v.(type) {
	case traits.Lister:
		out := make([]any, 0, int(v.Size().(types.Int)))
		for it := v.Iterator(); it.HasNext() == types.True; {
			item, err := plain(it.Next())
			if err != nil {
				return nil, err
			}
			out = append(out, item)
		}
		return out, nil
	case traits.Mapper:
		out := make(map[string]any, int(v.Size().(types.Int)))
		for it := v.Iterator(); it.HasNext() == types.True; {
			key := it.Next()
			name, ok := key.(types.String)
			if !ok {
				return nil, CodeResult.With(problem.Params{"want": typeWord("map"), "got": typeWord(key.Type().TypeName())})
			}
			item, err := plain(v.Get(key))
			if err != nil {
				return nil, err
			}
			out[string(name)] = item
		}
		return out, nil
	default:
		return nil, CodeResult.With(problem.Params{"want": typeWord("json"), "got": typeWord(v.Type().TypeName())})
	}
}
