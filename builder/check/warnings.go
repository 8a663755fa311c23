package check

import (
	"maps"
	"slices"

	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/problem"
	"github.com/stepwell/stepwell/schemas/role"
)

// WarnHiddenTitle is a record title that not everybody reads whole.
var WarnHiddenTitle = problem.Define("check.hiddenTitle",
	"{field} stands in the record title, but {role} hides it: people of that role read titles without it, and cannot sort by title.",
	"记录标题中含有“{field}”，但角色“{role}”隐藏了该字段：这些人看到的标题不含它，也不能按标题排序。")

// Warnings are what keeps nothing from being published but is likely not meant, in the order of the forms and roles.
func (s *Set) Warnings() []Finding {
	var out []Finding
	for _, key := range slices.Sorted(maps.Keys(s.Forms)) {
		f := s.Forms[key]
		if f.Exec == nil {
			continue
		}
		for _, field := range f.Exec.TitleFields() {
			for _, roleKey := range slices.Sorted(maps.Keys(s.Roles)) {
				if r := s.Roles[roleKey]; hides(r, key, field.Key) {
					out = append(out, Finding{
						Ref:     s.ref(definition.KindForm, key),
						Problem: WarnHiddenTitle.At("/recordTitle", problem.Params{"field": field.Title, "role": r.Title}),
					})
				}
			}
		}
	}
	return out
}

// hides reports whether every grant of a role on a form hides a field, and there is one.
func hides(r *role.Role, formKey, field string) bool {
	hidden := false
	for _, g := range r.Grants {
		on, aboutForms := g.Form()
		if !aboutForms || on != formKey && on != "*" {
			continue
		}
		if g.Fields[field] != role.FieldHidden {
			return false
		}
		hidden = true
	}
	return hidden
}
