package email_test

import (
	"context"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/storetest"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/notices/email"
	"github.com/stepwell/stepwell/runtime/queue"
	"github.com/stepwell/stepwell/schemas/definition"
)

// TestDelivery sends a stored notice through the queue to a real server that answers in different ways.
func TestDelivery(t *testing.T) {
	monday := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	busy := &smtp.SMTPError{Code: 421, Message: "too busy"}
	unknown := &smtp.SMTPError{Code: 550, Message: "no such user"}
	hang := make(chan struct{})

	for name, c := range map[string]struct {
		answers  []answer
		tries    int
		state    queue.State
		accepted int
	}{
		"it_arrives_once":                        {nil, 3, notices.Sent, 1},
		"after_a_temporary_failure_it_arrives":   {[]answer{{atRcpt: busy}, {atData: busy}}, 3, notices.Sent, 1},
		"a_refusal_is_a_dead_letter":             {[]answer{{atRcpt: unknown}}, 3, queue.Dead, 0},
		"after_a_server_that_hangs_it_arrives":   {[]answer{{hang: hang, atData: busy}}, 2, notices.Sent, 1},
		"after_a_lost_answer_it_goes_again_same": {[]answer{{loseAck: true}}, 2, notices.Sent, 2},
	} {
		t.Run(name, func(t *testing.T) {
			st, ck := storetest.Open(t), clock.NewManual(monday)
			writes, err := notices.Writes(
				engine.Effect{Key: "1", Cause: engine.CauseOverdue, To: []string{"u1"}, Channels: []string{notices.Email}},
				notices.Subject{Record: "r1", Title: "OP-7", Step: definition.Text{"": "Trial"}, At: monday})
			require.NoError(t, err)
			require.NoError(t, st.Apply(t.Context(), writes...))

			s := start(t, plain, c.answers...)
			ch := channel(t, s, func(c *email.Config) { c.Timeout = 200 * time.Millisecond })
			q := notices.New(st, ck, []notices.Channel{ch}, notices.Options{
				Person: func(_ context.Context, id string) (notices.Person, error) {
					return notices.Person{ID: id, Email: "u1@example.com", Language: "en"}, nil
				},
			})
			for range c.tries {
				require.NoError(t, q.Drain(t.Context()))
				ck.Advance(time.Minute)
			}

			n, err := store.Load[notices.Notice](t.Context(), st, notices.Collection, writes[1].ID)
			require.NoError(t, err)
			require.Equal(t, c.state, n.State, n.Error)
			require.Len(t, s.messages(), c.accepted)
			for _, m := range s.messages() {
				require.Equal(t, "<"+n.MessageID+">", m.Header.Get("Message-ID"))
				require.Equal(t, "Overdue: OP-7 · Trial", decoded(t, m.Header.Get("Subject")))
			}
		})
	}
	close(hang)
}
