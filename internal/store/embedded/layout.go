package embedded

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/embedded/jsonb"
	"github.com/stepwell/stepwell/internal/store/query"
)

// few is how many documents are laid out anew at once, without anybody noticing.
const few = 1000

// EnsureIndexes lays a collection out for these indexes and no others.
func (s *Store) EnsureIndexes(ctx context.Context, collection string, indexes ...store.Index) error {
	build, err := s.Prepare(ctx, collection, indexes...)
	if err != nil || build == nil {
		return err
	}
	return build(ctx)
}

// Prepare lays a collection out for these indexes and no others. A column is added at once and filled by small jobs between
// those of others; then its index is made by one job, for which other writers wait.
func (s *Store) Prepare(ctx context.Context, collection string, indexes ...store.Index) (build func(context.Context) error, err error) {
	if err := query.CheckCollection(collection); err != nil {
		return nil, err
	}
	if err := query.CheckIndexes(indexes); err != nil {
		return nil, err
	}
	want := make([]spec, len(indexes))
	for i, x := range indexes {
		want[i] = specOf(x)
	}
	s.laying.Lock()
	defer s.laying.Unlock()
	var pending []spec
	var many bool
	if err := s.do(ctx, &job{attempt: "lay out " + collection, run: func(c *conn) (err error) {
		pending, many, err = s.layOut(c, collection, want)
		return err
	}}); err != nil {
		return nil, err
	}
	var later []spec
	for _, x := range pending {
		if many && !x.Unique {
			later = append(later, x)
		}
	}
	now := slices.DeleteFunc(pending, func(x spec) bool { return slices.ContainsFunc(later, x.equal) })
	if err := s.make(ctx, collection, now); err != nil {
		return nil, err
	}
	if err := s.do(ctx, &job{attempt: "lay out " + collection, run: func(c *conn) error { return s.drop(c, collection, want) }}); err != nil {
		return nil, err
	}
	if len(later) == 0 {
		return nil, nil //nolint:nilnil // nothing is left to build
	}
	return func(ctx context.Context) error { return s.make(ctx, collection, later) }, nil
}

// layOut makes the collection, or adds to it what the writers must know of the indexes that are missing. It tells which
// these are, and whether there are many documents.
func (s *Store) layOut(c *conn, collection string, want []spec) (pending []spec, many bool, err error) {
	t := s.layouts[collection]
	if t == nil {
		_, err := s.create(c, collection, want...)
		return nil, false, err
	}
	l := t.layout()
	fresh := missing(want, append(slices.Clone(l.Indexes), l.Building...))
	for _, x := range fresh { // what has the name must go first
		if err := s.dropIndex(c, t, x.Name); err != nil {
			return nil, false, err
		}
		named := func(o spec) bool { return strings.EqualFold(o.Name, x.Name) }
		l.Indexes, l.Building = slices.DeleteFunc(l.Indexes, named), slices.DeleteFunc(l.Building, named)
	}
	pending = append(missing(l.Building, missing(l.Building, want)), fresh...)
	if len(fresh) > 0 {
		columns := l.unknown(fresh)
		l.Building, l.Columns, l.Filling = append(l.Building, fresh...), append(l.Columns, columns...), append(l.Filling, columns...)
		next, err := newTable(collection, l)
		if err != nil {
			return nil, false, err
		}
		for _, col := range next.columns[len(t.columns):] {
			if _, err := c.exec(fmt.Sprintf("ALTER TABLE %q ADD COLUMN %s", t.name, col.name)); err != nil {
				return nil, false, err
			}
		}
		for _, x := range next.arrays {
			if slices.ContainsFunc(fresh, x.equal) {
				if err := x.create(c); err != nil {
					return nil, false, err
				}
			}
		}
		if err := s.save(c, next); err != nil {
			return nil, false, err
		}
	}
	_, err = c.one(fmt.Sprintf("SELECT 1 FROM %q LIMIT 1 OFFSET %d", t.name, few), nil, func(*sqlite.Stmt) error { many = true; return nil })
	return pending, many, err
}

