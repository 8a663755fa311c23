// Package access answers who may do what: on which objects, which records and which fields.
//
// casbin decides. Its policy is made of the published roles: one line per role, object and action with the rows it
// reaches, and one per field. Nothing is allowed that no line allows. casbin's answers are remembered per set of roles
// until the policy changes, so that asking again costs a map look-up.
//
// Two rules come on top. Whoever takes or took part in a record may read it: a task must not lie on a record that its
// assignee cannot see. And the role "admin" of the pseudo app "platform" may do everything in every app; it is a policy
// line like any other.
package access

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
	"github.com/casbin/casbin/v2/persist"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/role"
)

// Collection of the store that holds the policy: one document per role.
const Collection = "policies"

// rules of casbin. p is a grant of an action on the records of rows, p2 of access to fields; g says that a role has
// the grants of another one too. A request for anyRows asks whether there is a grant at all.
const rules = `
[request_definition]
r = sub, dom, obj, act, rows
r2 = sub, dom, obj, field, access

[policy_definition]
p = sub, dom, obj, act, rows
p2 = sub, dom, obj, fields, access

[role_definition]
g = _, _, _

[policy_effect]
e = some(where (p.eft == allow))

[matchers]
m = g(r.sub, p.sub, r.dom) && (p.dom == r.dom || p.dom == "*") && covers(p.obj, r.obj) && (p.act == r.act || p.act == "*") && (r.rows == p.rows || r.rows == "any")
m2 = g(r2.sub, p2.sub, r2.dom) && (p2.dom == r2.dom || p2.dom == "*") && covers(p2.obj, r2.obj) && r2.access == p2.access && names(p2.fields, r2.field)
`

const (
	anyRows  = role.Rows("any")
	wildcard = "*"
)

// covers reports whether the object of a grant includes the one asked for.
func covers(granted, asked string) bool {
	switch granted {
	case wildcard, asked:
		return true
	case role.AnyForm:
		return strings.HasPrefix(asked, "form:")
	}
	return false
}

// names reports whether a list of fields includes one. A list is a field key, or "*" for all but those that follow
// it: "* -cost -margin".
func names(list, field string) bool {
	rest, all := strings.CutPrefix(list, wildcard)
	if !all {
		return list == field
	}
	return !slices.Contains(strings.Fields(rest), "-"+field)
}

// roleDoc is the stored policy of one role.
type roleDoc struct {
	ID    string          `json:"_id"` // people.RoleRef as text, which is also casbin's subject
	App   string          `json:"app"`
	Role  string          `json:"role"`
	Title definition.Text `json:"title"`
	Lines [][]string      `json:"lines"` // of casbin's policy
}

// compile turns a role definition into policy lines.
func compile(app string, r *role.Role) roleDoc {
	subject := people.RoleRef{App: app, Role: r.Key}.String()
	doc := roleDoc{ID: subject, App: app, Role: r.Key, Title: r.Title, Lines: [][]string{}}
	for _, parent := range r.Inherits {
		doc.Lines = append(doc.Lines, []string{"g", subject, people.RoleRef{App: app, Role: parent}.String(), app})
	}
	for _, grant := range r.Grants {
		rows := grant.Rows
		if grant.Object == role.AppObject {
			rows = role.All
		} else if rows == "" {
			rows = role.Own
		}
		for _, action := range grant.Actions {
			doc.Lines = append(doc.Lines, []string{"p", subject, app, grant.Object, string(action), string(rows)})
		}
		doc.Lines = append(doc.Lines, fieldLines(subject, app, grant)...)
	}
	return doc
}

// fieldLines says what a grant gives of the fields: as much as its actions need, less where it names a field.
func fieldLines(subject, app string, grant role.Grant) [][]string {
	most := fieldsBy(grant.Actions)
	if _, aboutForms := grant.Form(); !aboutForms || most == role.FieldHidden {
		return nil
	}
	var lines [][]string
	others := []string{wildcard}
	for _, field := range slices.Sorted(maps.Keys(grant.Fields)) {
		lines = append(lines, []string{"p2", subject, app, grant.Object, field, string(lesser(grant.Fields[field], most))})
		others = append(others, "-"+field)
	}
	return append(lines, []string{"p2", subject, app, grant.Object, strings.Join(others, " "), string(most)})
}

