package draft_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/builder/check"
	"github.com/stepwell/stepwell/builder/draft"
	"github.com/stepwell/stepwell/builder/pack"
	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/storetest"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/problem"
)

var now = time.Date(2026, 3, 2, 9, 30, 0, 100_000_000, time.UTC)

const (
	appDoc  = `{"kind":"app","key":"repairs","title":"Repairs","version":"1.0.0"}`
	formDoc = `{"kind":"form","key":"ticket","title":"Ticket","schema":{"type":"object","properties":{"what":{"x-field":"text"},"price":{"x-field":"money"}}}}`
	flowDoc = `{"kind":"flow","key":"repair","title":"Repair","form":"ticket","blocks":[{"id":"t","type":"task","title":"Mend","who":[{"type":"owner"}],"checks":[{"id":"c","rule":"form.price > 0","message":"Price"}]}]}`
)

var (
	appRef  = ref(definition.KindApp, "repairs")
	formRef = ref(definition.KindForm, "ticket")
	flowRef = ref(definition.KindFlow, "repair")
)

func ref(kind definition.Kind, key string) definition.Ref {
	return definition.Ref{App: "repairs", Kind: kind, Key: key}
}

// stepwise is a store that writes one after the other, as a stand-alone MongoDB does. fail, when set, fails the n-th write.
type stepwise struct {
	store.Store
	fail func(w store.Write) error
}

func (s stepwise) Transactional() bool { return false }

func (s stepwise) Apply(ctx context.Context, writes ...store.Write) error {
	for _, w := range writes {
		if s.fail != nil {
			if err := s.fail(w); err != nil {
				return err
			}
		}
		if err := s.Store.Apply(ctx, w); err != nil {
			return err
		}
	}
	return nil
}

func open(t *testing.T) (*draft.Service, store.Store) {
	t.Helper()
	s := storetest.Open(t)
	for collection, indexes := range draft.Indexes() {
		require.NoError(t, s.EnsureIndexes(t.Context(), collection, indexes...))
	}
	return draft.New(s, clock.NewManual(now)), s
}

// published has the app, its form and its flow in force.
func published(t *testing.T) (*draft.Service, store.Store) {
	t.Helper()
	d, s := open(t)
	save(t, d, appRef, appDoc)
	save(t, d, formRef, formDoc)
	save(t, d, flowRef, flowDoc)
	_, err := d.PublishSet(t.Context(), "repairs", []definition.Ref{flowRef, formRef, appRef}, "first", "ann")
	require.NoError(t, err)
	return d, s
}

func save(t *testing.T, d *draft.Service, r definition.Ref, doc string) *definition.Draft {
	t.Helper()
	saved, err := d.Save(t.Context(), r, []byte(doc), draft.AnyRev, "ann")
	require.NoError(t, err)
	return saved
}

func requireFault(t *testing.T, err error, code *fault.Code) *fault.Error {
	t.Helper()
	f, ok := fault.As(err)
	require.True(t, ok, "%v", err)
	require.Equal(t, code.ID, f.Code.ID, "%v", err)
	require.NotContains(t, f.Message("zh-CN"), "{")
	return f
}

// requireText compares to the byte.
func requireText(t *testing.T, want, got string) {
	t.Helper()
	require.Equal(t, want, got)
}

