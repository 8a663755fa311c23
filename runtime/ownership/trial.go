package ownership

import (
	"context"
	"maps"
	"time"

	"github.com/stepwell/stepwell/runtime/assignment"
)

// trial decides about one record after the other without writing anything: turns move on and loads grow as if it were meant.
type trial struct {
	assigner *assignment.Assigner
	rule     *assignment.Rule
	app      string
	form     string
	counters map[string]assignment.Counter
	stored   func(users []string) (map[string]int, error)
	known    map[string]int // loads that have been asked for
	given    map[string]int // records given in the trial
}

func (s *Service) newTrial(ctx context.Context, app, form, collection string, rule *assignment.Rule, counters map[string]assignment.Counter) *trial {
	counters = maps.Clone(counters)
	if counters == nil {
		counters = map[string]assignment.Counter{}
	}
	return &trial{
		assigner: s.assigner, rule: rule, app: app, form: form, counters: counters, known: map[string]int{}, given: map[string]int{},
		stored: func(users []string) (map[string]int, error) { return s.assigner.Loads(ctx, collection, users) },
	}
}

// decide decides about a record at a moment; category asks that one only.
func (t *trial) decide(subject assignment.Subject, category string, at time.Time) (assignment.Decision, error) {
	world := t.assigner.World(t.app, t.form, at, t.loads)
	var d assignment.Decision
	var err error
	if category == "" {
		d, err = assignment.Decide(t.rule, subject, world, t.counters)
	} else {
		d, err = assignment.Rerun(t.rule, category, subject, world, t.counters)
	}
	if err != nil {
		return d, err
	}
	if d.Counter != "" {
		t.counters[d.Counter] = d.Moved
	}
	t.given[d.Owner]++
	return d, nil
}

func (t *trial) loads(users []string) (map[string]int, error) {
	var missing []string
	for _, user := range users {
		if _, ok := t.known[user]; !ok {
			missing = append(missing, user)
		}
	}
	if len(missing) > 0 {
		found, err := t.stored(missing)
		if err != nil {
			return nil, err
		}
		for _, user := range missing {
			t.known[user] = found[user]
		}
	}
	out := make(map[string]int, len(users))
	for _, user := range users {
		out[user] = t.known[user] + t.given[user]
	}
	return out, nil
}
