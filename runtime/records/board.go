package records

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/schemas/definition"
)

// Board is the running records of a form by stage.
type Board struct {
	Columns []Column `json:"columns"`
	Names   Names    `json:"names"`
}

// Column is one stage of a board.
type Column struct {
	Block   string          `json:"block"`
	Title   definition.Text `json:"title"`
	Count   int64           `json:"count"`
	Overdue int64           `json:"overdue"`
	Amount  *float64        `json:"amount,omitempty"`
	Items   []Summary       `json:"items"`
}

type columnTotals struct {
	Stage  string  `json:"_id"`
	Count  int64   `json:"count"`
	Amount float64 `json:"amount"`
}

// Board reads the first cards of each column, red and soonest due first, with the totals of the whole column.
func (s *Service) Board(ctx context.Context, l Listing) (*Board, error) {
	v, filter, err := s.scope(ctx, l)
	if err != nil {
		return nil, err
	}
	board := &Board{Columns: []Column{}, Names: Names{}}
	if v.form.Flow == "" {
		return board, nil
	}
	fl, err := s.catalog.Flow(ctx, l.App, v.form.Flow, 0)
	if err != nil {
		return nil, err
	}
	filter = store.And(filter, store.Filter{"status": string(engine.Running)})
	amount := v.form.Exec.Form.List.Amount
	if !v.anywhere().sees(amount) {
		amount = ""
	}
	totals, err := s.columnTotals(ctx, l, filter, amount)
	if err != nil {
		return nil, err
	}
	red, err := s.columnTotals(ctx, l, store.And(filter, store.Filter{"overdue": true}), "")
	if err != nil {
		return nil, err
	}
	for _, st := range fl.Stages() {
		col := Column{Block: st.Block, Title: st.Title, Count: totals[st.Block].Count, Overdue: red[st.Block].Count, Items: []Summary{}}
		if amount != "" {
			sum := totals[st.Block].Amount
			col.Amount = &sum
		}
		if col.Count > 0 {
			if col.Items, err = s.cards(ctx, l, v, filter, st.Block, board.Names); err != nil {
				return nil, err
			}
		}
		board.Columns = append(board.Columns, col)
	}
	return board, nil
}

func (s *Service) columnTotals(ctx context.Context, l Listing, filter store.Filter, amount string) (map[string]columnTotals, error) {
	group := map[string]any{"_id": "$stage", "count": map[string]any{"$sum": 1}}
	if amount != "" {
		group["amount"] = map[string]any{"$sum": "$data." + amount}
	}
	docs, err := s.store.Aggregate(ctx, CollectionOf(l.App, l.Form), []store.Stage{{"$match": filter}, {"$group": group}})
	if err != nil {
		return nil, fmt.Errorf("total %s by stage: %w", l.Form, err)
	}
	out := make(map[string]columnTotals, len(docs))
	for _, doc := range docs {
		var t columnTotals
		if err := json.Unmarshal(doc, &t); err != nil {
			return nil, fmt.Errorf("read totals: %w", err)
		}
		out[t.Stage] = t
	}
	return out, nil
}

func (s *Service) cards(ctx context.Context, l Listing, v *sight, filter store.Filter, stage string, names Names) ([]Summary, error) {
	var docs []store.Doc
	for _, due := range []store.Filter{{"dueAt": map[string]any{"$gt": ""}}, {"dueAt": nil}} {
		more, err := s.store.Find(ctx, CollectionOf(l.App, l.Form), store.Query{
			Filter: store.And(store.Filter{"stage": stage}, due, filter), Sort: []store.SortKey{{Path: "dueAt"}},
			Limit: l.Limit - len(docs), Fields: v.listed(),
		})
		if err != nil {
			return nil, fmt.Errorf("cards of %s: %w", stage, err)
		}
		if docs = append(docs, more...); len(docs) >= l.Limit {
			break
		}
	}
	return s.summaries(ctx, v, docs, names)
}
