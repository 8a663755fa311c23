// Package ui carries the built single-page app inside the binary.
package ui

import (
	"embed"
	"fmt"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Dist is the built app with index.html at its root. In a tree where the app was never built it holds only a
// placeholder, so opening index.html answers fs.ErrNotExist.
func Dist() (fs.FS, error) {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, fmt.Errorf("open the embedded app: %w", err)
	}
	return sub, nil
}
