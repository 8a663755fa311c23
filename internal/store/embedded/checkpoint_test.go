package embedded

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/store"
)

// TestCheckpoints holds the write-ahead log short however much is written, and what was written in the file.
func TestCheckpoints(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), dir)
	require.NoError(t, err)
	const page, writes = 4096, 4000
	text := strings.Repeat("x", 4*page)
	for i := range writes {
		id := fmt.Sprintf("d%05d", i%100)
		require.NoError(t, s.Apply(t.Context(), store.Write{
			Op: store.OpPut, Collection: "c", ID: id, Doc: store.Doc(fmt.Sprintf(`{"_id":"%s","n":%d,"text":"%s"}`, id, i, text)),
		}))
	}
	log, err := os.Stat(filepath.Join(dir, "stepwell.db-wal"))
	require.NoError(t, err)
	require.Less(t, log.Size(), int64(3*longWAL*page), "else it grew with all that was written: %d MB", 4*page*writes>>20)
	require.NoError(t, s.Close())
	require.NoFileExists(t, filepath.Join(dir, "stepwell.db-wal"), "an orderly end leaves nothing behind")
	s, err = Open(t.Context(), dir)
	require.NoError(t, err)
	n, err := s.Count(t.Context(), "c", store.Filter{"n": store.Filter{"$gte": writes - 100}}, 0)
	require.NoError(t, err)
	require.EqualValues(t, 100, n)
	require.NoError(t, s.Close())
}
