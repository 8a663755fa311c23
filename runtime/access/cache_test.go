package access

import (
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stepwell/stepwell/internal/store/storetest"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/role"
)

func TestRememberedAnswersAreCasbins(t *testing.T) {
	forms := []string{"a", "b", "c"}
	fields := []string{"x", "y", "z"}
	rapid.Check(t, func(t *rapid.T) {
		docs := map[string]roleDoc{}
		var held []people.RoleRef
		for _, key := range []string{"one", "two", "three"} {
			r := role.Role{Head: definition.Head{Key: key}}
			for range rapid.IntRange(0, 3).Draw(t, "grants") {
				g := role.Grant{
					Object:  rapid.SampledFrom([]string{"form:a", "form:b", "form:*", "app"}).Draw(t, "object"),
					Actions: []role.Action{rapid.SampledFrom(append(role.FormActions(), role.AppActions()...)).Draw(t, "action")},
					Rows:    rapid.SampledFrom([]role.Rows{"", role.Own, role.Department, role.DepartmentAndBelow, role.All}).Draw(t, "rows"),
					Fields:  map[string]role.FieldAccess{},
				}
				for _, field := range fields {
					if rapid.Bool().Draw(t, "named") {
						g.Fields[field] = rapid.SampledFrom(byGenerosity).Draw(t, "access")
					}
				}
				r.Grants = append(r.Grants, g)
			}
			if key == "three" {
				r.Inherits = []string{"one"}
			}
			doc := compile("sales", &r)
			docs[doc.ID] = doc
			if rapid.Bool().Draw(t, "holds") {
				held = append(held, people.RoleRef{App: "sales", Role: key})
			}
		}
		e, err := newEnforcer(docs)
		require.NoError(t, err)
		v := (&policy{enforcer: e, docs: docs, views: map[viewKey]*view{}}).view("sales", people.Subjects{Key: "held", Roles: held})
		for _, form := range forms {
			for _, action := range role.FormActions() {
				for range 2 { // asked of casbin, then remembered
					got, err := v.of("form:"+form, action)
					require.NoError(t, err)
					for _, scope := range reachOf {
						want := false
						for _, r := range held {
							ok, err := e.Enforce(r.String(), "sales", "form:"+form, string(action), string(scope.rows))
							require.NoError(t, err)
							want = want || ok
						}
						require.Equal(t, want, got&scope.reach != 0)
					}
					anyWant := false
					for _, r := range held {
						ok, err := e.Enforce(r.String(), "sales", "form:"+form, string(action), "any")
						require.NoError(t, err)
						anyWant = anyWant || ok
					}
					require.Equal(t, anyWant, got != 0)
				}
			}
			mask, err := v.askMask(form)
			require.NoError(t, err)
			remembered, err := v.mask(form)
			require.NoError(t, err)
			require.Equal(t, mask, remembered)
			if granted, _ := v.granted(form); !granted {
				require.True(t, remembered.Silent(), "%v", remembered)
			}
			for _, field := range append(fields, "unnamed") {
				want, err := v.askField(form, field)
				require.NoError(t, err)
				require.Equal(t, want, mask.Of(field))
			}
		}
	})
}

func BenchmarkChecks(b *testing.B) {
	u := &people.User{ID: "u", Profile: people.Profile{Active: true, Department: "d0", Roles: []people.RoleRef{{App: "sales", Role: "r1"}, {App: "sales", Role: "r2"}}}}
	var departments []*people.Department
	for i := range 20 {
		dep := &people.Department{ID: fmt.Sprint("d", i)}
		if i > 0 {
			dep.Parent = fmt.Sprint("d", (i-1)/2)
		}
		departments = append(departments, dep)
	}
	d := people.NewDirectory([]*people.User{u}, departments)
	a, err := Open(b.Context(), storetest.Open(b), func() *people.Directory { return d }, slog.New(slog.DiscardHandler))
	require.NoError(b, err)
	var roles []*role.Role
	for i := range 8 {
		r := &role.Role{Head: definition.Head{Key: fmt.Sprint("r", i)}}
		for j := range 10 {
			r.Grants = append(r.Grants, role.Grant{
				Object: fmt.Sprint("form:f", j), Rows: role.DepartmentAndBelow, Fields: map[string]role.FieldAccess{"cost": role.FieldHidden},
				Actions: []role.Action{role.Read, role.Create, role.Update, role.Submit},
			})
		}
		roles = append(roles, r)
	}
	require.NoError(b, a.Publish(b.Context(), "sales", roles))
	record := Record{Owner: "x", Department: "d19", Participants: []string{"y", "z"}}
	for name, check := range map[string]func() bool{
		"can":          func() bool { return a.Can("u", "sales", "form:f5", role.Update) },
		"allowsRecord": func() bool { return a.AllowsRecord("u", "sales", "f5", role.Update, record) },
		"rows":         func() bool { _, ok := a.Rows("u", "sales", "f5", role.Read); return ok },
		"fields":       func() bool { return a.Fields("u", "sales", "f5").Of("cost") == role.FieldHidden },
	} {
		b.Run(name, func(b *testing.B) {
			check() // the first answer is casbin's
			b.ReportAllocs()
			for b.Loop() {
				if !check() {
					b.Fatal("refused")
				}
			}
		})
	}
	b.Run("casbinItself", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if ok, err := a.current.Load().enforcer.Enforce("sales/r1", "sales", "form:f5", "update", "any"); err != nil || !ok {
				b.Fatal("refused")
			}
		}
	})
}
