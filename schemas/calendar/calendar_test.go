package calendar

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct{ doc, pointer, en, zh string }{
		"no_time_zone":                {`{"timeZone":""}`, "/timeZone", "is not a time zone", "不是时区"},
		"the_machine's_own":           {`{"timeZone":"Local"}`, "/timeZone", "“Local” is not a time zone", "“Local”不是时区"},
		"unknown_time_zone":           {`{"timeZone":"Asia/Shanghia"}`, "/timeZone", "“Asia/Shanghia”", "“Asia/Shanghia”"},
		"unknown_weekday":             {`{"timeZone":"UTC","weekend":["sunday","Saturday"]}`, "/weekend/1", "“Saturday” is not a day", "不是星期几"},
		"no_working_day":              {`{"timeZone":"UTC","weekend":["monday","tuesday","wednesday","thursday","friday","saturday","sunday"]}`, "/weekend", "at least one day", "至少留一个工作日"},
		"no_such_day":                 {`{"timeZone":"UTC","days":[{"date":"2026-02-29","working":false}]}`, "/days/0/date", "“2026-02-29” is not a date", "不是日期"},
		"twice":                       {`{"timeZone":"UTC","days":[{"date":"2026-10-01","working":false},{"date":"2026-10-01","working":true}]}`, "/days/1/date", "2026-10-01 is listed twice", "写了两次"},
		"no_part_of_a_day":            {`{"timeZone":"UTC","hours":[{"from":"12:00","to":"08:00"}]}`, "/hours/0", "“12:00–08:00” is no part of a day", "不是一天中的时段"},
		"the_clock_ends_at_24":        {`{"timeZone":"UTC","hours":[{"from":"12:00","to":"24:01"}]}`, "/hours/0", "24:00 is the end of the day", "一天结束写 24:00"},
		"parts_that_overlap":          {`{"timeZone":"UTC","hours":[{"from":"08:00","to":"12:00"},{"from":"11:00","to":"13:00"}]}`, "/hours/1", "begins before the part above", "上一个时段结束前"},
		"hours_on_no_day":             {`{"timeZone":"UTC","hours":[{"from":"08:00","to":"12:00"}],"hoursOn":{"someday":[{"from":"08:00","to":"12:00"}]}}`, "/hoursOn/someday", "“someday” is not a day", "不是星期几"},
		"a_working_day_without_hours": {`{"timeZone":"UTC","hoursOn":{"monday":[{"from":"08:00","to":"12:00"}]}}`, "/hours", "no working hours on tuesday", "tuesday 是工作日"},
		"hours_of_a_free_day":         {`{"timeZone":"UTC","days":[{"date":"2026-10-01","working":false,"hours":[{"from":"08:00","to":"12:00"}]}]}`, "/days/0/hours", "2026-10-01 is a free day", "2026-10-01 是休息日"},
		"a_worked_free_day_without":   {`{"timeZone":"UTC","weekend":["tuesday","wednesday","thursday","friday","saturday","sunday"],"hoursOn":{"monday":[{"from":"08:00","to":"12:00"}]},"days":[{"date":"2026-10-10","working":true}]}`, "/days/0/hours", "no working hours on 2026-10-10", "2026-10-10 是工作日"},
		"a_department_listed_twice":   {`{"timeZone":"UTC","departments":["a","a"]}`, "/departments/1", "department a is listed twice", "部门 a 写了两次"},
	} {
		t.Run(name, func(t *testing.T) {
			def, err := Parse([]byte(c.doc))
			require.NoError(t, err)
			problems := def.Check()
			require.Len(t, problems, 1)
			require.Equal(t, c.pointer, problems[0].Pointer)
			require.Contains(t, problems[0].Message("en"), c.en)
			require.Contains(t, problems[0].Message("zh-CN"), c.zh)
		})
	}
	t.Run("a_weekend_may_be_empty_or_left_out", func(t *testing.T) {
		def, err := Parse([]byte(`{"timeZone":"Asia/Shanghai","weekend":[]}`))
		require.NoError(t, err)
		require.Empty(t, def.Check())
		require.Empty(t, def.Free())
		def, err = Parse([]byte(`{"timeZone":"Asia/Shanghai"}`))
		require.NoError(t, err)
		require.Len(t, def.Free(), 2)
	})
}
