package form

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/problem"
)

// What can be wrong with a form definition.
var (
	ErrSchema         = problem.Define("form.schema", "The form's schema cannot be used: {why}.", "表单的 schema 无法使用：{why}。")
	ErrKeywordValue   = problem.Define("form.keywordValue", "{keyword} cannot have this value.", "“{keyword}”不能取这个值。")
	ErrForeign        = problem.Define("form.foreign", "The schema refers to {ref}, but a form may only refer to itself.", "schema 引用了 {ref}，但表单只能引用自身的内容。")
	ErrNoFields       = problem.Define("form.noFields", "The form has no fields yet. Add at least one.", "表单还没有字段，请至少添加一个。")
	ErrKey            = problem.Define("form.key", "{key} cannot be a field key. Begin with a small letter and use ASCII letters, digits and “_”, at most 64; the title may be in any language.", "“{key}”不能作为字段标识。请以小写英文字母开头，只用英文字母、数字和“_”，最多 64 个字符；标题可以用任何语言。")
	ErrReserved       = problem.Define("form.reserved", "{key} means something else in rules. Choose another field key.", "“{key}”在规则中另有含义，请换一个字段标识。")
	ErrFieldType      = problem.Define("form.fieldType", "There is no field type {type}.", "没有字段类型“{type}”。")
	ErrTypeMismatch   = problem.Define("form.typeMismatch", "A {type} field holds a {want}, but the schema says {got}.", "“{type}”类型的字段值应为 {want}，而 schema 写的是 {got}。")
	ErrNoOptions      = problem.Define("form.noOptions", "{field} has no choices. Add at least one.", "“{field}”没有选项，请至少添加一个。")
	ErrOptionTwice    = problem.Define("form.optionTwice", "The choice {value} is there twice. Remove one or change its value.", "选项“{value}”重复，请删除一个或修改其值。")
	ErrOptionEmpty    = problem.Define("form.optionEmpty", "A choice has no value. Give it one.", "有一个选项没有值，请填写。")
	ErrNoLink         = problem.Define("form.noLink", "{field} does not say which form it links to.", "“{field}”没有指定关联哪个表单。")
	ErrUnknownForm    = problem.Define("form.unknownForm", "There is no form {form} in this app.", "此应用中没有表单“{form}”。")
	ErrNotAField      = problem.Define("form.notAField", "{name} is not a field of {form}.", "“{name}”不是{form}的字段。")
	ErrWrongField     = problem.Define("form.wrongField", "{name} is not the right type of field here; choose a field of type {types}.", "“{name}”的字段类型不适用于此处，请选择以下类型的字段：{types}。")
	ErrTwice          = problem.Define("form.twice", "{name} is named twice. Remove one.", "“{name}”出现了两次，请删除一个。")
	ErrNoFormula      = problem.Define("form.noFormula", "{field} has no formula.", "“{field}”没有公式。")
	ErrResult         = problem.Define("form.result", "A formula gives a number, a string or a boolean, not {type}.", "公式的结果只能是 number、string 或 boolean，不能是 {type}。")
	ErrComputed       = problem.Define("form.computedRequired", "{field} is filled by the system, so it cannot be required.", "“{field}”由系统填写，不能设为必填。")
	ErrNoValue        = problem.Define("form.noteRequired", "{field} is only a note; nobody can fill it in.", "“{field}”只是说明文字，无法填写。")
	ErrNumberRule     = problem.Define("form.numberRule", "The number rule does not work: the date part is “yyyy”, “yyyyMM” or “yyyyMMdd”, digits are 1 to 12, the prefix has at most 20 characters.", "编号规则无效：日期部分为“yyyy”“yyyyMM”或“yyyyMMdd”，位数为 1 到 12，前缀最多 20 个字符。")
	ErrFileType       = problem.Define("form.fileType", "{type} is not a kind of file. Write it like application/pdf or image/*.", "“{type}”不是有效的文件类型，请写成 application/pdf 或 image/* 这样的形式。")
	ErrFileCount      = problem.Define("form.fileCount", "The least number of files is more than the most.", "最少文件数大于最多文件数。")
	ErrNoColumns      = problem.Define("form.noColumns", "The sub-table {field} has no columns. Add at least one.", "子表“{field}”没有列，请至少添加一列。")
	ErrColumnType     = problem.Define("form.columnType", "A sub-table cannot have a column of type {type}.", "子表不能包含“{type}”类型的列。")
	ErrColumnRule     = problem.Define("form.columnRule", "A column of a sub-table cannot have {keyword}: it is the same in every row. Write a check of the form instead.", "子表的列在每一行都一样，不能设置 {keyword}，请改用表单校验规则。")
	ErrPatternForeign = problem.Define("form.patternPart", "The pattern cannot use {part}: browsers and the server read it differently.", "正则表达式不能使用 {part}：浏览器和服务器对它的解释不同。")
	ErrDefault        = problem.Define("form.default", "The default of {field} does not fit the field.", "“{field}”的默认值与字段不符。")
	ErrDecimalPlaces  = problem.Define("form.decimalPlaces", "Decimal places are 0 to 6.", "小数位数应为 0 到 6。")
	ErrColumns        = problem.Define("form.columns", "A section has one or two columns.", "分组只能有一列或两列。")
	ErrUnknownMember  = problem.Define("form.requiredUnknown", "The schema requires {name}, which is not one of its fields.", "schema 要求必填“{name}”，但没有这个字段。")
)

