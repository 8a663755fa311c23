package api

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/config"
	"github.com/stepwell/stepwell/internal/egress"
	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/notices/email"
	"github.com/stepwell/stepwell/runtime/notices/preference"
	"github.com/stepwell/stepwell/runtime/notices/switchboard"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/runtime/secrets"
)

// openNotices makes the inbox and the queue, and keeps its lines as the apps define them.
func (p *Product) openNotices(ctx context.Context) error {
	p.Inbox = notices.NewInbox(p.Store, p.Clock)
	p.Preferences = preference.NewBook(p.Store)
	p.outcomes = newOutcomes()
	p.Notices = notices.New(p.Store, p.Clock, p.Channels, notices.Options{
		Person: p.reader, Preferences: p.Preferences.Of, Policy: p.policy, Zone: p.Zone, HoldFor: p.HoldFor,
		BaseURL: p.Config.PublicURL, QuickPath: p.Links.Path, Log: p.Log,
		Counted: p.outcomes.count,
	})
	if p.Channels != nil {
		return nil // the caller's own, whatever the apps say
	}
	if err := p.openSwitchboard(); err != nil {
		return err
	}
	// Watch before the first look: a change in between would be missed.
	changes, err := p.Store.Watch(ctx, secrets.Collection)
	if err != nil {
		return fmt.Errorf("watch secrets: %w", err)
	}
	if err := p.layLines(ctx); err != nil {
		return err
	}
	go func() {
		for {
			select {
			case _, ok := <-changes:
				if !ok {
					return
				}
			case <-p.linesStale:
			case <-ctx.Done():
				return
			}
			p.keepLaying(ctx)
		}
	}()
	return nil
}

func (p *Product) openSwitchboard() error {
	mail, err := p.mailServer()
	if err != nil {
		return err
	}
	policy := egress.Policy{Allow: p.Config.Outbound.Allow}
	p.board = &switchboard.Board{
		Secrets: p.Secrets, HTTP: egress.New(egress.Options{Policy: policy}), Policy: policy, Clock: p.Clock, Mail: mail, Lang: p.Lang,
	}
	p.linesStale = make(chan struct{}, 1)
	return nil
}

// mailServer is the one of the server's configuration; nil when there is none.
func (p *Product) mailServer() (notices.Channel, error) {
	smtp := p.Config.SMTP
	if smtp.Host == "" {
		return nil, nil //nolint:nilnil // no mail server is no error: mail is held, visibly
	}
	modes := map[config.TLSMode]email.Mode{config.STARTTLS: email.STARTTLS, config.ImplicitTLS: email.TLS, config.NoTLS: email.None}
	ch, err := email.New(email.Config{
		Host: smtp.Host, Port: smtp.Port, Username: smtp.Username, Password: smtp.Password.Reveal(), Mode: modes[smtp.TLS], From: smtp.From,
	})
	if err != nil {
		return nil, fmt.Errorf("set up e-mail: %w", err)
	}
	return ch, nil
}

// layLines makes the lines that the apps define now.
func (p *Product) layLines(ctx context.Context) error {
	p.laying.Lock()
	defer p.laying.Unlock()
	apps := p.Catalog.Apps()
	defined := make([]switchboard.App, len(apps))
	for i, a := range apps {
		defined[i] = boarded(a)
	}
	lines, err := p.board.Lines(ctx, defined)
	if err != nil {
		return fmt.Errorf("lay the lines of channels: %w", err)
	}
	p.Notices.Use(lines)
	return nil
}

// keepLaying lays the lines, again and again while the store is out of reach.
func (p *Product) keepLaying(ctx context.Context) {
	for {
		err := p.layLines(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		p.Log.ErrorContext(ctx, "channels stay as they were", slog.Any("error", err))
		if (clock.Real{}).Wait(ctx, time.Second) != nil {
			return
		}
	}
}

// relay lays the lines after something about them has changed; when that fails now, it is done in the background.
func (p *Product) relay(ctx context.Context) {
	if p.board == nil {
		return
	}
	if err := p.layLines(ctx); err != nil {
		p.Log.WarnContext(ctx, "channels stay as they were for now", slog.Any("error", err))
		select {
		case p.linesStale <- struct{}{}:
		default:
		}
	}
}

func boarded(a *catalog.App) switchboard.App {
	return switchboard.App{Key: a.Key, Channels: a.Channels, Calendars: a.Calendars}
}

// policy is how an app wants a channel to be used.
func (p *Product) policy(app, channel string) notices.Policy {
	a, err := p.Catalog.App(app)
	if err != nil {
		return notices.Policy{} // a digest of several apps, or an app that is gone
	}
	return boarded(a).PolicyOf(channel, p.Zone)
}

// reader finds a recipient as they are now.
func (p *Product) reader(_ context.Context, user string) (notices.Person, error) {
	u, ok := p.People.Directory().User(user)
	if !ok || !u.Active {
		return notices.Person{}, people.ErrNoUser.With(nil)
	}
	lang := u.Locale
	if lang == "" {
		lang = p.Lang
	}
	return notices.Person{ID: u.ID, Name: u.Name, Email: u.Email, Phone: u.Phone, WeCom: u.WeCom, Language: lang}, nil
}
