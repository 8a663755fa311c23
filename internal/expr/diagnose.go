package expr

import (
	"errors"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/schemas/problem"
)

// explain turns CEL's error into a fault. CEL says "no such overload" for a blank operand and for a wrong one alike, so
// the rule is run again, only then, by a program that looks at the operands where it fails.
func (p *Program) explain(act *activation, err error) error {
	if strings.Contains(err.Error(), "cost limit exceeded") {
		return CodeTooCostly.Because(err, nil)
	}
	if f, ok := fault.As(err); ok {
		return f // without what CEL wrapped around it
	}
	why, planErr := p.why()
	if planErr != nil {
		return CodeFailed.Because(errors.Join(err, planErr), problem.Params{"detail": detailOf(err)})
	}
	if _, _, again := why.Eval(act); again != nil {
		err = again
	}
	return classify(err)
}

func classify(err error) error {
	if f, ok := fault.As(err); ok {
		return f
	}
	text := err.Error()
	switch {
	case strings.HasPrefix(text, "no such key"), strings.HasPrefix(text, "index out of bounds"), strings.HasPrefix(text, "no such attribute"),
		strings.HasSuffix(text, "qualifier type: types.Null"):
		return CodeMissing.Because(err, nil)
	case strings.Contains(text, "by zero"):
		return CodeDivision.Because(err, nil)
	case strings.Contains(text, "overflow"):
		return CodeOverflow.Because(err, nil)
	case strings.Contains(text, "no such overload"), strings.Contains(text, "unsupported"), strings.Contains(text, "expected iterable"):
		return CodeMismatch.Because(err, problem.Params{"detail": text})
	default:
		return CodeFailed.Because(err, problem.Params{"detail": text})
	}
}

// detailOf is the last, most particular part of CEL's message.
func detailOf(err error) any {
	if f, ok := fault.As(err); ok {
		return problem.Text{"en": strings.TrimSuffix(f.Message("en"), "."), "zh-CN": strings.TrimSuffix(f.Message("zh-CN"), "。")}
	}
	return err.Error()
}

// planWhy plans the program that finds out why: every call looks at its operands when it fails.
func (p *Program) planWhy() (cel.Program, error) {
	nodes := map[int64]interpreter.InterpretableV2{}
	exprs := map[int64]ast.Expr{}
	ast.PostOrderVisit(p.ast.NativeRep().Expr(), ast.NewExprVisitor(func(x ast.Expr) { exprs[x.ID()] = x }))
	return p.env.cel.Program(p.ast, cel.CostLimit(costLimit), cel.CustomDecoratorV2(
		func(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
			nodes[i.ID()] = i
			x, ok := exprs[i.ID()]
			if !ok {
				return i, nil
			}
			operands := operandsOf(x)
			if len(operands) == 0 {
				return i, nil
			}
			choice := x.Kind() == ast.CallKind && x.AsCall().FunctionName() == operators.Conditional
			w := &watched{InterpretableV2: i, operands: operands, nodes: nodes, choice: choice}
			nodes[i.ID()] = w
			// The planner goes on building a?b:c and a[b], and must still find an attribute there.
			if attribute, ok := i.(interpreter.InterpretableAttribute); ok {
				return &watchedAttribute{InterpretableAttribute: attribute, watch: w}, nil
			}
			return w, nil
		}))
}

func operandsOf(x ast.Expr) []int64 {
	if x.Kind() == ast.ComprehensionKind {
		return []int64{x.AsComprehension().IterRange().ID()}
	}
	if x.Kind() != ast.CallKind {
		return nil
	}
	var ids []int64
	for _, operand := range children(x) {
		ids = append(ids, operand.ID())
	}
	return ids
}

// watched replaces an error by "missing" when an operand is blank.
type watched struct {
	interpreter.InterpretableV2
	operands []int64
	nodes    map[int64]interpreter.InterpretableV2
	choice   bool // a ? b : c, of which only the branch taken counts
}

// Exec implements interpreter.InterpretableV2.
func (w *watched) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	out := w.InterpretableV2.Exec(frame)
	failed, ok := out.(*types.Err)
	if !ok {
		return out
	}
	if _, known := fault.As(failed); known {
		return out
	}
	operands := w.operands
	for i := 0; i < len(operands); i++ {
		node, ok := w.nodes[operands[i]]
		if !ok {
			continue
		}
		switch v := node.Exec(frame).(type) {
		case types.Null:
			return types.WrapErr(CodeMissing.With(nil))
		case *types.Err:
			return types.WrapErr(classify(v))
		case types.Bool:
			if w.choice && i == 0 && bool(v) {
				operands = operands[:2]
			} else if w.choice && i == 0 {
				i++
			}
		}
	}
	return types.WrapErr(classify(failed))
}

// Eval implements interpreter.Interpretable.
func (w *watched) Eval(act interpreter.Activation) ref.Val {
	return interpreter.EvalActivation(act, w.Exec)
}

// watchedAttribute is watched for what the planner goes on building.
type watchedAttribute struct {
	interpreter.InterpretableAttribute
	watch *watched
}

// Exec implements interpreter.InterpretableV2.
func (w *watchedAttribute) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	return w.watch.Exec(frame)
}

// Eval implements interpreter.Interpretable.
func (w *watchedAttribute) Eval(act interpreter.Activation) ref.Val { return w.watch.Eval(act) }
