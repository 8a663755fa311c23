package notices_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/storetest"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/notices/throttle"
	"github.com/stepwell/stepwell/runtime/queue"
	"github.com/stepwell/stepwell/schemas/definition"
)

var (
	monday   = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	errNoOne = fault.Define(fault.NotFound, "test.noOne", "no such person", "没有此人")
)

func open(t *testing.T) (store.Store, *clock.Manual) {
	t.Helper()
	st := storetest.Open(t)
	require.NoError(t, st.EnsureIndexes(t.Context(), notices.Collection, notices.Indexes()...))
	require.NoError(t, st.EnsureIndexes(t.Context(), throttle.Collection))
	return st, clock.NewManual(monday)
}

// tell stores a notice of each channel for each user, as the record pipeline does.
func tell(t *testing.T, st store.Store, key string, at time.Time, users []string, channels ...string) {
	t.Helper()
	writes, err := notices.Writes(
		engine.Effect{Key: key, Cause: engine.CauseTask, To: users, Channels: channels},
		notices.Subject{
			App: "sales", Form: "opportunity", Record: "r1", Title: "OP-7", At: at, Link: "/r/r1",
			Step: definition.Text{"zh-CN": "样件申请", "en": "Sample request"},
		})
	require.NoError(t, err)
	require.NoError(t, st.Apply(t.Context(), writes...))
}

// post is a channel that keeps what it is given and fails as told.
type post struct {
	mu   sync.Mutex
	got  []notices.Message
	fail []error // of the next attempts
}

func (p *post) Kind() string { return notices.Email }

func (p *post) Send(_ context.Context, m notices.Message) (notices.Receipt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.fail) > 0 {
		err := p.fail[0]
		p.fail = p.fail[1:]
		if err != nil {
			return notices.Receipt{}, err
		}
	}
	p.got = append(p.got, m)
	return notices.Receipt{MessageID: "<" + m.Key + ">"}, nil
}

func options() notices.Options {
	return notices.Options{
		BaseURL: "https://stepwell.example.com",
		Random:  func() float64 { return 0 },
		Person: func(_ context.Context, user string) (notices.Person, error) {
			if user == "gone" {
				return notices.Person{}, errNoOne.With(nil)
			}
			lang := "zh-CN"
			if user == "john" {
				lang = "en"
			}
			return notices.Person{ID: user, Name: user, Email: user + "@example.com", Language: lang}, nil
		},
	}
}

func undelivered(t *testing.T, q *notices.Queue, state queue.State) []notices.Notice {
	t.Helper()
	list, err := q.Undelivered(t.Context(), []queue.State{state}, "", 100)
	require.NoError(t, err)
	return list
}

