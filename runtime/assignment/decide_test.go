package assignment_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stepwell/stepwell/internal/expr"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/runtime/assignment"
	def "github.com/stepwell/stepwell/schemas/assignment"
)

// world is a company on paper.
type world struct {
	names   map[string]string
	roles   map[string][]string
	depts   map[string][]string
	gone    []string
	away    map[string]time.Time
	barred  []string
	loads   map[string]int
	counted int
	broken  error
}

func (w *world) Name(user string) string {
	if name, ok := w.names[user]; ok {
		return name
	}
	return user
}
func (w *world) Active(user string) bool            { return !slices.Contains(w.gone, user) }
func (w *world) WithRole(role string) []string      { return w.roles[role] }
func (w *world) Members(department string) []string { return w.depts[department] }
func (w *world) MayOwn(user string) bool            { return !slices.Contains(w.barred, user) }
func (w *world) Away(user string) (time.Time, bool) { until, ok := w.away[user]; return until, ok }
func (w *world) Loads([]string) (map[string]int, error) {
	w.counted++
	return maps.Clone(w.loads), w.broken
}

func company() *world {
	return &world{
		names: map[string]string{"wang": "王强", "li": "李敏", "zhao": "赵鹏"},
		roles: map[string][]string{"rep": {"li", "wang", "zhao"}, "nobody": nil},
		depts: map[string][]string{"华东": {"boss", "li", "wang"}},
		away:  map[string]time.Time{}, loads: map[string]int{},
	}
}

// leads is a rule whose only category has these strategies.
func leads(t *testing.T, strategies string, more ...string) *assignment.Rule {
	t.Helper()
	return compile(t, `{"key":"leads","form":"lead","categories":[{"key":"video","title":{"zh-CN":"短视频引流线索","en":"Short-video leads"},"strategies":[`+
		strategies+`]}]`+strings.Join(more, "")+`}`)
}

func compile(t require.TestingT, doc string) *assignment.Rule {
	a, err := def.Parse([]byte(doc))
	require.NoError(t, err)
	env, err := expr.Open()
	require.NoError(t, err)
	r, problems := assignment.Compile(a, 3, "owner", env)
	require.Empty(t, problems)
	return r
}

func lead(data map[string]any) assignment.Subject {
	return assignment.Subject{
		Vars:    expr.Vars{"form": data, "link": map[string]any{"customer": map[string]any{"region": "3301"}}},
		OwnerOf: func(link string) string { s, _ := data["ownerOf."+link].(string); return s },
	}
}

// play lets a rule decide again and again, and gives who got the records.
func play(t require.TestingT, r *assignment.Rule, w assignment.World, n int) []string {
	counters := map[string]assignment.Counter{}
	out := make([]string, n)
	for i := range out {
		d, err := assignment.Decide(r, lead(nil), w, counters)
		require.NoError(t, err)
		if d.Counter != "" {
			counters[d.Counter] = d.Moved
		}
		out[i] = d.Owner
	}
	return out
}

const (
	inTurn = `{"type":"roundRobin","who":[{"type":"role","role":"rep"}]}`
	least  = `{"type":"leastLoaded","who":[{"type":"role","role":"rep"}]}`
	byLoad = `{"type":"weighted","who":[{"type":"user","user":"li","weight":3},{"type":"user","user":"wang"}]}`
	table  = `{"type":"byValue","rows":[
		{"title":{"zh-CN":"浙江","en":"Zhejiang"},"match":[{"field":"customer.region","startsWith":["33"]},{"field":"kind","in":["pump"]}],"who":[{"type":"user","user":"zhao"}]},
		{"match":[{"field":"customer.region","in":["3301"]}],"who":[{"type":"department","department":"华东","role":"rep"}],"pick":"roundRobin"}]}`
	sticky = `{"type":"sticky","link":"customer"}`
	pool   = `{"type":"pool"}`
)

