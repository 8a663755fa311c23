// Package notices tells people what happened: in the product's own inbox, and through channels such as e-mail that are
// each delivered by a queue of their own.
//
// A notice is one message to one person through one channel, or to a group that reads a channel together. The records
// pipeline writes notices with Writes, as projections of the engine's effects, under ids that a repetition finds taken. An
// in-app notice is delivered by being stored, and there is one for every person and effect: the inbox keeps everything.
// Any other waits for its line, the way out that belongs to its app and channel. It is sent; put off while its reader
// wants peace or wants it in a digest; tried again after a failure; given up as a dead letter that an admin sees and may
// send again; or held, visibly, while its line is not set up. A channel gets the notice's id with every attempt, so that
// what a peer accepted in the instant before a crash is recognised when it comes again.
package notices

import (
	"encoding/json"
	"fmt"
	"slices"
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
	Sent      queue.State = "sent"      // stored for reading, or accepted by the peer
	Held      queue.State = "held"      // its channel is not set up
	Off       queue.State = "off"       // its reader does not want it by this channel
	NoContact queue.State = "noContact" // its reader cannot be reached by this channel
	Expired   queue.State = "expired"   // it had grown too old when it could have gone
	InDigest  queue.State = "inDigest"  // part of the notice that Digest names, whose fate it shares
)

// CauseDigest is the cause of a notice that gathers others.
const CauseDigest engine.EffectCause = "digest"

// Causes are the reasons for which people are told, as preferences name them.
func Causes() []string {
	causes := []string{}
	for cause := range defaults {
		causes = append(causes, string(cause))
	}
	slices.Sort(causes)
	return causes
}

// Notice is one message to one person through one channel.
type Notice struct {
	ID          string             `json:"_id"`             // see ID; the idempotency key
	User        string             `json:"user"`            // "" when a group reads it
	Users       []string           `json:"users,omitempty"` // whom a message to a group is for
	Channel     string             `json:"channel"`
	App         string             `json:"app"`
	Form        string             `json:"form"`
	Record      string             `json:"record"`
	RecordTitle string             `json:"recordTitle"`
	Cause       engine.EffectCause `json:"cause"`
	// Title and Text are complete, in every language there is wording for: the reader's is picked when it is shown or sent.
	Title     definition.Text `json:"title"`
	Text      definition.Text `json:"text"`
	Link      string          `json:"link,omitempty"`      // path below the installation's public address
	QuickLink string          `json:"quickLink,omitempty"` // id of the quick link it carries; its address stands nowhere
	CreatedAt store.Moment    `json:"createdAt"`
	queue.Job
	SentAt    store.Moment `json:"sentAt,omitzero"`
	MessageID string       `json:"messageId,omitempty"` // as the channel's peer knows it
	ReadAt    store.Moment `json:"readAt,omitzero"`
	// Slot is the place in the row of messages to this reader that was taken for the next attempt.
	Slot store.Moment `json:"slot,omitzero"`
	// Digest names the notice that gathers this one.
	Digest string `json:"digest,omitempty"`
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
		store.Index{Name: "digest", Keys: []store.SortKey{{Path: "digest"}}, Present: true},
		store.Index{Name: "unread", Keys: []store.SortKey{{Path: "unreadBy"}}, Present: true},
	)
}

// Writes is what an effect means for the notices: for each person one in the inbox and one for each of the effect's
// channels, and one for each channel that a group reads. The writes may be repeated.
func Writes(effect engine.Effect, about Subject) ([]store.Write, error) {
	var writes []store.Write
	add := func(n Notice, user, channel string) error {
		n.ID, n.User, n.Channel = ID(about.Record, effect.Key, user, channel), user, channel
		if channel == InApp {
			n.State, n.ReadyAt, n.SentAt, n.UnreadBy = Sent, store.Moment{}, n.CreatedAt, user
		}
		doc, err := json.Marshal(n)
		if err != nil {
			return fmt.Errorf("write notice %s: %w", n.ID, err)
		}
		writes = append(writes, store.Write{Op: store.OpAdd, Collection: Collection, ID: n.ID, Doc: doc})
		return nil
	}
	personal, shared := about.sort(effect.Channels)
	for _, user := range effect.To {
		n := about.notice(effect, user)
		for _, channel := range personal {
			if err := add(n, user, channel); err != nil {
				return nil, err
			}
		}
	}
	if len(effect.To) == 0 {
		return writes, nil
	}
	for _, channel := range shared {
		n := about.notice(effect, "")
		n.Users = effect.To
		if err := add(n, "", channel); err != nil {
			return nil, err
		}
	}
	return writes, nil
}

// sort parts channels into those for one person, the inbox first, and those that a group reads.
func (s Subject) sort(channels []string) (personal, shared []string) {
	personal = []string{InApp}
	for _, channel := range channels {
		switch {
		case s.Group != nil && s.Group(channel):
			shared = append(shared, channel)
		case channel != InApp:
			personal = append(personal, channel)
		}
	}
	return personal, shared
}

// notice is what an effect tells a reader, "" for a group.
func (s Subject) notice(effect engine.Effect, reader string) Notice {
	title, text := s.Word(effect, reader)
	return Notice{
		App: s.App, Form: s.Form, Record: s.Record, RecordTitle: s.titleFor(reader), Cause: effect.Cause, Title: title, Text: text,
		Link: s.Link, QuickLink: s.QuickLinks[reader], CreatedAt: store.MomentOf(s.At), Job: queue.At(s.At),
	}
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
