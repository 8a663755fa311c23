package schemas

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/failure"
	"github.com/stepwell/stepwell/schemas/problem"
)

// What can be wrong with the shape of a definition.
var (
	ErrJSON     = problem.Define("definition.json", "Line {line}, column {column}: this is not JSON ({why}).", "第 {line} 行第 {column} 列：JSON 格式不正确（{why}）。")
	ErrTwice    = problem.Define("definition.twice", "{name} is there twice. Remove one.", "“{name}”出现了两次，请删除一个。")
	ErrKind     = problem.Define("definition.kind", "There is no kind of definition called {kind}. Choose one of {known}.", "没有“{kind}”这种定义，请选择：{known}。")
	ErrMissing  = problem.Define("definition.required", "{name} is missing. Add it.", "缺少“{name}”，请补上。")
	ErrUnknown  = problem.Define("definition.unknown", "{name} is not known here. Remove it or correct its name.", "此处没有“{name}”，请删除或改正名称。")
	ErrName     = problem.Define("definition.name", "{name} cannot be a name here. {mend}.", "“{name}”不能作为此处的名称。{mend}。")
	ErrType     = problem.Define("definition.type", "This must be {kind}.", "此处应为{kind}。")
	ErrChoice   = problem.Define("definition.enum", "{value} is not possible here. Choose one of {choices}.", "此处不能填“{value}”，请选择：{choices}。")
	ErrConst    = problem.Define("definition.const", "This must be {limit}.", "此处必须是“{limit}”。")
	ErrPattern  = problem.Define("definition.pattern", "“{value}” does not have the right form. {mend}.", "“{value}”的格式不正确。{mend}。")
	ErrEmpty    = problem.Define("definition.empty", "This is empty. Fill it in.", "此处为空，请填写。")
	ErrFormat   = problem.Define("definition.format", "“{value}” is not a {format}.", "“{value}”不是有效的{format}。")
	ErrTooFew   = problem.Define("definition.tooFew", "This needs at least {limit}.", "此处至少需要 {limit}。")
	ErrTooMany  = problem.Define("definition.tooMany", "This may be at most {limit}.", "此处最多为 {limit}。")
	ErrRepeated = problem.Define("definition.uniqueItems", "The same entry is there twice. Remove one.", "列表中有重复项，请删除一个。")
	ErrKeyword  = problem.Define("definition.keyword", "This does not fit the rule “{keyword}”.", "此处不符合规则“{keyword}”。")
)

// Validate checks the JSON text of a definition against the schema of its kind and says what is wrong, in the order of
// the document's pointers. Strict asks for a document that can be published as far as one document can tell by
// itself; otherwise only what could not even be read is refused.
func Validate(kind definition.Kind, doc []byte, strict bool) ([]problem.Problem, error) {
	pairs, err := compiled()
	if err != nil {
		return nil, err
	}
	p, ok := pairs[kind]
	if !ok {
		return []problem.Problem{ErrKind.At("/kind", problem.Params{"kind": string(kind), "known": kindNames()})}, nil
	}
	value, out := decode(doc)
	if len(out) > 0 {
		return out, nil
	}
	for _, f := range p.of(strict).Validate(value) {
		out = append(out, describe(f))
	}
	slices.SortStableFunc(out, func(a, b problem.Problem) int { return strings.Compare(a.Pointer, b.Pointer) })
	return out, nil
}

func kindNames() []string {
	var out []string
	for _, k := range definition.Kinds() {
		out = append(out, string(k))
	}
	return out
}

// decode reads JSON and refuses what two readers may understand differently: a member named twice, text after the end.
func decode(doc []byte) (any, []problem.Problem) {
	var value any
	dec := json.NewDecoder(bytes.NewReader(doc))
	dec.UseNumber()
	err := dec.Decode(&value)
	if err == nil {
		if _, end := dec.Token(); !errors.Is(end, io.EOF) {
			err = errors.New("there is something after the end")
		}
	}
	if err != nil {
		line, column := position(doc, offset(err, dec))
		return nil, []problem.Problem{ErrJSON.At("", problem.Params{"line": line, "column": column, "why": err.Error()})}
	}
	if pointer, name, twice := repeated(json.NewDecoder(bytes.NewReader(doc)), ""); twice {
		return nil, []problem.Problem{ErrTwice.At(pointer, problem.Params{"name": name})}
	}
	return value, nil
}

func offset(err error, dec *json.Decoder) int64 {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return syntax.Offset
	}
	return dec.InputOffset()
}

func position(doc []byte, offset int64) (line, column int) {
	before := doc[:min(max(offset, 0), int64(len(doc)))]
	line = bytes.Count(before, []byte("\n")) + 1
	column = len([]rune(string(before[bytes.LastIndexByte(before, '\n')+1:])))
	return line, max(column, 1)
}

