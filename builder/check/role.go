package check

import (
	"maps"
	"slices"
	"strconv"

	"github.com/stepwell/stepwell/schemas/app"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/problem"
	"github.com/stepwell/stepwell/schemas/role"
)

// Problems of roles and menus with the rest of their app.
var (
	ErrNoApp        = problem.Define("check.noApp", "The app has no published description. Publish the app itself first, or together with this.", "应用本身尚未发布，请先发布应用，或与此一起发布。")
	ErrNoForm       = problem.Define("check.noForm", "There is no published form {form}. Publish it first, or choose another one.", "没有已发布的表单“{form}”，请先发布它或改选其他表单。")
	ErrNoRole       = problem.Define("check.noRole", "There is no published role {role}. Publish it first, or choose another one.", "没有已发布的角色“{role}”，请先发布它或改选其他角色。")
	ErrRoleCycle    = problem.Define("check.roleCycle", "The role {role} inherits itself through others. Remove one of the links.", "角色“{role}”通过继承又继承了自己，请去掉其中一个继承关系。")
	ErrActionObject = problem.Define("check.actionObject", "{action} means nothing on {object}. Choose from: {choices}.", "“{action}”不适用于“{object}”，可选：{choices}。")
	ErrGrantFields  = problem.Define("check.grantFields", "Fields can be named only for one form, not for all forms at once or for the app.", "只有针对单个表单的授权才能指定字段。")
	ErrGrantField   = problem.Define("check.grantField", "{name} is not a field of {form}.", "“{name}”不是{form}的字段。")
	ErrNoBoard      = problem.Define("check.noBoard", "{form} has no flow with stages, so there is no board of it. Choose the list view.", "“{form}”没有带阶段的流程，无法显示看板，请改用列表。")
)

func (s *Set) roles() {
	for _, key := range slices.Sorted(maps.Keys(s.Roles)) {
		r := s.Roles[key]
		ref := s.ref(definition.KindRole, key)
		for i, parent := range r.Inherits {
			if s.Roles[parent] == nil {
				s.add(ref, "/inherits/"+strconv.Itoa(i), ErrNoRole.At("", problem.Params{"role": parent}))
			}
		}
		if s.inherits(key, key, map[string]bool{}) {
			s.add(ref, "/inherits", ErrRoleCycle.At("", problem.Params{"role": r.Title}))
		}
		for i, g := range r.Grants {
			s.grant(ref, g, "/grants/"+strconv.Itoa(i))
		}
	}
}

// inherits reports whether the role from inherits the role to, directly or not.
func (s *Set) inherits(from, to string, seen map[string]bool) bool {
	r := s.Roles[from]
	if r == nil || seen[from] {
		return false
	}
	seen[from] = true
	for _, parent := range r.Inherits {
		if parent == to || s.inherits(parent, to, seen) {
			return true
		}
	}
	return false
}

func (s *Set) grant(ref definition.Ref, g role.Grant, at string) {
	formKey, onForm := g.Form()
	known := role.AppActions()
	if onForm {
		known = role.FormActions()
	}
	for i, a := range g.Actions {
		if !slices.Contains(known, a) {
			s.add(ref, at+"/actions/"+strconv.Itoa(i), ErrActionObject.At("", problem.Params{"action": string(a), "object": g.Object, "choices": words(known)}))
		}
	}
	if len(g.Fields) > 0 && (!onForm || formKey == "*") {
		s.add(ref, at+"/fields", ErrGrantFields.At("", nil))
		return
	}
	if !onForm || formKey == "*" {
		return
	}
	f := s.Forms[formKey]
	if f == nil {
		s.add(ref, at+"/object", ErrNoForm.At("", problem.Params{"form": formKey}))
		return
	}
	if f.Exec == nil {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(g.Fields)) {
		if _, ok := f.Exec.Field(key); !ok {
			s.add(ref, at+problem.Pointer("fields", key), ErrGrantField.At("", problem.Params{"name": key, "form": f.Title}))
		}
	}
}

func words(actions []role.Action) []string {
	out := make([]string, len(actions))
	for i, a := range actions {
		out[i] = string(a)
	}
	return out
}

// menu checks what the app itself calls by name.
func (s *Set) menu() {
	ref := s.ref(definition.KindApp, s.App)
	if s.Def == nil {
		s.add(ref, "", ErrNoApp.At("", nil))
		return
	}
	for i, item := range s.Def.Menu {
		at := "/menu/" + strconv.Itoa(i)
		f := s.Forms[item.Form]
		switch {
		case f == nil:
			s.add(ref, at+"/form", ErrNoForm.At("", problem.Params{"form": item.Form}))
		case item.View == app.BoardView && !s.staged(item.Form):
			s.add(ref, at+"/view", ErrNoBoard.At("", problem.Params{"form": f.Title}))
		}
	}
	if home := s.Def.Home; home != "" && s.Forms[home] == nil {
		s.add(ref, "/home", ErrNoForm.At("", problem.Params{"form": home}))
	}
}

// staged reports whether a flow with stages belongs to the form.
func (s *Set) staged(formKey string) bool {
	for _, f := range s.Flows {
		if f.Form == formKey && len(f.Stages()) > 0 {
			return true
		}
	}
	return false
}
