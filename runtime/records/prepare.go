package records

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stepwell/stepwell/internal/expr"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/problem"
	"github.com/stepwell/stepwell/schemas/role"
)

var (
	fieldLocked = problem.Define("field.locked", "{field} cannot be changed at this step.", "{field}在当前步骤不能修改。")
	fieldHidden = problem.Define("field.unknown", "There is no field {field} here.", "这里没有字段 {field}。")
	notComputed = problem.Define("field.formula", "{field} could not be computed: {why}.", "{field}无法计算：{why}。")
	ruleFailed  = problem.Define("rule.failed", "A check could not be carried out: {why}.", "校验规则无法执行：{why}。")
)

// prepare turns what was sent into the exact change of the data: only fields that this person may write now, moments in
// the stored form, formulas computed, hidden fields cleared; and checks the result against schema, rules, files and links.
func (s *Service) prepare(ctx context.Context, w *work) error {
	if err := s.attach(ctx, w); err != nil {
		return err
	}
	if w.Command.Kind == engine.HandOver {
		return s.prepareHandOver(ctx, w)
	}
	if w.own != nil {
		return s.prepareOwner(ctx, w)
	}
	sent := w.Command.Data
	submits := w.Command.Kind == engine.Submit
	if len(sent) == 0 && !w.fresh && !submits && w.Narrow.Link == "" {
		return s.loadLinks(ctx, w, w.rec.Data)
	}
	next := make(map[string]any, len(w.rec.Data)+len(sent))
	maps.Copy(next, w.rec.Data)
	if problems := s.merge(w, next, sent); len(problems) > 0 {
		return ErrInvalid.With(nil, problems...)
	}
	if err := s.number(ctx, w, next); err != nil {
		return err
	}
	if err := s.loadLinks(ctx, w, next); err != nil {
		return err
	}
	if err := s.assign(ctx, w, next); err != nil {
		return err
	}
	vars := w.vars(s, next)
	problems := w.compute(next, vars)
	w.patch = difference(w.rec.Data, next)
	strict := submits || w.rec.State.Status != engine.Draft
	options := form.Options{Submit: strict}
	if strict {
		options.Hidden, options.Require = w.hidden(vars), w.required(vars)
	}
	options.Require = append(options.Require, w.Narrow.Only...)
	if w.pooled() {
		options.Hidden[w.form.Exec.Form.Owner] = true
	}
	problems = append(problems, w.form.Exec.Validate(next, options)...)
	if strict {
		problems = append(problems, w.crossCheck(vars)...)
	}
	more, err := s.checkReferences(ctx, w, next)
	if err != nil {
		return err
	}
	problems = append(problems, more...)
	if len(problems) > 0 {
		return ErrInvalid.With(nil, atData(problems)...)
	}
	return nil
}

// merge puts the sent fields into next, refusing those that this person may not write now.
func (s *Service) merge(w *work, next, sent map[string]any) []problem.Problem {
	var problems []problem.Problem
	rights, roles := s.fieldAccess(w), s.roleAccess(w)
	for _, key := range slices.Sorted(maps.Keys(sent)) {
		value := sent[key]
		fd, known := w.form.Exec.Field(key)
		if !known {
			next[key] = value // the schema says what it thinks of it
			continue
		}
		if !w.Narrow.allows(key) {
			problems = append(problems, fieldLocked.At(problem.Pointer("data", key), problem.Params{"field": fd.Title}))
			continue
		}
		if roles.sees(key) && reflect.DeepEqual(next[key], value) {
			continue // echoing what is there changes nothing; what is hidden must not be found by guessing
		}
		switch rights[key] { //nolint:exhaustive // read is what is left
		case flow.Write, flow.Required:
		case flow.Hidden:
			problems = append(problems, fieldHidden.At(problem.Pointer("data", key), problem.Params{"field": key}))
			continue
		default:
			problems = append(problems, fieldLocked.At(problem.Pointer("data", key), problem.Params{"field": fd.Title}))
			continue
		}
		if value == nil {
			delete(next, key)
			continue
		}
		if fd.Type == form.Checklist {
			value = w.ticked(w.rec.Data[key], value)
		}
		next[key] = normal(fd, value)
	}
	slices.SortFunc(problems, func(a, b problem.Problem) int { return strings.Compare(a.Pointer, b.Pointer) })
	return problems
}

// normal puts a value into the form in which it is stored: moments in UTC, text without blanks around it.
func normal(fd *form.Field, value any) any {
	text, ok := value.(string)
	if !ok {
		return value
	}
	switch fd.Type { //nolint:exhaustive // the others are stored as they are sent
	case form.DateTime:
		if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
			return store.FormatTime(t)
		}
		return text // the schema refuses it
	case form.Text, form.Phone, form.Email, form.URL:
		return strings.TrimSpace(text)
	default:
		return text
	}
}

