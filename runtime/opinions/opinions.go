// Package opinions keeps the words that people use again and again in their decisions: everybody their own, and an app those
// that it offers to all.
package opinions

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Collection holds one list for every person and app that has any.
const Collection = "opinions"

const (
	mostItems = 50
	longest   = 500 // characters
)

// ErrInvalid refuses a list, with the places.
var ErrInvalid = fault.Define(fault.Invalid, "opinions.invalid", "Some of the texts need to be mended.", "有些常用语需要修改。")

var (
	problemMany  = problem.Define("opinions.many", "At most {max} texts. Remove some.", "最多 {max} 条，请删除一些。")
	problemEmpty = problem.Define("opinions.empty", "Write something, or remove it.", "请填写内容，或删除此条。")
	problemLong  = problem.Define("opinions.long", "At most {max} characters.", "最多 {max} 个字符。")
)

// Lists are what somebody may choose from.
type Lists struct {
	Mine []string          `json:"mine"`
	App  []definition.Text `json:"app"`
}

// Service keeps the lists.
type Service struct{ store store.Store }

// New makes the service of a store.
func New(s store.Store) *Service { return &Service{store: s} }

type stored[T any] struct {
	ID    string `json:"_id"`
	Items []T    `json:"items"`
}

func ofUser(user string) string { return "user." + user }
func ofApp(app string) string   { return "app." + app }

// Of are a person's own texts, and those of an app; "" for none.
func (s *Service) Of(ctx context.Context, user, app string) (Lists, error) {
	out := Lists{Mine: []string{}, App: []definition.Text{}}
	mine, err := load[string](ctx, s.store, ofUser(user))
	if err != nil {
		return out, err
	}
	out.Mine = append(out.Mine, mine...)
	if app == "" {
		return out, nil
	}
	offered, err := load[definition.Text](ctx, s.store, ofApp(app))
	out.App = append(out.App, offered...)
	return out, err
}

func load[T any](ctx context.Context, st store.Store, id string) ([]T, error) {
	found, err := store.Load[stored[T]](ctx, st, Collection, id)
	if err != nil && !fault.Has(err, store.ErrNotFound) {
		return nil, fmt.Errorf("load opinions of %s: %w", id, err)
	}
	return found.Items, nil
}

// SetMine replaces somebody's own texts, in their order: ErrInvalid with the places.
func (s *Service) SetMine(ctx context.Context, user string, items []string) error {
	trimmed := make([]string, len(items))
	for i, text := range items {
		trimmed[i] = strings.TrimSpace(text)
	}
	return save(ctx, s.store, ofUser(user), trimmed, func(text string) []string { return []string{text} })
}

// SetApp replaces the texts that an app offers: ErrInvalid with the places.
func (s *Service) SetApp(ctx context.Context, app string, items []definition.Text) error {
	return save(ctx, s.store, ofApp(app), items, func(t definition.Text) []string {
		if t.Empty() {
			return []string{""}
		}
		var all []string
		for _, text := range t {
			all = append(all, strings.TrimSpace(text))
		}
		return all
	})
}

func save[T any](ctx context.Context, st store.Store, id string, items []T, words func(T) []string) error {
	var problems []problem.Problem
	if len(items) > mostItems {
		problems = append(problems, problemMany.At("/items", problem.Params{"max": mostItems}))
	}
	for i, item := range items {
		for _, text := range words(item) {
			at := problem.Pointer("items", strconv.Itoa(i))
			switch {
			case text == "":
				problems = append(problems, problemEmpty.At(at, nil))
			case len([]rune(text)) > longest:
				problems = append(problems, problemLong.At(at, problem.Params{"max": longest}))
			}
		}
	}
	if len(problems) > 0 {
		return ErrInvalid.With(nil, problems...)
	}
	if items == nil {
		items = []T{}
	}
	doc, err := store.Encode(stored[T]{ID: id, Items: items})
	if err != nil {
		return fmt.Errorf("encode opinions of %s: %w", id, err)
	}
	if err := st.Apply(ctx, store.Write{Op: store.OpPut, Collection: Collection, ID: id, Doc: doc}); err != nil {
		return fmt.Errorf("keep opinions of %s: %w", id, err)
	}
	return nil
}
