package embedded

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/embedded/eval"
	"github.com/stepwell/stepwell/internal/store/embedded/jsonb"
	"github.com/stepwell/stepwell/internal/store/query"
	"github.com/stepwell/stepwell/internal/store/value"
	"github.com/stepwell/stepwell/schemas/problem"
)

// prepared is a write with all that can be done before the writer's turn.
type prepared struct {
	store.Write
	doc     jsonb.Raw
	row     row // for the layout at that time
	changes []query.Change
	holds   eval.Match // update: what must hold of the stored document; nil: nothing
}

func (s *Store) prepare(w store.Write) (p prepared, err error) {
	p.Write = w
	if err := query.CheckCollection(w.Collection); err != nil {
		return p, err
	}
	switch w.Op {
	case store.OpInsert, store.OpReplace, store.OpPut, store.OpAdd:
		if p.doc, err = encode(w.Collection, w.ID, w.Doc); err != nil {
			return p, err
		}
		if t := s.table(w.Collection); t != nil {
			p.row = t.row(w.ID, p.doc)
		}
	case store.OpUpdate:
		if p.changes, err = query.ParseUpdate(w.Update); err == nil && len(w.If) > 0 {
			var f query.Filter
			f, err = query.ParseFilter(w.If)
			p.holds = eval.Compile(f)
		}
	case store.OpDelete:
	default:
		err = fmt.Errorf("write %s %s: unknown operation %q", w.Collection, w.ID, w.Op)
	}
	return p, err
}

// Apply writes all or nothing.
func (s *Store) Apply(ctx context.Context, writes ...store.Write) error {
	if len(writes) == 0 {
		return nil
	}
	ready := make([]prepared, len(writes))
	for i, w := range writes {
		p, err := s.prepare(w)
		if err != nil {
			return err
		}
		ready[i] = p
	}
	j := &job{attempt: "write " + writes[0].Collection}
	j.run = func(c *conn) error {
		for i := range ready {
			changed, err := s.apply(c, &ready[i])
			if err != nil {
				return err
			}
			if changed {
				j.changes = append(j.changes, store.Change{
					Collection: ready[i].Collection, ID: ready[i].ID, Deleted: ready[i].Op == store.OpDelete,
				})
			}
		}
		return nil
	}
	return s.do(ctx, j)
}

// apply makes one write and says whether it changed anything.
func (s *Store) apply(c *conn, p *prepared) (changed bool, err error) {
	t := s.layouts[p.Collection]
	if t == nil {
		switch p.Op {
		case store.OpUpdate, store.OpDelete:
			return false, nil
		case store.OpReplace:
			return false, notFound(p.Collection, p.ID)
		}
		if t, err = s.create(c, p.Collection); err != nil {
			return false, err
		}
	}
	if p.doc != nil && p.row.table != t {
		p.row = t.row(p.ID, p.doc)
	}
	switch p.Op {
	case store.OpUpdate:
		return s.update(c, t, p)
	case store.OpDelete:
		return t.remove(c, p.ID)
	case store.OpReplace:
		return true, s.replace(c, p)
	case store.OpPut:
		if len(t.arrays) > 0 {
			if old, err := t.old(c, p.ID); err != nil || old.found {
				return true, s.overwrite(c, p.row, old, err)
			}
		}
		return s.insert(c, p.row, t.put)
	case store.OpAdd:
		return s.insert(c, p.row, t.add)
	default:
		return s.insert(c, p.row, t.insert)
	}
}

func (s *Store) insert(c *conn, r row, sql string) (bool, error) {
	if err := s.markIrregular(c, r); err != nil {
		return false, err
	}
	args := make([]arg, 0, len(r.args)+1)
	n, err := c.exec(sql, append(append(args, textArg(r.id)), r.args...)...)
	if err != nil {
		return false, r.table.duplicate(r.id, err)
	}
	if n == 0 { // the id was taken, and that is all right
		return false, nil
	}
	if len(r.elements) == 0 {
		return true, nil
	}
	return true, r.table.index(c, c.db.LastInsertRowID(), nil, r.elements)
}

// old is the stored state of a document.
type old struct {
	found    bool
	rowid    int64
	rev      value.Value
	doc      jsonb.Raw
	elements [][]arg
}

