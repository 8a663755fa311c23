package engine

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/form"
)

// BenchmarkComplete decides and applies the completion of a task that requires two fields and holds one check: its stage is
// left, the next one entered, a deadline set and a task opened. The record has 20 fields, of which the command changes two.
func BenchmarkComplete(b *testing.B) {
	env, c, cmd := benchCase(b)
	d, err := Decide(env, c, cmd)
	require.NoError(b, err)
	require.Len(b, d.Events, 7)
	b.Run("decide", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Decide(env, c, cmd); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("apply_each_event", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			replay(c, d.Events)
		}
	})
}

func benchCase(tb testing.TB) (Env, Case, Command) {
	tb.Helper()
	doc, err := os.ReadFile("testdata/form.json")
	require.NoError(tb, err)
	_, exec := compileJSON(tb, doc, nil)
	def := &flow.Flow{Form: "order"}
	def.Key = "orders"
	for i := range 8 {
		stage := flow.Block{
			ID: fmt.Sprintf("s%d", i), Type: flow.Stage, Deadline: &flow.Deadline{After: 5, Unit: flow.WorkingDays, At: "17:00", Calendar: "china"},
			Fields: map[string]flow.FieldAccess{"drawing": flow.Required},
		}
		stage.Title = map[string]string{"zh-CN": "阶段", "en": "Stage"}
		task := flow.Block{
			ID: fmt.Sprintf("t%d", i), Type: flow.Task, Who: []flow.Who{{Type: flow.WhoOwner}}, Title: stage.Title,
			Fields: map[string]flow.FieldAccess{"name": flow.Required},
		}
		task.Checks = []flow.Check{{ID: "k", Message: stage.Title}}
		task.Checks[0].Rule.CEL = "form.amount > 0"
		stage.Blocks = []flow.Block{task}
		def.Blocks = append(def.Blocks, stage)
	}
	people := newCompany()
	env := Env{
		Flow: compileFlow(tb, exec, def), App: "shop", Directory: people, Calendars: people,
		Now: moment(tb, "2026-03-02 09:00"), User: map[string]any{"id": "rep"},
	}
	c := Case{ID: "r1", Form: "order", Owner: "rep", CreatedBy: "rep", Data: map[string]any{"amount": 5.0}, State: State{Status: Draft}}
	for i := range 17 {
		c.Data[fmt.Sprintf("more%d", i)] = "a value of usual length"
	}
	d, err := Decide(env, c, Command{Kind: Submit, Actor: "rep"})
	require.NoError(tb, err)
	task := d.After.State.Tasks[0].ID
	data := map[string]any{"name": "Gear", "drawing": []any{map[string]any{"id": "f1"}}}
	return env, d.After, Command{Kind: Complete, Actor: "rep", Task: task, Data: data}
}

// BenchmarkShipped completes the first task of the eight-step pipeline that comes with the product.
func BenchmarkShipped(b *testing.B) {
	formDoc, err := os.ReadFile("../../schemas/apps/sales-manufacturing/forms/opportunity.json")
	require.NoError(b, err)
	flowDoc, err := os.ReadFile("../../schemas/apps/sales-manufacturing/flows/opportunityPipeline.json")
	require.NoError(b, err)
	compiled, _ := compileJSON(b, formDoc, flowDoc)
	people := newCompany()
	env := Env{Flow: compiled, Directory: people, Calendars: people, Now: moment(b, "2026-03-02 09:00"), User: map[string]any{"id": "rep"}}
	c := Case{ID: "r1", Owner: "rep", Data: map[string]any{"code": "OP-1", "name": "Gear"}, State: State{Status: Draft}}
	d, err := Decide(env, c, Command{Kind: Submit, Actor: "rep"})
	require.NoError(b, err)
	c = d.After
	data := map[string]any{"decision": "go", "expectedSop": "2027-01-01"}
	for _, q := range compiled.byID[c.State.Tasks[0].Block].required {
		field := compiled.field(q.field)
		data[q.field] = sampleValue(field)
	}
	cmd := Command{Kind: Complete, Actor: "rep", Task: c.State.Tasks[0].ID, Data: data}
	_, err = Decide(env, c, cmd)
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decide(env, c, cmd); err != nil {
			b.Fatal(err)
		}
	}
}

func sampleValue(f *form.Field) any {
	switch f.JSONType() {
	case "number":
		return 5.0
	case "boolean":
		return true
	case "array":
		return []any{map[string]any{"id": "f1", "name": "a.pdf"}}
	}
	if f.Type == form.Date {
		return "2026-06-01"
	}
	if len(f.Options) > 0 {
		return f.Options[0].Value
	}
	return "text"
}
