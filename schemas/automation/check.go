package automation

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/stepwell/stepwell/schemas/calendar"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Problems of automations.
var (
	ErrOn         = problem.Define("automation.on", "There is no trigger “{value}”. Choose one of {known}.", "没有“{value}”这种触发方式，请选择：{known}。")
	ErrMember     = problem.Define("automation.member", "A trigger “{on}” has no “{member}”. Remove it.", "“{on}”触发没有“{member}”这一项，请删除。")
	ErrField      = problem.Define("automation.field", "There is no field “{field}” in the form. Choose another one.", "表单中没有字段“{field}”，请改选。")
	ErrFromTo     = problem.Define("automation.fromTo", "A value before or after belongs to one field. Name exactly one in “fields”.", "变更前后的取值只能针对一个字段，请在 fields 中只写一个字段。")
	ErrTimes      = problem.Define("automation.times", "Say when: either times of day (“at”) or a beat in minutes (“every”).", "请说明时间：填写每天的时刻（at），或间隔分钟数（every）。")
	ErrTime       = problem.Define("automation.time", "“{value}” is no time of day such as 09:00.", "“{value}”不是 09:00 这样的时刻。")
	ErrWeekday    = problem.Define("automation.weekday", "“{value}” is no day of the week such as monday.", "“{value}”不是 monday 这样的星期名称。")
	ErrMonthDay   = problem.Define("automation.monthDay", "{value} is no day of a month. Write 1 to 31, or -1 for the last one.", "{value} 不是有效的日期，请填写 1 到 31，月末写 -1。")
	ErrNoMoment   = problem.Define("automation.moment", "Say from which date field it counts.", "请说明从哪个日期字段开始计算。")
	ErrDateField  = problem.Define("automation.dateField", "“{field}” is not a date field.", "“{field}”不是日期字段。")
	ErrWritable   = problem.Define("automation.writable", "“{field}” cannot be filled from outside. Choose a field that can be written.", "“{field}”不能由外部填写，请选择可写的字段。")
	ErrPointer    = problem.Define("automation.pointer", "“{value}” is no place in what is sent. Write a path such as /order/number.", "“{value}”不是有效的位置，请写成 /order/number 这样的路径。")
	ErrNoMap      = problem.Define("automation.map", "Say which fields are filled from what is sent.", "请说明用收到的内容填写哪些字段。")
	ErrMatch      = problem.Define("automation.match", "“{field}” is to find the record, but is not filled from what is sent.", "“{field}”用于查找记录，但没有对应的来源，请先在 map 中填写。")
	ErrBlock      = problem.Define("automation.block", "“{block}” waits for people, which an automation does not do. Begin a record (create) whose flow has this step.", "“{block}”需要人员处理，自动化中不能使用。请用“新建记录”，由该记录的流程来完成。")
	ErrWaitEvent  = problem.Define("automation.waitEvent", "“{block}” waits for an event, and nobody can tell one to an automation. Wait for a moment or a condition.", "“{block}”等待事件，但自动化收不到事件。请改为等待时间或条件。")
	ErrSubFlow    = problem.Define("automation.subFlow", "“{block}” runs another flow. Begin a record (create) that walks it.", "“{block}”要运行其他流程。请用“新建记录”，由该记录走那个流程。")
	ErrNoRecord   = problem.Define("automation.noRecord", "“{block}” changes the record, but this automation runs without one. Turn on “each”, or begin a record (create).", "“{block}”要修改记录，但该自动化运行时没有记录。请打开 each，或改用“新建记录”。")
	ErrLimitDepth = problem.Define("automation.depth", "A chain of automations may be 1 to 20 deep.", "自动化连锁的层数须在 1 到 20 之间。")
	ErrLimitRate  = problem.Define("automation.rate", "A record may have 1 to 600 runs a minute.", "每条记录每分钟的运行次数须在 1 到 600 之间。")
)

// Check says what stands between an automation and running, in the order of the document's pointers. A nil form leaves fields
// unchecked, nil roles leave role keys unchecked.
func (a *Automation) Check(fm *form.Form, roles []string) []problem.Problem {
	k := checker{automation: a}
	if fm != nil {
		if fields, err := fm.Fields(); err == nil { // a form that cannot be read has problems of its own
			k.fields = make(map[string]form.Field, len(fields))
			for _, field := range fields {
				k.fields[field.Key] = field
			}
		}
	}
	k.trigger()
	k.limits()
	for p := range a.Flow().All() {
		k.block(p)
	}
	out := slices.DeleteFunc(a.Flow().Check(fm, roles), func(p problem.Problem) bool { return p.Pointer == "/withdraw" })
	out = append(out, k.out...)
	slices.SortStableFunc(out, func(x, y problem.Problem) int { return strings.Compare(x.Pointer, y.Pointer) })
	return out
}

type checker struct {
	automation *Automation
	fields     map[string]form.Field // nil: unknown
	out        []problem.Problem
}

func (k *checker) add(code *problem.Code, pointer string, params problem.Params) {
	k.out = append(k.out, code.At(pointer, params))
}

// members are those that each trigger has besides "on".
var members = map[Kind][]string{
	Created: {}, Changed: {"fields", "from", "to"}, StageEntered: {"stages"}, StageLeft: {"stages"}, StageOverdue: {"stages"},
	Button: {"label", "roles"}, Schedule: {"times", "each"}, Date: {"moment", "late"},
	Webhook: {"map", "match", "missing", "draft", "secret"}, Mail: {"map", "match", "missing", "draft"},
}

