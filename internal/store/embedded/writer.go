package embedded

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
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
		if batch = s.take(batch[:0], j); len(batch) > 0 {
			s.commit(batch)
			s.committed()
		}
	}
}

// take adds a job and those that wait behind it to a batch, but for callers who have given up.
func (s *Store) take(batch []*job, j *job) []*job {
	for {
		s.company.came++
		if j.taken.CompareAndSwap(false, true) {
			batch = append(batch, j)
		}
		if len(batch) == maxBatch {
			return batch
		}
		select {
		case next, ok := <-s.jobs:
			if !ok {
				return batch
			}
			j = next
		default:
			return batch
		}
	}
}

// company is what the writer knows of callers who write at the same time.
type company struct {
	left int           // callers who were answered by the last commit: some will soon be back with more
	came int           // jobs that came in since
	took time.Duration // of a commit, on the average of late
}

// longestWait bounds how long a commit waits for company.
const longestWait = 5 * time.Millisecond

// answered notes that callers were let go.
func (s *Store) answered(callers int) {
	s.company.left, s.company.came = callers, -len(s.jobs) // what lies there has not been told the answer
}

// join adds the jobs to a batch that were handed in while it was carried out. When callers whom the last commit let go
// are not back yet, it waits for the next of them until a moment, because a commit costs as much for one as for many: it
// is as long away as a commit takes. Who writes alone is never waited for.
func (s *Store) join(batch []*job, until time.Time) []*job {
	if len(batch) == maxBatch {
		return batch
	}
	runtime.Gosched() // callers that are about to hand something in do so now
	select {
	case j, ok := <-s.jobs:
		if ok {
			batch = s.take(batch, j)
		}
		return batch
	default:
	}
	if s.company.came >= s.company.left {
		return batch
	}
	ctx, cancel := context.WithDeadline(context.Background(), until)
	defer cancel()
	select {
	case j, ok := <-s.jobs:
		if ok {
			batch = s.take(batch, j)
		}
	case <-ctx.Done():
	}
	return batch
}

// errRolledBack says that SQLite gave up a whole transaction and not only the statement that failed, or that it was given
// up because a job failed that had no savepoint.
var errRolledBack = errors.New("the transaction was rolled back")

// manner is how a transaction goes about its jobs.
type manner int

const (
	quick   manner = iota // without savepoints, which make SQLite keep a second copy of each page: a job that fails spoils all
	careful               // with a savepoint for each job
	alone                 // one job, which no other joins
)

// carefully is how many batches get savepoints after one in which a job failed.
const carefully = 16

// commit runs jobs in one transaction and answers their callers.
func (s *Store) commit(batch []*job) {
	how := quick
	if s.careful > 0 {
		how = careful
		s.careful--
	}
	batch, err := s.transaction(batch, how)
	if how == quick && errors.Is(err, errRolledBack) && len(batch) > 1 {
		s.careful = carefully
		batch, err = s.transaction(batch, careful)
	}
	if errors.Is(err, errRolledBack) && len(batch) > 1 {
		for i := range batch { // each for itself, so that one cannot spoil the others
			if _, err := s.transaction(batch[i:i+1], alone); err != nil && batch[i].err == nil {
				batch[i].err = err
			}
		}
		err = nil
	}
	s.answered(len(batch))
	for _, j := range batch {
		if j.err == nil {
			j.err = err
		}
		if j.err == nil {
			s.watch.tell(j.changes)
		}
		close(j.done)
	}
}

// transaction runs jobs, and those that come in meanwhile, and commits. Its error is about all of them; that of one job
// stands in the job.
func (s *Store) transaction(batch []*job, how manner) ([]*job, error) {
	c := s.write
	if _, err := c.exec("BEGIN IMMEDIATE"); err != nil {
		return batch, fmt.Errorf("begin: %w", err)
	}
	until := clock.Real{}.Now().Add(min(s.company.took, longestWait))
	for i := 0; i < len(batch); i++ {
		if err := s.runJob(c, batch[i], how == careful); err != nil {
			return batch, s.rollback(c, err)
		}
		switch failed := batch[i].err != nil && how != careful; {
		case failed && len(batch) == 1:
			return batch, s.rollback(c, nil)
		case failed:
			return batch, s.rollback(c, errRolledBack)
		case i == len(batch)-1 && how != alone:
			batch = s.join(batch, until)
		}
	}
	began := clock.Real{}.Now()
	if err := s.commitAndTell(c); err != nil {
		return batch, s.rollback(c, fmt.Errorf("commit: %w", err))
	}
	s.company.took = (3*s.company.took + clock.Real{}.Now().Sub(began)) / 4
	return batch, nil
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
func (s *Store) runJob(c *conn, j *job, savepoint bool) error {
	j.changes, j.err = j.changes[:0], nil
	if savepoint {
		if _, err := c.exec("SAVEPOINT job"); err != nil {
			return fmt.Errorf("%w: %w", errRolledBack, err)
		}
	}
	j.err = j.run(c)
	if j.err != nil && c.db.AutocommitEnabled() {
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
