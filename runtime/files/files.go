// Package files takes uploads in and gives them out again. The bytes lie in the store's file room, what is known
// of them in a collection. An upload is temporary until a record names it, and expires if none does.
//
// A file is never readable by knowing its id: whoever calls Open has made sure that the person may read the record (or
// made the upload) that the file belongs to.
package files

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/schemas/form"
)

// Collection holds what is known of files.
const Collection = "files"

// DefaultMaxBytes is the size limit of an upload for which nothing else is said.
const DefaultMaxBytes = 50 << 20

// State is how far an upload has come.
type State string

// The states of a file.
const (
	Uploading State = "uploading" // bytes are still arriving; what is left so by a crash expires
	Temp      State = "temp"      // complete, and no record names it yet
	Bound     State = "bound"     // a record names it, or did once: its history shows it
)

const (
	tempLife  = 7 * 24 * time.Hour // how long a record may still take an upload in
	grace     = time.Hour          // so that an upload is never removed while a record is taking it in
	purgeTime = time.Hour          // how often Run looks for expired uploads
)

// File is what is known of one upload.
type File struct {
	ID           string       `json:"_id"`
	Name         string       `json:"name"`                   // safe to show and to save under
	OriginalName string       `json:"originalName,omitempty"` // as it was sent, when Name differs
	Size         int64        `json:"size"`                   // bytes
	Type         string       `json:"type"`                   // MIME type by content
	SHA256       string       `json:"sha256"`                 // lower-case hex
	UploadedBy   string       `json:"uploadedBy"`
	Via          string       `json:"via,omitempty"` // the quick link it came by; only what comes by the same link may use it
	UploadedAt   store.Moment `json:"uploadedAt"`
	State        State        `json:"state"`
	// Where it is bound.
	App    string `json:"app,omitempty"`
	Form   string `json:"form,omitempty"`
	Record string `json:"record,omitempty"`
	Field  string `json:"field,omitempty"`
}

// Ref is the file as the value of a file field.
func (f File) Ref() form.FileRef {
	return form.FileRef{ID: f.ID, Name: f.Name, Size: f.Size, Type: f.Type}
}

// Faults of uploads.
var (
	ErrTooLarge = fault.Define(fault.TooLarge, "files.tooLarge",
		"{name} is too large: a file may have at most {limit}. Compress or split it and upload it again.",
		"“{name}”太大：单个文件最大 {limit}，请压缩或拆分后重新上传。")
	ErrEmpty = fault.Define(fault.Invalid, "files.empty",
		"{name} is empty. Check the file on your device and upload it again.",
		"“{name}”是空文件，请检查原文件后重新上传。")
	ErrBroken = fault.Define(fault.Invalid, "files.broken",
		"The upload of {name} broke off. Please upload it again.",
		"“{name}”上传中断，请重新上传。")
	ErrGone = fault.Define(fault.NotFound, "files.notFound",
		"The file does not exist any more.", "文件不存在或已过期。")
)

// Indexes are what the collection needs.
func Indexes() []store.Index {
	return []store.Index{
		{Name: "expiry", Keys: []store.SortKey{{Path: "state"}, {Path: "uploadedAt"}}},
		{Name: "record", Keys: []store.SortKey{{Path: "record"}}, Present: true},
	}
}

// Service keeps files.
type Service struct {
	store store.Store
	clock clock.Clock
	log   *slog.Logger
}

// New makes the service of a store.
func New(st store.Store, ck clock.Clock, log *slog.Logger) *Service {
	return &Service{store: st, clock: ck, log: log}
}

// Upload says what comes with the bytes of a file.
type Upload struct {
	Name     string // as the browser sent it
	By       string // user id
	Via      string // id of the quick link it comes by; "" for somebody who has signed in
	Size     int64  // as announced; 0 when unknown
	MaxBytes int64  // default DefaultMaxBytes
}

// Put stores what r gives as a temporary file. ErrTooLarge as soon as the limit is passed, ErrEmpty, ErrBroken when r
// fails; nothing is left behind then.
func (s *Service) Put(ctx context.Context, r io.Reader, u Upload) (File, error) {
	f := File{
		ID: strings.ToLower(rand.Text()), Name: SafeName(u.Name), UploadedBy: u.By, Via: u.Via,
		UploadedAt: store.MomentOf(s.clock.Now()), State: Uploading,
	}
	if f.Name != u.Name {
		f.OriginalName = u.Name
	}
	if u.MaxBytes == 0 {
		u.MaxBytes = DefaultMaxBytes
	}
	if u.Size > u.MaxBytes {
		return File{}, tooLarge(f.Name, u.MaxBytes)
	}
	in := bufio.NewReaderSize(&limited{r: r, left: u.MaxBytes, name: f.Name, limit: u.MaxBytes}, sniffBytes)
	head, err := in.Peek(sniffBytes)
	if err != nil && err != io.EOF {
		return File{}, err
	}
	if len(head) == 0 {
		return File{}, ErrEmpty.With(map[string]any{"name": f.Name})
	}
	f.Type = sniff(head)
	// Known before the bytes are there: a crash leaves a row that expires, not bytes that nobody knows of.
	if err := s.write(ctx, f, store.OpInsert); err != nil {
		return File{}, err
	}
	if err := s.receive(ctx, in, &f); err != nil {
		s.Discard(ctx, f.ID)
		return File{}, err
	}
	return f, nil
}

