package records

import (
	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/limit"
)

// Authority is how far one person may go by one limit of an app.
type Authority struct {
	Key      string          `json:"key"`
	Title    definition.Text `json:"title"`
	Field    string          `json:"field,omitempty"` // of the form at hand that it is about
	Unit     definition.Text `json:"unit,omitempty"`
	Currency string          `json:"currency,omitempty"`
	Value    float64         `json:"value"`
	// Unlimited says that the person may go as far as they like; Value is then limit.NoLimit.
	Unlimited bool            `json:"unlimited,omitempty"`
	Above     definition.Text `json:"above,omitempty"` // where a case beyond it goes
}

// authorities are the limits of a person, as far as somebody may know of whom see says what they see: not those on hidden fields.
func (s *Service) authorities(see allowed, person string, f *catalog.Form) []Authority {
	if len(f.App.Limits) == 0 {
		return nil
	}
	values := s.limits(person, f.App.Key)
	out := make([]Authority, 0, len(f.App.Limits))
	for _, l := range f.App.Limits {
		value, _ := values[l.Key].(float64)
		a := Authority{
			Key: l.Key, Title: l.Title, Unit: l.Unit, Currency: l.Currency, Value: value, Unlimited: value >= limit.NoLimit, Above: l.Above,
		}
		if l.Form == f.Key {
			a.Field = l.Field
		}
		if a.Field == "" || see.sees(a.Field) {
			out = append(out, a)
		}
	}
	return out
}

// limits are those of a person as rules read them. Somebody who is not there has those of nobody in particular.
func (s *Service) limits(person, app string) map[string]any {
	a, err := s.catalog.App(app)
	if err != nil || len(a.Limits) == 0 {
		return nil // a rule that reads one compiles only where there is one
	}
	var roles []string
	if u, ok := s.people.Directory().User(person); ok {
		roles = u.RolesIn(app)
	}
	return a.LimitsOf(person, roles)
}
