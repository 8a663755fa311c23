package api

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/stepwell/stepwell/internal/store"
)

// indexing is the work that is left when a form is published that has many records: indexes that only make lists faster.
type indexing struct {
	mu   sync.Mutex
	todo []indexJob
	wake chan struct{}
}

type indexJob struct {
	collection string
	build      func(context.Context) error
}

func (x *indexing) add(collection string, build func(context.Context) error) {
	x.mu.Lock()
	x.todo = append(x.todo, indexJob{collection, build})
	x.mu.Unlock()
	select {
	case x.wake <- struct{}{}:
	default:
	}
}

func (x *indexing) take() (indexJob, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.todo) == 0 {
		return indexJob{}, false
	}
	next := x.todo[0]
	x.todo = x.todo[1:]
	return next, true
}

// layOut makes a collection with its indexes, and leaves to Run what takes long.
func (p *Product) layOut(ctx context.Context, collection string, indexes []store.Index) error {
	build, err := p.Store.Prepare(ctx, collection, indexes...)
	if err != nil {
		return fmt.Errorf("prepare %s: %w", collection, err)
	}
	if build != nil {
		p.indexing.add(collection, build)
	}
	return nil
}

// buildIndexes builds one collection's indexes after the other until ctx ends. What is left then is begun again with the
// next start.
func (p *Product) buildIndexes(ctx context.Context) {
	for {
		job, ok := p.indexing.take()
		if !ok {
			select {
			case <-p.indexing.wake:
				continue
			case <-ctx.Done():
				return
			}
		}
		collection := slog.String("collection", job.collection)
		p.Log.InfoContext(ctx, "indexes are being built", collection)
		switch err := job.build(ctx); {
		case ctx.Err() != nil:
			return
		case err != nil:
			p.Log.ErrorContext(ctx, "indexes could not be built: some lists stay slow until the next start", collection, slog.Any("error", err))
		default:
			p.Log.InfoContext(ctx, "indexes are built", collection)
		}
	}
}
