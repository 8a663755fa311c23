package access_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/storetest"
	"github.com/stepwell/stepwell/runtime/access"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/problem"
	"github.com/stepwell/stepwell/schemas/role"
)

const app = "sales"

type world struct {
	*access.Service
	store     store.Store
	directory atomic.Pointer[people.Directory]
}

// open makes a company of two departments, north with city below it, and south.
func open(t *testing.T, users ...*people.User) *world {
	t.Helper()
	w := &world{store: storetest.Open(t)}
	w.directory.Store(people.NewDirectory(users, []*people.Department{
		department("north", ""), department("city", "north"), department("south", ""),
	}))
	w.start(t)
	return w
}

func (w *world) start(t *testing.T) {
	t.Helper()
	var err error
	w.Service, err = access.Open(t.Context(), w.store, w.directory.Load, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
}

func department(id, parent string) *people.Department {
	return &people.Department{ID: id, DepartmentInfo: people.DepartmentInfo{Name: problem.Plain(id), Parent: parent}}
}

func user(id, department string, roles ...string) *people.User {
	u := &people.User{ID: id, Profile: people.Profile{Name: id, Department: department, Active: true}}
	for _, r := range roles {
		u.Roles = append(u.Roles, people.RoleRef{App: app, Role: r})
	}
	return u
}

func platformAdmin(id string) *people.User {
	u := user(id, "south")
	u.Roles = []people.RoleRef{{App: people.PlatformApp, Role: people.AdminRole}}
	return u
}

func newRole(key string, grants ...role.Grant) *role.Role {
	return &role.Role{
		Head:   definition.Head{Kind: definition.KindRole, Key: key, Title: problem.Text{"en": "the " + key, "zh-CN": key + "角色"}},
		Grants: grants,
	}
}

func grant(object string, rows role.Rows, actions ...role.Action) role.Grant {
	return role.Grant{Object: object, Rows: rows, Actions: actions}
}

func (w *world) publish(t *testing.T, roles ...*role.Role) {
	t.Helper()
	require.NoError(t, w.Publish(t.Context(), app, roles))
}

func TestCan(t *testing.T) {
	gone := user("gone", "north", "rep")
	gone.Active = false
	w := open(t, user("rep", "north", "rep"), user("lead", "north", "lead"), user("nobody", "north"), gone, platformAdmin("root"))
	rep := newRole("rep", grant("form:deal", role.Own, role.Read, role.Create), grant("form:deal", role.All, role.Export))
	lead := newRole("lead", grant("form:*", role.DepartmentAndBelow, role.Delete), grant("app", "", role.Design))
	lead.Inherits = []string{"rep"}
	w.publish(t, rep, lead)

	t.Run("nothing_is_allowed_that_no_role_allows", func(t *testing.T) {
		require.True(t, w.Can("rep", app, "form:deal", role.Read))
		require.False(t, w.Can("rep", app, "form:deal", role.Update))
		require.False(t, w.Can("rep", app, "form:lead", role.Read))
		require.False(t, w.Can("rep", "other", "form:deal", role.Read))
		require.False(t, w.Can("nobody", app, "form:deal", role.Read))
		require.False(t, w.Can("stranger", app, "form:deal", role.Read))
		require.False(t, w.Can("rep", people.PlatformApp, access.PlatformObject, access.PeopleManage))
	})
	t.Run("disabled_people_may_nothing", func(t *testing.T) {
		require.False(t, w.Can("gone", app, "form:deal", role.Read))
		_, ok := w.Rows("gone", app, "deal", role.Read)
		require.False(t, ok)
		require.False(t, w.AllowsRecord("gone", app, "deal", role.Read, access.Record{Owner: "gone", Participants: []string{"gone"}}))
		require.Equal(t, role.FieldHidden, w.Fields("gone", app, "deal").Of("amount"))
	})
	t.Run("inherited_grants_count", func(t *testing.T) {
		require.True(t, w.Can("lead", app, "form:deal", role.Create))
	})
	t.Run("grant_on_every_form_covers_forms_only", func(t *testing.T) {
		require.True(t, w.Can("lead", app, "form:anything", role.Delete))
		require.False(t, w.Can("lead", app, role.AppObject, role.Delete))
		require.True(t, w.Can("lead", app, role.AppObject, role.Design))
		require.False(t, w.Can("rep", app, "form:*", role.Read))
	})
	t.Run("platform_administrator_may_everything_everywhere", func(t *testing.T) {
		require.True(t, w.Can("root", "other", "form:x", role.Delete))
		require.True(t, w.Can("root", people.PlatformApp, access.PlatformObject, access.AppsInstall))
		filter, ok := w.Rows("root", app, "deal", role.Update)
		require.True(t, ok)
		require.Empty(t, filter)
	})
	t.Run("actions_are_listed", func(t *testing.T) {
		require.Equal(t, []role.Action{role.Create, role.Read, role.Export}, w.Actions("rep", app, "form:deal"))
		require.Equal(t, access.PlatformActions(), w.Actions("root", people.PlatformApp, access.PlatformObject))
		require.Equal(t, []role.Action{role.Design}, w.Actions("lead", app, role.AppObject))
	})
	t.Run("publishing_again_replaces_what_was_granted", func(t *testing.T) {
		w.publish(t, newRole("rep", grant("form:deal", role.Own, role.Update)))
		require.True(t, w.Can("rep", app, "form:deal", role.Update))
		require.False(t, w.Can("rep", app, "form:deal", role.Read))
		require.False(t, w.Can("lead", app, "form:deal", role.Create))
		n, err := w.store.Count(t.Context(), access.Collection, nil, 0)
		require.NoError(t, err)
		require.Equal(t, int64(1), n)
	})
	t.Run("policy_is_there_after_a_restart", func(t *testing.T) {
		again := &world{store: w.store}
		again.directory.Store(w.directory.Load())
		again.start(t)
		require.True(t, again.Can("rep", app, "form:deal", role.Update))
	})
	t.Run("app_cannot_pass_for_the_platform", func(t *testing.T) {
		err := w.Publish(t.Context(), people.PlatformApp, []*role.Role{newRole("admin")})
		require.True(t, fault.Has(err, access.ErrReserved))
	})
}

func TestTwoCopies(t *testing.T) {
	t.Run("the_other_copy_follows_what_is_published", func(t *testing.T) {
		w := open(t, user("rep", "north", "rep"))
		other := &world{store: w.store}
		other.directory.Store(w.directory.Load())
		other.start(t)
		w.publish(t, newRole("rep", grant("form:deal", role.Own, role.Read)))
		require.Eventually(t, func() bool { return other.Can("rep", app, "form:deal", role.Read) }, 5*time.Second, time.Millisecond)
		w.publish(t)
		require.Eventually(t, func() bool { return !other.Can("rep", app, "form:deal", role.Read) }, 5*time.Second, time.Millisecond)
	})
}

func TestRows(t *testing.T) {
	w := open(t, user("rep", "north", "own"), user("both", "north", "own", "department"), user("lead", "north", "below"),
		user("all", "north", "all", "own"), user("homeless", "", "department"), user("guest", "north"))
	w.publish(t,
		newRole("own", grant("form:deal", "", role.Read, role.Update)),
		newRole("department", grant("form:deal", role.Department, role.Read, role.Update)),
		newRole("below", grant("form:deal", role.DepartmentAndBelow, role.Read, role.Update)),
		newRole("all", grant("form:deal", role.All, role.Read, role.Update)))
	type f = store.Filter
	for name, c := range map[string]struct {
		user   string
		action role.Action
		want   store.Filter
	}{
		"own_is_the_default":                        {"rep", role.Update, f{"owner": "rep"}},
		"readers_also_see_what_they_take_part_in":   {"rep", role.Read, f{"$or": []any{f{"owner": "rep"}, f{"participants": "rep"}}}},
		"roles_add_up":                              {"both", role.Update, f{"$or": []any{f{"owner": "both"}, f{"department": "north"}}}},
		"departments_below_are_listed":              {"lead", role.Update, f{"department": f{"$in": []any{"city", "north"}}}},
		"all_needs_no_filter":                       {"all", role.Update, f{}},
		"nothing_granted_is_no_rows":                {"rep", role.Delete, nil},
		"person_without_department_has_none_to_see": {"homeless", role.Update, nil},
		"person_without_role_reads_what_they_do":    {"guest", role.Read, f{"participants": "guest"}},
	} {
		t.Run(name, func(t *testing.T) {
			filter, ok := w.Rows(c.user, app, "deal", c.action)
			require.Equal(t, c.want != nil, ok)
			require.Equal(t, c.want, filter)
		})
	}
}

// people and departments that the property test draws from; "" and "elsewhere" belong to nobody.
var (
	somebody  = []string{"u0", "u1", "u2", "stranger", ""}
	somewhere = []string{"d0", "d1", "d2", "d3", "elsewhere", ""}
)

func TestRowsSelectWhatAllowsRecordAllows(t *testing.T) {
	const collection = "records"
	w := open(t)
	require.NoError(t, w.store.EnsureIndexes(t.Context(), collection,
		store.Index{Name: "participants", Keys: []store.SortKey{{Path: "participants"}}, Array: true}))
	records := map[string]access.Record{}
	for _, owner := range somebody {
		for _, dep := range somewhere {
			for _, participants := range [][]string{{}, {"u0"}, {"u1", "u2"}, {"stranger", "u0"}} {
				id := fmt.Sprint("r", len(records))
				records[id] = access.Record{Owner: owner, Department: dep, Participants: participants}
				doc, err := json.Marshal(map[string]any{"_id": id, "owner": owner, "department": dep, "participants": participants})
				require.NoError(t, err)
				require.NoError(t, w.store.Apply(t.Context(), store.Write{Op: store.OpInsert, Collection: collection, ID: id, Doc: doc}))
			}
		}
	}
	rows := []role.Rows{"", role.Own, role.Department, role.DepartmentAndBelow, role.All}
	actions := []role.Action{role.Read, role.Update}

	rapid.Check(t, func(rt *rapid.T) {
		var departments []*people.Department
		for _, id := range somewhere[:4] {
			parent := rapid.SampledFrom(append([]string{"", "elsewhere"}, somewhere[:4]...)).Draw(rt, "parent")
			departments = append(departments, department(id, parent))
		}
		roleKeys := []string{"a", "b", "c"}
		var users []*people.User
		for _, id := range somebody[:3] {
			held := rapid.SliceOfDistinct(rapid.SampledFrom(roleKeys), rapid.ID[string]).Draw(rt, "held")
			slices.Sort(held)
			u := user(id, rapid.SampledFrom(somewhere).Draw(rt, "home"), held...)
			u.Active = rapid.IntRange(0, 9).Draw(rt, "active") > 0
			users = append(users, u)
		}
		var roles []*role.Role
		for _, key := range roleKeys {
			r := newRole(key)
			for range rapid.IntRange(0, 2).Draw(rt, "grants") {
				r.Grants = append(r.Grants, grant(
					rapid.SampledFrom([]string{"form:deal", "form:*", "form:other"}).Draw(rt, "object"),
					rapid.SampledFrom(rows).Draw(rt, "rows"),
					rapid.SampledFrom(actions).Draw(rt, "action")))
			}
			if key == "c" && rapid.Bool().Draw(rt, "inherits") {
				r.Inherits = []string{"a"}
			}
			roles = append(roles, r)
		}
		w.directory.Store(people.NewDirectory(users, departments))
		w.publish(t, roles...)

		for _, u := range users {
			for _, action := range actions {
				filter, ok := w.Rows(u.ID, app, "deal", action)
				selected := map[string]bool{}
				if ok {
					docs, err := w.store.Find(t.Context(), collection, store.Query{Filter: filter, Fields: []string{"owner"}})
					require.NoError(rt, err)
					for _, doc := range docs {
						var found struct {
							ID string `json:"_id"`
						}
						require.NoError(rt, json.Unmarshal(doc, &found))
						selected[found.ID] = true
					}
				}
				for id, r := range records {
					require.Equal(rt, selected[id], w.AllowsRecord(u.ID, app, "deal", action, r), "%s %s %v %v", u.ID, action, r, filter)
					require.Equal(rt, selected[id], w.Explain(u.ID, app, "form:deal", action, &r).Allowed, "explain %s %s %v", u.ID, action, r)
				}
			}
		}
	})
}

func TestFields(t *testing.T) {
	fields := func(g role.Grant, fields map[string]role.FieldAccess) role.Grant {
		g.Fields = fields
		return g
	}
	w := open(t, user("reader", "north", "reader"), user("writer", "north", "writer"), user("both", "north", "reader", "writer"),
		user("blind", "north", "blind"), user("two", "north", "reader", "blind"), user("deleter", "north", "deleter"),
		user("guest", "north"), platformAdmin("root"))
	w.publish(t,
		newRole("reader", fields(grant("form:deal", role.All, role.Read), map[string]role.FieldAccess{"cost": role.FieldHidden, "note": role.FieldWrite})),
		newRole("writer", fields(grant("form:deal", role.Own, role.Read, role.Update), map[string]role.FieldAccess{"cost": role.FieldRead})),
		newRole("blind", fields(grant("form:*", role.All, role.Read), map[string]role.FieldAccess{"cost": role.FieldHidden, "name": role.FieldHidden})),
		newRole("deleter", grant("form:deal", role.All, role.Delete)))
	for name, c := range map[string]struct {
		user, field string
		want        role.FieldAccess
	}{
		"unnamed_field_of_a_reader_is_read":               {"reader", "name", role.FieldRead},
		"unnamed_field_of_a_writer_is_written":            {"writer", "name", role.FieldWrite},
		"hidden_by_the_only_role":                         {"reader", "cost", role.FieldHidden},
		"named_field_gives_no_more_than_the_actions":      {"reader", "note", role.FieldRead},
		"narrowed_to_read":                                {"writer", "cost", role.FieldRead},
		"the_most_generous_role_counts":                   {"both", "cost", role.FieldRead},
		"hidden_when_every_role_hides_it":                 {"two", "cost", role.FieldHidden},
		"shown_when_one_role_does_not_hide_it":            {"two", "name", role.FieldRead},
		"actions_that_need_no_fields_show_none":           {"deleter", "name", role.FieldHidden},
		"who_only_takes_part_sees_nothing_by_role":        {"guest", "cost", role.FieldHidden},
		"stranger_sees_nothing":                           {"stranger", "name", role.FieldHidden},
		"platform_administrator_writes_whatever_is_named": {"root", "cost", role.FieldWrite},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, w.Fields(c.user, app, "deal").Of(c.field))
		})
	}
	t.Run("roles_that_say_nothing_of_fields_are_told_from_those_that_hide_some", func(t *testing.T) {
		for _, id := range []string{"guest", "deleter", "stranger"} {
			require.True(t, w.Fields(id, app, "deal").Silent(), id)
		}
		require.False(t, w.Fields("blind", app, "deal").Silent())
	})
	t.Run("any_grant_opens_the_form", func(t *testing.T) {
		require.True(t, w.Granted("deleter", app, "deal"))
		require.False(t, w.Granted("deleter", app, "lead"))
		require.False(t, w.Granted("guest", app, "deal"))
		require.False(t, w.Granted("stranger", app, "deal"))
	})
}

