// Package embedded keeps documents in one SQLite file and files in a folder beside it: the default store, for one
// server process.
//
// The file is written by one goroutine that commits many callers' writes together, and read over several connections.
// A document is JSONB. Every path that an index names has a column of its own, filled in when the document is written,
// so that SQLite's part is to keep ordered rows and find them; what a filter means is decided in Go, once, in eval.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/stepwell/stepwell/internal/store"
)

// Store is the embedded store.
type Store struct {
	write   *conn // the writer goroutine's alone
	jobs    chan *job
	stopped chan struct{}
	readers chan *conn
	check   *conn // for checkpoints
	lock    *conn
	tables  atomic.Pointer[map[string]*table] // what is committed
	layouts map[string]*table                 // what the writer works on
	relaid  bool                              // layouts differs from tables
	company company                           // the writer's
	careful int                               // batches that get savepoints, because a job failed lately
	laying  sync.Mutex                        // one Prepare at a time
	drops   map[string]int                    // of indexes, by collection; the writer's
	relay   sync.RWMutex                      // held by the writer while it commits new layouts and tells them
	watch   watchers
	files   *files

	commits      int           // so far; the writer's
	grown        chan struct{} // the log may have become long
	moved        atomic.Bool   // most of it was moved to the database file
	checkpointed chan struct{} // closed when the last checkpoint has ended

	closing sync.RWMutex
	closed  bool
}

// Option changes how a store is opened.
type Option func(*options)

type options struct {
	readers     int
	busyTimeout time.Duration
	maxPages    int
}

// WithReaders sets how many queries may run at the same time.
func WithReaders(n int) Option { return func(o *options) { o.readers = n } }

// WithBusyTimeout sets how long a write waits while another program has the file locked; 5 s unless set.
func WithBusyTimeout(d time.Duration) Option { return func(o *options) { o.busyTimeout = d } }

// WithMaxPages bounds the database file, in pages of 4 KiB; writing beyond fails as on a full disk.
func WithMaxPages(n int) Option { return func(o *options) { o.maxPages = n } }

const schema = 1

// Open opens the store in a directory and makes it if it is missing. One process at a time may have it open:
// ErrFull (locked) for the second.
func Open(ctx context.Context, dir string, opts ...Option) (*Store, error) {
	o := options{readers: max(8, 2*runtime.GOMAXPROCS(0)), busyTimeout: 5 * time.Second}
	for _, set := range opts {
		set(&o)
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, store.ErrFull.Because(fmt.Errorf("make %s: %w", dir, err), nil)
	}
	s := &Store{
		jobs: make(chan *job, maxBatch), stopped: make(chan struct{}), drops: map[string]int{}, readers: make(chan *conn, o.readers),
		grown: make(chan struct{}, 1), checkpointed: make(chan struct{}),
	}
	if err := s.open(ctx, dir, o); err != nil {
		return nil, errors.Join(asFault("open "+dir, err), s.closeConns())
	}
	go s.writer()
	go s.checkpoints()
	return s, nil
}

func (s *Store) open(ctx context.Context, dir string, o options) error {
	if err := s.takeLock(filepath.Join(dir, "lock")); err != nil {
		return err
	}
	file := filepath.Join(dir, "stepwell.db")
	var err error
	if s.write, err = connect(file, o, "PRAGMA cache_size=-16384", fmt.Sprintf("PRAGMA max_page_count=%d", o.maxPages)); err != nil {
		return err
	}
	if err := s.prepareFile(); err != nil {
		return err
	}
	for range o.readers {
		c, err := connect(file, o, "PRAGMA cache_size=-4096", "PRAGMA query_only=1")
		if err != nil {
			return err
		}
		s.readers <- c
	}
	if s.check, err = connect(file, o, "PRAGMA cache_size=-256"); err != nil {
		return err
	}
	if s.files, err = openFiles(s, filepath.Join(dir, "files")); err != nil {
		return err
	}
	return ctx.Err()
}

// takeLock holds a lock file for the life of the process, by SQLite's own means, which work on every system.
func (s *Store) takeLock(file string) error {
	lock, err := sqlite.OpenConn(file, sqlite.OpenReadWrite|sqlite.OpenCreate)
	if err != nil {
		return fmt.Errorf("open lock file: %w", err)
	}
	lock.SetBusyTimeout(0)
	s.lock = &conn{db: lock, stmts: map[string]*sqlite.Stmt{}}
	if _, err := s.lock.exec("BEGIN EXCLUSIVE"); err != nil {
		return fmt.Errorf("another process has this store open: %w", err)
	}
	return nil
}

