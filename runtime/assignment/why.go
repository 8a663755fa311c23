package assignment

import (
	"strings"
	"time"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/schemas/assignment"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/problem"
)

// ErrNoCategory says that an assignment has no such category.
var ErrNoCategory = fault.Define(fault.Invalid, "assignment.noCategory", "The assignment has no category {category}.", "分配规则中没有分类“{category}”。")

// Source says how somebody came to a record.
type Source string

// The sources.
const (
	ByRule     Source = "rule"
	ByClaim    Source = "claim"    // they took it from the pool
	ByTakeBack Source = "takeBack" // nobody touched it: it went back to the pool
	ByReassign Source = "reassign" // somebody gave it to them
)

// Outcome says how a strategy ended.
type Outcome string

// The outcomes.
const (
	Chosen Outcome = "chosen"
	Nobody Outcome = "nobody" // the next strategy was asked
	Pooled Outcome = "pooled"
)

// Explanation says why somebody has a record, for machines and in words. It is stored with the action.
type Explanation struct {
	Source        Source          `json:"source"`
	Assignment    string          `json:"assignment,omitempty"`
	Version       int             `json:"version,omitempty"`
	Category      string          `json:"category,omitempty"` // "": no category took the record
	CategoryTitle definition.Text `json:"categoryTitle,omitempty"`
	Owner         string          `json:"owner,omitempty"`
	From          string          `json:"from,omitempty"` // who had it before
	Pool          bool            `json:"pool,omitempty"`
	By            string          `json:"by,omitempty"` // reassign: who did it
	Steps         []Step          `json:"steps,omitempty"`
	Text          definition.Text `json:"text"`
}

// Step is one strategy that was asked.
type Step struct {
	Strategy assignment.Type `json:"strategy"`
	Outcome  Outcome         `json:"outcome"`
	Owner    string          `json:"owner,omitempty"`
	Link     string          `json:"link,omitempty"`     // sticky
	Match    definition.Text `json:"match,omitempty"`    // byValue: the row; empty: none matched
	Pick     assignment.Type `json:"pick,omitempty"`     // byValue: how one was chosen
	Previous string          `json:"previous,omitempty"` // who had the turn before
	Open     *int            `json:"open,omitempty"`     // leastLoaded: the open records of whoever was chosen
	Weight   int             `json:"weight,omitempty"`   // weighted: theirs, of Weights altogether
	Weights  int             `json:"weights,omitempty"`
	Skipped  []Skip          `json:"skipped,omitempty"`
}

// SkipWhy says why somebody was passed over.
type SkipWhy string

// The reasons.
const (
	Inactive   SkipWhy = "inactive"
	Absent     SkipWhy = "absent"
	NotAllowed SkipWhy = "notAllowed" // their roles do not let them work on a record of theirs
	Full       SkipWhy = "full"
)

// Skip is somebody who was passed over.
type Skip struct {
	User  string    `json:"user"`
	Why   SkipWhy   `json:"why"`
	Until time.Time `json:"until,omitzero"` // absent
	Open  int       `json:"open,omitempty"` // full
	Limit int       `json:"limit,omitempty"`
}

var strategyWords = map[assignment.Type]problem.Text{
	assignment.Sticky:      {"en": "with whom it belongs", "zh-CN": "归属优先"},
	assignment.ByValue:     {"en": "by value", "zh-CN": "按取值"},
	assignment.RoundRobin:  {"en": "in turn", "zh-CN": "轮询"},
	assignment.Weighted:    {"en": "by weight", "zh-CN": "按权重"},
	assignment.LeastLoaded: {"en": "least loaded", "zh-CN": "负载最少"},
	assignment.ToPool:      {"en": "pool", "zh-CN": "公共池"},
}

// wording is one sentence of an explanation.
type wording = problem.Text

var (
	sayNoCategory = wording{"en": "No category takes this record", "zh-CN": "没有符合的分类"}
	sayFirst      = wording{"en": "the turn begins with {owner}", "zh-CN": "从{owner}开始"}
	sayTurn       = wording{"en": "{previous} had the last one, now it is {owner}'s turn", "zh-CN": "上一位是{previous}，轮到{owner}"}
	sayWeight     = wording{"en": "{owner} ({weight} of {weights})", "zh-CN": "{owner}（{weight}/{weights}）"}
	sayOpen       = wording{"en": "{owner} has the fewest open records ({open})", "zh-CN": "{owner}在办最少（{open} 条）"}
	sayOwner      = wording{"en": "{owner}", "zh-CN": "{owner}"}
	sayMatch      = wording{"en": "{match} → ", "zh-CN": "{match} → "}
	sayRow        = wording{"en": "row {n}", "zh-CN": "第 {n} 行"}
	sayNoRow      = wording{"en": "no row matches", "zh-CN": "没有匹配的行"}
	sayNoOwner    = wording{"en": "the linked record has no owner", "zh-CN": "关联记录没有负责人"}
	sayNobody     = wording{"en": "nobody can take it", "zh-CN": "无人可分配"}
	sayPooled     = wording{"en": "open to be claimed", "zh-CN": "等待领取"}
	sayUnassigned = wording{"en": "it stays with whoever made it", "zh-CN": "由创建人保留"}
	sayReassign   = wording{"en": "{by} gave it to {owner}", "zh-CN": "{by}指派给{owner}"}
	sayReassigned = wording{"en": "{by} had it assigned anew", "zh-CN": "{by}重新分配"}
	sayClaim      = wording{"en": "{owner} claimed it from the pool", "zh-CN": "{owner}从公共池领取"}
	sayTakeBack   = wording{"en": "{from} had not touched it by {due}: it is back in the pool", "zh-CN": "{from}截至{due}未处理，已收回公共池"}

	skipWords = map[SkipWhy]wording{
		Inactive:   {"en": "{user} no longer works here", "zh-CN": "{user}已停用，跳过"},
		Absent:     {"en": "{user} is absent", "zh-CN": "{user}请假，跳过"},
		NotAllowed: {"en": "{user} may not own such records", "zh-CN": "{user}无权负责，跳过"},
		Full:       {"en": "{user} is full ({open} of {limit})", "zh-CN": "{user}已满（{open}/{limit}），跳过"},
	}
)

