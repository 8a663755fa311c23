package check

import (
	"maps"
	"slices"
	"strconv"

	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Problems of limits with the rest of their app.
var (
	ErrLimitField  = problem.Define("check.limitField", "{name} is not a field of {form}. Choose a number of it.", "“{name}”不是{form}的字段，请选择其中的数字字段。")
	ErrLimitNumber = problem.Define("check.limitNumber", "{field} is not a number, so that nothing of it can be above a limit.", "“{field}”不是数字，无法设置限额。")
)

// limits checks that what limits are about is there.
func (s *Set) limits() {
	for _, key := range slices.Sorted(maps.Keys(s.Limits)) {
		l, ref := s.Limits[key], s.ref(definition.KindLimit, key)
		s.add(ref, "", l.Check()...)
		for i, r := range l.Rows {
			if r.Role != "" && s.Roles[r.Role] == nil {
				s.add(ref, "/rows/"+strconv.Itoa(i)+"/role", ErrNoRole.At("", problem.Params{"role": r.Role}))
			}
		}
		if l.Form == "" || l.Field == "" {
			continue
		}
		f := s.Forms[l.Form]
		if f == nil {
			s.add(ref, "/form", ErrNoForm.At("", problem.Params{"form": l.Form}))
			continue
		}
		if f.Exec == nil {
			continue
		}
		switch fd, ok := f.Exec.Field(l.Field); {
		case !ok:
			s.add(ref, "/field", ErrLimitField.At("", problem.Params{"name": l.Field, "form": f.Title}))
		case !fd.Numeric():
			s.add(ref, "/field", ErrLimitNumber.At("", problem.Params{"field": fd.Title}))
		}
	}
}
