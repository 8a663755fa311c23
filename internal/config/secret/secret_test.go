package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/config/secret"
)

func TestText(t *testing.T) {
	t.Run("never_shows_its_value", func(t *testing.T) {
		hidden := struct {
			Password secret.Text `json:"password"`
		}{secret.New("hunter2")}
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("start", slog.Any("password", hidden.Password), slog.Any("all", hidden))
		encoded, err := json.Marshal(hidden)
		require.NoError(t, err)
		log.Write(encoded)
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T"} {
			fmt.Fprintf(&log, verb+verb+verb, hidden, &hidden, hidden.Password)
		}
		shown := log.String()
		require.NotContains(t, shown, "hunter2")
		require.NotContains(t, shown, fmt.Sprintf("%x", "hunter2"))
		require.Contains(t, shown, "[redacted]")
		require.Equal(t, "hunter2", hidden.Password.Reveal())
	})
	t.Run("empty_shows_nothing", func(t *testing.T) {
		require.Empty(t, fmt.Sprint(secret.Text{}))
		require.True(t, secret.Text{}.Empty())
	})
}

func box(t *testing.T, fill byte) *secret.Box {
	t.Helper()
	b, err := secret.NewBox(bytes.Repeat([]byte{fill}, secret.KeyBytes))
	require.NoError(t, err)
	return b
}

func TestBox(t *testing.T) {
	b := box(t, 1)
	sealed := b.Seal("密码 hunter2", "channel/mail/password")

	t.Run("opens_what_it_sealed", func(t *testing.T) {
		got, err := b.Open(sealed, "channel/mail/password")
		require.NoError(t, err)
		require.Equal(t, "密码 hunter2", got.Reveal())
	})
	t.Run("sealing_twice_differs", func(t *testing.T) {
		require.NotEqual(t, sealed, b.Seal("密码 hunter2", "channel/mail/password"))
	})
	t.Run("another_place_is_refused", func(t *testing.T) {
		_, err := b.Open(sealed, "channel/sms/password")
		require.ErrorIs(t, err, secret.ErrDamaged)
	})
	t.Run("another_key_is_named", func(t *testing.T) {
		_, err := box(t, 2).Open(sealed, "channel/mail/password")
		require.ErrorIs(t, err, secret.ErrOtherKey)
	})
	t.Run("any_changed_byte_is_noticed", func(t *testing.T) {
		for i := range sealed {
			changed := []byte(sealed)
			changed[i] ^= 1
			_, err := b.Open(string(changed), "channel/mail/password")
			require.Error(t, err, "byte %d", i)
		}
	})
	t.Run("short_key_is_refused", func(t *testing.T) {
		_, err := secret.NewBox(make([]byte, 16))
		require.ErrorContains(t, err, "32 bytes")
	})
}

func TestParseKey(t *testing.T) {
	want := []byte(strings.Repeat("\xfb", secret.KeyBytes))
	for name, text := range map[string]string{
		"hex_is_read":             strings.Repeat("fb", secret.KeyBytes),
		"base64_is_read":          "+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/s=\n",
		"url_base64_is_read":      "-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s",
		"unpadded_base64_is_read": "+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/s",
	} {
		t.Run(name, func(t *testing.T) {
			key, err := secret.ParseKey(text)
			require.NoError(t, err)
			require.Equal(t, want, key)
		})
	}
	t.Run("short_key_says_how_to_make_one", func(t *testing.T) {
		_, err := secret.ParseKey("c2hvcnQ=")
		require.ErrorContains(t, err, "openssl rand -base64 32")
		require.NotContains(t, err.Error(), "c2hvcnQ")
	})
}

func TestLoadKey(t *testing.T) {
	t.Run("made_once_for_the_owner_only", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "data", "secret.key")
		first, err := secret.LoadKey(path)
		require.NoError(t, err)
		again, err := secret.LoadKey(path)
		require.NoError(t, err)
		require.Equal(t, first, again)
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
		entries, err := os.ReadDir(filepath.Dir(path))
		require.NoError(t, err)
		require.Len(t, entries, 1, "no temporary file stays")
	})
	t.Run("processes_that_race_agree", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "secret.key")
		keys := make([][]byte, 16)
		var group sync.WaitGroup
		for i := range keys {
			group.Go(func() { keys[i], _ = secret.LoadKey(path) })
		}
		group.Wait()
		for _, key := range keys {
			require.Equal(t, keys[0], key)
			require.Len(t, key, secret.KeyBytes)
		}
	})
	t.Run("readable_by_others_is_refused", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "secret.key")
		_, err := secret.LoadKey(path)
		require.NoError(t, err)
		require.NoError(t, os.Chmod(path, 0o644))
		_, err = secret.LoadKey(path)
		require.ErrorContains(t, err, "chmod 600")
	})
	t.Run("damaged_file_is_not_replaced", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "secret.key")
		require.NoError(t, os.WriteFile(path, []byte("nonsense"), 0o600))
		_, err := secret.LoadKey(path)
		require.ErrorContains(t, err, path)
	})
}
