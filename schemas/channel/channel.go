// Package channel holds the shape of a channel definition: a way by which notices reach people.
package channel

import (
	"encoding/json"
	"fmt"

	"github.com/stepwell/stepwell/schemas/definition"
)

// Channel is the body of a definition of kind "channel". Passwords and keys never stand in it: a member whose name ends in
// Secret names a secret of the app, which is kept elsewhere, encrypted.
type Channel struct {
	definition.Head
	Type          Type           `json:"type"`
	Email         *Email         `json:"email,omitempty"` // Type Mail; none: the mail server of the server's configuration
	WeCom         *WeCom         `json:"wecom,omitempty"` // as each of the following: none while the channel is not set up
	WeComRobot    *WeComRobot    `json:"wecomRobot,omitempty"`
	DingTalkRobot *DingTalkRobot `json:"dingtalkRobot,omitempty"`
	FeishuRobot   *FeishuRobot   `json:"feishuRobot,omitempty"`
	Webhook       *Webhook       `json:"webhook,omitempty"`
	// Urgent are the causes that go out in a reader's quiet hours too, such as "overdue".
	Urgent []string `json:"urgent,omitempty"`
	// Calendar is the key of the calendar whose time zone and working days quiet hours and digests are read in; none: the
	// app's default calendar.
	Calendar string `json:"calendar,omitempty"`
	// Language is of messages to a group or a program; none: that of the installation.
	Language string `json:"language,omitempty"`
}

// Type is a kind of channel.
type Type string

// The types of channel.
const (
	InApp         Type = "inApp" // always there; a definition of it only gives it another title
	Mail          Type = "email"
	WeComApp      Type = "wecom"         // messages of a WeCom (企业微信) application to members
	WeComGroup    Type = "wecomRobot"    // a robot in a WeCom group
	DingTalkGroup Type = "dingtalkRobot" // a robot in a DingTalk (钉钉) group
	FeishuGroup   Type = "feishuRobot"   // a robot in a Feishu (飞书) group
	Hook          Type = "webhook"       // a signed call of somebody's program
)

// Group reports whether a message of this type is read by many at once, or by a program.
func (t Type) Group() bool {
	switch t {
	case WeComGroup, DingTalkGroup, FeishuGroup, Hook:
		return true
	case InApp, Mail, WeComApp:
	}
	return false
}

// Email says how mail leaves the house.
type Email struct {
	Host           string   `json:"host"`
	Port           int      `json:"port,omitempty"`     // default 587, or 465 with TLS
	Security       Security `json:"security,omitempty"` // default StartTLS
	Username       string   `json:"username,omitempty"`
	PasswordSecret string   `json:"passwordSecret,omitempty"`
	From           string   `json:"from"` // address, with or without a name: "Stepwell <sales@example.com>"
	ReplyTo        string   `json:"replyTo,omitempty"`
	PerMinute      int      `json:"perMinute,omitempty"` // messages at most; 0: no limit
}

// Security is how a connection to a mail server is protected.
type Security string

// The protections.
const (
	StartTLS Security = "startTLS" // plain first, then encrypted; refused when the server cannot
	TLS      Security = "tls"      // encrypted from the start
	Insecure Security = "none"     // for a server on the same machine
)

// WeCom says which application of which company speaks.
type WeCom struct {
	CorpID    string `json:"corpId"`
	AgentID   int    `json:"agentId"`
	AppSecret string `json:"appSecret"`
	Format    Format `json:"format,omitempty"`  // default Text: shown in WeChat too
	BaseURL   string `json:"baseUrl,omitempty"` // as the following: default the peer's own
}

// Format is how a message is put.
type Format string

// The formats.
const (
	Text     Format = "text"
	Markdown Format = "markdown"
)

// WeComRobot says which robot speaks.
type WeComRobot struct {
	KeySecret string `json:"keySecret"`        // the key in the robot's address
	Format    Format `json:"format,omitempty"` // default Markdown
	BaseURL   string `json:"baseUrl,omitempty"`
}

// DingTalkRobot says which robot speaks.
type DingTalkRobot struct {
	TokenSecret string `json:"tokenSecret"`          // the access_token in the robot's address
	SignSecret  string `json:"signSecret,omitempty"` // of a robot that demands signatures (加签)
	BaseURL     string `json:"baseUrl,omitempty"`
}

// FeishuRobot says which robot speaks.
type FeishuRobot struct {
	HookSecret string `json:"hookSecret"`           // the last part of the robot's address
	SignSecret string `json:"signSecret,omitempty"` // of a robot that demands signatures
	BaseURL    string `json:"baseUrl,omitempty"`
}

// Webhook says which program is called.
type Webhook struct {
	URL        string `json:"url"`
	SignSecret string `json:"signSecret"`
	PerMinute  int    `json:"perMinute,omitempty"` // calls at most; 0: 60
}

// SetUp reports whether the definition has the settings of its type.
func (c *Channel) SetUp() bool {
	switch c.Type {
	case InApp, Mail:
		return true
	case WeComApp:
		return c.WeCom != nil
	case WeComGroup:
		return c.WeComRobot != nil
	case DingTalkGroup:
		return c.DingTalkRobot != nil
	case FeishuGroup:
		return c.FeishuRobot != nil
	case Hook:
		return c.Webhook != nil
	}
	return false
}

// Secrets are the names of the secrets that the settings of its type refer to.
func (c *Channel) Secrets() []string {
	if !c.SetUp() {
		return nil
	}
	var names []string
	switch c.Type {
	case Mail:
		if c.Email != nil {
			names = []string{c.Email.PasswordSecret}
		}
	case WeComApp:
		names = []string{c.WeCom.AppSecret}
	case WeComGroup:
		names = []string{c.WeComRobot.KeySecret}
	case DingTalkGroup:
		names = []string{c.DingTalkRobot.TokenSecret, c.DingTalkRobot.SignSecret}
	case FeishuGroup:
		names = []string{c.FeishuRobot.HookSecret, c.FeishuRobot.SignSecret}
	case Hook:
		names = []string{c.Webhook.SignSecret}
	case InApp:
	}
	var named []string
	for _, name := range names {
		if name != "" {
			named = append(named, name)
		}
	}
	return named
}

// Parse reads a channel definition.
func Parse(doc []byte) (*Channel, error) {
	var c Channel
	if err := json.Unmarshal(doc, &c); err != nil {
		return nil, fmt.Errorf("read channel: %w", err)
	}
	return &c, nil
}