// fieldAccess is what this person may do with each field now: what the open step allows, narrowed by their roles. The
// system may write everything that is not computed.
func (s *Service) fieldAccess(w *work) map[string]flow.FieldAccess {
	step := engine.Access(w.flow, w.rec.Case(), w.rightsOf())
	roles := s.roleAccess(w)
	out := make(map[string]flow.FieldAccess, len(w.form.Exec.Fields))
	var vars expr.Vars // for the fields that have a rule, which are few
	for i := range w.form.Exec.Fields {
		fd := &w.form.Exec.Fields[i]
		a, ok := step[fd.Key]
		if !ok {
			a = flow.Write
		}
		if w.By == "" && a != flow.Required {
			a = flow.Write
		}
		a = narrower(a, roles(fd.Key))
		if fd.Computed() && a != flow.Hidden {
			a = flow.Read
		}
		if lock := w.form.Rules(fd.Key).Lock; lock != nil && (a == flow.Write || a == flow.Required) {
			if vars == nil {
				vars = w.vars(s, w.rec.Data)
			}
			if locked, err := lock.EvalBool(vars); err == nil && locked {
				a = flow.Read
			}
		}
		out[fd.Key] = a
	}
	return out
}

// roleAccess is what the person's roles let them do with each field. For somebody who holds a task the step decides about
// the fields that no role names, because who is asked to fill them must be able to.
func (s *Service) roleAccess(w *work) allowed {
	v := s.sight(w.rightsOf(), w.form)
	held := slices.ContainsFunc(w.rec.State.Tasks, func(t engine.Task) bool { return t.Involves(v.by) })
	if v.by == "" || !held || v.mask.Silent() {
		return v.in(w.flow, w.rec)
	}
	return func(field string) role.FieldAccess {
		if named, ok := v.mask.Named[field]; ok {
			return named
		}
		return role.FieldWrite
	}
}

// narrower is what is left of a step's right to a field when the role allows only so much.
func narrower(step flow.FieldAccess, allowed role.FieldAccess) flow.FieldAccess {
	switch {
	case step == flow.Hidden, allowed == role.FieldHidden:
		return flow.Hidden
	case allowed == role.FieldRead:
		return flow.Read
	default:
		return step
	}
}

// number gives the automatic numbers that the record does not have yet.
func (s *Service) number(ctx context.Context, w *work, next map[string]any) error {
	for i := range w.form.Exec.Fields {
		fd := &w.form.Exec.Fields[i]
		if fd.Type != form.AutoNumber || next[fd.Key] != nil {
			continue
		}
		n, err := s.nextNumber(ctx, w, fd)
		if err != nil {
			return err
		}
		next[fd.Key] = n
	}
	return nil
}

// compute applies defaults to a new record, clears what is hidden, and computes the formulas in the order of their
// dependencies.
func (w *work) compute(next map[string]any, vars expr.Vars) []problem.Problem {
	var problems []problem.Problem
	if w.fresh {
		w.defaults(next, vars)
	}
	for key := range w.hidden(vars) {
		delete(next, key)
	}
	for _, key := range w.form.FormulaOrder {
		problems = append(problems, w.formula(key, next, vars)...)
	}
	return problems
}

// defaults fills what a new record begins with and was not sent.
func (w *work) defaults(next map[string]any, vars expr.Vars) {
	for key, value := range w.form.Exec.Defaults() {
		if _, sent := next[key]; !sent {
			next[key] = value
		}
	}
	for i := range w.form.Exec.Fields {
		key := w.form.Exec.Fields[i].Key
		rule := w.form.Rules(key).Default
		if rule == nil || next[key] != nil || w.pooled() && key == w.form.Exec.Form.Owner {
			continue
		}
		if value, err := rule.Eval(vars); err == nil && value != nil {
			next[key] = value
		}
	}
}

// derive are the computed fields that follow from data which the flow itself has changed.
func (s *Service) derive(w *work, data map[string]any) (map[string]any, error) {
	next := maps.Clone(data)
	vars := w.vars(s, next)
	for _, key := range w.form.FormulaOrder {
		if problems := w.formula(key, next, vars); len(problems) > 0 {
			return nil, ErrInvalid.With(nil, atData(problems)...)
		}
	}
	return difference(data, next), nil
}

