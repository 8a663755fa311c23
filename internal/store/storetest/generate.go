package storetest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"

	"github.com/stepwell/stepwell/internal/store"
)

// generator makes documents and questions about them from a small world, so that they meet often.
type generator struct{ *rand.Rand }

func pick[T any](g generator, xs ...T) T { return xs[g.IntN(len(xs))] }

func (g generator) chance(percent int) bool { return g.IntN(100) < percent }

func (g generator) text() string {
	return pick(g, "", "a", "A", "ab", "aB", "b", "中文", "中", "Ünï", "ünÏ", "ß", "k", "K", "5", "true", "a.b", "a$b", "(x)", "q\"uo\\te",
		"line\nbreak", "😀", "é", "ﬁ", "a%_", "zz")
}

func (g generator) moment() string {
	return pick(g, "2026-01-01T00:00:00.000Z", "2025-12-31T15:59:59.999Z", "2025-12-31T16:00:00.000Z", "2024-02-29T12:30:00.000Z",
		"2026-03-29T01:30:00.000Z", "2026-11-01T05:30:00.000Z", "2026-06-30T23:59:59.999Z", "1999-12-31T23:00:00.000Z",
		"2026-01-01", "2025-12-29", "2024-12-30", "2021-01-03", "2026-09-30", "", "soon")
}

func (g generator) number() any {
	return pick[any](g, 0, 1, 2, 3, -1, -2, 10, json.Number("1.0"), json.Number("2.0"), 2.5, -0.5, 0.1, 0.2, 19.99,
		1e15, 9007199254740993, -9007199254740993, json.Number("9007199254740992.0"), 2147483648, -2147483649, 9223372036854775807,
		json.Number("9223372036854775808"), json.Number("-0.0"), 1e300)
}

// small numbers add up to the same in every order.
func (g generator) small() any {
	return pick[any](g, 0, 1, 2, -3, 10, 2.5, -0.5, 0.25, json.Number("2.0"), 1000000)
}

func (g generator) scalar() any {
	switch g.IntN(10) {
	case 0:
		return nil
	case 1:
		return g.chance(50)
	case 2, 3, 4, 5:
		return g.number()
	default:
		return g.text()
	}
}

func (g generator) any(depth int) any {
	switch g.IntN(8) {
	case 0:
		if depth > 0 {
			list := []any{}
			for range g.IntN(4) {
				list = append(list, g.any(depth-1))
			}
			return list
		}
	case 1:
		if depth > 0 {
			return g.object(depth - 1)
		}
	}
	return g.scalar()
}

func (g generator) object(depth int) map[string]any {
	m := map[string]any{}
	for _, name := range []string{"x", "y"} {
		if g.chance(60) {
			m[name] = g.any(depth)
		}
	}
	return m
}

// document has members that are scalars (a b s n at p), arrays (tags items) and anything (m).
func (g generator) document(id string) map[string]any {
	d := map[string]any{"_id": id, "rev": g.IntN(3)}
	set := func(name string, percent int, v any) {
		if g.chance(percent) {
			d[name] = v
		}
	}
	set("a", 85, g.scalar())
	set("b", 85, pick[any](g, 1, 2, 3, json.Number("2.0"), 2.5, "x", "y", true, nil))
	set("s", 85, g.text())
	set("n", 85, g.small())
	set("at", 90, g.moment())
	set("p", 70, map[string]any{"x": g.scalar(), "y": g.small()})
	if g.chance(10) {
		d["p"] = g.scalar()
	}
	tags := []any{}
	for range g.IntN(4) {
		tags = append(tags, pick[any](g, "t1", "t2", "t3", 1, nil, true))
	}
	set("tags", 75, tags)
	items := []any{}
	for range g.IntN(4) {
		items = append(items, g.object(1))
	}
	set("items", 75, items)
	set("m", 75, g.any(2))
	return d
}

func (g generator) path() string {
	return pick(g, "a", "a", "b", "b", "s", "n", "p.x", "p.y", "tags", "tags", "items.x", "items.y", "items", "m", "m", "m.x", "m.x.y", "zz", "a.x", "_id", "rev")
}

func (g generator) operand(path string) any {
	switch path {
	case "tags":
		return pick[any](g, "t1", "t2", "t3", 1, nil, true, json.Number("1.0"))
	case "b":
		return pick[any](g, 1, 2, 3, json.Number("2.0"), 2.5, "x", "y", true, nil)
	case "n", "p.y", "rev":
		return pick[any](g, 0, 1, 2, -3, 10, 2.5, -0.5)
	case "_id":
		return fmt.Sprintf("d%02d", g.IntN(40))
	}
	return g.scalar()
}

