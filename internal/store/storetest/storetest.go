// Package storetest holds every engine to the same contract, and gives other packages a real store to test on.
package storetest

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/embedded"
	"github.com/stepwell/stepwell/internal/store/mongodb"
)

// MongoDB is the environment variable that holds the URI of a MongoDB to test on.
const MongoDB = "STEPWELL_TEST_MONGODB_URI"

// Open gives a fresh store that goes away with the test: on the MongoDB that the environment names, else embedded.
func Open(t testing.TB) store.Store {
	t.Helper()
	if os.Getenv(MongoDB) != "" {
		return OpenMongoDB(t)
	}
	return OpenEmbedded(t)
}

// OpenEmbedded gives a fresh embedded store.
func OpenEmbedded(t testing.TB, opts ...embedded.Option) store.Store {
	t.Helper()
	s, err := embedded.Open(t.Context(), t.TempDir(), opts...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// OpenMongoDB gives a database of its own on the MongoDB that the environment names; without one the test is skipped.
func OpenMongoDB(t testing.TB) store.Store {
	t.Helper()
	uri := os.Getenv(MongoDB)
	if uri == "" {
		t.Skipf("needs a MongoDB: set %s to its URI", MongoDB)
	}
	s, err := mongodb.Open(t.Context(), uri, mongodb.WithDatabase("stepwell_test_"+store.NewID(clock.Real{}.Now())))
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
		defer cancel()
		require.NoError(t, s.Drop(ctx))
		require.NoError(t, s.Close())
	})
	return s
}
