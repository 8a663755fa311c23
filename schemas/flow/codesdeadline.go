package flow

import "github.com/stepwell/stepwell/schemas/problem"

// What Check may object to in a deadline. {block} is the title of the block in question.
var (
	ErrDeadlineUnit = problem.Define("flow.deadlineUnit",
		"The deadline of “{block}” counts in “{value}”. Choose {known}.",
		"“{block}”的时限单位“{value}”无法识别，请选择：{known}。")
	ErrDeadlineAfter = problem.Define("flow.deadlineAfter",
		"The deadline of “{block}” would be over at once ({value}). Count at least 1, or count days and give a time of day.",
		"“{block}”的时限为 {value}，一进入就到期了。请至少填 1，或按天计算并填写具体时刻。")
	ErrDeadlineAt = problem.Define("flow.deadlineAt",
		"“{value}” is not a time of day for the deadline of “{block}”. Write it as 17:00.",
		"“{block}”的时限时刻“{value}”格式不对，请写成 17:00 这样的形式。")
	ErrDeadlineAtUnit = problem.Define("flow.deadlineAtUnit",
		"The deadline of “{block}” counts in {unit} and cannot name a time of day. Remove the time, or count days.",
		"“{block}”的时限按 {unit} 计算，不能再指定时刻。请去掉时刻，或改为按天计算。")
	ErrDeadlineCalendar = problem.Define("flow.deadlineCalendar",
		"The deadline of “{block}” counts working time, but on which calendar? Choose one.",
		"“{block}”的时限按工作时间计算，请选择一个工作日历。")
	ErrDeadlineCalendarOf = problem.Define("flow.deadlineCalendarOf",
		"“{value}” does not say whose calendar the deadline of “{block}” counts on. Choose owner, or on a task or approval assignee.",
		"“{block}”的时限按“{value}”的日历计算，但无法识别。请选择 owner（负责人），任务或审批也可选 assignee（办理人）。")
	ErrDeadlineField = problem.Define("flow.deadlineField",
		"The deadline of “{block}” counts from “{field}”, which is not a date field of the form.",
		"“{block}”的时限从字段“{field}”起算，但它不是表单里的日期字段，请改选。")
	ErrDeadlineFollow = problem.Define("flow.deadlineFollow",
		"“{value}” does not say whether the deadline of “{block}” moves. Choose live or frozen.",
		"“{block}”的时限是否随日期和日历变动，“{value}”无法识别，请选择 live（随之变动）或 frozen（固定不变）。")
	ErrSettledBy = problem.Define("flow.settledBy",
		"Nobody can fill in “{field}”, so it can never meet the deadline of “{block}”. Choose another field.",
		"字段“{field}”由系统生成或没有值，无法用来满足“{block}”的时限，请改选其他字段。")

	ErrRemindUnit = problem.Define("flow.remindUnit",
		"The reminder of “{block}” counts in “{value}”. Choose {known}.",
		"“{block}”的提醒单位“{value}”无法识别，请选择：{known}。")
	ErrRemindZero = problem.Define("flow.remindZero",
		"A reminder of “{block}” falls on the deadline itself. Use the message of the deadline, or another moment.",
		"“{block}”的某条提醒与到期时刻重合，请改用“到期通知”，或调整提前、延后的时间。")
	ErrRemindEvery = problem.Define("flow.remindEvery",
		"A reminder of “{block}” repeats every {value} {unit}. Let at least 5 minutes pass between two.",
		"“{block}”的某条提醒每 {value} {unit} 重复一次，两次之间请至少间隔 5 分钟。")
	ErrRemindTimes = problem.Define("flow.remindTimes",
		"A reminder of “{block}” comes {value} times. Say after how long it repeats, and a number from 1 to 1000; leave it out to repeat until the step is done.",
		"“{block}”的某条提醒重复 {value} 次。请填写重复间隔和 1 到 1000 之间的次数；不填次数则一直提醒到办完为止。")

	ErrFlagKey = problem.Define("flow.flagKey",
		"A mark of “{block}” has the key “{value}”. Begin with a letter, then use letters, digits, “-” or “_”.",
		"“{block}”的某个标记的标识为“{value}”，请以字母开头，后面只用字母、数字、“-”和“_”。")
	ErrFlagLabel = problem.Define("flow.flagLabel",
		"The mark “{value}” of “{block}” has no label. Say what people read on the record.",
		"“{block}”的标记“{value}”没有名称，请填写记录上显示的文字。")
	ErrFlagTone = problem.Define("flow.flagTone",
		"“{value}” is not a tone of a mark. Choose bad (red) or warning (amber).",
		"标记色调“{value}”无法识别，请选择 bad（红）或 warning（黄）。")

	ErrEscalateUnit = problem.Define("flow.escalateUnit",
		"A level of the escalation of “{block}” counts in “{value}”. Choose {known}.",
		"“{block}”的某级升级的单位“{value}”无法识别，请选择：{known}。")
	ErrEscalateAfter = problem.Define("flow.escalateAfter",
		"A level of the escalation of “{block}” comes {value} units after the deadline. It cannot come before it; use a reminder for that.",
		"“{block}”的某级升级在到期后 {value} 个单位触发，不能早于到期时刻；到期前请用提醒。")
	ErrEscalateNothing = problem.Define("flow.escalateNothing",
		"A level of the escalation of “{block}” does nothing. Tell somebody, mark the record, or choose what is done.",
		"“{block}”的某级升级什么也不做，请设置通知、标记或自动处理。")
	ErrEscalateDo = problem.Define("flow.escalateDo",
		"“{value}” cannot be done automatically on “{block}”, a step of type {type}. Choose {known}.",
		"“{block}”是 {type} 节点，不能自动执行“{value}”，请选择：{known}。")
	ErrEscalateLast = problem.Define("flow.escalateLast",
		"A level of the escalation of “{block}” follows one that ends the step, so it never comes. Remove it or put it first.",
		"“{block}”的某级升级排在会结束该节点的那一级之后，永远不会触发，请删除或移到前面。")
	ErrEscalateTo = problem.Define("flow.escalateTo",
		"“{block}” is handed over by its escalation, but only then may people be named. Choose transfer, or remove the people.",
		"只有自动转交（transfer）才需要指定人员，请在“{block}”的升级中选择转交，或去掉人员。")
	ErrEscalateTarget = problem.Define("flow.escalateTarget",
		"“{block}” is sent back by its escalation to “{target}”, which is not an earlier stage or task. Choose one; without sending back there is no target.",
		"“{block}”的升级要退回到“{target}”，但它不是更早的阶段或任务，请改选；不退回时请不要填写目标。")
	ErrEscalateLate = problem.Define("flow.escalateLate",
		"“{block}” says what happens when it is over undecided, but no level of its escalation moves the record on. Add one, or remove these steps.",
		"“{block}”设置了超时后的处理步骤，但没有任何一级升级会让记录继续（moveOn）。请添加一级，或删除这些步骤。")
)
