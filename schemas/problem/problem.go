// Package problem says what is wrong with something a person or program handed in: a stable code for machines,
// the place as a JSON pointer, and a sentence in each language that names the mend.
package problem

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Text is a human text in one or more languages, keyed by language tag ("zh-CN", "en").
//
// In JSON it is either a plain string, kept under the empty tag and shown to everybody, or an object of tags.
type Text map[string]string

// Plain makes a Text that reads the same in every language.
func Plain(s string) Text { return Text{"": s} }

// In picks the text for a language: that language, then the untagged text, then Chinese, then English, then any.
func (t Text) In(lang string) string {
	for _, tag := range []string{lang, "", "zh-CN", "en"} {
		if s, ok := t[tag]; ok {
			return s
		}
	}
	for _, tag := range slices.Sorted(maps.Keys(t)) {
		return t[tag]
	}
	return ""
}

// Empty reports whether there is no text in any language.
func (t Text) Empty() bool {
	for _, s := range t {
		if s != "" {
			return false
		}
	}
	return true
}

// MarshalJSON writes a single untagged text as a plain string.
func (t Text) MarshalJSON() ([]byte, error) {
	if s, ok := t[""]; ok && len(t) == 1 {
		return json.Marshal(s)
	}
	return json.Marshal(map[string]string(t))
}

// UnmarshalJSON reads a string or an object of strings.
func (t *Text) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		*t = Plain(s)
		return nil
	}
	var m map[string]string
	if err := json.Unmarshal(b, &m); err != nil {
		return fmt.Errorf("text must be a string or an object of language tags: %w", err)
	}
	*t = m
	return nil
}

// Code is one kind of problem: an id that never changes and its wording, in which {name} stands for a parameter.
type Code struct {
	ID   string
	Text Text
}

// Define declares a code. Wording in both languages is required: it is what people read.
func Define(id, en, zh string) *Code {
	return &Code{ID: id, Text: Text{"en": en, "zh-CN": zh}}
}

// Params fill the {name} places of a wording. A Text value is shown in the reader's language.
type Params map[string]any

// Problem is one code at one place.
type Problem struct { //nolint:errname // it is an error only so that it can be joined with others; its name is what RFC 9457 calls it
	Pointer string // RFC 6901 JSON pointer into what was handed in; "" is the whole
	Code    *Code
	Params  Params
}

// At makes a problem at a place.
func (c *Code) At(pointer string, params Params) Problem {
	return Problem{Pointer: pointer, Code: c, Params: params}
}

// Message is the problem in the reader's language.
func (p Problem) Message(lang string) string { return Fill(p.Code.Text.In(lang), lang, p.Params) }

// Error makes a Problem usable as an error; it speaks English.
func (p Problem) Error() string {
	return fmt.Sprintf("%s: %s (%s)", p.Pointer, p.Message("en"), p.Code.ID)
}

// Fill replaces each {name} of a wording by its parameter.
func Fill(wording, lang string, params Params) string {
	if len(params) == 0 || !strings.Contains(wording, "{") {
		return wording
	}
	pairs := make([]string, 0, 2*len(params))
	for _, name := range slices.Sorted(maps.Keys(params)) {
		pairs = append(pairs, "{"+name+"}", show(params[name], lang))
	}
	return strings.NewReplacer(pairs...).Replace(wording)
}

func show(v any, lang string) string {
	switch v := v.(type) {
	case Text:
		return v.In(lang)
	case []Text:
		parts := make([]string, len(v))
		for i, t := range v {
			parts[i] = t.In(lang)
		}
		return joined(parts, lang)
	case []string:
		return joined(v, lang)
	default:
		return fmt.Sprint(v)
	}
}

func joined(parts []string, lang string) string {
	if lang == "zh-CN" {
		return strings.Join(parts, "、")
	}
	return strings.Join(parts, ", ")
}

var escape = strings.NewReplacer("~", "~0", "/", "~1")

// Pointer joins reference tokens into an RFC 6901 JSON pointer.
func Pointer(tokens ...string) string {
	var b strings.Builder
	for _, t := range tokens {
		b.WriteByte('/')
		if strings.ContainsAny(t, "~/") {
			t = escape.Replace(t)
		}
		b.WriteString(t)
	}
	return b.String()
}