func TestDecide(t *testing.T) {
	someday := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		strategies, more string
		data             map[string]any
		counters         map[string]assignment.Counter
		change           func(w *world)
		owner            string
		pool             bool
		zh, en           string
	}{
		"the_first_turn_begins_the_row": {
			strategies: inTurn, owner: "li",
			zh: "短视频引流线索 → 轮询：从李敏开始", en: "Short-video leads → in turn: the turn begins with 李敏",
		},
		"a_turn_follows_the_last_one_and_passes_over_the_absent": {
			strategies: `{"type":"roundRobin","who":[{"type":"user","user":"zhao"},{"type":"user","user":"wang"},{"type":"user","user":"li"}]}`,
			counters:   map[string]assignment.Counter{"video/0": {Last: "zhao"}},
			change:     func(w *world) { w.away["wang"] = someday },
			owner:      "li", zh: "短视频引流线索 → 轮询：上一位是赵鹏，轮到李敏；王强请假，跳过",
			en: "Short-video leads → in turn: 赵鹏 had the last one, now it is 李敏's turn; 王强 is absent",
		},
		"whoever_left_the_row_is_followed_by_the_place_after_theirs": {
			strategies: inTurn, counters: map[string]assignment.Counter{"video/0": {Last: "gone", At: 1}}, owner: "wang",
			zh: "短视频引流线索 → 轮询：上一位是gone，轮到王强",
		},
		"a_turn_that_came_to_nothing_is_owed": {
			strategies: inTurn, counters: map[string]assignment.Counter{"video/0": {Last: "li", Owed: []string{"li"}}}, owner: "li",
			zh: "短视频引流线索 → 轮询：上一位是李敏，轮到李敏",
		},
		"the_least_loaded_gets_it": {
			strategies: least, change: func(w *world) { w.loads = map[string]int{"li": 4, "wang": 2, "zhao": 3} },
			owner: "wang", zh: "短视频引流线索 → 负载最少：王强在办最少（2 条）",
		},
		"of_equally_loaded_ones_it_is_whose_turn_it_is": {
			strategies: least, counters: map[string]assignment.Counter{"video/0": {Last: "wang"}}, owner: "zhao",
			zh: "短视频引流线索 → 负载最少：赵鹏在办最少（0 条）",
		},
		"who_is_full_or_may_not_or_has_left_is_passed_over": {
			strategies: `{"type":"roundRobin","who":[{"type":"user","user":"old"},{"type":"user","user":"guest"},{"type":"role","role":"rep"}]}`,
			more:       `,"capacity":{"open":9,"people":{"li":2}}`,
			change: func(w *world) {
				w.gone, w.barred, w.loads = []string{"old"}, []string{"guest"}, map[string]int{"li": 2, "wang": 8}
			},
			owner: "wang", zh: "短视频引流线索 → 轮询：从王强开始；old已停用，跳过；guest无权负责，跳过；李敏已满（2/2），跳过",
		},
		"the_heaviest_goes_first": {
			strategies: byLoad, owner: "li", zh: "短视频引流线索 → 按权重：李敏（3/4）", en: "Short-video leads → by weight: 李敏 (3 of 4)",
		},
		"sticky_follows_the_owner_of_the_linked_record": {
			strategies: sticky + "," + inTurn, data: map[string]any{"ownerOf.customer": "zhao"}, owner: "zhao",
			zh: "短视频引流线索 → 归属优先：赵鹏", en: "Short-video leads → with whom it belongs: 赵鹏",
		},
		"sticky_to_somebody_absent_falls_back": {
			strategies: sticky + "," + inTurn, data: map[string]any{"ownerOf.customer": "zhao"}, change: func(w *world) { w.away["zhao"] = someday }, owner: "li",
			zh: "短视频引流线索 → 归属优先：无人可分配；赵鹏请假，跳过 → 轮询：从李敏开始",
		},
		"sticky_without_an_owner_falls_back": {
			strategies: sticky + "," + inTurn, owner: "li", zh: "短视频引流线索 → 归属优先：关联记录没有负责人 → 轮询：从李敏开始",
		},
		"all_matches_of_a_row_must_hold": {
			strategies: table, data: map[string]any{"kind": []any{"valve", "pump"}}, owner: "zhao", zh: "短视频引流线索 → 按取值（轮询）：浙江 → 从赵鹏开始",
		},
		"a_row_names_a_department_and_a_role": {
			strategies: table, owner: "li", zh: "短视频引流线索 → 按取值（轮询）：第 2 行 → 从李敏开始", en: "Short-video leads → by value (in turn): row 2 → the turn begins with 李敏",
		},
		"without_a_row_that_matches_the_next_strategy_is_asked": {
			strategies: `{"type":"byValue","rows":[{"match":[{"field":"kind","in":["1"]}],"who":[{"type":"user","user":"li"}]}]},` + inTurn,
			data:       map[string]any{"kind": 2.0}, owner: "li", zh: "短视频引流线索 → 按取值：没有匹配的行 → 轮询：从李敏开始",
		},
		"when_nobody_can_the_pool_takes_it": {
			strategies: `{"type":"roundRobin","who":[{"type":"role","role":"nobody"}]},` + pool, pool: true, zh: "短视频引流线索 → 轮询：无人可分配 → 公共池：等待领取",
		},
		"when_nobody_can_and_there_is_no_pool_it_stays": {
			strategies: sticky, zh: "短视频引流线索 → 归属优先：关联记录没有负责人 → 由创建人保留",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := company()
			if c.change != nil {
				c.change(w)
			}
			d, err := assignment.Decide(leads(t, c.strategies, c.more), lead(c.data), w, c.counters)
			require.NoError(t, err)
			require.Equal(t, c.owner, d.Owner)
			require.Equal(t, c.pool, d.Pool)
			require.Equal(t, c.zh, d.Why.Text.In("zh-CN"))
			if c.en != "" {
				require.Equal(t, c.en, d.Why.Text.In("en"))
			}
			require.Equal(t, assignment.ByRule, d.Why.Source)
			require.Equal(t, "leads", d.Why.Assignment)
			require.Equal(t, 3, d.Why.Version)
			require.Equal(t, "video", d.Why.Category)
		})
	}
}

