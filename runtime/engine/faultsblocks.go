package engine

import (
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Why a command is refused by a block that waits, repeats or lists.
var (
	ErrTooMany = fault.Define(fault.Conflict, "engine.tooMany",
		"“{step}” would run for {count} elements; it takes {limit} at most. Split them up, or ask an administrator.",
		"“{step}”要逐项处理 {count} 项，最多只能 {limit} 项。请分批处理，或联系管理员。")
	ErrNotWaiting = fault.Define(fault.Conflict, "engine.notWaiting",
		"The record does not wait for “{event}” now. It waits for: {known}.",
		"该记录现在没有在等待“{event}”。正在等待：{known}。")
	ErrItem = fault.Define(fault.Invalid, "engine.item",
		"“{step}” has no item “{item}”. Choose one of: {known}.",
		"检查清单“{step}”没有条目“{item}”，请选择：{known}。")
	ErrItemNotYours = fault.Define(fault.Forbidden, "engine.itemNotYours",
		"“{item}” is for {people} to tick.",
		"“{item}”应由{people}勾选。")
	ErrSuspended = fault.Define(fault.Conflict, "engine.suspended",
		"This record was suspended by {people} ({reason}). Nothing can be decided until it is resumed.",
		"该记录已被{people}挂起（{reason}），恢复之前不能办理。")
	ErrNotSuspended = fault.Define(fault.Conflict, "engine.notSuspended",
		"This record is not suspended.", "该记录没有被挂起。")
	ErrMigrate = fault.Define(fault.Conflict, "engine.migrate",
		"This record cannot go on in version {version} as mapped. Places to mend: {count}.",
		"按当前对应关系，该记录无法转到第 {version} 版，请先处理 {count} 处问题。")
	ErrMoveRests = fault.Define(fault.Conflict, "engine.moveRests",
		"The record cannot move to “{to}” yet: it waits at “{step}”, which nobody can decide.",
		"还不能移到“{to}”：记录正在“{step}”等待，无需人工处理。")
)

// What is wrong at one place.
var (
	ProblemItem = problem.Define("engine.itemOpen",
		"“{item}” is not ticked yet; “{step}” needs it.",
		"“{item}”还没有勾选，“{step}”需要它。")
	ProblemMapTarget = problem.Define("engine.mapTarget",
		"Version {version} has no step “{target}” to stand for “{block}”. Choose another one.",
		"第 {version} 版没有节点“{target}”，不能用来对应“{block}”，请改选。")
	ProblemMapGone = problem.Define("engine.mapGone",
		"The record stands at “{block}”, which version {version} does not have. Say which step stands for it.",
		"记录停在“{block}”，但第 {version} 版没有这个节点，请选择对应的节点。")
	ProblemMapType = problem.Define("engine.mapType",
		"The record stands at “{block}”; “{target}” of version {version} is another kind of step.",
		"记录停在“{block}”，但第 {version} 版的“{target}”是另一种节点。")
	ProblemMapPlace = problem.Define("engine.mapPlace",
		"The record stands at “{block}”; “{target}” of version {version} stands inside other steps than it does.",
		"记录停在“{block}”，但第 {version} 版的“{target}”所在的位置（外层节点）不同。")
	ProblemSubFlow = problem.Define("engine.subFlow",
		"“{block}” runs the flow “{flow}”, whose steps are not at hand. Publish that flow first, or together with this one.",
		"“{block}”要运行的子流程“{flow}”没有可用的节点，请先发布它，或与此一起发布。")
	ProblemRules = problem.Define("engine.rules",
		"The variables of a rule could not be declared: {cause}.",
		"规则的变量无法声明：{cause}。")
)
