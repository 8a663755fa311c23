package form

import "github.com/stepwell/stepwell/schemas/problem"

// Tick is one item of a checklist field that is done.
type Tick struct {
	Item string `json:"item"`         // value of one of the field's options
	By   string `json:"by,omitempty"` // user id; "" is the system
	At   string `json:"at,omitempty"` // moment
}

// ErrUnticked is a checklist that must be done and is not.
var ErrUnticked = problem.Define("form.unticked", "{field}: {n} items are still open.", "“{field}”还有 {n} 项未完成。")

// ItemOf is the item that one entry of a checklist's value names; "" when it names none.
func ItemOf(entry any) string {
	switch e := entry.(type) {
	case string:
		return e
	case map[string]any:
		item, _ := e["item"].(string)
		return item
	}
	return ""
}

// Unticked counts the items of a checklist that are not done; 0 for any other field.
func (f *Field) Unticked(value any) int {
	if f.Type != Checklist {
		return 0
	}
	ticked := map[string]bool{}
	entries, _ := value.([]any)
	for _, e := range entries {
		ticked[ItemOf(e)] = true
	}
	left := 0
	for _, o := range f.Options {
		if !ticked[o.Value] {
			left++
		}
	}
	return left
}

// ticks is the shape of a checklist's value.
func (r resolver) ticks(out object, f *Field) {
	item := object{"type": "string", "maxLength": maxText}
	r.choices(item, f)
	out["maxItems"] = max(1, len(f.Options))
	out["items"] = object{
		"type": "object", "required": []any{"item"}, "additionalProperties": false,
		"properties": object{
			"item": item,
			"by":   object{"type": "string", "maxLength": maxID},
			"at":   object{"type": "string", "maxLength": maxID},
		},
	}
}
