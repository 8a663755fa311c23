package demo

import (
	"container/heap"
	"context"
	"time"
)

// agenda is what will be done, the earliest first; of two at the same moment, what was noted first.
type agenda struct {
	entries entries
	noted   int
}

type entry struct {
	at    time.Time
	order int
	do    func(context.Context) error
}

func (a *agenda) note(at time.Time, do func(context.Context) error) {
	a.noted++
	heap.Push(&a.entries, entry{at, a.noted, do})
}

// next reports whether anything is left to do until a moment.
func (a *agenda) next(until time.Time) bool {
	return len(a.entries) > 0 && !a.entries[0].at.After(until)
}

func (a *agenda) pop() entry {
	e, _ := heap.Pop(&a.entries).(entry)
	return e
}

type entries []entry

func (e entries) Len() int      { return len(e) }
func (e entries) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e entries) Less(i, j int) bool {
	if !e[i].at.Equal(e[j].at) {
		return e[i].at.Before(e[j].at)
	}
	return e[i].order < e[j].order
}

func (e *entries) Push(x any) { *e = append(*e, x.(entry)) } //nolint:forcetypeassert // heap hands back what note pushed

func (e *entries) Pop() any {
	last := len(*e) - 1
	x := (*e)[last]
	*e = (*e)[:last]
	return x
}
