package embedded

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/embedded/eval"
	"github.com/stepwell/stepwell/internal/store/embedded/jsonb"
	"github.com/stepwell/stepwell/internal/store/query"
	"github.com/stepwell/stepwell/internal/store/value"
)

// table is how one collection lies in the file: the id, the rev, a column for every path that an index sorts by, and
// the document. It is replaced, never changed, but for the irregular marks.
type table struct {
	collection string
	name       string // of the SQL table
	columns    []*column
	indexes    []index
	arrays     []arrayIndex
	building   []spec // not there yet

	get, getRow, getOld, delete, insert, put, add, replace string // SQL
}

// column holds the value of one path of every document, computed when the document is written.
type column struct {
	path query.Path
	name string
	// irregular says that some document has (or had) an array or object on the path, of which the column holds only a
	// mark: a filter must look into those documents, and the column is no longer an order.
	irregular atomic.Bool
	filling   bool // rows from before the column may lack their value still: only writers know of it
}

type index struct {
	spec
	name    string // of the SQL index
	columns []int  // of Keys
}

type arrayIndex struct {
	spec
	path    query.Path
	name    string // of the SQL table of (value, row)
	filling bool   // as of a column
}

// layout is what the file remembers of a table.
type layout struct {
	Table     string   `json:"table"`
	Columns   []string `json:"columns"` // paths
	Irregular []string `json:"irregular,omitempty"`
	Filling   []string `json:"filling,omitempty"` // columns that do not hold the value of every row yet
	Indexes   []spec   `json:"indexes"`
	Building  []spec   `json:"building,omitempty"` // indexes that are not there yet
}

// spec is a store.Index as the file remembers it.
type spec struct {
	Name    string `json:"name"`
	Keys    []key  `json:"keys"`
	Unique  bool   `json:"unique,omitempty"`
	Array   bool   `json:"array,omitempty"`
	Present bool   `json:"present,omitempty"`
}

type key struct {
	Path string `json:"path"`
	Desc bool   `json:"desc,omitempty"`
}

func specOf(x store.Index) spec {
	s := spec{Name: x.Name, Unique: x.Unique, Array: x.Array, Present: x.Present}
	for _, k := range x.Keys {
		s.Keys = append(s.Keys, key(k))
	}
	return s
}

func (s spec) equal(o spec) bool {
	return s.Name == o.Name && slices.Equal(s.Keys, o.Keys) && s.Unique == o.Unique && s.Array == o.Array && s.Present == o.Present
}

func (t *table) layout() layout {
	l := layout{Table: t.name}
	for _, c := range t.columns {
		l.Columns = append(l.Columns, c.path.Text)
		if c.irregular.Load() {
			l.Irregular = append(l.Irregular, c.path.Text)
		}
		if c.filling {
			l.Filling = append(l.Filling, c.path.Text)
		}
	}
	for _, i := range t.indexes {
		l.Indexes = append(l.Indexes, i.spec)
	}
	for _, a := range t.arrays {
		if a.filling {
			l.Building = append(l.Building, a.spec)
		} else {
			l.Indexes = append(l.Indexes, a.spec)
		}
	}
	l.Building = append(l.Building, t.building...)
	return l
}

func (t *table) layoutJSON() (string, error) {
	b, err := json.Marshal(t.layout())
	if err != nil {
		return "", fmt.Errorf("write layout of %s: %w", t.collection, err)
	}
	return string(b), nil
}

// newTable lays a table out.
func newTable(collection string, l layout) (*table, error) {
	t := &table{collection: collection, name: l.Table}
	for i, text := range l.Columns {
		p, err := query.ParsePath("/columns", text)
		if err != nil {
			return nil, err
		}
		c := &column{path: p, name: fmt.Sprintf("k%d", i)}
		c.irregular.Store(slices.Contains(l.Irregular, text))
		c.filling = slices.Contains(l.Filling, text)
		t.columns = append(t.columns, c)
	}
	for _, x := range l.Indexes {
		if err := t.addIndex(x, l.Columns, false); err != nil {
			return nil, err
		}
	}
	for _, x := range l.Building {
		if err := t.addIndex(x, l.Columns, true); err != nil {
			return nil, err
		}
	}
	t.write()
	return t, nil
}

