package api_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/timers"
)

// step is one command of the way to a won opportunity and what the log must say of it.
type step struct {
	who, command, block string
	data                func(h *house, d deal) m
	stage               string // where the record stands afterwards
	outcome             string // of the log entry; empty: done
	events              []string
}

func (s step) do(h *house, d deal) {
	h.Helper()
	body := m{}
	if s.data != nil {
		body["data"] = s.data(h, d)
	}
	if s.command == "return" {
		body["to"], body["comment"], body["data"] = "pilotRun", "Cpk of the bore is missing", nil
	}
	got := h.act(s.who, s.command, d, s.block, body).ok()
	require.Equal(h, s.stage, got.Body["stage"], s.block)
	last := h.log("platformAdmin", d)[0]
	want := s.outcome
	if want == "" {
		want = "done"
	}
	require.Equal(h, []any{s.command, s.block, want, h.ids[s.who], "ui"}, []any{last["command"], last["block"], last["outcome"], last["by"], last["via"]})
	var kinds []string
	for _, ev := range objects(last["events"]) {
		kinds = append(kinds, ev["kind"].(string))
	}
	require.Subset(h, kinds, s.events, s.block)
}

func fixed(data m) func(*house, deal) m { return func(*house, deal) m { return data } }

// journey is the way from the sample stage to the win.
var journey = []step{
	{who: "rep", command: "complete", block: "sampleRequest", stage: "sample", events: []string{"taskClosed", "taskOpened", "deadlineCleared", "deadlineSet"}, data: func(h *house, d deal) m {
		return m{"moldDrawing": h.pdf("rep", "moldDrawing", d.code+".pdf", d), "sampleMaterial": "SPFH590", "sampleQuantity": 20, "sampleNeededBy": day(h, 30), "samplePurpose": "fit", "toolingType": "soft", "sampleShipTo": "Gate 3"}
	}},
	{who: "support", command: "complete", block: "sampleBuild", stage: "sample", events: []string{"taskClosed"}, data: func(h *house, d deal) m {
		return m{"sampleBatchNo": "B1", "sampleMadeOn": day(h, 0), "dimensionReport": h.pdf("support", "dimensionReport", "report.pdf", d), "sampleShippedOn": day(h, 0)}
	}},
	{who: "rep", command: "complete", block: "sampleVerdict", stage: "pilot", events: []string{"stageLeft", "stageEntered"}, data: fixed(m{"sampleResult": "accepted", "sampleFeedback": "Fits"})},
	{who: "rep", command: "complete", block: "pilotPlan", stage: "pilot", data: func(h *house, _ deal) m {
		return m{"ppapLevel": "level3", "pilotQuantity": 100, "pilotDueOn": day(h, 20)}
	}},
	{who: "production", command: "complete", block: "pilotRun", stage: "pilot", data: pilot},
	{who: "quality", command: "return", block: "pilotApproval", stage: "pilot", outcome: "returned", events: []string{"returnedTo"}},
	{who: "production", command: "complete", block: "pilotRun", stage: "pilot", data: fixed(m{"cpk": 1.67})},
	{who: "quality", command: "approve", block: "pilotApproval", stage: "review"},
	{who: "rep", command: "complete", block: "reviewRequest", stage: "review", data: func(h *house, d deal) m {
		return m{"monthlyCapacity": 6000, "plannedSop": "2027-05-01", "controlPlan": h.pdf("rep", "controlPlan", "plan.pdf", d)}
	}},
	{who: "technicalLead", command: "approve", block: "reviewApproval", stage: "review", events: []string{"taskVoted"}},
	{who: "quality", command: "approve", block: "reviewApproval", stage: "review", events: []string{"taskVoted"}},
	{who: "plant", command: "approve", block: "reviewApproval", stage: "contract", events: []string{"taskClosed"}},
	{who: "rep", command: "complete", block: "contractDrafting", stage: "contract", data: contract},
	{who: "director", command: "approve", block: "directorMedium", stage: "contract"},
	{who: "rep", command: "complete", block: "contractSigning", stage: "delivery", data: func(h *house, d deal) m {
		return m{"contractNumber": "C-1", "contractSignedOn": day(h, 0), "contractFile": h.pdf("rep", "contractFile", d.number+".pdf", d)}
	}},
	{who: "rep", command: "complete", block: "orderEntry", stage: "delivery", data: func(h *house, d deal) m {
		return m{"orderNumber": "O-1", "orderQuantity": 1000, "orderFile": h.pdf("rep", "orderFile", "order.pdf", d)}
	}},
	{who: "service", command: "complete", block: "shipment", stage: "delivery", data: func(h *house, d deal) m {
		return m{"shippedQuantity": 1000, "shippedOn": day(h, 0), "deliveryNote": h.pdf("service", "deliveryNote", "note.pdf", d), "deliveredOn": day(h, 0)}
	}},
	{who: "rep", command: "complete", block: "acceptanceEntry", stage: "delivery", data: func(h *house, d deal) m {
		return m{"acceptedQuantity": 1000, "acceptance": "accepted", "acceptanceFile": h.pdf("rep", "acceptanceFile", "acceptance.pdf", d)}
	}},
	{who: "quality", command: "approve", block: "deliveryApproval", stage: "repurchase"},
	{who: "service", command: "complete", block: "interview", stage: "repurchase", data: func(h *house, d deal) m {
		return m{"interviewOn": day(h, 0), "interviewee": d.engineer, "satisfaction": 9, "interviewResult": "happy", "interviewNote": "All well"}
	}},
	{who: "rep", command: "complete", block: "nextOrder", stage: "repurchase", data: fixed(m{"repurchaseIntent": "unclear"})},
}

