package form_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/problem"
)

var update = flag.Bool("update", false, "write what was found as what is wanted")

// want is one expected problem. The wording stands in the golden file to be read, and so that no change of it goes unseen.
type want struct {
	Pointer string `json:"pointer"`
	Code    string `json:"code"`
	En      string `json:"en"`
	Zh      string `json:"zh"`
}

func wanted(problems []problem.Problem) []want {
	out := make([]want, 0, len(problems))
	for _, p := range problems {
		out = append(out, want{Pointer: p.Pointer, Code: p.Code.ID, En: p.Message("en"), Zh: p.Message("zh-CN")})
	}
	return out
}

// validation is one vector file. The browser's tests read the same files.
type validation struct {
	Form  json.RawMessage  `json:"form"`
	Cases []validationCase `json:"cases"`
}

type validationCase struct {
	Name    string         `json:"name"`
	Submit  bool           `json:"submit"`
	Hidden  []string       `json:"hidden,omitempty"`
	Require []string       `json:"require,omitempty"`
	Data    map[string]any `json:"data"`
}

func TestValidate(t *testing.T) {
	files, err := filepath.Glob("testdata/validation/*.json")
	require.NoError(t, err)
	for _, file := range files {
		if strings.HasSuffix(file, ".want.json") {
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) { validationFile(t, file) })
	}
}

func validationFile(t *testing.T, file string) {
	t.Helper()
	var v validation
	read(t, file, &v)
	e := compile(t, string(v.Form))
	got := map[string][]want{}
	for _, c := range v.Cases {
		hidden := map[string]bool{}
		for _, key := range c.Hidden {
			hidden[key] = true
		}
		before, err := json.Marshal(c.Data)
		require.NoError(t, err)
		got[c.Name] = wanted(e.Validate(c.Data, form.Options{Submit: c.Submit, Hidden: hidden, Require: c.Require}))
		after, err := json.Marshal(c.Data)
		require.NoError(t, err)
		require.JSONEq(t, string(before), string(after), "data is left as it was: %s", c.Name)
	}
	golden(t, strings.TrimSuffix(file, ".json")+".want.json", got)
}

func compile(t *testing.T, doc string) *form.Executable {
	t.Helper()
	f, err := form.Parse([]byte(doc))
	require.NoError(t, err)
	e, problems := form.Compile(f)
	require.Empty(t, problems)
	return e
}

func read(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, into), file)
}

// golden compares with a file, or writes it with -update.
func golden(t *testing.T, file string, got any) {
	t.Helper()
	text, err := json.MarshalIndent(got, "", "  ")
	require.NoError(t, err)
	if *update {
		require.NoError(t, os.WriteFile(file, append(text, '\n'), 0o600))
	}
	stored, err := os.ReadFile(file)
	require.NoError(t, err)
	require.JSONEq(t, string(stored), string(text))
}
