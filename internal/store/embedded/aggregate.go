package embedded

import (
	"context"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/embedded/eval"
	"github.com/stepwell/stepwell/internal/store/embedded/jsonb"
	"github.com/stepwell/stepwell/internal/store/query"
)

// Aggregate runs a pipeline. A $match, $sort, $skip and $limit at its beginning, in this order, use the indexes.
func (s *Store) Aggregate(ctx context.Context, collection string, pipeline []store.Stage) ([]store.Doc, error) {
	stages, err := query.ParsePipeline(pipeline)
	if err != nil {
		return nil, err
	}
	q, rest := lead(stages)
	var docs []store.Doc
	err = s.read(ctx, "aggregate "+collection, func(c *conn) error {
		docs = nil
		t := s.table(collection)
		if t == nil {
			return nil
		}
		out := func(doc jsonb.Raw) error {
			text, err := doc.JSON()
			docs = append(docs, text)
			return err
		}
		p := eval.NewPipeline(rest)
		give := func(doc jsonb.Raw, _ int64) (bool, error) { return p.Add(doc, out) }
		plan := t.plan(q)
		if q.Sort == nil {
			err = plan.scan(ctx, c, "", plan.window(give))
		} else {
			err = plan.run(ctx, c, give)
		}
		if err != nil {
			return err
		}
		return p.End(out)
	})
	return docs, err
}

// lead turns the stages that a pipeline begins with into a query.
func lead(stages []query.Stage) (q query.Query, rest []query.Stage) {
	last := -1
	for i, s := range stages {
		rank := map[query.StageKind]int{query.StageMatch: 0, query.StageSort: 1, query.StageSkip: 2, query.StageLimit: 3}
		r, ok := rank[s.Kind]
		if !ok || r <= last {
			return q, stages[i:]
		}
		last = r
		switch s.Kind {
		case query.StageMatch:
			q.Filter = s.Filter
		case query.StageSort:
			q.Sort = s.Sort
		case query.StageSkip:
			q.Skip = int(s.N)
		case query.StageLimit:
			q.Limit = int(s.N)
		}
	}
	return q, nil
}
