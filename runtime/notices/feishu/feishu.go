// Package feishu delivers notices by a robot to a Feishu (飞书) group.
package feishu

import (
	"context"
	"encoding/json"
	"net/url"
	"sort"
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
	ownBase = "https://open.feishu.cn"
	// most is what a request may hold, in bytes.
	most = 20 << 10
)

// Name is what people call the peer.
var Name = definition.Text{"zh-CN": "飞书群机器人", "en": "The Feishu robot"}

// Throttle keeps a robot within 100 messages a minute (20 + 60 s ÷ 0.75 s) and 5 a second (1 + 1 s ÷ 0.25 s). Feishu
// refuses more, and some of what comes at full and half hours.
func Throttle() throttle.Config {
	return throttle.Config{Rates: []throttle.Rate{{Every: 750 * time.Millisecond, Burst: 20}, {Every: 250 * time.Millisecond, Burst: 1}}, OffHour: true}
}

// Robot sends messages to a group. Feishu offers it no way to recognise a repetition.
type Robot struct{ robot *chat.Robot }

var _ notices.Channel = (*Robot)(nil)

// New checks the configuration, whose key is the last part of its address; it does not connect.
func New(c chat.RobotConfig) (*Robot, error) {
	robot, err := chat.NewRobot(c, ownBase, Name, codes)
	if err != nil {
		return nil, err
	}
	return &Robot{robot: robot}, nil
}

// Kind is the type of channel.
func (*Robot) Kind() string { return string(channel.FeishuGroup) }

type message struct {
	Timestamp string  `json:"timestamp,omitempty"`
	Sign      string  `json:"sign,omitempty"`
	MsgType   string  `json:"msg_type"` //nolint:tagliatelle // Feishu's spelling
	Content   content `json:"content"`
}

type content struct {
	Post map[string]post `json:"post"` // by language
}

type post struct {
	Title   string   `json:"title"`
	Content [][]part `json:"content"` // paragraphs
}

// part is a piece of a paragraph. What stands in it is text, never markup, so nothing needs escaping but for JSON.
type part struct {
	Tag  string `json:"tag"` // text or a
	Text string `json:"text"`
	Href string `json:"href,omitempty"`
}

type answer struct {
	Code int    `json:"code"`
	Text string `json:"msg"`
}

func (a *answer) Verdict() (int, string) { return a.Code, a.Text }

// Send posts one message to the group and names whom it is for.
func (r *Robot) Send(ctx context.Context, m notices.Message) (notices.Receipt, error) {
	out, _, _ := put(m)
	if !r.robot.Sign.Empty() {
		out.Timestamp = strconv.FormatInt(r.robot.Clock.Now().Unix(), 10)
		out.Sign = Sign(out.Timestamp, r.robot.Sign.Reveal())
	}
	return r.robot.Post(ctx, "/open-apis/bot/v2/hook/"+url.PathEscape(r.robot.Key.Reveal()), nil, out, &answer{})
}

// Sign is the signature of a moment, in seconds since 1970: moment and secret are the key, and nothing is signed. (DingTalk
// has it the other way round.)
func Sign(stamp, key string) string {
	return chat.MAC(stamp+"\n"+key, "")
}

// Render puts a message to a group.
func Render(m notices.Message) notices.Rendered {
	out, bytes, cut := put(m)
	body, err := json.MarshalIndent(out.Content, "", "  ")
	if err != nil { // strings alone
		body = []byte(err.Error())
	}
	return notices.Rendered{Format: "json", Title: m.Title, Body: string(body), Bytes: bytes, Limit: most, Cut: cut}
}

// reserve is kept for the timestamp, the signature and what stands around the content.
const reserve = 300

// put makes a message that fits, with its size in bytes and whether something was left out. How long a text is as JSON
// depends on what it holds, so the most that fits is searched for.
func put(m notices.Message) (message, int, bool) {
	whole := lay(m, most)
	if n := size(whole); n <= most-reserve {
		return whole, n, false
	}
	// The least budget that is too much; just below it, it fits.
	budget := sort.Search(most, func(budget int) bool { return size(lay(m, budget)) > most-reserve })
	for {
		budget--
		fits := lay(m, budget)
		if n := size(fits); n <= most-reserve || budget <= 0 {
			return fits, n, true
		}
	}
}

func size(m message) int {
	encoded, err := json.Marshal(m)
	if err != nil { // strings alone: there is nothing that cannot be encoded
		return most + 1
	}
	return len(encoded)
}

// lay puts a message with so many bytes of text at most. Title, names and link always stay.
func lay(m notices.Message, budget int) message {
	title, _ := markup.Cut(strings.Join(strings.Fields(m.Title), " "), 500)
	var paragraphs [][]part
	add := func(p part) bool {
		if budget <= 0 {
			return false
		}
		text, cut := markup.Cut(p.Text, budget)
		budget -= len(text)
		p.Text = text
		paragraphs = append(paragraphs, []part{p})
		return !cut
	}
	parts := texts(m)
	for _, p := range parts {
		if !add(p) {
			break
		}
	}
	if who := chat.Names(m.Group, func(p notices.Person) string { return p.Name }); who != "" {
		paragraphs = append(paragraphs, []part{{Tag: "text", Text: who}})
	}
	if m.Link != "" {
		paragraphs = append(paragraphs, []part{{Tag: "a", Text: m.LinkLabel(), Href: markup.Tagged(m.Link, m.Key)}})
	}
	lang := "zh_cn"
	if m.Language == "en" {
		lang = "en_us"
	}
	return message{MsgType: "post", Content: content{Post: map[string]post{lang: {Title: title, Content: paragraphs}}}}
}

func texts(m notices.Message) []part {
	var out []part
	for line := range strings.Lines(strings.TrimSpace(m.Text)) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, part{Tag: "text", Text: line})
		}
	}
	for _, item := range m.Items {
		if item.Link == "" {
			out = append(out, part{Tag: "text", Text: item.Heading()})
		} else {
			out = append(out, part{Tag: "a", Text: item.Heading(), Href: item.Link})
		}
		for _, line := range item.Lines {
			out = append(out, part{Tag: "text", Text: "· " + line})
		}
	}
	return out
}

// codes are the answers of Feishu that somebody can do something about. Any other is shown as Feishu words it.
var codes = map[int]chat.Reason{
	19001: {Kind: chat.Config, Why: chat.Text("机器人的地址无效，可能已被移除", "the robot's address is not valid; it may have been removed")},
	19021: {Kind: chat.Config, Why: chat.Text("签名不符，请检查签名密钥和服务器时间", "the signature does not fit: check the signing secret and the server's clock")},
	19022: {Kind: chat.Config, Why: chat.Text("服务器 IP 不在机器人的白名单中", "the server's address is not among the robot's allowed ones")},
	19024: {Kind: chat.Config, Why: chat.Text("消息不含机器人要求的关键词", "the message lacks a keyword that the robot demands")},
	19002: {Kind: chat.Message, Why: chat.Text("消息格式不正确", "the message is not well formed")},
	19036: {Kind: chat.Message, Why: chat.Text("消息内容过长", "the message is too long")},
	11232: {Kind: chat.Wait},
}
