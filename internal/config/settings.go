package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/stepwell/stepwell/internal/config/secret"
)

// setting is one row of the table. Its flag, its environment variable and its place in the file follow from the name.
type setting struct {
	name  string // "smtp.port": the place in the file
	value string // default
	doc   string
	parse func(c *Config, text string) error
	toggle,
	secret bool
}

// settings is the one table of all settings.
var settings = []setting{
	{name: "listen", value: ":8080", parse: parseListen, doc: "address and port to listen on; 127.0.0.1:8080 with --manual-clock"},
	{name: "publicUrl", parse: parsePublicURL, doc: "where people reach this installation, for links in mail; default http://localhost and the port"},
	{name: "dataDir", value: "./data", parse: text(func(c *Config) *string { return &c.DataDir }), doc: "folder of the embedded store, its files and the secret key"},
	{name: "trustedProxies", parse: parseProxies, doc: "networks of reverse proxies whose X-Forwarded-For is believed, e.g. 10.0.0.0/8,::1"},
	{name: "mongodb.uri", secret: true, parse: parseMongoURI, doc: "use this MongoDB (6 or later) instead of the embedded store, e.g. mongodb://host/?replicaSet=rs0"},
	{name: "mongodb.database", value: "stepwell", parse: parseDatabase, doc: "name of the database on MongoDB"},
	{name: "secretKey", secret: true, parse: parseSecretKey, doc: "32 bytes in base64 or hex that stored secrets are encrypted with; made in the data folder when the store is embedded"},
	{name: "smtp.host", parse: text(func(c *Config) *string { return &c.SMTP.Host }), doc: "mail server; no mail is sent without one"},
	{name: "smtp.port", value: "587", parse: parsePort, doc: "port of the mail server"},
	{name: "smtp.username", parse: text(func(c *Config) *string { return &c.SMTP.Username }), doc: "account on the mail server"},
	{name: "smtp.password", secret: true, parse: hidden(func(c *Config) *secret.Text { return &c.SMTP.Password }), doc: "password of that account"},
	{name: "smtp.from", parse: parseFrom, doc: `sender of mail, e.g. Stepwell <stepwell@example.com>`},
	{name: "smtp.tls", value: "starttls", parse: choice(func(c *Config) *TLSMode { return &c.SMTP.TLS }, STARTTLS, ImplicitTLS, NoTLS), doc: "protection of the mail connection: starttls, tls or none"},
	{name: "outbound.allow", parse: parseOutbound, doc: "private networks that channels and webhooks may call, e.g. 10.0.0.0/8; public addresses may always be called, others never"},
	{name: "log.level", value: "info", parse: parseLevel, doc: "least level that is logged: debug, info, warn or error"},
	{name: "log.format", value: "text", parse: choice(func(c *Config) *LogFormat { return &c.Log.Format }, LogText, LogJSON), doc: "shape of log lines: text or json"},
	{name: "limits.upload", value: "200MiB", parse: size(func(c *Config) *int64 { return &c.Limits.Upload }), doc: "largest file that may be uploaded"},
	{name: "limits.request", value: "4MiB", parse: size(func(c *Config) *int64 { return &c.Limits.Request }), doc: "largest request body that is not an upload"},
	{name: "session.idle", value: "12h", parse: duration(func(c *Config) *time.Duration { return &c.Session.Idle }), doc: "a sign-in ends after this long without any request"},
	{name: "session.max", value: "30d", parse: duration(func(c *Config) *time.Duration { return &c.Session.Max }), doc: "a sign-in ends after this long in any case"},
	{name: "manualClock", value: "false", toggle: true, parse: toggle(func(c *Config) *bool { return &c.ManualClock }), doc: "time stands still until it is moved over the API; for demonstrations, on loopback only"},
}

var (
	hump      = regexp.MustCompile(`([a-z])([A-Z])`)
	envNames  = strings.NewReplacer(".", "_")
	flagNames = strings.NewReplacer(".", "-")
)

func (s *setting) env() string {
	return "STEPWELL_" + strings.ToUpper(envNames.Replace(hump.ReplaceAllString(s.name, "${1}_$2")))
}

func (s *setting) flag() string {
	return strings.ToLower(flagNames.Replace(hump.ReplaceAllString(s.name, "$1-$2")))
}

func text(at func(*Config) *string) func(*Config, string) error {
	return func(c *Config, s string) error { *at(c) = s; return nil }
}

func hidden(at func(*Config) *secret.Text) func(*Config, string) error {
	return func(c *Config, s string) error { *at(c) = secret.New(s); return nil }
}

