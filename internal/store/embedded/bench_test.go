package embedded_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/storetest"
)

const benchRecords = 100_000

// record is a document of about 1 KB with 20 fields.
func record(i int, rev int64) (string, store.Doc) {
	id := fmt.Sprintf("01%024d", i)
	var fields strings.Builder
	for f := range 20 {
		fmt.Fprintf(&fields, `"field%02d":"a value of some length %d",`, f, i*31+f)
	}
	return id, fmt.Appendf(nil, `{"_id":"%s","rev":%d,"form":"opportunity","state":"s%d","amount":%d.5,"owner":"u%d","updatedAt":"2026-01-%02dT00:00:%02d.000Z","data":{%s"end":1}}`,
		id, rev, i%8, (i*7919)%benchRecords, i%40, 1+i%28, i%60, fields.String())
}

func benchStore(b *testing.B, n int) store.Store {
	b.Helper()
	s := storetest.OpenEmbedded(b)
	ctx := b.Context()
	require.NoError(b, s.EnsureIndexes(ctx, "records",
		store.Index{Name: "stage", Keys: []store.SortKey{{Path: "state"}, {Path: "amount"}}},
		store.Index{Name: "owner", Keys: []store.SortKey{{Path: "owner"}, {Path: "updatedAt", Desc: true}}}))
	require.NoError(b, s.EnsureIndexes(ctx, "tasks", store.Index{Name: "who", Keys: []store.SortKey{{Path: "assignees"}}, Array: true},
		store.Index{Name: "record", Keys: []store.SortKey{{Path: "record"}}}))
	require.NoError(b, s.EnsureIndexes(ctx, "actions", store.Index{Name: "record", Keys: []store.SortKey{{Path: "record"}, {Path: "at"}}}))
	for i := 0; i < n; i += 1000 {
		var writes []store.Write
		for j := i; j < i+1000; j++ {
			id, doc := record(j, 1)
			writes = append(writes, store.Write{Op: store.OpInsert, Collection: "records", ID: id, Doc: doc})
		}
		require.NoError(b, s.Apply(ctx, writes...))
	}
	b.ResetTimer()
	return s
}

func BenchmarkRead(b *testing.B) {
	s := benchStore(b, benchRecords)
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	queries := map[string]func(i int) error{
		"get": func(i int) error {
			_, err := s.Get(ctx, "records", fmt.Sprintf("01%024d", i*7919%benchRecords))
			return err
		},
		"list_50_of_100000_by_one_field_sorted_by_another": func(i int) error {
			docs, err := s.Find(ctx, "records", store.Query{Filter: store.Filter{"state": fmt.Sprintf("s%d", i%8)}, Sort: []store.SortKey{{Path: "amount", Desc: true}}, Limit: 50})
			if len(docs) != 50 {
				return fmt.Errorf("%d documents: %w", len(docs), err)
			}
			return err
		},
		"list_50_deep_page": func(i int) error {
			_, last := record(i*8, 1)
			after, err := store.After([]store.SortKey{{Path: "amount"}}, last)
			if err != nil {
				return err
			}
			_, err = s.Find(ctx, "records", store.Query{Filter: store.And(store.Filter{"state": "s0"}, after), Sort: []store.SortKey{{Path: "amount"}}, Limit: 50})
			return err
		},
		"list_50_scanning_for_text": func(i int) error {
			_, err := s.Find(ctx, "records", store.Query{Filter: store.Filter{"data.field07": store.Contains("LENGTH 99", true)}, Sort: []store.SortKey{{Path: "amount"}}, Limit: 50})
			return err
		},
		"count_indexed": func(i int) error {
			_, err := s.Count(ctx, "records", store.Filter{"state": "s1"}, 0)
			return err
		},
		"group_100000": func(i int) error {
			_, err := s.Aggregate(ctx, "records", []store.Stage{{"$group": map[string]any{"_id": "$state", "sum": map[string]any{"$sum": "$amount"}}}})
			return err
		},
		"group_100000_by_month": func(i int) error {
			_, err := s.Aggregate(ctx, "records", []store.Stage{{"$group": map[string]any{
				"_id": map[string]any{"$dateBucket": map[string]any{"date": "$updatedAt", "unit": "month", "timezone": "Asia/Shanghai"}}, "n": map[string]any{"$count": map[string]any{}},
			}}})
			return err
		},
	}
	for name, ask := range queries {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if err := ask(i); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkApply is what one submitted record writes, by 16 callers at once: the record, its action, a task for one
// person, a notice and an idempotency key, in one transaction that waits for the disk.
func BenchmarkApply(b *testing.B) {
	s := benchStore(b, 10_000)
	b.ReportAllocs()
	b.SetParallelism(8) // of GOMAXPROCS, which is 2 here
	var n atomic.Int64
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := int(n.Add(1)) + 1_000_000
			id, doc := record(i, 1)
			small := func(collection string) store.Write {
				return store.Write{Op: store.OpAdd, Collection: collection, ID: id, Doc: fmt.Appendf(nil,
					`{"_id":"%s","record":"%s","at":"2026-01-01T00:00:00.000Z","assignees":["u%d"],"state":"open","title":"Something to do"}`, id, id, i%40)}
			}
			if err := s.Apply(b.Context(), store.Write{Op: store.OpInsert, Collection: "records", ID: id, Doc: doc},
				small("actions"), small("tasks"), small("notices"), small("keys")); err != nil {
				b.Error(err)
			}
		}
	})
}