// given are the members that a trigger has.
func (t *Trigger) given() []string {
	var out []string
	for name, there := range map[string]bool{
		"fields": len(t.Fields) > 0, "from": t.From != nil, "to": t.To != nil, "stages": len(t.Stages) > 0, "label": !t.Label.Empty(),
		"roles": len(t.Roles) > 0, "times": t.Times != nil, "each": t.Each, "moment": t.Moment != nil, "late": t.Late != nil,
		"map": len(t.Map) > 0, "match": len(t.Match) > 0, "missing": t.Missing != "", "draft": t.Draft, "secret": t.Secret != "",
	} {
		if there {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func (k *checker) trigger() {
	t := &k.automation.Trigger
	has, known := members[t.On]
	if !known {
		k.add(ErrOn, "/trigger/on", problem.Params{"value": string(t.On), "known": names()})
		return
	}
	for _, name := range t.given() {
		if !slices.Contains(has, name) {
			k.add(ErrMember, "/trigger/"+name, problem.Params{"on": string(t.On), "member": name})
		}
	}
	switch t.On { //nolint:exhaustive // the others have nothing to be wrong with
	case Changed:
		k.changed(t)
	case Schedule:
		k.times(t.Times)
	case Date:
		k.moment(t.Moment)
	case Webhook, Mail:
		k.mapping(t)
	}
}

func names() []string {
	out := make([]string, 0, len(members))
	for _, kind := range Kinds() {
		out = append(out, string(kind))
	}
	return out
}

func (k *checker) changed(t *Trigger) {
	for i, key := range t.Fields {
		if _, ok := k.fields[key]; !ok && k.fields != nil {
			k.add(ErrField, "/trigger/fields/"+strconv.Itoa(i), problem.Params{"field": key})
		}
	}
	if (t.From != nil || t.To != nil) && len(t.Fields) != 1 {
		k.add(ErrFromTo, "/trigger/fields", nil)
	}
}

var timeForm = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)

func (k *checker) times(t *Times) {
	if t == nil || (t.Every > 0) == (len(t.At) > 0) {
		k.add(ErrTimes, "/trigger/times", nil)
		return
	}
	for i, at := range t.At {
		if !timeForm.MatchString(at) {
			k.add(ErrTime, "/trigger/times/at/"+strconv.Itoa(i), problem.Params{"value": at})
		}
	}
	for i, day := range t.Weekdays {
		if _, ok := calendar.Weekday(day).Go(); !ok {
			k.add(ErrWeekday, "/trigger/times/weekdays/"+strconv.Itoa(i), problem.Params{"value": day})
		}
	}
	for i, day := range t.MonthDays {
		if day < -1 || day == 0 || day > 31 {
			k.add(ErrMonthDay, "/trigger/times/monthDays/"+strconv.Itoa(i), problem.Params{"value": day})
		}
	}
}

func (k *checker) moment(d *flow.Delay) {
	if d == nil || d.Field == "" {
		k.add(ErrNoMoment, "/trigger/moment", nil)
		return
	}
	field, ok := k.fields[d.Field]
	switch {
	case k.fields == nil:
	case !ok:
		k.add(ErrField, "/trigger/moment/field", problem.Params{"field": d.Field})
	case field.Type != form.Date && field.Type != form.DateTime:
		k.add(ErrDateField, "/trigger/moment/field", problem.Params{"field": field.Title})
	}
}

var pointerForm = regexp.MustCompile(`^(/([^/~]|~[01])*)+$`)

func (k *checker) mapping(t *Trigger) {
	if len(t.Map) == 0 {
		k.add(ErrNoMap, "/trigger/map", nil)
	}
	for _, key := range slices.Sorted(maps.Keys(t.Map)) {
		at := "/trigger/map" + problem.Pointer(key)
		if !pointerForm.MatchString(t.Map[key]) {
			k.add(ErrPointer, at, problem.Params{"value": t.Map[key]})
		}
		field, ok := k.fields[key]
		switch {
		case k.fields == nil:
		case !ok:
			k.add(ErrField, at, problem.Params{"field": key})
		case field.Computed() || !field.HasValue() || field.Type == form.File:
			k.add(ErrWritable, at, problem.Params{"field": field.Title})
		}
	}
	for i, key := range t.Match {
		if _, ok := t.Map[key]; !ok {
			k.add(ErrMatch, "/trigger/match/"+strconv.Itoa(i), problem.Params{"field": key})
		}
	}
}

func (k *checker) limits() {
	l := k.automation.Limits.Of()
	if l.Depth < 1 || l.Depth > 20 {
		k.add(ErrLimitDepth, "/limits/depth", nil)
	}
	if l.PerMinute < 1 || l.PerMinute > 600 {
		k.add(ErrLimitRate, "/limits/perMinute", nil)
	}
}

// block refuses what only a record that walks a flow can do.
func (k *checker) block(p flow.Place) {
	params := problem.Params{"block": p.Name()}
	changes := p.Type == flow.Update || p.Type == flow.Create && (p.Link != "" || p.Result != "") || p.Type == flow.Webhook && len(p.Set) > 0
	switch {
	case p.Type == flow.Stage || p.Waits():
		k.add(ErrBlock, p.Pointer+"/type", params)
	case p.Type == flow.SubFlow:
		k.add(ErrSubFlow, p.Pointer+"/type", params)
	case p.Type == flow.Wait && p.Event != "":
		k.add(ErrWaitEvent, p.Pointer+"/event", params)
	case changes && !k.automation.HasRecord():
		k.add(ErrNoRecord, p.Pointer, params)
	}
}
