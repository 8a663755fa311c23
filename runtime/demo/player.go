package demo

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/stepwell/stepwell/internal/expr"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/sample"
)

// maxRedraws bounds how often a record is drawn again because its unique values were taken.
const maxRedraws = 20

// player is the company at work.
type player struct {
	app    App
	script *sample.Script
	house  House
	hours  hours
	now    time.Time // in the calendar's zone
	end    time.Time
	agenda agenda
	dice   *sample.Dice // for what is not about one record
	salt   uint64       // of the last dice made

	memory  *memory
	fields  map[string]map[string]*form.Field
	envs    map[string]*expr.Env
	rules   map[string]*expr.Program
	people  map[string]sample.Person // by user id
	holders map[string][]string      // role → user ids
	played  Played
}

// upload stores the files that were drawn and puts what their fields hold in their place.
func (p *player) upload(ctx context.Context, by string, data map[string]any) error {
	for _, key := range slices.Sorted(maps.Keys(data)) {
		list, _ := data[key].([]any)
		for i, item := range list {
			f, isFile := item.(sample.NewFile)
			if !isFile {
				continue
			}
			ref, err := p.house.Upload(ctx, by, f.Name, f.Content)
			if err != nil {
				return fmt.Errorf("upload %s: %w", f.Name, err)
			}
			list[i] = ref
		}
	}
	return nil
}

// newDice makes dice of their own for one record, so that what happens to it does not depend on the others.
func (p *player) newDice() *sample.Dice {
	p.salt++
	return sample.NewDice(p.script, p, p.salt)
}

func (p *player) behaviour(user string) sample.Behaviour {
	return p.script.Behaviours[p.people[user].Behaviour]
}

// factor is a multiplier of a behaviour; one that is not given changes nothing.
func factor(x float64) float64 {
	if x == 0 {
		return 1
	}
	return x
}

// draft is a record that is about to be made.
type draft struct {
	form   string
	given  map[string]any // values that are not drawn
	sets   []sample.Fields
	by     sample.Actor
	about  *sample.Subject // whose paths By may name
	submit bool
}

// begin draws a record and has it made.
func (p *player) begin(ctx context.Context, dice *sample.Dice, d draft) (engine.Case, error) {
	for try := 0; ; try++ {
		on := sample.Subject{Form: d.form, Data: maps.Clone(d.given), Now: p.now, Visit: 1}
		if on.Data == nil {
			on.Data = map[string]any{}
		}
		if err := p.draw(dice, d, &on); err != nil {
			return engine.Case{}, err
		}
		if err := p.upload(ctx, on.Actor, on.Data); err != nil {
			return engine.Case{}, err
		}
		c, err := p.house.Begin(ctx, d.form, on.Actor, on.Data, d.submit)
		if err != nil && fault.Has(err, p.app.Taken) && try < maxRedraws {
			continue
		}
		if err != nil {
			return engine.Case{}, fmt.Errorf("%s begins a %s with %v: %w", p.people[on.Actor].Username, d.form, on.Data, err)
		}
		p.memory.keep(c)
		p.played.Records[d.form]++
		return c, nil
	}
}

// draw fills in a record: the sets one after the other, and between the first and the rest who makes it, because a path may
// name what the first set makes.
func (p *player) draw(dice *sample.Dice, d draft, on *sample.Subject) error {
	for i, set := range d.sets {
		if i == len(d.sets)-1 {
			actor, err := p.actor(dice, d, *on)
			if err != nil {
				return err
			}
			on.Actor, on.Owner = actor, actor
		}
		if _, err := dice.Draw(set, *on); err != nil {
			return err
		}
	}
	return nil
}

// actor finds who makes a record; "" is the administrator.
func (p *player) actor(dice *sample.Dice, d draft, on sample.Subject) (string, error) {
	switch {
	case d.by.Role != "":
		holders := p.holders[d.by.Role]
		if len(holders) == 0 {
			return "", fmt.Errorf("nobody holds the role %s", d.by.Role)
		}
		return holders[dice.OneOf(len(holders))], nil
	case d.by.Path == "":
		return "", nil
	}
	if d.about != nil {
		on = *d.about
	}
	value, err := p.Read(on, d.by.Path)
	if err != nil {
		return "", fmt.Errorf("who makes a %s: %w", d.form, err)
	}
	id, _ := value.(string)
	if _, known := p.people[id]; !known {
		return "", fmt.Errorf("who makes a %s: %s is nobody of the company (%v)", d.form, d.by.Path, value)
	}
	return id, nil
}

// setup makes what has to be there from the start.
func (p *player) setup(ctx context.Context) error {
	if err := p.house.Advance(ctx, p.now); err != nil {
		return fmt.Errorf("begin the history: %w", err)
	}
	for _, s := range p.script.Setup {
		if err := p.setUp(ctx, s); err != nil {
			return fmt.Errorf("set up %s: %w", s.Form, err)
		}
	}
	return nil
}

func (p *player) setUp(ctx context.Context, s sample.Setup) error {
	rows := p.app.Sample.Rows[s.Rows]
	if s.Rows == "" {
		rows = []sample.Fields{nil}
	}
	parents := []string{""}
	if s.Each != "" {
		parents = slices.Clone(p.memory.made[s.Each])
	}
	for _, parent := range parents {
		for _, row := range rows {
			for range p.count(s) {
				d := draft{form: s.Form, sets: []sample.Fields{row, s.Set}, by: s.By}
				if parent != "" {
					d.given = map[string]any{s.Link: parent}
				}
				if _, err := p.begin(ctx, p.dice, d); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (p *player) count(s sample.Setup) int {
	switch {
	case s.Chance > 0 && !p.dice.Chance(s.Chance):
		return 0
	case s.Count.IsZero():
		return 1
	default:
		return int(p.dice.In(s.Count))
	}
}

// plan notes the arrivals.
func (p *player) plan() {
	days := p.hours.workingDays(p.now, p.end)
	for _, a := range p.script.Arrivals {
		open := days[:max(len(days)-a.Until, 0)]
		if len(open) == 0 {
			continue
		}
		for range a.Count {
			minutes := p.dice.OneOf(int(p.hours.length() / time.Minute))
			at := open[p.dice.OneOf(len(open))].Add(time.Duration(minutes) * time.Minute)
			p.agenda.note(at, func(ctx context.Context) error { return p.arrive(ctx, a) })
		}
	}
}

func (p *player) arrive(ctx context.Context, a sample.Arrival) error {
	w := &walk{player: p, dice: p.newDice(), visits: map[string]int{}, done: map[string]int{}, noted: map[string]bool{}}
	c, err := p.begin(ctx, w.dice, draft{form: a.Form, sets: []sample.Fields{a.Set}, by: a.By, submit: a.Submit})
	if err != nil {
		return err
	}
	w.form, w.id, w.owner = c.Form, c.ID, c.Owner
	w.follow(c)
	for _, companion := range p.script.Companions {
		if companion.Flow == c.State.Flow {
			w.accompany(companion)
		}
	}
	return nil
}

// assigneeOf draws who does a task that any of several may do.
func assigneeOf(dice *sample.Dice, t engine.Task) []string {
	if t.Mode == flow.All {
		return t.Assignees
	}
	if len(t.Assignees) == 0 {
		return nil
	}
	return []string{t.Assignees[dice.OneOf(len(t.Assignees))]}
}
