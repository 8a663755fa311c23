package secret

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Text is a password, key or address with a password in it. However it is printed, logged or encoded, only
// "[redacted]" comes out; Reveal gives the value to whoever really needs it.
type Text struct{ value string }

// New hides a value.
func New(value string) Text { return Text{value} }

// Reveal gives the value. Hand it straight to what needs it.
func (t Text) Reveal() string { return t.value }

// Empty reports whether there is no value.
func (t Text) Empty() bool { return t.value == "" }

// String is "[redacted]", or "" for an empty Text.
func (t Text) String() string {
	if t.Empty() {
		return ""
	}
	return redacted
}

// Format prints String under every verb: the default for %d or %#v would show the value.
func (t Text) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, t.String()) }

// LogValue is what structured logs get.
func (t Text) LogValue() slog.Value { return slog.StringValue(t.String()) }

// MarshalText is what JSON and YAML get.
func (t Text) MarshalText() ([]byte, error) { return []byte(t.String()), nil }
