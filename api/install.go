package api

import (
	"context"

	"github.com/stepwell/stepwell/builder/pack"
	"github.com/stepwell/stepwell/runtime/catalog"
)

// Install puts a shipped app in force, or a newer version of it over the installed one. What differs from the shipped
// definitions is only replaced with overwrite.
func (p *Product) Install(ctx context.Context, template string, overwrite bool, by string) (*catalog.App, error) {
	shipped, err := pack.Shipped(template)
	if err != nil {
		return nil, err
	}
	if _, err := p.Drafts.Install(ctx, shipped, overwrite, "", by); err != nil {
		return nil, err
	}
	if err := p.Catalog.Refresh(ctx, shipped.App.Key); err != nil {
		return nil, err
	}
	return p.Catalog.App(shipped.App.Key)
}
