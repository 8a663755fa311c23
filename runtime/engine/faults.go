package engine

import (
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Why a command is refused. {step} is the title of the block in question, {people} are names.
var (
	ErrNotStarted = fault.Define(fault.Conflict, "engine.notStarted",
		"This record has not been submitted yet. Submit it first.",
		"该记录还没有提交，请先提交。")
	ErrSubmitted = fault.Define(fault.Conflict, "engine.alreadySubmitted",
		"This record has already been submitted. Reload it to see where it stands.",
		"该记录已经提交过了，请刷新查看当前进度。")
	ErrEnded = fault.Define(fault.Conflict, "engine.ended",
		"The flow of this record has ended ({outcome}), so nothing about it can be changed.",
		"该记录的流程已经结束（{outcome}），不能再修改或处理。")
	ErrNoFlow = fault.Define(fault.Conflict, "engine.noFlow",
		"This form has no flow, so there is nothing to decide. Save the record instead.",
		"该表单没有流程，无需办理，直接保存即可。")
	ErrUnknownCommand = fault.Define(fault.Invalid, "engine.unknownCommand",
		"“{value}” is not something that can be done with a record.",
		"无法识别的操作“{value}”。")
	ErrTaskGone = fault.Define(fault.Conflict, "engine.taskGone",
		"This task is not open any more: somebody has dealt with it, or the record has moved on. Reload it.",
		"该待办已不存在：可能已有人处理，或记录已经流转，请刷新。")
	ErrNotYours = fault.Define(fault.Forbidden, "engine.notYours",
		"“{step}” is not yours to decide; it is with {people}. Ask them, or have it handed over to you.",
		"“{step}”不由您处理，目前的办理人是：{people}。请联系他们，或请其转交给您。")
	ErrNothingYours = fault.Define(fault.Forbidden, "engine.nothingYours",
		"You have no open task on this record; it waits for {people}.",
		"您在该记录上没有待办，目前等待：{people}。")
	ErrInactive = fault.Define(fault.Forbidden, "engine.inactive",
		"Your account is disabled, so you cannot decide anything. Ask an administrator.",
		"您的账号已停用，不能办理，请联系管理员。")
	ErrWrongAction = fault.Define(fault.Invalid, "engine.wrongAction",
		"“{step}” is {kind}. Use {known} instead.",
		"“{step}”是{kind}，请改用：{known}。")
	ErrVoted = fault.Define(fault.Conflict, "engine.alreadyVoted",
		"You have already decided “{step}”. It waits for {people}.",
		"“{step}”您已经处理过了，还在等待：{people}。")

	ErrGate = fault.Define(fault.Invalid, "engine.gate",
		"“{step}” is not complete yet. Points to mend: {count}.",
		"“{step}”还不能通过，请先处理 {count} 处问题。")
	ErrNobody = fault.Define(fault.Conflict, "engine.nobody",
		"“{step}” would have nobody to do it. Fill in who is responsible, or ask an administrator to name somebody for this step.",
		"“{step}”找不到办理人。请补全负责人等人员信息，或请管理员为该节点指定人员。")
	ErrRule = fault.Define(fault.Conflict, "engine.rule",
		"The rule of “{where}” could not be computed. Check the fields that it uses, or ask an administrator to mend the flow.",
		"“{where}”的规则无法计算。请检查相关字段，或请管理员修正流程。")
	ErrDeadline = fault.Define(fault.Conflict, "engine.deadline",
		"The deadline of “{step}” could not be computed. Ask an administrator to check its calendar and date field.",
		"“{step}”的时限无法计算，请管理员检查其工作日历和日期字段。")
	ErrDerive = fault.Define(fault.Conflict, "engine.derive",
		"The computed fields could not be worked out after this change. Check the numbers you entered.",
		"本次修改后，计算字段无法得出结果，请检查填写的数值。")

	ErrReason = fault.Define(fault.Invalid, "engine.reasonNeeded",
		"Please say why.", "请填写原因。")
	ErrReturnTarget = fault.Define(fault.Invalid, "engine.returnTarget",
		"The record cannot go back there. It can go back to: {known}.",
		"不能退回到这里。可以退回到：{known}。")
	ErrNoReturn = fault.Define(fault.Conflict, "engine.noReturn",
		"There is no earlier step to which “{step}” could send the record back.",
		"“{step}”之前没有可以退回的步骤。")
	ErrWithdrawer = fault.Define(fault.Forbidden, "engine.notApplicant",
		"Only {people}, who submitted the record, may withdraw it.",
		"只有提交人{people}可以撤回。")
	ErrWithdrawNever = fault.Define(fault.Conflict, "engine.withdrawNever",
		"Records of this flow cannot be withdrawn. Ask whoever has the task to send it back.",
		"该流程不允许撤回，可请当前办理人退回。")
	ErrWithdrawDecided = fault.Define(fault.Conflict, "engine.withdrawDecided",
		"Somebody has already dealt with this record, so it cannot be withdrawn. Ask {people} to send it back.",
		"已有人处理过该记录，不能撤回，可请{people}退回。")
	ErrTarget = fault.Define(fault.Invalid, "engine.target",
		"The flow has no step “{to}” to which a record can be moved. Choose one of: {known}.",
		"流程中没有可以移到的步骤“{to}”，请选择：{known}。")

	ErrNoStages = fault.Define(fault.Conflict, "engine.noStages",
		"This flow has no stages between which a card could be moved. Decide the task in the record.",
		"该流程没有阶段，卡片不能移动，请在记录中办理待办。")
	ErrMoveSkips = fault.Define(fault.Conflict, "engine.moveSkips",
		"“{to}” is more than one step away. Complete {between} first.",
		"不能直接跳到“{to}”，请先完成：{between}。")
	ErrMoveWaits = fault.Define(fault.Conflict, "engine.moveWaits",
		"The record cannot move to “{to}” yet: “{step}” must be done first, by {people}.",
		"还不能移到“{to}”：需要先由{people}完成“{step}”。")
	ErrMoveElsewhere = fault.Define(fault.Conflict, "engine.moveElsewhere",
		"Completing “{step}” does not lead to “{to}” but to “{where}”. Complete it in the record if that is what you want.",
		"完成“{step}”后不会到“{to}”，而是到“{where}”。如确认，请在记录中办理。")

	ErrNoAssignees = fault.Define(fault.Invalid, "engine.noAssignees",
		"Say who should have the task.", "请选择要转交给谁。")
	ErrAssigneeGone = fault.Define(fault.Invalid, "engine.assigneeInactive",
		"{people} cannot be given a task: the account is disabled or does not exist.",
		"不能转交给{people}：账号已停用或不存在。")
	ErrNotAssignee = fault.Define(fault.Invalid, "engine.notAssignee",
		"{people} does not have an open part in “{step}”, so it cannot be handed over.",
		"{people}在“{step}”中没有待办，无法转交。")

	ErrEarly = fault.Define(fault.Conflict, "engine.early",
		"This moment has not come yet.", "该时刻还没有到。")
	ErrWrongFlow = fault.Define(fault.Internal, "engine.wrongFlow",
		"The record walks version {version} of the flow “{flow}”, which is not at hand.",
		"该记录使用的流程“{flow}”第 {version} 版未能加载。")
	ErrTooMuch = fault.Define(fault.Conflict, "engine.tooMuch",
		"This one command would cause more than {limit} events. Ask an administrator to simplify the flow.",
		"这一操作会引发超过 {limit} 个事件，请管理员简化流程。")
)

// What is wrong at one place.
var (
	ProblemRequired = problem.Define("engine.required",
		"Please fill in “{field}”; “{step}” needs it.",
		"请填写“{field}”，“{step}”需要它。")
	ProblemCheck = problem.Define("engine.check",
		"{message}", "{message}")
	ProblemCheckFailed = problem.Define("engine.checkUncomputable",
		"{message} (This could not be checked: {cause})",
		"{message}（该校验无法计算：{cause}）")
	ProblemWaits = problem.Define("engine.waits",
		"“{step}” waits for {people}.",
		"“{step}”正在等待{people}处理。")
	ProblemReason = problem.Define("engine.reason",
		"Please say why.", "请填写原因。")
	ProblemInactive = problem.Define("engine.personInactive",
		"{people} cannot be given a task: the account is disabled or does not exist.",
		"不能转交给{people}：账号已停用或不存在。")
)
