package people_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/schemas/problem"
)

var _ engine.Directory = (*people.Directory)(nil)

func user(id string, change func(*people.Profile)) *people.User {
	u := &people.User{ID: id, Rev: 1, Profile: people.Profile{Username: id, Name: id, Active: true}, UsernameKey: people.KeyOf(id)}
	if change != nil {
		change(&u.Profile)
	}
	return u
}

func department(id, parent, head string) *people.Department {
	return &people.Department{ID: id, Rev: 1, DepartmentInfo: people.DepartmentInfo{
		Name: problem.Text{"zh-CN": "部门" + id, "en": "Department " + id}, Parent: parent, Head: head,
	}}
}

func under(manager string) func(*people.Profile) {
	return func(p *people.Profile) { p.Manager = manager }
}

func TestDirectory(t *testing.T) {
	d := people.NewDirectory([]*people.User{
		user("ceo", nil), user("area", under("ceo")), user("rep", func(p *people.Profile) {
			p.Manager, p.Department, p.Name = "area", "north", "王小明"
			p.Roles = []people.RoleRef{{App: "sales", Role: "rep"}}
		}),
		user("gone", func(p *people.Profile) {
			p.Active, p.Manager, p.Roles = false, "area", []people.RoleRef{{App: "sales", Role: "rep"}}
		}),
		user("loop1", under("loop2")), user("loop2", under("loop1")),
	}, []*people.Department{
		department("company", "", "ceo"), department("sales", "company", "area"), department("north", "sales", ""),
		department("odd1", "odd2", "rep"), department("odd2", "odd1", ""),
	})

	t.Run("manager_chain_is_climbed_level_by_level", func(t *testing.T) {
		require.Equal(t, "area", d.Manager("rep", 1))
		require.Equal(t, "ceo", d.Manager("rep", 2))
		require.Empty(t, d.Manager("rep", 3))
		require.Empty(t, d.Manager("rep", 0))
		require.Empty(t, d.Manager("nobody", 1))
	})
	t.Run("manager_chain_stops_at_a_loop", func(t *testing.T) {
		require.Equal(t, "loop2", d.Manager("loop1", 1))
		require.Empty(t, d.Manager("loop1", 2))
		require.Empty(t, d.Manager("loop1", 1000))
	})
	t.Run("department_head_is_found_above", func(t *testing.T) {
		require.Empty(t, d.DepartmentHead("north", 1))
		require.Equal(t, "area", d.DepartmentHead("north", 2))
		require.Equal(t, "ceo", d.DepartmentHead("north", 3))
		require.Empty(t, d.DepartmentHead("north", 4))
		require.Empty(t, d.DepartmentHead("odd1", 3))
	})
	t.Run("disabled_people_hold_no_role_and_are_no_reports", func(t *testing.T) {
		require.Equal(t, []string{"rep"}, d.WithRole("sales", "rep"))
		require.Equal(t, []string{"rep"}, d.Led("area"))
		require.False(t, d.Active("gone"))
		require.False(t, d.Active("nobody"))
	})
	t.Run("subtree_holds_the_department_and_all_below", func(t *testing.T) {
		require.Equal(t, []string{"company", "north", "sales"}, d.Subtree("company"))
		require.Equal(t, []string{"odd1", "odd2"}, d.Subtree("odd1"))
		require.Nil(t, d.Subtree("nowhere"))
	})
	t.Run("names_are_shown_in_the_readers_language", func(t *testing.T) {
		require.Equal(t, "王小明", d.Name("rep", "en"))
		require.Equal(t, "Department north", d.Name("north", "en"))
		require.Equal(t, "部门north", d.Name("north", "zh-CN"))
		require.Equal(t, "01unknown", d.Name("01unknown", "en"))
	})
	t.Run("tree_lists_parents_first_and_cut_off_departments_too", func(t *testing.T) {
		var ids []string
		for _, dep := range d.Departments() {
			ids = append(ids, dep.ID)
		}
		require.Equal(t, []string{"company", "sales", "north", "odd2", "odd1"}, ids)
	})
	t.Run("user_name_is_found_whatever_its_case", func(t *testing.T) {
		u, ok := d.ByUsername(" REP ")
		require.True(t, ok)
		require.Equal(t, "rep", u.ID)
	})
	t.Run("lists_handed_out_may_be_changed", func(t *testing.T) {
		d.WithRole("sales", "rep")[0] = "changed"
		require.Equal(t, []string{"rep"}, d.WithRole("sales", "rep"))
	})
}

func TestDirectoryProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(t, "people")
		someone := rapid.Map(rapid.IntRange(-1, n-1), func(i int) string {
			if i < 0 {
				return ""
			}
			return fmt.Sprint("u", i)
		})
		var users []*people.User
		var departments []*people.Department
		for i := range n {
			users = append(users, user(fmt.Sprint("u", i), under(someone.Draw(t, "manager"))))
			parent := someone.Draw(t, "parent") // the same ids, with loops and all
			departments = append(departments, department(fmt.Sprint("u", i), parent, "u0"))
		}
		d := people.NewDirectory(users, departments)
		for i := range n {
			at := fmt.Sprint("u", i)
			passed := []string{at}
			for level := 1; level <= n+1; level++ {
				manager := d.Manager(at, level)
				if manager == "" {
					require.Empty(t, d.Manager(at, level+1), "nobody above nobody")
					break
				}
				require.NotContains(t, passed, manager, "nobody twice in a chain")
				require.Equal(t, manager, d.Manager(passed[len(passed)-1], 1))
				passed = append(passed, manager)
			}
			for j := range n {
				top := fmt.Sprint("u", j)
				require.Equal(t, slices.Contains(d.Subtree(top), at), d.Below(at, top))
			}
		}
		require.Len(t, d.Departments(), n, "every department is listed once")
	})
}

func TestList(t *testing.T) {
	var users []*people.User
	for i, name := range []string{"张伟", "李娜", "Anna", "王芳", "陈杰", "李娜", "Zoë"} {
		users = append(users, user(fmt.Sprint("u", i), func(p *people.Profile) {
			p.Name, p.Department = name, "north"
			p.Active = name != "陈杰"
			p.Email = fmt.Sprintf("p%d@example.com", i)
		}))
	}
	users[0].Department = "company"
	d := people.NewDirectory(users, []*people.Department{department("company", "", ""), department("north", "company", "")})
	names := func(t *testing.T, q people.Query) []string {
		t.Helper()
		var all []string
		for {
			page, err := d.List(q)
			require.NoError(t, err)
			require.LessOrEqual(t, len(page.Users), max(q.Limit, 1))
			for _, u := range page.Users {
				all = append(all, u.Name)
			}
			if page.Next == "" {
				return all
			}
			q.Cursor = page.Next
		}
	}
	active := true

	t.Run("names_are_in_chinese_dictionary_order", func(t *testing.T) {
		require.Equal(t, []string{"Anna", "Zoë", "陈杰", "李娜", "李娜", "王芳", "张伟"}, names(t, people.Query{Limit: 100}))
	})
	t.Run("pages_of_any_size_neither_overlap_nor_miss_anybody", func(t *testing.T) {
		whole := names(t, people.Query{Limit: 100})
		for limit := range 8 {
			require.Equal(t, whole, names(t, people.Query{Limit: limit}))
		}
	})
	t.Run("search_needs_every_word_in_any_case", func(t *testing.T) {
		require.Equal(t, []string{"Zoë"}, names(t, people.Query{Text: "ZOË example", Limit: 9}))
		require.Equal(t, []string{"李娜", "李娜"}, names(t, people.Query{Text: "李", Limit: 9}))
		require.Empty(t, names(t, people.Query{Text: "李 p0", Limit: 9}))
		require.Empty(t, names(t, people.Query{Text: "example", NameOnly: true, Limit: 9}), "mail addresses are not for everybody")
		require.Equal(t, []string{"李娜", "李娜"}, names(t, people.Query{Text: "李", NameOnly: true, Limit: 9}))
	})
	t.Run("department_includes_those_below", func(t *testing.T) {
		require.Len(t, names(t, people.Query{Department: "company", Limit: 9}), 7)
		require.NotContains(t, names(t, people.Query{Department: "north", Limit: 9}), "张伟")
		require.Empty(t, names(t, people.Query{Department: "nowhere", Limit: 9}))
	})
	t.Run("active_and_ids_select", func(t *testing.T) {
		require.NotContains(t, names(t, people.Query{Active: &active, Limit: 9}), "陈杰")
		require.Equal(t, []string{"Anna", "王芳"}, names(t, people.Query{IDs: []string{"u3", "u2"}, Limit: 1}))
	})
	t.Run("made_up_cursor_is_refused", func(t *testing.T) {
		for _, cursor := range []string{"!", "bm9uc2Vuc2U"} {
			_, err := d.List(people.Query{Cursor: cursor, Limit: 1})
			require.True(t, fault.Has(err, people.ErrCursor))
		}
	})
}