// fieldsBy is the access to fields that actions bring with them.
func fieldsBy(actions []role.Action) role.FieldAccess {
	access := role.FieldHidden
	for _, action := range actions {
		switch action {
		case role.Create, role.Update, role.Submit, role.Import:
			return role.FieldWrite
		case role.Read, role.Export, role.Override:
			access = role.FieldRead
		case role.Delete, role.Assign, role.Design, role.Publish, role.Manage:
		}
	}
	return access
}

// byGenerosity orders the kinds of access to a field.
var byGenerosity = []role.FieldAccess{role.FieldHidden, role.FieldRead, role.FieldWrite}

func lesser(a, b role.FieldAccess) role.FieldAccess {
	return byGenerosity[min(slices.Index(byGenerosity, a), slices.Index(byGenerosity, b))]
}

// builtIn are the lines that no definition gives.
var builtIn = [][]string{
	{"p", people.PlatformApp + "/" + people.AdminRole, wildcard, wildcard, wildcard, string(role.All)},
	{"p2", people.PlatformApp + "/" + people.AdminRole, wildcard, wildcard, wildcard, string(role.FieldWrite)},
}

// adapter gives casbin the stored policy. The policy changes only by publishing roles, never through casbin.
type adapter struct{ docs map[string]roleDoc }

var _ persist.Adapter = adapter{}

var errReadOnly = errors.New("the policy is made of published roles and cannot be changed through casbin")

// LoadPolicy hands over every line.
func (a adapter) LoadPolicy(m model.Model) error {
	lines := slices.Clone(builtIn)
	for _, id := range slices.Sorted(maps.Keys(a.docs)) {
		lines = append(lines, a.docs[id].Lines...)
	}
	for _, line := range lines {
		if err := persist.LoadPolicyArray(line, m); err != nil {
			return fmt.Errorf("load policy line %q: %w", line, err)
		}
	}
	return nil
}

// SavePolicy is refused.
func (adapter) SavePolicy(model.Model) error { return errReadOnly }

// AddPolicy is refused.
func (adapter) AddPolicy(string, string, []string) error { return errReadOnly }

// RemovePolicy is refused.
func (adapter) RemovePolicy(string, string, []string) error { return errReadOnly }

// RemoveFilteredPolicy is refused.
func (adapter) RemoveFilteredPolicy(string, string, int, ...string) error { return errReadOnly }

func loadDocs(ctx context.Context, s store.Store) (map[string]roleDoc, error) {
	found, err := store.LoadAll[roleDoc](ctx, s, Collection, store.Query{})
	if err != nil {
		return nil, fmt.Errorf("load policies: %w", err)
	}
	docs := make(map[string]roleDoc, len(found))
	for _, doc := range found {
		docs[doc.ID] = doc
	}
	return docs, nil
}

func newEnforcer(docs map[string]roleDoc) (*casbin.Enforcer, error) {
	m, err := model.NewModelFromString(rules)
	if err != nil {
		return nil, fmt.Errorf("read casbin model: %w", err)
	}
	e, err := casbin.NewEnforcer(m)
	if err != nil {
		return nil, fmt.Errorf("make casbin enforcer: %w", err)
	}
	e.AddFunction("covers", func(args ...any) (any, error) { return onText(covers, args) })
	e.AddFunction("names", func(args ...any) (any, error) { return onText(names, args) })
	e.SetAdapter(adapter{docs})
	if err := e.LoadPolicy(); err != nil {
		return nil, fmt.Errorf("load casbin policy: %w", err)
	}
	return e, nil
}

func onText(f func(a, b string) bool, args []any) (any, error) {
	if len(args) != 2 {
		return nil, fmt.Errorf("needs 2 arguments, got %d", len(args))
	}
	a, okA := args[0].(string)
	b, okB := args[1].(string)
	if !okA || !okB {
		return nil, fmt.Errorf("needs texts, got %T and %T", args[0], args[1])
	}
	return f(a, b), nil
}
