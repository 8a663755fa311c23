package assignment

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/stepwell/stepwell/internal/store"
)

// open are the states of a record that somebody still has to do with.
var open = []any{"draft", "running", "active"}

// loads counts the open records of people, those among them that are decided and not written yet.
func (a *Assigner) loads(ctx context.Context, collection string, users []string, tickets []ticket) (map[string]int, error) {
	return a.counted(ctx, collection, "owner", users, tickets, func(t ticket) bool { return true })
}

// counted counts open records by a member that names people. What tickets name is looked up first and left out of the count, so
// that a record which is written meanwhile counts once.
func (a *Assigner) counted(ctx context.Context, collection, member string, users []string, tickets []ticket, mine func(ticket) bool) (map[string]int, error) {
	out := make(map[string]int, len(users))
	match := store.Filter{member: map[string]any{"$in": users}, "status": map[string]any{"$in": open}}
	if len(tickets) > 0 {
		ids := make([]any, len(tickets))
		for i, t := range tickets {
			ids[i] = t.Record
		}
		there, err := a.written(ctx, collection, ids)
		if err != nil {
			return nil, err
		}
		for _, t := range tickets {
			rec, written := there[t.Record]
			switch {
			case !written && mine(t):
				out[t.User]++
			case written && slices.Contains(open, any(rec.Status)) && (member == "owner" || rec.Claim.By == rec.Owner):
				out[rec.Owner]++
			}
			delete(there, t.Record) // a record may have two tickets: it was given, and claimed
		}
		match["_id"] = map[string]any{"$nin": ids}
	}
	docs, err := a.store.Aggregate(ctx, collection, []store.Stage{
		{"$match": match}, {"$group": map[string]any{"_id": "$owner", "n": map[string]any{"$sum": 1}}},
	})
	if err != nil {
		return nil, fmt.Errorf("count open records: %w", err)
	}
	for _, doc := range docs {
		var group struct {
			Owner string `json:"_id"`
			N     int    `json:"n"`
		}
		if err := json.Unmarshal(doc, &group); err != nil {
			return nil, fmt.Errorf("read count: %w", err)
		}
		out[group.Owner] += group.N
	}
	return out, nil
}

// brief is what counting needs of a record.
type brief struct {
	ID     string `json:"_id"`
	Owner  string `json:"owner"`
	Status string `json:"status"`
	Claim  struct {
		By string `json:"by"`
	} `json:"claim"`
}

func (a *Assigner) written(ctx context.Context, collection string, ids []any) (map[string]brief, error) {
	found, err := store.LoadAll[brief](ctx, a.store, collection, store.Query{
		Filter: store.Filter{"_id": map[string]any{"$in": ids}}, Fields: []string{"owner", "status", "claim"},
	})
	if err != nil {
		return nil, fmt.Errorf("look for records just assigned: %w", err)
	}
	out := make(map[string]brief, len(found))
	for _, rec := range found {
		out[rec.ID] = rec
	}
	return out, nil
}

// Loads counts the open records of people, for decisions that are only tried.
func (a *Assigner) Loads(ctx context.Context, collection string, users []string) (map[string]int, error) {
	return a.loads(ctx, collection, users, nil)
}

// Counters are where the strategies of an assignment stand.
func (a *Assigner) Counters(ctx context.Context, app, key string) (map[string]Counter, error) {
	st, err := a.load(ctx, StateID(app, key))
	if err != nil {
		return nil, err
	}
	return st.Counters, nil
}
