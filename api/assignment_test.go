package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/api"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/assignment"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/people/absence"
	"github.com/stepwell/stepwell/runtime/people/audit"
	"github.com/stepwell/stepwell/runtime/records"
)

const intake = "/apps/" + app + "/definitions/assignment/leadIntake"

// workday is a working day; the days after it are the Dragon Boat holiday of 2026 (19 to 21 June).
var workday = time.Date(2026, 6, 15, 9, 0, 0, 0, shanghai)

// rule is an assignment of opportunities with these categories.
func rule(categories string, more ...string) string {
	return `{"kind":"assignment","key":"leadIntake","title":{"zh-CN":"线索分配","en":"Lead assignment"},"form":"opportunity","categories":[` +
		categories + `]` + strings.Join(more, "") + `}`
}

func category(key, title, when, strategies string) string {
	condition := ""
	if when != "" {
		condition = `"when":` + strconv.Quote(when) + `,`
	}
	return `{"key":"` + key + `","title":{"zh-CN":"` + title + `","en":"` + key + `"},` + condition + `"strategies":[` + strategies + `]}`
}

// people names users in turn.
func (h *house) people(names ...string) string {
	who := make([]string, len(names))
	for i, name := range names {
		who[i] = `{"type":"user","user":"` + h.ids[name] + `"}`
	}
	return strings.Join(who, ",")
}

func (h *house) inTurn(names ...string) string {
	return `{"type":"roundRobin","who":[` + h.people(names...) + `]}`
}

// publishRule puts an assignment in force.
func (h *house) publishRule(doc string) {
	h.Helper()
	draft := h.call("appAdmin", http.MethodGet, intake, nil).ok()
	h.call("appAdmin", http.MethodPut, intake, doc, "If-Match", draft.etag()).ok()
	h.call("appAdmin", http.MethodPost, intake+"/publish", m{}).ok()
}

// lead is a new opportunity without an owner, from a source; customer and product are shared.
func (h *house) lead(like m, source string) m {
	data := maps.Clone(like)
	delete(data, "owner")
	data["source"] = source
	return data
}

func (h *house) stored(id string) *records.Record {
	h.Helper()
	doc, err := h.product.Store.Get(h.Context(), records.CollectionOf(app, "opportunity"), id)
	require.NoError(h, err)
	var rec records.Record
	require.NoError(h, json.Unmarshal(doc, &rec))
	return &rec
}

// action is the newest entry of a record's log.
func (h *house) action(id string) records.Action {
	h.Helper()
	found, err := store.LoadAll[records.Action](h.Context(), h.product.Store, records.ActionCollection, store.Query{
		Filter: store.Filter{"record": id}, Sort: []store.SortKey{{Path: "seq", Desc: true}}, Limit: 1,
	})
	require.NoError(h, err)
	require.Len(h, found, 1)
	return found[0]
}

// intakeOpen is a house with a customer of rep, to whom leads may belong.
func intakeOpen(t *testing.T) (*house, m) {
	t.Helper()
	h := openHouse(t, workday)
	like, _ := h.opportunity("rep")
	return h, like
}

