package notices

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/queue"
	"github.com/stepwell/stepwell/schemas/problem"
)

// A digest is a notice that gathers others. A notice whose reader wants a digest makes sure that there is the digest's
// notice, names it, and waits until it should have gone; when the digest's moment comes, its notice takes in all that name
// it, which from then on share its fate. A notice that came too late to be taken in wakes a little after, finds the digest
// gone, and looks for the next one.

// wakeAfter is how long after the moment of its digest a notice looks whether it was taken in.
const wakeAfter = 30 * time.Minute

// collect puts a notice off to the digest of its reader and line that goes at a moment.
func (q *Queue) collect(ctx context.Context, a *attempt, at time.Time) error {
	n := &a.notice
	line := a.way.App
	at = at.Add(spread(n.User))
	d := Notice{
		ID:   fmt.Sprintf("digest-%s-%s-%s-%s", n.User, line, n.Channel, at.UTC().Format("20060102T150405")),
		User: n.User, App: line, Channel: n.Channel, Cause: CauseDigest, Title: digestTitle, CreatedAt: store.MomentOf(at), Job: queue.At(at),
	}
	doc, err := json.Marshal(d)
	if err == nil {
		err = q.store.Apply(ctx, store.Write{Op: store.OpAdd, Collection: Collection, ID: d.ID, Doc: doc})
	}
	if err != nil {
		return fmt.Errorf("begin a digest: %w", err)
	}
	return queue.Later(at.Add(wakeAfter), store.Update{Set: map[string]any{"digest": d.ID}})
}

// awaitDigest keeps a collected notice waiting while its digest has not gone.
func (q *Queue) awaitDigest(ctx context.Context, n *Notice) error {
	d, err := store.Load[Notice](ctx, q.store, Collection, n.Digest)
	if fault.Has(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for the digest %s: %w", n.Digest, err)
	}
	if d.State == queue.Pending || d.State == Held {
		return queue.Later(latest(q.clock.Now(), d.ReadyAt.Time).Add(wakeAfter), store.Update{})
	}
	return nil
}

// gather takes in what names a digest and gives all that it holds, oldest first.
func (q *Queue) gather(ctx context.Context, digest string) ([]Notice, error) {
	waiting, err := q.store.Find(ctx, Collection, store.Query{
		Filter: store.Filter{"digest": digest, "state": queue.Pending}, Fields: []string{"digest"},
	})
	if err != nil {
		return nil, fmt.Errorf("look what a digest gathers: %w", err)
	}
	found, err := readAll(waiting)
	if err != nil {
		return nil, err
	}
	for part := range slices.Chunk(found, 200) {
		writes := make([]store.Write, len(part))
		for i, n := range part {
			writes[i] = store.Write{
				Op: store.OpUpdate, Collection: Collection, ID: n.ID, If: store.Filter{"digest": digest, "state": queue.Pending},
				Update: store.Update{Set: map[string]any{"state": InDigest}, Unset: []string{"readyAt", "leaseBy", "notBefore"}},
			}
		}
		if err := q.store.Apply(ctx, writes...); err != nil {
			return nil, fmt.Errorf("gather a digest: %w", err)
		}
	}
	docs, err := q.store.Find(ctx, Collection, store.Query{
		Filter: store.Filter{"digest": digest, "state": InDigest}, Sort: []store.SortKey{{Path: "createdAt"}},
	})
	if err != nil {
		return nil, fmt.Errorf("read a digest: %w", err)
	}
	return readAll(docs)
}

var (
	digestTitle = both("通知汇总", "Summary")
	digestCount = both("通知汇总：{records} 条记录，共 {notices} 条提醒", "Summary. Records: {records}, notices: {notices}")
	digestLate  = both("{late} 条记录已超时，排在最前。", "Overdue records: {late}. They come first.")
)

// compose makes a digest's message of what it gathered: grouped by record, those with something overdue first, then in the
// order in which they were first told of.
func (q *Queue) compose(m *Message, gathered []Notice) {
	lang := m.Language
	byRecord := map[string]*Item{}
	order := []*Item{}
	for i := range gathered {
		n := &gathered[i]
		key := n.App + "/" + n.Form + "/" + n.Record
		item := byRecord[key]
		if item == nil {
			item = &Item{Title: n.RecordTitle, Link: q.message(n, lang).Link}
			byRecord[key] = item
			order = append(order, item)
		}
		item.Red = item.Red || n.Cause == engine.CauseOverdue
		if line := n.Title.In(lang); !slices.Contains(item.Lines, line) {
			item.Lines = append(item.Lines, line)
		}
	}
	slices.SortStableFunc(order, func(a, b *Item) int { return cmp.Compare(rank(a), rank(b)) })
	m.Link = q.options.BaseURL + inboxPath
	late := 0
	m.Items = make([]Item, len(order))
	for i, item := range order {
		m.Items[i] = *item
		late += 1 - rank(item)
	}
	m.Title = problem.Fill(digestCount.In(lang), lang, problem.Params{"records": len(order), "notices": len(gathered)})
	if late > 0 {
		m.Text = problem.Fill(digestLate.In(lang), lang, problem.Params{"late": late})
	}
}

// inboxPath is the address of everybody's inbox, below the installation's public address.
const inboxPath = "/notices"

func rank(i *Item) int {
	if i.Red {
		return 0
	}
	return 1
}
