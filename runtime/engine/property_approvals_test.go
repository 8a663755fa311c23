package engine

import (
	"slices"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/form"
)

func (m *flowMaker) nobody() *flow.Nobody {
	switch rapid.IntRange(0, 5).Draw(m.t, "nobody") {
	case 0:
		return &flow.Nobody{Do: flow.NobodyPass}
	case 1:
		return &flow.Nobody{Do: flow.NobodyUser, User: rapid.SampledFrom([]string{"plant", "ghost", "lead"}).Draw(m.t, "substitute")}
	case 2:
		return &flow.Nobody{Do: flow.NobodyError}
	}
	return nil
}

func (m *flowMaker) repeat() flow.Repeat {
	return rapid.SampledFrom([]flow.Repeat{"", flow.RepeatAsk, flow.RepeatSkipConsecutive, flow.RepeatSkipAny}).Draw(m.t, "repeat")
}

func (m *flowMaker) self() flow.Self {
	return rapid.SampledFrom([]flow.Self{"", flow.SelfAsk, flow.SelfSkip, flow.SelfManager}).Draw(m.t, "self")
}

// approval draws what only approvals have.
func (m *flowMaker) approval(b *flow.Block) {
	b.Mode = rapid.SampledFrom([]flow.Mode{"", flow.Any, flow.All, flow.Sequential, flow.ByVote}).Draw(m.t, "mode")
	if b.Mode == flow.ByVote {
		b.Vote = &flow.Vote{Abstain: m.chance("abstain", 50)}
		if m.chance("percent", 50) {
			b.Vote.Percent = rapid.IntRange(1, 100).Draw(m.t, "percent")
		} else {
			b.Vote.Count = rapid.IntRange(1, 4).Draw(m.t, "count")
		}
	}
	b.OnReject = rapid.SampledFrom([]flow.RejectAction{"", flow.RejectEnd, flow.RejectReturn, flow.RejectApplicant}).Draw(m.t, "onReject")
	b.Then = rapid.SampledFrom([]flow.Then{"", "", flow.Again, flow.StraightBack}).Draw(m.t, "then")
	if m.chance("own rules", 40) {
		b.Nobody, b.Repeat, b.Self = m.nobody(), m.repeat(), m.self()
	}
	if m.chance("signed", 10) {
		b.Signature = flow.SignatureRequired
	}
	if m.chance("confirmed", 10) {
		b.Confirm = flow.ConfirmPassword
	}
	if m.chance("choice", 15) {
		b.Who = append(b.Who, flow.Who{Type: flow.WhoChoice, By: rapid.SampledFrom([]string{flow.ByApplicant, flow.ByPrevious}).Draw(m.t, "by"), Max: 2})
	}
}

var signed = &form.FileRef{ID: "sig", Name: "s.png", Size: 1, Type: "image/png"}

// decorate adds to a command what commands about approvals have.
func (p *player) decorate(cmd *Command) {
	cmd.Where = rapid.SampledFrom([]Where{Before, After, Beside, ""}).Draw(p.t, "where")
	cmd.Then = rapid.SampledFrom([]flow.Then{"", "", flow.Again, flow.StraightBack}).Draw(p.t, "then")
	cmd.For = rapid.SampledFrom(append([]string{"", "", "", ""}, staff...)).Draw(p.t, "for")
	if rapid.IntRange(0, 4).Draw(p.t, "bare") > 0 {
		cmd.Signature, cmd.Confirmed = signed, true
	}
	for b := range p.def.All() {
		if b.Choice() != nil && rapid.IntRange(0, 3).Draw(p.t, "picks") > 0 {
			if cmd.Picks == nil {
				cmd.Picks = map[string][]string{}
			}
			cmd.Picks[b.ID] = rapid.SliceOfNDistinct(rapid.SampledFrom(staff), 1, 2, func(u string) string { return u }).Draw(p.t, "picked")
		}
	}
	if rapid.IntRange(0, 9).Draw(p.t, "to applicant") == 0 {
		cmd.To = flow.ToApplicant
	}
	cmd.Comment = p.pick("comment", "", "well")
	if cmd.Kind == HandOver {
		cmd.Data, cmd.From = nil, p.pick("leaver", staff...)
	}
}

