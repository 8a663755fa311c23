// Package storetest holds every engine to the same contract, and gives other packages a real store to test on.
package storetest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/embedded"
)

// Open gives a fresh store that goes away with the test.
func Open(t testing.TB) store.Store {
	t.Helper()
	s, err := embedded.Open(t.Context(), t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}
