package eval

import (
	"github.com/stepwell/stepwell/internal/store/embedded/jsonb"
	"github.com/stepwell/stepwell/internal/store/query"
	"github.com/stepwell/stepwell/internal/store/value"
)

// branch is the set of paths to keep, by first name. A branch without names keeps everything below it.
type branch map[string]branch

func grow(paths []query.Path) branch {
	root := branch{}
	for _, p := range paths {
		b := root
		for _, part := range p.Parts {
			if b[part] == nil {
				b[part] = branch{}
			}
			b = b[part]
		}
	}
	return root
}

// Projection makes the function that writes a document's JSON text, cut down to the id and these paths if there are any.
func Projection(fields []query.Path) func(jsonb.Raw) ([]byte, error) {
	if len(fields) == 0 {
		return jsonb.Raw.JSON
	}
	keep := grow(append([]query.Path{query.ID}, fields...))
	return func(doc jsonb.Raw) ([]byte, error) {
		w := value.NewWriter(make([]byte, 0, 256))
		err := keepObject(doc, keep, w)
		return w.Bytes(), err
	}
}

func keepObject(doc jsonb.Raw, keep branch, s value.Sink) (err error) {
	s.BeginObject()
	doc.Members(func(name string, v jsonb.Raw) {
		below, ok := keep[name]
		if !ok || err != nil || len(below) > 0 && !v.Container() {
			return
		}
		s.Name(name)
		err = keepValue(v, below, s)
	})
	s.EndObject()
	return err
}

// keepValue tells an object or array below which only some paths are kept; of an array, what is no container falls away.
func keepValue(v jsonb.Raw, keep branch, s value.Sink) (err error) {
	if len(keep) == 0 {
		return v.Emit(s)
	}
	if v.Kind() == value.Object {
		return keepObject(v, keep, s)
	}
	s.BeginArray()
	v.Items(func(e jsonb.Raw) bool {
		if e.Container() {
			err = keepValue(e, keep, s)
		}
		return err != nil
	})
	s.EndArray()
	return err
}
