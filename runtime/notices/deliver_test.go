package notices_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/egress"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/notices/throttle"
	"github.com/stepwell/stepwell/runtime/queue"
	"github.com/stepwell/stepwell/schemas/definition"
)

var chat = definition.Text{"zh-CN": "聊天", "en": "Chat"}

func TestInboxKeepsEverything(t *testing.T) {
	o := openOffice(t, nil)
	o.peer.nobody = []string{"li"}
	o.tell("r1", "1", engine.CauseTask, "li")
	o.drain()
	n := o.load("r1-1-li-inApp")
	require.Equal(t, notices.Sent, n.State)
	require.Equal(t, "li", n.UnreadBy, "though the effect named the chat alone")
}

func TestNoContact(t *testing.T) {
	t.Run("who_cannot_be_reached_is_seen_and_can_be_told_later", func(t *testing.T) {
		o := openOffice(t, nil)
		o.peer.nobody = []string{"li"}
		o.tell("r1", "1", engine.CauseTask, "li", "wang")
		o.drain()
		require.Equal(t, []string{"r1-1-wang-chat"}, o.peer.keys())
		n := o.load("r1-1-li-chat")
		require.Equal(t, notices.NoContact, n.State)
		require.Contains(t, n.ErrorText.In("zh-CN"), "无法通过chat联系到 li")
		require.Contains(t, n.Error, "cannot be reached")
		report, err := o.queue.Report(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 1, report[0].NoContact)
		require.Zero(t, report[0].Dead)

		o.peer.nobody = nil
		require.NoError(t, o.queue.Resend(t.Context(), n.ID))
		o.drain()
		require.Equal(t, notices.Sent, o.load(n.ID).State)
		require.Empty(t, o.load(n.ID).Error)
	})
	t.Run("a_peer_that_does_not_know_the_reader_is_the_same", func(t *testing.T) {
		o := openOffice(t, nil)
		o.peer.answer = func(m notices.Message) error { return notices.Unknown(m.To, chat, chat) }
		o.tell("r1", "1", engine.CauseTask, "li")
		o.drain()
		require.Equal(t, notices.NoContact, o.load("r1-1-li-chat").State)
		require.Equal(t, 1, o.count["noContact"])
		report, err := o.queue.Report(t.Context())
		require.NoError(t, err)
		require.Zero(t, report[0].Failures, "the peer itself works")
	})
}

func TestGroup(t *testing.T) {
	o := openOffice(t, func(l *notices.Line, _ *notices.Options) { l.Group, l.Language = true, "en" })
	o.tell("r1", "1", engine.CauseTask, "li", "john", "gone")
	o.drain()
	require.Equal(t, []string{"r1-1--chat"}, o.peer.keys(), "one message for everybody")
	m := o.peer.took[0]
	require.Equal(t, "To do: Deal r1 · Sample", m.Title)
	require.Len(t, m.Group, 2, "who has left is not named")
	require.Zero(t, m.To)
	for _, user := range []string{"li", "john"} {
		require.Equal(t, notices.Sent, o.load("r1-1-"+user+"-inApp").State)
	}
}

func TestBusy(t *testing.T) {
	o := openOffice(t, nil)
	refuse := true
	o.peer.answer = func(notices.Message) error {
		if refuse {
			return notices.Busy(chat, 10*time.Minute)
		}
		return nil
	}
	o.tell("r1", "1", engine.CauseTask, "a", "b", "c")
	o.drain()
	calls := o.peer.calls
	require.LessOrEqual(t, calls, 3)
	o.pass(9*time.Minute, time.Minute)
	require.Equal(t, calls, o.peer.calls, "nobody is sent anything during the pause")
	report, err := o.queue.Report(t.Context())
	require.NoError(t, err)
	require.Equal(t, throttle.Closed, report[0].Breaker)
	require.Equal(t, morning.Add(10*time.Minute), report[0].BusyUntil.Time)
	require.Contains(t, report[0].Error.In("zh-CN"), "聊天要求暂停发送，600 秒后继续")
	refuse = false
	o.pass(2*time.Minute, time.Minute)
	require.Equal(t, map[string]int{"sent": 3}, o.states())
	require.Zero(t, o.load("r1-1-a-chat").Attempts, "a pause is no failure")
}

func TestMemberRate(t *testing.T) {
	o := openOffice(t, func(l *notices.Line, _ *notices.Options) {
		l.Workers = 1
		l.Throttle.Member = []throttle.Rate{{Every: 3 * time.Second, Burst: 10}, {Every: 4 * time.Second, Burst: 100}}
	})
	const n = 120
	for i := range n {
		o.tell(fmt.Sprintf("r%03d", i), "1", engine.CauseTask, "li")
	}
	o.tell("r999", "1", engine.CauseTask, "wang")
	o.pass(10*time.Minute, 3*time.Second)
	require.Len(t, o.peer.took, n+1)
	var mine []time.Time
	var order []string
	for i, m := range o.peer.took {
		if m.To.ID == "li" {
			mine, order = append(mine, o.peer.at[i]), append(order, m.Key)
			continue
		}
		require.Equal(t, morning, o.peer.at[i], "others do not wait behind")
	}
	for i := range mine {
		within := 0
		for j := i; j < len(mine) && mine[j].Sub(mine[i]) < time.Minute; j++ {
			within++
		}
		require.LessOrEqual(t, within, 30)
	}
	require.ElementsMatch(t, order, slices.Compact(slices.Clone(order)))
	require.True(t, slices.IsSorted(order), "one worker keeps them in order")
}

