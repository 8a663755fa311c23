package engine

import (
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Why something about approvals is refused. {step} is the title of the block in question, {people} are names.
var (
	ErrNotTurn = fault.Define(fault.Conflict, "engine.notTurn",
		"It is not your turn in “{step}” yet. It waits for {people}.",
		"“{step}”还没有轮到您，目前等待：{people}。")
	ErrNotStandIn = fault.Define(fault.Forbidden, "engine.notStandIn",
		"You cannot decide “{step}” for {people}: they have nothing to decide there now, or have not delegated it to you.",
		"您不能代{people}处理“{step}”：其目前没有待办，或没有委托给您。")
	ErrDelegationOver = fault.Define(fault.Forbidden, "engine.delegationOver",
		"You no longer stand in for {people}: the delegation has ended.",
		"{people}对您的委托已经结束，不能再代为处理。")
	ErrAbstain = fault.Define(fault.Invalid, "engine.noAbstain",
		"Nobody can abstain from “{step}”. Approve or reject it.",
		"“{step}”不允许弃权，请同意或拒绝。")
	ErrSignature = fault.Define(fault.Invalid, "engine.signatureNeeded",
		"“{step}” must be signed. Add your signature and send the decision again.",
		"“{step}”需要手写签名，请签名后重新提交。")
	ErrConfirm = fault.Define(fault.Forbidden, "engine.confirmNeeded",
		"“{step}” asks for your password. Confirm it (POST /session/confirm) and send the decision again with the proof.",
		"“{step}”需要验证密码。请先验证（POST /session/confirm），再带上凭证重新提交。")
	ErrPick = fault.Define(fault.Invalid, "engine.pickNeeded",
		"Some people have yet to be chosen. Points to mend: {count}.",
		"还需要选择办理人，请处理 {count} 处问题。")
	ErrThen = fault.Define(fault.Invalid, "engine.returnThen",
		"Returns of “{step}” are always followed by {known}. Leave “then” out.",
		"“{step}”退回后的处理固定为 {known}，请不要另行指定。")
	ErrStraightBack = fault.Define(fault.Conflict, "engine.noStraightBack",
		"The record cannot come straight back to “{step}” from there: others work beside it. Return it with “again”.",
		"从该步骤不能直接回到“{step}”：还有其他分支在同时进行。请选择重新逐步办理。")
	ErrWhere = fault.Define(fault.Invalid, "engine.signerWhere",
		"Say when the added signers decide: before, after or beside you.",
		"请选择加签方式：before（前加签）、after（后加签）或 beside（并签）。")
	ErrBeside = fault.Define(fault.Invalid, "engine.signerBeside",
		"“{step}” is decided one after the other, so nobody can be added beside you. Choose before or after.",
		"“{step}”是依次审批，不能并签，请选择前加签或后加签。")
	ErrSignerThere = fault.Define(fault.Conflict, "engine.signerThere",
		"{people} is asked in “{step}” already.",
		"{people}已经是“{step}”的审批人。")
	ErrUndoNothing = fault.Define(fault.Conflict, "engine.undoNothing",
		"There is nothing to take back: others have gone on since, or the record has changed.",
		"没有可以撤销的操作：之后已有人处理，或记录已变化。")
	ErrUndoOthers = fault.Define(fault.Forbidden, "engine.undoOthers",
		"Only {people} can take this decision back.",
		"只有{people}可以撤销该操作。")
	ErrUrgedLately = fault.Define(fault.TooMany, "engine.urgedLately",
		"Somebody has urged “{step}” less than {minutes} min ago. Please wait.",
		"“{step}”在 {minutes} 分钟内已催办过，请稍后再催。")
	ErrUrgeSelf = fault.Define(fault.Invalid, "engine.urgeSelf",
		"“{step}” waits for nobody but you.",
		"“{step}”只等待您自己处理。")
	ErrCopyGone = fault.Define(fault.Invalid, "engine.copyGone",
		"{people} cannot be told: the account is disabled or does not exist.",
		"不能抄送给{people}：账号已停用或不存在。")
	ErrComment = fault.Define(fault.Invalid, "engine.commentEmpty",
		"Write something, or add a file.",
		"请填写内容或添加附件。")
)

// What is wrong at one place.
var (
	ProblemSignature = problem.Define("engine.signature",
		"Please sign.", "请签名。")
	ProblemConfirm = problem.Define("engine.confirm",
		"Confirm your password first.", "请先验证密码。")
	ProblemPick = problem.Define("engine.pick",
		"Please choose who does “{step}”: at least {min}.",
		"请选择“{step}”的办理人，至少 {min} 人。")
	ProblemPickWho = problem.Define("engine.pickWho",
		"{people} cannot be chosen for “{step}”.",
		"“{step}”不能选择{people}。")
	ProblemPickMany = problem.Define("engine.pickMany",
		"Choose at most {max} for “{step}”.",
		"“{step}”最多选择 {max} 人。")
	ProblemPickHere = problem.Define("engine.pickHere",
		"Nobody is to be chosen for “{step}” here.",
		"此时不能为“{step}”选择办理人。")
)
