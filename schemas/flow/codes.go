package flow

import "github.com/stepwell/stepwell/schemas/problem"

// What Check may object to. {block} is the title of the block in question.
var (
	ErrNoForm = problem.Define("flow.noForm",
		"The flow must say which form it belongs to. Set “form” to the key of a form.",
		"流程没有指定所属表单，请在“表单”中选择一个。")
	ErrNoBlocks = problem.Define("flow.noBlocks",
		"The flow has no steps yet. Add at least one.",
		"流程还没有任何节点，请至少添加一个。")
	ErrWithdrawUnknown = problem.Define("flow.withdrawUnknown",
		"“{value}” is not a withdrawal rule. Choose never, untilDecided or always.",
		"撤回规则“{value}”无法识别，请选择 never（不可撤回）、untilDecided（有人处理前可撤回）或 always（随时可撤回）。")

	ErrIDMissing = problem.Define("flow.idMissing",
		"This step needs an id: a letter, then letters, digits, “-” or “_”.",
		"该节点缺少标识，请填写：以字母开头，后面可用字母、数字、“-”和“_”。")
	ErrIDForm = problem.Define("flow.idForm",
		"“{id}” cannot be an id. Begin with a letter, then use letters, digits, “-” or “_”.",
		"标识“{id}”格式不对：请以字母开头，后面只用字母、数字、“-”和“_”。")
	ErrIDTwice = problem.Define("flow.idTwice",
		"The id “{id}” is already taken by the step at {other}. Give this one another id.",
		"标识“{id}”已被 {other} 处的节点使用，请换一个。")
	ErrTypeUnknown = problem.Define("flow.typeUnknown",
		"“{value}” is not a type of step. Choose one of {known}.",
		"节点类型“{value}”无法识别，请选择：{known}。")
	ErrTitleMissing = problem.Define("flow.titleMissing",
		"The step “{id}” needs a title: people see it in their tasks.",
		"节点“{id}”没有名称，请填写，办理人会在待办中看到它。")
	ErrMemberMisplaced = problem.Define("flow.memberMisplaced",
		"“{member}” means nothing on a step of type {type} ({block}). Remove it, or move it to a step of type {known}.",
		"“{block}”是 {type} 节点，不能设置“{member}”。请删除，或移到 {known} 节点上。")

	ErrStageNested = problem.Define("flow.stageNested",
		"The stage “{block}” stands inside another step. Move it to the top level of the flow.",
		"阶段“{block}”不能放在其他节点里面，请移到流程最外层。")
	ErrStageEmpty = problem.Define("flow.stageEmpty",
		"The stage “{block}” is empty. Add a task or an approval to it.",
		"阶段“{block}”是空的，请在其中添加任务或审批。")
	ErrStageNobody = problem.Define("flow.stageNobody",
		"Nobody has anything to do in the stage “{block}”, so a record would rush through it. Add a task or an approval.",
		"阶段“{block}”里没有人需要处理，记录会直接穿过去。请添加任务或审批。")
	ErrRestsOutside = problem.Define("flow.restsOutside",
		"“{block}” waits for somebody between two stages, where no board column shows it. Move it into a stage.",
		"“{block}”放在了阶段之外，停在这里的记录在看板上看不到。请把它移到某个阶段里。")
	ErrUnreachable = problem.Define("flow.unreachable",
		"“{block}” can never be reached: the flow has always ended before it. Move it in front of the end, or remove it.",
		"“{block}”永远走不到：流程在它之前一定已经结束。请移到结束节点之前，或删除。")

	ErrWhoMissing = problem.Define("flow.whoMissing",
		"Nobody is named for “{block}”. Say who does it.",
		"“{block}”没有指定人员，请设置由谁处理。")
	ErrWhoUnknown = problem.Define("flow.whoUnknown",
		"“{value}” is not a way to name people. Choose one of {known}.",
		"人员类型“{value}”无法识别，请选择：{known}。")
	ErrWhoNoUser = problem.Define("flow.whoNoUser",
		"“{block}” names a person, but not which one. Choose somebody.",
		"“{block}”选择了指定人员，但没有选人，请选择。")
	ErrWhoNoRole = problem.Define("flow.whoNoRole",
		"“{block}” names a role, but not which one. Choose a role.",
		"“{block}”选择了角色，但没有选具体角色，请选择。")
	ErrWhoRoleUnknown = problem.Define("flow.whoRoleUnknown",
		"“{block}” names the role “{role}”, which the app does not have. Create it or choose one of {known}.",
		"“{block}”使用的角色“{role}”在应用中不存在，请新建，或改用：{known}。")
	ErrWhoLevel = problem.Define("flow.whoLevel",
		"The level must be 1 or more: 1 is the direct manager or the own department. Found {value} on “{block}”.",
		"“{block}”的级数是 {value}，必须大于等于 1（1 表示直属上级或本部门）。")
	ErrWhoField = problem.Define("flow.whoField",
		"“{block}” names the field “{field}” for people, but that is not a person or department field of the form.",
		"“{block}”按字段“{field}”找人，但它不是表单里的人员或部门字段，请改选。")
	ErrWhoOf = problem.Define("flow.whoOf",
		"“{block}” takes the manager or head of “{value}”. Choose owner, applicant, assignee or a person field of the form.",
		"“{block}”取“{value}”的上级或部门负责人，但无法识别。请选择 owner（负责人）、applicant（提交人）、assignee（办理人）或表单里的人员字段。")
	ErrWhoAssigneeHere = problem.Define("flow.whoAssigneeHere",
		"“{block}” cannot be given to its own assignee. Name somebody else; “assignee” is for the messages of tasks, approvals and deadlines.",
		"“{block}”不能交给“办理人”本身，请另外指定人员。“办理人”只能用在任务、审批的通知和时限通知里。")

	ErrFieldUnknown = problem.Define("flow.fieldUnknown",
		"“{block}” uses the field “{field}”, which the form does not have.{hint}",
		"“{block}”使用的字段“{field}”在表单中不存在。{hint}")
	ErrAccessUnknown = problem.Define("flow.accessUnknown",
		"“{value}” is not an access to a field. Choose hidden, read, write or required.",
		"字段权限“{value}”无法识别，请选择 hidden（隐藏）、read（只读）、write（可填）或 required（必填）。")
	ErrFieldComputed = problem.Define("flow.fieldComputed",
		"Nobody can fill in “{field}”: the system does, or it holds no value. On “{block}”, set it to read or hidden.",
		"字段“{field}”由系统生成或没有值，无法填写。请在“{block}”中把它设为只读或隐藏。")
	ErrCopyWrites = problem.Define("flow.copyWrites",
		"Whoever is told by “{block}” has nothing to fill in there. Set “{field}” to read or hidden.",
		"“{block}”是抄送，收到的人不填写内容。请把“{field}”设为只读或隐藏。")
	ErrCheckNoID = problem.Define("flow.checkNoID",
		"A check of “{block}” has no id, or one that another check of it has. Give it an id of its own.",
		"“{block}”的某条校验没有标识，或与其他校验重复，请设置唯一标识。")
	ErrCheckNoRule = problem.Define("flow.checkNoRule",
		"The check “{id}” of “{block}” has no rule. Say what must hold.",
		"“{block}”的校验“{id}”没有条件，请填写。")
	ErrCheckNoMessage = problem.Define("flow.checkNoMessage",
		"The check “{id}” of “{block}” has no message. Say what people read when it does not hold.",
		"“{block}”的校验“{id}”没有提示语，请填写不满足时显示的文字。")

	ErrModeUnknown = problem.Define("flow.modeUnknown",
		"“{value}” is not an approval mode. Choose any (the first decision decides), all (everybody must approve), sequential (one after the other) or vote.",
		"审批方式“{value}”无法识别，请选择 any（或签）、all（会签）、sequential（依次审批）或 vote（票签）。")
	ErrOnRejectUnknown = problem.Define("flow.onRejectUnknown",
		"“{value}” is not something a refusal can do. Choose end, return or applicant.",
		"拒绝后的处理“{value}”无法识别，请选择 end（结束流程）、return（退回上一个任务）或 applicant（退回提交人）。")
	ErrRejectNowhere = problem.Define("flow.rejectNowhere",
		"A refusal of “{block}” goes back to the task before it, but none always comes before it. Add one, or let a refusal end the flow.",
		"“{block}”拒绝后要退回上一个任务，但它之前没有必经的任务。请添加任务，或改为拒绝后结束流程。")
	ErrReturnUnknown = problem.Define("flow.returnUnknown",
		"“{block}” may send back to “{target}”, which is not a stage, task or approval of the flow. Choose an earlier one.",
		"“{block}”允许退回到“{target}”，但流程里没有这个阶段、任务或审批，请改选更早的步骤。")
	ErrReturnNotEarlier = problem.Define("flow.returnNotEarlier",
		"“{block}” may send back to “{target}”, which never comes before it. Choose an earlier step.",
		"“{block}”允许退回到“{target}”，但它并不在前面，请改选更早的步骤。")

	ErrBranchEmpty = problem.Define("flow.branchEmpty",
		"The branch “{block}” has no cases. Add a condition with its steps.",
		"分支“{block}”没有任何条件，请至少添加一条。")
	ErrCaseNoID = problem.Define("flow.caseNoID",
		"A case of “{block}” has no id, the reserved id “else”, or one that another case of it has. Give it an id of its own.",
		"分支“{block}”的某个条件没有标识、使用了保留字“else”或与其他条件重复，请设置唯一标识。")
	ErrCaseNoRule = problem.Define("flow.caseNoRule",
		"The case “{case}” of “{block}” has no condition. Say when it is taken.",
		"分支“{block}”的“{case}”没有条件，请填写何时进入。")

	ErrSetEmpty = problem.Define("flow.setEmpty",
		"“{block}” sets no field. Add a field and its formula.",
		"“{block}”没有更新任何字段，请添加字段和公式。")
	ErrSetNoFormula = problem.Define("flow.setNoFormula",
		"“{block}” sets “{field}”, but not to what. Add a formula.",
		"“{block}”要更新“{field}”，但没有公式，请填写。")
	ErrSetComputed = problem.Define("flow.setComputed",
		"“{block}” cannot set “{field}”: its value is computed. Choose another field.",
		"“{field}”的值由系统计算，“{block}”不能更新它，请改选其他字段。")
	ErrOutcomeMissing = problem.Define("flow.outcomeMissing",
		"The end “{block}” has no outcome. Give it a key such as “won”.",
		"结束节点“{block}”没有结果，请填写，例如“won”。")
	ErrToneUnknown = problem.Define("flow.toneUnknown",
		"“{value}” is not a tone. Choose good, bad or neutral.",
		"结果色调“{value}”无法识别，请选择 good（好）、bad（不好）或 neutral（中性）。")

	ErrQuickLinkHere = problem.Define("flow.quickLinkHere",
		"A message of “{block}” carries a quick link, but its readers have nothing to fill in there. Remove the link, or move the message to a task.",
		"“{block}”的通知带有快捷链接，但收到的人在这里没有内容可填。请去掉链接，或把通知移到任务上。")
	ErrQuickLinkTask = problem.Define("flow.quickLinkTask",
		"A quick link can complete a plain task only. “{block}” needs a decision, or its items ticked one by one. Let the link ask for fields only.",
		"快捷链接只能完成普通任务，“{block}”需要作出决定或逐项勾选。请让链接只填写字段。")
	ErrQuickLinkEmpty = problem.Define("flow.quickLinkEmpty",
		"The quick link in a message of “{block}” asks for nothing. Name at least one field, or let it complete the task.",
		"“{block}”的通知中的快捷链接没有要填的内容，请至少选择一个字段，或设为完成任务。")
	ErrQuickLinkField = problem.Define("flow.quickLinkField",
		"“{field}” cannot be filled in through a quick link of “{block}”: it is computed, or needs the directory or other records. Choose another field.",
		"“{field}”不能通过“{block}”的快捷链接填写：它由系统计算，或需要查找通讯录、其他记录。请改选其他字段。")
	ErrQuickLinkExpires = problem.Define("flow.quickLinkExpires",
		"The quick link in a message of “{block}” must expire after 1 minute to 90 days, counted in days, hours or minutes.",
		"“{block}”的通知中的快捷链接须在 1 分钟到 90 天内失效，单位为天、小时或分钟。")
	ErrQuickLinkSignIn = problem.Define("flow.quickLinkSignIn",
		"“{value}” does not say whether a quick link needs signing in. Choose required or notRequired.",
		"“{value}”无法识别：快捷链接请选择 required（需要登录）或 notRequired（无需登录）。")
)
