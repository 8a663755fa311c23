package embedded

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"zombiezen.com/go/sqlite"
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

// create makes a collection, laid out for these indexes.
func (s *Store) create(c *conn, collection string, indexes ...spec) (*table, error) {
	var n int64
	if _, err := c.one("INSERT INTO counters(name,n) VALUES('table',1) ON CONFLICT(name) DO UPDATE SET n=n+1 RETURNING n", nil,
		func(st *sqlite.Stmt) error { n = st.ColumnInt64(0); return nil }); err != nil {
		return nil, err
	}
	l := layout{Table: fmt.Sprintf("d%d", n), Indexes: indexes} // a name that was never used before
	l.Columns = append(l.Columns, l.unknown(indexes)...)
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
		if err := x.create(c); err != nil {
			return nil, err
		}
	}
	for _, x := range t.indexes {
		if err := t.createIndex(c, x); err != nil {
			return nil, err
		}
	}
	return t, s.save(c, t)
}

func (x arrayIndex) create(c *conn) error {
	_, err := c.exec(fmt.Sprintf("CREATE TABLE %q(v,r INTEGER,PRIMARY KEY(v,r)) WITHOUT ROWID", x.name))
	return err
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
