package door

import (
	"context"
	"fmt"
	"time"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/access"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/people/audit"
	"github.com/stepwell/stepwell/runtime/quicklinks"
	"github.com/stepwell/stepwell/runtime/records"
	"github.com/stepwell/stepwell/runtime/tasks"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/problem"
	"github.com/stepwell/stepwell/schemas/role"
)

// Faults of making links by hand.
var (
	ErrOpenLinks = fault.Define(fault.Forbidden, "quick.openLinks",
		"Links that work without signing in are not allowed for this app. Ask for one that needs signing in.", "该应用不允许无需登录的快捷链接，请改为需要登录。")
	ErrLife = fault.Define(fault.Invalid, "quick.life",
		"A link must expire after at most 90 days. Choose a shorter time.", "链接须在 90 天内失效，请选择更短的期限。")
	ErrNote = fault.Define(fault.Invalid, "quick.note", "A note has at most {most} characters.", "说明最多 {most} 个字符。")
)

// maxNote bounds what is said with a link, in characters.
const maxNote = 500

// Wanted is a link that somebody makes by hand.
type Wanted struct {
	App, Form, Record string
	User              string   // who is asked
	Fields            []string // what for
	Task              string   // id of the task of theirs that sending it completes; "": none
	Note              string
	Life              time.Duration // 0: a week
	Open              bool          // works without signing in
	Key, Digest       string        // idempotency key bound to its sender, and what was sent under it; may be empty
}

// Shown is a link as those who see the record see it. Its address is told only where knowing it gives nothing: when its
// reader has to sign in.
type Shown struct {
	ID        string           `json:"id"`
	User      string           `json:"user"`
	Fields    []string         `json:"fields"`
	Step      problem.Text     `json:"step,omitempty"`
	Completes bool             `json:"completes"`
	SignIn    bool             `json:"signIn"`
	Note      string           `json:"note,omitempty"`
	State     quicklinks.State `json:"state"`
	MadeBy    string           `json:"madeBy,omitempty"`
	MadeAt    store.Moment     `json:"madeAt"`
	ExpiresAt store.Moment     `json:"expiresAt"`
	UsedAt    store.Moment     `json:"usedAt,omitzero"`
	RevokedAt store.Moment     `json:"revokedAt,omitzero"`
	Path      string           `json:"path,omitempty"`
	Revocable bool             `json:"revocable"` // the person who looks may end it
}

// List is the links of a record.
type List struct {
	Items []Shown       `json:"items"`
	Names records.Names `json:"names"`
}

// Make asks a colleague for fields of a record, or to complete a task of theirs, and tells them. The colleague acts by their
// own right where they have it, and else by that of the one who asks.
func (d *Door) Make(ctx context.Context, by audit.Actor, w Wanted) (*Shown, error) {
	if err := d.allowed(w); err != nil {
		return nil, err
	}
	now := d.Clock.Now()
	l := quicklinks.Link{
		ID: w.Key, User: w.User, App: w.App, Form: w.Form, Record: w.Record, Fields: w.Fields, SignIn: !w.Open, Note: w.Note,
		MadeBy: by.User, Digest: w.Digest, MadeAt: store.MomentOf(now), ExpiresAt: store.MomentOf(now.Add(w.Life)),
	}
	if w.Key != "" {
		if done, err := d.made(ctx, by.User, w); err != nil || done != nil {
			return done, err
		}
	} else {
		l.ID = d.ids.Next()
	}
	if w.Life == 0 {
		l.ExpiresAt = store.MomentOf(now.Add(defaultLife))
	}
	if l.Fields == nil {
		l.Fields = []string{}
	}
	l, err := d.Records.LinkFor(ctx, by.User, l, taskSeq(w.Record, w.Task))
	if err != nil {
		return nil, err
	}
	message, err := d.message(ctx, &l)
	if err != nil {
		return nil, err
	}
	kept, err := d.Links.Make(ctx, l, message...)
	if err != nil {
		return nil, err
	}
	d.Told()
	if err := d.audit(ctx, by, "quickLink.made", kept); err != nil {
		return nil, err
	}
	rec, err := d.Records.Get(ctx, by.User, w.App, w.Form, w.Record)
	if err != nil {
		return nil, err
	}
	shown := d.show(ctx, by.User, rec, kept)
	return &shown, nil
}

// made is the link that the same request has made before; nil when it is the first.
func (d *Door) made(ctx context.Context, by string, w Wanted) (*Shown, error) {
	kept, err := d.Links.Get(ctx, w.App, w.Form, w.Record, w.Key)
	if fault.Has(err, quicklinks.ErrNoLink) {
		return nil, nil //nolint:nilnil // it is the first
	}
	if err != nil {
		return nil, err
	}
	if kept.Digest != w.Digest {
		return nil, quicklinks.ErrKeyReused.With(nil)
	}
	rec, err := d.Records.Get(ctx, by, w.App, w.Form, w.Record)
	if err != nil {
		return nil, err
	}
	shown := d.show(ctx, by, rec, kept)
	return &shown, nil
}

