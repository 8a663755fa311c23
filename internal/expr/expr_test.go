package expr

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/problem"
)

func orderEnv(t *testing.T) *Env {
	t.Helper()
	env, err := NewEnv(Schema{
		Fields: []Field{
			{Key: "amount", Kind: Number},
			{Key: "qty", Kind: Number},
			{Key: "price", Kind: Number},
			{Key: "total", Kind: Any},
			{Key: "code", Kind: String},
			{Key: "vip", Kind: Bool},
			{Key: "tags", Kind: List},
			{Key: "neededBy", Kind: String},
			{Key: "customer", Kind: String},
			{Key: "items", Kind: Table, Fields: []Field{{Key: "qty", Kind: Number}, {Key: "price", Kind: Number}, {Key: "sum", Kind: Any}}},
			{Key: "files", Kind: Table, Fields: fileFields()},
		},
		Row:   []Field{{Key: "qty", Kind: Number}, {Key: "price", Kind: Number}, {Key: "sum", Kind: Any}},
		Links: map[string][]Field{"customer": {{Key: "code", Kind: String}, {Key: "credit", Kind: Number}}},
	})
	require.NoError(t, err)
	return env
}

func compile(t *testing.T, env *Env, src string, want Result) *Program {
	t.Helper()
	p, problems := env.Compile(src, want)
	require.Empty(t, problems, src)
	return p
}

func TestCompileNamesThePlaceAndTheMend(t *testing.T) {
	env := orderEnv(t)
	for name, c := range map[string]struct {
		src    string
		want   Result
		code   *problem.Code
		en, zh string
	}{
		"unknown_field":            {"form.amuont > 5", WantBool, CodeUnknownField, "Line 1, column 6: “form” has no field “amuont”; did you mean “amount”?.", "第 1 行第 6 列：“form”里没有字段“amuont”，是不是想写“amount”？。"},
		"unknown_field_of_a_row":   {"form.items.all(i,\n i.pirce > 0)", WantBool, CodeUnknownField, "“form.items” has no field “pirce”; did you mean “price”?", "第 2 行"},
		"unknown_field_of_a_link":  {"link.customer.cod == 'x'", WantBool, CodeUnknownField, "“link.customer” has no field “cod”; did you mean “code”?", "“code”"},
		"unknown_variable":         {"frm.amount > 5", WantBool, CodeUnknownName, "there is no “frm”; did you mean “form”?", "是不是想写“form”"},
		"field_without_form":       {"amount > 5", WantBool, CodeUnknownName, "did you mean “form.amount”?", "“form.amount”"},
		"unknown_function":         {"suum(form.items.map(i, i.qty)) > 5", WantBool, CodeUnknownFunction, "Line 1, column 1: there is no function “suum”; did you mean “sum”?", "没有函数“suum”"},
		"text_in_place_of_number":  {"form.amount == 'five'", WantBool, CodeOperands, "“==” does not work on a number, a text", "“==”不能用在数字、文字上"},
		"number_in_place_of_text":  {"form.code + 1", WantText, CodeOperands, "“+” does not work on a text, a whole number", "文字、整数"},
		"number_beside_text_field": {"form.amount + form.code", WantAny, CodeOperands, "“+” does not work", "“+”"},
		"condition_that_is_a_text": {"form.code", WantBool, CodeWant, "gives a text, but yes or no is needed", "得到的是文字，而这里需要是或否"},
		"formula_that_is_a_choice": {"form.vip", WantNumber, CodeWant, "gives yes or no, but a number", "需要数字"},
		"length_of_time_as_value":  {"duration('1h')", WantAny, CodeWant, "gives a length of time", "时长"},
		"full_width_punctuation":   {"form.amount ＞ 5", WantBool, CodeCharacter, "column 13: “＞” cannot stand here", "标点请用英文半角"},
		"chinese_field_name":       {"金额 > 5", WantBool, CodeCharacter, "“金” cannot stand here", "“金”"},
		"half_a_rule":              {"form.amount >", WantBool, CodeSyntax, "cannot be understood", "这里看不懂"},
		"open_bracket":             {"(form.amount > 5", WantBool, CodeSyntax, "cannot be understood", "括号"},
		"empty":                    {" \n", WantBool, CodeEmpty, "is empty", "还是空的"},
		"too_long":                 {strings.Repeat("1+", 5000) + "1", WantAny, CodeTooLong, "more than 8000", "8000"},
		"look_ahead":               {"form.code.matches('^(?=1)1')", WantBool, CodePattern, "look-ahead", "前瞻"},
		"computed_pattern":         {"form.code.matches(form.code)", WantBool, CodeLiteral, "matches needs a text in quotes", "matches"},
		"offset_as_time_zone":      {"now.getHours('+08:00') > 8", WantBool, CodeTimeZone, "“+08:00” is not a time zone", "Asia/Shanghai"},
		"unknown_time_zone":        {"now.getHours('Asia/Shanghia') > 8", WantBool, CodeTimeZone, "“Asia/Shanghia”", "“Asia/Shanghia”"},
		"impossible_constant":      {"now > timestamp('2026-13-01T00:00:00Z')", WantBool, CodeConstant, "2026-13-01T00:00:00Z", "2026-13-01T00:00:00Z"},
		"lists_in_lists_in_lists":  {"[1].all(a, [1].all(b, [1].all(c, [1].all(d, d > 0))))", WantBool, CodeTooDeep, "more than 3 deep", "3 层"},
	} {
		t.Run(name, func(t *testing.T) {
			p, problems := env.Compile(c.src, c.want)
			require.Nil(t, p)
			require.NotEmpty(t, problems)
			require.Equal(t, c.code.ID, problems[0].Code.ID, problems[0].Error())
			require.Contains(t, problems[0].Message("en"), c.en)
			require.Contains(t, problems[0].Message("zh-CN"), c.zh)
			require.NotContains(t, problems[0].Message("en"), "{")
			require.NotContains(t, problems[0].Message("zh-CN"), "{")
		})
	}
}

