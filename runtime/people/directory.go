package people

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// Directory is everybody at one moment. It never changes, and answers from memory. It implements engine.Directory.
type Directory struct {
	users       map[string]*User
	departments map[string]*Department
	byKey       map[string]*User
	holders     map[RoleRef][]string // active users by role, by id
	reports     map[string][]string  // active users by manager, by id
	children    map[string][]string  // department ids by parent, by id
	members     map[string]int       // users by department
	ordered     func() []entry       // users by name, for lists
	subtrees    sync.Map             // department id → its subtree, once it was asked for
}

// entry is a user as lists see them.
type entry struct {
	user *User
	sort string // collation key of the name, then the id
	text string // what a search looks through, in lower case
	open int    // how much of text, from its beginning, every colleague may read
}

// NewDirectory makes a directory of people that need not be stored, as test runs do. It takes them over.
func NewDirectory(users []*User, departments []*Department) *Directory {
	byID := make(map[string]*User, len(users))
	for _, u := range users {
		u.prepare()
		byID[u.ID] = u
	}
	depByID := make(map[string]*Department, len(departments))
	for _, dep := range departments {
		depByID[dep.ID] = dep
	}
	return newDirectory(byID, depByID)
}

func newDirectory(users map[string]*User, departments map[string]*Department) *Directory {
	d := &Directory{
		users: users, departments: departments,
		byKey:   make(map[string]*User, len(users)),
		holders: map[RoleRef][]string{}, reports: map[string][]string{}, children: map[string][]string{}, members: map[string]int{},
	}
	for id, u := range users {
		d.byKey[u.UsernameKey] = u
		d.members[u.Department]++
		if !u.Active {
			continue
		}
		for _, r := range u.Roles {
			d.holders[r] = append(d.holders[r], id)
		}
		if u.Manager != "" {
			d.reports[u.Manager] = append(d.reports[u.Manager], id)
		}
	}
	for id, dep := range departments {
		d.children[dep.Parent] = append(d.children[dep.Parent], id)
	}
	for _, ids := range d.holders {
		slices.Sort(ids)
	}
	for _, ids := range d.reports {
		slices.Sort(ids)
	}
	for _, ids := range d.children {
		slices.Sort(ids)
	}
	d.ordered = sync.OnceValue(d.order)
	return d
}

// User finds a user by id.
func (d *Directory) User(id string) (*User, bool) {
	u, ok := d.users[id]
	return u, ok
}

// ByUsername finds a user by the name they sign in with, whatever its case.
func (d *Directory) ByUsername(username string) (*User, bool) {
	u, ok := d.byKey[KeyOf(username)]
	return u, ok
}

// Department finds a department by id.
func (d *Directory) Department(id string) (*Department, bool) {
	dep, ok := d.departments[id]
	return dep, ok
}

// Name is what people read for a user id or department id: its name, or the id of somebody unknown.
func (d *Directory) Name(id, lang string) string {
	if u, ok := d.users[id]; ok {
		return u.Name
	}
	if dep, ok := d.departments[id]; ok {
		return dep.Name.In(lang)
	}
	return id
}

// Active reports whether the user exists and may act.
func (d *Directory) Active(user string) bool {
	u, ok := d.users[user]
	return ok && u.Active
}

// Manager is the level-th manager upward; 1 is the direct one. It is "" when there is none, also when the chain comes
// back to somebody it has passed.
func (d *Directory) Manager(user string, level int) string {
	seen := map[string]bool{user: true}
	for range level {
		u, ok := d.users[user]
		if !ok || u.Manager == "" || seen[u.Manager] {
			return ""
		}
		user = u.Manager
		seen[user] = true
	}
	if level < 1 {
		return ""
	}
	return user
}

// leads reports whether user is below itself when manager becomes its manager.
func (d *Directory) leads(user, manager string) bool {
	seen := map[string]bool{}
	for at := manager; at != "" && !seen[at]; {
		if at == user {
			return true
		}
		seen[at] = true
		u, ok := d.users[at]
		if !ok {
			return false
		}
		at = u.Manager
	}
	return false
}

// DepartmentOf is the user's department id, "" when there is none.
func (d *Directory) DepartmentOf(user string) string {
	if u, ok := d.users[user]; ok {
		return u.Department
	}
	return ""
}