// TestOutage lets a peer be down for a day while messages come in, with two server copies at work.
func TestOutage(t *testing.T) {
	o := openOffice(t, func(l *notices.Line, _ *notices.Options) { l.Workers = 1 })
	other := o.copy()
	down := true
	o.peer.answer = func(notices.Message) error {
		if down {
			return egress.ErrReach.With(map[string]any{"host": "chat", "why": "no route to host"})
		}
		return nil
	}
	want := []string{}
	for hour := range 24 {
		for _, user := range []string{"li", "john"} {
			o.tell(fmt.Sprintf("r%02d", hour), "1", engine.CauseTask, user)
			want = append(want, fmt.Sprintf("r%02d-1-%s-chat", hour, user))
		}
		for range 4 {
			o.drain()
			require.NoError(t, other.Drain(t.Context()))
			o.clock.Advance(15 * time.Minute)
		}
	}
	require.Empty(t, o.peer.took)
	require.Less(t, o.peer.calls, 200, "a peer that is down is left alone")
	report, err := o.queue.Report(t.Context())
	require.NoError(t, err)
	require.NotEqual(t, throttle.Closed, report[0].Breaker)
	require.EqualValues(t, len(want), report[0].Waiting)
	require.Zero(t, report[0].Dead, "nothing is given up")
	require.Contains(t, report[0].Error.In("en"), "no route")
	require.Greater(t, report[0].Late.Overdue, 23*time.Hour)

	down = false
	for range 8 {
		o.drain()
		require.NoError(t, other.Drain(t.Context()))
		o.clock.Advance(10 * time.Minute)
	}
	got := o.peer.keys()
	require.ElementsMatch(t, want, got, "nothing is lost and nothing doubled")
	for _, user := range []string{"li", "john"} {
		mine := slices.DeleteFunc(slices.Clone(got), func(key string) bool { return !strings.Contains(key, user) })
		require.True(t, slices.IsSorted(mine[1:]), "but for the one that found the peer back, they come in the order of the day: %v", mine)
	}
	report, err = o.queue.Report(t.Context())
	require.NoError(t, err)
	require.Equal(t, throttle.Closed, report[0].Breaker)
}

// TestPoison has a message that makes its peer fail, again and again.
func TestPoison(t *testing.T) {
	o := openOffice(t, nil)
	o.peer.answer = func(m notices.Message) error {
		if m.Key == "r0-1-li-chat" {
			return notices.PeerRefused(chat, chat, 500)
		}
		return nil
	}
	o.tell("r0", "1", engine.CauseTask, "li")
	o.pass(2*time.Hour, 5*time.Minute)
	for i := range 5 {
		o.tell(fmt.Sprint("s", i), "1", engine.CauseTask, "john")
	}
	o.pass(2*time.Hour, 5*time.Minute)
	require.Len(t, o.peer.took, 5, "others are tried too, and one that arrives opens the way")
	report, err := o.queue.Report(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1, report[0].Waiting)
}

func TestStale(t *testing.T) {
	o := openOffice(t, nil)
	o.peer.answer = func(notices.Message) error { return notices.PeerRefused(chat, chat, 40001) }
	o.tell("r1", "1", engine.CauseTask, "li")
	o.pass(8*24*time.Hour, 4*time.Hour)
	n := o.load("r1-1-li-chat")
	require.Equal(t, notices.Expired, n.State, "after a week nobody wants it any more")
	require.Contains(t, n.ErrorText.In("en"), "older than")
	o.peer.answer = nil
	o.clock.Advance(time.Hour)
	require.NoError(t, o.queue.Resend(t.Context(), n.ID))
	o.drain()
	require.Equal(t, notices.Sent, o.load(n.ID).State)
}

// TestFence pauses a worker past its lease at the last moment before it sends.
func TestFence(t *testing.T) {
	o := openOffice(t, nil)
	o.tell("r1", "1", engine.CauseTask, "li")
	paused := false
	find := o.opts.Person
	o.opts.Person = func(ctx context.Context, user string) (notices.Person, error) {
		if !paused {
			paused = true
			o.clock.Advance(5 * time.Minute)
			if err := o.queue.Drain(context.WithoutCancel(ctx)); err != nil {
				return notices.Person{}, err
			}
		}
		return find(ctx, user)
	}
	require.NoError(t, o.copy().Drain(t.Context()))
	require.True(t, paused)
	require.Equal(t, []string{"r1-1-li-chat"}, o.peer.keys(), "only the worker that took over has sent")
	require.Equal(t, 1, o.count["lost"])
	require.Equal(t, notices.Sent, o.load("r1-1-li-chat").State)
}

