package flow_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/schemas"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
)

func TestDocs(t *testing.T) {
	text, err := os.ReadFile("../../docs/flow-blocks.md")
	require.NoError(t, err)
	shown := map[string]bool{}
	parts := strings.Split(string(text), "```json\n")
	require.Greater(t, len(parts), 8)
	for _, part := range parts[1:] {
		block, _, _ := strings.Cut(part, "```")
		doc := `{"kind": "flow", "key": "x", "title": "X", "form": "order", "blocks": [` + block + `]}`
		problems, err := schemas.Validate(definition.KindFlow, []byte(doc), true)
		require.NoError(t, err)
		require.Empty(t, problems, block)
		f, err := flow.Parse([]byte(doc))
		require.NoError(t, err)
		require.Empty(t, describe(f.Check(nil, nil)), block)
		shown[string(f.Blocks[0].Type)] = true
		again, err := json.Marshal(f)
		require.NoError(t, err)
		require.JSONEq(t, doc, string(again), "every member means something")
	}
	for _, kind := range []flow.BlockType{
		flow.Parallel, flow.Inclusive, flow.FirstOf, flow.ForEach, flow.Wait, flow.Checklist, flow.Create, flow.Webhook, flow.SubFlow,
	} {
		t.Run("an_example_shows_"+string(kind), func(t *testing.T) { require.True(t, shown[string(kind)]) })
	}
}
