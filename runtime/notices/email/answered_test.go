package email

import (
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/clock"
)

func TestAnswered(t *testing.T) {
	pair := func(t *testing.T) (ours answered, theirs net.Conn) {
		t.Helper()
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		require.NoError(t, err)
		raw, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", l.Addr().String())
		require.NoError(t, err)
		theirs, err = l.Accept()
		require.NoError(t, err)
		t.Cleanup(func() { raw.Close(); theirs.Close(); l.Close() })
		return answered{raw}, theirs
	}
	over := clock.Real{}.Now().Add(-time.Minute)

	t.Run("an_answer_that_came_while_the_process_stood_still_counts", func(t *testing.T) {
		ours, theirs := pair(t)
		_, err := theirs.Write([]byte("250 taken\r\n"))
		require.NoError(t, err)
		require.NoError(t, ours.SetDeadline(over))
		text := make([]byte, 64)
		n, err := ours.Read(text)
		require.NoError(t, err)
		require.Equal(t, "250 taken\r\n", string(text[:n]))
	})

	t.Run("without_one_the_time_is_over", func(t *testing.T) {
		ours, _ := pair(t)
		require.NoError(t, ours.SetDeadline(over))
		_, err := ours.Read(make([]byte, 64))
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	})
}