func TestSave(t *testing.T) {
	t.Run("text_is_kept_to_the_byte_and_the_revision_counts", func(t *testing.T) {
		d, _ := open(t)
		spaced := "{ \"kind\": \"form\",\n  \"key\": \"ticket\", \"title\": \"票\" }\n"
		first, err := d.Save(t.Context(), formRef, []byte(spaced), draft.NewRev, "ann")
		require.NoError(t, err)
		require.Equal(t, int64(1), first.Rev)
		second, err := d.Save(t.Context(), formRef, []byte(formDoc), first.Rev, "ben")
		require.NoError(t, err)
		require.Equal(t, int64(2), second.Rev)
		loaded, err := d.Load(t.Context(), formRef)
		require.NoError(t, err)
		require.Equal(t, second, loaded)
		require.Equal(t, "ben", loaded.UpdatedBy)
		require.True(t, now.Equal(loaded.UpdatedAt))
	})
	t.Run("a_draft_may_be_half_done", func(t *testing.T) {
		d, _ := open(t)
		save(t, d, formRef, `{"kind":"form","schema":{"properties":{"x":{"x-field":"nonsense"}}}}`)
	})
	t.Run("an_older_revision_is_refused", func(t *testing.T) {
		d, _ := open(t)
		save(t, d, formRef, formDoc)
		save(t, d, formRef, formDoc)
		_, err := d.Save(t.Context(), formRef, []byte(formDoc), 1, "ann")
		requireFault(t, err, draft.ErrStale)
	})
	t.Run("a_new_one_does_not_overwrite", func(t *testing.T) {
		d, _ := open(t)
		save(t, d, formRef, formDoc)
		_, err := d.Save(t.Context(), formRef, []byte(formDoc), draft.NewRev, "ann")
		requireFault(t, err, draft.ErrExists)
	})
	t.Run("what_is_gone_cannot_be_changed", func(t *testing.T) {
		d, _ := open(t)
		_, err := d.Save(t.Context(), formRef, []byte(formDoc), 3, "ann")
		requireFault(t, err, draft.ErrNotFound)
	})
	t.Run("what_cannot_be_read_is_refused_with_its_place", func(t *testing.T) {
		d, _ := open(t)
		for doc, pointer := range map[string]string{
			`{"kind":"form",`:                   "",
			`{"kind":"flow","key":"ticket"}`:    "/kind",
			`{"kind":"form","key":"other"}`:     "/key",
			`{"kind":"form","schema":"text"}`:   "/schema",
			`{"kind":"form","layout":{"a":[]}}`: "/layout",
		} {
			_, err := d.Save(t.Context(), formRef, []byte(doc), draft.AnyRev, "ann")
			f := requireFault(t, err, check.ErrUnreadable)
			require.Equal(t, pointer, f.Problems[0].Pointer, doc)
		}
	})
	t.Run("a_name_that_is_no_key_is_refused", func(t *testing.T) {
		d, _ := open(t)
		for _, key := range []string{"", "Ticket", "a/b", "a.b", "$a", "票", strings.Repeat("a", 65)} {
			_, err := d.Save(t.Context(), ref(definition.KindForm, key), []byte(`{}`), draft.AnyRev, "ann")
			requireFault(t, err, check.ErrBadRef)
		}
	})
	t.Run("of_16_that_save_at_once_on_one_revision_one_wins", func(t *testing.T) {
		d, _ := open(t)
		first := save(t, d, formRef, formDoc)
		errs := concurrently(16, func(int) error {
			_, err := d.Save(context.Background(), formRef, []byte(formDoc), first.Rev, "ann")
			return err
		})
		requireOneWins(t, errs)
	})
}

// concurrently runs n calls side by side and gives their errors.
func concurrently(n int, call func(i int) error) []error {
	errs := make([]error, n)
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { errs[i] = call(i) })
	}
	group.Wait()
	return errs
}

func requireOneWins(t *testing.T, errs []error) {
	t.Helper()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		requireFault(t, err, draft.ErrStale)
	}
	require.Equal(t, 1, won)
}

