package flow

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
)

var fillPlace = regexp.MustCompile(`\{([A-Za-z][A-Za-z0-9_]*)\}`)

// Fill puts values into the {places} of a text.
func Fill(text string, value func(key string) string) string {
	return fillPlace.ReplaceAllStringFunc(text, func(place string) string { return value(place[1 : len(place)-1]) })
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
