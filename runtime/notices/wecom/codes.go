package wecom

import (
	"time"

	"github.com/stepwell/stepwell/runtime/notices/chat"
)

// codes are the answers of WeCom that somebody can do something about. Any other is shown as WeCom words it.
var codes = map[int]chat.Reason{
	40001:  {Kind: chat.Config, Why: chat.Text("应用的 Secret 不正确", "the application's secret is wrong")},
	40013:  {Kind: chat.Config, Why: chat.Text("企业 ID 不正确", "the company id is wrong")},
	40014:  {Kind: chat.Config, Why: chat.Text("访问令牌无效", "the access token is not valid")},
	40056:  {Kind: chat.Config, Why: chat.Text("应用的 AgentId 不正确", "the application's agent id is wrong")},
	42001:  {Kind: chat.Config, Why: chat.Text("访问令牌一再过期", "the access token expires again and again")},
	48002:  {Kind: chat.Config, Why: chat.Text("应用没有发送消息的权限", "the application may not send messages")},
	60011:  {Kind: chat.Config, Why: chat.Text("应用权限不足", "the application lacks a right")},
	60020:  {Kind: chat.Config, Why: chat.Text("服务器 IP 不在企业可信 IP 中", "the server's address is not among the company's trusted ones")},
	93000:  {Kind: chat.Config, Why: chat.Text("群机器人的地址无效，可能已被移除", "the robot's key is not valid; it may have been removed")},
	301002: {Kind: chat.Config, Why: chat.Text("应用的 AgentId 与 Secret 不匹配", "the agent id does not belong to the secret")},
	40003:  {Kind: chat.Reader, Why: unseen},
	60111:  {Kind: chat.Reader, Why: unseen},
	81013:  {Kind: chat.Reader, Why: unseen},
	40008:  {Kind: chat.Message, Why: chat.Text("消息类型不受支持", "this kind of message is not known")},
	44004:  {Kind: chat.Message, Why: chat.Text("消息内容为空", "the message is empty")},
	45002:  {Kind: chat.Message, Why: chat.Text("消息内容过长", "the message is too long")},
	45009:  {Kind: chat.Wait, Pause: time.Minute},
	45033:  {Kind: chat.Wait, Pause: 10 * time.Second},
}