// SystemColumns are what lists can show and sort by besides a form's own fields.
var SystemColumns = []string{"title", "status", "stage", "outcome", "owner", "department", "dueAt", "overdue", "createdAt", "createdBy", "updatedAt"}

var keyShape = regexp.MustCompile(`^[a-z][A-Za-z0-9_]{0,63}$`)

// reserved words of CEL.
var reserved = []string{
	"as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop",
	"namespace", "null", "package", "return", "true", "var", "void", "while",
}

// Check says what keeps a form from being published. forms are all forms of the app, by key, for its links.
func Check(f *Form, forms map[string]*Form) []problem.Problem {
	e, problems := Compile(f)
	if len(problems) > 0 {
		return problems
	}
	c := checker{form: f, forms: forms, e: e}
	if len(e.Fields) == 0 {
		c.add(ErrNoFields, "/schema", nil)
	}
	c.required(f.Schema, e.Fields, "/schema")
	c.fields(e.Fields, "/schema")
	c.layout()
	c.names()
	c.list()
	return c.problems
}

// checkFields says what keeps the fields from being compiled. at is where their schema stands.
func checkFields(fields []Field, at string) []problem.Problem {
	var out []problem.Problem
	for i := range fields {
		f := &fields[i]
		here := at + problem.Pointer("properties", f.Key)
		if !keyShape.MatchString(f.Key) {
			out = append(out, ErrKey.At(here, problem.Params{"key": f.Key}))
		}
		if slices.Contains(reserved, f.Key) {
			out = append(out, ErrReserved.At(here, problem.Params{"key": f.Key}))
		}
		if !f.Type.Known() {
			out = append(out, ErrFieldType.At(here+"/x-field", problem.Params{"type": string(f.Type)}))
			continue
		}
		out = append(out, checkNode(f, here)...)
		if f.Type == SubTable {
			out = append(out, checkFields(f.Items, here+"/items")...)
		}
	}
	return out
}

// checkNode looks at the standard keywords of one property.
func checkNode(f *Field, at string) []problem.Problem {
	var n struct {
		node
		Pattern string `json:"pattern"`
	}
	if err := json.Unmarshal(f.Schema, &n); err != nil {
		return []problem.Problem{ErrSchema.At(at, problem.Params{"why": err.Error()})}
	}
	var out []problem.Problem
	got := typeName(n.Type)
	switch want := f.JSONType(); {
	case f.Type == Formula && !slices.Contains([]string{"number", "string", "boolean"}, want):
		out = append(out, ErrResult.At(at+"/type", problem.Params{"type": want}))
	case len(n.Type) > 0 && got != want && (got != "integer" || want != "number"):
		out = append(out, ErrTypeMismatch.At(at+"/type", problem.Params{"type": string(f.Type), "want": want, "got": string(n.Type)}))
	}
	if part, ok := Portable(n.Pattern); !ok {
		out = append(out, ErrPatternForeign.At(at+"/pattern", problem.Params{"part": part}))
	}
	if f.Decimals != nil && (*f.Decimals < 0 || *f.Decimals > 6) {
		out = append(out, ErrDecimalPlaces.At(at+"/x-decimals", nil))
	}
	return out
}

