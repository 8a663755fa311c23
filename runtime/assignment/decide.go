package assignment

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stepwell/stepwell/internal/expr"
	"github.com/stepwell/stepwell/schemas/assignment"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Subject is the record that somebody is to get.
type Subject struct {
	Vars expr.Vars // of its form's rules: form and link
	// OwnerOf names the owner of the record that a link field leads to; "" for none.
	OwnerOf func(link string) string
}

// World answers questions about people at one moment.
type World interface {
	// Name is what people call a user.
	Name(user string) string
	// Active reports whether the user exists and works here.
	Active(user string) bool
	// WithRole lists the active holders of a role of the app, in a stable order.
	WithRole(role string) []string
	// Members lists who works in a department, named by id or name, or below it, in a stable order.
	Members(department string) []string
	// Away reports whether the user is absent, and until when; a zero time when that is not known.
	Away(user string) (until time.Time, away bool)
	// MayOwn reports whether the roles of the user let them work on a record of theirs.
	MayOwn(user string) bool
	// Loads counts the open records of each of these users.
	Loads(users []string) (map[string]int, error)
}

// Counter is where a strategy that takes turns stands.
type Counter struct {
	Last  string         `json:"last,omitempty"`  // who was chosen last
	At    int            `json:"at"`              // the place after theirs, should they be gone
	Turns int64          `json:"turns"`           // how often it has chosen
	Debts map[string]int `json:"debts,omitempty"` // weighted: what each has to their credit
	// Owed are people whose turn came to nothing because the record was refused; they come first.
	Owed []string `json:"owed,omitempty"`
}

// Decision is who gets a record.
type Decision struct {
	Owner string // user id; "": nobody
	Pool  bool   // it goes to the pool
	Why   Explanation
	// Counter names the counter that moves, and Moved is what it becomes; "" when none does.
	Counter string
	Moved   Counter
	// Loaded: the open records of people were counted, so that another decision at the same moment may have made it stale.
	Loaded bool
}

// Decided reports whether somebody, or the pool, gets the record.
func (d *Decision) Decided() bool { return d.Owner != "" || d.Pool }

// Decide finds who gets a record. It changes nothing that it is given.
func Decide(r *Rule, s Subject, w World, counters map[string]Counter) (Decision, error) {
	d := decider{rule: r, subject: s, world: w, counters: counters}
	d.out.Why = Explanation{Source: ByRule, Assignment: r.Key, Version: r.Version}
	category, _, err := r.Category(s.Vars)
	if err != nil {
		return Decision{}, err
	}
	if category == nil {
		d.out.Why.Text = d.out.Why.words(w)
		return d.out, nil
	}
	d.category = category
	d.out.Why.Category, d.out.Why.CategoryTitle = category.Key, category.Title
	for i, strategy := range category.Strategies {
		step, err := d.try(strategy, i)
		if err != nil {
			return Decision{}, err
		}
		d.out.Why.Steps = append(d.out.Why.Steps, step)
		if d.out.Decided() {
			break
		}
	}
	d.out.Why.Owner, d.out.Why.Pool = d.out.Owner, d.out.Pool
	d.out.Why.Text = d.out.Why.words(w)
	return d.out, nil
}

// Rerun finds who gets a record by the strategies of one category, whatever its conditions say.
func Rerun(r *Rule, category string, s Subject, w World, counters map[string]Counter) (Decision, error) {
	i := slices.IndexFunc(r.Def.Categories, func(c assignment.Category) bool { return c.Key == category })
	if i < 0 {
		return Decision{}, ErrNoCategory.With(problem.Params{"category": category})
	}
	only := *r.Def
	only.Categories = r.Def.Categories[i : i+1]
	one := &Rule{Key: r.Key, Version: r.Version, Def: &only, Owner: r.Owner, when: []*expr.Program{nil}}
	return Decide(one, s, w, counters)
}

// decider is one decision in the making.
type decider struct {
	rule     *Rule
	subject  Subject
	world    World
	counters map[string]Counter
	category *assignment.Category
	loads    map[string]int
	out      Decision
}

// candidate is somebody who may get the record.
type candidate struct {
	user   string
	weight int
}

