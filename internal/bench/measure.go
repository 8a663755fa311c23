package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
)

// contender is one system's way of doing an operation.
type contender struct {
	name  string
	at    *server
	ask   func() request
	ready func(context.Context) error // before each turn; may be nil
	left  func() bool                 // whether there is more to ask; nil: always
	turns []turn
}

// perSecond is the median of the turns.
func (c *contender) perSecond() float64 {
	each := make([]float64, len(c.turns))
	for i := range c.turns {
		each[i] = c.turns[i].perSecond()
	}
	return median(each)
}

// times is how many times the peer's throughput this is: the median of the turns that stood side by side.
func (c *contender) times(peer *contender) float64 {
	each := make([]float64, len(c.turns))
	for i := range c.turns {
		each[i] = c.turns[i].perSecond() / peer.turns[i].perSecond()
	}
	return median(each)
}

// cpu is the server's processor time for one request.
func (c *contender) cpu() time.Duration {
	var used time.Duration
	n := 0
	for _, t := range c.turns {
		used, n = used+t.cpu, n+len(t.took)
	}
	return used / time.Duration(max(n, 1))
}

// percentile is of all requests of all turns.
func (c *contender) percentile(p float64) time.Duration {
	var took []time.Duration
	for _, t := range c.turns {
		took = append(took, t.took...)
	}
	slices.Sort(took)
	return took[min(len(took)-1, int(float64(len(took))*p))]
}

func median(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	return (values[n/2] + values[(n-1)/2]) / 2
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
	one := func(ids []string) string { return ids[rand.IntN(len(ids))] } //nolint:gosec // nothing to guess here
	segment := func() string { return choices("s", 20)[rand.IntN(20)] }  //nolint:gosec // nothing to guess here
	peer := func(ask func() request) *contender {
		return &contender{name: "PocketBase", at: &b.theirs.server, ask: ask}
	}
	our := func(name string, ask func() request) *contender {
		return &contender{name: name, at: &b.ours.server, ask: ask}
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

// settle is how long a server is left alone before its memory is read.
const settle = 10 * time.Second

func (b *bench) measure(ctx context.Context) error {
	table := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "operation\tsystem\tper second\tp50\tp99\tratio\ttarget")
	if err := errors.Join(b.engine(table), b.footprint(ctx, table, "idle after start")); err != nil {
		return err
	}
	for _, op := range b.operations() {
		if !strings.HasPrefix(op.name, b.only) {
			continue
		}
		if err := b.compete(ctx, &op, table); err != nil {
			return err
		}
	}
	if err := b.footprint(ctx, table, "idle after all this"); err != nil {
		return err
	}
	if strings.HasPrefix("flows", b.only) || strings.HasPrefix(b.only, "flows") {
		if err := b.flows(ctx, table); err != nil {
			return fmt.Errorf("flows: %w", err)
		}
	}
	fmt.Fprintf(table, "process start to first page\tPocketBase (API)\t\t%s\t\t\t\n", b.theirs.took.Round(time.Millisecond))
	fmt.Fprintf(table, "process start to first page\tStepwell\t\t%s\t\t\t%s\n", b.ours.took.Round(time.Millisecond),
		judged("<= 2 s", b.ours.took <= 2*time.Second))
	if err := errors.Join(b.sizes(table), table.Flush()); err != nil {
		return err
	}
	return b.circumstances()
}

// footprint tells what the servers hold when nobody asks anything.
func (b *bench) footprint(ctx context.Context, table io.Writer, when string) error {
	if err := (clock.Real{}).Wait(ctx, settle); err != nil {
		return err
	}
	const most = 120 << 20
	ours, theirs := b.ours.resident(), b.theirs.resident()
	if ours == 0 {
		return nil // the system does not tell
	}
	fmt.Fprintf(table, "%s\tPocketBase\t\t%d MB\t\t\t\n", when, theirs>>20)
	fmt.Fprintf(table, "%s\tStepwell\t\t%d MB\t\t\t%s\n", when, ours>>20, judged("<= 120 MB", ours <= most))
	return nil
}

// compete measures one operation, the contenders in turns.
func (b *bench) compete(ctx context.Context, op *operation, table io.Writer) error {
	for range b.rounds {
		for _, c := range op.contenders {
			var t turn
			if c.ready != nil {
				if err := c.ready(ctx); err != nil {
					return err
				}
			}
			before := c.at.cpu()
			ask := func(int) (request, bool) {
				if c.left != nil && !c.left() {
					return request{}, false
				}
				return c.ask(), true
			}
			if err := drive(ctx, c.at.host, b.clients, b.each, &t, ask, nil); err != nil {
				return fmt.Errorf("%s on %s: %w", op.name, c.name, err)
			}
			t.cpu = c.at.cpu() - before
			c.turns = append(c.turns, t)
		}
	}
	peer := op.contenders[0]
	for i, c := range op.contenders {
		ratio, target := "", ""
		if i > 0 {
			times := c.times(peer)
			ratio, target = fmt.Sprintf("%.2f x", times), op.verdict(times, c.percentile(0.99))
		}
		fmt.Fprintf(table, "%s\t%s\t%.0f\t%s\t%s\t%s\t%s\n", op.name, c.name, c.perSecond(),
			c.percentile(0.5).Round(10*time.Microsecond), c.percentile(0.99).Round(10*time.Microsecond), ratio, target)
		if b.cpu {
			fmt.Fprintf(os.Stderr, "bench: %s, %s: %s of processor time a request\n", op.name, c.name, c.cpu())
		}
	}
	return nil
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
	return judged(target, met)
}

func judged(target string, met bool) string {
	if met {
		return target + ": met"
	}
	return target + ": missed"
}
