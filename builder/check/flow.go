package check

import (
	"maps"
	"regexp"
	"slices"
	"strconv"

	"github.com/stepwell/stepwell/internal/expr"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Problems of a flow with the rest of its app.
var (
	ErrFlowForm    = problem.Define("check.flowForm", "The flow belongs to the form {form}, which is not published. Publish it first, or together with the flow.", "流程所属的表单“{form}”尚未发布，请先发布它，或与流程一起发布。")
	ErrTwoFlows    = problem.Define("check.twoFlows", "The form {form} already has the flow {other}. A form has one flow; change that one or use another form.", "表单“{form}”已有流程“{other}”。一个表单只能有一个流程，请修改原流程或换一个表单。")
	ErrNoCalendar  = problem.Define("check.noCalendar", "There is no published calendar {calendar}. Publish it first, or choose another one.", "没有已发布的工作日历“{calendar}”，请先发布它或改选其他日历。")
	ErrNoChannel   = problem.Define("check.noChannel", "There is no published channel {channel}. Publish it first, or choose another one.", "没有已发布的通知渠道“{channel}”，请先发布它或改选其他渠道。")
	ErrPlaceholder = problem.Define("check.placeholder", "The message names {place}, which is neither a field of {form} nor one of {known}.", "通知内容中的“{place}”既不是{form}的字段，也不是 {known} 之一。")
)

// builtIn are the channels that are there without a definition.
var builtIn = []string{"inApp", "email"}

func (s *Set) flows() {
	taken := map[string]string{}
	roles := s.roleKeys()
	for _, key := range slices.Sorted(maps.Keys(s.Flows)) {
		f := s.Flows[key]
		ref := s.ref(definition.KindFlow, key)
		target := s.Forms[f.Form]
		var fm *form.Form
		switch other, twice := taken[f.Form]; {
		case f.Form == "": // flow.Check says so
		case target == nil:
			s.add(ref, "/form", ErrFlowForm.At("", problem.Params{"form": f.Form}))
		case f.Part: // runs only inside others
		case twice:
			s.add(ref, "/form", ErrTwoFlows.At("", problem.Params{"form": target.Title, "other": s.Flows[other].Title}))
		default:
			taken[f.Form] = key
		}
		if target != nil {
			fm = target.Form
		}
		s.add(ref, "", f.Check(fm, roles)...)
		_, problems := f.Inline(func(_ *flow.Flow, key string) *flow.Flow { return s.Flows[key] })
		s.add(ref, "", problems...)
		s.flow(ref, f)
	}
}

// places are what a message may name besides the fields of its record.
var places = []string{"record", "step", "reason", "outcome", "due", "actor", "owner", "department", "stage", "createdAt", "createdBy"}

var place = regexp.MustCompile(`\{([\pL_][\pL\pN_]*)(?:\.([\pL\pN_]+))?[\pL\pN_.]*\}`)

// message checks the {places} of a message's wording.
func (s *Set) message(ref definition.Ref, f *flow.Flow, wording definition.Text, at string) {
	target := s.Forms[f.Form]
	if target == nil || target.Exec == nil {
		return
	}
	for _, lang := range slices.Sorted(maps.Keys(wording)) {
		for _, m := range place.FindAllStringSubmatch(wording[lang], -1) {
			if !s.names(target, m[1], m[2]) {
				s.add(ref, at, ErrPlaceholder.At("", problem.Params{"place": m[0], "form": target.Title, "known": places}))
			}
		}
	}
}

// names reports whether a place names something: a word of messages, a field, or through a link a field of the linked form.
func (s *Set) names(target *Form, key, further string) bool {
	if slices.Contains(places, key) {
		return true
	}
	fd, ok := target.Exec.Field(key)
	if !ok || further == "" {
		return ok
	}
	if fd.Type != form.Link || fd.Link == nil {
		return false
	}
	linked := s.Forms[fd.Link.Form]
	if linked == nil || linked.Exec == nil {
		return true // told already
	}
	_, ok = linked.Exec.Field(further)
	return ok
}

// channels checks what channels call by name.
func (s *Set) channels() {
	for key, c := range s.Channels {
		if c.Calendar != "" && s.Calendars[c.Calendar] == nil {
			s.add(s.ref(definition.KindChannel, key), "/calendar", ErrNoCalendar.At("", problem.Params{"calendar": c.Calendar}))
		}
	}
}

// flow checks what a flow calls by name, and its rules.
func (s *Set) flow(ref definition.Ref, f *flow.Flow) {
	r := rules{set: s, ref: ref}
	env, rulesKnown := s.Env(f.Form)
	for p := range f.All() {
		s.deadline(ref, f, p.Deadline, p.Pointer+"/deadline")
		s.delay(ref, p.Until, p.Pointer+"/until")
		s.delay(ref, p.Timeout, p.Pointer+"/timeout")
		for i := range p.Items {
			s.deadline(ref, f, p.Items[i].Deadline, p.Pointer+"/items/"+strconv.Itoa(i)+"/deadline")
		}
		for i, n := range p.Notify {
			s.notify(ref, f, n, p.Pointer+"/notify/"+strconv.Itoa(i))
		}
		if p.Type == flow.Create {
			s.creates(ref, p)
		}
		if rulesKnown {
			r.block(r.inside(env, s.Forms[f.Form].Exec, p), s.Forms[f.Form].Exec, p)
		}
	}
}

func (s *Set) notify(ref definition.Ref, f *flow.Flow, n flow.Notify, at string) {
	s.message(ref, f, n.Title, at+"/title")
	s.message(ref, f, n.Text, at+"/text")
	for i, key := range n.Channels {
		if s.Channels[key] == nil && !slices.Contains(builtIn, key) {
			s.add(ref, at+"/channels/"+strconv.Itoa(i), ErrNoChannel.At("", problem.Params{"channel": key}))
		}
	}
}

func (r *rules) block(env *expr.Env, fm *form.Executable, p flow.Place) {
	r.compile(env, p.Waive, expr.WantBool, p.Pointer+"/waive")
	for i, c := range p.Checks {
		r.compile(env, c.Rule, expr.WantBool, p.Pointer+"/checks/"+strconv.Itoa(i)+"/rule")
	}
	for i, c := range p.Cases {
		r.compile(env, c.When, expr.WantBool, p.Pointer+"/cases/"+strconv.Itoa(i)+"/when")
	}
	r.compile(env, p.When, expr.WantBool, p.Pointer+"/when")
	if p.Call != nil {
		for _, key := range slices.Sorted(maps.Keys(p.Call.Body)) {
			r.compile(env, p.Call.Body[key], expr.WantAny, p.Pointer+problem.Pointer("call", "body", key))
		}
	}
	if p.Type == flow.Webhook {
		env = r.with(env, p.Pointer, expr.Answer())
	}
	for _, key := range slices.Sorted(maps.Keys(p.Set)) {
		want := expr.WantAny
		if f, ok := fm.Field(key); ok && p.Type != flow.Create {
			want = expr.WantOf(f)
		}
		r.compile(env, p.Set[key], want, p.Pointer+problem.Pointer("set", key))
	}
}
