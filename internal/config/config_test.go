package config_test

import (
	"bytes"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/config"
)

func load(t *testing.T, args, environ []string) (*config.Config, error) {
	t.Helper()
	set := flag.NewFlagSet("serve", flag.ContinueOnError)
	config.Flags(set)
	require.NoError(t, set.Parse(args))
	return config.Load(set, environ)
}

func file(t *testing.T, name, body string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(body), 0o600))
	return path
}

func TestLoad(t *testing.T) {
	t.Run("nothing_given_is_usable", func(t *testing.T) {
		c, err := load(t, nil, nil)
		require.NoError(t, err)
		require.Equal(t, ":8080", c.Listen)
		require.Equal(t, "http://localhost:8080", c.PublicURL)
		require.Equal(t, "./data", c.DataDir)
		require.Equal(t, int64(200<<20), c.Limits.Upload)
		require.Equal(t, 12*time.Hour, c.Session.Idle)
		require.Equal(t, 30*24*time.Hour, c.Session.Max)
		require.True(t, c.Embedded())
		require.Empty(t, c.Warnings)
	})
	t.Run("flag_beats_environment_beats_file", func(t *testing.T) {
		path := file(t, "s.yaml", "listen: :1\ndataDir: /file\nlog:\n  level: warn\n")
		c, err := load(t, []string{"--listen", ":3"}, []string{"STEPWELL_LISTEN=:2", "STEPWELL_DATA_DIR=/env", "STEPWELL_CONFIG=" + path})
		require.NoError(t, err)
		require.Equal(t, ":3", c.Listen)
		require.Equal(t, "/env", c.DataDir)
		require.Equal(t, "WARN", c.Log.Level.String())
	})
	t.Run("json_is_read_as_well", func(t *testing.T) {
		path := file(t, "s.json", `{"smtp": {"host": "mail.example.com", "port": 465, "tls": "tls", "from": "升阶 <a@example.com>"}, "trustedProxies": ["10.0.0.0/8", "::1"]}`)
		c, err := load(t, []string{"--config", path}, nil)
		require.NoError(t, err)
		require.Equal(t, 465, c.SMTP.Port)
		require.Equal(t, config.ImplicitTLS, c.SMTP.TLS)
		require.Equal(t, "升阶", c.SMTP.From.Name)
		require.Len(t, c.TrustedProxies, 2)
	})
	t.Run("networks_that_may_be_called_are_read", func(t *testing.T) {
		c, err := load(t, nil, []string{"STEPWELL_OUTBOUND_ALLOW=10.0.0.0/8, 192.168.1.7"})
		require.NoError(t, err)
		require.Equal(t, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.168.1.7/32")}, c.Outbound.Allow)
		_, err = load(t, nil, []string{"STEPWELL_OUTBOUND_ALLOW=the office"})
		require.ErrorContains(t, err, "STEPWELL_OUTBOUND_ALLOW: \"the office\" is not a network")
	})
	t.Run("every_problem_is_listed_at_once_with_its_source", func(t *testing.T) {
		path := file(t, "s.yaml", "smtp:\n  hots: x\n  password: 0123\nsession: {idle: soon}\n")
		_, err := load(t, []string{"--limits-upload", "much"}, []string{"STEPWELL_SMTP_PORT=99999", "STEPWELL_CONFIG=" + path})
		var bad *config.Error
		require.ErrorAs(t, err, &bad)
		got := err.Error()
		require.Len(t, bad.Problems, 5, got)
		require.Contains(t, got, "smtp.hots in "+path+": is no setting; did you mean smtp.host?")
		require.Contains(t, got, "smtp.password in "+path+": must be put in quotes")
		require.Contains(t, got, "--limits-upload: \"much\"")
		require.Contains(t, got, "STEPWELL_SMTP_PORT: \"99999\" is not a port")
		require.Contains(t, got, "session.idle in "+path)
	})
	t.Run("settings_that_contradict_are_refused", func(t *testing.T) {
		_, err := load(t, nil, []string{
			"STEPWELL_MONGODB_URI=mongodb://u:hunter2@db", "STEPWELL_SMTP_HOST=mail", "STEPWELL_SMTP_USERNAME=u",
			"STEPWELL_SESSION_IDLE=31d", "STEPWELL_LISTEN=0.0.0.0:80", "STEPWELL_MANUAL_CLOCK=true",
		})
		var bad *config.Error
		require.ErrorAs(t, err, &bad)
		var sources []string
		for _, p := range bad.Problems {
			sources = append(sources, p.Source)
		}
		require.Equal(t, []string{"STEPWELL_LISTEN", "STEPWELL_SESSION_IDLE", "STEPWELL_SECRET_KEY", "STEPWELL_SMTP_FROM", "STEPWELL_SMTP_PASSWORD"}, sources)
		require.NotContains(t, err.Error(), "hunter2")
	})
	t.Run("manual_clock_listens_on_loopback_by_itself", func(t *testing.T) {
		c, err := load(t, []string{"--manual-clock"}, nil)
		require.NoError(t, err)
		require.True(t, c.ManualClock)
		require.Equal(t, "127.0.0.1:8080", c.Listen)
	})
	t.Run("password_over_a_plain_connection_is_refused", func(t *testing.T) {
		environ := []string{"STEPWELL_SMTP_FROM=a@b.c", "STEPWELL_SMTP_PASSWORD=p", "STEPWELL_SMTP_TLS=none"}
		_, err := load(t, []string{"--smtp-host", "mail.example.com"}, environ)
		require.ErrorContains(t, err, "unprotected")
		_, err = load(t, []string{"--smtp-host", "127.0.0.1"}, environ)
		require.NoError(t, err)
	})
	t.Run("misspelt_variable_is_warned_about", func(t *testing.T) {
		c, err := load(t, nil, []string{"STEPWELL_LITSEN=:1", "STEPWELL_TEST_MONGODB_URI=x"})
		require.NoError(t, err)
		require.Equal(t, []string{"the environment variable STEPWELL_LITSEN is no setting and was ignored"}, c.Warnings)
	})
	t.Run("broken_or_missing_file_is_named", func(t *testing.T) {
		path := file(t, "s.yaml", "a: b: c\n")
		_, err := load(t, []string{"--config", path}, nil)
		require.ErrorContains(t, err, path+": is not valid YAML or JSON")
		_, err = load(t, []string{"--config", "/nowhere.yaml"}, nil)
		require.ErrorContains(t, err, "/nowhere.yaml")
	})
	t.Run("setting_given_twice_in_the_file_is_refused", func(t *testing.T) {
		_, err := load(t, []string{"--config", file(t, "s.yaml", "listen: :1\nlisten: :2\n")}, nil)
		var bad *config.Error
		require.ErrorAs(t, err, &bad)
	})
	t.Run("secrets_are_never_printed", func(t *testing.T) {
		c, err := load(t, nil, []string{
			"STEPWELL_MONGODB_URI=mongodb://u:hunter2@db", "STEPWELL_SMTP_PASSWORD=hunter2",
			"STEPWELL_SECRET_KEY=" + strings.Repeat("ab", 32),
		})
		require.NoError(t, err)
		for _, verb := range []string{"%v", "%+v", "%#v"} {
			require.NotContains(t, fmt.Sprintf(verb, *c), "hunter2")
			require.NotContains(t, fmt.Sprintf(verb, *c), "abab")
		}
		require.Equal(t, "mongodb://u:hunter2@db", c.MongoDB.URI.Reveal())
	})
}

func TestBox(t *testing.T) {
	t.Run("key_is_made_in_the_data_folder_and_kept", func(t *testing.T) {
		dir := t.TempDir()
		c, err := load(t, []string{"--data-dir", dir}, nil)
		require.NoError(t, err)
		first, err := c.Box()
		require.NoError(t, err)
		require.FileExists(t, filepath.Join(dir, "secret.key"))
		second, err := c.Box()
		require.NoError(t, err)
		got, err := second.Open(first.Seal("x", "here"), "here")
		require.NoError(t, err)
		require.Equal(t, "x", got.Reveal())
	})
	t.Run("given_key_needs_no_file", func(t *testing.T) {
		dir := t.TempDir()
		c, err := load(t, []string{"--data-dir", dir}, []string{"STEPWELL_SECRET_KEY=" + strings.Repeat("ab", 32)})
		require.NoError(t, err)
		_, err = c.Box()
		require.NoError(t, err)
		require.NoFileExists(t, filepath.Join(dir, "secret.key"))
	})
}

func TestHelp(t *testing.T) {
	t.Run("names_every_flag_its_variable_and_default", func(t *testing.T) {
		var out bytes.Buffer
		require.NoError(t, config.Help(&out))
		set := flag.NewFlagSet("serve", flag.ContinueOnError)
		config.Flags(set)
		set.VisitAll(func(f *flag.Flag) {
			require.Contains(t, out.String(), "--"+f.Name)
			require.Contains(t, out.String(), "STEPWELL_"+strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_")))
		})
		require.Regexp(t, `--session-max .*\n.*STEPWELL_SESSION_MAX; in the file session.max; default 30d`, out.String())
	})
}
