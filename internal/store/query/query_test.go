package query_test

import (
	"encoding/json"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/query"
)

// walk visits all nodes of a filter.
func walk(f query.Filter, fn func(query.Filter)) {
	fn(f)
	for _, k := range f.Kids {
		walk(k, fn)
	}
}

var safePath = regexp.MustCompile(`^([A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*)?$`)

func FuzzParseFilter(f *testing.F) {
	for _, s := range []string{
		`{"a":1,"b.c":{"$in":[1,null,"x"]}}`, `{"$or":[{"a":{"$regex":"^x\\."}},{"$nor":[{"b":{"$elemMatch":{"$gt":1}}}]}]}`, `{"$where":"1"}`,
		`{"a'; DROP TABLE x":1}`, `{"a":{"$not":{"$all":[[1]]}}}`, `{"a":{"$size":3,"$exists":true,"$lte":"z"}}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var m map[string]any
		if json.Unmarshal([]byte(text), &m) != nil {
			return
		}
		tree, err := query.ParseFilter(m)
		if err != nil {
			require.True(t, fault.Has(err, store.ErrFilter), err)
			return
		}
		walk(tree, func(n query.Filter) {
			require.Regexp(t, safePath, n.Path.Text)
			if n.Op == query.Match {
				require.NotPanics(t, func() { regexp.MustCompile(n.Text.Pattern()) })
			}
		})
	})
}

func FuzzParsePipeline(f *testing.F) {
	f.Add(`[{"$match":{"a":1}},{"$group":{"_id":{"$dateBucket":{"date":"$a","unit":"day","timezone":"Asia/Shanghai"}},"n":{"$sum":1}}},{"$limit":3}]`)
	f.Add(`[{"$project":{"a":1,"b":{"$literal":"$x"}}},{"$unwind":"$a.b"},{"$count":"n"},{"$out":"x"}]`)
	f.Fuzz(func(t *testing.T, text string) {
		var stages []store.Stage
		if json.Unmarshal([]byte(text), &stages) != nil {
			return
		}
		if _, err := query.ParsePipeline(stages); err != nil {
			require.True(t, fault.Has(err, store.ErrFilter), err)
		}
	})
}

func TestErrFilter(t *testing.T) {
	for at, f := range map[string]store.Filter{
		"/$or/1/a/$gt":        {"$or": []any{map[string]any{"a": 1}, map[string]any{"a": map[string]any{"$gt": nil}}}},
		"/a/$elemMatch/$near": {"a": map[string]any{"$elemMatch": map[string]any{"$near": 1}}},
		"/$where":             {"$where": "1"},
		"/a~1b":               {"a/b": 1},
	} {
		t.Run("names_the_place_"+at, func(t *testing.T) {
			_, err := query.ParseFilter(f)
			e, ok := fault.As(err)
			require.True(t, ok)
			require.Equal(t, at, e.Params["at"])
		})
	}
}

func TestParseZone(t *testing.T) {
	for text, offset := range map[string]int{"UTC": 0, "Asia/Shanghai": 8 * 3600, "+08:00": 8 * 3600, "-05:30": -(5*3600 + 1800), "America/New_York": -5 * 3600} {
		zone, ok := query.ParseZone(text)
		require.True(t, ok, text)
		_, got := time.Date(2026, 1, 1, 0, 0, 0, 0, zone).Zone()
		require.Equal(t, offset, got)
		require.Equal(t, text, zone.String(), "MongoDB is given the name")
	}
	for _, text := range []string{"", "Local", "Mars/Base", "../../etc/passwd", "8", "+8", "+25:00", "EST5EDT+1"} {
		_, ok := query.ParseZone(text)
		require.False(t, ok, text)
	}
}
