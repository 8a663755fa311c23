package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/expr"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/form"
)

func orderForm(t *testing.T) []byte {
	t.Helper()
	doc, err := os.ReadFile("testdata/form.json")
	require.NoError(t, err)
	return doc
}

func orderFlow(t *testing.T, blocks string) Env {
	t.Helper()
	compiled, _ := compileJSON(t, orderForm(t), []byte(`{"kind": "flow", "key": "orders", "title": "Orders", "form": "order", "blocks": `+blocks+`}`))
	people := newCompany()
	return Env{Flow: compiled, App: "shop", Directory: people, Calendars: people, Now: moment(t, "2026-03-02 09:00")}
}

func draft() Case {
	return Case{ID: "r1", Form: "order", Owner: "rep", CreatedBy: "rep", Data: map[string]any{}, State: State{Status: Draft}}
}

func submitted(t *testing.T, env Env, data map[string]any) Case {
	t.Helper()
	d, err := Decide(env, draft(), Command{Kind: Submit, Actor: "rep", Data: data})
	require.NoError(t, err)
	return d.After
}

const ownersTask = `{"id": "t", "type": "task", "title": "T", "who": [{"type": "owner"}]}`

func TestCompile(t *testing.T) {
	_, exec := compileJSON(t, orderForm(t), nil)
	env, err := expr.NewEnv(expr.Schema{Fields: expr.FromForm(exec.Fields)})
	require.NoError(t, err)
	compile := func(doc string) []string {
		def, err := flow.Parse([]byte(doc))
		require.NoError(t, err)
		compiled, problems := Compile(def, 1, exec, env)
		require.Nil(t, compiled)
		var out []string
		for _, p := range problems {
			out = append(out, p.Pointer+" "+p.Code.ID)
		}
		return out
	}
	t.Run("rules_that_do_not_compile_are_found_at_their_place", func(t *testing.T) {
		require.Equal(t, []string{
			"/blocks/0/waive expr.unknownField",
			"/blocks/0/checks/0/rule expr.want",
			"/blocks/1/cases/0/when expr.syntax",
			"/blocks/2/set/amount expr.want",
			"/blocks/2/set/urgent expr.want",
		}, compile(`{"form": "order", "blocks": [
			{"id": "t", "type": "task", "title": "T", "who": [{"type": "owner"}], "waive": "form.nowhere == 1", "checks": [{"id": "k", "rule": "'text'", "message": "m"}]},
			{"id": "b", "type": "branch", "cases": [{"id": "c", "when": "form.amount >", "blocks": []}]},
			{"id": "u", "type": "update", "set": {"amount": "'text'", "urgent": "1", "name": "'fine'"}}
		]}`))
	})
	t.Run("a_flow_that_cannot_run_is_refused_before_its_rules", func(t *testing.T) {
		require.Equal(t, []string{"/blocks flow.noBlocks"}, compile(`{"form": "order"}`))
	})
	t.Run("the_flow_knows_its_blocks_and_what_its_rules_read", func(t *testing.T) {
		f := orderFlow(t, `[{"id": "s", "type": "stage", "title": "S", "blocks": [`+ownersTask+`]},
			{"id": "b", "type": "branch", "cases": [{"id": "c", "when": "record.owner == 'rep' || link.engineer.level > 2", "blocks": [{"id": "lost", "type": "end", "outcome": "lost", "label": "Lost"}]}]}]`).Flow
		require.True(t, f.readsRecord)
		require.True(t, f.ReadsLink("engineer"))
		require.False(t, f.ReadsLink("team"))
		require.Equal(t, []Target{{"s", map[string]string{"": "S"}}}, f.Stages())
		require.Len(t, f.OverrideTargets(), 3)
		b, ok := f.Block("t")
		require.True(t, ok)
		require.Equal(t, flow.Task, b.Type)
		_, ok = f.Block("nowhere")
		require.False(t, ok)
		require.Equal(t, "T", f.BlockTitle("t").In("en"))
		require.Equal(t, "gone", f.BlockTitle("gone").In("en"))
		require.Equal(t, []Outcome{{Key: "lost", Label: map[string]string{"": "Lost"}}}, f.Outcomes())
		require.Equal(t, "已拒绝", f.OutcomeLabel(OutcomeRejected).In("zh-CN"))
		require.Equal(t, "odd", f.OutcomeLabel("odd").In("en"))
	})
}

