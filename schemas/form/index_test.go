package form_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/schemas/form"
)

// spell writes indexes the short way: "unique code", "list tags", "segment data, updatedAt system".
func spell(indexes []form.Index) []string {
	var out []string
	for _, x := range indexes {
		var keys []string
		for _, k := range x.Keys {
			if !k.Field {
				k.Name = "record." + k.Name
			}
			keys = append(keys, k.Name)
		}
		text := strings.Join(keys, " ")
		if x.Unique {
			text = "unique " + text
		}
		if x.Array {
			text = "list " + text
		}
		out = append(out, text)
	}
	return out
}

func TestIndexes(t *testing.T) {
	const schema = `"schema":{"properties":{
		"code":{"x-field":"text"},"name":{"x-field":"text"},"region":{"x-field":"text"},"stage":{"x-field":"text"},
		"tags":{"x-field":"multiChoice","x-options":[{"value":"x"}]},"amount":{"x-field":"money"},
		"customer":{"x-field":"link","x-link":{"form":"f"}}}}}`
	for name, c := range map[string]struct {
		form string
		want []string
	}{
		"unique_sets_come_first_and_need_no_other_index": {
			`"unique":[["code"],["name","region"]],"list":{"indexed":["code","tags","name"]}`,
			[]string{"unique code", "unique name region", "list tags", "name record.updatedAt", "customer record.updatedAt"},
		},
		"what_a_list_is_filtered_by_goes_on_with_its_sort": {
			`"list":{"indexed":["region","amount"],"sort":"-amount"}`,
			[]string{"region amount", "amount", "customer amount"},
		},
		"a_list_is_fast_in_its_own_order": {
			`"list":{"sort":"-amount"}`, []string{"amount", "customer amount"},
		},
		"a_sort_by_the_record_itself_has_an_index_already": {
			`"list":{"indexed":["region"],"sort":"createdAt"}`, []string{"region record.createdAt", "customer record.createdAt"},
		},
		"explicit_indexes_may_name_the_record_itself": {
			`"indexes":[["region","amount"],["owner","amount"]]`, []string{"region amount", "record.owner amount", "customer record.updatedAt"},
		},
		"a_field_comes_before_the_record_itself": {
			`"indexes":[["stage"]]`, []string{"stage", "customer record.updatedAt"},
		},
		"an_index_is_made_once": {
			`"indexes":[["region","amount"],["region","amount"]],"list":{"indexed":["region","region"],"sort":"amount"}`,
			[]string{"region amount", "amount", "customer amount"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := compile(t, `{"key":"f",`+c.form+","+schema)
			require.Equal(t, c.want, spell(e.Indexes()))
		})
	}
}
