// Package channel holds the shape of a channel definition: a way by which notices reach people.
package channel

import (
	"encoding/json"
	"fmt"

	"github.com/stepwell/stepwell/schemas/definition"
)

// Channel is the body of a definition of kind "channel".
type Channel struct {
	definition.Head
	Type  Type   `json:"type"`
	Email *Email `json:"email,omitempty"` // Type Mail; none: the mail server of the server's configuration
}

// Type is a kind of channel.
type Type string

// The types of channel.
const (
	InApp Type = "inApp" // always there; a definition of it only gives it another title
	Mail  Type = "email"
)

// Email says how mail leaves the house.
type Email struct {
	Host     string   `json:"host"`
	Port     int      `json:"port,omitempty"`     // default 587, or 465 with TLS
	Security Security `json:"security,omitempty"` // default StartTLS
	Username string   `json:"username,omitempty"`
	// PasswordSecret names the secret that holds the password. The password itself never stands in a definition.
	PasswordSecret string `json:"passwordSecret,omitempty"`
	From           string `json:"from"` // address, with or without a name: "Stepwell <sales@example.com>"
	ReplyTo        string `json:"replyTo,omitempty"`
	PerMinute      int    `json:"perMinute,omitempty"` // messages at most; 0: no limit
}

// Security is how a connection to a mail server is protected.
type Security string

// The protections.
const (
	StartTLS Security = "startTLS" // plain first, then encrypted; refused when the server cannot
	TLS      Security = "tls"      // encrypted from the start
	Insecure Security = "none"     // for a server on the same machine
)

// Parse reads a channel definition.
func Parse(doc []byte) (*Channel, error) {
	var c Channel
	if err := json.Unmarshal(doc, &c); err != nil {
		return nil, fmt.Errorf("read channel: %w", err)
	}
	return &c, nil
}
