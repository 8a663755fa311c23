package automation

import (
	"strconv"
	"strings"

	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/schemas/form"
)

// extract takes what the fields of a mapping are filled from; nil for what did not come.
func extract(a *catalog.Automation, body any) map[string]any {
	out := make(map[string]any, len(a.Trigger.Map))
	for key, pointer := range a.Trigger.Map {
		field, ok := a.Of.Exec.Field(key)
		if !ok {
			continue
		}
		out[key] = fit(field, lookUp(body, pointer))
	}
	return out
}

// lookUp finds the value at a JSON pointer (RFC 6901); nil when there is none.
func lookUp(value any, pointer string) any {
	for part := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		switch v := value.(type) {
		case map[string]any:
			value = v[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(v) {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}

// fit gives a value the type of its field where that loses nothing: other systems write numbers as text, and the other way
// round. The form's schema judges the rest.
func fit(field *form.Field, value any) any {
	switch v := value.(type) {
	case string:
		switch {
		case field.Numeric():
			if n, err := strconv.ParseFloat(strings.TrimSpace(v), 64); err == nil {
				return n
			}
		case field.Type == form.YesNo && (v == "true" || v == "false"):
			return v == "true"
		}
	case float64:
		if field.TextLike() {
			return strconv.FormatFloat(v, 'f', -1, 64)
		}
	case bool:
		if field.TextLike() {
			return strconv.FormatBool(v)
		}
	}
	return value
}