// allowed checks what is wanted against the limits of the app and of links as such.
func (d *Door) allowed(w Wanted) error {
	a, err := d.Catalog.App(w.App)
	switch {
	case err != nil:
		return records.ErrNotFound.Because(err, nil)
	case w.Open && a.Def.QuickLinks.SignIn != flow.SignInNotRequired:
		return ErrOpenLinks.With(nil)
	case w.Life < 0 || w.Life > longestLife:
		return ErrLife.With(nil)
	case len([]rune(w.Note)) > maxNote:
		return ErrNote.With(problem.Params{"most": maxNote})
	}
	return nil
}

// taskSeq is the event number in the id of a task; -1, which no task has, when it is no task of the record.
func taskSeq(record, task string) int64 {
	if task == "" {
		return 0
	}
	of, seq, ok := tasks.Split(task)
	if !ok || of != record {
		return -1
	}
	return seq
}

// message are the notices that carry a link to its reader.
func (d *Door) message(ctx context.Context, l *quicklinks.Link) ([]store.Write, error) {
	asked, err := d.Records.Ask(ctx, l)
	if err != nil {
		return nil, err
	}
	f, err := d.Catalog.Form(l.App, l.Form)
	if err != nil {
		return nil, err
	}
	about := notices.Subject{
		App: l.App, Form: l.Form, Record: l.Record, Title: asked.Title, Step: asked.Step, Actor: d.People.Directory().Name(l.MadeBy, d.Lang),
		Link: asked.RecordPath, QuickLinks: map[string]string{l.User: l.ID}, At: l.MadeAt.Time, Zone: d.Zone,
	}
	e := engine.Effect{
		Key: "quick-" + l.ID, Cause: notices.CauseAsked, To: []string{l.User}, Channels: []string{notices.InApp, notices.Email},
		By: l.MadeBy, Text: records.LinkText(f.Exec, l.Fields, l.Note),
	}
	if len(l.Fields) == 0 {
		e.Text = problem.Plain(l.Note) // the usual text when there is no note
	}
	return notices.Writes(e, about)
}

func (d *Door) audit(ctx context.Context, by audit.Actor, event string, l *quicklinks.Link) error {
	detail := map[string]any{"app": l.App, "form": l.Form, "record": l.Record, "user": l.User, "fields": l.Fields, "signIn": l.SignIn}
	if err := d.People.Audit().Append(ctx, by, event, l.ID, audit.Done, detail); err != nil {
		return fmt.Errorf("audit quick link: %w", err)
	}
	return nil
}

// maxShown is how many links of a record are listed.
const maxShown = 100

// Of lists the links of a record that a person may know of: those for them, those they made, and all of them for whoever may
// change the record.
func (d *Door) Of(ctx context.Context, by, app, formKey, record string) (*List, error) {
	rec, err := d.Records.Get(ctx, by, app, formKey, record)
	if err != nil {
		return nil, err
	}
	links, err := d.Links.Of(ctx, app, formKey, record, maxShown)
	if err != nil {
		return nil, err
	}
	out := &List{Items: []Shown{}, Names: records.Names{}}
	for i := range links {
		l := &links[i]
		if l.User == by || d.Records.MayRevoke(by, rec, l) {
			out.Items = append(out.Items, d.show(ctx, by, rec, l))
			d.Records.NamePeople(out.Names, l.User, l.MadeBy)
		}
	}
	return out, nil
}

func (d *Door) show(ctx context.Context, by string, rec *records.Record, l *quicklinks.Link) Shown {
	out := Shown{
		ID: l.ID, User: l.User, Fields: l.Fields, Completes: l.Complete, SignIn: l.SignIn, Note: l.Note, State: l.State(d.Clock.Now()),
		MadeBy: l.MadeBy, MadeAt: l.MadeAt, ExpiresAt: l.ExpiresAt, UsedAt: l.UsedAt, RevokedAt: l.RevokedAt,
		Revocable: l.State(d.Clock.Now()) == quicklinks.Open && d.Records.MayRevoke(by, rec, l),
	}
	if t, ok := tasks.Find(rec.State, l.Task); ok && l.Task != 0 {
		out.Step = d.Records.BlockTitle(ctx, rec.App, rec.State.Flow, rec.State.Version, t.Block)
	}
	if l.SignIn || l.User == by {
		out.Path = d.Links.Path(l.ID)
	}
	return out
}

// Revoke ends a link. ErrNoLink for one that the person may not know of; refused when it is not theirs to end.
func (d *Door) Revoke(ctx context.Context, by audit.Actor, app, formKey, record, link string) error {
	rec, err := d.Records.Get(ctx, by.User, app, formKey, record)
	if err != nil {
		return err
	}
	l, err := d.Links.Get(ctx, app, formKey, record, link)
	if err != nil {
		return err
	}
	if !d.Records.MayRevoke(by.User, rec, l) {
		if l.User != by.User {
			return quicklinks.ErrNoLink.With(nil)
		}
		return access.Forbidden(role.Update)
	}
	if err := d.Links.Revoke(ctx, l.ID, by.User); err != nil {
		return err
	}
	return d.audit(ctx, by, "quickLink.revoked", l)
}
