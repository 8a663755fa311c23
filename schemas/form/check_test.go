package form_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/schemas/form"
)

func TestCheck(t *testing.T) {
	contact, err := form.Parse([]byte(`{"kind":"form","key":"contact","title":{"zh-CN":"联系人","en":"Contact"},"schema":{"properties":{"name":{"x-field":"text"},"firm":{"x-field":"text"}}}}`))
	require.NoError(t, err)
	files, err := filepath.Glob("testdata/check/*.json")
	require.NoError(t, err)
	for _, file := range files {
		if strings.HasSuffix(file, ".want.json") {
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			f, err := form.Parse(text)
			require.NoError(t, err)
			got := wanted(form.Check(f, map[string]*form.Form{"contact": contact, f.Key: f}))
			require.NotEmpty(t, got)
			golden(t, strings.TrimSuffix(file, ".json")+".want.json", got)
		})
	}
}

func TestFields(t *testing.T) {
	fields := func(t *testing.T, schema string) []form.Field {
		t.Helper()
		f := form.Form{Schema: []byte(schema)}
		out, err := f.Fields()
		require.NoError(t, err)
		return out
	}
	t.Run("the_order_of_the_text_is_kept", func(t *testing.T) {
		var keys strings.Builder
		for _, f := range fields(t, `{"properties":{"z":{},"a":{},"m":{"x-field":"subTable","items":{"properties":{"y":{},"b":{}}}},"k":{}}}`) {
			keys.WriteString(f.Key)
			for _, c := range f.Items {
				keys.WriteString("." + c.Key)
			}
		}
		require.Equal(t, "zam.y.bk", keys.String())
	})
	t.Run("an_ordinary_JSON_Schema_is_a_form", func(t *testing.T) {
		want := map[string]form.FieldType{
			"a": form.Text, "b": form.Number, "c": form.YesNo, "d": form.Date, "e": form.DateTime, "f": form.Email, "g": form.URL,
			"h": form.SingleChoice, "i": form.MultiChoice, "j": form.SubTable,
		}
		for _, f := range fields(t, `{"properties":{"a":{"type":"string"},"b":{"type":"integer"},"c":{"type":"boolean"},"d":{"type":"string","format":"date"},
			"e":{"type":"string","format":"date-time"},"f":{"type":"string","format":"email"},"g":{"type":"string","format":"uri"},"h":{"enum":["x","y"]},
			"i":{"type":"array","items":{"enum":["p"]}},"j":{"type":"array","items":{"properties":{"k":{}}}}}}`) {
			require.Equal(t, want[f.Key], f.Type, f.Key)
			if f.Type == form.SingleChoice {
				require.Len(t, f.Options, 2)
			}
		}
	})
	t.Run("a_plain_title_serves_when_there_is_no_other", func(t *testing.T) {
		got := fields(t, `{"properties":{"a":{"title":"Alpha","description":"First"},"b":{},"c":{"title":"x","x-title":{"zh-CN":"丙"}}}}`)
		require.Equal(t, "Alpha", got[0].Title.In("zh-CN"))
		require.Equal(t, "First", got[0].Help.In("en"))
		require.Equal(t, "b", got[1].Title.In("en"))
		require.Equal(t, "丙", got[2].Title.In("zh-CN"))
	})
	t.Run("what_cannot_be_read_is_an_error", func(t *testing.T) {
		for _, schema := range []string{`{"properties":[]}`, `{"properties":{"a":5}}`, `{"properties":{"a":{"x-options":"b"}}}`, `{`} {
			f := form.Form{Schema: []byte(schema)}
			_, err := f.Fields()
			require.Error(t, err, schema)
		}
	})
}

func TestPortable(t *testing.T) {
	for _, pattern := range []string{
		"", "^[A-Z]{2}-\\d{4}$", "(?:a|b)+?c{2,}", "^\\+?[0-9 ()\\-]{5,}$", "[^\\]\\\\]", "客户[一-龥]+", "\\p{L}\\P{Nd}", "a\\.b\\/c", "\\x41", "[\\d_-]", "\\bword\\B", "^$", "(a)(b)?",
		"[a-]", "a|", "[.*+?]",
	} {
		part, ok := form.Portable(pattern)
		require.True(t, ok, "%s: %s", pattern, part)
	}
	for pattern, part := range map[string]string{
		"(?i)abc": "(?i)", "(?=a)": "(?=a", "(?<n>a)": "(?<n", "(?P<n>a)": "(?P<", "\\s+": "\\s", "\\u4e00": "\\u", "\\p{Han}": "\\p", "\\pL": "\\p", "\\A": "\\A", "\\1": "\\1",
		"a{": "{", "a}": "}", "a]": "]", "[[:alpha:]]": "[", "[]a]": "[]", "[^]": "[]", "^*": "*", "*a": "*", "(*a)": "*", "|+": "+", "\\b+": "+", "[\\d-x]": "-", "\\-": "\\-", "a\\": "\\",
		"\\Qa\\E": "\\Q", "\\z": "\\z", "[\\b]": "\\b", "a**": "*", "a{2}{3}": "{3}",
	} {
		got, ok := form.Portable(pattern)
		require.False(t, ok, pattern)
		require.Equal(t, part, got, pattern)
	}
	for _, pattern := range []string{"(", "[a", "[z-a]", "a{3,2}", "a{1001}"} {
		_, ok := form.Portable(pattern)
		require.False(t, ok, pattern)
	}
}

func FuzzParse(f *testing.F) {
	for _, dir := range []string{"testdata/check/*.json"} {
		files, err := filepath.Glob(dir)
		require.NoError(f, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(f, err)
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		parsed, err := form.Parse(doc)
		if err != nil {
			return
		}
		for _, p := range form.Check(parsed, nil) {
			require.NotEmpty(t, p.Message("zh-CN"))
		}
		if e, problems := form.Compile(parsed); len(problems) == 0 {
			e.Validate(map[string]any{"a": "x"}, form.Options{Submit: true})
		}
	})
}