func TestDelivery(t *testing.T) {
	t.Run("each_reader_gets_it_once_in_their_language_with_a_link", func(t *testing.T) {
		st, ck := open(t)
		tell(t, st, "1", monday, []string{"li", "john"}, notices.InApp, notices.Email)
		tell(t, st, "1", monday, []string{"li", "john"}, notices.InApp, notices.Email) // an outbox told twice
		p := &post{}
		var copies sync.WaitGroup
		for range 2 {
			q := notices.New(st, ck, []notices.Channel{p}, options())
			copies.Go(func() {
				if err := q.Drain(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		copies.Wait()
		require.Len(t, p.got, 2)
		slices.SortFunc(p.got, func(a, b notices.Message) int { return len(a.To.ID) - len(b.To.ID) })
		require.Equal(t, "待办：OP-7 · 样件申请", p.got[0].Title)
		require.Equal(t, "To do: OP-7 · Sample request", p.got[1].Title)
		require.Equal(t, "https://stepwell.example.com/r/r1", p.got[0].Link)
		require.Equal(t, "r1-1-li-email", p.got[0].Key)

		n, err := store.Load[notices.Notice](t.Context(), st, notices.Collection, "r1-1-li-email")
		require.NoError(t, err)
		require.Equal(t, notices.Sent, n.State)
		require.Equal(t, "<r1-1-li-email>", n.MessageID)
		require.Equal(t, monday, n.SentAt.Time)
	})

	t.Run("a_temporary_failure_is_tried_again_later_under_the_same_key", func(t *testing.T) {
		st, ck := open(t)
		tell(t, st, "1", monday, []string{"li"}, notices.Email)
		p := &post{fail: []error{errors.New("busy"), errors.New("busy")}}
		q := notices.New(st, ck, []notices.Channel{p}, options())
		require.NoError(t, q.Drain(t.Context()))
		require.Empty(t, p.got)
		waiting := undelivered(t, q, queue.Pending)
		require.Len(t, waiting, 1)
		require.Equal(t, "busy", waiting[0].Error)
		for range 2 {
			ck.Advance(time.Minute)
			require.NoError(t, q.Drain(t.Context()))
		}
		require.Len(t, p.got, 1)
		require.Equal(t, "r1-1-li-email", p.got[0].Key)
		require.Empty(t, undelivered(t, q, queue.Pending))
	})

	t.Run("a_permanent_failure_is_a_dead_letter_that_can_be_sent_again", func(t *testing.T) {
		st, ck := open(t)
		tell(t, st, "1", monday, []string{"li"}, notices.Email)
		p := &post{fail: []error{queue.Permanent(errors.New("550 no such user"))}}
		q := notices.New(st, ck, []notices.Channel{p}, options())
		require.NoError(t, q.Drain(t.Context()))
		dead := undelivered(t, q, queue.Dead)
		require.Len(t, dead, 1)
		require.Equal(t, "550 no such user", dead[0].Error)
		stats, err := q.Stats(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 1, stats.Channels[notices.Email].Dead)

		require.NoError(t, q.Resend(t.Context(), dead[0].ID))
		require.NoError(t, q.Drain(t.Context()))
		require.Len(t, p.got, 1)
		require.True(t, fault.Has(q.Resend(t.Context(), dead[0].ID), queue.ErrNotDead))
	})

	t.Run("a_reader_who_has_left_is_a_dead_letter", func(t *testing.T) {
		st, ck := open(t)
		tell(t, st, "1", monday, []string{"gone"}, notices.Email)
		q := notices.New(st, ck, []notices.Channel{&post{}}, options())
		require.NoError(t, q.Drain(t.Context()))
		require.Len(t, undelivered(t, q, queue.Dead), 1)
	})

	t.Run("a_running_queue_delivers_when_nudged", func(t *testing.T) {
		st, ck := open(t)
		sent := make(chan string, 1)
		q := notices.New(st, ck, []notices.Channel{telling(sent)}, options())
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { q.Run(ctx) })
		tell(t, st, "1", monday, []string{"li"}, notices.Email)
		q.Nudge()
		require.Equal(t, "r1-1-li-email", <-sent)
		cancel()
		running.Wait()
	})
}

type telling chan string

func (c telling) Kind() string { return notices.Email }

func (c telling) Send(_ context.Context, m notices.Message) (notices.Receipt, error) {
	c <- m.Key
	return notices.Receipt{}, nil
}

func TestHeld(t *testing.T) {
	t.Run("without_a_channel_notices_are_held_in_sight_and_go_when_it_is_set_up", func(t *testing.T) {
		st, ck := open(t)
		tell(t, st, "1", monday, []string{"li"}, notices.Email)
		unset := notices.New(st, ck, nil, options())
		require.NoError(t, unset.Drain(t.Context()))
		require.Len(t, undelivered(t, unset, notices.Held), 1)
		stats, err := unset.Stats(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 1, stats.Held)

		ck.Advance(24 * time.Hour)
		p := &post{}
		require.NoError(t, notices.New(st, ck, []notices.Channel{p}, options()).Drain(t.Context()))
		require.Len(t, p.got, 1)
	})

	t.Run("old_news_does_not_flood_anybody_when_mail_is_set_up_later", func(t *testing.T) {
		st, ck := open(t)
		tell(t, st, "1", monday, []string{"li"}, notices.Email)
		require.NoError(t, notices.New(st, ck, nil, options()).Drain(t.Context()))
		ck.Advance(8 * 24 * time.Hour)
		p := &post{}
		q := notices.New(st, ck, []notices.Channel{p}, options())
		require.NoError(t, q.Drain(t.Context()))
		require.Empty(t, p.got)
		expired := undelivered(t, q, notices.Expired)
		require.Len(t, expired, 1)
		require.Contains(t, expired[0].ErrorText.In("en"), "older than")
		require.NoError(t, q.Resend(t.Context(), expired[0].ID))
		require.NoError(t, q.Drain(t.Context()))
		require.Len(t, p.got, 1)
	})
}

func TestRate(t *testing.T) {
	st, ck := open(t)
	var users []string
	for _, u := range "abcdefghij" {
		users = append(users, string(u))
	}
	tell(t, st, "1", monday, users, notices.Email)
	p := &post{}
	line := notices.Line{
		ID: "email", Key: notices.Email, Channel: p,
		Throttle: throttle.Config{Rates: []throttle.Rate{{Every: 10 * time.Second, Burst: 3}}},
	}
	copies := []*notices.Queue{notices.New(st, ck, nil, options()), notices.New(st, ck, nil, options())}
	for _, q := range copies {
		q.Use([]notices.Line{line})
	}
	drain := func() {
		var work sync.WaitGroup
		for _, q := range copies {
			work.Go(func() {
				if err := q.Drain(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		work.Wait()
	}

	drain()
	require.Len(t, p.got, 3, "two server copies share one burst")
	ck.Advance(9 * time.Second)
	drain()
	require.Len(t, p.got, 3)
	ck.Advance(time.Second)
	drain()
	require.Len(t, p.got, 4, "then one each ten seconds")
	ck.Advance(time.Hour)
	drain()
	require.Len(t, p.got, 7, "a quiet hour allows no more than a burst")
}

func TestInbox(t *testing.T) {
	st, ck := open(t)
	box := notices.NewInbox(st, ck)
	for i, key := range []string{"a", "b", "c", "d", "e"} {
		tell(t, st, key, monday.Add(time.Duration(i/2)*time.Minute), []string{"li", "wang"}, notices.InApp, notices.Email)
	}
	ids := func(page []notices.Notice) []string {
		var out []string
		for _, n := range page {
			require.Equal(t, "li", n.User)
			out = append(out, n.ID)
		}
		return out
	}

	t.Run("pages_go_from_the_newest_without_overlap", func(t *testing.T) {
		var all []string
		cursor := ""
		for pages := 0; ; pages++ {
			page, next, err := box.List(t.Context(), "li", cursor, 2, false)
			require.NoError(t, err)
			all = append(all, ids(page)...)
			if cursor = next; cursor == "" {
				require.Equal(t, 2, pages)
				break
			}
		}
		require.Equal(t, []string{"r1-e-li-inApp", "r1-d-li-inApp", "r1-c-li-inApp", "r1-b-li-inApp", "r1-a-li-inApp"}, all)
	})

	t.Run("reading_one_leaves_the_others_unread", func(t *testing.T) {
		require.NoError(t, box.MarkRead(t.Context(), "li", "r1-c-li-inApp"))
		n, err := box.Unread(t.Context(), "li", 0)
		require.NoError(t, err)
		require.EqualValues(t, 4, n)
		page, _, err := box.List(t.Context(), "li", "", 10, true)
		require.NoError(t, err)
		require.NotContains(t, ids(page), "r1-c-li-inApp")
	})

	t.Run("reading_again_keeps_the_first_moment", func(t *testing.T) {
		ck.Advance(time.Hour)
		require.NoError(t, box.MarkRead(t.Context(), "li", "r1-c-li-inApp"))
		n, err := store.Load[notices.Notice](t.Context(), st, notices.Collection, "r1-c-li-inApp")
		require.NoError(t, err)
		require.Equal(t, monday, n.ReadAt.Time)
	})

	t.Run("nobody_reads_the_notices_of_others", func(t *testing.T) {
		for _, id := range []string{"r1-a-wang-inApp", "r1-a-li-email", "nothing"} {
			require.True(t, fault.Has(box.MarkRead(t.Context(), "li", id), notices.ErrNoNotice), id)
		}
	})

	t.Run("all_can_be_marked_read_at_once", func(t *testing.T) {
		require.NoError(t, box.MarkAllRead(t.Context(), "li"))
		mine, err := box.Unread(t.Context(), "li", 0)
		require.NoError(t, err)
		require.Zero(t, mine)
		theirs, err := box.Unread(t.Context(), "wang", 0)
		require.NoError(t, err)
		require.EqualValues(t, 5, theirs)
	})

	t.Run("a_cursor_made_up_is_refused", func(t *testing.T) {
		for _, cursor := range []string{"%", "bm9uc2Vuc2U"} {
			_, _, err := box.List(t.Context(), "li", cursor, 2, false)
			require.True(t, fault.Has(err, notices.ErrCursor), cursor)
		}
	})
}
