package embedded_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/stepwell/stepwell/internal/store/embedded/jsonb"
	"github.com/stepwell/stepwell/internal/store/value"
)

func anyValue() *rapid.Generator[any] {
	text := rapid.StringN(0, 20, -1).Filter(func(s string) bool { return !strings.ContainsRune(s, 0) })
	scalar := rapid.OneOf(rapid.Just[any](nil), rapid.Bool().AsAny(), rapid.Int64().AsAny(), rapid.Float64().AsAny(), text.AsAny(),
		rapid.Map(rapid.IntRange(0, 70_000), func(n int) any { return strings.Repeat("ä", n) }))
	var deep func(int) *rapid.Generator[any]
	deep = func(n int) *rapid.Generator[any] {
		if n == 0 {
			return scalar
		}
		return rapid.OneOf(scalar, rapid.SliceOfN(deep(n-1), 0, 6).AsAny(), rapid.MapOfN(text, deep(n-1), 0, 6).AsAny())
	}
	return deep(3)
}

// TestJSONB stands here and not beside the package, so that the package's fuzzing does not build SQLite.
func TestJSONB(t *testing.T) {
	db, err := sqlite.OpenConn(":memory:", sqlite.OpenReadWrite|sqlite.OpenCreate)
	require.NoError(t, err)
	defer db.Close()
	check := func(t require.TestingT, text string) {
		var e jsonb.Encoder
		require.NoError(t, value.Scan(text, &e))
		back, err := e.Raw().JSON()
		require.NoError(t, err)
		require.JSONEq(t, text, string(back))
		v, err := e.Raw().Value()
		require.NoError(t, err)
		require.Equal(t, string(back), string(v.JSON()))
		require.Equal(t, e.Raw(), jsonb.Encode(v))
		require.NoError(t, sqlitex.Execute(db, "SELECT json(?1), json_valid(?1, 8)", &sqlitex.ExecOptions{
			Args: []any{[]byte(e.Raw())},
			ResultFunc: func(s *sqlite.Stmt) error {
				require.True(t, s.ColumnBool(1), "SQLite takes it for JSONB")
				require.JSONEq(t, string(back), s.ColumnText(0), "and reads the same")
				return nil
			},
		}))
	}
	t.Run("SQLite_reads_what_was_written", rapid.MakeCheck(func(t *rapid.T) {
		text, err := json.Marshal(anyValue().Draw(t, "value"))
		require.NoError(t, err)
		check(t, string(text))
	}))
	t.Run("sizes_around_every_header", func(t *testing.T) {
		for _, n := range []int{0, 1, 8, 9, 10, 11, 12, 13, 250, 251, 252, 253, 254, 255, 256, 257, 65530, 65531, 65532, 65533, 65534, 65535, 65536, 65537} {
			check(t, fmt.Sprintf(`{"a":[%q],"b":1}`, strings.Repeat("x", n)))
		}
	})
}
