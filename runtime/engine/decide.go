package engine

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/stepwell/stepwell/internal/expr"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Env is what the engine knows of the world besides the case. It never changes any of it.
type Env struct {
	Flow      *Flow // the version the case runs on, or for a draft the one to begin; nil: the form has no flow
	From      *Flow // migrate: the version the case runs on; Flow is then the one to go to
	App       string
	Directory Directory
	Calendars Calendars
	Now       time.Time      // its location decides which day it is for rules
	Link      map[string]any // link field → data of the linked record, for rules
	User      map[string]any // who acts, for rules
	Calendar  expr.Calendar  // working days for rules; nil: Monday to Friday
	// Derive gives the computed fields that follow from data, nil for one that has no value. It is asked after the flow
	// itself has changed data; what a command brings is complete already. nil: the form computes nothing.
	Derive func(data map[string]any) (map[string]any, error)
}

// RoleAdmin is the role of an app whose holders get what nobody else can be found for.
const RoleAdmin = "admin"

// Outcomes of flows that end without an end block.
const (
	OutcomeCompleted = "completed" // the blocks ran out
	OutcomeRejected  = "rejected"  // an approval was refused
)

// maxEvents bounds what one command may cause.
const maxEvents = 1000

// Decide answers a command: the events that it causes, or why it is refused (always a *fault.Error). It looks at nothing
// but its arguments and changes none of them; equal arguments give equal answers. Whether the actor may see or edit the
// record at all, override or hand over, is the caller's question; whether a task is theirs is the engine's.
func Decide(env Env, c Case, cmd Command) (Decision, error) {
	r := &run{env: env, flow: env.Flow, cmd: cmd, c: c}
	detach(&r.c.State)
	if err := r.command(); err != nil {
		return Decision{}, err
	}
	if err := r.settle(); err != nil {
		return Decision{}, err
	}
	return Decision{Events: r.events, Effects: r.effects, After: r.c}, nil
}

// run is one decision in the making.
type run struct {
	env     Env
	flow    *Flow
	cmd     Command
	c       Case // as it stands after the events so far
	events  []Event
	effects []Effect
	vars    expr.Vars // of rules, made when the first is asked
	stale   bool      // something that vars show has changed
	in      string    // the frame in which the run stands; "" directly in a stage or at the top
	todo    []cursor  // ways that have yet to be walked
	seen    string    // the frame whose element vars show
	// settling is set while the run goes on by itself, after what the command said is done.
	settling bool
	// acting is set while something is done without anybody because a deadline has passed.
	acting bool
	// returned is set while blocks are entered again because somebody sent the record back.
	returned bool
}

// emit adds an event and applies it.
func (r *run) emit(ev Event) {
	ev.Seq = r.c.State.Seq + 1
	ev.At = r.env.Now.UTC()
	if r.events == nil {
		r.events = make([]Event, 0, 8)
	}
	r.events = append(r.events, ev)
	apply(&r.c, &r.events[len(r.events)-1])
	switch ev.Kind { //nolint:exhaustive // the others change nothing that rules see
	case DataChanged, Submitted, StageEntered, StageLeft:
		r.stale = true
	}
}

// key names something that the next event opens: unique in the record.
func (r *run) key(block string) string {
	return block + "#" + strconv.FormatInt(r.c.State.Seq+1, 10)
}

func (r *run) command() error {
	if err := r.timely(); err != nil {
		return err
	}
	if done, err := r.standsStill(); done || err != nil {
		return err
	}
	switch r.cmd.Kind {
	case Save:
		return r.change("", r.cmd.Data)
	case Suspend:
		return r.suspend()
	case Resume:
		return r.resume()
	case Cancel:
		return r.cancel()
	case Submit:
		return r.submit()
	case Complete:
		return r.complete()
	case Approve:
		return r.approve()
	case Reject:
		return r.reject()
	case Return:
		return r.sendBack()
	case Move:
		return r.move()
	case Withdraw:
		return r.withdraw()
	case Override:
		return r.override()
	case Fire:
		return r.fire()
	case Assign:
		return r.assign()
	case Tick, Untick:
		return r.tick()
	case Signal:
		return r.signal()
	case Answer:
		return r.answer()
	case Migrate:
		return r.migrate()
	case Recalculate:
		return r.recalculate()
	}
	return ErrUnknownCommand.With(problem.Params{"value": r.cmd.Kind})
}