func TestEvalBool(t *testing.T) {
	env := orderEnv(t)
	for name, c := range map[string]struct {
		src  string
		form map[string]any
		want bool
		code *fault.Code
	}{
		"holds":                              {src: "form.amount > 5", form: map[string]any{"amount": 6.0}, want: true},
		"blank_number_is_false":              {src: "form.amount > 5", form: nil},
		"negated_blank_is_false_too":         {src: "!(form.amount > 5)", form: nil},
		"blank_yes_no_is_false":              {src: "form.vip", form: nil},
		"blank_beside_true":                  {src: "form.amount > 5 || form.code == 'A'", form: map[string]any{"code": "A"}, want: true},
		"comparing_with_null":                {src: "form.amount == null && form.code == null && form.vip == null", form: nil, want: true},
		"absent_list_is_empty":               {src: "size(form.items) == 0 && !has(form.items) && isBlank(form.tags)", form: nil, want: true},
		"absent_link_has_blank_fields":       {src: "link.customer.code == null && !has(link.customer)", form: nil, want: true},
		"position_beyond_the_list_is_false":  {src: "form.items[0].qty > 1", form: nil},
		"blank_in_a_row_is_false":            {src: "form.items.all(i, i.qty > 1)", form: map[string]any{"items": []any{map[string]any{}}}},
		"blank_text_method_is_false":         {src: "form.code.startsWith('A')", form: nil},
		"blank_date_function_is_false":       {src: "daysBetween(form.neededBy, '2026-01-01') > 1", form: nil},
		"text_in_a_number_field_is_an_error": {src: "form.amount > 5", form: map[string]any{"amount": "six"}, code: CodeMismatch},
		"bad_date_is_an_error":               {src: "addDays(form.neededBy, 1) > '2026'", form: map[string]any{"neededBy": "tomorrow"}, code: CodeBadValue},
		"division_by_zero_is_an_error":       {src: "1 / 0 == 1", code: CodeDivision},
		"overflow_is_an_error":               {src: "9223372036854775807 + 1 > 0", code: CodeOverflow},
		"a_text_that_should_be_yes_or_no":    {src: "form.total", form: map[string]any{"total": "x"}, code: CodeResult},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := compile(t, env, c.src, WantBool).EvalBool(Vars{FormVar: c.form, NowVar: time.Unix(0, 0)})
			if c.code != nil {
				require.True(t, fault.Has(err, c.code), "%v", err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
}

func TestEval(t *testing.T) {
	env := orderEnv(t)
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	require.NoError(t, err)
	vars := Vars{
		FormVar: map[string]any{
			"amount": int64(3), "qty": 2, "price": 1.005, "code": "SZ-1", "tags": []string{"a", "b"},
			"items": []any{map[string]any{"qty": 2.0, "price": 3.5}, map[string]any{"qty": 1.0}},
		},
		RecordVar: map[string]any{"createdAt": time.Date(2026, 3, 2, 1, 2, 3, 456789, time.UTC)},
		NowVar:    time.Date(2026, 3, 1, 16, 30, 0, 0, time.UTC).In(shanghai),
	}
	for name, c := range map[string]struct {
		src  string
		want any
	}{
		"whole_numbers_are_float64":        {"form.amount * form.qty", 6.0},
		"ints_too":                         {"size(form.items)", 2.0},
		"integers_beyond_2^53_are_rounded": {"9007199254740993", 9007199254740992.0},
		"null":                             {"form.total", nil},
		"text":                             {"form.code + '!'", "SZ-1!"},
		"moment_in_the_store_form":         {"record.createdAt", "2026-03-02T01:02:03.000Z"},
		"list_of_objects":                  {"form.items", []any{map[string]any{"qty": 2.0, "price": 3.5}, map[string]any{"qty": 1.0}}},
		"list_of_texts":                    {"form.tags.map(t, t + '?')", []any{"a?", "b?"}},
		"map":                              {"{'a': 1, 'b': [true]}", map[string]any{"a": 1.0, "b": []any{true}}},
		"today_is_the_zone's":              {"today()", "2026-03-02"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := compile(t, env, c.src, WantAny).Eval(vars)
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}

	t.Run("formula_of_a_blank_value_is_missing", func(t *testing.T) {
		_, err := compile(t, env, "form.items.map(i, i.qty * i.price)", WantAny).Eval(vars)
		require.True(t, IsMissing(err), "%v", err)
	})
	t.Run("infinity_is_refused", func(t *testing.T) {
		_, err := compile(t, env, "form.amount / (form.qty - 2)", WantNumber).Eval(vars)
		require.True(t, fault.Has(err, CodeNotFinite), "%v", err)
	})
	t.Run("a_rule_cannot_run_away", func(t *testing.T) {
		rows := make([]any, 3000)
		for i := range rows {
			rows[i] = map[string]any{"qty": 1.0}
		}
		p := compile(t, env, "form.items.map(a, form.items.map(b, form.items.exists(c, c.qty > 5)))", WantAny)
		_, err := p.Eval(Vars{FormVar: map[string]any{"items": rows}})
		require.True(t, fault.Has(err, CodeTooCostly), "%v", err)
	})
	t.Run("a_program_serves_many_at_once", func(t *testing.T) {
		p := compile(t, env, "form.amount > form.qty", WantBool)
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				for range 200 {
					got, err := p.EvalBool(Vars{FormVar: map[string]any{"amount": float64(i), "qty": 3.5}})
					if err != nil || got != (i > 3) {
						t.Errorf("%d: %v %v", i, got, err)
					}
					if _, err := p.EvalBool(Vars{}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
	})
}

func TestReferences(t *testing.T) {
	env := orderEnv(t)
	for src, want := range map[string][]string{
		"form.amount > 5 && user.id == record.owner": {"form.amount", "record.owner", "user.id"},
		"sum(form.items.map(i, i.qty * i.price))":    {"form.items.price", "form.items.qty"},
		"form.items[0].price + row.qty":              {"form.items.price", "row.qty"},
		"link.customer.code == form.code":            {"form.code", "link.customer.code"},
		"has(form.customer) && form.items.size() > 1 && form.files.all(f, f.name.contains(link.customer.code))": {
			"form.customer", "form.files.name", "form.items", "link.customer.code",
		},
		"today() > '2026-01-01' && now > record.createdAt": {"record.createdAt"},
	} {
		require.Equal(t, want, compile(t, env, src, WantAny).References(), src)
	}
}

func TestFormulaOrder(t *testing.T) {
	env := orderEnv(t)
	formulas := func(src map[string]string) map[string]*Program {
		out := map[string]*Program{}
		for k, s := range src {
			out[k] = compile(t, env, s, WantAny)
		}
		return out
	}
	t.Run("each_after_what_it_reads", func(t *testing.T) {
		order, err := FormulaOrder(formulas(map[string]string{
			"amount": "form.total * 1.13", "total": "sum(form.items.map(i, i.sum))", "items.sum": "row.qty * row.price * form.qty", "qty": "2",
		}))
		require.NoError(t, err)
		require.Equal(t, []string{"qty", "items.sum", "total", "amount"}, order)
	})
	t.Run("a_circle_is_named", func(t *testing.T) {
		_, err := FormulaOrder(formulas(map[string]string{"amount": "form.total + 1", "total": "sum(form.items.map(i, i.sum))", "items.sum": "row.qty * form.amount"}))
		require.True(t, fault.Has(err, CodeCycle), "%v", err)
		require.ErrorContains(t, err, "amount → total → items.sum → amount")
	})
	t.Run("a_formula_may_not_read_itself", func(t *testing.T) {
		_, err := FormulaOrder(formulas(map[string]string{"total": "form.total + 1"}))
		require.ErrorContains(t, err, "total → total")
	})
	t.Run("other_columns_of_the_same_table_are_free", func(t *testing.T) {
		order, err := FormulaOrder(formulas(map[string]string{"items.sum": "row.qty * size(form.items.filter(i, i.qty > 1))"}))
		require.ErrorContains(t, err, "items.sum → items.sum", "filter hands on whole rows")
		require.Nil(t, order)
		order, err = FormulaOrder(formulas(map[string]string{"items.sum": "row.qty / sum(form.items.map(i, i.qty)) / size(form.items)"}))
		require.NoError(t, err)
		require.Equal(t, []string{"items.sum"}, order)
	})
}

func TestFromForm(t *testing.T) {
	fields := FromForm([]form.Field{
		{Key: "amount", Type: form.Money},
		{Key: "hint", Type: form.Note},
		{Key: "drawing", Type: form.File},
		{Key: "items", Type: form.SubTable, Items: []form.Field{{Key: "qty", Type: form.Number}}},
		{Key: "ok", Type: form.YesNo},
		{Key: "tags", Type: form.MultiChoice},
		{Key: "total", Type: form.Formula},
		{Key: "due", Type: form.Date},
	})
	require.Equal(t, []Field{
		{Key: "amount", Kind: Number},
		{Key: "drawing", Kind: Table, Fields: fileFields()},
		{Key: "items", Kind: Table, Fields: []Field{{Key: "qty", Kind: Number}}},
		{Key: "ok", Kind: Bool},
		{Key: "tags", Kind: List},
		{Key: "total", Kind: Any},
		{Key: "due", Kind: String},
	}, fields)
}

func TestCatalogueExamplesCompile(t *testing.T) {
	env, err := Open()
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, f := range Functions() {
		require.False(t, seen[f.Name], f.Name)
		seen[f.Name] = true
		require.NotEmpty(t, f.Doc["en"], f.Name)
		require.NotEmpty(t, f.Doc["zh-CN"], f.Name)
		require.Contains(t, f.Example, f.Name)
		compile(t, env, f.Example, WantAny)
	}
}

func FuzzCompile(f *testing.F) {
	for _, src := range []string{
		"form.amount > 5", "sum(form.items.map(i, i.qty * i.price))", "form.code.matches('^[a-z]+(b|c){2,3}$')", "今天", "'", "{", "[1,", "form.items[0].qty",
		"now.getHours('Asia/Shanghai')", "has(form.x.y)", "1u + 2u", "b'x'", "stepwell.form{}", "form.?x", "[1].all(x, [2].exists(x, x > 1))", "-9223372036854775808", "today(1)",
	} {
		f.Add(src)
	}
	env, err := NewEnv(Schema{Fields: []Field{
		{Key: "amount", Kind: Number},
		{Key: "code", Kind: String},
		{Key: "items", Kind: Table, Fields: []Field{{Key: "qty", Kind: Number}, {Key: "price", Kind: Number}}},
	}})
	if err != nil {
		f.Fatal(err)
	}
	vars := Vars{FormVar: map[string]any{"amount": 1.5, "items": []any{map[string]any{"qty": 2.0}}}, NowVar: time.Unix(0, 0).UTC()}
	f.Fuzz(func(t *testing.T, src string) {
		p, problems := env.Compile(src, WantAny)
		if (p == nil) == (len(problems) == 0) {
			t.Fatalf("neither a program nor a problem: %q", src)
		}
		for _, problem := range problems {
			if problem.Message("zh-CN") == "" || problem.Message("en") == "" {
				t.Fatalf("no wording: %q", src)
			}
		}
		if p == nil {
			return
		}
		p.References()
		if _, err := p.Eval(vars); err != nil {
			if _, ok := fault.As(err); !ok {
				t.Fatalf("%q: not a fault: %v", src, err)
			}
		}
	})
}

func TestMoreVariables(t *testing.T) {
	lines := &form.Field{Key: "lines", Type: form.SubTable, Items: []form.Field{{Key: "qty", Type: form.Number}, {Key: "part", Type: form.Text}}}
	base, err := NewEnv(Schema{Fields: []Field{{Key: "amount", Kind: Number}}})
	require.NoError(t, err)
	env, err := base.With(ElementOf(lines)...)
	require.NoError(t, err)
	t.Run("a_rule_reads_the_element_and_its_position", func(t *testing.T) {
		p, problems := env.Compile("item.qty > 2 && index == 1 && form.amount > 0", WantBool)
		require.Empty(t, problems)
		require.Equal(t, []string{"form.amount", "index", "item.qty"}, p.References())
		holds, err := p.EvalBool(Vars{"form": map[string]any{"amount": 5.0}, "item": map[string]any{"qty": 3.0}, "index": 1.0})
		require.NoError(t, err)
		require.True(t, holds)
	})
	t.Run("a_blank_cell_is_blank", func(t *testing.T) {
		p, problems := env.Compile("item.part == 'x'", WantBool)
		require.Empty(t, problems)
		holds, err := p.EvalBool(Vars{"item": map[string]any{}})
		require.NoError(t, err)
		require.False(t, holds)
	})
	t.Run("a_column_that_is_not_there_is_found", func(t *testing.T) {
		_, problems := env.Compile("item.nowhere == 1", WantBool)
		require.NotEmpty(t, problems)
		_, problems = base.Compile("item.qty == 1", WantBool)
		require.NotEmpty(t, problems, "outside there is no element")
	})
	t.Run("a_text_is_its_own_element", func(t *testing.T) {
		tags, err := base.With(ElementOf(&form.Field{Key: "tags", Type: form.MultiChoice})...)
		require.NoError(t, err)
		p, problems := tags.Compile("item == 'vip'", WantBool)
		require.Empty(t, problems)
		holds, err := p.EvalBool(Vars{"item": "vip"})
		require.NoError(t, err)
		require.True(t, holds)
	})
	t.Run("an_answer_is_read_freely", func(t *testing.T) {
		with, err := base.With(Answer())
		require.NoError(t, err)
		p, problems := with.Compile("answer.body.order.number", WantText)
		require.Empty(t, problems)
		got, err := p.Eval(Vars{"answer": map[string]any{"status": 200.0, "body": map[string]any{"order": map[string]any{"number": "N1"}}}})
		require.NoError(t, err)
		require.Equal(t, "N1", got)
	})
}
