package flow

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Check says what stands between a flow and running it, in the order of the document. Rules are checked only for
// being there: their types are internal/expr's business.
//
// A flow is either staged or plain. In a staged flow records rest only in stages: at the top level it holds stages,
// and between them only blocks that wait for nobody (branch, cc, update, end). A plain flow has no stages.
//
// A nil form leaves fields unchecked, nil roles leave role keys unchecked.
func (f *Flow) Check(fm *form.Form, roles []string) []problem.Problem {
	c := checker{flow: f, roles: roles, places: map[string]Place{}}
	if fm != nil {
		// A form that cannot be read has problems of its own; they are not repeated here.
		if fields, err := fm.Fields(); err == nil {
			c.fields = make(map[string]form.Field, len(fields))
			for _, field := range fields {
				c.fields[field.Key] = field
			}
		}
	}
	c.flowItself()
	for p := range f.All() {
		c.identity(p)
	}
	for p := range f.All() {
		c.block(p)
	}
	c.reach(f.Blocks, "/blocks", nil)
	slices.SortStableFunc(c.out, func(a, b problem.Problem) int { return comparePointers(a.Pointer, b.Pointer) })
	return c.out
}

type checker struct {
	flow   *Flow
	fields map[string]form.Field // nil: unknown
	roles  []string              // nil: unknown
	places map[string]Place      // by id
	staged bool
	out    []problem.Problem
}

func (c *checker) add(code *problem.Code, pointer string, params problem.Params) {
	c.out = append(c.out, code.At(pointer, params))
}

func (c *checker) flowItself() {
	c.staged = len(c.flow.Stages()) > 0
	if c.flow.Form == "" {
		c.add(ErrNoForm, "/form", nil)
	}
	if len(c.flow.Blocks) == 0 {
		c.add(ErrNoBlocks, "/blocks", nil)
	}
	if c.flow.Part && (c.staged || c.flow.Withdraw != "") {
		c.add(ErrFlowPart, "/part", nil)
	}
	if !known(c.flow.Withdraw, "", WithdrawNever, WithdrawUntilDecided, WithdrawAlways) {
		c.add(ErrWithdrawUnknown, "/withdraw", problem.Params{"value": c.flow.Withdraw})
	}
	c.asking(c.flow.Nobody, c.flow.Repeat, c.flow.Self, "")
}

var idForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)

func (c *checker) identity(p Place) {
	switch other, taken := c.places[p.ID]; {
	case p.ID == "":
		c.add(ErrIDMissing, p.Pointer+"/id", nil)
	case !idForm.MatchString(p.ID):
		c.add(ErrIDForm, p.Pointer+"/id", problem.Params{"id": p.ID})
	case taken:
		c.add(ErrIDTwice, p.Pointer+"/id", problem.Params{"id": p.ID, "other": other.Pointer})
	default:
		c.places[p.ID] = p
	}
}

func (c *checker) block(p Place) {
	if !known(p.Type, blockTypes...) {
		c.add(ErrTypeUnknown, p.Pointer+"/type", problem.Params{"value": p.Type, "known": texts(blockTypes)})
		return
	}
	if (p.Type == Stage || p.Waits()) && p.Title.Empty() {
		c.add(ErrTitleMissing, p.Pointer+"/title", problem.Params{"id": p.ID})
	}
	c.members(p)
	c.access(p)
	c.checks(p)
	c.deadline(p, p.Deadline, p.Pointer+"/deadline", false)
	c.late(p)
	c.notices(p, p.Notify, p.Pointer+"/notify")
	c.asking(p.Nobody, p.Repeat, p.Self, p.Pointer)
	c.proof(p)
	switch p.Type {
	case Stage:
		c.stage(p)
	case Task, CC:
		c.people(p, p.Who, p.Pointer+"/who", false)
	case Approval:
		c.people(p, p.Who, p.Pointer+"/who", false)
		c.approval(p)
	case Checklist:
		c.people(p, p.Who, p.Pointer+"/who", false)
		c.items(p)
	case Branch, Inclusive, Parallel, FirstOf:
		c.cases(p)
	case ForEach:
		c.forEach(p)
	case Wait:
		c.wait(p)
	case Create:
		c.create(p)
	case Webhook:
		c.webhook(p)
	case SubFlow:
		c.subFlow(p)
	case Update:
		c.update(p)
	case End:
		if p.Outcome == "" {
			c.add(ErrOutcomeMissing, p.Pointer+"/outcome", in(p))
		}
		if !known(p.Tone, "", "good", "bad", "neutral") {
			c.add(ErrToneUnknown, p.Pointer+"/tone", problem.Params{"value": p.Tone})
		}
	}
	if c.staged && p.Rests() && p.Stage == nil {
		c.add(ErrRestsOutside, p.Pointer, in(p))
	}
}

