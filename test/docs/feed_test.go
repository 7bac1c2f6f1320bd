package docs

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
)

// docs/change-feed.md, one reader.
func TestChangeFeed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", three...)
	ctx, orders := w.ctx, w.orders
	var saved string
	var handled int
	handle := func(json.RawMessage) { handled++ }
	read := func() error {
		feed := orders.ChangeFeed(cosmos.Continuation(saved)) // or FromNow(), Since(t); from the beginning without
		for item, err := range feed.Items(ctx) {
			if err != nil {
				return err
			}
			handle(item)
		}
		token, err := feed.Token()
		if err != nil {
			return err
		}
		saved = token // kept once the work is done, so that every change is seen at least once
		return nil
	}
	require.NoError(t, read())
	require.Equal(t, 3, handled)
	_, err := orders.UpsertItem(ctx, order{"3", "bob", 6})
	require.NoError(t, err)
	require.NoError(t, read())
	require.Equal(t, 4, handled)
}

// docs/change-feed.md, many processes.
func TestProcessor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", three...)
	orders, leases := w.orders, w.leases
	ctx, cancel := context.WithCancel(w.ctx)
	defer cancel()
	seen := make(chan json.RawMessage, 10)
	handle := func(_ context.Context, item json.RawMessage) error { seen <- item; return nil }
	ended := make(chan error)
	go func() {
		processor := orders.ChangeFeedProcessor(leases, func(ctx context.Context, changes *cosmos.Changes) error {
			for _, item := range changes.Items {
				if err := handle(ctx, item); err != nil {
					return err // the page comes again, unless OnError says otherwise
				}
			}
			return nil // the position behind the page is saved
		}, &cosmos.ProcessorOptions{Name: "billing", FromBeginning: true}) // without it: from now, the first time
		err := processor.Run(ctx) // in every process; until ctx ends
		ended <- err
	}()
	for range three {
		<-seen
	}
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
}