func (d *decider) try(s assignment.Strategy, i int) (Step, error) {
	step := Step{Strategy: s.Type}
	counter := d.category.Key + "/" + strconv.Itoa(i)
	var err error
	switch s.Type {
	case assignment.Sticky:
		err = d.sticky(s, &step)
	case assignment.ByValue:
		err = d.byValue(s, counter, &step)
	case assignment.ToPool:
		d.out.Pool, step.Outcome = true, Pooled
		return step, nil
	case assignment.RoundRobin, assignment.Weighted, assignment.LeastLoaded:
		err = d.pick(s.Type, s.Who, counter, &step)
	}
	if step.Outcome == "" {
		step.Outcome = Nobody
	}
	return step, err
}

func (d *decider) chosen(user string, step *Step) {
	d.out.Owner, step.Owner, step.Outcome = user, user, Chosen
}

func (d *decider) sticky(s assignment.Strategy, step *Step) error {
	step.Link = s.Link
	owner := d.subject.OwnerOf(s.Link)
	if owner == "" {
		return nil
	}
	skip, err := d.skip(owner, []candidate{{user: owner}})
	if err != nil {
		return err
	}
	if skip != nil {
		step.Skipped = append(step.Skipped, *skip)
		return nil
	}
	d.chosen(owner, step)
	return nil
}

func (d *decider) byValue(s assignment.Strategy, counter string, step *Step) error {
	for i, row := range s.Rows {
		if !d.matches(row) {
			continue
		}
		step.Match = row.Title
		if row.Title.Empty() {
			step.Match = say(sayRow, problem.Params{"n": i + 1}) // not the value: who reads this may not see the field
		}
		step.Pick = row.Pick
		if row.Pick == "" {
			step.Pick = assignment.RoundRobin
		}
		return d.pick(step.Pick, row.Who, counter+"/"+strconv.Itoa(i), step)
	}
	return nil
}

// matches reports whether a row of a table is the record's.
func (d *decider) matches(row assignment.Row) bool {
	for _, m := range row.Match {
		holds := slices.ContainsFunc(texts(d.value(m.Field)), func(v string) bool {
			return slices.Contains(m.In, v) || slices.ContainsFunc(m.StartsWith, func(prefix string) bool { return strings.HasPrefix(v, prefix) })
		})
		if !holds {
			return false
		}
	}
	return len(row.Match) > 0
}

// value is what stands at a path of the record.
func (d *decider) value(path string) any {
	head, rest, through := strings.Cut(path, ".")
	if !through {
		data, _ := d.subject.Vars[expr.FormVar].(map[string]any)
		return data[head]
	}
	links, _ := d.subject.Vars[expr.LinkVar].(map[string]any)
	linked, _ := links[head].(map[string]any)
	return linked[rest]
}

func texts(value any) []string {
	switch v := value.(type) {
	case nil:
		return nil
	case string:
		return []string{v}
	case []any:
		out := make([]string, 0, len(v))
		for _, item := range v {
			out = append(out, texts(item)...)
		}
		return out
	case float64:
		return []string{strconv.FormatFloat(v, 'f', -1, 64)}
	}
	return []string{fmt.Sprint(value)}
}

// candidates are the people that a definition names, each once, in its order.
func (d *decider) candidates(who []assignment.Who) []candidate {
	var out []candidate
	add := func(weight int, users ...string) {
		for _, user := range users {
			if !slices.ContainsFunc(out, func(c candidate) bool { return c.user == user }) {
				out = append(out, candidate{user, max(weight, 1)})
			}
		}
	}
	for _, w := range who {
		switch w.Type {
		case assignment.WhoUser:
			add(w.Weight, w.User)
		case assignment.WhoRole:
			add(w.Weight, d.world.WithRole(w.Role)...)
		case assignment.WhoDepartment:
			members := d.world.Members(w.Department)
			if w.Role != "" {
				holders := d.world.WithRole(w.Role)
				members = slices.DeleteFunc(slices.Clone(members), func(user string) bool { return !slices.Contains(holders, user) })
			}
			add(w.Weight, members...)
		}
	}
	return out
}

// pick chooses one of several by the way that is asked for.
func (d *decider) pick(by assignment.Type, who []assignment.Who, counter string, step *Step) error {
	list := d.candidates(who)
	if len(list) == 0 {
		return nil
	}
	from := d.counters[counter]
	step.Previous = from.Last
	t := turn{decider: d, list: list, from: from, step: step}
	at, err := t.take(by)
	if err != nil || at < 0 {
		return err
	}
	d.chosen(list[at].user, step)
	d.out.Counter, d.out.Moved = counter, t.moved(by, at)
	return nil
}

