package main

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"sync/atomic"
	"text/tabwriter"
	"time"
)

// contender is one system's way of doing an operation.
type contender struct {
	name   string
	host   string
	ask    func() request
	result result
}

// operation is measured in turns of its contenders, PocketBase first: the others are compared with it.
type operation struct {
	name       string
	atLeast    float64       // times the peer's throughput
	slowest    time.Duration // of 99 in 100; 0: any
	contenders []*contender
}

func (b *bench) operations() []operation {
	var n atomic.Int64
	n.Store(int64(b.records))
	fresh := func() int { return int(n.Add(1)) }
	one := func(ids []string) string { return ids[rand.IntN(len(ids))] }
	segment := func() string { return choices("s", 20)[rand.IntN(20)] }
	peer := func(ask func() request) *contender {
		return &contender{name: "PocketBase", host: b.theirs.host, ask: ask}
	}
	our := func(name string, ask func() request) *contender {
		return &contender{name: name, host: b.ours.host, ask: ask}
	}
	get := func(path string) request { return request{method: "GET", path: path, header: b.ours.header, want: 200} }
	theirList := func(more string) func() request {
		return func() request {
			q := url.Values{"filter": {"segment='" + segment() + "'"}, "sort": {"-amount"}, "perPage": {"50"}}
			return request{method: "GET", path: "/api/collections/orders/records?" + q.Encode() + more, want: 200}
		}
	}
	ourList := func(more string) func() request {
		return func() request {
			q := url.Values{"filter": {`{"data.segment":"` + segment() + `"}`}, "sort": {"-data.amount"}, "limit": {"50"}}
			return get(records + "?" + q.Encode() + more)
		}
	}
	return []operation{
		{"submit", 1, 0, []*contender{
			peer(func() request {
				return request{"POST", "/api/collections/orders/records", "", encode(order(fresh())), 200}
			}),
			our("Stepwell", func() request { return b.submit(fresh()) }),
		}},
		{"read by id", 1, 0, []*contender{
			peer(func() request {
				return request{method: "GET", path: "/api/collections/orders/records/" + one(b.theirs.ids), want: 200}
			}),
			our("Stepwell plain", func() request { return get(records + "/" + one(b.ours.ids) + "?view=plain") }),
			our("Stepwell page", func() request { return get(records + "/" + one(b.ours.ids)) }),
		}},
		{"list 50", 5, 25 * time.Millisecond, []*contender{peer(theirList("")), our("Stepwell", ourList(""))}},
		{"list 50, neither counts", 0, 0, []*contender{peer(theirList("&skipTotal=1")), our("Stepwell", ourList(""))}},
		{"list 50, both count", 0, 0, []*contender{peer(theirList("")), our("Stepwell", ourList("&count=true"))}},
	}
}

func (b *bench) measure() error {
	table := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "%d records, %d clients, %d turns of %s each\n", b.records, b.clients, b.rounds, b.each)
	fmt.Fprintln(table, "operation\tsystem\tper second\tp50\tp99\tratio\ttarget")
	for _, op := range b.operations() {
		for range b.rounds {
			for _, c := range op.contenders {
				err := drive(c.host, b.clients, b.each, &c.result, func(int) (request, bool) { return c.ask(), true }, nil)
				if err != nil {
					return fmt.Errorf("%s on %s: %w", op.name, c.name, err)
				}
			}
		}
		peer := &op.contenders[0].result
		for i, c := range op.contenders {
			ratio, target := "", ""
			if i > 0 {
				times := c.result.perSecond() / peer.perSecond()
				ratio, target = fmt.Sprintf("%.2f x", times), op.verdict(times, c.result.percentile(0.99))
			}
			fmt.Fprintf(table, "%s\t%s\t%.0f\t%s\t%s\t%s\t%s\n", op.name, c.name, c.result.perSecond(),
				c.result.percentile(0.5).Round(10*time.Microsecond), c.result.percentile(0.99).Round(10*time.Microsecond), ratio, target)
		}
	}
	return table.Flush()
}

// verdict says what is asked and whether it was met.
func (op *operation) verdict(times float64, p99 time.Duration) string {
	if op.atLeast == 0 {
		return ""
	}
	target, met := fmt.Sprintf(">= %.1f x", op.atLeast), times >= op.atLeast
	if op.slowest > 0 {
		target, met = fmt.Sprintf("%s, p99 <= %s", target, op.slowest), met && p99 <= op.slowest
	}
	if met {
		return target + ": met"
	}
	return target + ": missed"
}
