package storetest_test

import (
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/storetest"
)

// setting reads a number from the environment. STEPWELL_DIFF_CASES is how many generated questions are asked,
// STEPWELL_DIFF_SEED makes them others.
func setting(t *testing.T, name string, unset int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return unset
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}

func TestDifferential(t *testing.T) {
	others := map[string]func(*testing.T) store.Store{
		"embedded_answers_as_the_reference": func(*testing.T) store.Store { return storetest.Reference() },
	}
	if os.Getenv(storetest.MongoDB) == "" {
		t.Logf("%s is not set: the embedded engine is compared with the reference only", storetest.MongoDB)
	} else {
		others["embedded_answers_as_MongoDB"] = func(t *testing.T) store.Store { return storetest.OpenMongoDB(t) }
	}
	for name, open := range others {
		t.Run(name, func(t *testing.T) {
			storetest.Differential(t, storetest.OpenEmbedded(t), open(t), setting(t, "STEPWELL_DIFF_CASES", 4000), uint64(setting(t, "STEPWELL_DIFF_SEED", 1)))
		})
	}
}

func TestExercise(t *testing.T) {
	t.Run("embedded", func(t *testing.T) {
		storetest.Exercise(t, func(t *testing.T) store.Store { return storetest.OpenEmbedded(t) })
	})
	t.Run("mongodb", func(t *testing.T) {
		storetest.Exercise(t, func(t *testing.T) store.Store { return storetest.OpenMongoDB(t) })
	})
}
