package embedded

import (
	"slices"
	"strings"

	"github.com/stepwell/stepwell/internal/store/embedded/eval"
	"github.com/stepwell/stepwell/internal/store/query"
	"github.com/stepwell/stepwell/internal/store/value"
)

// plan is how a query is answered: which rows SQLite gives, in which order, and what is left to do in Go.
type plan struct {
	table *table
	from  string // table, index and condition
	args  []arg
	match eval.Match // what the columns could not decide; nil: nothing
	order string     // "" when the columns are no order
	// ordered says that an index gives the rows in order, so that reading can stop early.
	ordered bool
	keys    []query.Key
	fields  []query.Path
	skip    int
	limit   int
}

func (t *table) plan(q query.Query) plan {
	p := plan{table: t, keys: q.Sort, skip: q.Skip, limit: q.Limit, fields: q.Fields}
	c, ok := t.where(q.Filter)
	if ok && c.tooLarge() {
		c, ok = condition{}, false
	}
	if !ok || !c.exact {
		p.match = eval.Compile(q.Filter)
	}
	if len(q.Sort) > 0 {
		p.order = t.orderBy(q.Sort)
	}
	p.from = ` FROM "` + t.name + `"`
	if p.order != "" {
		by, whole := t.orderedBy(q, !ok || c.sql == always || aboutID(q.Filter))
		p.ordered = by != "" && whole
		if by != "" && by != "id" && (whole || p.match == nil) {
			p.from += ` INDEXED BY "` + by + `"`
		}
	}
	if ok && c.sql != always {
		p.from += " WHERE " + c.sql
		p.args = c.args
	}
	return p
}

// orderBy spells a sort over columns; "" when a path has none or is irregular.
func (t *table) orderBy(keys []query.Key) string {
	var parts []string
	for _, k := range keys {
		name := "id"
		if k.Path.Text != "_id" {
			c := t.column(k.Path.Text)
			if c == nil || c.irregular.Load() {
				return ""
			}
			name = c.name
		}
		if k.Desc {
			name += " DESC"
		}
		parts = append(parts, name)
	}
	return " ORDER BY " + strings.Join(parts, ",")
}

// orderedBy names the index that gives the rows in the query's order; "" when none does, or when another index is
// better at finding the rows and what it finds is then sorted. byID says that the rows are found by their ids, if at all.
// whole is false when the index orders by the sort's first key alone: SQLite then sorts only rows that have that in common.
func (t *table) orderedBy(q query.Query, byID bool) (by string, whole bool) {
	equal, element := t.equalities(q.Filter)
	if element {
		return "", false
	}
	type choice struct {
		name  string
		equal int
	}
	best, partly, mostEqual := choice{equal: -1}, choice{equal: -1}, 0
	for _, x := range t.indexes {
		n := 0
		for n < len(x.columns) && equal[t.columns[x.columns[n]].path.Text] != 0 {
			n++
		}
		mostEqual = max(mostEqual, n)
		if x.Unique || x.Present && equal[x.Keys[0].Path] != isValue { // does not hold every row that is wanted
			continue
		}
		switch {
		case n > best.equal && t.continues(x, n, q.Sort):
			best = choice{x.name, n}
		case n > partly.equal && len(q.Sort) > 1 && t.continues(x, n, q.Sort[:1]):
			partly = choice{x.name, n}
		}
	}
	earns := func(c choice) bool { return c.name != "" && (c.equal > 0 || mostEqual == 0) }
	switch {
	case earns(best) && best.equal >= partly.equal:
		return best.name, true
	case byID && q.Sort[0].Path.Text == "_id":
		return "id", true
	case earns(partly):
		return partly.name, false
	case earns(best):
		return best.name, true
	}
	return "", false
}

func aboutID(f query.Filter) bool {
	if f.Op == query.And {
		return slices.ContainsFunc(f.Kids, aboutID)
	}
	return f.Path.Text == "_id"
}

// continues reports whether an index, after its first n keys, goes on as the sort does, forwards or backwards.
func (t *table) continues(x index, n int, sort []query.Key) bool {
	keys := x.Keys[n:]
	for i, k := range sort {
		var path string
		var desc bool
		switch {
		case i < len(keys):
			path, desc = keys[i].Path, keys[i].Desc
		case i == len(keys): // every index ends with the id, in the direction of its last key
			path, desc = "_id", x.Keys[len(x.Keys)-1].Desc
		}
		if path != k.Path.Text || (desc == k.Desc) != (t.direction(x, n) == sort[0].Desc) {
			return false
		}
	}
	return true
}

func (t *table) direction(x index, n int) bool {
	return x.Keys[min(n, len(x.Keys)-1)].Desc
}

const (
	isNull = iota + 1
	isValue
)

// equalities are the paths that a filter fixes to one value; element says that it looks into an array index.
func (t *table) equalities(f query.Filter) (fixed map[string]int, element bool) {
	fixed = map[string]int{}
	leaves := []query.Filter{f}
	if f.Op == query.And {
		leaves = f.Kids
	}
	for _, l := range leaves {
		if _, ok := t.whereElement(l); ok {
			element = true
		}
		if l.Op != query.Eq || l.Value.Kind == value.Array {
			continue
		}
		if c := t.column(l.Path.Text); c == nil || c.irregular.Load() {
			continue
		}
		fixed[l.Path.Text] = isValue
		if l.Value.Kind == value.Null {
			fixed[l.Path.Text] = isNull
		}
	}
	return fixed, element
}
