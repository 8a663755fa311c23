package id_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/id"
)

func TestSource(t *testing.T) {
	c := clock.NewManual(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	source := id.NewSource(c)
	t.Run("rises_within_a_millisecond_and_beyond", func(t *testing.T) {
		last := ""
		for i := range 2000 {
			if i%500 == 499 {
				c.Advance(time.Millisecond)
			}
			next := source.Next()
			require.Greater(t, next, last)
			require.Len(t, next, 26)
			last = next
		}
	})
	t.Run("a_derived_one_follows_from_its_names_and_sorts_by_its_moment", func(t *testing.T) {
		at := c.Now()
		one := id.Derive(at, "r1", "make#3")
		require.Equal(t, one, id.Derive(at, "r1", "make#3"))
		require.Len(t, one, 26)
		require.NotEqual(t, one, id.Derive(at, "r1m", "ake#3"))
		require.Less(t, one, id.Derive(at.Add(time.Millisecond), "r1", "make#3"))
	})
	t.Run("two_sources_never_agree", func(t *testing.T) {
		one, other := id.NewSource(c), id.NewSource(c)
		require.NotEqual(t, one.Next(), other.Next())
	})
}
