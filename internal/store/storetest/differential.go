package storetest

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
)

const (
	docsPerRound  = 40
	casesPerRound = 200
)

// Differential asks two stores n generated questions about generated documents and requires equal answers.
func Differential(t *testing.T, a, b store.Store, n int, seed uint64) {
	t.Helper()
	g := generator{rand.New(rand.NewPCG(seed, 1))} //nolint:gosec // the same cases in every run
	for round := 0; n > 0; round++ {
		collection := fmt.Sprintf("c%d", round)
		fill(t, g, collection, a, b)
		for range min(n, casesPerRound) {
			compareOne(t, g, collection, a, b)
		}
		n -= casesPerRound
		for i := range docsPerRound { // an empty collection costs nothing
			w := store.Write{Op: store.OpDelete, Collection: collection, ID: fmt.Sprintf("d%02d", i)}
			if round%10 == 0 {
				require.NoError(t, a.Apply(t.Context(), w))
				require.NoError(t, b.Apply(t.Context(), w))
			}
		}
	}
}

func fill(t *testing.T, g generator, collection string, stores ...store.Store) {
	t.Helper()
	indexes := g.indexes()
	var writes []store.Write
	for i := range docsPerRound {
		id := fmt.Sprintf("d%02d", i)
		doc, err := store.Encode(g.document(id))
		require.NoError(t, err)
		writes = append(writes, store.Write{Op: store.OpInsert, Collection: collection, ID: id, Doc: doc})
	}
	late := g.chance(30) // indexes of documents that are there already
	for _, s := range stores {
		if !late {
			require.NoError(t, s.EnsureIndexes(t.Context(), collection, indexes...))
		}
		require.NoError(t, s.Apply(t.Context(), writes...))
		if late {
			require.NoError(t, s.EnsureIndexes(t.Context(), collection, indexes...))
		}
	}
}

// question is one generated case: what was asked, for the message, and how to ask it.
type question struct {
	text    string
	ask     func(context.Context, store.Store) ([]store.Doc, error)
	ordered bool
}

func (g generator) question(collection string) question {
	switch g.IntN(10) {
	case 0, 1:
		f, limit := g.filter(2), int64(g.IntN(2)*g.IntN(20))
		return question{spell("count", f, limit), func(ctx context.Context, s store.Store) ([]store.Doc, error) {
			n, err := s.Count(ctx, collection, f, limit)
			return []store.Doc{fmt.Appendf(nil, "%d", n)}, err
		}, true}
	case 2, 3, 4:
		p := g.pipeline()
		_, ordered := p[len(p)-1]["$sort"]
		if _, limited := p[len(p)-1]["$limit"]; limited {
			ordered = true
		}
		return question{spell("aggregate", p), func(ctx context.Context, s store.Store) ([]store.Doc, error) {
			return s.Aggregate(ctx, collection, p)
		}, ordered}
	default:
		q := g.query()
		return question{spell("find", q), func(ctx context.Context, s store.Store) ([]store.Doc, error) {
			return s.Find(ctx, collection, q)
		}, true}
	}
}

func spell(parts ...any) string {
	var b strings.Builder
	for _, p := range parts {
		text, err := json.Marshal(p)
		if err != nil {
			text = fmt.Append(nil, p)
		}
		b.Write(text)
		b.WriteByte(' ')
	}
	return b.String()
}

func compareOne(t *testing.T, g generator, collection string, a, b store.Store) {
	t.Helper()
	q := g.question(collection)
	fromA, errA := q.ask(t.Context(), a)
	fromB, errB := q.ask(t.Context(), b)
	if codeOf(errA) != codeOf(errB) {
		require.Failf(t, "one refuses, the other not", "%s\n%v\n%v", q.text, errA, errB)
	}
	linesA, linesB := lines(t, fromA), lines(t, fromB)
	if !sameLines(linesA, linesB, q.ordered) {
		require.Failf(t, "different answers", "%s in %s\n--- %T\n%s\n--- %T\n%s", q.text, collection, a, spellLines(linesA), b, spellLines(linesB))
	}
}

func codeOf(err error) string {
	if f, ok := fault.As(err); ok {
		return f.Code.ID
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func lines(t *testing.T, docs []store.Doc) []any {
	t.Helper()
	out := make([]any, len(docs))
	for i, d := range docs {
		v, err := store.Decode[any](d)
		require.NoError(t, err)
		out[i] = v
	}
	return out
}

func spellLines(lines []any) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(spell(l) + "\n")
	}
	return b.String()
}

// sameLines compares answers, in any order unless it was asked for one.
func sameLines(a, b []any, ordered bool) bool {
	if ordered {
		return slices.EqualFunc(a, b, sameJSON)
	}
	rest := slices.Clone(b)
	for _, v := range a {
		i := slices.IndexFunc(rest, func(w any) bool { return sameJSON(v, w) })
		if i < 0 {
			return false
		}
		rest = slices.Delete(rest, i, i+1)
	}
	return len(rest) == 0
}

// sameJSON compares what was read from JSON: integers exactly, other numbers to twelve digits, members in any order.
func sameJSON(a, b any) bool {
	switch x := a.(type) {
	case json.Number:
		y, ok := b.(json.Number)
		return ok && sameNumber(x, y)
	case []any:
		y, ok := b.([]any)
		return ok && slices.EqualFunc(x, y, sameJSON)
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for name, v := range x {
			w, ok := y[name]
			if !ok || !sameJSON(v, w) {
				return false
			}
		}
		return true
	default:
		return a == b
	}
}

func sameNumber(a, b json.Number) bool {
	n, errA := a.Int64()
	m, errB := b.Int64()
	if errA == nil && errB == nil {
		return n == m
	}
	f, errA := a.Float64()
	h, errB := b.Float64()
	return errA == nil && errB == nil && math.Abs(f-h) <= 1e-12*math.Max(math.Abs(f), math.Abs(h))
}
