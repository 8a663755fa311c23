package store

import (
	"encoding/json"
	"fmt"
	"time"
)

// Moment is a point in time inside a stored document: JSON text in TimeFormat, so that filters and indexes may compare
// it. It is exact to the millisecond; what is finer is cut off.
type Moment struct{ time.Time }

// MomentOf makes a Moment of t.
func MomentOf(t time.Time) Moment { return Moment{t.UTC().Truncate(time.Millisecond)} }

// CeilMoment is the first Moment that is not before t.
func CeilMoment(t time.Time) Moment {
	m := MomentOf(t)
	if m.Before(t) {
		m.Time = m.Add(time.Millisecond)
	}
	return m
}

// MarshalJSON writes the moment in TimeFormat.
func (m Moment) MarshalJSON() ([]byte, error) { return json.Marshal(FormatTime(m.Time)) }

// UnmarshalJSON reads any RFC 3339 moment.
func (m *Moment) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("a moment must be text: %w", err)
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return fmt.Errorf("read moment: %w", err)
	}
	*m = MomentOf(t)
	return nil
}

// ParseTime reads what FormatTime wrote.
func ParseTime(s string) (time.Time, error) {
	t, err := time.Parse(TimeFormat, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("read moment: %w", err)
	}
	return t, nil
}
