package expr

import (
	"math"
	"strconv"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/parser"

	"github.com/stepwell/stepwell/schemas/problem"
)

// Function is one entry of the catalogue: what a rule may call and what to tell its author.
type Function struct {
	Name      string       `json:"name"`
	Signature string       `json:"signature"`
	Doc       problem.Text `json:"doc"`
	Example   string       `json:"example"`
	// Standard functions are CEL's own; the rest are the platform's, and exist in the browser too.
	Standard bool `json:"standard,omitempty"`

	arity    []int // one overload for each
	result   *cel.Type
	scoped   bool // gets the scope as a hidden first argument
	onList   bool // may also be called as list.name()
	evaluate func(...ref.Val) ref.Val
}

// Functions is the catalogue, in the order in which it is shown.
func Functions() []Function { return append([]Function{}, catalogue...) }

func unary(f func(ref.Val) ref.Val) func(...ref.Val) ref.Val {
	return func(args ...ref.Val) ref.Val { return f(args[0]) }
}

func binary(f func(a, b ref.Val) ref.Val) func(...ref.Val) ref.Val {
	return func(args ...ref.Val) ref.Val { return f(args[0], args[1]) }
}

var one, two = []int{1}, []int{2}

var catalogue = []Function{
	{
		Name: "sum", Signature: "sum(list) → number", Example: "sum(form.items.map(i, i.amount))",
		Doc:   text("Adds up a list of numbers; blank ones are left out.", "把一列数字加起来，空的不算。"),
		arity: one, result: cel.DoubleType, onList: true, evaluate: unary(sum),
	},
	{
		Name: "avg", Signature: "avg(list) → number", Example: "avg(form.scores.map(s, s.value))",
		Doc:   text("The average of a list of numbers; blank ones are left out.", "一列数字的平均值，空的不算。"),
		arity: one, result: cel.DoubleType, onList: true, evaluate: unary(avg),
	},
	{
		Name: "min", Signature: "min(list) or min(a, b, …) → number", Example: "min(form.budget, 100000)",
		Doc:   text("The smallest number.", "最小的数字。"),
		arity: []int{1, 2, 3, 4}, result: cel.DoubleType, onList: true, evaluate: extreme(func(a, b float64) bool { return a < b }),
	},
	{
		Name: "max", Signature: "max(list) or max(a, b, …) → number", Example: "max(form.items.map(i, i.qty))",
		Doc:   text("The largest number.", "最大的数字。"),
		arity: []int{1, 2, 3, 4}, result: cel.DoubleType, onList: true, evaluate: extreme(func(a, b float64) bool { return a > b }),
	},
	{
		Name: "round", Signature: "round(number, decimals) → number", Example: "round(form.qty * form.price, 2)",
		Doc:   text("Rounds to 0–10 decimals, halves away from zero, as on paper: round(1.005, 2) is 1.01.", "四舍五入到 0–10 位小数，与笔算一致：round(1.005, 2) 得 1.01。"),
		arity: two, result: cel.DoubleType, evaluate: binary(round),
	},
	{
		Name: "abs", Signature: "abs(number) → number", Example: "abs(form.difference)",
		Doc:   text("The number without its sign.", "绝对值。"),
		arity: one, result: cel.DoubleType, evaluate: unary(onNumber(math.Abs)),
	},
	{
		Name: "floor", Signature: "floor(number) → number", Example: "floor(form.hours / 8)",
		Doc:   text("The whole number at or below.", "向下取整。"),
		arity: one, result: cel.DoubleType, evaluate: unary(onNumber(math.Floor)),
	},
	{
		Name: "ceil", Signature: "ceil(number) → number", Example: "ceil(form.qty / 24)",
		Doc:   text("The whole number at or above.", "向上取整。"),
		arity: one, result: cel.DoubleType, evaluate: unary(onNumber(func(x float64) float64 { return math.Ceil(x) + 0 })),
	},

	{
		Name: "today", Signature: "today() → date", Example: "form.neededBy > today()",
		Doc:   text("Today's date in the organisation's time zone.", "今天的日期（按组织所在时区）。"),
		arity: []int{0}, result: cel.StringType, scoped: true, evaluate: today,
	},
	{
		Name: "dateOf", Signature: "dateOf(moment) → date", Example: "dateOf(record.createdAt)",
		Doc:   text("The date of a moment, in the organisation's time zone.", "某个时间所在的日期（按组织所在时区）。"),
		arity: one, result: cel.StringType, scoped: true, evaluate: dateOf,
	},
	{
		Name: "year", Signature: "year(date) → number", Example: "year(form.signedOn)",
		Doc:   text("The year of a date.", "日期的年份。"),
		arity: one, result: cel.IntType, scoped: true, evaluate: datePart(time.Time.Year),
	},
	{
		Name: "month", Signature: "month(date) → number", Example: "month(form.signedOn) == 12",
		Doc:   text("The month of a date, 1 to 12.", "日期的月份，1 到 12。"),
		arity: one, result: cel.IntType, scoped: true, evaluate: datePart(func(d time.Time) int { return int(d.Month()) }),
	},
	{
		Name: "day", Signature: "day(date) → number", Example: "day(today()) <= 25",
		Doc:   text("The day of the month, 1 to 31.", "日期是当月几号，1 到 31。"),
		arity: one, result: cel.IntType, scoped: true, evaluate: datePart(time.Time.Day),
	},
	{
		Name: "weekday", Signature: "weekday(date) → number", Example: "weekday(form.visitOn) <= 5",
		Doc:   text("The day of the week, 1 is Monday and 7 is Sunday.", "星期几，1 是周一，7 是周日。"),
		arity: one, result: cel.IntType, scoped: true, evaluate: datePart(isoWeekday),
	},
	{
		Name: "daysBetween", Signature: "daysBetween(from, to) → number", Example: "daysBetween(form.start, form.end) + 1",
		Doc:   text("How many days lie from one date to another; negative when the second is earlier.", "两个日期相差多少天；后一个更早时为负数。"),
		arity: two, result: cel.IntType, scoped: true, evaluate: daysBetween,
	},
	{
		Name: "addDays", Signature: "addDays(date, n) → date", Example: "addDays(today(), 30)",
		Doc:   text("The date n days later, or earlier when n is negative.", "n 天以后的日期；n 为负数时是以前。"),
		arity: two, result: cel.StringType, scoped: true, evaluate: addDays,
	},
	{
		Name: "addMonths", Signature: "addMonths(date, n) → date", Example: "addMonths(form.signedOn, 12)",
		Doc:   text("The date n months later; 31 January plus one month is the last of February.", "n 个月以后的日期；1 月 31 日加一个月是 2 月的最后一天。"),
		arity: two, result: cel.StringType, scoped: true, evaluate: addMonths,
	},
	{
		Name: "workdays", Signature: "workdays(from, to) → number", Example: "workdays(form.start, form.end)",
		Doc:   text("How many working days there are from one date to another, both included, by the app's calendar.", "从一个日期到另一个日期（含首尾）有多少个工作日，按应用的工作日历计算。"),
		arity: two, result: cel.IntType, scoped: true, evaluate: workdays,
	},
	{
		Name: "addWorkdays", Signature: "addWorkdays(date, n) → date", Example: "addWorkdays(today(), 5)",
		Doc:   text("The n-th working day after a date, or before it when n is negative, by the app's calendar; with 0 the date itself or the next working day.", "某个日期之后的第 n 个工作日；n 为负数时往前数，n 为 0 时取当天或下一个工作日，按应用的工作日历计算。"),
		arity: two, result: cel.StringType, scoped: true, evaluate: addWorkdays,
	},

	{
		Name: "lower", Signature: "lower(text) → text", Example: "lower(form.code)",
		Doc:   text("A–Z become small letters.", "把 A–Z 变成小写。"),
		arity: one, result: cel.StringType, evaluate: unary(onText(lower)),
	},
	{
		Name: "upper", Signature: "upper(text) → text", Example: "upper(form.code)",
		Doc:   text("a–z become capitals.", "把 a–z 变成大写。"),
		arity: one, result: cel.StringType, evaluate: unary(onText(upper)),
	},
	{
		Name: "trim", Signature: "trim(text) → text", Example: "trim(form.name) != ''",
		Doc:   text("Without blanks at both ends.", "去掉两端的空白。"),
		arity: one, result: cel.StringType, evaluate: unary(onText(trim)),
	},
	{
		Name: "left", Signature: "left(text, n) → text", Example: "left(form.code, 2) == 'SZ'",
		Doc:   text("The first n characters.", "开头的 n 个字。"),
		arity: two, result: cel.StringType, evaluate: binary(edge(false)),
	},
	{
		Name: "right", Signature: "right(text, n) → text", Example: "right(form.phone, 4)",
		Doc:   text("The last n characters.", "末尾的 n 个字。"),
		arity: two, result: cel.StringType, evaluate: binary(edge(true)),
	},
	{
		Name: "replace", Signature: "replace(text, old, new) → text", Example: "replace(form.phone, ' ', '')",
		Doc:   text("With every old part replaced by the new one.", "把其中的旧文字全部换成新文字。"),
		arity: []int{3}, result: cel.StringType, evaluate: replace,
	},
	{
		Name: "join", Signature: "join(list, separator) → text", Example: "join(form.tags, '、')",
		Doc:   text("The items of a list as one text.", "把列表的各项连成一段文字。"),
		arity: two, result: cel.StringType, onList: true, evaluate: binary(join),
	},

	{
		Name: "isBlank", Signature: "isBlank(value) → yes/no", Example: "isBlank(form.remark)",
		Doc:   text("Whether nothing is filled in: no value, only blanks, or an empty list.", "是否没有填写：没有值、只有空白，或是空列表。"),
		arity: one, result: cel.BoolType, evaluate: unary(func(v ref.Val) ref.Val { return types.Bool(isBlank(v)) }),
	},
	{
		Name: "coalesce", Signature: "coalesce(a, b, …) → value", Example: "coalesce(form.discount, 0)",
		Doc:   text("The first value that is filled in, else the last.", "第一个已填写的值；都没有填时取最后一个。"),
		arity: []int{2, 3, 4}, result: cel.DynType, evaluate: coalesce,
	},
	{
		Name: "inList", Signature: "inList(value, list) → yes/no", Example: "inList(form.level, ['A', 'B'])",
		Doc:   text("Whether the value, or any item of it when it is a list, is in the list.", "值是否在列表中；值本身是列表时，只要有一项在就算。"),
		arity: two, result: cel.BoolType, evaluate: binary(inList),
	},

	{
		Name: "has", Signature: "has(form.key) → yes/no", Example: "has(form.contract)", Standard: true,
		Doc: text("Whether the field has a value.", "字段是否有值。"),
	},
	{
		Name: "size", Signature: "size(text or list) → number", Example: "size(form.items) >= 1", Standard: true,
		Doc: text("How many characters or items there are.", "字数或项数。"),
	},
	{
		Name: "contains", Signature: "text.contains(part) → yes/no", Example: "form.name.contains('样件')", Standard: true,
		Doc: text("Whether the text holds the part.", "文字中是否包含某一段。"),
	},
	{
		Name: "startsWith", Signature: "text.startsWith(part) → yes/no", Example: "form.code.startsWith('KH')", Standard: true,
		Doc: text("Whether the text begins with the part.", "文字是否以某一段开头。"),
	},
	{
		Name: "endsWith", Signature: "text.endsWith(part) → yes/no", Example: "form.file.endsWith('.pdf')", Standard: true,
		Doc: text("Whether the text ends with the part.", "文字是否以某一段结尾。"),
	},
	{
		Name: "matches", Signature: "text.matches('pattern') → yes/no", Example: "form.phone.matches('^1[3-9][0-9]{9}$')", Standard: true,
		Doc: text("Whether the text fits a regular expression.", "文字是否符合正则表达式。"),
	},
	{
		Name: "all", Signature: "list.all(x, condition) → yes/no", Example: "form.items.all(i, i.qty > 0)", Standard: true,
		Doc: text("Whether the condition holds for every item.", "是否每一项都满足条件。"),
	},
	{
		Name: "exists", Signature: "list.exists(x, condition) → yes/no", Example: "form.items.exists(i, i.urgent)", Standard: true,
		Doc: text("Whether the condition holds for at least one item.", "是否至少有一项满足条件。"),
	},
	{
		Name: "exists_one", Signature: "list.exists_one(x, condition) → yes/no", Example: "form.items.exists_one(i, i.main)", Standard: true,
		Doc: text("Whether the condition holds for exactly one item.", "是否恰好有一项满足条件。"),
	},
	{
		Name: "filter", Signature: "list.filter(x, condition) → list", Example: "size(form.items.filter(i, i.qty > 100))", Standard: true,
		Doc: text("The items for which the condition holds.", "满足条件的各项。"),
	},
	{
		Name: "map", Signature: "list.map(x, value) → list", Example: "form.items.map(i, i.qty * i.price)", Standard: true,
		Doc: text("A value computed from every item.", "由每一项算出的值组成的列表。"),
	},
	{
		Name: "timestamp", Signature: "timestamp(text) → moment", Example: "timestamp(form.visitedAt) < now", Standard: true,
		Doc: text("A date-time field as a moment that can be compared.", "把日期时间字段变成可以比较的时间。"),
	},
	{
		Name: "duration", Signature: "duration('36h') → length of time", Example: "now - record.createdAt > duration('48h')", Standard: true,
		Doc: text("A length of time in h, m and s.", "时长，单位 h、m、s。"),
	},
	{
		Name: "string", Signature: "string(value) → text", Example: "'合计 ' + string(form.total)", Standard: true,
		Doc: text("A value as text.", "把值变成文字。"),
	},
	{
		Name: "double", Signature: "double(text) → number", Example: "double(form.text) > 1.5", Standard: true,
		Doc: text("A text as a number.", "把文字变成数字。"),
	},
	{
		Name: "int", Signature: "int(value) → whole number", Example: "int(form.text)", Standard: true,
		Doc: text("A text or number as a whole number; decimals are cut off.", "把文字或数字变成整数，小数部分直接去掉。"),
	},
	{
		Name: "getHours", Signature: "moment.getHours('Asia/Shanghai') → number", Example: "now.getHours('Asia/Shanghai') < 18", Standard: true,
		Doc: text("The hour of a moment in a time zone.", "某个时间在某时区的小时数。"),
	},
}