var blockTypes = []BlockType{
	Stage, Task, Approval, Checklist, Branch, Inclusive, Parallel, ForEach, FirstOf, Wait, CC, Update, Create, Webhook, SubFlow, End,
}

// members finds what would silently mean nothing: a member on a type of block that does not look at it.
func (c *checker) members(p Place) {
	for _, m := range []struct {
		name  string
		there bool
		on    []BlockType
	}{
		{"blocks", len(p.Blocks) > 0, []BlockType{Stage, ForEach, SubFlow}},
		{"fields", len(p.Fields) > 0, []BlockType{Stage, Task, Checklist, Approval, CC}},
		{"checks", len(p.Checks) > 0, []BlockType{Stage, Task, Checklist, Approval}},
		{"waive", !p.Waive.Empty(), []BlockType{Stage, Task, Checklist}},
		{"deadline", p.Deadline != nil, []BlockType{Stage, Task, Checklist, Approval}},
		{"notify", len(p.Notify) > 0, []BlockType{Stage, Task, Checklist, Approval, CC}},
		{"who", len(p.Who) > 0, []BlockType{Task, Checklist, Approval, CC}},
		{"items", len(p.Items) > 0, []BlockType{Checklist}},
		{"nobody", p.Nobody != nil, []BlockType{Task, Checklist, Approval}},
		{"mode", p.Mode != "", []BlockType{Approval}},
		{"vote", p.Vote != nil, []BlockType{Approval}},
		{"repeat", p.Repeat != "", []BlockType{Approval}},
		{"self", p.Self != "", []BlockType{Approval}},
		{"then", p.Then != "", []BlockType{Approval}},
		{"signature", p.Signature != "", []BlockType{Task, Approval}},
		{"confirm", p.Confirm != "", []BlockType{Task, Approval}},
		{"onReject", p.OnReject != "", []BlockType{Approval}},
		{"returnTo", len(p.ReturnTo) > 0, []BlockType{Approval}},
		{"cases", len(p.Cases) > 0, []BlockType{Branch, Inclusive, Parallel, FirstOf}},
		{"else", len(p.Else) > 0, []BlockType{Branch, Inclusive}},
		{"join", p.Join != "", []BlockType{Inclusive, Parallel, ForEach}},
		{"count", p.Count != 0, []BlockType{Inclusive, Parallel, ForEach}},
		{"rest", p.Rest != "", []BlockType{Inclusive, Parallel, ForEach}},
		{"over", p.Over != "", []BlockType{ForEach}},
		{"order", p.Order != "", []BlockType{ForEach}},
		{"max", p.Max != 0, []BlockType{ForEach}},
		{"until", p.Until != nil, []BlockType{Wait}},
		{"when", !p.When.Empty(), []BlockType{Wait}},
		{"event", p.Event != "", []BlockType{Wait}},
		{"timeout", p.Timeout != nil, []BlockType{Wait, Create, Webhook}},
		{"late", len(p.Late) > 0, []BlockType{Task, Checklist, Approval, Wait, Create, Webhook}},
		{"set", len(p.Set) > 0, []BlockType{Update, Create, Webhook}},
		{"form", p.Form != "", []BlockType{Create}},
		{"draft", p.Draft, []BlockType{Create}},
		{"link", p.Link != "", []BlockType{Create}},
		{"await", p.Await, []BlockType{Create, Webhook}},
		{"result", p.Result != "", []BlockType{Create, SubFlow}},
		{"call", p.Call != nil, []BlockType{Webhook}},
		{"failed", len(p.Failed) > 0, []BlockType{Create, Webhook}},
		{"flow", p.Flow != "", []BlockType{SubFlow}},
		{"outcome", p.Outcome != "", []BlockType{End}},
	} {
		if m.there && !slices.Contains(m.on, p.Type) {
			c.add(ErrMemberMisplaced, p.Pointer+"/"+m.name, problem.Params{
				"member": m.name, "type": p.Type, "block": p.Name(), "known": texts(m.on),
			})
		}
	}
}

func (c *checker) stage(p Place) {
	switch {
	case p.Parent != nil:
		c.add(ErrStageNested, p.Pointer, in(p))
	case len(p.Blocks) == 0:
		c.add(ErrStageEmpty, p.Pointer+"/blocks", in(p))
	case !restsSomewhere(p):
		c.add(ErrStageNobody, p.Pointer+"/blocks", in(p))
	}
}

