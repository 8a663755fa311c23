package storetest

import (
	"context"
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/stepwell/stepwell/internal/store"
)

func (r *reference) Aggregate(_ context.Context, collection string, pipeline []store.Stage) ([]store.Doc, error) {
	docs := r.matching(collection, nil)
	for _, stage := range pipeline {
		for op, x := range stage {
			docs = refStage(docs, op, x)
		}
	}
	return refTexts(docs)
}

func refStage(docs []any, op string, x any) []any {
	var out []any
	switch op {
	case "$match":
		for _, d := range docs {
			if refMatches(d, x.(map[string]any)) {
				out = append(out, d)
			}
		}
	case "$sort":
		out = docs
		refSort(out, x.([]store.SortKey))
	case "$limit":
		out = docs[:min(x.(int), len(docs))]
	case "$skip":
		out = docs[min(x.(int), len(docs)):]
	case "$count":
		if len(docs) > 0 {
			out = []any{map[string]any{x.(string): len(docs)}}
		}
	case "$unwind":
		out = refUnwind(docs, strings.TrimPrefix(x.(string), "$"))
	case "$project":
		out = refProjectStage(docs, x.(map[string]any))
	case "$group":
		out = refGroup(docs, x.(map[string]any))
	}
	return out
}

// refUnwind takes a path of one name.
func refUnwind(docs []any, path string) (out []any) {
	for _, d := range docs {
		v, ok := d.(map[string]any)[path]
		list, isList := v.([]any)
		if !isList {
			list = []any{v}
		}
		if !ok || v == nil {
			continue
		}
		for _, e := range list {
			m := maps.Clone(d.(map[string]any))
			m[path] = e
			out = append(out, m)
		}
	}
	return out
}

func refProjectStage(docs []any, spec map[string]any) (out []any) {
	for _, d := range docs {
		var keep []string
		computed := map[string]any{}
		for path, x := range spec {
			if x == any(1) {
				keep = append(keep, path)
			} else if v := refExpr(d, x); v != any(missing{}) {
				computed[path] = v
			}
		}
		m := refProject(d, append(keep, "_id")).(map[string]any)
		maps.Copy(m, computed)
		out = append(out, m)
	}
	return out
}

func refExpr(doc, x any) any {
	switch x := x.(type) {
	case string:
		if path, ok := strings.CutPrefix(x, "$"); ok {
			return refPath(doc, strings.Split(path, "."))
		}
	case map[string]any:
		if v, ok := x["$literal"]; ok {
			return v
		}
		if b, ok := x["$dateBucket"].(map[string]any); ok {
			return refBucket(refExpr(doc, b["date"]), b)
		}
		out := map[string]any{}
		for name, e := range x {
			if out[name] = refExpr(doc, e); out[name] == any(missing{}) {
				out[name] = nil
			}
		}
		return out
	}
	return x
}

func refPath(x any, path []string) any {
	if len(path) == 0 {
		return x
	}
	switch x := x.(type) {
	case map[string]any:
		if v, ok := x[path[0]]; ok {
			return refPath(v, path[1:])
		}
	case []any:
		out := []any{}
		for _, e := range x {
			if v := refPath(e, path); v != any(missing{}) {
				out = append(out, v)
			}
		}
		return out
	}
	return missing{}
}

func refBucket(v any, spec map[string]any) any {
	s, _ := v.(string)
	zone, err := time.LoadLocation(spec["timezone"].(string))
	if err != nil {
		return nil
	}
	t, err := time.ParseInLocation("2006-01-02", s, zone)
	if err != nil {
		if t, err = time.Parse("2006-01-02T15:04:05.000Z", s); err != nil {
			return nil
		}
	}
	t = t.In(zone)
	switch spec["unit"] {
	case "quarter":
		return t.Format("2006") + map[bool]string{true: "-Q1", false: ""}[t.Month() <= 3] + map[bool]string{true: "-Q2", false: ""}[t.Month() > 3 && t.Month() <= 6] +
			map[bool]string{true: "-Q3", false: ""}[t.Month() > 6 && t.Month() <= 9] + map[bool]string{true: "-Q4", false: ""}[t.Month() > 9]
	case "week":
		year, week := t.ISOWeek()
		return fmt.Sprintf("%04d-W%02d", year, week)
	}
	return t.Format(map[any]string{"year": "2006", "month": "2006-01", "day": "2006-01-02", "hour": "2006-01-02T15"}[spec["unit"]])
}

func refGroup(docs []any, spec map[string]any) (out []any) {
	var ids []any
	groups := map[int][]any{}
	for _, d := range docs {
		id := refExpr(d, spec["_id"])
		if id == any(missing{}) {
			id = nil
		}
		i := slices.IndexFunc(ids, func(x any) bool { return refSame(x, id) })
		if i < 0 {
			i = len(ids)
			ids = append(ids, id)
		}
		groups[i] = append(groups[i], d)
	}
	for i, id := range ids {
		m := map[string]any{"_id": id}
		for name, a := range spec {
			if name == "_id" {
				continue
			}
			for op, x := range a.(map[string]any) {
				m[name] = refFold(groups[i], op, x)
			}
		}
		out = append(out, m)
	}
	return out
}

// refSame is equality by value, members of objects included.
func refSame(a, b any) bool {
	x, okX := a.(map[string]any)
	y, okY := b.(map[string]any)
	if okX && okY {
		return maps.EqualFunc(x, y, refSame)
	}
	return okX == okY && refCompare(a, b) == 0
}

func refFold(docs []any, op string, x any) any {
	if op == "$count" {
		return len(docs)
	}
	var values, numbers []any
	for _, d := range docs {
		v := refExpr(d, x)
		values = append(values, v)
		if v != any(missing{}) && refRank(v) == 2 {
			numbers = append(numbers, v)
		}
	}
	known := slices.DeleteFunc(slices.Clone(values), func(v any) bool { return v == nil || v == any(missing{}) })
	switch {
	case op == "$first" && values[0] != any(missing{}):
		return values[0]
	case op == "$min" && len(known) > 0:
		return slices.MinFunc(known, refCompare)
	case op == "$max" && len(known) > 0:
		return slices.MaxFunc(known, refCompare)
	case op == "$sum" || op == "$avg" && len(numbers) > 0:
		sum := new(big.Float).SetPrec(2200) // enough for every float64 at once
		for _, n := range numbers {
			sum.Add(sum, refNumber(n))
		}
		if op == "$avg" {
			f, _ := sum.Float64()
			return f / float64(len(numbers))
		}
		if n, accuracy := sum.Int64(); accuracy == big.Exact {
			return n
		}
		f, _ := sum.Float64()
		if math.IsInf(f, 0) {
			return nil
		}
		return f
	}
	return nil
}
