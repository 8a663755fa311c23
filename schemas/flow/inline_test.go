package flow_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/schemas/flow"
)

func TestInline(t *testing.T) {
	doc, err := os.ReadFile("testdata/inline/flows.json")
	require.NoError(t, err)
	var all []flow.Flow
	require.NoError(t, json.Unmarshal(doc, &all))
	named := func(key string) *flow.Flow {
		for i := range all {
			if all[i].Key == key {
				return &all[i]
			}
		}
		return nil
	}
	find := func(_ *flow.Flow, key string) *flow.Flow { return named(key) }
	t.Run("blocks_come_with_the_id_of_their_sub_flow_in_front", func(t *testing.T) {
		before, err := json.Marshal(named("main"))
		require.NoError(t, err)
		whole, problems := named("main").Inline(find)
		require.Empty(t, problems)
		require.Empty(t, whole.Check(nil, nil))
		var got []string
		for p := range whole.All() {
			sub := "-"
			if p.Sub != nil {
				sub = p.Sub.ID
			}
			got = append(got, strings.Join([]string{p.ID, p.Case, sub, strings.Join(p.ReturnTo, ",")}, " "))
		}
		require.Equal(t, []string{
			"start  - ", "both  - ", "one a - ", "one-look  one ", "one-wait  one ", "one-tell late one ", "one-tell-cc  one-tell ", "one-sign  one one-look",
			"two b - ", "two-look  two ", "two-wait  two ", "two-tell late two ", "two-tell-cc  two-tell ", "two-sign  two two-look",
		}, got)
		after, err := json.Marshal(named("main"))
		require.NoError(t, err)
		require.Equal(t, string(before), string(after), "the flow itself is left alone")
	})
	t.Run("a_flow_without_sub_flows_is_itself", func(t *testing.T) {
		whole, problems := named("telling").Inline(find)
		require.Empty(t, problems)
		require.Same(t, named("telling"), whole)
	})
	t.Run("what_cannot_run_inside_is_named", func(t *testing.T) {
		var got strings.Builder
		for _, key := range []string{"broken", "loop"} {
			_, problems := named(key).Inline(find)
			got.WriteString(describe(problems))
		}
		const golden = "testdata/inline/problems.txt"
		if *update {
			require.NoError(t, os.WriteFile(golden, []byte(got.String()), 0o600))
		}
		want, err := os.ReadFile(golden)
		require.NoError(t, err)
		require.Equal(t, string(want), got.String())
	})
}
