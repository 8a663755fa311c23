package email_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestQuickLink(t *testing.T) {
	t.Run("it_comes_before_the_record_in_both_bodies", func(t *testing.T) {
		s := start(t, plain)
		m := message()
		m.QuickLink = "https://stepwell.example.com/q/a.b"
		_, err := channel(t, s).Send(t.Context(), m)
		require.NoError(t, err)
		parts := bodies(t, s.messages()[0])
		for kind, body := range parts {
			quick, record := strings.Index(body, m.QuickLink), strings.Index(body, "https://stepwell.example.com/r/r1")
			require.Positive(t, quick, kind)
			require.Greater(t, record, quick, kind)
			require.Contains(t, body, "直接填写", kind)
		}
	})
}
