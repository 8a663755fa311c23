// Package people knows who works here: users, their roles and managers, and departments as a tree.
//
// Everybody is also held in memory, in an immutable Directory that is replaced whole whenever somebody changes, so
// that the engine and every permission check ask without waiting for the store.
package people

import (
	"maps"
	"net/mail"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Collections of the store that hold people.
const (
	UserCollection       = "users"
	DepartmentCollection = "departments"
)

// The platform administrator is a role of a pseudo app: it may manage people and apps.
const (
	PlatformApp = "platform"
	AdminRole   = "admin"
)

// RoleRef names a role of an app.
type RoleRef struct {
	App  string `json:"app"`
	Role string `json:"role"`
}

// String is "app/role".
func (r RoleRef) String() string { return r.App + "/" + r.Role }

// Profile is what may be changed about a user.
type Profile struct {
	Username   string    `json:"username"`
	Name       string    `json:"name"`
	Email      string    `json:"email,omitempty"`
	Phone      string    `json:"phone,omitempty"`      // a mobile number is also how DingTalk mentions somebody
	WeCom      string    `json:"wecom,omitempty"`      // user id at WeCom (企业微信账号)
	Department string    `json:"department,omitempty"` // department id
	Manager    string    `json:"manager,omitempty"`    // user id
	Position   string    `json:"position,omitempty"`
	Locale     string    `json:"locale,omitempty"` // "zh-CN" or "en"; "": as the browser says
	Theme      string    `json:"theme,omitempty"`  // "system", "light" or "dark"; "" is "system"
	Active     bool      `json:"active"`           // a user who left stays, inactive, because records name them
	Roles      []RoleRef `json:"roles,omitempty"`
}

// User is one person. A *User that this package hands out is shared and must not be changed.
type User struct {
	ID  string `json:"_id"`
	Rev int64  `json:"rev"`
	Profile
	UsernameKey string       `json:"usernameKey"` // Username as KeyOf writes it, unique
	Epoch       int64        `json:"epoch"`       // rises when the user is disabled: sessions and tokens of before stay dead
	CreatedAt   store.Moment `json:"createdAt"`
	UpdatedAt   store.Moment `json:"updatedAt"`

	subjects map[string]Subjects // by app; see prepare
}

// Subjects are the roles that count in one app: those of the app and those of the platform.
type Subjects struct {
	Key   string // names the set; equal sets have equal keys
	Roles []RoleRef
}

// Has reports whether the user holds a role.
func (u *User) Has(app, role string) bool { return slices.Contains(u.Roles, RoleRef{app, role}) }

// Subjects gives the roles that count for the user in an app.
func (u *User) Subjects(app string) Subjects {
	if s, ok := u.subjects[app]; ok {
		return s
	}
	return u.subjects[PlatformApp]
}

// prepare works out what is asked on every request.
func (u *User) prepare() {
	apps := map[string][]RoleRef{PlatformApp: nil}
	for _, r := range u.Roles {
		apps[r.App] = append(apps[r.App], r)
	}
	u.subjects = make(map[string]Subjects, len(apps))
	for app, roles := range apps {
		if app != PlatformApp {
			roles = append(roles, apps[PlatformApp]...)
		}
		names := make([]string, len(roles))
		for i, r := range roles {
			names[i] = r.String()
		}
		u.subjects[app] = Subjects{Key: strings.Join(names, " "), Roles: roles}
	}
}

// KeyOf is how a user name is compared: "Li.Ming" and "li.ming" are the same.
func KeyOf(username string) string {
	return strings.ToLower(norm.NFKC.String(strings.TrimSpace(username)))
}

// Faults of users.
var (
	ErrInvalid       = fault.Define(fault.Invalid, "people.invalid", "Some details need to be mended.", "有些信息需要修改。")
	ErrNoUser        = fault.Define(fault.NotFound, "people.noUser", "There is no such user.", "没有找到该用户。")
	ErrUsernameTaken = fault.Define(fault.Conflict, "people.usernameTaken", "The user name {username} is taken. Choose another one.", "用户名 {username} 已被使用，请换一个。")
	ErrLastAdmin     = fault.Define(fault.Conflict, "people.lastAdmin", "This is the last active administrator. Make somebody else an administrator first.", "这是最后一位在用的管理员，请先指定另一位管理员。")
)

var (
	problemRequired    = problem.Define("people.required", "Fill this in.", "请填写此项。")
	problemLong        = problem.Define("people.long", "At most {max} characters.", "最多 {max} 个字符。")
	problemUsername    = problem.Define("people.username", "A user name consists of up to 64 letters, digits and . _ - @, and begins with a letter or digit.", "用户名最多 64 个字符，可用文字、数字和 . _ - @，且须以文字或数字开头。")
	problemEmail       = problem.Define("people.email", "This is not a mail address such as name@example.com.", "这不是有效的邮箱地址，例如 name@example.com。")
	problemPhone       = problem.Define("people.phone", "A phone number consists of digits, spaces and + - ( ).", "电话号码只能包含数字、空格和 + - ( )。")
	problemWeCom       = problem.Define("people.wecom", "A WeCom user id consists of up to 64 letters, digits and . _ - @, and begins with a letter or digit.", "企业微信账号最多 64 个字符，可用英文字母、数字和 . _ - @，且须以字母或数字开头。")
	problemDepartment  = problem.Define("people.department", "There is no such department. Choose one from the list.", "没有这个部门，请从列表中选择。")
	problemPerson      = problem.Define("people.person", "There is no such user. Choose one from the list.", "没有这个用户，请从列表中选择。")
	problemManagerLoop = problem.Define("people.managerLoop", "{name} would become their own manager, directly or through others. Choose somebody else.", "这样会使 {name} 直接或间接成为自己的上级，请选择其他人。")
	problemLocale      = problem.Define("people.locale", "Choose zh-CN or en.", "请选择 zh-CN 或 en。")
	problemTheme       = problem.Define("people.theme", "Choose system, light or dark.", "请选择 system、light 或 dark。")
	problemRole        = problem.Define("people.role", "A role needs an app and a name.", "角色必须包含应用和名称。")
	problemTaken       = problem.Define("people.taken", "This user name is taken. Choose another one.", "该用户名已被使用，请换一个。")
)

var (
	usernamePattern = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,63}$`)
	wecomPattern    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$`)
	phonePattern    = regexp.MustCompile(`^[0-9+() -]{3,30}$`)
	rolePattern     = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,63}$`)
)

const maxName = 100

// tidy brings a profile into the form that is stored.
func (p *Profile) tidy() {
	for _, s := range []*string{&p.Username, &p.Name, &p.Email, &p.Phone, &p.WeCom, &p.Position} {
		*s = strings.TrimSpace(*s)
	}
	unique := map[RoleRef]bool{}
	for _, r := range p.Roles {
		unique[r] = true
	}
	p.Roles = slices.SortedFunc(maps.Keys(unique), func(a, b RoleRef) int { return strings.Compare(a.String(), b.String()) })
}

// check looks at a profile of the user id against the people there are.
func (p *Profile) check(id string, d *Directory) []problem.Problem {
	var found []problem.Problem
	report := func(bad bool, code *problem.Code, pointer string, params problem.Params) {
		if bad {
			found = append(found, code.At(pointer, params))
		}
	}
	report(!usernamePattern.MatchString(p.Username), problemUsername, "/username", nil)
	report(p.Name == "", problemRequired, "/name", nil)
	report(len([]rune(p.Name)) > maxName, problemLong, "/name", problem.Params{"max": maxName})
	report(len([]rune(p.Position)) > maxName, problemLong, "/position", problem.Params{"max": maxName})
	address, err := mail.ParseAddress(p.Email)
	report(p.Email != "" && (err != nil || address.Address != p.Email), problemEmail, "/email", nil)
	report(p.Phone != "" && !phonePattern.MatchString(p.Phone), problemPhone, "/phone", nil)
	report(p.WeCom != "" && !wecomPattern.MatchString(p.WeCom), problemWeCom, "/wecom", nil)
	report(p.Department != "" && !d.IsDepartment(p.Department), problemDepartment, "/department", nil)
	if p.Manager != "" {
		_, known := d.User(p.Manager)
		report(!known, problemPerson, "/manager", nil)
		report(known && d.leads(id, p.Manager), problemManagerLoop, "/manager", problem.Params{"name": p.Name})
	}
	report(p.Locale != "" && p.Locale != "zh-CN" && p.Locale != "en", problemLocale, "/locale", nil)
	report(!slices.Contains([]string{"", "system", "light", "dark"}, p.Theme), problemTheme, "/theme", nil)
	for _, r := range p.Roles {
		report(!rolePattern.MatchString(r.App) || !rolePattern.MatchString(r.Role), problemRole, "/roles", nil)
	}
	return found
}

// Department is one node of the tree.
type Department struct {
	ID  string `json:"_id"`
	Rev int64  `json:"rev"`
	DepartmentInfo
}

// DepartmentInfo is what may be changed about a department.
type DepartmentInfo struct {
	Name   definition.Text `json:"name"`
	Parent string          `json:"parent,omitempty"` // department id; "" at the top
	Head   string          `json:"head,omitempty"`   // user id
}

// Faults of departments.
var (
	ErrNoDepartment    = fault.Define(fault.NotFound, "people.noDepartment", "There is no such department.", "没有找到该部门。")
	ErrDepartmentInUse = fault.Define(fault.Conflict, "people.departmentInUse", "The department still has {users} users and {departments} departments below it. Move them first.", "该部门下还有 {users} 名用户和 {departments} 个下级部门，请先移走他们。")
)

var problemDepartmentLoop = problem.Define("people.departmentLoop", "A department cannot lie below itself. Choose another one.", "部门不能位于自己的下级，请选择其他部门。")

func (i *DepartmentInfo) check(id string, d *Directory) []problem.Problem {
	var found []problem.Problem
	if i.Name.Empty() {
		found = append(found, problemRequired.At("/name", nil))
	}
	if i.Parent != "" {
		if !d.IsDepartment(i.Parent) {
			found = append(found, problemDepartment.At("/parent", nil))
		} else if id != "" && slices.Contains(d.Subtree(id), i.Parent) {
			found = append(found, problemDepartmentLoop.At("/parent", nil))
		}
	}
	if _, known := d.User(i.Head); i.Head != "" && !known {
		found = append(found, problemPerson.At("/head", nil))
	}
	return found
}
