package embedded

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"zombiezen.com/go/sqlite"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/query"
	"github.com/stepwell/stepwell/schemas/problem"
)

// fileCollection is what faults call the file room.
const fileCollection = "files"

// files keeps contents in a folder, each under its hash, and in the database which id has which content.
type files struct {
	store *Store
	dir   string
	mu    sync.Mutex // held while contents come or go, so that none goes while an id is being given to it
}

func openFiles(s *Store, dir string) (*files, error) {
	f := &files{store: s, dir: dir}
	if err := os.RemoveAll(f.incoming()); err != nil { // what a crash left half written
		return nil, fmt.Errorf("clear %s: %w", f.incoming(), err)
	}
	if err := os.MkdirAll(f.incoming(), 0o750); err != nil {
		return nil, fmt.Errorf("make %s: %w", f.incoming(), err)
	}
	return f, nil
}

func (f *files) incoming() string { return filepath.Join(f.dir, "incoming") }

func (f *files) path(hash string) string { return filepath.Join(f.dir, hash[:2], hash) }

func fileFault(attempt string, err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return store.ErrFull.Because(fmt.Errorf("%s: %w", attempt, err), nil)
	}
	return fmt.Errorf("%s: %w", attempt, err)
}

// Put stores what r gives.
func (f *files) Put(ctx context.Context, id string, r io.Reader) (int64, error) {
	if err := query.CheckID(id); err != nil {
		return 0, err
	}
	tmp, err := os.CreateTemp(f.incoming(), "*")
	if err != nil {
		return 0, fileFault("store file", err)
	}
	defer os.Remove(tmp.Name()) // gone already when all went well
	hash, size, err := receive(ctx, tmp, r)
	if err = errors.Join(err, tmp.Close()); err != nil {
		return 0, fileFault("store file "+id, err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.keep(tmp.Name(), hash); err != nil {
		return 0, fileFault("store file "+id, err)
	}
	if err := f.name(ctx, id, hash, size); err != nil {
		return 0, errors.Join(err, f.drop(context.WithoutCancel(ctx), hash))
	}
	return size, nil
}

func receive(ctx context.Context, tmp *os.File, r io.Reader) (hash string, size int64, err error) {
	sum := sha256.New()
	size, err = io.Copy(io.MultiWriter(tmp, sum), readerFunc(func(p []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return r.Read(p)
	}))
	if err != nil {
		return "", 0, err
	}
	return hex.EncodeToString(sum.Sum(nil)), size, tmp.Sync()
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// keep moves a content to its place, unless it is there.
func (f *files) keep(tmp, hash string) error {
	path := f.path(hash)
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		return err
	}
	return errors.Join(syncDir(filepath.Dir(path)), syncDir(f.dir))
}

// syncDir makes a rename last through a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// name gives a content to an id; ErrDuplicate when the id has another.
func (f *files) name(ctx context.Context, id, hash string, size int64) error {
	return f.store.do(ctx, &job{attempt: "name file " + id, run: func(c *conn) error {
		n, err := c.exec("INSERT INTO files(id,hash,size) VALUES(?,?,?) ON CONFLICT(id) DO NOTHING", textArg(id), textArg(hash), intArg(size))
		if err != nil || n == 1 {
			return err
		}
		same, err := c.one("SELECT 1 FROM files WHERE id=? AND hash=?", []arg{textArg(id), textArg(hash)}, func(*sqlite.Stmt) error { return nil })
		if err == nil && !same {
			err = store.ErrDuplicate.With(problem.Params{"index": "_id", "collection": fileCollection, "id": id})
		}
		return err
	}})
}

// Open opens a file for reading.
func (f *files) Open(ctx context.Context, id string) (io.ReadSeekCloser, error) {
	var hash string
	err := f.store.read(ctx, "open file "+id, func(c *conn) error {
		found, err := c.one("SELECT hash FROM files WHERE id=?", []arg{textArg(id)}, func(s *sqlite.Stmt) error {
			hash = s.ColumnText(0)
			return nil
		})
		if err == nil && !found {
			err = notFound(fileCollection, id)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	file, err := os.Open(f.path(hash))
	switch {
	case errors.Is(err, fs.ErrNotExist): // deleted in between
		return nil, notFound(fileCollection, id)
	case err != nil:
		return nil, fileFault("open file "+id, err)
	}
	return file, nil
}

// Delete removes a file, and its content if no other id has it.
func (f *files) Delete(ctx context.Context, id string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var hash string
	if err := f.store.do(ctx, &job{attempt: "delete file " + id, run: func(c *conn) error {
		hash = ""
		_, err := c.one("DELETE FROM files WHERE id=? RETURNING hash", []arg{textArg(id)}, func(s *sqlite.Stmt) error {
			hash = s.ColumnText(0)
			return nil
		})
		return err
	}}); err != nil || hash == "" {
		return err
	}
	return f.drop(ctx, hash)
}

// drop removes a content that no id has.
func (f *files) drop(ctx context.Context, hash string) error {
	used := false
	if err := f.store.read(ctx, "look for content", func(c *conn) (err error) {
		used, err = c.one("SELECT 1 FROM files WHERE hash=? LIMIT 1", []arg{textArg(hash)}, func(*sqlite.Stmt) error { return nil })
		return err
	}); err != nil || used {
		return err
	}
	if err := os.Remove(f.path(hash)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fileFault("remove content", err)
	}
	return nil
}
