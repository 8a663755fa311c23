package notices

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/form"
)

// Subject is the record that a notice is about, with all that its wording may name. A reader is a user id, "" for a group.
type Subject struct {
	App, Form, Record string
	Title             string          // of the record: {record}
	Step              definition.Text // title of the effect's block: {step}
	Actor             string          // name of the person in Effect.By: {actor}; empty for the system
	Outcome           definition.Text // how the flow ended: {outcome}
	Link              string          // path of the record's page
	At                time.Time       // when it happened
	Zone              *time.Location  // for {due}; nil: UTC
	// TitleFor is the title as a reader may see it. nil: Title for everybody.
	TitleFor func(reader string) string
	// Value shows the value at a path of the record as a reader may see it, for {path} places of a definition's own
	// wording. False leaves the place as it was typed. nil knows no path.
	Value func(path, lang, reader string) (string, bool)
	// QuickLinks are the ids of the quick links by their readers. Who has none gets the page of the record alone.
	QuickLinks map[string]string
	// Group reports whether a channel is one that a group reads together. nil: none is.
	Group func(channel string) bool
}

// wording is the default message of a cause. The later sentences are added when there is something to say.
type wording struct {
	title, text, due definition.Text
}

func both(zh, en string) definition.Text { return definition.Text{"zh-CN": zh, "en": en} }

// defaults is every message that a flow does not word itself.
var defaults = map[engine.EffectCause]wording{
	engine.CauseTask: {
		title: both("待办：{record} · {step}", "To do: {record} · {step}"),
		text:  both("「{record}」的“{step}”需要您处理。", "“{step}” of {record} is waiting for you."),
		due:   both("请在 {due} 前完成。", "Please finish it by {due}."),
	},
	engine.CauseCopy: {
		title: both("抄送：{record} · {step}", "For your information: {record} · {step}"),
		text:  both("「{record}」已进行到“{step}”，抄送给您了解，无需处理。", "{record} has come to “{step}”. You need not do anything."),
	},
	engine.CauseReminder: {
		title: both("提醒：{record} · {step}", "Reminder: {record} · {step}"),
		text:  both("「{record}」的“{step}”还没有完成。", "“{step}” of {record} is not finished yet."),
		due:   both("时限是 {due}。", "It is due on {due}."),
	},
	engine.CauseOverdue: {
		title: both("已超时：{record} · {step}", "Overdue: {record} · {step}"),
		text:  both("「{record}」的“{step}”没有按时完成，请尽快处理。", "“{step}” of {record} was not finished in time. Please see to it."),
		due:   both("时限是 {due}。", "It was due on {due}."),
	},
	engine.CauseEscalated: {
		title: both("仍未完成：{record} · {step}", "Still overdue: {record} · {step}"),
		text:  both("「{record}」的“{step}”超时后仍未完成，请您督办。", "“{step}” of {record} is still not finished after its deadline. Please see that it is done."),
		due:   both("时限是 {due}。", "It was due on {due}."),
	},
	engine.CauseActFailed: {
		title: both("自动处理未执行：{record} · {step}", "Not done by itself: {record} · {step}"),
		text:  both("「{record}」的“{step}”超时后应自动处理，但未能执行，请处理。", "“{step}” of {record} was to go on by itself after its deadline, and could not. Please see to it."),
	},
	engine.CauseStandIn: {
		title: both("代办：{record} · {step}", "In another's place: {record} · {step}"),
		text:  both("「{record}」的“{step}”由您代为处理。", "“{step}” of {record} is waiting for you in the place of somebody else."),
		due:   both("请在 {due} 前完成。", "Please finish it by {due}."),
	},
	engine.CauseUrged: {
		title: both("催办：{record} · {step}", "Urgent: {record} · {step}"),
		text:  both("{actor}在等您处理「{record}」的“{step}”。", "{actor} is waiting for you to deal with “{step}” of {record}."),
		due:   both("请在 {due} 前完成。", "Please finish it by {due}."),
	},
	engine.CauseMentioned: {
		title: both("有人提到您：{record}", "You were mentioned: {record}"),
		text:  both("{actor}在「{record}」的评论中提到了您。", "{actor} mentioned you in a comment on {record}."),
	},
	engine.CauseUndone: {
		title: both("已撤销：{record} · {step}", "Taken back: {record} · {step}"),
		text:  both("{actor}撤销了「{record}」在“{step}”的处理，您的待办已收回。", "{actor} took back what was decided at “{step}” of {record}. There is nothing left for you to do."),
	},
	engine.CauseReturned: {
		title: both("已退回：{record} · {step}", "Sent back: {record} · {step}"),
		text:  both("{actor}把「{record}」退回到“{step}”，请修改后重新提交。", "{actor} sent {record} back to “{step}”. Please correct it and submit it again."),
		due:   both("请在 {due} 前完成。", "Please finish it by {due}."),
	},
	engine.CauseAssigned: {
		title: both("分配给您：{record}", "Yours: {record}"),
		text:  both("「{record}」现在由您负责。", "{record} is yours now."),
	},
	engine.CauseTakenBack: {
		title: both("不再由您负责：{record}", "No longer yours: {record}"),
		text:  both("「{record}」已不由您负责。", "{record} is no longer yours."),
	},
	engine.CauseEnded: {
		title: both("已结束：{record}", "Ended: {record}"),
		text:  both("「{record}」的流程已经结束。", "The flow of {record} has ended."),
	},
	engine.CauseHeld: {
		title: both("不能继续：{record} · {step}", "Held up: {record} · {step}"),
		text:  both("「{record}」还不能离开“{step}”：有内容需要补全或修改。补全后会自动继续。", "{record} cannot leave “{step}” yet: something is missing or needs mending. It goes on by itself once that is done."),
	},
	engine.CauseFailed: {
		title: both("没有成功：{record} · {step}", "Failed: {record} · {step}"),
		text:  both("「{record}」的“{step}”没有成功，流程已继续。", "“{step}” of {record} has failed, and the flow has gone on."),
	},
	CauseAsked: {
		title: both("{actor}请您补充：{record}", "{actor} asks you: {record}"),
		text:  both("请补充「{record}」所需的内容。", "Please fill in what is missing of {record}."),
	},
	engine.CauseEntered: {
		title: both("{record} 进入“{step}”", "{record} has entered “{step}”"),
		text:  both("「{record}」已进入“{step}”。", "{record} has entered “{step}”."),
		due:   both("时限是 {due}。", "It is due on {due}."),
	},
}

