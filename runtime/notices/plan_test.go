package notices_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/calendar"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/notices/preference"
	"github.com/stepwell/stepwell/runtime/queue"
	calendardef "github.com/stepwell/stepwell/schemas/calendar"
)

func wants(cause engine.EffectCause, c preference.Choice) preference.Preferences {
	return preference.Preferences{Choices: map[string]map[string]preference.Choice{string(cause): {"chat": c}}}
}

var night = preference.Preferences{Quiet: preference.Quiet{On: true, From: "20:00", To: "08:00"}}

// at moves the clock to a moment in Shanghai.
func (o *office) at(moment string) {
	o.Helper()
	t, err := time.ParseInLocation("2006-01-02 15:04", moment, shanghai)
	require.NoError(o, err)
	o.clock.Set(t)
}

func TestPreferences(t *testing.T) {
	t.Run("what_is_switched_off_is_in_the_inbox_alone", func(t *testing.T) {
		o := openOffice(t, nil)
		o.wants["li"] = wants(engine.CauseTask, preference.Off)
		o.tell("r1", "1", engine.CauseTask, "li", "wang")
		o.tell("r1", "2", engine.CauseOverdue, "li")
		o.drain()
		require.ElementsMatch(t, []string{"r1-1-wang-chat", "r1-2-li-chat"}, o.peer.keys())
		require.Equal(t, notices.Off, o.load("r1-1-li-chat").State)
		require.Equal(t, notices.Sent, o.load("r1-1-li-inApp").State)
		require.Equal(t, 1, o.count["off"])
	})

	t.Run("who_wants_nothing_by_a_channel_needs_no_contact_there", func(t *testing.T) {
		o := openOffice(t, nil)
		o.peer.nobody = []string{"li"}
		o.wants["li"] = wants(engine.CauseTask, preference.Off)
		o.tell("r1", "1", engine.CauseTask, "li")
		o.drain()
		require.Equal(t, notices.Off, o.load("r1-1-li-chat").State)
	})

	t.Run("a_choice_counts_from_the_moment_it_is_made", func(t *testing.T) {
		o := openOffice(t, nil)
		o.wants["li"] = night
		o.at("2026-03-02 22:00")
		o.tell("r1", "1", engine.CauseTask, "li")
		o.drain()
		o.wants["li"] = wants(engine.CauseTask, preference.Off)
		o.pass(12*time.Hour, 30*time.Minute)
		require.Empty(t, o.peer.took)
		require.Equal(t, notices.Off, o.load("r1-1-li-chat").State)
	})

	t.Run("preferences_that_cannot_be_read_keep_the_message_waiting", func(t *testing.T) {
		o := openOffice(t, func(_ *notices.Line, opts *notices.Options) {
			opts.Preferences = func(context.Context, string) (preference.Preferences, error) {
				return preference.Preferences{}, errors.New("disk")
			}
		})
		o.tell("r1", "1", engine.CauseTask, "li")
		o.drain()
		require.Equal(t, queue.Pending, o.load("r1-1-li-chat").State)
		require.Empty(t, o.peer.took)
	})
}

