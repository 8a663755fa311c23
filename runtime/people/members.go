package people

import "slices"

// Members lists the active users who work in a department or below it, in order of id. The department is named by its id or by
// its name in any language; of several of that name all count.
func (d *Directory) Members(department string) []string {
	within := map[string]bool{}
	for id, dep := range d.departments {
		if id != department && !named(dep, department) {
			continue
		}
		for _, below := range d.Subtree(id) {
			within[below] = true
		}
	}
	var out []string
	if len(within) == 0 {
		return out
	}
	for id, u := range d.users {
		if u.Active && within[u.Department] {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

func named(d *Department, name string) bool {
	for _, word := range d.Name {
		if word == name {
			return true
		}
	}
	return false
}
