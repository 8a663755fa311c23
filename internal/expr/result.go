package expr

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"github.com/stepwell/stepwell/schemas/problem"
)

// wantRaw admits everything, also what no field can hold; the shared vectors look at such values.
const wantRaw Result = "raw"

// admits reports whether a rule of this static type may be used. Type any value is decided when it is evaluated.
func (r Result) admits(t *cel.Type) bool {
	name := bareType(t)
	if name == "dyn" || name == "null_type" {
		return true
	}
	switch r {
	case wantRaw:
		return true
	case WantBool:
		return name == "bool"
	case WantNumber:
		return name == "int" || name == "double" || name == "uint"
	case WantText:
		return name == "string" || name == "google.protobuf.Timestamp"
	case WantAny:
		return name != "google.protobuf.Duration" && name != "bytes" && name != "type"
	}
	return false
}

// holds reports whether a value is of the wanted kind; a blank one always is.
func (r Result) holds(v any) bool {
	ok := true
	switch r {
	case WantBool:
		_, ok = v.(bool)
	case WantNumber:
		_, ok = v.(float64)
	case WantText:
		_, ok = v.(string)
	case WantAny, wantRaw:
	}
	return ok || v == nil
}

func (r Result) word() problem.Text { return typeWord(string(r)) }

// bareType is a type's name without parameters and without being nullable; an object is a map.
func bareType(t *cel.Type) string {
	if t.Kind() == types.StructKind {
		return "map"
	}
	return t.TypeName()
}
