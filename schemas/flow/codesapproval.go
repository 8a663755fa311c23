package flow

import "github.com/stepwell/stepwell/schemas/problem"

// What Check may object to about approvals and the people of steps. {block} is the title of the block in question.
var (
	ErrVoteMissing = problem.Define("flow.voteMissing",
		"“{block}” is decided by vote, but how many must approve? Give a number of people or a percentage.",
		"“{block}”采用票签，请填写通过所需的人数或百分比。")
	ErrVoteTwice = problem.Define("flow.voteTwice",
		"“{block}” asks for a number of people and for a percentage. Keep one of them.",
		"“{block}”同时设置了通过人数和百分比，请只保留一个。")
	ErrVoteRange = problem.Define("flow.voteRange",
		"The vote of “{block}” must ask for at least 1 person, or for 1 to 100 percent.",
		"“{block}”的票签要求不对：人数至少为 1，百分比为 1 到 100。")
	ErrVoteUnused = problem.Define("flow.voteUnused",
		"“{block}” says how a vote is counted, but is not decided by vote. Remove it, or choose the mode vote.",
		"“{block}”设置了票数，但审批方式不是票签。请删除，或改为票签。")

	ErrNobodyUnknown = problem.Define("flow.nobodyUnknown",
		"“{value}” is not something to do when nobody is found. Choose {known}.",
		"无人时的处理“{value}”无法识别，请选择：{known}。")
	ErrNobodyUser = problem.Define("flow.nobodyUser",
		"Somebody is to stand in when nobody is found, but nobody is named. Choose a person.",
		"无人时转给指定人员，但没有选人，请选择。")
	ErrRepeatUnknown = problem.Define("flow.repeatUnknown",
		"“{value}” is not something to do with people who have approved before. Choose {known}.",
		"重复审批人的处理“{value}”无法识别，请选择：{known}。")
	ErrSelfUnknown = problem.Define("flow.selfUnknown",
		"“{value}” is not something to do when the applicant would approve. Choose {known}.",
		"审批人是提交人时的处理“{value}”无法识别，请选择：{known}。")
	ErrThenUnknown = problem.Define("flow.thenUnknown",
		"“{value}” is not something that can follow a return. Choose {known}.",
		"退回后的处理“{value}”无法识别，请选择：{known}。")
	ErrSignatureUnknown = problem.Define("flow.signatureUnknown",
		"“{value}” is not a rule for signatures. Choose required, or remove it.",
		"签名要求“{value}”无法识别，请选择 required（必须签名），或删除。")
	ErrConfirmUnknown = problem.Define("flow.confirmUnknown",
		"“{value}” is not a way to confirm a decision. Choose password, or remove it.",
		"确认方式“{value}”无法识别，请选择 password（输入密码），或删除。")

	ErrWhoManagers = problem.Define("flow.whoManagers",
		"How far up do the managers of “{block}” go? Give a number of levels, a role or a position.",
		"“{block}”的逐级上级要到哪一级？请填写级数、角色或职位。")
	ErrWhoFormula = problem.Define("flow.whoFormula",
		"“{block}” names people by a formula, but there is none. Add one that gives a user id or a list of them.",
		"“{block}”按公式找人，但没有公式，请填写（结果为用户标识或其列表）。")
	ErrChoiceHere = problem.Define("flow.choiceHere",
		"Nobody can pick people here ({block}). Only a task, a checklist or an approval may be given to people whom somebody picks, by one entry.",
		"这里（{block}）不能由人选择。只有任务、检查清单和审批可以设置一项“自选人员”。")
	ErrChoiceBy = problem.Define("flow.choiceBy",
		"Who picks the people of “{block}”? Choose applicant or previous.",
		"“{block}”的人员由谁选择？请选择 applicant（提交人）或 previous（上一步办理人）。")
	ErrChoiceRange = problem.Define("flow.choiceRange",
		"At most {max} people can be picked for “{block}”, but at least {min} must be. Mend one of the numbers.",
		"“{block}”最多选 {max} 人，却至少要选 {min} 人，请修改。")
	ErrDepartmentOf = problem.Define("flow.departmentOf",
		"“{block}” looks for a role in the department “{value}”. Choose ownersDepartment, applicantsDepartment, or a person or department field of the form.",
		"“{block}”在部门“{value}”中找角色，但无法识别。请选择 ownersDepartment（负责人部门）、applicantsDepartment（提交人部门）或表单里的人员、部门字段。")
)