// becomeSystem sometimes lets the system decide a task.
func (p *player) becomeSystem(cmd *Command) {
	if slices.Contains([]CommandKind{Complete, Approve, Reject, Return, Transfer}, cmd.Kind) && rapid.IntRange(0, 9).Draw(p.t, "system") == 0 {
		cmd.Actor, cmd.Cause, cmd.For = "", CauseDeadline, ""
	}
	if cmd.Kind == Refresh {
		cmd.Actor, cmd.Data = "", nil
	}
}

// delegate sometimes lets somebody stand in for somebody else from now on, or no longer.
func (p *player) delegate() {
	if rapid.IntRange(0, 9).Draw(p.t, "delegates") > 0 {
		return
	}
	next := map[string]string{}
	for _, from := range staff {
		if to := p.pick("stand-in", append([]string{"", "", ""}, staff...)...); to != "" {
			next[from] = to
		}
	}
	p.company.delegates = next
}

// checkTurns: who may decide is an assignee who has not, nobody decides twice, and after a refresh somebody active can act
// on every open task.
func (p *player) checkTurns() {
	t, s := p.t, &p.c.State
	for i := range s.Tasks {
		task := &s.Tasks[i]
		for _, u := range task.Turn {
			require.True(t, task.has(u) && !task.decided(u), "%s may decide", u)
		}
		decided := slices.Concat(task.Approved, task.Rejected, task.Abstained)
		for j, u := range decided {
			require.NotContains(t, decided[:j], u, "%s decides once", u)
		}
		for _, a := range task.Added {
			require.Contains(t, task.Assignees, a.User)
			require.Contains(t, task.Assignees, a.To)
			require.Equal(t, a.To, task.partOf(a.To), "parts are one deep")
		}
		for _, stand := range task.Stands {
			require.Contains(t, task.Assignees, stand.For)
		}
	}
	d, err := Decide(p.env, p.c, Command{Kind: Refresh})
	if err != nil {
		require.True(t, fault.Has(err, ErrNobody), err)
		return
	}
	r := &run{env: p.env, c: d.After, flow: p.env.Flow}
	for i := range d.After.State.Tasks {
		if d.After.State.Suspension != nil {
			break // until it goes on
		}
		require.NotEmpty(t, r.undecided(d.After.State.Tasks[i]), "somebody active can decide")
	}
	again, err := Decide(p.env, d.After, Command{Kind: Refresh})
	require.NoError(t, err)
	require.Empty(t, again.Events, "a second refresh changes nothing")
}

// checkOffered: what is offered about a task is accepted, as far as the people and fields that it needs are there.
func (p *player) checkOffered(user string, task TaskPossible) {
	t := p.t
	try := func(cmd Command) {
		cmd.Actor, cmd.Task, cmd.Signature, cmd.Confirmed = user, task.Task, signed, true
		_, err := Decide(p.env, p.c, cmd)
		for _, code := range []*fault.Code{ErrPick, ErrNobody, ErrGate, ErrDelegationOver} {
			if fault.Has(err, code) {
				return // what the flow wants is not there, or a delegation has ended and nobody has said so yet
			}
		}
		require.NoError(t, err, "%s is offered to %s", cmd.Kind, user)
	}
	for _, to := range task.ReturnTo {
		for _, then := range to.Then {
			try(Command{Kind: Return, To: to.Block, Then: then, Reason: "r"})
		}
	}
	for _, part := range task.Parts {
		for _, kind := range task.Commands {
			switch kind { //nolint:exhaustive // the others depend on what is filled in
			case Reject, Abstain:
				if part == task.Parts[0] || kind == Reject {
					p.offerVote(try, kind, task, part)
				}
			case Transfer:
				try(Command{Kind: Transfer, For: part, Users: []string{"root"}})
			}
		}
	}
	for _, where := range task.Signers {
		if !p.c.State.task(task.Task).has("root") {
			try(Command{Kind: AddSigner, Where: where, Users: []string{"root"}})
		}
	}
}

func (p *player) offerVote(try func(Command), kind CommandKind, task TaskPossible, part string) {
	if kind == Abstain && p.c.State.task(task.Task).partOf(part) != part {
		return // whoever was added may not
	}
	try(Command{Kind: kind, For: part})
}
