package automation

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/runtime/chain"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/queue"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Faults of runs.
var (
	ErrLoop   = fault.Define(fault.Conflict, "automation.loop", "Automations have set one another off, {limit} deep: {chain}. This run is not begun; look for the circle.", "自动化已连锁触发 {limit} 层：{chain}。本次不再运行，请检查是否存在循环。")
	ErrRate   = fault.Define(fault.Conflict, "automation.tooOften", "It has been set off more than {limit} times a minute for one record{chain}. This run is not begun.", "同一条记录在一分钟内触发超过 {limit} 次{chain}，本次不再运行。")
	ErrBusy   = fault.Define(fault.Conflict, "automation.busy", "The run is at work right now. Try again in a moment.", "该运行正在执行，请稍后重试。")
	ErrNoRun  = fault.Define(fault.NotFound, "automation.noRun", "There is no such run.", "没有这次运行。")
	ErrNotNow = fault.Define(fault.Conflict, "automation.notNow", "The run is {state}; that is not possible now.", "该运行目前为“{state}”，不能这样操作。")
)

// guard looks whether a run may begin at all; true when it has ended here.
func (w *work) guard(ctx context.Context) (stop bool, err error) {
	r := w.run
	paused, err := w.Paused(ctx, r.App, r.Automation)
	if err != nil {
		return false, err
	}
	if paused != nil && r.Cause.On != "" {
		return true, w.end(ctx, Skipped, whyOff)
	}
	limits := w.a.Limits.Of()
	if r.Depth() > limits.Depth {
		return true, w.stop(ctx, ErrLoop.With(problem.Params{"limit": limits.Depth, "chain": w.path(r.Chain.Then(r.link()))}))
	}
	if r.Record == "" {
		return false, nil
	}
	since := store.FormatTime(r.At.Add(-time.Minute))
	n, err := w.Store.Count(ctx, RunCollection, store.Filter{
		"record": r.Record, "automation": r.Automation, "at": store.Filter{"$gt": since, "$lte": store.FormatTime(r.At.Time)},
		"state": store.Filter{"$in": []any{string(queue.Pending), string(queue.Dead), string(Done)}},
	}, 0)
	if err != nil {
		return false, fmt.Errorf("count runs of %s: %w", r.Automation, err)
	}
	if n > int64(limits.PerMinute) {
		led := problem.Text{"en": "", "zh-CN": ""}
		if len(r.Chain) > 0 {
			path := w.path(r.Chain.Then(r.link()))
			led = problem.Text{"en": ": " + path.In("en"), "zh-CN": "：" + path.In("zh-CN")}
		}
		return true, w.stop(ctx, ErrRate.With(problem.Params{"limit": limits.PerMinute, "chain": led}))
	}
	return false, nil
}

// path is a chain in words.
func (w *work) path(c chain.Chain) problem.Text {
	out := problem.Text{}
	for _, lang := range []string{"en", "zh-CN"} {
		names := make([]string, len(c))
		for i, l := range c {
			names[i] = l.Automation
			for _, a := range w.a.App.Automations() {
				if a.Key == l.Automation {
					names[i] = a.Title.In(lang)
				}
			}
		}
		out[lang] = strings.Join(names, " → ")
	}
	return out
}

// stop ends a run that would go on without an end, and tells the app's admins.
func (w *work) stop(ctx context.Context, why *fault.Error) error {
	return w.close(ctx, Stopped, why, "stopped", problem.Text{
		"en": "Automation stopped: {title}", "zh-CN": "自动化已被中止：{title}",
	})
}

// fail ends a run that has failed for good, and tells whoever published it and those whom it names. Somebody may retry it.
func (w *work) fail(ctx context.Context, why error) error {
	return w.close(ctx, queue.Dead, why, "failed", problem.Text{
		"en": "Automation failed: {title}", "zh-CN": "自动化运行失败：{title}",
	})
}

// close ends a run and tells people. They are told of each automation once an hour, however many of its runs come to this.
func (w *work) close(ctx context.Context, state queue.State, why error, what string, title problem.Text) error {
	said := words(why)
	if w.a != nil {
		now := w.Clock.Now()
		effect := engine.Effect{
			Key:   w.run.App + "-" + w.run.Automation + "-" + what + "-" + now.UTC().Format("2006010215"),
			Cause: engine.CauseFailed, To: w.told(ctx, state), Title: plain(title, w.a), Text: plainText(said),
		}
		about := notices.Subject{
			App: w.run.App, Form: w.run.Form, Title: w.a.Title.In(w.Lang), At: now, Zone: w.Zone, Link: PagePath(w.run.App, w.run.Automation, w.run.ID),
		}
		if err := w.tell(ctx, effect, about); err != nil {
			return err
		}
	}
	return w.end(ctx, state, said)
}

// PagePath is the address of a run's page, below the installation's public address.
func PagePath(app, key, run string) string {
	return "/build/" + app + "/automations/" + key + "?run=" + run
}

func plain(title problem.Text, a *catalog.Automation) definition.Text {
	out := definition.Text{}
	for lang, text := range title {
		out[lang] = strings.ReplaceAll(text, "{title}", a.Title.In(lang))
	}
	return plainText(out)
}

