package expr

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func BenchmarkEval(b *testing.B) {
	env, err := NewEnv(Schema{Fields: []Field{
		{Key: "amount", Kind: Number},
		{Key: "level", Kind: String},
		{Key: "vip", Kind: Bool},
		{Key: "items", Kind: Table, Fields: []Field{{Key: "qty", Kind: Number}, {Key: "price", Kind: Number}}},
	}})
	require.NoError(b, err)
	row := map[string]any{"qty": 2.0, "price": 10.5}
	vars := Vars{
		FormVar: map[string]any{"amount": 120000.0, "level": "A", "items": []any{row, row, row, row, row}},
		UserVar: map[string]any{"id": "u1", "roles": []any{"sales"}},
	}
	for name, src := range map[string]string{
		"condition": "form.amount > 100000 && form.level == 'A' && !('boss' in user.roles)",
		"formula":   "round(form.amount * 1.13, 2)",
		"blank":     "form.vip && form.amount > 5",
		"table":     "sum(form.items.map(i, i.qty * i.price))",
	} {
		b.Run(name, func(b *testing.B) {
			p, problems := env.Compile(src, WantAny)
			require.Empty(b, problems)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Eval(vars); err != nil && !IsMissing(err) {
					b.Fatal(err)
				}
			}
		})
	}
}
