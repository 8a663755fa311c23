package main

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/queue"
	"github.com/stepwell/stepwell/runtime/records"
	"github.com/stepwell/stepwell/runtime/tasks"
	"github.com/stepwell/stepwell/runtime/timers"
)

// inspection holds what is stored, and what has arrived, against itself and against what clients were promised.
type inspection struct {
	*testing.T
	store store.Store
	load  load
	// lost was acknowledged, or follows from what is stored, and is not there. doubled is there twice, or should not be.
	lost, doubled []string
	// again counts messages that arrived more than once under their own Message-ID: a peer accepted them, and before that was
	// written down the server was killed.
	again int

	records map[string]records.Record
	actions map[string][]records.Action // by record
}

// counts are what an inspection has looked at.
type counts struct{ records, actions, tasks, fired, messages int }

func (a *inspection) lose(format string, args ...any) {
	a.lost = append(a.lost, fmt.Sprintf(format, args...))
}

func (a *inspection) double(format string, args ...any) {
	a.doubled = append(a.doubled, fmt.Sprintf(format, args...))
}

// compare notes what is wanted and missing, and what is there more often than wanted.
func (a *inspection) compare(what string, want, got map[string]int) {
	for key, n := range want {
		if got[key] < n {
			a.lose("%s %s: %d of %d", what, key, got[key], n)
		}
	}
	for key, n := range got {
		if n > want[key] {
			a.double("%s %s: %d instead of %d", what, key, n, want[key])
		}
	}
}

// examine demands that nothing is lost and nothing doubled.
func examine(t *testing.T, st store.Store, l load, promised []acknowledged) {
	t.Helper()
	a := inspection{T: t, store: st, load: l}
	a.look(promised, nil)
	a.require()
}

func (a *inspection) require() {
	a.Helper()
	require.Empty(a, a.lost, "lost")
	require.Empty(a, a.doubled, "doubled")
}

// look examines everything; box is nil when no mail was sent.
func (a *inspection) look(promised []acknowledged, box *mailbox) counts {
	a.Helper()
	a.records, a.actions = map[string]records.Record{}, map[string][]records.Action{}
	for _, rec := range loadAll[records.Record](a.T, a.store, a.load.collection()) {
		a.records[rec.ID] = rec
	}
	n := counts{records: len(a.records)}
	for _, act := range loadAll[records.Action](a.T, a.store, records.ActionCollection) {
		if act.Form == a.load.form {
			a.actions[act.Record] = append(a.actions[act.Record], act)
			n.actions++
		}
	}
	a.promises(promised)
	a.log()
	n.tasks = a.tasks()
	n.fired = a.timers()
	n.messages = a.messages(box)
	return n
}

// promises holds the records against what was acknowledged.
func (a *inspection) promises(promised []acknowledged) {
	unique := map[string]int{}
	for _, rec := range a.records {
		for _, field := range []string{"name", "code"} {
			if value, ok := rec.Data[field].(string); ok {
				unique[field+" "+value]++
			}
		}
	}
	for value, n := range unique {
		if n > 1 {
			a.double("%s: on %d records", value, n)
		}
	}
	for _, p := range promised {
		rec, kept := a.records[p.id]
		if !kept || rec.Data["name"] != p.name {
			a.lose("record %s", p.name)
			continue
		}
		done := map[string]int{}
		for _, act := range a.actions[p.id] {
			done[act.Command]++
		}
		want := map[string]bool{string(engine.Submit): true, string(engine.Complete): p.done, string(engine.Approve): p.approved}
		for command, sure := range want {
			if sure && done[command] == 0 {
				a.lose("%s of %s", command, p.name)
			}
			if done[command] > 1 {
				a.double("%s of %s: %d times", command, p.name, done[command])
			}
		}
	}
}

// log demands of every record a log whose events are numbered without a gap.
func (a *inspection) log() {
	want, got := map[string]int{}, map[string]int{}
	for id, rec := range a.records {
		for seq := int64(1); seq <= rec.State.Seq; seq++ {
			want[id+" event "+strconv.FormatInt(seq, 10)] = 1
		}
	}
	for id, actions := range a.actions {
		for _, act := range actions {
			for _, ev := range act.Events {
				got[id+" event "+strconv.FormatInt(ev.Seq, 10)]++
			}
		}
	}
	a.compare("log:", want, got)
}

