package query

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // the same zones on every machine, as in MongoDB

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/value"
)

// MaxStages bounds a pipeline.
const MaxStages = 50

// Stage is one checked stage. Which members count depends on Kind.
type Stage struct {
	Kind   StageKind
	Filter Filter   // StageMatch
	Sort   []Key    // StageSort
	N      int64    // StageLimit, StageSkip
	Name   string   // StageCount
	Group  Group    // StageGroup
	Fields []Output // StageProject
	Unwind Unwind   // StageUnwind
}

// StageKind is what a stage does.
type StageKind uint8

// The kinds of stage.
const (
	StageMatch StageKind = iota
	StageSort
	StageLimit
	StageSkip
	StageCount
	StageGroup
	StageProject
	StageUnwind
)

// Group gathers documents by ID.
type Group struct {
	ID     Expr
	Fields []Accumulator
}

// Accumulator folds one expression over a group.
type Accumulator struct {
	Name string
	Kind AccumulatorKind
	Expr Expr
}

// AccumulatorKind is how values are folded.
type AccumulatorKind uint8

// The kinds of accumulator.
const (
	Sum   AccumulatorKind = iota // of numbers; what is no number counts nothing
	Avg                          // of numbers; null when there is none
	Min                          // least value that is not null; null when there is none
	Max                          // greatest value that is not null; null when there is none
	First                        // of the first document; null when it has none
	Count                        // documents
)

// Output is one member of what StageProject makes: a path kept as it is, or a new top-level member.
type Output struct {
	Path Path
	Expr *Expr // nil: keep
	Drop bool  // only of the id
}

// Unwind makes one document of each element of an array.
type Unwind struct {
	Path Path
	Keep bool // documents without elements stay
}

// ExprKind is what an expression gives.
type ExprKind uint8

// The kinds of expression.
const (
	ExprPath    ExprKind = iota // the value at Path
	ExprLiteral                 // Value
	ExprBucket                  // the bucket of the moment or date at Path
	ExprObject                  // an object of Members, null what is missing; only as the id of a group
)

// Expr is a checked expression.
type Expr struct {
	Kind    ExprKind
	Path    Path
	Value   value.Value
	Unit    Unit
	Zone    *time.Location
	Members []ExprMember
}

// ExprMember is one member of ExprObject.
type ExprMember struct {
	Name string
	Expr Expr
}

// Unit is the width of a date bucket.
type Unit string

// The units, with what a bucket is called.
const (
	Year    Unit = "year"    // 2026
	Quarter Unit = "quarter" // 2026-Q1
	Month   Unit = "month"   // 2026-01
	Week    Unit = "week"    // 2026-W01, ISO 8601
	Day     Unit = "day"     // 2026-01-31
	Hour    Unit = "hour"    // 2026-01-31T09
)

var units = []Unit{Year, Quarter, Month, Week, Day, Hour}

// ParsePipeline checks a pipeline.
func ParsePipeline(stages []store.Stage) ([]Stage, error) {
	if len(stages) > MaxStages {
		return nil, refuse("", fmt.Sprintf("a pipeline has at most %d stages", MaxStages), fmt.Sprintf("管道最多 %d 个阶段", MaxStages))
	}
	out := make([]Stage, len(stages))
	for i, s := range stages {
		at := sub("", i)
		if len(s) != 1 {
			return nil, refuse(at, "a stage has exactly one operator", "每个阶段只能有一个操作符")
		}
		for op, x := range s {
			st, err := parseStage(sub(at, op), op, x)
			if err != nil {
				return nil, err
			}
			out[i] = st
		}
	}
	return out, nil
}

func parseStage(at, op string, x any) (Stage, error) {
	switch op {
	case "$match":
		m, ok := x.(map[string]any)
		if !ok {
			return Stage{}, refuse(at, "$match takes a filter", "$match 需要筛选条件")
		}
		var p filterParser
		f, err := p.document(at, m, 0)
		return Stage{Kind: StageMatch, Filter: f}, err
	case "$sort":
		return parseSortStage(at, x)
	case "$limit", "$skip":
		return parseWindow(at, op, x)
	case "$count":
		s, ok := x.(string)
		if !ok || !name(s) || s == "_id" {
			return Stage{}, refuse(at, "$count takes the name of a member", "$count 需要字段名称")
		}
		return Stage{Kind: StageCount, Name: s}, nil
	case "$group":
		g, err := parseGroup(at, x)
		return Stage{Kind: StageGroup, Group: g}, err
	case "$project":
		f, err := parseProject(at, x)
		return Stage{Kind: StageProject, Fields: f}, err
	case "$unwind":
		u, err := parseUnwind(at, x)
		return Stage{Kind: StageUnwind, Unwind: u}, err
	}
	return Stage{}, refuse(at, "the stage "+op+" is not known here", "此处不支持阶段 "+op)
}

