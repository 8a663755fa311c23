package query

import (
	"math"
	"slices"

	"github.com/stepwell/stepwell/internal/store/value"
)

// Apply changes a document in place.
func Apply(doc *value.Value, changes []Change) error {
	for _, c := range changes {
		if err := change(doc, c, c.Path.Parts); err != nil {
			return err
		}
	}
	return nil
}

func change(v *value.Value, c Change, parts []string) error {
	if v.Kind != value.Object {
		if c.Op == Unset {
			return nil
		}
		return refuse("/update/"+c.Path.Text, "the path leads through what is no object", "路径经过的值不是对象")
	}
	i := slices.IndexFunc(v.Members, func(m value.Member) bool { return m.Name == parts[0] })
	if c.Op == Unset && (i < 0 || len(parts) == 1) {
		if i >= 0 {
			v.Members = slices.Delete(v.Members, i, i+1)
		}
		return nil
	}
	if i < 0 {
		i = len(v.Members)
		v.Members = append(v.Members, value.Member{Name: parts[0]})
		if len(parts) > 1 {
			v.Members[i].Value.Kind = value.Object
		}
	}
	if len(parts) > 1 {
		return change(&v.Members[i].Value, c, parts[1:])
	}
	if c.Op == Set {
		v.Members[i].Value = c.Value
		return nil
	}
	return increase(&v.Members[i].Value, c)
}

func increase(v *value.Value, c Change) error {
	by := c.Value.Int
	switch v.Kind {
	case value.Missing:
		*v = c.Value
	case value.Int:
		if by > 0 && v.Int > math.MaxInt64-by || by < 0 && v.Int < math.MinInt64-by {
			return refuse("/update/"+c.Path.Text, "the number would become too large", "数字过大")
		}
		v.Int += by
	case value.Float:
		v.Float += float64(by)
	default:
		return refuse("/update/"+c.Path.Text, "only a number can be increased", "只有数字才能递增")
	}
	return nil
}