// skip says why somebody cannot get the record; nil when they can. all are those whose load is counted with theirs.
func (d *decider) skip(user string, all []candidate) (*Skip, error) {
	until, away := d.world.Away(user)
	switch {
	case !d.world.Active(user):
		return &Skip{User: user, Why: Inactive}, nil
	case away:
		return &Skip{User: user, Why: Absent, Until: until}, nil
	case !d.world.MayOwn(user):
		return &Skip{User: user, Why: NotAllowed}, nil
	}
	limit := d.rule.Def.Capacity.Of(user)
	if limit == 0 {
		return nil, nil //nolint:nilnil // no reason is no reason
	}
	if err := d.count(all); err != nil {
		return nil, err
	}
	if open := d.loads[user]; open >= limit {
		return &Skip{User: user, Why: Full, Open: open, Limit: limit}, nil
	}
	return nil, nil //nolint:nilnil // no reason is no reason
}

// count counts the open records of candidates that have not been counted yet.
func (d *decider) count(all []candidate) error {
	var missing []string
	for _, c := range all {
		if _, known := d.loads[c.user]; !known {
			missing = append(missing, c.user)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	d.out.Loaded = true
	found, err := d.world.Loads(missing)
	if err != nil {
		return err
	}
	if d.loads == nil {
		d.loads = map[string]int{}
	}
	for _, user := range missing {
		d.loads[user] = found[user]
	}
	return nil
}

// turn is one choice among several.
type turn struct {
	*decider
	list  []candidate
	from  Counter
	step  *Step
	debts map[string]int
}

// take gives the place of the one who is chosen; -1 for nobody.
func (t *turn) take(by assignment.Type) (int, error) {
	if by == assignment.LeastLoaded {
		if err := t.count(t.list); err != nil {
			return -1, err
		}
	}
	var free []int // places of those who can, beginning with whose turn it is
	for i := range t.list {
		at := (t.start() + i) % len(t.list)
		skip, err := t.skip(t.list[at].user, t.list)
		if err != nil {
			return -1, err
		}
		if skip != nil {
			t.step.Skipped = append(t.step.Skipped, *skip)
			continue
		}
		free = append(free, at)
		if by == assignment.RoundRobin && len(t.from.Owed) == 0 {
			break
		}
	}
	if len(free) == 0 {
		return -1, nil
	}
	for _, at := range free {
		if slices.Contains(t.from.Owed, t.list[at].user) {
			return at, nil
		}
	}
	switch by { //nolint:exhaustive // the others take the first
	case assignment.LeastLoaded:
		best := slices.MinFunc(free, func(a, b int) int { return t.loads[t.list[a].user] - t.loads[t.list[b].user] })
		open := t.loads[t.list[best].user]
		t.step.Open = &open
		return best, nil
	case assignment.Weighted:
		return t.heaviest(free), nil
	}
	return free[0], nil
}

// start is the place whose turn it is.
func (t *turn) start() int {
	at := slices.IndexFunc(t.list, func(c candidate) bool { return c.user == t.from.Last })
	if at < 0 {
		return t.from.At % len(t.list)
	}
	return (at + 1) % len(t.list)
}

// heaviest is the smooth weighted turn: everybody is credited their weight, and whoever has most pays for all.
func (t *turn) heaviest(free []int) int {
	slices.Sort(free)
	t.debts = make(map[string]int, len(free))
	sum, best := 0, free[0]
	for _, at := range free {
		c := t.list[at]
		t.debts[c.user] = t.from.Debts[c.user] + c.weight
		sum += c.weight
		if t.debts[c.user] > t.debts[t.list[best].user] {
			best = at
		}
	}
	user := t.list[best].user
	t.debts[user] -= sum
	t.step.Weight, t.step.Weights = t.list[best].weight, sum
	return best
}

// moved is the counter after the choice.
func (t *turn) moved(by assignment.Type, at int) Counter {
	user := t.list[at].user
	out := t.from
	out.Turns++
	if i := slices.Index(t.from.Owed, user); i >= 0 {
		out.Owed = slices.Delete(slices.Clone(t.from.Owed), i, i+1)
		return out
	}
	out.Last, out.At = user, (at+1)%len(t.list)
	if by == assignment.Weighted {
		out.Debts = maps.Clone(t.debts)
		// Who cannot get anything just now keeps what they have to their credit.
		for _, c := range t.list {
			if old, had := t.from.Debts[c.user]; had {
				if _, counted := out.Debts[c.user]; !counted {
					out.Debts[c.user] = old
				}
			}
		}
	}
	return out
}
