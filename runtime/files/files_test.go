package files_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/storetest"
	"github.com/stepwell/stepwell/runtime/files"
	"github.com/stepwell/stepwell/schemas/form"
)

var (
	monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	place  = files.Place{App: "sales", Form: "opportunity", Record: "r1", Field: "drawing"}
)

const pdf = "%PDF-1.7\n1 0 obj <<>> endobj\n%%EOF"

func open(t *testing.T) (*files.Service, store.Store, *clock.Manual) {
	t.Helper()
	st, ck := storetest.Open(t), clock.NewManual(monday)
	require.NoError(t, st.EnsureIndexes(t.Context(), files.Collection, files.Indexes()...))
	return files.New(st, ck, slog.New(slog.DiscardHandler)), st, ck
}

func upload(t *testing.T, s *files.Service, name, content string) files.File {
	t.Helper()
	f, err := s.Put(t.Context(), strings.NewReader(content), files.Upload{Name: name, By: "li"})
	require.NoError(t, err)
	return f
}

func rows(t *testing.T, st store.Store) int64 {
	t.Helper()
	n, err := st.Count(t.Context(), files.Collection, nil, 0)
	require.NoError(t, err)
	return n
}

func TestPut(t *testing.T) {
	t.Run("what_is_uploaded_is_known_and_can_be_read", func(t *testing.T) {
		s, _, _ := open(t)
		f := upload(t, s, `C:\图纸\模具 C-0042.pdf`, pdf)
		sum := sha256.Sum256([]byte(pdf))
		require.Equal(t, files.File{
			ID: f.ID, Name: "模具 C-0042.pdf", OriginalName: `C:\图纸\模具 C-0042.pdf`, Size: int64(len(pdf)),
			Type: "application/pdf", SHA256: hex.EncodeToString(sum[:]), UploadedBy: "li",
			UploadedAt: store.MomentOf(monday), State: files.Temp,
		}, f)
		known, err := s.Load(t.Context(), f.ID, "unknown")
		require.NoError(t, err)
		require.Equal(t, map[string]files.File{f.ID: f}, known)
		r, err := s.Open(t.Context(), f.ID)
		require.NoError(t, err)
		defer r.Close()
		b, err := io.ReadAll(r)
		require.NoError(t, err)
		require.Equal(t, pdf, string(b))
	})

	t.Run("too_much_is_refused_long_before_its_end_and_leaves_nothing", func(t *testing.T) {
		s, st, _ := open(t)
		gigabyte := &counting{r: io.LimitReader(endless{}, 1<<30)}
		_, err := s.Put(t.Context(), gigabyte, files.Upload{Name: "大.bin", By: "li", MaxBytes: 1 << 20})
		require.True(t, fault.Has(err, files.ErrTooLarge), err)
		f, _ := fault.As(err)
		require.Equal(t, "“大.bin”太大：单个文件最大 1 MB，请压缩或拆分后重新上传。", f.Message("zh-CN"))
		require.Equal(t, "大.bin is too large: a file may have at most 1 MB. Compress or split it and upload it again.", f.Message("en"))
		require.Less(t, gigabyte.n, int64(16<<20), "an engine may read ahead, but not to the end")
		require.Zero(t, rows(t, st))
	})

	t.Run("too_much_that_is_announced_is_not_even_read", func(t *testing.T) {
		s, st, _ := open(t)
		r := &counting{r: endless{}}
		_, err := s.Put(t.Context(), r, files.Upload{Name: "a", By: "li", Size: 1 << 30})
		require.True(t, fault.Has(err, files.ErrTooLarge), err)
		require.Zero(t, r.n)
		require.Zero(t, rows(t, st))
	})

	t.Run("exactly_the_limit_is_not_too_much", func(t *testing.T) {
		s, _, _ := open(t)
		f, err := s.Put(t.Context(), io.LimitReader(endless{}, 10_000), files.Upload{Name: "a", By: "li", MaxBytes: 10_000})
		require.NoError(t, err)
		require.EqualValues(t, 10_000, f.Size)
	})

	t.Run("an_empty_file_is_refused", func(t *testing.T) {
		s, st, _ := open(t)
		_, err := s.Put(t.Context(), strings.NewReader(""), files.Upload{Name: "空.pdf", By: "li"})
		require.True(t, fault.Has(err, files.ErrEmpty), err)
		require.Zero(t, rows(t, st))
	})

	t.Run("an_upload_that_breaks_off_leaves_nothing", func(t *testing.T) {
		for _, after := range []int64{10, 100_000} {
			s, st, _ := open(t)
			r := io.MultiReader(io.LimitReader(endless{}, after), failing{})
			_, err := s.Put(t.Context(), r, files.Upload{Name: "a.bin", By: "li"})
			require.True(t, fault.Has(err, files.ErrBroken), err)
			require.Zero(t, rows(t, st))
		}
	})

	t.Run("office_documents_are_told_apart_however_they_are_packed", func(t *testing.T) {
		s, _, _ := open(t)
		for want, content := range map[string]string{
			"application/vnd.openxmlformats-officedocument.wordprocessingml.document":   zipped(t, "[Content_Types].xml", "media/big.png", "word/document.xml"),
			"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":         zipped(t, "xl/workbook.xml", "[Content_Types].xml"),
			"application/vnd.openxmlformats-officedocument.presentationml.presentation": zipped(t, "media/big.png", "ppt/presentation.xml"),
			"application/zip":               zipped(t, "drawing.pdf"),
			"application/msword":            compound("WordDocument"),
			"application/vnd.ms-excel":      compound("Workbook"),
			"application/vnd.ms-powerpoint": compound("PowerPoint Document"),
			"application/x-ole-storage":     compound("Contents"),
		} {
			require.Equal(t, want, upload(t, s, "a.bin", content).Type)
		}
	})
}

