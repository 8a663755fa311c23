package channel_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/schemas/channel"
)

func TestSecrets(t *testing.T) {
	for doc, want := range map[string]struct {
		setUp   bool
		secrets []string
	}{
		`{"type":"inApp"}`: {true, nil},
		`{"type":"email"}`: {true, nil},
		`{"type":"email","email":{"passwordSecret":"mail.password"}}`: {true, []string{"mail.password"}},
		`{"type":"wecom"}`: {false, nil},
		`{"type":"wecom","wecom":{"appSecret":"wecom.app"}}`:                                  {true, []string{"wecom.app"}},
		`{"type":"wecomRobot","wecom":{"appSecret":"of another type"}}`:                       {false, nil},
		`{"type":"wecomRobot","wecomRobot":{"keySecret":"r.key"}}`:                            {true, []string{"r.key"}},
		`{"type":"dingtalkRobot","dingtalkRobot":{"tokenSecret":"d.token"}}`:                  {true, []string{"d.token"}},
		`{"type":"feishuRobot","feishuRobot":{"hookSecret":"f.hook","signSecret":"f.sign"}}`:  {true, []string{"f.hook", "f.sign"}},
		`{"type":"webhook","webhook":{"url":"https://example.com","signSecret":"hook.sign"}}`: {true, []string{"hook.sign"}},
		`{"type":"pigeon"}`: {false, nil},
	} {
		c, err := channel.Parse([]byte(doc))
		require.NoError(t, err)
		require.Equal(t, want.setUp, c.SetUp(), doc)
		require.Equal(t, want.secrets, c.Secrets(), doc)
	}
}

func TestGroup(t *testing.T) {
	for _, one := range []channel.Type{channel.InApp, channel.Mail, channel.WeComApp} {
		require.False(t, one.Group(), one)
	}
	for _, many := range []channel.Type{channel.WeComGroup, channel.DingTalkGroup, channel.FeishuGroup, channel.Hook} {
		require.True(t, many.Group(), many)
	}
}
