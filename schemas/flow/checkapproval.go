package flow

import (
	"strconv"

	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/problem"
)

// approval checks what only approvals have.
func (c *checker) approval(p Place) {
	if !known(p.Mode, "", Any, All, Sequential, ByVote) {
		c.add(ErrModeUnknown, p.Pointer+"/mode", problem.Params{"value": p.Mode})
	}
	if !known(p.OnReject, "", RejectEnd, RejectReturn, RejectApplicant) {
		c.add(ErrOnRejectUnknown, p.Pointer+"/onReject", problem.Params{"value": p.OnReject})
	}
	if thens := []Then{Again, StraightBack}; p.Then != "" && !known(p.Then, thens...) {
		c.add(ErrThenUnknown, p.Pointer+"/then", problem.Params{"value": p.Then, "known": texts(thens)})
	}
	c.vote(p)
	for i, id := range p.ReturnTo {
		c.returnTarget(p, id, p.Pointer+"/returnTo/"+strconv.Itoa(i))
	}
}

func (c *checker) returnTarget(p Place, id, pointer string) {
	if id == ToApplicant {
		return
	}
	target, ok := c.places[id]
	switch {
	case !ok || (target.Type != Stage && !target.Waits()):
		c.add(ErrReturnUnknown, pointer, problem.Params{"block": p.Name(), "target": id})
	case target.Each != nil && target.Each != p.Each && !c.within(p, target.Each):
		c.add(ErrReturnIntoEach, pointer, problem.Params{"block": p.Name(), "target": target.Name(), "each": target.Each.Name()})
	case !c.before(target, p):
		c.add(ErrReturnNotEarlier, pointer, problem.Params{"block": p.Name(), "target": target.Name()})
	}
}

func (c *checker) vote(p Place) {
	v := p.Vote
	switch {
	case p.Mode != ByVote && v != nil:
		c.add(ErrVoteUnused, p.Pointer+"/vote", in(p))
	case p.Mode != ByVote:
	case v == nil || (v.Count == 0 && v.Percent == 0):
		c.add(ErrVoteMissing, p.Pointer+"/vote", in(p))
	case v.Count != 0 && v.Percent != 0:
		c.add(ErrVoteTwice, p.Pointer+"/vote", in(p))
	case v.Count < 0 || v.Percent < 0 || v.Percent > 100:
		c.add(ErrVoteRange, p.Pointer+"/vote", in(p))
	}
}

// asking checks how a flow or a block treats people: when there are none, when they were asked before, when it is the
// applicant.
func (c *checker) asking(nobody *Nobody, repeat Repeat, self Self, pointer string) {
	if nobody != nil {
		actions := []NobodyAction{NobodyAdmin, NobodyPass, NobodyUser, NobodyError}
		if !known(nobody.Do, actions...) {
			c.add(ErrNobodyUnknown, pointer+"/nobody/do", problem.Params{"value": nobody.Do, "known": texts(actions)})
		}
		if nobody.Do == NobodyUser && nobody.User == "" {
			c.add(ErrNobodyUser, pointer+"/nobody/user", nil)
		}
	}
	if repeats := []Repeat{RepeatAsk, RepeatSkipConsecutive, RepeatSkipAny}; repeat != "" && !known(repeat, repeats...) {
		c.add(ErrRepeatUnknown, pointer+"/repeat", problem.Params{"value": repeat, "known": texts(repeats)})
	}
	if selfs := []Self{SelfAsk, SelfSkip, SelfManager}; self != "" && !known(self, selfs...) {
		c.add(ErrSelfUnknown, pointer+"/self", problem.Params{"value": self, "known": texts(selfs)})
	}
}

// proof checks what a decision must be accompanied by.
func (c *checker) proof(p Place) {
	if p.Signature != "" && p.Signature != SignatureRequired {
		c.add(ErrSignatureUnknown, p.Pointer+"/signature", problem.Params{"value": p.Signature})
	}
	if p.Confirm != "" && p.Confirm != ConfirmPassword {
		c.add(ErrConfirmUnknown, p.Pointer+"/confirm", problem.Params{"value": p.Confirm})
	}
}

// roleIn checks a role, and the department in which it is looked for.
func (c *checker) roleIn(p Place, w Who, at string) {
	c.roleKey(p, w.Role, at+"/role")
	if !known(w.Of, "", OwnersDepartment, ApplicantsDepartment) && !c.personField(w.Of, form.Person, form.Department) {
		c.add(ErrDepartmentOf, at+"/of", problem.Params{"block": p.Name(), "value": w.Of})
	}
}

func (c *checker) roleKey(p Place, role, at string) {
	switch {
	case role == "":
		c.add(ErrWhoNoRole, at, in(p))
	case c.roles != nil && !known(role, c.roles...):
		c.add(ErrWhoRoleUnknown, at, problem.Params{"block": p.Name(), "role": role, "known": c.roles})
	}
}

// managers checks a chain of managers.
func (c *checker) managers(p Place, w Who, at string, assignee bool) {
	switch {
	case w.Level < 0:
		c.add(ErrWhoLevel, at+"/level", problem.Params{"block": p.Name(), "value": w.Level})
	case w.Level == 0 && w.Role == "" && w.Position == "":
		c.add(ErrWhoManagers, at+"/level", in(p))
	}
	if w.Role != "" {
		c.roleKey(p, w.Role, at+"/role")
	}
	c.whose(p, w, at, assignee)
}

// whose checks whose manager or head is meant.
func (c *checker) whose(p Place, w Who, at string, assignee bool) {
	switch {
	case w.Of == OfAssignee && !assignee:
		c.add(ErrWhoAssigneeHere, at+"/of", in(p))
	case !known(w.Of, "", OfOwner, OfApplicant, OfAssignee) && !c.personField(w.Of, form.Person):
		c.add(ErrWhoOf, at+"/of", problem.Params{"block": p.Name(), "value": w.Of})
	}
}

// choice checks people whom somebody picks.
func (c *checker) choice(p Place, w *Who, at string) {
	if !p.Waits() || p.Choice() != w {
		c.add(ErrChoiceHere, at+"/type", in(p))
		return
	}
	if !known(w.By, ByApplicant, ByPrevious) {
		c.add(ErrChoiceBy, at+"/by", in(p))
	}
	least := max(w.Min, 1)
	if w.Max != 0 && w.Max < least {
		c.add(ErrChoiceRange, at+"/max", problem.Params{"block": p.Name(), "max": w.Max, "min": least})
	}
	if len(w.From) > 0 {
		c.people(p, w.From, at+"/from", false)
	}
}
