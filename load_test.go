package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/runtime/records"
)

const writers = 4

// load is what writers do to an installation.
type load struct {
	form    string
	fill    func(h *house, name string) any // what a new record is filled with
	step    any                             // what its first step is completed with
	approve bool                            // the second step is an approval by the boss
	leave   func(n int) bool                // which records nobody touches any more; nil: none
	// definitions are what the shipped app lacks for it: kind and key → document.
	definitions map[string]string
}

// opportunities are of the shipped app: everything that goes with a real form and flow.
var opportunities = load{
	form: "opportunity",
	fill: func(h *house, name string) any { return h.opportunity(name) },
	step: map[string]any{"data": map[string]any{
		"annualVolume": 60000, "targetPrice": 12.5, "budgetStatus": "approved", "nominationDate": "2099-01-15", "fit": "a",
	}},
}

// jobs have a deadline of a minute, an approval and a wait of a minute; people are told by mail.
var jobs = load{
	form:    "job",
	fill:    func(_ *house, name string) any { return map[string]any{"data": map[string]any{"name": name}} },
	approve: true,
	leave:   func(n int) bool { return n%3 == 2 },
	definitions: map[string]string{
		"form/job": `{"kind":"form","key":"job","title":{"zh-CN":"工单","en":"Job"},"schema":{"type":"object","required":["name"],"properties":{
		"name":{"type":"string","x-field":"text","x-title":{"zh-CN":"名称","en":"Name"}}}}}`,
		"flow/working": `{"kind":"flow","key":"working","title":{"zh-CN":"制作","en":"Working"},"form":"job","blocks":[
		{"id":"make","type":"task","title":{"zh-CN":"制作","en":"Make"},"who":[{"type":"owner"}],
			"deadline":{"after":1,"unit":"minutes","notify":[{"to":[{"type":"manager","level":1}],"channels":["email"]}]}},
		{"id":"approve","type":"approval","title":{"zh-CN":"批准","en":"Approve"},"who":[{"type":"manager","level":1}],"mode":"any",
			"notify":[{"to":[{"type":"manager","level":1}],"channels":["email"]}]},
		{"id":"rest","type":"wait","title":{"zh-CN":"放置","en":"Rest"},"until":{"after":1,"unit":"minutes"}},
		{"id":"done","type":"end","outcome":"done","label":{"zh-CN":"完成","en":"Done"}}]}`,
	},
}

// publish adds what a load needs to the app.
func (h *house) publish(l load) {
	h.Helper()
	for _, name := range slices.Sorted(maps.Keys(l.definitions)) { // a flow can be checked once its form is there
		path := "/apps/" + salesApp + "/definitions/" + name
		h.must(&h.admin, http.MethodPut, path, verbatim(l.definitions[name]))
	}
	for _, kind := range []string{"form/", "flow/"} {
		for name := range l.definitions {
			if strings.HasPrefix(name, kind) {
				h.must(&h.admin, http.MethodPost, "/apps/"+salesApp+"/definitions/"+name+"/publish", map[string]any{"note": "test"})
			}
		}
	}
}

// acknowledged is a record whose making, completing and approving the server has confirmed, each if it says so.
type acknowledged struct {
	id, name       string
	done, approved bool
	left           bool // by its writer, with the first step to do
}

func recordsPath(form string) string { return "/apps/" + salesApp + "/forms/" + form + "/records" }

// write makes records and carries them on until stop; each request is made until it is acknowledged.
func (h *house) write(stop context.Context, l load, writer int) (sure []acknowledged, err error) {
	for n := 0; stop.Err() == nil; n++ {
		name := fmt.Sprintf("w%d-%d", writer, n)
		rec, err := h.insist(stop, &h.admin, recordsPath(l.form), name, l.fill(h, name))
		if err != nil {
			return sure, unlessStopped(stop, err)
		}
		sure = append(sure, acknowledged{id: rec["id"].(string), name: name})
		now := &sure[len(sure)-1]
		if now.left = l.leave != nil && l.leave(n); now.left {
			continue
		}
		if rec, err = h.insist(stop, &h.admin, "/tasks/"+taskOf(rec)+"/complete", name, l.step); err != nil {
			return sure, unlessStopped(stop, err)
		}
		now.done = true
		if !l.approve {
			continue
		}
		if _, err = h.insist(stop, &h.boss, "/tasks/"+taskOf(rec)+"/approve", name, nil); err != nil {
			return sure, unlessStopped(stop, err)
		}
		now.approved = true
	}
	return sure, nil
}

func unlessStopped(stop context.Context, err error) error {
	if stop.Err() != nil {
		return nil //nolint:nilerr // it was told to stop
	}
	return err
}

// work lets writers write until the function it gives is called, which gives what they were promised.
func (h *house) work(l load) (stop func() []acknowledged) {
	ctx, cancel := context.WithCancel(h.Context())
	var clients sync.WaitGroup
	sure, errs := make([][]acknowledged, writers), make([]error, writers)
	for i := range writers {
		clients.Go(func() { sure[i], errs[i] = h.write(ctx, l, i) })
	}
	return func() (all []acknowledged) {
		h.Helper()
		cancel()
		clients.Wait()
		for i := range writers {
			require.NoError(h, errs[i])
			all = append(all, sure[i]...)
		}
		return all
	}
}

// collection is where the records of a load are stored.
func (l load) collection() string { return records.CollectionOf(salesApp, l.form) }
