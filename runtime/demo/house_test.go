package demo

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/calendar"
	"github.com/stepwell/stepwell/internal/expr"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/schemas/apps"
	calendardef "github.com/stepwell/stepwell/schemas/calendar"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/limit"
	"github.com/stepwell/stepwell/schemas/role"
	"github.com/stepwell/stepwell/schemas/sample"
)

var errTaken = fault.Define(fault.Invalid, "test.taken", "taken", "重复")

// paper is a house made of the real engine, forms, rules and calendars, kept on paper: no store, no files.
type paper struct {
	app      App
	forms    map[string]*form.Executable
	fields   map[string][]form.Field
	formulas map[string]map[string]*expr.Program
	rules    map[string][]*expr.Program
	flows    map[string]*engine.Flow // by form
	roles    map[string]*role.Role
	limits   map[string]*limit.Limit
	now      time.Time
	cases    map[string]engine.Case
	timers   []timer
	counters map[string]int
	uniques  map[string]bool
	actions  int
	overdue  int
	late     map[string]int // deadlines missed by owner
	returned map[string]int // returns by owner
	refuse   func(engine.Command) error
	zone     *time.Location
	trace    []string
}

type timer struct {
	record string
	engine.Timer
}

// read takes every document of one folder of a shipped app.
func read(t *testing.T, app, folder string, take func(key string, doc []byte) error) {
	t.Helper()
	dir, err := apps.Open(app)
	require.NoError(t, err)
	entries, err := fs.ReadDir(dir, folder)
	require.NoError(t, err)
	for _, e := range entries {
		doc, err := fs.ReadFile(dir, path.Join(folder, e.Name()))
		require.NoError(t, err)
		require.NoError(t, take(strings.TrimSuffix(e.Name(), ".json"), doc))
	}
}

// open reads a shipped app as the installation would.
func open(t *testing.T, key string) App {
	t.Helper()
	dir, err := apps.Open(key)
	require.NoError(t, err)
	app := App{Forms: map[string]*form.Form{}, Flows: map[string]*flow.Flow{}, Users: map[string]string{}, Taken: errTaken}
	read(t, key, "forms", func(key string, doc []byte) (err error) { app.Forms[key], err = form.Parse(doc); return err })
	read(t, key, "flows", func(key string, doc []byte) (err error) { app.Flows[key], err = flow.Parse(doc); return err })
	var calendars []*calendardef.Calendar
	read(t, key, "calendars", func(_ string, doc []byte) error {
		c, err := calendardef.Parse(doc)
		calendars = append(calendars, c)
		return err
	})
	app.Calendars, err = calendar.NewSet(calendars)
	require.NoError(t, err)
	folder, err := fs.Sub(dir, "sample")
	require.NoError(t, err)
	app.Sample, err = sample.Load(folder)
	require.NoError(t, err)
	for _, p := range app.Sample.Company.People {
		app.Users[p.Username] = "id-" + p.Username
	}
	return app
}

func newPaper(t *testing.T, app App) *paper {
	t.Helper()
	h := &paper{
		app: app, forms: map[string]*form.Executable{}, fields: map[string][]form.Field{}, formulas: map[string]map[string]*expr.Program{},
		rules: map[string][]*expr.Program{}, flows: map[string]*engine.Flow{}, cases: map[string]engine.Case{},
		counters: map[string]int{}, late: map[string]int{}, returned: map[string]int{}, uniques: map[string]bool{}, zone: app.Calendars.Default().Zone(),
	}
	h.roles = map[string]*role.Role{}
	read(t, "sales-manufacturing", "roles", func(key string, doc []byte) (err error) { h.roles[key], err = role.Parse(doc); return err })
	h.limits = map[string]*limit.Limit{}
	read(t, "sales-manufacturing", "limits", func(key string, doc []byte) (err error) { h.limits[key], err = limit.Parse(doc); return err })
	for key, f := range app.Forms {
		var err error
		h.fields[key], err = f.Fields()
		require.NoError(t, err)
	}
	for key, f := range app.Forms {
		exec, problems := form.Compile(f)
		require.Empty(t, problems)
		h.forms[key] = exec
		env, err := expr.NewEnv(expr.SchemaOf(h.fields[key], h.fields).WithLimits(slices.Sorted(maps.Keys(h.limits))))
		require.NoError(t, err)
		h.formulas[key] = map[string]*expr.Program{}
		for i := range h.fields[key] {
			if fd := &h.fields[key][i]; fd.Type == form.Formula {
				h.formulas[key][fd.Key], problems = env.Compile(fd.Formula.CEL, expr.WantOf(fd))
				require.Empty(t, problems)
			}
		}
		for _, r := range f.Rules {
			program, problems := env.Compile(r.Rule.CEL, expr.WantBool)
			require.Empty(t, problems)
			h.rules[key] = append(h.rules[key], program)
		}
		for _, fl := range app.Flows {
			if fl.Form == key {
				h.flows[key], problems = engine.Compile(fl, 1, exec, env)
				require.Empty(t, problems)
			}
		}
	}
	return h
}