// restsSomewhere reports whether a record may stand still in a stage. A subFlow that is not filled in may rest.
func restsSomewhere(stage Place) bool {
	found := false
	walk(stage.Blocks, Place{}, func(p Place) bool {
		found = found || p.Rests() || (p.Type == SubFlow && len(p.Blocks) == 0)
		return !found
	})
	return found
}

func (c *checker) access(p Place) {
	for _, key := range sortedKeys(p.Fields) {
		pointer := p.Pointer + problem.Pointer("fields", key)
		access := p.Fields[key]
		if !known(access, Hidden, Read, Write, Required) {
			c.add(ErrAccessUnknown, pointer, problem.Params{"value": access})
		}
		field, ok := c.field(p, key, pointer)
		if ok && (access == Write || access == Required) && (field.Computed() || !field.HasValue()) {
			c.add(ErrFieldComputed, pointer, problem.Params{"field": field.Title, "block": p.Name()})
		}
		if ok && p.Type == CC && (access == Write || access == Required) {
			c.add(ErrCopyWrites, pointer, problem.Params{"field": field.Title, "block": p.Name()})
		}
	}
}

// field finds a field of the form and objects when there is none. ok is false too when the form is not known.
func (c *checker) field(p Place, key, pointer string) (_ form.Field, ok bool) {
	if c.fields == nil {
		return form.Field{}, false
	}
	field, ok := c.fields[key]
	if !ok {
		c.add(ErrFieldUnknown, pointer, problem.Params{"block": p.Name(), "field": key, "hint": c.hint(key)})
	}
	return field, ok
}

// hint proposes the field whose key differs only in case, the most frequent slip.
func (c *checker) hint(key string) definition.Text {
	for _, k := range sortedKeys(c.fields) {
		if strings.EqualFold(k, key) {
			return definition.Text{"en": " Did you mean “" + k + "”?", "zh-CN": "是否应为“" + k + "”？"}
		}
	}
	return definition.Text{"en": " Add it to the form or choose another one.", "zh-CN": "请在表单中添加，或改选其他字段。"}
}

func (c *checker) checks(p Place) {
	seen := map[string]bool{}
	for i, k := range p.Checks {
		pointer := p.Pointer + "/checks/" + strconv.Itoa(i)
		params := problem.Params{"block": p.Name(), "id": k.ID}
		if k.ID == "" || seen[k.ID] {
			c.add(ErrCheckNoID, pointer+"/id", params)
		}
		seen[k.ID] = true
		if k.Rule.Empty() {
			c.add(ErrCheckNoRule, pointer+"/rule", params)
		}
		if k.Message.Empty() {
			c.add(ErrCheckNoMessage, pointer+"/message", params)
		}
		if k.Field != "" {
			c.field(p, k.Field, pointer+"/field")
		}
	}
}

// before reports whether a record can have been through a, and be done with it, when it stands at b.
func (c *checker) before(a, b Place) bool {
	first := false
	for p := range c.flow.All() {
		if p.Block == a.Block {
			first = true
		}
		if p.Block == b.Block {
			break
		}
	}
	if !first {
		return false
	}
	// Where their ancestors part, a must not hold b, and they must not be in different cases of one branch.
	ways := map[*Block]string{}
	for p, ok := a, true; ok; p, ok = c.parent(p) {
		ways[p.Parent] = p.Case
	}
	for p, ok := b, true; ok; p, ok = c.parent(p) {
		if p.Block == a.Block {
			return false
		}
		if way, shared := ways[p.Parent]; shared {
			return way == p.Case
		}
	}
	return true
}

// within reports whether a place is somewhere inside a block.
func (c *checker) within(p Place, holder *Block) bool {
	for up, ok := p, true; ok; up, ok = c.parent(up) {
		if up.Parent == holder {
			return true
		}
	}
	return false
}

func (c *checker) parent(p Place) (Place, bool) {
	if p.Parent == nil {
		return Place{}, false
	}
	up, ok := c.places[p.Parent.ID]
	return up, ok
}

