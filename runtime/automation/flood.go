package automation

import (
	"sync"
	"time"
)

// mostCalls is how many calls a minute each server copy takes at one address. Only calls that know its secret count.
const mostCalls = 300

// flood counts calls by address within the present minute.
type flood struct {
	mu     sync.Mutex
	minute time.Time
	calls  map[string]int
}

// admit counts a call; false when there have been too many.
func (f *flood) admit(address string, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if minute := now.Truncate(time.Minute); f.calls == nil || !minute.Equal(f.minute) {
		f.minute, f.calls = minute, map[string]int{}
	}
	f.calls[address]++
	return f.calls[address] <= mostCalls
}
