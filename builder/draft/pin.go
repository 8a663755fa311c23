package draft

import (
	"context"
	"fmt"

	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
)

// pin writes into a flow's new version which versions of its sub-flows it runs with: those of the same publication, else
// those in force. A later version of a sub-flow counts from the next publication of the flow around it.
func (s *Service) pin(ctx context.Context, c *change, changes []change) error {
	if c.next.Kind != definition.KindFlow {
		return nil
	}
	f, err := flow.Parse([]byte(c.next.Body))
	if err != nil {
		return err
	}
	for _, key := range f.Uses() {
		ref := definition.Ref{App: c.next.App, Kind: definition.KindFlow, Key: key}
		number, err := s.versionOf(ctx, ref, changes)
		if err != nil {
			return fmt.Errorf("pin %s in %s: %w", key, c.next.Key, err)
		}
		if c.version.Uses == nil {
			c.version.Uses = map[string]int{}
		}
		c.version.Uses[key] = number
	}
	return nil
}

func (s *Service) versionOf(ctx context.Context, ref definition.Ref, changes []change) (int, error) {
	for i := range changes {
		if changes[i].next.Ref == ref {
			return changes[i].version.Number, nil
		}
	}
	d, err := s.Load(ctx, ref)
	if err != nil {
		return 0, err
	}
	return d.Published, nil
}
