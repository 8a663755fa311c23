package check

import (
	"maps"
	"slices"
	"strconv"

	"github.com/stepwell/stepwell/internal/expr"
	"github.com/stepwell/stepwell/schemas/automation"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Problems of an automation with the rest of its app.
var (
	ErrAutomationForm  = problem.Define("check.automationForm", "The automation is about the form {form}, which is not published. Publish it first, or together with the automation.", "自动化所属的表单“{form}”尚未发布，请先发布它，或与自动化一起发布。")
	ErrAutomationStage = problem.Define("check.automationStage", "The flow of {form} has no stage {stage}. Choose one of {known}.", "{form}的流程中没有阶段“{stage}”，请选择：{known}。")
	ErrAutomationRole  = problem.Define("check.automationRole", "There is no role {role} in this app. Choose another one.", "该应用中没有角色“{role}”，请改选。")
)

func (s *Set) automations() {
	roles := slices.Sorted(maps.Keys(s.Roles))
	for _, key := range slices.Sorted(maps.Keys(s.Automations)) {
		a, ref := s.Automations[key], s.ref(definition.KindAutomation, key)
		target := s.Forms[a.Form]
		if target == nil {
			s.add(ref, "/form", ErrAutomationForm.At("", problem.Params{"form": a.Form}))
			continue
		}
		s.add(ref, "", a.Check(target.Form, roles)...)
		s.flow(ref, a.Flow())
		s.setOff(ref, a)
		if env, ok := s.Env(a.Form); ok {
			r := rules{set: s, ref: ref}
			r.compile(env, a.When, expr.WantBool, "/when")
		}
	}
}

// setOff checks what the trigger of an automation calls by name.
func (s *Set) setOff(ref definition.Ref, a *automation.Automation) {
	t := &a.Trigger
	s.delay(ref, t.Moment, "/trigger/moment")
	if t.Times != nil && t.Times.Calendar != "" && s.Calendars[t.Times.Calendar] == nil {
		s.add(ref, "/trigger/times/calendar", ErrNoCalendar.At("", problem.Params{"calendar": t.Times.Calendar}))
	}
	stages := s.stagesOf(a.Form)
	for i, stage := range t.Stages {
		if !slices.Contains(stages, stage) {
			s.add(ref, "/trigger/stages/"+strconv.Itoa(i), ErrAutomationStage.At("", problem.Params{"form": s.Forms[a.Form].Title, "stage": stage, "known": stages}))
		}
	}
	for i, role := range t.Roles {
		if s.Roles[role] == nil {
			s.add(ref, "/trigger/roles/"+strconv.Itoa(i), ErrAutomationRole.At("", problem.Params{"role": role}))
		}
	}
	for i, who := range a.Tell {
		if who.Type == flow.WhoRole && s.Roles[who.Role] == nil {
			s.add(ref, "/tell/"+strconv.Itoa(i)+"/role", ErrAutomationRole.At("", problem.Params{"role": who.Role}))
		}
	}
}

// stagesOf are the stages that records of a form walk through.
func (s *Set) stagesOf(formKey string) []string {
	var out []string
	for _, f := range s.Flows {
		if f.Form == formKey && !f.Part {
			for _, stage := range f.Stages() {
				out = append(out, stage.ID)
			}
		}
	}
	return out
}