// cases checks the ways of a branch, and of a block whose ways run at once.
func (c *checker) cases(p Place) {
	chosen := p.Type == Branch || p.Type == Inclusive // by a condition
	switch {
	case !chosen && len(p.Cases) < 2:
		c.add(ErrWaysFew, p.Pointer+"/cases", in(p))
	case len(p.Cases) == 0:
		c.add(ErrBranchEmpty, p.Pointer+"/cases", in(p))
	}
	if p.Type == Inclusive || p.Type == Parallel {
		c.join(p)
	}
	seen := map[string]bool{ElseCase: true, "": true}
	for i, k := range p.Cases {
		pointer := p.Pointer + "/cases/" + strconv.Itoa(i)
		if seen[k.ID] {
			c.add(ErrCaseNoID, pointer+"/id", in(p))
		}
		seen[k.ID] = true
		params := problem.Params{"block": p.Name(), "case": k.Name()}
		switch {
		case chosen && k.When.Empty():
			c.add(ErrCaseNoRule, pointer+"/when", params)
		case !chosen && !k.When.Empty():
			c.add(ErrWayRule, pointer+"/when", params)
		case !chosen && len(k.Blocks) == 0:
			c.add(ErrWayEmpty, pointer+"/blocks", params)
		case p.Type == FirstOf && !k.Blocks[0].Waits() && k.Blocks[0].Type != Wait:
			c.add(ErrFirstStart, pointer+"/blocks/0", params)
		}
	}
}

func (c *checker) update(p Place) {
	if len(p.Set) == 0 {
		c.add(ErrSetEmpty, p.Pointer+"/set", in(p))
	}
	for _, key := range sortedKeys(p.Set) {
		pointer := p.Pointer + problem.Pointer("set", key)
		field, ok := c.field(p, key, pointer)
		if ok && (field.Computed() || !field.HasValue()) {
			c.add(ErrSetComputed, pointer, problem.Params{"field": field.Title, "block": p.Name()})
		}
		if p.Set[key].Empty() {
			c.add(ErrSetNoFormula, pointer, problem.Params{"field": key, "block": p.Name()})
		}
	}
}

// reach finds blocks behind an end and refusals that have no task to go back to. tasks are the tasks that a record has
// always been through when it comes to the sequence; the answer adds those of the sequence.
func (c *checker) reach(blocks []Block, pointer string, tasks []*Block) []*Block {
	ended := false
	for i := range blocks {
		b := &blocks[i]
		at := pointer + "/" + strconv.Itoa(i)
		if ended {
			c.add(ErrUnreachable, at, problem.Params{"block": b.Name()})
			return tasks
		}
		switch b.Type { //nolint:exhaustive // of the others only what they hold counts
		case Task, Checklist:
			tasks = append(slices.Clip(tasks), b)
			c.reach(b.Late, at+"/late", tasks)
		case Approval:
			if b.OnReject == RejectReturn && len(tasks) == 0 {
				c.add(ErrRejectNowhere, at+"/onReject", problem.Params{"block": b.Name()})
			}
			c.reach(b.Late, at+"/late", tasks)
		case Stage, SubFlow:
			tasks = c.reach(b.Blocks, at+"/blocks", tasks)
		default:
			for _, seq := range (Place{Block: b, Pointer: at}).sequences() {
				c.reach(seq.blocks, seq.in.Pointer, tasks)
			}
		}
		ended = b.endsAlways()
	}
	return tasks
}

// endsAlways reports whether the flow has ended whenever the block is done.
func (b *Block) endsAlways() bool {
	switch b.Type { //nolint:exhaustive // behind the others the flow goes on
	case End:
		return true
	case Stage:
		return anyEnds(b.Blocks)
	case Branch, Inclusive:
		for _, k := range b.Cases {
			if !anyEnds(k.Blocks) {
				return false
			}
		}
		return len(b.Cases) > 0 && anyEnds(b.Else)
	case Parallel: // the first way to be done ends it, or all of them are done first
		ends := 0
		for _, k := range b.Cases {
			if anyEnds(k.Blocks) {
				ends++
			}
		}
		return ends == len(b.Cases) || (ends > 0 && known(b.Join, "", JoinAll))
	case FirstOf:
		for _, k := range b.Cases {
			if !anyEnds(k.Blocks) {
				return false
			}
		}
		return len(b.Cases) > 0
	}
	return false
}

func anyEnds(blocks []Block) bool {
	for i := range blocks {
		if blocks[i].endsAlways() {
			return true
		}
	}
	return false
}

func in(p Place) problem.Params { return problem.Params{"block": p.Name()} }

func known[T ~string](value T, values ...T) bool { return slices.Contains(values, value) }

func texts[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

// comparePointers sorts by document order as far as a pointer shows it: array positions as numbers.
func comparePointers(a, b string) int {
	as, bs := strings.Split(a, "/"), strings.Split(b, "/")
	for i := range min(len(as), len(bs)) {
		x, errX := strconv.Atoi(as[i])
		y, errY := strconv.Atoi(bs[i])
		if errX == nil && errY == nil {
			if x != y {
				return x - y
			}
			continue
		}
		if n := strings.Compare(as[i], bs[i]); n != 0 {
			return n
		}
	}
	return len(as) - len(bs)
}