type checker struct {
	form     *Form
	forms    map[string]*Form
	e        *Executable
	problems []problem.Problem
}

func (c *checker) add(code *problem.Code, at string, params problem.Params) {
	c.problems = append(c.problems, code.At(at, params))
}

// required looks for names in "required" that are no fields.
func (c *checker) required(schema json.RawMessage, fields []Field, at string) {
	var n node
	if json.Unmarshal(schema, &n) != nil {
		return // Compile has said so
	}
	for i, name := range n.Required {
		here := at + "/required/" + strconv.Itoa(i)
		f, ok := find(fields, name)
		switch {
		case !ok:
			c.add(ErrUnknownMember, here, problem.Params{"name": name})
		case f.Computed():
			c.add(ErrComputed, here, problem.Params{"field": f.Title})
		case !f.HasValue():
			c.add(ErrNoValue, here, problem.Params{"field": f.Title})
		}
	}
}

func (c *checker) fields(fields []Field, at string) {
	for i := range fields {
		f := &fields[i]
		here := at + problem.Pointer("properties", f.Key)
		title := problem.Params{"field": f.Title}
		switch f.Type { //nolint:exhaustive // the other types have no keywords of their own
		case SingleChoice, MultiChoice, Checklist:
			c.options(f, here)
		case Link:
			c.link(f, here)
		case File:
			c.file(f, here)
		case AutoNumber:
			c.number(f, here)
		case Formula:
			if f.Formula.Empty() {
				c.add(ErrNoFormula, here+"/x-formula", title)
			}
		case SubTable:
			c.table(f, here)
		}
		c.fallback(f, here)
	}
}

func (c *checker) options(f *Field, at string) {
	if len(f.Options) == 0 {
		c.add(ErrNoOptions, at+"/x-options", problem.Params{"field": f.Title})
	}
	seen := map[string]bool{}
	for i, o := range f.Options {
		here := at + "/x-options/" + strconv.Itoa(i)
		switch {
		case strings.TrimSpace(o.Value) == "":
			c.add(ErrOptionEmpty, here+"/value", nil)
		case seen[o.Value]:
			c.add(ErrOptionTwice, here+"/value", problem.Params{"value": o.Value})
		}
		seen[o.Value] = true
	}
}

func (c *checker) link(f *Field, at string) {
	if f.Link == nil || f.Link.Form == "" {
		c.add(ErrNoLink, at+"/x-link", problem.Params{"field": f.Title})
		return
	}
	target, ok := c.forms[f.Link.Form]
	if !ok && f.Link.Form == c.form.Key {
		target, ok = c.form, true
	}
	if !ok {
		c.add(ErrUnknownForm, at+"/x-link/form", problem.Params{"form": f.Link.Form})
		return
	}
	theirs, err := target.Fields()
	if err != nil {
		return // the other form has a problem of its own
	}
	for i, key := range f.Link.Show {
		if _, ok := find(theirs, key); !ok {
			c.add(ErrNotAField, at+"/x-link/show/"+strconv.Itoa(i), problem.Params{"name": key, "form": target.Title})
		}
	}
	for their, own := range f.Link.Where {
		here := at + problem.Pointer("x-link", "where", their)
		if _, ok := find(theirs, their); !ok {
			c.add(ErrNotAField, here, problem.Params{"name": their, "form": target.Title})
		}
		if _, ok := c.e.Field(own); !ok {
			c.add(ErrNotAField, here, problem.Params{"name": own, "form": c.form.Title})
		}
	}
}

var mimeShape = regexp.MustCompile(`^[a-z]+/(?:\*|[a-zA-Z0-9][a-zA-Z0-9.+_-]*)$`)