func parseWindow(at, op string, x any) (Stage, error) {
	v, err := value.Of(x)
	if err != nil || v.Kind != value.Int || v.Int < 0 || op == "$limit" && v.Int == 0 {
		return Stage{}, refuse(at, op+" takes a whole number", op+" 需要正整数")
	}
	if op == "$limit" {
		return Stage{Kind: StageLimit, N: v.Int}, nil
	}
	return Stage{Kind: StageSkip, N: v.Int}, nil
}

// parseSortStage takes []store.SortKey, because the members of a Go map have no order, or a map of one member.
func parseSortStage(at string, x any) (Stage, error) {
	var keys []store.SortKey
	switch x := x.(type) {
	case []store.SortKey:
		keys = x
	case map[string]any:
		for path, dir := range x {
			v, err := value.Of(dir)
			if err != nil || v.Kind != value.Int || v.Int != 1 && v.Int != -1 {
				return Stage{}, refuse(sub(at, path), "a direction is 1 or -1", "排序方向为 1 或 -1")
			}
			keys = append(keys, store.SortKey{Path: path, Desc: v.Int < 0})
		}
	}
	if len(keys) == 0 {
		return Stage{}, refuse(at, "$sort takes sort keys", "$sort 需要排序字段")
	}
	if m, ok := x.(map[string]any); ok && len(m) > 1 {
		return Stage{}, refuse(at, "a map has no order: give several keys as a list of SortKey", "映射没有顺序，多个排序字段请用列表给出")
	}
	sorted, err := ParseSort(at, keys)
	return Stage{Kind: StageSort, Sort: sorted}, err
}

var accumulators = map[string]AccumulatorKind{"$sum": Sum, "$avg": Avg, "$min": Min, "$max": Max, "$first": First, "$count": Count}

func parseGroup(at string, x any) (Group, error) {
	m, ok := x.(map[string]any)
	if !ok {
		return Group{}, refuse(at, "$group takes an object", "$group 需要对象")
	}
	id, ok := m["_id"]
	if !ok {
		return Group{}, refuse(at, "$group needs an _id", "$group 缺少 _id")
	}
	var g Group
	var err error
	if g.ID, err = parseExpr(sub(at, "_id"), id, true); err != nil {
		return g, err
	}
	for _, field := range slices.Sorted(maps.Keys(m)) {
		if field == "_id" {
			continue
		}
		a, err := parseAccumulator(sub(at, field), field, m[field])
		if err != nil {
			return g, err
		}
		g.Fields = append(g.Fields, a)
	}
	return g, nil
}

func parseAccumulator(at, field string, x any) (Accumulator, error) {
	m, ok := x.(map[string]any)
	if !name(field) || !ok || len(m) != 1 {
		return Accumulator{}, refuse(at, "a member of $group is a name with one accumulator", "$group 的成员应为名称加一个累加器")
	}
	for op, operand := range m {
		kind, ok := accumulators[op]
		if !ok {
			return Accumulator{}, refuse(sub(at, op), "the accumulator "+op+" is not known here", "此处不支持累加器 "+op)
		}
		a := Accumulator{Name: field, Kind: kind}
		if kind == Count {
			if empty, ok := operand.(map[string]any); !ok || len(empty) > 0 {
				return a, refuse(sub(at, op), "$count takes {}", "$count 需要 {}")
			}
			return a, nil
		}
		var err error
		a.Expr, err = parseExpr(sub(at, op), operand, false)
		return a, err
	}
	return Accumulator{}, nil
}

func parseExpr(at string, x any, object bool) (Expr, error) {
	switch x := x.(type) {
	case string:
		if path, ok := strings.CutPrefix(x, "$"); ok {
			p, err := ParsePath(at, path)
			return Expr{Kind: ExprPath, Path: p}, err
		}
	case map[string]any:
		return parseExprObject(at, x, object)
	}
	v, err := value.Of(x)
	if err != nil {
		return Expr{}, refuseValue(at, err)
	}
	if v.Kind == value.Array || v.Kind == value.Object {
		return Expr{}, refuse(at, "a literal list or object stands in $literal", "列表或对象字面量须放在 $literal 中")
	}
	return Expr{Kind: ExprLiteral, Value: v}, nil
}

func parseExprObject(at string, m map[string]any, object bool) (Expr, error) {
	if x, ok := m["$literal"]; ok && len(m) == 1 {
		v, err := value.Of(x)
		if err != nil {
			return Expr{}, refuseValue(at, err)
		}
		return Expr{Kind: ExprLiteral, Value: v}, nil
	}
	if x, ok := m["$dateBucket"]; ok && len(m) == 1 {
		return parseBucket(sub(at, "$dateBucket"), x)
	}
	e := Expr{Kind: ExprObject}
	for _, field := range slices.Sorted(maps.Keys(m)) {
		if strings.HasPrefix(field, "$") || !object || !name(field) {
			return e, refuse(sub(at, field), "the expression "+field+" is not known here", "此处不支持表达式 "+field)
		}
		member, err := parseExpr(sub(at, field), m[field], false)
		if err != nil {
			return e, err
		}
		e.Members = append(e.Members, ExprMember{field, member})
	}
	if len(e.Members) == 0 {
		return e, refuse(at, "an object of expressions cannot be empty", "表达式对象不能为空")
	}
	return e, nil
}