func TestAssignmentOnCreate(t *testing.T) {
	h, like := intakeOpen(t)
	begin := func(h *house, source string, more ...string) *records.Record {
		h.Helper()
		made := h.call("director", http.MethodPost, deals, m{"data": h.lead(like, source)}, more...).ok()
		return h.stored(made.id())
	}
	h.Run("the_shipped_rule_follows_the_owner_of_the_customer", func(h *house) {
		rec := begin(h, "website")
		require.Equal(h, h.ids["rep"], rec.Owner)
		require.Equal(h, h.ids["rep"], rec.Data["owner"])
		require.Equal(h, h.depts["east"], rec.Department)
		require.Equal(h, []string{h.ids["rep"]}, rec.State.Tasks[0].Assignees)
		require.Equal(h, "官网询盘线索 → 归属优先：rep", rec.Assignment.Text.In("zh-CN"))
		act := h.action(rec.ID)
		require.Equal(h, "submit", act.Command)
		require.Equal(h, "leadIntake", act.Assignment.Assignment)
		require.Equal(h, 1, act.Assignment.Version)
		require.Equal(h, "website", act.Assignment.Category)
	})
	h.Run("what_names_an_owner_keeps_it", func(h *house) {
		rec := h.stored(h.create("rep", "opportunity", like).id())
		require.Equal(h, h.ids["rep"], rec.Owner)
		require.Nil(h, rec.Assignment)
	})
	h.Run("a_new_category_counts_for_the_next_record_without_a_restart", func(h *house) {
		require.Equal(h, "短视频引流线索", begin(h, "shortVideo").Assignment.CategoryTitle.In("zh-CN"))
		h.publishRule(rule(
			category("video", "短视频引流线索", "form.source == 'shortVideo'", h.inTurn("otherRep", "areaManager")) + "," +
				category("rest", "其他", "", `{"type":"sticky","link":"customer"}`)))
		for i, want := range []string{"otherRep", "areaManager", "otherRep"} {
			rec := begin(h, "shortVideo")
			require.Equal(h, h.ids[want], rec.Owner, i)
			require.Equal(h, 2, rec.Assignment.Version)
		}
		require.Equal(h, h.ids["rep"], begin(h, "website").Owner)
		shown := h.call("director", http.MethodGet, deals+"/"+begin(h, "shortVideo").ID, nil).ok()
		require.Equal(h, "短视频引流线索 → 轮询：上一位是otherRep，轮到areaManager", shown.Body["assignment"].(m)["text"].(m)["zh-CN"])
	})
	h.Run("who_is_away_is_passed_over_and_the_record_says_so", func(h *house) {
		_, err := h.product.Absences.Create(h.Context(), audit.Actor{}, absence.Terms{User: h.ids["otherRep"], EndsAt: store.MomentOf(workday.AddDate(0, 0, 2))})
		require.NoError(h, err)
		rec := begin(h, "shortVideo")
		require.Equal(h, h.ids["areaManager"], rec.Owner)
		require.Equal(h, "短视频引流线索 → 轮询：上一位是areaManager，轮到areaManager；otherRep请假，跳过", rec.Assignment.Text.In("zh-CN"))
		h.advance(workday.AddDate(0, 0, 2))
		require.Equal(h, h.ids["otherRep"], begin(h, "shortVideo").Owner)
	})
	h.Run("who_has_delegated_their_decisions_is_away_too", func(h *house) {
		h.call("areaManager", http.MethodPost, "/me/delegations", m{"to": h.ids["director"], "endsAt": store.FormatTime(h.clock.Now().AddDate(0, 0, 1))}).ok()
		require.Equal(h, h.ids["otherRep"], begin(h, "shortVideo").Owner)
	})
	h.Run("who_may_not_own_such_a_record_and_who_has_left_is_passed_over", func(h *house) {
		h.publishRule(rule(category("rest", "其他", "", h.inTurn("viewer", "service", "farManager"))))
		rec := begin(h, "shortVideo")
		require.Equal(h, h.ids["farManager"], rec.Owner)
		require.Len(h, rec.Assignment.Steps[0].Skipped, 2)
		require.Equal(h, assignment.NotAllowed, rec.Assignment.Steps[0].Skipped[0].Why)
	})
	h.Run("a_record_that_is_refused_takes_no_turn", func(h *house) {
		h.publishRule(rule(category("turns", "轮流", "", h.inTurn("rep", "otherRep"))))
		require.Equal(h, h.ids["rep"], begin(h, "website").Owner)
		broken := h.lead(like, "website")
		delete(broken, "name")
		h.call("director", http.MethodPost, deals, m{"data": broken}).refused(http.StatusUnprocessableEntity, "record.invalid")
		require.Equal(h, h.ids["otherRep"], begin(h, "website").Owner)
	})
	h.Run("a_repeated_request_takes_one_turn", func(h *house) {
		for range 3 {
			require.Equal(h, h.ids["rep"], begin(h, "website", "Idempotency-Key", "lead-1").Owner)
		}
		require.Equal(h, h.ids["otherRep"], begin(h, "website").Owner)
	})
}

