package value

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stepwell/stepwell/schemas/problem"
)

// MaxDepth is how deep arrays and objects may nest; MongoDB allows 100.
const MaxDepth = 90

// Error says why a value cannot be stored.
type Error struct {
	At  string // what it is about: a JSON pointer, a path or a byte offset
	Why problem.Text
}

func (e *Error) Error() string { return e.At + ": " + e.Why["en"] }

func fail(at, en, zh string) *Error { return &Error{at, problem.Text{"en": en, "zh-CN": zh}} }

// Scan reads one JSON text and tells it to s. It refuses what not every engine can keep: a name twice in one object,
// a NUL character, broken UTF-8, numbers beyond float64 and nesting beyond MaxDepth.
func Scan(text string, s Sink) error {
	p := scanner{text: text, sink: s, names: make([]string, 0, 32)}
	p.blank()
	if err := p.value(0); err != nil {
		return err
	}
	if p.blank(); p.pos < len(text) {
		return p.fail("there is more after the end of the value", "值结束之后还有多余内容")
	}
	return nil
}

// Parse reads one JSON text.
func Parse(text string) (Value, error) {
	var b Builder
	if err := Scan(text, &b); err != nil {
		return Value{}, err
	}
	return b.Value(), nil
}

type scanner struct {
	text  string
	pos   int
	sink  Sink
	names []string // of all open objects, innermost last
}

func (p *scanner) fail(en, zh string) error {
	return fail(fmt.Sprintf("byte %d", p.pos), en, zh)
}

func (p *scanner) blank() {
	for p.pos < len(p.text) {
		switch p.text[p.pos] {
		case ' ', '\n', '\t', '\r':
			p.pos++
		default:
			return
		}
	}
}

func (p *scanner) value(depth int) error {
	if p.pos >= len(p.text) {
		return p.fail("the text ends too early", "内容不完整")
	}
	if depth > MaxDepth {
		return p.fail("it nests too deep", "嵌套层数过多")
	}
	switch c := p.text[p.pos]; {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.array(depth)
	case c == '"':
		s, err := p.string()
		if err == nil {
			p.sink.String(s)
		}
		return err
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	case p.word("null"):
		p.sink.Null()
	case p.word("true"):
		p.sink.Bool(true)
	case p.word("false"):
		p.sink.Bool(false)
	default:
		return p.fail("this is not JSON", "不是有效的 JSON")
	}
	return nil
}

func (p *scanner) word(w string) bool {
	if !strings.HasPrefix(p.text[p.pos:], w) {
		return false
	}
	p.pos += len(w)
	return true
}

func (p *scanner) object(depth int) error {
	p.pos++
	p.sink.BeginObject()
	own := names{first: len(p.names)}
	defer func() { p.names = p.names[:own.first] }()
	if p.blank(); p.word("}") {
		p.sink.EndObject()
		return nil
	}
	for {
		if p.pos >= len(p.text) || p.text[p.pos] != '"' {
			return p.fail("a member name must stand here", "此处应为成员名称")
		}
		name, err := p.string()
		if err != nil {
			return err
		}
		if err := p.once(&own, name); err != nil {
			return err
		}
		p.sink.Name(name)
		if p.blank(); !p.word(":") {
			return p.fail("a colon is missing", "缺少冒号")
		}
		p.blank()
		if err := p.value(depth + 1); err != nil {
			return err
		}
		p.blank()
		if p.word("}") {
			p.sink.EndObject()
			return nil
		}
		if !p.word(",") {
			return p.fail("a comma or brace is missing", "缺少逗号或右花括号")
		}
		p.blank()
	}
}

// names are those of one open object.
type names struct {
	first int             // of the scanner's names
	marks uint64          // what a name may look like that was there; most are told apart by it
	seen  map[string]bool // only of objects too large to search
}

const searchable = 24

// once refuses a name that the object has had already.
func (p *scanner) once(own *names, name string) error {
	mark := uint64(1)
	if n := len(name); n > 0 {
		mark <<= (uint(n)*7 + uint(name[0])*3 + uint(name[n-1])*5 + uint(name[n/2])) & 63
	}
	twice := false
	switch {
	case own.seen != nil:
		twice = own.seen[name]
	case own.marks&mark != 0:
		twice = slices.Contains(p.names[own.first:], name)
	}
	if twice {
		return p.fail("the member "+strconv.Quote(name)+" stands twice in one object", "同一对象中成员 "+strconv.Quote(name)+" 重复出现")
	}
	own.marks |= mark
	p.names = append(p.names, name)
	if own.seen != nil {
		own.seen[name] = true
	} else if len(p.names)-own.first > searchable {
		own.seen = make(map[string]bool, 4*searchable)
		for _, n := range p.names[own.first:] {
			own.seen[n] = true
		}
	}
	return nil
}