// formula computes one formula field, or one column in every row.
func (w *work) formula(key string, next map[string]any, vars expr.Vars) []problem.Problem {
	program := w.form.Rules(key).Formula
	table, column, inRow := strings.Cut(key, ".")
	fd, _ := w.form.Exec.Field(table)
	if !inRow {
		return put(next, table, fd, problem.Pointer(table), program, vars)
	}
	rows, _ := next[table].([]any)
	if len(rows) == 0 {
		return nil
	}
	cell, _ := fd.Column(column)
	fresh := make([]any, len(rows))
	var problems []problem.Problem
	for i, row := range rows {
		members, ok := row.(map[string]any)
		if !ok {
			fresh[i] = row // the schema refuses it
			continue
		}
		members = maps.Clone(members)
		vars[expr.RowVar] = members
		problems = append(problems, put(members, column, cell, problem.Pointer(table, strconv.Itoa(i), column), program, vars)...)
		fresh[i] = members
	}
	delete(vars, expr.RowVar)
	next[table] = fresh
	return problems
}

// put stores the result of a formula; one that lacks a value has none.
func put(members map[string]any, key string, fd *form.Field, pointer string, program *expr.Program, vars expr.Vars) []problem.Problem {
	value, err := program.Eval(vars)
	switch {
	case err == nil && value != nil:
		members[key] = value
		return nil
	case err == nil, expr.IsMissing(err):
		delete(members, key)
		return nil
	}
	delete(members, key)
	return []problem.Problem{notComputed.At(pointer, problem.Params{"field": fd.Title, "why": wording(err)})}
}

// wording is what a failed rule says, in both languages.
func wording(err error) problem.Text {
	f, ok := fault.As(err)
	if !ok {
		return problem.Plain(err.Error())
	}
	return problem.Text{"zh-CN": f.Message("zh-CN"), "en": f.Message("en")}
}

// hidden are the fields that their rule hides now.
func (w *work) hidden(vars expr.Vars) map[string]bool {
	out := map[string]bool{}
	for i := range w.form.Exec.Fields {
		key := w.form.Exec.Fields[i].Key
		if show := w.form.Rules(key).Show; show != nil {
			if shown, err := show.EvalBool(vars); err == nil && !shown {
				out[key] = true
			}
		}
	}
	return out
}

// required are the fields that a rule makes required now.
func (w *work) required(vars expr.Vars) []string {
	var out []string
	for i := range w.form.Exec.Fields {
		key := w.form.Exec.Fields[i].Key
		if rule := w.form.Rules(key).Require; rule != nil {
			if needed, err := rule.EvalBool(vars); err == nil && needed {
				out = append(out, key)
			}
		}
	}
	return out
}

// crossCheck are the form's own checks that do not hold.
func (w *work) crossCheck(vars expr.Vars) []problem.Problem {
	var problems []problem.Problem
	for _, check := range w.form.Checks {
		holds, err := check.Program.EvalBool(vars)
		pointer := ""
		if check.Field != "" {
			pointer = problem.Pointer(check.Field)
		}
		switch {
		case err != nil:
			problems = append(problems, ruleFailed.At(pointer, problem.Params{"why": wording(err)}))
		case !holds:
			problems = append(problems, problem.Problem{Pointer: pointer, Code: &problem.Code{ID: "rule." + check.ID, Text: check.Message}})
		}
	}
	return problems
}

// vars are the variables of the record's rules.
func (w *work) vars(s *Service, data map[string]any) expr.Vars {
	rec := w.rec
	return expr.Vars{
		"form": data, "link": w.links, "user": s.userVars(w.By, w.App), "now": w.now.In(s.zone), expr.CalendarVar: w.form.Calendars.Default(),
		"record": map[string]any{
			"id": rec.ID, "title": rec.Title, "stage": rec.Stage, "status": string(rec.Status), "owner": rec.Owner,
			"department": rec.Department, "createdAt": rec.CreatedAt.Time, "createdBy": rec.CreatedBy, "limits": s.limits(rec.Owner, w.App),
		},
	}
}

func (s *Service) userVars(id, app string) map[string]any {
	u, ok := s.people.Directory().User(id)
	if !ok {
		return map[string]any{"id": id}
	}
	return map[string]any{"id": id, "name": u.Name, "department": u.Department, "roles": u.RolesIn(app), "limits": s.limits(id, app)}
}

// difference is the merge patch that turns before into after.
func difference(before, after map[string]any) map[string]any {
	patch := make(map[string]any, max(0, len(after)-len(before)))
	for k, v := range after {
		if old, ok := before[k]; !ok || !reflect.DeepEqual(old, v) {
			patch[k] = v
		}
	}
	for k := range before {
		if _, ok := after[k]; !ok {
			patch[k] = nil
		}
	}
	return patch
}

// atData moves the pointers of problems in a record's data to where they are in a request.
func atData(problems []problem.Problem) []problem.Problem {
	out := make([]problem.Problem, len(problems))
	for i, p := range problems {
		if !strings.HasPrefix(p.Pointer, "/data") {
			p.Pointer = "/data" + p.Pointer
		}
		out[i] = p
	}
	return out
}
