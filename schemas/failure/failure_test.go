package failure

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestAccept holds the shortcut to its promise: what it accepts, the library accepts.
func TestAccept(t *testing.T) {
	t.Run("never_accepts_what_the_library_refuses", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			source := schemas(2).Draw(t, "schema")
			v, err := Compile(source)
			if err != nil {
				t.Fatalf("compile: %v", err)
			}
			value := values(2).Draw(t, "value")
			if v.accept != nil && v.accept(value) {
				if err := v.schema.Validate(value); err != nil {
					t.Fatalf("accepted, but: %v", err)
				}
			}
		})
	})
	t.Run("takes_the_usual_schema", func(t *testing.T) {
		v := compile(t, `{"type":"object","required":["a"],"additionalProperties":false,"properties":{
			"a":{"type":"string","maxLength":5,"pattern":"^x"},"n":{"type":"number","minimum":0,"multipleOf":0.01},
			"d":{"type":"string","format":"date"},"l":{"type":"array","uniqueItems":true,"items":{"type":"string","enum":["p","q"]}}}}`)
		require.NotNil(t, v.accept)
		require.True(t, v.accept(value(t, `{"a":"xyz","n":19.99,"d":"2028-02-29","l":["q","p"]}`)))
		require.False(t, v.accept(value(t, `{"a":"xyz","n":19.999}`)))
	})
	t.Run("leaves_a_keyword_it_does_not_know_to_the_library", func(t *testing.T) {
		for _, s := range []string{
			`{"type":"string","contentEncoding":"base64"}`, `{"type":["string","null"]}`, `{"not":{"type":"string"}}`, `true`,
			`{"type":"object","properties":{"a":{"$ref":"#/$defs/x"}},"$defs":{"x":{"type":"string"}}}`,
			`{"type":"number","multipleOf":0.25}`, `{"type":"boolean","minimum":3}`, `{"type":"string","format":"uuid"}`,
		} {
			require.Nil(t, compile(t, s).accept, s)
		}
	})
}

func TestValidate(t *testing.T) {
	type fact struct{ Place, Keyword string }
	facts := func(t *testing.T, schema, doc string) []fact {
		t.Helper()
		var out []fact
		for _, f := range compile(t, schema).Validate(value(t, doc)) {
			out = append(out, fact{strings.Join(append([]string{""}, f.Place...), "/"), f.Keyword})
		}
		return out
	}
	t.Run("each_missing_and_each_unknown_member_is_named", func(t *testing.T) {
		got := facts(t, `{"required":["a","b"],"properties":{"a":true,"b":true},"additionalProperties":false}`, `{"x y":1,"c%d":2,"e~f/g":3}`)
		require.ElementsMatch(t, []fact{
			{"/a", "required"}, {"/b", "required"}, {"/c%d", Unknown}, {"/e~f/g", Unknown}, {"/x y", Unknown},
		}, got)
	})
	t.Run("alternatives_are_one_failure", func(t *testing.T) {
		require.Equal(t, []fact{{"/a", "anyOf"}},
			facts(t, `{"properties":{"a":{"anyOf":[{"type":"string","minLength":3},{"type":"number"}]}}}`, `{"a":"x"}`))
	})
	t.Run("what_all_of_several_ask_is_told_one_by_one", func(t *testing.T) {
		require.ElementsMatch(t, []fact{{"", "minLength"}, {"", "pattern"}},
			facts(t, `{"allOf":[{"minLength":3},{"$ref":"#/$defs/p"}],"$defs":{"p":{"pattern":"^y"}}}`, `"x"`))
	})
	t.Run("a_member_that_another_one_asks_for_is_missing", func(t *testing.T) {
		require.Equal(t, []fact{{"/b", "required"}}, facts(t, `{"dependentRequired":{"a":["b"]}}`, `{"a":1}`))
	})
	t.Run("a_condition_tells_what_its_consequence_misses", func(t *testing.T) {
		require.Equal(t, []fact{{"/b", "required"}},
			facts(t, `{"if":{"properties":{"a":{"const":1}}},"then":{"required":["b"]}}`, `{"a":1}`))
	})
	t.Run("limit_and_value_are_given", func(t *testing.T) {
		got := compile(t, `{"properties":{"a":{"items":{"maximum":2,"x-mend":{"en":"less"}}}}}`).Validate(value(t, `{"a":[1,5]}`))
		require.Len(t, got, 1)
		require.Equal(t, []string{"a", "1"}, got[0].Place)
		require.Equal(t, json.Number("2"), got[0].Limit)
		require.InDelta(t, 5.0, got[0].Value, 0)
		require.Equal(t, map[string]any{"en": "less"}, got[0].Mend)
	})
}

