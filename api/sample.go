package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"github.com/stepwell/stepwell/builder/check"
	"github.com/stepwell/stepwell/builder/pack"
	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/runtime/demo"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/files"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/runtime/people/audit"
	"github.com/stepwell/stepwell/runtime/records"
	"github.com/stepwell/stepwell/schemas/apps"
	"github.com/stepwell/stepwell/schemas/channel"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/sample"
)

// Sample adds the sample company of an installed app and plays its history up to now: every record is made by the commands
// of its people, with the clock of a product of its own, and passes every rule. password lets the people of the company
// sign in; with none they cannot until somebody gives them one.
func (p *Product) Sample(ctx context.Context, template, by, password string) (demo.Played, error) {
	folder, err := apps.Open(template)
	if err != nil {
		return demo.Played{}, err
	}
	dir, err := fs.Sub(folder, "sample")
	if err != nil {
		return demo.Played{}, fmt.Errorf("open sample data: %w", err)
	}
	data, err := sample.Load(dir)
	if errors.Is(err, sample.ErrAbsent) {
		return demo.Played{}, ErrNoSample.With(nil)
	}
	if err != nil {
		return demo.Played{}, err
	}
	shipped, err := pack.Shipped(template)
	if err != nil {
		return demo.Played{}, err
	}
	users, err := p.hire(ctx, shipped.App.Key, data.Company, by, password)
	if err != nil {
		return demo.Played{}, err
	}
	return p.play(ctx, shipped, data, users, by)
}

// hire makes the departments and people of a company. Whoever is there already stays as they are.
func (p *Product) hire(ctx context.Context, app string, company sample.Company, by, password string) (map[string]string, error) {
	actor := audit.Actor{User: by}
	departments := map[string]string{}
	for _, d := range company.Departments {
		made, err := p.People.CreateDepartment(ctx, actor, people.DepartmentInfo{Name: d.Name, Parent: departments[d.Parent]})
		if err != nil {
			return nil, fmt.Errorf("make department %s: %w", d.ID, err)
		}
		departments[d.ID] = made.ID
	}
	users := map[string]string{}
	for _, person := range company.People {
		id, err := p.employ(ctx, actor, app, person, departments[person.Department], password)
		if err != nil {
			return nil, fmt.Errorf("make user %s: %w", person.Username, err)
		}
		users[person.Username] = id
	}
	for _, person := range company.People {
		if person.Manager == "" {
			continue
		}
		if _, err := p.People.UpdateUser(ctx, actor, users[person.Username], 0, func(u *people.Profile) { u.Manager = users[person.Manager] }); err != nil {
			return nil, fmt.Errorf("manager of %s: %w", person.Username, err)
		}
	}
	for _, d := range company.Departments {
		if _, err := p.People.UpdateDepartment(ctx, actor, departments[d.ID], func(info *people.DepartmentInfo) { info.Head = users[d.Head] }); err != nil {
			return nil, fmt.Errorf("head of %s: %w", d.ID, err)
		}
	}
	return users, nil
}

func (p *Product) employ(ctx context.Context, actor audit.Actor, app string, person sample.Person, department, password string) (string, error) {
	if u, ok := p.People.Directory().ByUsername(person.Username); ok {
		return u.ID, nil
	}
	profile := people.Profile{
		Username: person.Username, Name: person.Name, Email: person.Email, Phone: person.Phone, WeCom: person.WeCom, Department: department,
		Position: person.Position, Active: true,
	}
	for _, role := range person.Roles {
		profile.Roles = append(profile.Roles, people.RoleRef{App: app, Role: role})
	}
	var u *people.User
	var err error
	if password == "" {
		u, err = p.People.CreateUser(ctx, actor, profile)
	} else {
		u, err = p.Account.CreateUser(ctx, actor, profile, password, false)
	}
	if err != nil {
		return "", err
	}
	return u.ID, nil
}

