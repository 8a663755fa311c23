package engine

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// script is one file of testdata/approvals: a flow in short, and what is done with a record of it.
type script struct {
	Flow   map[string]any `json:"flow"`
	Data   map[string]any `json:"data"` // of the record at first
	Script []stage        `json:"script"`
}

// TestApprovals plays every row of the chapter "Approvals" of docs/flow-semantics.md. The scripts say which row each of their
// commands shows; what must happen stands beside them.
func TestApprovals(t *testing.T) {
	doc, err := os.ReadFile("../../docs/flow-semantics.md")
	require.NoError(t, err)
	rows := rowsOf(string(doc))
	require.NotEmpty(t, rows)
	paths, err := filepath.Glob("testdata/approvals/*.script.json")
	require.NoError(t, err)
	shown := map[string]string{} // row → the script that shows it
	for _, path := range paths {
		var sc script
		readJSON(t, path, &sc)
		for _, s := range sc.Script {
			for _, row := range s.Row {
				require.Contains(t, rows, row, "%s shows a row that the docs do not have", path)
				shown[row] = path
			}
		}
	}
	played := map[string][]happened{}
	for _, row := range rows {
		t.Run(row, func(t *testing.T) {
			require.Contains(t, shown, row, "no script shows it")
			path := shown[row]
			if played[path] == nil {
				played[path] = playScript(t, path)
			}
			checkRow(t, path, row, played[path])
		})
	}
}

// rowsOf are the ids of the rows of the chapter about approvals.
func rowsOf(doc string) []string {
	_, chapter, _ := strings.Cut(doc, "\n## Approvals\n")
	chapter, _, _ = strings.Cut(chapter, "\n## ")
	var out []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-zA-Z.]+)` \\|").FindAllStringSubmatch(chapter, -1) {
		out = append(out, m[1])
	}
	return out
}

// playScript plays a script from its beginning to its end.
func playScript(t *testing.T, path string) []happened {
	t.Helper()
	var sc script
	readJSON(t, path, &sc)
	flow, err := json.Marshal(wordy(sc.Flow))
	require.NoError(t, err)
	form, err := os.ReadFile("testdata/form.json")
	require.NoError(t, err)
	c := Case{ID: "r1", Form: "order", Title: "R1", Owner: "rep", Department: "sales", CreatedBy: "rep", Data: sc.Data}
	if c.Data == nil {
		c.Data = map[string]any{}
	}
	return play(t, scene{Form: form, Flow: flow, Case: c}, sc.Script)
}

// checkRow compares what happened with what is wanted, up to the last command that shows a row.
func checkRow(t *testing.T, path, row string, got []happened) {
	t.Helper()
	var sc script
	readJSON(t, path, &sc)
	end, upTo := 0, 0
	for _, s := range sc.Script {
		for _, there := range []bool{s.Views != "", s.Route != nil, s.Do != nil} {
			if there {
				end++
			}
		}
		if slices.Contains(s.Row, row) {
			upTo = end
		}
	}
	path = strings.TrimSuffix(path, ".script.json") + ".want.json"
	if *update {
		writeWant(t, path, got)
	}
	var want []happened
	readJSON(t, path, &want)
	require.Equal(t, want[:min(upTo, len(want))], got[:upTo])
}

func writeWant(t *testing.T, path string, got []happened) {
	t.Helper()
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	require.NoError(t, enc.Encode(got))
	require.NoError(t, os.WriteFile(path, text.Bytes(), 0o600))
}

// wordy gives a flow the members that every one has, and its blocks titles.
func wordy(flow map[string]any) map[string]any {
	flow["kind"], flow["key"], flow["title"], flow["form"] = "flow", "orders", "Orders", "order"
	entitle(flow)
	return flow
}

func entitle(v any) {
	switch v := v.(type) {
	case map[string]any:
		if id, ok := v["id"].(string); ok && v["type"] != nil && v["title"] == nil {
			v["title"] = strings.ToUpper(id[:1]) + id[1:]
		}
		for _, inner := range v {
			entitle(inner)
		}
	case []any:
		for _, inner := range v {
			entitle(inner)
		}
	}
}
