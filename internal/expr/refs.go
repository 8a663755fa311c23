package expr

import (
	"maps"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"github.com/stepwell/stepwell/schemas/problem"
)

// pathMap knows for each expression which path of the data it stands for, such as "form.items.qty" for i.qty inside
// form.items.all(i, …).
type pathMap struct {
	byID    map[int64]string
	inner   map[int64]bool // operands of a longer path
	counted map[int64]bool // only how many rows there are is asked
}

func (e *Env) resolve(a *ast.AST) *pathMap {
	m := &pathMap{byID: map[int64]string{}, inner: map[int64]bool{}, counted: map[int64]bool{}}
	roots := map[string]string{FormVar: FormVar, RowVar: RowVar, RecordVar: RecordVar, UserVar: UserVar, LinkVar: LinkVar}
	for _, f := range e.schema.More {
		roots[f.Key] = f.Key
	}
	m.walk(a.Expr(), roots)
	return m
}

func (m *pathMap) walk(x ast.Expr, names map[string]string) {
	switch x.Kind() {
	case ast.IdentKind:
		if path := names[x.AsIdent()]; path != "" {
			m.byID[x.ID()] = path
		}
	case ast.SelectKind:
		sel := x.AsSelect()
		m.walk(sel.Operand(), names)
		m.extend(x, sel.Operand(), "."+sel.FieldName())
	case ast.CallKind:
		call := x.AsCall()
		if call.IsMemberFunction() {
			m.walk(call.Target(), names)
		}
		for _, arg := range call.Args() {
			m.walk(arg, names)
		}
		switch call.FunctionName() {
		case operators.Index:
			m.index(x, call)
		case "size", "isBlank":
			for _, operand := range children(x) {
				m.counted[operand.ID()] = true
			}
		}
	case ast.ListKind:
		for _, item := range x.AsList().Elements() {
			m.walk(item, names)
		}
	case ast.MapKind:
		for _, entry := range x.AsMap().Entries() {
			m.walk(entry.AsMapEntry().Key(), names)
			m.walk(entry.AsMapEntry().Value(), names)
		}
	case ast.StructKind:
		for _, field := range x.AsStruct().Fields() {
			m.walk(field.AsStructField().Value(), names)
		}
	case ast.ComprehensionKind:
		m.walkFold(x, names)
	case ast.LiteralKind, ast.UnspecifiedExprKind:
	}
}

func (m *pathMap) walkFold(x ast.Expr, names map[string]string) {
	fold := x.AsComprehension()
	m.walk(fold.IterRange(), names)
	m.walk(fold.AccuInit(), names)
	within := maps.Clone(names)
	within[fold.IterVar()] = m.byID[fold.IterRange().ID()]
	within[fold.AccuVar()] = ""
	m.walk(fold.LoopCondition(), within)
	m.walk(fold.LoopStep(), within)
	within[fold.IterVar()] = names[fold.IterVar()]
	m.walk(fold.Result(), within)
	if mentions(fold.LoopStep(), fold.IterVar()) {
		m.inner[fold.IterRange().ID()] = true // what is read of each item says more
	} else {
		m.counted[fold.IterRange().ID()] = true
	}
}

func mentions(x ast.Expr, name string) bool {
	found := false
	ast.PostOrderVisit(x, ast.NewExprVisitor(func(e ast.Expr) {
		found = found || e.Kind() == ast.IdentKind && e.AsIdent() == name
	}))
	return found
}

// index: a literal key goes deeper, a position stays with the table, anything else may be any member.
func (m *pathMap) index(x ast.Expr, call ast.CallExpr) {
	key := call.Args()[1]
	if key.Kind() == ast.LiteralKind {
		if name, ok := key.AsLiteral().(types.String); ok {
			m.extend(x, call.Args()[0], "."+string(name))
			return
		}
	}
	m.extend(x, call.Args()[0], "")
}

func (m *pathMap) extend(x, operand ast.Expr, by string) {
	if path := m.byID[operand.ID()]; path != "" {
		m.byID[x.ID()] = path + by
		m.inner[operand.ID()] = true
	}
}

// read gives all that is read, and the part of it whose values are needed rather than their number.
func (m *pathMap) read() (all, values []string) {
	for id, path := range m.byID {
		if m.inner[id] {
			continue
		}
		all = append(all, path)
		if !m.counted[id] {
			values = append(values, path)
		}
	}
	slices.Sort(all)
	slices.Sort(values)
	return slices.Compact(all), slices.Compact(values)
}

// FormulaOrder gives the order in which formulas can be computed: each after what it reads. The keys are field keys, or
// "table.column" for the formula of a column, which reads its own row as row. Equal inputs give equal orders. Formulas
// that wait for each other are a CodeCycle fault whose param "fields" names them in a circle.
func FormulaOrder(formulas map[string]*Program) ([]string, error) {
	keys := make([]string, 0, len(formulas))
	for k := range formulas {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	o := ordering{formulas: formulas, keys: keys, state: map[string]int{}}
	for _, k := range keys {
		if err := o.visit(k); err != nil {
			return nil, err
		}
	}
	return o.order, nil
}

type ordering struct {
	formulas map[string]*Program
	keys     []string
	state    map[string]int // 0 new, 1 being visited, 2 done
	trail    []string
	order    []string
}

func (o *ordering) visit(key string) error {
	switch o.state[key] {
	case 1:
		circle := append(slices.Clone(o.trail[slices.Index(o.trail, key):]), key)
		return CodeCycle.With(problem.Params{"fields": strings.Join(circle, " → ")})
	case 2:
		return nil
	}
	o.state[key] = 1
	o.trail = append(o.trail, key)
	for _, other := range o.keys {
		if reads(key, o.formulas[key], other) {
			if err := o.visit(other); err != nil {
				return err
			}
		}
	}
	o.trail = o.trail[:len(o.trail)-1]
	o.state[key] = 2
	o.order = append(o.order, key)
	return nil
}

// reads reports whether the formula of key needs the value of the field other.
func reads(key string, p *Program, other string) bool {
	table, _, _ := strings.Cut(key, ".")
	for _, path := range p.values {
		root, rest, _ := strings.Cut(path, ".")
		switch root {
		case RowVar:
			rest = strings.TrimSuffix(table+"."+rest, ".")
		case FormVar:
		default:
			continue
		}
		if rest == "" || rest == other || strings.HasPrefix(rest, other+".") || strings.HasPrefix(other, rest+".") {
			return true
		}
	}
	return false
}
