package form

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stepwell/stepwell/schemas/problem"
)

// momentFormat is how a dateTime is kept: fixed width and UTC, so that it sorts and compares as text.
const momentFormat = "2006-01-02T15:04:05.000Z"

// Empty reports whether a value counts as not filled in: null, blank text, a list without entries.
func Empty(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(v) == ""
	case []any:
		return len(v) == 0
	}
	return false
}

// Normalize gives data the form in which it is kept: empty values are left out, a dateTime is in UTC with milliseconds.
// The rows of a sub-table keep their places, even empty ones, so that pointers still fit. data itself is not changed.
func (e *Executable) Normalize(data map[string]any) map[string]any { return normalize(data, e.Fields) }

func normalize(data map[string]any, fields []Field) map[string]any {
	out := make(map[string]any, len(data))
	maps.Copy(out, data)
	maps.DeleteFunc(out, func(_ string, v any) bool { return Empty(v) })
	for i := range fields {
		f := &fields[i]
		switch f.Type { //nolint:exhaustive // the other types are kept as they come
		case DateTime:
			if s, ok := out[f.Key].(string); ok {
				out[f.Key] = moment(s)
			}
		case SubTable:
			rows, ok := out[f.Key].([]any)
			if !ok {
				continue
			}
			rows = slices.Clone(rows)
			for i, row := range rows {
				if cells, ok := row.(map[string]any); ok {
					rows[i] = normalize(cells, f.Items)
				}
			}
			out[f.Key] = rows
		}
	}
	return out
}

// normal reports whether Normalize would change nothing that Validate cares about.
func normal(data map[string]any, fields []Field) bool {
	for _, v := range data {
		if Empty(v) {
			return false
		}
	}
	for i := range fields {
		f := &fields[i]
		if f.Type != SubTable {
			continue
		}
		rows, _ := data[f.Key].([]any)
		for _, row := range rows {
			if cells, ok := row.(map[string]any); ok && !normal(cells, f.Items) {
				return false
			}
		}
	}
	return true
}

func moment(s string) string {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return s // Validate says what is wrong with it
	}
	return t.UTC().Format(momentFormat)
}

// Defaults are the fixed values a new record begins with. Those that are computed come from x-default.
func (e *Executable) Defaults() map[string]any {
	out := map[string]any{}
	for i := range e.Fields {
		f := &e.Fields[i]
		if len(f.Default) == 0 || !f.HasValue() {
			continue
		}
		var v any
		// Check has made sure that it is JSON of the right type.
		if json.Unmarshal(f.Default, &v) == nil && !Empty(v) {
			out[f.Key] = v
		}
	}
	return out
}

// Titles are what people call the fields, by key.
func (e *Executable) Titles() map[string]problem.Text {
	out := make(map[string]problem.Text, len(e.Fields))
	for i := range e.Fields {
		out[e.Fields[i].Key] = e.Fields[i].Title
	}
	return out
}

// SearchFields are the fields that quick search looks at.
func (e *Executable) SearchFields() []string {
	if len(e.Form.Search) > 0 {
		return e.Form.Search
	}
	var out []string
	for i := range e.Fields {
		if e.Fields[i].TextLike() {
			out = append(out, e.Fields[i].Key)
		}
	}
	return out
}

// Namer puts a name to what a person, department or link field holds. It may return "" when it does not know.
type Namer func(f *Field, id string) string

// Display is a value as people read it in a sentence, a title or a change log.
func Display(f *Field, value any, lang string, name Namer) string {
	switch v := value.(type) {
	case nil:
		return ""
	case bool:
		return yesNo(v, lang)
	case string:
		return displayText(f, v, lang, name)
	case float64:
		return displayNumber(f, strconv.FormatFloat(v, 'f', -1, 64))
	case json.Number:
		return displayNumber(f, v.String())
	case []any:
		parts := make([]string, 0, len(v))
		for _, item := range v {
			if file, ok := item.(map[string]any); ok {
				if s, ok := file["name"].(string); ok && f.Type == File {
					parts = append(parts, s)
				}
				continue
			}
			parts = append(parts, Display(f, item, lang, name))
		}
		switch f.Type { //nolint:exhaustive // the others are told item by item
		case SubTable:
			return rowCount(len(v), lang)
		case Checklist:
			return strconv.Itoa(len(v)) + "/" + strconv.Itoa(len(f.Options))
		}
		if lang == "zh-CN" {
			return strings.Join(parts, "、")
		}
		return strings.Join(parts, ", ")
	}
	return ""
}