// CauseAsked is the cause of a notice by which a person asks another for something.
const CauseAsked engine.EffectCause = "asked"

var (
	reasonSentence  = both("原因：{reason}", "Reason: {reason}")
	outcomeSentence = both("结果：{outcome}。", "Outcome: {outcome}.")
	theSystem       = both("系统", "The system")
)

// Word is the title and text of an effect for a reader ("" for a group) with every place filled, in each language there is
// wording for.
func (s Subject) Word(effect engine.Effect, reader string) (title, text definition.Text) {
	w, ok := defaults[effect.Cause]
	if !ok {
		w = defaults[engine.CauseEntered]
	}
	if !effect.Title.Empty() {
		w.title = effect.Title
	}
	if !effect.Text.Empty() {
		return s.fill(w.title, effect, reader), s.fill(effect.Text, effect, reader)
	}
	parts := []definition.Text{w.text}
	if !effect.DueAt.IsZero() && w.due != nil {
		parts = append(parts, w.due)
	}
	if effect.Cause == engine.CauseEnded && !s.Outcome.Empty() {
		parts = append(parts, outcomeSentence)
	}
	if effect.Reason != "" {
		parts = append(parts, reasonSentence)
	}
	return s.fill(w.title, effect, reader), s.fill(join(parts), effect, reader)
}

// join puts sentences behind one another, in the way of each language.
func join(parts []definition.Text) definition.Text {
	whole := definition.Text{}
	for lang := range parts[0] {
		gap := " "
		if lang == "zh-CN" {
			gap = ""
		}
		sentences := make([]string, len(parts))
		for i, p := range parts {
			sentences[i] = p.In(lang)
		}
		whole[lang] = strings.Join(sentences, gap)
	}
	return whole
}

func (s Subject) titleFor(reader string) string {
	if s.TitleFor == nil {
		return s.Title
	}
	return s.TitleFor(reader)
}

var place = regexp.MustCompile(`\{[\pL_][\pL\pN_.]*\}`)

// fill replaces the places of each language's wording once: what a value holds is never taken for a place.
func (s Subject) fill(t definition.Text, effect engine.Effect, reader string) definition.Text {
	known := map[string]definition.Text{
		"record": {"": s.titleFor(reader)}, "step": s.Step, "reason": {"": effect.Reason}, "outcome": s.Outcome,
		"due": s.due(effect.DueAt), "actor": theSystem,
	}
	if s.Actor != "" {
		known["actor"] = definition.Text{"zh-CN": s.Actor + " ", "": s.Actor}
	}
	filled := definition.Text{}
	for _, lang := range languages(t) {
		filled[lang] = place.ReplaceAllStringFunc(t.In(lang), func(p string) string {
			name := p[1 : len(p)-1]
			if v, ok := known[name]; ok {
				return v.In(lang)
			}
			if s.Value != nil {
				if v, ok := s.Value(name, lang, reader); ok {
					return v
				}
			}
			return p
		})
	}
	return filled
}

// languages are those that a wording is filled in: its own, and those of the product, because what stands for a place
// may have more languages than the wording.
func languages(t definition.Text) []string {
	all := maps.Clone(t)
	if all == nil {
		all = definition.Text{}
	}
	delete(all, "")
	all["zh-CN"], all["en"] = "", ""
	return slices.Sorted(maps.Keys(all))
}

// due is a moment as the people of the subject's zone write it, in each language.
func (s Subject) due(t time.Time) definition.Text {
	if t.IsZero() {
		return definition.Text{"": ""}
	}
	return definition.Text{"zh-CN": form.MomentIn(t, "zh-CN", s.Zone), "en": form.MomentIn(t, "en", s.Zone), "": form.MomentIn(t, "", s.Zone)}
}
