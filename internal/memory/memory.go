// Package memory lets a busy server collect garbage seldom, and an idle one give back what it no longer needs.
package memory

import (
	"context"
	"log/slog"
	"os"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
)

// percent is how far the heap may grow beyond what is in use before garbage is collected. At Go's own 100, a heap as small
// as this server's is collected many times a second.
const percent = 300

// idle is how long nothing must have been asked before memory is given back.
const idle = 5 * time.Second

// Keeper watches whether the server is in use.
type Keeper struct {
	clock clock.Clock
	log   *slog.Logger
	give  []func(context.Context) error
	used  atomic.Int64
	free  func()
}

// New makes a Keeper and sets how often garbage is collected, unless the environment variable GOGC does. give are called
// when the server has become idle, to let go of what only makes the next request faster.
func New(ck clock.Clock, log *slog.Logger, give ...func(context.Context) error) *Keeper {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
	return &Keeper{clock: ck, log: log, give: give, free: debug.FreeOSMemory}
}

// Used notes that the server was asked something.
func (k *Keeper) Used() { k.used.Add(1) }

// Run gives memory back each time the server has become idle, until ctx ends.
func (k *Keeper) Run(ctx context.Context) {
	seen, given := int64(0), int64(-1)
	for k.clock.Wait(ctx, idle) == nil {
		now := k.used.Load()
		if now == seen && now != given {
			given = now
			k.giveBack(ctx)
		}
		seen = now
	}
}

func (k *Keeper) giveBack(ctx context.Context) {
	for _, give := range k.give {
		if err := give(ctx); err != nil && ctx.Err() == nil {
			k.log.WarnContext(ctx, "memory could not be given back", slog.Any("error", err))
		}
	}
	k.free()
}
