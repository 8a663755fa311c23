package expr

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"github.com/stretchr/testify/require"
)

// show writes a value the way the shared vectors do.
func show(v ref.Val) string {
	switch v := v.(type) {
	case types.Double:
		switch s := decimal(float64(v)); s {
		case "+Inf":
			return "d:Infinity"
		case "-Inf":
			return "d:-Infinity"
		default:
			return "d:" + s
		}
	case types.Int:
		return "i:" + strconv.FormatInt(int64(v), 10)
	case types.Bool:
		return strconv.FormatBool(bool(v))
	case types.Null:
		return "null"
	case types.String:
		return quote(string(v))
	case types.Timestamp:
		return "ts:" + show(toText(v))
	case types.Duration:
		return "dur:" + strings.TrimSuffix(seconds(v.Duration), "s")
	case traits.Lister:
		var parts []string
		for it := v.Iterator(); it.HasNext() == types.True; {
			parts = append(parts, show(it.Next()))
		}
		return "[" + strings.Join(parts, ",") + "]"
	case traits.Mapper:
		var parts []string
		for it := v.Iterator(); it.HasNext() == types.True; {
			k := it.Next()
			parts = append(parts, show(k)+"="+show(v.Get(k)))
		}
		sort.Strings(parts)
		return "{" + strings.Join(parts, ",") + "}"
	case *types.Type:
		return "type:" + v.TypeName()
	default:
		return v.Type().TypeName()
	}
}

func quote(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return err.Error()
	}
	return strings.TrimSpace(b.String())
}

func load(t *testing.T, name string, into any) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, into))
}

type vectorFile struct {
	Now      time.Time `json:"now"`
	TimeZone string    `json:"timeZone"`
	Holidays []string  `json:"holidays"`
	Excluded []struct {
		Expr   string `json:"expr"`
		Reason string `json:"reason"`
	} `json:"excluded"`
	Fields []Field            `json:"fields"`
	Row    []Field            `json:"row"`
	Links  map[string][]Field `json:"links"`
	Vars   map[string]any     `json:"vars"`
	Cases  []struct {
		Expr string `json:"expr"`
		Want string `json:"want"`
	} `json:"cases"`
}

type holidays map[string]bool

func (h holidays) IsWorkingDay(day time.Time) bool {
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday && !h[day.Format(dateForm)]
}

func (f vectorFile) complete(t *testing.T, vars map[string]any) Vars {
	t.Helper()
	zone, err := time.LoadLocation(f.TimeZone)
	require.NoError(t, err)
	off := holidays{}
	for _, d := range f.Holidays {
		off[d] = true
	}
	out := Vars{NowVar: f.Now.In(zone), CalendarVar: off}
	maps.Copy(out, vars)
	return out
}

// outcome is the value, "MISSING" when a blank value was needed, or "ERR" for any other failure and for what does not compile.
func outcome(env *Env, src string, vars Vars) (string, string) {
	program, problems := env.Compile(src, wantRaw)
	if len(problems) > 0 {
		return "ERR", problems[0].Error()
	}
	v, err := program.value(vars)
	if IsMissing(err) {
		return "MISSING", err.Error()
	}
	if err != nil {
		return "ERR", err.Error()
	}
	return show(v), ""
}

func TestSharedVectors(t *testing.T) {
	var given struct {
		Vars        map[string]any `json:"vars"`
		Expressions []string       `json:"expressions"`
	}
	var want map[string]string
	var own vectorFile
	load(t, "cel.json", &given)
	load(t, "cel.expected.json", &want)
	load(t, "vectors.json", &own)
	excluded := map[string]bool{}
	for _, x := range own.Excluded {
		excluded[x.Expr] = true
	}
	env, err := Open()
	require.NoError(t, err)
	vars := own.complete(t, given.Vars)
	for _, src := range given.Expressions {
		t.Run(src, func(t *testing.T) {
			got, why := outcome(env, src, vars)
			switch {
			case excluded[src]:
				require.Equal(t, "ERR", got)
			case strings.HasPrefix(want[src], "ERR"):
				require.Contains(t, []string{"ERR", "MISSING"}, got)
			default:
				require.Equal(t, want[src], got, why)
			}
		})
	}
}

func TestOwnVectors(t *testing.T) {
	var own vectorFile
	load(t, "vectors.json", &own)
	env, err := NewEnv(Schema{Fields: own.Fields, Row: own.Row, Links: own.Links})
	require.NoError(t, err)
	vars := own.complete(t, own.Vars)
	for _, c := range own.Cases {
		t.Run(c.Expr, func(t *testing.T) {
			got, why := outcome(env, c.Expr, vars)
			require.Equal(t, c.Want, got, why)
		})
	}
}

var update = flag.Bool("update", false, "write testdata/catalogue.json")

// The browser's tests compile the example of every entry, so that no function is missing there.
func TestCatalogueIsWrittenDown(t *testing.T) {
	want, err := json.MarshalIndent(Functions(), "", " ")
	require.NoError(t, err)
	file := filepath.Join("testdata", "catalogue.json")
	if *update {
		require.NoError(t, os.WriteFile(file, append(want, '\n'), 0o600))
	}
	got, err := os.ReadFile(file)
	require.NoError(t, err)
	require.JSONEq(t, string(want), string(got), "go test ./internal/expr -update")
}
