package sample

import "github.com/stepwell/stepwell/schemas/problem"

// What can be wrong with sample data. Pointers begin with /company, /script or the name of a row file.
var (
	ErrUnknown = problem.Define("sample.unknown", "There is no {kind} “{name}”. Correct the name or add it.", "没有{kind}“{name}”，请更正名称或补上。")
	ErrTwice   = problem.Define("sample.twice", "“{name}” is there twice. Remove one.", "“{name}”出现了两次，请删除一个。")
	ErrLoop    = problem.Define("sample.loop", "“{name}” stands above itself. Change who or what is above it.", "“{name}”的上级链绕回了自己，请修改其上级。")
	ErrMissing = problem.Define("sample.missing", "“{field}” has to be filled in here, but the script does not set it. Add it to “set”.", "此处必须填写“{field}”，但脚本没有设置，请在 set 中补上。")
	ErrLocked  = problem.Define("sample.locked", "“{field}” cannot be written here. Remove it from “set”.", "此处不能填写“{field}”，请从 set 中删除。")
	ErrChoice  = problem.Define("sample.choice", "“{value}” is not a choice of “{field}”. Choose one of {choices}.", "“{value}”不是“{field}”的选项，请选择：{choices}。")
	ErrKind    = problem.Define("sample.kind", "This makes a value for a field of type {known}, but “{field}” is of type {type}.", "这里生成的是 {known} 类型的值，而“{field}”是 {type} 类型的字段。")
	ErrDo      = problem.Define("sample.do", "“{do}” cannot be done to a step of type {type}. Use one of {known}.", "{type} 节点不能执行“{do}”，请选择：{known}。")
	ErrNoPlay  = problem.Define("sample.noPlay", "The script does not say what happens at the step “{block}”. Add it under “plays”.", "脚本没有说明节点“{block}”如何处理，请在 plays 中补上。")
	ErrReason  = problem.Define("sample.reason", "A return or refusal needs a reason. Add a comment.", "退回或拒绝必须写明原因，请补上 comment。")
	ErrNumber  = problem.Define("sample.number", "{value} is not possible here; it must be {need}.", "此处不能是 {value}，应为{need}。")
)

func kindText(zh, en string) problem.Text { return problem.Text{"zh-CN": zh, "en": en} }

var (
	aDepartment = kindText("部门", "department")
	aPerson     = kindText("人员", "person")
	aRole       = kindText("角色", "role")
	aForm       = kindText("表单", "form")
	aField      = kindText("字段", "field")
	aFlow       = kindText("流程", "flow")
	aStep       = kindText("节点", "step")
	aStage      = kindText("阶段", "stage")
	aCalendar   = kindText("工作日历", "calendar")
	aBehaviour  = kindText("行为方式", "behaviour")
	aValue      = kindText("命名取值", "named value")
)