func TestExplain(t *testing.T) {
	w := open(t, user("王芳", "north", "rep"), user("guest", "north"), user("boss", "south", "lead"))
	w.publish(t, newRole("rep", grant("form:deal", role.Own, role.Read)), newRole("lead", grant("form:deal", role.DepartmentAndBelow, role.Read)))
	say := func(lang string, e access.Explanation) (said []string) {
		for _, r := range e.Reasons {
			require.NotContains(t, r.Message(lang), "{")
			said = append(said, r.Message(lang))
		}
		return said
	}

	t.Run("names_the_role_that_allows_and_the_way_round_it", func(t *testing.T) {
		e := w.Explain("王芳", app, "form:deal", role.Read, nil)
		require.True(t, e.Allowed)
		require.Equal(t, []string{"The role the rep lets 王芳 read records of their own.", "Besides, 王芳 may read records in which they take part."}, say("en", e))
		require.Equal(t, "角色“rep角色”允许 王芳 查看记录（仅本人的）。", say("zh-CN", e)[0])
	})
	t.Run("says_whose_record_it_is", func(t *testing.T) {
		e := w.Explain("王芳", app, "form:deal", role.Read, &access.Record{Owner: "boss", Department: "south"})
		require.False(t, e.Allowed)
		require.Contains(t, say("en", e)[1], "belongs to boss in south")
	})
	t.Run("says_that_taking_part_lets_in", func(t *testing.T) {
		e := w.Explain("guest", app, "form:deal", role.Read, &access.Record{Owner: "boss", Participants: []string{"guest"}})
		require.True(t, e.Allowed)
		require.Len(t, say("zh-CN", e), 2)
	})
	t.Run("says_that_there_is_no_role_or_no_such_user", func(t *testing.T) {
		require.Equal(t, "guest holds no role in this app.", say("en", w.Explain("guest", app, "form:deal", role.Update, nil))[0])
		require.Equal(t, []string{"There is no such user."}, say("en", w.Explain("x", app, "form:deal", role.Update, nil)))
	})
}

