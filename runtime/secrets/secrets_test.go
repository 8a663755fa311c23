package secrets_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/config/secret"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/storetest"
	"github.com/stepwell/stepwell/runtime/people/audit"
	"github.com/stepwell/stepwell/runtime/secrets"
)

func box(t *testing.T, key byte) *secret.Box {
	t.Helper()
	b, err := secret.NewBox([]byte(strings.Repeat(string(rune(key)), secret.KeyBytes)))
	require.NoError(t, err)
	return b
}

func TestSafe(t *testing.T) {
	st, ck := storetest.Open(t), clock.NewManual(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	require.NoError(t, st.EnsureIndexes(t.Context(), secrets.Collection, secrets.Indexes()...))
	log := audit.NewLog(st, ck)
	require.NoError(t, log.Ensure(t.Context()))
	safe := secrets.New(st, ck, box(t, 'a'), log)
	admin := audit.Actor{User: "admin"}

	t.Run("what_was_set_is_opened_by_the_server_alone", func(t *testing.T) {
		require.NoError(t, safe.Set(t.Context(), admin, "sales", "wecom.app", "hunter2"))
		got, err := safe.Open(t.Context(), "sales", "wecom.app")
		require.NoError(t, err)
		require.Equal(t, "hunter2", got.Reveal())
		require.NotContains(t, fmt.Sprintf("%v %+v %#v", got, got, got), "hunter2")

		list, err := safe.List(t.Context(), "sales")
		require.NoError(t, err)
		require.Equal(t, []secrets.Info{{Name: "wecom.app", SetAt: store.MomentOf(ck.Now()), SetBy: "admin"}}, list)
		encoded, err := json.Marshal(list)
		require.NoError(t, err)
		require.NotContains(t, string(encoded), "hunter2")
	})
	t.Run("neither_the_store_nor_the_audit_log_holds_it", func(t *testing.T) {
		for _, collection := range []string{secrets.Collection, audit.Collection} {
			docs, err := st.Find(t.Context(), collection, store.Query{})
			require.NoError(t, err)
			require.NotEmpty(t, docs)
			for _, doc := range docs {
				require.NotContains(t, string(doc), "hunter2")
			}
		}
	})
	t.Run("apps_do_not_share_secrets", func(t *testing.T) {
		_, err := safe.Open(t.Context(), "stock", "wecom.app")
		require.True(t, fault.Has(err, secrets.ErrMissing), err)
	})
	t.Run("a_sealed_text_is_of_no_use_in_another_place", func(t *testing.T) {
		doc, err := st.Get(t.Context(), secrets.Collection, "sales/wecom.app")
		require.NoError(t, err)
		moved := strings.ReplaceAll(string(doc), "sales", "stock")
		require.NoError(t, st.Apply(t.Context(), store.Write{Op: store.OpPut, Collection: secrets.Collection, ID: "stock/wecom.app", Doc: store.Doc(moved)}))
		_, err = safe.Open(t.Context(), "stock", "wecom.app")
		require.True(t, fault.Has(err, secrets.ErrSealed), err)
	})
	t.Run("with_another_key_it_must_be_entered_again", func(t *testing.T) {
		other := secrets.New(st, ck, box(t, 'b'), log)
		_, err := other.Open(t.Context(), "sales", "wecom.app")
		require.True(t, fault.Has(err, secrets.ErrSealed), err)
	})
	t.Run("every_setting_has_a_version_of_its_own", func(t *testing.T) {
		before, err := safe.Version(t.Context(), "sales", "wecom.app")
		require.NoError(t, err)
		require.NotEmpty(t, before)
		require.NoError(t, safe.Set(t.Context(), admin, "sales", "wecom.app", "hunter2"))
		after, err := safe.Version(t.Context(), "sales", "wecom.app")
		require.NoError(t, err)
		require.NotEqual(t, before, after)
		none, err := safe.Version(t.Context(), "sales", "nothing")
		require.NoError(t, err)
		require.Empty(t, none)
	})
	t.Run("what_is_forgotten_is_gone", func(t *testing.T) {
		require.NoError(t, safe.Forget(t.Context(), admin, "sales", "wecom.app"))
		require.NoError(t, safe.Forget(t.Context(), admin, "sales", "wecom.app"))
		_, err := safe.Open(t.Context(), "sales", "wecom.app")
		require.True(t, fault.Has(err, secrets.ErrMissing), err)
	})
	t.Run("odd_names_and_values_are_refused", func(t *testing.T) {
		for _, name := range []string{"", "a/b", "a b", strings.Repeat("x", 129)} {
			require.True(t, fault.Has(safe.Set(t.Context(), admin, "sales", name, "x"), secrets.ErrName), name)
			require.True(t, fault.Has(safe.Forget(t.Context(), admin, "sales", name), secrets.ErrName), name)
		}
		for _, value := range []string{"", strings.Repeat("x", 4001)} {
			require.True(t, fault.Has(safe.Set(t.Context(), admin, "sales", "x", value), secrets.ErrValue))
		}
	})
}