func TestLines(t *testing.T) {
	t.Run("each_app_has_its_own_line_and_the_others_share_one", func(t *testing.T) {
		o := openOffice(t, nil)
		own := &peer{clock: o.clock}
		o.queue.Use([]notices.Line{o.line, {ID: "sales.chat", App: "sales", Key: "chat", Channel: own}})
		o.tell("r1", "1", engine.CauseTask, "li")
		o.drain()
		require.Len(t, own.took, 1)
		require.Empty(t, o.peer.took)
		o.queue.Use([]notices.Line{o.line, {ID: "stock.chat", App: "stock", Key: "chat", Channel: own}})
		o.tell("r2", "1", engine.CauseTask, "li")
		o.drain()
		require.Len(t, o.peer.took, 1)
	})

	t.Run("a_line_that_is_not_set_up_holds_its_notices_though_there_is_a_shared_one", func(t *testing.T) {
		o := openOffice(t, nil)
		unset := notices.Line{ID: "sales.chat", App: "sales", Key: "chat", Why: definition.Text{"": "the secret is missing"}}
		o.queue.Use([]notices.Line{o.line, unset})
		o.tell("r1", "1", engine.CauseTask, "li")
		o.drain()
		require.Equal(t, map[string]int{"held": 1}, o.states())
		report, err := o.queue.Report(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 1, report[1].Held)
		_, err = o.queue.Test(t.Context(), "sales.chat", notices.Message{})
		require.True(t, fault.Has(err, notices.ErrNoLine), err)
		require.Contains(t, err.Error(), "the secret is missing")

		unset.Version, unset.Channel = "2", o.peer
		o.queue.Use([]notices.Line{o.line, unset})
		o.drain()
		require.Len(t, o.peer.took, 1, "what was held goes when the line is set up")
	})

	t.Run("lines_change_while_the_queue_runs_and_nothing_under_way_is_cut_off", func(t *testing.T) {
		o := openOffice(t, nil)
		begun, goOn := make(chan struct{}), make(chan struct{})
		o.peer.answer = func(notices.Message) error {
			close(begun)
			<-goOn
			return nil
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		o.tell("r1", "1", engine.CauseTask, "li")
		go func() {
			defer close(ended)
			o.queue.Run(ctx)
		}()
		<-begun
		sent := make(chan string, 4)
		o.queue.Use([]notices.Line{{ID: "chat", Key: "chat", Version: "2", Channel: telling(sent)}})
		o.tell("r2", "1", engine.CauseTask, "li")
		o.queue.Nudge()
		require.Equal(t, "r2-1-li-chat", <-sent)
		close(goOn)
		cancel()
		<-ended
		require.Equal(t, []string{"r1-1-li-chat"}, o.peer.keys())
		require.Equal(t, notices.Sent, o.load("r1-1-li-chat").State)
		require.Empty(t, sent, "not a second time by the new line")
	})
}

func TestTest(t *testing.T) {
	o := openOffice(t, nil)
	down := errors.New("no route to host")
	o.peer.answer = func(notices.Message) error { return down }
	o.tell("r1", "1", engine.CauseTask, "a", "b", "c", "d", "e", "f")
	o.pass(time.Minute, 10*time.Second)
	report, err := o.queue.Report(t.Context())
	require.NoError(t, err)
	require.Equal(t, throttle.Open, report[0].Breaker)

	m := notices.Message{Key: "test", To: notices.Person{ID: "li"}, Title: "Test"}
	_, err = o.queue.Test(t.Context(), "chat", m)
	require.ErrorIs(t, err, down)
	o.peer.answer = nil
	got, err := o.queue.Test(t.Context(), "chat", m)
	require.NoError(t, err)
	require.Equal(t, "test", got.MessageID)
	o.clock.Advance(time.Minute)
	o.drain()
	require.Equal(t, map[string]int{"sent": 6}, o.states(), "a test that arrives opens the way for all")

	_, err = o.queue.Test(t.Context(), "fax", m)
	require.True(t, fault.Has(err, notices.ErrNoLine))
	o.peer.nobody = []string{"li"}
	_, err = o.queue.Test(t.Context(), "chat", m)
	require.True(t, fault.Has(err, notices.ErrNoContact))
}

func TestUndeliveredOf(t *testing.T) {
	o := openOffice(t, nil)
	o.peer.answer = func(notices.Message) error { return notices.Refused(chat, chat, 45002) }
	o.tell("r1", "1", engine.CauseTask, "li")
	tell(t, o.store, "1", morning, []string{"li"}, notices.Email)
	o.drain()
	dead, err := o.queue.UndeliveredOf(t.Context(), "chat", []queue.State{queue.Dead}, "", 10)
	require.NoError(t, err)
	require.Len(t, dead, 1)
	require.Contains(t, dead[0].ErrorText.In("zh-CN"), "聊天不接受这条消息")
	held, err := o.queue.Undelivered(t.Context(), []queue.State{notices.Held}, "", 10)
	require.NoError(t, err)
	require.Len(t, held, 1)
	none, err := o.queue.UndeliveredOf(t.Context(), "fax", []queue.State{queue.Dead}, "", 10)
	require.NoError(t, err)
	require.Empty(t, none)
}