// mostSkips bounds how many of those who were passed over are named.
const mostSkips = 5

// words puts the explanation of a rule's decision into both languages.
func (e *Explanation) words(w World) definition.Text {
	out := definition.Text{}
	for _, lang := range []string{"en", "zh-CN"} {
		if e.Category == "" {
			out[lang] = join(lang, sayNoCategory.In(lang), sayUnassigned.In(lang))
			continue
		}
		parts := make([]string, 0, len(e.Steps)+1)
		for i := range e.Steps {
			parts = append(parts, e.Steps[i].words(w, lang))
		}
		if e.Owner == "" && !e.Pool {
			parts = append(parts, sayUnassigned.In(lang))
		}
		out[lang] = e.CategoryTitle.In(lang) + " → " + strings.Join(parts, " → ")
	}
	return out
}

func (s *Step) words(w World, lang string) string {
	colon, head := ": ", strategyWords[s.Strategy].In(lang)
	if lang == "zh-CN" {
		colon = "："
	}
	if s.Pick != "" && s.Outcome == Chosen {
		head += "（" + strategyWords[s.Pick].In(lang) + "）"
		if lang != "zh-CN" {
			head = strategyWords[s.Strategy].In(lang) + " (" + strategyWords[s.Pick].In(lang) + ")"
		}
	}
	parts := []string{problem.Fill(s.sentence().In(lang), lang, s.params(w))}
	if !s.Match.Empty() {
		parts[0] = problem.Fill(sayMatch.In(lang), lang, problem.Params{"match": s.Match}) + parts[0]
	}
	for i, skip := range s.Skipped {
		if i == mostSkips {
			parts = append(parts, "…")
			break
		}
		parts = append(parts, problem.Fill(skipWords[skip.Why].In(lang), lang, problem.Params{"user": w.Name(skip.User), "open": skip.Open, "limit": skip.Limit}))
	}
	return head + colon + join(lang, parts...)
}

// sentence is the wording of how a strategy ended.
func (s *Step) sentence() wording {
	by := s.Strategy
	if s.Pick != "" {
		by = s.Pick
	}
	switch {
	case s.Outcome == Pooled:
		return sayPooled
	case s.Outcome == Nobody && s.Strategy == assignment.ByValue && s.Match.Empty():
		return sayNoRow
	case s.Outcome == Nobody && s.Strategy == assignment.Sticky && len(s.Skipped) == 0:
		return sayNoOwner
	case s.Outcome == Nobody:
		return sayNobody
	case by == assignment.LeastLoaded && s.Open != nil:
		return sayOpen
	case by == assignment.Weighted && s.Weights > 0:
		return sayWeight
	case by == assignment.RoundRobin && s.Previous != "":
		return sayTurn
	case by == assignment.RoundRobin:
		return sayFirst
	}
	return sayOwner
}

func (s *Step) params(w World) problem.Params {
	p := problem.Params{"owner": w.Name(s.Owner), "previous": w.Name(s.Previous), "weight": s.Weight, "weights": s.Weights}
	if s.Open != nil {
		p["open"] = *s.Open
	}
	return p
}

func join(lang string, parts ...string) string {
	if lang == "zh-CN" {
		return strings.Join(parts, "；")
	}
	return strings.Join(parts, "; ")
}

// say is a sentence in both languages.
func say(words wording, params problem.Params) definition.Text {
	return definition.Text{"en": problem.Fill(words.In("en"), "en", params), "zh-CN": problem.Fill(words.In("zh-CN"), "zh-CN", params)}
}

// Claimed explains that somebody took a record from the pool.
func Claimed(r *Rule, category, owner, name string) *Explanation {
	return &Explanation{
		Source: ByClaim, Assignment: r.Key, Version: r.Version, Category: category, CategoryTitle: r.Title(category), Owner: owner,
		Text: say(sayClaim, problem.Params{"owner": name}),
	}
}

// TakenBack explains that a record went back to the pool.
func TakenBack(r *Rule, category, from, name string, due time.Time) *Explanation {
	return &Explanation{
		Source: ByTakeBack, Assignment: r.Key, Version: r.Version, Category: category, CategoryTitle: r.Title(category), From: from, Pool: true,
		Text: say(sayTakeBack, problem.Params{"from": name, "due": due.Format("2006-01-02 15:04")}),
	}
}

// Given explains that somebody gave a record to somebody else by name.
func Given(from, to, toName, by, byName string) *Explanation {
	return &Explanation{
		Source: ByReassign, Owner: to, From: from, By: by, Text: say(sayReassign, problem.Params{"by": byName, "owner": toName}),
	}
}

// Again is the explanation of a decision that somebody asked for on a record that is there.
func Again(why Explanation, from, by, byName string) *Explanation {
	why.Source, why.From, why.By = ByReassign, from, by
	head := say(sayReassigned, problem.Params{"by": byName})
	text := definition.Text{}
	for _, lang := range []string{"en", "zh-CN"} {
		text[lang] = join(lang, head.In(lang), why.Text.In(lang))
	}
	why.Text = text
	return &why
}

// Title is what a category is called; nil for one that is gone.
func (r *Rule) Title(category string) definition.Text {
	for _, c := range r.Def.Categories {
		if c.Key == category {
			return c.Title
		}
	}
	return nil
}