func TestTake(t *testing.T) {
	load := func(t *testing.T, s *files.Service, id string) map[string]files.File {
		t.Helper()
		known, err := s.Load(t.Context(), id)
		require.NoError(t, err)
		return known
	}
	bind := func(t *testing.T, st store.Store, f files.File) {
		t.Helper()
		require.NoError(t, st.Apply(t.Context(), files.Bind([]string{f.ID}, place)...))
	}

	t.Run("the_file_counts_and_not_what_the_sender_says_of_it", func(t *testing.T) {
		s, _, _ := open(t)
		f := upload(t, s, "a.pdf", "plain words")
		claim := form.FileRef{ID: f.ID, Name: "C-0042.pdf", Type: "application/pdf", Size: 1}
		taken, problems := s.Take(load(t, s, f.ID), []form.FileRef{claim}, files.Uploader{User: "li"}, place, "/drawing")
		require.Empty(t, problems)
		require.Equal(t, form.FileRef{ID: f.ID, Name: "a.pdf", Size: 11, Type: "text/plain"}, taken[0].Ref())
	})

	t.Run("nobody_takes_the_upload_of_another", func(t *testing.T) {
		s, _, _ := open(t)
		f := upload(t, s, "a.pdf", pdf)
		taken, problems := s.Take(load(t, s, f.ID), []form.FileRef{f.Ref()}, files.Uploader{User: "wang"}, place, "/drawing")
		require.Empty(t, taken)
		require.Len(t, problems, 1)
		require.Equal(t, "/drawing/0", problems[0].Pointer)
		require.Equal(t, "文件“a.pdf”已失效，或不是由您上传的，请重新上传。", problems[0].Message("zh-CN"))
	})

	t.Run("what_came_by_a_quick_link_is_taken_by_that_link_only", func(t *testing.T) {
		s, _, _ := open(t)
		f, err := s.Put(t.Context(), strings.NewReader(pdf), files.Upload{Name: "a.pdf", By: "li", Via: "link1"})
		require.NoError(t, err)
		for by, want := range map[files.Uploader]int{{User: "li"}: 1, {User: "li", Via: "link2"}: 1, {User: "wang", Via: "link1"}: 1, {User: "li", Via: "link1"}: 0} {
			_, problems := s.Take(load(t, s, f.ID), []form.FileRef{f.Ref()}, by, place, "/drawing")
			require.Len(t, problems, want, by)
		}
	})

	t.Run("a_bound_file_stays_with_its_record_whoever_saves_it", func(t *testing.T) {
		s, st, _ := open(t)
		f := upload(t, s, "a.pdf", pdf)
		bind(t, st, f)
		bind(t, st, f) // an outbox told twice
		known := load(t, s, f.ID)
		require.Equal(t, files.Bound, known[f.ID].State)
		require.Equal(t, "r1", known[f.ID].Record)
		_, problems := s.Take(known, []form.FileRef{f.Ref()}, files.Uploader{User: "wang"}, place, "/drawing")
		require.Empty(t, problems)
		elsewhere := place
		elsewhere.Record = "r2"
		_, problems = s.Take(known, []form.FileRef{f.Ref()}, files.Uploader{User: "li"}, elsewhere, "/drawing")
		require.Len(t, problems, 1, "else its reader could put it into a record of their own")
		require.NoError(t, st.Apply(t.Context(), files.Bind([]string{f.ID}, elsewhere)...))
		require.Equal(t, "r1", load(t, s, f.ID)[f.ID].Record)
		_, fresh := files.Fresh([]files.File{known[f.ID]}, "drawing")
		require.False(t, fresh)
	})

	t.Run("an_expired_upload_is_not_taken", func(t *testing.T) {
		s, _, ck := open(t)
		f := upload(t, s, "a.pdf", pdf)
		ck.Advance(7 * 24 * time.Hour)
		_, problems := s.Take(load(t, s, f.ID), []form.FileRef{f.Ref()}, files.Uploader{User: "li"}, place, "/drawing")
		require.Len(t, problems, 1)
	})
}

