package people

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/id"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/people/audit"
)

// reloadPause is how long to wait before asking a store again that was out of reach.
const reloadPause = time.Second

// Service changes people and keeps the Directory.
type Service struct {
	store store.Store
	clock clock.Clock
	audit *audit.Log
	log   *slog.Logger
	ids   *id.Source

	current atomic.Pointer[Directory]
	adopt   sync.Mutex // held while current is replaced
	change  sync.Mutex // one change at a time, so that each is checked against the people it changes
}

// Open prepares the collections, loads everybody and follows what other server copies change until ctx ends.
func Open(ctx context.Context, s store.Store, c clock.Clock, log *slog.Logger) (*Service, error) {
	p := &Service{store: s, clock: c, audit: audit.NewLog(s, c), log: log, ids: id.NewSource(c)}
	if err := p.audit.Ensure(ctx); err != nil {
		return nil, err
	}
	byName := store.Index{Name: "username", Keys: []store.SortKey{{Path: "usernameKey"}}, Unique: true}
	if err := s.EnsureIndexes(ctx, UserCollection, byName); err != nil {
		return nil, fmt.Errorf("prepare %s: %w", UserCollection, err)
	}
	if err := s.EnsureIndexes(ctx, DepartmentCollection); err != nil {
		return nil, fmt.Errorf("prepare %s: %w", DepartmentCollection, err)
	}
	// Watch before loading: a change in between would be missed.
	changes, err := s.Watch(ctx, UserCollection, DepartmentCollection)
	if err != nil {
		return nil, fmt.Errorf("watch people: %w", err)
	}
	if err := p.reload(ctx); err != nil {
		return nil, err
	}
	go p.follow(ctx, changes)
	return p, nil
}

// Directory is everybody as of now.
func (p *Service) Directory() *Directory { return p.current.Load() }

// Audit is the log that changes of people are written to.
func (p *Service) Audit() *audit.Log { return p.audit }

func (p *Service) follow(ctx context.Context, changes <-chan store.Change) {
	for c := range changes {
		err := p.refresh(ctx, c)
		for err != nil && ctx.Err() == nil {
			p.log.ErrorContext(ctx, "people could not be refreshed", slog.String("error", err.Error()))
			_ = clock.Real{}.Wait(ctx, reloadPause) // the loop sees that ctx has ended
			err = p.reload(ctx)
		}
	}
}

// refresh takes one change over.
func (p *Service) refresh(ctx context.Context, c store.Change) error {
	if c.ID == "" {
		return p.reload(ctx)
	}
	doc, err := p.store.Get(ctx, c.Collection, c.ID)
	if fault.Has(err, store.ErrNotFound) {
		p.forget(c.Collection, c.ID)
		return nil
	}
	if err != nil {
		return fmt.Errorf("load %s %s: %w", c.Collection, c.ID, err)
	}
	if c.Collection == DepartmentCollection {
		dep, err := store.Decode[Department](doc)
		if err == nil {
			p.adoptDepartment(&dep)
		}
		return err
	}
	u, err := decodeUser(doc)
	if err == nil {
		p.adoptUser(u)
	}
	return err
}

func (p *Service) reload(ctx context.Context) error {
	p.adopt.Lock()
	defer p.adopt.Unlock()
	users, err := store.LoadAll[User](ctx, p.store, UserCollection, store.Query{})
	if err != nil {
		return fmt.Errorf("load users: %w", err)
	}
	departments, err := store.LoadAll[Department](ctx, p.store, DepartmentCollection, store.Query{})
	if err != nil {
		return fmt.Errorf("load departments: %w", err)
	}
	p.current.Store(NewDirectory(pointers(users), pointers(departments)))
	return nil
}

func pointers[T any](values []T) []*T {
	list := make([]*T, len(values))
	for i := range values {
		list[i] = &values[i]
	}
	return list
}

// adoptUser takes a user over unless a newer revision is known already.
func (p *Service) adoptUser(u *User) {
	p.adopt.Lock()
	defer p.adopt.Unlock()
	d := p.current.Load()
	if known, ok := d.users[u.ID]; ok && known.Rev >= u.Rev {
		return
	}
	users := maps.Clone(d.users)
	users[u.ID] = u
	p.current.Store(newDirectory(users, d.departments))
}

func (p *Service) adoptDepartment(dep *Department) {
	p.adopt.Lock()
	defer p.adopt.Unlock()
	d := p.current.Load()
	if known, ok := d.departments[dep.ID]; ok && known.Rev >= dep.Rev {
		return
	}
	departments := maps.Clone(d.departments)
	departments[dep.ID] = dep
	p.current.Store(newDirectory(d.users, departments))
}

func (p *Service) forget(collection, gone string) {
	p.adopt.Lock()
	defer p.adopt.Unlock()
	d := p.current.Load()
	users, departments := d.users, d.departments
	if collection == DepartmentCollection {
		departments = maps.Clone(departments)
		delete(departments, gone)
	} else {
		users = maps.Clone(users)
		delete(users, gone)
	}
	p.current.Store(newDirectory(users, departments))
}

func decodeUser(doc store.Doc) (*User, error) {
	u, err := store.Decode[User](doc)
	if err != nil {
		return nil, err
	}
	u.prepare()
	return &u, nil
}
