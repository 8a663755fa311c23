package people

import "slices"

// Led lists the active users that somebody leads, in order of id: who reports to them, directly or through others, and
// who works in a department they head or below it. They themselves are not among them.
func (d *Directory) Led(user string) []string {
	led := map[string]bool{}
	queue := []string{user}
	for len(queue) > 0 {
		next := d.reports[queue[0]]
		queue = queue[1:]
		for _, id := range next {
			if !led[id] {
				led[id] = true
				queue = append(queue, id)
			}
		}
	}
	headed := map[string]bool{}
	for id, dep := range d.departments {
		if dep.Head == user {
			for _, below := range d.Subtree(id) {
				headed[below] = true
			}
		}
	}
	if len(headed) > 0 {
		for id, u := range d.users {
			if u.Active && headed[u.Department] {
				led[id] = true
			}
		}
	}
	delete(led, user)
	out := make([]string, 0, len(led))
	for id := range led {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// ReportsOf lists the active users whose direct manager somebody is, in order of id.
func (d *Directory) ReportsOf(user string) []string { return slices.Clone(d.reports[user]) }

// RolesIn lists the keys of the roles that the user holds in an app.
func (u *User) RolesIn(app string) []string {
	keys := []string{}
	for _, r := range u.Roles {
		if r.App == app {
			keys = append(keys, r.Role)
		}
	}
	return keys
}
