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
		return keepObject(doc, keep, make([]byte, 0, len(doc)+len(doc)/8))
	}
}

func keepObject(doc jsonb.Raw, keep branch, buf []byte) (_ []byte, err error) {
	buf = append(buf, '{')
	sep := ""
	doc.Members(func(name []byte, v jsonb.Raw) {
		below, ok := keep[string(name)]
		if !ok || err != nil || len(below) > 0 && !v.Container() {
			return
		}
		buf = jsonb.AppendName(append(buf, sep...), name)
		buf, err = keepValue(v, below, buf)
		sep = ","
	})
	return append(buf, '}'), err
}

// keepValue writes an object or array below which only some paths are kept; of an array, what is no container falls away.
func keepValue(v jsonb.Raw, keep branch, buf []byte) (_ []byte, err error) {
	if len(keep) == 0 {
		return v.AppendJSON(buf)
	}
	if v.Kind() == value.Object {
		return keepObject(v, keep, buf)
	}
	buf = append(buf, '[')
	sep := ""
	v.Items(func(e jsonb.Raw) bool {
		if e.Container() {
			buf, err = keepValue(e, keep, append(buf, sep...))
			sep = ","
		}
		return err != nil
	})
	return append(buf, ']'), err
}