// missing are the specs of a list that others do not hold.
func missing(list, others []spec) []spec {
	var out []spec
	for _, x := range list {
		if !slices.ContainsFunc(others, x.equal) {
			out = append(out, x)
		}
	}
	return out
}

// unknown are the paths of indexes that the layout has no columns for.
func (l layout) unknown(indexes []spec) []string {
	var out []string
	for _, x := range indexes {
		for _, k := range x.Keys {
			if !x.Array && !slices.Contains(l.Columns, k.Path) && !slices.Contains(out, k.Path) {
				out = append(out, k.Path)
			}
		}
	}
	slices.Sort(out)
	return out
}

// drop removes the indexes that are not wanted. Columns stay: they cost little, and the next index may want them.
func (s *Store) drop(c *conn, collection string, want []spec) error {
	t := s.layouts[collection]
	l := t.layout()
	gone := missing(append(slices.Clone(l.Indexes), l.Building...), want)
	if len(gone) == 0 {
		return nil
	}
	for _, x := range gone {
		if err := s.dropIndex(c, t, x.Name); err != nil {
			return err
		}
	}
	l.Indexes, l.Building = missing(l.Indexes, gone), missing(l.Building, gone)
	next, err := newTable(collection, l)
	if err != nil {
		return err
	}
	return s.save(c, next)
}

