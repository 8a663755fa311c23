package assignment

import "github.com/stepwell/stepwell/schemas/problem"

// Problems of an assignment.
var (
	CodeOwner     = problem.Define("assignment.owner", "{form} names no owner field, so nobody can own its records. Choose a person field as the owner of the form first.", "{form}没有设置负责人字段，无法分配。请先在表单中指定负责人字段。")
	CodeTwice     = problem.Define("assignment.twice", "The category key {key} is there twice. Give each category a key of its own.", "分类标识“{key}”重复，请使用不同的标识。")
	CodeUnreached = problem.Define("assignment.unreached", "“{title}” is never asked: the category before it takes every record. Move it up, or give that one a condition.", "分类“{title}”永远不会生效：它前面的分类没有条件，会接收所有记录。请把它上移，或给前面的分类加条件。")
	CodeNever     = problem.Define("assignment.never", "This strategy is never tried: the pool before it takes every record. Move it up.", "此策略不会执行：前面的公共池会接收所有记录，请把它上移。")
	CodeLink      = problem.Define("assignment.link", "{field} is no link field of {form}. Choose a field that leads to another record.", "“{field}”不是{form}的关联字段，请选择关联到其他记录的字段。")
	CodeField     = problem.Define("assignment.field", "{field} is no field of {form}. Choose a field, or one of a linked record such as customer.region.", "“{field}”不是{form}的字段，请选择字段，或关联记录的字段（例如 customer.region）。")
	CodeValues    = problem.Define("assignment.values", "Say which values match: fill in “in” or “startsWith”.", "请填写匹配的取值（in 或 startsWith）。")
	CodeNobody    = problem.Define("assignment.nobody", "Say who is to get the records: add at least one person, role or department.", "请至少添加一个人员、角色或部门。")
	CodeWho       = problem.Define("assignment.who", "Choose the {what}.", "请选择{what}。")
	CodeRole      = problem.Define("assignment.role", "There is no role {role}. Choose one of {known}.", "没有角色“{role}”，可选：{known}。")
	CodePick      = problem.Define("assignment.pick", "“{value}” chooses nobody. Write one of {known}.", "“{value}”不能用来选人，可选：{known}。")
	CodePool      = problem.Define("assignment.pool", "There is no pool. Add “pool” with the roles that may claim.", "没有设置公共池，请补充“pool”，并指定可以领取的角色。")
	CodeUnit      = problem.Define("assignment.unit", "Working days and working hours need a calendar. Choose one.", "按工作日或工作小时计算时必须选择工作日历。")
	CodeLimit     = problem.Define("assignment.limit", "A limit is at least {least}.", "上限至少为 {least}。")
)

var (
	wordUser       = problem.Text{"en": "person", "zh-CN": "人员"}
	wordRole       = problem.Text{"en": "role", "zh-CN": "角色"}
	wordDepartment = problem.Text{"en": "department", "zh-CN": "部门"}
)