// connect opens a connection. The system's own cache holds the file; what each connection holds besides is kept small.
func connect(file string, o options, more ...string) (*conn, error) {
	db, err := sqlite.OpenConn(file, sqlite.OpenReadWrite|sqlite.OpenCreate)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", file, err)
	}
	db.SetBusyTimeout(o.busyTimeout)
	c := &conn{db: db, stmts: map[string]*sqlite.Stmt{}}
	for _, sql := range append([]string{
		"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=0", "PRAGMA temp_store=MEMORY",
		"PRAGMA wal_autocheckpoint=0", "PRAGMA journal_size_limit=67108864",
	}, more...) {
		if _, err := c.exec(sql); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", sql, err), c.close())
		}
	}
	return c, nil
}

// prepareFile makes or reads what the file says about itself.
func (s *Store) prepareFile() error {
	c := s.write
	var version int64
	if _, err := c.one("PRAGMA user_version", nil, func(st *sqlite.Stmt) error {
		version = st.ColumnInt64(0)
		return nil
	}); err != nil {
		return err
	}
	if version > schema {
		return fmt.Errorf("the store was written by a newer Stepwell (layout %d, this one knows %d)", version, schema)
	}
	for _, sql := range []string{
		"CREATE TABLE IF NOT EXISTS collections(name TEXT PRIMARY KEY NOT NULL, layout TEXT NOT NULL) WITHOUT ROWID",
		"CREATE TABLE IF NOT EXISTS counters(name TEXT PRIMARY KEY NOT NULL, n INTEGER NOT NULL) WITHOUT ROWID",
		"CREATE TABLE IF NOT EXISTS files(id TEXT PRIMARY KEY NOT NULL, hash TEXT NOT NULL, size INTEGER NOT NULL) WITHOUT ROWID",
		"CREATE INDEX IF NOT EXISTS files_hash ON files(hash)",
		fmt.Sprintf("PRAGMA user_version=%d", schema),
	} {
		if _, err := c.exec(sql); err != nil {
			return err
		}
	}
	if err := s.loadTables(c); err != nil {
		return err
	}
	s.publish()
	return nil
}

// publish tells the readers what the writer works on.
func (s *Store) publish() {
	tables := s.layouts
	s.tables.Store(&tables)
	s.relaid = false
}

// Transactional reports that Apply is all or nothing.
func (s *Store) Transactional() bool { return true }

// Ping checks that the file can be read.
func (s *Store) Ping(ctx context.Context) error {
	return s.read(ctx, "ping", func(c *conn) error {
		_, err := c.one("SELECT count(*) FROM sqlite_schema", nil, func(*sqlite.Stmt) error { return nil })
		return err
	})
}

// Rest lets go of what the connections keep of the file in memory; they read it again when they are asked.
func (s *Store) Rest(ctx context.Context) error {
	shrink := func(c *conn) error {
		_, err := c.exec("PRAGMA shrink_memory")
		return err
	}
	for range cap(s.readers) { // the channel hands out the one that has waited longest
		if err := s.read(ctx, "rest", shrink); err != nil {
			return err
		}
	}
	return s.do(ctx, &job{attempt: "rest", run: shrink})
}

// Files is the folder beside the database.
func (s *Store) Files() store.Files { return s.files }

// Close ends the store after the writes that were handed in.
func (s *Store) Close() error {
	s.closing.Lock()
	if s.closed {
		s.closing.Unlock()
		return nil
	}
	s.closed = true
	close(s.jobs)
	s.closing.Unlock()
	<-s.stopped
	close(s.grown)
	<-s.checkpointed
	s.watch.closeAll()
	return s.closeConns()
}

func (s *Store) closeConns() error {
	var errs []error
	for range len(s.readers) {
		errs = append(errs, (<-s.readers).close())
	}
	for _, c := range []*conn{s.check, s.write, s.lock} {
		if c != nil {
			errs = append(errs, c.close())
		}
	}
	return errors.Join(errs...)
}

var errClosed = errors.New("the store is closed")

// read lends a connection to fn. A collection may be laid out anew while fn runs; then it runs again.
func (s *Store) read(ctx context.Context, attempt string, fn func(*conn) error) error {
	s.closing.RLock()
	defer s.closing.RUnlock()
	if s.closed {
		return store.ErrUnavailable.Because(errClosed, nil)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %w", attempt, err)
	}
	var c *conn
	select {
	case c = <-s.readers:
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", attempt, ctx.Err())
	}
	defer func() { s.readers <- c }()
	for {
		before := s.tables.Load()
		err := fn(c)
		// Without an error too: an index that was dropped may be there again under its name, with nothing in it yet.
		if (err == nil || sqlite.ErrCode(err) == sqlite.ResultError) && s.newer(before) && ctx.Err() == nil {
			continue
		}
		return asFault(attempt, err)
	}
}

func (s *Store) newer(than *map[string]*table) bool {
	s.relay.RLock()
	defer s.relay.RUnlock()
	return s.tables.Load() != than
}

func (s *Store) table(collection string) *table { return (*s.tables.Load())[collection] }
