package embedded

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/embedded/jsonb"
	"github.com/stepwell/stepwell/internal/store/query"
)

// loadTables reads all layouts from the file.
func (s *Store) loadTables(c *conn) error {
	tables := map[string]*table{}
	if err := c.rows("SELECT name,layout FROM collections", nil, func(st *sqlite.Stmt) (bool, error) {
		var l layout
		if err := json.Unmarshal([]byte(st.ColumnText(1)), &l); err != nil {
			return false, fmt.Errorf("read layout of %s: %w", st.ColumnText(0), err)
		}
		t, err := newTable(st.ColumnText(0), l)
		if err != nil {
			return false, err
		}
		tables[t.collection] = t
		return true, nil
	}); err != nil {
		return err
	}
	s.layouts = tables
	return nil
}

// save writes a layout; the readers learn of it after the commit.
func (s *Store) save(c *conn, t *table) error {
	text, err := t.layoutJSON()
	if err != nil {
		return err
	}
	if _, err := c.exec("INSERT INTO collections(name,layout) VALUES(?,?) ON CONFLICT(name) DO UPDATE SET layout=excluded.layout",
		textArg(t.collection), textArg(text)); err != nil {
		return err
	}
	s.layouts = maps.Clone(s.layouts)
	s.layouts[t.collection] = t
	s.relaid = true
	return nil
}

// markIrregular notes that a column no longer holds all there is to know. The mark is set before the row is there.
func (s *Store) markIrregular(c *conn, r row) error {
	fresh := false
	for _, col := range r.irregular {
		fresh = !col.irregular.Swap(true) || fresh
	}
	if !fresh {
		return nil
	}
	return s.save(c, r.table)
}

// create makes a collection without indexes.
func (s *Store) create(c *conn, collection string) (*table, error) {
	return s.build(c, collection, layout{})
}

// build makes the SQL tables and indexes of a layout, under a name that was never used before.
func (s *Store) build(c *conn, collection string, l layout) (*table, error) {
	var n int64
	if _, err := c.one("INSERT INTO counters(name,n) VALUES('table',1) ON CONFLICT(name) DO UPDATE SET n=n+1 RETURNING n", nil,
		func(st *sqlite.Stmt) error { n = st.ColumnInt64(0); return nil }); err != nil {
		return nil, err
	}
	l.Table = fmt.Sprintf("d%d", n)
	t, err := newTable(collection, l)
	if err != nil {
		return nil, err
	}
	var columns strings.Builder
	for _, col := range t.columns {
		columns.WriteString(col.name + ",")
	}
	// No column has a type, so that SQLite converts nothing. The document stands last: the columns are read without it.
	if _, err := c.exec(fmt.Sprintf("CREATE TABLE %q(id PRIMARY KEY NOT NULL,rev,%sdoc NOT NULL)", t.name, columns.String())); err != nil {
		return nil, err
	}
	for _, x := range t.arrays {
		if _, err := c.exec(fmt.Sprintf("CREATE TABLE %q(v,r INTEGER,PRIMARY KEY(v,r)) WITHOUT ROWID", x.name)); err != nil {
			return nil, err
		}
	}
	return t, s.save(c, t)
}

func (t *table) createIndex(c *conn, x index) error {
	var keys []string
	for i, k := range x.Keys {
		key := t.columns[x.columns[i]].name
		if x.Unique && i > 0 {
			key = "ifnull(" + key + ",x'00')" // MongoDB lets null be there once; SQLite would let it pass
		}
		if k.Desc {
			key += " DESC"
		}
		keys = append(keys, key)
	}
	unique, where := "", ""
	if x.Unique {
		unique = "UNIQUE "
	} else if x.Keys[len(x.Keys)-1].Desc {
		keys = append(keys, "id DESC")
	} else {
		keys = append(keys, "id")
	}
	if x.Unique || x.Present {
		where = " WHERE " + t.columns[x.columns[0]].name + " IS NOT NULL"
	}
	_, err := c.exec(fmt.Sprintf("CREATE %sINDEX %q ON %q(%s)%s", unique, x.name, t.name, strings.Join(keys, ","), where))
	return t.duplicate("", err)
}

// EnsureIndexes lays a collection out for these indexes and no others.
func (s *Store) EnsureIndexes(ctx context.Context, collection string, indexes ...store.Index) error {
	if err := query.CheckCollection(collection); err != nil {
		return err
	}
	if err := query.CheckIndexes(indexes); err != nil {
		return err
	}
	var want layout
	for _, x := range indexes {
		want.Indexes = append(want.Indexes, specOf(x))
		for _, k := range x.Keys {
			if !x.Array && !slices.Contains(want.Columns, k.Path) {
				want.Columns = append(want.Columns, k.Path)
			}
		}
	}
	slices.SortFunc(want.Indexes, byName)
	slices.Sort(want.Columns)
	return s.do(ctx, &job{attempt: "lay out " + collection, run: func(c *conn) error {
		return s.layOut(ctx, c, collection, want)
	}})
}

func byName(a, b spec) int { return cmp.Compare(a.Name, b.Name) }

func (s *Store) layOut(ctx context.Context, c *conn, collection string, want layout) error {
	t := s.layouts[collection]
	if t == nil {
		return s.rebuild(ctx, c, collection, nil, want)
	}
	have := t.layout()
	slices.SortFunc(have.Indexes, byName)
	if slices.EqualFunc(have.Indexes, want.Indexes, spec.equal) {
		return nil
	}
	return s.rebuild(ctx, c, collection, t, want)
}

// rebuild makes the collection's tables anew and moves the documents over.
func (s *Store) rebuild(ctx context.Context, c *conn, collection string, from *table, want layout) error {
	t, err := s.build(c, collection, want)
	if err != nil {
		return err
	}
	if from != nil {
		if err := s.move(ctx, c, from, t); err != nil {
			return err
		}
	}
	for _, x := range t.indexes { // after the rows: building an index once is faster than growing it
		if err := t.createIndex(c, x); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) move(ctx context.Context, c *conn, from, to *table) error {
	for last := int64(0); ; {
		type item struct {
			id  string
			doc jsonb.Raw
		}
		var items []item
		if err := c.rows(fmt.Sprintf("SELECT rowid,id,doc FROM %q WHERE rowid>? ORDER BY rowid LIMIT 1000", from.name), []arg{intArg(last)},
			func(st *sqlite.Stmt) (bool, error) {
				last = st.ColumnInt64(0)
				items = append(items, item{st.ColumnText(1), slices.Clone(c.bytes(st, 2))})
				return true, nil
			}); err != nil {
			return err
		}
		for _, it := range items {
			if _, err := s.insert(c, to.row(it.id, it.doc), to.insert); err != nil {
				return err
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(items) == 0 {
			break
		}
	}
	for _, x := range from.arrays {
		if _, err := c.exec(fmt.Sprintf("DROP TABLE %q", x.name)); err != nil {
			return err
		}
	}
	_, err := c.exec(fmt.Sprintf("DROP TABLE %q", from.name))
	return err
}
