package people_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/storetest"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/runtime/people/audit"
	"github.com/stepwell/stepwell/schemas/problem"
)

var (
	start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	boss  = audit.Actor{User: "boss", IP: "10.0.0.1"}
	admin = people.RoleRef{App: people.PlatformApp, Role: people.AdminRole}
)

func open(t *testing.T, s store.Store) *people.Service {
	t.Helper()
	p, err := people.Open(t.Context(), s, clock.NewManual(start), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	return p
}

func create(t *testing.T, p *people.Service, username string, roles ...people.RoleRef) *people.User {
	t.Helper()
	u, err := p.CreateUser(t.Context(), boss, people.Profile{Username: username, Name: username, Active: true, Roles: roles})
	require.NoError(t, err)
	return u
}

func pointers(t *testing.T, err error, code *fault.Code) []string {
	t.Helper()
	f, ok := fault.As(err)
	require.True(t, ok, "%v", err)
	require.Equal(t, code.ID, f.Code.ID)
	var list []string
	for _, p := range f.Problems {
		list = append(list, p.Pointer)
		require.NotEmpty(t, p.Message("zh-CN"))
		require.NotEqual(t, p.Message("en"), p.Message("zh-CN"))
	}
	return list
}

func TestCreateUser(t *testing.T) {
	p := open(t, storetest.Open(t))

	t.Run("is_known_at_once_and_audited", func(t *testing.T) {
		u := create(t, p, "Li.Ming", people.RoleRef{App: "sales", Role: "rep"})
		found, ok := p.Directory().ByUsername("li.ming")
		require.True(t, ok)
		require.Equal(t, u, found)
		entries, _, err := p.Audit().List(t.Context(), "", 1)
		require.NoError(t, err)
		require.Equal(t, "user.created", entries[0].Event)
		require.Equal(t, u.ID, entries[0].Target)
		require.Equal(t, "boss", entries[0].By)
		require.Equal(t, "10.0.0.1", entries[0].IP)
		require.Equal(t, start, entries[0].At.Time)
	})
	t.Run("taken_user_name_is_refused_whatever_its_case", func(t *testing.T) {
		_, err := p.CreateUser(t.Context(), boss, people.Profile{Username: "li.MING", Name: "x"})
		require.Equal(t, []string{"/username"}, pointers(t, err, people.ErrUsernameTaken))
	})
	t.Run("every_wrong_detail_is_named_with_its_place", func(t *testing.T) {
		_, err := p.CreateUser(t.Context(), boss, people.Profile{
			Username: "a b", Email: "no mail", Phone: "call me", Department: "nowhere", Manager: "nobody",
			Locale: "fr", Theme: "pink", Roles: []people.RoleRef{{App: "sales"}},
		})
		require.Equal(t, []string{"/username", "/name", "/email", "/phone", "/department", "/manager", "/locale", "/theme", "/roles"},
			pointers(t, err, people.ErrInvalid))
	})
	t.Run("what_comes_with_a_user_is_written_with_it", func(t *testing.T) {
		s := storetest.Open(t)
		require.NoError(t, s.EnsureIndexes(t.Context(), "extra"))
		u, err := open(t, s).CreateUser(t.Context(), boss, people.Profile{Username: "x", Name: "x"}, func(id string) (store.Write, error) {
			return store.Write{Op: store.OpPut, Collection: "extra", ID: id, Doc: store.Doc(`{"_id":"` + id + `"}`)}, nil
		})
		require.NoError(t, err)
		_, err = s.Get(t.Context(), "extra", u.ID)
		require.NoError(t, err)
	})
}

func TestUpdateUser(t *testing.T) {
	ctx := t.Context()
	p := open(t, storetest.Open(t))
	root := create(t, p, "root", admin)
	u := create(t, p, "rep")

	t.Run("changes_are_seen_at_once_and_named_in_the_audit", func(t *testing.T) {
		after, err := p.UpdateUser(ctx, boss, u.ID, u.Rev, func(p *people.Profile) { p.Name, p.Manager = "王芳", root.ID })
		require.NoError(t, err)
		require.Equal(t, int64(2), after.Rev)
		require.Equal(t, root.ID, p.Directory().Manager(u.ID, 1))
		entries, _, err := p.Audit().List(ctx, "", 1)
		require.NoError(t, err)
		require.Equal(t, map[string]any{"from": "rep", "to": "王芳"}, entries[0].Detail["name"])
		require.Len(t, entries[0].Detail, 2)
	})
	t.Run("stale_revision_is_refused", func(t *testing.T) {
		_, err := p.UpdateUser(ctx, boss, u.ID, 1, func(p *people.Profile) { p.Name = "late" })
		require.True(t, fault.Has(err, store.ErrConflict))
		found, _ := p.Directory().User(u.ID)
		require.Equal(t, "王芳", found.Name)
	})
	t.Run("change_of_nothing_writes_nothing", func(t *testing.T) {
		after, err := p.UpdateUser(ctx, boss, u.ID, 0, func(*people.Profile) {})
		require.NoError(t, err)
		require.Equal(t, int64(2), after.Rev)
	})
	t.Run("nobody_becomes_their_own_manager", func(t *testing.T) {
		_, err := p.UpdateUser(ctx, boss, root.ID, 0, func(p *people.Profile) { p.Manager = u.ID })
		require.Equal(t, []string{"/manager"}, pointers(t, err, people.ErrInvalid))
		_, err = p.UpdateUser(ctx, boss, u.ID, 0, func(p *people.Profile) { p.Manager = u.ID })
		require.Equal(t, []string{"/manager"}, pointers(t, err, people.ErrInvalid))
	})
	t.Run("last_administrator_stays", func(t *testing.T) {
		for _, change := range []func(*people.Profile){
			func(p *people.Profile) { p.Active = false }, func(p *people.Profile) { p.Roles = nil },
		} {
			_, err := p.UpdateUser(ctx, boss, root.ID, 0, change)
			require.True(t, fault.Has(err, people.ErrLastAdmin))
		}
		create(t, p, "root2", admin)
		_, err := p.UpdateUser(ctx, boss, root.ID, 0, func(p *people.Profile) { p.Active = false })
		require.NoError(t, err)
		require.False(t, p.Directory().Active(root.ID))
	})
	t.Run("unknown_user_is_not_found", func(t *testing.T) {
		_, err := p.UpdateUser(ctx, boss, "nobody", 0, func(*people.Profile) {})
		require.True(t, fault.Has(err, people.ErrNoUser))
	})
}

func TestDepartments(t *testing.T) {
	ctx := t.Context()
	p := open(t, storetest.Open(t))
	add := func(name, parent string) *people.Department {
		dep, err := p.CreateDepartment(ctx, boss, people.DepartmentInfo{Name: problem.Plain(name), Parent: parent})
		require.NoError(t, err)
		return dep
	}
	company := add("公司", "")
	sales := add("销售部", company.ID)
	north := add("华北", sales.ID)

	t.Run("tree_is_known_at_once", func(t *testing.T) {
		require.True(t, p.Directory().Below(north.ID, company.ID))
	})
	t.Run("department_never_lies_below_itself", func(t *testing.T) {
		for _, parent := range []string{company.ID, north.ID} {
			_, err := p.UpdateDepartment(ctx, boss, company.ID, func(i *people.DepartmentInfo) { i.Parent = parent })
			require.Equal(t, []string{"/parent"}, pointers(t, err, people.ErrInvalid))
		}
	})
	t.Run("unknown_parent_head_and_missing_name_are_named", func(t *testing.T) {
		_, err := p.CreateDepartment(ctx, boss, people.DepartmentInfo{Parent: "x", Head: "y"})
		require.Equal(t, []string{"/name", "/parent", "/head"}, pointers(t, err, people.ErrInvalid))
	})
	t.Run("only_an_empty_one_is_deleted", func(t *testing.T) {
		u := create(t, p, "rep")
		_, err := p.UpdateUser(ctx, boss, u.ID, 0, func(p *people.Profile) { p.Department = north.ID })
		require.NoError(t, err)
		err = p.DeleteDepartment(ctx, boss, north.ID)
		require.True(t, fault.Has(err, people.ErrDepartmentInUse))
		err = p.DeleteDepartment(ctx, boss, sales.ID)
		require.True(t, fault.Has(err, people.ErrDepartmentInUse))
		_, err = p.UpdateUser(ctx, boss, u.ID, 0, func(p *people.Profile) { p.Department = sales.ID })
		require.NoError(t, err)
		require.NoError(t, p.DeleteDepartment(ctx, boss, north.ID))
		require.False(t, p.Directory().IsDepartment(north.ID))
		err = p.DeleteDepartment(ctx, boss, north.ID)
		require.True(t, fault.Has(err, people.ErrNoDepartment))
	})
}

func TestTwoCopies(t *testing.T) {
	ctx := t.Context()
	s := storetest.Open(t)
	one, other := open(t, s), open(t, s)
	sees := func(what func(*people.Directory) bool) {
		require.Eventually(t, func() bool { return what(other.Directory()) }, 5*time.Second, time.Millisecond)
	}

	t.Run("the_other_copy_follows_users_and_departments", func(t *testing.T) {
		u := create(t, one, "rep")
		sees(func(d *people.Directory) bool { return d.Active(u.ID) })
		_, err := one.UpdateUser(ctx, boss, u.ID, 0, func(p *people.Profile) { p.Active = false })
		require.NoError(t, err)
		sees(func(d *people.Directory) bool { return !d.Active(u.ID) })
		dep, err := one.CreateDepartment(ctx, boss, people.DepartmentInfo{Name: problem.Plain("公司")})
		require.NoError(t, err)
		sees(func(d *people.Directory) bool { return d.IsDepartment(dep.ID) })
		require.NoError(t, one.DeleteDepartment(ctx, boss, dep.ID))
		sees(func(d *people.Directory) bool { return !d.IsDepartment(dep.ID) })
	})
	t.Run("user_name_taken_on_the_other_copy_is_refused", func(t *testing.T) {
		create(t, one, "same")
		_, err := other.CreateUser(ctx, boss, people.Profile{Username: "same", Name: "x"})
		require.True(t, fault.Has(err, people.ErrUsernameTaken))
	})
	t.Run("everybody_is_there_after_a_restart", func(t *testing.T) {
		again := open(t, s)
		before, err := one.Directory().List(people.Query{Limit: 100})
		require.NoError(t, err)
		after, err := again.Directory().List(people.Query{Limit: 100})
		require.NoError(t, err)
		require.Equal(t, before, after)
	})
}
