// Package catalog is the run-time view of published definitions: compiled once for each version and replaced at once
// when a version is published, by this server or another.
package catalog

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Faults of looking something up.
var (
	ErrNoApp  = fault.Define(fault.NotFound, "app.notFound", "There is no app {app}.", "没有名为 {app} 的应用。")
	ErrNoForm = fault.Define(fault.NotFound, "form.notFound", "There is no form {form} in this app.", "该应用中没有表单 {form}。")
	ErrNoFlow = fault.Define(fault.NotFound, "flow.notFound", "There is no version {version} of the flow {flow}.", "流程 {flow} 没有第 {version} 版。")
	ErrBroken = fault.Define(fault.Internal, "definition.broken", "The published {kind} {key} cannot be run: {why}.", "已发布的{kind} {key} 无法运行：{why}。")
)

// Catalog answers from memory. It is safe for concurrent use.
type Catalog struct {
	store store.Store
	log   *slog.Logger
	apps  atomic.Pointer[map[string]*App]
	mu    sync.Mutex // one reload at a time
	// untold are the apps of which changed could not be told because the store was out of reach.
	untold map[string]bool
	// changed is told after a new snapshot is in force.
	changed []func(context.Context, *App) error
}

// Open loads everything that is published and keeps it fresh until ctx ends. changed is called for every app when it is
// first loaded and each time one of its definitions is published; an error of it is logged and does not stop the rest. It is
// called again when it failed because the store was out of reach.
func Open(ctx context.Context, s store.Store, log *slog.Logger, changed ...func(context.Context, *App) error) (*Catalog, error) {
	c := &Catalog{store: s, log: log, changed: changed, untold: map[string]bool{}}
	c.apps.Store(&map[string]*App{})
	changes, err := s.Watch(ctx, definition.DraftCollection)
	if err != nil {
		return nil, fmt.Errorf("watch definitions: %w", err)
	}
	if err := c.reloadAll(ctx); err != nil {
		return nil, err
	}
	go c.follow(ctx, changes)
	return c, nil
}

// reloadPause is how long to wait before asking a store again that was out of reach.
const reloadPause = time.Second

func (c *Catalog) follow(ctx context.Context, changes <-chan store.Change) {
	c.settle(ctx, nil)
	for ch := range changes {
		var err error
		if app, _, ok := strings.Cut(ch.ID, "/"); ok {
			err = c.Refresh(ctx, app)
		} else {
			err = c.reloadAll(ctx)
		}
		if err != nil {
			c.log.ErrorContext(ctx, "load definitions", slog.String("definition", ch.ID), slog.Any("error", err))
		}
		c.settle(ctx, err)
	}
}

// settle loads everything again until what the store kept from being loaded or told is done.
func (c *Catalog) settle(ctx context.Context, err error) {
	for fault.KindOf(err) == fault.Unavailable || c.owes() {
		if (clock.Real{}).Wait(ctx, reloadPause) != nil {
			return
		}
		if err = c.reloadAll(ctx); err != nil {
			c.log.ErrorContext(ctx, "load definitions", slog.Any("error", err))
		}
	}
}

func (c *Catalog) owes() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.untold) > 0
}

func (c *Catalog) reloadAll(ctx context.Context) error {
	docs, err := c.store.Find(ctx, definition.DraftCollection, store.Query{
		Filter: store.Filter{"kind": string(definition.KindApp), "published": map[string]any{"$gt": 0}}, Fields: []string{"app"},
	})
	if err != nil {
		return fmt.Errorf("list apps: %w", err)
	}
	apps := map[string]bool{}
	for known := range *c.apps.Load() { // it may be gone
		apps[known] = true
	}
	for _, doc := range docs {
		var d definition.Draft
		if err := json.Unmarshal(doc, &d); err != nil {
			return fmt.Errorf("read app: %w", err)
		}
		apps[d.App] = true
	}
	for app := range apps {
		err := c.Refresh(ctx, app)
		if fault.Has(err, ErrBroken) {
			// One app that a newer server no longer understands must not take the others down.
			c.log.ErrorContext(ctx, "load app", slog.String("app", app), slog.Any("error", err))
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Refresh loads one app anew when something of it was published since. Whoever publishes calls it, so that the next request
// sees what was published.
func (c *Catalog) Refresh(ctx context.Context, app string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	drafts, err := c.published(ctx, app)
	if err != nil {
		return err
	}
	old := (*c.apps.Load())[app]
	if old != nil && old.sameVersions(drafts) {
		if c.untold[app] {
			c.tell(ctx, old)
		}
		return nil
	}
	next, err := c.build(ctx, app, drafts)
	if err != nil {
		return err
	}
	all := *c.apps.Load()
	fresh := make(map[string]*App, len(all)+1)
	maps.Copy(fresh, all)
	if next == nil {
		delete(fresh, app)
	} else {
		fresh[app] = next
	}
	c.apps.Store(&fresh)
	if next == nil {
		return nil
	}
	c.tell(ctx, next)
	return nil
}

// tell says that an app has changed. What fails because the store is out of reach, or because whoever published has left,
// is owed.
func (c *Catalog) tell(ctx context.Context, a *App) {
	delete(c.untold, a.Key)
	for _, tell := range c.changed {
		err := tell(ctx, a)
		if err == nil {
			continue
		}
		c.log.ErrorContext(ctx, "follow a published definition", slog.String("app", a.Key), slog.Any("error", err))
		if fault.KindOf(err) == fault.Unavailable || ctx.Err() != nil {
			c.untold[a.Key] = true
		}
	}
}

func (c *Catalog) published(ctx context.Context, app string) ([]definition.Draft, error) {
	docs, err := c.store.Find(ctx, definition.DraftCollection, store.Query{
		Filter: store.Filter{"app": app, "published": map[string]any{"$gt": 0}},
		Fields: []string{"app", "kind", "key", "published"},
	})
	if err != nil {
		return nil, fmt.Errorf("list definitions of %s: %w", app, err)
	}
	out := make([]definition.Draft, len(docs))
	for i, doc := range docs {
		if err := json.Unmarshal(doc, &out[i]); err != nil {
			return nil, fmt.Errorf("read definition: %w", err)
		}
	}
	return out, nil
}

// body loads the document of one version.
func (c *Catalog) body(ctx context.Context, ref definition.Ref, number int) (*definition.Version, error) {
	doc, err := c.store.Get(ctx, definition.VersionCollection, definition.VersionID(ref, number))
	if err != nil {
		return nil, fmt.Errorf("load %s version %d: %w", ref.ID(), number, err)
	}
	var v definition.Version
	if err := json.Unmarshal(doc, &v); err != nil {
		return nil, fmt.Errorf("read %s version %d: %w", ref.ID(), number, err)
	}
	return &v, nil
}

// Apps are the installed apps in order of their keys.
func (c *Catalog) Apps() []*App {
	all := *c.apps.Load()
	out := make([]*App, 0, len(all))
	for _, a := range all {
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b *App) int { return strings.Compare(a.Key, b.Key) })
	return out
}

// App finds an installed app.
func (c *Catalog) App(app string) (*App, error) {
	a, ok := (*c.apps.Load())[app]
	if !ok {
		return nil, ErrNoApp.With(problem.Params{"app": app})
	}
	return a, nil
}

// Form finds the published form of an app.
func (c *Catalog) Form(app, key string) (*Form, error) {
	a, err := c.App(app)
	if err != nil {
		return nil, err
	}
	f, ok := a.forms[key]
	if !ok {
		return nil, ErrNoForm.With(problem.Params{"form": key})
	}
	return f, nil
}
