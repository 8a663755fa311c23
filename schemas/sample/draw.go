package sample

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path"
	"strconv"
	"strings"
	"time"
)

// World answers what only an installation knows. Its answers may depend on nothing but the history so far.
type World interface {
	// Records lists the ids of the records of a form whose fields equal the values, in the order they were made.
	Records(form string, where map[string]any) ([]string, error)
	// Read gives the value at a path of a record in the making: a field, or through links and people "customer.code" and
	// "owner.name". It is nil when there is none.
	Read(on Subject, path string) (any, error)
	// Eval evaluates a rule on a record in the making.
	Eval(on Subject, cel string) (any, error)
	// Holders lists the ids of the users who hold a role of the app, in a stable order.
	Holders(role string) []string
	// User finds a user's id by username; "" when there is none.
	User(username string) string
}

// Subject is a record in the making.
type Subject struct {
	Form  string
	Data  map[string]any // what stands there so far; Draw adds to it
	Owner string         // user id
	Actor string         // user id of who fills it in
	Now   time.Time      // in the zone that decides which day it is
	Visit int            // how often its step has been done, this time included
}

// Dice draws. Two with the same seed and the same questions give the same answers.
type Dice struct {
	script *Script
	world  World
	rand   *rand.Rand
}

// NewFile is what Draw puts into a file field: a file that is still to be uploaded.
type NewFile struct {
	Name    string
	Content []byte
}

// NewDice makes the dice of a script. salt tells apart what is drawn independently, so that a change in one record does
// not change all others.
func NewDice(script *Script, world World, salt uint64) *Dice {
	return &Dice{script: script, world: world, rand: rand.New(rand.NewPCG(script.Seed, salt))} //nolint:gosec // a history must be repeatable, not secret
}

// Draw makes the values of fields, one after the other, adds them to on.Data and gives what was drawn. A file field holds
// a list of NewFile.
func (d *Dice) Draw(fields Fields, on Subject) (map[string]any, error) {
	out := make(map[string]any, len(fields))
	for _, f := range fields {
		dr := drawing{Dice: d, on: on}
		v, err := dr.value(f.Value)
		if err != nil {
			return nil, fmt.Errorf("draw %s.%s: %w", on.Form, f.Key, err)
		}
		if v == nil {
			continue
		}
		out[f.Key], on.Data[f.Key] = v, v
	}
	return out, nil
}

// Chance is true with the probability p.
func (d *Dice) Chance(p float64) bool { return d.rand.Float64() < p }

// Text draws one of several texts and fills its places.
func (d *Dice) Text(of []string, on Subject) (string, error) {
	dr := drawing{Dice: d, on: on}
	return dr.oneText(of)
}

// OneOf draws an index below n; n must be positive.
func (d *Dice) OneOf(n int) int { return d.rand.IntN(n) }

// In draws a number of a range, every step of it equally often.
func (d *Dice) In(r Range) float64 {
	steps := math.Floor((r.Max-r.Min)/r.Step + 1e-9)
	return tidy(r.Min + r.Step*float64(d.rand.IntN(int(steps)+1)))
}

// Hours draws a length of time in working hours.
func (d *Dice) Hours(s Span) float64 {
	width := s.Max - s.Min
	if width == 0 {
		return s.Min
	}
	u, cut := d.rand.Float64(), (s.Mode-s.Min)/width
	if u < cut {
		return s.Min + math.Sqrt(u*width*(s.Mode-s.Min))
	}
	return s.Max - math.Sqrt((1-u)*width*(s.Max-s.Mode))
}

// Weighted draws an index by weight; -1 when no weight is positive.
func (d *Dice) Weighted(weights []float64) int {
	sum := 0.0
	for _, w := range weights {
		sum += max(w, 0)
	}
	if sum == 0 {
		return -1
	}
	at := d.rand.Float64() * sum
	last := -1
	for i, w := range weights {
		if w <= 0 {
			continue
		}
		last = i
		if at -= w; at < 0 {
			break
		}
	}
	return last
}

