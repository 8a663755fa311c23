package eval

import (
	"iter"
	"slices"

	"github.com/stepwell/stepwell/internal/store/embedded/jsonb"
	"github.com/stepwell/stepwell/internal/store/query"
	"github.com/stepwell/stepwell/internal/store/value"
)

// SortKey is what a document sorts by under one key: of an array its least element, or its greatest when descending.
func SortKey(doc jsonb.Raw, k query.Key) (value.Value, error) {
	var best value.Value
	first, broken := true, error(nil)
	consider := func(v value.Value) {
		if c := value.Compare(v, best); first || k.Desc && c > 0 || !k.Desc && c < 0 {
			best, first = v, false
		}
	}
	candidates(doc, k.Path.Parts, func(r jsonb.Raw) {
		v, err := r.Value()
		if err != nil {
			broken = err
		}
		if r == nil {
			v.Kind = value.Null
		}
		consider(v)
	}, func() { consider(value.Value{}) })
	return best, broken
}

// candidates tells all values that a document could sort by; empty is called for an array without elements.
func candidates(v jsonb.Raw, parts []string, fn func(jsonb.Raw), empty func()) {
	if len(parts) == 0 {
		if v.Kind() != value.Array {
			fn(v)
		} else if v.Len() == 0 {
			empty()
		} else {
			v.Items(func(e jsonb.Raw) bool { fn(e); return false })
		}
		return
	}
	switch v.Kind() {
	case value.Object:
		candidates(v.Member(parts[0]), parts[1:], fn, empty)
	case value.Array:
		if v.Len() == 0 {
			fn(nil)
		}
		v.Items(func(e jsonb.Raw) bool {
			if e.Kind() == value.Object {
				candidates(e.Member(parts[0]), parts[1:], fn, empty)
			} else {
				fn(nil)
			}
			return false
		})
	default:
		fn(nil)
	}
}

type sortable[T any] struct {
	keys []value.Value
	doc  jsonb.Raw
	with T
}

// Sorter puts documents, each with a companion, in order. With a limit it keeps no more than it needs.
type Sorter[T any] struct {
	keys  []query.Key
	limit int
	docs  []sortable[T] // once there are limit of them: a heap with the last on top
}

// NewSorter makes a Sorter that keeps the first limit documents, all of them when it is 0.
func NewSorter[T any](keys []query.Key, limit int) *Sorter[T] {
	return &Sorter[T]{keys: keys, limit: limit}
}

func (s *Sorter[T]) compare(a, b sortable[T]) int {
	for i, k := range s.keys {
		if c := value.Compare(a.keys[i], b.keys[i]); c != 0 {
			if k.Desc {
				return -c
			}
			return c
		}
	}
	return 0
}

// Add takes in a document. It keeps no reference to doc.
func (s *Sorter[T]) Add(doc jsonb.Raw, with T) error {
	d := sortable[T]{keys: make([]value.Value, len(s.keys)), with: with}
	for i, k := range s.keys {
		v, err := SortKey(doc, k)
		if err != nil {
			return err
		}
		d.keys[i] = v
	}
	if s.limit == 0 || len(s.docs) < s.limit {
		d.doc = slices.Clone(doc)
		s.docs = append(s.docs, d)
		if len(s.docs) == s.limit {
			for i := len(s.docs)/2 - 1; i >= 0; i-- {
				s.down(i)
			}
		}
		return nil
	}
	if s.compare(d, s.docs[0]) < 0 {
		d.doc = append(s.docs[0].doc[:0], doc...)
		s.docs[0] = d
		s.down(0)
	}
	return nil
}

func (s *Sorter[T]) down(i int) {
	for {
		last := i
		for _, kid := range []int{2*i + 1, 2*i + 2} {
			if kid < len(s.docs) && s.compare(s.docs[kid], s.docs[last]) > 0 {
				last = kid
			}
		}
		if last == i {
			return
		}
		s.docs[i], s.docs[last] = s.docs[last], s.docs[i]
		i = last
	}
}

// All are the documents in order.
func (s *Sorter[T]) All() iter.Seq2[jsonb.Raw, T] {
	slices.SortStableFunc(s.docs, s.compare)
	return func(yield func(jsonb.Raw, T) bool) {
		for _, d := range s.docs {
			if !yield(d.doc, d.with) {
				return
			}
		}
	}
}
