package form_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/schemas/form"
)

// BenchmarkValidate checks one complete record of twenty fields.
func BenchmarkValidate(b *testing.B) {
	doc := `{"kind":"form","key":"bench","title":"Bench","schema":{"type":"object","required":["a1","m1"],"properties":{
		"a1":{"x-field":"text","maxLength":50},"a2":{"x-field":"text"},"a3":{"x-field":"text"},"a4":{"x-field":"text","pattern":"^[A-Z]{2}-\\d+$"},
		"l1":{"x-field":"longText"},"n1":{"x-field":"number","minimum":0},"n2":{"x-field":"number"},"m1":{"x-field":"money","minimum":0},
		"m2":{"x-field":"money"},"p1":{"x-field":"percent"},"t1":{"x-field":"phone"},"e1":{"x-field":"email"},"y1":{"x-field":"yesNo"},
		"c1":{"x-field":"singleChoice","x-options":[{"value":"a","label":"A"},{"value":"b","label":"B"}]},
		"c2":{"x-field":"multiChoice","x-options":[{"value":"a","label":"A"},{"value":"b","label":"B"}]},
		"d1":{"x-field":"date"},"d2":{"x-field":"dateTime"},"u1":{"x-field":"person"},"k1":{"x-field":"link","x-link":{"form":"bench"}},"o1":{"x-field":"department"}}}}`
	f, err := form.Parse([]byte(doc))
	require.NoError(b, err)
	e, problems := form.Compile(f)
	require.Empty(b, problems)
	var data map[string]any
	require.NoError(b, json.Unmarshal([]byte(`{"a1":"支架","a2":"two","a3":"three","a4":"AB-12","l1":"some longer text","n1":3,"n2":4.5,
		"m1":19.99,"m2":123456.78,"p1":12.5,"t1":"+86 571 88881234","e1":"li.lei@example.com","y1":true,"c1":"b","c2":["a","b"],
		"d1":"2026-03-31","d2":"2026-03-31T01:30:00.000Z","u1":"u1","k1":"r1","o1":"d1"}`), &data))
	b.ReportAllocs()
	for b.Loop() {
		if got := e.Validate(data, form.Options{Submit: true}); got != nil {
			b.Fatal(got)
		}
	}
}