// drawing makes the values of one record.
type drawing struct {
	*Dice
	on   Subject
	uses int // named values being drawn inside each other
}

// maxUses bounds how deep named values may lie inside each other; beyond it one leads back to itself.
const maxUses = 16

func (d *drawing) value(v Value) (any, error) {
	if v.gen == nil {
		return nil, nil
	}
	return v.gen.draw(d)
}

func (g fixed) draw(*drawing) (any, error) { return g.value, nil }

func (g text) draw(d *drawing) (any, error) { return d.oneText(g) }

func (d *drawing) oneText(of []string) (string, error) {
	if len(of) == 0 {
		return "", nil
	}
	return d.fill(of[d.rand.IntN(len(of))])
}

func (g pattern) draw(d *drawing) (any, error) { //nolint:unparam // a generator may fail
	var b strings.Builder
	for _, r := range string(g) {
		switch r {
		case '#':
			b.WriteByte("0123456789"[d.rand.IntN(10)])
		case '@':
			b.WriteByte("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[d.rand.IntN(26)])
		default:
			b.WriteRune(r)
		}
	}
	return b.String(), nil
}

func (g pick) draw(d *drawing) (any, error) {
	weights := make([]float64, len(g))
	for i, c := range g {
		weights[i] = c.Weight
	}
	i := d.Weighted(weights)
	if i < 0 {
		return nil, nil
	}
	return d.value(g[i].Value)
}

func (g some) draw(d *drawing) (any, error) {
	left := min(int(d.In(g.Count)), len(g.Of))
	out := make([]any, 0, left)
	for i, v := range g.Of {
		// Each is taken with the chance that leaves exactly so many taken in the end.
		if d.rand.IntN(len(g.Of)-i) >= left {
			continue
		}
		left--
		value, err := d.value(v)
		if err != nil {
			return nil, err
		}
		out = append(out, value)
	}
	return out, nil
}

func (g number) draw(d *drawing) (any, error) { return d.In(Range(g)), nil }

func (g log) draw(d *drawing) (any, error) {
	x := math.Exp(math.Log(g.Min) + d.rand.Float64()*(math.Log(g.Max)-math.Log(g.Min)))
	return tidy(g.Min + g.Step*math.Round((x-g.Min)/g.Step)), nil
}

func (g times) draw(d *drawing) (any, error) {
	v, err := d.world.Read(d.on, g.Of)
	if err != nil || v == nil {
		return nil, err
	}
	n, ok := v.(float64)
	if !ok {
		return nil, fmt.Errorf("%s is not a number: %v", g.Of, v)
	}
	scale := math.Pow10(g.Decimals)
	return math.Round(n*d.In(g.By)*scale) / scale, nil
}

// tidy takes off what binary fractions add: 0.1 + 2 × 0.1 is 0.3.
func tidy(x float64) float64 { return math.Round(x*1e6) / 1e6 }

const dateForm = "2006-01-02"

func (g date) draw(d *drawing) (any, error) {
	from, err := d.start(g.From)
	if err != nil {
		return nil, err
	}
	return from.AddDate(0, 0, int(d.In(g.Days))).Format(dateForm), nil
}

func (g moment) draw(d *drawing) (any, error) {
	from, err := d.start(g.From)
	if err != nil {
		return nil, err
	}
	at := from.Add(time.Duration(d.In(g.Hours) * float64(time.Hour)))
	return at.UTC().Format("2006-01-02T15:04:05.000Z"), nil
}

// start is the date or moment at a path, or now.
func (d *drawing) start(path string) (time.Time, error) {
	if path == "" {
		return d.on.Now, nil
	}
	v, err := d.world.Read(d.on, path)
	if err != nil {
		return time.Time{}, err
	}
	s, _ := v.(string)
	if t, err := time.ParseInLocation(dateForm, s, d.on.Now.Location()); err == nil {
		return t, nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s is neither a date nor a moment: %v", path, v)
	}
	return t.In(d.on.Now.Location()), nil
}

func (g file) draw(d *drawing) (any, error) {
	n := 1
	if !g.Count.IsZero() {
		n = int(d.In(g.Count))
	}
	out := make([]any, 0, n)
	for i := range n {
		name, err := d.fill(g.Name)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			ext := path.Ext(name)
			name = fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(name, ext), i+1, ext)
		}
		title, err := d.fill(g.Title)
		if err != nil {
			return nil, err
		}
		content, err := Content(name, title)
		if err != nil {
			return nil, err
		}
		out = append(out, NewFile{name, content})
	}
	return out, nil
}

