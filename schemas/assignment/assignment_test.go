package assignment_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/schemas/assignment"
	"github.com/stepwell/stepwell/schemas/form"
)

// forms are a form of tickets and one of devices, which tickets link to.
func forms(t *testing.T) map[string]*form.Form {
	t.Helper()
	out := map[string]*form.Form{}
	for _, doc := range []string{
		`{"kind":"form","key":"ticket","title":"Ticket","owner":"owner","schema":{"type":"object","properties":{
			"device":{"x-field":"link","x-link":{"form":"device"}},"urgent":{"x-field":"yesNo"},"kind":{"x-field":"text"},"owner":{"x-field":"person"}}}}`,
		`{"kind":"form","key":"device","title":"Device","schema":{"type":"object","properties":{"region":{"x-field":"text"}}}}`,
	} {
		f, err := form.Parse([]byte(doc))
		require.NoError(t, err)
		out[f.Key] = f
	}
	return out
}

func TestCheck(t *testing.T) {
	t.Run("a_valid_document_has_no_problems", func(t *testing.T) {
		doc, err := os.ReadFile("testdata/valid/intake.json")
		require.NoError(t, err)
		a, err := assignment.Parse(doc)
		require.NoError(t, err)
		require.Empty(t, a.Check(forms(t), []string{"engineer"}))
		require.Equal(t, 5, a.Capacity.Of("u1"))
		require.Equal(t, 20, a.Capacity.Of("u2"))
		require.Equal(t, 2, a.Pool.TakeBack.Delay().After)
	})
	category := func(strategies string) string {
		return `{"form":"ticket","categories":[{"key":"a","strategies":[` + strategies + `]}]}`
	}
	row := func(row string) string { return category(`{"type":"byValue","rows":[` + row + `]}`) }
	const engineer = `"who":[{"type":"role","role":"engineer"}]`
	for name, c := range map[string]struct{ doc, pointer, code, en, zh string }{
		"a_form_without_an_owner":          {`{"form":"device"}`, "/form", "assignment.owner", "Device names no owner field", "没有设置负责人字段"},
		"a_category_key_twice":             {`{"form":"ticket","categories":[{"key":"a","when":"true"},{"key":"a"}]}`, "/categories/1/key", "assignment.twice", "key a is there twice", "标识“a”重复"},
		"a_category_that_is_never_asked":   {`{"form":"ticket","categories":[{"key":"a"},{"key":"b","title":"B"}]}`, "/categories/1", "assignment.unreached", "“B” is never asked", "“B”永远不会生效"},
		"a_strategy_after_the_pool":        {`{"form":"ticket","pool":{},"categories":[{"key":"a","strategies":[{"type":"pool"},{"type":"sticky","link":"device"}]}]}`, "/categories/0/strategies/1", "assignment.never", "never tried", "不会执行"},
		"a_pool_that_is_not_there":         {category(`{"type":"pool"}`), "/categories/0/strategies/0/type", "assignment.pool", "no pool", "没有设置公共池"},
		"a_sticky_field_that_is_no_link":   {category(`{"type":"sticky","link":"kind"}`), "/categories/0/strategies/0/link", "assignment.link", "kind is no link field of Ticket", "不是Ticket的关联字段"},
		"a_field_that_is_not_there":        {row(`{"match":[{"field":"colour","in":["red"]}],` + engineer + `}`), "/categories/0/strategies/0/rows/0/match/0/field", "assignment.field", "colour is no field", "“colour”不是"},
		"a_field_of_a_linked_form_missing": {row(`{"match":[{"field":"device.colour","in":["red"]}],` + engineer + `}`), "/categories/0/strategies/0/rows/0/match/0/field", "assignment.field", "device.colour", "device.colour"},
		"a_path_through_what_is_no_link":   {row(`{"match":[{"field":"kind.colour","in":["red"]}],` + engineer + `}`), "/categories/0/strategies/0/rows/0/match/0/field", "assignment.field", "kind.colour", "kind.colour"},
		"a_match_without_values":           {row(`{"match":[{"field":"kind"}],` + engineer + `}`), "/categories/0/strategies/0/rows/0/match/0", "assignment.values", "which values match", "匹配的取值"},
		"a_pick_that_chooses_nobody":       {row(`{"match":[{"field":"kind","in":["a"]}],` + engineer + `,"pick":"pool"}`), "/categories/0/strategies/0/rows/0/pick", "assignment.pick", "roundRobin", "roundRobin"},
		"nobody_named":                     {category(`{"type":"roundRobin"}`), "/categories/0/strategies/0/who", "assignment.nobody", "add at least one", "至少添加一个"},
		"a_person_not_chosen":              {category(`{"type":"roundRobin","who":[{"type":"user"}]}`), "/categories/0/strategies/0/who/0/user", "assignment.who", "Choose the person", "请选择人员"},
		"a_department_not_chosen":          {category(`{"type":"weighted","who":[{"type":"department"}]}`), "/categories/0/strategies/0/who/0/department", "assignment.who", "Choose the department", "请选择部门"},
		"a_role_not_chosen":                {category(`{"type":"leastLoaded","who":[{"type":"role"}]}`), "/categories/0/strategies/0/who/0/role", "assignment.who", "Choose the role", "请选择角色"},
		"a_role_that_is_not_there":         {category(`{"type":"leastLoaded","who":[{"type":"role","role":"cook"}]}`), "/categories/0/strategies/0/who/0/role", "assignment.role", "no role cook", "没有角色“cook”"},
		"a_pool_for_a_role_not_there":      {`{"form":"ticket","pool":{"roles":["cook"]}}`, "/pool/roles/0", "assignment.role", "no role cook", "没有角色“cook”"},
		"working_days_without_a_calendar":  {`{"form":"ticket","pool":{"roles":["engineer"],"takeBack":{"after":1,"unit":"workingDays"}}}`, "/pool/takeBack/calendar", "assignment.unit", "need a calendar", "必须选择工作日历"},
		"a_limit_that_nobody_can_keep":     {`{"form":"ticket","capacity":{"people":{"u1":0}}}`, "/capacity/people/u1", "assignment.limit", "at least 1", "至少为 1"},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := assignment.Parse([]byte(c.doc))
			require.NoError(t, err)
			problems := a.Check(forms(t), []string{"engineer"})
			require.Len(t, problems, 1)
			require.Equal(t, c.pointer, problems[0].Pointer)
			require.Equal(t, c.code, problems[0].Code.ID)
			require.Contains(t, problems[0].Message("en"), c.en)
			require.Contains(t, problems[0].Message("zh-CN"), c.zh)
		})
	}
	t.Run("a_form_that_is_not_known_is_not_guessed_about", func(t *testing.T) {
		a, err := assignment.Parse([]byte(row(`{"match":[{"field":"anything","in":["a"]}],` + engineer + `}`)))
		require.NoError(t, err)
		require.Empty(t, a.Check(nil, nil))
	})
}