// DepartmentHead is the head of the department, or of the level-1-th department above it. "" when there is none.
func (d *Directory) DepartmentHead(department string, level int) string {
	if level < 1 {
		return ""
	}
	seen := map[string]bool{}
	for ; level > 1; level-- {
		dep, ok := d.departments[department]
		if !ok || seen[department] {
			return ""
		}
		seen[department] = true
		department = dep.Parent
	}
	if dep, ok := d.departments[department]; ok && !seen[department] {
		return dep.Head
	}
	return ""
}

// DepartmentAbove is the department that holds another one; "" at the top, and for an unknown one.
func (d *Directory) DepartmentAbove(department string) string {
	if dep, ok := d.departments[department]; ok {
		return dep.Parent
	}
	return ""
}

// PositionOf is the user's position in words; "" when there is none.
func (d *Directory) PositionOf(user string) string {
	if u, ok := d.users[user]; ok {
		return u.Position
	}
	return ""
}

// WithRole lists the active users who hold a role of an app, in order of id.
func (d *Directory) WithRole(app, role string) []string {
	return slices.Clone(d.holders[RoleRef{app, role}])
}

// IsDepartment tells a department id from a user id.
func (d *Directory) IsDepartment(id string) bool {
	_, ok := d.departments[id]
	return ok
}

// Subtree lists a department and all below it, in order of id; nothing for an unknown one.
func (d *Directory) Subtree(department string) []string {
	if !d.IsDepartment(department) {
		return nil
	}
	if known, ok := d.subtrees.Load(department); ok {
		ids, _ := known.([]string)
		return slices.Clone(ids)
	}
	found := map[string]bool{department: true}
	list := []string{department}
	for i := 0; i < len(list); i++ {
		for _, child := range d.children[list[i]] {
			if !found[child] {
				found[child] = true
				list = append(list, child)
			}
		}
	}
	slices.Sort(list)
	d.subtrees.Store(department, slices.Clone(list))
	return list
}

// Below reports whether a department is another one or lies below it.
func (d *Directory) Below(department, top string) bool {
	seen := map[string]bool{}
	for department != "" && !seen[department] {
		if department == top {
			return d.IsDepartment(top)
		}
		seen[department] = true
		dep, ok := d.departments[department]
		if !ok {
			return false
		}
		department = dep.Parent
	}
	return false
}

// Departments lists the tree: every department before those below it, neighbours by name.
func (d *Directory) Departments() []*Department {
	byName := collate.New(language.Chinese)
	list := make([]*Department, 0, len(d.departments))
	seen := map[string]bool{}
	var walk func(ids []string)
	walk = func(ids []string) {
		ids = slices.SortedFunc(slices.Values(ids), func(a, b string) int {
			return cmp.Or(byName.CompareString(d.Name(a, "zh-CN"), d.Name(b, "zh-CN")), strings.Compare(a, b))
		})
		for _, id := range ids {
			if !seen[id] {
				seen[id] = true
				list = append(list, d.departments[id])
				walk(d.children[id])
			}
		}
	}
	walk(d.children[""])
	// What a lost race of two server copies has cut off from the top is still listed, so that it can be mended.
	for _, parent := range slices.Sorted(maps.Keys(d.children)) {
		walk(d.children[parent])
	}
	return list
}

func (d *Directory) order() []entry {
	byName := collate.New(language.Chinese)
	var buffer collate.Buffer
	list := make([]entry, 0, len(d.users))
	for _, u := range d.users {
		buffer.Reset()
		known := strings.ToLower(u.Name + "\n" + u.Position)
		list = append(list, entry{
			user: u,
			sort: sortKey(byName, &buffer, u.Name, u.ID),
			text: known + "\n" + strings.ToLower(strings.Join([]string{u.Username, u.Email, u.Phone}, "\n")),
			open: len(known),
		})
	}
	slices.SortFunc(list, func(a, b entry) int { return strings.Compare(a.sort, b.sort) })
	return list
}

func sortKey(c *collate.Collator, buffer *collate.Buffer, name, id string) string {
	return string(c.KeyFromString(buffer, name)) + "\x00" + id
}
