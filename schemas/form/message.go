package form

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/stepwell/stepwell/schemas/failure"
	"github.com/stepwell/stepwell/schemas/problem"
)

// What can be wrong with a record's data. {field} is the field's title, with its row in a sub-table.
var (
	ErrRequired         = problem.Define("form.required", "Please fill in {field}.", "请填写“{field}”。")
	ErrRequiredChoice   = problem.Define("form.requiredChoice", "Please choose {field}.", "请选择“{field}”。")
	ErrRequiredFile     = problem.Define("form.requiredFile", "Please add a file to {field}.", "请在“{field}”中上传文件。")
	ErrUnknownField     = problem.Define("form.unknownField", "This form has no field {field}. Leave it out or correct its name.", "该表单没有字段“{field}”，请去掉它或改正名称。")
	ErrType             = problem.Define("form.type", "{field} must be {kind}.", "“{field}”应为{kind}。")
	ErrChoice           = problem.Define("form.enum", "{value} is not one of the choices of {field}. Choose from: {choices}.", "“{value}”不在“{field}”的选项中，可选：{choices}。")
	ErrMinimum          = problem.Define("form.minimum", "{field} must be at least {limit}.", "“{field}”不能小于 {limit}。")
	ErrMaximum          = problem.Define("form.maximum", "{field} must be at most {limit}.", "“{field}”不能大于 {limit}。")
	ErrExclusiveMinimum = problem.Define("form.exclusiveMinimum", "{field} must be more than {limit}.", "“{field}”必须大于 {limit}。")
	ErrExclusiveMaximum = problem.Define("form.exclusiveMaximum", "{field} must be less than {limit}.", "“{field}”必须小于 {limit}。")
	ErrDecimals         = problem.Define("form.decimals", "{field} may have at most {places} decimal places.", "“{field}”最多保留 {places} 位小数。")
	ErrWhole            = problem.Define("form.whole", "{field} must be a whole number.", "“{field}”必须是整数。")
	ErrMultipleOf       = problem.Define("form.multipleOf", "{field} must be a multiple of {limit}.", "“{field}”必须是 {limit} 的倍数。")
	ErrMinLength        = problem.Define("form.minLength", "{field} needs at least {limit} characters.", "“{field}”至少需要 {limit} 个字符。")
	ErrMaxLength        = problem.Define("form.maxLength", "{field} may have at most {limit} characters; please shorten it.", "“{field}”最多 {limit} 个字符，请缩短。")
	ErrPattern          = problem.Define("form.pattern", "{field} does not have the right form ({pattern}).", "“{field}”的格式不正确（{pattern}）。")
	ErrPatternText      = problem.Define("form.patternText", "{field}: {message}", "“{field}”：{message}")
	ErrEmail            = problem.Define("form.email", "{field} is not an e-mail address, such as name@company.com.", "“{field}”不是有效的邮箱地址，例如 name@company.com。")
	ErrURL              = problem.Define("form.url", "{field} is not a web address; it begins with http:// or https://.", "“{field}”不是有效的网址，应以 http:// 或 https:// 开头。")
	ErrPhone            = problem.Define("form.phone", "{field} is not a phone number. Use digits, spaces, “-” and a leading “+”.", "“{field}”不是有效的电话号码，请使用数字、空格、“-”，国际号码以“+”开头。")
	ErrDate             = problem.Define("form.date", "{field} is not a date, such as 2026-03-31.", "“{field}”不是有效的日期，例如 2026-03-31。")
	ErrDateTime         = problem.Define("form.dateTime", "{field} is not a moment, such as 2026-03-31T09:30:00+08:00.", "“{field}”不是有效的日期时间，例如 2026-03-31T09:30:00+08:00。")
	ErrFormat           = problem.Define("form.format", "{field} is not a valid {format}.", "“{field}”不是有效的 {format}。")
	ErrMinItems         = problem.Define("form.minItems", "{field} needs at least {limit} entries.", "“{field}”至少需要 {limit} 项。")
	ErrMaxItems         = problem.Define("form.maxItems", "{field} may have at most {limit} entries.", "“{field}”最多 {limit} 项。")
	ErrUniqueItems      = problem.Define("form.uniqueItems", "{field} has the same entry twice; remove one.", "“{field}”中有重复项，请删除一个。")
	ErrFileRef          = problem.Define("form.file", "{field} holds something that is not an uploaded file. Upload the file again.", "“{field}”中的内容不是已上传的文件，请重新上传。")
	ErrConst            = problem.Define("form.const", "{field} must be {limit}.", "“{field}”必须为 {limit}。")
	ErrKeyword          = problem.Define("form.keyword", "{field} does not fit the form's rule “{keyword}”.", "“{field}”不符合表单规则“{keyword}”。")
)

// limits are keywords whose wording needs only the limit.
var limits = map[string]*problem.Code{
	"minimum": ErrMinimum, "maximum": ErrMaximum, "exclusiveMinimum": ErrExclusiveMinimum, "exclusiveMaximum": ErrExclusiveMaximum,
	"minLength": ErrMinLength, "maxLength": ErrMaxLength, "minItems": ErrMinItems, "maxItems": ErrMaxItems, "const": ErrConst,
}

var wholeForm = problem.Text{"en": "the form", "zh-CN": "表单"}

