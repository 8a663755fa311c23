package form_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/schemas/form"
)

func TestChecklist(t *testing.T) {
	e := compile(t, `{"key":"f","schema":{"properties":{"steps":{"x-field":"checklist","x-title":"Steps","x-options":[{"value":"call"},{"value":"visit"}]}}}}`)
	f, _ := e.Field("steps")
	for data, want := range map[string][]string{
		`{}`: {"/steps form.required"},
		`{"steps":[{"item":"call","by":"u1","at":"2026-03-02T01:00:00.000Z"}]}`: {"/steps form.unticked"},
		`{"steps":[{"item":"call"},{"item":"visit"}]}`:                          nil,
		`{"steps":[{"item":"call"},{"item":"dance"}]}`:                          {"/steps form.unticked", "/steps/1/item form.enum"},
		`{"steps":[{"item":"call","who":"me"},{"item":"visit"}]}`:               {"/steps/0/who form.unknownField"},
		`{"steps":["call"]}`: {"/steps form.unticked", "/steps/0 form.type"},
	} {
		var got []string
		for _, p := range e.Validate(decode(t, data), form.Options{Submit: true, Require: []string{"steps"}}) {
			got = append(got, p.Pointer+" "+p.Code.ID)
		}
		require.Equal(t, want, got, data)
	}
	require.Empty(t, e.Validate(decode(t, `{"steps":[{"item":"call"}]}`), form.Options{Submit: true}), "an item may be open where nothing asks for all")
	require.Equal(t, "1/2", form.Display(f, decode(t, `{"v":[{"item":"call"}]}`)["v"], "en", nil))
	require.Zero(t, (&form.Field{Type: form.Text}).Unticked("x"))
}
