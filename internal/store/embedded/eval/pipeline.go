package eval

import (
	"math"

	"github.com/stepwell/stepwell/internal/store/embedded/jsonb"
	"github.com/stepwell/stepwell/internal/store/query"
	"github.com/stepwell/stepwell/internal/store/value"
)

// Pipeline runs the stages one after the other, each document as it comes.
type Pipeline struct {
	steps []step
}

// step is one stage at work. Neither add nor end keeps a document it was given; next says whether it wants more.
type step interface {
	add(doc jsonb.Raw, next func(jsonb.Raw) (bool, error)) (bool, error)
	end(next func(jsonb.Raw) (bool, error)) error
}

// NewPipeline makes stages ready to run once.
func NewPipeline(stages []query.Stage) *Pipeline {
	p := &Pipeline{}
	for _, s := range stages {
		p.steps = append(p.steps, newStep(s))
	}
	return p
}

func newStep(s query.Stage) step {
	switch s.Kind {
	case query.StageMatch:
		return matchStep{Compile(s.Filter)}
	case query.StageSort:
		return &sortStep{NewSorter[struct{}](s.Sort, 0)}
	case query.StageLimit:
		return &windowStep{limit: s.N}
	case query.StageSkip:
		return &windowStep{skip: s.N, limit: math.MaxInt64 - s.N}
	case query.StageCount:
		return &countStep{name: s.Name}
	case query.StageGroup:
		return &groupStep{newGrouper(s.Group)}
	case query.StageProject:
		return newProjectStep(s.Fields)
	default:
		return unwindStep(s.Unwind)
	}
}

// Add gives a document to the first stage; out takes what leaves the last. It reports whether more documents matter.
func (p *Pipeline) Add(doc jsonb.Raw, out func(jsonb.Raw) error) (bool, error) {
	return p.from(0, out)(doc)
}

// End tells that no document follows.
func (p *Pipeline) End(out func(jsonb.Raw) error) error {
	for i, s := range p.steps {
		if err := s.end(p.from(i+1, out)); err != nil {
			return err
		}
	}
	return nil
}

func (p *Pipeline) from(i int, out func(jsonb.Raw) error) func(jsonb.Raw) (bool, error) {
	if i == len(p.steps) {
		return func(doc jsonb.Raw) (bool, error) { return true, out(doc) }
	}
	next := p.from(i+1, out)
	return func(doc jsonb.Raw) (bool, error) { return p.steps[i].add(doc, next) }
}

type matchStep struct{ match Match }

func (s matchStep) add(doc jsonb.Raw, next func(jsonb.Raw) (bool, error)) (bool, error) {
	if !s.match(doc) {
		return true, nil
	}
	return next(doc)
}

func (matchStep) end(func(jsonb.Raw) (bool, error)) error { return nil }

type windowStep struct{ skip, limit, seen int64 }

func (s *windowStep) add(doc jsonb.Raw, next func(jsonb.Raw) (bool, error)) (bool, error) {
	s.seen++
	if s.seen <= s.skip {
		return true, nil
	}
	if s.seen > s.skip+s.limit {
		return false, nil
	}
	more, err := next(doc)
	return more && s.seen < s.skip+s.limit, err
}

func (*windowStep) end(func(jsonb.Raw) (bool, error)) error { return nil }

type countStep struct {
	name string
	n    int64
}

func (s *countStep) add(jsonb.Raw, func(jsonb.Raw) (bool, error)) (bool, error) {
	s.n++
	return true, nil
}

func (s *countStep) end(next func(jsonb.Raw) (bool, error)) error {
	if s.n == 0 { // as in MongoDB: no documents, no count
		return nil
	}
	_, err := next(jsonb.Encode(value.Value{Kind: value.Object, Members: []value.Member{{Name: s.name, Value: value.OfInt(s.n)}}}))
	return err
}

type sortStep struct{ sorter *Sorter[struct{}] }

func (s *sortStep) add(doc jsonb.Raw, _ func(jsonb.Raw) (bool, error)) (bool, error) {
	return true, s.sorter.Add(doc, struct{}{})
}

func (s *sortStep) end(next func(jsonb.Raw) (bool, error)) error {
	for doc := range s.sorter.All() {
		if more, err := next(doc); err != nil || !more {
			return err
		}
	}
	return nil
}

type groupStep struct{ grouper *grouper }

func (s *groupStep) add(doc jsonb.Raw, _ func(jsonb.Raw) (bool, error)) (bool, error) {
	return true, s.grouper.add(doc)
}

func (s *groupStep) end(next func(jsonb.Raw) (bool, error)) error {
	for _, doc := range s.grouper.docs() {
		if more, err := next(doc); err != nil || !more {
			return err
		}
	}
	return nil
}

type projectStep struct {
	keep  branch
	exprs []query.Output
}

func newProjectStep(fields []query.Output) projectStep {
	s := projectStep{}
	var paths []query.Path
	id := true
	for _, f := range fields {
		switch {
		case f.Expr != nil:
			s.exprs = append(s.exprs, f)
			id = id && f.Path.Text != "_id"
		case f.Drop:
			id = false
		default:
			paths = append(paths, f.Path)
		}
	}
	if id {
		paths = append(paths, query.ID)
	}
	s.keep = grow(paths)
	return s
}

func (s projectStep) add(doc jsonb.Raw, next func(jsonb.Raw) (bool, error)) (bool, error) {
	text, err := keepObject(doc, s.keep, nil)
	if err != nil {
		return false, err
	}
	out, err := value.Parse(string(text))
	if err != nil {
		return false, err
	}
	for _, f := range s.exprs {
		v, err := Expr(*f.Expr, doc)
		if err != nil {
			return false, err
		}
		if v.Kind != value.Missing {
			out.Members = append(out.Members, value.Member{Name: f.Path.Text, Value: v})
		}
	}
	return next(jsonb.Encode(out))
}

func (projectStep) end(func(jsonb.Raw) (bool, error)) error { return nil }

type unwindStep query.Unwind

func (s unwindStep) add(doc jsonb.Raw, next func(jsonb.Raw) (bool, error)) (bool, error) {
	v := doc
	for _, part := range s.Path.Parts {
		v = v.Member(part)
	}
	switch {
	case v.Kind() == value.Array && v.Len() > 0:
		return s.each(doc, v, next)
	case v.Kind() == value.Array:
		if !s.Keep {
			return true, nil
		}
		return s.put(doc, nil, next)
	case v.Kind() == value.Missing || v.Kind() == value.Null:
		if !s.Keep {
			return true, nil
		}
		return next(doc)
	default: // a value alone is a list of one
		return next(doc)
	}
}

func (s unwindStep) each(doc, list jsonb.Raw, next func(jsonb.Raw) (bool, error)) (more bool, err error) {
	more = true
	list.Items(func(e jsonb.Raw) bool {
		more, err = s.put(doc, e, next)
		return err != nil || !more
	})
	return more, err
}

// put passes the document on with another value at the path; nil: without it.
func (s unwindStep) put(doc, e jsonb.Raw, next func(jsonb.Raw) (bool, error)) (bool, error) {
	out, err := doc.Value()
	if err != nil {
		return false, err
	}
	v, err := e.Value()
	if err != nil {
		return false, err
	}
	change := query.Change{Op: query.Set, Path: s.Path, Value: v}
	if e == nil {
		change.Op = query.Unset
	}
	if err := query.Apply(&out, []query.Change{change}); err != nil {
		return false, err
	}
	return next(jsonb.Encode(out))
}

func (unwindStep) end(func(jsonb.Raw) (bool, error)) error { return nil }
