package expr

import (
	"maps"
	"slices"
	"strings"

	"github.com/stepwell/stepwell/schemas/problem"
)

func keysOf(fields []Field) []string {
	keys := make([]string, len(fields))
	for i, f := range fields {
		keys[i] = f.Key
	}
	return keys
}

func functionNames() []string {
	names := make([]string, len(catalogue))
	for i, f := range catalogue {
		names[i] = f.Name
	}
	return names
}

// names are what a rule may begin a path with, and form's own fields in case "form." was forgotten.
func (e *Env) names() []string {
	names := []string{FormVar, RecordVar, UserVar, LinkVar, NowVar}
	names = append(names, slices.Sorted(maps.Keys(e.objects))...)
	for _, f := range e.objects[FormVar] {
		names = append(names, FormVar+"."+f.Key)
	}
	return names
}

// hint names the candidate that was probably meant, or nothing.
func hint(name string, candidates []string) problem.Text {
	best, distance := "", len(name)/3+1
	for _, c := range candidates {
		short := c[strings.LastIndexByte(c, '.')+1:]
		d := editDistance(lower(name), lower(short))
		if strings.EqualFold(name, short) {
			d = 0
		}
		if d < distance || d == distance && best == "" {
			best, distance = c, d
		}
	}
	if best == "" {
		return problem.Text{"en": "", "zh-CN": ""}
	}
	return problem.Text{"en": "; did you mean “" + best + "”?", "zh-CN": "，是不是想写“" + best + "”？"}
}

// editDistance counts insertions, deletions, replacements and swaps of neighbours that turn a into b.
func editDistance(a, b string) int {
	before, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	var older []int
	for i := 1; i <= len(a); i++ {
		older, before, row = before, row, make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(before[j]+1, row[j-1]+1, before[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], older[j-2]+1)
			}
		}
	}
	return row[len(b)]
}
