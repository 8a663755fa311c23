package records

import (
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/schemas/form"
)

// ticked is the value of a checklist with who ticked what and when. That is never taken from what was sent: an item that was
// ticked before keeps its own, a new one gets whoever acts now. What cannot be an item is left for the schema to refuse.
func (w *work) ticked(before, sent any) any {
	entries, ok := sent.([]any)
	if !ok {
		return sent
	}
	known := map[string]any{}
	old, _ := before.([]any)
	for _, e := range old {
		known[form.ItemOf(e)] = e
	}
	out := make([]any, 0, len(entries))
	taken := map[string]bool{}
	for _, e := range entries {
		item := form.ItemOf(e)
		switch {
		case item == "":
			out = append(out, e)
			continue
		case taken[item]:
			continue
		case known[item] != nil:
			out = append(out, known[item])
		default:
			tick := map[string]any{"item": item, "at": store.FormatTime(w.now)}
			if w.By != "" {
				tick["by"] = w.By
			}
			if members, ok := e.(map[string]any); ok {
				for name, v := range members {
					if name != "item" && name != "by" && name != "at" {
						tick[name] = v // the schema refuses it
					}
				}
			}
			out = append(out, tick)
		}
		taken[item] = true
	}
	if len(out) == 0 {
		return nil
	}
	return out
}