func (t *table) old(c *conn, id string) (o old, err error) {
	o.found, err = c.one(t.getOld, []arg{textArg(id)}, func(s *sqlite.Stmt) error {
		o.rowid = s.ColumnInt64(0)
		o.doc = slices.Clone(c.bytes(s, 1))
		return nil
	})
	if o.found {
		o.rev = o.doc.Member("rev").Scalar()
		for _, x := range t.arrays {
			o.elements = append(o.elements, elements(o.doc, x.path.Parts))
		}
	}
	return o, err
}

// replace is the compare-and-set.
func (s *Store) replace(c *conn, p *prepared) error {
	t := p.row.table
	if len(t.arrays) == 0 {
		if err := s.markIrregular(c, p.row); err != nil {
			return err
		}
		args := append(make([]arg, 0, len(p.row.args)+2), p.row.args...)
		n, err := c.exec(t.replace+" AND rev=?", append(args, textArg(p.ID), intArg(p.Rev))...)
		if err != nil || n == 1 {
			return t.duplicate(p.ID, err)
		}
	}
	o, err := t.old(c, p.ID)
	switch {
	case err != nil:
		return err
	case !o.found:
		return notFound(p.Collection, p.ID)
	case !o.rev.IsNumber() || !value.Equal(o.rev, value.OfInt(p.Rev)):
		return store.ErrConflict.With(problem.Params{"collection": p.Collection, "id": p.ID})
	}
	return s.overwrite(c, p.row, o, nil)
}

func (s *Store) overwrite(c *conn, r row, o old, err error) error {
	if err != nil {
		return err
	}
	if err := s.markIrregular(c, r); err != nil {
		return err
	}
	args := append(make([]arg, 0, len(r.args)+1), r.args...)
	if _, err := c.exec(r.table.replace, append(args, textArg(r.id))...); err != nil {
		return r.table.duplicate(r.id, err)
	}
	return r.table.index(c, o.rowid, o.elements, r.elements)
}

// update changes a document in place.
func (s *Store) update(c *conn, t *table, p *prepared) (bool, error) {
	o, err := t.old(c, p.ID)
	if err != nil || !o.found || p.holds != nil && !p.holds(o.doc) {
		return false, err
	}
	_, err = s.change(c, t, p.ID, o, p.changes)
	return err == nil, err
}

func (s *Store) change(c *conn, t *table, id string, o old, changes []query.Change) (jsonb.Raw, error) {
	v, err := o.doc.Value()
	if err != nil {
		return nil, err
	}
	if err := query.Apply(&v, changes); err != nil {
		return nil, err
	}
	raw := jsonb.Encode(v)
	return raw, s.overwrite(c, t.row(id, raw), o, nil)
}

func (t *table) remove(c *conn, id string) (bool, error) {
	if len(t.arrays) > 0 {
		o, err := t.old(c, id)
		if err != nil || !o.found {
			return false, err
		}
		if err := t.index(c, o.rowid, o.elements, nil); err != nil {
			return false, err
		}
	}
	n, err := c.exec(t.delete, textArg(id))
	return n > 0, err
}

