package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/embedded"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/queue"
	"github.com/stepwell/stepwell/runtime/records"
	"github.com/stepwell/stepwell/runtime/tasks"
	"github.com/stepwell/stepwell/runtime/timers"
)

const (
	crashes = 6
	writers = 4
)

// acknowledged is a record whose making and, when done, whose first step the server has confirmed.
type acknowledged struct {
	id, name string
	done     bool
}

// write makes opportunities and completes their first step until stop; each is asked for until it is acknowledged.
func (h *house) write(stop context.Context, writer int) (sure []acknowledged, err error) {
	for n := 0; stop.Err() == nil; n++ {
		name := fmt.Sprintf("w%d-%d", writer, n)
		rec, err := h.insist(stop, &h.admin, "/apps/"+salesApp+"/forms/opportunity/records", name, h.opportunity(name))
		if err != nil {
			return sure, unlessStopped(stop, err)
		}
		sure = append(sure, acknowledged{id: rec["id"].(string), name: name})
		if _, err = h.insist(stop, &h.admin, "/tasks/"+taskOf(rec)+"/complete", name, screening); err != nil {
			return sure, unlessStopped(stop, err)
		}
		sure[len(sure)-1].done = true
	}
	return sure, nil
}

// work lets writers write until the function it gives is called, which gives what they were promised.
func (h *house) work() (stop func() []acknowledged) {
	ctx, cancel := context.WithCancel(h.Context())
	var clients sync.WaitGroup
	sure, errs := make([][]acknowledged, writers), make([]error, writers)
	for i := range writers {
		clients.Go(func() { sure[i], errs[i] = h.write(ctx, i) })
	}
	return func() (all []acknowledged) {
		h.Helper()
		cancel()
		clients.Wait()
		for i := range writers {
			require.NoError(h, errs[i])
			all = append(all, sure[i]...)
		}
		return all
	}
}

func TestKilledServer(t *testing.T) {
	if testing.Short() {
		t.Skip("starts and kills a server for half a minute")
	}
	binary := build(t)
	t.Run("embedded_store_keeps_what_was_acknowledged_and_doubles_nothing", func(t *testing.T) {
		dir := t.TempDir()
		crash(t, binary, []string{"--data-dir", dir}, 0, func() (store.Store, error) { return embedded.Open(t.Context(), dir) })
	})
	t.Run("mongodb_keeps_what_was_acknowledged_and_doubles_nothing", func(t *testing.T) {
		uri, name, reach := database(t)
		crash(t, binary, onMongoDB(uri, name), 12*time.Second, reach)
	})
}

// crash kills a server again and again while clients write, and then looks at what is stored. settle is how long the last
// server gets to tell what its predecessors left in outboxes.
func crash(t *testing.T, binary string, args []string, settle time.Duration, reach func() (store.Store, error)) {
	t.Helper()
	h := open(t, binary, 1, args...)
	only := h.servers[0]
	stop := h.work()
	random := rand.New(rand.NewPCG(7, 11))
	for range crashes {
		h.await(8) // however slow the store is, every crash has something to lose
		h.wait(time.Duration(random.IntN(900)) * time.Millisecond)
		only.end(syscall.SIGKILL)
		only.start()
	}
	h.wait(time.Second)
	all := stop()
	h.wait(settle)
	only.end(syscall.SIGTERM)
	st, err := reach()
	require.NoError(t, err)
	defer st.Close()
	t.Logf("%d opportunities acknowledged over %d crashes", len(all), crashes)
	require.Greater(t, len(all), 3*crashes)
	examine(t, st, all)
}

// load reads a whole collection.
func load[T any](t *testing.T, st store.Store, collection string) []T {
	t.Helper()
	all, err := store.LoadAll[T](t.Context(), st, collection, store.Query{})
	require.NoError(t, err)
	return all
}

// examine holds the stored state against itself and against what clients were promised.
func examine(t *testing.T, st store.Store, promised []acknowledged) {
	t.Helper()
	byID, names, codes := map[string]records.Record{}, map[string]int{}, map[string]int{}
	for _, rec := range load[records.Record](t, st, records.CollectionOf(salesApp, "opportunity")) {
		byID[rec.ID] = rec
		names[rec.Data["name"].(string)]++
		codes[rec.Data["code"].(string)]++
	}
	for name, n := range names {
		require.Equal(t, 1, n, "%s was made more than once", name)
	}
	for code, n := range codes {
		require.Equal(t, 1, n, "number %s was given more than once", code)
	}
	for _, p := range promised {
		rec, kept := byID[p.id]
		require.True(t, kept, "acknowledged record %s is gone", p.name)
		require.Equal(t, p.name, rec.Data["name"])
		if p.done {
			require.Equal(t, "screenApproval", rec.State.Tasks[0].Block, "acknowledged completion of %s is gone", p.name)
		}
	}
	examineLog(t, st, byID)
	examineProjections(t, st, byID)
}

func examineLog(t *testing.T, st store.Store, byID map[string]records.Record) {
	t.Helper()
	events := map[string]map[int64]int{}
	for _, act := range load[records.Action](t, st, records.ActionCollection) {
		if act.Form != "opportunity" {
			continue
		}
		if events[act.Record] == nil {
			events[act.Record] = map[int64]int{}
		}
		for _, ev := range act.Events {
			events[act.Record][ev.Seq]++
		}
		require.Equal(t, act.Events[len(act.Events)-1].Seq, act.Seq)
	}
	require.Len(t, events, len(byID), "every record has a log, and every log a record")
	for id, rec := range byID {
		require.Len(t, events[id], int(rec.State.Seq), "log of %s", id)
		for seq := int64(1); seq <= rec.State.Seq; seq++ {
			require.Equal(t, 1, events[id][seq], "event %d of %s", seq, id)
		}
	}
}

func examineProjections(t *testing.T, st store.Store, byID map[string]records.Record) {
	t.Helper()
	open, want := map[string]bool{}, map[string]bool{}
	for _, task := range load[tasks.Task](t, st, tasks.Collection) {
		if task.State == tasks.Open {
			open[task.ID] = true
		}
	}
	due, deadlines := map[string]bool{}, map[string]bool{}
	for _, timer := range load[timers.Timer](t, st, timers.Collection) {
		if timer.Remind == 0 {
			due[timer.Record+" "+timer.Deadline] = true
		}
		require.NotEqual(t, queue.Dead, timer.State, timer.Error)
	}
	for id, rec := range byID {
		for _, task := range rec.State.Tasks {
			want[tasks.ID(id, task.ID)] = true
		}
		for _, d := range rec.State.Deadlines {
			if !d.Overdue {
				deadlines[id+" "+d.Key] = true
			}
		}
	}
	require.Equal(t, want, open, "the task list shows what is open")
	require.Equal(t, deadlines, due, "every pending deadline has its timer")
	told := map[string]int{}
	for _, n := range load[notices.Notice](t, st, notices.Collection) {
		told[strings.Join([]string{n.Record, n.User, n.Channel, string(n.Cause), fmt.Sprint(n.Title), strconv.FormatInt(n.CreatedAt.UnixMilli(), 10)}, "|")]++
	}
	require.NotEmpty(t, told)
	for notice, n := range told {
		require.Equal(t, 1, n, "told twice: %s", notice)
	}
}
