package value

import (
	"encoding/json"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
)

// Of makes a Value of a Go value: what JSON holds, its named types, and whatever json.Marshal turns into it. Members
// of a map come in the order of their names.
func Of(x any) (Value, error) {
	switch x := x.(type) {
	case nil:
		return Value{Kind: Null}, nil
	case Value:
		return x, nil
	case bool:
		return OfBool(x), nil
	case string:
		return text(x)
	case int:
		return OfInt(int64(x)), nil
	case int64:
		return OfInt(x), nil
	case float64:
		return ofFloat(x)
	case []any:
		return list(x)
	case []string:
		return list(x)
	case map[string]any:
		return ofMap(x)
	case json.Number:
		return Parse(x.String())
	case json.RawMessage:
		return Parse(string(x))
	case json.Marshaler:
		return marshalled(x)
	}
	return reflected(reflect.ValueOf(x))
}

func reflected(r reflect.Value) (Value, error) {
	switch r.Kind() {
	case reflect.String:
		return text(r.String())
	case reflect.Bool:
		return OfBool(r.Bool()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return OfInt(r.Int()), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if n := r.Uint(); n <= math.MaxInt64 {
			return OfInt(int64(n)), nil
		}
		return ofFloat(float64(r.Uint()))
	case reflect.Float32, reflect.Float64:
		return ofFloat(r.Float())
	case reflect.Pointer:
		if r.IsNil() {
			return Value{Kind: Null}, nil
		}
		return Of(r.Elem().Interface())
	case reflect.Slice, reflect.Array:
		if r.Type().Elem().Kind() == reflect.Uint8 {
			return marshalled(r.Interface())
		}
		v := Value{Kind: Array}
		for i := range r.Len() {
			item, err := Of(r.Index(i).Interface())
			if err != nil {
				return Value{}, err
			}
			v.Items = append(v.Items, item)
		}
		return v, nil
	default:
		return marshalled(r.Interface())
	}
}

func marshalled(x any) (Value, error) {
	b, err := json.Marshal(x)
	if err != nil {
		return Value{}, fail("", "a Go value cannot be written as JSON: "+err.Error(), "该值无法转换为 JSON："+err.Error())
	}
	return Parse(string(b))
}

func text(s string) (Value, error) {
	if !valid(s) {
		return Value{}, fail("", "text must be UTF-8 without NUL characters", "文本必须是 UTF-8 且不含 NUL 字符")
	}
	return OfString(s), nil
}

func ofFloat(f float64) (Value, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return Value{}, fail("", strconv.FormatFloat(f, 'g', -1, 64)+" is not a number that JSON knows", "JSON 不支持该数值")
	}
	return OfFloat(f), nil
}

func list[T any](xs []T) (Value, error) {
	v := Value{Kind: Array, Items: make([]Value, len(xs))}
	for i, x := range xs {
		item, err := Of(x)
		if err != nil {
			return Value{}, err
		}
		v.Items[i] = item
	}
	return v, nil
}

func ofMap(m map[string]any) (Value, error) {
	v := Value{Kind: Object, Members: make([]Member, 0, len(m))}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if !valid(name) {
			return Value{}, fail("", "a member name must be UTF-8 without NUL characters", "成员名称必须是 UTF-8 且不含 NUL 字符")
		}
		member, err := Of(m[name])
		if err != nil {
			return Value{}, err
		}
		v.Members = append(v.Members, Member{name, member})
	}
	return v, nil
}