// problem finds the words for one failed keyword.
func (e *Executable) problem(fail failure.Failure) problem.Problem {
	pointer := problem.Pointer(fail.Place...)
	if len(fail.Place) == 0 {
		if fail.Keyword == "type" {
			return ErrType.At("", problem.Params{"field": wholeForm, "kind": kindNames["object"]})
		}
		return ErrKeyword.At("", problem.Params{"field": wholeForm, "keyword": fail.Keyword})
	}
	f, label := e.label(fail.Place)
	if f == nil || fail.Keyword == failure.Unknown && f.Type != File {
		return ErrUnknownField.At(pointer, problem.Params{"field": fail.Place[len(fail.Place)-1]})
	}
	depth := 1
	if top, _ := e.Field(fail.Place[0]); top != f {
		depth = 3 // a column: table, row, column
	}
	if f.Type == File && len(fail.Place) > depth {
		return ErrFileRef.At(problem.Pointer(fail.Place[:depth+1]...), problem.Params{"field": label})
	}
	if code, ok := limits[fail.Keyword]; ok {
		return code.At(pointer, problem.Params{"field": label, "limit": fail.Limit})
	}
	switch fail.Keyword {
	case "required":
		return required(f, pointer, label)
	case "type":
		if fail.Limit == "integer" && isNumber(fail.Value) {
			return ErrWhole.At(pointer, problem.Params{"field": label})
		}
		return ErrType.At(pointer, problem.Params{"field": label, "kind": kindOf(f, fail)})
	case "enum":
		return ErrChoice.At(pointer, problem.Params{"field": label, "value": fail.Value, "choices": choices(f)})
	case "uniqueItems":
		return ErrUniqueItems.At(pointer, problem.Params{"field": label})
	case "multipleOf":
		return multiple(pointer, label, fmt.Sprint(fail.Limit))
	case "pattern", "format":
		return shape(f, fail, pointer, label)
	}
	return ErrKeyword.At(pointer, problem.Params{"field": label, "keyword": fail.Keyword})
}

func required(f *Field, pointer string, label problem.Text) problem.Problem {
	code := ErrRequired
	switch f.Type { //nolint:exhaustive // every other type is filled in by typing
	case File:
		code = ErrRequiredFile
	case SingleChoice, MultiChoice, Person, Department, Link, Date, DateTime, YesNo:
		code = ErrRequiredChoice
	}
	return code.At(pointer, problem.Params{"field": label})
}

func multiple(pointer string, label problem.Text, limit string) problem.Problem {
	if limit == "1" {
		return ErrWhole.At(pointer, problem.Params{"field": label})
	}
	if digits, ok := strings.CutPrefix(limit, "0."); ok && strings.Trim(digits, "0") == "1" && strings.HasSuffix(digits, "1") {
		return ErrDecimals.At(pointer, problem.Params{"field": label, "places": len(digits)})
	}
	return ErrMultipleOf.At(pointer, problem.Params{"field": label, "limit": limit})
}

// shape words a text that does not look as it should.
func shape(f *Field, fail failure.Failure, pointer string, label problem.Text) problem.Problem {
	params := problem.Params{"field": label}
	switch {
	case !f.Message.Empty() && fail.Keyword == "pattern":
		params["message"] = f.Message
		return ErrPatternText.At(pointer, params)
	case f.Type == Date:
		return ErrDate.At(pointer, params)
	case f.Type == DateTime:
		return ErrDateTime.At(pointer, params)
	case fail.Limit == emailPattern:
		return ErrEmail.At(pointer, params)
	case fail.Limit == phonePattern:
		return ErrPhone.At(pointer, params)
	case fail.Limit == urlPattern:
		return ErrURL.At(pointer, params)
	case fail.Keyword == "format":
		params["format"] = fail.Limit
		return ErrFormat.At(pointer, params)
	}
	params["pattern"] = fail.Limit
	return ErrPattern.At(pointer, params)
}

func choices(f *Field) []problem.Text {
	// More than this many nobody reads in an error message.
	const shown = 12
	var out []problem.Text
	for i, o := range f.Options {
		if i == shown {
			return append(out, problem.Plain("…"))
		}
		out = append(out, o.label())
	}
	return out
}

// label is the choice in words, its value when nobody gave it any.
func (o Option) label() problem.Text {
	if o.Label.Empty() {
		return problem.Plain(o.Value)
	}
	return o.Label
}

var kindNames = map[string]problem.Text{
	"string":  {"en": "text", "zh-CN": "文本"},
	"number":  {"en": "a number", "zh-CN": "数字"},
	"integer": {"en": "a whole number", "zh-CN": "整数"},
	"boolean": {"en": "yes or no", "zh-CN": "是或否"},
	"array":   {"en": "a list", "zh-CN": "列表"},
	"object":  {"en": "a set of named values", "zh-CN": "一组字段值"},
}

func isNumber(v any) bool {
	switch v.(type) {
	case float64, json.Number, int, int64:
		return true
	}
	return false
}

// kindOf names the kind of value that is wanted. The limit speaks for the very value, e.g. one choice of several.
func kindOf(f *Field, fail failure.Failure) problem.Text {
	if name, ok := fail.Limit.(string); ok {
		if text, ok := kindNames[name]; ok {
			return text
		}
	}
	return kindNames[f.JSONType()]
}
