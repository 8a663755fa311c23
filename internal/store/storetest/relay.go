package storetest

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
)

// Relay stands between a store and MongoDB, so that a test can cut the line.
type Relay struct {
	listener net.Listener
	to       string
	mu       sync.Mutex
	cut      bool
	conns    map[net.Conn]bool
}

// NewRelay passes connections on to an address until the test ends.
func NewRelay(tb testing.TB, to string) *Relay {
	tb.Helper()
	l, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	require.NoError(tb, err)
	r := &Relay{listener: l, to: to, conns: map[net.Conn]bool{}}
	go r.serve(context.WithoutCancel(tb.Context()))
	tb.Cleanup(func() {
		r.Cut()
		_ = l.Close() // nobody listens any more either way
	})
	return r
}

// RelayTo stands before the MongoDB of a URI, and gives the URI that leads through it; the driver learns of no way around.
func RelayTo(tb testing.TB, uri string) (r *Relay, through url.URL) {
	tb.Helper()
	direct, err := url.Parse(uri)
	require.NoError(tb, err)
	r = NewRelay(tb, direct.Host)
	through = *direct
	through.Host, through.RawQuery = r.listener.Addr().String(), "directConnection=true"
	return r, through
}

func (r *Relay) serve(ctx context.Context) {
	for {
		from, err := r.listener.Accept()
		if err != nil {
			return
		}
		to, err := (&net.Dialer{}).DialContext(ctx, "tcp", r.to)
		if err != nil || !r.keep(from, to) {
			_ = from.Close()
			continue
		}
		for _, pair := range [][2]net.Conn{{from, to}, {to, from}} {
			go func() {
				_, _ = io.Copy(pair[0], pair[1]) // ends when either end does
				_, _ = pair[0].Close(), pair[1].Close()
			}()
		}
	}
}

func (r *Relay) keep(conns ...net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range conns {
		r.conns[c] = true
		if r.cut {
			_ = c.Close()
		}
	}
	return !r.cut
}

// Cut breaks every connection and lets none through.
func (r *Relay) Cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cut = true
	for c := range r.conns {
		_ = c.Close()
		delete(r.conns, c)
	}
}

// Mend lets connections through again.
func (r *Relay) Mend() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cut = false
}

// StepDown makes the primary of a MongoDB step down for some seconds, as before maintenance; an error when there is nothing
// to step down from.
func StepDown(ctx context.Context, uri string, seconds int) error {
	client, err := mongo.Connect(ctx, options.Client().ApplyURI(uri).SetServerSelectionTimeout(10*time.Second))
	if err != nil {
		return err
	}
	err = client.Database("admin").RunCommand(ctx, bson.D{
		{Key: "replSetStepDown", Value: seconds}, {Key: "secondaryCatchUpPeriodSecs", Value: 0}, {Key: "force", Value: true},
	}).Err()
	if mongo.IsNetworkError(err) { // it may hang up on everybody
		err = nil
	}
	return errors.Join(err, client.Disconnect(ctx))
}
