package embedded

import (
	"fmt"

	"zombiezen.com/go/sqlite"
)

const (
	// longWAL is how many pages of changes may lie in the write-ahead log before they are moved to the database file.
	longWAL = 4000
	// askEvery is after how many commits the length of the log is looked at.
	askEvery = 16
)

// checkpoints moves changes from the write-ahead log to the database file beside the writer, which would otherwise stand
// still for as long as that takes. What comes in meanwhile is left to the writer, because the log begins anew only when all
// of it was moved. An attempt that fails is made again soon; nothing is lost but space.
func (s *Store) checkpoints() {
	defer close(s.checkpointed)
	for range s.grown {
		if frames, err := s.check.checkpoint("NOOP"); err != nil || frames < longWAL {
			continue
		}
		if _, err := s.check.checkpoint("PASSIVE"); err == nil {
			s.moved.Store(true)
		}
	}
}

// checkpoint moves changes to the database file, as far as nobody has to wait, and says how long the log is, in pages. In
// the mode NOOP it moves none.
func (c *conn) checkpoint(mode string) (frames int64, err error) {
	_, err = c.one(fmt.Sprintf("PRAGMA wal_checkpoint(%s)", mode), nil, func(st *sqlite.Stmt) error {
		frames = st.ColumnInt64(1)
		return nil
	})
	return frames, err
}

// committed lets the log be looked at now and then, and moves the rest when most of it has been moved.
func (s *Store) committed() {
	if s.commits++; s.commits%askEvery == 0 {
		select {
		case s.grown <- struct{}{}:
		default:
		}
	}
	if s.moved.Swap(false) {
		_, _ = s.write.checkpoint("PASSIVE") // an attempt, as above
	}
}
