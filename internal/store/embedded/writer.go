package embedded

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/stepwell/stepwell/internal/store"
)

// maxBatch is how many callers' writes share one commit, and with it one wait for the disk.
const maxBatch = 256

// job is one caller's write. run may be called again when its transaction was rolled back.
type job struct {
	attempt string
	run     func(*conn) error
	taken   atomic.Bool
	err     error
	done    chan struct{}
	changes []store.Change // of run
}

// do runs a job in the writer and waits until it is on the disk.
func (s *Store) do(ctx context.Context, j *job) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %w", j.attempt, err)
	}
	j.done = make(chan struct{})
	if err := s.hand(ctx, j); err != nil {
		return err
	}
	select {
	case <-j.done:
	case <-ctx.Done():
		if j.taken.CompareAndSwap(false, true) {
			return fmt.Errorf("%s: %w", j.attempt, ctx.Err())
		}
		<-j.done // it has begun: say truly how it ended
	}
	return asFault(j.attempt, j.err)
}

func (s *Store) hand(ctx context.Context, j *job) error {
	s.closing.RLock()
	defer s.closing.RUnlock()
	if s.closed {
		return store.ErrUnavailable.Because(errClosed, nil)
	}
	select {
	case s.jobs <- j:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", j.attempt, ctx.Err())
	}
}

func (s *Store) writer() {
	defer close(s.stopped)
	batch := make([]*job, 0, maxBatch)
	for j := range s.jobs {
		batch = append(batch[:0], j)
	more:
		for len(batch) < maxBatch {
			select {
			case next, ok := <-s.jobs:
				if !ok {
					break more
				}
				batch = append(batch, next)
			default:
				break more
			}
		}
		s.commit(batch)
	}
}

// errRolledBack says that SQLite gave up a whole transaction and not only the statement that failed.
var errRolledBack = errors.New("the transaction was rolled back")

// commit runs jobs in one transaction and answers their callers.
func (s *Store) commit(batch []*job) {
	taken := batch[:0]
	for _, j := range batch {
		if j.taken.CompareAndSwap(false, true) {
			taken = append(taken, j)
		}
	}
	if len(taken) == 0 {
		return
	}
	if err := s.transaction(taken); errors.Is(err, errRolledBack) && len(taken) > 1 {
		for i := range taken { // each for itself, so that one cannot spoil the others
			if err := s.transaction(taken[i : i+1]); err != nil {
				taken[i].err = err
			}
		}
	} else if err != nil {
		for _, j := range taken {
			j.err = err
		}
	}
	for _, j := range taken {
		if j.err == nil {
			s.watch.tell(j.changes)
		}
		close(j.done)
	}
}

// transaction runs jobs and commits. Its error is about all of them; that of one job stands in the job.
func (s *Store) transaction(jobs []*job) error {
	c := s.write
	if _, err := c.exec("BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	for _, j := range jobs {
		if err := s.runJob(c, j, len(jobs) == 1); err != nil {
			return s.rollback(c, err)
		}
	}
	if len(jobs) == 1 && jobs[0].err != nil {
		return s.rollback(c, nil)
	}
	if err := s.commitAndTell(c); err != nil {
		return s.rollback(c, fmt.Errorf("commit: %w", err))
	}
	return nil
}

// commitAndTell commits; no reader finds the new layout in the file and fails to find it in memory.
func (s *Store) commitAndTell(c *conn) error {
	if !s.relaid {
		_, err := c.exec("COMMIT")
		return err
	}
	s.relay.Lock()
	defer s.relay.Unlock()
	if _, err := c.exec("COMMIT"); err != nil {
		return err
	}
	s.publish()
	return nil
}

func (s *Store) rollback(c *conn, err error) error {
	if !c.db.AutocommitEnabled() { // else SQLite has rolled back itself
		if _, e := c.exec("ROLLBACK"); e != nil {
			err = errors.Join(err, fmt.Errorf("roll back: %w", e))
		}
	}
	if e := s.forget(c); e != nil {
		return errors.Join(err, e)
	}
	s.publish()
	return err
}

// forget returns to the layouts in the file after something was rolled back.
func (s *Store) forget(c *conn) error {
	if !s.relaid {
		return nil
	}
	return s.loadTables(c)
}

// runJob runs one job. Its error means that the transaction is gone.
func (s *Store) runJob(c *conn, j *job, only bool) error {
	j.changes, j.err = j.changes[:0], nil
	savepoint := !only
	if savepoint {
		if _, err := c.exec("SAVEPOINT job"); err != nil {
			return fmt.Errorf("%w: %w", errRolledBack, err)
		}
	}
	j.err = j.run(c)
	if j.err != nil && c.db.AutocommitEnabled() {
		if only {
			return j.err
		}
		return fmt.Errorf("%w: %w", errRolledBack, j.err)
	}
	if !savepoint {
		return nil
	}
	if j.err != nil {
		if _, err := c.exec("ROLLBACK TO job"); err != nil {
			return fmt.Errorf("%w: %w", errRolledBack, err)
		}
		if err := s.forget(c); err != nil {
			return fmt.Errorf("%w: %w", errRolledBack, err)
		}
	}
	if _, err := c.exec("RELEASE job"); err != nil {
		return fmt.Errorf("%w: %w", errRolledBack, err)
	}
	return nil
}
