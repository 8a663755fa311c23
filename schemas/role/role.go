// Package role holds the shape of a role definition: what the people who hold the role may do in an app, on which
// records and with which fields.
package role

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/stepwell/stepwell/schemas/definition"
)

// Role is the body of a definition of kind "role".
type Role struct {
	definition.Head
	// Inherits names roles of the app whose grants this role has too.
	Inherits []string `json:"inherits,omitempty"`
	Grants   []Grant  `json:"grants"`
}

// Grant allows actions on one object. Grants add up; nothing takes away what another one gives.
type Grant struct {
	// Object is "form:opportunity", "form:*" for every form, or "app" for the app as a whole.
	Object  string   `json:"object"`
	Actions []Action `json:"actions"`
	// Rows says on which records the actions may be done; default Own. It means nothing for "app".
	Rows Rows `json:"rows,omitempty"`
	// Fields narrows what is seen and written, by field key; a field not named is as the actions say.
	Fields map[string]FieldAccess `json:"fields,omitempty"`
}

// Action is something a person may do.
type Action string

// The actions. On "app": Design, Publish, Manage and Override; on a form: the others.
const (
	Create   Action = "create"
	Read     Action = "read"
	Update   Action = "update"
	Delete   Action = "delete"
	Submit   Action = "submit"
	Assign   Action = "assign"   // hand an open task to others
	Override Action = "override" // set the stage, past any gate, with a reason
	Export   Action = "export"
	Import   Action = "import"
	Design   Action = "design"  // edit drafts
	Publish  Action = "publish" // put drafts in force
	Manage   Action = "manage"  // give roles to people
)

// FormActions are the actions a grant on a form may list; AppActions those on an app.
func FormActions() []Action {
	return []Action{Create, Read, Update, Delete, Submit, Assign, Override, Export, Import}
}

// AppActions are the actions a grant on "app" may list.
func AppActions() []Action { return []Action{Design, Publish, Manage} }

// Rows is a set of records.
type Rows string

// The sets of records, from smallest to largest.
const (
	Own                Rows = "own"
	Department         Rows = "department"
	DepartmentAndBelow Rows = "departmentAndBelow"
	All                Rows = "all"
)

// FieldAccess is what a role may do with one field.
type FieldAccess string

// The kinds of access.
const (
	FieldHidden FieldAccess = "hidden"
	FieldRead   FieldAccess = "read"
	FieldWrite  FieldAccess = "write"
)

// AppObject is the object of grants on the app as a whole.
const AppObject = "app"

// AnyForm is the object of grants on every form.
const AnyForm = "form:*"

// Form is the key of the form a grant is about: "*" for every form, ok false when it is not about forms.
func (g Grant) Form() (key string, ok bool) { return strings.CutPrefix(g.Object, "form:") }

// Parse reads a role definition.
func Parse(doc []byte) (*Role, error) {
	var r Role
	if err := json.Unmarshal(doc, &r); err != nil {
		return nil, fmt.Errorf("read role: %w", err)
	}
	return &r, nil
}
