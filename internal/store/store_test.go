package store_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/store"
)

func TestNewID(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	t.Run("grows_and_never_repeats", func(t *testing.T) {
		last := ""
		for range 10_000 {
			id := store.NewID(now)
			require.Len(t, id, 26)
			require.Equal(t, strings.ToLower(id), id)
			require.Greater(t, id, last)
			last = id
		}
		require.Greater(t, store.NewID(now.Add(time.Millisecond)), last)
	})
	t.Run("many_callers_at_once_get_different_ids", func(t *testing.T) {
		var seen sync.Map
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 1000 {
					if _, twice := seen.LoadOrStore(store.NewID(now), true); twice {
						t.Error("an id was given twice")
					}
				}
			})
		}
		wg.Wait()
	})
	t.Run("goes_on_when_a_source_ends", func(t *testing.T) {
		ids := store.NewIDs(bytes.NewReader(bytes.Repeat([]byte{1}, 15)))
		seen := map[string]bool{}
		for range 100 {
			seen[ids.New(now)] = true
			now = now.Add(time.Millisecond)
		}
		require.Len(t, seen, 100)
	})
}

func TestMoment(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.FixedZone("", 8*3600))
	text := store.FormatTime(at)
	require.Equal(t, "2026-01-01T19:04:05.678Z", text)
	back, err := store.ParseTime(text)
	require.NoError(t, err)
	require.True(t, back.Equal(at))
	_, err = store.ParseTime("2026-01-01")
	require.Error(t, err)
}
