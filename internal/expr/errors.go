package expr

import (
	"errors"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Problems of a rule's text. Each has the params line and column, counted from 1, besides those in its wording.
var (
	CodeEmpty = problem.Define("expr.empty",
		"The rule is empty. Write a condition or formula.",
		"规则还是空的，请填写条件或公式。")
	CodeTooLong = problem.Define("expr.tooLong",
		"The rule has more than {limit} characters. Split it into several fields or checks.",
		"规则超过了 {limit} 个字符，请拆成几个字段或几条校验。")
	CodeTooDeep = problem.Define("expr.tooDeep",
		"Line {line}, column {column}: lists are walked inside lists more than {limit} deep.",
		"第 {line} 行第 {column} 列：列表遍历嵌套超过了 {limit} 层。")
	CodeSyntax = problem.Define("expr.syntax",
		"Line {line}, column {column}: this cannot be understood{near}. Look for a missing operator, quote or bracket.",
		"第 {line} 行第 {column} 列：这里看不懂{near}，请检查是否少了运算符、引号或括号。")
	CodeCharacter = problem.Define("expr.character",
		"Line {line}, column {column}: “{char}” cannot stand here. Use ASCII punctuation and field keys, and put text in quotes.",
		"第 {line} 行第 {column} 列：这里不能写“{char}”。标点请用英文半角，字段请写它的标识，文字请放在引号里。")
	CodeUnknownName = problem.Define("expr.unknownName",
		"Line {line}, column {column}: there is no “{name}”{hint}. Fields are written form.key.",
		"第 {line} 行第 {column} 列：没有“{name}”{hint}。字段请写成 form.字段标识。")
	CodeUnknownField = problem.Define("expr.unknownField",
		"Line {line}, column {column}: “{object}” has no field “{name}”{hint}.",
		"第 {line} 行第 {column} 列：“{object}”里没有字段“{name}”{hint}。")
	CodeUnknownFunction = problem.Define("expr.unknownFunction",
		"Line {line}, column {column}: there is no function “{name}”{hint}.",
		"第 {line} 行第 {column} 列：没有函数“{name}”{hint}。")
	CodeOperands = problem.Define("expr.operands",
		"Line {line}, column {column}: “{name}” does not work on {types}.",
		"第 {line} 行第 {column} 列：“{name}”不能用在{types}上。")
	CodeWant = problem.Define("expr.want",
		"The rule gives {got}, but {want} is needed here.",
		"这条规则得到的是{got}，而这里需要{want}。")
	CodePattern = problem.Define("expr.pattern",
		"Line {line}, column {column}: the pattern uses {what}, which not every place that checks it understands.",
		"第 {line} 行第 {column} 列：匹配模式里用了{what}，并非所有校验的地方都支持，请换一种写法。")
	CodeLiteral = problem.Define("expr.literal",
		"Line {line}, column {column}: {name} needs a text in quotes here, not a computed one.",
		"第 {line} 行第 {column} 列：{name} 这里要直接写引号里的文字，不能用算出来的值。")
	CodeTimeZone = problem.Define("expr.timeZone",
		"Line {line}, column {column}: “{name}” is not a time zone. Write one such as 'Asia/Shanghai'.",
		"第 {line} 行第 {column} 列：“{name}”不是时区，请写成 'Asia/Shanghai' 这样的名称。")
	CodeConstant = problem.Define("expr.constant",
		"The rule holds a value that can never work: {detail}.",
		"规则里有一个永远算不出来的值：{detail}。")
)

// Failures of an evaluation.
var (
	// CodeMissing: a value that is needed is blank. A condition is then false and a formula has no result.
	CodeMissing = fault.Define(fault.Invalid, "expr.missing",
		"A value that the rule needs is still blank.",
		"规则需要的某个值还没有填。")
	CodeMismatch = fault.Define(fault.Invalid, "expr.mismatch",
		"The values do not fit the operation: {detail}.",
		"数值的类型与运算不符：{detail}。")
	CodeBadValue = fault.Define(fault.Invalid, "expr.badValue",
		"“{value}” is not {need}.",
		"“{value}”不是{need}。")
	CodeDivision = fault.Define(fault.Invalid, "expr.division",
		"A number is divided by zero.",
		"有数除以了零。")
	CodeOverflow = fault.Define(fault.Invalid, "expr.overflow",
		"A whole number or moment has become too large.",
		"整数或时间超出了可以表示的范围。")
	CodeNotFinite = fault.Define(fault.Invalid, "expr.notFinite",
		"The result is not a number; a division by zero is the usual cause.",
		"结果不是有效的数字，通常是因为除以了零。")
	CodeTooCostly = fault.Define(fault.Invalid, "expr.tooCostly",
		"The rule needs too much computation for this record. Walk fewer rows, or fewer lists inside lists.",
		"这条规则对该记录的计算量过大，请减少遍历的行数或嵌套的列表。")
	CodeResult = fault.Define(fault.Invalid, "expr.result",
		"The rule gave {got}, but {want} is needed here.",
		"规则得到的是{got}，而这里需要{want}。")
	CodeFailed = fault.Define(fault.Invalid, "expr.failed",
		"The rule could not be evaluated: {detail}.",
		"规则计算失败：{detail}。")
	CodeCycle = fault.Define(fault.Invalid, "expr.cycle",
		"These formulas wait for each other: {fields}. Take one of them out of the circle.",
		"这些公式互相引用，形成了循环：{fields}。请去掉其中一个引用。")
)

// errMismatch is data that is not of the declared kind.
var errMismatch = errors.New("no such overload")

// IsMissing reports whether an evaluation failed only because a value is blank.
func IsMissing(err error) bool { return fault.Has(err, CodeMissing) }

func text(en, zh string) problem.Text { return problem.Text{"en": en, "zh-CN": zh} }

var (
	needNumber      = text("a number", "数字")
	needWholeNumber = text("a whole number", "整数")
	needDate        = text("a date such as 2026-03-02", "形如 2026-03-02 的日期")
	needMoment      = text("a moment such as 2026-03-02T09:30:00Z", "形如 2026-03-02T09:30:00Z 的时间")
	needText        = text("a text", "文字")
	needDigits      = text("a number of decimals from 0 to 10", "0 到 10 之间的小数位数")
	needSpan        = text("within a hundred years", "一百年以内的跨度")
)

func valueParams(value any, need problem.Text) problem.Params {
	return problem.Params{"value": value, "need": need}
}

var typeWords = map[string]problem.Text{
	"bool":                      text("yes or no", "是或否"),
	"int":                       text("a whole number", "整数"),
	"uint":                      text("a whole number", "整数"),
	"double":                    text("a decimal number", "小数"),
	"number":                    text("a number", "数字"),
	"string":                    text("a text", "文字"),
	"bytes":                     text("bytes", "字节"),
	"null_type":                 text("nothing", "空值"),
	"null":                      text("nothing", "空值"),
	"list":                      text("a list", "列表"),
	"map":                       text("a record", "一组字段"),
	"dyn":                       text("any value", "任意值"),
	"type":                      text("a type", "类型"),
	"json":                      text("a value that a field can hold", "字段可以保存的值"),
	"timestamp":                 text("a moment", "时间"),
	"google.protobuf.Timestamp": text("a moment", "时间"),
	"duration":                  text("a length of time", "时长"),
	"google.protobuf.Duration":  text("a length of time", "时长"),
}

func typeWord(name string) problem.Text {
	if w, ok := typeWords[name]; ok {
		return w
	}
	return text("a record", "一组字段")
}