func (g generator) comparable(path string) any {
	for {
		if x := g.operand(path); x != nil {
			return x
		}
	}
}

func (g generator) list(path string) []any {
	list := []any{}
	for range g.IntN(5) {
		list = append(list, g.operand(path))
	}
	return list
}

// test is one operator with its operand. Inside $elemMatch the path is "m".
func (g generator) test(path string, depth int) map[string]any {
	switch g.IntN(15) {
	case 0, 1:
		return map[string]any{"$eq": g.arrayOr(path)}
	case 2:
		return map[string]any{"$ne": g.arrayOr(path)}
	case 3:
		return map[string]any{"$gt": g.comparable(path)}
	case 4:
		return map[string]any{"$lte": g.comparable(path)}
	case 5:
		return map[string]any{"$gte": g.comparable(path), "$lt": g.comparable(path)}
	case 6:
		return map[string]any{"$in": g.list(path)}
	case 7:
		return map[string]any{"$nin": g.list(path)}
	case 8:
		return map[string]any{"$exists": g.chance(50)}
	case 9:
		return map[string]any{"$size": g.IntN(4)}
	case 10:
		return map[string]any{"$all": g.list(path)}
	case 11:
		r := map[string]any{"$regex": pick(g, "", "^") + regexp.QuoteMeta(g.text())}
		if g.chance(40) {
			r["$options"] = "i"
		}
		return r
	case 12:
		if depth > 0 {
			return map[string]any{"$not": g.test(path, depth-1)}
		}
	case 13:
		if depth > 0 {
			return map[string]any{"$elemMatch": g.test(path, depth-1)}
		}
	case 14:
		if depth > 0 {
			return map[string]any{"$elemMatch": map[string]any{pick(g, "x", "y"): g.test("a", depth-1)}}
		}
	}
	return map[string]any{"$eq": g.operand(path)}
}

func (g generator) arrayOr(path string) any {
	if !g.chance(10) {
		return g.operand(path)
	}
	list := []any{}
	for range g.IntN(3) {
		list = append(list, pick[any](g, "t1", "t2", 1, nil, true))
	}
	return list
}

func (g generator) filter(depth int) store.Filter {
	if depth > 0 && g.chance(35) {
		kids := []any{}
		for range 1 + g.IntN(3) {
			kids = append(kids, g.filter(depth-1))
		}
		return store.Filter{pick(g, "$and", "$or", "$nor"): kids}
	}
	f := store.Filter{}
	for range 1 + g.IntN(2) {
		path := g.path()
		if g.chance(30) {
			f[path] = g.arrayOr(path)
		} else {
			f[path] = g.test(path, 2)
		}
	}
	if g.chance(4) {
		return store.Filter{}
	}
	return f
}

// sort orders by at most one path that may hold arrays: MongoDB refuses two.
func (g generator) sort() []store.SortKey {
	var keys []store.SortKey
	scalars := []string{"a", "b", "s", "n", "p.x", "p.y", "rev", "at"}
	g.Shuffle(len(scalars), func(i, j int) { scalars[i], scalars[j] = scalars[j], scalars[i] })
	for _, path := range scalars[:g.IntN(3)] {
		keys = append(keys, store.SortKey{Path: path, Desc: g.chance(50)})
	}
	if g.chance(25) {
		keys = append(keys, store.SortKey{Path: pick(g, "tags", "items.x", "m.x", "zz.y"), Desc: g.chance(50)})
	}
	if g.chance(10) {
		keys = append(keys, store.SortKey{Path: "_id", Desc: g.chance(50)})
	}
	return keys
}

func (g generator) query() store.Query {
	q := store.Query{Filter: g.filter(2), Sort: g.sort()}
	if g.chance(30) {
		q.Skip = g.IntN(10)
	}
	if g.chance(50) {
		q.Limit = 1 + g.IntN(10)
	}
	if g.chance(20) {
		// MongoDB may sort what it has cut down already, and of an array with scalars among objects that is less.
		q.Sort = slices.DeleteFunc(q.Sort, func(k store.SortKey) bool { return k.Path == "m.x" || k.Path == "items.x" })
		q.Fields = pick(g, []string{"a"}, []string{"p.x", "m.x"}, []string{"items.x", "tags"}, []string{"m"}, []string{"_id"}, []string{"m.x.y", "zz"})
	}
	return q
}

