// Package id makes identifiers that sort by the moment they were made.
package id

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/stepwell/stepwell/internal/clock"
)

// Source makes ULIDs in lower case: a millisecond, then 80 bits that are random, or one more than the last when the
// clock shows the same millisecond. It is safe for use by many goroutines.
type Source struct {
	clock clock.Clock
	mu    sync.Mutex
	last  ulid.ULID
}

// NewSource makes a Source that reads this clock.
func NewSource(c clock.Clock) *Source { return &Source{clock: c} }

// Next makes an identifier that no other has.
func (s *Source) Next() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	ms := uint64(s.clock.Now().UnixMilli())
	if ms == s.last.Time() {
		for i := len(s.last) - 1; i >= 6; i-- {
			if s.last[i]++; s.last[i] != 0 {
				break
			}
		}
	} else {
		binary.BigEndian.PutUint64(s.last[:8], ms<<16)
		_, _ = rand.Read(s.last[6:]) // never fails: crypto/rand ends the process instead
	}
	return strings.ToLower(s.last.String())
}

// Derive makes the identifier that follows from some names, such as those of a cause and its effect: equal arguments give
// the same one, and it sorts by the moment like those of a Source.
func Derive(at time.Time, names ...string) string {
	sum := sha256.New()
	for _, name := range names {
		_ = binary.Write(sum, binary.BigEndian, uint64(len(name))) // a hash never fails
		sum.Write([]byte(name))
	}
	var out ulid.ULID
	binary.BigEndian.PutUint64(out[:8], uint64(at.UnixMilli())<<16)
	copy(out[6:], sum.Sum(nil))
	return strings.ToLower(out.String())
}
