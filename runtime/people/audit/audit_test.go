package audit_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/store/storetest"
	"github.com/stepwell/stepwell/runtime/people/audit"
)

func TestList(t *testing.T) {
	c := clock.NewManual(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	l := audit.NewLog(storetest.Open(t), c)
	require.NoError(t, l.Ensure(t.Context()))
	for i := range 5 {
		by := audit.Actor{User: "boss", IP: "10.0.0.1"}
		require.NoError(t, l.Append(t.Context(), by, fmt.Sprint("event", i), "target", audit.Done, map[string]any{"n": "x"}))
		if i == 2 {
			c.Advance(time.Second)
		}
	}

	t.Run("newest_comes_first_also_within_a_millisecond", func(t *testing.T) {
		entries, next, err := l.List(t.Context(), "", 10)
		require.NoError(t, err)
		require.Empty(t, next)
		require.Len(t, entries, 5)
		for i, e := range entries {
			require.Equal(t, fmt.Sprint("event", 4-i), e.Event)
		}
	})
	t.Run("pages_neither_overlap_nor_miss_an_entry", func(t *testing.T) {
		for limit := 1; limit <= 6; limit++ {
			var seen []string
			for cursor, more := "", true; more; more = cursor != "" {
				entries, next, err := l.List(t.Context(), cursor, limit)
				require.NoError(t, err)
				for _, e := range entries {
					seen = append(seen, e.Event)
				}
				cursor = next
			}
			require.Equal(t, []string{"event4", "event3", "event2", "event1", "event0"}, seen)
		}
	})
}