func (h *paper) Advance(_ context.Context, to time.Time) error {
	for {
		if len(h.timers) == 0 || h.timers[0].FireAt.After(to) {
			h.now = to.In(h.zone)
			return nil
		}
		t := h.timers[0]
		h.timers = h.timers[1:]
		h.now = t.FireAt.In(h.zone)
		if _, err := h.decide(h.cases[t.record], engine.Command{Kind: engine.Fire, Timer: t.TimerRef}); err != nil {
			return err
		}
	}
}

func (h *paper) Begin(_ context.Context, formKey, by string, data map[string]any, submit bool) (engine.Case, error) {
	if err := h.allowed(by, formKey, role.Create, data); err != nil {
		return engine.Case{}, err
	}
	h.counters[formKey]++
	c := engine.Case{ID: fmt.Sprintf("%s-%d", formKey, h.counters[formKey]), Form: formKey, Owner: by, CreatedBy: by, CreatedAt: h.now, Data: map[string]any{}}
	c.State.Status = engine.Draft
	data = maps.Clone(data)
	maps.Copy(data, missing(h.forms[formKey].Defaults(), data))
	for i := range h.fields[formKey] {
		switch fd := &h.fields[formKey][i]; fd.Type { //nolint:exhaustive // only what the server fills in
		case form.AutoNumber:
			data[fd.Key] = fmt.Sprintf("%s%04d", fd.Number.Prefix, h.counters[formKey])
		case form.Person:
			if data[fd.Key] == nil && !fd.DefaultBy.Empty() {
				data[fd.Key] = by
			}
		}
	}
	if owner, ok := data[h.app.Forms[formKey].Owner].(string); ok {
		c.Owner = owner
	}
	for _, set := range h.app.Forms[formKey].Unique {
		values := fmt.Sprint(formKey, set)
		for _, key := range set {
			values = fmt.Sprint(values, "|", data[key])
		}
		if slices.ContainsFunc(set, func(key string) bool { return data[key] == nil }) {
			continue
		}
		if h.uniques[values] {
			return engine.Case{}, errTaken.With(nil)
		}
		h.uniques[values] = true
	}
	cmd := engine.Command{Kind: engine.Submit, Actor: by, Data: data}
	if !submit {
		cmd.Kind = engine.Save
	}
	return h.decide(c, cmd)
}

// allowed asks the roles of a person whether they may do an action on a form, "" for what a task lets them do, and
// write the fields. Grants add up. The administrator may do everything.
func (h *paper) allowed(user, formKey string, action role.Action, data map[string]any) error {
	if user == "" {
		return nil
	}
	var grants []role.Grant
	for _, key := range (directory{h.app}).person(user).Roles {
		for _, g := range h.roles[key].Grants {
			if target, ok := g.Form(); ok && (target == "*" || target == formKey) && (action == "" || slices.Contains(g.Actions, action)) {
				grants = append(grants, g)
			}
		}
	}
	if len(grants) == 0 {
		return fmt.Errorf("%s may not %s a %s", user, action, formKey)
	}
	for field := range data {
		open := slices.ContainsFunc(grants, func(g role.Grant) bool { a, masked := g.Fields[field]; return !masked || a == role.FieldWrite })
		if !open {
			return fmt.Errorf("the roles of %s keep %s.%s from them", user, formKey, field)
		}
	}
	return nil
}

func missing(from, in map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range from {
		if in[k] == nil {
			out[k] = v
		}
	}
	return out
}

func (h *paper) Act(_ context.Context, formKey, id string, cmd engine.Command) (engine.Case, error) {
	c := h.cases[id]
	if h.refuse != nil {
		if err := h.refuse(cmd); err != nil {
			return engine.Case{}, err
		}
	}
	access := engine.Access(h.flows[formKey], c, cmd.Actor)
	for key := range cmd.Data {
		if a := access[key]; a != flow.Write && a != flow.Required {
			return engine.Case{}, fmt.Errorf("%s may not write %s (%s)", cmd.Actor, key, a)
		}
	}
	if err := h.allowed(cmd.Actor, formKey, "", cmd.Data); err != nil {
		return engine.Case{}, err
	}
	if cmd.Kind == engine.Return {
		h.returned[c.Owner]++
	}
	return h.decide(c, cmd)
}

