package access

import (
	"slices"
	"strings"
	"sync"

	"github.com/casbin/casbin/v2"

	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/schemas/role"
)

// maxAnswers bounds what one view remembers, because callers may ask for objects that do not exist.
const maxAnswers = 4096

// policy is one state of the policy with the answers asked of it so far. A changed policy is a new policy.
type policy struct {
	enforcer *casbin.Enforcer
	docs     map[string]roleDoc

	mu    sync.RWMutex
	views map[viewKey]*view
}

type viewKey struct{ app, subjects string }

// view is what one set of roles may do in one app.
type view struct {
	policy *policy
	app    string
	roles  []people.RoleRef

	mu    sync.RWMutex
	reach map[question]reach
	masks map[string]*Mask // by form
}

type question struct {
	object string
	action role.Action
}

// reach is the set of row scopes that an action has; none means that it is not allowed.
type reach uint8

const (
	reachOwn reach = 1 << iota
	reachDepartment
	reachBelow
	reachAll
)

var reachOf = []struct {
	rows  role.Rows
	reach reach
}{{role.Own, reachOwn}, {role.Department, reachDepartment}, {role.DepartmentAndBelow, reachBelow}, {role.All, reachAll}}

func (p *policy) view(app string, subjects people.Subjects) *view {
	key := viewKey{app, subjects.Key}
	p.mu.RLock()
	v, ok := p.views[key]
	p.mu.RUnlock()
	if ok {
		return v
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if v, ok := p.views[key]; ok {
		return v
	}
	v = &view{policy: p, app: app, roles: subjects.Roles, reach: map[question]reach{}, masks: map[string]*Mask{}}
	if len(p.views) < maxAnswers {
		p.views[key] = v
	}
	return v
}

// of says how far an action on an object reaches.
func (v *view) of(object string, action role.Action) (reach, error) {
	q := question{object, action}
	v.mu.RLock()
	known, ok := v.reach[q]
	v.mu.RUnlock()
	if ok {
		return known, nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	found, err := v.ask(q)
	if err == nil && len(v.reach) < maxAnswers {
		v.reach[q] = found
	}
	return found, err
}

func (v *view) ask(q question) (reach, error) {
	var found reach
	for _, r := range v.roles {
		for _, scope := range reachOf {
			ok, err := v.policy.enforcer.Enforce(r.String(), v.app, q.object, string(q.action), string(scope.rows))
			if err != nil {
				return 0, err
			}
			if ok {
				found |= scope.reach
			}
		}
	}
	return found, nil
}

// mask says what the roles may do with the fields of a form.
func (v *view) mask(form string) (*Mask, error) {
	v.mu.RLock()
	known, ok := v.masks[form]
	v.mu.RUnlock()
	if ok {
		return known, nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	m, err := v.askMask(form)
	if err != nil {
		return nil, err
	}
	if len(v.masks) < maxAnswers {
		v.masks[form] = m
	}
	return m, nil
}

// granted reports whether any action on a form is allowed.
func (v *view) granted(form string) (bool, error) {
	for _, action := range role.FormActions() {
		if found, err := v.of("form:"+form, action); err != nil || found != 0 {
			return found != 0, err
		}
	}
	return false, nil
}

func (v *view) askMask(form string) (*Mask, error) {
	m := &Mask{Named: map[string]role.FieldAccess{}}
	var err error
	if m.Default, err = v.askField(form, wildcard); err != nil {
		return nil, err
	}
	for _, field := range v.named(form) {
		if m.Named[field], err = v.askField(form, field); err != nil {
			return nil, err
		}
		if m.Named[field] == m.Default {
			delete(m.Named, field)
		}
	}
	return m, nil
}

// askField is the most generous access to a field. The field "*" stands for any that no grant names.
func (v *view) askField(form, field string) (role.FieldAccess, error) {
	second := casbin.EnforceContext{RType: "r2", PType: "p2", EType: "e", MType: "m2"}
	for _, access := range slices.Backward(byGenerosity) {
		for _, r := range v.roles {
			ok, err := v.policy.enforcer.Enforce(second, r.String(), v.app, "form:"+form, field, string(access))
			if err != nil {
				return role.FieldHidden, err
			}
			if ok {
				return access, nil
			}
		}
	}
	return role.FieldHidden, nil
}

// named lists the fields that any role of the app names on a form.
func (v *view) named(form string) []string {
	var fields []string
	for _, doc := range v.policy.docs {
		if doc.App != v.app {
			continue
		}
		for _, line := range doc.Lines {
			if line[0] == "p2" && covers(line[3], "form:"+form) && !strings.HasPrefix(line[4], wildcard) {
				fields = append(fields, line[4])
			}
		}
	}
	slices.Sort(fields)
	return slices.Compact(fields)
}
