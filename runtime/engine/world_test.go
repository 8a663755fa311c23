package engine

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/expr"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/form"
)

// company is a Directory and Calendars small enough to read: rep → lead → boss, all of department "sales", whose head is
// lead; "hq" above it is headed by boss.
type company struct {
	roles    map[string][]string
	disabled []string
	// calendars are those of departments, free the days on which nobody works besides weekends.
	calendars map[string]string
	free      []string
	// delegates says who stands in for whom.
	delegates map[string]string
}

var staff = []string{"rep", "rep2", "lead", "boss", "tech", "quality", "plant", "root"}

func newCompany() *company {
	return &company{roles: map[string][]string{
		"approver": {"tech", "quality", "plant"}, "tech": {"tech"}, "nobody": nil, "head": {"lead"}, "seller": {"rep2", "boss"}, RoleAdmin: {"root"},
	}}
}

func (c *company) Active(u string) bool {
	return slices.Contains(staff, u) && !slices.Contains(c.disabled, u)
}

func (c *company) Name(id, lang string) string {
	if lang == "zh-CN" {
		return "小" + id
	}
	return id
}

func (c *company) Manager(user string, level int) string {
	up := map[string]string{"rep": "lead", "rep2": "lead", "lead": "boss", "tech": "boss", "quality": "boss", "plant": "boss"}
	for range level {
		user = up[user]
	}
	return user
}

func (c *company) DepartmentOf(user string) string {
	if user == "rep" || user == "rep2" || user == "lead" {
		return "sales"
	}
	return "hq"
}

func (c *company) DepartmentHead(department string, level int) string {
	if department == "sales" && level == 1 {
		return "lead"
	}
	return "boss"
}

func (c *company) delegate(user string) string { return c.delegates[user] }

func (c *company) DepartmentAbove(department string) string {
	if department == "sales" {
		return "hq"
	}
	return ""
}

func (c *company) PositionOf(user string) string {
	if user == "boss" {
		return "General Manager"
	}
	return ""
}

func (c *company) WithRole(_, role string) []string { return c.roles[role] }

func (c *company) IsDepartment(id string) bool { return id == "sales" || id == "hq" }

func (c *company) OfDepartment(department string) string { return c.calendars[department] }

var china = time.FixedZone("UTC+8", 8*60*60)

// Due counts Monday to Friday as working days.
func (c *company) Due(d flow.Deadline, start time.Time) (time.Time, error) {
	switch d.Unit {
	case flow.Hours, flow.WorkingHours:
		return start.Add(time.Duration(d.After) * time.Hour), nil
	case flow.Minutes:
		return start.Add(time.Duration(d.After) * time.Minute), nil
	case flow.Days, flow.WorkingDays:
	}
	if d.Calendar == "broken" {
		return time.Time{}, fmt.Errorf("no calendar %s", d.Calendar)
	}
	day := start.In(china)
	step := 1
	if d.After < 0 {
		step = -1
	}
	for left := d.After; left != 0; {
		day = day.AddDate(0, 0, step)
		off := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday || c.isFree(day)
		if d.Unit == flow.Days || !off {
			left -= step
		}
	}
	if d.At != "" {
		at, err := time.Parse("15:04", d.At)
		if err != nil {
			return time.Time{}, err
		}
		day = time.Date(day.Year(), day.Month(), day.Day(), at.Hour(), at.Minute(), 0, 0, china)
	}
	return day, nil
}

func (c *company) isFree(day time.Time) bool {
	return len(c.free) > 0 && slices.Contains(c.free, day.Format(time.DateOnly))
}

// Resume leaves as much time as there was.
func (c *company) Resume(_ flow.Deadline, due, paused, resumed time.Time) (time.Time, error) {
	if !due.After(paused) {
		return due, nil
	}
	return due.Add(resumed.Sub(paused)), nil
}

func (c *company) DayStart(_, date string) (time.Time, error) {
	return time.ParseInLocation(time.DateOnly, date, china)
}

func compileJSON(tb testing.TB, formDoc, flowDoc []byte) (*Flow, *form.Executable) {
	tb.Helper()
	f, err := form.Parse(formDoc)
	require.NoError(tb, err)
	exec, problems := form.Compile(f)
	require.Empty(tb, problems)
	if len(flowDoc) == 0 {
		return nil, exec
	}
	def, err := flow.Parse(flowDoc)
	require.NoError(tb, err)
	return compileFlow(tb, exec, def), exec
}

func compileFlow(tb testing.TB, exec *form.Executable, def *flow.Flow) *Flow {
	tb.Helper()
	env, err := expr.NewEnv(expr.Schema{Fields: expr.FromForm(exec.Fields), Limits: []string{"discount"}})
	require.NoError(tb, err)
	compiled, problems := Compile(def, 1, exec, env)
	for _, p := range problems {
		tb.Error(p.Error())
	}
	require.NotNil(tb, compiled)
	return compiled
}

// replay applies all events to how the case was begun.
func replay(begun Case, events []Event) Case {
	for _, ev := range events {
		begun = Apply(begun, ev)
	}
	return begun
}

func asJSON(tb require.TestingT, v any) string {
	out, err := json.Marshal(v)
	require.NoError(tb, err)
	return string(out)
}
