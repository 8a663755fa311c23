package engine

import (
	"fmt"
	"os"
	"strings"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/form"
)

// flowMaker draws a valid flow of at most twelve blocks or so.
type flowMaker struct {
	t    *rapid.T
	next int
}

func (m *flowMaker) id() string {
	m.next++
	return fmt.Sprintf("b%d", m.next)
}

func (m *flowMaker) chance(name string, percent int) bool {
	return rapid.IntRange(0, 99).Draw(m.t, name) < percent
}

func drawFlow(t *rapid.T) *flow.Flow {
	m := &flowMaker{t: t}
	f := &flow.Flow{
		Form: "order", Withdraw: rapid.SampledFrom([]string{"", "never", "always"}).Draw(t, "withdraw"),
		Nobody: m.nobody(), Repeat: m.repeat(), Self: m.self(),
	}
	f.Kind, f.Key = definition.KindFlow, "orders"
	if m.chance("staged", 70) {
		for range rapid.IntRange(1, 4).Draw(t, "stages") {
			f.Blocks = append(f.Blocks, m.stage())
			if m.chance("between", 20) {
				f.Blocks = append(f.Blocks, m.quiet(1))
			}
		}
	} else {
		f.Blocks = m.sequence(1)
	}
	if m.chance("end", 60) {
		f.Blocks = append(f.Blocks, flow.Block{ID: m.id(), Type: flow.End, Outcome: "won"})
	}
	m.mend(f)
	return f
}

// mend takes back the few choices whose validity depends on the rest of the flow.
func (m *flowMaker) mend(f *flow.Flow) {
	doc, err := os.ReadFile("testdata/form.json")
	require.NoError(m.t, err)
	fm, err := form.Parse(doc)
	require.NoError(m.t, err)
	for _, p := range f.Check(fm, nil) {
		for b := range f.All() {
			switch {
			case p.Pointer == b.Pointer+"/onReject" && p.Code == flow.ErrRejectNowhere:
				b.OnReject = ""
			case p.Pointer == b.Pointer+"/returnTo/0":
				b.ReturnTo = nil
			case p.Code == flow.ErrEscalateTarget && strings.HasPrefix(p.Pointer, b.Pointer+"/deadline/"):
				b.Deadline.Escalate = nil
			}
		}
	}
	require.Empty(m.t, f.Check(fm, nil))
}

func (m *flowMaker) stage() flow.Block {
	b := flow.Block{ID: m.id(), Type: flow.Stage, Deadline: m.deadline(), Fields: m.fields(20)}
	b.Title = definition.Text{"": b.ID}
	b.Checks = m.checks()
	if m.chance("waive", 20) {
		b.Waive.CEL = "form.decision == 'lost'"
	}
	b.Blocks = m.sequence(2)
	return b
}

// sequence draws blocks of which at least one waits for somebody.
func (m *flowMaker) sequence(depth int) []flow.Block {
	var out []flow.Block
	for range rapid.IntRange(0, 2).Draw(m.t, "blocks") {
		if m.chance("quiet", 40) {
			out = append(out, m.quiet(depth))
		} else {
			out = append(out, m.waiting())
		}
	}
	return append(out, m.waiting())
}

func (m *flowMaker) waiting() flow.Block {
	b := flow.Block{ID: m.id(), Type: flow.Task, Who: m.who(), Deadline: m.deadline()}
	b.Title = definition.Text{"": b.ID}
	if m.chance("approval", 45) {
		b.Type = flow.Approval
		m.approval(&b)
		if m.next > 1 && m.chance("returnTo", 30) {
			b.ReturnTo = []string{fmt.Sprintf("b%d", rapid.IntRange(1, m.next-1).Draw(m.t, "returnTo"))}
		}
	} else {
		b.Fields, b.Checks = m.fields(40), m.checks()
		if m.chance("waive", 15) {
			b.Waive.CEL = "form.decision == 'lost'"
		}
		if m.chance("checklist", 25) {
			b.Type = flow.Checklist
			b.Items = []flow.Item{
				{ID: "x", Title: b.Title, Deadline: m.deadline()}, {ID: "y", Title: b.Title, Optional: true, Who: []flow.Who{{Type: flow.WhoUser, User: "plant"}}},
			}
		}
	}
	m.automate(&b)
	return b
}

// quiet draws a block that waits for nobody by itself.
func (m *flowMaker) quiet(depth int) flow.Block {
	b := flow.Block{ID: m.id()}
	b.Title = definition.Text{"": b.ID}
	switch kind := rapid.IntRange(0, 9).Draw(m.t, "quiet"); {
	case kind == 0:
		b.Type, b.Who = flow.CC, m.who()
	case kind > 5 && depth == 2:
		return m.resting(b, kind)
	case kind == 1 || depth > 2 || kind > 5:
		b.Type = flow.Update
		b.Set = map[string]definition.Rule{"grade": {CEL: rapid.SampledFrom([]string{"'A'", "form.name", "string(form.amount)"}).Draw(m.t, "formula")}}
	default:
		b.Type = flow.Branch
		fewest := 1
		if depth == 2 && kind > 3 {
			b.Type = rapid.SampledFrom([]flow.BlockType{flow.Inclusive, flow.Parallel}).Draw(m.t, "gathers")
			b.Join = rapid.SampledFrom([]flow.Join{"", flow.JoinAll, flow.JoinAny, flow.JoinCount}).Draw(m.t, "join")
			b.Rest = rapid.SampledFrom([]flow.Rest{"", flow.RestCancel, flow.RestFinish}).Draw(m.t, "rest")
			fewest = 2
			if b.Join == flow.JoinCount {
				b.Count = 1
			}
		}
		for i := range rapid.IntRange(fewest, 2).Draw(m.t, "cases") {
			k := flow.Case{ID: fmt.Sprintf("c%d", i), When: definition.Rule{CEL: rapid.SampledFrom([]string{
				"form.amount > 10", "form.urgent == true", "has(form.name)",
			}).Draw(m.t, "when")}}
			if b.Type == flow.Parallel {
				k.When = definition.Rule{}
			}
			switch {
			case b.Type != flow.Parallel && m.chance("ends", 20):
				k.Blocks = []flow.Block{{ID: m.id(), Type: flow.End, Outcome: "lost"}}
			case depth == 2:
				k.Blocks = m.sequence(3)
			}
			b.Cases = append(b.Cases, k)
		}
	}
	return b
}