func (g link) draw(d *drawing) (any, error) {
	where := make(map[string]any, len(g.Where))
	for _, f := range g.Where {
		v, err := d.value(f.Value)
		if err != nil {
			return nil, err
		}
		where[f.Key] = v
	}
	ids, err := d.world.Records(g.Form, where)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return ids[d.rand.IntN(len(ids))], nil
}

func (g person) draw(d *drawing) (any, error) {
	switch {
	case g.Actor:
		return d.on.Actor, nil
	case g.User != "":
		if id := d.world.User(g.User); id != "" {
			return id, nil
		}
		return nil, fmt.Errorf("nobody is called %s", g.User)
	}
	holders := d.world.Holders(g.Role)
	if len(holders) == 0 {
		return nil, fmt.Errorf("nobody holds the role %s", g.Role)
	}
	return holders[d.rand.IntN(len(holders))], nil
}

func (g rows) draw(d *drawing) (any, error) {
	out := make([]any, 0, len(g))
	for _, fields := range g {
		row, err := d.row(fields)
		if err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, nil
}

func (g repeat) draw(d *drawing) (any, error) {
	out := []any{}
	for range int(d.In(g.Count)) {
		row, err := d.row(g.Set)
		if err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, nil
}

// row draws the cells of one row; they may refer to the record but not to each other.
func (d *drawing) row(fields Fields) (map[string]any, error) {
	row := make(map[string]any, len(fields))
	for _, f := range fields {
		v, err := d.value(f.Value)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", f.Key, err)
		}
		if v != nil {
			row[f.Key] = v
		}
	}
	return row, nil
}

func (g formula) draw(d *drawing) (any, error) { return d.world.Eval(d.on, string(g)) }

func (g copied) draw(d *drawing) (any, error) { return d.world.Read(d.on, string(g)) }

func (g maybe) draw(d *drawing) (any, error) {
	if !d.Chance(g.Chance) {
		return nil, nil
	}
	return d.value(g.Value)
}

func (g cond) draw(d *drawing) (any, error) {
	holds, err := d.world.Eval(d.on, g.When)
	if err != nil {
		return nil, err
	}
	if holds == true {
		return d.value(g.Then)
	}
	return d.value(g.Else)
}

func (g use) draw(d *drawing) (any, error) {
	v, ok := d.script.Values[string(g)]
	if !ok {
		return nil, fmt.Errorf("the script has no value called %s", string(g))
	}
	if d.uses++; d.uses > maxUses {
		return nil, fmt.Errorf("the value %s leads back to itself", string(g))
	}
	defer func() { d.uses-- }()
	return d.value(v)
}

// fill puts values into the {path} places of a text. A place without a value stays empty.
func (d *drawing) fill(text string) (string, error) {
	var b strings.Builder
	for {
		before, rest, open := strings.Cut(text, "{")
		b.WriteString(before)
		if !open {
			return b.String(), nil
		}
		place, after, closed := strings.Cut(rest, "}")
		if !closed {
			return "", fmt.Errorf("the place {%s is never closed", rest)
		}
		word, err := d.word(place)
		if err != nil {
			return "", err
		}
		b.WriteString(word)
		text = after
	}
}

func (d *drawing) word(place string) (string, error) {
	if name, named := strings.CutPrefix(place, "@"); named {
		v, err := use(name).draw(d)
		return show(v), err
	}
	switch place {
	case "n":
		return strconv.Itoa(max(d.on.Visit, 1)), nil
	case "today":
		return d.on.Now.Format("20060102"), nil
	}
	v, err := d.world.Read(d.on, place)
	return show(v), err
}

func show(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}