func TestPublish(t *testing.T) {
	t.Run("versions_count_up_and_never_change", func(t *testing.T) {
		d, _ := published(t)
		changed := strings.Replace(formDoc, "Ticket", "Repair ticket", 1)
		saved := save(t, d, formRef, changed)
		v, err := d.Publish(t.Context(), formRef, saved.Rev, "better name", "ben")
		require.NoError(t, err)
		require.Equal(t, 2, v.Number)
		versions, err := d.Versions(t.Context(), formRef)
		require.NoError(t, err)
		require.Len(t, versions, 2)
		require.Equal(t, *v, versions[0])
		requireText(t, formDoc, versions[1].Body)
		loaded, err := d.Load(t.Context(), formRef)
		require.NoError(t, err)
		require.Equal(t, 2, loaded.Published)
		require.Equal(t, saved.Rev+1, loaded.Rev)
	})
	t.Run("moments_are_stored_so_that_they_compare_as_text", func(t *testing.T) {
		_, s := published(t)
		doc, err := s.Get(t.Context(), definition.VersionCollection, definition.VersionID(formRef, 1))
		require.NoError(t, err)
		require.Contains(t, string(doc), `"2026-03-02T09:30:00.100Z"`)
	})
	t.Run("a_form_that_breaks_a_flow_is_refused_with_the_place_in_the_flow", func(t *testing.T) {
		d, _ := published(t)
		save(t, d, formRef, strings.Replace(formDoc, `"price"`, `"cost"`, 1))
		_, err := d.Publish(t.Context(), formRef, draft.AnyRev, "", "ann")
		f := requireFault(t, err, draft.ErrProblems)
		require.Len(t, f.Problems, 1)
		require.Equal(t, "/flow/repair/blocks/0/checks/0/rule", f.Problems[0].Pointer)
		loaded, err := d.Load(t.Context(), formRef)
		require.NoError(t, err)
		require.Equal(t, 1, loaded.Published)
	})
	t.Run("form_and_flow_change_together", func(t *testing.T) {
		d, _ := published(t)
		save(t, d, formRef, strings.Replace(formDoc, `"price"`, `"cost"`, 1))
		save(t, d, flowRef, strings.Replace(flowDoc, "form.price", "form.cost", 1))
		findings, _, err := d.Check(t.Context(), "repairs", formRef, flowRef)
		require.NoError(t, err)
		require.Empty(t, findings)
		versions, err := d.PublishSet(t.Context(), "repairs", []definition.Ref{flowRef, formRef, appRef}, "rename", "ann")
		require.NoError(t, err)
		require.Len(t, versions, 2, "the app is in force as it is")
	})
	t.Run("an_older_revision_is_refused", func(t *testing.T) {
		d, _ := published(t)
		_, err := d.Publish(t.Context(), formRef, 1, "", "ann")
		requireFault(t, err, draft.ErrStale)
	})
	t.Run("what_is_wrong_inside_it_is_told_without_its_name", func(t *testing.T) {
		d, _ := published(t)
		save(t, d, formRef, `{"kind":"form","key":"ticket","title":"T","schema":{"type":"object","properties":{"price":{"x-field":"moneyy"}}}}`)
		_, err := d.Publish(t.Context(), formRef, draft.AnyRev, "", "ann")
		f := requireFault(t, err, draft.ErrProblems)
		require.Equal(t, "/schema/properties/price/x-field", f.Problems[0].Pointer)
	})
	t.Run("a_further_checker_can_refuse", func(t *testing.T) {
		_, s := published(t)
		objection := problem.Define("test.objection", "I object.", "我反对。")
		d := draft.New(s, clock.NewManual(now), func(set *check.Set) []check.Finding {
			return []check.Finding{{Ref: flowRef, Problem: objection.At("/blocks", nil)}}
		})
		_, err := d.Publish(t.Context(), formRef, draft.AnyRev, "", "ann")
		f := requireFault(t, err, draft.ErrProblems)
		require.Equal(t, "/flow/repair/blocks", f.Problems[0].Pointer)
	})
	t.Run("of_16_that_publish_at_once_one_wins_on_any_store", func(t *testing.T) {
		for _, transactional := range []bool{true, false} {
			d, s := published(t)
			if !transactional {
				d = draft.New(stepwise{Store: s}, clock.NewManual(now))
			}
			saved := save(t, d, formRef, formDoc+" ")
			errs := concurrently(16, func(int) error {
				_, err := d.Publish(context.Background(), formRef, saved.Rev, "", "ann")
				return err
			})
			requireOneWins(t, errs)
			versions, err := d.Versions(t.Context(), formRef)
			require.NoError(t, err)
			require.Len(t, versions, 2)
		}
	})
	t.Run("two_that_are_right_alone_and_wrong_together_do_not_both_get_in", func(t *testing.T) {
		d, _ := published(t)
		wider := strings.Replace(formDoc, `"price"`, `"cost":{"x-field":"money"},"price"`, 1)
		save(t, d, formRef, wider)
		_, err := d.Publish(t.Context(), formRef, draft.AnyRev, "", "ann")
		require.NoError(t, err)
		// Each is fine with what is in force now: the form without cost, the flow that reads cost.
		save(t, d, formRef, formDoc)
		save(t, d, flowRef, strings.Replace(flowDoc, "form.price", "form.cost", 1))
		refs := []definition.Ref{formRef, flowRef}
		errs := concurrently(2, func(i int) error {
			_, err := d.Publish(context.Background(), refs[i], draft.AnyRev, "", "ann")
			return err
		})
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			}
		}
		require.Equal(t, 1, won, "%v", errs)
	})
}