// library declares every function of the catalogue that is not CEL's own.
func library() []cel.EnvOption {
	var opts []cel.EnvOption
	for _, f := range catalogue {
		if f.evaluate == nil {
			continue
		}
		var overloads []cel.FunctionOpt
		for _, n := range f.arity {
			overloads = append(overloads, cel.Overload(f.Name+"_"+strconv.Itoa(n), f.params(n), f.result))
			if f.onList && n == f.arity[0] {
				params := f.params(n)
				params[0] = cel.ListType(cel.DynType)
				overloads = append(overloads, cel.MemberOverload("list_"+f.Name, params, f.result))
			}
		}
		overloads = append(overloads, cel.SingletonFunctionBinding(f.evaluate))
		opts = append(opts, cel.Function(f.Name, overloads...))
		if f.scoped {
			opts = append(opts, cel.Macros(hidden(f)))
		}
	}
	return opts
}

func (f Function) params(n int) []*cel.Type {
	var params []*cel.Type
	if f.scoped {
		params = append(params, scopeType)
	}
	for range n {
		params = append(params, cel.DynType)
	}
	return params
}

// hidden adds the scope to a call as its first argument.
func hidden(f Function) cel.Macro {
	return cel.GlobalMacro(f.Name, f.arity[0], func(eh parser.ExprHelper, _ ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
		return eh.NewCall(f.Name, append([]ast.Expr{eh.NewIdent(scopeName)}, args...)...), nil
	})
}
