package form_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/form"
)

func TestReads(t *testing.T) {
	shanghai := time.FixedZone("CST", 8*3600)
	two := 2
	choice := &form.Field{Type: form.SingleChoice, Options: []form.Option{{Value: "a", Label: definition.Text{"zh-CN": "契合", "en": "Good fit"}}}}
	for name, c := range map[string]struct {
		field  *form.Field
		value  any
		zh, en string
	}{
		"a_date":                    {&form.Field{Type: form.Date}, "2026-03-06", "2026年3月6日", "6 Mar 2026"},
		"a_moment_in_the_zone":      {&form.Field{Type: form.DateTime}, "2026-03-06T17:30:00.000Z", "2026年3月7日 01:30", "7 Mar 2026, 01:30"},
		"renminbi":                  {&form.Field{Type: form.Money, Currency: "CNY"}, json.Number("1234567.5"), "¥1,234,567.50", "CNY 1,234,567.50"},
		"a_negative_amount":         {&form.Field{Type: form.Money, Currency: "CNY"}, -3.0, "-¥3.00", "CNY -3.00"},
		"another_currency":          {&form.Field{Type: form.Money, Currency: "USD"}, 12.0, "USD 12.00", "USD 12.00"},
		"a_number_with_a_unit":      {&form.Field{Type: form.Number, Unit: definition.Text{"zh-CN": "件", "en": "pieces"}}, 60000.0, "60,000 件", "60,000 pieces"},
		"a_formula_with_decimals":   {&form.Field{Type: form.Formula, Decimals: &two}, 1234.5, "1,234.50", "1,234.50"},
		"a_percent":                 {&form.Field{Type: form.Percent}, 12.5, "12.5%", "12.5%"},
		"a_choice_by_its_label":     {choice, "a", "契合", "Good fit"},
		"choices_by_their_labels":   {&form.Field{Type: form.MultiChoice, Options: choice.Options}, []any{"a", "b"}, "契合、b", "Good fit, b"},
		"yes":                       {&form.Field{Type: form.YesNo}, true, "是", "Yes"},
		"nothing":                   {&form.Field{Type: form.Money}, nil, "", ""},
		"what_is_no_date_stays":     {&form.Field{Type: form.Date}, "soon", "soon", "soon"},
		"what_is_no_moment_stays":   {&form.Field{Type: form.DateTime}, "soon", "soon", "soon"},
		"text_that_looks_like_date": {&form.Field{Type: form.Text}, "2026-03-06", "2026-03-06", "2026-03-06"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.zh, form.Reads(c.field, c.value, "zh-CN", shanghai, nil))
			require.Equal(t, c.en, form.Reads(c.field, c.value, "en", shanghai, nil))
		})
	}
	t.Run("a_person_by_name", func(t *testing.T) {
		got := form.Reads(&form.Field{Type: form.Person}, "u1", "en", nil, func(*form.Field, string) string { return "Li Wei" })
		require.Equal(t, "Li Wei", got)
	})
	t.Run("a_moment_without_a_zone_is_in_utc", func(t *testing.T) {
		require.Equal(t, "2026-03-06 17:30", form.MomentIn(time.Date(2026, 3, 6, 17, 30, 0, 0, time.UTC), "fr", nil))
	})
}
