package access

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/schemas/problem"
	"github.com/stepwell/stepwell/schemas/role"
)

const reloadPause = time.Second

// Service answers from memory and follows the stored policy.
type Service struct {
	store     store.Store
	directory func() *people.Directory
	log       *slog.Logger

	current atomic.Pointer[policy]
	change  sync.Mutex // one load or change at a time
}

// Open prepares the collection, loads the policy and follows what other server copies publish until ctx ends.
func Open(ctx context.Context, s store.Store, directory func() *people.Directory, log *slog.Logger) (*Service, error) {
	a := &Service{store: s, directory: directory, log: log}
	if err := s.EnsureIndexes(ctx, Collection); err != nil {
		return nil, fmt.Errorf("prepare %s: %w", Collection, err)
	}
	// Watch before loading: a change in between would be missed.
	changes, err := s.Watch(ctx, Collection)
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", Collection, err)
	}
	if err := a.reload(ctx); err != nil {
		return nil, err
	}
	go a.follow(ctx, changes)
	return a, nil
}

func (a *Service) follow(ctx context.Context, changes <-chan store.Change) {
	for range changes {
		err := a.reload(ctx)
		for err != nil && ctx.Err() == nil {
			a.log.ErrorContext(ctx, "permissions could not be refreshed", slog.String("error", err.Error()))
			_ = clock.Real{}.Wait(ctx, reloadPause) // the loop sees that ctx has ended
			err = a.reload(ctx)
		}
	}
}

func (a *Service) reload(ctx context.Context) error {
	a.change.Lock()
	defer a.change.Unlock()
	docs, err := loadDocs(ctx, a.store)
	if err != nil {
		return err
	}
	if now := a.current.Load(); now != nil && reflect.DeepEqual(now.docs, docs) {
		return nil
	}
	return a.adopt(docs)
}

func (a *Service) adopt(docs map[string]roleDoc) error {
	e, err := newEnforcer(docs)
	if err != nil {
		return err
	}
	a.current.Store(&policy{enforcer: e, docs: docs, views: map[viewKey]*view{}})
	return nil
}

// ErrReserved refuses an app whose roles would be those of the installation.
var ErrReserved = fault.Define(fault.Invalid, "access.reserved", "An app cannot be called {app}. Choose another key.", "应用标识不能使用 {app}，请换一个。")

// Publish makes roles the roles of an app, instead of those it had, and is in force here when it returns. The roles
// must have passed the publish check. It is safe to repeat.
func (a *Service) Publish(ctx context.Context, app string, roles []*role.Role) error {
	if app == people.PlatformApp {
		return ErrReserved.With(problem.Params{"app": app})
	}
	a.change.Lock()
	defer a.change.Unlock()
	docs, err := loadDocs(ctx, a.store)
	if err != nil {
		return err
	}
	var writes []store.Write
	wanted := map[string]bool{}
	for _, r := range roles {
		doc := compile(app, r)
		wanted[doc.ID] = true
		if old, ok := docs[doc.ID]; ok && reflect.DeepEqual(old, doc) {
			continue
		}
		docs[doc.ID] = doc
		text, err := store.Encode(doc)
		if err != nil {
			return fmt.Errorf("encode role %s: %w", doc.ID, err)
		}
		writes = append(writes, store.Write{Op: store.OpPut, Collection: Collection, ID: doc.ID, Doc: text})
	}
	for id, doc := range docs {
		if doc.App == app && !wanted[id] {
			writes = append(writes, store.Write{Op: store.OpDelete, Collection: Collection, ID: id})
			delete(docs, id)
		}
	}
	if len(writes) == 0 {
		return nil
	}
	if err := a.store.Apply(ctx, writes...); err != nil {
		return fmt.Errorf("publish roles of %s: %w", app, err)
	}
	return a.adopt(docs)
}

// view is what a user may do in an app; ok is false when the user does not exist or is disabled.
func (a *Service) view(d *people.Directory, user, app string) (*view, *people.User, bool) {
	u, ok := d.User(user)
	if !ok || !u.Active {
		return nil, nil, false
	}
	return a.current.Load().view(app, u.Subjects(app)), u, true
}

// reach is how far an action of a user on an object reaches. What casbin cannot answer is not allowed.
func (a *Service) reach(d *people.Directory, user, app, object string, action role.Action) (reach, *people.User) {
	v, u, ok := a.view(d, user, app)
	if !ok {
		return 0, nil
	}
	found, err := v.of(object, action)
	if err != nil {
		a.log.Error("casbin failed, so the permission is denied", slog.String("object", object), slog.String("error", err.Error()))
		return 0, u
	}
	return found, u
}

// Can reports whether a user may do an action on an object of an app: "form:opportunity", role.AppObject, or
// PlatformObject of people.PlatformApp. On which records is for Rows and AllowsRecord to say.
func (a *Service) Can(user, app, object string, action role.Action) bool {
	found, _ := a.reach(a.directory(), user, app, object, action)
	return found != 0
}

