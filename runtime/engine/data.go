package engine

import (
	"encoding/json"
	"reflect"
	"time"

	"github.com/stepwell/stepwell/schemas/form"
)

// delta is what of set really changes data, and what stood there. A nil value removes; both are nil when nothing changes.
func delta(data, set map[string]any) (changed, before map[string]any) {
	for k, v := range set {
		old, there := data[k]
		if old == nil {
			there = false
		}
		if (v == nil && !there) || (there && same(old, v)) {
			continue
		}
		if changed == nil {
			changed = make(map[string]any, len(set))
		}
		changed[k] = v
		if there {
			if before == nil {
				before = make(map[string]any, len(set))
			}
			before[k] = old
		}
	}
	return changed, before
}

// same compares two JSON values. Numbers are equal by value, whatever Go type carries them.
func same(a, b any) bool {
	if x, ok := number(a); ok {
		y, ok := number(b)
		return ok && x == y
	}
	switch a := a.(type) {
	case string:
		b, ok := b.(string)
		return ok && a == b
	case bool:
		b, ok := b.(bool)
		return ok && a == b
	case time.Time:
		b, ok := b.(time.Time)
		return ok && a.Equal(b)
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !same(a[i], b[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for k, v := range a {
			if w, there := b[k]; !there || !same(v, w) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(a, b)
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int:
		return float64(v), true
	case int64:
		return float64(v), true
	case json.Number:
		f, err := v.Float64()
		return f, err == nil
	}
	return 0, false
}

// people reads the ids in a person or department field: one, or a list of them.
func people(value any) []string {
	switch v := value.(type) {
	case string:
		if !form.Empty(v) {
			return []string{v}
		}
	case []string:
		return v
	case []any:
		out := make([]string, 0, len(v))
		for _, entry := range v {
			if id, ok := entry.(string); ok && id != "" {
				out = append(out, id)
			}
		}
		return out
	}
	return nil
}
