// Package email delivers notices by SMTP: one connection and one message for each.
package email

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/textproto"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/stepwell/stepwell/internal/egress"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/queue"
	"github.com/stepwell/stepwell/schemas/definition"
)

// Mode is how the connection is protected.
type Mode string

// The modes.
const (
	STARTTLS Mode = "starttls" // plain at first, then TLS; refused when the server cannot
	TLS      Mode = "tls"      // TLS from the first byte
	None     Mode = "none"     // never on a real network
)

// Config says how mail leaves.
type Config struct {
	Host     string
	Port     int
	Username string // empty: no sign-in
	Password string
	Mode     Mode // default STARTTLS
	From     netmail.Address
	ReplyTo  *netmail.Address // nil: replies go to From
	// Timeout is for connecting and again for the conversation; default 15 s.
	Timeout time.Duration
	// TLS replaces the default trust in the system's certificates; nil for real servers.
	TLS *tls.Config
	// Policy says which addresses may be connected to; nil: all, because an operator has named the server.
	Policy *egress.Policy
}

// Channel is the "email" channel.
type Channel struct {
	config  Config
	options []mail.Option
	domain  string // of Message-IDs
}

var _ notices.Channel = (*Channel)(nil)

// New checks the configuration; it does not connect.
func New(c Config) (*Channel, error) {
	_, domain, ok := strings.Cut(c.From.Address, "@")
	if !ok {
		return nil, fmt.Errorf("mail sender %q is not an address", c.From.Address)
	}
	if c.Timeout == 0 {
		c.Timeout = 15 * time.Second
	}
	options := []mail.Option{mail.WithPort(c.Port), mail.WithTimeout(c.Timeout), mail.WithHELO(domain)}
	auth := mail.SMTPAuthAutoDiscover
	switch c.Mode {
	case STARTTLS, "":
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	case TLS:
		options = append(options, mail.WithSSL())
	case None:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
		auth = mail.SMTPAuthPlainNoEnc
	default:
		return nil, fmt.Errorf("mail protection %q is none of starttls, tls, none", c.Mode)
	}
	if c.TLS != nil {
		options = append(options, mail.WithTLSConfig(c.TLS))
	}
	options = append(options, mail.WithDialContextFunc(c.dialer()))
	if c.Username != "" {
		signIn := mail.WithSMTPAuth(auth)
		if c.Mode == TLS {
			// Behind a dialer of ours the library does not see that the connection is encrypted, and would discover too little.
			signIn = mail.WithOpportunisticSMTPAuth(mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthSCRAMSHA1, mail.SMTPAuthCramMD5, mail.SMTPAuthPlain, mail.SMTPAuthLogin)
		}
		options = append(options, signIn, mail.WithUsername(c.Username), mail.WithPassword(c.Password))
	}
	if _, err := mail.NewClient(c.Host, options...); err != nil {
		return nil, fmt.Errorf("configure mail server %s: %w", c.Host, err)
	}
	return &Channel{config: c, options: options, domain: domain}, nil
}

// dialer connects to addresses that the policy allows.
func (c *Config) dialer() mail.DialContextFunc {
	dialer := &net.Dialer{Timeout: c.Timeout}
	if c.Policy != nil {
		dialer = c.Policy.Dialer(c.Timeout)
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		raw, err := dialer.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		if c.Mode != TLS {
			return answered{raw}, nil
		}
		trust := &tls.Config{ServerName: c.Host, MinVersion: tls.VersionTLS12}
		if c.TLS != nil {
			trust = c.TLS
		}
		conn := tls.Client(answered{raw}, trust)
		if err := conn.HandshakeContext(ctx); err != nil {
			return nil, errors.Join(err, raw.Close())
		}
		return conn, nil
	}
}

// Kind is "email".
func (c *Channel) Kind() string { return notices.Email }

var (
	mailName  = definition.Text{"zh-CN": "邮件", "en": "e-mail"}
	noAddress = definition.Text{"zh-CN": "没有填写可用的邮箱地址", "en": "there is no usable mail address"}
)

