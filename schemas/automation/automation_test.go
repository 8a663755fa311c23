package automation_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/schemas/automation"
	"github.com/stepwell/stepwell/schemas/form"
)

const order = `{"kind":"form","key":"order","title":"Order","schema":{"type":"object","properties":{
	"code":{"x-field":"text"},"amount":{"x-field":"money"},"big":{"x-field":"yesNo"},"sent":{"x-field":"date"},
	"twice":{"x-field":"formula","x-formula":"form.amount * 2"},"note":{"x-field":"link","x-link":{"form":"note"}}}}}`

// problems are what is wrong with an automation about orders: pointer and code.
func problems(t *testing.T, rest string) []string {
	t.Helper()
	a, err := automation.Parse([]byte(`{"kind":"automation","key":"a","title":"A","form":"order",` + rest + `}`))
	require.NoError(t, err)
	f, err := form.Parse([]byte(order))
	require.NoError(t, err)
	var out []string
	for _, p := range a.Check(f, []string{"admin"}) {
		out = append(out, p.Pointer+" "+p.Code.ID)
	}
	return out
}

const end = `"blocks":[{"id":"x","type":"end","outcome":"x"}]`

func TestCheck(t *testing.T) {
	t.Run("what_is_whole_has_no_problems", func(t *testing.T) {
		for _, trigger := range []string{
			`{"on":"created"}`, `{"on":"changed"}`, `{"on":"changed","fields":["amount"],"from":1,"to":2}`, `{"on":"stageOverdue","stages":["s"]}`,
			`{"on":"button","roles":["admin"]}`, `{"on":"schedule","times":{"at":["09:00"],"weekdays":["monday"],"monthDays":[1,-1]}}`,
			`{"on":"schedule","times":{"every":15},"each":true}`, `{"on":"date","moment":{"after":-3,"unit":"days","field":"sent"},"late":0}`,
			`{"on":"webhook","map":{"code":"/a/0/b~1c"},"match":["code"],"secret":"s"}`, `{"on":"mail","map":{"code":"/subject"}}`,
		} {
			require.Empty(t, problems(t, `"trigger":`+trigger+`,`+end), trigger)
		}
	})
	for name, c := range map[string]struct{ rest, want string }{
		"an_unknown_trigger":          {`"trigger":{"on":"never"},` + end, "/trigger/on automation.on"},
		"a_member_of_another_trigger": {`"trigger":{"on":"created","times":{"every":1}},` + end, "/trigger/times automation.member"},
		"a_field_that_is_not_there":   {`"trigger":{"on":"changed","fields":["x"]},` + end, "/trigger/fields/0 automation.field"},
		"a_value_of_no_field":         {`"trigger":{"on":"changed","to":1},` + end, "/trigger/fields automation.fromTo"},
		"no_time":                     {`"trigger":{"on":"schedule"},` + end, "/trigger/times automation.times"},
		"two_times":                   {`"trigger":{"on":"schedule","times":{"every":1,"at":["09:00"]}},` + end, "/trigger/times automation.times"},
		"an_hour_that_is_not":         {`"trigger":{"on":"schedule","times":{"at":["24:00"]}},` + end, "/trigger/times/at/0 automation.time"},
		"a_day_that_is_not":           {`"trigger":{"on":"schedule","times":{"at":["09:00"],"weekdays":["freeday"]}},` + end, "/trigger/times/weekdays/0 automation.weekday"},
		"a_day_of_no_month":           {`"trigger":{"on":"schedule","times":{"at":["09:00"],"monthDays":[0]}},` + end, "/trigger/times/monthDays/0 automation.monthDay"},
		"no_date":                     {`"trigger":{"on":"date"},` + end, "/trigger/moment automation.moment"},
		"a_date_that_is_none":         {`"trigger":{"on":"date","moment":{"after":1,"unit":"days","field":"code"}},` + end, "/trigger/moment/field automation.dateField"},
		"no_mapping":                  {`"trigger":{"on":"webhook"},` + end, "/trigger/map automation.map"},
		"a_place_that_is_none":        {`"trigger":{"on":"webhook","map":{"code":"order.code"}},` + end, "/trigger/map/code automation.pointer"},
		"a_field_that_is_computed":    {`"trigger":{"on":"webhook","map":{"twice":"/x"}},` + end, "/trigger/map/twice automation.writable"},
		"a_match_that_does_not_come":  {`"trigger":{"on":"webhook","map":{"code":"/x"},"match":["amount"]},` + end, "/trigger/match/0 automation.match"},
		"a_task":                      {`"trigger":{"on":"created"},"blocks":[{"id":"t","type":"task","title":"T","who":[{"type":"owner"}]}]`, "/blocks/0/type automation.block"},
		"an_event_nobody_tells":       {`"trigger":{"on":"created"},"blocks":[{"id":"w","type":"wait","event":"e"}]`, "/blocks/0/event automation.waitEvent"},
		"a_change_of_no_record":       {`"trigger":{"on":"schedule","times":{"every":1}},"blocks":[{"id":"u","type":"update","set":{"code":"'x'"}}]`, "/blocks/0 automation.noRecord"},
		"a_depth_without_an_end":      {`"trigger":{"on":"created"},"limits":{"depth":21},` + end, "/limits/depth automation.depth"},
	} {
		t.Run(name+"_is_said_with_its_place", func(t *testing.T) {
			require.Contains(t, problems(t, c.rest), c.want)
		})
	}
}

func TestDocs(t *testing.T) {
	t.Run("the_example_of_the_docs_runs", func(t *testing.T) {
		text, err := os.ReadFile("../../docs/automations.md")
		require.NoError(t, err)
		for _, kind := range automation.Kinds() {
			require.Contains(t, string(text), "`"+string(kind)+"`")
		}
		example := regexp.MustCompile("(?s)```json\n(.*?)```").FindStringSubmatch(string(text))
		a, err := automation.Parse([]byte(strings.TrimSpace(example[1])))
		require.NoError(t, err)
		f, err := form.Parse([]byte(order))
		require.NoError(t, err)
		require.Empty(t, a.Check(f, []string{"admin"}))
	})
}
