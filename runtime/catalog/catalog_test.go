package catalog_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/expr"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/storetest"
	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/schemas/definition"
)

const (
	appDoc  = `{"kind":"app","key":"repairs","title":"Repairs","version":"1.0.0"}`
	formDoc = `{"kind":"form","key":"ticket","title":"Ticket","schema":{"type":"object","properties":{
		"device":{"x-field":"link","x-link":{"form":"device"}},"what":{"x-field":"text","x-show":"link.device.price > 10"},
		"lines":{"x-field":"subTable","items":{"properties":{"count":{"x-field":"number"},"twice":{"x-field":"formula","x-formula":"row.count * 2"}}}},
		"total":{"x-field":"formula","x-formula":"sum(form.lines.map(l, l.twice))"}}},
		"rules":[{"id":"cheap","rule":"form.total < 100","message":"Too dear"}]}`
	deviceDoc = `{"kind":"form","key":"device","title":"Device","schema":{"type":"object","properties":{"price":{"x-field":"money"}}}}`
	flowDoc   = `{"kind":"flow","key":"repair","title":"Repair","form":"ticket","blocks":[{"id":"t","type":"task","title":"Mend","who":[{"type":"owner"}],"checks":[{"id":"c","rule":"form.total > 0","message":"Parts"}]}]}`
)

// publish writes what design time writes when it puts a version in force; number 0 takes the definition out of force.
func publish(t *testing.T, s store.Store, kind definition.Kind, key string, number int, body string) {
	t.Helper()
	ref := definition.Ref{App: "repairs", Kind: kind, Key: key}
	at := time.Date(2026, 3, number+1, 9, 0, 0, 0, time.UTC)
	put := func(collection, id string, doc any) store.Write {
		text, err := json.Marshal(doc)
		require.NoError(t, err)
		return store.Write{Op: store.OpPut, Collection: collection, ID: id, Doc: text}
	}
	pointer := put(definition.DraftCollection, ref.ID(), definition.Draft{ID: ref.ID(), Ref: ref, Rev: int64(number), Published: number, Latest: number, Body: body})
	version := put(definition.VersionCollection, definition.VersionID(ref, number), struct {
		definition.Version
		PublishedAt store.Moment `json:"publishedAt"`
	}{definition.Version{ID: definition.VersionID(ref, number), Ref: ref, Number: number, Body: body}, store.MomentOf(at)})
	require.NoError(t, s.Apply(t.Context(), version, pointer))
}

func repairs(t *testing.T) store.Store {
	t.Helper()
	s := storetest.Open(t)
	publish(t, s, definition.KindApp, "repairs", 1, appDoc)
	publish(t, s, definition.KindForm, "ticket", 1, formDoc)
	publish(t, s, definition.KindForm, "device", 1, deviceDoc)
	publish(t, s, definition.KindFlow, "repair", 1, flowDoc)
	return s
}

func open(t *testing.T, s store.Store, changed ...func(context.Context, *catalog.App) error) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Open(t.Context(), s, slog.New(slog.DiscardHandler), changed...)
	require.NoError(t, err)
	return c
}

func ticket(t *testing.T, c *catalog.Catalog) *catalog.Form {
	t.Helper()
	f, err := c.Form("repairs", "ticket")
	require.NoError(t, err)
	return f
}

// counting counts what is read from a store.
type counting struct {
	store.Store
	reads atomic.Int64
}

func (c *counting) Get(ctx context.Context, collection, id string) (store.Doc, error) {
	c.reads.Add(1)
	return c.Store.Get(ctx, collection, id)
}

func (c *counting) Find(ctx context.Context, collection string, q store.Query) ([]store.Doc, error) {
	c.reads.Add(1)
	return c.Store.Find(ctx, collection, q)
}

// away is a store that is out of reach for so many reads from now on.
type away struct {
	store.Store
	reads atomic.Int64
}

func (a *away) Find(ctx context.Context, collection string, q store.Query) ([]store.Doc, error) {
	if a.reads.Add(-1) >= 0 {
		return nil, store.ErrUnavailable.With(nil)
	}
	return a.Store.Find(ctx, collection, q)
}

