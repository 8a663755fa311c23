// Package quicklinks keeps quick links: a page of one purpose for one person, to fill in a few fields of one record or to
// complete one task. Messages of a flow carry them, and people make them by hand to ask a colleague for something.
//
// A link's token is its id with a signature that the installation's key makes anew whenever it is needed, so the token
// stands nowhere: not in the store, not in a log. A message that is sent again carries the same link.
package quicklinks

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/config/secret"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/engine"
)

// Collection holds the links.
const Collection = "quickLinks"

// Via is how a write says that it came by a quick link.
const Via = "quickLink"

// Purpose names the use of the installation's key.
const Purpose = "quick links"

// Link is what one person may do by one link.
type Link struct {
	ID     string `json:"_id"`
	User   string `json:"user"` // who it is for, and as whom it acts
	App    string `json:"app"`
	Form   string `json:"form"`
	Record string `json:"record"`
	// Fields are those it asks for.
	Fields []string `json:"fields"`
	// Task is the open task that gives the right to fill them, by the event number that opened it; 0: none is needed.
	Task     int64 `json:"task,omitempty"`
	Complete bool  `json:"complete,omitempty"` // sending it completes the task
	// Lender is whose right is used when User has none of their own: who made the link by hand.
	Lender string        `json:"lender,omitempty"`
	Status engine.Status `json:"status"` // of the record when it was made; without a task, the link holds as long as that stays
	SignIn bool          `json:"signIn"` // its reader must be signed in as User
	Note   string        `json:"note,omitempty"`
	MadeBy string        `json:"madeBy,omitempty"` // "": a message of the flow
	Digest string        `json:"digest,omitempty"` // of the request that made it by hand

	MadeAt    store.Moment `json:"madeAt"`
	ExpiresAt store.Moment `json:"expiresAt"`
	UsedAt    store.Moment `json:"usedAt,omitzero"`
	RevokedAt store.Moment `json:"revokedAt,omitzero"`
	RevokedBy string       `json:"revokedBy,omitempty"`
	Uploads   int64        `json:"uploads,omitempty"` // files that were sent by it, refused ones too
}

// State is what has become of a link.
type State string

// The states of a link.
const (
	Open    State = "open"
	Used    State = "used"
	Expired State = "expired"
	Revoked State = "revoked"
)

// State is what has become of the link by a moment. That its record has moved on only the record room can say.
func (l Link) State(now time.Time) State {
	switch {
	case !l.RevokedAt.IsZero():
		return Revoked
	case !l.UsedAt.IsZero():
		return Used
	case !now.Before(l.ExpiresAt.Time):
		return Expired
	}
	return Open
}

// Faults of using a link. Each is told only to whoever holds a link that was signed here; to anybody else every link is
// unknown.
var (
	ErrUnknown = fault.Define(fault.NotFound, "quick.unknown",
		"This link does not work. Check that it is complete, or ask whoever sent it for a new one.",
		"此链接无法使用。请检查链接是否完整，或请发送人重新发送。")
	ErrExpired = fault.Define(fault.Conflict, "quick.expired",
		"This link has expired. Ask whoever sent it for a new one, or sign in and look in your tasks.",
		"此链接已过期。请联系发送人重新发送，或登录后在待办中处理。")
	ErrRevoked = fault.Define(fault.Conflict, "quick.revoked",
		"This link was withdrawn and no longer works.", "此链接已被撤回，不能再使用。")
	ErrUsed = fault.Define(fault.Conflict, "quick.used",
		"What this link asked for has been sent already. Thank you, there is nothing left to do.",
		"所需内容已经提交，谢谢，无需再做任何操作。")
	ErrMovedOn = fault.Define(fault.Conflict, "quick.movedOn",
		"Thank you for looking in. This has moved on in the meantime, and nothing is needed from you here any more.",
		"感谢您的查看。此事项已进入其他环节，不再需要您在这里填写。")
	ErrTooOften = fault.Define(fault.TooMany, "quick.tooOften",
		"This was tried too often in a short time. Wait a few minutes and try again.",
		"短时间内尝试次数过多，请过几分钟再试。")
	ErrSignIn = fault.Define(fault.Unauthenticated, "quick.signIn",
		"Sign in first: this link is meant for you alone.", "请先登录：此链接仅供您本人使用。")
	ErrOtherPerson = fault.Define(fault.Forbidden, "quick.otherPerson",
		"This link is meant for somebody else. Sign in as the person who received it.",
		"此链接是发给其他人的，请用收到链接的账号登录。")
)

