// Package preference is what each person wants to be told by which channel, and when they want to be left in peace. The
// inbox is not among its channels: it keeps everything.
package preference

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/stepwell/stepwell/internal/calendar"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Collection holds one document for each person who chose something.
const Collection = "noticePreferences"

// Choice is whether, and how, somebody wants to be told.
type Choice string

// The choices. Nothing chosen is On.
const (
	On     Choice = "on"     // at once
	Off    Choice = "off"    // the inbox alone
	Digest Choice = "digest" // together with others, once a day
)

// Preferences are one person's choices. The zero value tells everything at once.
type Preferences struct {
	Choices  map[string]map[string]Choice `json:"choices,omitempty"` // cause → channel key
	Quiet    Quiet                        `json:"quiet"`
	DigestAt string                       `json:"digestAt,omitempty"` // "08:30", in the time zone of the channel's calendar; "" is DefaultDigest
}

// Quiet are the hours of a day in which only what is urgent goes out.
type Quiet struct {
	On   bool   `json:"on"`
	From string `json:"from,omitempty"` // "20:00"
	To   string `json:"to,omitempty"`   // "08:00"; before From: on the next day
	// FreeDays makes days on which the calendar has no work quiet as a whole.
	FreeDays bool `json:"freeDays,omitempty"`
}

// DefaultDigest is when digests go to whoever named no time.
const DefaultDigest = "08:30"

// Choice is what the person wants for a cause and a channel.
func (p Preferences) Choice(cause, channel string) Choice {
	if c := p.Choices[cause][channel]; c != "" {
		return c
	}
	return On
}

// NextDigest is the first moment after now at which digests go.
func (p Preferences) NextDigest(now time.Time, cal *calendar.Calendar) time.Time {
	at := p.DigestAt
	if at == "" {
		at = DefaultDigest
	}
	next := on(now.In(cal.Zone()), at)
	if !next.After(now) {
		next = on(next.AddDate(0, 0, 1), at)
	}
	return next
}

// QuietUntil is when the quiet hours end in which a moment lies; false when it lies in none.
func (p Preferences) QuietUntil(now time.Time, cal *calendar.Calendar) (time.Time, bool) {
	if !p.Quiet.On {
		return time.Time{}, false
	}
	at, quiet := now.In(cal.Zone()), false
	// A free day may follow the night, and another night the free day: on until a moment is found that is not quiet.
	for range 400 {
		end, more := p.Quiet.end(at, cal)
		if !more {
			break
		}
		at, quiet = end, true
	}
	return at, quiet
}

// end is when the stretch of quiet ends in which a moment lies.
func (q Quiet) end(at time.Time, cal *calendar.Calendar) (time.Time, bool) {
	if q.FreeDays && !cal.IsWorkingDay(at) {
		return on(at.AddDate(0, 0, 1), "00:00"), true
	}
	if q.From == q.To {
		return time.Time{}, false
	}
	from, to := on(at, q.From), on(at, q.To)
	switch {
	case q.From < q.To && !at.Before(from) && at.Before(to):
		return to, true
	case q.From > q.To && at.Before(to):
		return to, true
	case q.From > q.To && !at.Before(from):
		return on(at.AddDate(0, 0, 1), q.To), true
	}
	return time.Time{}, false
}

// on is a time of day, "15:04", on the day of a moment in its zone; midnight when it cannot be read.
func on(day time.Time, clock string) time.Time {
	t, err := time.Parse("15:04", clock)
	if err != nil {
		t = time.Time{}
	}
	return time.Date(day.Year(), day.Month(), day.Day(), t.Hour(), t.Minute(), 0, 0, day.Location())
}

// ErrInvalid lists what is wrong with preferences.
var ErrInvalid = fault.Define(fault.Invalid, "preference.invalid", "Some choices need another look.", "有些选项需要修改。")

var (
	problemTime    = problem.Define("preference.time", "Give a time such as 08:30.", "请填写时间，例如 08:30。")
	problemChoice  = problem.Define("preference.choice", "Choose on, off or digest.", "请选择 on、off 或 digest。")
	problemCause   = problem.Define("preference.cause", "There is no cause {cause}. Choose one of {known}.", "没有“{cause}”这种通知原因，请选择：{known}。")
	problemChannel = problem.Define("preference.channel", "There is no channel {channel} for one person.", "没有面向个人的通知渠道“{channel}”。")
)

// Check says what is wrong with preferences, given the causes and channels there are.
func (p Preferences) Check(causes, channels []string) []problem.Problem {
	var found []problem.Problem
	isTime := func(s string) bool {
		_, err := time.Parse("15:04", s)
		return err == nil && len(s) == len("15:04")
	}
	if p.DigestAt != "" && !isTime(p.DigestAt) {
		found = append(found, problemTime.At("/digestAt", nil))
	}
	for _, end := range []struct{ at, value string }{{"/quiet/from", p.Quiet.From}, {"/quiet/to", p.Quiet.To}} {
		if (p.Quiet.On || end.value != "") && !isTime(end.value) {
			found = append(found, problemTime.At(end.at, nil))
		}
	}
	for _, cause := range slices.Sorted(maps.Keys(p.Choices)) {
		if !slices.Contains(causes, cause) {
			found = append(found, problemCause.At(problem.Pointer("choices", cause), problem.Params{"cause": cause, "known": causes}))
			continue
		}
		for _, channel := range slices.Sorted(maps.Keys(p.Choices[cause])) {
			at := problem.Pointer("choices", cause, channel)
			if !slices.Contains(channels, channel) {
				found = append(found, problemChannel.At(at, problem.Params{"channel": channel}))
			} else if !slices.Contains([]Choice{On, Off, Digest}, p.Choices[cause][channel]) {
				found = append(found, problemChoice.At(at, nil))
			}
		}
	}
	return found
}

// Book keeps everybody's preferences.
type Book struct{ store store.Store }

// NewBook makes the book of a store.
func NewBook(st store.Store) *Book { return &Book{store: st} }

type page struct {
	ID string `json:"_id"`
	Preferences
}

// Of reads what a person chose; the zero value when they chose nothing.
func (b *Book) Of(ctx context.Context, user string) (Preferences, error) {
	p, err := store.Load[page](ctx, b.store, Collection, user)
	if err != nil && !fault.Has(err, store.ErrNotFound) {
		return Preferences{}, fmt.Errorf("read the preferences of %s: %w", user, err)
	}
	return p.Preferences, nil
}

// Keep stores what a person chose. Whoever keeps last is right: they are one person's own.
func (b *Book) Keep(ctx context.Context, user string, p Preferences) error {
	doc, err := json.Marshal(page{user, p})
	if err == nil {
		err = b.store.Apply(ctx, store.Write{Op: store.OpPut, Collection: Collection, ID: user, Doc: doc})
	}
	if err != nil {
		return fmt.Errorf("keep the preferences of %s: %w", user, err)
	}
	return nil
}
