package chat

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/url"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/config/secret"
	"github.com/stepwell/stepwell/internal/egress"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/schemas/definition"
)

// RobotConfig says which robot speaks in a group.
type RobotConfig struct {
	Key     secret.Text // the part of its address that nobody else knows
	Sign    secret.Text // empty: the robot demands no signature
	BaseURL string      // default the peer's own
	HTTP    *egress.Client
	Clock   clock.Clock
}

// Robot speaks in a group.
type Robot struct {
	RobotConfig
	base *url.URL
	peer Peer
}

// NewRobot checks the configuration of a robot whose API is at own by default; it does not connect.
func NewRobot(c RobotConfig, own string, name definition.Text, codes map[int]Reason) (*Robot, error) {
	base, err := Base(c.BaseURL, own)
	if err != nil {
		return nil, err
	}
	return &Robot{RobotConfig: c, base: base, peer: Peer{Name: name, HTTP: c.HTTP, Clock: c.Clock, Codes: codes}}, nil
}

// Verdict is an answer that says how it went.
type Verdict interface {
	// Verdict is the error code, 0 for success, and what the peer says about it.
	Verdict() (code int, said string)
}

// Post hands a message to the group over, reads the answer and judges it.
func (r *Robot) Post(ctx context.Context, path string, query url.Values, body any, answer Verdict) (notices.Receipt, error) {
	if err := r.peer.Send(ctx, At(r.base, path, query), body, answer); err != nil {
		return notices.Receipt{}, err
	}
	code, said := answer.Verdict()
	return notices.Receipt{}, r.peer.Judge(code, said, notices.Person{})
}

// MAC is the HMAC-SHA256 of a message in base64.
func MAC(key, message string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(message))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// Text is a wording in both languages.
func Text(zh, en string) definition.Text { return definition.Text{"zh-CN": zh, "en": en} }
