package embedded

import (
	"context"
	"fmt"
	"slices"

	"zombiezen.com/go/sqlite"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/embedded/eval"
	"github.com/stepwell/stepwell/internal/store/embedded/jsonb"
	"github.com/stepwell/stepwell/internal/store/query"
	"github.com/stepwell/stepwell/schemas/problem"
)

func notFound(collection, id string) error {
	return store.ErrNotFound.With(problem.Params{"collection": collection, "id": id})
}

// Get loads one document.
func (s *Store) Get(ctx context.Context, collection, id string) (store.Doc, error) {
	var doc store.Doc
	err := s.read(ctx, "get "+collection, func(c *conn) error {
		t := s.table(collection)
		if t == nil {
			return notFound(collection, id)
		}
		found, err := c.one(t.get, []arg{textArg(id)}, func(st *sqlite.Stmt) (err error) {
			doc, err = jsonb.Raw(c.bytes(st, 0)).JSON()
			return err
		})
		if err == nil && !found {
			return notFound(collection, id)
		}
		return err
	})
	return doc, err
}

// Find loads documents in order.
func (s *Store) Find(ctx context.Context, collection string, q store.Query) ([]store.Doc, error) {
	parsed, err := query.Parse(q)
	if err != nil {
		return nil, err
	}
	var docs []store.Doc
	err = s.read(ctx, "find in "+collection, func(c *conn) error {
		docs = nil
		t := s.table(collection)
		if t == nil {
			return nil
		}
		project := eval.Projection(parsed.Fields)
		return t.plan(parsed).run(ctx, c, func(raw jsonb.Raw, _ int64) (bool, error) {
			doc, err := project(raw)
			docs = append(docs, doc)
			return true, err
		})
	})
	return docs, err
}

// Count counts documents, at most max if that is above 0.
func (s *Store) Count(ctx context.Context, collection string, f store.Filter, max int64) (int64, error) {
	filter, err := query.ParseFilter(f)
	if err != nil {
		return 0, err
	}
	var n int64
	err = s.read(ctx, "count "+collection, func(c *conn) error {
		n = 0
		t := s.table(collection)
		if t == nil {
			return nil
		}
		n, err = t.plan(query.Query{Filter: filter}).count(ctx, c, max)
		return err
	})
	return n, err
}

func (p plan) count(ctx context.Context, c *conn, max int64) (n int64, err error) {
	if p.match == nil {
		sql := "SELECT count(*)" + p.from
		args := p.args
		if max > 0 {
			sql = "SELECT count(*) FROM (SELECT 1" + p.from + " LIMIT ?)"
			args = append(slices.Clip(args), intArg(max))
		}
		_, err = c.one(sql, args, func(s *sqlite.Stmt) error { n = s.ColumnInt64(0); return nil })
		return n, err
	}
	err = p.scan(ctx, c, "", func(jsonb.Raw, int64) (bool, error) {
		n++
		return max <= 0 || n < max, nil
	})
	return n, err
}

// emit takes in one document, which is overwritten when it returns, and says whether it wants more.
type emit func(doc jsonb.Raw, rowid int64) (more bool, err error)

// scan tells all matching documents in SQLite's order.
func (p plan) scan(ctx context.Context, c *conn, order string, fn emit) error {
	done := ctx.Done()
	return c.rows("SELECT doc,rowid"+p.from+order, p.args, func(s *sqlite.Stmt) (bool, error) {
		select {
		case <-done:
			return false, ctx.Err()
		default:
		}
		doc := jsonb.Raw(c.bytes(s, 0))
		if p.match != nil && !p.match(doc) {
			return true, nil
		}
		return fn(doc, s.ColumnInt64(1))
	})
}

// run tells the documents of the query in its order.
func (p plan) run(ctx context.Context, c *conn, fn emit) error {
	switch {
	case p.match == nil && p.order != "" && p.ordered:
		limit := intArg(-1)
		if p.limit > 0 {
			limit = intArg(int64(p.limit))
		}
		p.args = append(slices.Clip(p.args), limit, intArg(int64(p.skip)))
		return p.scan(ctx, c, p.order+" LIMIT ? OFFSET ?", fn)
	case p.match == nil && p.order != "":
		return p.runRows(ctx, c, fn)
	case p.order != "" && p.ordered:
		return p.scan(ctx, c, p.order, p.window(fn))
	default:
		return p.runSorted(ctx, c, fn)
	}
}

// window passes on what lies between skip and limit.
func (p plan) window(fn emit) emit {
	n := 0
	return func(doc jsonb.Raw, rowid int64) (bool, error) {
		n++
		if n <= p.skip {
			return true, nil
		}
		more, err := fn(doc, rowid)
		return more && (p.limit == 0 || n < p.skip+p.limit), err
	}
}

// runRows lets SQLite sort row numbers, which are small, and then loads the documents.
func (p plan) runRows(ctx context.Context, c *conn, fn emit) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return c.snapshot(func() error {
		limit := intArg(-1)
		if p.limit > 0 {
			limit = intArg(int64(p.limit))
		}
		var ids []int64
		args := append(slices.Clip(p.args), limit, intArg(int64(p.skip)))
		if err := c.rows("SELECT rowid"+p.from+p.order+" LIMIT ? OFFSET ?", args, func(s *sqlite.Stmt) (bool, error) {
			ids = append(ids, s.ColumnInt64(0))
			return true, nil
		}); err != nil {
			return err
		}
		for _, id := range ids {
			more := true
			if _, err := c.one(p.table.getRow, []arg{intArg(id)}, func(s *sqlite.Stmt) (err error) {
				more, err = fn(c.bytes(s, 0), id)
				return err
			}); err != nil {
				return err
			}
			if !more {
				return nil
			}
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		return nil
	})
}

// snapshot runs fn so that all it reads is of one moment.
func (c *conn) snapshot(fn func() error) error {
	if !c.db.AutocommitEnabled() { // the writer is in a transaction already
		return fn()
	}
	if _, err := c.exec("BEGIN"); err != nil {
		return fmt.Errorf("begin reading: %w", err)
	}
	err := fn()
	if _, e := c.exec("ROLLBACK"); err == nil && e != nil {
		err = fmt.Errorf("end reading: %w", e)
	}
	return err
}

// runSorted sorts in Go what the columns cannot.
func (p plan) runSorted(ctx context.Context, c *conn, fn emit) error {
	keep := 0
	if p.limit > 0 {
		keep = p.skip + p.limit
	}
	type sorted struct{ rowid int64 }
	sorter := eval.NewSorter[sorted](p.keys, keep)
	if err := p.scan(ctx, c, "", func(doc jsonb.Raw, rowid int64) (bool, error) {
		return true, sorter.Add(doc, sorted{rowid})
	}); err != nil {
		return err
	}
	out := p.window(fn)
	for doc, with := range sorter.All() {
		if more, err := out(doc, with.rowid); err != nil || !more {
			return err
		}
	}
	return nil
}