func TestAssignmentUnderContention(t *testing.T) {
	h, like := intakeOpen(t)
	// Another server copy on the same store.
	other, err := api.Open(t.Context(), h.product.Options)
	require.NoError(t, err)
	flood := func(h *house, n int) map[string]int {
		h.Helper()
		var work sync.WaitGroup
		var mu sync.Mutex
		got := map[string]int{}
		for i := range n {
			work.Go(func() {
				product := []*api.Product{h.product, other}[i%2]
				rec, err := product.Records.Do(context.WithoutCancel(h.Context()), records.Request{
					App: app, Form: "opportunity", By: h.ids["director"], Via: "api", Key: fmt.Sprintf("%s-%d", h.Name(), i),
					Command: engine.Command{Kind: engine.Submit, Data: h.lead(like, "shortVideo")},
				})
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					got[err.Error()]++
					return
				}
				got[rec.Owner]++
			})
		}
		work.Wait()
		return got
	}
	publish := func(h *house, doc string) {
		h.publishRule(doc)
		require.NoError(h, other.Catalog.Refresh(h.Context(), app))
	}
	rep, second, far := h.ids["rep"], h.ids["otherRep"], h.ids["farManager"]
	h.Run("turns_are_exact", func(h *house) {
		publish(h, rule(category("turns", "轮流", "", h.inTurn("rep", "otherRep", "farManager", "areaManager"))))
		require.Equal(h, map[string]int{rep: 4, second: 4, far: 4, h.ids["areaManager"]: 4}, flood(h, 16))
	})
	h.Run("weights_are_exact", func(h *house) {
		publish(h, rule(category("weights", "权重", "", fmt.Sprintf(
			`{"type":"weighted","who":[{"type":"user","user":"%s","weight":5},{"type":"user","user":"%s","weight":2},{"type":"user","user":"%s"}]}`, rep, second, far))))
		require.Equal(h, map[string]int{rep: 10, second: 4, far: 2}, flood(h, 16))
	})
	h.Run("nobody_gets_more_than_they_can_hold_and_the_rest_goes_to_the_pool", func(h *house) {
		mine := func(user string) int {
			n, err := h.product.Store.Count(h.Context(), records.CollectionOf(app, "opportunity"), store.Filter{"owner": user}, 0)
			require.NoError(h, err)
			return int(n)
		}
		publish(h, rule(category("least", "最少", "", `{"type":"leastLoaded","who":[`+h.people("rep", "otherRep")+`]},{"type":"pool"}`),
			fmt.Sprintf(`,"capacity":{"open":%d,"people":{"%s":%d}},"pool":{"roles":["rep"]}`, mine(second)+3, rep, mine(rep)+2)))
		require.Equal(h, map[string]int{rep: 2, second: 3, "": 11}, flood(h, 16))
	})
	h.Run("loads_are_evened_out_exactly", func(h *house) {
		publish(h, rule(category("least", "最少", "", `{"type":"leastLoaded","who":[`+h.people("director", "appAdmin")+`]}`)))
		require.Equal(h, map[string]int{h.ids["director"]: 8, h.ids["appAdmin"]: 8}, flood(h, 16))
	})
}

// pooled is a rule that puts everything into a pool.
func pooled(more string) string {
	return rule(category("pool", "公共池", "", `{"type":"pool"}`), `,"pool":{"roles":["rep"]`+more+`}`)
}

