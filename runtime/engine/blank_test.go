package engine

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/schemas/form"
)

func TestBlank(t *testing.T) {
	f := &Flow{fields: []form.Field{
		{Key: "steps", Type: form.Checklist, Options: []form.Option{{Value: "call"}, {Value: "visit"}}}, {Key: "tags", Type: form.MultiChoice},
	}}
	tick := func(items ...string) any {
		list := []any{}
		for _, item := range items {
			list = append(list, map[string]any{"item": item})
		}
		return list
	}
	for name, c := range map[string]struct {
		key   string
		value any
		want  bool
	}{
		"nothing_is_blank":                      {"steps", nil, true},
		"a_checklist_with_an_open_item_asks":    {"steps", tick("call"), true},
		"a_checklist_that_is_done_does_not":     {"steps", tick("visit", "call"), false},
		"another_list_needs_one_entry":          {"tags", []any{"x"}, false},
		"a_field_that_the_form_lost_is_no_list": {"gone", []any{"x"}, false},
		"zero_is_an_answer":                     {"tags", 0.0, false},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, f.blank(c.key, c.value)) })
	}
}
