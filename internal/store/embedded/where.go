package embedded

import (
	"strings"

	"github.com/stepwell/stepwell/internal/store/query"
	"github.com/stepwell/stepwell/internal/store/value"
)

// condition is a filter as SQL over the columns of a table. A condition that is not exact lets through more than the
// filter does, never less.
type condition struct {
	sql   string
	args  []arg
	exact bool
}

// tooLarge reports whether SQLite would refuse the condition: it takes 32 766 parameters and 1 000 levels, of which every
// AND and OR in a row is one.
func (c condition) tooLarge() bool {
	return len(c.args) > 30_000 || strings.Count(c.sql, " OR ")+strings.Count(c.sql, " AND ") > 900
}

// never matches nothing. It is no constant, because SQLite would drop the whole condition for one, and with it what
// tells that an index can be used.
func never(col string) string { return "(" + col + "<>" + col + ")" }

const (
	maxMarks  = 1000  // parameters of one IN
	aboveText = "x''" // the least blob: what is below is no blob
	always    = "1"   // matches everything

)

// where translates what the columns can answer. ok is false when they say nothing about the filter.
func (t *table) where(f query.Filter) (c condition, ok bool) {
	switch f.Op {
	case query.And:
		return t.whereAll(f.Kids)
	case query.Or:
		return t.whereAny(f.Kids)
	case query.Not:
		return t.whereNot(f.Kids[0])
	}
	if c, ok := t.whereElement(f); ok {
		return c, true
	}
	if f.Path.Text == "_id" {
		return columnCondition("id", f)
	}
	col := t.column(f.Path.Text)
	if col == nil {
		return condition{}, false
	}
	c, ok = columnCondition(col.name, f)
	if ok && col.irregular.Load() {
		c.sql = "(" + c.sql + " OR (" + col.name + ">=x'04' AND " + col.name + "<x'05'))" // the marks
		c.exact = false
	}
	return c, ok
}

func (t *table) whereAll(fs []query.Filter) (condition, bool) {
	out := condition{exact: true}
	var parts []string
	for _, f := range fs {
		c, ok := t.where(f)
		if !ok {
			out.exact = false
			continue
		}
		parts = append(parts, c.sql)
		out.args = append(out.args, c.args...)
		out.exact = out.exact && c.exact
	}
	if len(parts) == 0 {
		return condition{sql: always, exact: out.exact}, out.exact
	}
	out.sql = "(" + strings.Join(parts, " AND ") + ")"
	return out, true
}

func (t *table) whereAny(fs []query.Filter) (condition, bool) {
	if len(fs) == 0 {
		return condition{sql: never("rev"), exact: true}, true
	}
	out := condition{exact: true}
	var parts []string
	for _, f := range fs {
		c, ok := t.where(f)
		if !ok {
			return condition{}, false
		}
		parts = append(parts, c.sql)
		out.args = append(out.args, c.args...)
		out.exact = out.exact && c.exact
	}
	out.sql = "(" + strings.Join(parts, " OR ") + ")"
	for _, c := range t.columns {
		if b := impliedBound(c, fs); b.sql != "" {
			out.sql = "(" + out.sql + " AND " + b.sql + ")"
			out.args = append(out.args, b.args...)
		}
	}
	return out, true
}

// impliedBound finds the limit of one column that all alternatives share, so that the next page of a list
// (a < x, or a = x and b < y) begins at its place in the index and not at the index's beginning.
func impliedBound(c *column, alternatives []query.Filter) condition {
	if c.irregular.Load() || c.filling {
		return condition{}
	}
	var low, high *value.Value
	for i, f := range alternatives {
		l, h := bounds(f, c.path.Text)
		if i == 0 {
			low, high = l, h
			continue
		}
		low, high = wider(low, l, -1), wider(high, h, 1)
	}
	switch {
	case low != nil && high == nil:
		return condition{sql: c.name + ">=?", args: []arg{argOf(*low)}}
	case high != nil && low == nil:
		return condition{sql: c.name + "<=?", args: []arg{argOf(*high)}}
	default: // both: the alternatives are equalities, which SQLite looks up one by one
		return condition{}
	}
}

func bounds(f query.Filter, path string) (low, high *value.Value) {
	switch f.Op {
	case query.And:
		for _, k := range f.Kids {
			l, h := bounds(k, path)
			if l != nil {
				low = l
			}
			if h != nil {
				high = h
			}
		}
	case query.Eq, query.Gt, query.Gte, query.Lt, query.Lte:
		if f.Path.Text != path || f.Value.Kind == value.Null || f.Value.Kind == value.Array {
			return nil, nil
		}
		if f.Op != query.Lt && f.Op != query.Lte {
			low = &f.Value
		}
		if f.Op != query.Gt && f.Op != query.Gte {
			high = &f.Value
		}
	}
	return low, high
}

func wider(a, b *value.Value, direction int) *value.Value {
	if a == nil || b == nil {
		return nil
	}
	if value.Compare(*a, *b) == direction {
		return a
	}
	return b
}