func TestShippedPipeline(t *testing.T) {
	t.Run("the_eight_step_flow_compiles", func(t *testing.T) {
		formDoc, err := os.ReadFile("../../schemas/apps/sales-manufacturing/forms/opportunity.json")
		require.NoError(t, err)
		flowDoc, err := os.ReadFile("../../schemas/apps/sales-manufacturing/flows/opportunityPipeline.json")
		require.NoError(t, err)
		compiled, _ := compileJSON(t, formDoc, flowDoc)
		require.Len(t, compiled.Stages(), 8)
	})
}

func TestDerive(t *testing.T) {
	env := orderFlow(t, `[{"id": "u", "type": "update", "set": {"amount": "form.amount + 1"}}, `+ownersTask+`]`)
	t.Run("computed_fields_follow_what_an_update_sets", func(t *testing.T) {
		env.Derive = func(data map[string]any) (map[string]any, error) {
			return map[string]any{"grade": fmt.Sprint("for ", data["amount"]), "name": nil}, nil
		}
		d, err := Decide(env, draft(), Command{Kind: Submit, Actor: "rep", Data: map[string]any{"amount": 1.0, "name": "Gear"}})
		require.NoError(t, err)
		require.Equal(t, map[string]any{"amount": 2.0, "grade": "for 2", "name": nil}, d.Events[2].Set)
		require.Equal(t, map[string]any{"amount": 2.0, "grade": "for 2"}, d.After.Data)
	})
	t.Run("a_failure_refuses_the_command", func(t *testing.T) {
		env.Derive = func(map[string]any) (map[string]any, error) { return nil, errors.New("division by zero") }
		_, err := Decide(env, draft(), Command{Kind: Submit, Actor: "rep", Data: map[string]any{"amount": 1.0}})
		require.True(t, fault.Has(err, ErrDerive))
	})
}

func TestRefusals(t *testing.T) {
	t.Run("a_flow_of_another_version_is_not_run", func(t *testing.T) {
		env := orderFlow(t, "["+ownersTask+"]")
		c := submitted(t, env, nil)
		c.State.Version = 7
		_, err := Decide(env, c, Command{Kind: Complete, Actor: "rep", Task: "t#2"})
		require.True(t, fault.Has(err, ErrWrongFlow))
		require.Equal(t, fault.Internal, fault.KindOf(err))
	})
	t.Run("a_calendar_that_is_gone_refuses_the_command_that_needs_it", func(t *testing.T) {
		env := orderFlow(t, `[{"id": "t", "type": "task", "title": "T", "who": [{"type": "owner"}], "deadline": {"after": 1, "unit": "workingDays", "calendar": "broken"}}]`)
		_, err := Decide(env, draft(), Command{Kind: Submit, Actor: "rep"})
		require.True(t, fault.Has(err, ErrDeadline))
	})
	t.Run("a_date_that_is_none_refuses_the_command_that_sets_it", func(t *testing.T) {
		env := orderFlow(t, `[{"id": "t", "type": "task", "title": "T", "who": [{"type": "owner"}], "deadline": {"after": 1, "unit": "days", "field": "neededBy"}}]`)
		c := submitted(t, env, nil)
		for _, value := range []any{"tomorrow", "2026-13-01", 5.0} {
			_, err := Decide(env, c, Command{Kind: Save, Data: map[string]any{"neededBy": value}})
			require.True(t, fault.Has(err, ErrDeadline), value)
		}
		d, err := Decide(env, c, Command{Kind: Save, Data: map[string]any{"neededBy": "2026-03-05T08:00:00.000Z"}})
		require.NoError(t, err)
		require.Equal(t, time.Date(2026, 3, 6, 8, 0, 0, 0, time.UTC), d.After.State.Tasks[0].DueAt)
	})
	t.Run("one_command_causes_a_thousand_events_at_most", func(t *testing.T) {
		var copies strings.Builder
		for i := range maxEvents + 1 {
			fmt.Fprintf(&copies, `{"id": "c%d", "type": "cc", "who": [{"type": "owner"}]}, `, i)
		}
		env := orderFlow(t, "["+copies.String()+ownersTask+"]")
		_, err := Decide(env, draft(), Command{Kind: Submit, Actor: "rep"})
		require.True(t, fault.Has(err, ErrTooMuch))
	})
	t.Run("the_system_has_no_tasks", func(t *testing.T) {
		env := orderFlow(t, "["+ownersTask+"]")
		_, err := Decide(env, submitted(t, env, nil), Command{Kind: Complete, Task: "t#2"})
		require.True(t, fault.Has(err, ErrNotYours))
	})
	t.Run("every_fault_is_worded_in_both_languages", func(t *testing.T) {
		for _, code := range []*fault.Code{
			ErrNotStarted, ErrSubmitted, ErrEnded, ErrNoFlow, ErrUnknownCommand, ErrTaskGone, ErrNotYours, ErrNothingYours, ErrInactive,
			ErrWrongAction, ErrVoted, ErrGate, ErrNobody, ErrRule, ErrDeadline, ErrDerive, ErrReason, ErrReturnTarget, ErrNoReturn,
			ErrWithdrawer, ErrWithdrawNever, ErrWithdrawDecided, ErrTarget, ErrNoStages, ErrMoveSkips, ErrMoveWaits, ErrMoveElsewhere,
			ErrNoAssignees, ErrAssigneeGone, ErrNotAssignee, ErrEarly, ErrWrongFlow, ErrTooMuch,
		} {
			require.NotEmpty(t, code.Text["en"], code.ID)
			require.NotEmpty(t, code.Text["zh-CN"], code.ID)
		}
	})
}

