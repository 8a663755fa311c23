package form

import (
	"regexp"
	"strings"
)

// Portable says whether a pattern means the same to the server (RE2) and to browsers (RegExp with the u flag). When it
// does not, part is what stands in the way.
func Portable(pattern string) (part string, ok bool) {
	s := scanner{rest: pattern}
	for s.rest != "" {
		if part, ok := s.step(); !ok {
			return part, false
		}
	}
	// RE2 has the last word: unbalanced brackets, nested repetition, ranges the wrong way round.
	if _, err := regexp.Compile(pattern); err != nil {
		return strings.TrimPrefix(err.Error(), "error parsing regexp: "), false
	}
	return "", true
}

// scanner walks a pattern and knows what may come next.
type scanner struct {
	rest  string
	class bool // inside [ ]
	first bool // at the first place of a class
	group bool // the last thing in the class was a group such as \d, after which no range can start
	atom  bool // there is something that a quantifier may repeat
}

var quantifier = regexp.MustCompile(`^(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})\??`)

// categories of characters that both sides know by the same name.
var category = regexp.MustCompile(`^\\[pP]\{(?:L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|S[mcko]?|Z[slp]?)\}`)

var hex = regexp.MustCompile(`^\\x[0-9a-fA-F]{2}`)

func (s *scanner) step() (part string, ok bool) {
	c := s.rest[0]
	switch {
	case c == '\\':
		return s.escape()
	case s.class:
		return s.inClass(c)
	}
	if q := quantifier.FindString(s.rest); q != "" {
		if !s.atom {
			return q, false
		}
		s.rest, s.atom = s.rest[len(q):], false
		return "", true
	}
	switch c {
	case '{', '}', ']':
		return string(c), false
	case '[':
		s.class, s.first, s.group = true, true, false
		s.rest = strings.TrimPrefix(s.rest[1:], "^")
		return "", true
	case '(':
		if strings.HasPrefix(s.rest, "(?") && !strings.HasPrefix(s.rest, "(?:") {
			return s.rest[:min(4, len(s.rest))], false
		}
		s.rest, s.atom = strings.TrimPrefix(s.rest[1:], "?:"), false
		return "", true
	}
	s.atom = c != '^' && c != '$' && c != '|'
	s.rest = s.rest[1:]
	return "", true
}

func (s *scanner) inClass(c byte) (part string, ok bool) {
	switch {
	case c == ']' && s.first:
		return "[]", false
	case c == ']':
		s.class, s.atom = false, true
	case c == '[':
		return "[", false
	case c == '-' && s.group && !strings.HasPrefix(s.rest, "-]"):
		return "-", false
	}
	s.first, s.group = false, false
	s.rest = s.rest[1:]
	return "", true
}

func (s *scanner) escape() (part string, ok bool) {
	take := func(n int, group bool) (string, bool) {
		s.rest, s.first, s.group, s.atom = s.rest[n:], false, group, true
		return "", true
	}
	if m := category.FindString(s.rest); m != "" {
		return take(len(m), true)
	}
	if m := hex.FindString(s.rest); m != "" {
		return take(len(m), false)
	}
	if len(s.rest) < 2 {
		return s.rest, false
	}
	switch c := s.rest[1]; {
	case strings.IndexByte("dDwW", c) >= 0:
		return take(2, true)
	case strings.IndexByte(`^$\.*+?()[]{}|/tnrfv`, c) >= 0, s.class && c == '-':
		return take(2, false)
	case !s.class && (c == 'b' || c == 'B'):
		_, _ = take(2, false)
		s.atom = false
		return "", true
	}
	return s.rest[:2], false
}
