package password_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/runtime/people/password"
)

var cheap = password.Cost{Memory: 64, Passes: 1, Threads: 1}

func TestHasher(t *testing.T) {
	ctx := t.Context()
	h := password.NewHasher(cheap)
	hash, err := h.Hash(ctx, "violet tram 7 lanterns")
	require.NoError(t, err)

	t.Run("right_password_matches", func(t *testing.T) {
		ok, outdated, err := h.Verify(ctx, hash, "violet tram 7 lanterns")
		require.NoError(t, err)
		require.True(t, ok)
		require.False(t, outdated)
	})
	t.Run("wrong_password_does_not", func(t *testing.T) {
		ok, _, err := h.Verify(ctx, hash, "violet tram 8 lanterns")
		require.NoError(t, err)
		require.False(t, ok)
	})
	t.Run("same_password_hashes_differently", func(t *testing.T) {
		again, err := h.Hash(ctx, "violet tram 7 lanterns")
		require.NoError(t, err)
		require.NotEqual(t, hash, again)
	})
	t.Run("hash_is_in_phc_form", func(t *testing.T) {
		require.Regexp(t, `^\$argon2id\$v=19\$m=64,t=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`, hash)
	})
	t.Run("unknown_user_never_matches", func(t *testing.T) {
		for _, tried := range []string{"", "violet tram 7 lanterns", strings.Repeat("\x00", 32)} {
			ok, _, err := h.Verify(ctx, "", tried)
			require.NoError(t, err)
			require.False(t, ok)
		}
	})
	t.Run("hash_of_another_cost_matches_and_is_outdated", func(t *testing.T) {
		ok, outdated, err := password.NewHasher(password.Cost{Memory: 128, Passes: 1, Threads: 1}).Verify(ctx, hash, "violet tram 7 lanterns")
		require.NoError(t, err)
		require.True(t, ok)
		require.True(t, outdated)
	})
	t.Run("composed_and_decomposed_letters_are_the_same_password", func(t *testing.T) {
		composed, err := h.Hash(ctx, "caf\u00e9 am see 7")
		require.NoError(t, err)
		ok, _, err := h.Verify(ctx, composed, "cafe\u0301 am see 7")
		require.NoError(t, err)
		require.True(t, ok)
	})
	t.Run("damaged_hash_is_an_error", func(t *testing.T) {
		for _, damaged := range []string{
			"x", hash[:40], strings.Replace(hash, "argon2id", "argon2i", 1), strings.Replace(hash, "m=64", "m=4000000000", 1),
			strings.Replace(hash, "t=1", "t=0", 1), strings.Replace(hash, "p=1", "p=0", 1),
		} {
			_, _, err := h.Verify(ctx, damaged, "x")
			require.ErrorIs(t, err, password.ErrDamaged, damaged)
		}
	})
	t.Run("waiting_ends_with_the_request", func(t *testing.T) {
		gone, cancel := context.WithCancel(ctx)
		cancel()
		// With free turns both may happen; either way nothing hangs.
		if _, err := h.Hash(gone, "x"); err != nil {
			require.ErrorIs(t, err, context.Canceled)
		}
	})
}

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		password string
		want     *fault.Code
	}{
		"short_is_refused":                     {"k7#pQ2!xz", password.ErrShort},
		"endless_is_refused":                   {strings.Repeat("violet tram ", 20), password.ErrLong},
		"common_word_and_digits_is_refused":    {"password123", password.ErrSimple},
		"disguised_word_and_year_is_refused":   {"P@ssw0rd2024!", password.ErrSimple},
		"chinese_favourite_is_refused":         {"woaini5201314", password.ErrSimple},
		"own_user_name_and_year_is_refused":    {"lixiaoming1990", password.ErrSimple},
		"own_name_in_chinese_is_refused":       {"李小明李小明李小明李小明", password.ErrSimple},
		"keyboard_walk_is_refused":             {"1qaz2wsx3edc", password.ErrSimple},
		"mobile_number_with_a_run_is_refused":  {"13812345678", password.ErrSimple},
		"few_letters_repeated_is_refused":      {"xkxkxkxkxkxkxk", password.ErrSimple},
		"run_is_refused":                       {"abcdefghijklmnop", password.ErrSimple},
		"sentence_is_taken":                    {"violet tram 7 lanterns", nil},
		"chinese_sentence_is_taken":            {"山下的灯笼昨夜又亮了", nil},
		"random_letters_and_signs_are_taken":   {"7#9$k2!8@1^4x", nil},
		"ten_random_letters_are_taken":         {"hbtqzvnkwd", nil},
		"sentence_with_a_common_word_is_taken": {"my coffee tram hums at dusk", nil},
	} {
		t.Run(name, func(t *testing.T) {
			err := password.Check(c.password, "lixiaoming", "李小明", "xm.li@example.com")
			if c.want == nil {
				require.NoError(t, err)
				return
			}
			require.True(t, fault.Has(err, c.want), "%v", err)
			require.NotContains(t, err.Error(), c.password)
		})
	}
}

func BenchmarkRecommended(b *testing.B) {
	h := password.NewHasher(password.Recommended)
	for b.Loop() {
		if _, err := h.Hash(b.Context(), "violet tram 7 lanterns"); err != nil {
			b.Fatal(err)
		}
	}
}
