package engine

import (
	"slices"

	"github.com/stepwell/stepwell/schemas/form"
)

// blank reports whether a field still asks for something: it is empty, or it is a checklist with open items.
func (f *Flow) blank(key string, value any) bool {
	if form.Empty(value) {
		return true
	}
	if _, list := value.([]any); !list {
		return false
	}
	i := slices.IndexFunc(f.fields, func(fd form.Field) bool { return fd.Key == key })
	return i >= 0 && f.fields[i].Unticked(value) > 0
}