func TestPool(t *testing.T) {
	h, like := intakeOpen(t)
	begin := func(h *house) string {
		h.Helper()
		return h.call("director", http.MethodPost, deals, m{"data": h.lead(like, "shortVideo")}).ok().id()
	}
	claim := func(h *house, who, id string) error {
		_, err := h.product.Records.Do(h.Context(), records.Request{
			App: app, Form: "opportunity", ID: id, By: h.ids[who], Via: "ui", Own: &records.OwnerChange{Source: assignment.ByClaim},
		})
		return err
	}
	h.publishRule(pooled(`,"maxOpen":2,"maxPerDay":3,"takeBack":{"after":2,"unit":"workingDays","calendar":"china"}`))
	h.Run("a_record_in_the_pool_has_no_owner_and_no_open_task", func(h *house) {
		rec := h.stored(begin(h))
		require.Empty(h, rec.Owner)
		require.Empty(h, rec.Data["owner"])
		require.Equal(h, engine.Draft, rec.Status)
		require.Equal(h, "pool", rec.Pool.Category)
		require.Equal(h, "公共池 → 公共池：等待领取", rec.Assignment.Text.In("zh-CN"))
	})
	h.Run("whoever_claims_it_has_it_and_its_flow_begins", func(h *house) {
		id := begin(h)
		require.NoError(h, claim(h, "rep", id))
		rec := h.stored(id)
		require.Equal(h, h.ids["rep"], rec.Owner)
		require.Nil(h, rec.Pool)
		require.Equal(h, []string{h.ids["rep"]}, rec.State.Tasks[0].Assignees)
		require.Equal(h, "claim", h.action(id).Command)
		require.Equal(h, "rep从公共池领取", rec.Assignment.Text.In("zh-CN"))
		require.ErrorContains(h, claim(h, "areaManager", id), "claimed this record already")
	})
	h.Run("only_those_who_may_claim_can", func(h *house) {
		require.ErrorContains(h, claim(h, "director", begin(h)), "may not claim")
	})
	h.Run("nobody_claims_past_the_limits", func(h *house) {
		require.NoError(h, claim(h, "rep", begin(h)))
		require.ErrorContains(h, claim(h, "rep", begin(h)), "2 claimed records open")
	})
	h.Run("what_is_untouched_for_two_working_days_goes_back_across_a_holiday", func(h *house) {
		h.advance(time.Date(2026, 6, 18, 10, 0, 0, 0, shanghai)) // the Thursday before the holiday
		left, kept := begin(h), begin(h)
		require.NoError(h, claim(h, "otherRep", left))
		require.NoError(h, claim(h, "otherRep", kept))
		require.Equal(h, store.FormatTime(time.Date(2026, 6, 23, 10, 0, 0, 0, shanghai)), store.FormatTime(h.stored(left).Claim.DueAt.Time))
		shown := h.call("otherRep", http.MethodGet, deals+"/"+kept, nil).ok()
		h.call("otherRep", http.MethodPatch, deals+"/"+kept, m{"data": m{"background": "Called them."}}, "If-Match", shown.etag()).ok()
		h.advance(time.Date(2026, 6, 23, 9, 59, 0, 0, shanghai))
		require.Equal(h, h.ids["otherRep"], h.stored(left).Owner)
		h.advance(time.Date(2026, 6, 23, 10, 1, 0, 0, shanghai))
		rec := h.stored(left)
		require.Empty(h, rec.Owner)
		require.Empty(h, rec.Data["owner"])
		require.NotNil(h, rec.Pool)
		require.Equal(h, engine.Draft, rec.Status)
		require.Empty(h, rec.State.Tasks)
		require.Equal(h, "takeBack", h.action(left).Command)
		require.Equal(h, "otherRep截至2026-06-23 10:00未处理，已收回公共池", rec.Assignment.Text.In("zh-CN"))
		require.Equal(h, h.ids["otherRep"], h.stored(kept).Owner)
		told := h.notices(deal{id: left}, "otherRep")
		require.Equal(h, engine.CauseTakenBack, told[len(told)-1].Cause)
		h.Run("and_may_be_claimed_again", func(h *house) {
			require.NoError(h, claim(h, "otherRep", left))
			require.Equal(h, h.ids["otherRep"], h.stored(left).Owner)
		})
	})
	h.Run("two_who_claim_at_once_do_not_both_get_it_and_no_limit_is_passed", func(h *house) {
		h.publishRule(pooled(`,"maxPerDay":2`))
		h.advance(time.Date(2026, 6, 24, 9, 0, 0, 0, shanghai))
		ids := make([]string, 6)
		for i := range ids {
			ids[i] = begin(h)
		}
		var work sync.WaitGroup
		for _, id := range ids {
			for _, who := range []string{"rep", "otherRep"} {
				work.Go(func() { _ = claim(h, who, id) })
			}
		}
		work.Wait()
		got := map[string]int{}
		for _, id := range ids {
			got[h.stored(id).Owner]++
		}
		require.Equal(h, map[string]int{h.ids["rep"]: 2, h.ids["otherRep"]: 2, "": 2}, got)
	})
}
