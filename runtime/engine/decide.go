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
	Now       time.Time                        // its location decides which day it is for rules
	Link      map[string]any                   // link field → data of the linked record, for rules
	User      map[string]any                   // who acts, for rules
	Limits    func(user string) map[string]any // how far a person may go, by the key of each limit; nil: the app has none
	Calendar  expr.Calendar                    // working days for rules; nil: Monday to Friday
	// Delegate names to whom somebody has delegated what they have to decide on this record now, "" for nobody. nil: nobody
	// delegates.
	Delegate func(user string) string
	Past     *Case // undo: the record before its last decision
	// Derive gives the computed fields that follow from data, nil for one that has no value. It is asked after the flow
	// itself has changed data; what a command brings is complete already. nil: the form computes nothing.
	Derive func(data map[string]any) (map[string]any, error)
	// Record is what rules see as the record, when the case is a walk beside that of the record itself. nil: the case.
	Record map[string]any
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
	acting  bool
	part    string  // whose part of a task is decided; "": the system decides it as a whole
	back    *Detour // the record is on its way straight back
	picksOf string  // the block whose people are asked for, for those picked
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
	case Abstain:
		return r.abstain()
	case Transfer:
		return r.transfer()
	case AddSigner:
		return r.addSigner()
	case Undo:
		return r.undo()
	case Urge:
		return r.urge()
	case Copy:
		return r.copyNow()
	case Comment:
		return r.comment()
	case HandOver:
		return r.handOverAll()
	case Refresh:
		return r.refresh()
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
	switch r.cmd.Kind { //nolint:exhaustive // the others depend on how the record stands
	case Fire, Answer, Refresh, Recalculate:
		if s.Status != Running {
			return nil // the record has moved on; they find nothing that waits for them
		}
	case Comment, Copy, HandOver:
		return nil // at any time
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
	var straight *Detour
	if s := &r.c.State; s.Flow == ev.Flow && s.Version == ev.Version {
		straight = s.detourFrom(flow.ToApplicant)
	}
	ev.Detour = straight
	r.emit(ev)
	if err := r.pick(); err != nil {
		return err
	}
	if straight != nil {
		if err := r.gatesBetween(*straight); err != nil {
			return err
		}
		return r.straightBack(*straight)
	}
	if err := r.needPicks(); err != nil {
		return err
	}
	return r.walk(r.flow.root, 0)
}

func (r *run) complete() error {
	t, b, err := r.mine(flow.Task, flow.Checklist)
	if err != nil {
		return err
	}
	if err := r.prepareDecision(b); err != nil {
		return err
	}
	if err := r.taskGate(b); err != nil {
		return err
	}
	r.close(t, TaskCompleted, r.cmd.Actor)
	return r.onward(b)
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
	ev := Event{
		Kind: TaskClosed, Task: t.ID, Block: t.Block, TaskKind: t.Kind, Stage: t.Stage, User: user,
		Result: result, Reason: r.cmd.Reason, Comment: r.cmd.Comment, Cause: r.cmd.Cause,
	}
	if t.Kind == flow.Approval {
		ev.Users = t.deciders()
	}
	if user != "" {
		ev.For, ev.Signature = r.insteadOf(), r.cmd.Signature
	}
	r.emit(ev)
	r.clearDeadline(t.Block, t.ID)
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
		switch {
		case r.env.Record != nil:
			r.vars[expr.RecordVar] = r.env.Record
		case r.flow.readsRecord:
			record := map[string]any{
				"id": c.ID, "title": c.Title, "stage": c.State.Stage, "status": string(c.State.Status),
				"owner": r.owner(), "department": c.Department, "createdAt": c.CreatedAt, "createdBy": c.CreatedBy,
			}
			if r.env.Limits != nil {
				record["limits"] = r.env.Limits(r.owner())
			}
			r.vars[expr.RecordVar] = record
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