// plainText keeps a notice from reading {places} in what is no wording of a definition.
func plainText(t definition.Text) definition.Text {
	out := definition.Text{}
	for lang, text := range t {
		out[lang] = strings.NewReplacer("{", "(", "}", ")").Replace(text)
	}
	return out
}

// told are those who learn that a run has come to nothing: for a loop the app's admins, else its publisher and those that it
// names, and the admins when nobody of these is there.
func (w *work) told(ctx context.Context, state queue.State) []string {
	d := w.People.Directory()
	var to []string
	add := func(users ...string) {
		for _, u := range users {
			if u != "" && d.Active(u) && !slices.Contains(to, u) {
				to = append(to, u)
			}
		}
	}
	add(w.a.PublishedBy)
	if len(w.a.Tell) > 0 && w.a.Flow != nil && w.look(ctx) == nil {
		add(engine.Resolve(w.env, w.rec.Case(), w.a.Tell)...)
	}
	if state == Stopped || len(to) == 0 {
		add(d.WithRole(w.run.App, engine.RoleAdmin)...)
	}
	return to
}

// hold does something with a run that no worker has, as a worker would, and lets it go on.
func (s *Service) hold(ctx context.Context, r *Run, do func(*work) error) error {
	claim := rand.Text()
	doc, err := s.Store.FindAndUpdate(ctx, RunCollection,
		store.Filter{"_id": r.ID, "state": string(queue.Pending), "leaseBy": store.Filter{"$exists": false}}, nil,
		store.Update{Set: map[string]any{"leaseBy": claim, "readyAt": store.FormatTime(s.Clock.Now().Add(2 * runTimeout))}}, false)
	if fault.Has(err, store.ErrNotFound) {
		return ErrBusy.With(nil)
	}
	if err != nil {
		return fmt.Errorf("claim run %s: %w", r.ID, err)
	}
	fresh, err := readRun(doc)
	if err != nil {
		return err
	}
	fresh.LeaseBy = claim
	w := &work{Service: s, run: fresh}
	if w.a, err = s.Catalog.Automation(ctx, r.App, r.Automation, r.Version); err != nil {
		return err // the lease runs out
	}
	err = do(w)
	if errors.Is(err, queue.ErrRemoved) {
		return nil // it has ended
	}
	_, again := s.Store.FindAndUpdate(ctx, RunCollection, store.Filter{"_id": r.ID, "leaseBy": claim}, nil, store.Update{
		Set: map[string]any{"readyAt": store.FormatTime(s.Clock.Now())}, Unset: []string{"leaseBy", "notBefore"},
	}, false)
	if again != nil && !fault.Has(again, store.ErrNotFound) {
		return errors.Join(err, fmt.Errorf("let run %s go on: %w", r.ID, again))
	}
	s.runs.Nudge()
	return err
}

// Cancel ends a run that waits.
func (s *Service) Cancel(ctx context.Context, r *Run, by string) error {
	if r.State != queue.Pending {
		return ErrNotNow.With(problem.Params{"state": stateWords[r.State]})
	}
	name := s.People.Directory().Name(by, s.Lang)
	return s.hold(ctx, r, func(w *work) error {
		return w.end(ctx, Stopped, problem.Text{"en": "Called off by " + name + ".", "zh-CN": "已由 " + name + " 中止。"})
	})
}

// Retry lets a run that has failed go on from the step that failed.
func (s *Service) Retry(ctx context.Context, r *Run) error {
	if r.State != queue.Dead {
		return ErrNotNow.With(problem.Params{"state": stateWords[r.State]})
	}
	if step := r.Failed(); step != nil {
		step.State, step.DoneAt, step.Error = StepPending, store.Moment{}, nil
	}
	now := store.FormatTime(s.Clock.Now())
	set, err := plainOf(map[string]any{"steps": r.Steps})
	if err != nil {
		return fmt.Errorf("encode run %s: %w", r.ID, err)
	}
	for key, value := range map[string]any{"state": string(queue.Pending), "readyAt": now, "retriedAt": now, "attempts": 0, "unreached": 0} {
		set[key] = value
	}
	_, err = s.Store.FindAndUpdate(ctx, RunCollection, store.Filter{"_id": r.ID, "state": string(queue.Dead)}, nil,
		store.Update{Set: set, Unset: []string{"error", "errorText", "why", "endedAt", "notBefore", "leaseBy"}}, false)
	if fault.Has(err, store.ErrNotFound) {
		return ErrNotNow.With(problem.Params{"state": stateWords[queue.Pending]})
	}
	if err != nil {
		return fmt.Errorf("retry run %s: %w", r.ID, err)
	}
	s.runs.Nudge()
	return nil
}

var stateWords = map[queue.State]problem.Text{
	queue.Pending: {"en": "under way", "zh-CN": "进行中"}, queue.Dead: {"en": "failed", "zh-CN": "失败"}, Done: {"en": "done", "zh-CN": "已完成"},
	Skipped: {"en": "skipped", "zh-CN": "已跳过"}, Stopped: {"en": "stopped", "zh-CN": "已中止"},
}