func TestCheckRoute(t *testing.T) {
	rep, root := user("rep", "north", "rep"), platformAdmin("root")
	gone := user("gone", "north", "rep")
	gone.Active = false
	w := open(t, rep, root, gone)
	w.publish(t, newRole("rep", grant("form:deal", role.Own, role.Read)))
	path := func(name string) string { return map[string]string{"app": app, "form": "deal"}[name] }
	session := func(u *people.User) people.Identity { return people.Identity{User: u, Session: "s"} }
	token := func(u *people.User, scopes ...people.Scope) people.Identity {
		return people.Identity{User: u, Token: "t", Scopes: scopes}
	}
	given := session(rep)
	given.MustChangePassword = true

	for name, c := range map[string]struct {
		who  people.Identity
		rule access.Rule
		want *fault.Code
	}{
		"anybody_may_what_is_public":                  {people.Identity{}, access.Public(), nil},
		"forgotten_rule_lets_nobody_through":          {session(root), access.Rule{}, access.ErrForbidden},
		"stranger_is_asked_to_sign_in":                {people.Identity{}, access.SignedIn(people.ScopeRead), access.ErrSignIn},
		"disabled_person_is_asked_to_sign_in":         {session(gone), access.SignedIn(people.ScopeRead), access.ErrSignIn},
		"person_passes":                               {session(rep), access.SignedIn(people.ScopeRead), nil},
		"token_with_the_scope_passes":                 {token(rep, people.ScopeRead), access.SignedIn(people.ScopeRead), nil},
		"token_without_the_scope_does_not":            {token(rep, people.ScopeWrite), access.SignedIn(people.ScopeRead), access.ErrScope},
		"token_never_changes_an_account":              {token(rep, people.ScopeRead, people.ScopeWrite, people.ScopeAdmin), access.Own(), access.ErrNoTokens},
		"given_password_must_be_changed_first":        {given, access.SignedIn(people.ScopeRead), access.ErrChangePassword},
		"given_password_may_be_changed":               {given, access.Own(), nil},
		"role_opens_its_form":                         {session(rep), access.OnApp("form:{form}", role.Read), nil},
		"role_does_not_open_more":                     {session(rep), access.OnApp("form:{form}", role.Delete), access.ErrForbidden},
		"platform_is_closed_to_roles_of_apps":         {session(rep), access.Platform(access.PeopleManage), access.ErrForbidden},
		"platform_is_open_to_administrators":          {session(root), access.Platform(access.PeopleManage), nil},
		"administrators_token_needs_the_admin_scope":  {token(root, people.ScopeRead, people.ScopeWrite), access.Platform(access.AdminRead), access.ErrScope},
		"records_are_left_to_the_service_behind_them": {session(rep), access.OnRecords(role.Delete), nil},
		"records_need_the_scope_all_the_same":         {token(rep, people.ScopeRead), access.OnRecords(role.Delete), access.ErrScope},
		"scope_may_be_set":                            {token(rep, people.ScopeRead), access.OnRecords(role.Delete).WithScope(people.ScopeRead), nil},
	} {
		t.Run(name, func(t *testing.T) {
			err := w.CheckRoute(c.who, c.rule, path)
			if c.want == nil {
				require.NoError(t, err)
				return
			}
			require.True(t, fault.Has(err, c.want), "%v", err)
		})
	}
	t.Run("wildcards_in_a_path_open_nothing", func(t *testing.T) {
		for _, object := range []string{"*", "form:*", "any"} {
			err := w.CheckRoute(session(rep), access.OnApp("form:{form}", role.Read), func(string) string { return object })
			require.True(t, fault.Has(err, access.ErrForbidden))
		}
	})
	t.Run("refusal_says_what_in_both_languages", func(t *testing.T) {
		f, _ := fault.As(access.Forbidden(role.Export))
		require.Contains(t, f.Message("en"), "export records")
		require.Contains(t, f.Message("zh-CN"), "导出记录")
	})
}
