package wecom

import (
	"context"
	"net/url"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/config/secret"
	"github.com/stepwell/stepwell/internal/egress"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/notices/chat"
	"github.com/stepwell/stepwell/runtime/notices/markup"
	"github.com/stepwell/stepwell/runtime/notices/throttle"
	"github.com/stepwell/stepwell/schemas/channel"
	"github.com/stepwell/stepwell/schemas/definition"
)

// RobotThrottle keeps a robot within 20 messages a minute: 5 + 60 s ÷ 4 s.
func RobotThrottle() throttle.Config {
	return throttle.Config{Rates: []throttle.Rate{{Every: 4 * time.Second, Burst: 5}}, OffHour: true}
}

// RobotConfig says which robot speaks.
type RobotConfig struct {
	Key     secret.Text
	Format  channel.Format // default Markdown
	BaseURL string         // default WeCom's own
	HTTP    *egress.Client
	Clock   clock.Clock
}

// Robot sends messages to a group. WeCom offers it no way to recognise a repetition.
type Robot struct {
	config RobotConfig
	base   *url.URL
	peer   chat.Peer
}

var _ notices.Channel = (*Robot)(nil)

// RobotName is what people call it.
var RobotName = definition.Text{"zh-CN": "企业微信群机器人", "en": "The WeCom robot"}

// NewRobot checks the configuration; it does not connect.
func NewRobot(c RobotConfig) (*Robot, error) {
	base, err := chat.Base(c.BaseURL, ownBase)
	if err != nil {
		return nil, err
	}
	if c.Format == "" {
		c.Format = channel.Markdown
	}
	return &Robot{config: c, base: base, peer: chat.Peer{Name: RobotName, HTTP: c.HTTP, Clock: c.Clock, Codes: codes}}, nil
}

// Kind is the type of channel.
func (*Robot) Kind() string { return string(channel.WeComGroup) }

type robotText struct {
	Content string   `json:"content"`
	Mention []string `json:"mentioned_list,omitempty"` //nolint:tagliatelle // WeCom's spelling
}

type robotMessage struct {
	MsgType  string     `json:"msgtype"`
	Text     *robotText `json:"text,omitempty"`
	Markdown *body      `json:"markdown,omitempty"`
}

// Send posts one message to the group and mentions whom it is for.
func (r *Robot) Send(ctx context.Context, m notices.Message) (notices.Receipt, error) {
	put := RenderRobot(m, r.config.Format)
	out := robotMessage{MsgType: put.Format}
	if put.Format == string(channel.Markdown) {
		out.Markdown = &body{put.Body}
	} else {
		out.Text = &robotText{Content: put.Body, Mention: ids(m.Group)}
	}
	var got answer
	to := chat.At(r.base, "/cgi-bin/webhook/send", url.Values{"key": {r.config.Key.Reveal()}})
	if err := r.peer.Send(ctx, to, out, &got); err != nil {
		return notices.Receipt{}, err
	}
	return notices.Receipt{}, r.peer.Judge(got.Code, got.Text, notices.Person{})
}

func ids(group []notices.Person) []string {
	var out []string
	for _, p := range group {
		if p.WeCom != "" {
			out = append(out, p.WeCom)
		}
	}
	return out
}

// Render puts a message to a member.
func Render(m notices.Message, format channel.Format) notices.Rendered {
	return render(m, format, "")
}

// RenderRobot puts a message to a group: whom it is for is named, and mentioned where that is possible. A text message
// carries its mentions beside its text.
func RenderRobot(m notices.Message, format channel.Format) notices.Rendered {
	style := markup.Markdown("\n")
	if format == channel.Text {
		style = markup.Text()
	} else {
		format = channel.Markdown
	}
	who := chat.Names(m.Group, func(p notices.Person) string {
		switch {
		case p.WeCom == "":
			return style.Escape(p.Name)
		case format == channel.Markdown:
			return "<@" + p.WeCom + ">"
		}
		return ""
	})
	return render(m, format, who)
}

func render(m notices.Message, format channel.Format, after string) notices.Rendered {
	out := notices.Rendered{Format: string(channel.Text), Limit: mostText}
	style := markup.Text()
	if format == channel.Markdown {
		out.Format, out.Limit = string(channel.Markdown), mostMarkdown
		style = markup.Markdown("\n")
	}
	out.Body, out.Cut = style.Lay(m, out.Limit, after)
	out.Bytes = len(out.Body)
	return out
}