func (t *table) whereNot(f query.Filter) (condition, bool) {
	if f.Op == query.Exists {
		if c := t.column(f.Path.Text); c != nil && !c.irregular.Load() {
			return condition{sql: c.name + " IS NULL"}, true
		}
		return condition{}, false
	}
	c, ok := t.where(f)
	if !ok || !c.exact {
		return condition{}, false
	}
	if f.Op == query.Eq && f.Value.Kind != value.Array && strings.HasSuffix(c.sql, "=?") {
		return condition{sql: strings.TrimSuffix(c.sql, "=?") + " IS NOT ?", args: c.args, exact: true}, true
	}
	return condition{sql: "(" + c.sql + ") IS NOT TRUE", args: c.args, exact: true}, true
}

// whereElement looks a value up in an array index.
func (t *table) whereElement(f query.Filter) (condition, bool) {
	for _, x := range t.arrays {
		if x.filling || x.path.Text != f.Path.Text || f.Op != query.Eq && f.Op != query.In {
			continue
		}
		if f.Op == query.Eq && (f.Value.Kind == value.Null || f.Value.Kind == value.Array) {
			return condition{}, false
		}
		for _, v := range f.Values {
			if v.Kind == value.Null {
				return condition{}, false
			}
		}
		c, ok := columnCondition("v", f)
		c.sql = `rowid IN (SELECT r FROM "` + x.name + `" WHERE ` + c.sql + ")"
		return c, ok
	}
	return condition{}, false
}

// columnCondition answers a filter on one path from its column, as if no document had an array or object there.
func columnCondition(col string, f query.Filter) (condition, bool) {
	c := condition{exact: true}
	switch f.Op {
	case query.Eq:
		switch f.Value.Kind {
		case value.Null:
			c.sql = col + " IS NULL"
		case value.Array:
			c.sql = never(col)
		default:
			c.sql, c.args = col+"=?", []arg{argOf(f.Value)}
		}
	case query.In:
		return columnIn(col, f.Values)
	case query.Gt, query.Gte, query.Lt, query.Lte:
		c.sql, c.args = columnRange(col, f.Op, f.Value)
	case query.Match:
		return columnText(col, f.Text)
	case query.Size, query.ElemMatch, query.ElemIs:
		c.sql = never(col)
	default:
		return c, false
	}
	return c, true
}

func columnRange(col string, op query.Op, v value.Value) (string, []arg) {
	sign := map[query.Op]string{query.Gt: ">?", query.Gte: ">=?", query.Lt: "<?", query.Lte: "<=?"}[op]
	more := op == query.Gt || op == query.Gte
	var end string // keeps to values of v's kind on the open side
	switch {
	case v.Kind == value.String && more:
		end = " AND " + col + "<" + aboveText
	case v.Kind == value.String:
		end = " AND " + col + ">=''"
	case v.Kind == value.Bool && more:
		end = " AND " + col + "<=x'0801'"
	case v.Kind == value.Bool:
		end = " AND " + col + ">=x'0800'"
	case more:
		end = " AND " + col + "<''"
	}
	return "(" + col + sign + end + ")", []arg{argOf(v)}
}

func columnIn(col string, vs []value.Value) (condition, bool) {
	c := condition{exact: true}
	null, texts := false, true
	for _, v := range vs {
		if v.Kind == value.Null {
			null = true
			continue
		}
		texts = texts && v.Kind == value.String
		c.args = append(c.args, argOf(v))
	}
	switch n := len(c.args); {
	case n == 0:
		c.sql = never(col)
	case n <= maxMarks:
		marks := 1 // rounded up, so that lists of many lengths share few statements
		for marks < n {
			marks *= 2
		}
		for len(c.args) < marks {
			c.args = append(c.args, c.args[n-1])
		}
		c.sql = col + " IN (" + strings.Repeat("?,", marks-1) + "?)"
	case texts:
		w := value.NewWriter(nil)
		w.BeginArray()
		for _, a := range c.args {
			w.String(a.s)
		}
		w.EndArray()
		c.args = []arg{textArg(string(w.Bytes()))}
		c.sql = col + " IN (SELECT value FROM json_each(?))"
	default:
		return c, false
	}
	if null {
		c.sql = "(" + c.sql + " OR " + col + " IS NULL)"
	}
	return c, true
}

func columnText(col string, t query.Text) (condition, bool) {
	isText := "(" + col + ">='' AND " + col + "<" + aboveText + ")"
	switch {
	case t.Literal == "":
		return condition{sql: isText, exact: true}, true
	case t.Fold:
		return condition{sql: isText}, true
	case !t.Prefix:
		return condition{sql: "(instr(" + col + ",?)>0 AND " + isText + ")", args: []arg{textArg(t.Literal)}, exact: true}, true
	}
	end := []byte(t.Literal) // UTF-8 has no byte 0xff, so the last byte can always grow
	end[len(end)-1]++
	return condition{sql: "(" + col + ">=? AND " + col + "<?)", args: []arg{textArg(t.Literal), textArg(string(end))}, exact: true}, true
}