func TestPublishStepwise(t *testing.T) {
	edited := func(t *testing.T) (*draft.Service, store.Store) {
		t.Helper()
		d, s := published(t)
		save(t, d, formRef, strings.Replace(formDoc, `"price"`, `"cost"`, 1))
		save(t, d, flowRef, strings.Replace(flowDoc, "form.price", "form.cost", 1))
		return d, s
	}
	set := []definition.Ref{formRef, flowRef}
	t.Run("a_failure_in_the_middle_takes_everything_back", func(t *testing.T) {
		_, s := edited(t)
		down := store.ErrUnavailable.With(nil)
		d := draft.New(stepwise{Store: s, fail: func(w store.Write) error {
			if w.Collection == definition.DraftCollection && w.ID == flowRef.ID() {
				return down
			}
			return nil
		}}, clock.NewManual(now))
		_, err := d.PublishSet(t.Context(), "repairs", set, "", "ann")
		require.ErrorIs(t, err, down)
		for _, r := range set {
			loaded, err := d.Load(t.Context(), r)
			require.NoError(t, err)
			require.Equal(t, 1, loaded.Published)
			versions, err := d.Versions(t.Context(), r)
			require.NoError(t, err)
			require.Len(t, versions, 1)
		}
	})
	t.Run("what_a_dying_server_leaves_is_completed_by_publishing_again", func(t *testing.T) {
		d, s := edited(t)
		// The new version of the form was written, its pointer was not.
		orphan := fmt.Sprintf(`{"_id":%q,"app":"repairs","kind":"form","key":"ticket","number":2,"body":"{}"}`, definition.VersionID(formRef, 2))
		require.NoError(t, s.Apply(t.Context(), store.Write{
			Op: store.OpInsert, Collection: definition.VersionCollection, ID: definition.VersionID(formRef, 2), Doc: store.Doc(orphan),
		}))
		versions, err := d.PublishSet(t.Context(), "repairs", set, "", "ann")
		require.NoError(t, err)
		require.Equal(t, 3, versions[0].Number, "the number of the orphan is not given again")
	})
}

func TestRollback(t *testing.T) {
	t.Run("an_old_text_comes_back_as_a_new_version_and_as_the_draft", func(t *testing.T) {
		d, _ := published(t)
		save(t, d, formRef, strings.Replace(formDoc, "Ticket", "Wrong", 1))
		_, err := d.Publish(t.Context(), formRef, draft.AnyRev, "", "ann")
		require.NoError(t, err)
		v, err := d.Rollback(t.Context(), formRef, 1, "back", "ben")
		require.NoError(t, err)
		require.Equal(t, 3, v.Number)
		requireText(t, formDoc, v.Body)
		loaded, err := d.Load(t.Context(), formRef)
		require.NoError(t, err)
		requireText(t, formDoc, loaded.Body)
	})
	t.Run("a_version_that_no_longer_fits_is_refused", func(t *testing.T) {
		d, _ := published(t)
		save(t, d, formRef, strings.Replace(formDoc, `"price"`, `"cost"`, 1))
		save(t, d, flowRef, strings.Replace(flowDoc, "form.price", "form.cost", 1))
		_, err := d.PublishSet(t.Context(), "repairs", []definition.Ref{formRef, flowRef}, "", "ann")
		require.NoError(t, err)
		_, err = d.Rollback(t.Context(), formRef, 1, "", "ann")
		requireFault(t, err, draft.ErrProblems)
	})
	t.Run("an_unknown_version_is_not_found", func(t *testing.T) {
		d, _ := published(t)
		_, err := d.Rollback(t.Context(), formRef, 9, "", "ann")
		requireFault(t, err, draft.ErrNoVersion)
	})
}

func TestDelete(t *testing.T) {
	t.Run("what_others_need_stays", func(t *testing.T) {
		d, _ := published(t)
		err := d.Delete(t.Context(), formRef, draft.AnyRev, "ann")
		f := requireFault(t, err, draft.ErrInUse)
		require.Equal(t, "/flow/repair/form", f.Problems[0].Pointer)
	})
	t.Run("it_leaves_the_lists_and_keeps_its_versions", func(t *testing.T) {
		d, _ := published(t)
		require.NoError(t, d.Delete(t.Context(), flowRef, draft.AnyRev, "ann"))
		_, err := d.Load(t.Context(), flowRef)
		requireFault(t, err, draft.ErrNotFound)
		list, err := d.List(t.Context(), "repairs", "")
		require.NoError(t, err)
		require.Len(t, list, 2)
		v, err := d.Version(t.Context(), flowRef, 1)
		require.NoError(t, err)
		requireText(t, flowDoc, v.Body)
		t.Run("and_can_be_made_again", func(t *testing.T) {
			_, err := d.Save(t.Context(), flowRef, []byte(flowDoc), draft.NewRev, "ann")
			require.NoError(t, err)
			v, err := d.Publish(t.Context(), flowRef, draft.AnyRev, "", "ann")
			require.NoError(t, err)
			require.Equal(t, 2, v.Number)
		})
	})
}