func (p *Product) play(ctx context.Context, shipped *pack.Package, data *sample.Sample, users map[string]string, by string) (demo.Played, error) {
	set, err := check.Read(shipped.App.Key, shipped.Documents)
	if err != nil {
		return demo.Played{}, err
	}
	installed, err := p.Catalog.App(shipped.App.Key)
	if err != nil {
		return demo.Played{}, err
	}
	app := demo.App{
		Sample: data, Flows: set.Flows, Forms: map[string]*form.Form{}, Calendars: installed.Calendars, Users: users, Taken: records.ErrUnique,
	}
	for key, f := range set.Forms {
		app.Forms[key] = f.Form
	}
	resume, err := p.pauseQueues(ctx)
	if err != nil {
		return demo.Played{}, err
	}
	defer resume()
	ctx, done := context.WithCancel(ctx)
	defer done()
	now := p.Clock.Now()
	hand := clock.NewManual(now.AddDate(0, 0, -7*(data.Script.Weeks+2)))
	past := p.Options
	past.Clock = hand
	past.Channels = []notices.Channel{}
	past.HoldFor = p.Clock.Now().Sub(hand.Now()) // all of it is delivered in the end
	past.Call = func(context.Context, string, string, engine.Call) (engine.Reply, error) {
		return engine.Reply{Status: http.StatusOK}, nil // nobody outside is called for what only a sample company did
	}
	past.Log = slog.New(slog.DiscardHandler)
	stage, err := Open(ctx, past)
	if err != nil {
		return demo.Played{}, fmt.Errorf("set the stage: %w", err)
	}
	stage.Notices.Use(silence(installed))
	played, err := demo.Play(ctx, app, &house{Product: stage, hand: hand, app: shipped.App.Key, admin: by}, now)
	if err != nil {
		return played, err
	}
	return played, stage.Notices.Drain(ctx)
}

// silence are lines that take the messages of the past as sent: nobody outside is told what only a sample company did.
func silence(a *catalog.App) []notices.Line {
	lines := []notices.Line{{ID: notices.Email, Key: notices.Email, Channel: silent{}}}
	for _, c := range a.Channels {
		if c.Type != channel.InApp && c.Key != notices.Email {
			lines = append(lines, notices.Line{ID: c.Key, Key: c.Key, Channel: silent{}, Group: c.Type.Group()})
		}
	}
	return lines
}

type silent struct{}

func (silent) Kind() string { return "silent" }

func (silent) Send(_ context.Context, m notices.Message) (notices.Receipt, error) {
	return notices.Receipt{MessageID: "sample/" + m.Key}, nil
}

// house lets a sample history be played on a product.
type house struct {
	*Product
	hand  *clock.Manual
	app   string
	admin string
}

// Advance moves the clock on and lets everything happen that is due until then.
func (h *house) Advance(ctx context.Context, to time.Time) error {
	if !to.After(h.hand.Now()) {
		return nil
	}
	return h.advance(ctx, h.hand, to, h.settleInside, h.Automations.Next)
}

// Begin makes a record.
func (h *house) Begin(ctx context.Context, formKey, by string, data map[string]any, submit bool) (engine.Case, error) {
	if by == "" {
		by = h.admin
	}
	kind := engine.Save
	if submit {
		kind = engine.Submit
	}
	return h.do(ctx, records.Request{App: h.app, Form: formKey, By: by, Via: "sample", Command: engine.Command{Kind: kind, Data: data}})
}

// Act carries out a command of somebody who has a task.
func (h *house) Act(ctx context.Context, formKey, record string, cmd engine.Command) (engine.Case, error) {
	return h.do(ctx, records.Request{App: h.app, Form: formKey, ID: record, By: cmd.Actor, Via: "sample", Command: cmd})
}

func (h *house) do(ctx context.Context, req records.Request) (engine.Case, error) {
	rec, err := h.Records.Do(ctx, req)
	if err != nil {
		return engine.Case{}, taken(err)
	}
	return rec.Case(), nil
}

// taken makes a refusal for a unique value recognisable to the player, which draws such a record again.
func taken(err error) error {
	f, ok := fault.As(err)
	if !ok {
		return err
	}
	for _, problem := range f.Problems {
		if problem.Code == &records.ErrUnique.Code {
			return records.ErrUnique.Because(err, nil)
		}
	}
	return err
}

// Upload stores a file.
func (h *house) Upload(ctx context.Context, by, name string, content []byte) (map[string]any, error) {
	if by == "" {
		by = h.admin
	}
	f, err := h.Files.Put(ctx, bytes.NewReader(content), files.Upload{Name: name, By: by, Size: int64(len(content))})
	if err != nil {
		return nil, err
	}
	return map[string]any{"id": f.ID, "name": f.Name, "size": float64(f.Size), "type": f.Type}, nil
}
