package apps_test

import (
	"errors"
	"io/fs"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/schemas/apps"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/sample"
)

// loadSample gives the sample data of an app, nil when it has none.
func loadSample(t *testing.T, key string) (*sample.Sample, parts) {
	t.Helper()
	dir, err := apps.Open(key)
	require.NoError(t, err)
	sub, err := fs.Sub(dir, "sample")
	require.NoError(t, err)
	s, err := sample.Load(sub)
	if errors.Is(err, sample.ErrAbsent) {
		return nil, parts{}
	}
	require.NoError(t, err)
	return s, load(t, key)
}

func TestShippedSamples(t *testing.T) {
	t.Run("can_be_played_on_the_definitions_beside_them", func(t *testing.T) {
		for _, key := range shipped(t) {
			s, p := loadSample(t, key)
			if s == nil {
				continue
			}
			none(t, key, s.Check(sample.Parts{Forms: p.forms, Flows: p.flows, Roles: roleKeys(p), Calendars: p.calendars}))
		}
	})
	t.Run("draw_values_that_the_forms_accept", func(t *testing.T) {
		for _, key := range shipped(t) {
			s, p := loadSample(t, key)
			if s == nil {
				continue
			}
			forms := map[string]*form.Executable{}
			for key, f := range p.forms {
				exec, problems := form.Compile(f)
				require.Empty(t, problems)
				forms[key] = exec
			}
			for _, draw := range drawsOf(s, p) {
				exec := forms[draw.form]
				for salt := range uint64(25) {
					world := &imaginary{t: t, people: s.Company.People}
					on := sample.Subject{
						Form: draw.form, Data: map[string]any{}, Owner: "wanglei", Actor: "wanglei",
						Now: time.Date(2026, 3, 3, 10, 0, 0, 0, time.UTC), Visit: 1,
					}
					dice := sample.NewDice(&s.Script, world, salt)
					drawn := map[string]any{}
					for _, set := range draw.sets {
						values, err := dice.Draw(set, on)
						require.NoError(t, err, draw.name)
						maps.Copy(drawn, values)
					}
					for _, problem := range exec.Validate(uploaded(drawn), form.Options{Submit: draw.whole, Require: draw.require}) {
						t.Errorf("%s: %s", draw.name, problem.Error())
					}
				}
			}
		}
	})
}

// drawing is one place of a script where values are drawn together.
type drawing struct {
	name, form string
	sets       []sample.Fields
	whole      bool     // it makes a new record, so everything the form requires must be there
	require    []string // fields the step requires
}

func drawsOf(s *sample.Sample, p parts) []drawing {
	var out []drawing
	linked := func(key string) sample.Fields {
		var f sample.Fields
		if key != "" {
			_ = f.UnmarshalJSON([]byte(`{"` + key + `": "record-1"}`))
		}
		return f
	}
	owned := func(formKey string) sample.Fields { return linked(p.forms[formKey].Owner) }
	for _, setup := range s.Script.Setup {
		rows := s.Rows[setup.Rows]
		if setup.Rows == "" {
			rows = []sample.Fields{nil}
		}
		for _, row := range rows[:min(len(rows), 20)] {
			out = append(out, drawing{name: "setup " + setup.Form, form: setup.Form, whole: true, sets: []sample.Fields{owned(setup.Form), linked(setup.Link), row, setup.Set}})
		}
	}
	for _, a := range s.Script.Arrivals {
		out = append(out, drawing{name: "arrival " + a.Form, form: a.Form, whole: true, sets: []sample.Fields{a.Set}})
	}
	for _, c := range s.Script.Companions {
		out = append(out, drawing{name: "companion " + c.Form, form: c.Form, whole: true, sets: []sample.Fields{owned(c.Form), linked(c.Link), c.Set}})
	}
	for key, plays := range s.Script.Plays {
		f := p.flows[key]
		for id, play := range plays {
			block, _ := f.Find(id)
			for _, o := range play.Outcomes {
				if o.Do != sample.Complete && o.Do != sample.Approve {
					continue
				}
				d := drawing{name: key + "/" + id + "/" + o.Key, form: f.Form, sets: []sample.Fields{play.Set, o.Set}}
				if o.Only {
					d.sets = d.sets[1:]
				} else {
					for field, access := range block.Fields {
						if access == flow.Required {
							d.require = append(d.require, field)
						}
					}
				}
				out = append(out, d)
			}
		}
	}
	return out
}

