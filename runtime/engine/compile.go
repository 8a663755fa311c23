package engine

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"github.com/stepwell/stepwell/internal/expr"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Flow is a flow ready to run. It never changes and is safe for concurrent use.
type Flow struct {
	Key     string
	Version int
	Title   definition.Text
	Form    string // key of the form whose records walk it

	withdraw string
	nobody   *flow.Nobody
	repeat   flow.Repeat
	self     flow.Self
	people   map[*flow.Who]*expr.Program // formulas that name people
	choices  bool                        // somebody picks the people of some step
	owner    string                      // the person field that names the owner; "" when the case says who
	root     *sequence
	blocks   []*block // in the order of the document
	byID     map[string]*block
	stages   []*block
	fields   []form.Field
	shows    map[string]*expr.Program    // x-show, by field
	begin    map[string]flow.FieldAccess // of a draft
	links    map[string]bool             // link fields through which some rule looks
	// readsRecord: some rule looks at record.…
	readsRecord bool
	each        bool // there is a forEach
	settles     bool // some deadline is settled by fields
}

// block is one node of the tree with everything that deciding asks of it.
type block struct {
	*flow.Block
	order int       // place in the document
	seq   *sequence // where it stands
	index int       // its position there
	stage *block    // the enclosing stage, itself for a stage, nil outside of stages

	body   *sequence // stage, forEach, subFlow
	cases  []way     // branch, inclusive: the last one is else; parallel, firstOf: without conditions
	late   *sequence // what can wait
	failed *sequence // create, webhook
	when   *expr.Program
	looks  []string // wait: the fields that it looks at
	set    []assignment
	send   []assignment // webhook: its body

	access   map[string]flow.FieldAccess // stage, task, approval: every field of the form
	required []requirement               // in the order of the form
	own      []requirement               // those of them that the block itself names
	checks   []check
	waive    *expr.Program
	// lastWriter: nothing behind it in its stage may change data, so the stage's checks can be asked for here.
	lastWriter bool
}

// sequence is a list of blocks that run one after the other.
type sequence struct {
	holder *block // nil at the top
	taken  string // the case of the holder
	blocks []*block
}

type way struct {
	id   string
	name definition.Text
	when *expr.Program
	seq  *sequence
}

type assignment struct {
	field   string
	formula *expr.Program
}

type requirement struct {
	field string
	title definition.Text
}

type check struct {
	rule    *expr.Program
	message definition.Text
	pointer string // into a command
}

// Compile makes a flow executable for a form. It objects to what flow.Check objects to (roles aside), and to rules that do
// not compile; with any problem there is no Flow. env is the environment of the form's rules.
func Compile(f *flow.Flow, version int, fm *form.Executable, env *expr.Env) (*Flow, []problem.Problem) {
	if problems := f.Check(fm.Form, nil); len(problems) > 0 {
		return nil, problems
	}
	c := compiler{env: env, form: fm, flow: &Flow{
		Key: f.Key, Version: version, Title: f.Title, Form: f.Form,
		withdraw: cmp.Or(f.Withdraw, flow.WithdrawUntilDecided), owner: fm.Form.Owner,
		nobody: f.Nobody, repeat: f.Repeat, self: f.Self, people: map[*flow.Who]*expr.Program{},
		byID: map[string]*block{}, fields: fm.Fields, shows: map[string]*expr.Program{}, links: map[string]bool{},
	}}
	for i := range fm.Fields {
		if field := &fm.Fields[i]; !field.Show.Empty() {
			c.flow.shows[field.Key] = c.rule(field.Show, expr.WantBool, "/form/"+field.Key)
		}
	}
	c.flow.root = c.sequence(f.Blocks, "/blocks", nil, "", nil)
	c.beginning()
	if len(c.problems) > 0 {
		return nil, c.problems
	}
	return c.flow, nil
}

type compiler struct {
	env      *expr.Env
	form     *form.Executable
	flow     *Flow
	problems []problem.Problem
}