// timely refuses what cannot be done at the present state of the record.
func (r *run) timely() error {
	s := &r.c.State
	if (r.cmd.Kind == Fire || r.cmd.Kind == Answer || r.cmd.Kind == Recalculate) && s.Status != Running {
		return nil // the record has moved on; they find nothing that waits for them
	}
	switch s.Status {
	case Ended:
		outcome := problem.Plain(s.Outcome)
		if r.flow != nil {
			outcome = r.flow.OutcomeLabel(s.Outcome)
		}
		return ErrEnded.With(problem.Params{"outcome": outcome})
	case Running:
		if r.cmd.Kind == Submit {
			return ErrSubmitted.With(nil)
		}
		runs := r.flow
		if r.cmd.Kind == Migrate {
			runs = r.env.From
		}
		if r.flow == nil || runs == nil || r.flow.Key != s.Flow || runs.Key != s.Flow || runs.Version != s.Version {
			return ErrWrongFlow.With(problem.Params{"flow": s.Flow, "version": s.Version})
		}
	case Active:
		if r.cmd.Kind == Submit {
			return ErrSubmitted.With(nil)
		}
		if r.cmd.Kind != Save {
			return ErrNoFlow.With(nil)
		}
	case Draft:
		if r.cmd.Kind != Save && r.cmd.Kind != Submit {
			return ErrNotStarted.With(nil)
		}
	}
	return nil
}

func (r *run) submit() error {
	if err := r.change("", r.cmd.Data); err != nil {
		return err
	}
	ev := Event{Kind: Submitted, User: cmp.Or(r.cmd.Actor, r.owner()), Comment: r.cmd.Comment}
	if r.flow == nil {
		r.emit(ev)
		return nil
	}
	ev.Flow, ev.Version = r.flow.Key, r.flow.Version
	r.emit(ev)
	return r.walk(r.flow.root, 0)
}

func (r *run) complete() error {
	t, b, err := r.mine(flow.Task, flow.Checklist)
	if err != nil {
		return err
	}
	if err := r.change("", r.cmd.Data); err != nil {
		return err
	}
	if err := r.taskGate(b); err != nil {
		return err
	}
	r.close(t, TaskCompleted, r.cmd.Actor)
	return r.walk(b.seq, b.index+1)
}

func (r *run) approve() error {
	t, b, err := r.mine(flow.Approval)
	if err != nil {
		return err
	}
	if t.hasApproved(r.cmd.Actor) {
		return ErrVoted.With(problem.Params{"step": b.Name(), "people": r.names(r.undecided(t))})
	}
	if err := r.change("", r.cmd.Data); err != nil {
		return err
	}
	if err := r.taskGate(b); err != nil {
		return err
	}
	if t.Mode == flow.All {
		waiting := r.undecided(t)
		if len(waiting) > 1 || (len(waiting) == 1 && waiting[0] != r.cmd.Actor) {
			r.emit(Event{Kind: TaskVoted, Task: t.ID, Block: t.Block, User: r.cmd.Actor, Result: TaskApproved, Comment: r.cmd.Comment})
			return nil
		}
	}
	r.close(t, TaskApproved, r.cmd.Actor)
	return r.walk(b.seq, b.index+1)
}

func (r *run) reject() error {
	t, b, err := r.mine(flow.Approval)
	if err != nil {
		return err
	}
	if t.hasApproved(r.cmd.Actor) {
		return ErrVoted.With(problem.Params{"step": b.Name(), "people": r.names(r.undecided(t))})
	}
	if err := r.change("", r.cmd.Data); err != nil {
		return err
	}
	r.close(t, TaskRejected, r.cmd.Actor)
	return r.refused(t, b)
}

// refused is what follows when an approval was refused.
func (r *run) refused(t Task, b *block) error {
	if b.OnReject == flow.RejectReturn {
		if target := r.rejectTarget(&t); target != nil {
			return r.goBack(target)
		}
	}
	return r.finish(OutcomeRejected, b.ID)
}

