package engine

import (
	"slices"
	"time"

	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/problem"
)

// itemsOf are the items of a checklist that opens.
func (r *run) itemsOf(b *block) []Item {
	out := make([]Item, len(b.Items))
	for i := range b.Items {
		out[i].ID = b.Items[i].ID
		if len(b.Items[i].Who) > 0 {
			out[i].Assignees = r.resolve(b.Items[i].Who, nil)
		}
	}
	return out
}

// withItems adds the people of items to those of their checklist.
func withItems(users []string, items []Item) []string {
	out := users
	for _, item := range items {
		for _, u := range item.Assignees {
			if !slices.Contains(out, u) {
				out = append(slices.Clip(out), u)
			}
		}
	}
	return out
}

// tick changes an item of an open checklist. Changing it to what it is causes nothing.
func (t *Task) tick(ev *Event) {
	for i := range t.Items {
		if t.Items[i].ID != ev.Item {
			continue
		}
		t.Items[i].DoneAt, t.Items[i].DoneBy = time.Time{}, ""
		if ev.Kind == ItemTicked {
			t.Items[i].DoneAt, t.Items[i].DoneBy = ev.At, ev.User
		}
	}
}

// tick marks one item of a checklist as done, or as not done after all.
func (r *run) tick() error {
	t, b, err := r.mine(flow.Checklist)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(t.Items, func(item Item) bool { return item.ID == r.cmd.Item })
	if i < 0 {
		return ErrItem.With(problem.Params{"step": b.Name(), "item": r.cmd.Item, "known": itemNames(b)})
	}
	item := &t.Items[i]
	if people := r.active(item.Assignees); len(people) > 0 && !slices.Contains(people, r.cmd.Actor) {
		return ErrItemNotYours.With(problem.Params{"item": itemName(b, item.ID), "people": r.names(people)})
	}
	if err := r.change("", r.cmd.Data); err != nil {
		return err
	}
	kind := ItemTicked
	if r.cmd.Kind == Untick {
		kind = ItemUnticked
	}
	if (kind == ItemTicked) == !item.DoneAt.IsZero() {
		return nil
	}
	r.emit(Event{Kind: kind, Task: t.ID, Block: t.Block, Item: item.ID, User: r.cmd.Actor, Comment: r.cmd.Comment})
	return nil
}

func itemName(b *block, id string) problem.Text {
	for _, item := range b.Items {
		if item.ID == id {
			return item.Name()
		}
	}
	return problem.Plain(id)
}

func itemNames(b *block) []problem.Text {
	out := make([]problem.Text, len(b.Items))
	for i, item := range b.Items {
		out[i] = item.Name()
	}
	return out
}

// items asks for the items of a checklist that must be ticked before it is completed.
func (g *gate) items(b *block) {
	t := g.run.c.State.task(g.run.cmd.Task)
	if t == nil {
		return
	}
	for i, item := range t.Items {
		if i < len(b.Items) && item.DoneAt.IsZero() && !b.Items[i].Optional {
			g.problems = append(g.problems, ProblemItem.At(problem.Pointer("items", item.ID), problem.Params{"item": itemName(b, item.ID), "step": b.Name()}))
		}
	}
}