// sequence compiles a list of blocks in the stage that encloses it.
func (c *compiler) sequence(blocks []flow.Block, pointer string, holder *block, taken string, stage *block) *sequence {
	seq := &sequence{holder: holder, taken: taken, blocks: make([]*block, len(blocks))}
	for i := range blocks {
		b := &block{Block: &blocks[i], order: len(c.flow.blocks), seq: seq, index: i, stage: stage}
		seq.blocks[i] = b
		c.flow.blocks = append(c.flow.blocks, b)
		c.flow.byID[b.ID] = b
		c.block(b, pointer+"/"+strconv.Itoa(i))
	}
	return seq
}

func (c *compiler) block(b *block, pointer string) {
	b.waive = c.rule(b.Waive, expr.WantBool, pointer+"/waive")
	for i, k := range b.Checks {
		at := ""
		if k.Field != "" {
			at = problem.Pointer("data", k.Field)
		}
		rule := c.rule(k.Rule, expr.WantBool, pointer+"/checks/"+strconv.Itoa(i)+"/rule")
		b.checks = append(b.checks, check{rule: rule, message: k.Message, pointer: at})
	}
	c.peopleOf(b, pointer)
	switch b.Type {
	case flow.Stage:
		b.stage = b
		c.flow.stages = append(c.flow.stages, b)
		c.access(b)
		b.body = c.sequence(b.Blocks, pointer+"/blocks", b, "", b)
		markLastWriters(b.body)
	case flow.Task, flow.Checklist, flow.Approval:
		c.access(b)
	case flow.ForEach:
		c.forEach(b, pointer)
	case flow.SubFlow:
		if len(b.Blocks) == 0 {
			c.problems = append(c.problems, ProblemSubFlow.At(pointer+"/flow", problem.Params{"block": b.Name(), "flow": b.Flow}))
		}
		b.body = c.sequence(b.Blocks, pointer+"/blocks", b, "", b.stage)
	case flow.Wait:
		b.when = c.rule(b.When, expr.WantBool, pointer+"/when")
		b.looks = b.looksAt()
	case flow.Branch, flow.Inclusive, flow.Parallel, flow.FirstOf:
		for i, k := range b.Cases {
			at := pointer + "/cases/" + strconv.Itoa(i)
			when := c.rule(k.When, expr.WantBool, at+"/when")
			b.cases = append(b.cases, way{k.ID, k.Name(), when, c.sequence(k.Blocks, at+"/blocks", b, k.ID, b.stage)})
		}
		if b.Type == flow.Branch || b.Type == flow.Inclusive {
			b.cases = append(b.cases, way{id: flow.ElseCase, seq: c.sequence(b.Else, pointer+"/else", b, flow.ElseCase, b.stage)})
		}
	case flow.Update:
		b.set = c.assignments(b.Set, c.want, pointer+"/set")
	case flow.Create:
		b.set = c.assignments(b.Set, anything, pointer+"/set")
	case flow.Webhook:
		c.webhook(b, pointer)
	case flow.CC, flow.End:
	}
	c.settles(b)
	if b.Waits() && len(b.Late) > 0 {
		b.late = c.sequence(b.Late, pointer+"/late", b, flow.LateCase, b.stage)
	}
	if b.Rests() && !b.Waits() {
		b.late = c.sequence(b.Late, pointer+"/late", b, flow.LateCase, b.stage)
		if b.Type != flow.Wait {
			b.failed = c.sequence(b.Failed, pointer+"/failed", b, flow.FailedCase, b.stage)
		}
	}
}

// settles notes whether some deadline is settled by fields.
func (c *compiler) settles(b *block) {
	settles := func(d *flow.Deadline) bool { return d != nil && len(d.SettledBy) > 0 }
	c.flow.settles = c.flow.settles || settles(b.Deadline) ||
		slices.ContainsFunc(b.Items, func(i flow.Item) bool { return settles(i.Deadline) })
}

func anything(string) expr.Result { return expr.WantAny }

