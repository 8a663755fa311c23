package flow_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/problem"
)

var update = flag.Bool("update", false, "write what was found as what is wanted")

func TestCheck(t *testing.T) {
	order := readForm(t)
	for _, path := range files(t, "testdata/check/valid/*.json") {
		t.Run(filepath.Base(path)+"_has_no_problems", func(t *testing.T) {
			require.Empty(t, describe(readFlow(t, path).Check(order, []string{"boss"})))
		})
	}
	for _, path := range files(t, "testdata/check/invalid/*.json") {
		t.Run(filepath.Base(path)+"_has_the_problems_listed_beside_it", func(t *testing.T) {
			got := describe(readFlow(t, path).Check(order, []string{"boss"}))
			golden := strings.TrimSuffix(path, ".json") + ".txt"
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o600))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), got)
			require.NotContains(t, got, "{", "every place of a wording is filled")
		})
	}
	t.Run("unknown_form_and_roles_are_not_checked", func(t *testing.T) {
		f := readFlow(t, "testdata/check/valid/staged.json")
		f.Blocks[0].Fields["nowhere"] = flow.Read
		f.Blocks[0].Blocks[0].Who = []flow.Who{{Type: flow.WhoRole, Role: "unheardOf"}, {Type: flow.WhoField, Field: "whoever"}}
		require.Empty(t, f.Check(nil, nil))
	})
	t.Run("every_code_is_shown_by_a_test_document", func(t *testing.T) {
		var seen strings.Builder
		for _, path := range append(files(t, "testdata/check/invalid/*.txt"), "testdata/inline/problems.txt") {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			seen.Write(text)
		}
		for _, path := range files(t, "codes*.go") {
			source, err := os.ReadFile(path)
			require.NoError(t, err)
			for line := range strings.Lines(string(source)) {
				if _, id, ok := strings.Cut(line, `problem.Define("`); ok {
					id, _, _ = strings.Cut(id, `"`)
					require.Contains(t, seen.String(), " "+id+"\n")
				}
			}
		}
	})
}

func TestWalk(t *testing.T) {
	f := readFlow(t, "testdata/check/valid/staged.json")
	t.Run("blocks_come_in_document_order_with_their_place", func(t *testing.T) {
		var got []string
		for p := range f.All() {
			stage, parent := "-", "-"
			if p.Stage != nil {
				stage = p.Stage.ID
			}
			if p.Parent != nil {
				parent = p.Parent.ID
			}
			got = append(got, strings.Join([]string{p.ID, p.Pointer, stage, parent, p.Case}, " "))
		}
		require.Equal(t, []string{
			"sample /blocks/0 sample - ",
			"draw /blocks/0/blocks/0 sample sample ",
			"byAmount /blocks/0/blocks/1 sample sample ",
			"boss /blocks/0/blocks/1/cases/0/blocks/0 sample byAmount large",
			"lead /blocks/0/blocks/1/else/0 sample byAmount else",
			"tell /blocks/0/blocks/2 sample sample ",
			"stamp /blocks/1 - - ",
			"ship /blocks/2 ship - ",
			"send /blocks/2/blocks/0 ship ship ",
			"accept /blocks/2/blocks/1 ship ship ",
			"won /blocks/3 - - ",
		}, got)
	})
	t.Run("a_block_is_found_by_its_id", func(t *testing.T) {
		p, ok := f.Find("boss")
		require.True(t, ok)
		require.Equal(t, "large", p.Case)
		_, ok = f.Find("nobody")
		require.False(t, ok)
	})
	t.Run("stages_and_outcomes_are_listed_in_order", func(t *testing.T) {
		require.Equal(t, []string{"sample", "ship"}, ids(f.Stages()))
		require.Equal(t, []string{"won"}, ids(f.Outcomes()))
	})
}

func FuzzCheck(f *testing.F) {
	for _, pattern := range []string{"testdata/check/valid/*.json", "testdata/check/invalid/*.json"} {
		paths, err := filepath.Glob(pattern)
		require.NoError(f, err)
		for _, path := range paths {
			doc, err := os.ReadFile(path)
			require.NoError(f, err)
			f.Add(doc)
		}
	}
	f.Fuzz(func(_ *testing.T, doc []byte) {
		parsed, err := flow.Parse(doc)
		if err != nil {
			return
		}
		describe(parsed.Check(nil, nil))
	})
}

func ids(blocks []*flow.Block) []string {
	out := make([]string, len(blocks))
	for i, b := range blocks {
		out[i] = b.ID
	}
	return out
}

func describe(problems []problem.Problem) string {
	var b strings.Builder
	for _, p := range problems {
		b.WriteString(p.Pointer + " " + p.Code.ID + "\n  " + p.Message("en") + "\n  " + p.Message("zh-CN") + "\n")
	}
	return b.String()
}

func files(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	slices.Sort(paths)
	return paths
}

func readFlow(t *testing.T, path string) *flow.Flow {
	t.Helper()
	doc, err := os.ReadFile(path)
	require.NoError(t, err)
	f, err := flow.Parse(doc)
	require.NoError(t, err)
	return f
}

func readForm(t *testing.T) *form.Form {
	t.Helper()
	doc, err := os.ReadFile("testdata/check/form.json")
	require.NoError(t, err)
	f, err := form.Parse(doc)
	require.NoError(t, err)
	return f
}