// tasks demands that the task list shows what is open on the records.
func (a *inspection) tasks() int {
	want, got := map[string]int{}, map[string]int{}
	for id, rec := range a.records {
		for _, task := range rec.State.Tasks {
			want[tasks.ID(id, task.ID)] = 1
		}
	}
	all := 0
	for _, task := range loadAll[tasks.Task](a.T, a.store, tasks.Collection) {
		if task.Form != a.load.form {
			continue
		}
		if all++; task.State == tasks.Open {
			got[task.ID]++
		}
	}
	a.compare("open task", want, got)
	return all
}

// timers demands a timer for every moment that is still to come, and that what has come has come once, also of a step that was
// done later; it gives how many came.
func (a *inspection) timers() (fired int) {
	want, got, passed := map[string]int{}, map[string]int{}, map[string]int{}
	for id, rec := range a.records {
		for _, act := range a.actions[id] {
			if act.Via != "timer" {
				continue
			}
			fired++
			for _, ev := range act.Events {
				if ev.Kind == engine.DeadlinePassed {
					passed[id+" "+ev.Deadline]++
				}
			}
		}
		for _, d := range rec.State.Deadlines {
			key := id + " " + d.Key
			switch {
			case !d.Overdue:
				want[key] = 1
			case passed[key] == 0:
				a.lose("deadline %s: nobody was told that it passed", key)
			}
		}
	}
	for key, n := range passed {
		if n > 1 {
			a.double("deadline %s: passed %d times", key, n)
		}
	}
	for _, timer := range loadAll[timers.Timer](a.T, a.store, timers.Collection) {
		if timer.Form != a.load.form {
			continue
		}
		if timer.State == queue.Dead {
			a.lose("timer %s: %s", timer.ID, timer.Error)
		}
		if timer.Own() {
			got[timer.Record+" "+timer.Deadline]++
		}
	}
	a.compare("deadline", want, got)
	return fired
}

// messages holds the notices against the log, and what arrived against the notices; it gives how many arrived.
func (a *inspection) messages(box *mailbox) int {
	want, got, said := map[string]int{}, map[string]int{}, map[string]int{}
	for id, actions := range a.actions {
		for _, act := range actions {
			for _, effect := range act.Effects {
				for _, user := range effect.To {
					want[notices.ID(id, effect.Key, user, notices.InApp)] = 1
					for _, channel := range effect.Channels {
						want[notices.ID(id, effect.Key, user, channel)] = 1
					}
				}
			}
		}
	}
	sent := map[string]notices.Notice{}
	for _, n := range loadAll[notices.Notice](a.T, a.store, notices.Collection) {
		if n.Form != a.load.form {
			continue
		}
		got[n.ID]++
		said[strings.Join([]string{n.Record, n.User, n.Channel, string(n.Cause), fmt.Sprint(n.Title), strconv.FormatInt(n.CreatedAt.UnixMilli(), 10)}, "|")]++
		if n.Channel == notices.Email {
			sent[n.ID] = n
		}
	}
	a.compare("notice", want, got)
	for text, n := range said {
		if n > 1 {
			a.double("notice %s: %d times", text, n)
		}
	}
	if box != nil {
		return a.mail(sent, box)
	}
	return 0
}

// mail holds what arrived against what was to be sent.
func (a *inspection) mail(sent map[string]notices.Notice, box *mailbox) int {
	arrived, all := map[string]int{}, box.received()
	for _, m := range all {
		arrived[strings.Trim(m.id, "<>")]++
	}
	for id, n := range sent {
		if n.State != notices.Sent || arrived[n.MessageID] == 0 {
			a.lose("message %s: %s, %d arrived %s", id, n.State, arrived[n.MessageID], n.Error)
			continue
		}
		a.again += arrived[n.MessageID] - 1
		delete(arrived, n.MessageID)
	}
	for id := range arrived {
		a.double("message %s: nobody was to be told", id)
	}
	return len(all)
}

// loadAll reads a whole collection.
func loadAll[T any](t *testing.T, st store.Store, collection string) []T {
	t.Helper()
	all, err := store.LoadAll[T](t.Context(), st, collection, store.Query{})
	require.NoError(t, err)
	return all
}
