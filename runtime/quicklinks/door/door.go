// Package door lets people in by quick links: it knows who may open one, shows what it asks for, takes the answer, and makes
// and ends links by hand.
package door

import (
	"context"
	"io"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/id"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/runtime/files"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/runtime/quicklinks"
	"github.com/stepwell/stepwell/runtime/records"
)

// How often a door may be tried. The limits are wide for people and narrow for programs.
const (
	perAddress, addressEvery = 120, time.Second     // requests from one address: a whole office may share it
	perLink, linkEvery       = 40, 5 * time.Second  // requests with one link
	forgeries, forgeryEvery  = 10, 30 * time.Second // tokens from one address that were not signed here
	defaultLife, longestLife = 7 * 24 * time.Hour, 90 * 24 * time.Hour
)

// Parts are what the door is made of.
type Parts struct {
	Clock   clock.Clock // when links expire
	Wall    clock.Clock // what limits count by: the real one, even where another is moved by hand
	Catalog *catalog.Catalog
	People  *people.Service
	Records *records.Service
	Links   *quicklinks.Room
	Lang    string
	Zone    *time.Location
	Told    func() // called after a message was written; it must not block
}

// Door is the way in. It is safe for concurrent use.
type Door struct {
	Parts
	ids                       *id.Source
	byAddress, byLink, forged *quicklinks.Limiter
}

// New makes a door.
func New(p Parts) *Door {
	return &Door{
		Parts: p, ids: id.NewSource(p.Clock),
		byAddress: quicklinks.NewLimiter(p.Wall, perAddress, addressEvery),
		byLink:    quicklinks.NewLimiter(p.Wall, perLink, linkEvery),
		forged:    quicklinks.NewLimiter(p.Wall, forgeries, forgeryEvery),
	}
}

// Visitor is who stands before the door.
type Visitor struct {
	Address string // where the request comes from
	User    string // who is signed in; "" for nobody
}

// open finds the link of a token that this visitor may use now.
func (d *Door) open(ctx context.Context, token string, v Visitor) (*quicklinks.Link, error) {
	if !d.byAddress.Take(v.Address) {
		return nil, quicklinks.ErrTooOften.With(nil)
	}
	l, err := d.Links.Find(ctx, token)
	if fault.Has(err, quicklinks.ErrUnknown) && !d.forged.Take(v.Address) {
		return nil, quicklinks.ErrTooOften.With(nil)
	}
	switch {
	case err != nil:
		return nil, err
	case !d.byLink.Take(l.ID):
		return nil, quicklinks.ErrTooOften.With(nil)
	case !d.People.Directory().Active(l.User):
		return nil, quicklinks.ErrRevoked.With(nil)
	case l.SignIn && v.User == "":
		return nil, quicklinks.ErrSignIn.With(nil)
	case l.SignIn && v.User != l.User:
		return nil, quicklinks.ErrOtherPerson.With(nil)
	}
	return l, l.Usable(d.Clock.Now())
}

// Page is what a quick link's page shows.
type Page struct {
	records.Asked
	Person    string       `json:"person"`            // whom it is for
	AskedBy   string       `json:"askedBy,omitempty"` // who made it by hand
	Note      string       `json:"note,omitempty"`
	Completes bool         `json:"completes"` // sending it completes the task
	ExpiresAt store.Moment `json:"expiresAt"`
	Locale    string       `json:"locale,omitempty"` // the language that its reader has chosen
	Now       store.Moment `json:"now"`              // deadlines are told from it
}

// Look shows what a link asks for.
func (d *Door) Look(ctx context.Context, token string, v Visitor) (*Page, error) {
	l, err := d.open(ctx, token, v)
	if err != nil {
		return nil, err
	}
	asked, err := d.Records.Ask(ctx, l)
	if err != nil {
		return nil, err
	}
	dir := d.People.Directory()
	page := &Page{
		Asked: *asked, Person: dir.Name(l.User, d.Lang), Note: l.Note, Completes: l.Complete, ExpiresAt: l.ExpiresAt,
		Now: store.MomentOf(d.Clock.Now()),
	}
	if l.MadeBy != "" {
		page.AskedBy = dir.Name(l.MadeBy, d.Lang)
	}
	if u, ok := dir.User(l.User); ok {
		page.Locale = u.Locale
	}
	return page, nil
}

// Answer does what a link is for. digest tells answers apart: the same one sent again is no second one.
func (d *Door) Answer(ctx context.Context, token string, v Visitor, data map[string]any, comment, digest string) error {
	l, err := d.open(ctx, token, v)
	if err != nil {
		return err
	}
	if err := d.Records.Fill(ctx, l, data, comment, digest); err != nil {
		return err
	}
	return d.Links.Finish(ctx, l.ID)
}

// Upload takes a file in for a field that a link asks for. Nobody and nothing but this link can use it, until it is sent.
func (d *Door) Upload(ctx context.Context, token string, v Visitor, field, name string, content io.Reader, maxBytes int64) (files.File, error) {
	l, err := d.open(ctx, token, v)
	if err != nil {
		return files.File{}, err
	}
	rule, err := d.Records.LinkUploadRule(ctx, l, field)
	if err != nil {
		return files.File{}, err
	}
	if err := d.Links.CountUpload(ctx, l.ID); err != nil {
		return files.File{}, err
	}
	return d.Records.TakeUpload(ctx, rule, content, files.Upload{Name: name, By: l.User, Via: l.ID, MaxBytes: maxBytes})
}
