package pack_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/builder/check"
	"github.com/stepwell/stepwell/builder/pack"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/schemas/definition"
)

func TestMarket(t *testing.T) {
	templates, err := pack.Market()
	require.NoError(t, err)
	require.NotEmpty(t, templates)
	for _, template := range templates {
		t.Run(template.Key+"/can_be_published_as_it_is", func(t *testing.T) {
			p, err := pack.Shipped(template.Key)
			require.NoError(t, err)
			set, err := check.Read(p.App.Key, p.Documents)
			require.NoError(t, err)
			for _, f := range set.Run() {
				t.Errorf("%s %s: %s", f.Ref.ID(), f.Pointer, f.Message("en"))
			}
		})
		t.Run(template.Key+"/is_described_in_both_languages", func(t *testing.T) {
			require.NotEmpty(t, template.Title["zh-CN"])
			require.NotEmpty(t, template.Title["en"])
			require.NotEmpty(t, template.Summary["zh-CN"])
			require.NotZero(t, template.Counts[definition.KindForm])
		})
	}
	t.Run("an_unknown_app_is_not_found", func(t *testing.T) {
		for _, key := range []string{"nothing", "../forms", ""} {
			_, err := pack.Shipped(key)
			require.True(t, fault.Has(err, pack.ErrNoTemplate), "%q: %v", key, err)
		}
	})
}

func TestRead(t *testing.T) {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	app := file(`{"kind":"app","key":"sales","title":"Sales","version":"1.0.0"}`)
	form := file(`{"kind":"form","key":"order","title":"Order","schema":{}}`)
	t.Run("files_come_in_the_order_of_installation", func(t *testing.T) {
		p, err := pack.Read(fstest.MapFS{
			"app.json": app, "forms/order.json": form, "forms/customer.json": file(`{"kind":"form","key":"customer"}`),
			"flows/order.json": file(`{"kind":"flow","key":"order"}`), "calendars/china.json": file(`{"kind":"calendar","key":"china"}`),
			"sample/people.json": file(`[]`), "README.md": file("hello"),
		})
		require.NoError(t, err)
		var ids []string
		for _, d := range p.Documents {
			ids = append(ids, d.Ref.ID())
		}
		require.Equal(t, []string{"sales/app/sales", "sales/calendar/china", "sales/form/customer", "sales/form/order", "sales/flow/order"}, ids)
	})
	t.Run("a_list_of_contents_is_followed", func(t *testing.T) {
		p, err := pack.Read(fstest.MapFS{
			"app.json":         file(`{"kind":"app","key":"sales","title":"Sales","version":"1.0.0","contents":["forms/order.json"]}`),
			"forms/order.json": form, "forms/extra.json": form,
		})
		require.NoError(t, err)
		require.Len(t, p.Documents, 2)
	})
	for name, c := range map[string]struct {
		files fstest.MapFS
		want  *fault.Code
	}{
		"without_app.json":                {fstest.MapFS{"forms/order.json": form}, pack.ErrNoAppFile},
		"with_a_file_of_another_name":     {fstest.MapFS{"app.json": app, "forms/orders.json": form}, pack.ErrFileName},
		"with_a_listed_file_missing":      {fstest.MapFS{"app.json": file(`{"kind":"app","key":"sales","contents":["forms/a.json"]}`)}, pack.ErrListed},
		"with_a_listed_file_elsewhere":    {fstest.MapFS{"app.json": file(`{"kind":"app","key":"sales","contents":["poems/a.json"]}`)}, pack.ErrFolder},
		"with_a_definition_out_of_shape":  {fstest.MapFS{"app.json": app, "forms/order.json": file(`{"kind":"form","key":"order","schema":5}`)}, check.ErrUnreadable},
		"with_a_definition_of_other_kind": {fstest.MapFS{"app.json": app, "forms/order.json": file(`{"kind":"flow","key":"order"}`)}, check.ErrUnreadable},
		"with_a_key_that_is_a_path":       {fstest.MapFS{"app.json": file(`{"kind":"app","key":"../x"}`)}, check.ErrBadRef},
	} {
		t.Run(name+"_is_refused", func(t *testing.T) {
			_, err := pack.Read(c.files)
			require.True(t, fault.Has(err, c.want), "%v", err)
		})
	}
}
