package signature_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/signature"
)

func TestCheck(t *testing.T) {
	now := time.Date(2026, 3, 2, 1, 30, 0, 0, time.UTC)
	body := []byte(`{"a":1}`)
	signed := func() http.Header {
		h := http.Header{}
		signature.Put(h, "hunter2", now, body)
		return h
	}
	t.Run("what_was_signed_is_taken_within_the_window", func(t *testing.T) {
		require.Equal(t, "cbea1efea4523bab1510fe6a27b126b197be1f7f02f3275e40e5cc526e25a394", signature.Sign("hunter2", "1772417400", []byte(`{"a":1}`)))
		require.NoError(t, signature.Check(signed(), "hunter2", now.Add(signature.Window), body))
		require.NoError(t, signature.Check(signed(), "hunter2", now.Add(-signature.Window), body))
	})
	t.Run("what_is_recorded_is_of_no_use_later", func(t *testing.T) {
		require.True(t, fault.Has(signature.Check(signed(), "hunter2", now.Add(signature.Window+time.Second), body), signature.ErrOld))
		require.True(t, fault.Has(signature.Check(signed(), "hunter2", now.Add(-signature.Window-time.Second), body), signature.ErrOld))
	})
	t.Run("another_body_key_or_moment_is_refused", func(t *testing.T) {
		require.True(t, fault.Has(signature.Check(signed(), "hunter2", now, []byte(`{"a":2}`)), signature.ErrWrong))
		require.True(t, fault.Has(signature.Check(signed(), "hunter3", now, body), signature.ErrWrong))
		moved := signed()
		moved.Set(signature.TimestampHeader, "1772415001")
		require.True(t, fault.Has(signature.Check(moved, "hunter2", now, body), signature.ErrWrong))
	})
	t.Run("what_is_not_signed_is_refused", func(t *testing.T) {
		for _, h := range []http.Header{
			{},
			{signature.TimestampHeader: {"1772415000"}},
			{signature.Header: {"v1=00"}},
			{signature.TimestampHeader: {"soon"}, signature.Header: {"v1=00"}},
			{signature.TimestampHeader: {"1772415000"}, signature.Header: {"v2=00"}},
		} {
			require.True(t, fault.Has(signature.Check(h, "hunter2", now, body), signature.ErrMissing), h)
		}
	})
}
