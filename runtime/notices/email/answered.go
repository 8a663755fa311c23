package email

import (
	"errors"
	"net"
	"os"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
)

// lying is how long to look for an answer that may lie there already.
const lying = 100 * time.Millisecond

// answered is a connection on which an answer counts that came in time, also when this process stood still meanwhile and sees
// it only after the time is over: a message that was taken would be sent once more.
type answered struct{ net.Conn }

func (c answered) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		return n, err
	}
	if e := c.Conn.SetReadDeadline(clock.Real{}.Now().Add(lying)); e != nil {
		return 0, err
	}
	if n, e := c.Conn.Read(p); n > 0 {
		return n, e
	}
	return 0, err
}
