package expr

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"github.com/stepwell/stepwell/schemas/problem"
)

var (
	badCharacter = regexp.MustCompile(`token recognition error at: '(.)`)
	nearToken    = regexp.MustCompile(`(?:mismatched input|extraneous input|no viable alternative at input) '([^']*)'`)
	undeclared   = regexp.MustCompile(`^undeclared reference to '([^']*)'`)
	noField      = regexp.MustCompile(`^undefined field '([^']*)'`)
	noOverload   = regexp.MustCompile(`^found no matching overload for '([^']*)' applied to '(.*)'$`)
)

func syntaxProblems(issues *cel.Issues) []problem.Problem {
	var out []problem.Problem
	seen := map[[2]int]bool{}
	for _, e := range issues.Errors() {
		line, column := max(e.Location.Line(), 1), max(e.Location.Column(), 0)+1
		if seen[[2]int{line, column}] {
			continue
		}
		seen[[2]int{line, column}] = true
		params := problem.Params{"line": line, "column": column}
		if m := badCharacter.FindStringSubmatch(e.Message); m != nil {
			params["char"] = m[1]
			out = append(out, CodeCharacter.At("", params))
			continue
		}
		params["near"] = ""
		if m := nearToken.FindStringSubmatch(e.Message); m != nil && m[1] != "<EOF>" {
			params["near"] = problem.Text{"en": " near “" + m[1] + "”", "zh-CN": "（“" + m[1] + "”附近）"}
		}
		out = append(out, CodeSyntax.At("", params))
	}
	// A stray character makes what follows it unreadable too; that would only distract.
	if i := slices.IndexFunc(out, func(p problem.Problem) bool { return p.Code == CodeCharacter }); i >= 0 {
		return out[i : i+1]
	}
	if len(out) == 0 {
		return []problem.Problem{CodeSyntax.At("", problem.Params{"line": 1, "column": 1, "near": ""})}
	}
	return out[:1]
}

func (e *Env) typeProblems(a *ast.AST, paths *pathMap, issues *cel.Issues) []problem.Problem {
	exprs := map[int64]ast.Expr{}
	ast.PostOrderVisit(a.Expr(), ast.NewExprVisitor(func(x ast.Expr) { exprs[x.ID()] = x }))
	var out []problem.Problem
	for _, issue := range issues.Errors() {
		params := problem.Params{"line": max(issue.Location.Line(), 1), "column": max(issue.Location.Column(), 0) + 1}
		out = append(out, e.typeProblem(issue, exprs[issue.ExprID], paths, params))
	}
	return out
}

func (e *Env) typeProblem(issue *cel.Error, x ast.Expr, paths *pathMap, params problem.Params) problem.Problem {
	if m := undeclared.FindStringSubmatch(issue.Message); m != nil {
		params["name"] = m[1]
		if x != nil && x.Kind() == ast.CallKind {
			// CEL points at the bracket behind the name.
			params["column"] = max(issue.Location.Column()+1-len(m[1]), 1)
			params["hint"] = hint(m[1], functionNames())
			return CodeUnknownFunction.At("", params)
		}
		params["hint"] = hint(m[1], e.names())
		return CodeUnknownName.At("", params)
	}
	if m := noField.FindStringSubmatch(issue.Message); m != nil && x != nil && x.Kind() == ast.SelectKind {
		object := paths.byID[x.AsSelect().Operand().ID()]
		params["name"], params["object"] = m[1], object
		params["hint"] = hint(m[1], keysOf(e.objects[object]))
		params["column"] = max(issue.Location.Column(), 0) + 2 // CEL points at the dot before the name
		return CodeUnknownField.At("", params)
	}
	if m := noOverload.FindStringSubmatch(issue.Message); m != nil {
		params["name"] = operatorWord(m[1])
		params["types"] = typeList(m[2])
		return CodeOperands.At("", params)
	}
	params["name"], params["types"] = operatorWord(functionOf(x)), []problem.Text{typeWord("json")}
	return CodeOperands.At("", params)
}

func functionOf(x ast.Expr) string {
	if x != nil && x.Kind() == ast.CallKind {
		return x.AsCall().FunctionName()
	}
	return "?"
}

// operatorWord writes _+_ as + and !_ as !.
func operatorWord(name string) string {
	if op, ok := operators.FindReverse(name); ok && op != "" {
		return op
	}
	switch name {
	case operators.Conditional:
		return "? :"
	case operators.Index:
		return "[ ]"
	}
	return name
}

// typeList reads CEL's "(string, list(int))", without the hidden scope.
func typeList(s string) []problem.Text {
	var out []problem.Text
	depth, from := 0, 0
	s = strings.TrimSuffix(strings.TrimPrefix(s, "("), ")")
	s = strings.ReplaceAll(s, ").(", ", ") // a method's receiver stands before the dot
	flush := func(part string) {
		part = strings.TrimSpace(strings.TrimSuffix(part, ".("))
		if part == "" || part == "stepwell.Scope" {
			return
		}
		if inner, ok := strings.CutPrefix(part, "wrapper("); ok {
			part = strings.TrimSuffix(inner, ")")
		}
		name, _, _ := strings.Cut(part, "(")
		out = append(out, typeWord(name))
	}
	for i, r := range s {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				flush(s[from:i])
				from = i + 1
			}
		}
	}
	flush(s[from:])
	return out
}

