package cosmos

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/stretchr/testify/require"
)

func rangesOf(list ...[3]string) string {
	var items []any
	for _, r := range list {
		items = append(items, map[string]any{"id": r[0], "minInclusive": r[1], "maxExclusive": r[2], "parents": []string{}})
	}
	return feedOf("PartitionKeyRanges", items...)
}

func TestRoutingMapIsReadOnce(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, c call) {
		if c.header.Get("x-ms-continuation") == "" {
			reply(w, 200, rangesOf([3]string{"1", "3F", "FF"}), "x-ms-continuation", "more")
			return
		}
		reply(w, 200, rangesOf([3]string{"0", "", "3F"}))
	})
	f.feed = ""
	c := f.orders()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			m, err := c.routingMap(t.Context(), nil)
			if err != nil || len(m.Ranges()) != 2 {
				t.Error(m, err)
			}
		})
	}
	wg.Wait()
	require.Equal(t, 2, f.sent(), "one reading, of two pages")
	require.Equal(t, "/dbs/shop/colls/orders/pkranges", f.last(t).path)
	old, err := f.orders().routingMap(t.Context(), nil)
	require.NoError(t, err)
	fresh, err := c.routingMap(t.Context(), old)
	require.NoError(t, err)
	require.NotSame(t, old, fresh)
	again, err := c.routingMap(t.Context(), old)
	require.NoError(t, err)
	require.Same(t, fresh, again, "somebody else has replaced the old one already")
	require.Equal(t, 4, f.sent())
}

func TestRoutingMapWithAGap(t *testing.T) {
	t.Parallel()
	reads := 0
	f := newFake(t, func(w http.ResponseWriter, c call) {
		if reads++; reads == 2 {
			reply(w, 200, rangesOf([3]string{"0", "", "FF"}))
			return
		}
		reply(w, 200, rangesOf([3]string{"0", "", "3F"}))
	})
	f.feed = ""
	m, err := f.orders().routingMap(t.Context(), nil)
	require.NoError(t, err)
	_, err = f.orders().routingMap(t.Context(), m)
	require.ErrorContains(t, err, `container "orders": the partition key ranges are incomplete`)
	require.Equal(t, 2+routingTries, f.sent())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = f.orders().routingMap(ctx, m)
	require.ErrorIs(t, err, context.Canceled)
}

// With many partitions, a read carries the session token of its own only.
func TestReadsOfManyPartitionsCarryOneToken(t *testing.T) {
	t.Parallel()
	f := newFake(t, okay)
	bounds := partition.Boundaries(16, partition.Definition{Version: 2})
	list := make([][3]string, 16)
	for i := range list {
		list[i] = [3]string{strconv.Itoa(i), bounds[i], bounds[i+1]}
	}
	f.feed = rangesOf(list...)
	c := f.orders()
	m, err := c.routingMap(t.Context(), nil)
	require.NoError(t, err)
	var tokens []string
	for i := range 16 {
		tokens = append(tokens, fmt.Sprintf("%d:-1#%d", i, 100+i))
	}
	f.rest.Sessions.Keep("dbs/shop/colls/orders", "", strings.Join(tokens, ","))
	for _, customer := range []string{"ada", "bob", "cy"} {
		_, err = c.Read(t.Context(), "1", PartitionKey(customer))
		require.NoError(t, err)
		r, _ := m.Find(partition.Definition{Paths: []string{"/customer"}, Version: 2}.EPK(partition.Key{partition.String(customer)}))
		id, err := strconv.Atoi(r.ID)
		require.NoError(t, err)
		require.Equal(t, tokens[id], f.last(t).header.Get("x-ms-session-token"))
	}
}