// Actions lists what a user may do on an object, of the actions that there are for such an object.
func (a *Service) Actions(user, app, object string) []role.Action {
	var allowed []role.Action
	for _, action := range actionsOn(object) {
		if a.Can(user, app, object, action) {
			allowed = append(allowed, action)
		}
	}
	return allowed
}

// Granted reports whether a user's roles let them do anything on a form, on whichever records.
func (a *Service) Granted(user, app, form string) bool {
	v, _, ok := a.view(a.directory(), user, app)
	if !ok {
		return false
	}
	granted, err := v.granted(form)
	if err != nil {
		a.log.Error("casbin failed, so the form is closed", slog.String("form", form), slog.String("error", err.Error()))
	}
	return granted && err == nil
}

// Record is what deciding about one record needs to know of it.
type Record struct {
	Owner        string
	Department   string
	Participants []string // who has, or had, something to do with it
}

// Rows is a filter of the record documents that an action of a user reaches; ok is false when it reaches none. It
// expects the paths owner, department and participants. Reading also reaches the records in which the user takes part,
// whatever the roles say.
func (a *Service) Rows(user, app, form string, action role.Action) (filter store.Filter, ok bool) {
	d := a.directory()
	found, u := a.reach(d, user, app, "form:"+form, action)
	if u == nil {
		return nil, false
	}
	if found&reachAll != 0 {
		return store.Filter{}, true
	}
	var parts []store.Filter
	if found&reachOwn != 0 {
		parts = append(parts, store.Filter{"owner": user})
	}
	if d.IsDepartment(u.Department) {
		if found&reachBelow != 0 {
			parts = append(parts, store.Filter{"department": store.Filter{"$in": list(d.Subtree(u.Department))}})
		} else if found&reachDepartment != 0 {
			parts = append(parts, store.Filter{"department": u.Department})
		}
	}
	if action == role.Read {
		parts = append(parts, store.Filter{"participants": user})
	}
	switch len(parts) {
	case 0:
		return nil, false
	case 1:
		return parts[0], true
	default:
		return store.Or(parts...), true
	}
}

func list(texts []string) []any {
	values := make([]any, len(texts))
	for i, text := range texts {
		values[i] = text
	}
	return values
}

// AllowsRecord reports whether an action of a user reaches a record: exactly when the filter of Rows selects it.
func (a *Service) AllowsRecord(user, app, form string, action role.Action, r Record) bool {
	d := a.directory()
	found, u := a.reach(d, user, app, "form:"+form, action)
	return u != nil && (byReach(d, found, u, r) || action == role.Read && slices.Contains(r.Participants, user))
}

// byReach reports whether a record lies within reach.
func byReach(d *people.Directory, found reach, u *people.User, r Record) bool {
	switch {
	case found&reachAll != 0, found&reachOwn != 0 && r.Owner == u.ID:
		return true
	case found&reachBelow != 0 && d.Below(r.Department, u.Department):
		return true
	default:
		return found&reachDepartment != 0 && r.Department == u.Department && d.IsDepartment(u.Department)
	}
}

// Mask is what a user may do with the fields of a form. It is shared and must not be changed.
type Mask struct {
	Default role.FieldAccess            // of every field not named
	Named   map[string]role.FieldAccess // fields that differ from Default
}

// Of is the access to one field.
func (m *Mask) Of(field string) role.FieldAccess {
	if access, ok := m.Named[field]; ok {
		return access
	}
	return m.Default
}

// HidesNothing reports whether every field may at least be read.
func (m *Mask) HidesNothing() bool {
	if m.Default == role.FieldHidden {
		return false
	}
	for _, access := range m.Named {
		if access == role.FieldHidden {
			return false
		}
	}
	return true
}

// Silent reports whether a mask shows no field at all, because no role says anything about the form's fields.
func (m *Mask) Silent() bool { return m.Default == role.FieldHidden && len(m.Named) == 0 }

var hidden = &Mask{Default: role.FieldHidden}

// Fields is what a user may do with the fields of a form. Where several grants of the user's roles differ, the most
// generous one counts: a field is hidden only if every grant hides it. A grant that does not name a field gives what its
// actions need: write for create, update, submit and import, read for the rest. The mask is the same for all records,
// whichever grant reaches them. To who holds no grant everything is hidden: taking part in a record shows what its steps
// show, which is the record room's to say.
func (a *Service) Fields(user, app, form string) *Mask {
	v, _, ok := a.view(a.directory(), user, app)
	if !ok {
		return hidden
	}
	m, err := v.mask(form)
	if err != nil {
		a.log.Error("casbin failed, so the fields are hidden", slog.String("form", form), slog.String("error", err.Error()))
		return hidden
	}
	return m
}