func TestCategories(t *testing.T) {
	r := compile(t, `{"key":"leads","categories":[
		{"key":"video","title":"V","when":"form.source == 'video'","strategies":[{"type":"roundRobin","who":[{"type":"user","user":"li"}]}]},
		{"key":"fair","title":"F","when":"form.source == 'fair' && link.contact.city == 'x'","strategies":[{"type":"sticky","link":"customer"}]}]}`)
	t.Run("the_first_whose_condition_holds_decides", func(t *testing.T) {
		d, err := assignment.Decide(r, lead(map[string]any{"source": "video"}), company(), nil)
		require.NoError(t, err)
		require.Equal(t, "li", d.Owner)
	})
	t.Run("without_one_nobody_is_chosen", func(t *testing.T) {
		d, err := assignment.Decide(r, lead(map[string]any{"source": "web"}), company(), nil)
		require.NoError(t, err)
		require.False(t, d.Decided())
		require.Equal(t, "没有符合的分类；由创建人保留", d.Why.Text.In("zh-CN"))
	})
	t.Run("the_links_are_those_of_conditions_tables_and_sticky", func(t *testing.T) {
		require.Equal(t, []string{"contact", "customer"}, r.Links())
	})
	t.Run("one_may_be_asked_whatever_its_condition_says", func(t *testing.T) {
		d, err := assignment.Rerun(r, "video", lead(nil), company(), nil)
		require.NoError(t, err)
		require.Equal(t, "li", d.Owner)
		_, err = assignment.Rerun(r, "gone", lead(nil), company(), nil)
		require.True(t, fault.Has(err, assignment.ErrNoCategory))
	})
	t.Run("a_condition_that_does_not_compile_is_told_with_its_place", func(t *testing.T) {
		a, err := def.Parse([]byte(`{"categories":[{"key":"a","when":"form."}]}`))
		require.NoError(t, err)
		env, err := expr.Open()
		require.NoError(t, err)
		_, problems := assignment.Compile(a, 1, "owner", env)
		require.Len(t, problems, 1)
		require.Equal(t, "/categories/0/when", problems[0].Pointer)
	})
}