// mine is the open task that the command names, when the actor may decide it.
func (r *run) mine(kinds ...flow.BlockType) (Task, *block, error) {
	t, b, err := r.find(r.cmd.Task)
	switch {
	case err != nil:
		return Task{}, nil, err
	case !t.has(r.cmd.Actor):
		return Task{}, nil, ErrNotYours.With(problem.Params{"step": b.Name(), "people": r.names(r.undecided(t))})
	case !r.env.Directory.Active(r.cmd.Actor):
		return Task{}, nil, ErrInactive.With(nil)
	case len(kinds) > 0 && !slices.Contains(kinds, t.Kind):
		return Task{}, nil, wrongAction(b)
	}
	return t, b, nil
}

// find looks up an open task and makes its frame the place where the run stands.
func (r *run) find(task string) (Task, *block, error) {
	t := r.c.State.task(task)
	if t == nil {
		return Task{}, nil, ErrTaskGone.With(nil)
	}
	b := r.flow.byID[t.Block]
	if b == nil {
		return Task{}, nil, ErrWrongFlow.With(problem.Params{"flow": r.flow.Key, "version": r.flow.Version})
	}
	r.in = t.Frame
	return *t, b, nil
}

func wrongAction(b *block) *fault.Error {
	kind := problem.Text{"en": "a task", "zh-CN": "任务"}
	known := problem.Text{"en": "complete", "zh-CN": "完成"}
	switch b.Type { //nolint:exhaustive // the others open no task
	case flow.Checklist:
		kind = problem.Text{"en": "a checklist", "zh-CN": "检查清单"}
		known = problem.Text{"en": "tick or complete", "zh-CN": "勾选或完成"}
	case flow.Approval:
		kind = problem.Text{"en": "an approval", "zh-CN": "审批"}
		known = problem.Text{"en": "approve, reject or return", "zh-CN": "同意、拒绝或退回"}
	}
	return ErrWrongAction.With(problem.Params{"step": b.Name(), "kind": kind, "known": known})
}

// close ends a task by the decision of a user; "" when no one person's command decided it.
func (r *run) close(t Task, result TaskResult, user string) {
	r.emit(Event{
		Kind: TaskClosed, Task: t.ID, Block: t.Block, TaskKind: t.Kind, Stage: t.Stage, User: user,
		Result: result, Reason: r.cmd.Reason, Comment: r.cmd.Comment,
	})
	r.clearDeadline(t.Block, t.ID)
}

func (t *Task) has(user string) bool { return contains(t.Assignees, user) }

func (t *Task) hasApproved(user string) bool { return contains(t.Approved, user) }

// undecided are the active assignees who have not approved.
func (r *run) undecided(t Task) []string {
	var out []string
	for _, u := range t.Assignees {
		if !t.hasApproved(u) && r.env.Directory.Active(u) {
			out = append(out, u)
		}
	}
	return out
}

// contains never finds the system among people.
func contains(users []string, user string) bool {
	return user != "" && slices.Contains(users, user)
}

// ruleVars are the variables of rules as the case stands.
func (r *run) ruleVars() expr.Vars {
	c := &r.c
	if r.vars == nil {
		r.vars = expr.Vars{expr.LinkVar: r.env.Link, expr.UserVar: r.env.User, expr.NowVar: r.env.Now}
		if r.env.Calendar != nil {
			r.vars[expr.CalendarVar] = r.env.Calendar
		}
		r.stale = true
	}
	if r.flow.each && r.seen != r.in {
		r.seen = r.in
		r.showElement()
	}
	if r.stale {
		r.stale = false
		r.vars[expr.FormVar] = c.Data
		if r.flow.readsRecord {
			r.vars[expr.RecordVar] = map[string]any{
				"id": c.ID, "title": c.Title, "stage": c.State.Stage, "status": string(c.State.Status),
				"owner": r.owner(), "department": c.Department, "createdAt": c.CreatedAt, "createdBy": c.CreatedBy,
			}
		}
	}
	return r.vars
}

// owner is who owns the record now: data may have changed since the case was read.
func (r *run) owner() string {
	if r.flow != nil && r.flow.owner != "" {
		if ids := people(r.c.Data[r.flow.owner]); len(ids) > 0 {
			return ids[0]
		}
	}
	return r.c.Owner
}