func TestAssignable(t *testing.T) {
	env := orderFlow(t, `[`+ownersTask+`, {"id": "a", "type": "approval", "title": "A", "who": [{"type": "role", "role": "approver"}, {"type": "field", "field": "engineer"}]}]`)
	c := draft()
	c.Data = map[string]any{"engineer": []any{"boss", "tech", "ghost"}}
	t.Run("those_who_would_get_the_block_each_once_and_active", func(t *testing.T) {
		require.Equal(t, []string{"tech", "quality", "plant", "boss"}, Assignable(env, c, "a"))
	})
	t.Run("nobody_for_a_block_that_is_not_there", func(t *testing.T) {
		require.Empty(t, Assignable(env, c, "nowhere"))
		require.Empty(t, Assignable(Env{}, c, "a"))
	})
}

func TestAccess(t *testing.T) {
	env := orderFlow(t, `[{"id": "s", "type": "stage", "title": "S", "fields": {"grade": "hidden", "amount": "required", "name": "read"}, "blocks": [
		{"id": "t", "type": "task", "title": "T", "who": [{"type": "owner"}], "fields": {"name": "write"}},
		{"id": "a", "type": "approval", "title": "A", "who": [{"type": "manager"}], "fields": {"team": "required"}}]}]`)
	c := submitted(t, env, nil)
	fields := func(c Case, user string) []flow.FieldAccess {
		a := Access(env.Flow, c, user)
		return []flow.FieldAccess{a["name"], a["amount"], a["grade"], a["team"], a["code"]}
	}
	t.Run("a_task_overrides_its_stage", func(t *testing.T) {
		require.Equal(t, []flow.FieldAccess{"write", "required", "hidden", "write", "read"}, fields(c, "rep"))
	})
	t.Run("without_a_task_nothing_is_written", func(t *testing.T) {
		require.Equal(t, []flow.FieldAccess{"read", "read", "hidden", "read", "read"}, fields(c, "boss"))
	})
	d, err := Decide(env, c, Command{Kind: Complete, Actor: "rep", Task: "t#3", Data: map[string]any{"amount": 1.0}})
	require.NoError(t, err)
	t.Run("an_approver_writes_only_what_the_approval_names", func(t *testing.T) {
		require.Equal(t, []flow.FieldAccess{"read", "read", "hidden", "required", "read"}, fields(d.After, "lead"))
	})
	t.Run("two_open_tasks_add_up", func(t *testing.T) {
		both := d.After
		both.State.Tasks = append(both.State.Tasks, Task{ID: "t#9", Block: "t", Kind: flow.Task, Assignees: []string{"lead"}})
		require.Equal(t, []flow.FieldAccess{"write", "required", "hidden", "required", "read"}, fields(both, "lead"))
	})
	t.Run("a_form_without_a_flow_restricts_nothing", func(t *testing.T) {
		require.Nil(t, Access(nil, c, "rep"))
		require.Empty(t, Path(nil, c.State))
	})
}

