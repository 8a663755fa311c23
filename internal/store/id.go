package store

import (
	"crypto/rand"
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

// NewIDs makes an IDs that draws from entropy.
func NewIDs(entropy io.Reader) *IDs { return &IDs{entropy: ulid.Monotonic(entropy, 0)} }

// New makes an id for a moment.
func (g *IDs) New(now time.Time) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	for ms := ulid.Timestamp(now); ; ms++ {
		// An error means that this millisecond's ids are used up (crypto/rand does not fail): take the next one's.
		if id, err := ulid.New(ms, g.entropy); err == nil {
			return strings.ToLower(id.String())
		}
	}
}

var ids = NewIDs(rand.Reader)

// NewID makes an id for a moment; ids of one process grow with it.
func NewID(now time.Time) string { return ids.New(now) }