func (g generator) expr() any {
	return pick[any](g, "$a", "$b", "$s", "$p.x", "$items.x", "$tags", "$zz", "const", map[string]any{"$literal": 7}, map[string]any{"$literal": "$x"}, g.bucket())
}

func (g generator) bucket() any {
	return map[string]any{"$dateBucket": map[string]any{
		"date": pick(g, "$at", "$at", "$at", "$a", "$zz"), "unit": pick(g, "year", "quarter", "month", "week", "day", "hour"),
		"timezone": pick(g, "UTC", "Asia/Shanghai", "America/New_York", "Europe/Berlin", "Asia/Kathmandu"),
	}}
}

func (g generator) pipeline() []store.Stage {
	var stages []store.Stage
	if g.chance(60) {
		stages = append(stages, store.Stage{"$match": g.filter(1)})
	}
	if g.chance(20) {
		stages = append(stages, store.Stage{"$unwind": pick(g, "$tags", "$items", "$b")})
	} else if g.chance(30) {
		stages = append(stages, store.Stage{"$sort": append(g.sort(), store.SortKey{Path: "_id"})}, store.Stage{"$limit": 1 + g.IntN(20)})
		stages[len(stages)-2]["$sort"] = g.sortByID()
	}
	switch g.IntN(6) {
	case 0:
		return append(stages, store.Stage{"$count": "total"})
	case 1:
		return append(stages, store.Stage{"$project": map[string]any{"a": 1, "m.x": 1, "v": g.expr()}}, store.Stage{"$sort": g.sortByID()})
	}
	stages = append(stages, store.Stage{"$group": map[string]any{
		"_id":   pick[any](g, "$b", "$a", "$p.y", nil, g.bucket(), "$zz", map[string]any{"b": "$b", "w": g.bucket()}, map[string]any{"z": "$zz", "n": "$n"}),
		"sum":   map[string]any{"$sum": pick[any](g, "$n", "$p.y", 1, "$s")},
		"avg":   map[string]any{"$avg": pick[any](g, "$n", "$p.y", "$s")},
		"least": map[string]any{"$min": pick[any](g, "$a", "$n", "$s", "$at")},
		"most":  map[string]any{"$max": pick[any](g, "$a", "$n", "$b", "$at")},
		"n":     map[string]any{"$count": map[string]any{}},
	}})
	switch g.IntN(4) {
	case 0:
		stages = append(stages, store.Stage{"$match": map[string]any{"n": map[string]any{"$gt": g.IntN(3)}}})
	case 1:
		stages = append(stages, store.Stage{"$sort": []store.SortKey{{Path: "n", Desc: true}}}, store.Stage{"$limit": 3})
	}
	return stages
}

func (g generator) sortByID() []store.SortKey {
	return []store.SortKey{{Path: "_id", Desc: g.chance(50)}}
}

func (g generator) indexes() []store.Index {
	all := []store.Index{
		{Name: "a", Keys: []store.SortKey{{Path: "a"}}},
		{Name: "b-n", Keys: []store.SortKey{{Path: "b"}, {Path: "n", Desc: true}}},
		{Name: "s-b", Keys: []store.SortKey{{Path: "s", Desc: true}, {Path: "b", Desc: true}}, Present: true},
		{Name: "b-p-a", Keys: []store.SortKey{{Path: "b"}, {Path: "p.x"}, {Path: "a"}}},
		{Name: "m", Keys: []store.SortKey{{Path: "m"}}},
		{Name: "mx", Keys: []store.SortKey{{Path: "m.x"}}},
		{Name: "n", Keys: []store.SortKey{{Path: "n"}}, Present: true},
		{Name: "tags", Keys: []store.SortKey{{Path: "tags"}}, Array: true},
		{Name: "items-x", Keys: []store.SortKey{{Path: "items.x"}}, Array: true},
		{Name: "m-array", Keys: []store.SortKey{{Path: "m"}}, Array: true},
		{Name: "at", Keys: []store.SortKey{{Path: "at"}}},
	}
	var out []store.Index
	hasM := false
	for _, x := range all {
		isM := x.Keys[0].Path == "m"
		if g.chance(40) && (!isM || !hasM) {
			out = append(out, x)
			hasM = hasM || isM
		}
	}
	return out
}