// assignments compiles formulas by what they set, in the order of the keys.
func (c *compiler) assignments(set map[string]definition.Rule, want func(string) expr.Result, pointer string) []assignment {
	var out []assignment
	for _, key := range slices.Sorted(maps.Keys(set)) {
		out = append(out, assignment{key, c.rule(set[key], want(key), pointer+problem.Pointer(key))})
	}
	return out
}

// forEach compiles a block whose rules inside see the element.
func (c *compiler) forEach(b *block, pointer string) {
	c.flow.each = true
	around := c.env
	if field, ok := c.form.Field(b.Over); ok {
		c.env = c.with(expr.ElementOf(field)...)
	}
	b.body = c.sequence(b.Blocks, pointer+"/blocks", b, "", b.stage)
	c.env = around
}

func (c *compiler) webhook(b *block, pointer string) {
	b.send = c.assignments(b.Call.Body, anything, pointer+"/call/body")
	around := c.env
	c.env = c.with(expr.Answer())
	b.set = c.assignments(b.Set, c.want, pointer+"/set")
	c.env = around
}

// with is the environment with more variables.
func (c *compiler) with(more ...expr.Field) *expr.Env {
	env, err := c.env.With(more...)
	if err != nil {
		c.problems = append(c.problems, ProblemRules.At("", problem.Params{"cause": err.Error()}))
		return c.env
	}
	return env
}

// sequences are what a block holds.
func (b *block) sequences() []*sequence {
	var out []*sequence
	for _, seq := range []*sequence{b.body, b.late, b.failed} {
		if seq != nil {
			out = append(out, seq)
		}
	}
	for _, w := range b.cases {
		out = append(out, w.seq)
	}
	return out
}

// markLastWriters finds the tasks and approvals of a stage behind which nothing may change data. With a branch at the end
// these are the last of each case. It reports whether the sequence holds anything that may.
func markLastWriters(seq *sequence) bool {
	for _, b := range slices.Backward(seq.blocks) {
		switch {
		case b.Type == flow.Update:
			return true
		case b.Redone(), b.Type == flow.Approval && b.writes():
			b.lastWriter = true
			if b.late != nil {
				markLastWriters(b.late)
			}
			return true
		default:
			found := b.Type == flow.Webhook && len(b.set) > 0
			for _, held := range b.sequences() {
				found = markLastWriters(held) || found
			}
			if found {
				return true
			}
		}
	}
	return false
}

// writes reports whether the block lets somebody change a field.
func (b *block) writes() bool {
	for _, a := range b.access {
		if a == flow.Write || a == flow.Required {
			return true
		}
	}
	return false
}

// rule compiles a rule; nil when there is none or it does not compile.
func (c *compiler) rule(r definition.Rule, want expr.Result, pointer string) *expr.Program {
	if r.Empty() {
		return nil
	}
	p, problems := c.env.Compile(r.CEL, want)
	for _, found := range problems {
		found.Pointer = pointer + found.Pointer
		c.problems = append(c.problems, found)
	}
	if p != nil {
		c.flow.noteReads(p.References())
	}
	return p
}

// want is what a formula for a field must give.
func (c *compiler) want(key string) expr.Result {
	field, ok := c.form.Field(key)
	if !ok {
		return expr.WantAny
	}
	switch field.JSONType() {
	case "number":
		return expr.WantNumber
	case "boolean":
		return expr.WantBool
	case "string":
		return expr.WantText
	}
	return expr.WantAny
}

// access works out what a stage, task or approval may do with every field, and what it must fill in.
func (c *compiler) access(b *block) {
	b.access = make(map[string]flow.FieldAccess, len(c.form.Fields))
	for i := range c.form.Fields {
		field := &c.form.Fields[i]
		a := b.accessTo(field.Key)
		if field.Computed() || !field.HasValue() {
			a = less(a, flow.Read)
		}
		b.access[field.Key] = a
		if a == flow.Required {
			b.required = append(b.required, requirement{field.Key, field.Title})
			if b.Fields[field.Key] == flow.Required {
				b.own = append(b.own, requirement{field.Key, field.Title})
			}
		}
	}
}

