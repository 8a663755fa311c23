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
	if people := r.active(item.Assignees); len(people) > 0 && !slices.Contains(people, r.part) {
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
	if kind == ItemTicked {
		r.clearItems(t.ID, item.ID)
		return nil
	}
	return r.startItem(b, t.ID, item.ID, t.OpenedAt)
}

// startItems begins the deadlines of items that a checklist opens with.
func (r *run) startItems(b *block, task string, items []Item) error {
	for _, item := range items {
		if err := r.startItem(b, task, item.ID, r.env.Now); err != nil {
			return err
		}
	}
	return nil
}

// startItem begins the deadline of an item, counted from when its checklist opened.
func (r *run) startItem(b *block, task, item string, opened time.Time) error {
	rule := b.ruleOf(&DeadlineState{Item: item})
	if rule == nil {
		return nil
	}
	return r.begin(b, rule, Event{Block: b.ID, Task: task, Item: item}, opened)
}

// clearItems drops the deadline of an item of a task, of all for "".
func (r *run) clearItems(task, item string) {
	for i := 0; i < len(r.c.State.Deadlines); {
		d := r.c.State.Deadlines[i]
		if d.Item == "" || d.Task != task || (item != "" && d.Item != item) {
			i++
			continue
		}
		r.clear(&d)
	}
}

// restartItems computes the deadlines of open items anew that count from one of the changed fields.
func (r *run) restartItems(b *block, t *Task, changed map[string]any) error {
	for _, item := range t.Items {
		rule := b.ruleOf(&DeadlineState{Item: item.ID})
		if rule == nil || !item.DoneAt.IsZero() {
			continue
		}
		if _, ok := changed[rule.Field]; !ok {
			continue
		}
		d := r.c.State.itemDeadline(b.ID, t.ID, item.ID)
		if err := r.restart(b, rule, d, Event{Block: b.ID, Task: t.ID, Item: item.ID}, t.OpenedAt); err != nil {
			return err
		}
	}
	return nil
}

// itemDeadline is the deadline of an item of an open task; of the task itself for "".
func (s *State) itemDeadline(block, task, item string) *DeadlineState {
	for i := range s.Deadlines {
		if d := &s.Deadlines[i]; d.Block == block && d.Task == task && d.Item == item {
			return d
		}
	}
	return nil
}

// inheritItems repeats the deadlines of items on them, and the earliest on their checklist.
func (s *State) inheritItems(t *Task) {
	cloned := false
	for i := range t.Items {
		d := s.itemDeadline(t.Block, t.ID, t.Items[i].ID)
		due, overdue := time.Time{}, false
		if d != nil && !d.Met {
			due, overdue = d.DueAt, d.Overdue
		}
		if !due.Equal(t.Items[i].DueAt) || overdue != t.Items[i].Overdue {
			if !cloned {
				t.Items, cloned = slices.Clone(t.Items), true
			}
			t.Items[i].DueAt, t.Items[i].Overdue = due, overdue
		}
		if !due.IsZero() && (t.DueAt.IsZero() || due.Before(t.DueAt)) {
			t.DueAt = due
		}
		t.Overdue = t.Overdue || overdue
	}
}

// forItem are the people of an item; those of the whole task when it has none of its own.
func (t *Task) forItem(item string) []string {
	for i := range t.Items {
		if t.Items[i].ID == item && len(t.Items[i].Assignees) > 0 {
			return t.Items[i].Assignees
		}
	}
	return t.Assignees
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
