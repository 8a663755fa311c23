// Package config is what an installation is told from outside: flags, environment and an optional file, checked at
// start. Every setting stands in one table (settings.go), which names, documents and reads it.
package config

import (
	"fmt"
	"log/slog"
	"net"
	"net/mail"
	"net/netip"
	"path/filepath"
	"strings"
	"time"

	"github.com/stepwell/stepwell/internal/config/secret"
)

// Config is a checked configuration.
type Config struct {
	Listen         string // host:port
	PublicURL      string // where people reach this installation; no slash at the end
	DataDir        string
	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed
	MongoDB        MongoDB
	SMTP           SMTP
	Outbound       Outbound
	Log            Log
	Limits         Limits
	Session        Session
	ManualClock    bool
	SecretKey      secret.Text

	// Warnings are worth a line in the log and no reason not to start.
	Warnings []string
}

// MongoDB says which database to use.
type MongoDB struct {
	URI      secret.Text // empty: the embedded store in DataDir
	Database string
}

// SMTP says how mail leaves. An empty host means that no mail is sent.
type SMTP struct {
	Host     string
	Port     int
	Username string
	Password secret.Text
	From     mail.Address
	TLS      TLSMode
}

// Outbound says whom the server may call at addresses that people type in.
type Outbound struct {
	Allow []netip.Prefix // private networks; public addresses are allowed anyway
}

// TLSMode is how a mail connection is protected.
type TLSMode string

// The ways to protect a mail connection.
const (
	STARTTLS    TLSMode = "starttls" // plain at first, then TLS; refused when the server cannot
	ImplicitTLS TLSMode = "tls"      // TLS from the first byte
	NoTLS       TLSMode = "none"     // never on a real network
)

// Log says what the log tells and in which shape.
type Log struct {
	Level  slog.Level
	Format LogFormat
}

// LogFormat is the shape of log lines.
type LogFormat string

// The shapes of log lines.
const (
	LogText LogFormat = "text"
	LogJSON LogFormat = "json"
)

// Limits bound what a request may bring.
type Limits struct {
	Upload  int64 // bytes of one uploaded file
	Request int64 // bytes of any other request body
}

// Session says how long a sign-in lasts.
type Session struct {
	Idle time.Duration // without any request
	Max  time.Duration // altogether
}

// Embedded reports whether the embedded store is used.
func (c *Config) Embedded() bool { return c.MongoDB.URI.Empty() }

// Box makes the box that secrets are sealed in: of SecretKey, else of a key file in DataDir, made when missing.
func (c *Config) Box() (*secret.Box, error) {
	key, err := c.key()
	if err != nil {
		return nil, err
	}
	return secret.NewBox(key)
}

// Signer makes the signer of one purpose, of the same key as Box.
func (c *Config) Signer(purpose string) (*secret.Signer, error) {
	key, err := c.key()
	if err != nil {
		return nil, err
	}
	return secret.NewSigner(key, purpose)
}

func (c *Config) key() ([]byte, error) {
	if c.SecretKey.Empty() {
		return secret.LoadKey(filepath.Join(c.DataDir, "secret.key"))
	}
	return secret.ParseKey(c.SecretKey.Reveal())
}

// Problem is one thing that is wrong with the configuration.
type Problem struct {
	Source string // "STEPWELL_SMTP_PORT", "--smtp-port" or "smtp.port in stepwell.yaml"
	Text   string // what is wrong and what to do
}

// Error lists everything that is wrong, so that it can be mended in one go.
type Error struct{ Problems []Problem }

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("the configuration cannot be used:")
	for _, p := range e.Problems {
		fmt.Fprintf(&b, "\n  %s: %s", p.Source, p.Text)
	}
	b.WriteString("\nRun with --help to see every setting.")
	return b.String()
}

// check looks at settings together. Each setting alone has been checked by its parser.
func (c *Config) check(report func(setting, text string)) {
	host, _, err := net.SplitHostPort(c.Listen)
	if err == nil && c.ManualClock && !loopback(host) {
		report("listen", "with the manual clock only a loopback address may be listened on, such as 127.0.0.1:8080, because anybody who reaches it can move the clock")
	}
	if c.Session.Idle > c.Session.Max {
		report("session.idle", "is longer than session.max; make it shorter")
	}
	if !c.Embedded() && c.SecretKey.Empty() {
		report("secretKey", "is needed with MongoDB, because every server copy must have the same one; make one with: openssl rand -base64 32")
	}
	c.SMTP.check(report)
}

func (s *SMTP) check(report func(setting, text string)) {
	if s.Host == "" {
		return
	}
	if s.From.Address == "" {
		report("smtp.from", "is needed when smtp.host is set; it is the address that mail comes from")
	}
	if s.Username != "" && s.Password.Empty() {
		report("smtp.password", "is needed when smtp.username is set")
	}
	if s.TLS == NoTLS && !s.Password.Empty() && !loopback(s.Host) {
		report("smtp.tls", "the password would travel unprotected; use starttls or tls")
	}
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}