func (c *checker) file(f *Field, at string) {
	if f.File == nil {
		return
	}
	for i, t := range f.File.Types {
		if !mimeShape.MatchString(t) {
			c.add(ErrFileType, at+"/x-file/types/"+strconv.Itoa(i), problem.Params{"type": t})
		}
	}
	most := f.File.MaxCount
	if most <= 0 {
		most = maxFiles
	}
	if f.File.MinCount > most {
		c.add(ErrFileCount, at+"/x-file/minCount", nil)
	}
	if f.File.NameContains != "" {
		c.path(f.File.NameContains, at+"/x-file/nameContains")
	}
}

// path checks "field" or, through a link, "field.field".
func (c *checker) path(path, at string) {
	own, their, through := strings.Cut(path, ".")
	f, ok := c.e.Field(own)
	if !ok {
		c.add(ErrNotAField, at, problem.Params{"name": own, "form": c.form.Title})
		return
	}
	if !through {
		return
	}
	if f.Type != Link || f.Link == nil {
		c.wrong(at, own, Link)
		return
	}
	target, ok := c.forms[f.Link.Form]
	if !ok {
		return // link has said so
	}
	if fields, err := target.Fields(); err == nil {
		if _, ok := find(fields, their); !ok {
			c.add(ErrNotAField, at, problem.Params{"name": their, "form": target.Title})
		}
	}
}

func (c *checker) number(f *Field, at string) {
	n := f.Number
	if n == nil {
		return
	}
	dates := []string{"", "yyyy", "yyyyMM", "yyyyMMdd"}
	if !slices.Contains(dates, n.Date) || n.Digits < 0 || n.Digits > 12 || len([]rune(n.Prefix)) > 20 {
		c.add(ErrNumberRule, at+"/x-number", nil)
	}
}

func (c *checker) table(f *Field, at string) {
	if len(f.Items) == 0 {
		c.add(ErrNoColumns, at+"/items", problem.Params{"field": f.Title})
		return
	}
	for i := range f.Items {
		c.column(&f.Items[i], at+problem.Pointer("items", "properties", f.Items[i].Key))
	}
	c.required(itemsOf(f.Schema), f.Items, at+"/items")
	c.fields(f.Items, at+"/items")
}

func (c *checker) column(f *Field, at string) {
	if t := f.Type; t == SubTable || t == AutoNumber || t == Note || t == Checklist {
		c.add(ErrColumnType, at+"/x-field", problem.Params{"type": string(t)})
	}
	for _, rule := range []struct {
		keyword string
		rule    definition.Rule
	}{{"x-show", f.Show}, {"x-require", f.Require}, {"x-lock", f.Lock}, {"x-default", f.DefaultBy}} {
		if !rule.rule.Empty() {
			c.add(ErrColumnRule, at+"/"+rule.keyword, problem.Params{"keyword": rule.keyword})
		}
	}
}

// fallback checks a fixed default: it must be a value that the field would take.
func (c *checker) fallback(f *Field, at string) {
	if len(f.Default) == 0 || !f.HasValue() {
		return
	}
	alone := *f
	alone.Required = false
	e := &Executable{Form: &Form{Schema: json.RawMessage(`{}`)}, Fields: []Field{alone}, byKey: map[string]int{f.Key: 0}}
	var value any
	if err := json.Unmarshal(f.Default, &value); err != nil || f.Computed() {
		c.add(ErrDefault, at+"/default", problem.Params{"field": f.Title})
		return
	}
	if err := e.resolve(); err != nil {
		return // the field refers to parts of the schema that stand elsewhere
	}
	if len(e.Validate(map[string]any{f.Key: value}, Options{Submit: true})) > 0 {
		c.add(ErrDefault, at+"/default", problem.Params{"field": f.Title})
	}
}

func (c *checker) layout() {
	sections, placed := map[string]bool{}, map[string]bool{}
	for i, s := range c.form.Layout {
		here := "/layout/" + strconv.Itoa(i)
		if s.Columns < 0 || s.Columns > 2 {
			c.add(ErrColumns, here+"/columns", nil)
		}
		if sections[s.Key] {
			c.add(ErrTwice, here+"/key", problem.Params{"name": s.Key})
		}
		sections[s.Key] = true
		for j, key := range s.Fields {
			at := here + "/fields/" + strconv.Itoa(j)
			if c.known(key, at) == nil {
				continue
			}
			if placed[key] {
				c.add(ErrTwice, at, problem.Params{"name": key})
			}
			placed[key] = true
		}
	}
}

