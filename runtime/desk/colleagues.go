package desk

import (
	"context"
	"fmt"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/tasks"
)

// LooksUpColleagues reports whether a person works here in the sense that they may look others up by name: they hold a role
// of some app or of the platform, or something waits for them. An account alone opens no directory.
func (d *Desk) LooksUpColleagues(ctx context.Context, by string) (bool, error) {
	u, ok := d.people.Directory().User(by)
	if !ok {
		return false, nil
	}
	if len(u.Roles) > 0 {
		return true, nil
	}
	n, err := d.store.Count(ctx, tasks.Collection, store.Filter{"waiting": by}, 1)
	if err != nil {
		return false, fmt.Errorf("look for tasks of %s: %w", by, err)
	}
	return n > 0, nil
}