func TestCompile(t *testing.T) {
	t.Run("nothing_is_loaded_from_elsewhere", func(t *testing.T) {
		for _, ref := range []string{"file:///etc/passwd", "https://example.com/schema.json", "other.json"} {
			_, err := CompileText([]byte(`{"$ref":"` + ref + `"}`))
			require.ErrorContains(t, err, "may only refer to itself")
		}
	})
	t.Run("what_is_no_schema_is_refused", func(t *testing.T) {
		for _, s := range []string{`{"type":"text"}`, `{"maxLength":-1}`, `{"pattern":"("}`, `5`, `{`} {
			_, err := CompileText([]byte(s))
			require.Error(t, err, s)
		}
	})
}

func compile(t *testing.T, schema string) *Validator {
	t.Helper()
	v, err := CompileText([]byte(schema))
	require.NoError(t, err)
	return v
}

func value(t *testing.T, doc string) any {
	t.Helper()
	var v any
	require.NoError(t, json.Unmarshal([]byte(doc), &v))
	return v
}

var (
	words   = rapid.SampledFrom([]string{"", "a", "ab", "客户", "abcdef", "2026-02-28", "2026-02-30", "2026-02-28T10:00:00Z", "2026-02-28T9:00:00+08:00", "2026-02-28T10:00:00,5Z", "2016-12-31T23:59:60Z"})
	numbers = rapid.OneOf(rapid.Float64Range(-5, 5), rapid.Map(rapid.IntRange(-500, 500), func(n int) float64 { return float64(n) / 100 }),
		rapid.Map(rapid.IntRange(-3, 3), func(n int) float64 { return float64(n) }), rapid.SampledFrom([]float64{0.1, 0.29, 19.99, 1e21, 1e-7, 123456789012.34}))
	limits = rapid.SampledFrom([]json.Number{"0", "1", "-2", "0.1", "0.10000000000000000001", "0.29", "1e0", "2.50"})
)

// schemas are those of values, with keywords of the kind that forms use.
func schemas(depth int) *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any {
		s := map[string]any{}
		maybe := func(keyword string, value func() any) {
			if rapid.Bool().Draw(t, keyword) {
				s[keyword] = value()
			}
		}
		count := func() any { return rapid.IntRange(0, 4).Draw(t, "count") }
		limit := func() any { return limits.Draw(t, "limit") }
		kinds := []string{"string", "number", "integer", "boolean"}
		if depth > 0 {
			kinds = append(kinds, "array", "object")
		}
		s["type"] = rapid.SampledFrom(kinds).Draw(t, "type")
		switch s["type"] {
		case "string":
			maybe("minLength", count)
			maybe("maxLength", count)
			maybe("enum", func() any { return []any{"a", "客户", "2026-02-28"} })
			maybe("format", func() any { return rapid.SampledFrom([]string{"date", "date-time", "email"}).Draw(t, "format") })
			maybe("pattern", func() any { return rapid.SampledFrom([]string{"^a", "^[0-9]{4}", "^$"}).Draw(t, "pattern") })
		case "number", "integer":
			for _, keyword := range []string{"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"} {
				maybe(keyword, limit)
			}
			maybe("multipleOf", func() any { return rapid.SampledFrom([]json.Number{"1", "0.1", "0.01", "0.5"}).Draw(t, "multiple") })
		case "array":
			maybe("minItems", count)
			maybe("maxItems", count)
			maybe("uniqueItems", func() any { return rapid.Bool().Draw(t, "unique") })
			maybe("items", func() any { return schemas(depth-1).Draw(t, "items") })
		case "object":
			maybe("required", func() any { return []any{"a"} })
			maybe("additionalProperties", func() any { return rapid.Bool().Draw(t, "additional") })
			maybe("properties", func() any {
				return map[string]any{"a": schemas(depth-1).Draw(t, "a"), "b": schemas(depth-1).Draw(t, "b")}
			})
		}
		return s
	})
}

func values(depth int) *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any {
		most := 3
		if depth > 0 {
			most = 5
		}
		switch rapid.IntRange(0, most).Draw(t, "kind") {
		case 0:
			return nil
		case 1:
			return rapid.Bool().Draw(t, "bool")
		case 2:
			return words.Draw(t, "word")
		case 3:
			return numbers.Draw(t, "number")
		case 4:
			return rapid.SliceOfN(values(depth-1), 0, 4).Draw(t, "list")
		default:
			return rapid.MapOfN(rapid.SampledFrom([]string{"a", "b", "c"}), values(depth-1), 0, 3).Draw(t, "object")
		}
	})
}
