package expr

import (
	"math"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// callCost makes the platform's functions pay for what they walk; CEL knows what its own cost.
type callCost struct{}

// CallCost implements interpreter.ActualCostEstimator.
func (callCost) CallCost(function, _ string, args []ref.Val, result ref.Val) *uint64 {
	switch function {
	case "workdays":
		return days(result)
	case "addWorkdays":
		return days(args[len(args)-1])
	case "sum", "avg", "min", "max", "join", "inList", "lower", "upper", "trim", "replace", "left", "right":
	default:
		return nil
	}
	cost := uint64(1)
	for _, a := range args {
		if sized, ok := a.(traits.Sizer); ok {
			if n, ok := sized.Size().(types.Int); ok && n > 0 {
				cost += uint64(n)
			}
		}
	}
	return &cost
}

// days charges for a walk over a calendar.
func days(v ref.Val) *uint64 {
	cost := uint64(1)
	if n, bad := number(v); bad == nil && math.Abs(n) <= spanLimit {
		cost += uint64(math.Abs(n))
	}
	return &cost
}
