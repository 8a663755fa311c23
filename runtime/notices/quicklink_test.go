package notices_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/notices"
)

func TestQuickLink(t *testing.T) {
	t.Run("its_address_is_made_when_the_message_leaves", func(t *testing.T) {
		st, ck := open(t)
		for user, link := range map[string]string{"li": "l1", "john": ""} {
			writes, err := notices.Writes(
				engine.Effect{Key: "1", Cause: engine.CauseOverdue, To: []string{user}, Channels: []string{notices.Email}},
				notices.Subject{App: "sales", Form: "opportunity", Record: "r1", Title: "OP-7", At: monday, Link: "/r/r1", QuickLinks: map[string]string{user: link}})
			require.NoError(t, err)
			require.NoError(t, st.Apply(t.Context(), writes...))
		}
		p := &post{}
		o := options()
		o.QuickPath = func(id string) string { return "/q/" + id + ".signed" }
		require.NoError(t, notices.New(st, ck, []notices.Channel{p}, o).Drain(t.Context()))
		got := map[string]string{}
		for _, m := range p.got {
			got[m.To.ID] = m.QuickLink
		}
		require.Equal(t, map[string]string{"li": "https://stepwell.example.com/q/l1.signed", "john": ""}, got)
	})
}
