package limit_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/schemas/limit"
)

func TestOf(t *testing.T) {
	l, err := limit.Parse([]byte(`{"default":1,"rows":[
		{"role":"rep","value":5},{"role":"lead","value":10},{"role":"intern","value":0},
		{"role":"board","unlimited":true},{"person":"u1","value":3},{"person":"u2","unlimited":true}]}`))
	require.NoError(t, err)
	for name, c := range map[string]struct {
		person string
		roles  []string
		want   float64
	}{
		"nobody_in_particular_has_the_default":         {"u9", nil, 1},
		"a_role_counts":                                {"u9", []string{"rep"}, 5},
		"the_highest_of_several_roles_counts":          {"u9", []string{"rep", "lead"}, 10},
		"a_role_may_have_less_than_the_default":        {"u9", []string{"intern"}, 0},
		"a_role_without_a_limit_has_none":              {"u9", []string{"rep", "board"}, limit.NoLimit},
		"the_row_of_a_person_is_stronger_than_a_role":  {"u1", []string{"lead", "board"}, 3},
		"a_person_may_have_no_limit":                   {"u2", []string{"rep"}, limit.NoLimit},
		"an_empty_role_name_is_nobody's_and_no_person": {"", []string{""}, 1},
	} {
		t.Run(name, func(t *testing.T) { require.InDelta(t, c.want, l.Of(c.person, c.roles), 0) })
	}
}

func TestCheck(t *testing.T) {
	l, err := limit.Parse([]byte(`{"form":"order","unit":"%","currency":"CNY","rows":[
		{"role":"rep","value":5},{"value":1},{"role":"rep","person":"u1"},{"role":"rep","value":6},
		{"person":"u1","value":6,"unlimited":true}]}`))
	require.NoError(t, err)
	var got []string
	for _, p := range l.Check() {
		got = append(got, p.Pointer+" "+p.Code.ID)
	}
	require.Equal(t, []string{
		"/field limit.field", "/unit limit.units", "/rows/1 limit.whom", "/rows/2 limit.whom", "/rows/3 limit.twice", "/rows/4/value limit.both",
	}, got)
}
