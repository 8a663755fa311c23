// Package app holds the shape of an app definition: what an installable set of definitions is called, what it
// contains and how people find their way through it.
package app

import (
	"encoding/json"
	"fmt"

	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
)

// App is the body of a definition of kind "app". Its key is the key of the app.
type App struct {
	definition.Head
	Version   string          `json:"version"` // semantic version of the package, "1.4.0"
	Summary   definition.Text `json:"summary,omitempty"`
	Category  definition.Text `json:"category,omitempty"` // where the market shows it
	Author    definition.Text `json:"author,omitempty"`
	Icon      string          `json:"icon,omitempty"`
	Languages []string        `json:"languages,omitempty"` // "zh-CN", "en"; the first is the author's
	// Contents lists the files of the package in the order in which they are installed, such as "forms/customer.json";
	// none: every file, in the order of definition.Kinds and then of names.
	Contents []string `json:"contents,omitempty"`
	// Menu is what people see in the app, in order; none: a list of every form.
	Menu []MenuItem `json:"menu,omitempty"`
	// Home is the form whose view opens first; none: the first of the menu.
	Home string `json:"home,omitempty"`
	// QuickLinks says what holds for the links that people make by hand.
	QuickLinks QuickLinks `json:"quickLinks,omitzero"`
}

// QuickLinks are the admin's limits for links that people make by hand to ask a colleague for something.
type QuickLinks struct {
	SignIn flow.SignIn `json:"signIn,omitempty"` // notRequired allows links that work without signing in; default required
}

// View is a way to look at the records of a form.
type View string

// The views.
const (
	ListView  View = "list"
	BoardView View = "board" // a column for each stage of the form's flow
)

// MenuItem opens one view of one form.
type MenuItem struct {
	Form  string          `json:"form"`
	View  View            `json:"view,omitempty"`  // default ListView
	Title definition.Text `json:"title,omitempty"` // default: the form's plural or title
	Icon  string          `json:"icon,omitempty"`  // default: the form's
}

// Parse reads an app definition.
func Parse(doc []byte) (*App, error) {
	var a App
	if err := json.Unmarshal(doc, &a); err != nil {
		return nil, fmt.Errorf("read app: %w", err)
	}
	return &a, nil
}
