package desk

import (
	"context"
	"slices"

	"github.com/stepwell/stepwell/runtime/records"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Migration is what would become of a record in another version of its flow, in words.
type Migration struct {
	Possible   bool              `json:"possible"`
	Version    int               `json:"version"` // it would go on in
	Stage      string            `json:"stage,omitempty"`
	StageTitle definition.Text   `json:"stageTitle,omitempty"`
	Tasks      []MigratedTask    `json:"tasks"`           // that would be open
	Waits      []definition.Text `json:"waits,omitempty"` // what it would wait for that is no task
	Closed     int               `json:"closed"`          // how many open tasks would be closed
	Problems   []problem.Problem `json:"-"`               // what cannot be mapped, and why
	Names      records.Names     `json:"names"`
}

// MigratedTask is a task that would be open.
type MigratedTask struct {
	Block     string          `json:"block"`
	Title     definition.Text `json:"title"`
	Assignees []string        `json:"assignees"`
	Kept      bool            `json:"kept"` // it is open already, and stays as it is
}

// Migration says what the command migrate would do to a record.
func (d *Desk) Migration(ctx context.Context, req records.Request) (*Migration, error) {
	found, err := d.records.PreviewMigration(ctx, req)
	if err != nil {
		return nil, err
	}
	out := &Migration{
		Possible: found.Possible, Version: found.Flow.Version, Stage: found.Stage, Tasks: []MigratedTask{}, Closed: len(found.Closed),
		Problems: found.Problems, Names: records.Names{},
	}
	if out.Stage != "" {
		out.StageTitle = found.Flow.BlockTitle(out.Stage)
	}
	for _, t := range found.Tasks {
		out.Tasks = append(out.Tasks, MigratedTask{
			Block: t.Block, Title: found.Flow.BlockTitle(t.Block), Assignees: t.Assignees, Kept: slices.Contains(found.Kept, t.ID),
		})
		d.records.NamePeople(out.Names, t.Assignees...)
	}
	for _, block := range found.Waits {
		out.Waits = append(out.Waits, found.Flow.BlockTitle(block))
	}
	return out, nil
}
