package schemas_test

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/schemas"
	"github.com/stepwell/stepwell/schemas/app"
	"github.com/stepwell/stepwell/schemas/assignment"
	"github.com/stepwell/stepwell/schemas/automation"
	"github.com/stepwell/stepwell/schemas/calendar"
	"github.com/stepwell/stepwell/schemas/channel"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/limit"
	"github.com/stepwell/stepwell/schemas/role"
)

// TestTypes holds the Go types and the JSON Schemas of the kinds to the same members.
func TestTypes(t *testing.T) {
	for kind, typ := range map[definition.Kind]reflect.Type{
		definition.KindApp: reflect.TypeFor[app.App](), definition.KindForm: reflect.TypeFor[form.Form](),
		definition.KindFlow: reflect.TypeFor[flow.Flow](), definition.KindRole: reflect.TypeFor[role.Role](),
		definition.KindCalendar: reflect.TypeFor[calendar.Calendar](), definition.KindChannel: reflect.TypeFor[channel.Channel](),
		definition.KindLimit:      reflect.TypeFor[limit.Limit](),
		definition.KindAutomation: reflect.TypeFor[automation.Automation](),
		definition.KindAssignment: reflect.TypeFor[assignment.Assignment](),
	} {
		t.Run(string(kind)+"_has_the_members_of_its_schema", func(t *testing.T) {
			d := drift{t: t, root: schemaOf(t, kind), seen: map[reflect.Type]bool{}}
			delete(d.root["properties"].(map[string]any), "$schema")
			d.compare(typ, d.root, "")
		})
	}
	t.Run("fields_of_a_form_have_the_extensions_of_its_schema", func(t *testing.T) {
		root := schemaOf(t, definition.KindForm)
		field := root["$defs"].(map[string]any)["field"].(map[string]any)["properties"].(map[string]any)
		var want []string
		for name := range members(reflect.TypeFor[form.Field]()) {
			if strings.HasPrefix(name, "x-") {
				want = append(want, name)
			}
		}
		var got []string
		for name := range field {
			if strings.HasPrefix(name, "x-") {
				got = append(got, name)
			}
		}
		require.ElementsMatch(t, want, got)
	})
}

func schemaOf(t *testing.T, kind definition.Kind) map[string]any {
	t.Helper()
	text, err := schemas.Source(kind)
	require.NoError(t, err)
	var s map[string]any
	require.NoError(t, json.Unmarshal(text, &s))
	return s
}

type drift struct {
	t    *testing.T
	root map[string]any
	seen map[reflect.Type]bool
}

// leaves are types that read themselves.
var leaves = []reflect.Type{reflect.TypeFor[definition.Text](), reflect.TypeFor[definition.Rule](), reflect.TypeFor[json.RawMessage]()}

func (d *drift) compare(typ reflect.Type, schema map[string]any, at string) {
	d.t.Helper()
	if ref, ok := schema["$ref"].(string); ok {
		schema = d.root["$defs"].(map[string]any)[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
	}
	if slices.Contains(leaves, typ) || d.seen[typ] {
		return
	}
	switch typ.Kind() { //nolint:exhaustive // the others have no members
	case reflect.Pointer:
		d.compare(typ.Elem(), schema, at)
	case reflect.Slice:
		d.compare(typ.Elem(), schema["items"].(map[string]any), at+"/items")
	case reflect.Map:
		d.compare(typ.Elem(), schema["additionalProperties"].(map[string]any), at+"/*")
	case reflect.Struct:
		d.seen[typ] = true
		properties := schema["properties"].(map[string]any)
		fields := members(typ)
		require.ElementsMatch(d.t, slices.Sorted(maps.Keys(fields)), slices.Sorted(maps.Keys(properties)), "%s at %s", typ, at)
		for name, field := range fields {
			d.compare(field, properties[name].(map[string]any), at+"/"+name)
		}
	default:
		require.NotEmpty(d.t, schema["type"], at)
	}
}

// members are the JSON members of a struct, those of embedded structs among them.
func members(typ reflect.Type) map[string]reflect.Type {
	out := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(typ) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.Anonymous && name != "" && name != "-" {
			out[name] = f.Type
		}
	}
	return out
}
