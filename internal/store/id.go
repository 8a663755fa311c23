package store

import (
	"crypto/rand"
	"errors"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"
)

// IDs makes ids that sort by the moment they were made: lower-case ULIDs, 26 characters. Ids of one IDs never repeat
// and grow within one millisecond. It is safe for use by several goroutines.
type IDs struct {
	mu      sync.Mutex
	entropy *ulid.MonotonicEntropy
}

// NewIDs makes an IDs that draws from entropy, and from the system's when that ends.
func NewIDs(entropy io.Reader) *IDs { return &IDs{entropy: ulid.Monotonic(entropy, 0)} }

// New makes an id for a moment.
func (g *IDs) New(now time.Time) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	for ms := ulid.Timestamp(now); ; {
		id, err := ulid.New(ms, g.entropy)
		switch {
		case err == nil:
			return strings.ToLower(id.String())
		case errors.Is(err, ulid.ErrMonotonicOverflow): // this millisecond's ids are used up: take the next one's
			ms++
		default: // the source ended: the system's own never does
			g.entropy = ulid.Monotonic(rand.Reader, 0)
		}
	}
}

var ids = NewIDs(rand.Reader)

// NewID makes an id for a moment; ids of one process grow with it.
func NewID(now time.Time) string { return ids.New(now) }
