package notices

import (
	"context"
	"time"
)

// Channel takes messages to people outside the product. A failure that no repetition mends is marked with
// queue.Permanent; any other is tried again. Send must return when ctx ends, and may be called side by side.
type Channel interface {
	// Kind is the name that flows use for it: "email", or the key of a channel definition.
	Kind() string
	Send(ctx context.Context, m Message) (Receipt, error)
}

// Message is a notice in its reader's language, ready to go.
type Message struct {
	// Key is the same with every attempt and different for every notice; the channel hands it to its peer in whatever way
	// lets the peer recognise a repetition.
	Key   string
	To    Person
	Title string
	Text  string
	Link  string // absolute address of the record's page; may be empty
	At    time.Time
}

// Person is a reader as a channel needs to know them.
type Person struct {
	ID       string
	Name     string
	Email    string
	Language string // "zh-CN" or "en"
}

// Receipt is what the peer calls an accepted message.
type Receipt struct{ MessageID string }

// Rate is how fast a channel may be used by all server copies together: up to Burst messages at once, then one
// each Every. The zero Rate is no limit.
type Rate struct {
	Every time.Duration
	Burst int
}