func (h *paper) Upload(_ context.Context, _, name string, content []byte) (map[string]any, error) {
	h.counters["files"]++
	return map[string]any{"id": fmt.Sprint("file-", h.counters["files"]), "name": name, "size": float64(len(content)), "type": "application/pdf"}, nil
}

// decide does what the records service does around the engine, as far as it bears on the history.
func (h *paper) decide(c engine.Case, cmd engine.Command) (engine.Case, error) {
	next := maps.Clone(c.Data)
	maps.Copy(next, cmd.Data)
	derive := func(data map[string]any) (map[string]any, error) {
		out := map[string]any{}
		for key, program := range h.formulas[c.Form] {
			v, err := program.Eval(h.vars(c, data, cmd.Actor))
			if err != nil && !expr.IsMissing(err) {
				return nil, err
			}
			out[key] = v
		}
		return out, nil
	}
	if cmd.Kind != engine.Fire {
		derived, err := derive(next)
		if err != nil {
			return engine.Case{}, err
		}
		maps.Copy(next, derived)
		cmd.Data = next
		clean := h.forms[c.Form].Normalize(next)
		if problems := h.forms[c.Form].Validate(clean, form.Options{Submit: true}); len(problems) > 0 {
			return engine.Case{}, problems[0]
		}
		for i, rule := range h.rules[c.Form] {
			if holds, err := rule.EvalBool(h.vars(c, next, cmd.Actor)); err != nil || !holds {
				return engine.Case{}, fmt.Errorf("rule %s does not hold: %w", h.app.Forms[c.Form].Rules[i].ID, err)
			}
		}
	}
	vars := h.vars(c, next, cmd.Actor)
	links, _ := vars[expr.LinkVar].(map[string]any)
	d, err := engine.Decide(engine.Env{
		Flow: h.flows[c.Form], App: "app", Directory: directory{h.app}, Calendars: h.app.Calendars, Now: h.now,
		Link: links, Calendar: h.app.Calendars.Default(), Derive: derive, Limits: h.limitsOf,
	}, c, cmd)
	if err != nil {
		return engine.Case{}, err
	}
	if len(d.Events) > 0 {
		h.actions++
		h.trace = append(h.trace, fmt.Sprintf("%s %s %s %s", h.now.Format(time.RFC3339), c.ID, cmd.Kind, cmd.Actor))
	}
	for _, ev := range d.Events {
		for _, t := range ev.Timers {
			i, _ := slices.BinarySearchFunc(h.timers, t.FireAt, func(a timer, at time.Time) int { return a.FireAt.Compare(at) })
			h.timers = slices.Insert(h.timers, i, timer{c.ID, t})
		}
		if ev.Kind == engine.DeadlinePassed {
			h.overdue++
			h.late[c.Owner]++
		}
	}
	h.cases[c.ID] = d.After
	return d.After, nil
}

func (h *paper) vars(c engine.Case, data map[string]any, actor string) expr.Vars {
	links := map[string]any{}
	for _, fd := range h.fields[c.Form] {
		if id, ok := data[fd.Key].(string); ok && fd.Type == form.Link {
			links[fd.Key] = h.cases[id].Data
		}
	}
	return expr.Vars{
		expr.FormVar: data, expr.LinkVar: links, expr.NowVar: h.now, expr.UserVar: map[string]any{"id": actor},
		expr.RecordVar: map[string]any{"owner": c.Owner}, expr.CalendarVar: h.app.Calendars.Default(),
	}
}

// limitsOf is how far a person may go.
func (h *paper) limitsOf(user string) map[string]any {
	out := map[string]any{}
	for key, l := range h.limits {
		out[key] = l.Of(user, directory{h.app}.person(user).Roles)
	}
	return out
}

// directory is the company of the sample data.
type directory struct{ app App }

func (d directory) person(id string) sample.Person {
	for _, p := range d.app.Sample.Company.People {
		if d.app.Users[p.Username] == id {
			return p
		}
	}
	return sample.Person{}
}

func (d directory) Name(id, _ string) string        { return d.person(id).Name }
func (d directory) Active(id string) bool           { return d.person(id).Username != "" }
func (directory) IsDepartment(string) bool          { return false }
func (d directory) DepartmentOf(u string) string    { return d.person(u).Department }
func (directory) DepartmentHead(string, int) string { return "" }

func (directory) DepartmentAbove(string) string { return "" }

func (directory) PositionOf(string) string { return "" }

func (d directory) Manager(user string, level int) string {
	for range level {
		user = d.app.Users[d.person(user).Manager]
	}
	return user
}

func (d directory) WithRole(_, role string) []string {
	var out []string
	for _, p := range d.app.Sample.Company.People {
		if slices.Contains(p.Roles, role) {
			out = append(out, d.app.Users[p.Username])
		}
	}
	return out
}
