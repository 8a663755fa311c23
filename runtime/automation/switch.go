package automation

import (
	"context"
	"fmt"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
)

// SwitchCollection holds the automations that somebody has paused.
const SwitchCollection = "automationSwitches"

// Switch says who has paused an automation, and when.
type Switch struct {
	ID string       `json:"_id"` // app + "/" + key
	By string       `json:"by"`
	At store.Moment `json:"at"`
}

// Paused tells who has paused an automation; nil when nobody has.
func (s *Service) Paused(ctx context.Context, app, key string) (*Switch, error) {
	one, err := store.Load[Switch](ctx, s.Store, SwitchCollection, app+"/"+key)
	if fault.Has(err, store.ErrNotFound) {
		return nil, nil //nolint:nilnil // nobody has
	}
	if err != nil {
		return nil, fmt.Errorf("look whether %s is paused: %w", key, err)
	}
	return &one, nil
}

// Pause keeps an automation from setting off anything, until Resume. Runs under way go on, and no definition changes.
func (s *Service) Pause(ctx context.Context, app, key, by string) error {
	if _, err := s.Catalog.Automation(ctx, app, key, 0); err != nil {
		return err
	}
	doc, err := store.Encode(Switch{ID: app + "/" + key, By: by, At: store.MomentOf(s.Clock.Now())})
	if err != nil {
		return err
	}
	return s.turn(ctx, store.Write{Op: store.OpPut, Collection: SwitchCollection, ID: app + "/" + key, Doc: doc})
}

// Resume ends a pause. What was due meanwhile is not made up for.
func (s *Service) Resume(ctx context.Context, app, key string) error {
	if _, err := s.Catalog.Automation(ctx, app, key, 0); err != nil {
		return err
	}
	return s.turn(ctx, store.Write{Op: store.OpDelete, Collection: SwitchCollection, ID: app + "/" + key})
}

func (s *Service) turn(ctx context.Context, w store.Write) error {
	if err := s.Store.Apply(ctx, w); err != nil {
		return fmt.Errorf("turn the switch of %s: %w", w.ID, err)
	}
	return nil
}
