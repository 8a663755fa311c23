package quicklinks_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/config/secret"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/storetest"
	"github.com/stepwell/stepwell/runtime/quicklinks"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func open(t *testing.T) (*quicklinks.Room, *clock.Manual) {
	t.Helper()
	ck := clock.NewManual(start)
	signer, err := secret.NewSigner(make([]byte, secret.KeyBytes), quicklinks.Purpose)
	require.NoError(t, err)
	st := storetest.Open(t)
	require.NoError(t, st.EnsureIndexes(t.Context(), quicklinks.Collection, quicklinks.Indexes()...))
	return quicklinks.New(st, ck, signer, slog.New(slog.DiscardHandler)), ck
}

func link(id string) quicklinks.Link {
	return quicklinks.Link{
		ID: id, User: "li", App: "sales", Form: "deal", Record: "r1", Fields: []string{"drawing"}, Digest: "d",
		MadeAt: store.MomentOf(start), ExpiresAt: store.MomentOf(start.Add(time.Hour)),
	}
}

func token(r *quicklinks.Room, id string) string { return r.Path(id)[len("/q/"):] }

func TestRoom(t *testing.T) {
	t.Run("token_leads_to_its_link", func(t *testing.T) {
		r, _ := open(t)
		_, err := r.Make(t.Context(), link("a"))
		require.NoError(t, err)
		found, err := r.Find(t.Context(), token(r, "a"))
		require.NoError(t, err)
		require.Equal(t, "li", found.User)
	})
	t.Run("forged_token_and_link_that_is_gone_answer_alike", func(t *testing.T) {
		r, _ := open(t)
		_, forged := r.Find(t.Context(), "a-b")
		_, gone := r.Find(t.Context(), token(r, "a"))
		require.True(t, fault.Has(forged, quicklinks.ErrUnknown))
		require.Equal(t, forged.Error(), gone.Error())
	})
	t.Run("making_it_again_changes_nothing_and_another_request_under_its_id_is_refused", func(t *testing.T) {
		r, _ := open(t)
		_, err := r.Make(t.Context(), link("a"))
		require.NoError(t, err)
		require.NoError(t, r.Finish(t.Context(), "a"))
		again, err := r.Make(t.Context(), link("a"))
		require.NoError(t, err)
		require.Equal(t, quicklinks.Used, again.State(start))
		other := link("a")
		other.Digest = "e"
		_, err = r.Make(t.Context(), other)
		require.True(t, fault.Has(err, quicklinks.ErrKeyReused))
	})
	t.Run("it_ends_once_and_says_how", func(t *testing.T) {
		r, ck := open(t)
		for _, id := range []string{"used", "revoked", "expired"} {
			_, err := r.Make(t.Context(), link(id))
			require.NoError(t, err)
		}
		require.NoError(t, r.Finish(t.Context(), "used"))
		require.NoError(t, r.Revoke(t.Context(), "used", "wang"))
		require.NoError(t, r.Revoke(t.Context(), "revoked", "wang"))
		ck.Advance(time.Hour)
		require.NoError(t, r.Finish(t.Context(), "used"))
		for id, want := range map[string]*fault.Code{"used": quicklinks.ErrUsed, "revoked": quicklinks.ErrRevoked, "expired": quicklinks.ErrExpired} {
			l, err := r.Find(t.Context(), token(r, id))
			require.NoError(t, err)
			require.True(t, fault.Has(l.Usable(ck.Now()), want), id)
			if id == "used" {
				require.True(t, l.UsedAt.Equal(start), "the first moment stays")
			}
		}
	})
	t.Run("it_is_found_at_its_record_only", func(t *testing.T) {
		r, _ := open(t)
		_, err := r.Make(t.Context(), link("a"))
		require.NoError(t, err)
		_, err = r.Get(t.Context(), "sales", "deal", "r2", "a")
		require.True(t, fault.Has(err, quicklinks.ErrNoLink))
		list, err := r.Of(t.Context(), "sales", "deal", "r1", 10)
		require.NoError(t, err)
		require.Len(t, list, 1)
	})
	t.Run("uploads_run_out", func(t *testing.T) {
		r, _ := open(t)
		_, err := r.Make(t.Context(), link("a"))
		require.NoError(t, err)
		for range 40 {
			require.NoError(t, r.CountUpload(t.Context(), "a"))
		}
		require.True(t, fault.Has(r.CountUpload(t.Context(), "a"), quicklinks.ErrTooOften))
	})
	t.Run("only_links_that_expired_long_ago_are_removed", func(t *testing.T) {
		r, ck := open(t)
		_, err := r.Make(t.Context(), link("old"))
		require.NoError(t, err)
		ck.Advance(180 * 24 * time.Hour)
		fresh := link("fresh")
		fresh.ExpiresAt = store.MomentOf(ck.Now())
		_, err = r.Make(t.Context(), fresh)
		require.NoError(t, err)
		ck.Advance(2 * time.Hour)
		n, err := r.Purge(t.Context())
		require.NoError(t, err)
		require.Equal(t, int64(1), n)
	})
}

func TestLimiter(t *testing.T) {
	t.Run("so_many_at_once_and_then_one_in_every_while", func(t *testing.T) {
		ck := clock.NewManual(start)
		l := quicklinks.NewLimiter(ck, 3, time.Minute)
		for range 3 {
			require.True(t, l.Take("a"))
		}
		require.False(t, l.Take("a"))
		require.True(t, l.Take("b"), "keys are apart")
		ck.Advance(59 * time.Second)
		require.False(t, l.Take("a"))
		ck.Advance(time.Second)
		require.True(t, l.Take("a"))
		require.False(t, l.Take("a"))
		ck.Advance(time.Hour)
		for range 3 {
			require.True(t, l.Take("a"), "never more than at first")
		}
		require.False(t, l.Take("a"))
	})
}
