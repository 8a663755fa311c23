package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/embedded"
)

func open(t *testing.T, dir string, opts ...embedded.Option) *embedded.Store {
	t.Helper()
	s, err := embedded.Open(t.Context(), dir, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func has(t *testing.T, err error, code *fault.Code) {
	t.Helper()
	require.Truef(t, fault.Has(err, code), "want %s, got %v", code.ID, err)
}

func put(id, more string) store.Write {
	return store.Write{Op: store.OpPut, Collection: "c", ID: id, Doc: store.Doc(`{"_id":"` + id + `"` + more + `}`)}
}

func count(t *testing.T, s store.Store, f store.Filter) int64 {
	t.Helper()
	n, err := s.Count(t.Context(), "c", f, 0)
	require.NoError(t, err)
	return n
}

func TestOpen(t *testing.T) {
	t.Run("finds_everything_again", func(t *testing.T) {
		dir := t.TempDir()
		s := open(t, dir)
		require.NoError(t, s.EnsureIndexes(t.Context(), "c", store.Index{Name: "a", Keys: []store.SortKey{{Path: "a"}}},
			store.Index{Name: "tags", Keys: []store.SortKey{{Path: "tags"}}, Array: true}))
		require.NoError(t, s.Apply(t.Context(), put("1", `,"a":1,"tags":["x"]`), put("2", `,"a":[1,2]`)))
		_, err := s.Files().Put(t.Context(), "f", strings.NewReader("content"))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "files", "incoming", "half"), []byte("left by a crash"), 0o600))
		require.NoError(t, s.Close())
		s = open(t, dir)
		require.EqualValues(t, 2, count(t, s, store.Filter{"a": 1}))
		require.EqualValues(t, 1, count(t, s, store.Filter{"tags": "x"}))
		r, err := s.Files().Open(t.Context(), "f")
		require.NoError(t, err)
		b, err := io.ReadAll(r)
		require.NoError(t, errors.Join(err, r.Close()))
		require.Equal(t, "content", string(b))
		left, err := os.ReadDir(filepath.Join(dir, "files", "incoming"))
		require.NoError(t, err)
		require.Empty(t, left)
	})
	t.Run("refuses_a_second_process", func(t *testing.T) {
		dir := t.TempDir()
		open(t, dir)
		_, err := embedded.Open(t.Context(), dir)
		has(t, err, store.ErrFull)
	})
	t.Run("refuses_what_is_no_database", func(t *testing.T) {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, "stepwell.db"), []byte(strings.Repeat("this is no database ", 300)), 0o600))
		_, err := embedded.Open(t.Context(), dir)
		has(t, err, store.ErrUnavailable)
	})
	t.Run("a_closed_store_says_so", func(t *testing.T) {
		s := open(t, t.TempDir())
		require.NoError(t, s.Close())
		_, err := s.Get(t.Context(), "c", "1")
		has(t, err, store.ErrUnavailable)
		has(t, s.Apply(t.Context(), put("1", "")), store.ErrUnavailable)
		_, err = s.Watch(t.Context(), "c")
		has(t, err, store.ErrUnavailable)
	})
}

func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, embedded.WithMaxPages(300)) // 1.2 MB
	kept := 0
	var err error
	for err == nil {
		if err = s.Apply(t.Context(), put(fmt.Sprintf("d%04d", kept), `,"text":"`+strings.Repeat("x", 20_000)+`"`)); err == nil {
			kept++
		}
	}
	has(t, err, store.ErrFull)
	require.Greater(t, kept, 30)
	t.Run("what_was_stored_is_readable", func(t *testing.T) {
		require.EqualValues(t, kept, count(t, s, nil))
	})
	t.Run("one_large_write_spoils_no_small_one", func(t *testing.T) {
		var wg sync.WaitGroup
		errs := make([]error, 32)
		for i := range errs {
			wg.Go(func() {
				if i%4 == 0 {
					errs[i] = s.Apply(t.Context(), put(fmt.Sprintf("large%d", i), `,"text":"`+strings.Repeat("y", 2<<20)+`"`))
				} else {
					errs[i] = s.Apply(t.Context(), put("d0000", fmt.Sprintf(`,"n":%d`, i)))
				}
			})
		}
		wg.Wait()
		for i, err := range errs {
			if i%4 == 0 {
				has(t, err, store.ErrFull)
			} else {
				require.NoError(t, err)
			}
		}
	})
	t.Run("space_that_comes_free_is_used", func(t *testing.T) {
		_, err := s.DeleteMany(t.Context(), "c", store.Filter{"_id": store.Prefix("d000")})
		require.NoError(t, err)
		require.NoError(t, s.Apply(t.Context(), put("after", `,"text":"`+strings.Repeat("z", 20_000)+`"`)))
	})
}

