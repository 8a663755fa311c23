package form_test

import (
	"encoding/json"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/schemas/failure"
	"github.com/stepwell/stepwell/schemas/form"
)

func decode(t *testing.T, text string) map[string]any {
	t.Helper()
	var v map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &v))
	return v
}

func TestNormalize(t *testing.T) {
	e := compile(t, `{"key":"f","schema":{"properties":{"a":{"x-field":"text"},"when":{"x-field":"dateTime"},"tags":{"x-field":"multiChoice","x-options":[{"value":"x"}]},
		"rows":{"x-field":"subTable","items":{"properties":{"b":{"x-field":"text"},"at":{"x-field":"dateTime"}}}}}}}`)
	for name, c := range map[string]struct{ data, want string }{
		"empty_values_are_left_out":         {`{"a":"  ","when":null,"tags":[]}`, `{}`},
		"moments_are_UTC_with_milliseconds": {`{"when":"2026-03-31T09:30:00+08:00"}`, `{"when":"2026-03-31T01:30:00.000Z"}`},
		"what_is_no_moment_stays":           {`{"when":"soon"}`, `{"when":"soon"}`},
		"rows_keep_their_places":            {`{"rows":[{"b":"","at":"2026-01-01T00:00:00.5Z"},{},{"b":null}]}`, `{"rows":[{"at":"2026-01-01T00:00:00.500Z"},{},{}]}`},
		"text_is_not_trimmed":               {`{"a":" x "}`, `{"a":" x "}`},
		"unknown_members_stay":              {`{"z":1}`, `{"z":1}`},
		"wrong_shapes_stay":                 {`{"rows":["x"],"when":5}`, `{"rows":["x"],"when":5}`},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, decode(t, c.want), e.Normalize(decode(t, c.data)))
		})
	}
}

func TestJSON(t *testing.T) {
	var v validation
	read(t, "testdata/validation/every-type.json", &v)
	e := compile(t, string(v.Form))
	t.Run("is_a_standard_schema_without_extensions", func(t *testing.T) {
		require.NotContains(t, string(e.JSON()), `"x-`)
		_, err := jsonschema.CompileString("form.json", string(e.JSON()))
		require.NoError(t, err)
	})
	t.Run("judges_like_Validate_when_nothing_is_hidden", func(t *testing.T) {
		browser, err := failure.CompileText(e.JSON())
		require.NoError(t, err)
		for _, c := range v.Cases {
			if len(c.Hidden)+len(c.Require) > 0 {
				continue
			}
			ours := e.Validate(c.Data, form.Options{Submit: true})
			require.Equal(t, len(ours) == 0, len(browser.Validate(e.Normalize(c.Data))) == 0, c.Name)
		}
	})
}

func TestDisplay(t *testing.T) {
	e := compile(t, `{"key":"f","recordTitle":"{code} {name} — {level}","schema":{"properties":{"code":{"x-field":"text"},"name":{"x-field":"link","x-link":{"form":"c"}},
		"level":{"x-field":"singleChoice","x-options":[{"value":"a","label":{"zh-CN":"甲","en":"Alpha"}},{"value":"b"}]},"tags":{"x-field":"multiChoice","x-options":[{"value":"x","label":"X"},{"value":"y"}]},
		"money":{"x-field":"money","x-currency":"CNY"},"rate":{"x-field":"percent"},"n":{"x-field":"number","x-decimals":1},"plain":{"x-field":"number"},"yes":{"x-field":"yesNo"},
		"docs":{"x-field":"file"},"rows":{"x-field":"subTable","items":{"properties":{"a":{"x-field":"text"}}}},"who":{"x-field":"person"}}}}`)
	names := func(_ *form.Field, id string) string {
		return map[string]string{"r1": "华东汽配", "u1": "李雷"}[id]
	}
	for _, c := range []struct{ key, value, zh, en string }{
		{"level", `"a"`, "甲", "Alpha"},
		{"level", `"b"`, "b", "b"},
		{"level", `"gone"`, "gone", "gone"},
		{"tags", `["x","y"]`, "X、y", "X, y"},
		{"money", `1234567.5`, "CNY 1,234,567.50", "CNY 1,234,567.50"},
		{"money", `-999`, "CNY -999.00", "CNY -999.00"},
		{"rate", `12.5`, "12.5%", "12.5%"},
		{"n", `3`, "3.0", "3.0"},
		{"plain", `1e21`, "1000000000000000000000", "1000000000000000000000"},
		{"yes", `true`, "是", "Yes"},
		{"docs", `[{"id":"1","name":"a.pdf"},{"id":"2","name":"b.pdf"}]`, "a.pdf、b.pdf", "a.pdf, b.pdf"},
		{"rows", `[{},{}]`, "2 行", "2 rows"},
		{"who", `"u1"`, "李雷", "李雷"},
		{"who", `"u9"`, "u9", "u9"},
		{"who", `null`, "", ""},
	} {
		f, ok := e.Field(c.key)
		require.True(t, ok)
		var v any
		require.NoError(t, json.Unmarshal([]byte(c.value), &v))
		require.Equal(t, c.zh, form.Display(f, v, "zh-CN", names), c.key)
		require.Equal(t, c.en, form.Display(f, v, "en", names), c.key)
	}
	t.Run("a_record_is_named_by_its_fields", func(t *testing.T) {
		require.Equal(t, "K-1 华东汽配 — 甲", e.RecordTitle(decode(t, `{"code":"K-1","name":"r1","level":"a"}`), "zh-CN", names))
		require.Equal(t, "K-1 —", e.RecordTitle(decode(t, `{"code":"K-1"}`), "zh-CN", names))
	})
}

func TestExecutable(t *testing.T) {
	e := compile(t, `{"key":"f","unique":[["code"],["name","region"]],"list":{"indexed":["code","tags","name"]},"schema":{"properties":{
		"code":{"x-field":"text","default":"K"},"name":{"x-field":"text","default":""},"region":{"x-field":"singleChoice","x-options":[{"value":"n"}],"default":"n"},
		"tags":{"x-field":"multiChoice","x-options":[{"value":"x"}],"default":["x"]},"note":{"x-field":"note"},"phone":{"x-field":"phone"},"customer":{"x-field":"link","x-link":{"form":"f"}}}}}`)
	require.Equal(t, map[string]any{"code": "K", "region": "n", "tags": []any{"x"}}, e.Defaults())
	require.Equal(t, []string{"code", "name", "phone"}, e.SearchFields())
	require.Len(t, e.Titles(), 7)
}

func TestSections(t *testing.T) {
	e := compile(t, `{"key":"f","layout":[{"key":"s","show":"form.a == 'x'","fields":["b","c"]},{"key":"t","fields":["d"]}],
		"schema":{"properties":{"a":{"x-field":"text"},"b":{"x-field":"text"},"c":{"x-field":"text","x-show":"form.b == 'y' || true"},"d":{"x-field":"text","x-show":"true"}}}}`)
	show := func(key string) string {
		f, ok := e.Field(key)
		require.True(t, ok)
		return f.Show.CEL
	}
	require.Equal(t, "form.a == 'x'", show("b"))
	require.Equal(t, "(form.a == 'x'\n) && (form.b == 'y' || true\n)", show("c"))
	require.Equal(t, "true", show("d"))
	require.Empty(t, show("a"))
}
