package notices

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
)

// ErrCursor says that a page cursor was not made by this program.
var ErrCursor = fault.Define(fault.Invalid, "notices.cursor",
	"The page marker is not valid. Load the list from its beginning.", "分页标记无效，请从头重新加载列表。")

// ErrNoNotice says that a person has no such notice.
var ErrNoNotice = fault.Define(fault.NotFound, "notices.notFound",
	"This notice does not exist any more.", "这条通知已不存在。")

// Inbox is what people read in the product. Every method sees one person's notices only.
type Inbox struct {
	store store.Store
	clock clock.Clock
}

// NewInbox makes the inbox of a store.
func NewInbox(st store.Store, ck clock.Clock) *Inbox { return &Inbox{store: st, clock: ck} }

// Unread counts a person's unread notices, up to max; 0 counts all.
func (b *Inbox) Unread(ctx context.Context, user string, most int64) (int64, error) {
	n, err := b.store.Count(ctx, Collection, store.Filter{"unreadBy": user}, most)
	if err != nil {
		return 0, fmt.Errorf("count unread notices: %w", err)
	}
	return n, nil
}

// List gives a person's notices, newest first: at most limit of them, and the cursor of the next page, "" after the
// last. ErrCursor when the cursor is not one.
func (b *Inbox) List(ctx context.Context, user, cursor string, limit int, unreadOnly bool) ([]Notice, string, error) {
	f := store.Filter{"user": user, "channel": InApp}
	if unreadOnly {
		f["unreadBy"] = user
	}
	if cursor != "" {
		at, id, err := openCursor(cursor)
		if err != nil {
			return nil, "", err
		}
		f["$or"] = []any{
			store.Filter{"createdAt": store.Filter{"$lt": at}},
			store.Filter{"createdAt": at, "_id": store.Filter{"$lt": id}},
		}
	}
	docs, err := b.store.Find(ctx, Collection, store.Query{
		Filter: f, Sort: []store.SortKey{{Path: "createdAt", Desc: true}}, Limit: limit + 1,
	})
	if err != nil {
		return nil, "", fmt.Errorf("list notices: %w", err)
	}
	page, err := readAll(docs)
	if err != nil || len(page) <= limit {
		return page, "", err
	}
	page = page[:limit]
	last := page[limit-1]
	return page, makeCursor(store.FormatTime(last.CreatedAt.Time), last.ID), nil
}

// MarkRead marks one notice read; a second time changes nothing. ErrNoNotice when the person has no such notice.
func (b *Inbox) MarkRead(ctx context.Context, user, id string) error {
	doc, err := b.store.Get(ctx, Collection, id)
	if err != nil && !fault.Has(err, store.ErrNotFound) {
		return fmt.Errorf("load notice %s: %w", id, err)
	}
	var n Notice
	if err == nil {
		if n, err = read(doc); err != nil {
			return err
		}
	}
	if n.User != user || n.Channel != InApp {
		return ErrNoNotice.With(nil)
	}
	if n.UnreadBy == "" {
		return nil
	}
	return b.mark(ctx, n.ID)
}

// MarkAllRead marks everything read that a person has not read by now.
func (b *Inbox) MarkAllRead(ctx context.Context, user string) error {
	const batch = 200
	for {
		docs, err := b.store.Find(ctx, Collection, store.Query{Filter: store.Filter{"unreadBy": user}, Limit: batch})
		if err != nil {
			return fmt.Errorf("look for unread notices: %w", err)
		}
		unread, err := readAll(docs)
		if err != nil || len(unread) == 0 {
			return err
		}
		ids := make([]string, len(unread))
		for i, n := range unread {
			ids[i] = n.ID
		}
		if err := b.mark(ctx, ids...); err != nil {
			return err
		}
	}
}

func (b *Inbox) mark(ctx context.Context, ids ...string) error {
	writes := make([]store.Write, len(ids))
	for i, id := range ids {
		writes[i] = store.Write{
			Op: store.OpUpdate, Collection: Collection, ID: id,
			If: store.Filter{"unreadBy": store.Filter{"$exists": true}}, // so that the first moment stays
			Update: store.Update{
				Set: map[string]any{"readAt": store.FormatTime(b.clock.Now())}, Unset: []string{"unreadBy"},
			},
		}
	}
	if err := b.store.Apply(ctx, writes...); err != nil {
		return fmt.Errorf("mark notices read: %w", err)
	}
	return nil
}

func makeCursor(at, id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(at + " " + id))
}

func openCursor(cursor string) (at, id string, err error) {
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return "", "", ErrCursor.Because(err, nil)
	}
	at, id, ok := strings.Cut(string(b), " ")
	if !ok || len(at) != len(store.TimeFormat) {
		return "", "", ErrCursor.With(nil)
	}
	return at, id, nil
}
