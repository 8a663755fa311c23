package engine

import (
	"slices"
	"strings"
	"time"

	"github.com/stepwell/stepwell/schemas/problem"
)

// UrgeEvery is how long after somebody has urged a task it may be urged again, by whomever.
const UrgeEvery = 30 * time.Minute

// urge reminds those for whom a task waits.
func (r *run) urge() error {
	t, b, err := r.find(r.cmd.Task)
	if err != nil {
		return err
	}
	to := slices.DeleteFunc(r.active(t.Holders()), func(u string) bool { return u == r.cmd.Actor })
	switch {
	case len(to) == 0:
		return ErrUrgeSelf.With(problem.Params{"step": b.Name()})
	case !t.UrgedAt.IsZero() && r.env.Now.Before(t.UrgedAt.Add(UrgeEvery)):
		return ErrUrgedLately.With(problem.Params{"step": b.Name(), "minutes": int(UrgeEvery.Minutes())})
	}
	r.emit(Event{Kind: Urged, Task: t.ID, Block: t.Block, User: r.cmd.Actor, Assignees: to, Comment: r.cmd.Comment})
	r.tell(Effect{Cause: CauseUrged, Block: b.ID, Task: t.ID, Reason: r.cmd.Comment, DueAt: t.DueAt}, to)
	return nil
}

// copyNow tells people about the record, whom it then lets read it.
func (r *run) copyNow() error {
	users := r.active(r.cmd.Users)
	if gone := added(users, r.cmd.Users); len(gone) > 0 || len(users) == 0 {
		return ErrCopyGone.With(problem.Params{"people": r.names(gone)})
	}
	r.emit(Event{Kind: CopySent, Assignees: users, User: r.cmd.Actor, Comment: r.cmd.Comment})
	r.tell(Effect{Cause: CauseCopy, Block: r.c.State.Stage, Reason: r.cmd.Comment}, users)
	return nil
}

// comment says something about the record. Users are those mentioned, as far as the caller knows that they may read it.
func (r *run) comment() error {
	if strings.TrimSpace(r.cmd.Comment) == "" && len(r.cmd.Files) == 0 {
		return ErrComment.With(nil)
	}
	block := ""
	if t := r.c.State.task(r.cmd.Task); t != nil {
		block = t.Block
	}
	mentioned := r.active(r.cmd.Users)
	r.emit(Event{
		Kind: Commented, Task: r.cmd.Task, Block: block, User: r.cmd.Actor, Comment: r.cmd.Comment, Assignees: mentioned, Files: r.cmd.Files,
	})
	to := slices.DeleteFunc(slices.Clone(mentioned), func(u string) bool { return u == r.cmd.Actor })
	r.tell(Effect{Cause: CauseMentioned, Block: block, Task: r.cmd.Task, Reason: r.cmd.Comment}, to)
	return nil
}
