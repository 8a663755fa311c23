// Package limit holds the shape of a limit definition: how far people may go on their own authority, such as the discount
// that a role may give. Rules read it as user.limits.<key> for whoever acts and as record.limits.<key> for the owner of the
// record.
package limit

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Limit is the body of a definition of kind "limit".
type Limit struct {
	definition.Head
	// Form and Field name the field that the limit is about, so that its page can show it; none: it is only read by rules.
	Form  string `json:"form,omitempty"`
	Field string `json:"field,omitempty"`
	// Unit is shown behind a value: "%", "days". Currency, such as CNY, makes values amounts of money.
	Unit     definition.Text `json:"unit,omitempty"`
	Currency string          `json:"currency,omitempty"`
	// Default is the limit of people whom no row names.
	Default float64 `json:"default"`
	Rows    []Row   `json:"rows,omitempty"`
	// Above says where a case beyond the limit goes: "to the sales director".
	Above definition.Text `json:"above,omitempty"`
}

// Row is the limit of everybody who holds a role of the app, or of one person.
type Row struct {
	Role   string `json:"role,omitempty"`
	Person string `json:"person,omitempty"` // user id
	// Value is the limit; Unlimited says that there is none.
	Value     float64 `json:"value,omitempty"`
	Unlimited bool    `json:"unlimited,omitempty"`
	// Note says why, such as "while the director is away".
	Note string `json:"note,omitempty"`
}

// NoLimit is what rules read where a row says Unlimited: the largest whole number that JSON readers agree on.
const NoLimit = float64(1<<53 - 1)

func (r Row) limit() float64 {
	if r.Unlimited {
		return NoLimit
	}
	return r.Value
}

// Of is the limit of a person who holds these roles. A row for the person alone is stronger than those of roles, of which the
// highest counts.
func (l *Limit) Of(person string, roles []string) float64 {
	of, found := l.Default, false
	for _, r := range l.Rows {
		switch {
		case r.Person != "" && r.Person == person:
			return r.limit()
		case r.Role != "" && slices.Contains(roles, r.Role) && (!found || r.limit() > of):
			of, found = r.limit(), true
		}
	}
	return of
}

// Problems of one limit.
var (
	CodeWhom  = problem.Define("limit.whom", "A row is for a role or for a person: name one of the two.", "每一行只能针对一个角色或一个人，请二选一。")
	CodeTwice = problem.Define("limit.twice", "{who} has a row already. Keep one of the two.", "“{who}”已有一行，请只保留一行。")
	CodeField = problem.Define("limit.field", "A limit on a field names its form and the field.", "限额对应字段时，须同时填写表单和字段。")
	CodeBoth  = problem.Define("limit.both", "A row with a value is not unlimited. Remove one of the two.", "填写了数值就不是不限，请去掉其中一个。")
	CodeUnits = problem.Define("limit.units", "An amount of money has a currency, anything else a unit: remove one of the two.", "金额用币种，其他数值用单位，请去掉其中一个。")
)

// Check says what stands between a limit and its use, as far as it can be told without the rest of the app.
func (l *Limit) Check() []problem.Problem {
	var out []problem.Problem
	if (l.Form == "") != (l.Field == "") {
		out = append(out, CodeField.At("/field", nil))
	}
	if l.Currency != "" && !l.Unit.Empty() {
		out = append(out, CodeUnits.At("/unit", nil))
	}
	for i, r := range l.Rows {
		at := "/rows/" + strconv.Itoa(i)
		if (r.Role == "") == (r.Person == "") {
			out = append(out, CodeWhom.At(at, nil))
			continue
		}
		if r.Unlimited && r.Value != 0 {
			out = append(out, CodeBoth.At(at+"/value", nil))
		}
		if slices.ContainsFunc(l.Rows[:i], func(o Row) bool { return o.Role == r.Role && o.Person == r.Person }) {
			out = append(out, CodeTwice.At(at, problem.Params{"who": r.Role + r.Person}))
		}
	}
	return out
}

// Parse reads a limit definition.
func Parse(doc []byte) (*Limit, error) {
	var l Limit
	if err := json.Unmarshal(doc, &l); err != nil {
		return nil, fmt.Errorf("read limit: %w", err)
	}
	return &l, nil
}
