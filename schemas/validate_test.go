package schemas_test

import (
	"encoding/json"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/schemas"
	"github.com/stepwell/stepwell/schemas/apps"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/problem"
)

var update = flag.Bool("update", false, "write what was found as what is wanted")

type want struct {
	Pointer string `json:"pointer"`
	Code    string `json:"code"`
	En      string `json:"en"`
	Zh      string `json:"zh"`
}

// outcome is what the two strengths say about one invalid document.
type outcome struct {
	Stored    []want `json:"stored"`
	Published []want `json:"published"`
}

func TestEveryKind(t *testing.T) {
	for _, kind := range definition.Kinds() {
		t.Run(string(kind)+"/valid_documents_are_valid_in_both_strengths", func(t *testing.T) {
			for _, file := range documents(t, kind, "valid") {
				doc := load(t, file)
				require.Empty(t, validate(t, kind, doc, true), file)
				require.Empty(t, validate(t, kind, doc, false), file)
			}
		})
		t.Run(string(kind)+"/invalid_documents_give_the_exact_errors", func(t *testing.T) {
			for _, file := range documents(t, kind, "invalid") {
				doc := load(t, file)
				got := outcome{Stored: validate(t, kind, doc, false), Published: validate(t, kind, doc, true)}
				require.NotEmpty(t, got.Published, file)
				golden(t, strings.TrimSuffix(file, ".json")+".want.json", got)
			}
		})
	}
}

func documents(t *testing.T, kind definition.Kind, folder string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(string(kind), "testdata", folder, "*.json"))
	require.NoError(t, err)
	var out []string
	for _, f := range found {
		if !strings.HasSuffix(f, ".want.json") {
			out = append(out, f)
		}
	}
	require.NotEmpty(t, out, "every kind has %s documents", folder)
	return out
}

func TestShippedApps(t *testing.T) {
	folders := map[string]definition.Kind{
		"forms": definition.KindForm, "flows": definition.KindFlow, "roles": definition.KindRole,
		"calendars": definition.KindCalendar, "channels": definition.KindChannel, "limits": definition.KindLimit,
		"automations": definition.KindAutomation, "assignments": definition.KindAssignment,
	}
	keys, err := apps.Keys()
	require.NoError(t, err)
	for _, key := range keys {
		app, err := apps.Open(key)
		require.NoError(t, err)
		for folder, kind := range folders {
			files, err := fs.Glob(app, folder+"/*.json")
			require.NoError(t, err)
			for _, file := range files {
				t.Run(key+"/"+file, func(t *testing.T) {
					doc, err := fs.ReadFile(app, file)
					require.NoError(t, err)
					require.Empty(t, validate(t, kind, doc, true))
				})
			}
		}
	}
}

func TestValidate(t *testing.T) {
	t.Run("what_is_not_JSON_is_refused_with_its_place", func(t *testing.T) {
		got := validate(t, definition.KindForm, []byte("{\n  \"kind\": \"form\",,\n}"), false)
		require.Len(t, got, 1)
		require.Equal(t, "definition.json", got[0].Code)
		require.Contains(t, got[0].En, "Line 2, column 18")
	})
	t.Run("a_second_document_behind_the_first_is_refused", func(t *testing.T) {
		got := validate(t, definition.KindForm, []byte(`{"kind":"form","key":"a"} {}`), false)
		require.Len(t, got, 1)
		require.Equal(t, "definition.json", got[0].Code)
	})
	t.Run("a_member_named_twice_is_refused", func(t *testing.T) {
		got := validate(t, definition.KindForm, []byte(`{"kind":"form","schema":{"properties":{"a":{},"b":[{"c":1}],"a":{}}}}`), false)
		require.Len(t, got, 1)
		require.Equal(t, "definition.twice", got[0].Code)
		require.Equal(t, "/schema/properties/a", got[0].Pointer)
	})
	t.Run("an_unknown_kind_names_the_known_ones", func(t *testing.T) {
		got := validate(t, "poem", []byte(`{}`), true)
		require.Len(t, got, 1)
		require.Contains(t, got[0].Zh, "flow")
	})
	t.Run("an_empty_object_may_be_stored", func(t *testing.T) {
		for _, kind := range definition.Kinds() {
			require.Empty(t, validate(t, kind, []byte(`{}`), false), kind)
			require.NotEmpty(t, validate(t, kind, []byte(`{}`), true), kind)
		}
	})
}

func FuzzValidate(f *testing.F) {
	f.Add([]byte(`{"kind":"form","key":"a","title":"A","schema":{"type":"object","properties":{"x":{"x-field":"text"}}}}`))
	f.Add([]byte(`[[[{"a":{"b":[1,2,{"c":null}]}}]]]`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		for _, kind := range definition.Kinds() {
			problems, err := schemas.Validate(kind, doc, true)
			require.NoError(t, err)
			for _, p := range problems {
				require.NotEmpty(t, p.Message("zh-CN"))
			}
		}
	})
}

func validate(t *testing.T, kind definition.Kind, doc []byte, strict bool) []want {
	t.Helper()
	problems, err := schemas.Validate(kind, doc, strict)
	require.NoError(t, err)
	return wanted(problems)
}

func wanted(problems []problem.Problem) []want {
	out := make([]want, 0, len(problems))
	for _, p := range problems {
		out = append(out, want{Pointer: p.Pointer, Code: p.Code.ID, En: p.Message("en"), Zh: p.Message("zh-CN")})
	}
	return out
}

func load(t *testing.T, file string) []byte {
	t.Helper()
	doc, err := os.ReadFile(file)
	require.NoError(t, err)
	return doc
}

// golden compares with a file, or writes it with -update.
func golden(t *testing.T, file string, got any) {
	t.Helper()
	text, err := json.MarshalIndent(got, "", "  ")
	require.NoError(t, err)
	if *update {
		require.NoError(t, os.WriteFile(file, append(text, '\n'), 0o600))
	}
	require.JSONEq(t, string(load(t, file)), string(text), file)
}