func TestPurge(t *testing.T) {
	t.Run("only_what_no_record_took_in_goes", func(t *testing.T) {
		s, st, ck := open(t)
		old, kept := upload(t, s, "old.pdf", pdf), upload(t, s, "kept.pdf", pdf+"2")
		require.NoError(t, st.Apply(t.Context(), files.Bind([]string{kept.ID}, place)...))
		ck.Advance(4 * 24 * time.Hour)
		fresh := upload(t, s, "fresh.pdf", pdf+"3")
		ck.Advance(3*24*time.Hour + 2*time.Hour)
		n, err := s.Purge(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, n)
		_, err = s.Open(t.Context(), old.ID)
		require.True(t, fault.Has(err, files.ErrGone), err)
		for _, f := range []files.File{kept, fresh} {
			r, err := s.Open(t.Context(), f.ID)
			require.NoError(t, err)
			require.NoError(t, r.Close())
		}
	})

	t.Run("what_a_crash_left_half_uploaded_goes_too", func(t *testing.T) {
		s, st, ck := open(t)
		doc := []byte(`{"_id":"half","state":"uploading","uploadedAt":"2026-03-02T09:00:00.000Z"}`)
		require.NoError(t, st.Apply(t.Context(), store.Write{Op: store.OpInsert, Collection: files.Collection, ID: "half", Doc: doc}))
		_, err := st.Files().Put(t.Context(), "half", strings.NewReader("half"))
		require.NoError(t, err)
		known, err := s.Load(t.Context(), "half")
		require.NoError(t, err)
		require.Empty(t, known)

		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		ck.Advance(8 * 24 * time.Hour)
		gone, err := st.Watch(ctx, files.Collection)
		require.NoError(t, err)
		running.Go(func() { s.Run(ctx) })
		require.True(t, (<-gone).Deleted)
		cancel()
		running.Wait()
		_, err = st.Files().Open(t.Context(), "half")
		require.True(t, fault.Has(err, store.ErrNotFound), err)
	})
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

type counting struct {
	r io.Reader
	n int64
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// zipped packs entries in the order given; a big one hides those after it from whoever reads only the beginning.
func zipped(t *testing.T, names ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range names {
		f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		require.NoError(t, err)
		size := 10
		if strings.Contains(name, "big") {
			size = 100_000
		}
		_, err = f.Write(bytes.Repeat([]byte("x"), size))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.String()
}

// compound is an old office file, as far as it tells its kind, with its directory behind everything else, where Excel
// puts it.
func compound(stream string) string {
	const sector, at = 512, 200
	b := make([]byte, sector*(at+2))
	copy(b, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	binary.LittleEndian.PutUint16(b[26:], 3)
	binary.LittleEndian.PutUint16(b[28:], 0xfffe)
	binary.LittleEndian.PutUint16(b[30:], 9)
	binary.LittleEndian.PutUint32(b[48:], at)
	directory := b[sector*(at+1):]
	for i, name := range []string{"Root Entry", stream} {
		for j, c := range []byte(name) {
			directory[128*i+2*j] = c
		}
	}
	return string(b)
}