func (s *Service) receive(ctx context.Context, in io.Reader, f *File) error {
	sum := sha256.New()
	size, err := s.store.Files().Put(ctx, f.ID, io.TeeReader(in, sum))
	if err != nil {
		return fmt.Errorf("store the bytes of file %s: %w", f.ID, err)
	}
	f.Size, f.SHA256, f.State = size, hex.EncodeToString(sum.Sum(nil)), Temp
	if container(f.Type) {
		if err := s.lookInside(ctx, f); err != nil {
			return err
		}
	}
	return s.write(ctx, *f, store.OpPut)
}

// lookInside tells the kinds of office document apart that only show it further inside.
func (s *Service) lookInside(ctx context.Context, f *File) error {
	bytes, err := s.store.Files().Open(ctx, f.ID)
	if err != nil {
		return fmt.Errorf("look into file %s: %w", f.ID, err)
	}
	defer bytes.Close()
	f.Type = inside(bytes, f.Size, f.Type)
	return nil
}

func (s *Service) write(ctx context.Context, f File, op store.Op) error {
	doc, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("write file %s: %w", f.ID, err)
	}
	if err := s.store.Apply(ctx, store.Write{Op: op, Collection: Collection, ID: f.ID, Doc: doc}); err != nil {
		return fmt.Errorf("write file %s: %w", f.ID, err)
	}
	return nil
}

// Discard removes an upload that failed or was refused. If that fails too, it expires.
func (s *Service) Discard(ctx context.Context, id string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := s.remove(ctx, id); err != nil {
		s.log.WarnContext(ctx, "failed upload is left to expire", slog.String("file", id), slog.Any("error", err))
	}
}

// remove takes the bytes away first: a row without bytes is tried again, bytes without a row would stay for ever.
func (s *Service) remove(ctx context.Context, id string) error {
	if err := s.store.Files().Delete(ctx, id); err != nil {
		return fmt.Errorf("remove the bytes of file %s: %w", id, err)
	}
	if err := s.store.Apply(ctx, store.Write{Op: store.OpDelete, Collection: Collection, ID: id}); err != nil {
		return fmt.Errorf("remove file %s: %w", id, err)
	}
	return nil
}

// Load finds files by id. What is not there, or has not arrived completely, is missing from the answer.
func (s *Service) Load(ctx context.Context, ids ...string) (map[string]File, error) {
	found := make(map[string]File, len(ids))
	if len(ids) == 0 {
		return found, nil
	}
	docs, err := s.store.Find(ctx, Collection, store.Query{
		Filter: store.Filter{"_id": store.Filter{"$in": ids}, "state": store.Filter{"$in": []State{Temp, Bound}}},
	})
	if err != nil {
		return nil, fmt.Errorf("load files: %w", err)
	}
	for _, doc := range docs {
		var f File
		if err := json.Unmarshal(doc, &f); err != nil {
			return nil, fmt.Errorf("read file: %w", err)
		}
		found[f.ID] = f
	}
	return found, nil
}

// Open reads a file's bytes; the caller has checked that the person may. ErrGone when there is no such file.
func (s *Service) Open(ctx context.Context, id string) (io.ReadSeekCloser, error) {
	r, err := s.store.Files().Open(ctx, id)
	if fault.Has(err, store.ErrNotFound) {
		return nil, ErrGone.Because(err, nil)
	}
	if err != nil {
		return nil, fmt.Errorf("open file %s: %w", id, err)
	}
	return r, nil
}

// Run removes expired uploads from time to time, until ctx ends.
func (s *Service) Run(ctx context.Context) {
	for {
		if _, err := s.Purge(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "expired uploads cannot be removed now", slog.Any("error", err))
		}
		if s.clock.Wait(ctx, purgeTime) != nil {
			return
		}
	}
}

// Purge removes uploads that no record took in within 7 days, and says how many.
func (s *Service) Purge(ctx context.Context) (int, error) {
	const batch = 100
	before := store.FormatTime(s.clock.Now().Add(-tempLife - grace))
	for removed := 0; ; {
		docs, err := s.store.Find(ctx, Collection, store.Query{
			Filter: store.Filter{"state": store.Filter{"$in": []State{Uploading, Temp}}, "uploadedAt": store.Filter{"$lt": before}},
			Limit:  batch, Fields: []string{"_id"},
		})
		if err != nil || len(docs) == 0 {
			return removed, wrap(err, "look for expired uploads")
		}
		for _, doc := range docs {
			var f File
			if err := json.Unmarshal(doc, &f); err != nil {
				return removed, fmt.Errorf("read file: %w", err)
			}
			if err := s.remove(ctx, f.ID); err != nil {
				return removed, err
			}
			removed++
		}
	}
}

// limited fails once more than left bytes came, and tells a reader that broke from a store that did.
type limited struct {
	r     io.Reader
	left  int64
	limit int64
	name  string
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, tooLarge(l.name, l.limit)
	}
	if err != nil && err != io.EOF { //nolint:errorlint // a reader's end is io.EOF itself
		err = ErrBroken.Because(err, map[string]any{"name": l.name})
	}
	return n, err
}

func tooLarge(name string, limit int64) error {
	return ErrTooLarge.With(map[string]any{"name": name, "limit": bytesText(limit)})
}

func wrap(err error, attempt string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", attempt, err)
}
