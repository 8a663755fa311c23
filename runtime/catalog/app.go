package catalog

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/stepwell/stepwell/internal/calendar"
	"github.com/stepwell/stepwell/internal/expr"
	"github.com/stepwell/stepwell/schemas/app"
	assignmentdef "github.com/stepwell/stepwell/schemas/assignment"
	calendardef "github.com/stepwell/stepwell/schemas/calendar"
	"github.com/stepwell/stepwell/schemas/channel"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/limit"
	"github.com/stepwell/stepwell/schemas/problem"
	"github.com/stepwell/stepwell/schemas/role"
)

// App is one installed app as it is published now. It never changes; a publish makes another.
type App struct {
	Key       string
	Def       *app.App
	Roles     []*role.Role
	Channels  []*channel.Channel
	Calendars *calendar.Set
	Limits    []*limit.Limit // in order of their keys
	forms     map[string]*Form
	flowOf    map[string]string // form key → key of the flow its records walk
	calendars map[string]int    // calendar key → version in force
	versions  map[string]int    // draft id → version in force
	flows     sync.Map          // flowVersion → *engine.Flow, filled as they are asked for

	automations map[string]*Automation // those in force, by key
	runs        sync.Map               // flowVersion → *Automation: older versions that still run
}

// Forms are the app's forms in order of their keys.
func (a *App) Forms() []*Form {
	out := make([]*Form, 0, len(a.forms))
	for _, f := range a.forms {
		out = append(out, f)
	}
	slices.SortFunc(out, func(x, y *Form) int { return strings.Compare(x.Key, y.Key) })
	return out
}

// Form finds a form of the app; nil when there is none.
func (a *App) Form(key string) *Form { return a.forms[key] }

// LimitsOf is how far a person who holds these roles may go, by the key of each limit.
func (a *App) LimitsOf(person string, roles []string) map[string]any {
	out := make(map[string]any, len(a.Limits))
	for _, l := range a.Limits {
		out[l.Key] = l.Of(person, roles)
	}
	return out
}

// GroupChannel reports whether a channel of the app is one that a group, or a program, reads.
func (a *App) GroupChannel(key string) bool {
	for _, c := range a.Channels {
		if c.Key == key {
			return c.Type.Group()
		}
	}
	return false
}

func (a *App) sameVersions(drafts []definition.Draft) bool {
	if len(drafts) != len(a.versions) {
		return false
	}
	for _, d := range drafts {
		if a.versions[d.Ref.ID()] != d.Published {
			return false
		}
	}
	return true
}

// build compiles what is published of an app; nil when the app itself is not.
func (c *Catalog) build(ctx context.Context, key string, drafts []definition.Draft) (*App, error) {
	a := &App{Key: key, forms: map[string]*Form{}, flowOf: map[string]string{}, calendars: map[string]int{}, versions: map[string]int{}, automations: map[string]*Automation{}}
	var calendars []*calendardef.Calendar
	var forms []*form.Executable
	var automations []*definition.Version
	var assignments []*assignmentdef.Assignment
	formVersions := map[string]int{}
	flowVersions := map[string]int{}
	for _, d := range drafts {
		a.versions[d.Ref.ID()] = d.Published
		v, err := c.body(ctx, d.Ref, d.Published)
		if err != nil {
			return nil, err
		}
		switch body := []byte(v.Body); d.Kind {
		case definition.KindApp:
			a.Def, err = app.Parse(body)
		case definition.KindRole:
			a.Roles, err = parsed(a.Roles, body, role.Parse)
		case definition.KindChannel:
			a.Channels, err = parsed(a.Channels, body, channel.Parse)
		case definition.KindAssignment:
			assignments, err = parsed(assignments, body, assignmentdef.Parse)
		case definition.KindCalendar:
			calendars, err = parsed(calendars, body, calendardef.Parse)
			a.calendars[d.Key] = d.Published
		case definition.KindLimit:
			a.Limits, err = parsed(a.Limits, body, limit.Parse)
		case definition.KindForm:
			var f *form.Executable
			f, err = executable(body)
			forms = append(forms, f)
			formVersions[d.Key] = d.Published
		case definition.KindFlow:
			var f *flow.Flow
			if f, err = flow.Parse(body); err == nil {
				flowVersions[d.Key] = d.Published
				if !f.Part {
					a.flowOf[f.Form] = d.Key
				}
			}
		case definition.KindAutomation:
			a.automations[d.Key] = nil
			automations = append(automations, v)
		}
		if err != nil {
			return nil, ErrBroken.Because(err, problem.Params{"kind": string(d.Kind), "key": d.Key, "why": err.Error()})
		}
	}
	if a.Def == nil {
		return nil, nil //nolint:nilnil // an app that is not published is no error: there is nothing to show
	}
	set, err := calendar.NewSet(calendars)
	if err != nil {
		return nil, fmt.Errorf("calendars of %s: %w", key, err)
	}
	a.Calendars = set
	slices.SortFunc(a.Limits, func(x, y *limit.Limit) int { return strings.Compare(x.Key, y.Key) })
	if err := c.compileForms(a, forms, formVersions, flowVersions); err != nil {
		return nil, err
	}
	for _, v := range automations {
		if a.automations[v.Key], err = c.compileAutomation(ctx, a, v); err != nil {
			return nil, err
		}
	}
	return a, a.assign(assignments)
}

func (c *Catalog) compileForms(a *App, forms []*form.Executable, versions, flows map[string]int) error {
	byKey := make(map[string]*form.Executable, len(forms))
	for _, f := range forms {
		byKey[f.Form.Key] = f
	}
	for _, exec := range forms {
		f, err := compileForm(exec, a.ruleSchema(exec, byKey))
		if err != nil {
			return ErrBroken.Because(err, problem.Params{"kind": "form", "key": exec.Form.Key, "why": err.Error()})
		}
		f.App, f.Version, f.Calendars = a, versions[f.Key], a.Calendars
		f.Flow = a.flowOf[f.Key]
		f.FlowVersion = flows[f.Flow]
		a.forms[f.Key] = f
	}
	return nil
}

func parsed[T any](list []*T, body []byte, parse func([]byte) (*T, error)) ([]*T, error) {
	v, err := parse(body)
	if err != nil {
		return nil, err
	}
	return append(list, v), nil
}

func executable(body []byte) (*form.Executable, error) {
	f, err := form.Parse(body)
	if err != nil {
		return nil, err
	}
	exec, problems := form.Compile(f)
	if len(problems) > 0 {
		return nil, problems[0]
	}
	return exec, nil
}

// ruleSchema is what the rules of a form may read.
func (a *App) ruleSchema(exec *form.Executable, forms map[string]*form.Executable) expr.Schema {
	fields := make(map[string][]form.Field, len(forms))
	for key, f := range forms {
		fields[key] = f.Fields
	}
	limits := make([]string, len(a.Limits))
	for i, l := range a.Limits {
		limits[i] = l.Key
	}
	return expr.SchemaOf(exec.Fields, fields).WithLimits(limits)
}