func TestLoads(t *testing.T) {
	t.Run("are_not_counted_when_nothing_depends_on_them", func(t *testing.T) {
		w := company()
		d, err := assignment.Decide(leads(t, inTurn), lead(nil), w, nil)
		require.NoError(t, err)
		require.Zero(t, w.counted)
		require.False(t, d.Loaded)
	})
	t.Run("are_counted_once_for_a_strategy", func(t *testing.T) {
		w := company()
		d, err := assignment.Decide(leads(t, least, `,"capacity":{"open":5}`), lead(nil), w, nil)
		require.NoError(t, err)
		require.Equal(t, 1, w.counted)
		require.True(t, d.Loaded)
	})
	t.Run("that_cannot_be_counted_are_an_error", func(t *testing.T) {
		w := company()
		w.broken = errors.New("down")
		for _, s := range []string{least, inTurn} {
			_, err := assignment.Decide(leads(t, s, `,"capacity":{"open":5}`), lead(nil), w, nil)
			require.ErrorIs(t, err, w.broken)
		}
	})
}

func TestShares(t *testing.T) {
	t.Run("turns_are_exact", func(t *testing.T) {
		require.Equal(t, []string{"li", "wang", "zhao", "li", "wang", "zhao", "li"}, play(t, leads(t, inTurn), company(), 7))
	})
	t.Run("weights_are_exact_and_spread", func(t *testing.T) {
		require.Equal(t, []string{"li", "li", "wang", "li", "li", "li", "wang", "li"}, play(t, leads(t, byLoad), company(), 8))
	})
	t.Run("every_cycle_gives_everybody_their_weight_exactly", func(t *testing.T) {
		rapid.Check(t, func(rt *rapid.T) {
			weights := rapid.SliceOfN(rapid.IntRange(1, 9), 1, 6).Draw(rt, "weights")
			who, sum := make([]string, len(weights)), 0
			for i, weight := range weights {
				who[i] = fmt.Sprintf(`{"type":"user","user":"u%d","weight":%d}`, i, weight)
				sum += weight
			}
			r := compile(rt, `{"categories":[{"key":"c","strategies":[{"type":"weighted","who":[`+strings.Join(who, ",")+`]}]}]}`)
			cycles := rapid.IntRange(1, 4).Draw(rt, "cycles")
			got := map[string]int{}
			for _, user := range play(rt, r, &world{}, sum*cycles) {
				got[user]++
			}
			for i, weight := range weights {
				require.Equal(rt, weight*cycles, got[fmt.Sprintf("u%d", i)])
			}
		})
	})
	t.Run("while_people_come_and_go_nobody_is_more_than_one_turn_ahead", func(t *testing.T) {
		rapid.Check(t, func(rt *rapid.T) {
			r := compile(rt, `{"categories":[{"key":"c","strategies":[`+inTurn+`]}]}`)
			w := company()
			counters := map[string]assignment.Counter{}
			since := map[string]int{} // turns since everybody was there
			for range rapid.IntRange(1, 40).Draw(rt, "records") {
				away := rapid.SampledFrom([]string{"", "", "", "li", "wang", "zhao"}).Draw(rt, "away")
				w.away = map[string]time.Time{}
				if away != "" {
					w.away[away] = time.Time{}
					clear(since)
				}
				d, err := assignment.Decide(r, lead(nil), w, counters)
				require.NoError(rt, err)
				require.NotEqual(rt, away, d.Owner)
				counters[d.Counter] = d.Moved
				since[d.Owner]++
				if away == "" {
					most, least := 0, 1<<30
					for _, user := range w.roles["rep"] {
						most, least = max(most, since[user]), min(least, since[user])
					}
					require.LessOrEqual(rt, most-least, 1)
				} else {
					clear(since)
				}
			}
		})
	})
}

func BenchmarkDecide(b *testing.B) {
	r := compile(b, `{"key":"leads","categories":[{"key":"a","title":"A","when":"form.source == 'fair'","strategies":[`+inTurn+`]},
		{"key":"b","title":"B","when":"form.source == 'video'","strategies":[`+sticky+`,`+table+`]},{"key":"c","title":"C","strategies":[`+inTurn+`]}]}`)
	w, s := company(), lead(map[string]any{"source": "video"})
	for b.Loop() {
		if _, err := assignment.Decide(r, s, w, nil); err != nil {
			b.Fatal(err)
		}
	}
}