// numberProblems finds number fields used as texts. Their type is dyn, so that `amount == 5` compiles, and CEL itself
// would let `amount == 'five'` and `amount + ' CNY'` pass.
func (e *Env) numberProblems(a *ast.AST, paths *pathMap) []problem.Problem {
	if e.open {
		return nil
	}
	var out []problem.Problem
	ast.PostOrderVisit(a.Expr(), ast.NewExprVisitor(func(x ast.Expr) {
		if x.Kind() != ast.CallKind {
			return
		}
		call := x.AsCall()
		if !takesNumbers(call.FunctionName()) || len(call.Args()) != 2 {
			return
		}
		for i, arg := range call.Args() {
			other := call.Args()[1-i]
			got := bareType(a.GetType(other.ID()))
			if e.isNumber(paths.byID[arg.ID()]) && (got == "string" || got == "bool" || got == "list" || got == "map") {
				line, column := start(a.SourceInfo(), x.ID())
				out = append(out, CodeOperands.At("", problem.Params{
					"line": line, "column": column, "name": operatorWord(call.FunctionName()),
					"types": []problem.Text{typeWord("number"), typeWord(got)},
				}))
				return
			}
		}
	}))
	return out
}

func takesNumbers(function string) bool {
	switch function {
	case operators.Add, operators.Subtract, operators.Multiply, operators.Divide, operators.Modulo, operators.Equals,
		operators.NotEquals, operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		return true
	}
	return false
}

func (e *Env) isNumber(path string) bool {
	i := strings.LastIndexByte(path, '.')
	if i < 0 {
		return false
	}
	for _, f := range e.objects[path[:i]] {
		if f.Key == path[i+1:] {
			return f.Kind == Number
		}
	}
	return false
}

// restrictions finds what the server and the browser would not do alike.
func restrictions(a *ast.AST) []problem.Problem {
	var out []problem.Problem
	at := func(x ast.Expr, params problem.Params) problem.Params {
		params["line"], params["column"] = start(a.SourceInfo(), x.ID())
		return params
	}
	if x := tooDeep(a.Expr(), 0); x != nil {
		out = append(out, CodeTooDeep.At("", at(x, problem.Params{"limit": maxDepth})))
	}
	ast.PostOrderVisit(a.Expr(), ast.NewExprVisitor(func(x ast.Expr) {
		if x.Kind() != ast.CallKind {
			return
		}
		call := x.AsCall()
		name := call.FunctionName()
		switch {
		case name == "matches" && len(call.Args()) > 0:
			last := call.Args()[len(call.Args())-1]
			if pattern, ok := literal(last); !ok {
				out = append(out, CodeLiteral.At("", at(last, problem.Params{"name": name})))
			} else if what, ok := sharedPattern(pattern); !ok {
				out = append(out, CodePattern.At("", at(last, problem.Params{"what": what})))
			}
		case strings.HasPrefix(name, "get") && call.IsMemberFunction() && len(call.Args()) == 1:
			if zone, ok := literal(call.Args()[0]); !ok {
				out = append(out, CodeLiteral.At("", at(call.Args()[0], problem.Params{"name": name})))
			} else if !isZone(zone) {
				out = append(out, CodeTimeZone.At("", at(call.Args()[0], problem.Params{"name": zone})))
			}
		}
	}))
	return out
}

func literal(x ast.Expr) (string, bool) {
	if x.Kind() != ast.LiteralKind {
		return "", false
	}
	s, ok := x.AsLiteral().(types.String)
	return string(s), ok
}

var zoneForm = regexp.MustCompile(`^[A-Z][A-Za-z_]*(/[A-Z][A-Za-z0-9_+-]*)*$`)

func isZone(name string) bool {
	if !zoneForm.MatchString(name) || name == "Local" {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}

// tooDeep gives the first comprehension that lies more than maxDepth deep in the bodies of others.
func tooDeep(x ast.Expr, depth int) ast.Expr {
	if x.Kind() == ast.ComprehensionKind {
		fold := x.AsComprehension()
		if depth == maxDepth {
			return x
		}
		if found := tooDeep(fold.IterRange(), depth); found != nil {
			return found
		}
		return tooDeep(fold.LoopStep(), depth+1)
	}
	for _, child := range children(x) {
		if found := tooDeep(child, depth); found != nil {
			return found
		}
	}
	return nil
}

func children(x ast.Expr) []ast.Expr {
	switch x.Kind() {
	case ast.SelectKind:
		return []ast.Expr{x.AsSelect().Operand()}
	case ast.CallKind:
		if x.AsCall().IsMemberFunction() {
			return append([]ast.Expr{x.AsCall().Target()}, x.AsCall().Args()...)
		}
		return x.AsCall().Args()
	case ast.ListKind:
		return x.AsList().Elements()
	case ast.MapKind:
		var out []ast.Expr
		for _, entry := range x.AsMap().Entries() {
			out = append(out, entry.AsMapEntry().Key(), entry.AsMapEntry().Value())
		}
		return out
	case ast.ComprehensionKind, ast.IdentKind, ast.LiteralKind, ast.StructKind, ast.UnspecifiedExprKind:
	}
	return nil
}
