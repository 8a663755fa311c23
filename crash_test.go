package main

import (
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/embedded"
)

const crashes = 6

func TestKilledServer(t *testing.T) {
	if testing.Short() {
		t.Skip("starts and kills a server for half a minute")
	}
	binary := build(t)
	t.Run("embedded_store_keeps_what_was_acknowledged_and_doubles_nothing", func(t *testing.T) {
		dir := t.TempDir()
		crash(t, binary, []string{"--data-dir", dir}, 0, func() (store.Store, error) { return embedded.Open(t.Context(), dir) })
	})
	t.Run("mongodb_keeps_what_was_acknowledged_and_doubles_nothing", func(t *testing.T) {
		uri, name, reach := database(t)
		crash(t, binary, onMongoDB(uri, name), 12*time.Second, reach)
	})
}

// crash kills a server again and again while clients write, and then looks at what is stored. settle is how long the last
// server gets to tell what its predecessors left in outboxes.
func crash(t *testing.T, binary string, args []string, settle time.Duration, reach func() (store.Store, error)) {
	t.Helper()
	h := open(t, binary, 1, args...)
	only := h.servers[0]
	stop := h.work(opportunities)
	random := rand.New(rand.NewPCG(7, 11))
	for range crashes {
		h.await(8) // however slow the store is, every crash has something to lose
		h.wait(time.Duration(random.IntN(900)) * time.Millisecond)
		only.end(syscall.SIGKILL)
		only.start()
	}
	h.wait(time.Second)
	all := stop()
	h.wait(settle)
	only.end(syscall.SIGTERM)
	st, err := reach()
	require.NoError(t, err)
	defer st.Close()
	t.Logf("%d opportunities acknowledged over %d crashes", len(all), crashes)
	require.Greater(t, len(all), 3*crashes)
	examine(t, st, opportunities, all)
}
