package api_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/records"
)

// heard passes on what is logged.
type heard struct {
	slog.Handler
	said chan string
}

func (h heard) Enabled(context.Context, slog.Level) bool { return true }

func (h heard) Handle(_ context.Context, r slog.Record) error {
	select {
	case h.said <- r.Message:
	default:
	}
	return nil
}

func TestIndexesOfAFormWithManyRecords(t *testing.T) {
	h := openHouse(t, monday)
	said := make(chan string, 100)
	h.product.Log = slog.New(heard{slog.DiscardHandler, said})
	made := h.create("director", "product", m{"name": "Frame", "family": "stamping", "listPrice": 10})
	like, err := h.product.Store.Get(h.Context(), records.CollectionOf(app, "product"), made.id())
	require.NoError(h, err)
	doc, err := store.Decode[map[string]any](like)
	require.NoError(h, err)
	var writes []store.Write
	for i := range 1500 {
		id := fmt.Sprintf("copy%04d", i)
		doc["_id"], doc["data"] = id, m{"name": id, "family": []string{"stamping", "casting"}[i%2], "listPrice": 20 + i%37}
		text, err := store.Encode(doc)
		require.NoError(h, err)
		writes = append(writes, store.Write{Op: store.OpInsert, Collection: records.CollectionOf(app, "product"), ID: id, Doc: text})
	}
	require.NoError(h, h.product.Store.Apply(h.Context(), writes...))
	ask := func() answer {
		return h.list("director", "product", "filter", `{"data.family":"stamping"}`, "sort", "-data.listPrice", "limit", "50", "count", "true").ok()
	}
	before := ask()
	require.Len(h, before.items(), 50)
	require.EqualValues(h, 751, before.Body["total"])

	ctx, cancel := context.WithCancel(h.Context())
	var work sync.WaitGroup
	work.Go(func() { h.product.Run(ctx) })
	defer work.Wait()
	defer cancel()
	await := func(message string) {
		h.Helper()
		for said := range said {
			if said == message {
				return
			}
		}
	}
	h.Run("they_are_built_beside_the_work_that_goes_on", func(h *house) {
		h.redefine("form", "product", func(def m) { def["indexes"] = []any{[]string{"family", "listPrice"}, []string{"stage", "material"}} }).ok()
		h.publish("form", "product").ok()
		h.create("director", "product", m{"name": "While it is built", "family": "stamping", "listPrice": 1})
		await("indexes are built")
		after := ask()
		require.Equal(h, before.items(), after.items())
		require.EqualValues(h, 752, after.Body["total"])
	})
	h.Run("those_that_are_no_longer_declared_go", func(h *house) {
		h.redefine("form", "product", func(def m) { delete(def, "indexes") }).ok()
		h.publish("form", "product").ok()
		require.Equal(h, before.items(), ask().items())
	})
	h.Run("one_of_nothing_is_refused_with_its_place", func(h *house) {
		h.redefine("form", "product", func(def m) { def["indexes"] = []any{[]string{"family", "gone"}, []string{"datasheet"}} }).ok()
		refused := h.publish("form", "product")
		require.Equal(h, http.StatusUnprocessableEntity, refused.Status)
		problems := refused.problems()
		require.Equal(h, "form.notAField", problems["/indexes/0/1"], problems)
		require.Equal(h, "form.wrongField", problems["/indexes/1/0"], problems)
	})
}
