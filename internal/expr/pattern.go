package expr

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"

	"github.com/stepwell/stepwell/schemas/problem"
)

// The part of regular expressions that RE2 and JavaScript read alike: literals, ., classes, groups, alternatives, greedy
// and lazy repetition, ^ $ \b, \d \w \s, \p{L} and the like, and (?i) at the very start.
// The browser turns . and \s into the narrower RE2 meaning.

var (
	lookAround  = text("look-ahead or look-behind", "前瞻或后顾")
	namedGroup  = text("a named group or an inner flag", "命名分组或中间的开关")
	strayEscape = text("the escape “\\{c}”", "转义“\\{c}”")
	repetition  = text("a repetition without something to repeat, or more than 1000 times", "没有对象的重复，或超过 1000 次的重复")
	classError  = text("an unclear character class; escape [ and - inside it", "含义不清的字符集，请转义其中的 [ 和 -")
	unreadable  = text("a form that cannot be read", "无法识别的写法")
)

const metaEscapes = `\^$.*+?()[]{}|/-`

var (
	repeatForm   = regexp.MustCompile(`^\{(\d{1,4})(,(\d{1,4})?)?\}`)
	propertyForm = regexp.MustCompile(`^[pP]\{(L|Lu|Ll|M|N|Nd|P|S|Z|Han|Latin)\}`)
)

// sharedPattern reports whether both sides read a pattern alike, and what is wrong with it otherwise.
func sharedPattern(pattern string) (problem.Text, bool) {
	s := scanner{rest: strings.TrimPrefix(pattern, "(?i)")}
	if what := s.scan(); what != nil {
		return what, false
	}
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return unreadable, false
	}
	if _, err := syntax.Compile(parsed.Simplify()); err != nil {
		return unreadable, false
	}
	return nil, true
}

type scanner struct {
	rest  string
	depth int
}

// scan walks the pattern; atom tells whether a repetition may follow.
func (s *scanner) scan() problem.Text {
	atom := false
	for s.rest != "" {
		c, size := utf8.DecodeRuneInString(s.rest)
		s.rest = s.rest[size:]
		var what problem.Text
		switch c {
		case '\\':
			atom, what = s.escape()
		case '[':
			atom, what = true, s.class()
		case '(':
			atom, what = false, s.group()
		case ')':
			if s.depth--; s.depth < 0 {
				what = unreadable
			}
			atom = true
		case '*', '+', '?', '{':
			what = s.repeat(c, atom)
			atom = false
		case ']', '}':
			what = classError
		case '^', '$', '|':
			atom = false
		default:
			atom = true
		}
		if what != nil {
			return what
		}
	}
	if s.depth != 0 {
		return unreadable
	}
	return nil
}

func (s *scanner) group() problem.Text {
	s.depth++
	switch {
	case strings.HasPrefix(s.rest, "?:"):
		s.rest = s.rest[2:]
	case strings.HasPrefix(s.rest, "?="), strings.HasPrefix(s.rest, "?!"), strings.HasPrefix(s.rest, "?<="), strings.HasPrefix(s.rest, "?<!"):
		return lookAround
	case strings.HasPrefix(s.rest, "?"):
		return namedGroup
	}
	return nil
}

func (s *scanner) repeat(c rune, atom bool) problem.Text {
	if !atom {
		return repetition
	}
	if c == '{' {
		m := repeatForm.FindString("{" + s.rest)
		if m == "" {
			return repetition
		}
		s.rest = s.rest[len(m)-1:]
	}
	s.rest = strings.TrimPrefix(s.rest, "?")
	return nil
}

// escape reads what follows a backslash outside a class.
func (s *scanner) escape() (atom bool, what problem.Text) {
	if m := propertyForm.FindString(s.rest); m != "" {
		s.rest = s.rest[len(m):]
		return true, nil
	}
	c, size := utf8.DecodeRuneInString(s.rest)
	s.rest = s.rest[size:]
	switch {
	case size == 0:
		return false, unreadable
	case c == 'b' || c == 'B':
		return false, nil
	case strings.ContainsRune("dDwWsSnrtfv", c), c != '-' && strings.ContainsRune(metaEscapes, c):
		return true, nil
	}
	return false, escapeText(c)
}

func escapeText(c rune) problem.Text {
	out := problem.Text{}
	for lang, wording := range strayEscape {
		out[lang] = strings.ReplaceAll(wording, "{c}", string(c))
	}
	return out
}

// class reads up to the closing bracket. Ranges go from one plain character to another.
func (s *scanner) class() problem.Text {
	s.rest = strings.TrimPrefix(s.rest, "^")
	for count := 0; ; count++ {
		if strings.HasPrefix(s.rest, "]") {
			if count == 0 {
				return classError
			}
			s.rest = s.rest[1:]
			return nil
		}
		plain, what := s.member()
		if what != nil {
			return what
		}
		if !strings.HasPrefix(s.rest, "-") || strings.HasPrefix(s.rest, "-]") {
			continue
		}
		s.rest = s.rest[1:]
		end, what := s.member()
		if what != nil {
			return what
		}
		if !plain || !end {
			return classError
		}
	}
}

// member reads one member of a class; plain tells whether it is a single character.
func (s *scanner) member() (plain bool, what problem.Text) {
	c, size := utf8.DecodeRuneInString(s.rest)
	if size == 0 || c == '[' {
		return false, classError
	}
	s.rest = s.rest[size:]
	if c != '\\' {
		return true, nil
	}
	if m := propertyForm.FindString(s.rest); m != "" {
		s.rest = s.rest[len(m):]
		return false, nil
	}
	e, size := utf8.DecodeRuneInString(s.rest)
	s.rest = s.rest[size:]
	switch {
	case size == 0:
		return false, unreadable
	case strings.ContainsRune("dDwWs", e):
		return false, nil
	case strings.ContainsRune("nrtfv", e), strings.ContainsRune(metaEscapes, e):
		return true, nil
	}
	return false, escapeText(e)
}
