package people

import (
	"context"
	"fmt"
	"reflect"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/people/audit"
	"github.com/stepwell/stepwell/schemas/problem"
)

// CreateUser adds a user: ErrInvalid with the places, or ErrUsernameTaken. What with asks for is written right after
// the user, together with it where the store can.
func (p *Service) CreateUser(ctx context.Context, by audit.Actor, profile Profile, with ...func(id string) (store.Write, error)) (*User, error) {
	p.change.Lock()
	defer p.change.Unlock()
	profile.tidy()
	if found := profile.check("", p.Directory()); len(found) > 0 {
		return nil, ErrInvalid.With(nil, found...)
	}
	now := store.MomentOf(p.clock.Now())
	u := &User{ID: p.ids.Next(), Rev: 1, Profile: profile, UsernameKey: KeyOf(profile.Username), CreatedAt: now, UpdatedAt: now}
	also := make([]store.Write, len(with))
	for i, write := range with {
		var err error
		if also[i], err = write(u.ID); err != nil {
			return nil, err
		}
	}
	if err := p.saveUser(ctx, by, "user.created", nil, u, also...); err != nil {
		return nil, err
	}
	return u, nil
}

// UpdateUser changes a user. With rev it must be the revision that the user has (store.ErrConflict otherwise), 0 is
// whatever there is. The last active platform administrator stays one: ErrLastAdmin.
func (p *Service) UpdateUser(ctx context.Context, by audit.Actor, id string, rev int64, change func(*Profile)) (*User, error) {
	p.change.Lock()
	defer p.change.Unlock()
	for {
		before, err := p.loadUser(ctx, id)
		if err != nil {
			return nil, err
		}
		if rev != 0 && before.Rev != rev {
			return nil, store.ErrConflict.With(nil)
		}
		after, err := p.changed(before, change)
		if err != nil {
			return nil, err
		}
		if reflect.DeepEqual(before.Profile, after.Profile) {
			return before, nil
		}
		err = p.saveUser(ctx, by, "user.updated", before, after)
		if rev == 0 && fault.Has(err, store.ErrConflict) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return after, nil
	}
}

func (p *Service) loadUser(ctx context.Context, id string) (*User, error) {
	doc, err := p.store.Get(ctx, UserCollection, id)
	if fault.Has(err, store.ErrNotFound) {
		return nil, ErrNoUser.Because(err, nil)
	}
	if err != nil {
		return nil, fmt.Errorf("load user %s: %w", id, err)
	}
	return decodeUser(doc)
}

// changed is the user after a change that is allowed.
func (p *Service) changed(before *User, change func(*Profile)) (*User, error) {
	after := *before
	after.Roles = append([]RoleRef(nil), before.Roles...)
	change(&after.Profile)
	after.tidy()
	d := p.Directory()
	if found := after.check(before.ID, d); len(found) > 0 {
		return nil, ErrInvalid.With(nil, found...)
	}
	admin := func(u *User) bool { return u.Active && u.Has(PlatformApp, AdminRole) }
	if admin(before) && !admin(&after) {
		if others := d.WithRole(PlatformApp, AdminRole); len(others) == 0 || len(others) == 1 && others[0] == before.ID {
			return nil, ErrLastAdmin.With(nil)
		}
	}
	after.Rev++
	if before.Active && !after.Active {
		after.Epoch++
	}
	after.UsernameKey = KeyOf(after.Username)
	after.UpdatedAt = store.MomentOf(p.clock.Now())
	return &after, nil
}

// saveUser writes a user and the audit entry, and takes the user over. before is nil for a new one.
func (p *Service) saveUser(ctx context.Context, by audit.Actor, event string, before, after *User, also ...store.Write) error {
	after.prepare()
	w := store.Write{Op: store.OpInsert, Collection: UserCollection, ID: after.ID}
	detail := map[string]any{}
	if before != nil {
		w.Op, w.Rev = store.OpReplace, before.Rev
		detail = differences(before.Profile, after.Profile)
	} else {
		detail["username"] = after.Username
	}
	err := p.save(ctx, w, after, by, event, detail, also...)
	if fault.Has(err, store.ErrDuplicate) {
		return &fault.Error{
			Code: ErrUsernameTaken, Params: problem.Params{"username": after.Username}, Cause: err,
			Problems: []problem.Problem{problemTaken.At("/username", nil)},
		}
	}
	if err != nil {
		return fmt.Errorf("save user %s: %w", after.ID, err)
	}
	p.adoptUser(after)
	return nil
}

