package value_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/store/value"
)

func TestMembers(t *testing.T) {
	t.Run("names_and_values_are_told_as_they_are_written", func(t *testing.T) {
		var told []string
		text := `{"_id":"x","n":-1.5,"s":"a \"b\" \\","o":{"a":[1,{"b":"}"}]},"l":["]",[]],"e":{},"t":true,"z":null}`
		require.NoError(t, value.Members([]byte(text), func(name, v []byte) bool {
			told = append(told, string(name)+" "+string(v))
			return true
		}))
		require.Equal(t, []string{
			`_id "x"`, `n -1.5`, `s "a \"b\" \\"`, `o {"a":[1,{"b":"}"}]}`, `l ["]",[]]`, `e {}`, `t true`, `z null`,
		}, told)
	})
	t.Run("it_stops_when_told_to", func(t *testing.T) {
		n := 0
		require.NoError(t, value.Members([]byte(`{"a":1,"b":2}`), func(_, _ []byte) bool { n++; return false }))
		require.Equal(t, 1, n)
	})
	t.Run("what_is_no_object_has_none", func(t *testing.T) {
		for _, text := range []string{``, `[]`, `"x"`, `{}`, `null`} {
			require.NoError(t, value.Members([]byte(text), func(_, _ []byte) bool { t.Error(text); return true }))
		}
	})
	t.Run("a_text_that_ends_too_early_is_an_error", func(t *testing.T) {
		text := `{"a":[1,"x"],"b":{"c":2}}`
		for n := 2; n < len(text); n++ {
			require.Error(t, value.Members([]byte(text[:n]), func(_, _ []byte) bool { return true }), text[:n])
		}
	})
	t.Run("one_member_is_found", func(t *testing.T) {
		found, err := value.MemberText([]byte(`{"a":{"b":1},"b":[2]}`), "b")
		require.NoError(t, err)
		require.Equal(t, `[2]`, string(found))
		found, err = value.MemberText([]byte(`{"a":1}`), "b")
		require.NoError(t, err)
		require.Nil(t, found)
	})
}

// FuzzMembers holds what is told of text that a store writes equal to what encoding/json reads.
func FuzzMembers(f *testing.F) {
	f.Add(`{"a":1,"b":[1,2,{"c":"d"}],"e":"\\\""}`)
	f.Add(`{"`)
	f.Fuzz(func(t *testing.T, text string) {
		v, err := value.Parse(text)
		if err != nil || v.Kind != value.Object {
			_ = value.Members([]byte(text), func(_, _ []byte) bool { return true }) // anything but a panic
			return
		}
		written := v.JSON()
		var want map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(written, &want))
		n := 0
		require.NoError(t, value.Members(written, func(name, v []byte) bool {
			var plain string
			require.NoError(t, json.Unmarshal([]byte(`"`+string(name)+`"`), &plain))
			require.Equal(t, string(want[plain]), string(v))
			n++
			return true
		}))
		require.Len(t, want, n)
	})
}
