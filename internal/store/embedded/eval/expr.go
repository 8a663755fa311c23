package eval

import (
	"fmt"
	"time"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/embedded/jsonb"
	"github.com/stepwell/stepwell/internal/store/query"
	"github.com/stepwell/stepwell/internal/store/value"
)

// Expr evaluates an expression on a document; Missing when its path leads nowhere.
func Expr(e query.Expr, doc jsonb.Raw) (value.Value, error) {
	switch e.Kind {
	case query.ExprLiteral:
		return e.Value, nil
	case query.ExprPath:
		return at(doc, e.Path.Parts)
	case query.ExprBucket:
		v, err := at(doc, e.Path.Parts)
		if err != nil || v.Kind != value.String {
			return value.Value{Kind: value.Null}, err
		}
		return bucket(v.Str, e.Unit, e.Zone), nil
	}
	out := value.Value{Kind: value.Object}
	for _, m := range e.Members {
		v, err := Expr(m.Expr, doc)
		if err != nil {
			return out, err
		}
		if v.Kind == value.Missing {
			v.Kind = value.Null
		}
		out.Members = append(out.Members, value.Member{Name: m.Name, Value: v})
	}
	return out, nil
}

// at is the value at a path; through an array, the list of what its elements have there.
func at(doc jsonb.Raw, parts []string) (value.Value, error) {
	for len(parts) > 0 && doc.Kind() == value.Object {
		doc, parts = doc.Member(parts[0]), parts[1:]
	}
	if len(parts) == 0 {
		return doc.Value()
	}
	if doc.Kind() != value.Array {
		return value.Value{}, nil
	}
	out := value.Value{Kind: value.Array}
	var err error
	doc.Items(func(e jsonb.Raw) bool {
		var v value.Value
		if v, err = at(e, parts); err == nil && v.Kind != value.Missing {
			out.Items = append(out.Items, v)
		}
		return err != nil
	})
	return out, err
}

// bucket names the bucket of a moment in its zone, or of a date as it is; null when text is neither.
func bucket(text string, unit query.Unit, zone *time.Location) value.Value {
	var t time.Time
	var err error
	switch len(text) {
	case len(store.TimeFormat):
		if t, err = time.Parse(store.TimeFormat, text); err == nil {
			t = t.In(zone)
		}
	case len(time.DateOnly):
		t, err = time.Parse(time.DateOnly, text)
	default:
		return value.Value{Kind: value.Null}
	}
	if err != nil {
		return value.Value{Kind: value.Null}
	}
	switch unit {
	case query.Year:
		text = t.Format("2006")
	case query.Quarter:
		text = fmt.Sprintf("%s-Q%d", t.Format("2006"), (int(t.Month())+2)/3)
	case query.Month:
		text = t.Format("2006-01")
	case query.Week:
		year, week := t.ISOWeek()
		text = fmt.Sprintf("%04d-W%02d", year, week)
	case query.Day:
		text = t.Format(time.DateOnly)
	case query.Hour:
		text = t.Format("2006-01-02T15")
	}
	return value.OfString(text)
}
