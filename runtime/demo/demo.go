// Package demo plays the history that the sample data of an app describes.
//
// It is the company with the clock in its hand: it moves time on from one thing that somebody does to the next, and has
// them do it through the same door as everybody else. It knows forms, flows and people by what the script calls them, and
// nothing of what they are about.
package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/stepwell/stepwell/internal/calendar"
	"github.com/stepwell/stepwell/internal/expr"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/sample"
)

// House is the installation that is played on.
type House interface {
	// Advance moves the clock on to a moment and lets everything happen that is due until then.
	Advance(ctx context.Context, to time.Time) error
	// Begin makes a record, in one command with starting its flow when submit is set. Without by it is the
	// administrator's.
	Begin(ctx context.Context, form, by string, data map[string]any, submit bool) (engine.Case, error)
	// Act carries out a command of somebody who has a task.
	Act(ctx context.Context, form, record string, cmd engine.Command) (engine.Case, error)
	// Upload stores a file and gives what a file field holds for it.
	Upload(ctx context.Context, by, name string, content []byte) (map[string]any, error)
}

// App is the app that is played, as it is installed.
type App struct {
	Sample    *sample.Sample
	Forms     map[string]*form.Form
	Flows     map[string]*flow.Flow
	Calendars *calendar.Set
	// Users gives the id of each person of the company by username.
	Users map[string]string
	// Taken is the code of the refusal of a record whose unique values another one has; such a record is drawn again.
	Taken *fault.Code
}

// Played counts what was done.
type Played struct {
	Records  map[string]int // by form
	Commands map[string]int // tasks done, by command
	Outcomes map[string]int // of flows that have ended
	Missed   int            // tasks that were gone when somebody turned to them
}

// Play plays the history that ends at now. Every refusal is an error: in sound sample data nobody is refused.
func Play(ctx context.Context, app App, house House, now time.Time) (Played, error) {
	p, err := newPlayer(app, house, now)
	if err != nil {
		return Played{}, err
	}
	if err := p.setup(ctx); err != nil {
		return p.played, err
	}
	p.plan()
	for p.agenda.next(now) {
		e := p.agenda.pop()
		if err := house.Advance(ctx, e.at); err != nil {
			return p.played, fmt.Errorf("advance to %s: %w", e.at, err)
		}
		p.now = e.at
		if err := e.do(ctx); err != nil {
			return p.played, fmt.Errorf("at %s: %w", e.at.Format(time.DateTime), err)
		}
	}
	if err := house.Advance(ctx, now); err != nil {
		return p.played, fmt.Errorf("advance to %s: %w", now, err)
	}
	return p.played, nil
}

func newPlayer(app App, house House, now time.Time) (*player, error) {
	script := &app.Sample.Script
	days, ok := app.Calendars.Calendar(script.Calendar)
	if !ok {
		return nil, fmt.Errorf("the app has no calendar %s", script.Calendar)
	}
	hours, err := newHours(days, script.Opens, script.Closes)
	if err != nil {
		return nil, err
	}
	p := &player{
		app: app, script: script, house: house, hours: hours, end: now,
		memory: newMemory(), envs: map[string]*expr.Env{}, rules: map[string]*expr.Program{},
		people: map[string]sample.Person{}, holders: map[string][]string{},
		played: Played{Records: map[string]int{}, Commands: map[string]int{}, Outcomes: map[string]int{}},
	}
	for _, person := range app.Sample.Company.People {
		id, ok := app.Users[person.Username]
		if !ok {
			return nil, fmt.Errorf("nobody in the installation is %s", person.Username)
		}
		p.people[id] = person
		for _, role := range person.Roles {
			p.holders[role] = append(p.holders[role], id)
		}
	}
	if err := p.prepareForms(); err != nil {
		return nil, err
	}
	p.now = p.hours.opening(now.In(days.Zone()).AddDate(0, 0, -7*script.Weeks))
	p.dice = sample.NewDice(script, p, 0)
	return p, nil
}

func (p *player) prepareForms() error {
	fields := make(map[string][]form.Field, len(p.app.Forms))
	p.fields = make(map[string]map[string]*form.Field, len(p.app.Forms))
	for key, f := range p.app.Forms {
		list, err := f.Fields()
		if err != nil {
			return fmt.Errorf("fields of %s: %w", key, err)
		}
		fields[key] = list
		p.fields[key] = make(map[string]*form.Field, len(list))
		for i := range list {
			p.fields[key][list[i].Key] = &list[i]
		}
	}
	for key := range p.app.Forms {
		env, err := expr.NewEnv(expr.SchemaOf(fields[key], fields))
		if err != nil {
			return fmt.Errorf("rules of %s: %w", key, err)
		}
		p.envs[key] = env
	}
	return nil
}
