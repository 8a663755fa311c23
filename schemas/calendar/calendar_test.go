package calendar

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct{ doc, pointer, en, zh string }{
		"no_time_zone":      {`{"timeZone":""}`, "/timeZone", "is not a time zone", "不是时区"},
		"the_machine's_own": {`{"timeZone":"Local"}`, "/timeZone", "“Local” is not a time zone", "“Local”不是时区"},
		"unknown_time_zone": {`{"timeZone":"Asia/Shanghia"}`, "/timeZone", "“Asia/Shanghia”", "“Asia/Shanghia”"},
		"unknown_weekday":   {`{"timeZone":"UTC","weekend":["sunday","Saturday"]}`, "/weekend/1", "“Saturday” is not a day", "不是星期几"},
		"no_working_day":    {`{"timeZone":"UTC","weekend":["monday","tuesday","wednesday","thursday","friday","saturday","sunday"]}`, "/weekend", "at least one day", "至少留一个工作日"},
		"no_such_day":       {`{"timeZone":"UTC","days":[{"date":"2026-02-29","working":false}]}`, "/days/0/date", "“2026-02-29” is not a date", "不是日期"},
		"twice":             {`{"timeZone":"UTC","days":[{"date":"2026-10-01","working":false},{"date":"2026-10-01","working":true}]}`, "/days/1/date", "2026-10-01 is listed twice", "写了两次"},
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
