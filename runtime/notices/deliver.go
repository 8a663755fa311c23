package notices

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/queue"
	"github.com/stepwell/stepwell/schemas/problem"
)

// ErrStale gives a notice up that nobody wants any more.
var ErrStale = fault.Define(fault.Conflict, "notices.stale",
	"It is older than {age}, so it was not sent. It can be sent again by hand.", "消息已超过 {age} 未能发出，不再自动发送，可手动重新发送。")

// attempt is one try to deliver one notice by one line.
type attempt struct {
	way    *way
	notice Notice
	tried  bool // the peer was called
}

// deliver is what a line's queue does with a notice.
func (q *Queue) deliver(ctx context.Context, w *way, doc store.Doc) (store.Update, error) {
	n, err := read(doc)
	if err != nil {
		return store.Update{}, queue.Permanent(err)
	}
	a := &attempt{way: w, notice: n}
	update, err := q.try(ctx, a)
	return q.settle(ctx, a, update, err)
}

// try sends a notice, or says what becomes of it instead.
func (q *Queue) try(ctx context.Context, a *attempt) (store.Update, error) {
	n := &a.notice
	if born := latest(n.CreatedAt.Time, n.RetriedAt.Time); q.clock.Now().Sub(born) > q.options.HoldFor {
		return store.Update{}, q.stale()
	}
	if a.way.Group {
		m, err := q.toGroup(ctx, a)
		if err != nil {
			return store.Update{}, err
		}
		return q.send(ctx, a, m)
	}
	to, err := q.options.Person(ctx, n.User)
	if err != nil {
		err = fmt.Errorf("find the reader %s: %w", n.User, err)
		if fault.KindOf(err) == fault.NotFound {
			err = queue.Permanent(err)
		}
		return store.Update{}, err
	}
	reach := reach(a.way.Channel, to)
	plan, err := q.plan(ctx, a, reach == nil)
	if err != nil || plan.state != "" {
		return store.Update{Set: map[string]any{"state": plan.state}}, err
	}
	if reach != nil {
		return store.Update{}, reach
	}
	m, some, err := q.toPerson(ctx, a, to)
	if err != nil || !some {
		return store.Update{Set: map[string]any{"state": Off}}, err
	}
	if err := q.turn(ctx, a); err != nil {
		return store.Update{}, err
	}
	return q.send(ctx, a, m)
}

// stale is the error of a notice that has waited for too long.
func (q *Queue) stale() error { return ErrStale.With(problem.Params{"age": q.options.HoldFor}) }

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func reach(ch Channel, to Person) error {
	if r, ok := ch.(Reacher); ok {
		return r.Reach(to)
	}
	return nil
}

// turnHolds is for how long after its moment a place in the row is good. One that was missed by more is taken anew: many
// that were missed together would else go all at once.
const turnHolds = 5 * time.Second

// turn waits for the notice's place in the row of messages to its reader.
func (q *Queue) turn(ctx context.Context, a *attempt) error {
	now := q.clock.Now()
	if slot := a.notice.Slot; !slot.IsZero() && !slot.After(now) && now.Sub(slot.Time) <= turnHolds {
		return nil
	}
	turn, err := a.way.throttle.Turn(ctx, a.notice.User)
	if err != nil || !turn.After(now) {
		return err
	}
	return queue.Later(turn, store.Update{Set: map[string]any{"slot": store.FormatTime(turn)}})
}

func (q *Queue) send(ctx context.Context, a *attempt, m Message) (store.Update, error) {
	if err := queue.Fence(ctx); err != nil {
		return store.Update{}, err
	}
	a.tried = true
	receipt, err := a.way.Channel.Send(ctx, m)
	if err != nil {
		return store.Update{}, err
	}
	return store.Update{
		Set:   map[string]any{"state": Sent, "sentAt": store.FormatTime(q.clock.Now()), "messageId": receipt.MessageID},
		Unset: []string{"slot"},
	}, nil
}

// message is what does not depend on the reader.
func (q *Queue) message(n *Notice, lang string) Message {
	m := Message{
		Key: n.ID, Language: lang, Title: n.Title.In(lang), Text: n.Text.In(lang), At: n.CreatedAt.Time,
		About: About{Cause: string(n.Cause), App: n.App, Form: n.Form, Record: n.Record, RecordTitle: n.RecordTitle},
	}
	if n.Link != "" {
		m.Link = q.options.BaseURL + n.Link
	}
	if n.QuickLink != "" && q.options.QuickPath != nil {
		m.QuickLink = q.options.BaseURL + q.options.QuickPath(n.QuickLink)
	}
	if n.Record != "" {
		m.Thread = n.App + "/" + n.Form + "/" + n.Record
	}
	return m
}