func TestList(t *testing.T) {
	d, _ := published(t)
	list, err := d.List(t.Context(), "repairs", definition.KindForm)
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Equal(t, formRef, list[0].Ref)
	list, err = d.List(t.Context(), "other", "")
	require.NoError(t, err)
	require.Empty(t, list)
}

func TestInstall(t *testing.T) {
	folder := func(form string) *pack.Package {
		p, err := pack.Read(fstest.MapFS{
			"app.json": {Data: []byte(appDoc)}, "forms/ticket.json": {Data: []byte(form)}, "flows/repair.json": {Data: []byte(flowDoc)},
		})
		require.NoError(t, err)
		return p
	}
	standings := func(t *testing.T, d *draft.Service, p *pack.Package) string {
		t.Helper()
		found, err := d.Compare(t.Context(), p)
		require.NoError(t, err)
		var words []string
		for _, c := range found {
			words = append(words, string(c.Standing))
		}
		return strings.Join(words, " ")
	}
	t.Run("everything_is_in_force_at_once", func(t *testing.T) {
		d, _ := open(t)
		p := folder(formDoc)
		require.Equal(t, "new new new", standings(t, d, p))
		versions, err := d.Install(t.Context(), p, false, "installed", "ann")
		require.NoError(t, err)
		require.Len(t, versions, 3)
		require.Equal(t, "same same same", standings(t, d, p))
	})
	t.Run("installing_again_changes_nothing", func(t *testing.T) {
		d, _ := published(t)
		versions, err := d.Install(t.Context(), folder(formDoc), false, "", "ann")
		require.NoError(t, err)
		require.Empty(t, versions)
	})
	t.Run("the_same_content_in_other_words_is_the_same", func(t *testing.T) {
		d, _ := published(t)
		var pretty strings.Builder
		enc := json.NewEncoder(&pretty)
		enc.SetIndent("", "  ")
		require.NoError(t, enc.Encode(json.RawMessage(formDoc)))
		require.Equal(t, "same same same", standings(t, d, folder(pretty.String())))
	})
	t.Run("another_order_of_fields_is_another_form", func(t *testing.T) {
		d, _ := published(t)
		turned := strings.Replace(formDoc, `"what":{"x-field":"text"},"price":{"x-field":"money"}`, `"price":{"x-field":"money"},"what":{"x-field":"text"}`, 1)
		require.Equal(t, "same different same", standings(t, d, folder(turned)))
	})
	t.Run("local_changes_are_shown_and_not_overwritten", func(t *testing.T) {
		d, _ := published(t)
		save(t, d, formRef, strings.Replace(formDoc, "Ticket", "Our ticket", 1))
		_, err := d.Install(t.Context(), folder(formDoc), false, "", "ann")
		f := requireFault(t, err, draft.ErrDiffers)
		require.Len(t, f.Problems, 1)
		require.Equal(t, "/form/ticket", f.Problems[0].Pointer)
		loaded, err := d.Load(t.Context(), formRef)
		require.NoError(t, err)
		require.Contains(t, loaded.Body, "Our ticket")
	})
	t.Run("overwriting_makes_new_versions_of_what_differs", func(t *testing.T) {
		d, _ := published(t)
		next := strings.Replace(formDoc, "Ticket", "Ticket 2", 1)
		versions, err := d.Install(t.Context(), folder(next), true, "", "ann")
		require.NoError(t, err)
		require.Len(t, versions, 1)
		require.Equal(t, 2, versions[0].Number)
	})
	t.Run("a_package_with_problems_leaves_nothing_behind", func(t *testing.T) {
		d, _ := open(t)
		_, err := d.Install(t.Context(), folder(strings.Replace(formDoc, `"price"`, `"cost"`, 1)), false, "", "ann")
		requireFault(t, err, draft.ErrProblems)
		list, err := d.List(t.Context(), "repairs", "")
		require.NoError(t, err)
		require.Empty(t, list)
	})
	t.Run("every_app_of_the_market_installs", func(t *testing.T) {
		templates, err := pack.Market()
		require.NoError(t, err)
		for _, template := range templates {
			d, _ := open(t)
			p, err := pack.Shipped(template.Key)
			require.NoError(t, err)
			versions, err := d.Install(t.Context(), p, false, "", "ann")
			require.NoError(t, err)
			require.Len(t, versions, len(p.Documents))
		}
	})
}
