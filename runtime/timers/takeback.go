package timers

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/queue"
)

// takeBack names the timers of claimed records. No block is called so: ids of blocks begin with a letter.
const takeBack = "@takeBack#"

// TakeBack is the write of the moment at which a claimed record goes back when it is still untouched. claim is the number of
// the event that it was claimed with.
func TakeBack(home Home, claim int64, at time.Time) (store.Write, error) {
	ref := engine.TimerRef{Deadline: takeBack + strconv.FormatInt(claim, 10)}
	t := Timer{ID: home.Record + "-takeBack-" + strconv.FormatInt(claim, 10), Home: home, TimerRef: ref, Job: queue.At(at)}
	doc, err := json.Marshal(t)
	if err != nil {
		return store.Write{}, fmt.Errorf("write timer %s: %w", t.ID, err)
	}
	return store.Write{Op: store.OpAdd, Collection: Collection, ID: t.ID, Doc: doc}, nil
}

// Claim is the claim that a timer is about; false for one of a deadline.
func (t *Timer) Claim() (int64, bool) {
	number, ok := strings.CutPrefix(t.Deadline, takeBack)
	if !ok {
		return 0, false
	}
	claim, err := strconv.ParseInt(number, 10, 64)
	return claim, err == nil
}
