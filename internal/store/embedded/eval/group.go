package eval

import (
	"math"
	"math/big"

	"github.com/stepwell/stepwell/internal/store/embedded/jsonb"
	"github.com/stepwell/stepwell/internal/store/query"
	"github.com/stepwell/stepwell/internal/store/value"
)

// grouper gathers documents and folds their values.
type grouper struct {
	spec   query.Group
	groups map[string]*group
	order  []*group // as first met
	key    []byte
}

type group struct {
	id    value.Value
	folds []fold
}

func newGrouper(spec query.Group) *grouper {
	return &grouper{spec: spec, groups: map[string]*group{}}
}

func (g *grouper) add(doc jsonb.Raw) error {
	id, err := Expr(g.spec.ID, doc)
	if err != nil {
		return err
	}
	if id.Kind == value.Missing {
		id.Kind = value.Null
	}
	w := value.NewWriter(g.key[:0])
	canonical(id).Emit(w)
	g.key = w.Bytes()
	gr := g.groups[string(g.key)]
	if gr == nil {
		gr = &group{id: id, folds: make([]fold, len(g.spec.Fields))}
		g.groups[string(g.key)] = gr
		g.order = append(g.order, gr)
	}
	for i, f := range g.spec.Fields {
		if f.Kind == query.Count {
			gr.folds[i].count++
			continue
		}
		v, err := Expr(f.Expr, doc)
		if err != nil {
			return err
		}
		gr.folds[i].add(f.Kind, v)
	}
	return nil
}

// canonical spells equal numbers alike, so that 1 and 1.0 fall into one group.
func canonical(v value.Value) value.Value {
	switch v.Kind {
	case value.Float:
		if v.Float == math.Trunc(v.Float) && v.Float >= math.MinInt64 && v.Float < math.MaxInt64 {
			return value.OfInt(int64(v.Float))
		}
	case value.Array:
		items := make([]value.Value, len(v.Items))
		for i, x := range v.Items {
			items[i] = canonical(x)
		}
		v.Items = items
	case value.Object:
		members := make([]value.Member, len(v.Members))
		for i, m := range v.Members {
			members[i] = value.Member{Name: m.Name, Value: canonical(m.Value)}
		}
		v.Members = members
	}
	return v
}

func (g *grouper) docs() []jsonb.Raw {
	out := make([]jsonb.Raw, len(g.order))
	for i, gr := range g.order {
		doc := value.Value{Kind: value.Object, Members: []value.Member{{Name: "_id", Value: gr.id}}}
		for j, f := range g.spec.Fields {
			doc.Members = append(doc.Members, value.Member{Name: f.Name, Value: gr.folds[j].result(f.Kind)})
		}
		out[i] = jsonb.Encode(doc)
	}
	return out
}

// fold is one accumulator of one group.
type fold struct {
	count  int64 // of documents, or of numbers
	ints   int64
	spill  big.Int // what no longer fits into ints
	floats compensated
	float  bool // a floating-point number was met
	best   value.Value
	met    bool
}

func (f *fold) add(kind query.AccumulatorKind, v value.Value) {
	switch kind {
	case query.Sum, query.Avg:
		f.number(v)
	case query.Min, query.Max:
		if v.Kind == value.Missing || v.Kind == value.Null {
			return
		}
		if c := value.Compare(v, f.best); !f.met || kind == query.Min && c < 0 || kind == query.Max && c > 0 {
			f.best, f.met = v, true
		}
	case query.First:
		if !f.met {
			f.best, f.met = v, true
		}
	case query.Count:
	}
}

func (f *fold) number(v value.Value) {
	switch v.Kind {
	case value.Int:
		f.count++
		if sum := f.ints + v.Int; (sum > f.ints) == (v.Int > 0) {
			f.ints = sum
		} else {
			f.spill.Add(&f.spill, big.NewInt(f.ints))
			f.ints = v.Int
		}
	case value.Float:
		f.count++
		f.float = true
		f.floats.add(v.Float)
	}
}

func (f *fold) result(kind query.AccumulatorKind) value.Value {
	switch kind {
	case query.Count:
		return value.OfInt(f.count)
	case query.Sum:
		if all := new(big.Int).Add(&f.spill, big.NewInt(f.ints)); !f.float && all.IsInt64() {
			return value.OfInt(all.Int64())
		}
		return value.OfFloat(f.total())
	case query.Avg:
		if f.count > 0 {
			return value.OfFloat(f.total() / float64(f.count))
		}
	default:
		if f.best.Kind != value.Missing {
			return f.best
		}
	}
	return value.Value{Kind: value.Null}
}

func (f *fold) total() float64 {
	all := new(big.Float).SetInt(new(big.Int).Add(&f.spill, big.NewInt(f.ints)))
	high, _ := all.Float64()
	low, _ := all.Sub(all, big.NewFloat(high)).Float64()
	sum := f.floats
	sum.add(high)
	sum.add(low)
	return sum.value()
}

// compensated is a sum that keeps what rounding loses, so that the order of the summands does not show.
type compensated struct{ sum, lost float64 }

func (c *compensated) add(x float64) {
	s := c.sum + x
	if math.Abs(c.sum) >= math.Abs(x) {
		c.lost += c.sum - s + x
	} else {
		c.lost += x - s + c.sum
	}
	c.sum = s
}

func (c *compensated) value() float64 { return c.sum + c.lost }