func (q *Queue) toGroup(ctx context.Context, a *attempt) (Message, error) {
	lang := a.way.Language
	if lang == "" {
		lang = "zh-CN"
	}
	m := q.message(&a.notice, lang)
	for _, user := range a.notice.Users {
		p, err := q.options.Person(ctx, user)
		if fault.KindOf(err) == fault.NotFound && err != nil {
			continue // has left; the group is told all the same
		}
		if err != nil {
			return Message{}, fmt.Errorf("find the reader %s: %w", user, err)
		}
		m.Group = append(m.Group, p)
	}
	return m, nil
}

// toPerson is the message to a reader; false when a digest has nothing to say.
func (q *Queue) toPerson(ctx context.Context, a *attempt, to Person) (Message, bool, error) {
	m := q.message(&a.notice, to.Language)
	m.To = to
	if a.notice.Cause != CauseDigest {
		return m, true, nil
	}
	items, err := q.gather(ctx, a.notice.ID)
	if err != nil || len(items) == 0 {
		return Message{}, false, err
	}
	q.compose(&m, items)
	return m, true, nil
}

// outcomeOf says in one word how a try went.
func outcomeOf(ctx context.Context, a *attempt, err error) Outcome {
	_, putOff := queue.PutOff(err)
	switch {
	case err == nil && a.tried:
		return WentOut
	case err == nil:
		return Unwanted
	case errors.Is(err, queue.ErrLost):
		return Superseded
	case putOff, errors.Is(ctx.Err(), context.Canceled): // the latter: the server ends
		return PutOff
	case fault.Has(err, ErrNoContact):
		return Unreached
	case fault.Has(err, ErrStale), queue.IsPermanent(err):
		return GivenUp
	default:
		return WentWrong
	}
}

// settle tells the throttle and the counters how a try went, and turns a failure into what the queue makes of it.
func (q *Queue) settle(ctx context.Context, a *attempt, update store.Update, err error) (store.Update, error) {
	outcome := outcomeOf(ctx, a, err)
	q.options.Counted(a.way.ID, outcome)
	keep, th := context.WithoutCancel(ctx), a.way.throttle
	var account error
	pause, busy := Pause(err)
	switch {
	case !a.tried, outcome == Superseded, outcome == PutOff:
		account = th.Unused(keep)
	case busy:
		until := q.clock.Now().Add(pause)
		account = th.Busy(keep, until, Words(err))
		err = queue.Later(until, store.Update{Set: queue.Describe(err), Unset: []string{"slot"}})
	case outcome == WentWrong && !fault.Has(err, ErrDeferred):
		account = th.Failed(keep, Words(err))
	default: // it answered, if only to refuse this message
		var recovered bool
		if recovered, account = th.Worked(keep); recovered {
			account = errors.Join(account, a.way.jobs.Wake(keep, mostWoken))
		}
	}
	if account != nil { // that a message went out must be written down all the same
		q.warn(ctx, a.way.ID, account)
	}
	if state := stateOf(err); state != "" {
		update = store.Update{Set: queue.Describe(err), Unset: []string{"slot"}}
		update.Set["state"] = state
		err = nil
	}
	return update, err
}

// stateOf is the state that a failure alone leads to; "" when the queue decides.
func stateOf(err error) queue.State {
	switch {
	case fault.Has(err, ErrNoContact):
		return NoContact
	case fault.Has(err, ErrStale):
		return Expired
	default:
		return ""
	}
}

// Test sends a message by a line at once, past its queue and its rates, and says how it went. One that arrives closes the
// line's breaker. Unknown lines and lines that are not set up are ErrNoLine.
func (q *Queue) Test(ctx context.Context, line string, m Message) (Receipt, error) {
	w, ok := q.find(line)
	if !ok {
		return Receipt{}, ErrNoLine.With(problem.Params{"line": line, "why": noSuchLine})
	}
	if w.Channel == nil {
		return Receipt{}, ErrNoLine.With(problem.Params{"line": line, "why": w.Why})
	}
	if w.Group {
		m.Group, m.To = []Person{m.To}, Person{}
		if w.Language != "" {
			m.Language = w.Language
		}
	} else if err := reach(w.Channel, m.To); err != nil {
		return Receipt{}, err
	}
	receipt, err := w.Channel.Send(ctx, m)
	if err != nil {
		return Receipt{}, err
	}
	if _, err := w.throttle.Worked(ctx); err != nil {
		return receipt, err
	}
	return receipt, w.jobs.Wake(ctx, mostWoken)
}

// mostWoken bounds how many messages that were tried in vain are tried at once when a peer is back.
const mostWoken = 1000

// ErrNoLine says that nothing can be sent by a line.
var ErrNoLine = fault.Define(fault.NotFound, "notices.noLine", "Nothing can be sent by {line}: {why}.", "无法通过 {line} 发送：{why}。")

var noSuchLine = both("没有这个渠道", "there is no such channel")
