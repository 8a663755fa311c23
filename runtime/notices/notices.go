// Package notices tells people what happened: in the product's own inbox, and through channels such as e-mail that are
// each delivered by a queue of their own.
//
// A notice is one message to one person through one channel. The records pipeline writes notices with Writes, as
// projections of the engine's effects, under ids that a repetition finds taken. An in-app notice is delivered by being
// stored. Any other waits for its channel: it is sent, tried again after a failure, given up as a dead letter that
// an admin sees and may send again, or held, visibly, while its channel is not set up. A channel gets the notice's id
// with every attempt, so that what a peer accepted in the instant before a crash is recognised when it comes again.
package notices

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/queue"
	"github.com/stepwell/stepwell/schemas/definition"
)

// Collection holds the notices.
const Collection = "notices"

// The channels that every installation has. Others are keys of channel definitions.
const (
	InApp = "inApp"
	Email = "email"
)

// The states of a notice, besides queue.Pending and queue.Dead.
const (
	Sent queue.State = "sent" // stored for reading, or accepted by the peer
	Held queue.State = "held" // its channel is not set up
)

// Notice is one message to one person through one channel.
type Notice struct {
	ID          string             `json:"_id"` // see ID; the idempotency key
	User        string             `json:"user"`
	Channel     string             `json:"channel"`
	App         string             `json:"app"`
	Form        string             `json:"form"`
	Record      string             `json:"record"`
	RecordTitle string             `json:"recordTitle"`
	Cause       engine.EffectCause `json:"cause"`
	// Title and Text are complete, in every language there is wording for: the reader's is picked when it is shown or sent.
	Title     definition.Text `json:"title"`
	Text      definition.Text `json:"text"`
	Link      string          `json:"link,omitempty"` // path below the installation's public address
	CreatedAt store.Moment    `json:"createdAt"`
	queue.Job
	SentAt    store.Moment `json:"sentAt,omitzero"`
	MessageID string       `json:"messageId,omitempty"` // as the channel's peer knows it
	ReadAt    store.Moment `json:"readAt,omitzero"`
	// UnreadBy repeats User while an in-app notice is unread, so that counting touches nothing else.
	UnreadBy string `json:"unreadBy,omitempty"`
}

// ID names the notice of an effect to a person through a channel.
func ID(record, effect, user, channel string) string {
	return strings.Join([]string{record, effect, user, channel}, "-")
}

// Indexes are what the collection needs.
func Indexes() []store.Index {
	return append(queue.Indexes(),
		store.Index{Name: "inbox", Keys: []store.SortKey{{Path: "user"}, {Path: "createdAt", Desc: true}}},
		store.Index{Name: "unread", Keys: []store.SortKey{{Path: "unreadBy"}}, Present: true},
	)
}

// Writes is what an effect means for the notices: one for each person and channel. The writes may be repeated.
func Writes(effect engine.Effect, about Subject) ([]store.Write, error) {
	title, text := about.word(effect)
	channels := effect.Channels
	if len(channels) == 0 {
		channels = []string{InApp}
	}
	var writes []store.Write
	for _, user := range effect.To {
		for _, channel := range channels {
			n := Notice{
				ID: ID(about.Record, effect.Key, user, channel), User: user, Channel: channel,
				App: about.App, Form: about.Form, Record: about.Record, RecordTitle: about.Title,
				Cause: effect.Cause, Title: title, Text: text, Link: about.Link,
				CreatedAt: store.MomentOf(about.At), Job: queue.At(about.At),
			}
			if channel == InApp {
				n.State, n.ReadyAt, n.SentAt, n.UnreadBy = Sent, store.Moment{}, n.CreatedAt, user
			}
			doc, err := json.Marshal(n)
			if err != nil {
				return nil, fmt.Errorf("write notice %s: %w", n.ID, err)
			}
			writes = append(writes, store.Write{Op: store.OpAdd, Collection: Collection, ID: n.ID, Doc: doc})
		}
	}
	return writes, nil
}

func read(doc store.Doc) (Notice, error) {
	var n Notice
	if err := json.Unmarshal(doc, &n); err != nil {
		return Notice{}, fmt.Errorf("read notice: %w", err)
	}
	return n, nil
}

func readAll(docs []store.Doc) ([]Notice, error) {
	all := make([]Notice, len(docs))
	for i, doc := range docs {
		var err error
		if all[i], err = read(doc); err != nil {
			return nil, err
		}
	}
	return all, nil
}