// index brings the array indexes from what they held of a row to what they must hold.
func (t *table) index(c *conn, rowid int64, before, after [][]arg) error {
	at := func(all [][]arg, i int) []arg {
		if all == nil {
			return nil
		}
		return all[i]
	}
	for i, x := range t.arrays {
		was, is := at(before, i), at(after, i)
		for _, a := range was {
			if !holds(is, a) {
				if _, err := c.exec(fmt.Sprintf("DELETE FROM %q WHERE v=? AND r=?", x.name), a, intArg(rowid)); err != nil {
					return err
				}
			}
		}
		for _, a := range is {
			if !holds(was, a) {
				if _, err := c.exec(fmt.Sprintf("INSERT INTO %q(v,r) VALUES(?,?)", x.name), a, intArg(rowid)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func holds(list []arg, a arg) bool {
	return slices.ContainsFunc(list, func(b arg) bool {
		return a.kind == b.kind && a.n == b.n && a.f == b.f && a.s == b.s && string(a.blob) == string(b.blob)
	})
}

// duplicate explains a broken unique index.
func (t *table) duplicate(id string, err error) error {
	switch sqlite.ErrCode(err) {
	case sqlite.ResultConstraintPrimaryKey:
		return store.ErrDuplicate.Because(err, problem.Params{"index": "_id", "collection": t.collection, "id": id})
	case sqlite.ResultConstraintUnique:
		name := ""
		for _, x := range t.indexes {
			if x.Unique && (strings.Contains(err.Error(), "'"+x.name+"'") || len(x.columns) == 1 &&
				strings.HasSuffix(err.Error(), t.name+"."+t.columns[x.columns[0]].name)) {
				name = x.Name
			}
		}
		return store.ErrDuplicate.Because(err, problem.Params{"index": name, "collection": t.collection, "id": id})
	}
	return err
}

// FindAndUpdate changes the first matching document.
func (s *Store) FindAndUpdate(
	ctx context.Context, collection string, f store.Filter, sort []store.SortKey, u store.Update, upsert bool,
) (store.Doc, error) {
	q, err := query.Parse(store.Query{Filter: f, Sort: sort, Limit: 1})
	if err != nil {
		return nil, err
	}
	changes, err := query.ParseUpdate(u)
	if err != nil {
		return nil, err
	}
	var seed value.Value
	if upsert {
		if seed, err = query.Seed(q.Filter); err != nil {
			return nil, err
		}
	}
	if err := query.CheckCollection(collection); err != nil {
		return nil, err
	}
	var doc store.Doc
	j := &job{attempt: "find and update in " + collection}
	j.run = func(c *conn) error {
		raw, err := s.findAndUpdate(ctx, c, collection, q, changes, upsert, seed)
		if err != nil {
			return err
		}
		j.changes = append(j.changes, store.Change{Collection: collection, ID: idOf(raw)})
		doc, err = raw.JSON()
		return err
	}
	return doc, s.do(ctx, j)
}

func idOf(doc jsonb.Raw) string { return string(doc.Member("_id").Payload()) }

func (s *Store) findAndUpdate(
	ctx context.Context, c *conn, collection string, q query.Query, changes []query.Change, upsert bool, seed value.Value,
) (raw jsonb.Raw, err error) {
	t := s.layouts[collection]
	if t != nil {
		var id string
		if err := t.plan(q).run(ctx, c, func(doc jsonb.Raw, _ int64) (bool, error) {
			id = idOf(doc)
			return false, nil
		}); err != nil {
			return nil, err
		}
		if id != "" {
			o, err := t.old(c, id)
			if err != nil {
				return nil, err
			}
			return s.change(c, t, id, o, changes)
		}
	}
	if !upsert {
		return nil, notFound(collection, "")
	}
	if t == nil {
		if t, err = s.create(c, collection); err != nil {
			return nil, err
		}
	}
	doc := value.Value{Kind: value.Object, Members: slices.Clone(seed.Members)}
	if err := query.Apply(&doc, changes); err != nil {
		return nil, err
	}
	raw = jsonb.Encode(doc)
	_, err = s.insert(c, t.row(idOf(raw), raw), t.insert)
	return raw, err
}

// DeleteMany removes all matching documents.
func (s *Store) DeleteMany(ctx context.Context, collection string, f store.Filter) (int64, error) {
	filter, err := query.ParseFilter(f)
	if err != nil {
		return 0, err
	}
	var n int64
	j := &job{attempt: "delete from " + collection}
	j.run = func(c *conn) error {
		n = 0
		t := s.layouts[collection]
		if t == nil {
			return nil
		}
		var ids []string
		if err := t.plan(query.Query{Filter: filter}).scan(ctx, c, "", func(doc jsonb.Raw, _ int64) (bool, error) {
			ids = append(ids, idOf(doc))
			return true, nil
		}); err != nil {
			return err
		}
		for _, id := range ids {
			if _, err := t.remove(c, id); err != nil {
				return err
			}
			j.changes = append(j.changes, store.Change{Collection: collection, ID: id, Deleted: true})
		}
		n = int64(len(ids))
		return nil
	}
	err = s.do(ctx, j)
	return n, err
}
