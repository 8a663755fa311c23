package form

import (
	"slices"
	"strings"
)

// Index is what the store should find records by: its keys in their order.
type Index struct {
	Keys   []Key
	Unique bool
	Array  bool // the only key holds a list; its entries are found
}

// Key is a field, or one of SystemColumns.
type Key struct {
	Name  string
	Field bool
}

// defaultSort is what lists are sorted by when a form does not say.
const defaultSort = "updatedAt"

// Indexes are the indexes that a form asks for: its unique sets, those it lists, what its lists filter by followed by what
// they are sorted by, that by itself, and its links, because the record at the other end lists who points to it.
func (e *Executable) Indexes() []Index {
	w := wanted{e: e, sort: e.key(strings.TrimPrefix(e.Form.List.Sort, "-"))}
	if w.sort.Name == "" {
		w.sort.Name = defaultSort
	}
	for _, set := range e.Form.Unique {
		w.add(Index{Keys: e.keys(set), Unique: true})
	}
	for _, set := range e.Form.Indexes {
		w.add(Index{Keys: e.keys(set)})
	}
	for _, key := range e.Form.List.Indexed {
		if f, ok := e.Field(key); ok {
			w.filtered(f)
		}
	}
	if w.sort.Field {
		w.add(Index{Keys: []Key{w.sort}})
	}
	for i := range e.Fields {
		if e.Fields[i].Type == Link {
			w.filtered(&e.Fields[i])
		}
	}
	return w.indexes
}

// key finds what a name means: a field of the form before the record's own column of that name.
func (e *Executable) key(name string) Key {
	_, field := e.byKey[name]
	return Key{Name: name, Field: field}
}

func (e *Executable) keys(names []string) []Key {
	out := make([]Key, len(names))
	for i, name := range names {
		out[i] = e.key(name)
	}
	return out
}

// wanted gathers indexes, each once.
type wanted struct {
	e       *Executable
	sort    Key
	indexes []Index
}

func (w *wanted) add(x Index) {
	if !slices.ContainsFunc(w.indexes, func(o Index) bool { return o.Unique == x.Unique && slices.Equal(o.Keys, x.Keys) }) {
		w.indexes = append(w.indexes, x)
	}
}

// filtered adds the index of a list that is filtered by one field. A unique field finds so few records that nothing more helps.
func (w *wanted) filtered(f *Field) {
	own := Key{Name: f.Key, Field: true}
	unique := func(x Index) bool { return x.Unique && len(x.Keys) == 1 && x.Keys[0] == own }
	switch {
	case slices.ContainsFunc(w.indexes, unique):
	case f.JSONType() == "array":
		w.add(Index{Keys: []Key{own}, Array: true})
	case w.sort == own:
		w.add(Index{Keys: []Key{own}})
	default:
		w.add(Index{Keys: []Key{own, w.sort}})
	}
}