func toggle(at func(*Config) *bool) func(*Config, string) error {
	return func(c *Config, s string) error {
		v, err := strconv.ParseBool(s)
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", s)
		}
		*at(c) = v
		return nil
	}
}

func choice[T ~string](at func(*Config) *T, choices ...T) func(*Config, string) error {
	return func(c *Config, s string) error {
		names := make([]string, len(choices))
		for i, choice := range choices {
			if T(s) == choice {
				*at(c) = choice
				return nil
			}
			names[i] = string(choice)
		}
		return fmt.Errorf("%q is none of: %s", s, strings.Join(names, ", "))
	}
}

var sizeUnits = []struct {
	suffix string
	bytes  int64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1}, {"", 1}}

func size(at func(*Config) *int64) func(*Config, string) error {
	return func(c *Config, s string) error {
		for _, unit := range sizeUnits {
			digits, ok := strings.CutSuffix(s, unit.suffix)
			if !ok {
				continue
			}
			n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
			if err != nil || n <= 0 || n > (1<<40)/unit.bytes {
				break
			}
			*at(c) = n * unit.bytes
			return nil
		}
		return fmt.Errorf("%q is not a size up to 1 TiB such as 50MiB or 1GiB", s)
	}
}

// duration understands days ("30d") besides what time.ParseDuration does.
func duration(at func(*Config) *time.Duration) func(*Config, string) error {
	return func(c *Config, s string) error {
		var d time.Duration
		var err error
		if days, ok := strings.CutSuffix(s, "d"); ok {
			var n int64
			n, err = strconv.ParseInt(days, 10, 16)
			d = time.Duration(n) * 24 * time.Hour
		} else {
			d, err = time.ParseDuration(s)
		}
		if err != nil || d < time.Minute {
			return fmt.Errorf("%q is not a duration of a minute or more, such as 90m, 12h or 30d", s)
		}
		*at(c) = d
		return nil
	}
}

func parseListen(c *Config, s string) error {
	_, port, err := net.SplitHostPort(s)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf("%q is not an address and a port, such as :8080 or 127.0.0.1:8080", s)
	}
	c.Listen = s
	return nil
}

func parsePublicURL(c *Config, s string) error {
	if s == "" {
		return nil
	}
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return fmt.Errorf("%q is not a web address such as https://work.example.com", s)
	}
	c.PublicURL = strings.TrimRight(u.String(), "/")
	return nil
}

func parseProxies(c *Config, s string) (err error) {
	c.TrustedProxies, err = networks(s)
	return err
}

func parseOutbound(c *Config, s string) (err error) {
	c.Outbound.Allow, err = networks(s)
	return err
}

func networks(s string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for part := range strings.SplitSeq(s, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		prefix, err := netip.ParsePrefix(part)
		if addr, addrErr := netip.ParseAddr(part); addrErr == nil {
			prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			return nil, fmt.Errorf("%q is not a network such as 10.0.0.0/8", part)
		}
		out = append(out, prefix)
	}
	return out, nil
}

// parseMongoURI never repeats the address: it may hold a password.
func parseMongoURI(c *Config, s string) error {
	if s != "" && !strings.HasPrefix(s, "mongodb://") && !strings.HasPrefix(s, "mongodb+srv://") {
		return errors.New("does not begin with mongodb:// or mongodb+srv://")
	}
	c.MongoDB.URI = secret.New(s)
	return nil
}

func parseDatabase(c *Config, s string) error {
	if s == "" || len(s) > 60 || strings.ContainsAny(s, "/\\. \"$*<>:|?\x00") {
		return fmt.Errorf("%q is not a database name: up to 60 letters, digits, - and _", s)
	}
	c.MongoDB.Database = s
	return nil
}

func parseSecretKey(c *Config, s string) error {
	if s == "" {
		return nil
	}
	if _, err := secret.ParseKey(s); err != nil {
		return err
	}
	c.SecretKey = secret.New(s)
	return nil
}

func parsePort(c *Config, s string) error {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n == 0 {
		return fmt.Errorf("%q is not a port from 1 to 65535", s)
	}
	c.SMTP.Port = int(n)
	return nil
}

func parseFrom(c *Config, s string) error {
	if s == "" {
		return nil
	}
	addr, err := mail.ParseAddress(s)
	if err != nil {
		return fmt.Errorf("%q is not a mail address such as Stepwell <stepwell@example.com>", s)
	}
	c.SMTP.From = *addr
	return nil
}

func parseLevel(c *Config, s string) error {
	levels := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
	level, ok := levels[s]
	if !ok {
		return fmt.Errorf("%q is none of: debug, info, warn, error", s)
	}
	c.Log.Level = level
	return nil
}
