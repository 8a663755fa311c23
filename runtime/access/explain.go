package access

import (
	"slices"

	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/schemas/problem"
	"github.com/stepwell/stepwell/schemas/role"
)

// Explanation says whether something is allowed and why, in words.
type Explanation struct {
	Allowed bool
	Reasons []problem.Problem
}

var (
	whyUnknown    = problem.Define("access.why.unknown", "There is no such user.", "没有该用户。")
	whyDisabled   = problem.Define("access.why.disabled", "{user} is disabled.", "{user} 已被停用。")
	whyNoRoles    = problem.Define("access.why.noRoles", "{user} holds no role in this app.", "{user} 在该应用中没有任何角色。")
	whyGranted    = problem.Define("access.why.granted", "The role {role} lets {user} {action} {rows}.", "角色“{role}”允许 {user} {action}{rows}。")
	whyRole       = problem.Define("access.why.role", "The role {role} does not let {user} {action} here.", "角色“{role}”不允许 {user} 在此{action}。")
	whyOutside    = problem.Define("access.why.outside", "This record is not one of them: it belongs to {owner} in {department}.", "但该记录不在此范围内：它属于 {department} 的 {owner}。")
	whyInside     = problem.Define("access.why.inside", "This record is one of them: it belongs to {owner} in {department}.", "该记录在此范围内：它属于 {department} 的 {owner}。")
	whyTakesPart  = problem.Define("access.why.takesPart", "{user} takes or took part in this record, and whoever takes part may read it.", "{user} 参与过该记录的办理，参与者可以查看。")
	whyTakingPart = problem.Define("access.why.takingPart", "Besides, {user} may read records in which they take part.", "此外，{user} 可以查看自己参与办理的记录。")
)

var actionWords = map[role.Action]problem.Text{
	role.Create:   {"en": "create records", "zh-CN": "新建记录"},
	role.Read:     {"en": "read records", "zh-CN": "查看记录"},
	role.Update:   {"en": "change records", "zh-CN": "修改记录"},
	role.Delete:   {"en": "delete records", "zh-CN": "删除记录"},
	role.Submit:   {"en": "submit records", "zh-CN": "提交记录"},
	role.Assign:   {"en": "hand tasks to others", "zh-CN": "转交待办"},
	role.Override: {"en": "set the stage by hand", "zh-CN": "直接调整阶段"},
	role.Export:   {"en": "export records", "zh-CN": "导出记录"},
	role.Import:   {"en": "import records", "zh-CN": "导入记录"},
	role.Design:   {"en": "design", "zh-CN": "设计应用"},
	role.Publish:  {"en": "publish", "zh-CN": "发布应用"},
	role.Manage:   {"en": "give roles", "zh-CN": "分配角色"},
	PeopleManage:  {"en": "manage people", "zh-CN": "管理人员"},
	AppsInstall:   {"en": "install apps", "zh-CN": "安装应用"},
	AdminRead:     {"en": "read the administration pages", "zh-CN": "查看系统管理"},
	AdminRetry:    {"en": "try stuck work again", "zh-CN": "重试卡住的任务"},
}

var rowWords = map[reach]problem.Text{
	reachOwn:        {"en": "of their own", "zh-CN": "（仅本人的）"},
	reachDepartment: {"en": "of their department", "zh-CN": "（本部门的）"},
	reachBelow:      {"en": "of their department and those below it", "zh-CN": "（本部门及下级部门的）"},
	reachAll:        {"en": "without limits", "zh-CN": "（不限范围）"},
}

func words(action role.Action) problem.Text {
	if text, ok := actionWords[action]; ok {
		return text
	}
	return problem.Plain(string(action))
}

// Explain says why a user can or cannot do an action on an object, and on one record of it when that is given.
func (a *Service) Explain(user, app, object string, action role.Action, record *Record) Explanation {
	d := a.directory()
	v, u, ok := a.view(d, user, app)
	if !ok {
		if known, exists := d.User(user); exists {
			return Explanation{Reasons: []problem.Problem{whyDisabled.At("", problem.Params{"user": known.Name})}}
		}
		return Explanation{Reasons: []problem.Problem{whyUnknown.At("", nil)}}
	}
	e := Explanation{Allowed: a.Can(user, app, object, action)}
	params := problem.Params{"user": u.Name, "action": words(action)}
	if len(v.roles) == 0 {
		e.Reasons = append(e.Reasons, whyNoRoles.At("", params))
	}
	var total reach
	for _, r := range v.roles {
		alone := v.policy.view(app, people.Subjects{Key: r.String(), Roles: []people.RoleRef{r}})
		found, _ := alone.of(object, action) // Can has logged a failure; here it reads as not allowed
		total |= found
		e.Reasons = append(e.Reasons, roleReasons(v, r, found, params)...)
	}
	if record != nil {
		e.Allowed = byReach(d, total, u, *record)
		if total != 0 {
			e.Reasons = append(e.Reasons, recordReason(d, e.Allowed, *record))
		}
		if action == role.Read && slices.Contains(record.Participants, user) {
			e.Allowed = true
			e.Reasons = append(e.Reasons, whyTakesPart.At("", params))
		}
	} else if action == role.Read && total&reachAll == 0 {
		e.Reasons = append(e.Reasons, whyTakingPart.At("", params))
	}
	return e
}

// roleReasons says what one role does, scope by scope.
func roleReasons(v *view, r people.RoleRef, found reach, params problem.Params) []problem.Problem {
	title := problem.Plain(r.Role)
	if doc, ok := v.policy.docs[r.String()]; ok && !doc.Title.Empty() {
		title = doc.Title
	}
	var reasons []problem.Problem
	for _, scope := range reachOf {
		if found&scope.reach != 0 {
			reasons = append(reasons, whyGranted.At("", problem.Params{
				"role": title, "user": params["user"], "action": params["action"], "rows": rowWords[scope.reach],
			}))
		}
	}
	if len(reasons) == 0 {
		reasons = append(reasons, whyRole.At("", problem.Params{"role": title, "user": params["user"], "action": params["action"]}))
	}
	return reasons
}

func recordReason(d *people.Directory, inside bool, r Record) problem.Problem {
	department := problem.Text{"en": "no department", "zh-CN": "无部门"}
	if dep, ok := d.Department(r.Department); ok {
		department = dep.Name
	}
	code := whyOutside
	if inside {
		code = whyInside
	}
	return code.At("", problem.Params{"owner": d.Name(r.Owner, ""), "department": department})
}
