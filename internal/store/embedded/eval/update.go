package eval

import (
	"math"
	"slices"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/query"
	"github.com/stepwell/stepwell/internal/store/value"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Update changes a document in place.
func Update(doc *value.Value, changes []query.Change) error {
	for _, c := range changes {
		if err := change(doc, c, c.Path.Parts); err != nil {
			return err
		}
	}
	return nil
}

func refuse(c query.Change, en, zh string) error {
	return store.ErrFilter.With(problem.Params{"at": "/update/" + c.Path.Text, "why": problem.Text{"en": en, "zh-CN": zh}})
}

func change(v *value.Value, c query.Change, parts []string) error {
	if v.Kind != value.Object {
		if c.Op == query.Unset {
			return nil
		}
		return refuse(c, "the path leads through what is no object", "路径经过的值不是对象")
	}
	i := slices.IndexFunc(v.Members, func(m value.Member) bool { return m.Name == parts[0] })
	if c.Op == query.Unset && (i < 0 || len(parts) == 1) {
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
	if c.Op == query.Set {
		v.Members[i].Value = c.Value
		return nil
	}
	return increase(&v.Members[i].Value, c)
}

func increase(v *value.Value, c query.Change) error {
	by := c.Value.Int
	switch v.Kind {
	case value.Missing:
		*v = c.Value
	case value.Int:
		if by > 0 && v.Int > math.MaxInt64-by || by < 0 && v.Int < math.MinInt64-by {
			return refuse(c, "the number would become too large", "数字过大")
		}
		v.Int += by
	case value.Float:
		v.Float += float64(by)
	default:
		return refuse(c, "only a number can be increased", "只有数字才能递增")
	}
	return nil
}
