package demo

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/schemas/sample"
)

// walk is one record on its way through its flow.
type walk struct {
	*player
	dice   *sample.Dice
	form   string
	id     string
	owner  string
	visits map[string]int  // block → how often it was done
	done   map[string]int  // block and outcome → how often
	noted  map[string]bool // task and person already on the agenda
}

func (w *walk) record() engine.Case { return w.memory.cases[w.form][w.id] }

// follow notes the tasks that a record has opened.
func (w *walk) follow(c engine.Case) {
	if c.State.Status == engine.Ended {
		w.played.Outcomes[c.State.Outcome]++
	}
	for _, t := range c.State.Tasks {
		play, known := w.script.Plays[c.State.Flow][t.Block]
		if !known || w.noted[t.ID] {
			continue
		}
		w.noted[t.ID] = true
		for _, user := range assigneeOf(w.dice, t) {
			w.agenda.note(w.when(play, user), func(ctx context.Context) error { return w.turnTo(ctx, t.ID, user) })
		}
	}
}

// when is the moment when a person turns to a task that has come now.
func (w *walk) when(play sample.Play, user string) time.Time {
	b := w.behaviour(user)
	at := w.hours.add(w.now, duration(w.dice.Hours(play.After)*factor(b.Pace)))
	if b.Forget > 0 && w.dice.Chance(b.Forget) {
		at = w.hours.add(at, time.Duration(w.dice.In(b.ForgetDays)*float64(w.hours.length())))
	}
	return at
}

func duration(hours float64) time.Duration { return time.Duration(hours * float64(time.Hour)) }

// turnTo has a person do a task that is still theirs.
func (w *walk) turnTo(ctx context.Context, id, user string) error {
	c := w.record()
	i := slices.IndexFunc(c.State.Tasks, func(t engine.Task) bool { return t.ID == id })
	if i < 0 || slices.Contains(c.State.Tasks[i].Approved, user) {
		w.played.Missed++
		return nil
	}
	t := c.State.Tasks[i]
	play := w.script.Plays[c.State.Flow][t.Block]
	o := w.outcome(play, t.Block)
	if o < 0 || play.Outcomes[o].Do == sample.Wait {
		return nil
	}
	w.done[outcomeKey(t.Block, o)]++
	return w.act(ctx, c, t, user, play, play.Outcomes[o])
}

func outcomeKey(block string, outcome int) string { return fmt.Sprintf("%s#%d", block, outcome) }

// outcome draws what becomes of a task, by weight and by the ways of the record's owner.
func (w *walk) outcome(play sample.Play, block string) int {
	ways := w.behaviour(w.owner).Outcomes
	weights := make([]float64, len(play.Outcomes))
	for i, o := range play.Outcomes {
		if o.AtMost > 0 && w.done[outcomeKey(block, i)] >= o.AtMost {
			continue
		}
		weights[i] = o.Weight * factor(ways[o.Key])
	}
	return w.dice.Weighted(weights)
}

func (w *walk) act(ctx context.Context, c engine.Case, t engine.Task, user string, play sample.Play, o sample.Outcome) error {
	cmd := engine.Command{Kind: engine.CommandKind(o.Do), Actor: user, Task: t.ID, To: o.To}
	on := sample.Subject{Form: c.Form, Data: maps.Clone(c.Data), Owner: c.Owner, Actor: user, Now: w.now, Visit: w.visits[t.Block] + 1}
	comment, err := w.dice.Text(o.Comment, on)
	if err != nil {
		return fmt.Errorf("comment on %s of %s: %w", t.Block, c.ID, err)
	}
	switch o.Do {
	case sample.Return, sample.Reject:
		cmd.Reason = comment
	case sample.Complete, sample.Approve, sample.Wait:
		cmd.Comment = comment
		w.visits[t.Block]++
		if cmd.Data, err = w.fill(on, play, o); err != nil {
			return fmt.Errorf("fill in %s of %s: %w", t.Block, c.ID, err)
		}
		if err := w.upload(ctx, user, cmd.Data); err != nil {
			return err
		}
	}
	if o.Do == sample.Complete {
		if err := w.tick(ctx, c, t, user); err != nil {
			return err
		}
	}
	after, err := w.house.Act(ctx, c.Form, c.ID, cmd)
	if err != nil {
		return fmt.Errorf("%s: %s %s of %s with %v: %w", w.people[user].Username, o.Do, t.Block, c.Title, cmd.Data, err)
	}
	w.memory.keep(after)
	w.played.Commands[string(cmd.Kind)]++
	w.follow(after)
	return nil
}

// tick ticks every item of a checklist, each by whom it is for.
func (w *walk) tick(ctx context.Context, c engine.Case, t engine.Task, user string) error {
	for _, item := range t.Items {
		by := user
		if len(item.Assignees) > 0 && !slices.Contains(item.Assignees, user) {
			by = item.Assignees[0]
		}
		if !item.DoneAt.IsZero() {
			continue
		}
		if _, err := w.house.Act(ctx, c.Form, c.ID, engine.Command{Kind: engine.Tick, Actor: by, Task: t.ID, Item: item.ID}); err != nil {
			return fmt.Errorf("%s: tick %s in %s of %s: %w", w.people[by].Username, item.ID, t.Block, c.Title, err)
		}
	}
	return nil
}

func (w *walk) fill(on sample.Subject, play sample.Play, o sample.Outcome) (map[string]any, error) {
	sets := []sample.Fields{play.Set, o.Set}
	if o.Only {
		sets = sets[1:]
	}
	data := map[string]any{}
	for _, set := range sets {
		drawn, err := w.dice.Draw(set, on)
		if err != nil {
			return nil, err
		}
		maps.Copy(data, drawn)
	}
	return data, nil
}

// accompany notes the next record about this one.
func (w *walk) accompany(k sample.Companion) {
	often := factor(w.behaviour(w.owner).Diligence)
	at := w.hours.add(w.now, duration(w.dice.Hours(k.Every)/often))
	w.agenda.note(at, func(ctx context.Context) error {
		c := w.record()
		if c.State.Status != engine.Running {
			return nil
		}
		if len(k.Stages) == 0 || slices.Contains(k.Stages, c.State.Stage) {
			about := sample.Subject{Form: c.Form, Data: c.Data, Owner: c.Owner, Now: w.now}
			d := draft{form: k.Form, given: map[string]any{k.Link: c.ID}, sets: []sample.Fields{k.Set}, by: k.By, about: &about}
			if _, err := w.begin(ctx, w.dice, d); err != nil {
				return fmt.Errorf("about %s: %w", c.Title, err)
			}
		}
		w.accompany(k)
		return nil
	})
}
