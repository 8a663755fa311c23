package draft_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/builder/draft"
	"github.com/stepwell/stepwell/schemas/definition"
)

func TestSubFlows(t *testing.T) {
	const partDoc = `{"kind":"flow","key":"part","title":"Part","form":"ticket","part":true,"blocks":[{"id":"p","type":"task","title":"P","who":[{"type":"owner"}]}]}`
	whole := strings.Replace(flowDoc, `"blocks":[`, `"blocks":[{"id":"s","type":"subFlow","title":"S","flow":"part"},`, 1)
	partRef := ref(definition.KindFlow, "part")
	t.Run("a_version_remembers_those_of_its_sub_flows", func(t *testing.T) {
		d, _ := published(t)
		save(t, d, partRef, partDoc)
		save(t, d, flowRef, whole)
		_, err := d.PublishSet(t.Context(), "repairs", []definition.Ref{flowRef, partRef}, "both", "ann")
		require.NoError(t, err)
		v, err := d.Version(t.Context(), flowRef, 2)
		require.NoError(t, err)
		require.Equal(t, map[string]int{"part": 1}, v.Uses)
		save(t, d, partRef, strings.Replace(partDoc, `"P"`, `"Q"`, 1))
		_, err = d.Publish(t.Context(), partRef, draft.AnyRev, "another", "ann")
		require.NoError(t, err)
		v, err = d.Version(t.Context(), flowRef, 2)
		require.NoError(t, err)
		require.Equal(t, map[string]int{"part": 1}, v.Uses, "what runs stays as it is")
		next, err := d.Publish(t.Context(), flowRef, draft.AnyRev, "again", "ann")
		require.NoError(t, err)
		require.Equal(t, map[string]int{"part": 2}, next.Uses)
	})
	t.Run("one_that_another_flow_uses_stays", func(t *testing.T) {
		d, _ := published(t)
		save(t, d, partRef, partDoc)
		save(t, d, flowRef, whole)
		_, err := d.PublishSet(t.Context(), "repairs", []definition.Ref{flowRef, partRef}, "both", "ann")
		require.NoError(t, err)
		require.Error(t, d.Delete(t.Context(), partRef, draft.AnyRev, "ann"))
	})
	t.Run("a_flow_without_sub_flows_remembers_none", func(t *testing.T) {
		d, _ := published(t)
		v, err := d.Version(t.Context(), flowRef, 1)
		require.NoError(t, err)
		require.Empty(t, v.Uses)
	})
}