// repeated finds the first member of an object that has the name of an earlier one. The text is known to be JSON.
func repeated(dec *json.Decoder, at string) (pointer, name string, twice bool) {
	token, err := dec.Token()
	if err != nil {
		return "", "", false
	}
	seen := map[string]bool{}
	for i := 0; (token == json.Delim('{') || token == json.Delim('[')) && dec.More(); i++ {
		place := fmt.Sprintf("%s/%d", at, i)
		if token == json.Delim('{') {
			member, _ := dec.Token()
			name, _ := member.(string)
			place = at + problem.Pointer(name)
			if seen[name] {
				return place, name, true
			}
			seen[name] = true
		}
		if pointer, name, twice := repeated(dec, place); twice {
			return pointer, name, true
		}
	}
	if token == json.Delim('{') || token == json.Delim('[') {
		_, _ = dec.Token() // the closing bracket
	}
	return "", "", false
}

// describe finds the words for one failed keyword.
func describe(f failure.Failure) problem.Problem {
	pointer := problem.Pointer(f.Place...)
	name := ""
	if len(f.Place) > 0 {
		name = f.Place[len(f.Place)-1]
	}
	if slices.Contains(f.Schema, "propertyNames") {
		return ErrName.At(pointer, problem.Params{"name": name, "mend": mend(f)})
	}
	switch f.Keyword {
	case "required":
		return ErrMissing.At(pointer, problem.Params{"name": name})
	case failure.Unknown:
		return ErrUnknown.At(pointer, problem.Params{"name": name})
	case "type":
		return ErrType.At(pointer, problem.Params{"kind": typeText(f.Limit)})
	case "enum":
		return ErrChoice.At(pointer, problem.Params{"value": f.Value, "choices": words(f.Limit)})
	case "const":
		return ErrConst.At(pointer, problem.Params{"limit": f.Limit})
	case "pattern":
		return ErrPattern.At(pointer, problem.Params{"value": f.Value, "mend": mend(f)})
	case "format":
		return ErrFormat.At(pointer, problem.Params{"value": f.Value, "format": formatText(f.Limit)})
	case "minimum", "minLength", "minItems", "minProperties":
		if f.Keyword != "minimum" && fmt.Sprint(f.Limit) == "1" {
			return ErrEmpty.At(pointer, nil)
		}
		return ErrTooFew.At(pointer, problem.Params{"limit": amount(f)})
	case "maximum", "maxLength", "maxItems", "maxProperties":
		return ErrTooMany.At(pointer, problem.Params{"limit": amount(f)})
	case "uniqueItems":
		return ErrRepeated.At(pointer, nil)
	}
	return ErrKeyword.At(pointer, problem.Params{"keyword": f.Keyword})
}

// mend is what the schema says to do about a text of the wrong form.
func mend(f failure.Failure) problem.Text {
	written, _ := f.Mend.(map[string]any)
	out := problem.Text{}
	for lang, words := range written {
		out[lang] = fmt.Sprint(words)
	}
	if len(out) == 0 {
		return problem.Text{"en": fmt.Sprintf("It has to match %v", f.Limit), "zh-CN": fmt.Sprintf("须符合 %v", f.Limit)}
	}
	return out
}

func formatText(limit any) problem.Text {
	if limit == "date" {
		return problem.Text{"en": "date such as 2026-10-01", "zh-CN": "日期（例如 2026-10-01）"}
	}
	return problem.Plain(fmt.Sprint(limit))
}

// amount is a limit with what it counts.
func amount(f failure.Failure) problem.Text {
	switch f.Keyword {
	case "minLength", "maxLength":
		return problem.Text{"en": fmt.Sprintf("%v characters", f.Limit), "zh-CN": fmt.Sprintf("%v 个字符", f.Limit)}
	case "minItems", "maxItems", "minProperties", "maxProperties":
		return problem.Text{"en": fmt.Sprintf("%v entries", f.Limit), "zh-CN": fmt.Sprintf("%v 项", f.Limit)}
	}
	return problem.Plain(fmt.Sprint(f.Limit))
}

var typeNames = map[string]problem.Text{
	"string":  {"en": "text", "zh-CN": "文本"},
	"number":  {"en": "a number", "zh-CN": "数字"},
	"integer": {"en": "a whole number", "zh-CN": "整数"},
	"boolean": {"en": "true or false", "zh-CN": "true 或 false"},
	"array":   {"en": "a list", "zh-CN": "列表"},
	"object":  {"en": "an object", "zh-CN": "对象"},
}

func typeText(limit any) problem.Text {
	var en, zh []string
	for _, name := range words(limit) {
		en = append(en, typeNames[name].In("en"))
		zh = append(zh, typeNames[name].In("zh-CN"))
	}
	return problem.Text{"en": strings.Join(en, " or "), "zh-CN": strings.Join(zh, "或")}
}

// words reads a keyword's value that is one word or several.
func words(limit any) []string {
	list, ok := limit.([]any)
	if !ok {
		return []string{fmt.Sprint(limit)}
	}
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = fmt.Sprint(v)
	}
	return out
}
