// Package storetest holds every engine to the same contract, and gives other packages a real store to test on.
package storetest

import (
	"context"
	"os"
	"sync"
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
func Open(tb testing.TB) store.Store {
	tb.Helper()
	if os.Getenv(MongoDB) != "" {
		return OpenMongoDB(tb)
	}
	return OpenEmbedded(tb)
}

// OpenEmbedded gives a fresh embedded store.
func OpenEmbedded(tb testing.TB, opts ...embedded.Option) store.Store {
	tb.Helper()
	s, err := embedded.Open(tb.Context(), tb.TempDir(), opts...)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, s.Close()) })
	return s
}

// connections are what all test databases of a process go over: a set for each would keep the server busy with
// nothing but them.
var connections = func() func(uri string) (*mongodb.Store, error) {
	var once sync.Once
	var base *mongodb.Store
	var err error
	return func(uri string) (*mongodb.Store, error) {
		once.Do(func() { base, err = mongodb.Open(context.Background(), uri, mongodb.WithDatabase("stepwell_test")) })
		return base, err
	}
}()

// OpenMongoDB gives a database of its own on the MongoDB that the environment names; without one the test is skipped.
func OpenMongoDB(tb testing.TB) store.Store {
	tb.Helper()
	uri := os.Getenv(MongoDB)
	if uri == "" {
		tb.Skipf("needs a MongoDB: set %s to its URI", MongoDB)
	}
	base, err := connections(uri)
	require.NoError(tb, err)
	s, err := mongodb.Open(tb.Context(), uri, mongodb.OnClientOf(base), mongodb.WithDatabase("stepwell_test_"+store.NewID(clock.Real{}.Now())))
	require.NoError(tb, err)
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), time.Minute)
		defer cancel()
		require.NoError(tb, s.Drop(ctx))
		require.NoError(tb, s.Close())
	})
	return s
}
