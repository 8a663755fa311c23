package shifts

import (
	"context"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/records"
	"github.com/stepwell/stepwell/schemas/definition"
)

// How much a preview looks at, and how much of it it lists.
const (
	mostLookedAt = 2000 // timers
	mostListed   = 200  // deadlines
)

// Impact is what a version of a calendar would do to the deadlines that are to come.
type Impact struct {
	Items  []Shift       `json:"items"`  // those that would move or fail, of records that the person may read
	Counts Counts        `json:"counts"` // of all
	More   bool          `json:"more"`   // there are more than were looked at, or than are listed
	Names  records.Names `json:"names"`
}

// Counts are how many deadlines there are of each outcome.
type Counts struct {
	Moves  int `json:"moves"`
	Same   int `json:"same"`
	Frozen int `json:"frozen"`
	Passed int `json:"passed"`
	Fails  int `json:"fails"`
}

// Shift is one deadline that would move.
type Shift struct {
	App        string              `json:"app"`
	Form       string              `json:"form"`
	Record     string              `json:"record"`
	Title      string              `json:"title"`
	Owner      string              `json:"owner"`
	Block      string              `json:"block"`
	BlockTitle definition.Text     `json:"blockTitle"`
	From       store.Moment        `json:"from"`
	To         store.Moment        `json:"to"`
	Outcome    engine.ShiftOutcome `json:"outcome"`
}

// Preview says what a calendar of an app would do to records if body were in force. It writes nothing.
func (s *Service) Preview(ctx context.Context, by, app, key string, body []byte) (*Impact, error) {
	set, err := s.with(ctx, app, key, body)
	if err != nil {
		return nil, err
	}
	out := &Impact{Items: []Shift{}, Names: records.Names{}}
	after, last, seen := "", "", 0
	for {
		found, err := s.counted(ctx, app, key, after, partSize)
		if err != nil {
			return nil, err
		}
		for _, t := range found {
			if t.Record == last {
				continue
			}
			last = t.Record
			shifts, err := s.records.Impact(ctx, t.App, t.Form, t.Record, key, set)
			if fault.Has(err, records.ErrNotFound) {
				continue // deleted meanwhile
			}
			if err != nil {
				return nil, err
			}
			s.list(by, out, shifts)
		}
		seen += len(found)
		if len(found) < partSize {
			return out, nil
		}
		if seen >= mostLookedAt {
			out.More = true
			return out, nil
		}
		after = found[len(found)-1].ID
	}
}

func (s *Service) list(by string, out *Impact, found *records.Impact) {
	for _, shift := range found.Shifts {
		out.Counts.add(shift.Outcome)
		if shift.Outcome != engine.ShiftMoves && shift.Outcome != engine.ShiftFails || !s.records.MayRead(by, found.Record) {
			continue
		}
		if len(out.Items) == mostListed {
			out.More = true
			continue
		}
		rec := found.Record
		s.records.NamePeople(out.Names, rec.Owner)
		out.Items = append(out.Items, Shift{
			App: rec.App, Form: rec.Form, Record: rec.ID, Title: rec.Title, Owner: rec.Owner, Block: shift.Block,
			BlockTitle: found.Flow.BlockTitle(shift.Block), From: store.MomentOf(shift.From), To: store.MomentOf(shift.To), Outcome: shift.Outcome,
		})
	}
}

func (c *Counts) add(o engine.ShiftOutcome) {
	switch o {
	case engine.ShiftMoves:
		c.Moves++
	case engine.ShiftSame:
		c.Same++
	case engine.ShiftFrozen:
		c.Frozen++
	case engine.ShiftPassed:
		c.Passed++
	case engine.ShiftFails:
		c.Fails++
	}
}