func TestQuietHours(t *testing.T) {
	urgent := func(_ *notices.Line, opts *notices.Options) {
		opts.Policy = func(string, string) notices.Policy { return notices.Policy{Urgent: []string{"overdue"}} }
	}

	t.Run("what_comes_at_night_goes_in_the_morning_once_and_in_order", func(t *testing.T) {
		o := openOffice(t, func(l *notices.Line, _ *notices.Options) { l.Workers = 1 })
		o.wants["li"] = night
		o.at("2026-03-02 20:30")
		other := o.copy()
		o.tell("r2", "1", engine.CauseTask, "li")
		o.clock.Advance(time.Hour)
		o.tell("r1", "1", engine.CauseTask, "li", "wang")
		for range 6 {
			o.drain()
			require.NoError(t, other.Drain(t.Context()))
			o.clock.Advance(95 * time.Minute)
		}
		o.at("2026-03-03 08:00")
		o.pass(12*time.Minute, time.Minute)
		require.Equal(t, []string{"r1-1-wang-chat", "r2-1-li-chat", "r1-1-li-chat"}, o.peer.keys())
		for i, m := range o.peer.took {
			if m.To.ID == "li" {
				sent := o.peer.at[i].In(shanghai)
				require.Equal(t, 8, sent.Hour())
				require.Less(t, sent.Minute(), 12, "soon after their end")
			}
		}
		require.Equal(t, map[string]int{"sent": 3}, o.states())
	})

	t.Run("people_are_let_go_at_different_moments", func(t *testing.T) {
		o := openOffice(t, nil)
		o.at("2026-03-02 22:00")
		users := []string{}
		for _, u := range "abcdefgh" {
			users = append(users, string(u))
			o.wants[string(u)] = night
		}
		o.tell("r1", "1", engine.CauseTask, users...)
		o.drain()
		moments := map[time.Time]bool{}
		for _, u := range users {
			n := o.load("r1-1-" + u + "-chat")
			require.False(t, n.ReadyAt.Before(time.Date(2026, 3, 3, 8, 0, 0, 0, shanghai)))
			moments[n.ReadyAt.Time] = true
		}
		require.Greater(t, len(moments), 5)
		report, err := o.queue.Report(t.Context())
		require.NoError(t, err)
		require.Zero(t, report[0].Late.Overdue, "what waits on purpose is not late")
	})

	t.Run("what_the_definition_calls_urgent_goes_at_night", func(t *testing.T) {
		o := openOffice(t, urgent)
		o.wants["li"] = night
		o.at("2026-03-02 23:00")
		o.tell("r1", "1", engine.CauseOverdue, "li")
		o.tell("r1", "2", engine.CauseTask, "li")
		o.drain()
		require.Equal(t, []string{"r1-1-li-chat"}, o.peer.keys())
	})

	t.Run("the_calendar_of_the_channel_knows_the_zone_and_the_holidays", func(t *testing.T) {
		def, err := calendardef.Parse(calendar.ChinaDocument())
		require.NoError(t, err)
		china, err := calendar.Compile(def)
		require.NoError(t, err)
		o := openOffice(t, func(_ *notices.Line, opts *notices.Options) {
			opts.Zone = time.UTC
			opts.Policy = func(string, string) notices.Policy { return notices.Policy{Calendar: china} }
		})
		o.wants["li"] = preference.Preferences{Quiet: preference.Quiet{On: true, From: "20:00", To: "08:00", FreeDays: true}}
		o.at("2026-10-01 10:00")
		o.tell("r1", "1", engine.CauseTask, "li")
		o.drain()
		ready := o.load("r1-1-li-chat").ReadyAt.In(shanghai)
		require.Equal(t, "2026-10-08 08", ready.Format("2006-01-02 15"))
	})
}