// imaginary answers every question with something plausible.
type imaginary struct {
	t      *testing.T
	people []sample.Person
}

func (w *imaginary) Records(formKey string, _ map[string]any) ([]string, error) {
	return []string{formKey + "-1", formKey + "-2"}, nil
}

func (w *imaginary) Read(on sample.Subject, path string) (any, error) {
	if v, ok := on.Data[path]; ok {
		return v, nil
	}
	switch {
	case strings.HasSuffix(path, "paymentTerms"):
		return "net60", nil
	case slices.Contains([]string{"code", "customer.code", "customer.shortName"}, path):
		return "KH-0001", nil
	}
	// Numbers and dates that earlier steps would have filled in.
	known := map[string]any{
		"targetPrice": 20.5, "annualVolume": 12000.0, "quotedUnitPrice": 21.2, "pilotQuantity": 200.0, "pilotMade": 201.0,
		"contractQuantity": 4800.0, "contractAmount": 96000.0, "orderQuantity": 900.0, "shippedQuantity": 900.0,
		"expectedSop": "2026-12-01", "materialGrade": "ADC12",
	}
	if v, ok := known[path]; ok {
		return v, nil
	}
	return "somebody", nil
}

func (w *imaginary) Eval(on sample.Subject, cel string) (any, error) {
	switch cel {
	case "form.competitorMentioned == true":
		return on.Data["competitorMentioned"] == true, nil
	case "has(form.nextStep)":
		return on.Data["nextStep"] != nil, nil
	case "max(round(form.expectedAmount / form.targetPrice, 0), 100.0)":
		return math.Round(400000 / on.Data["targetPrice"].(float64)), nil
	}
	w.t.Errorf("the test does not know the rule %q", cel)
	return nil, nil
}

func (w *imaginary) Holders(string) []string { return []string{"wanglei", "liting"} }

func (w *imaginary) User(username string) string {
	if slices.ContainsFunc(w.people, func(p sample.Person) bool { return p.Username == username }) {
		return username
	}
	return ""
}

// uploaded puts what a file field holds in the place of files that are still to be uploaded.
func uploaded(data map[string]any) map[string]any {
	for key, value := range data {
		list, _ := value.([]any)
		for i, item := range list {
			if f, ok := item.(sample.NewFile); ok {
				list[i] = map[string]any{"id": "file-1", "name": f.Name, "size": float64(len(f.Content)), "type": "application/pdf"}
			}
		}
		data[key] = value
	}
	return data
}

func TestSalesManufacturingSample(t *testing.T) {
	s, p := loadSample(t, "sales-manufacturing")
	t.Run("is_a_company_of_forty_with_a_manager_above_everybody_but_one", func(t *testing.T) {
		require.GreaterOrEqual(t, len(s.Company.People), 40)
		var top []string
		for _, person := range s.Company.People {
			if person.Manager == "" {
				top = append(top, person.Username)
			}
		}
		require.Len(t, top, 1)
	})
	t.Run("fills_every_role_that_a_step_is_given_to", func(t *testing.T) {
		for _, f := range p.flows {
			for b := range f.All() {
				for _, who := range b.Who {
					held := slices.ContainsFunc(s.Company.People, func(person sample.Person) bool { return slices.Contains(person.Roles, who.Role) })
					require.True(t, who.Role == "" || held, "nobody is %s, who does %s", who.Role, b.ID)
				}
			}
		}
	})
	t.Run("has_customers_for_every_rep", func(t *testing.T) {
		require.GreaterOrEqual(t, len(s.Rows["customers.json"]), 90)
		require.GreaterOrEqual(t, s.Script.Arrivals[0].Count, 400)
	})
}
