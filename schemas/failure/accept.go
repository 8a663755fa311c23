package failure

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// accepter says of a value that it is certainly valid. A "no" only means that the library has to look: it alone refuses,
// and it knows every keyword. Most records are valid, and saying so this way takes a tenth of the time.
type accepter func(value any) bool

// silent keywords do not decide which values are valid.
var silent = map[string]bool{
	"$schema": true, "$id": true, "$defs": true, "$comment": true, "title": true, "description": true, "x-mend": true,
	"default": true, "examples": true,
}

// accepting makes the accepter of a schema; nil when the schema has a keyword that only the library knows.
func accepting(schema any) accepter {
	s, ok := schema.(map[string]any)
	if !ok {
		return nil
	}
	b := builder{schema: s, used: map[string]bool{}}
	var accept accepter
	switch b.word("type") {
	case "string":
		accept = b.text()
	case "number", "integer":
		accept = b.number()
	case "boolean":
		accept = func(v any) bool { _, ok := v.(bool); return ok }
	case "array":
		accept = b.list()
	case "object":
		accept = b.object()
	}
	for keyword := range s {
		if !b.used[keyword] && !silent[keyword] {
			return nil
		}
	}
	return accept
}

// builder reads keywords and remembers which it has read.
// failed means that a keyword was not understood.
type builder struct {
	schema map[string]any
	used   map[string]bool
	failed bool
}

func (b *builder) get(keyword string) (any, bool) {
	v, ok := b.schema[keyword]
	if ok {
		b.used[keyword] = true
	}
	return v, ok
}

func (b *builder) word(keyword string) string {
	v, _ := b.get(keyword)
	s, _ := v.(string)
	return s
}

// count reads a keyword that counts something.
func (b *builder) count(keyword string, absent int) int {
	v, ok := b.get(keyword)
	if !ok {
		return absent
	}
	n, err := strconv.Atoi(fmt.Sprint(v))
	b.failed = b.failed || err != nil
	return n
}

func (b *builder) text() accepter {
	least, most := b.count("minLength", 0), b.count("maxLength", math.MaxInt)
	var pattern *regexp.Regexp
	if source := b.word("pattern"); source != "" {
		compiled, err := regexp.Compile(source)
		b.failed = b.failed || err != nil
		pattern = compiled
	}
	format := b.format()
	words := b.words("enum")
	if b.failed {
		return nil
	}
	return func(v any) bool {
		s, ok := v.(string)
		if !ok || words != nil && !words[s] || format != nil && !format(s) {
			return false
		}
		if least > 0 || len(s) > most {
			if n := utf8.RuneCountInString(s); n < least || n > most {
				return false
			}
		}
		return pattern == nil || pattern.MatchString(s)
	}
}

func (b *builder) format() func(string) bool {
	switch b.word("format") {
	case "":
	case "date":
		return isDate
	case "date-time":
		return isMoment
	default:
		b.failed = true
	}
	return nil
}

// isDate and isMoment are narrower than the formats: what they leave out, such as a leap second, the library decides.
func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

func isMoment(s string) bool {
	_, err := time.Parse(time.RFC3339, s)
	// time.Parse lets "T9:00" and a comma before the fraction pass.
	return err == nil && len(s) >= 20 && s[13] == ':' && s[16] == ':' && !strings.Contains(s, ",")
}

// words reads a list of strings as a set; nil when the keyword is absent.
func (b *builder) words(keyword string) map[string]bool {
	v, ok := b.get(keyword)
	if !ok {
		return nil
	}
	list, _ := v.([]any)
	out := make(map[string]bool, len(list))
	for _, item := range list {
		s, ok := item.(string)
		b.failed = b.failed || !ok
		out[s] = true
	}
	return out
}

// bound is a limit of a number. Floats are compared as the shortest decimals they stand for, as the library does: where
// the limit itself is no such decimal, equality is left to the library.
type bound struct {
	value float64
	exact bool
}

func (b *builder) bound(keyword string) *bound {
	v, ok := b.get(keyword)
	if !ok {
		return nil
	}
	text := fmt.Sprint(v)
	f, err := strconv.ParseFloat(text, 64)
	b.failed = b.failed || err != nil
	return &bound{value: f, exact: strconv.FormatFloat(f, 'f', -1, 64) == text}
}

func (b *builder) number() accepter {
	whole := b.word("type") == "integer"
	least, most := b.bound("minimum"), b.bound("maximum")
	above, below := b.bound("exclusiveMinimum"), b.bound("exclusiveMaximum")
	places := b.places()
	if b.failed {
		return nil
	}
	return func(v any) bool {
		x, ok := v.(float64)
		if !ok || math.IsNaN(x) || math.IsInf(x, 0) || whole && x != math.Trunc(x) {
			return false
		}
		if least != nil && !(x > least.value || x == least.value && least.exact) ||
			most != nil && !(x < most.value || x == most.value && most.exact) ||
			above != nil && !(x > above.value) || below != nil && !(x < below.value) {
			return false
		}
		return places < 0 || decimals(x) <= places
	}
}

// places reads multipleOf when it is 1, 0.1, 0.01, …: how many decimals a number may have; -1 when it is absent.
func (b *builder) places() int {
	v, ok := b.get("multipleOf")
	if !ok {
		return -1
	}
	text := fmt.Sprint(v)
	if text == "1" {
		return 0
	}
	digits, ok := strings.CutPrefix(text, "0.")
	if !ok || strings.TrimLeft(digits, "0") != "1" {
		b.failed = true
		return -1
	}
	return len(digits)
}

// decimals counts those of the shortest decimal that stands for x.
func decimals(x float64) int {
	if x == math.Trunc(x) {
		return 0
	}
	var buffer [32]byte
	text := strconv.AppendFloat(buffer[:0], x, 'f', -1, 64)
	for i, c := range text {
		if c == '.' {
			return len(text) - i - 1
		}
	}
	return 0
}

func (b *builder) list() accepter {
	least, most := b.count("minItems", 0), b.count("maxItems", math.MaxInt)
	unique, _ := b.get("uniqueItems")
	items, given := b.get("items")
	var each accepter
	if given {
		each = accepting(items)
		b.failed = b.failed || each == nil
	}
	if b.failed {
		return nil
	}
	return func(v any) bool {
		list, ok := v.([]any)
		if !ok || len(list) < least || len(list) > most || unique == true && !differ(list) {
			return false
		}
		for _, item := range list {
			if each != nil && !each(item) {
				return false
			}
		}
		return true
	}
}

// differ reports whether a list certainly has no entry twice. It looks only at short lists of texts.
func differ(list []any) bool {
	if len(list) > 32 {
		return false
	}
	for i, item := range list {
		s, ok := item.(string)
		if !ok {
			return false
		}
		for _, other := range list[:i] {
			if other == s {
				return false
			}
		}
	}
	return true
}

func (b *builder) object() accepter {
	required := b.words("required")
	properties, _ := b.get("properties")
	known, _ := properties.(map[string]any)
	additional, given := b.get("additionalProperties")
	closed := given && additional == false
	if given && !closed {
		return nil
	}
	members := make(map[string]accepter, len(known))
	for name, schema := range known {
		if members[name] = accepting(schema); members[name] == nil {
			return nil
		}
	}
	if b.failed {
		return nil
	}
	return func(v any) bool {
		object, ok := v.(map[string]any)
		if !ok {
			return false
		}
		for name := range required {
			if _, there := object[name]; !there {
				return false
			}
		}
		for name, value := range object {
			accept, ok := members[name]
			if !ok && closed || ok && !accept(value) {
				return false
			}
		}
		return true
	}
}