// dropIndex removes what there is of an index.
func (s *Store) dropIndex(c *conn, t *table, name string) error {
	s.drops[t.collection]++
	if _, err := c.exec(fmt.Sprintf("DROP INDEX IF EXISTS %q", t.name+"_"+name)); err != nil {
		return err
	}
	for _, x := range t.arrays {
		if strings.EqualFold(x.Name, name) {
			if _, err := c.exec(fmt.Sprintf("DROP TABLE %q", x.name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// make fills what indexes need and makes them, if they are still wanted when their turn comes. When one cannot be, none of
// them stays.
func (s *Store) make(ctx context.Context, collection string, indexes []spec) error {
	for made := len(indexes) == 0; !made; {
		at, err := s.fill(ctx, collection, indexes)
		if err == nil {
			made, err = s.finish(ctx, collection, indexes, at)
		}
		switch {
		case err == nil:
			continue
		case ctx.Err() != nil: // what is half done goes on the next time
			return err
		}
		_ = s.do(ctx, &job{attempt: "lay out " + collection, run: func(c *conn) error { // the first error says why
			l := s.layouts[collection].layout()
			return s.drop(c, collection, missing(append(l.Indexes, l.Building...), indexes))
		}})
		return err
	}
	return nil
}

// filling is what a run over a collection fills.
type filling struct {
	columns []string // paths
	arrays  []spec
	drops   int // of the collection, when it began
}

// fill gives every row what the columns and arrays of indexes lack, and says how many drops the collection had seen then.
func (s *Store) fill(ctx context.Context, collection string, indexes []spec) (drops int, err error) {
	var f filling
	last, next, done := int64(0), int64(0), false
	for !done {
		if err := s.do(ctx, &job{attempt: "fill " + collection, run: func(c *conn) (err error) {
			t := s.layouts[collection]
			from := last
			if last == 0 || f.drops != s.drops[collection] { // what was filled may be gone
				f, from = t.filling(indexes), 0
				f.drops = s.drops[collection]
			}
			if done = len(f.columns)+len(f.arrays) == 0; done {
				return nil
			}
			if next, err = s.fillSome(c, t, f, from); err != nil {
				return err
			}
			if done = next == from; done {
				return s.filled(c, t, f)
			}
			return nil
		}}); err != nil {
			return 0, err
		}
		last = next
	}
	return f.drops, nil
}

func (t *table) filling(indexes []spec) (f filling) {
	for _, x := range indexes {
		for _, k := range x.Keys {
			if c := t.anyColumn(k.Path); !x.Array && c != nil && c.filling && !slices.Contains(f.columns, k.Path) {
				f.columns = append(f.columns, k.Path)
			}
		}
	}
	for _, x := range t.arrays {
		if x.filling && slices.ContainsFunc(indexes, x.equal) {
			f.arrays = append(f.arrays, x.spec)
		}
	}
	return f
}

func (t *table) anyColumn(path string) *column {
	i := slices.IndexFunc(t.columns, func(c *column) bool { return c.path.Text == path })
	if i < 0 {
		return nil
	}
	return t.columns[i]
}

// fillAtOnce is how many rows one job fills: few enough for others not to notice.
const fillAtOnce = 200

// fillSome fills the rows that follow a row, and says which was the last; the same when there are no more.
func (s *Store) fillSome(c *conn, t *table, f filling, after int64) (last int64, err error) {
	type item struct {
		rowid int64
		row   row
	}
	var items []item
	last = after
	if err := c.rows(fmt.Sprintf("SELECT rowid,id,doc FROM %q WHERE rowid>? ORDER BY rowid LIMIT %d", t.name, fillAtOnce), []arg{intArg(last)},
		func(st *sqlite.Stmt) (bool, error) {
			last = st.ColumnInt64(0)
			items = append(items, item{last, t.row(st.ColumnText(1), jsonb.Raw(slices.Clone(c.bytes(st, 2))))})
			return true, nil
		}); err != nil {
		return after, err
	}
	var sets []string
	var columns []int // in the row's arguments
	for i, col := range t.columns {
		if slices.Contains(f.columns, col.path.Text) {
			sets, columns = append(sets, col.name+"=?"), append(columns, i+1) // after the rev
		}
	}
	update := fmt.Sprintf("UPDATE %q SET %s WHERE rowid=?", t.name, strings.Join(sets, ","))
	for _, it := range items {
		if err := s.markIrregular(c, it.row); err != nil {
			return after, err
		}
		var args []arg
		for _, i := range columns {
			args = append(args, it.row.args[i])
		}
		if len(sets) > 0 {
			if _, err := c.exec(update, append(args, intArg(it.rowid))...); err != nil {
				return after, t.duplicate(it.row.id, err)
			}
		}
		if err := t.fillArrays(c, f, it.rowid, it.row.elements); err != nil {
			return after, err
		}
	}
	return last, nil
}

func (t *table) fillArrays(c *conn, f filling, rowid int64, elements [][]arg) error {
	for i, x := range t.arrays {
		if !slices.ContainsFunc(f.arrays, x.equal) {
			continue
		}
		for _, a := range elements[i] {
			if _, err := c.exec(fmt.Sprintf("INSERT OR IGNORE INTO %q(v,r) VALUES(?,?)", x.name), a, intArg(rowid)); err != nil {
				return err
			}
		}
	}
	return nil
}

// filled notes that every row has what was filled.
func (s *Store) filled(c *conn, t *table, f filling) error {
	l := t.layout()
	l.Filling = slices.DeleteFunc(l.Filling, func(path string) bool { return slices.Contains(f.columns, path) })
	next, err := newTable(t.collection, l)
	if err != nil {
		return err
	}
	return s.save(c, next)
}

// finish makes indexes whose columns are filled; made is false when something was dropped since then, so that they may not be.
func (s *Store) finish(ctx context.Context, collection string, indexes []spec, drops int) (made bool, err error) {
	for _, x := range indexes {
		err := s.do(ctx, &job{attempt: "index " + collection, run: func(c *conn) error {
			made = drops == s.drops[collection]
			if !made {
				return nil
			}
			return s.finishOne(c, collection, x)
		}})
		if err != nil || !made {
			return false, err
		}
	}
	return true, nil
}

func (s *Store) finishOne(c *conn, collection string, x spec) error {
	l := s.layouts[collection].layout()
	if !slices.ContainsFunc(l.Building, x.equal) {
		return nil // no longer wanted, or made by somebody else meanwhile
	}
	l.Building, l.Indexes = missing(l.Building, []spec{x}), append(l.Indexes, x)
	t, err := newTable(collection, l)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(t.indexes, func(o index) bool { return o.equal(x) }); i >= 0 {
		if err := t.createIndex(c, t.indexes[i]); err != nil {
			return err
		}
	}
	return s.save(c, t)
}