func yesNo(v bool, lang string) string {
	words := map[bool]problem.Text{true: {"en": "Yes", "zh-CN": "是"}, false: {"en": "No", "zh-CN": "否"}}
	return words[v].In(lang)
}

func rowCount(n int, lang string) string {
	return problem.Fill(problem.Text{"en": "{n} rows", "zh-CN": "{n} 行"}.In(lang), lang, problem.Params{"n": n})
}

func displayText(f *Field, v, lang string, name Namer) string {
	switch f.Type { //nolint:exhaustive // the other types read as they are
	case SingleChoice, MultiChoice:
		if o, ok := f.Option(v); ok {
			return o.label().In(lang)
		}
	case Person, Department, Link:
		if name != nil {
			if s := name(f, v); s != "" {
				return s
			}
		}
	}
	return v
}

func displayNumber(f *Field, text string) string {
	switch f.Type { //nolint:exhaustive // the other types show the bare number
	case Money:
		if n, err := strconv.ParseFloat(text, 64); err == nil {
			return strings.TrimSpace(f.Currency + " " + grouped(strconv.FormatFloat(n, 'f', decimals(f), 64)))
		}
	case Percent:
		return text + "%"
	case Number, Formula:
		if n, err := strconv.ParseFloat(text, 64); err == nil && f.Decimals != nil {
			return strconv.FormatFloat(n, 'f', decimals(f), 64)
		}
	}
	return text
}

func decimals(f *Field) int {
	if f.Decimals != nil {
		return *f.Decimals
	}
	return 2
}

// grouped puts a comma between thousands.
func grouped(number string) string {
	sign := ""
	if strings.HasPrefix(number, "-") {
		sign, number = "-", number[1:]
	}
	whole, fraction, hasFraction := strings.Cut(number, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if hasFraction {
		whole += "." + fraction
	}
	return sign + whole
}

// RecordTitle names a record by the form's pattern. A place whose field is empty leaves nothing behind.
func (e *Executable) RecordTitle(data map[string]any, lang string, name Namer) string {
	return e.TitleOf(func(f *Field) string { return Display(f, data[f.Key], lang, name) })
}

// TitleOf names a record by the form's pattern and what show makes of the fields in it; "" leaves nothing behind.
func (e *Executable) TitleOf(show func(f *Field) string) string {
	text := e.Form.RecordTitle
	var b strings.Builder
	for text != "" {
		before, rest, found := strings.Cut(text, "{")
		b.WriteString(before)
		key, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			break
		}
		if f, ok := e.Field(key); ok {
			b.WriteString(show(f))
		}
		text = after
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// TitleFields are the fields that stand in a record's title, in their order there.
func (e *Executable) TitleFields() []*Field { return e.named(places(e.Form.RecordTitle)) }

func (e *Executable) named(keys []string) []*Field {
	var out []*Field
	for _, key := range keys {
		if f, ok := e.Field(key); ok && !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// WordFields are the fields by which people know and find a record: those in its title and those that quick search looks at.
func (e *Executable) WordFields() []*Field {
	return e.named(append(places(e.Form.RecordTitle), e.SearchFields()...))
}

// places are the keys between braces in a record title.
func places(text string) []string {
	var out []string
	for {
		_, rest, found := strings.Cut(text, "{")
		key, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			return out
		}
		out = append(out, key)
		text = after
	}
}

// split reads the tokens of a JSON pointer.
func split(pointer string) []string {
	if pointer == "" {
		return nil
	}
	parts := strings.Split(pointer[1:], "/")
	for i, p := range parts {
		parts[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(p)
	}
	return parts
}

// trimmed drops the separators that an absent part leaves behind.
func trimmed(s string) string { return strings.TrimRight(s, ", ") }
