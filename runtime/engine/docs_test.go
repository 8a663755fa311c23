package engine

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var docRow = regexp.MustCompile("^\\| `([a-z]+(?:\\.[A-Za-z]+)+)` \\|")

// TestDocs holds docs/flow-semantics.md and the scripts in testdata to each other. The chapter about approvals has a test of
// its own.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile("../../docs/flow-semantics.md")
	require.NoError(t, err)
	before, approvals, _ := strings.Cut(string(text), "\n## Approvals\n")
	_, after, _ := strings.Cut(approvals, "\n## ")
	told := map[string]bool{}
	for line := range strings.Lines(before + after) {
		if m := docRow.FindStringSubmatch(line); m != nil {
			require.False(t, told[m[1]], "the row %s is there twice", m[1])
			told[m[1]] = true
		}
	}
	require.NotEmpty(t, told)
	shown := map[string]string{}
	scripts, err := filepath.Glob("testdata/*/script.json")
	require.NoError(t, err)
	for _, path := range scripts {
		var script []stage
		readJSON(t, path, &script)
		for _, s := range script {
			for _, row := range s.Row {
				shown[row] = path
			}
		}
	}
	t.Run("every_row_is_shown_by_a_script", func(t *testing.T) {
		for row := range told {
			require.NotEmpty(t, shown[row], row)
		}
	})
	t.Run("every_row_that_a_script_shows_is_told", func(t *testing.T) {
		for row, path := range shown {
			require.True(t, told[row], "%s of %s", row, path)
		}
	})
	t.Run("every_kind_of_event_is_told", func(t *testing.T) {
		kinds := map[string]bool{}
		for _, path := range scripts {
			doc, err := os.ReadFile(filepath.Join(filepath.Dir(path), "want.json"))
			require.NoError(t, err)
			var steps []happened
			require.NoError(t, json.Unmarshal(doc, &steps))
			for _, step := range steps {
				for _, ev := range step.Events {
					kinds[strings.Fields(ev)[1]] = true
				}
			}
		}
		require.NotEmpty(t, kinds)
		for kind := range kinds {
			require.Contains(t, string(text), "`"+kind, kind)
		}
	})
}
