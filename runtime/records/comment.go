package records

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/schemas/form"
)

// Comment is what somebody said about a record. It is an entry of its action log.
type Comment struct {
	ID       string         `json:"id"`
	At       store.Moment   `json:"at"`
	By       string         `json:"by"`
	Text     string         `json:"text,omitempty"`
	Mentions []string       `json:"mentions,omitempty"` // who was told
	Files    []form.FileRef `json:"files,omitempty"`
	Block    string         `json:"block,omitempty"` // of the task it was said about
	// NotTold are those who were named but may not read the record; only in the answer to who names them.
	NotTold []string `json:"notTold,omitempty"`
}

// CommentPage is one page of a record's comments, newest first.
type CommentPage struct {
	Items []Comment `json:"items"`
	Next  string    `json:"next,omitempty"`
	Names Names     `json:"names"`
}

// Say writes a comment. Those named who may not read the record are not told.
func (s *Service) Say(ctx context.Context, req Request) (*Comment, error) {
	rec, err := s.Get(ctx, req.By, req.App, req.Form, req.ID)
	if err != nil {
		return nil, err
	}
	var told, not []string
	for _, u := range req.Command.Users {
		if s.mayRead(u, rec) {
			told = append(told, u)
		} else {
			not = append(not, u)
		}
	}
	req.Command.Kind, req.Command.Users = engine.Comment, told
	if _, err := s.Do(ctx, req); err != nil {
		return nil, err
	}
	// A repeated request has made none, so the answer is read: the newest of this person.
	page, err := s.comments(ctx, rec, store.Filter{"by": req.By}, 1, "")
	if err != nil || len(page.Items) == 0 {
		return nil, fmt.Errorf("read the comment on %s: %w", rec.ID, err)
	}
	page.Items[0].NotTold = not
	return &page.Items[0], nil
}

// Comments reads one page of a record's comments, newest first.
func (s *Service) Comments(ctx context.Context, rec *Record, limit int, before string) (*CommentPage, error) {
	page, err := s.comments(ctx, rec, nil, limit, before)
	if err != nil {
		return nil, err
	}
	for _, c := range page.Items {
		s.NamePeople(page.Names, c.By)
		s.NamePeople(page.Names, c.Mentions...)
	}
	return page, nil
}

func (s *Service) comments(ctx context.Context, rec *Record, more store.Filter, limit int, before string) (*CommentPage, error) {
	filter := store.And(store.Filter{"record": rec.ID, "command": string(engine.Comment)}, more)
	if before != "" {
		var seq int64
		if _, err := fmt.Sscan(before, &seq); err != nil {
			return nil, ErrCursor.Because(err, nil)
		}
		filter = store.And(filter, store.Filter{"seq": map[string]any{"$lt": seq}})
	}
	docs, err := s.store.Find(ctx, ActionCollection, store.Query{
		Filter: filter, Sort: []store.SortKey{{Path: "seq", Desc: true}}, Limit: limit + 1,
	})
	if err != nil {
		return nil, fmt.Errorf("read comments on %s: %w", rec.ID, err)
	}
	page := &CommentPage{Items: []Comment{}, Names: Names{}}
	for i, doc := range docs {
		var a Action
		if err := json.Unmarshal(doc, &a); err != nil {
			return nil, fmt.Errorf("read comment: %w", err)
		}
		if i == limit {
			break
		}
		page.Items = append(page.Items, commentOf(&a))
		page.Next = strconv.FormatInt(a.Seq, 10)
	}
	if len(docs) <= limit {
		page.Next = ""
	}
	return page, nil
}

func commentOf(a *Action) Comment {
	c := Comment{ID: a.ID, At: a.At, By: a.By, Text: a.Comment}
	i := slices.IndexFunc(a.Events, func(ev engine.Event) bool { return ev.Kind == engine.Commented })
	if i >= 0 {
		c.Mentions, c.Files, c.Block = a.Events[i].Assignees, a.Events[i].Files, a.Events[i].Block
	}
	return c
}
