package jsonb_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/store/embedded/jsonb"
	"github.com/stepwell/stepwell/internal/store/value"
)

func TestLookup(t *testing.T) {
	var e jsonb.Encoder
	require.NoError(t, value.Scan(`{"a":{"b":[1,"two",{"c":true}]},"n":null}`, &e))
	doc := e.Raw()
	require.Equal(t, 3, doc.Member("a").Member("b").Len())
	require.Equal(t, value.Null, doc.Member("n").Kind())
	require.Nil(t, doc.Member("zz"))
	require.Nil(t, doc.Member("n").Member("x"))
	require.Equal(t, value.Missing, doc.Member("zz").Kind())
}

// TestJSON holds the text that is copied from an element equal to the text that is written from its values.
func TestJSON(t *testing.T) {
	for _, text := range []string{
		`{}`, `[]`, `{"a":[],"b":{}}`, `[1,-2,0.5,100.0,-1e-07,1e+30,9223372036854775807]`, `["plain","quote\"\\","tab\t\u0001","华东 é"]`,
		`{"with \"quotes\"":1,"n":null,"t":true,"f":false,"deep":[{"x":[[]]}]}`,
	} {
		v, err := value.Parse(text)
		require.NoError(t, err)
		got, err := jsonb.Encode(v).JSON()
		require.NoError(t, err)
		require.Equal(t, text, string(got))
		require.Equal(t, string(v.JSON()), string(got))
	}
}

func FuzzRaw(f *testing.F) {
	f.Add([]byte(jsonb.Encode(value.Value{Kind: value.Object, Members: []value.Member{{Name: "a", Value: value.OfInt(1)}}})))
	f.Add([]byte{0xec, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(_ *testing.T, b []byte) {
		r := jsonb.Raw(b)
		if _, err := r.JSON(); err == nil {
			r.Members(func([]byte, jsonb.Raw) {})
		}
		r.Member("a")
		r.Items(func(e jsonb.Raw) bool { e.Scalar(); return false })
	})
}
