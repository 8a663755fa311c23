package api_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/storetest"
	"github.com/stepwell/stepwell/runtime/files"
	"github.com/stepwell/stepwell/runtime/records"
)

// oneByOne is a store that makes one write after the other, and that refuses to take some of what follows a record.
type oneByOne struct {
	store.Store
	refuse func(record string) error // asked before an action is written down; nil: nothing is refused
}

func (*oneByOne) Transactional() bool { return false }

func (o *oneByOne) Apply(ctx context.Context, writes ...store.Write) error {
	if len(writes) > 0 && writes[0].Collection == records.ActionCollection && o.refuse != nil {
		act, err := store.Decode[records.Action](writes[0].Doc)
		if err != nil {
			return err
		}
		if err := o.refuse(act.Record); err != nil {
			return err
		}
	}
	return o.Store.Apply(ctx, writes...)
}

func away(string) error { return store.ErrUnavailable.With(nil) }

// sweep tells what stands in outboxes for longer than a server needs to tell it.
func (h *house) sweep() (int, error) {
	h.Helper()
	h.clock.Advance(10 * time.Second)
	return h.product.Records.Sweep(h.Context(), app, "opportunity")
}

// TestOutbox is about stores that write one after the other, as MongoDB does.
func TestOutbox(t *testing.T) {
	st := &oneByOne{Store: storetest.Open(t)}
	h := openHouseOn(t, monday, st)
	logged := func(h *house, d deal) int { return len(h.log("platformAdmin", d)) }

	h.Run("once_the_record_is_written_it_has_happened_and_the_rest_is_told_when_the_store_is_back", func(h *house) {
		d := h.start("rep")
		drawing := h.pdf("rep", "rfqFile", "rfq.pdf", d)
		st.refuse = away
		data := m{"rfqFile": drawing}
		maps.Copy(data, screening)
		h.act("rep", "complete", d, "screen", m{"data": data}).ok()
		require.Equal(h, 1, logged(h, d), "only that it was made")
		require.Empty(h, h.notices(d, "areaManager"))
		_, err := h.sweep()
		require.True(h, fault.Has(err, store.ErrUnavailable), err)

		st.refuse = nil
		told, err := h.sweep()
		require.NoError(h, err)
		require.Equal(h, 1, told)
		require.Equal(h, 2, logged(h, d))
		require.Len(h, h.notices(d, "areaManager"), 1)
		file, err := store.Load[files.File](h.Context(), st, files.Collection, drawing[0].(m)["id"].(string))
		require.NoError(h, err)
		require.Equal(h, []any{files.Bound, d.id, "rfqFile"}, []any{file.State, file.Record, file.Field})
		h.act("areaManager", "approve", d, "screenApproval", m{}).ok()
	})

	h.Run("what_stands_in_the_outbox_is_told_before_the_record_goes_on", func(h *house) {
		d := h.start("rep")
		st.refuse = away
		h.act("rep", "complete", d, "screen", m{"data": screening}).ok()
		st.refuse = nil
		h.call("rep", http.MethodPost, h.path(d)+"/commands", m{"command": "withdraw", "reason": "Too early"}).ok()
		require.Equal(h, 3, logged(h, d))
		require.Len(h, h.notices(d, "areaManager"), 1, "what was said in between was said")
	})

	h.Run("a_record_is_deleted_also_when_the_rest_is_told_later", func(h *house) {
		d := h.start("rep")
		st.refuse = away
		h.call("platformAdmin", http.MethodDelete, h.path(d), nil, "If-Match", h.call("platformAdmin", http.MethodGet, h.path(d), nil).ok().etag()).ok()
		st.refuse = nil
		_, err := h.sweep()
		require.NoError(h, err)
		h.call("platformAdmin", http.MethodGet, h.path(d), nil).refused(http.StatusNotFound, "record.notFound")
	})

	h.Run("a_record_that_cannot_be_told_keeps_no_other_waiting", func(h *house) {
		st.refuse = away
		stuck, other := h.start("rep"), h.start("rep")
		st.refuse = func(record string) error {
			if record == stuck.id {
				return errors.New("this one never fits")
			}
			return nil
		}
		told, err := h.sweep()
		require.ErrorContains(h, err, "never fits")
		require.Equal(h, 1, told)
		require.Equal(h, []int{0, 1}, []int{logged(h, stuck), logged(h, other)})
		require.Len(h, h.call("rep", http.MethodGet, h.path(stuck), nil).ok().Body["tasks"], 1, "it is there")
	})
}