// Faults of making and revoking links by hand.
var (
	ErrNoLink    = fault.Define(fault.NotFound, "quick.noLink", "There is no such quick link.", "没有该快捷链接。")
	ErrKeyReused = fault.Define(fault.Invalid, "quick.keyReused", "This Idempotency-Key was used for another request. Use a new one.", "该 Idempotency-Key 已用于另一个请求，请换一个新的。")
)

// IDOf is the id of the link that an effect's message carries to a user: the same whenever the message is made again.
func IDOf(record, effect, user string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{record, effect, user}, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// Write is the store write that makes a link. It may be repeated: what has become of the link stays.
func (l Link) Write() (store.Write, error) {
	doc, err := json.Marshal(l)
	if err != nil {
		return store.Write{}, fmt.Errorf("encode quick link %s: %w", l.ID, err)
	}
	return store.Write{Op: store.OpAdd, Collection: Collection, ID: l.ID, Doc: doc}, nil
}

// Uses is the store write that says that a link has done its work. It may be repeated: the first moment stays.
func Uses(id string, at time.Time) store.Write {
	return store.Write{
		Op: store.OpUpdate, Collection: Collection, ID: id, If: store.Filter{"usedAt": nil},
		Update: store.Update{Set: map[string]any{"usedAt": store.FormatTime(at)}},
	}
}

// Indexes are what the collection needs.
func Indexes() []store.Index {
	return []store.Index{
		{Name: "record", Keys: []store.SortKey{{Path: "record"}, {Path: "madeAt", Desc: true}}},
		{Name: "expiry", Keys: []store.SortKey{{Path: "expiresAt"}}},
	}
}

// Room keeps the links.
type Room struct {
	store  store.Store
	clock  clock.Clock
	signer *secret.Signer
	log    *slog.Logger
}

// New makes the room of a store.
func New(s store.Store, c clock.Clock, signer *secret.Signer, log *slog.Logger) *Room {
	return &Room{store: s, clock: c, signer: signer, log: log}
}

// Path is the address of a link's page, below the installation's public address.
func (r *Room) Path(id string) string { return "/q/" + r.signer.Token(id) }

// Find gives the link of a token. ErrUnknown for a token that was not signed here, and for a link that is gone; a forger is
// told before the store is asked.
func (r *Room) Find(ctx context.Context, token string) (*Link, error) {
	id, ok := r.signer.Open(token)
	if !ok {
		return nil, ErrUnknown.With(nil)
	}
	l, err := store.Load[Link](ctx, r.store, Collection, id)
	if fault.Has(err, store.ErrNotFound) {
		return nil, ErrUnknown.With(nil)
	}
	if err != nil {
		return nil, fmt.Errorf("load quick link: %w", err)
	}
	return &l, nil
}

// Usable refuses a link whose time is over, in words for its reader.
func (l Link) Usable(now time.Time) error {
	switch l.State(now) {
	case Used:
		return ErrUsed.With(nil)
	case Expired:
		return ErrExpired.With(nil)
	case Revoked:
		return ErrRevoked.With(nil)
	case Open:
	}
	return nil
}

// Of lists the links to a record, the newest first.
func (r *Room) Of(ctx context.Context, app, form, record string, limit int) ([]Link, error) {
	links, err := store.LoadAll[Link](ctx, r.store, Collection, store.Query{
		Filter: store.Filter{"record": record, "app": app, "form": form}, Sort: []store.SortKey{{Path: "madeAt", Desc: true}}, Limit: limit,
	})
	if err != nil {
		return nil, fmt.Errorf("list quick links of %s: %w", record, err)
	}
	return links, nil
}

// Get loads a link of a record; ErrNoLink when there is none.
func (r *Room) Get(ctx context.Context, app, form, record, id string) (*Link, error) {
	l, err := store.Load[Link](ctx, r.store, Collection, id)
	if err != nil && !fault.Has(err, store.ErrNotFound) {
		return nil, fmt.Errorf("load quick link: %w", err)
	}
	if err != nil || l.App != app || l.Form != form || l.Record != record {
		return nil, ErrNoLink.With(nil)
	}
	return &l, nil
}

// Make stores a link that was made by hand, and what goes with it. The same request made again gives the first link;
// ErrKeyReused when its id stands for another request.
func (r *Room) Make(ctx context.Context, l Link, also ...store.Write) (*Link, error) {
	first, err := l.Write()
	if err != nil {
		return nil, err
	}
	if err := r.store.Apply(ctx, append([]store.Write{first}, also...)...); err != nil {
		return nil, fmt.Errorf("store quick link: %w", err)
	}
	kept, err := r.Get(ctx, l.App, l.Form, l.Record, l.ID)
	if err == nil && kept.Digest != l.Digest {
		err = ErrKeyReused.With(nil)
	}
	return kept, err
}

// Revoke ends a link; one that has ended stays as it was.
func (r *Room) Revoke(ctx context.Context, id, by string) error {
	err := r.store.Apply(ctx, store.Write{
		Op: store.OpUpdate, Collection: Collection, ID: id, If: store.Filter{"revokedAt": nil, "usedAt": nil},
		Update: store.Update{Set: map[string]any{"revokedAt": store.FormatTime(r.clock.Now()), "revokedBy": by}},
	})
	if err != nil {
		return fmt.Errorf("revoke quick link: %w", err)
	}
	return nil
}

// Finish says that a link has done its work.
func (r *Room) Finish(ctx context.Context, id string) error {
	if err := r.store.Apply(ctx, Uses(id, r.clock.Now())); err != nil {
		return fmt.Errorf("finish quick link: %w", err)
	}
	return nil
}

// maxUploads is how many files may be sent by one link, refused ones included.
const maxUploads = 40

// CountUpload counts a file that is sent by a link; ErrTooOften when there were too many.
func (r *Room) CountUpload(ctx context.Context, id string) error {
	_, err := r.store.FindAndUpdate(ctx, Collection, store.Filter{
		"_id": id, "$or": []any{store.Filter{"uploads": nil}, store.Filter{"uploads": store.Filter{"$lt": maxUploads}}},
	}, nil, store.Update{Inc: map[string]int64{"uploads": 1}}, false)
	if fault.Has(err, store.ErrNotFound) {
		return ErrTooOften.With(nil)
	}
	if err != nil {
		return fmt.Errorf("count uploads: %w", err)
	}
	return nil
}

const (
	keepFor    = 180 * 24 * time.Hour // after a link has expired: long enough to look up who was asked for what
	purgeEvery = 12 * time.Hour
)

// Run removes links that expired long ago, until ctx ends.
func (r *Room) Run(ctx context.Context) {
	for {
		if _, err := r.Purge(ctx); err != nil && ctx.Err() == nil {
			r.log.WarnContext(ctx, "old quick links cannot be removed now", slog.Any("error", err))
		}
		if r.clock.Wait(ctx, purgeEvery) != nil {
			return
		}
	}
}

// Purge removes links that expired half a year ago, and says how many.
func (r *Room) Purge(ctx context.Context) (int64, error) {
	n, err := r.store.DeleteMany(ctx, Collection, store.Filter{
		"expiresAt": store.Filter{"$lt": store.FormatTime(r.clock.Now().Add(-keepFor))},
	})
	if err != nil {
		return 0, fmt.Errorf("remove old quick links: %w", err)
	}
	return n, nil
}
