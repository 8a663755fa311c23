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

func FuzzRaw(f *testing.F) {
	f.Add([]byte(jsonb.Encode(value.Value{Kind: value.Object, Members: []value.Member{{Name: "a", Value: value.OfInt(1)}}})))
	f.Add([]byte{0xec, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(_ *testing.T, b []byte) {
		r := jsonb.Raw(b)
		if _, err := r.JSON(); err == nil {
			r.Members(func(string, jsonb.Raw) {})
		}
		r.Member("a")
		r.Items(func(e jsonb.Raw) bool { e.Scalar(); return false })
	})
}
