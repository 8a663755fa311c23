// Package apps holds the apps that are shipped with Stepwell. They are definitions and sample data, never code: what an
// app does, any customer could have built in the browser.
//
// The folder of an app holds app.json, then one document per definition in forms/, flows/, roles/, calendars/,
// channels/ and limits/, and optionally sample/: a company and the script that plays its history (see schemas/sample).
package apps

import (
	"embed"
	"fmt"
	"io/fs"
)

//go:embed sales-manufacturing
var shipped embed.FS

// Keys lists the shipped apps in alphabetical order.
func Keys() ([]string, error) {
	entries, err := fs.ReadDir(shipped, ".")
	if err != nil {
		return nil, fmt.Errorf("list shipped apps: %w", err)
	}
	keys := make([]string, 0, len(entries))
	for _, e := range entries {
		keys = append(keys, e.Name())
	}
	return keys, nil
}

// Open gives the folder of one shipped app. An unknown key is fs.ErrNotExist.
func Open(key string) (fs.FS, error) {
	if _, err := fs.Stat(shipped, key); err != nil {
		return nil, fmt.Errorf("open shipped app %s: %w", key, err)
	}
	app, err := fs.Sub(shipped, key)
	if err != nil {
		return nil, fmt.Errorf("open shipped app %s: %w", key, err)
	}
	return app, nil
}
