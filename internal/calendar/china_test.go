package calendar

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/6tail/lunar-go/HolidayUtil"
	"github.com/stretchr/testify/require"

	calendardef "github.com/stepwell/stepwell/schemas/calendar"
	"github.com/stepwell/stepwell/schemas/definition"
)

var update = flag.Bool("update", false, "write the calendars of China from the public holiday data")

const firstYear, lastYear = 2015, 2026

// inApp is the same calendar as the shipped app installs it.
const inApp = "../../schemas/apps/sales-manufacturing/calendars/china.json"

var english = map[string]string{
	"元旦节": "New Year's Day", "春节": "Spring Festival", "清明节": "Qingming Festival", "劳动节": "Labour Day",
	"端午节": "Dragon Boat Festival", "中秋节": "Mid-Autumn Festival", "国庆节": "National Day",
	"国庆中秋": "National Day and Mid-Autumn Festival", "抗战胜利日": "Victory Day",
}

// announced is what the public holiday data says of each day.
func announced(t *testing.T) []calendardef.Day {
	t.Helper()
	var days []calendardef.Day
	for d := time.Date(firstYear, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() <= lastYear; d = d.AddDate(0, 0, 1) {
		h := HolidayUtil.GetHolidayByYmd(d.Year(), int(d.Month()), d.Day())
		if h == nil {
			continue
		}
		en, ok := english[h.GetName()]
		require.True(t, ok, h.GetName())
		name := definition.Text{"zh-CN": h.GetName(), "en": en}
		if h.IsWork() {
			name = definition.Text{"zh-CN": h.GetName() + "调休上班", "en": "Worked instead for " + en}
		}
		days = append(days, calendardef.Day{Date: d.Format(time.DateOnly), Working: h.IsWork(), Name: name})
	}
	return days
}

// document writes one day per line, so that a year is added or compared at a glance.
func document(t *testing.T, days []calendardef.Day) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(`{
  "kind": "calendar",
  "key": "china",
  "title": {"zh-CN": "中国工作日历", "en": "Working days in China"},
  "description": {
    "zh-CN": "周一至周五上班，含 2015–2026 年国务院公布的法定节假日与调休上班日；以后年份公布后在此补充。",
    "en": "Monday to Friday, with the statutory holidays and the days worked instead as announced for 2015–2026; add later years when they are announced."
  },
  "timeZone": "Asia/Shanghai",
  "weekend": ["saturday", "sunday"],
  "default": true,
  "days": [
`)
	for i, d := range days {
		line, err := json.Marshal(d)
		require.NoError(t, err)
		comma := ","
		if i == len(days)-1 {
			comma = ""
		}
		fmt.Fprintf(&b, "    %s%s\n", line, comma)
	}
	b.WriteString("  ]\n}\n")
	return b.String()
}

func TestChina(t *testing.T) {
	text := document(t, announced(t))
	for _, file := range []string{"china.json", inApp} {
		if *update {
			require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		}
		shipped, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, text, string(shipped), "go test ./internal/calendar -update writes %s", file)
	}

	def, err := China()
	if *update {
		def, err = calendardef.Parse([]byte(text))
	}
	require.NoError(t, err)
	require.Empty(t, def.Check())
	for year := firstYear; year <= lastYear; year++ {
		for _, holiday := range []string{"01-01", "05-01", "10-01", "10-02", "10-03"} {
			c, err := Compile(def)
			require.NoError(t, err)
			day, err := time.Parse(time.DateOnly, fmt.Sprintf("%d-%s", year, holiday))
			require.NoError(t, err)
			require.False(t, c.IsWorkingDay(day), day)
		}
	}
}
