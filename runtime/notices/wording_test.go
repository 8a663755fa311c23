package notices

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/queue"
	"github.com/stepwell/stepwell/schemas/definition"
)

var (
	shanghai = time.FixedZone("CST", 8*3600)
	due      = time.Date(2026, 3, 6, 9, 0, 0, 0, time.UTC)
	sample   = Subject{
		App: "sales", Form: "opportunity", Record: "r1", Title: "OP-7 {due} 刹车盘",
		Step: definition.Text{"zh-CN": "样件申请", "en": "Sample request"}, Actor: "王芳", Link: "/r/r1",
		Outcome: definition.Text{"zh-CN": "赢单", "en": "Won"}, At: due.Add(-48 * time.Hour), Zone: shanghai,
		Value: func(path, lang, _ string) (string, bool) {
			if path == "customer.name" {
				return map[string]string{"zh-CN": "一汽", "en": "FAW"}[lang], true
			}
			return "", false
		},
	}
)

// TestCauses reads the engine's source: a cause that nobody worded would be told as progress.
func TestCauses(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../engine/types.go", nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	var declared []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "EffectCause" {
			cause, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			require.NoError(t, err)
			declared = append(declared, cause)
		}
		return true
	})
	require.ElementsMatch(t, append(declared, string(CauseAsked)), Causes())
	for cause, words := range defaults {
		for _, lang := range []string{"zh-CN", "en"} {
			require.NotEmpty(t, words.title[lang], cause)
			require.NotEmpty(t, words.text[lang], cause)
		}
	}
}

func TestWording(t *testing.T) {
	for name, c := range map[string]struct {
		effect      engine.Effect
		zhTitle, zh string
		enTitle, en string
	}{
		"a_task_with_a_deadline_names_it_in_the_zone_of_the_people": {
			effect:  engine.Effect{Cause: engine.CauseTask, DueAt: due},
			zhTitle: "待办：OP-7 {due} 刹车盘 · 样件申请", zh: "「OP-7 {due} 刹车盘」的“样件申请”需要您处理。请在 2026年3月6日 17:00 前完成。",
			enTitle: "To do: OP-7 {due} 刹车盘 · Sample request", en: "“Sample request” of OP-7 {due} 刹车盘 is waiting for you. Please finish it by 6 Mar 2026, 17:00.",
		},
		"a_copy_asks_for_nothing": {
			effect:  engine.Effect{Cause: engine.CauseCopy},
			zhTitle: "抄送：OP-7 {due} 刹车盘 · 样件申请", zh: "「OP-7 {due} 刹车盘」已进行到“样件申请”，抄送给您了解，无需处理。",
			enTitle: "For your information: OP-7 {due} 刹车盘 · Sample request", en: "OP-7 {due} 刹车盘 has come to “Sample request”. You need not do anything.",
		},
		"a_return_names_who_and_why": {
			effect:  engine.Effect{Cause: engine.CauseReturned, Reason: "尺寸 {step} 不对"},
			zhTitle: "已退回：OP-7 {due} 刹车盘 · 样件申请", zh: "王芳 把「OP-7 {due} 刹车盘」退回到“样件申请”，请修改后重新提交。原因：尺寸 {step} 不对",
			enTitle: "Sent back: OP-7 {due} 刹车盘 · Sample request", en: "王芳 sent OP-7 {due} 刹车盘 back to “Sample request”. Please correct it and submit it again. Reason: 尺寸 {step} 不对",
		},
		"an_end_tells_the_outcome": {
			effect:  engine.Effect{Cause: engine.CauseEnded},
			zhTitle: "已结束：OP-7 {due} 刹车盘", zh: "「OP-7 {due} 刹车盘」的流程已经结束。结果：赢单。",
			enTitle: "Ended: OP-7 {due} 刹车盘", en: "The flow of OP-7 {due} 刹车盘 has ended. Outcome: Won.",
		},
		"own_wording_is_filled_from_the_record_and_unknown_places_stay": {
			effect: engine.Effect{
				Cause: engine.CauseOverdue, DueAt: due,
				Title: definition.Text{"": "{customer.name}: {nothing}"},
				Text:  definition.Text{"zh-CN": "{customer.name}的{step}超时（{due}）", "en": "{step} for {customer.name} is late"},
			},
			zhTitle: "一汽: {nothing}", zh: "一汽的样件申请超时（2026年3月6日 17:00）",
			enTitle: "FAW: {nothing}", en: "Sample request for FAW is late",
		},
	} {
		t.Run(name, func(t *testing.T) {
			title, text := sample.Word(c.effect, "u1")
			require.Equal(t, c.zhTitle, title.In("zh-CN"))
			require.Equal(t, c.zh, text.In("zh-CN"))
			require.Equal(t, c.enTitle, title.In("en"))
			require.Equal(t, c.en, text.In("en"))
		})
	}
}

func TestWrites(t *testing.T) {
	effect := engine.Effect{Key: "12.0", Cause: engine.CauseTask, To: []string{"u1", "u2"}, Channels: []string{InApp, Email}}
	writes, err := Writes(effect, sample)
	require.NoError(t, err)

	t.Run("every_person_gets_one_notice_for_each_channel", func(t *testing.T) {
		var ids []string
		for _, w := range writes {
			require.Equal(t, store.OpAdd, w.Op)
			require.Equal(t, Collection, w.Collection)
			ids = append(ids, w.ID)
		}
		require.Equal(t, []string{"r1-12.0-u1-inApp", "r1-12.0-u1-email", "r1-12.0-u2-inApp", "r1-12.0-u2-email"}, ids)
	})
	t.Run("in_app_is_delivered_by_being_stored", func(t *testing.T) {
		n, err := read(writes[0].Doc)
		require.NoError(t, err)
		require.Equal(t, Sent, n.State)
		require.Equal(t, "u1", n.UnreadBy)
		require.NotContains(t, string(writes[0].Doc), "readyAt")
	})
	t.Run("mail_waits_for_its_channel", func(t *testing.T) {
		n, err := read(writes[1].Doc)
		require.NoError(t, err)
		require.Equal(t, queue.Pending, n.State)
		require.Equal(t, sample.At, n.ReadyAt.Time)
		require.Empty(t, n.UnreadBy)
	})
	t.Run("a_repetition_makes_the_same_writes", func(t *testing.T) {
		again, err := Writes(effect, sample)
		require.NoError(t, err)
		require.Equal(t, writes, again)
	})
	t.Run("without_channels_it_is_in_app", func(t *testing.T) {
		writes, err := Writes(engine.Effect{Key: "1", Cause: engine.CauseCopy, To: []string{"u1"}}, sample)
		require.NoError(t, err)
		var n Notice
		require.NoError(t, json.Unmarshal(writes[0].Doc, &n))
		require.Equal(t, InApp, n.Channel)
	})
}