func parseBucket(at string, x any) (Expr, error) {
	e := Expr{Kind: ExprBucket, Zone: time.UTC}
	m, _ := x.(map[string]any)
	for field := range m {
		if field != "date" && field != "unit" && field != "timezone" {
			return e, refuse(sub(at, field), "$dateBucket has date, unit and timezone", "$dateBucket 只有 date、unit 和 timezone")
		}
	}
	date, _ := m["date"].(string)
	path, ok := strings.CutPrefix(date, "$")
	if !ok {
		return e, refuse(sub(at, "date"), `a path such as "$createdAt" must stand here`, `此处应为路径，例如 "$createdAt"`)
	}
	var err error
	if e.Path, err = ParsePath(sub(at, "date"), path); err != nil {
		return e, err
	}
	unit, err := value.Of(m["unit"])
	if e.Unit = Unit(unit.Str); err != nil || !slices.Contains(units, e.Unit) {
		return e, refuse(sub(at, "unit"), fmt.Sprintf("a unit is one of %v", units), fmt.Sprintf("单位应为 %v 之一", units))
	}
	if zone, ok := m["timezone"]; ok {
		text, _ := zone.(string)
		if e.Zone, ok = ParseZone(text); !ok {
			return e, refuse(sub(at, "timezone"), `a time zone is a name such as "Asia/Shanghai" or an offset such as "+08:00"`,
				`时区应为名称（如 "Asia/Shanghai"）或偏移量（如 "+08:00"）`)
		}
	}
	return e, nil
}

// ParseZone reads a time zone: "UTC", a name of the IANA database with a slash, or an offset such as "+08:00".
func ParseZone(text string) (*time.Location, bool) {
	if text == "UTC" {
		return time.UTC, true
	}
	if t, err := time.Parse("-07:00", text); err == nil && len(text) == 6 {
		_, offset := t.Zone()
		return time.FixedZone(text, offset), true
	}
	if !strings.Contains(text, "/") {
		return nil, false
	}
	zone, err := time.LoadLocation(text)
	return zone, err == nil
}

func parseProject(at string, x any) ([]Output, error) {
	m, ok := x.(map[string]any)
	if !ok || len(m) == 0 {
		return nil, refuse(at, "$project takes the members to keep", "$project 需要要保留的成员")
	}
	var out []Output
	var paths []Path
	keep := false
	for _, text := range slices.Sorted(maps.Keys(m)) {
		o, err := parseOutput(sub(at, text), text, m[text])
		if err != nil {
			return nil, err
		}
		if other, clash := overlap(paths, o.Path); clash {
			return nil, refuse(sub(at, text), o.Path.Text+" overlaps "+other.Text, o.Path.Text+" 与 "+other.Text+" 重叠")
		}
		paths = append(paths, o.Path)
		out = append(out, o)
		keep = keep || !o.Drop
	}
	if !keep {
		return nil, refuse(at, "$project keeps something", "$project 至少保留一个成员")
	}
	return out, nil
}

func parseOutput(at, text string, x any) (Output, error) {
	p, err := ParsePath(at, text)
	if err != nil {
		return Output{}, err
	}
	o := Output{Path: p}
	v, err := value.Of(x)
	switch {
	case err != nil:
		return o, refuseValue(at, err)
	case v.Kind == value.Bool || v.IsNumber():
		o.Drop = v.Number() == 0 && v.Int == 0
		if o.Drop && text != "_id" {
			return o, refuse(at, "only the id can be left out; name what to keep", "只能排除 _id，请列出要保留的成员")
		}
		return o, nil
	case len(p.Parts) > 1:
		return o, refuse(at, "a computed member stands at the top", "计算成员只能位于顶层")
	}
	e, err := parseExpr(at, x, false)
	o.Expr = &e
	return o, err
}

func parseUnwind(at string, x any) (Unwind, error) {
	var u Unwind
	text, ok := x.(string)
	if m, isMap := x.(map[string]any); isMap {
		for field := range m {
			if field != "path" && field != "preserveNullAndEmptyArrays" {
				return u, refuse(sub(at, field), "$unwind has path and preserveNullAndEmptyArrays", "$unwind 只有 path 和 preserveNullAndEmptyArrays")
			}
		}
		text, ok = m["path"].(string)
		u.Keep, _ = m["preserveNullAndEmptyArrays"].(bool)
	}
	path, dollar := strings.CutPrefix(text, "$")
	if !ok || !dollar {
		return u, refuse(at, `a path such as "$items" must stand here`, `此处应为路径，例如 "$items"`)
	}
	var err error
	u.Path, err = ParsePath(at, path)
	return u, err
}