func TestOpen(t *testing.T) {
	t.Run("what_is_published_is_compiled", func(t *testing.T) {
		c := open(t, repairs(t))
		f := ticket(t, c)
		require.Equal(t, 1, f.Version)
		require.Equal(t, "repair", f.Flow)
		require.Equal(t, []string{"lines.twice", "total"}, f.FormulaOrder)
		require.True(t, f.ReadsLink("device"))
		require.Nil(t, f.Rules("device").Show)
		shown, err := f.Rules("what").Show.EvalBool(expr.Vars{"form": map[string]any{}, "link": map[string]any{"device": map[string]any{"price": 11.0}}})
		require.NoError(t, err)
		require.True(t, shown)
		require.Len(t, f.Checks, 1)
		require.Len(t, c.Apps(), 1)
		require.Len(t, c.Apps()[0].Forms(), 2)
	})
	t.Run("drafts_are_not_seen", func(t *testing.T) {
		s := repairs(t)
		publish(t, s, definition.KindForm, "device", 0, deviceDoc)
		_, err := open(t, s).Form("repairs", "device")
		require.True(t, fault.Has(err, catalog.ErrNoForm))
	})
	t.Run("what_is_not_there_is_named", func(t *testing.T) {
		c := open(t, repairs(t))
		_, err := c.App("sales")
		require.True(t, fault.Has(err, catalog.ErrNoApp))
		_, err = c.Form("sales", "ticket")
		require.True(t, fault.Has(err, catalog.ErrNoApp))
		_, err = c.Flow(t.Context(), "repairs", "repair", 7)
		require.True(t, fault.Has(err, catalog.ErrNoFlow))
	})
	t.Run("an_app_that_cannot_run_does_not_take_the_others_down", func(t *testing.T) {
		s := repairs(t)
		publish(t, s, definition.KindForm, "ticket", 2, strings.Replace(formDoc, "form.total < 100", "form.nothing < 100", 1))
		c := open(t, s)
		_, err := c.App("repairs")
		require.True(t, fault.Has(err, catalog.ErrNoApp))
	})
	t.Run("an_unreachable_store_is_an_error", func(t *testing.T) {
		s := storetest.Open(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := catalog.Open(ctx, s, slog.New(slog.DiscardHandler))
		require.Error(t, err)
	})
}

func TestRefresh(t *testing.T) {
	t.Run("a_publication_is_seen_at_once", func(t *testing.T) {
		s := repairs(t)
		c := open(t, s)
		publish(t, s, definition.KindForm, "ticket", 2, strings.Replace(formDoc, "Ticket", "Repair ticket", 1))
		require.NoError(t, c.Refresh(t.Context(), "repairs"))
		f := ticket(t, c)
		require.Equal(t, 2, f.Version)
		require.Equal(t, "Repair ticket", f.Exec.Form.Title.In("en"))
	})
	t.Run("another_copy_learns_of_it", func(t *testing.T) {
		s := repairs(t)
		heard := make(chan int, 16)
		c := open(t, s, func(_ context.Context, a *catalog.App) error {
			heard <- a.Form("ticket").Version
			return nil
		})
		require.Equal(t, 1, <-heard)
		publish(t, s, definition.KindForm, "ticket", 2, formDoc)
		for version := range heard {
			if version == 2 {
				break
			}
		}
		require.Equal(t, 2, ticket(t, c).Version)
	})
	t.Run("what_is_published_while_the_store_is_out_of_reach_is_learned_of_when_it_is_back", func(t *testing.T) {
		s := &away{Store: repairs(t)}
		heard := make(chan int, 16)
		open(t, s, func(_ context.Context, a *catalog.App) error {
			heard <- a.Form("ticket").Version
			return nil
		})
		require.Equal(t, 1, <-heard)
		s.reads.Store(2)
		publish(t, s, definition.KindForm, "ticket", 2, formDoc)
		require.Equal(t, 2, <-heard)
	})
	t.Run("who_could_not_follow_because_the_store_was_out_of_reach_is_told_again", func(t *testing.T) {
		heard := make(chan int, 16)
		failures := 2
		open(t, repairs(t), func(_ context.Context, a *catalog.App) error {
			if failures--; failures >= 0 {
				return store.ErrUnavailable.With(nil)
			}
			heard <- a.Form("ticket").Version
			return nil
		})
		require.Equal(t, 1, <-heard)
	})
	t.Run("an_app_that_is_taken_out_of_force_is_gone", func(t *testing.T) {
		s := repairs(t)
		c := open(t, s)
		publish(t, s, definition.KindApp, "repairs", 0, appDoc)
		require.NoError(t, c.Refresh(t.Context(), "repairs"))
		_, err := c.App("repairs")
		require.True(t, fault.Has(err, catalog.ErrNoApp))
	})
	t.Run("what_cannot_run_leaves_the_last_good_one_in_force", func(t *testing.T) {
		s := repairs(t)
		c := open(t, s)
		publish(t, s, definition.KindForm, "ticket", 2, strings.Replace(formDoc, "form.total < 100", "form.nothing < 100", 1))
		require.True(t, fault.Has(c.Refresh(t.Context(), "repairs"), catalog.ErrBroken))
		require.Equal(t, 1, ticket(t, c).Version)
	})
	t.Run("nothing_is_read_while_nothing_changes", func(t *testing.T) {
		s := &counting{Store: repairs(t)}
		c := open(t, s)
		_, err := c.Flow(t.Context(), "repairs", "repair", 0)
		require.NoError(t, err)
		before := s.reads.Load()
		for range 10 {
			ticket(t, c)
			_, err := c.Flow(t.Context(), "repairs", "repair", 1)
			require.NoError(t, err)
		}
		require.Equal(t, before, s.reads.Load())
	})
}

func TestFlow(t *testing.T) {
	t.Run("a_running_record_keeps_its_version", func(t *testing.T) {
		s := repairs(t)
		c := open(t, s)
		publish(t, s, definition.KindFlow, "repair", 2, strings.Replace(flowDoc, `"id":"t"`, `"id":"u"`, 1))
		require.NoError(t, c.Refresh(t.Context(), "repairs"))
		old, err := c.Flow(t.Context(), "repairs", "repair", 1)
		require.NoError(t, err)
		latest, err := c.Flow(t.Context(), "repairs", "repair", 0)
		require.NoError(t, err)
		require.Equal(t, 1, old.Version)
		require.Equal(t, 2, latest.Version)
		require.Equal(t, 2, ticket(t, c).FlowVersion)
	})
	t.Run("an_old_flow_that_reads_a_field_of_its_time_runs_with_the_form_of_its_time", func(t *testing.T) {
		s := repairs(t)
		publish(t, s, definition.KindForm, "ticket", 2, `{"kind":"form","key":"ticket","title":"Ticket","schema":{"properties":{"what":{"x-field":"text"}}}}`)
		publish(t, s, definition.KindFlow, "repair", 2, strings.Replace(flowDoc, "form.total > 0", "form.what != ''", 1))
		c := open(t, s)
		for _, number := range []int{1, 2} {
			f, err := c.Flow(t.Context(), "repairs", "repair", number)
			require.NoError(t, err)
			require.Equal(t, number, f.Version)
		}
	})
}

func TestAssignment(t *testing.T) {
	const intake = `{"kind":"assignment","key":"intake","title":"Intake","form":"ticket","categories":[
		{"key":"dear","title":"Dear","when":"link.device.price > 10","strategies":[{"type":"sticky","link":"device"}]}]}`
	t.Run("the_form_has_the_rule_that_is_published_and_reads_its_links", func(t *testing.T) {
		s := repairs(t)
		c := open(t, s)
		require.Nil(t, ticket(t, c).Assignment)
		publish(t, s, definition.KindAssignment, "intake", 1, intake)
		require.NoError(t, c.Refresh(t.Context(), "repairs"))
		require.Equal(t, 1, ticket(t, c).Assignment.Version)
		require.True(t, ticket(t, c).ReadsLink("device"))
		publish(t, s, definition.KindAssignment, "intake", 2, strings.Replace(intake, "> 10", "> 20", 1))
		require.NoError(t, c.Refresh(t.Context(), "repairs"))
		require.Equal(t, 2, ticket(t, c).Assignment.Version)
	})
	t.Run("one_that_does_not_compile_takes_the_app_out_of_service_and_says_why", func(t *testing.T) {
		s := repairs(t)
		c := open(t, s)
		publish(t, s, definition.KindAssignment, "intake", 1, strings.Replace(intake, "price", "colour", 1))
		require.True(t, fault.Has(c.Refresh(t.Context(), "repairs"), catalog.ErrBroken))
		require.Nil(t, ticket(t, c).Assignment) // what was in force stays so
	})
}