func TestSame(t *testing.T) {
	for name, pair := range map[string][2]any{
		"numbers_of_different_go_types": {5.0, json.Number("5")},
		"an_int_and_a_float":            {5, 5.0},
		"a_long_and_a_float":            {int64(5), 5.0},
		"moments_in_different_zones":    {time.Unix(0, 0).UTC(), time.Unix(0, 0).In(china)},
		"nested_values":                 {[]any{map[string]any{"qty": 1}}, []any{map[string]any{"qty": 1.0}}},
		"lists_of_texts":                {[]string{"a"}, []string{"a"}},
	} {
		t.Run(name+"_are_the_same", func(t *testing.T) { require.True(t, same(pair[0], pair[1])) })
	}
	for name, pair := range map[string][2]any{
		"a_number_and_its_text":   {5.0, "5"},
		"a_text_and_a_number":     {"5", 5.0},
		"one_and_true":            {1.0, true},
		"lists_of_other_length":   {[]any{1.0}, []any{1.0, 2.0}},
		"lists_of_other_entries":  {[]any{1.0}, []any{2.0}},
		"objects_of_other_keys":   {map[string]any{"a": nil}, map[string]any{"b": nil}},
		"objects_of_other_size":   {map[string]any{"a": 1}, map[string]any{}},
		"an_object_and_a_list":    {map[string]any{}, []any{}},
		"a_moment_and_its_text":   {time.Unix(0, 0), "1970-01-01"},
		"a_list_and_nothing":      {[]any{}, nil},
		"a_text_and_a_yes":        {"true", true},
		"numbers_beyond_parsing":  {json.Number("x"), 1.0},
		"a_yes_and_a_no":          {true, false},
		"texts_that_differ":       {"a", "b"},
		"numbers_that_differ":     {1, 2},
		"lists_of_unknown_things": {[]int{1}, []int{2}},
	} {
		t.Run(name+"_differ", func(t *testing.T) { require.False(t, same(pair[0], pair[1])) })
	}
}

func TestConcurrency(t *testing.T) {
	t.Run("one_flow_decides_for_many_at_once", func(t *testing.T) {
		env, c, cmd := benchCase(t)
		want, err := Decide(env, c, cmd)
		require.NoError(t, err)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range 50 {
					got, err := Decide(env, c, cmd)
					if err != nil || len(got.Events) != len(want.Events) || got.After.State.Stage != want.After.State.Stage {
						t.Errorf("another answer: %v %v", got.After.State, err)
					}
				}
			})
		}
		all.Wait()
	})
}

func TestEmptyValues(t *testing.T) {
	env := orderFlow(t, `[{"id": "t", "type": "task", "title": "T", "who": [{"type": "owner"}], "fields": {"amount": "required", "urgent": "required", "lines": "required"}}]`)
	c := submitted(t, env, nil)
	t.Run("zero_and_false_are_filled_in", func(t *testing.T) {
		_, err := Decide(env, c, Command{Kind: Complete, Actor: "rep", Task: "t#2", Data: map[string]any{"amount": 0.0, "urgent": false, "lines": []any{map[string]any{}}}})
		require.NoError(t, err)
	})
	t.Run("no_rows_are_not", func(t *testing.T) {
		_, err := Decide(env, c, Command{Kind: Complete, Actor: "rep", Task: "t#2", Data: map[string]any{"amount": 0.0, "urgent": false, "lines": []any{}}})
		require.True(t, fault.Has(err, ErrGate))
		require.True(t, form.Empty([]any{}))
	})
}
