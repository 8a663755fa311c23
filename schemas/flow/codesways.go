package flow

import "github.com/stepwell/stepwell/schemas/problem"

// What Check may object to in blocks that wait, repeat, call or run several ways at once.
var (
	ErrWaysFew = problem.Define("flow.waysFew",
		"“{block}” has fewer than two ways. Add another one, or put its steps in its place.",
		"“{block}”少于两条分支，请再添加一条，或直接把其中的节点放在这里。")
	ErrWayRule = problem.Define("flow.wayRule",
		"The way “{case}” of “{block}” has a condition, but all its ways begin at once. Remove it, or make the step inclusive.",
		"“{block}”的所有分支都会同时开始，“{case}”不能有条件。请删除条件，或把节点改为包容分支。")
	ErrWayEmpty = problem.Define("flow.wayEmpty",
		"The way “{case}” of “{block}” holds no steps. Add one, or remove the way.",
		"“{block}”的分支“{case}”是空的，请添加节点，或删除该分支。")
	ErrFirstStart = problem.Define("flow.firstStart",
		"The way “{case}” of “{block}” must begin with something that happens: a task, an approval, a checklist or a wait.",
		"“{block}”的分支“{case}”必须以会“发生”的节点开头：任务、审批、检查清单或等待。")
	ErrJoinUnknown = problem.Define("flow.joinUnknown",
		"“{value}” is not a way to join. Choose one of {known}.",
		"汇合方式“{value}”无法识别，请选择：{known}。")
	ErrRestUnknown = problem.Define("flow.restUnknown",
		"“{value}” is not something that can become of the rest. Choose one of {known}.",
		"其余分支的处理方式“{value}”无法识别，请选择：{known}。")
	ErrJoinCount = problem.Define("flow.joinCount",
		"“{block}” waits for {value} of its ways. Choose at least 1 and at most as many as there are.",
		"“{block}”要求完成 {value} 条分支，请填写 1 到分支总数之间的数。")
	ErrJoinCountUnused = problem.Define("flow.joinCountUnused",
		"“{block}” names a number of ways, but does not join by count. Choose the join “count”, or remove the number.",
		"“{block}”填写了分支数，但汇合方式不是 count（按数量）。请改选 count，或删除该数。")

	ErrOverNotList = problem.Define("flow.overNotList",
		"“{block}” runs over “{field}”, which is not a list of the form. Choose a sub-table, a multiple choice or a file field.",
		"“{block}”要逐项处理“{field}”，但它不是表单里的列表字段。请选择子表、多选或附件字段。")
	ErrEachEmpty = problem.Define("flow.eachEmpty",
		"“{block}” holds no steps to run for each element. Add one.",
		"“{block}”里没有要逐项执行的节点，请添加。")
	ErrOrderUnknown = problem.Define("flow.orderUnknown",
		"“{value}” is not an order. Choose one of {known}.",
		"执行顺序“{value}”无法识别，请选择：{known}。")
	ErrEachMax = problem.Define("flow.eachMax",
		"“{block}” would take up to {value} elements. Choose from 1 to {limit}.",
		"“{block}”最多处理 {value} 项，请填写 1 到 {limit} 之间的数。")
	ErrWhoItemHere = problem.Define("flow.whoItemHere",
		"“{block}” is for the people of an element, but stands in no “for each”. Move it into one, or name somebody else.",
		"“{block}”按“当前项”找人，但它不在逐项处理节点里。请移进去，或改选其他人员。")
	ErrWhoItem = problem.Define("flow.whoItem",
		"“{block}” takes people from “{field}” of each element of “{over}”, which is not a person or department column there. Choose one.",
		"“{block}”按“{over}”每一项的“{field}”找人，但它不是人员或部门列，请改选。")
	ErrReturnIntoEach = problem.Define("flow.returnIntoEach",
		"“{block}” may send back to “{target}”, which runs for each element of “{each}”. Choose “{each}” itself, or a step before it.",
		"“{block}”允许退回到“{target}”，但它在逐项处理“{each}”里面。请选择“{each}”之前的步骤。")

	ErrWaitNothing = problem.Define("flow.waitNothing",
		"“{block}” would wait for ever: it says for nothing. Choose a moment, a condition or an event.",
		"“{block}”没有说明等待什么，会一直等下去。请选择时间、条件或事件。")
	ErrWaitMany = problem.Define("flow.waitMany",
		"“{block}” waits for more than one thing. Keep one, or put several waits into a first-of.",
		"“{block}”同时等待多个条件。请只保留一个，或用“先到先走”节点组合多个等待。")
	ErrLateNever = problem.Define("flow.lateNever",
		"“{block}” says what happens when it takes too long, but not how long that is. Add a timeout, or remove those steps.",
		"“{block}”设置了超时后的节点，但没有设置超时时间。请补充，或删除这些节点。")
	ErrAwaitNeeded = problem.Define("flow.awaitNeeded",
		"“{member}” means something only while “{block}” waits for the answer. Let it wait, or remove it.",
		"只有“{block}”等待结果时，“{member}”才有意义。请开启等待，或删除该设置。")

	ErrCreateForm = problem.Define("flow.createForm",
		"“{block}” does not say which form the new record has. Choose one.",
		"“{block}”没有指定要新建哪种表单的记录，请选择。")
	ErrCreateLink = problem.Define("flow.createLink",
		"“{block}” keeps the new record in “{field}”, which is not a link to “{form}”. Choose one.",
		"“{block}”要把新记录存到“{field}”，但它不是指向“{form}”的关联字段，请改选。")
	ErrResultField = problem.Define("flow.resultField",
		"“{block}” keeps the outcome in “{field}”, which is not a text field of the form that can be written. Choose one.",
		"“{block}”要把结果存到“{field}”，但它不是表单里可写的文本字段，请改选。")

	ErrCallMissing = problem.Define("flow.callMissing",
		"“{block}” does not say whom to call. Give an address.",
		"“{block}”没有填写调用地址，请填写。")
	ErrCallURL = problem.Define("flow.callURL",
		"“{value}” is not an address that “{block}” can call. Write it with https:// and a host.",
		"“{block}”的地址“{value}”无法调用，请以 https:// 开头并写明主机。")
	ErrCallMethod = problem.Define("flow.callMethod",
		"“{value}” is not a method of a call. Choose one of {known}.",
		"调用方法“{value}”无法识别，请选择：{known}。")

	ErrItemsMissing = problem.Define("flow.itemsMissing",
		"The checklist “{block}” has no items. Add one.",
		"检查清单“{block}”没有任何条目，请添加。")
	ErrItemNoID = problem.Define("flow.itemNoID",
		"The item “{item}” of “{block}” has no id, or one that another item of it has. Give it an id of its own.",
		"检查清单“{block}”的条目“{item}”没有标识或与其他条目重复，请设置唯一标识。")
	ErrItemNoTitle = problem.Define("flow.itemNoTitle",
		"An item of “{block}” has no text. Say what is to be done.",
		"检查清单“{block}”的某个条目没有内容，请填写要做什么。")

	ErrSubFlowMissing = problem.Define("flow.subFlowMissing",
		"“{block}” does not say which flow it runs. Choose one.",
		"“{block}”没有指定要运行的子流程，请选择。")
	ErrSubFlowUnknown = problem.Define("flow.subFlowUnknown",
		"“{block}” runs the flow “{flow}”, which is not published. Publish it first, or together with this one.",
		"“{block}”要运行的子流程“{flow}”尚未发布，请先发布它，或与此一起发布。")
	ErrSubFlowForm = problem.Define("flow.subFlowForm",
		"“{block}” runs the flow “{flow}”, which belongs to another form. Choose a flow of this form, or create a record instead.",
		"“{block}”要运行的子流程“{flow}”属于另一个表单。请选择本表单的流程，或改用“新建记录”节点。")
	ErrSubFlowStaged = problem.Define("flow.subFlowStaged",
		"“{block}” runs the flow “{flow}”, which has stages. Only a flow without stages can run inside another one.",
		"“{block}”要运行的子流程“{flow}”带有阶段。只有不带阶段的流程才能作为子流程。")
	ErrSubFlowRecursion = problem.Define("flow.subFlowRecursion",
		"“{block}” would run the flow “{flow}” inside itself, without an end. Choose another flow.",
		"“{block}”会在流程“{flow}”里再次运行它自己，永远不会结束。请改选其他流程。")
	ErrSubFlowID = problem.Define("flow.subFlowID",
		"The step “{id}” that “{block}” brings along has the id of another step of the flow. Rename one of them.",
		"“{block}”带入的节点“{id}”与流程中已有节点的标识相同，请修改其中一个。")
	ErrFlowPart = problem.Define("flow.part",
		"A flow that is only a part of others has no stages and no withdrawal of its own. Remove them.",
		"只作为子流程使用的流程不能有阶段，也不能单独设置撤回。请删除。")
)