func (t *table) addIndex(x spec, columns []string, building bool) error {
	name := t.name + "_" + x.Name
	if x.Array {
		p, err := query.ParsePath("/indexes/"+x.Name, x.Keys[0].Path)
		t.arrays = append(t.arrays, arrayIndex{x, p, name, building})
		return err
	}
	if building {
		t.building = append(t.building, x)
		return nil
	}
	laid := index{spec: x, name: name}
	for _, k := range x.Keys {
		laid.columns = append(laid.columns, slices.Index(columns, k.Path))
	}
	t.indexes = append(t.indexes, laid)
	return nil
}

// write spells the statements that write a row.
func (t *table) write() {
	var names, marks, sets, excluded strings.Builder
	for _, c := range t.columns {
		names.WriteString(c.name + ",")
		marks.WriteString("?,")
		sets.WriteString(c.name + "=?,")
		excluded.WriteString(c.name + "=excluded." + c.name + ",")
	}
	t.get = fmt.Sprintf("SELECT doc FROM %q WHERE id=?", t.name)
	t.getOld = fmt.Sprintf("SELECT rowid,doc FROM %q WHERE id=?", t.name)
	t.delete = fmt.Sprintf("DELETE FROM %q WHERE id=?", t.name)
	t.getRow = fmt.Sprintf("SELECT doc FROM %q WHERE rowid=?", t.name)
	t.insert = fmt.Sprintf("INSERT INTO %q(id,rev,%sdoc) VALUES(?,?,%s?)", t.name, names.String(), marks.String())
	t.add = t.insert + " ON CONFLICT(id) DO NOTHING"
	t.put = t.insert + " ON CONFLICT(id) DO UPDATE SET rev=excluded.rev," + excluded.String() + "doc=excluded.doc"
	t.replace = fmt.Sprintf("UPDATE %q SET rev=?,%sdoc=? WHERE id=?", t.name, sets.String())
}

// column finds the column of a path that answers can be read from.
func (t *table) column(path string) *column {
	for _, c := range t.columns {
		if c.path.Text == path && !c.filling {
			return c
		}
	}
	return nil
}

// row is a document made ready for its table.
type row struct {
	table     *table
	id        string
	doc       jsonb.Raw
	args      []arg // rev, columns, doc
	elements  [][]arg
	irregular []*column
}

// encode reads a document's text.
func encode(collection, id string, doc store.Doc) (jsonb.Raw, error) {
	e := jsonb.NewEncoder(make([]byte, 0, len(doc)))
	err := query.ScanDocument(collection, id, doc, e)
	return e.Raw(), err
}

// row computes the columns of a document.
func (t *table) row(id string, doc jsonb.Raw) row {
	r := row{table: t, id: id, doc: doc, args: make([]arg, 0, len(t.columns)+3)}
	r.args = append(r.args, argOf(doc.Member("rev").Scalar()))
	for _, c := range t.columns {
		a, regular := keyOf(id, doc, c.path.Parts)
		if !regular && !c.irregular.Load() {
			r.irregular = append(r.irregular, c)
		}
		r.args = append(r.args, a)
	}
	r.args = append(r.args, blobArg(doc))
	for _, x := range t.arrays {
		r.elements = append(r.elements, elements(doc, x.path.Parts))
	}
	return r
}

// keyOf is what a column holds of a document; regular is false when that is only a mark.
func keyOf(id string, doc jsonb.Raw, parts []string) (key arg, regular bool) {
	v := doc
	for _, part := range parts {
		if v.Kind() != value.Object {
			break
		}
		if v = v.Member(part); v.Kind() == value.Array {
			return blobArg(append([]byte{markIrregular}, id...)), false
		}
		parts = parts[1:]
	}
	switch {
	case len(parts) > 0: // the path leads through a scalar
		return arg{kind: value.Null}, true
	case v.Kind() == value.Object:
		return blobArg(append([]byte{markIrregular}, id...)), false
	default:
		return argOf(v.Scalar()), true
	}
}

// elements are the distinct scalars that an array index holds of a document.
func elements(doc jsonb.Raw, parts []string) []arg {
	var seen []value.Value
	eval.Visit(doc, parts, true, func(v jsonb.Raw) bool {
		switch v.Kind() {
		case value.Int, value.Float, value.String, value.Bool:
			seen = append(seen, v.Scalar())
		}
		return false
	})
	slices.SortFunc(seen, value.Compare)
	seen = slices.CompactFunc(seen, value.Equal)
	args := make([]arg, len(seen))
	for i, v := range seen {
		args[i] = argOf(v)
	}
	return args
}
