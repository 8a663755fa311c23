package embedded

import (
	"errors"
	"fmt"

	"zombiezen.com/go/sqlite"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/value"
)

// conn is one connection with its prepared statements. One goroutine uses it at a time.
type conn struct {
	db    *sqlite.Conn
	stmts map[string]*sqlite.Stmt
	buf   []byte // of the document read last
}

// maxStmts bounds what odd filters can make a connection keep.
const maxStmts = 300

func (c *conn) prepare(sql string) (*sqlite.Stmt, error) {
	if s, ok := c.stmts[sql]; ok {
		return s, nil
	}
	if len(c.stmts) >= maxStmts {
		for _, s := range c.stmts {
			if err := s.Finalize(); err != nil {
				return nil, fmt.Errorf("finalize statement: %w", err)
			}
		}
		clear(c.stmts)
	}
	s, tail, err := c.db.PrepareTransient(sql)
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", sql, err)
	}
	if tail != 0 {
		return nil, fmt.Errorf("prepare %q: more than one statement", sql)
	}
	c.stmts[sql] = s
	return s, nil
}

// arg is what a statement is given: one value as SQLite keeps and orders it.
type arg struct {
	kind value.Kind // Array: the bytes of blob
	n    int64
	f    float64
	s    string
	blob []byte
}

// The blobs that stand for values SQLite has no kind for. They sort after texts, as MongoDB wants it.
const (
	markIrregular = 4 // an array or object: the id follows, so that a unique index lets it pass
	markBool      = 8
)

func textArg(s string) arg { return arg{kind: value.String, s: s} }

func intArg(n int64) arg { return arg{kind: value.Int, n: n} }

func blobArg(b []byte) arg { return arg{kind: value.Array, blob: b} }

// argOf is the argument of a scalar.
func argOf(v value.Value) arg {
	switch v.Kind {
	case value.Int:
		return intArg(v.Int)
	case value.Float:
		return arg{kind: value.Float, f: v.Float}
	case value.String:
		return textArg(v.Str)
	case value.Bool:
		return blobArg([]byte{markBool, byte(v.Int & 1)})
	default:
		return arg{kind: value.Null}
	}
}

func bind(s *sqlite.Stmt, args []arg) {
	for i, a := range args {
		switch a.kind {
		case value.Int:
			s.BindInt64(i+1, a.n)
		case value.Float:
			s.BindFloat(i+1, a.f)
		case value.String:
			s.BindText(i+1, a.s)
		case value.Array:
			s.BindBytes(i+1, a.blob)
		default:
			s.BindNull(i + 1)
		}
	}
}

// rows runs a statement and calls fn with each row until fn returns false.
func (c *conn) rows(sql string, args []arg, fn func(*sqlite.Stmt) (bool, error)) (err error) {
	s, err := c.prepare(sql)
	if err != nil {
		return err
	}
	bind(s, args)
	defer func() {
		if e := s.Reset(); err == nil && e != nil {
			err = e
		}
	}()
	for {
		row, err := s.Step()
		if err != nil || !row {
			return err
		}
		if more, err := fn(s); err != nil || !more {
			return err
		}
	}
}

// exec runs a statement and says how many rows it changed.
func (c *conn) exec(sql string, args ...arg) (int, error) {
	if err := c.rows(sql, args, func(*sqlite.Stmt) (bool, error) { return true, nil }); err != nil {
		return 0, err
	}
	return c.db.Changes(), nil
}

// one runs a statement and reads its first row, if there is one.
func (c *conn) one(sql string, args []arg, fn func(*sqlite.Stmt) error) (found bool, err error) {
	err = c.rows(sql, args, func(s *sqlite.Stmt) (bool, error) {
		found = true
		return false, fn(s)
	})
	return found, err
}

// bytes reads a column into the connection's own buffer, which the next call overwrites.
func (c *conn) bytes(s *sqlite.Stmt, col int) []byte {
	n := s.ColumnLen(col)
	if cap(c.buf) < n {
		c.buf = make([]byte, 2*n)
	}
	c.buf = c.buf[:n]
	s.ColumnBytes(col, c.buf)
	return c.buf
}

func (c *conn) close() error {
	var errs []error
	for _, s := range c.stmts {
		errs = append(errs, s.Finalize())
	}
	return errors.Join(append(errs, c.db.Close())...)
}

// asFault turns what SQLite says into the store's words.
func asFault(attempt string, err error) error {
	if err == nil {
		return nil
	}
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultFull, sqlite.ResultBusy, sqlite.ResultLocked, sqlite.ResultReadOnly, sqlite.ResultPerm,
		sqlite.ResultCantOpen:
		return store.ErrFull.Because(fmt.Errorf("%s: %w", attempt, err), nil)
	case sqlite.ResultIOErr, sqlite.ResultNoMem, sqlite.ResultNotADB, sqlite.ResultCorrupt:
		return store.ErrUnavailable.Because(fmt.Errorf("%s: %w", attempt, err), nil)
	}
	return fmt.Errorf("%s: %w", attempt, err)
}
