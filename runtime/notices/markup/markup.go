// Package markup puts a message into the small languages that chat programs speak. Whatever a message says is text: before
// anything is put around it, every character that could begin markup or a mention is replaced by its full-width twin, which
// reads the same and means nothing to any parser. (None of these programs documents how to escape.)
package markup

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/stepwell/stepwell/runtime/notices"
)

// Style is how a language writes what a message consists of. What it is given has been made harmless.
type Style struct {
	Escape func(text string) string // makes a text of one line harmless
	Bold   func(text string) string
	Link   func(label, address string) string
	Bullet string // before each line of an item
	Line   string // between lines
	Gap    string // between parts
}

// Text is the language of WeCom's text messages: plain, with links.
func Text() Style {
	return Style{
		Escape: harmlessText, Bold: func(s string) string { return s },
		Link:   func(label, address string) string { return `<a href="` + address + `">` + label + `</a>` },
		Bullet: "· ", Line: "\n", Gap: "\n",
	}
}

// Markdown is what WeCom and DingTalk understand of Markdown. line is what breaks a line for them: WeCom takes a newline,
// DingTalk needs a paragraph.
func Markdown(line string) Style {
	return Style{
		Escape: harmlessMarkdown, Bold: func(s string) string { return "**" + s + "**" },
		Link:   func(label, address string) string { return "[" + label + "](" + address + ")" },
		Bullet: "· ", Line: line, Gap: "\n\n",
	}
}

// block is a part of a message. A whole one is left out rather than cut: half a link is no link.
type block struct {
	text  string
	whole bool
}

// Lay puts a message into a style within so many bytes, and reports whether something had to be left out. The title and the
// links always stay; after stands between them and the links (mentions, say) and stays as well.
func (s Style) Lay(m notices.Message, limit int, after string) (string, bool) {
	title, cutTitle := Cut(s.Escape(m.Title), limit/4)
	tail := after
	add := func(link string) {
		if tail != "" {
			tail += s.Gap
		}
		tail += link
	}
	if m.QuickLink != "" {
		add(s.Link(s.Escape(m.QuickLabel()), Address(m.QuickLink)))
	}
	if m.Link != "" {
		add(s.Link(s.Escape(m.LinkLabel()), Address(Tagged(m.Link, m.Key))))
	}
	if tail != "" {
		tail = s.Gap + tail
	}
	if title != "" {
		title = s.Bold(title)
	}
	out, cut := s.fit(title, s.blocks(m), limit-len(tail))
	return out + tail, cut || cutTitle
}

func (s Style) blocks(m notices.Message) []block {
	var out []block
	for line := range strings.Lines(strings.TrimSpace(m.Text)) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, block{text: s.Escape(line)})
		}
	}
	for _, item := range m.Items {
		heading := s.Escape(item.Heading())
		if item.Link != "" {
			heading = s.Link(heading, Address(item.Link))
		}
		lines := []string{heading}
		for _, line := range item.Lines {
			lines = append(lines, s.Bullet+s.Escape(line))
		}
		out = append(out, block{text: strings.Join(lines, s.Line), whole: true})
	}
	return out
}

// fit puts blocks behind a head; when they do not all fit, as many as do, and an ellipsis.
func (s Style) fit(head string, blocks []block, limit int) (string, bool) {
	var all strings.Builder
	all.WriteString(head)
	for i, b := range blocks {
		all.WriteString(s.gap(i, b) + b.text)
	}
	if all.Len() <= limit {
		return all.String(), false
	}
	out := head
	for i, b := range blocks {
		gap := s.gap(i, b)
		room := limit - len(out) - len(gap)
		if len(b.text)+len(s.Gap)+len(ellipsis) <= room {
			out += gap + b.text
			continue
		}
		if room < len(ellipsis) {
			break
		}
		if b.whole {
			return out + gap + ellipsis, true
		}
		text, cut := Cut(b.text, room)
		if !cut && room-len(text) >= len(ellipsis) {
			text += ellipsis
		}
		return out + gap + text, true
	}
	return out, true
}

func (s Style) gap(i int, b block) string {
	if i == 0 || b.whole {
		return s.Gap
	}
	return s.Line
}

const ellipsis = "…"

// Cut shortens a text to so many bytes at a character, with an ellipsis, and reports whether it had to. A character that
// consists of several code points stays whole.
func Cut(s string, most int) (string, bool) {
	if len(s) <= most {
		return s, false
	}
	at := max(0, most-len(ellipsis))
	for at > 0 && !utf8.RuneStart(s[at]) {
		at--
	}
	for at > 0 && joined(s[:at], s[at:]) {
		_, size := utf8.DecodeLastRuneInString(s[:at])
		at -= size
	}
	if most < len(ellipsis) {
		return "", true
	}
	return strings.TrimRightFunc(s[:at], unicode.IsSpace) + ellipsis, true
}

const joiner = '\u200d'

// joined reports whether two texts meet in the middle of what people see as one character.
func joined(before, after string) bool {
	next, _ := utf8.DecodeRuneInString(after)
	last, _ := utf8.DecodeLastRuneInString(before)
	half := func(r rune) bool { return r >= 0x1F1E6 && r <= 0x1F1FF } // two of these are a flag
	halves := utf8.RuneCountInString(before) - utf8.RuneCountInString(strings.TrimRightFunc(before, half))
	return next == joiner || last == joiner || unicode.Is(unicode.M, next) || // accents, variation selectors
		next >= 0x1F3FB && next <= 0x1F3FF || half(next) && halves%2 == 1
}

var (
	forText     = strings.NewReplacer("<", "＜", ">", "＞")
	forMarkdown = strings.NewReplacer(
		`\`, "＼", "`", "｀", "*", "＊", "_", "＿", "[", "［", "]", "］", "<", "＜", ">", "＞", "#", "＃", "~", "～", "|", "｜",
		"@", "＠", "&", "＆",
	)
	// Signs that mean something at the beginning of a line only.
	atStart = map[rune]string{'-': "－", '+': "＋", '=': "＝"}
)

func harmlessText(s string) string { return forText.Replace(oneLine(s)) }

func harmlessMarkdown(s string) string {
	s = forMarkdown.Replace(oneLine(s))
	first, size := utf8.DecodeRuneInString(s)
	if twin, ok := atStart[first]; ok {
		return twin + s[size:]
	}
	// "1. " and "1) " begin a list.
	digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
	if digits == 0 || digits == len(s) {
		return s
	}
	switch s[digits] {
	case '.':
		return s[:digits] + "．" + s[digits+1:]
	case ')':
		return s[:digits] + "）" + s[digits+1:]
	}
	return s
}

// oneLine keeps a text in its line and drops what cannot be seen: controls, and the marks that turn the direction of
// writing around.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(strings.ToValidUTF8(s, "�"))
}

// Address makes a web address fit between the signs around it.
func Address(address string) string {
	return strings.NewReplacer(`"`, "%22", "<", "%3C", ">", "%3E", "(", "%28", ")", "%29", " ", "%20", `\`, "%5C", "`", "%60", "\n", "", "\r", "", "*", "%2A", "_", "%5F", "[", "%5B", "]", "%5D", "|", "%7C").Replace(address)
}

// Tagged marks a link with the notice it stands in. Peers recognise a repetition by its being the same to the byte, and
// take two notices with the same words for one without such a mark.
func Tagged(link, key string) string {
	u, err := url.Parse(link)
	if err != nil || key == "" {
		return link
	}
	sum := sha256.Sum256([]byte(key))
	q := u.Query()
	q.Set("notice", hex.EncodeToString(sum[:6]))
	u.RawQuery = q.Encode()
	return u.String()
}
