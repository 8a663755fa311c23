package notices

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/runtime/queue"
	"github.com/stepwell/stepwell/schemas/definition"
)

// Channel takes messages to people outside the product. A failure that no repetition mends is marked with
// queue.Permanent, a peer that asks for a pause with Busy, a reader whom it does not know with Unknown; any other
// failure is the channel's, not the message's, or may be: it is tried again. Send must return when ctx ends, and may be
// called side by side. Right before it hands a message over it asks queue.Fence.
type Channel interface {
	// Kind is the name that flows use for it: "email", or the type of a channel definition.
	Kind() string
	Send(ctx context.Context, m Message) (Receipt, error)
}

// Reacher is a Channel that knows beforehand whom it cannot reach.
type Reacher interface {
	// Reach is nil, or the failure of Unknown for a person without what the channel needs.
	Reach(p Person) error
}

// Message is a notice in its reader's language, ready to go.
type Message struct {
	// Key is the same with every attempt and different for every notice; the channel hands it to its peer in whatever way
	// lets the peer recognise a repetition.
	Key string
	// To is the reader; nobody when the channel is one that a group reads together.
	To Person
	// Group are the people a message to a group is for.
	Group    []Person
	Language string // "zh-CN" or "en"
	Title    string
	Text     string
	Items    []Item // of a digest
	Link     string // absolute address of the record's page; may be empty
	// QuickLink is the absolute address of a page that asks for what is missing and nothing else; may be empty. Whoever has it
	// may use it: it belongs into this message and into no log.
	QuickLink string
	// Thread is the same for everything about one record; empty when it is about none or several.
	Thread string
	About  About
	At     time.Time
}

// About is what a message is about, for programs.
type About struct {
	Cause                          string
	App, Form, Record, RecordTitle string
}

// Item is what a digest says of one record.
type Item struct {
	Title string
	Red   bool // something is overdue
	Lines []string
	Link  string
}

// Body is the message without its title as plain text: the text, then what a digest has of each record.
func (m Message) Body() string {
	parts := []string{}
	if text := strings.TrimSpace(m.Text); text != "" {
		parts = append(parts, text)
	}
	for _, item := range m.Items {
		lines := append([]string{item.Heading()}, item.Lines...)
		parts = append(parts, strings.Join(lines, "\n· "))
	}
	return strings.Join(parts, "\n")
}

// LinkLabel is what the link of a message is called in its language.
func (m Message) LinkLabel() string {
	if len(m.Items) > 0 {
		return openInbox.In(m.Language)
	}
	return openRecord.In(m.Language)
}

var (
	openRecord = definition.Text{"zh-CN": "打开记录", "en": "Open the record"}
	fillIn     = definition.Text{"zh-CN": "直接填写", "en": "Fill it in here"}
	openInbox  = definition.Text{"zh-CN": "打开消息中心", "en": "Open the inbox"}
)

// QuickLabel is what the quick link of a message is called in its language.
func (m Message) QuickLabel() string { return fillIn.In(m.Language) }

// Heading is the item's title with a sign of its colour that needs no colours.
func (i Item) Heading() string {
	if i.Red {
		return "▲ " + i.Title
	}
	return i.Title
}

// Person is a reader as a channel needs to know them.
type Person struct {
	ID       string
	Name     string
	Email    string
	Phone    string
	WeCom    string // user id at WeCom
	Language string // "zh-CN" or "en"
}

// Receipt is what the peer calls an accepted message.
type Receipt struct{ MessageID string }

// Rendered is a message as a channel would put it.
type Rendered struct {
	Format string `json:"format"` // text, markdown, html or json
	Title  string `json:"title,omitempty"`
	Body   string `json:"body"`
	Text   string `json:"text,omitempty"` // the alternative of an HTML mail
	Bytes  int    `json:"bytes"`          // of what the limit counts
	Limit  int    `json:"limit,omitempty"`
	Cut    bool   `json:"cut"` // something was left out to keep the limit
}

// ErrPeer says that the peer answered, but refused for a reason that is not the message's: a wrong secret, a right that is
// missing. Somebody must mend that, and then the message shall go.
var ErrPeer = fault.Define(fault.Unavailable, "notices.peer",
	"{peer} refused it: {why}. Code {code}.", "{peer}拒绝了请求：{why}。代码 {code}。")

// ErrDeferred says that the peer does not take this message now, for a reason that concerns this message alone.
var ErrDeferred = fault.Define(fault.Conflict, "notices.deferred",
	"{peer} does not take this message now: {why}. Code {code}.", "{peer}暂时不接受这条消息：{why}。代码 {code}。")

// ErrRefused says that the peer will never take this message.
var ErrRefused = fault.Define(fault.Invalid, "notices.refused",
	"{peer} does not take this message: {why}. Code {code}.", "{peer}不接受这条消息：{why}。代码 {code}。")

// ErrNoContact says that a person cannot be reached by a channel. The inbox has the message all the same.
var ErrNoContact = fault.Define(fault.Invalid, "notices.noContact",
	"{person} cannot be reached by {channel}: {why}. The message is in the inbox. Complete the contact on the people page, then send it again.",
	"无法通过{channel}联系到 {person}：{why}。消息已保留在站内收件箱。请在人员页面补全联系方式后重新发送。")

// ErrBusy says that the peer asks for a pause.
var ErrBusy = fault.Define(fault.TooMany, "notices.busy",
	"{peer} asks for a pause. Messages go on in {seconds} seconds.", "{peer}要求暂停发送，{seconds} 秒后继续。")

type busyError struct {
	cause *fault.Error
	pause time.Duration
}

func (e *busyError) Error() string { return e.cause.Error() }
func (e *busyError) Unwrap() error { return e.cause }

// Busy is the failure of a peer that asks to be left alone for a time.
func Busy(peer definition.Text, pause time.Duration) error {
	return &busyError{ErrBusy.With(map[string]any{"peer": peer, "seconds": int(pause.Seconds())}), pause}
}

// Pause is how long a Busy failure asks to wait; false for any other.
func Pause(err error) (time.Duration, bool) {
	busy, ok := errors.AsType[*busyError](err)
	if !ok {
		return 0, false
	}
	return busy.pause, true
}

// Unknown is the failure of a channel that does not know a person.
func Unknown(p Person, channel, why definition.Text) error {
	return ErrNoContact.With(map[string]any{"person": p.Name, "channel": channel, "why": why})
}

// Refused is a permanent failure of one message.
func Refused(peer, why definition.Text, code any) error {
	return queue.Permanent(ErrRefused.With(map[string]any{"peer": peer, "why": why, "code": code}))
}

// Deferred is a passing failure of one message.
func Deferred(peer, why definition.Text, code any) error {
	return ErrDeferred.With(map[string]any{"peer": peer, "why": why, "code": code})
}

// PeerRefused is the failure of a channel that is not set up as its peer wants it.
func PeerRefused(peer, why definition.Text, code any) error {
	return ErrPeer.With(map[string]any{"peer": peer, "why": why, "code": code})
}

// Words are a failure in both languages.
func Words(err error) definition.Text {
	if f, ok := fault.As(err); ok {
		return definition.Text{"en": f.Message("en"), "zh-CN": f.Message("zh-CN")}
	}
	return definition.Text{"": fmt.Sprint(err)}
}
