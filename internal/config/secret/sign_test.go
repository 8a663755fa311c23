package secret_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/config/secret"
)

func TestSigner(t *testing.T) {
	key := make([]byte, secret.KeyBytes)
	signer := func(key []byte, purpose string) *secret.Signer {
		s, err := secret.NewSigner(key, purpose)
		require.NoError(t, err)
		return s
	}
	s := signer(key, "links")
	token := s.Token("abc123")

	t.Run("token_gives_its_id_back_and_is_the_same_every_time", func(t *testing.T) {
		id, ok := s.Open(token)
		require.True(t, ok)
		require.Equal(t, "abc123", id)
		require.Equal(t, token, signer(key, "links").Token("abc123"))
		require.Regexp(t, `^abc123-[0-9a-v]{39}$`, token)
	})
	t.Run("whatever_was_changed_is_refused", func(t *testing.T) {
		other := make([]byte, secret.KeyBytes)
		other[0] = 1
		for name, forged := range map[string]string{
			"nothing": "", "id_alone": "abc123", "empty_signature": "abc123-", "capitals": strings.ToUpper(token), "other_id": strings.Replace(token, "abc", "abd", 1),
			"short": token[:len(token)-1], "long": token + "a", "spaced": " " + token, "other_key": signer(other, "links").Token("abc123"),
			"other_purpose": signer(key, "files").Token("abc123"), "no_id": token[len("abc123"):],
		} {
			_, ok := s.Open(forged)
			require.False(t, ok, name)
		}
	})
	t.Run("key_of_another_length_is_refused", func(t *testing.T) {
		_, err := secret.NewSigner(key[1:], "links")
		require.ErrorContains(t, err, "31")
	})
}

func FuzzSigner(f *testing.F) {
	s, err := secret.NewSigner(make([]byte, secret.KeyBytes), "links")
	require.NoError(f, err)
	f.Add(s.Token("x"))
	f.Add("x-aaaa")
	f.Fuzz(func(t *testing.T, token string) {
		if id, ok := s.Open(token); ok {
			require.Equal(t, s.Token(id), token)
		}
	})
}
