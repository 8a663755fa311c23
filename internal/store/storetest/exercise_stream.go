package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/store"
)

func exerciseWatch(t *testing.T, s store.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	changes, err := s.Watch(ctx, "things", "others")
	require.NoError(t, err)
	apply := func(ws ...store.Write) { require.NoError(t, s.Apply(t.Context(), ws...)) }
	t.Run("tells_every_kind_of_change_in_order", func(t *testing.T) {
		apply(insert("a", `{"_id":"a","rev":1}`))
		apply(store.Write{Op: store.OpPut, Collection: "unwatched", ID: "x", Doc: store.Doc(`{"_id":"x"}`)})
		w := write(store.OpReplace, "a", `{"_id":"a","rev":2}`)
		w.Rev = 1
		apply(w, store.Write{Op: store.OpUpdate, Collection: "things", ID: "a", Update: store.Update{Inc: map[string]int64{"rev": 1}}})
		_, err := s.FindAndUpdate(t.Context(), "others", store.Filter{"_id": "c"}, nil, store.Update{Inc: map[string]int64{"n": 1}}, true)
		require.NoError(t, err)
		apply(store.Write{Op: store.OpDelete, Collection: "things", ID: "a"})
		apply(insert("b", `{"_id":"b"}`))
		_, err = s.DeleteMany(t.Context(), "things", nil)
		require.NoError(t, err)
		for _, want := range []store.Change{
			{Collection: "things", ID: "a"},
			{Collection: "things", ID: "a"},
			{Collection: "things", ID: "a"},
			{Collection: "others", ID: "c"},
			{Collection: "things", ID: "a", Deleted: true},
			{Collection: "things", ID: "b"},
			{Collection: "things", ID: "b", Deleted: true},
		} {
			require.Equal(t, want, <-changes)
		}
	})
	t.Run("tells_nothing_of_what_failed", func(t *testing.T) {
		apply(insert("c", `{"_id":"c"}`))
		has(t, s.Apply(t.Context(), insert("c", `{"_id":"c"}`)), store.ErrDuplicate)
		apply(insert("d", `{"_id":"d"}`))
		require.Equal(t, "c", (<-changes).ID)
		require.Equal(t, "d", (<-changes).ID)
	})
	t.Run("ends_with_its_context", func(t *testing.T) {
		cancel()
		for range changes {
		}
	})
}

func exerciseFiles(t *testing.T, s store.Store) {
	ctx, f := t.Context(), s.Files()
	read := func(id string) ([]byte, error) {
		r, err := f.Open(ctx, id)
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(r)
		return b, errors.Join(err, r.Close())
	}
	t.Run("come_back_as_they_were", func(t *testing.T) {
		n, err := f.Put(ctx, "a", bytes.NewReader([]byte("hello")))
		require.NoError(t, err)
		require.EqualValues(t, 5, n)
		b, err := read("a")
		require.NoError(t, err)
		require.Equal(t, "hello", string(b))
		_, err = f.Put(ctx, "empty", bytes.NewReader(nil))
		require.NoError(t, err)
		b, err = read("empty")
		require.NoError(t, err)
		require.Empty(t, b)
	})
	t.Run("are_written_once", func(t *testing.T) {
		n, err := f.Put(ctx, "a", bytes.NewReader([]byte("hello")))
		require.NoError(t, err)
		require.EqualValues(t, 5, n)
		_, err = f.Put(ctx, "a", bytes.NewReader([]byte("other")))
		has(t, err, store.ErrDuplicate)
		b, err := read("a")
		require.NoError(t, err)
		require.Equal(t, "hello", string(b))
	})
	t.Run("a_failed_reader_leaves_nothing", func(t *testing.T) {
		broken := errors.New("the upload broke off")
		_, err := f.Put(ctx, "broken", io.MultiReader(bytes.NewReader(make([]byte, 3<<20)), iotest.ErrReader(broken)))
		require.ErrorIs(t, err, broken)
		_, err = read("broken")
		has(t, err, store.ErrNotFound)
		_, err = f.Put(ctx, "broken", bytes.NewReader([]byte("now")))
		require.NoError(t, err)
	})
	t.Run("large_ones_stream_and_seek", func(t *testing.T) {
		const size = 20<<20 + 12345
		source := func() io.Reader { return io.LimitReader(rand.NewChaCha8([32]byte{1}), size) }
		n, err := f.Put(ctx, "big", source())
		require.NoError(t, err)
		require.EqualValues(t, size, n)
		want, err := io.ReadAll(source())
		require.NoError(t, err)
		r, err := f.Open(ctx, "big")
		require.NoError(t, err)
		got, err := io.ReadAll(r)
		require.NoError(t, err)
		require.True(t, bytes.Equal(want, got))
		end, err := r.Seek(-10, io.SeekEnd)
		require.NoError(t, err)
		require.EqualValues(t, size-10, end)
		got, err = io.ReadAll(r)
		require.NoError(t, err)
		require.Equal(t, want[size-10:], got)
		_, err = r.Seek(1<<20-3, io.SeekStart)
		require.NoError(t, err)
		part := make([]byte, 6)
		_, err = io.ReadFull(r, part)
		require.NoError(t, err)
		require.Equal(t, want[1<<20-3:1<<20+3], part)
		_, err = r.Seek(-1, io.SeekStart)
		require.Error(t, err)
		require.NoError(t, r.Close())
	})
	t.Run("one_content_under_two_ids_goes_with_the_last", func(t *testing.T) {
		_, err := f.Put(ctx, "a2", bytes.NewReader([]byte("hello")))
		require.NoError(t, err)
		require.NoError(t, f.Delete(ctx, "a"))
		b, err := read("a2")
		require.NoError(t, err)
		require.Equal(t, "hello", string(b))
		require.NoError(t, f.Delete(ctx, "a2"))
		require.NoError(t, f.Delete(ctx, "a2"))
		_, err = read("a2")
		has(t, err, store.ErrNotFound)
	})
	t.Run("many_at_once_under_one_id_agree", func(t *testing.T) {
		require.NoError(t, together(func(int) error {
			_, err := f.Put(ctx, "race", bytes.NewReader(make([]byte, 100_000)))
			return err
		}))
		b, err := read("race")
		require.NoError(t, err)
		require.Len(t, b, 100_000)
	})
	t.Run("ids_are_no_paths", func(t *testing.T) {
		id := "../../etc/passwd"
		_, err := f.Put(ctx, id, bytes.NewReader([]byte("x")))
		require.NoError(t, err)
		b, err := read(id)
		require.NoError(t, err)
		require.Equal(t, "x", string(b))
		_, err = f.Put(ctx, "", bytes.NewReader(nil))
		has(t, err, store.ErrFilter)
		_, err = f.Put(ctx, fmt.Sprintf("%0600d", 1), bytes.NewReader(nil))
		has(t, err, store.ErrFilter)
	})
}
