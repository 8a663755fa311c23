package check_test

import (
	"encoding/json"
	"flag"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/builder/check"
	"github.com/stepwell/stepwell/builder/pack"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/problem"
)

var update = flag.Bool("update", false, "write what was found as what is wanted")

type want struct {
	Ref     string `json:"ref"`
	Pointer string `json:"pointer"`
	Code    string `json:"code"`
}

// testCase changes the app in testdata/base: replace holds new text for old text of a file, remove takes files away.
type testCase struct {
	Replace map[string]map[string]string `json:"replace"`
	Remove  []string                     `json:"remove"`
	Add     map[string]json.RawMessage   `json:"add"`
	Want    []want                       `json:"want"`
}

func TestRun(t *testing.T) {
	t.Run("the_base_app_has_no_problems", func(t *testing.T) {
		require.Empty(t, run(t, base(t)))
	})
	cases, err := filepath.Glob("testdata/cases/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, cases)
	for _, file := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			var c testCase
			require.NoError(t, json.Unmarshal(text, &c))
			got := run(t, c.apply(t, base(t)))
			if *update {
				c.Want = got
				text, err := json.MarshalIndent(c, "", "  ")
				require.NoError(t, err)
				require.NoError(t, os.WriteFile(file, append(text, '\n'), 0o600))
			}
			require.NotEmpty(t, c.Want)
			require.Equal(t, c.Want, got)
		})
	}
}

func base(t *testing.T) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	root := os.DirFS("testdata/base")
	require.NoError(t, fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(root, path)
		out[path] = &fstest.MapFile{Data: text}
		return err
	}))
	return out
}

func (c testCase) apply(t *testing.T, files fstest.MapFS) fstest.MapFS {
	t.Helper()
	for file, edits := range c.Replace {
		require.Contains(t, files, file)
		text := string(files[file].Data)
		for _, old := range slices.Sorted(maps.Keys(edits)) {
			require.Contains(t, text, old)
			text = strings.Replace(text, old, edits[old], 1)
		}
		files[file] = &fstest.MapFile{Data: []byte(text)}
	}
	for _, file := range c.Remove {
		require.Contains(t, files, file)
		delete(files, file)
	}
	for file, text := range c.Add {
		files[file] = &fstest.MapFile{Data: text}
	}
	return files
}

func run(t *testing.T, files fs.FS) []want {
	t.Helper()
	p, err := pack.Read(files)
	require.NoError(t, err)
	set, err := check.Read(p.App.Key, p.Documents)
	require.NoError(t, err)
	var out []want
	for _, f := range set.Run() {
		out = append(out, want{f.Ref.ID(), f.Pointer, f.Code.ID})
	}
	return out
}

func TestWarnings(t *testing.T) {
	warned := func(files fs.FS) (said []string) {
		p, err := pack.Read(files)
		require.NoError(t, err)
		set, err := check.Read(p.App.Key, p.Documents)
		require.NoError(t, err)
		for _, f := range set.Warnings() {
			said = append(said, f.Ref.ID()+f.Pointer+": "+f.Message("en"))
		}
		return said
	}
	titled := testCase{Replace: map[string]map[string]string{"forms/ticket.json": {`"schema": {`: `"recordTitle": "{why} {total}", "schema": {`}}}
	t.Run("title_that_nobody_is_kept_from_is_fine", func(t *testing.T) {
		require.Empty(t, warned(titled.apply(t, base(t))))
	})
	t.Run("title_with_a_field_that_a_role_hides_is_named", func(t *testing.T) {
		c := titled
		c.Add = map[string]json.RawMessage{
			"roles/guest.json": json.RawMessage(`{"kind":"role","key":"guest","title":"Guest","grants":[{"object":"form:ticket","actions":["read"],"fields":{"total":"hidden"}}]}`),
			"roles/clerk.json": json.RawMessage(`{"kind":"role","key":"clerk","title":"Clerk","grants":[{"object":"form:ticket","actions":["read"],"fields":{"total":"hidden"}},{"object":"form:*","actions":["read"]}]}`),
		}
		require.Equal(t, []string{
			"repairs/form/ticket/recordTitle: total stands in the record title, but Guest hides it: people of that role read titles without it, and cannot sort by title.",
		}, warned(c.apply(t, base(t))))
	})
}

func TestChecker(t *testing.T) {
	t.Run("a_further_checker_is_heard_and_said_only_once", func(t *testing.T) {
		p, err := pack.Read(base(t))
		require.NoError(t, err)
		set, err := check.Read(p.App.Key, p.Documents)
		require.NoError(t, err)
		code := problem.Define("test.objection", "I object.", "我反对。")
		object := func(s *check.Set) []check.Finding {
			require.Len(t, s.Forms, 2)
			return []check.Finding{{Ref: definition.Ref{App: s.App, Kind: definition.KindFlow, Key: "repair"}, Problem: code.At("/blocks", nil)}}
		}
		require.Len(t, set.Run(object, object), 1)
	})
}
