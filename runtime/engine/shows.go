package engine

import "github.com/stepwell/stepwell/schemas/flow"

// Shows are the fields that a block names for more than hiding them, and those that the stage around it names so and the
// block itself does not: what the step was made to show. It is all that somebody sees whose roles say nothing about fields.
// Nothing for a block that there is not.
func (f *Flow) Shows(id string) map[string]bool {
	b, ok := f.byID[id]
	if !ok {
		return nil
	}
	out := map[string]bool{}
	if b.stage != nil {
		for key, a := range b.stage.Fields {
			out[key] = a != flow.Hidden
		}
	}
	for key, a := range b.Fields {
		out[key] = a != flow.Hidden
	}
	return out
}
