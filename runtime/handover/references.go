package handover

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/problem"
)

// references are the places of definitions, published and drafts, that name somebody.
func (s *Service) references(ctx context.Context, user string) ([]Reference, error) {
	drafts, err := store.LoadAll[definition.Draft](ctx, s.store, definition.DraftCollection, store.Query{Sort: []store.SortKey{{Path: "_id"}}})
	if err != nil {
		return nil, fmt.Errorf("load definitions: %w", err)
	}
	out := []Reference{}
	for _, d := range drafts {
		if d.Published > 0 {
			v, err := store.Load[definition.Version](ctx, s.store, definition.VersionCollection, definition.VersionID(d.Ref, d.Published))
			if err != nil {
				return nil, fmt.Errorf("load %s: %w", d.ID, err)
			}
			out = append(out, named(d.Ref, d.Published, v.Body, user)...)
			if v.Body == d.Body {
				continue // the draft says the same
			}
		}
		if !d.Deleted {
			out = append(out, named(d.Ref, 0, d.Body, user)...)
		}
	}
	return out, nil
}

// named are the places of a document that hold a user's id, in the order of the keys.
func named(ref definition.Ref, version int, body, user string) []Reference {
	if !strings.Contains(body, user) {
		return nil
	}
	var doc any
	if err := json.Unmarshal([]byte(body), &doc); err != nil {
		return nil // a draft may hold anything
	}
	var out []Reference
	var walk func(v any, path []string)
	walk = func(v any, path []string) {
		switch v := v.(type) {
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(v)) {
				walk(v[key], append(slices.Clip(path), key))
			}
		case []any:
			for i, item := range v {
				walk(item, append(slices.Clip(path), strconv.Itoa(i)))
			}
		case string:
			if v == user {
				out = append(out, Reference{App: ref.App, Kind: string(ref.Kind), Key: ref.Key, Version: version, Pointer: problem.Pointer(path...)})
			}
		}
	}
	walk(doc, nil)
	return out
}

// directory finds what the directory says of somebody that an admin has to change.
func (s *Service) directory(user string, out *Report) {
	d := s.people.Directory()
	for _, dep := range d.Departments() {
		if dep.Head == user {
			out.Departments = append(out.Departments, dep.ID)
		}
	}
	out.Reports = append(out.Reports, d.ReportsOf(user)...)
}