func (p *Service) save(ctx context.Context, w store.Write, doc any, by audit.Actor, event string, detail map[string]any, also ...store.Write) error {
	if doc != nil {
		encoded, err := store.Encode(doc)
		if err != nil {
			return err
		}
		w.Doc = encoded
	}
	entry, err := p.audit.Write(by, event, w.ID, audit.Done, detail)
	if err != nil {
		return err
	}
	return p.store.Apply(ctx, append(append([]store.Write{w}, also...), entry)...)
}

// differences names the members that changed, with what stood there and what stands there now.
func differences(before, after Profile) map[string]any {
	members := func(p Profile) map[string]any {
		return map[string]any{
			"username": p.Username, "name": p.Name, "email": p.Email, "phone": p.Phone, "wecom": p.WeCom, "department": p.Department, "manager": p.Manager,
			"position": p.Position, "locale": p.Locale, "theme": p.Theme, "active": p.Active, "roles": p.Roles,
		}
	}
	old, changed := members(before), map[string]any{}
	for name, now := range members(after) {
		if !reflect.DeepEqual(old[name], now) {
			changed[name] = map[string]any{"from": old[name], "to": now}
		}
	}
	return changed
}

// CreateDepartment adds a department: ErrInvalid with the places.
func (p *Service) CreateDepartment(ctx context.Context, by audit.Actor, info DepartmentInfo) (*Department, error) {
	p.change.Lock()
	defer p.change.Unlock()
	if found := info.check("", p.Directory()); len(found) > 0 {
		return nil, ErrInvalid.With(nil, found...)
	}
	dep := &Department{ID: p.ids.Next(), Rev: 1, DepartmentInfo: info}
	w := store.Write{Op: store.OpInsert, Collection: DepartmentCollection, ID: dep.ID}
	if err := p.save(ctx, w, dep, by, "department.created", map[string]any{"name": info.Name}); err != nil {
		return nil, fmt.Errorf("create department: %w", err)
	}
	p.adoptDepartment(dep)
	return dep, nil
}

// UpdateDepartment changes a department: ErrNoDepartment, ErrInvalid, or store.ErrConflict when another server copy
// changed it at the same moment.
func (p *Service) UpdateDepartment(ctx context.Context, by audit.Actor, id string, change func(*DepartmentInfo)) (*Department, error) {
	p.change.Lock()
	defer p.change.Unlock()
	before, ok := p.Directory().Department(id)
	if !ok {
		return nil, ErrNoDepartment.With(nil)
	}
	after := *before
	change(&after.DepartmentInfo)
	if found := after.check(id, p.Directory()); len(found) > 0 {
		return nil, ErrInvalid.With(nil, found...)
	}
	after.Rev++
	w := store.Write{Op: store.OpReplace, Collection: DepartmentCollection, ID: id, Rev: before.Rev}
	detail := map[string]any{"from": before.DepartmentInfo, "to": after.DepartmentInfo}
	if err := p.save(ctx, w, &after, by, "department.updated", detail); err != nil {
		return nil, fmt.Errorf("change department %s: %w", id, err)
	}
	p.adoptDepartment(&after)
	return &after, nil
}

// DeleteDepartment removes an empty department: ErrDepartmentInUse while users or departments belong to it.
func (p *Service) DeleteDepartment(ctx context.Context, by audit.Actor, id string) error {
	p.change.Lock()
	defer p.change.Unlock()
	d := p.Directory()
	dep, ok := d.Department(id)
	if !ok {
		return ErrNoDepartment.With(nil)
	}
	if users, below := d.members[id], len(d.children[id]); users > 0 || below > 0 {
		return ErrDepartmentInUse.With(problem.Params{"users": users, "departments": below})
	}
	w := store.Write{Op: store.OpDelete, Collection: DepartmentCollection, ID: id}
	if err := p.save(ctx, w, nil, by, "department.deleted", map[string]any{"name": dep.Name}); err != nil {
		return fmt.Errorf("delete department %s: %w", id, err)
	}
	p.forget(DepartmentCollection, id)
	return nil
}