// beginning works out what may be filled in before the record is submitted: everything but what the whole first stage hides.
func (c *compiler) beginning() {
	c.flow.begin = make(map[string]flow.FieldAccess, len(c.form.Fields))
	for i := range c.form.Fields {
		field := &c.form.Fields[i]
		a := flow.Write
		if len(c.flow.stages) > 0 && c.flow.stages[0].hides(field.Key, c.flow.blocks) {
			a = flow.Hidden
		} else if field.Computed() || !field.HasValue() {
			a = flow.Read
		}
		c.flow.begin[field.Key] = a
	}
}

// hides reports whether a stage and everything in it hides a field.
func (b *block) hides(field string, blocks []*block) bool {
	for _, other := range blocks {
		if other.stage == b && other.access != nil && other.access[field] != flow.Hidden {
			return false
		}
	}
	return true
}

func (b *block) accessTo(key string) flow.FieldAccess {
	if a, ok := b.Fields[key]; ok {
		return a
	}
	most := flow.Write
	if b.Type == flow.Approval {
		most = flow.Read
	}
	if b.stage != nil && b.stage != b {
		if a, ok := b.stage.Fields[key]; ok {
			if b.Type == flow.Approval {
				return less(a, most)
			}
			return a
		}
	}
	return most
}

var accessRank = map[flow.FieldAccess]int{flow.Hidden: 0, flow.Read: 1, flow.Write: 2, flow.Required: 3}

func less(a, b flow.FieldAccess) flow.FieldAccess {
	if accessRank[a] < accessRank[b] {
		return a
	}
	return b
}

func more(a, b flow.FieldAccess) flow.FieldAccess {
	if accessRank[a] > accessRank[b] {
		return a
	}
	return b
}

// within reports whether the block is holder or stands somewhere inside it.
func (b *block) within(holder *block) bool {
	for at := b; at != nil; at = at.seq.holder {
		if at == holder {
			return true
		}
	}
	return false
}

// path are the blocks that hold b, outermost first.
func (b *block) path() []*block {
	var out []*block
	for at := b.seq.holder; at != nil; at = at.seq.holder {
		out = append(out, at)
	}
	slices.Reverse(out)
	return out
}

// takes is the case of holder that leads to b.
func (b *block) takes(holder *block) string {
	for at := b; at != nil; at = at.seq.holder {
		if at.seq.holder == holder {
			return at.seq.taken
		}
	}
	return ""
}

// peopleOf compiles the formulas that name people for a block and its messages.
func (c *compiler) peopleOf(b *block, pointer string) {
	c.flow.choices = c.flow.choices || b.Choice() != nil
	c.formulas(b.Who, pointer+"/who")
	notices := func(list []flow.Notify, at string) {
		for i := range list {
			c.formulas(list[i].To, at+"/"+strconv.Itoa(i)+"/to")
		}
	}
	deadline := func(d *flow.Deadline, at string) {
		if d == nil {
			return
		}
		notices(d.Notify, at+"/notify")
		for i := range d.Remind {
			c.formulas(d.Remind[i].Notify.To, at+"/remind/"+strconv.Itoa(i)+"/notify/to")
		}
	}
	notices(b.Notify, pointer+"/notify")
	deadline(b.Deadline, pointer+"/deadline")
	for i := range b.Items {
		at := pointer + "/items/" + strconv.Itoa(i)
		c.formulas(b.Items[i].Who, at+"/who")
		deadline(b.Items[i].Deadline, at+"/deadline")
	}
}

func (c *compiler) formulas(who []flow.Who, pointer string) {
	for i := range who {
		at := pointer + "/" + strconv.Itoa(i)
		if who[i].Type == flow.WhoFormula {
			c.flow.people[&who[i]] = c.rule(who[i].Rule, expr.WantAny, at+"/rule")
		}
		c.formulas(who[i].From, at+"/from")
	}
}
