// Package dingtalk delivers notices by a robot to a DingTalk (钉钉) group.
package dingtalk

import (
	"context"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/notices/chat"
	"github.com/stepwell/stepwell/runtime/notices/markup"
	"github.com/stepwell/stepwell/runtime/notices/throttle"
	"github.com/stepwell/stepwell/schemas/channel"
	"github.com/stepwell/stepwell/schemas/definition"
)

const (
	ownBase = "https://oapi.dingtalk.com"
	// most is what the text of a message may hold, in bytes; with the rest of the request it stays below 20 000.
	most = 16 << 10
)

// Name is what people call the peer.
var Name = definition.Text{"zh-CN": "钉钉群机器人", "en": "The DingTalk robot"}

// Throttle keeps a robot within 20 messages a minute: 5 + 60 s ÷ 4 s. Beyond that DingTalk shuts it out for ten minutes.
func Throttle() throttle.Config {
	return throttle.Config{Rates: []throttle.Rate{{Every: 4 * time.Second, Burst: 5}}, OffHour: true}
}

// Robot sends messages to a group. DingTalk offers it no way to recognise a repetition.
type Robot struct{ robot *chat.Robot }

var _ notices.Channel = (*Robot)(nil)

// New checks the configuration, whose key is the access_token in its address; it does not connect.
func New(c chat.RobotConfig) (*Robot, error) {
	robot, err := chat.NewRobot(c, ownBase, Name, codes)
	if err != nil {
		return nil, err
	}
	return &Robot{robot: robot}, nil
}

// Kind is the type of channel.
func (*Robot) Kind() string { return string(channel.DingTalkGroup) }

type message struct {
	MsgType  string   `json:"msgtype"`
	Markdown markdown `json:"markdown"`
	At       at       `json:"at"`
}

type markdown struct {
	Title string `json:"title"` // shown in the list of conversations
	Text  string `json:"text"`
}

type at struct {
	Mobiles []string `json:"atMobiles,omitempty"`
	All     bool     `json:"isAtAll"`
}

type answer struct {
	Code int    `json:"errcode"`
	Text string `json:"errmsg"`
}

func (a *answer) Verdict() (int, string) { return a.Code, a.Text }

// Send posts one message to the group and mentions whom it is for by their mobile numbers.
func (r *Robot) Send(ctx context.Context, m notices.Message) (notices.Receipt, error) {
	put := Render(m)
	out := message{MsgType: "markdown", Markdown: markdown{Title: put.Title, Text: put.Body}}
	for _, p := range m.Group {
		if number := Mobile(p.Phone); number != "" {
			out.At.Mobiles = append(out.At.Mobiles, number)
		}
	}
	query := url.Values{"access_token": {r.robot.Key.Reveal()}}
	if !r.robot.Sign.Empty() {
		stamp := strconv.FormatInt(r.robot.Clock.Now().UnixMilli(), 10)
		query.Set("timestamp", stamp)
		query.Set("sign", Sign(stamp, r.robot.Sign.Reveal()))
	}
	return r.robot.Post(ctx, "/robot/send", query, out, &answer{})
}

// Sign is the signature of a moment, in milliseconds since 1970: the secret is the key, and part of what is signed. (Feishu
// has it the other way round.) It is to be escaped as a query parameter.
func Sign(stamp, key string) string {
	return chat.MAC(key, stamp+"\n"+key)
}

var (
	inChina = regexp.MustCompile(`^(?:\+?86)?(1\d{10})$`)
	abroad  = regexp.MustCompile(`^\+(\d{1,3})-?(\d{5,14})$`)
)

// Mobile is a phone number as DingTalk knows its users: without the country code in China, "+852-12345678" abroad; "" when
// it is no mobile number.
func Mobile(phone string) string {
	bare := strings.NewReplacer(" ", "", "(", "", ")", "").Replace(phone)
	if found := inChina.FindStringSubmatch(strings.ReplaceAll(bare, "-", "")); found != nil {
		return found[1]
	}
	if abroad.MatchString(bare) && strings.Contains(bare, "-") {
		return bare
	}
	return ""
}

// Render puts a message to a group. DingTalk mentions only who stands in the text as well.
func Render(m notices.Message) notices.Rendered {
	style := markup.Markdown("\n\n")
	who := chat.Names(m.Group, func(p notices.Person) string {
		if number := Mobile(p.Phone); number != "" {
			return "@" + number
		}
		return style.Escape(p.Name)
	})
	title, _ := markup.Cut(style.Escape(m.Title), 100)
	out := notices.Rendered{Format: string(channel.Markdown), Title: title, Limit: most}
	out.Body, out.Cut = style.Lay(m, out.Limit, who)
	out.Bytes = len(out.Body)
	return out
}

// codes are the answers of DingTalk that somebody can do something about. Any other is shown as DingTalk words it.
var codes = map[int]chat.Reason{
	310000: {Kind: chat.Config, Why: chat.Text("安全设置不符：请检查加签密钥、关键词和 IP 白名单", "its security settings do not fit: check the signing secret, keywords and allowed addresses")},
	300001: {Kind: chat.Config, Why: chat.Text("access_token 不正确", "the access token is wrong")},
	300005: {Kind: chat.Config, Why: chat.Text("access_token 不存在，机器人可能已被移除", "there is no such access token; the robot may have been removed")},
	400013: {Kind: chat.Config, Why: chat.Text("群已解散", "the group no longer exists")},
	400101: {Kind: chat.Config, Why: chat.Text("access_token 不存在，机器人可能已被移除", "there is no such access token; the robot may have been removed")},
	400102: {Kind: chat.Config, Why: chat.Text("机器人已停用", "the robot is switched off")},
	400105: {Kind: chat.Message, Why: chat.Text("消息类型不受支持", "this kind of message is not known")},
	430101: {Kind: chat.Message, Why: chat.Text("消息含有不安全的外链", "the message holds a link that is held to be unsafe")},
	430102: {Kind: chat.Message, Why: chat.Text("消息含有不合适的文本", "the message holds words that are not allowed")},
	430103: {Kind: chat.Message, Why: chat.Text("消息含有不合适的图片", "the message holds a picture that is not allowed")},
	430104: {Kind: chat.Message, Why: chat.Text("消息含有不合适的内容", "the message holds content that is not allowed")},
	130101: {Kind: chat.Wait, Pause: 10 * time.Minute},
	410100: {Kind: chat.Wait, Pause: 10 * time.Minute},
}