func (p *scanner) array(depth int) error {
	p.pos++
	p.sink.BeginArray()
	if p.blank(); p.word("]") {
		p.sink.EndArray()
		return nil
	}
	for {
		if err := p.value(depth + 1); err != nil {
			return err
		}
		p.blank()
		if p.word("]") {
			p.sink.EndArray()
			return nil
		}
		if !p.word(",") {
			return p.fail("a comma or bracket is missing", "缺少逗号或右方括号")
		}
		p.blank()
	}
}

func (p *scanner) digits() bool {
	start := p.pos
	for p.pos < len(p.text) && p.text[p.pos] >= '0' && p.text[p.pos] <= '9' {
		p.pos++
	}
	return p.pos > start
}

func (p *scanner) number() error {
	start := p.pos
	p.word("-")
	lead := p.pos
	ok := p.digits() && (p.text[lead] != '0' || p.pos == lead+1)
	whole := true
	if p.word(".") {
		whole = false
		ok = p.digits() && ok
	}
	if p.word("e") || p.word("E") {
		whole = false
		if !p.word("-") {
			p.word("+")
		}
		ok = p.digits() && ok
	}
	if !ok {
		return p.fail("this is not a number", "不是有效的数字")
	}
	text := p.text[start:p.pos]
	if whole {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			p.sink.Int(n)
			return nil
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) {
		return p.fail("the number is too large", "数字过大")
	}
	p.sink.Float(f)
	return nil
}

func (p *scanner) string() (string, error) {
	text, start := p.text, p.pos+1
	pos, all := start, byte(0)
	for pos < len(text) && !special[text[pos]] {
		all |= text[pos]
		pos++
	}
	p.pos = pos
	switch {
	case pos == len(text):
		return "", p.fail("a string does not end", "字符串没有结束")
	case text[pos] == '\\':
		return p.escaped(start)
	case text[pos] != '"':
		return "", p.fail("a control character must be escaped", "控制字符必须转义")
	}
	p.pos++
	s := text[start:pos]
	if all >= utf8.RuneSelf && !utf8.ValidString(s) {
		return "", p.fail("the text is not UTF-8", "文本不是有效的 UTF-8")
	}
	return s, nil
}

// escaped reads on from the first backslash of a string.
func (p *scanner) escaped(start int) (string, error) {
	buf := []byte(p.text[start:p.pos])
	for p.pos < len(p.text) {
		c := p.text[p.pos]
		p.pos++
		switch {
		case c == '"':
			if s := string(buf); valid(s) {
				return s, nil
			}
			return "", p.fail("text must be UTF-8 without NUL characters", "文本必须是 UTF-8 且不含 NUL 字符")
		case c < ' ':
			return "", p.fail("a control character must be escaped", "控制字符必须转义")
		case c != '\\':
			buf = append(buf, c)
		default:
			var err error
			if buf, err = p.escape(buf); err != nil {
				return "", err
			}
		}
	}
	return "", p.fail("a string does not end", "字符串没有结束")
}

// plainEscapes are the escapes of one character, each before what it stands for.
const plainEscapes = `""\\//` + "b\bf\fn\nr\rt\t"

func (p *scanner) escape(buf []byte) ([]byte, error) {
	if p.pos >= len(p.text) {
		return nil, p.fail("a string does not end", "字符串没有结束")
	}
	c := p.text[p.pos]
	p.pos++
	if c == 'u' {
		r, err := p.hex4()
		if err != nil {
			return nil, err
		}
		if utf16.IsSurrogate(r) {
			r = p.lowSurrogate(r)
		}
		return utf8.AppendRune(buf, r), nil
	}
	for i := 0; i < len(plainEscapes); i += 2 {
		if plainEscapes[i] == c {
			return append(buf, plainEscapes[i+1]), nil
		}
	}
	return nil, p.fail("this escape is not JSON", "无效的转义字符")
}

// lowSurrogate joins the second half of a pair; half a pair alone becomes the replacement character, as in encoding/json.
func (p *scanner) lowSurrogate(high rune) rune {
	back := p.pos
	if p.word(`\u`) {
		if low, err := p.hex4(); err == nil {
			if r := utf16.DecodeRune(high, low); r != utf8.RuneError {
				return r
			}
		}
	}
	p.pos = back
	return utf8.RuneError
}

func (p *scanner) hex4() (rune, error) {
	if p.pos+4 > len(p.text) {
		return 0, p.fail("a string does not end", "字符串没有结束")
	}
	n, err := strconv.ParseUint(p.text[p.pos:p.pos+4], 16, 16)
	if err != nil {
		return 0, p.fail("this escape is not JSON", "无效的转义字符")
	}
	p.pos += 4
	return rune(n), nil
}
