package calendar

import (
	"slices"
	"strings"
	"time"

	calendardef "github.com/stepwell/stepwell/schemas/calendar"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Set holds the calendars of one app by key. It never changes and is safe for concurrent use.
type Set struct {
	byKey    map[string]*Calendar
	ofDept   map[string]string // department → key of the calendar that lists it
	standard *Calendar
	zone     *time.Location // where a deadline without a calendar counts its days
}

// NewSet compiles the calendars of an app. One with problems is a CodeBroken fault.
func NewSet(defs []*calendardef.Calendar) (*Set, error) {
	s := &Set{byKey: make(map[string]*Calendar, len(defs)), ofDept: map[string]string{}, standard: Plain(time.UTC)}
	sorted := slices.SortedFunc(slices.Values(defs), func(a, b *calendardef.Calendar) int {
		if a.Default != b.Default {
			if a.Default {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Key, b.Key)
	})
	for i, def := range sorted {
		c, err := Compile(def)
		if err != nil {
			return nil, err
		}
		s.byKey[def.Key] = c
		for _, id := range def.Departments {
			if _, taken := s.ofDept[id]; !taken {
				s.ofDept[id] = def.Key
			}
		}
		if i == 0 {
			s.standard = c
		}
	}
	s.zone = s.standard.zone
	return s, nil
}

// In gives the same calendars with another time zone for deadlines that name no calendar. The zone of NewSet is that of
// the default calendar, or UTC.
func (s *Set) In(zone *time.Location) *Set {
	out := *s
	out.zone = zone
	return &out
}

// Default is the calendar that rules count working days by: the one marked so, else the first by key, else Monday to
// Friday. It is never nil.
func (s *Set) Default() *Calendar { return s.standard }

// DefaultIn is Default, but Monday to Friday in a time zone of the caller's when the app has no calendar.
func (s *Set) DefaultIn(zone *time.Location) *Calendar {
	if len(s.byKey) == 0 {
		return Plain(zone)
	}
	return s.standard
}

// Calendar finds a calendar by key.
func (s *Set) Calendar(key string) (*Calendar, bool) {
	c, ok := s.byKey[key]
	return c, ok
}

// OfDepartment is the key of the calendar that lists a department; "" when none does.
func (s *Set) OfDepartment(id string) string { return s.ofDept[id] }

// Due is the moment that a deadline counted from start ends. An unknown calendar is a CodeUnknown fault, working days
// without a calendar a CodeNeeded one.
func (s *Set) Due(d flow.Deadline, start time.Time) (time.Time, error) {
	c, err := s.find(d.Calendar)
	if err != nil {
		return time.Time{}, err
	}
	if d.Calendar == "" && d.Unit.Working() {
		return time.Time{}, CodeNeeded.With(nil)
	}
	return c.Due(d, start)
}

// Resume is when a deadline ends that ended at due and stood still from paused to resumed. The faults are those of Due.
func (s *Set) Resume(d flow.Deadline, due, paused, resumed time.Time) (time.Time, error) {
	c, err := s.find(d.Calendar)
	if err != nil {
		return time.Time{}, err
	}
	return c.Resume(d, due, paused, resumed)
}

// DayStart is the moment a date such as "2006-01-02" begins in the calendar's time zone; for the key "" in the set's.
func (s *Set) DayStart(calendar, date string) (time.Time, error) {
	c, err := s.find(calendar)
	if err != nil {
		return time.Time{}, err
	}
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return time.Time{}, CodeDay.With(problem.Params{"date": date})
	}
	return wall(day, c.zone), nil
}

func (s *Set) find(key string) (*Calendar, error) {
	if key == "" {
		return Plain(s.zone), nil
	}
	c, ok := s.byKey[key]
	if !ok {
		return nil, CodeUnknown.With(problem.Params{"key": key})
	}
	return c, nil
}