func pilot(h *house, d deal) m {
	return m{"pilotLine": "L2", "pilotRunOn": day(h, 0), "pilotMade": 100, "pilotGood": 99, "cpk": 1.5, "pilotReport": h.pdf("production", "pilotReport", "pilot.pdf", d)}
}

func contract(h *house, d deal) m {
	return m{
		"contractQuantity": 60000, "contractUnitPrice": 13, "contractTerms": "net60", "deliveryDueOn": day(h, 60),
		"paymentPlan":   []any{m{"milestone": "delivery", "share": 100, "dueOn": day(h, 90)}},
		"contractDraft": h.pdf("rep", "contractDraft", "draft.pdf", d),
	}
}

func TestJourney(t *testing.T) {
	h := openHouse(t, monday)
	d := h.sampleStage("rep")
	for _, s := range journey {
		s.do(h, d)
	}
	won := h.act("areaManager", "approve", d, "repeatApproval", nil).ok()
	require.Equal(t, []any{"ended", "won"}, []any{won.Body["status"], won.Body["outcome"]})
	require.Empty(t, won.Body["tasks"])
	h.call("rep", http.MethodPatch, h.path(d), m{"data": m{"background": "x"}}, "If-Match", won.etag()).refused(422, "record.invalid")
	h.Run("nothing_of_an_ended_record_stays_open", func(h *house) {
		n, err := h.product.Store.Count(h.Context(), "tasks", store.Filter{"record": d.id, "state": "open"}, 0)
		require.NoError(h, err)
		require.Zero(h, n)
		h.advance(h.clock.Now().AddDate(1, 0, 0))
		n, err = h.product.Store.Count(h.Context(), timers.Collection, store.Filter{"record": d.id}, 0)
		require.NoError(h, err)
		require.Zero(h, n)
		require.Equal(h, won.etag(), h.call("rep", http.MethodGet, h.path(d), nil).ok().etag(), "no timer has touched it")
	})
	h.Run("the_log_has_every_event_once_and_in_order", func(h *house) {
		next := int64(0)
		log := h.call("rep", http.MethodGet, h.path(d)+"/actions?limit=200", nil).ok().items()
		for _, entry := range slices.Backward(log) {
			require.Greater(h, int64(entry["seq"].(float64)), next)
			next = int64(entry["seq"].(float64))
		}
	})
}

// TestDeadline leaves the sample request alone over the National Day holidays of 2026, when Saturday 10 October is worked.
func TestDeadline(t *testing.T) {
	h := openHouse(t, time.Date(2026, 9, 29, 10, 0, 0, 0, shanghai))
	d := h.sampleStage("rep")
	due := time.Date(2026, 10, 12, 17, 0, 0, 0, shanghai)
	late := func(h *house) m { return h.call("rep", http.MethodGet, h.path(d), nil).ok().Body }
	h.Run("due_at_five_on_the_fifth_working_day", func(h *house) {
		require.Equal(h, store.FormatTime(due), late(h)["dueAt"])
		h.advance(due.Add(-time.Second))
		require.Equal(h, false, late(h)["overdue"])
		h.advance(due)
		require.Equal(h, true, late(h)["overdue"])
	})
	h.Run("each_is_told_once_through_their_channel", func(h *house) {
		h.advance(due)
		h.advance(due.Add(time.Hour))
		require.NoError(h, h.product.Timers.Drain(h.Context()))
		told := func(who, channel string) (n int) {
			for _, one := range h.notices(d, who) {
				if one.Channel == channel && one.Cause == "overdue" {
					n++
					if channel == notices.Email {
						require.NotEqual(h, notices.Sent, one.State, "there is no mail server")
					}
				}
			}
			return n
		}
		require.Equal(h, 1, told("rep", notices.InApp))
		require.Equal(h, 1, told("areaManager", notices.Email))
		require.Equal(h, 1, told("supportLead", notices.Email))
		require.Zero(h, told("director", notices.InApp)+told("director", notices.Email)+told("otherRep", notices.InApp))
	})
	h.Run("it_is_red_today_for_the_owner_and_in_the_managers_team_only", func(h *house) {
		mine := h.call("rep", http.MethodGet, "/today", nil).ok()
		require.Len(h, objects(mine.Body["overdue"]), 1)
		for who, want := range map[string]int{"areaManager": 1, "director": 1, "farManager": 0, "otherRep": 0} {
			team := objects(h.call(who, http.MethodGet, "/today", nil).ok().Body["teamOverdue"])
			require.Len(h, team, want, who)
		}
		board := h.call("areaManager", http.MethodGet, forms+"opportunity/board", nil).ok()
		for _, col := range objects(board.Body["columns"]) {
			if col["block"] == "sample" {
				require.EqualValues(h, 1, col["overdue"])
			}
		}
		last := h.log("rep", d)[0]
		require.Equal(h, []any{"fire", "overdue", "timer"}, []any{last["command"], last["outcome"], last["via"]})
	})
}