// Reach needs a mail address.
func (*Channel) Reach(p notices.Person) error {
	if _, err := netmail.ParseAddress(p.Email); err != nil {
		return notices.Unknown(p, mailName, noAddress)
	}
	return nil
}

// Send delivers one message. Its Message-ID follows from the key alone, so that a mail system, or a reader, recognises
// a message that was accepted and, for want of an answer, sent again. A reader without a usable address, and a server
// that refuses the recipient or the content for good, are permanent failures.
func (c *Channel) Send(ctx context.Context, m notices.Message) (notices.Receipt, error) {
	id := c.messageID(m.Key)
	msg, err := c.compose(m, id)
	if err != nil {
		return notices.Receipt{}, err
	}
	client, err := mail.NewClient(c.config.Host, c.options...)
	if err != nil {
		return notices.Receipt{}, fmt.Errorf("configure mail server %s: %w", c.config.Host, err)
	}
	if err := queue.Fence(ctx); err != nil {
		return notices.Receipt{}, err
	}
	err = client.DialAndSendWithContext(ctx, msg)
	if msg.IsDelivered() { // what goes wrong while taking leave does not matter any more
		return notices.Receipt{MessageID: id}, nil
	}
	if err == nil {
		err = errors.New("the mail server neither took nor refused the message")
	}
	return notices.Receipt{}, c.explain(err)
}

// explain says what a failure is about. An answer to the recipient or the content is about this message. One to the
// greeting, the sign-in or the sender's address is about our configuration, and no answer about the server: that will be
// mended, and then the message shall go.
func (c *Channel) explain(err error) error {
	peer := definition.Text{"zh-CN": "邮件服务器 " + c.config.Host, "en": "The mail server " + c.config.Host}
	why := definition.Text{"": strings.TrimSpace(strings.ToValidUTF8(err.Error(), ""))}
	if s, ok := errors.AsType[*mail.SendError](err); ok && s.ErrorCode() >= 400 {
		about := s.Reason == mail.ErrSMTPRcptTo || s.Reason == mail.ErrSMTPData || s.Reason == mail.ErrSMTPDataClose
		switch code := s.ErrorCode(); {
		case about && code >= 500:
			return notices.Refused(peer, why, code)
		case about && code != closing:
			return notices.Deferred(peer, why, code)
		default:
			return notices.PeerRefused(peer, why, code)
		}
	}
	if answer, ok := errors.AsType[*textproto.Error](err); ok {
		return notices.PeerRefused(peer, definition.Text{"": answer.Msg}, answer.Code)
	}
	return egress.Explain(c.config.Host, err)
}

// closing is the answer of a server that takes nothing from anybody now.
const closing = 421

func (c *Channel) messageID(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:16]) + "@" + c.domain
}

func (c *Channel) compose(m notices.Message, id string) (*mail.Msg, error) {
	to, err := netmail.ParseAddress(m.To.Email)
	if err != nil {
		return nil, notices.Unknown(m.To, mailName, noAddress)
	}
	to.Name = oneLine(m.To.Name)
	html, err := page(m)
	if err != nil {
		return nil, err
	}
	msg := mail.NewMsg(mail.WithEncoding(mail.EncodingB64), mail.WithNoDefaultUserAgent())
	msg.FromMailAddress(&c.config.From)
	msg.ToMailAddress(to)
	if c.config.ReplyTo != nil {
		msg.ReplyToMailAddress(c.config.ReplyTo)
	}
	msg.Subject(oneLine(m.Title))
	msg.SetMessageIDWithValue(id)
	msg.SetDateWithValue(m.At)
	if m.Thread != "" {
		// All mail about a record answers one that was never sent, so mail readers show it together.
		root := "<" + c.messageID("thread "+m.Thread) + ">"
		msg.SetGenHeader(mail.HeaderReferences, root)
		msg.SetGenHeader(mail.HeaderInReplyTo, root)
	}
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // absence replies must not answer it
	msg.SetBodyString(mail.TypeTextPlain, plain(m))
	msg.AddAlternativeString(mail.TypeTextHTML, html)
	return msg, nil
}

// oneLine keeps a header in its line, whatever a record's title holds.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
