package flow

import "github.com/stepwell/stepwell/schemas/problem"

// join checks how the ways of a block that run at once become one again.
func (c *checker) join(p Place) {
	joins, rests := []Join{JoinAll, JoinAny, JoinCount}, []Rest{RestCancel, RestFinish}
	if p.Join != "" && !known(p.Join, joins...) {
		c.add(ErrJoinUnknown, p.Pointer+"/join", problem.Params{"value": p.Join, "known": texts(joins)})
	}
	if p.Rest != "" && !known(p.Rest, rests...) {
		c.add(ErrRestUnknown, p.Pointer+"/rest", problem.Params{"value": p.Rest, "known": texts(rests)})
	}
	switch {
	case p.Join == JoinCount && (p.Count < 1 || (len(p.Cases) > 0 && p.Count > len(p.Cases))):
		c.add(ErrJoinCount, p.Pointer+"/count", problem.Params{"block": p.Name(), "value": p.Count})
	case p.Join != JoinCount && p.Count != 0:
		c.add(ErrJoinCountUnused, p.Pointer+"/count", in(p))
	}
}
