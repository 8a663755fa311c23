package main

import (
	"net/http"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/store"
)

// patience has a deadline of five working days, of which the manager is told by mail.
var patience = load{
	form: "patience",
	fill: func(_ *house, name string) any { return map[string]any{"data": map[string]any{"name": name}} },
	definitions: map[string]string{
		"form/patience": `{"kind":"form","key":"patience","title":{"zh-CN":"样件","en":"Sample"},"schema":{"type":"object","required":["name"],"properties":{
			"name":{"type":"string","x-field":"text","x-title":{"zh-CN":"名称","en":"Name"}}}}}`,
		"flow/waiting": `{"kind":"flow","key":"waiting","title":{"zh-CN":"样件申请","en":"Sample request"},"form":"patience","blocks":[
			{"id":"ask","type":"task","title":{"zh-CN":"提交样件申请","en":"Apply for the sample"},"who":[{"type":"owner"}],
				"deadline":{"after":5,"unit":"workingDays","at":"17:00","calendar":"china","notify":[{"to":[{"type":"manager","level":1}],"channels":["email"]}]}}]}`,
	},
}

// TestTwoCopies lets a deadline come on two servers of one database, and kills one of them in the moment it comes.
func TestTwoCopies(t *testing.T) {
	if testing.Short() {
		t.Skip("starts two servers")
	}
	uri, name, reach := database(t)
	box := openMailbox(t)
	h := open(t, build(t), 2, append(append(onMongoDB(uri, name), box.arguments()...), "--manual-clock")...)
	survivor, victim := h.servers[0], h.servers[1]
	h.publish(patience)
	// The Monday before the National Day holiday of 2026: the fifth working day after it is Saturday, 10 October, worked
	// instead of a day of the holiday.
	monday, due := moment(t, "2026-09-28T09:00:00+08:00"), moment(t, "2026-10-10T17:00:00+08:00")
	victim.start()
	h.setClocks(monday)
	var left []acknowledged
	for i := range 6 {
		title := "left alone " + strconv.Itoa(i)
		rec := h.must(&h.admin, http.MethodPost, recordsPath(patience.form), patience.fill(h, title))
		require.Equal(t, due, moment(t, rec["dueAt"].(string)))
		left = append(left, acknowledged{id: rec["id"].(string), name: title})
	}
	h.setClocks(due.Add(-time.Minute))
	require.Zero(t, h.late(left), "a minute before")
	require.Empty(t, box.received())

	moving := make(chan struct{})
	go func() {
		defer close(moving)
		h.setClock(victim, due) // no answer comes: it is killed
	}()
	require.True(t, h.setClock(survivor, due))
	h.until("the first mail", func() bool { return len(box.received()) > 0 })
	victim.end(syscall.SIGKILL)
	<-moving
	require.True(t, h.setClock(survivor, due.Add(5*time.Minute))) // the leases of the dead lapse
	require.Equal(t, len(left), h.late(left), "red")
	require.True(t, h.setClock(survivor, due.Add(48*time.Hour)))

	survivor.end(syscall.SIGTERM)
	st, err := reach()
	require.NoError(t, err)
	defer st.Close()
	a := inspection{T: t, store: st, load: patience}
	n := a.look(left, box)
	t.Logf("%d records red, %d mails to the manager, %d of them sent again under their Message-ID after 1 kill", n.fired, n.messages, a.again)
	a.require()
	require.Equal(t, len(left), n.fired)
	require.Equal(t, len(left), n.messages-a.again)
	for _, m := range box.received() {
		require.Equal(t, bossMail, m.to)
	}
	require.LessOrEqual(t, a.again, 1, "more messages came twice than servers were killed")
}

func moment(t *testing.T, at string) time.Time {
	t.Helper()
	m, err := time.Parse(time.RFC3339Nano, at)
	require.NoError(t, err)
	return m.UTC()
}

// setClock moves a server's clock and returns when all that fell due on the way has happened; false when no answer came.
func (h *house) setClock(s *server, now time.Time) bool {
	base := s.base.Load()
	if base == nil {
		return false
	}
	_, came := h.ask(h.Context(), &h.admin, http.MethodPost, *base+"/api/v1/dev/clock", "", map[string]any{"now": store.FormatTime(now)})
	return came
}

func (h *house) setClocks(now time.Time) {
	h.Helper()
	for _, s := range h.servers {
		require.True(h, h.setClock(s, now))
	}
}

// late counts those of the records that are shown as overdue.
func (h *house) late(of []acknowledged) (n int) {
	h.Helper()
	for _, p := range of {
		if h.must(&h.admin, http.MethodGet, recordsPath(patience.form)+"/"+p.id, nil)["overdue"] == true {
			n++
		}
	}
	return n
}