// known finds a field of the form or says that there is none.
func (c *checker) known(key, at string) *Field {
	f, ok := c.e.Field(key)
	if !ok {
		c.add(ErrNotAField, at, problem.Params{"name": key, "form": c.form.Title})
		return nil
	}
	return f
}

func (c *checker) wrong(at, name string, types ...FieldType) {
	words := make([]string, len(types))
	for i, t := range types {
		words[i] = string(t)
	}
	c.add(ErrWrongField, at, problem.Params{"name": name, "types": words})
}

// names checks everything outside the list that calls fields by name.
func (c *checker) names() {
	for _, key := range places(c.form.RecordTitle) {
		c.known(key, "/recordTitle")
	}
	ids := map[string]bool{}
	for i, r := range c.form.Rules {
		here := "/rules/" + strconv.Itoa(i)
		if ids[r.ID] {
			c.add(ErrTwice, here+"/id", problem.Params{"name": r.ID})
		}
		ids[r.ID] = true
		if r.Field != "" {
			c.known(r.Field, here+"/field")
		}
	}
	for i, set := range c.form.Unique {
		for j, key := range set {
			at := fmt.Sprintf("/unique/%d/%d", i, j)
			if f := c.known(key, at); f != nil && !f.Sortable() {
				c.wrong(at, key, Text, Number, Date, SingleChoice, Link, Person)
			}
		}
	}
	c.indexes()
	for i, key := range c.form.Search {
		at := "/search/" + strconv.Itoa(i)
		if f := c.known(key, at); f != nil && !f.TextLike() {
			c.wrong(at, key, Text, LongText, Phone, Email, AutoNumber)
		}
	}
	if c.form.Owner != "" {
		if f := c.known(c.form.Owner, "/owner"); f != nil && f.Type != Person {
			c.wrong("/owner", c.form.Owner, Person)
		}
	}
}

// indexes checks what lists are to filter and sort by.
func (c *checker) indexes() {
	seen := map[string]bool{}
	for i, set := range c.form.Indexes {
		here := "/indexes/" + strconv.Itoa(i)
		if name := strings.Join(set, ", "); seen[name] {
			c.add(ErrTwice, here, problem.Params{"name": name})
		} else {
			seen[name] = true
		}
		for j, key := range set {
			at := here + "/" + strconv.Itoa(j)
			if _, own := c.e.Field(key); !own && slices.Contains(SystemColumns, key) {
				continue
			}
			if f := c.known(key, at); f != nil && !f.Sortable() {
				c.wrong(at, key, Text, Number, Money, Date, DateTime, SingleChoice, Link, Person)
			}
		}
	}
}

func (c *checker) list() {
	l := c.form.List
	column := func(key, at string) {
		if !slices.Contains(SystemColumns, key) {
			c.known(key, at)
		}
	}
	for i, key := range l.Columns {
		column(key, "/list/columns/"+strconv.Itoa(i))
	}
	for i, key := range l.Card {
		column(key, "/list/card/"+strconv.Itoa(i))
	}
	if sort := strings.TrimPrefix(l.Sort, "-"); sort != "" && !slices.Contains(SystemColumns, sort) {
		if f := c.known(sort, "/list/sort"); f != nil && !f.Sortable() {
			c.wrong("/list/sort", sort, Text, Number, Money, Date, DateTime, SingleChoice)
		}
	}
	for i, key := range l.Indexed {
		at := "/list/indexed/" + strconv.Itoa(i)
		if f := c.known(key, at); f != nil && !f.Sortable() && f.Type != MultiChoice {
			c.wrong(at, key, Text, Number, Date, SingleChoice, MultiChoice, Link, Person)
		}
	}
	if l.Amount != "" {
		if f := c.known(l.Amount, "/list/amount"); f != nil && !f.Numeric() {
			c.wrong("/list/amount", l.Amount, Number, Money, Formula)
		}
	}
}