func TestLockedFile(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, embedded.WithBusyTimeout(20*time.Millisecond))
	require.NoError(t, s.Apply(t.Context(), put("1", "")))
	other, err := sqlite.OpenConn(filepath.Join(dir, "stepwell.db"), sqlite.OpenReadWrite)
	require.NoError(t, err)
	defer other.Close()
	require.NoError(t, sqlitex.ExecuteTransient(other, "BEGIN IMMEDIATE", nil))
	has(t, s.Apply(t.Context(), put("2", "")), store.ErrFull)
	require.EqualValues(t, 1, count(t, s, nil), "reading goes on")
	require.NoError(t, sqlitex.ExecuteTransient(other, "ROLLBACK", nil))
	require.NoError(t, s.Apply(t.Context(), put("2", "")))
	require.EqualValues(t, 2, count(t, s, nil))
}

func TestWatchSlowly(t *testing.T) {
	t.Run("too_slow_means_load_everything_again", func(t *testing.T) {
		s := open(t, t.TempDir())
		changes, err := s.Watch(t.Context(), "c")
		require.NoError(t, err)
		for i := range 40 {
			var writes []store.Write
			for j := range 100 {
				writes = append(writes, put(fmt.Sprintf("%d-%d", i, j), ""))
			}
			require.NoError(t, s.Apply(t.Context(), writes...))
		}
		for c := range changes {
			if c == (store.Change{}) {
				break
			}
		}
		require.NoError(t, s.Apply(t.Context(), put("last", "")))
		for c := range changes {
			if c.ID == "last" {
				break
			}
		}
	})
	t.Run("ends_with_the_store", func(t *testing.T) {
		s := open(t, t.TempDir())
		changes, err := s.Watch(t.Context(), "c")
		require.NoError(t, err)
		require.NoError(t, s.Close())
		for range changes {
		}
	})
}

func TestLayoutWhileInUse(t *testing.T) {
	s := open(t, t.TempDir())
	for i := range 300 {
		require.NoError(t, s.Apply(t.Context(), put(fmt.Sprintf("d%03d", i), fmt.Sprintf(`,"a":%d,"tags":["t%d"]`, i%10, i%5))))
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	errs := make(chan error, 8)
	for range 3 {
		wg.Go(func() {
			for ctx.Err() == nil {
				docs, err := s.Find(t.Context(), "c", store.Query{Filter: store.Filter{"a": 3, "tags": "t3"}, Sort: []store.SortKey{{Path: "a"}}})
				if err == nil && len(docs) != 30 {
					err = fmt.Errorf("%d documents", len(docs))
				}
				if err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			if err := s.Apply(t.Context(), put(fmt.Sprintf("e%03d", i%50), fmt.Sprintf(`,"a":"x","tags":["y",%d]`, i))); err != nil {
				errs <- err
				return
			}
		}
	})
	layouts := [][]store.Index{
		{{Name: "a", Keys: []store.SortKey{{Path: "a"}}}},
		{{Name: "tags", Keys: []store.SortKey{{Path: "tags"}}, Array: true}},
		{},
		{{Name: "a", Keys: []store.SortKey{{Path: "a"}}}, {Name: "tags", Keys: []store.SortKey{{Path: "tags"}}, Array: true}},
	}
	for i := range 24 {
		require.NoError(t, s.EnsureIndexes(t.Context(), "c", layouts[i%len(layouts)]...))
	}
	cancel()
	wg.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
}