// resting draws a block that waits for something that is no task, repeats, or chooses.
func (m *flowMaker) resting(b flow.Block, kind int) flow.Block {
	switch kind {
	case 6:
		return m.waits(b, 4)
	case 7:
		b.Type, b.Over, b.Max = flow.ForEach, "lines", 3
		b.Order = rapid.SampledFrom([]flow.Order{"", flow.OrderSequence}).Draw(m.t, "order")
		b.Join = rapid.SampledFrom([]flow.Join{"", flow.JoinAny}).Draw(m.t, "join")
		b.Rest = rapid.SampledFrom([]flow.Rest{"", flow.RestFinish}).Draw(m.t, "rest")
		b.Blocks = m.sequence(3)
	case 8:
		b.Type = flow.FirstOf
		for i := range 2 {
			k := flow.Case{ID: fmt.Sprintf("c%d", i), Blocks: []flow.Block{m.waiting()}}
			if m.chance("waits", 60) {
				k.Blocks[0] = m.waits(flow.Block{ID: m.id()}, 3)
			}
			b.Cases = append(b.Cases, k)
			b.Cases[i].Blocks = append(b.Cases[i].Blocks, m.sequence(3)...)
		}
	default:
		b.Type, b.Flow = flow.SubFlow, "other"
		b.Blocks = m.sequence(3)
		if m.chance("ends", 40) {
			b.Blocks = append(b.Blocks, flow.Block{ID: m.id(), Type: flow.End, Outcome: "cut"})
		}
	}
	return b
}

// waits draws a block that waits for a moment, a condition, an event, or, of four kinds, an answer from the outside.
func (m *flowMaker) waits(b flow.Block, kinds int) flow.Block {
	b.Type = flow.Wait
	b.Title = definition.Text{"": b.ID}
	if m.chance("timeout", 40) {
		b.Timeout = &flow.Delay{After: 10, Unit: flow.Hours}
		b.Late = m.sequence(3)
	}
	switch rapid.IntRange(0, kinds).Draw(m.t, "waits") {
	case 0:
		b.Until = &flow.Delay{After: 5, Unit: flow.Hours}
	case 1:
		b.Until = &flow.Delay{After: -1, Unit: flow.Days, Field: "neededBy"}
	case 2:
		b.When.CEL = "form.urgent == true"
	case 3:
		b.Event = rapid.SampledFrom([]string{"paid", "lost"}).Draw(m.t, "event")
	default:
		if m.next > 0 && m.chance("webhook", 50) {
			b.Type, b.Call = flow.Webhook, &flow.Call{URL: "https://x.example.com/{name}"}
		} else {
			b.Type, b.Form = flow.Create, "visit"
		}
		b.Await, b.Failed = true, m.sequence(3)
	}
	return b
}

func (m *flowMaker) who() []flow.Who {
	one := rapid.SampledFrom([]flow.Who{
		{Type: flow.WhoOwner},
		{Type: flow.WhoApplicant},
		{Type: flow.WhoManager},
		{Type: flow.WhoManager, Level: 2},
		{Type: flow.WhoManager, Of: "engineer"},
		{Type: flow.WhoDepartmentHead},
		{Type: flow.WhoRole, Role: "approver"},
		{Type: flow.WhoRole, Role: "nobody"},
		{Type: flow.WhoField, Field: "engineer"},
		{Type: flow.WhoField, Field: "team"},
		{Type: flow.WhoUser, User: "tech"},
		{Type: flow.WhoManagers, Level: 2, Of: flow.OfApplicant},
		{Type: flow.WhoRole, Role: "approver", Of: flow.OwnersDepartment},
		{Type: flow.WhoFormula, Rule: definition.Rule{CEL: "[form.engineer, 'quality']"}},
	})
	return rapid.SliceOfN(one, 1, 2).Draw(m.t, "who")
}

func (m *flowMaker) fields(percent int) map[string]flow.FieldAccess {
	out := map[string]flow.FieldAccess{}
	for _, key := range []string{"name", "amount", "drawing", "urgentNote"} {
		if m.chance("required", percent) {
			out[key] = flow.Required
		}
	}
	return out
}

func (m *flowMaker) checks() []flow.Check {
	if !m.chance("check", 25) {
		return nil
	}
	return []flow.Check{{ID: "k", Rule: definition.Rule{CEL: "!has(form.amount) || form.amount >= 0"}, Message: definition.Text{"": "negative"}}}
}