func TestDigest(t *testing.T) {
	daily := preference.Preferences{
		DigestAt: "08:30",
		Choices: map[string]map[string]preference.Choice{
			"task": {"chat": preference.Digest}, "overdue": {"chat": preference.Digest}, "copy": {"chat": preference.Digest},
		},
	}

	t.Run("a_day_comes_as_one_message_grouped_by_record_with_what_is_red_first", func(t *testing.T) {
		o := openOffice(t, nil)
		o.wants["li"], o.wants["john"] = daily, daily
		o.at("2026-03-02 10:00")
		o.tell("r1", "1", engine.CauseTask, "li")
		o.clock.Advance(time.Hour)
		o.tell("r2", "1", engine.CauseTask, "li", "john")
		o.clock.Advance(time.Hour)
		o.tell("r1", "2", engine.CauseCopy, "li")
		o.tell("r3", "1", engine.CauseOverdue, "li")
		o.tell("r3", "2", engine.CauseReturned, "li") // not collected
		o.drain()
		require.Equal(t, []string{"r3-2-li-chat"}, o.peer.keys())
		report, err := o.queue.Report(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 5, report[0].Collected)
		require.EqualValues(t, 2, report[0].Waiting, "the two digests")
		require.Zero(t, report[0].Late.Overdue)

		o.pass(22*time.Hour, 30*time.Minute)
		require.Len(t, o.peer.took, 3)
		var m notices.Message
		for _, took := range o.peer.took[1:] {
			if took.To.ID == "li" {
				m = took
			}
		}
		require.Equal(t, "通知汇总：3 条记录，共 4 条提醒", m.Title)
		require.Equal(t, "1 条记录已超时，排在最前。", m.Text)
		require.Equal(t, []notices.Item{
			{Title: "Deal r3", Red: true, Lines: []string{"已超时：Deal r3 · 样件"}, Link: "https://stepwell.example.com/r/r3"},
			{Title: "Deal r1", Lines: []string{"待办：Deal r1 · 样件", "抄送：Deal r1 · 样件"}, Link: "https://stepwell.example.com/r/r1"},
			{Title: "Deal r2", Lines: []string{"待办：Deal r2 · 样件"}, Link: "https://stepwell.example.com/r/r2"},
		}, m.Items)
		require.Equal(t, "1 条记录已超时，排在最前。\n▲ Deal r3\n· 已超时：Deal r3 · 样件\nDeal r1\n· 待办：Deal r1 · 样件\n· 抄送：Deal r1 · 样件\nDeal r2\n· 待办：Deal r2 · 样件", m.Body())
		require.Empty(t, m.Thread)
		require.Equal(t, map[string]int{"inDigest": 5, "sent": 3}, o.states())

		o.pass(48*time.Hour, 30*time.Minute)
		require.Len(t, o.peer.took, 3, "an empty day has no digest")
		require.Equal(t, "Summary. Records: 1, notices: 1", digestOf(o, "john").Title)
	})

	t.Run("what_comes_too_late_is_in_the_next_one", func(t *testing.T) {
		o := openOffice(t, nil)
		o.wants["li"] = daily
		o.at("2026-03-02 10:00")
		o.tell("r1", "1", engine.CauseTask, "li")
		o.drain()
		digest := o.load("r1-1-li-chat").Digest
		o.pass(23*time.Hour, 30*time.Minute)
		require.Equal(t, notices.Sent, o.load(digest).State)
		// A worker that was slow names a digest that has gone.
		o.tell("r2", "1", engine.CauseTask, "li")
		n := o.load("r2-1-li-chat")
		_, err := o.store.FindAndUpdate(t.Context(), notices.Collection, map[string]any{"_id": n.ID}, nil, update("digest", digest), false)
		require.NoError(t, err)
		o.drain()
		require.NotEqual(t, digest, o.load(n.ID).Digest)
		o.pass(24*time.Hour, 30*time.Minute)
		require.Equal(t, notices.InDigest, o.load(n.ID).State)
		require.Len(t, o.peer.took, 2)
	})

	t.Run("through_an_outage_it_stays_one_message", func(t *testing.T) {
		o := openOffice(t, nil)
		o.wants["li"] = daily
		o.at("2026-03-02 10:00")
		o.tell("r1", "1", engine.CauseTask, "li")
		o.drain()
		down := true
		o.peer.answer = func(notices.Message) error {
			if down {
				return notices.PeerRefused(chat, chat, 500)
			}
			return nil
		}
		o.pass(24*time.Hour, 30*time.Minute)
		o.tell("r2", "1", engine.CauseTask, "li")
		o.pass(5*time.Hour, 30*time.Minute)
		require.Empty(t, o.peer.took)
		down = false
		o.pass(24*time.Hour, 30*time.Minute)
		require.Len(t, o.peer.took, 2)
		require.Equal(t, map[string]int{"inDigest": 2, "sent": 2}, o.states())
	})

	t.Run("a_digest_nobody_can_take_is_one_dead_letter", func(t *testing.T) {
		o := openOffice(t, nil)
		o.wants["li"] = daily
		o.at("2026-03-02 10:00")
		o.tell("r1", "1", engine.CauseTask, "li")
		o.drain()
		o.peer.answer = func(notices.Message) error { return notices.Refused(chat, chat, 1) }
		o.pass(30*time.Hour, 30*time.Minute)
		require.Equal(t, map[string]int{"inDigest": 1, "dead": 1}, o.states())
		o.peer.answer = nil
		require.NoError(t, o.queue.Resend(t.Context(), o.load("r1-1-li-chat").Digest))
		o.drain()
		require.Len(t, o.peer.took, 1)
		require.Equal(t, "Deal r1", o.peer.took[0].Items[0].Title)
	})
}

func digestOf(o *office, user string) notices.Message {
	o.Helper()
	for _, m := range o.peer.took {
		if m.To.ID == user && m.About.Cause == string(notices.CauseDigest) {
			return m
		}
	}
	require.Fail(o, "no digest")
	return notices.Message{}
}
