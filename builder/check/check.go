// Package check finds what keeps an app from running: what is wrong inside one definition, and between them. It looks
// at the whole app, because a change of a form can break the flow that uses it.
package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/stepwell/stepwell/schemas"
	"github.com/stepwell/stepwell/schemas/app"
	"github.com/stepwell/stepwell/schemas/assignment"
	"github.com/stepwell/stepwell/schemas/automation"
	"github.com/stepwell/stepwell/schemas/calendar"
	"github.com/stepwell/stepwell/schemas/channel"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/limit"
	"github.com/stepwell/stepwell/schemas/problem"
	"github.com/stepwell/stepwell/schemas/role"
)

// Document is the JSON text of one definition.
type Document struct {
	Ref  definition.Ref
	Body []byte
}

// Finding is a problem of one definition.
//
//nolint:errname // it is told to people, never returned as an error, though its Problem could be
type Finding struct {
	Ref definition.Ref
	problem.Problem
}

// Func looks at a whole app for problems that this package cannot see.
type Func func(*Set) []Finding

// Set is an app as it would be published: its documents, read. A document that cannot be read is only a finding.
type Set struct {
	App       string
	Documents []Document

	Def         *app.App // nil when there is none
	Forms       map[string]*Form
	Flows       map[string]*flow.Flow
	Roles       map[string]*role.Role
	Calendars   map[string]*calendar.Calendar
	Channels    map[string]*channel.Channel
	Limits      map[string]*limit.Limit
	Assignments map[string]*assignment.Assignment
	Automations map[string]*automation.Automation

	findings []Finding
}

// Form is a form with its fields at hand.
type Form struct {
	*form.Form
	Exec *form.Executable // nil when the form does not compile
}

// Read makes a Set of documents of one app.
func Read(appKey string, documents []Document) (*Set, error) {
	s := &Set{
		App: appKey, Documents: documents, Forms: map[string]*Form{}, Flows: map[string]*flow.Flow{},
		Roles: map[string]*role.Role{}, Calendars: map[string]*calendar.Calendar{}, Channels: map[string]*channel.Channel{},
		Limits: map[string]*limit.Limit{}, Assignments: map[string]*assignment.Assignment{}, Automations: map[string]*automation.Automation{},
	}
	for _, d := range documents {
		if err := s.read(d); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *Set) read(d Document) error {
	shape, err := schemas.Validate(d.Ref.Kind, d.Body, true)
	if err != nil {
		return fmt.Errorf("check %s: %w", d.Ref.ID(), err)
	}
	s.add(d.Ref, "", shape...)
	unreadable, err := schemas.Validate(d.Ref.Kind, d.Body, false)
	if err != nil {
		return fmt.Errorf("check %s: %w", d.Ref.ID(), err)
	}
	if len(unreadable) > 0 {
		return nil // shape has told it already
	}
	if err := s.parse(d); err != nil {
		s.add(d.Ref, "", ErrUnread.At("", problem.Params{"why": err.Error()}))
	}
	return nil
}

// ErrUnread is a document of the right shape with a value that cannot be kept, such as a number of a hundred digits.
var ErrUnread = problem.Define("check.unread", "This cannot be read: {why}.", "此内容无法读取：{why}。")

func (s *Set) parse(d Document) error {
	head, err := Head(d)
	if err != nil {
		return err
	}
	s.add(d.Ref, "", identity(d.Ref, head)...)
	switch key := d.Ref.Key; d.Ref.Kind {
	case definition.KindApp:
		s.Def, err = app.Parse(d.Body)
	case definition.KindForm:
		s.Forms[key], err = readForm(d.Body)
	case definition.KindFlow:
		s.Flows[key], err = flow.Parse(d.Body)
	case definition.KindRole:
		s.Roles[key], err = role.Parse(d.Body)
	case definition.KindCalendar:
		s.Calendars[key], err = calendar.Parse(d.Body)
	case definition.KindChannel:
		s.Channels[key], err = channel.Parse(d.Body)
	case definition.KindLimit:
		s.Limits[key], err = limit.Parse(d.Body)
	case definition.KindAutomation:
		s.Automations[key], err = automation.Parse(d.Body)
	case definition.KindAssignment:
		s.Assignments[key], err = assignment.Parse(d.Body)
	}
	return err
}

func readForm(body []byte) (*Form, error) {
	f, err := form.Parse(body)
	if err != nil {
		return nil, err
	}
	// What keeps it from compiling is found again, and reported, by form.Check.
	exec, _ := form.Compile(f)
	return &Form{Form: f, Exec: exec}, nil
}

func (s *Set) add(ref definition.Ref, at string, problems ...problem.Problem) {
	for _, p := range problems {
		p.Pointer = at + p.Pointer
		s.findings = append(s.findings, Finding{Ref: ref, Problem: p})
	}
}

func (s *Set) ref(kind definition.Kind, key string) definition.Ref {
	return definition.Ref{App: s.App, Kind: kind, Key: key}
}

// Run says everything that is wrong with an app, in the order of its definitions' kinds and keys. Nothing means that it
// can be published.
func (s *Set) Run(more ...Func) []Finding {
	s.forms()
	s.flows()
	s.automations()
	s.assignments()
	s.roles()
	s.calendars()
	s.limits()
	s.channels()
	s.menu()
	for _, f := range more {
		s.findings = append(s.findings, f(s)...)
	}
	return tidy(s.findings)
}

// tidy sorts findings and drops those that two checks have found alike.
func tidy(findings []Finding) []Finding {
	order := definition.Kinds()
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(slices.Index(order, a.Ref.Kind), slices.Index(order, b.Ref.Kind)),
			strings.Compare(a.Ref.Key, b.Ref.Key), strings.Compare(a.Pointer, b.Pointer), strings.Compare(a.Code.ID, b.Code.ID))
	})
	return slices.CompactFunc(findings, func(a, b Finding) bool {
		return a.Ref == b.Ref && a.Pointer == b.Pointer && a.Code.ID == b.Code.ID && a.Message("en") == b.Message("en")
	})
}
